//! The texts by which a record can be found, in the record's own spelling. An index notes only their places, and the record has the texts.

use std::borrow::Cow;
use std::iter::once;

use vasp_record::search::{MatchedField, SearchText};
use vasp_record::vasp::Vasp;
use vasp_words::host::Host;

/// One text by which a VASP is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term<'a> {
    pub field: MatchedField,
    pub text: Cow<'a, str>,
}

/// Where a term is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Number of the record in its segment.
    pub record: u32,
    /// Number of the term in its record.
    pub term: u16,
    pub field: MatchedField,
}

impl Place {
    /// Returns the place of a record's id, which is its first term.
    pub(super) fn of_id(record: u32) -> Self {
        Self { record, term: 0, field: MatchedField::Id }
    }
}

/// A text that is compared with a query's words.
#[derive(Clone, Debug)]
pub(super) struct Compared {
    pub text: SearchText,
    /// Length of the registered part that a host begins with; 0 if it begins with none.
    pub label: u16,
}

/// Iterates over the terms of a record, whose group has the name `group`.
pub(super) fn terms<'a>(vasp: &'a Vasp, group: Option<&'a str>) -> impl Iterator<Item = Term<'a>> {
    let id = once((MatchedField::Id, Cow::Owned(vasp.id.to_string())));
    let terms = id.chain(names(vasp, group)).chain(hosts(vasp)).chain(identifiers(vasp));
    terms.map(|(field, text)| Term { field, text })
}

fn names<'a>(vasp: &'a Vasp, group: Option<&'a str>) -> impl Iterator<Item = (MatchedField, Cow<'a, str>)> {
    let others = vasp.other_names.iter().map(|other| (MatchedField::OtherName, other.name.as_str()));
    let names = once((MatchedField::LegalName, vasp.legal_name.as_str())).chain(others);
    names.chain(group.map(|name| (MatchedField::GroupName, name))).map(|(field, text)| (field, Cow::Borrowed(text)))
}

/// Returns the domains, and the website unless its host is one of them.
fn hosts(vasp: &Vasp) -> impl Iterator<Item = (MatchedField, Cow<'_, str>)> {
    let is_domain = |cell: &&str| {
        let host = Host::from_website_cell(cell).map(|host| host.without_www());
        host.is_some_and(|host| vasp.domains.iter().any(|domain| domain.domain == host.as_str()))
    };
    // A website is read only if somebody asks for what is behind the names and domains.
    let website =
        vasp.website.as_deref().into_iter().filter(move |cell| !is_domain(cell)).map(|cell| (MatchedField::Website, cell));
    let domains = vasp.domains.iter().map(|domain| (MatchedField::Domain, domain.domain.as_str()));
    domains.chain(website).map(|(field, text)| (field, Cow::Borrowed(text)))
}

fn identifiers(vasp: &Vasp) -> impl Iterator<Item = (MatchedField, Cow<'_, str>)> {
    let lei = vasp.lei.map(|lei| (MatchedField::Lei, Cow::Owned(lei.to_string())));
    let values = vasp.identifiers.iter().map(|identifier| identifier.value.as_str());
    let numbers = vasp.licences.iter().filter_map(|licence| licence.number.as_deref());
    lei.into_iter().chain(values.chain(numbers).map(|text| (MatchedField::Identifier, Cow::Borrowed(text))))
}

impl Term<'_> {
    /// Returns the texts that are compared with a query's words. Identifiers have none.
    pub(super) fn compared(&self) -> impl Iterator<Item = Compared> {
        let texts = match self.field {
            MatchedField::LegalName | MatchedField::OtherName | MatchedField::GroupName => {
                [SearchText::of_name(&self.text).map(Compared::from), None]
            }
            MatchedField::Domain | MatchedField::Website => Host::from_website_cell(&self.text).map_or([None, None], of_host),
            MatchedField::Lei | MatchedField::Identifier | MatchedField::Id => [None, None],
        };
        texts.into_iter().flatten()
    }
}

/// Returns a host and its registered part: as one text if the host begins with that part, as most do.
fn of_host(host: Host) -> [Option<Compared>; 2] {
    let host = host.without_www();
    let (whole, label) = (SearchText::of_host(&host), SearchText::of_registered_label(&host));
    match (whole, label) {
        (Some(text), Some(label)) if text.words().strip_prefix(label.words()).is_some_and(|rest| rest.starts_with(' ')) => {
            let label = u16::try_from(label.words().len()).unwrap_or_default();
            [Some(Compared { text, label }), None]
        }
        (whole, label) => [whole.map(Compared::from), label.map(Compared::from)],
    }
}

impl From<SearchText> for Compared {
    fn from(text: SearchText) -> Self {
        Self { text, label: 0 }
    }
}
