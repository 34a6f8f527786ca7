//! Weighs the entity that the customer declared for the address of a brand: whether the brand uses it, and whether it may serve the
//! customer. Caller: `settled_by`, which knows the country and the day.
//!
//! Source: docs/brands.md, "What a pre-check asks".

use super::super::elsewhere::JudgedVasp;
use super::attribution::{known, record, undeclared};
use super::group_entity::may_serve;
use super::{Attribution, CheckCode, CheckOutcome, CheckResult, Counterparty, sentences};
use vasp_record::resolution::Owner;
use vasp_record::vasp::{VaspKind, VaspStatus};
use vasp_words::country::Country;
use vasp_words::ids::VaspId;
use vasp_words::time::Date;

impl Attribution<'_> {
    /// Returns the attribution after a look at the declared entity of a brand. An entity that people accepted for the brand and that may serve
    /// the customer stays. One that links only propose is not confirmed. One that the brand does not use, or that does not serve the
    /// customer's country, contradicts the claims.
    pub(super) fn weigh_declared(self, customer_country: Option<Country>, date: Date) -> Self {
        let (Some(party), Counterparty::Entity(entity)) = (&self.declared_of, &self.counterparty) else { return self };
        let Some(group) = party.group() else { return self };
        let (record, entity, party) = (&entity.record, *entity, party.clone());
        let is_accepted = record.group == Some(group.record.id);
        let holds = is_accepted || group.elsewhere.links.iter().any(|link| link.is_about(record) && link.holds_on(date));
        let elsewhere = customer_country.filter(|country| !may_serve(group, record, *country, date));
        let (name, brand) = (sentences::cut(&record.legal_name, 60), sentences::cut(&group.record.legal_name, 40));
        let (code, detail) = match elsewhere {
            _ if !holds => (
                CheckCode::AttributionDeclaredMismatch,
                format!("Claims name {brand}. {name}, as declared, does not keep assets for this brand any more."),
            ),
            Some(country) => (
                CheckCode::AttributionDeclaredMismatch,
                format!("Claims name {brand}. {name}, as declared, does not serve {} as far as is known.", country.name()),
            ),
            None if is_accepted => return self,
            None => (
                CheckCode::AttributionDeclaredUnconfirmed,
                format!("Claims name {brand}. That {name}, as declared, belongs to it is only proposed."),
            ),
        };
        let lesser = self.result.codes().filter(|known| known.outcome() < CheckOutcome::Pass && *known != code).collect();
        let result = CheckResult::new(code, detail, self.result.evidence.clone()).with(lesser);
        if code == CheckCode::AttributionDeclaredUnconfirmed {
            // What is known against the brand counts: nobody decided that the entity belongs to it.
            let halted = group.record.status <= VaspStatus::Retired;
            let counterparty = if halted { party } else { self.counterparty };
            return Self { result, counterparty, brand: Some(group), ..self };
        }
        Self { result, counterparty: party, brand: None, contradicted: Some(entity), ..self }
    }
}

/// Returns the counterparty if the declaration agrees with the owners, together with the owners that confirm it. The declared
/// VASP agrees if it is an owner, an entity of the owning group or one that a link of the group proposes, or the owners' group. A claim by
/// another entity of the group does not belong to the declared one.
pub(super) fn agreeing<'a, 'o, N>(
    declared: VaspId,
    owners: &[&'o Owner<N>],
    records: &[&'a JudgedVasp],
) -> Option<(Counterparty<'a>, Vec<&'o Owner<N>>)> {
    let own = &record(declared, records)?.record;
    let proposes = |owner: &Owner<N>| {
        let links = record(owner.vasp, records).map(|owner| owner.elsewhere.links.as_slice()).unwrap_or_default();
        own.kind == VaspKind::Entity && links.iter().any(|link| link.is_about(own))
    };
    let is_named = |owner: &&Owner<N>| owner.vasp == declared || Some(owner.vasp) == own.group || proposes(owner);
    let named = owners.iter().copied().filter(is_named);
    let named: Vec<&Owner<N>> = named.collect();
    if !named.is_empty() {
        return Some((known(declared, records), named));
    }
    let of_declared = |owner: &&&Owner<N>| record(owner.vasp, records).is_some_and(|vasp| vasp.record.group == Some(declared));
    let all = owners.iter().filter(of_declared).count() == owners.len();
    (all && !owners.is_empty()).then(|| (undeclared(owners, records), owners.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::super::super::brand_links::tests::link;
    use super::super::super::brand_links::{LinkEvidenceKind, LinkRole, Served};
    use super::super::super::policy::Recommendation;
    use super::super::Declared;
    use super::super::examples::*;
    use super::*;
    use std::sync::Arc;
    use vasp_record::claim::Claim;

    /// An address of brand 11 that the customer declares as entity 1, of Ireland with a licence for Germany.
    fn declared(accepted: bool, proposed: Option<(LinkRole, Served)>, customer: Option<&str>) -> Case {
        declared_at(vec![claim(1, 11)], accepted, proposed, customer)
    }

    fn declared_at(claims: Vec<Claim>, accepted: bool, proposed: Option<(LinkRole, Served)>, customer: Option<&str>) -> Case {
        let mut one = entity(1);
        one.group = accepted.then(|| id(11));
        let mut case = Case::about(Question::Address(claims), vec![one.clone(), group(11)]);
        if let Some((role, serves)) = proposed {
            let mut link = link(LinkEvidenceKind::Register, serves);
            link.entity.vasp = Some(one.id);
            link.role = role;
            case.elsewhere_of(11).links = vec![Arc::new(link)];
        }
        case.declared = Declared::Vasp(one.id);
        case.customer_country = customer.map(country);
        case
    }

    fn found(case: &Case) -> (CheckCode, bool) {
        let answer = case.run();
        (answer.checks[0].code, answer.counterparty.is_some())
    }

    #[test]
    fn an_accepted_entity_passes_where_it_serves_the_customer() {
        for customer in [None, Some("IE"), Some("DE")] {
            assert_eq!(found(&declared(true, None, customer)), (CheckCode::AttributionAttributed, true), "{customer:?}");
        }
    }

    /// A customer in the United States, an address of Coinbase, declared as Coinbase Luxembourg.
    #[test]
    fn an_accepted_entity_that_does_not_serve_the_customer_is_a_mismatch() {
        let answer = declared(true, None, Some("US")).run();

        assert_eq!(answer.checks[0].code, CheckCode::AttributionDeclaredMismatch);
        assert_eq!((answer.recommendation, answer.counterparty), (Recommendation::Hold, None));
        assert!(answer.counterparty_candidates.contains(&id(1)), "the declared entity is still screened");
        assert_eq!(
            answer.checks[0].detail,
            "Claims name Brand 11. Entity 1 Limited, as declared, does not serve United States of America as far as is known."
        );
        let everywhere = Some((LinkRole::Operator, Served::Everywhere));
        assert_eq!(found(&declared(true, everywhere, Some("US"))).0, CheckCode::AttributionAttributed);
    }

    /// A customer in Japan, an address of Binance, declared as Binance Japan, which the register proposes.
    #[test]
    fn an_entity_that_is_only_proposed_is_not_confirmed() {
        let japan = || Some((LinkRole::LicensedEntity, Served::Countries(vec![country("JP")])));

        assert_eq!(found(&declared(false, japan(), Some("JP"))), (CheckCode::AttributionDeclaredUnconfirmed, true));
        assert_eq!(found(&declared(false, japan(), None)), (CheckCode::AttributionDeclaredUnconfirmed, true));
        assert_eq!(found(&declared(false, japan(), Some("US"))), (CheckCode::AttributionDeclaredMismatch, false));
        let by_family = declared_at(vec![family(1, 11)], false, japan(), Some("JP")).run();
        assert_eq!(by_family.checks[0].code, CheckCode::AttributionDeclaredUnconfirmed);
        assert_eq!(by_family.checks[0].also, [CheckCode::AttributionFamilyOnly]);
    }

    #[test]
    fn an_entity_that_the_brand_does_not_use_is_a_mismatch() {
        let former = Some((LinkRole::FormerOperator, Served::Everywhere));

        assert_eq!(found(&declared(false, former, Some("DE"))).0, CheckCode::AttributionDeclaredMismatch);
        assert_eq!(found(&declared(false, None, Some("DE"))).0, CheckCode::AttributionDeclaredMismatch);
    }

    /// The address of a firm that is no brand: that its licence lies elsewhere is said by `licence`.
    #[test]
    fn a_firm_that_is_no_brand_is_no_mismatch() {
        let mut case = Case::licensed();
        case.declared = Declared::Vasp(id(1));
        case.customer_country = Some(country("US"));

        assert_eq!(found(&case), (CheckCode::AttributionAttributed, true));
        assert_eq!(case.run().checks[2].code, CheckCode::LicenceTerritoryElsewhere);
    }
}
