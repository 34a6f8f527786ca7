//! Settles which legal entity of a brand is the counterparty, by the country of the counterparty's customer. Caller: the
//! service, after `attribute`.

use std::sync::Arc;

use super::super::brand_links::{BrandLink, LinkEvidenceKind, Served};
use super::super::elsewhere::JudgedVasp;
use super::{Attribution, CheckOutcome, Counterparty, sentences};
use vasp_record::licence::Licence;
use vasp_record::vasp::{Vasp, VaspKind, VaspStatus};
use vasp_words::country::Country;
use vasp_words::time::Date;

impl Attribution<'_> {
    /// Returns the attribution with one entity of the owning group settled by the country of the counterparty's customer on `date`. The
    /// entity must be the only one that may serve the country, and something that can decide must say so: it is seated there, it was
    /// ever licensed for the country, or terms of use, a register or the like name it. What is only proposed settles nothing, but keeps
    /// open what it may concern: so weaker evidence for one entity never settles another.
    ///
    /// Source: wire contract, "Default policy": a group's claim gives `identity.group_only` unless `customer_country` settles which.
    #[must_use]
    pub fn settled_by(self, customer_country: Option<Country>, date: Date) -> Self {
        let this = self.weigh_declared(customer_country, date);
        this.settled(customer_country, date)
    }

    fn settled(self, customer_country: Option<Country>, date: Date) -> Self {
        let owned = self.strength.is_some() && self.result.outcome() > CheckOutcome::Unknown;
        let (Counterparty::Party { named, entities }, Some(country), true) = (&self.counterparty, customer_country, owned) else {
            return self;
        };
        let [group] = named.as_slice() else { return self };
        if group.record.kind != VaspKind::Group || group.record.status <= VaspStatus::Retired {
            return self;
        }
        let may = |entity: &&&JudgedVasp| may_serve(group, &entity.record, country, date);
        let mut serving = entities.iter().filter(may);
        let (Some(entity), None) = (serving.next().copied(), serving.next()) else { return self };
        if without_record(group, entities).any(|link| link_may_serve(&group.elsewhere.links, link, country, date))
            || !serves(group, &entity.record, country, date)
        {
            return self;
        }
        let Self { mut result, .. } = self;
        let name = &entity.record.legal_name;
        let settled = format!("Of its entities on record, only {name} can serve {}, the customer's country.", country.name());
        result.detail = sentences::joined([result.detail.as_str(), &settled]);
        Self { result, counterparty: Counterparty::Entity(entity), brand: Some(group), ..self }
    }
}

/// Returns the links of a group to entities of which none of `entities` is the record.
pub(super) fn without_record<'l>(group: &'l JudgedVasp, entities: &'l [&JudgedVasp]) -> impl Iterator<Item = &'l BrandLink> {
    let all = group.elsewhere.links.iter().map(AsRef::as_ref);
    all.filter(|link| !entities.iter().any(|entity| link.is_about(&entity.record)))
}

/// Returns whether an entity may serve customers of a country under a brand: by its record, or by a link.
pub(super) fn may_serve(group: &JudgedVasp, entity: &Vasp, country: Country, date: Date) -> bool {
    let mut links = group.elsewhere.links.iter().filter(|link| link.is_about(entity));
    may_have_customers(entity, country) || links.any(|link| link_may_serve(&group.elsewhere.links, link, country, date))
}

/// Returns whether a link of a brand leaves it open that its entity serves customers of a country. General knowledge that names no countries
/// says nothing about a country for which a register names an entity of the brand. `all` are the brand's links.
pub(super) fn link_may_serve(all: &[Arc<BrandLink>], link: &BrandLink, country: Country, date: Date) -> bool {
    let is_general = link.evidence.kind == LinkEvidenceKind::GeneralKnowledge && !matches!(link.serves, Served::Countries(_));
    let names_it = |other: &Arc<BrandLink>| {
        let is_register = other.evidence.kind == LinkEvidenceKind::Register && matches!(other.serves, Served::Countries(_));
        is_register && other.says_it_serves(country, date)
    };
    link.may_serve(country, date) && !(is_general && all.iter().any(names_it))
}

/// Returns whether it is known that an entity serves customers of a country under a brand: two people or policy put it into the brand's
/// group, and its record or a link that can decide says so. A seat that is not known says nothing.
pub(super) fn serves(group: &JudgedVasp, entity: &Vasp, country: Country, date: Date) -> bool {
    let mut links = group.elsewhere.links.iter().filter(|link| link.is_about(entity));
    entity.group == Some(group.record.id)
        && (entity.country == Some(country)
            || is_licensed_for(entity, country)
            || links.any(|link| link.says_it_serves(country, date)))
}

/// Returns whether an entity may have customers in a country: it is seated there, ever had a licence for the country, or its
/// seat is not known.
fn may_have_customers(entity: &Vasp, country: Country) -> bool {
    entity.country.is_none_or(|seat| seat == country) || is_licensed_for(entity, country)
}

/// Returns whether an entity ever had a licence for a country.
fn is_licensed_for(entity: &Vasp, country: Country) -> bool {
    let is_for = |licence: &Licence| licence.authority.country == country || licence.territories.contains(&country);
    entity.licences.iter().any(is_for)
}
