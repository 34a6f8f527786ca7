//! Tests of the shipped questionnaire, of refused questionnaires, and of what answers are worth: states, tracks, lines and differences.

use std::collections::BTreeMap;

use super::super::requirement::Requirement;
use super::access::{Extent, Grant};
use super::answers::{AnswerInput, AnswerValue, Answers, change};
use super::document::{AnswersDocument, DocumentForm};
use super::standing::{ItemState, LineStatus, Verdict, asks_more, facts, items, lines, track};
use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use vasp_record::answers_access::OwnershipAccess;
use vasp_words::time::Date;

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn seed() -> Questionnaire {
    Questionnaire::embedded().unwrap()
}

/// Builds a small questionnaire of one section.
fn small(version: u32, items: &[Value]) -> Result<Questionnaire, QuestionnaireError> {
    let file = json!({"id": "q", "version": version, "generated_on": "2026-11-20", "about": "x",
        "sections": [{"id": "aml", "title": "AML"}], "items": items, "retired": []});
    Questionnaire::from_json(&file.to_string())
}

fn item(name: &str) -> Value {
    json!({"id": format!("aml.{name}"), "section": "aml", "text": "?", "answer": {"kind": "yes_no"}, "evidence": "none",
        "valid_months": 12, "requirements": ["CP-10"], "track": "both", "sources": ["x"], "changed_in": 1, "adverse": ["no"]})
}

fn with(mut item: Value, member: &str, value: Value) -> Value {
    item[member] = value;
    item
}

fn input(value: Value) -> AnswerInput {
    AnswerInput { value, evidence: vec![], note: None }
}

#[track_caller]
fn answered(questionnaire: &Questionnaire, given: &[(&str, Value)], on: &str) -> Answers {
    let changes: BTreeMap<String, Option<AnswerInput>> =
        given.iter().map(|(id, value)| ((*id).to_owned(), Some(input(value.clone())))).collect();
    change(questionnaire, &Answers::new(), &changes, date(on)).unwrap()
}

fn state_of(questionnaire: &Questionnaire, answers: &Answers, id: &str, on: &str) -> (ItemState, Option<Verdict>) {
    let standing = items(questionnaire, answers, None, date(on));
    let found = standing.iter().find(|standing| standing.item.id.as_str() == id).unwrap();
    (found.state, found.verdict)
}

/// Source: docs/due-diligence.md, "Level B: the questionnaire".
#[test]
fn the_seed_has_every_section_and_each_has_items() {
    let questionnaire = seed();
    let sections: Vec<&str> = questionnaire.sections().iter().map(|section| section.id.as_str()).collect();
    for wanted in [
        "ownership",
        "products",
        "geographies",
        "aml",
        "sanctions",
        "monitoring",
        "travel_rule",
        "data_protection",
        "training",
        "audit",
        "presence",
        "nested",
    ] {
        assert!(sections.contains(&wanted), "{wanted}");
        assert!(questionnaire.items().any(|item| item.section == wanted), "{wanted} has no items");
    }
    assert_eq!(questionnaire.to_string(), "counterparty@1");
    assert_eq!(questionnaire.items().filter(|item| item.answer == AnswerKind::Ownership).count(), 1);
}

/// The checks look for these items by name, so they must exist.
#[test]
fn the_seed_has_what_the_checks_read() {
    let questionnaire = seed();
    let of_check = |name: &str| {
        let read = questionnaire.items().filter(|item| item.check.is_some_and(|check| check.to_string() == name));
        read.map(|item| item.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(of_check("shell_vasp"), ["presence.mind_and_management", "presence.supervised_group"]);
    assert!(of_check("data_protection").len() >= 4);
}

#[test]
fn a_questionnaire_is_refused_with_the_item_that_is_wrong() {
    let fault = |items: &[Value]| match small(1, items) {
        Err(QuestionnaireError::Item { item, fault }) => format!("{item}: {fault}"),
        other => format!("{other:?}"),
    };
    for (changed, part) in [
        (with(item("a"), "requirements", json!([])), "at least one requirement"),
        (with(item("a"), "requirements", json!(["CP-10", "CP-10"])), "each only once"),
        (with(item("a"), "requirements", json!(["CP-16"])), "a VASP does not answer CP-16"),
        (with(item("a"), "valid_months", json!(0)), "valid_months"),
        (with(item("a"), "changed_in", json!(2)), "changed_in"),
        (with(item("a"), "adverse", json!(["maybe"])), "`maybe` must be one of its answers (yes, no)"),
        (with(item("a"), "warning", json!(["no"])), "occur only once"),
        (with(item("a"), "id", json!("other.a")), "begin with its section"),
        (with(item("a"), "sources", json!([])), "a text and a source"),
        (with(item("a"), "check", json!("licence")), "only the checks shell_vasp and data_protection"),
        (with(item("a"), "asked_if", json!({"item": "aml.z", "is": ["yes"]})), "must come before this item"),
        (with(item("a"), "answer", json!({"kind": "choice", "options": ["x", "x"]})), "two or more different options"),
        (with(item("a"), "answer", json!({"kind": "number", "min": 2, "max": 1, "unit": "x"})), "must not be below its min"),
    ] {
        let found = fault(std::slice::from_ref(&changed));
        assert!(found.contains(part), "{changed}: {found}");
    }
    let conditional = with(item("b"), "asked_if", json!({"item": "aml.a", "is": ["maybe"]}));
    assert!(fault(&[item("a"), conditional]).contains("`maybe` is not an answer to `aml.a`"));
    assert_eq!(small(1, &[item("a"), item("a")]), Err(QuestionnaireError::Repeated("aml.a".to_owned())));
    assert_eq!(small(1, &[]), Err(QuestionnaireError::Count(0)));
    assert!(matches!(small(0, &[item("a")]), Err(QuestionnaireError::Name(_))));
    assert!(matches!(small(1, &[with(item("a"), "colour", json!(1))]), Err(QuestionnaireError::Form(_))));
}

#[test]
fn a_new_version_keeps_ids_and_says_what_changed() {
    let one = small(1, &[item("a"), item("b")]).unwrap();
    let two = |items: &[Value]| small(2, items).unwrap().check_succeeds(&one);
    let asks_otherwise = with(item("b"), "text", json!("otherwise?"));

    assert_eq!(two(&[item("b"), item("a"), item("c")]), Ok(()));
    assert_eq!(two(&[item("a")]), Err(QuestionnaireError::Lost("aml.b".parse().unwrap())));
    let unmarked = QuestionnaireError::Unmarked { item: "aml.b".parse().unwrap(), version: 2 };
    assert_eq!(two(&[item("a"), asks_otherwise.clone()]), Err(unmarked));
    assert_eq!(two(&[item("a"), with(asks_otherwise, "changed_in", json!(2))]), Ok(()));
    assert!(matches!(one.check_succeeds(&one), Err(QuestionnaireError::NoSuccessor { .. })));
    // The time for which an answer is valid may change, because the answer stays the same.
    assert_eq!(two(&[item("a"), with(item("b"), "valid_months", json!(6))]), Ok(()));
}

#[test]
fn answers_to_an_unchanged_item_stay_good_and_others_do_not() {
    let one = small(1, &[item("a"), item("b")]).unwrap();
    let changed = with(with(item("b"), "text", json!("otherwise?")), "changed_in", json!(2));
    let two = small(2, &[item("a"), changed]).unwrap();

    let answers = answered(&one, &[("aml.a", json!("yes")), ("aml.b", json!("yes"))], "2026-01-01");

    assert_eq!(state_of(&two, &answers, "aml.a", "2026-06-01"), (ItemState::Given, Some(Verdict::Good)));
    assert_eq!(state_of(&two, &answers, "aml.b", "2026-06-01"), (ItemState::Outdated, None));
}

#[test]
fn every_bad_answer_is_named_by_its_place() {
    let questionnaire = seed();
    let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let cases = [
        ("aml.officer", json!("maybe"), "/aml.officer/value"),
        ("aml.officer", json!(true), "/aml.officer/value"),
        ("aml.programme", json!("yes"), "/aml.programme/evidence"),
        ("aml.records", json!(101), "/aml.records/value"),
        ("aml.records", json!(5.5), "/aml.records/value"),
        ("aml.risk_assessment", json!("2026-06-02"), "/aml.risk_assessment/value"),
        ("aml.risk_assessment", json!("yesterday"), "/aml.risk_assessment/value"),
        ("products.services", json!([]), "/products.services/value"),
        ("products.services", json!(["custody", "custody"]), "/products.services/value"),
        ("geographies.operates", json!(["DE", "XX"]), "/geographies.operates/value"),
        ("presence.addresses", json!(""), "/presence.addresses/value"),
        ("presence.addresses", json!("a\u{7}"), "/presence.addresses/value"),
        ("audit.report", json!("not a hash"), "/audit.report/value"),
        ("ownership.chain", json!("yes"), "/ownership.chain/value"),
        ("no.such", json!("yes"), "/no.such"),
        ("a/b~c", json!("yes"), "/a~1b~0c"),
    ];
    for (id, value, pointer) in &cases {
        let changes = BTreeMap::from([((*id).to_owned(), Some(input(value.clone())))]);
        let faults = change(&questionnaire, &Answers::new(), &changes, date("2026-06-01")).unwrap_err();
        assert_eq!(faults[0].pointer, *pointer, "{id} {value}");
    }
    // Several faults in one request.
    let changes =
        [cases[0].clone(), cases[3].clone(), cases[14].clone()].map(|(id, value, _)| (id.to_owned(), Some(input(value))));
    let faults = change(&questionnaire, &Answers::new(), &changes.into_iter().collect(), date("2026-06-01")).unwrap_err();
    assert_eq!(faults.len(), 3);

    let sound = [
        ("aml.programme", AnswerInput { value: json!("yes"), evidence: vec![hash.to_owned()], note: Some(" n ".to_owned()) }),
        ("geographies.operates", input(json!(["SE", "EL", "de"]))),
        ("audit.report", input(json!(hash))),
    ];
    let sound = sound.map(|(id, input)| (id.to_owned(), Some(input))).into_iter().collect();
    let taken = change(&questionnaire, &Answers::new(), &sound, date("2026-06-01")).unwrap();
    let value = |id: &str| taken[&id.parse::<ItemId>().unwrap()].clone();
    assert_eq!(value("geographies.operates").value, AnswerValue::Many(["DE", "GR", "SE"].map(str::to_owned).to_vec()));
    assert_eq!(value("aml.programme").note.as_deref(), Some("n"));
}

#[test]
fn an_answer_counts_until_its_months_are_over() {
    let questionnaire = small(1, &[item("a")]).unwrap();
    let answers = answered(&questionnaire, &[("aml.a", json!("yes"))], "2024-02-29");

    assert_eq!(state_of(&questionnaire, &answers, "aml.a", "2025-02-27").0, ItemState::Given);
    assert_eq!(state_of(&questionnaire, &answers, "aml.a", "2025-02-28").0, ItemState::Expired);
    let standing = items(&questionnaire, &answers, None, date("2025-02-28"));
    assert_eq!(track(&standing, Track::TravelRule).missing.len(), 1);
    assert_eq!(
        lines(&standing).iter().find(|line| line.requirement == Requirement::Cp10).unwrap().status,
        LineStatus::NotEstablished
    );
}

#[test]
fn what_is_not_asked_is_not_missing_and_an_adverse_answer_stays_one() {
    let conditional = with(item("b"), "asked_if", json!({"item": "aml.a", "is": ["yes"]}));
    let nested = with(item("c"), "asked_if", json!({"item": "aml.b", "is": ["yes"]}));
    let questionnaire = small(1, &[item("a"), conditional, nested, with(item("d"), "optional", json!(true))]).unwrap();
    let missing = |answers: &Answers, on: &str| -> Vec<String> {
        track(&items(&questionnaire, answers, None, date(on)), Track::Correspondent)
            .missing
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    let line = |answers: &Answers, on: &str| {
        let standing = items(&questionnaire, answers, None, date(on));
        lines(&standing).into_iter().find(|line| line.requirement == Requirement::Cp10).unwrap().status
    };

    assert_eq!(missing(&Answers::new(), "2026-01-01"), ["aml.a"]);
    let yes = answered(&questionnaire, &[("aml.a", json!("yes"))], "2026-01-01");
    assert_eq!(missing(&yes, "2026-01-01"), ["aml.b"]);
    let no = answered(&questionnaire, &[("aml.a", json!("no")), ("aml.b", json!("yes"))], "2026-01-01");
    assert_eq!(missing(&no, "2026-01-01"), [""; 0]);
    assert_eq!(line(&no, "2026-01-01"), LineStatus::Contradicted);
    assert_eq!(line(&no, "2030-01-01"), LineStatus::Contradicted, "time makes nothing better");
    // The item depends on an item that is itself not asked.
    assert_eq!(state_of(&questionnaire, &no, "aml.c", "2026-01-01").0, ItemState::NotAsked);
}

#[test]
fn facts_of_checks_bear_the_days_of_the_answers() {
    let questionnaire = seed();
    let answers = answered(&questionnaire, &[("presence.mind_and_management", json!("no"))], "2026-01-15");

    let facts = facts(&questionnaire, &answers, date("2026-03-01"));

    let presence = facts.iter().find(|fact| fact.item.as_str() == "presence.mind_and_management").unwrap();
    assert_eq!((presence.verdict, presence.affirmed), (Some(Verdict::Adverse), false));
    assert_eq!((presence.answered_on, presence.valid_until), (Some(date("2026-01-15")), Some(date("2027-01-15"))));
    let group = facts.iter().find(|fact| fact.item.as_str() == "presence.supervised_group").unwrap();
    assert_eq!(group.verdict, None);
}

fn document(answers: Answers) -> AnswersDocument {
    AnswersDocument {
        form: DocumentForm::First,
        vasp: "vasp_00000000000000000000000001".parse().unwrap(),
        organisation: "org_00000000000000000000000001".parse().unwrap(),
        number: 1,
        questionnaire: "q@1".to_owned(),
        nonce: "00".repeat(32),
        answers,
        ownership: None,
    }
}

#[test]
fn the_difference_names_items_and_both_values_and_no_mere_confirmation() {
    let questionnaire = small(1, &[item("a"), item("b"), item("c")]).unwrap();
    let first = document(answered(&questionnaire, &[("aml.a", json!("yes")), ("aml.b", json!("yes"))], "2026-01-01"));
    let second = document(answered(
        &questionnaire,
        &[("aml.a", json!("yes")), ("aml.b", json!("no")), ("aml.c", json!("yes"))],
        "2026-02-01",
    ));

    let found = second.differences(Some(&first)).unwrap();

    let shown: Vec<(String, Value, Value)> = found
        .iter()
        .map(|difference| {
            (difference.item.as_ref().unwrap().to_string(), difference.from["value"].clone(), difference.to["value"].clone())
        })
        .collect();
    assert_eq!(shown, [("aml.b".to_owned(), json!("yes"), json!("no")), ("aml.c".to_owned(), Value::Null, json!("yes"))]);
    assert_eq!(first.differences(None).unwrap().len(), 2);
    assert_eq!(first.differences(Some(&first)).unwrap(), []);
}

#[test]
fn a_version_asks_more_on_a_track_whose_needed_items_changed_since_the_answers() {
    let new = |more: Value| with(with(item("b"), "changed_in", json!(2)), "optional", more);
    let of_two = |second: Value| small(2, &[item("a"), second]).unwrap();

    assert!(asks_more(&of_two(new(json!(false))), Track::TravelRule, 1));
    assert!(!asks_more(&of_two(new(json!(false))), Track::TravelRule, 2));
    assert!(!asks_more(&of_two(new(json!(true))), Track::TravelRule, 1), "nobody must answer it");
    let of_correspondents = with(new(json!(false)), "track", json!("correspondent"));
    assert!(!asks_more(&of_two(of_correspondents.clone()), Track::TravelRule, 1));
    assert!(asks_more(&of_two(of_correspondents), Track::Correspondent, 1));
}

#[test]
fn access_is_over_at_its_very_moment_and_covers_what_it_names() {
    let asker = "org_00000000000000000000000001".parse().unwrap();
    let other = "org_00000000000000000000000002".parse().unwrap();
    let end = date("2026-06-01").start();
    let extent = Extent { sections: Some(["aml".to_owned()].into()), ownership: OwnershipAccess::Withheld };
    let grants = [Grant { organisation: asker, extent, expires_at: end }];

    assert!(Grant::of(&grants, asker, end.plus_micros(-1)).is_some());
    assert!(Grant::of(&grants, asker, end).is_none());
    assert!(Grant::of(&grants, other, end.plus_micros(-1)).is_none());
    let extent = &grants[0].extent;
    assert!(extent.covers("aml") && !extent.covers("audit") && !extent.covers_ownership());
    assert!(Extent::whole().covers("audit") && Extent::whole().covers_ownership());
}

proptest! {
    #[test]
    fn no_text_harms_the_reader(text in "\\PC*") {
        let _ = Questionnaire::from_json(&text);
        let _ = text.parse::<ItemId>();
    }

    /// Every value for an item is either refused or reads back as the same answer.
    #[test]
    fn answers_read_back(place in 0usize..60, value in prop_oneof![
        Just(json!("yes")), Just(json!("no")), Just(json!("partly")), any::<i64>().prop_map(|n| json!(n)),
        "\\PC{0,40}".prop_map(|text| json!(text)), Just(json!(["DE", "fr"])), Just(json!(["custody"])), Just(json!("2026-01-01")),
        Just(json!("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")), Just(Value::Null), Just(json!({"a": 1})),
    ]) {
        let questionnaire = seed();
        let item = questionnaire.items().nth(place % questionnaire.items().count()).unwrap();
        let evidence = vec!["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".to_owned()];
        let given = AnswerInput { value, evidence, note: None };
        let changes = BTreeMap::from([(item.id.to_string(), Some(given.clone()))]);
        if let Ok(answers) = change(&questionnaire, &Answers::new(), &changes, date("2026-06-01")) {
            let answer = &answers[&item.id];
            let again = AnswerInput { value: serde_json::to_value(&answer.value).unwrap(), ..given };
            let again = BTreeMap::from([(item.id.to_string(), Some(again))]);
            prop_assert_eq!(&change(&questionnaire, &Answers::new(), &again, date("2026-06-01")).unwrap(), &answers);
            let text = serde_json::to_string(&answers).unwrap();
            prop_assert_eq!(serde_json::from_str::<Answers>(&text).unwrap(), answers);
        }
    }

    /// Time alone never makes a line better.
    #[test]
    fn time_never_improves_a_line(early in 0u16..40, later in 0u16..40, programme in prop_oneof![Just("yes"), Just("no")]) {
        let questionnaire = seed();
        let answers = answered(&questionnaire, &[("aml.officer", json!(programme)), ("monitoring.reporting", json!("yes"))], "2026-01-01");
        let at = |months| lines(&items(&questionnaire, &answers, None, date("2026-01-01").plus_months(months)));
        let (first, second) = (at(early), at(early + later));
        for (before, after) in first.iter().zip(&second) {
            prop_assert!(after.status <= before.status, "{}", before.requirement);
        }
    }
}
