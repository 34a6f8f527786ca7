//! A breach of each rule is seeded into an answer that keeps all of them.

use super::super::asker_screening::AskerScreening;
use super::super::policy::Policy;
use super::super::precheck::examples::{Case, Question, date, facts, linted, regime};
use super::super::precheck::{Asks, LinkStanding, Note};
use super::super::rulebook::{ProhibitedAsset, TravelRuleStatus};
use super::super::screening::{EU_SANCTIONS, UN_SANCTIONS};
use super::*;
use vasp_words::text::Text;

fn condition(code: ConditionCode, detail: &str, asked_by: Asks) -> Condition {
    Condition {
        code,
        detail: detail.to_owned().into(),
        before: code.before(),
        fulfilled_by: code.fulfilled_by(),
        met_by: code.met_by(),
        fields: vec![],
        sources: vec![],
        asks: vec![],
        asked_by,
    }
}

fn step(code: StepCode, detail: &str) -> NextStep {
    NextStep { code, detail: detail.to_owned().into(), asks: vec![] }
}

fn note(code: CheckCode, lists: &[&str]) -> Note {
    Note { code, detail: "It is so.".into(), lists: lists.iter().map(|list| Text::from((*list).to_owned())).collect() }
}

/// The EU's list, as the asker searched it.
fn by_asker(at: &str, outcome: AskerScreeningOutcome) -> AskerScreening {
    let (list, provider, reference) = (EU_SANCTIONS.to_owned(), "Acme".to_owned(), "1".to_owned());
    AskerScreening { list, provider, at: at.parse().unwrap(), reference, outcome }
}

fn clear(outcome: &mut PrecheckOutcome) {
    outcome.recommendation = Recommendation::Proceed;
    outcome.reasons.clear();
    outcome.conditions.clear();
    outcome.next_steps.clear();
    outcome.notes.clear();
}

fn brand(serves_customer: ServesCustomer, asks_customer_country: bool, case: &Case) -> BrandAnswer {
    let entity = &case.records[0];
    let candidate = BrandCandidate {
        vasp: Some(entity.id),
        legal_name: entity.legal_name.clone(),
        lei: entity.lei,
        country: entity.country,
        standing: LinkStanding::Accepted,
        serves_customer: Some(serves_customer),
        links: vec![],
    };
    BrandAnswer { group: entity.id, kinds: vec![], asks_customer_country, candidates: vec![candidate], settled_by: vec![] }
}

fn of_brand(case: &Case, brand: &BrandAnswer, change: impl FnOnce(&mut PrecheckOutcome)) -> Option<LintRule> {
    case.with_input(|input| {
        let mut outcome = crate::precheck::run(input);
        change(&mut outcome);
        LintRule::broken_by(Linted { input, outcome: &outcome, brand: Some(brand) }, std::iter::empty())
    })
}

#[test]
fn a_printed_name_that_nobody_searched_is_a_breach() {
    let mut case = Case::licensed();
    let printed = case.records[0].id;
    let of = |case: &Case| {
        case.with_input(|input| {
            let outcome = crate::precheck::run(input);
            LintRule::broken_by(Linted { input, outcome: &outcome, brand: None }, std::iter::once(printed))
        })
    };
    assert_eq!(of(&case), Some(LintRule::NamesAreScreened));
    case.screening.searched = vec![printed];
    assert_eq!(of(&case), None);
}

#[test]
fn an_entity_that_does_not_serve_the_customer_gets_no_proceed() {
    let mut case = Case::licensed();
    case.customer_country = "DE".parse().ok();
    let of = |serves| of_brand(&case, &brand(serves, false, &case), clear);
    assert_eq!(of(ServesCustomer::Yes), None);
    assert_eq!(of(ServesCustomer::Unknown), None);
    assert_eq!(of(ServesCustomer::No), Some(LintRule::CustomerIsServed));

    // An entity without a brand: its licence is Ireland's, notified to Germany.
    let mut alone = Case::licensed();
    alone.countries.push(facts("BR", TravelRuleStatus::InForce, vec![]));
    for (country, expected) in [("IE", None), ("DE", None), ("BR", Some(LintRule::CustomerIsServed))] {
        alone.customer_country = country.parse().ok();
        assert_eq!(alone.broken_by(clear), expected, "{country}");
    }
    alone.entity().licences.clear();
    assert_eq!(alone.broken_by(clear), None, "no licence is known, which is another finding");

    // What a check finds has to have a consequence.
    let told = |change: fn(&mut PrecheckOutcome)| {
        of_brand(&case, &brand(ServesCustomer::No, false, &case), |outcome| {
            clear(outcome);
            outcome.checks.iter_mut().for_each(|check| check.also.push(CheckCode::LicenceTerritoryElsewhere));
            change(outcome);
        })
    };
    assert_eq!(told(|_| ()), Some(LintRule::CustomerIsServed));
    assert_eq!(told(|outcome| outcome.recommendation = Recommendation::ProceedWithConditions), None);
    assert_eq!(told(|outcome| outcome.notes.push(note(CheckCode::LicenceTerritoryElsewhere, &[]))), None, "by a policy");
    let approved = |outcome: &mut PrecheckOutcome| {
        clear(outcome);
        outcome.circumstances = outcome.circumstances.with(Circumstance::Approved, true);
    };
    assert_eq!(of_brand(&case, &brand(ServesCustomer::No, false, &case), approved), None, "two people of the asker decided");
}

#[test]
fn a_prohibited_asset_gets_no_proceed() {
    let asset = "eip155:1/slip44:60";
    let mut case = Case::licensed();
    case.transfer.asset = asset.parse().ok();
    assert_eq!(case.broken_by(clear), None);
    case.prohibited_assets = vec![ProhibitedAsset {
        name: "X".to_owned(),
        ids: vec![asset.parse().unwrap()],
        class: None,
        from: date("2026-01-01"),
        until: None,
        clause: None,
    }];
    assert_eq!(case.broken_by(clear), Some(LintRule::AssetIsAllowed));
}

#[test]
fn a_binding_list_that_nobody_searched_is_no_proceed() {
    let mut case = Case::licensed();
    assert_eq!(case.broken_by(clear), None);
    case.screening.lists.retain(|list| list.family != EU_SANCTIONS);
    assert_eq!(case.broken_by(|_| ()), None, "the condition asks for it");
    let breach = Some(LintRule::BindingListsAreSearched);
    assert_eq!(case.broken_by(clear), breach);
    let noted = |lists: &[&str]| {
        case.broken_by(|outcome| {
            clear(outcome);
            outcome.notes.push(note(CheckCode::SanctionsBindingListNotHeld, lists));
        })
    };
    assert_eq!(noted(&[EU_SANCTIONS]), None, "by a policy");
    assert_eq!(noted(&[UN_SANCTIONS]), breach, "a note about another list");
    assert_eq!(noted(&[]), breach);

    let mut old = Case::licensed();
    let eus = old.screening.lists.iter_mut().find(|list| list.family == EU_SANCTIONS).unwrap();
    eus.as_of = date("2026-03-31");
    assert_eq!(old.broken_by(|_| ()), None, "the condition asks for it");
    assert_eq!(old.broken_by(clear), breach, "of 31 days, the limit is 30");

    for (at, outcome, expected) in [
        ("2026-04-30T12:00:00Z", AskerScreeningOutcome::NoMatch, None),
        ("2026-04-30T12:00:00Z", AskerScreeningOutcome::Hit, breach),
        ("2026-03-31T12:00:00Z", AskerScreeningOutcome::NoMatch, breach),
        ("2026-05-01T12:00:01Z", AskerScreeningOutcome::NoMatch, breach),
    ] {
        case.screening.by_asker = vec![by_asker(at, outcome)];
        assert_eq!(case.broken_by(clear), expected, "{at} {outcome}");
    }

    let mut unknown = Case::licensed();
    unknown.originator = regime("SO", TravelRuleStatus::InForce);
    assert_eq!(unknown.broken_by(|_| ()), None, "the condition asks for the national lists");
    assert_eq!(unknown.broken_by(clear), breach, "nobody knows the national lists");
}

/// A policy that makes notes of missing lists keeps the names of the lists.
#[test]
fn a_note_about_missing_lists_names_them() {
    let mut case = Case::licensed();
    case.screening.lists.retain(|list| list.family != EU_SANCTIONS);
    let text = include_str!("../../../seed/policy.json");
    let line = r#"{"check": "sanctions", "codes": ["sanctions.binding_list_not_held"], "consequence": "note", "why": "x"},"#;
    case.policy = Policy::from_json(&text.replacen("\"rules\": [", &format!("\"rules\": [{line}"), 1)).unwrap();

    let answer = case.run();

    let noted = answer.notes.iter().find(|note| note.code == CheckCode::SanctionsBindingListNotHeld).unwrap();
    assert_eq!(noted.lists, [Text::from(EU_SANCTIONS)]);
    assert!(answer.recommendation > Recommendation::Hold);
}

#[test]
fn what_the_question_gave_is_not_asked_for() {
    let breach = Some(LintRule::NothingGivenIsAsked);
    let mut case = Case::licensed();
    case.customer_country = "DE".parse().ok();
    let asks = |member: QuestionMember| {
        move |outcome: &mut PrecheckOutcome| {
            let asked = step(StepCode::ObtainData, "Say where the customer's account is.");
            outcome.next_steps.push(NextStep { asks: vec![member], ..asked });
        }
    };
    assert_eq!(case.broken_by(asks(QuestionMember::CustomerCountry)), breach);
    assert_eq!(case.broken_by(asks(QuestionMember::ProvidedFields)), breach);
    assert_eq!(case.broken_by(asks(QuestionMember::Correspondent)), None, "the question does not say it");
    case.transfer.correspondent = Some(false);
    assert_eq!(case.broken_by(asks(QuestionMember::Correspondent)), breach);
    let by_condition = |outcome: &mut PrecheckOutcome| {
        let asked = condition(ConditionCode::CounterpartyDueDiligence, "Say it.", Asks::Policy("default@6".to_owned()));
        outcome.conditions.push(Condition { asks: vec![QuestionMember::Correspondent], ..asked });
    };
    assert_eq!(case.broken_by(by_condition), breach);
    assert_eq!(of_brand(&case, &brand(ServesCustomer::Yes, true, &case), |_| ()), breach);

    let policy = || Asks::Policy("default@6".to_owned());
    let given = case.provided.clone().into_iter().flatten().next().unwrap();
    let of_data = |outcome: &mut PrecheckOutcome| {
        let asked = condition(ConditionCode::ProvideMissingData, "Send the data.", policy());
        outcome.conditions.push(Condition { fields: vec![given.clone()], ..asked });
    };
    assert_eq!(case.broken_by(of_data), breach);

    case.screening.by_asker = vec![by_asker("2026-05-01T12:00:00Z", AskerScreeningOutcome::NoMatch)];
    let of_list = |outcome: &mut PrecheckOutcome| {
        let asked = condition(ConditionCode::ScreenYourself, "Search it.", policy());
        outcome.conditions.push(Condition { sources: vec![Text::from(EU_SANCTIONS)], ..asked });
    };
    assert_eq!(case.broken_by(of_list), breach);

    case.proofs.good = vec!["A signature of the key.".to_owned()];
    let of_proof = |outcome: &mut PrecheckOutcome| {
        let asked = condition(ConditionCode::ProofOfControl, "Prove it.", policy());
        outcome.conditions.push(Condition { met_by: MetBy::Request, ..asked });
    };
    assert_eq!(case.broken_by(of_proof), breach);
}

/// A tenant's line may ask for a document, and for a member of the question that would save it.
#[test]
fn a_policy_that_asks_for_a_member_that_was_given_still_asks_for_the_rest_of_its_line() {
    use QuestionMember::{Correspondent, CustomerCountry};
    let text = include_str!("../../../seed/policy.json");
    let line = r#"{"check": "licence", "codes": ["licence.in_force"], "consequence": "hold", "why": "x",
        "conditions": [{"code": "senior_management_approval", "detail": "Keep the licence.", "asks": ["customer_country"]}],
        "next_steps": [{"code": "obtain_data", "detail": "Get the licence.", "asks": ["customer_country", "correspondent"]}]},"#;
    let mut case = Case::licensed();
    case.policy = Policy::from_json(&text.replacen("\"rules\": [", &format!("\"rules\": [{line}"), 1)).unwrap();
    let asked = |case: &Case| {
        let answer = case.run();
        let condition = answer.conditions.iter().find(|one| one.detail.contains("Keep the licence.")).unwrap();
        let step = answer.next_steps.iter().find(|one| one.detail.contains("Get the licence.")).unwrap();
        (condition.asks.clone(), step.asks.clone())
    };

    assert_eq!(asked(&case), (vec![CustomerCountry], vec![CustomerCountry, Correspondent]));
    case.customer_country = "DE".parse().ok();
    assert_eq!(asked(&case), (vec![], vec![Correspondent]));
}

/// Every step and condition of the seed's policy that writes a member of the question names it as a type, too.
#[test]
fn the_policy_says_which_members_it_asks_for() {
    let policy = Policy::embedded().unwrap();
    for rule in policy.rules() {
        let steps = rule.next_steps.iter().map(|step| (&step.detail, &step.asks));
        for (detail, asks) in steps.chain(rule.conditions.iter().map(|one| (&one.detail, &one.asks))) {
            let named = |member: &QuestionMember| detail.contains(&format!("{member}`"));
            let named: Vec<QuestionMember> = QuestionMember::ALL.into_iter().filter(named).collect();
            assert_eq!(asks, &named, "{detail}");
        }
    }
}

#[test]
fn a_step_leads_somewhere() {
    let breach = Some(LintRule::StepsHaveARoute);
    let case = Case::licensed();
    assert_eq!(case.broken_by(|outcome| outcome.next_steps.push(step(StepCode::DoDueDiligence, "Do it."))), None);
    let decide = |outcome: &mut PrecheckOutcome| outcome.next_steps.push(step(StepCode::DecideHit, "Decide."));
    assert_eq!(case.broken_by(decide), breach, "there is no hit");

    let nobody = Case::about(Question::Jurisdiction("IR"), vec![]);
    let only = |codes: &[StepCode]| {
        nobody.broken_by(|outcome| outcome.next_steps = codes.iter().map(|code| step(*code, "Do it.")).collect())
    };
    assert_eq!(only(&[StepCode::DoDueDiligence]), breach, "nobody is known whom to examine");
    assert_eq!(only(&[StepCode::DoDueDiligence, StepCode::NameEntity]), None);

    let mut told = Case::licensed();
    told.customer_country = "DE".parse().ok();
    let name_one = |outcome: &mut PrecheckOutcome| {
        outcome.recommendation = Recommendation::Hold;
        outcome.next_steps.push(step(StepCode::NameEntity, "Name it."));
    };
    assert_eq!(of_brand(&told, &brand(ServesCustomer::Unknown, false, &told), name_one), None);
    assert_eq!(of_brand(&told, &brand(ServesCustomer::No, false, &told), name_one), breach, "there is nobody to name");
}

#[test]
fn what_a_law_requires_names_its_version() {
    let case = Case::licensed();
    let by = |id: &str| {
        let asks = Asks::Rule { id: id.to_owned(), clause: None };
        case.broken_by(|outcome| outcome.conditions.push(condition(ConditionCode::ProtectData, "Protect them.", asks)))
    };
    assert_eq!(by("DE@2024-12-30"), None);
    assert_eq!(by("DE"), Some(LintRule::LawHasItsVersion));
    let of_law = |outcome: &mut PrecheckOutcome| {
        let check = outcome.checks.iter_mut().find(|check| !check.evidence.is_empty()).unwrap();
        check.also.push(CheckCode::JurisdictionEmbargoed);
    };
    assert_eq!(case.broken_by(of_law), Some(LintRule::LawHasItsVersion), "no law is among the evidence");

    let mut unruled = Case::licensed();
    unruled.originator = regime("DE", TravelRuleStatus::Unknown);
    let of_own_rule = |outcome: &mut PrecheckOutcome| {
        let detail = "Your rule requires it.".into();
        let (consequence, code) = (Consequence::Hold, CheckCode::TravelRuleRequiredNotDone);
        outcome.reasons.push(Reason { consequence, code, detail, silenced: vec![], confidential: false });
    };
    assert_eq!(case.broken_by(of_own_rule), None);
    assert_eq!(unruled.broken_by(of_own_rule), Some(LintRule::LawHasItsVersion), "no version of the rule is on record");
}

#[test]
fn a_breach_holds_and_a_rejected_answer_stays_rejected() {
    let case = Case::licensed();
    case.with_input(|input| {
        let mut outcome = crate::precheck::run(input);
        let known = outcome.reasons.len();
        assert!(!outcome.conditions.is_empty());
        outcome.hold_for(LintRule::CustomerIsServed);

        assert_eq!(outcome.recommendation, Recommendation::Hold);
        assert_eq!((outcome.reasons[0].code, outcome.reasons.len()), (CheckCode::TransferInternalInconsistency, known + 1));
        assert!(outcome.conditions.is_empty(), "nobody relies on what such an answer asks for");
        assert_eq!(outcome.next_steps.iter().map(|step| step.code).collect::<Vec<_>>(), [StepCode::WaitForReview]);
        assert_eq!(linted(input, &outcome), None);
        outcome.recommendation = Recommendation::Reject;
        outcome.next_steps = vec![step(StepCode::FreezeAndReport, "Freeze it.")];
        outcome.hold_for(LintRule::CustomerIsServed);
        assert_eq!(outcome.recommendation, Recommendation::Reject);
        assert_eq!(outcome.next_steps[0].code, StepCode::FreezeAndReport);
    });
}
