//! Who is banned, by whom, and what follows as long as it is open which entity it is.

use std::sync::Arc;

use super::super::super::super::brand_links::tests::link;
use super::super::super::super::brand_links::{BrandLink, LinkEvidenceKind, Served};
use super::super::super::super::linked_entity::LinkedEntity;
use super::super::super::super::policy::{Recommendation, StepCode};
use super::super::super::super::rulebook::TravelRuleStatus;
use super::super::super::examples::*;
use super::super::super::*;

/// A day on which every ban of the file is in force.
const LATER: &str = "2026-09-01";

fn seated(number: u8, seat: &str, group: Option<u8>) -> vasp_record::vasp::Vasp {
    vasp_record::vasp::Vasp { country: Some(country(seat)), group: group.map(id), ..entity(number) }
}

fn asked(question: Question, records: Vec<vasp_record::vasp::Vasp>, day: &str) -> Case {
    let mut case = Case::about(question, records);
    case.date = date(day);
    let codes = ["RU", "BY", "PA", "KG", "FR"];
    case.countries.extend(codes.map(|code| facts(code, TravelRuleStatus::InForce, vec![])));
    case
}

fn told(case: &Case) -> (Recommendation, bool) {
    let answer = case.run();
    let code = answer.checks[5].code;
    assert_eq!(
        code == CheckCode::SanctionsProviderBanned,
        answer.checks[5].also.is_empty() && answer.recommendation == Recommendation::Reject
    );
    (answer.recommendation, code == CheckCode::SanctionsProviderBanned)
}

/// Source: the 20th package, no transaction with any provider established in Russia or Belarus since 24 May 2026.
#[test]
fn a_provider_established_in_a_banned_country_is_rejected_and_nobody_tells_the_customer() {
    for seat in ["RU", "BY"] {
        let case = |day| asked(Question::Address(vec![claim(1, 1)]), vec![seated(1, seat, None)], day);

        assert_eq!(told(&case("2026-05-24")), (Recommendation::Reject, true), "{seat}");
        assert!(!told(&case("2026-05-23")).1, "{seat}");
        let answer = case("2026-05-24").run();
        let reason = answer.reasons.iter().find(|reason| reason.code == CheckCode::SanctionsProviderBanned).unwrap();
        assert!(reason.confidential && answer.conditions.is_empty());
        assert_eq!(answer.checks[5].evidence[0].of, EvidenceOf::ProviderBan(seat.into()));
        let mut british = case(LATER);
        british.originator = regime("GB", TravelRuleStatus::InForce);
        assert!(!told(&british).1, "the ban is the EU's");
    }
    assert_eq!(told(&asked(Question::Jurisdiction("RU"), vec![], LATER)), (Recommendation::Reject, true));
}

/// Source: Regulation (EU) 2026/1848; UK Sanctions List (Huobi Global S.A.).
#[test]
fn a_named_platform_is_rejected_whichever_entity_runs_it() {
    let named = |name: &str, day| {
        let mut brand = group(10);
        brand.legal_name = name.into();
        asked(Question::Address(vec![claim(1, 10)]), vec![brand, seated(1, "PA", Some(10))], day)
    };
    assert_eq!(told(&named("HTX", "2026-08-23")), (Recommendation::Reject, true));
    assert!(!told(&named("HTX", "2026-08-22")).1 && !told(&named("HTX Ventures", LATER)).1);
    let mut settled = named("HTX", LATER);
    settled.customer_country = Some(country("PA"));
    assert_eq!(told(&settled), (Recommendation::Reject, true), "its entity is settled by the customer's country");
    let mut british = named("HTX", "2026-05-26");
    british.originator = regime("GB", TravelRuleStatus::InForce);
    assert_eq!(told(&british), (Recommendation::Reject, true));
}

fn run_by(seat: &str, serves: Served) -> Arc<BrandLink> {
    let named = LinkedEntity {
        vasp: None,
        legal_name: format!("Operator of {seat}"),
        lei: None,
        country: Some(country(seat)),
        number: None,
    };
    Arc::new(BrandLink { entity: named, ..link(LinkEvidenceKind::TermsOfUse, serves) })
}

#[test]
fn of_a_brand_all_who_may_serve_the_customer_count() {
    let brand = |links: Vec<Arc<BrandLink>>, customer: Option<&str>| {
        let mut case = asked(Question::Address(vec![claim(1, 10)]), vec![group(10)], LATER);
        case.elsewhere_of(10).links = links;
        case.customer_country = customer.map(country);
        case
    };
    let russian = || run_by("RU", Served::Everywhere);
    let french = || run_by("FR", Served::Countries(vec![country("FR")]));

    assert_eq!(told(&brand(vec![russian()], None)), (Recommendation::Reject, true), "its only operator");
    assert_eq!(told(&brand(vec![russian(), run_by("BY", Served::Unknown)], None)), (Recommendation::Reject, true));
    let open = brand(vec![russian(), french()], None).run();
    assert_eq!((open.recommendation, open.checks[5].code), (Recommendation::Hold, CheckCode::SanctionsProviderMayBeBanned));
    assert!(open.next_steps.iter().any(|step| step.code == StepCode::NameEntity && step.detail.contains("in which country")));
    assert_eq!(told(&brand(vec![russian(), french()], Some("PA"))), (Recommendation::Reject, true), "only one serves Panama");
    assert!(!told(&brand(vec![french()], None)).1);
    let inland = run_by("RU", Served::Countries(vec![country("RU")]));
    for customer in [None, Some("DE")] {
        let case = brand(vec![Arc::clone(&inland)], customer);
        assert_eq!(told(&case), (Recommendation::Reject, true), "{customer:?}: nobody serves Germany, and all are banned");
    }
}

/// A declaration that the claims contradict, or an entity that is only proposed for the brand, takes no ban away.
#[test]
fn no_declaration_softens_the_ban_on_a_brand() {
    let mut brand = group(10);
    brand.legal_name = "HTX".into();
    let mut case = asked(Question::Address(vec![claim(1, 10)]), vec![brand, seated(2, "FR", None)], LATER);
    case.declared = Declared::Vasp(id(2));
    assert_eq!(told(&case), (Recommendation::Reject, true), "contradicted");

    let mut proposed = link(LinkEvidenceKind::Register, Served::Everywhere);
    proposed.entity.vasp = Some(id(2));
    case.elsewhere_of(10).links = vec![Arc::new(proposed)];
    let answer = case.run();
    assert_eq!(answer.checks[0].code, CheckCode::AttributionDeclaredUnconfirmed);
    assert_eq!(told(&case), (Recommendation::Reject, true), "only proposed");
}

#[test]
fn a_dispute_about_a_banned_provider_is_held() {
    let claims = vec![claim(1, 1), claim(2, 2)];
    let answer = asked(Question::Address(claims), vec![seated(1, "RU", None), seated(2, "FR", None)], LATER).run();

    assert_eq!((answer.recommendation, answer.checks[5].code), (Recommendation::Hold, CheckCode::SanctionsProviderMayBeBanned));
}
