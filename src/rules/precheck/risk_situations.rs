//! What is asked of small transfers, of deposits from estates, and of seized providers.
//!
//! Source: docs/policies.md, "Duties that depend on risk"; docs/prechecks.md, "What to do with an answer".

use std::sync::Arc;

use super::examples::*;
use super::*;
use crate::brand_kinds::{Brand, BrandKind};
use crate::lists::{ListId, Measure};
use crate::obligations::WalletVerificationCode;
use crate::policy::{Actor, ConditionCode, Recommendation, StepCode};
use crate::rulebook::TravelRuleStatus;
use vasp_record::vasp::Vasp;
use vasp_words::money::Money;

/// A customer's own wallet under a law that leaves its verification to risk, as Australia's does since 1 July 2026.
fn own_wallet(worth: Option<&str>) -> Case {
    let worth = worth.map(|text| text.split_once(' ').unwrap());
    let worth = worth.map(|(amount, currency)| Money { amount: amount.parse().unwrap(), currency: currency.parse().unwrap() });
    Case { worth, wallet_code: Some(WalletVerificationCode::RiskBased), ..Case::unknown_address(Declared::SelfHosted) }
}

fn asks_for_proof(case: &Case) -> bool {
    case.run().conditions.iter().any(|condition| condition.code == ConditionCode::ProofOfControl)
}

#[test]
fn a_law_that_leaves_it_to_risk_asks_nothing_of_ten_dollars() {
    assert!(!asks_for_proof(&own_wallet(Some("10 AUD"))));
    assert!(!asks_for_proof(&own_wallet(Some("799.99 GBP"))));
    for worth in [Some("1500 AUD"), Some("800 GBP"), Some("10 XDR"), None] {
        assert!(asks_for_proof(&own_wallet(worth)), "{worth:?}");
    }
    let required = Case { wallet_code: None, ..own_wallet(Some("10 AUD")) };
    assert!(asks_for_proof(&required), "a law that demands it always demands it");
}

#[test]
fn a_listed_country_an_anonymous_asset_or_linked_transfers_are_risks() {
    let small = || own_wallet(Some("10 AUD"));
    let mut listed = small();
    listed.customer_country = Some(country("IE"));
    listed.countries = vec![facts("IE", TravelRuleStatus::InForce, vec![listing(ListId::FatfGrey, None)])];
    let mut monero = small();
    monero.transfer.asset = Some("monero:418015bb9ae982a1975da7d79277c270/slip44:128".parse().unwrap());
    let linked = Case { linked_total: own_wallet(Some("1500 AUD")).worth, ..small() };

    assert!(asks_for_proof(&listed) && asks_for_proof(&monero) && asks_for_proof(&linked));
}

fn brand(kind: BrandKind) -> Arc<Brand> {
    let source = "notice of the court".to_owned();
    Arc::new(Brand { key: "ftx".into(), kind, since: None, label_confidence: None, source })
}

fn of_brand(kind: BrandKind, incoming: bool) -> PrecheckOutcome {
    let mut case = Case { incoming, ..Case::about(Question::Address(vec![claim(1, 11)]), vec![group(11)]) };
    case.elsewhere_of(11).brand = Some(brand(kind));
    case.run()
}

#[test]
fn a_deposit_from_an_estate_is_ordinary_traffic_and_nothing_is_sent_to_it() {
    let (deposit, sent) = (of_brand(BrandKind::Estate, true), of_brand(BrandKind::Estate, false));

    assert_eq!(deposit.checks[1].code, CheckCode::IdentityEstate);
    assert_eq!(deposit.recommendation, Recommendation::ProceedWithConditions, "{:?}", deposit.reasons);
    let notice = deposit.conditions.iter().find(|one| one.detail.contains("notice")).unwrap();
    assert_eq!(notice.code, ConditionCode::CheckSource);
    assert_eq!((sent.checks[1].code, sent.recommendation), (CheckCode::IdentityDefunct, Recommendation::Hold));
}

#[test]
fn that_a_provider_was_seized_is_confidential() {
    for incoming in [true, false] {
        let answer = of_brand(BrandKind::Seized, incoming);

        let reason = answer.reasons.iter().find(|reason| reason.code == CheckCode::IdentitySeized).unwrap();
        assert!(reason.confidential);
        assert_eq!(answer.recommendation, Recommendation::Hold);
        assert!(answer.next_steps.iter().any(|step| step.code == StepCode::ConsiderReport));
    }
}

/// Which entity to examine is known, although the brand settles none.
#[test]
fn the_entity_of_a_seized_brand_is_examined_where_fatf_calls_for_it() {
    let entity = Vasp { group: Some(id(11)), ..entity(1) };
    let mut case = Case::about(Question::Address(vec![claim(1, 11)]), vec![entity, group(11)]);
    case.countries[0].listings = vec![listing(ListId::FatfBlack, Some(Measure::EnhancedDueDiligence))];
    case.elsewhere_of(11).brand = Some(brand(BrandKind::Seized));

    let answer = case.run();

    assert_eq!(answer.recommendation, Recommendation::Hold);
    assert_eq!(answer.counterparty_candidates, [id(1)]);
    let steps: Vec<StepCode> = answer.next_steps.iter().map(|step| step.code).collect();
    assert!(steps.contains(&StepCode::ConsiderReport) && steps.contains(&StepCode::DoDueDiligence), "{steps:?}");
}

#[test]
fn a_step_is_given_to_who_can_do_it() {
    let by = |who: Actor| StepCode::ALL.into_iter().filter(|step| step.who() == who).collect::<Vec<_>>();

    assert_eq!(by(Actor::Registry), [StepCode::WaitForReview, StepCode::RefreshSource]);
    assert_eq!(by(Actor::Asker).len(), StepCode::ALL.len() - 2);
}
