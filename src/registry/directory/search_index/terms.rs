//! The texts by which a record can be found, in the record's own spelling.

use std::borrow::Cow;

use vasp_record::search::{MatchedField, SearchText};
use vasp_record::vasp::Vasp;
use vasp_words::host::Host;
use vasp_words::ids::VaspId;

/// One text by which a VASP is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term<T> {
    pub vasp: VaspId,
    pub field: MatchedField,
    pub text: T,
}

/// Iterates over the terms of a record, whose group has the name `group`.
pub(super) fn terms<'a>(vasp: &'a Vasp, group: Option<&'a str>) -> impl Iterator<Item = Term<Cow<'a, str>>> {
    let terms = names(vasp, group).chain(hosts(vasp)).chain(identifiers(vasp));
    terms.map(|(field, text)| Term { vasp: vasp.id, field, text })
}

fn names<'a>(vasp: &'a Vasp, group: Option<&'a str>) -> impl Iterator<Item = (MatchedField, Cow<'a, str>)> {
    let others = vasp.other_names.iter().map(|other| (MatchedField::OtherName, other.name.as_str()));
    let names = [(MatchedField::LegalName, vasp.legal_name.as_str())].into_iter().chain(others);
    names.chain(group.map(|name| (MatchedField::GroupName, name))).map(|(field, text)| (field, Cow::Borrowed(text)))
}

/// Returns the domains, and the website unless its host is one of them.
fn hosts(vasp: &Vasp) -> impl Iterator<Item = (MatchedField, Cow<'_, str>)> {
    let is_domain = |cell: &&str| {
        let host = Host::from_website_cell(cell).map(|host| host.without_www());
        host.is_some_and(|host| vasp.domains.iter().any(|domain| domain.domain == host.as_str()))
    };
    let website = vasp.website.as_deref().filter(|cell| !is_domain(cell)).map(|cell| (MatchedField::Website, cell));
    let domains = vasp.domains.iter().map(|domain| (MatchedField::Domain, domain.domain.as_str()));
    domains.chain(website).map(|(field, text)| (field, Cow::Borrowed(text)))
}

fn identifiers(vasp: &Vasp) -> impl Iterator<Item = (MatchedField, Cow<'_, str>)> {
    let lei = vasp.lei.map(|lei| (MatchedField::Lei, Cow::Owned(lei.to_string())));
    let values = vasp.identifiers.iter().map(|identifier| identifier.value.as_str());
    let numbers = vasp.licences.iter().filter_map(|licence| licence.number.as_deref());
    let others = values.chain(numbers).map(|text| (MatchedField::Identifier, Cow::Borrowed(text)));
    lei.into_iter().chain(others).chain([(MatchedField::Id, Cow::Owned(vasp.id.to_string()))])
}

impl<T: AsRef<str>> Term<T> {
    /// Returns the texts that are compared with a query's words. Identifiers have none; a host has its full name and the registered part.
    pub(super) fn compared(&self) -> impl Iterator<Item = SearchText> {
        let text = self.text.as_ref();
        let texts = match self.field {
            MatchedField::LegalName | MatchedField::OtherName | MatchedField::GroupName => [SearchText::of_name(text), None],
            MatchedField::Domain | MatchedField::Website => match Host::from_website_cell(text) {
                Some(host) => {
                    let host = host.without_www();
                    [SearchText::of_host(&host), SearchText::of_registered_label(&host)]
                }
                None => [None, None],
            },
            MatchedField::Lei | MatchedField::Identifier | MatchedField::Id => [None, None],
        };
        texts.into_iter().flatten()
    }

    /// Returns whether it is compared as a code.
    pub(super) fn is_code(&self) -> bool {
        matches!(self.field, MatchedField::Lei | MatchedField::Identifier | MatchedField::Id)
    }
}
