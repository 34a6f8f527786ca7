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
    /// Source: docs/brands.md, "What a pre-check asks".
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

/// Returns whether an entity may serve customers of a country under a brand: by its record, or by a link. If a source that can decide says
/// that it serves them no longer, only another link that people typed may say so: a register shows a firm for longer than it has customers.
pub(super) fn may_serve(group: &JudgedVasp, entity: &Vasp, country: Country, date: Date) -> bool {
    let names_it = |link: &BrandLink| link.evidence.kind.can_decide() && link.serves.includes(country);
    let holds = |link: &BrandLink| link.holds_on(date) && link.serves.includes(country);
    let is_over = is_over(group, entity, date, names_it, holds);
    let may = |link: &Arc<BrandLink>| link_may_serve(&group.elsewhere.links, link, country, date);
    let mut links = group.elsewhere.links.iter().filter(|link| link.is_about(entity));
    !is_over && may_have_customers(entity, country) || links.any(|link| may(link) && !(is_over && link.likeness.is_some()))
}

/// Returns whether people typed that an entity served customers of a country under a brand until a day that is past, and typed no other
/// link that says that it serves them. `is_meant` picks the ended links that count, `holds` the others. A find only repeats the register.
fn is_over(
    group: &JudgedVasp,
    entity: &Vasp,
    date: Date,
    is_meant: impl Fn(&BrandLink) -> bool,
    holds: impl Fn(&BrandLink) -> bool,
) -> bool {
    let typed = || group.elsewhere.links.iter().filter(|link| link.likeness.is_none());
    let is_past = |link: &BrandLink| link.until.is_some_and(|end| end <= date) && is_meant(link);
    typed().any(|link| is_past(link) && link.is_about(entity)) && !typed().any(|link| holds(link) && link.is_about(entity))
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
/// group, and its record or a link that can decide says so. A seat says so unless only registers of other countries show the entity. What
/// is over is known again only if a link that can decide says so.
pub(super) fn serves(group: &JudgedVasp, entity: &Vasp, country: Country, date: Date) -> bool {
    if entity.group != Some(group.record.id) {
        return false;
    }
    let says = |link: &BrandLink| link.says_it_serves(country, date);
    let is_over = is_over(group, entity, date, |link: &BrandLink| link.serves.may_include(country), says);
    let is_seated = entity.country == Some(country) && may_have_customers(entity, country);
    let by_record = is_seated || is_licensed_for(entity, country);
    let mut links = group.elsewhere.links.iter().filter(|link| link.is_about(entity));
    !is_over && (by_record || links.any(|link| says(link)))
}

/// Returns whether an entity may have customers in a country by its record: a register of the country shows it, or it has, or had, a licence for it.
/// If no register shows it, it may have customers at its seat, or anywhere if the seat is not known.
fn may_have_customers(entity: &Vasp, country: Country) -> bool {
    Served::by_record(entity).may_include(country)
}

/// Returns whether an entity ever had a licence for a country.
fn is_licensed_for(entity: &Vasp, country: Country) -> bool {
    let is_for = |licence: &Licence| licence.authority.country == country || licence.territories.contains(&country);
    entity.licences.iter().any(is_for)
}

#[cfg(test)]
mod tests {
    use super::super::super::brand_links::tests::{entry, link};
    use super::super::examples::*;
    use super::*;

    fn brand(links: Vec<BrandLink>) -> JudgedVasp {
        let mut brand = unlisted(group(11));
        brand.elsewhere.links = links.into_iter().map(Arc::new).collect();
        brand
    }

    /// An entity of the brand, in Ireland with a licence for Germany.
    fn accepted() -> Vasp {
        Vasp { group: Some(id(11)), ..entity(1) }
    }

    fn about(entity: &Vasp, kind: LinkEvidenceKind, countries: &[&str], until: Option<&str>) -> BrandLink {
        let serves = Served::Countries(countries.iter().map(|code| country(code)).collect());
        let mut link = BrandLink { until: until.map(date), ..link(kind, serves) };
        link.entity.vasp = Some(entity.id);
        link
    }

    /// Whether the entity may serve customers of a country, and whether it is known that it does.
    fn on(links: &[BrandLink], code: &str, day: &str) -> (bool, bool) {
        let (brand, entity) = (brand(links.to_vec()), accepted());
        (may_serve(&brand, &entity, country(code), date(day)), serves(&brand, &entity, country(code), date(day)))
    }

    /// Gemini closed all accounts in the EEA on 6 April 2026; ESMA's register goes on showing its firm.
    #[test]
    fn an_entity_whose_links_for_a_country_are_all_over_serves_it_no_longer_though_a_register_shows_it() {
        let ended = about(&accepted(), LinkEvidenceKind::Register, &["DE"], Some("2026-04-06"));
        let find = BrandLink { likeness: Some(95), until: None, ..ended.clone() };
        let again = about(&accepted(), LinkEvidenceKind::TermsOfUse, &["DE"], None);
        let elsewhere = about(&accepted(), LinkEvidenceKind::TermsOfUse, &["FR"], None);

        let alone = std::slice::from_ref(&ended);
        assert_eq!(on(alone, "DE", "2026-04-05"), (true, true));
        assert_eq!(on(alone, "DE", "2026-04-06"), (false, false));
        assert_eq!(on(alone, "IE", "2026-04-06"), (true, true), "the link says nothing about its seat");
        assert_eq!(on(&[ended.clone(), find], "DE", "2026-04-06"), (false, false), "a find only repeats the register");
        assert_eq!(on(&[ended.clone(), elsewhere], "DE", "2026-04-06"), (false, false));
        let hearsay = about(&accepted(), LinkEvidenceKind::GeneralKnowledge, &["DE"], None);
        assert_eq!(
            on(&[ended.clone(), hearsay], "DE", "2026-04-06"),
            (true, false),
            "hearsay keeps it open and makes nothing known"
        );
        assert_eq!(on(&[ended, again], "DE", "2026-04-06"), (true, true));
    }

    /// Worse evidence never helps: hearsay that an entity went makes no other one the only one.
    #[test]
    fn hearsay_that_it_is_over_keeps_the_entity_open() {
        let hearsay = about(&accepted(), LinkEvidenceKind::GeneralKnowledge, &["DE"], Some("2026-04-06"));
        let nowhere =
            BrandLink { serves: Served::Unknown, ..about(&accepted(), LinkEvidenceKind::Register, &[], Some("2026-04-06")) };

        assert_eq!(on(&[hearsay], "DE", "2026-04-06"), (true, false));
        assert_eq!(on(&[nowhere], "DE", "2026-04-06"), (true, false));
    }

    /// Bitstamp Ltd. of London, which only FinCEN shows, stood in the cell of the United Kingdom.
    #[test]
    fn a_firm_that_only_registers_of_other_countries_show_serves_their_countries_and_not_its_seat() {
        let shown = Vasp { licences: vec![], entries: vec![entry("US-FINCEN", "BSA 1")], ..accepted() };
        let hidden = Vasp { licences: vec![], ..accepted() };
        let may = |entity: &Vasp, code: &str| may_serve(&brand(vec![]), entity, country(code), date("2026-05-01"));
        let does = |entity: &Vasp, code: &str| serves(&brand(vec![]), entity, country(code), date("2026-05-01"));

        assert!(may(&shown, "US") && !may(&shown, "IE") && !may(&shown, "GB"));
        assert!(!does(&shown, "IE") && !does(&shown, "US"), "a registration alone makes nothing known");
        assert!(may(&hidden, "IE") && does(&hidden, "IE") && !may(&hidden, "US"));
        assert!(may(&Vasp { country: None, ..hidden }, "US"), "its seat is not known");
    }
}
