//! Tests of obligations. What each rule asks for is in `tests/fixtures/rules/cases.txt`, written from the sources and not from the code; how
//! cases are written stands at the head of that file. The properties hold for every rule.

use super::*;
use crate::rulebook::PersonType;
use crate::rulebook::Rulebook;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use vasp_words::exchange_rate::{ExchangeRate, Rates};

static BOOK: LazyLock<Rulebook> = LazyLock::new(|| Rulebook::embedded().unwrap());

const CASES: &str = include_str!("../../../tests/fixtures/rules/cases.txt");

/// `1000EUR`.
fn money(text: &str) -> Money {
    let (amount, currency) = text.split_at(text.find(|c: char| c.is_ascii_uppercase()).unwrap());
    Money { amount: amount.parse().unwrap(), currency: currency.parse().unwrap() }
}

/// Rates such as `EUR:USD:1.05`.
fn rates(texts: &[&str], as_of: Date) -> Rates {
    let rate = |text: &&str| {
        let [from, to, rate] = text.split(':').collect::<Vec<_>>()[..] else { panic!("{text}") };
        let (from, to, rate) = (from.parse().unwrap(), to.parse().unwrap(), rate.parse().unwrap());
        ExchangeRate { from, to, rate, as_of, source: "test".to_owned() }
    };
    Rates::new(texts.iter().map(rate).collect(), None, as_of).unwrap()
}

/// A transfer from `from` to `to` on `date`, by a natural person to a provider. A place that is not known is `?`, like in the cases.
fn ask(from: &str, to: &str, date: &str, fiat: Option<&str>) -> ObligationsRequest {
    let place = |text: &str| (text != "?").then(|| text.parse().unwrap());
    ObligationsRequest {
        originator: place(from),
        beneficiary: place(to),
        fiat: fiat.map(money),
        date: date.parse().unwrap(),
        originator_type: PersonType::Natural,
        counterparty: CounterpartyKind::Vasp,
        correspondent: None,
        provided_fields: BTreeSet::new(),
        particulars: Particulars::default(),
    }
}

struct Case {
    line: usize,
    source: &'static str,
    question: &'static str,
    answer: &'static str,
}

fn cases() -> Vec<Case> {
    let read = |(index, text): (usize, &'static str)| {
        if text.trim().is_empty() || text.starts_with('#') {
            return None;
        }
        let parts: Vec<&str> = text.split(" | ").map(str::trim).collect();
        let [source, question, answer] = parts[..] else { panic!("line {}: not three parts: {text}", index + 1) };
        assert!(!source.is_empty() && !answer.is_empty(), "line {}: {text}", index + 1);
        Some(Case { line: index + 1, source, question, answer })
    };
    CASES.lines().enumerate().filter_map(read).collect()
}

fn request(question: &str) -> ObligationsRequest {
    let mut words = question.split_whitespace();
    let (from, to) = words.next().unwrap().split_once('>').unwrap();
    let mut asked = ask(from, to, words.next().unwrap(), None);
    for word in words {
        match (word, word.split_once('=')) {
            ("legal", _) => asked.originator_type = PersonType::Legal,
            ("self_hosted", _) => asked.counterparty = CounterpartyKind::SelfHosted,
            ("own_wallet" | "third_party", _) => asked.particulars.own_wallet = Some(word == "own_wallet"),
            ("correspondent" | "no_correspondent", _) => asked.correspondent = Some(word == "correspondent"),
            ("proprietary", _) => asked.particulars.proprietary = true,
            (_, Some(("linked", total))) => asked.particulars.linked_total = Some(money(total)),
            (_, Some(("rate", rate))) => asked.particulars.rates = rates(&[rate], asked.date),
            _ => assert!(asked.fiat.replace(money(word)).is_none(), "{question}: two amounts"),
        }
    }
    asked
}

/// A list in any order, as one text.
fn any_order(items: impl IntoIterator<Item = String>) -> String {
    let items: BTreeSet<String> = items.into_iter().collect();
    if items.is_empty() { "-".to_owned() } else { items.into_iter().collect::<Vec<_>>().join(",") }
}

/// `originator.name` as it stands in the cases.
fn short(code: &str) -> String {
    let (party, item) = code.split_once('.').unwrap();
    format!("{}.{item}", party.chars().next().unwrap())
}

fn list(value: &Value) -> String {
    any_order(value.as_array().into_iter().flatten().map(|code| short(code.as_str().unwrap())))
}

fn choices(value: &Value) -> String {
    let together =
        |codes: &Value| any_order(codes.as_array().unwrap().iter().map(|code| short(code.as_str().unwrap()))).replace(',', "+");
    let choice = |one_of: &Value| any_order(one_of["alternatives"].as_array().unwrap().iter().map(together)).replace(',', "/");
    any_order(value.as_array().into_iter().flatten().map(choice)).replace(',', ";")
}

/// What the case expects, in the same order.
fn sorted(member: &str, text: &str) -> String {
    let parts = |text: &str, mark: char| any_order(text.split(mark).map(str::to_owned)).replace(',', &mark.to_string());
    if text == "-" {
        return text.to_owned();
    }
    if member.ends_with("one_of") && member != "missing_one_of" {
        let choice = |choice: &str| any_order(choice.split('/').map(|codes| parts(codes, '+'))).replace(',', "/");
        return any_order(text.split(';').map(choice)).replace(',', ";");
    }
    parts(text, ',')
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    }
}

fn seen(answer: &Value, member: &str) -> String {
    if let Some(field) = member.strip_prefix("from(").and_then(|rest| rest.strip_suffix(')')) {
        let of = |sourced: &&Value| short(sourced["field"].as_str().unwrap()) == field;
        let sourced = answer["required_from"].as_array().unwrap().iter().find(of);
        let from = sourced.map(|sourced| sourced["from"].as_array().unwrap().iter().map(plain).collect::<Vec<_>>());
        return any_order(from.unwrap_or_default());
    }
    let texts = |list: &Value| any_order(list.as_array().unwrap().iter().map(plain));
    let side = match member.split_once('.') {
        Some(("o", _)) => &answer["originator"],
        Some(("b", _)) => &answer["beneficiary"],
        _ => answer,
    };
    match member.trim_start_matches("o.").trim_start_matches("b.") {
        "union" => list(&answer["required_fields"]),
        "missing_one_of" => answer["missing_one_of"].as_array().unwrap().len().to_string(),
        "known" => if answer["after_known_through"] == json!(true) { "no" } else { "yes" }.to_owned(),
        "version" => plain(&side["rule_version"]),
        // Not known is a value of its own here.
        "above" => side["above_threshold"].to_string(),
        "why" => plain(&side["undetermined"]["reason"]),
        "counted" => plain(&side["counted"]["basis"]),
        "threshold" => plain(&side["threshold"]["kind"]),
        "equality" => side["threshold"]["equality_certain"].to_string(),
        "handling" => plain(&side["data_handling"]),
        "cap" => side["max_amount"]["exceeded"].to_string(),
        "cap_why" => plain(&side["max_amount"]["undetermined"]["reason"]),
        "below" => plain(&side["below_threshold"]),
        "dd" => plain(&side["counterparty_due_diligence"]["travel_rule"]),
        "dd_code" => plain(&side["counterparty_due_diligence"]["code"]),
        "correspondent" => plain(&side["counterparty_due_diligence"]["correspondent"]),
        "fields" => list(&side["required_fields"]),
        "if_available" => list(&side["if_available"]),
        "one_of" => choices(&side["one_of"]),
        "one_of_from" => any_order(side["one_of"].as_array().unwrap().iter().map(|one_of| texts(&one_of["from"]))),
        "missing_data" => texts(&side["missing_data_action"]),
        "request" => list(&side["on_request"][0]["required"]),
        "request_days" => plain(&side["on_request"][0]["within_business_days"]),
        "request_one_of" => choices(&side["on_request"][0]["one_of"]),
        "batch" => plain(&side["batch_allowed"]),
        "methods" => side["self_hosted"]["methods"].as_array().unwrap().len().to_string(),
        "retention" => plain(&side["retention_years"]),
        "wallet" => plain(&side["self_hosted"]["verification"]),
        "wallet_code" => plain(&side["self_hosted"]["code"]),
        "wallet_why" => plain(&side["self_hosted"]["undetermined"]["reason"]),
        "collect" => plain(&side["self_hosted"]["data_collection"]),
        name @ ("status" | "in_force" | "flow" | "exemption" | "timing" | "batch_scope" | "confidence") => plain(&side[name]),
        other => panic!("`{other}` is no member of a case"),
    }
}

#[test]
fn every_case_is_answered_as_its_source_says() {
    let mut wrong = Vec::new();

    for Case { line, source, question, answer } in cases() {
        let owed = serde_json::to_value(obligations(&BOOK, &request(question))).unwrap();
        for expected in answer.split_whitespace() {
            let (member, expected) = expected.split_once('=').unwrap_or_else(|| panic!("line {line}: {expected}"));
            let (seen, expected) = (seen(&owed, member), sorted(member, expected));
            if seen != expected {
                wrong.push(format!("line {line} ({source}): {question}\n  {member}: {expected} expected, {seen} answered"));
            }
        }
    }

    assert!(wrong.is_empty(), "{} of the cases' members:\n{}", wrong.len(), wrong.join("\n"));
}

/// At least 150 cases, each with its seed record or law.
#[test]
fn there_are_enough_cases_and_no_two_ask_the_same() {
    let questions: BTreeSet<(&str, &str)> = cases().iter().map(|case| (case.question, case.answer)).collect();

    assert_eq!(questions.len(), cases().len());
    assert!(cases().len() >= 150, "{}", cases().len());
}

/// Source: `seed/rulebook.json`, member `seed_records`: a record named in a case is that of one of its sides.
#[test]
fn every_record_named_is_one_of_its_sides() {
    let seed: Value = serde_json::from_str(include_str!("../../../seed/rulebook.json")).unwrap();
    let entries = seed["jurisdictions"].as_array().unwrap();
    let has = |id: &str, record: u64| {
        let entry = entries.iter().find(|entry| entry["id"] == id);
        entry.is_some_and(|entry| entry["seed_records"].as_array().unwrap().contains(&json!(record)))
    };

    for case in cases() {
        let sides = case.question.split_whitespace().next().unwrap().split_once('>').unwrap();
        for record in case.source.split("004#").skip(1) {
            let digits: String = record.chars().take_while(char::is_ascii_digit).collect();
            let record = digits.parse().unwrap();
            assert!(has(sides.0, record) || has(sides.1, record), "line {}: {} {}", case.line, case.source, case.question);
        }
    }
}

#[test]
fn a_request_between_two_places_is_of_a_person_to_a_provider_and_of_unknown_worth() {
    let short = ObligationsRequest::between("US".parse().unwrap(), "CA".parse().unwrap(), "2025-01-01".parse().unwrap());

    assert_eq!(short, ask("US", "CA", "2025-01-01", None));
    assert_eq!(obligations(&BOOK, &short).originator.above_threshold, None);
}

/// A report that asks for less takes nothing away until somebody has read the text.
#[test]
fn an_unread_version_adds_to_what_was_read_and_takes_nothing_away() {
    let mut file: Value = serde_json::from_str(crate::rulebook::EMBEDDED).unwrap();
    let entry = file["jurisdictions"].as_array_mut().unwrap().iter_mut().find(|entry| entry["id"] == "IN").unwrap();
    let mut less = entry["rules"][1].clone();
    entry["rules"][1]["effective_to"] = json!("2026-12-01");
    less["version_id"] = json!("IN@2026-12-01");
    less["effective_from"] = json!("2026-12-01");
    less["unread"] = json!("nothing is asked for any more");
    less["data"] = Value::Null;
    less["counterparty_due_diligence"]["required"] = json!("none");
    less["self_hosted"]["verification"] = json!("none");
    entry["rules"].as_array_mut().unwrap().push(less);
    let book = Rulebook::from_json(&file.to_string()).unwrap();

    let side = |day: &str| obligations(&book, &ask("IN", "US", day, Some("5000INR"))).originator;
    let (read, reported) = (side("2026-11-30"), side("2026-12-01"));

    assert_eq!(reported.rule_version.as_ref().unwrap().as_str(), "IN@2026-12-01");
    assert_eq!((&reported.required_fields, &reported.one_of), (&read.required_fields, &read.one_of));
    assert_eq!(reported.counterparty_due_diligence, read.counterparty_due_diligence);
    assert_eq!((read.unread, reported.unread.unwrap().reported.as_str()), (None, "nothing is asked for any more"));
    let wallet = |day: &str| {
        let request =
            ObligationsRequest { counterparty: CounterpartyKind::SelfHosted, beneficiary: None, ..ask("IN", "?", day, None) };
        obligations(&book, &request).originator.self_hosted.verification
    };
    assert_eq!(wallet("2026-12-01"), wallet("2026-11-30"));
}

/// "By risk" is less than "always".
#[test]
fn an_unread_version_by_risk_takes_no_duty_away() {
    let side = |person: &str| obligations(&BOOK, &ask(person, "US", "2026-06-01", None)).originator;
    let mut read = side("DE");
    read.self_hosted.verification = WalletVerification::Yes;
    read.self_hosted.code = None;
    read.counterparty_due_diligence.travel_rule = TravelRuleDuty::Yes;
    read.counterparty_due_diligence.code = Some(TravelRuleDutyCode::Required);
    let mut reported = read.clone();
    reported.self_hosted.code = Some(WalletVerificationCode::RiskBased);
    reported.counterparty_due_diligence.code = Some(TravelRuleDutyCode::RiskBased);

    let both = stricter::of_both(reported, read.clone());

    assert_eq!((both.self_hosted, both.counterparty_due_diligence), (read.self_hosted, read.counterparty_due_diligence));
}

#[test]
fn what_is_provided_is_no_longer_missing() {
    const BUNDLE: [&str; 4] = ["originator.address", "originator.country", "originator.national_id", "originator.customer_id"];
    let provided = |codes: &[&str]| {
        let provided_fields = BOOK.read_field_codes(codes).unwrap();
        let owed = obligations(&BOOK, &ObligationsRequest { provided_fields, ..request("DE>FR 2025-01-01") });
        (owed.missing_fields.len(), owed.missing_one_of.len())
    };

    assert_eq!(provided(&[]), (4, 1));
    assert_eq!(provided(&["originator.name", "beneficiary.name", "originator.address"]), (2, 1));
    // An alternative that is a list needs all its codes.
    assert_eq!(provided(&BUNDLE[..3]), (4, 1));
    assert_eq!(provided(&BUNDLE), (4, 0));
    assert_eq!(provided(&["originator.birth"]), (4, 0));
}

fn place() -> impl Strategy<Value = String> {
    let ids: Vec<String> = BOOK.jurisdictions().map(|j| j.id.to_string()).chain(["KZ", "SO", "?"].map(str::to_owned)).collect();
    proptest::sample::select(ids)
}

prop_compose! {
    fn any_request()(
        from in place(), to in place(), year in 2017i16..2029, month in 1i8..=12, cents in 0u32..2_000_000,
        currency in proptest::sample::select(vec!["EUR", "USD", "CHF", "AED", "GEL", "ZAR"]),
        legal: bool, self_hosted: bool, correspondent: Option<bool>, linked: Option<u32>, own_wallet: Option<bool>, rated: bool,
    ) -> ObligationsRequest {
        let asked = ask(&from, &to, &format!("{year}-{month:02}-15"), Some(&format!("{}.{:02}{currency}", cents / 100, cents % 100)));
        ObligationsRequest {
            originator_type: if legal { PersonType::Legal } else { PersonType::Natural },
            counterparty: if self_hosted { CounterpartyKind::SelfHosted } else { CounterpartyKind::Vasp },
            correspondent,
            particulars: Particulars {
                linked_total: linked.map(|more| {
                    let cents = u64::from(cents) + u64::from(more % 3_000_000);
                    money(&format!("{}.{:02}{currency}", cents / 100, cents % 100))
                }),
                own_wallet: own_wallet.filter(|_| self_hosted),
                // The numbers are invented.
                rates: if rated { rates(&["EUR:USD:1.05", "USD:CHF:0.9", "EUR:GBP:0.83"], asked.date) } else { Rates::default() },
                proprietary: false,
            },
            ..asked
        }
    }
}

/// Returns every field that a side names: required, or in an alternative.
fn asked_for(side: &SideObligations) -> BTreeSet<FieldCode> {
    let alternatives = side.one_of.iter().flat_map(|one_of| one_of.alternatives.iter().flatten());
    side.required_fields.iter().chain(alternatives).cloned().collect()
}

proptest! {
    #[test]
    fn providing_more_never_leaves_more_missing(asked in any_request(), few: u64, more: u64) {
        let some = |bits: u64| BOOK.field_codes.keys().enumerate().filter(move |(i, _)| bits & (1 << i) != 0).map(|(_, c)| c.clone());
        let with = |provided_fields: BTreeSet<FieldCode>| obligations(&BOOK, &ObligationsRequest { provided_fields, ..asked.clone() });
        let less = with(some(few).collect());
        let rest = with(some(few | more).collect());

        prop_assert!(rest.missing_fields.iter().all(|code| less.missing_fields.contains(code)));
        prop_assert!(rest.missing_one_of.iter().all(|one_of| less.missing_one_of.contains(one_of)));
    }

    #[test]
    fn raising_the_amount_never_leads_below(asked in any_request(), cents in 0u32..2_000_000) {
        let mut higher = asked.clone();
        let more: Money = Money { amount: format!("{}.{:02}", cents / 100, cents % 100).parse().unwrap(), ..asked.fiat.unwrap() };
        prop_assume!(more.amount >= asked.fiat.unwrap().amount);
        higher.fiat = Some(more);
        let (low, high) = (obligations(&BOOK, &asked), obligations(&BOOK, &higher));

        for (low, high) in [(&low.originator, &high.originator), (&low.beneficiary, &high.beneficiary)] {
            prop_assert!(!(low.above_threshold == Some(true) && high.above_threshold != Some(true)));
            prop_assert!(!(low.above_threshold.is_none() && high.above_threshold == Some(false)));
            prop_assert!(!(low.self_hosted.verification == WalletVerification::Yes && high.self_hosted.verification != WalletVerification::Yes));
            prop_assert!(low.required_fields.iter().all(|code| high.required_fields.contains(code)));
            prop_assert!(asked_for(low).is_subset(&asked_for(high)));
            prop_assert!(low.one_of.len() <= high.one_of.len());
        }
        prop_assert!(low.required_fields.iter().all(|code| high.required_fields.contains(code)));
    }

    #[test]
    fn a_linked_total_never_asks_for_less(asked in any_request(), more in 0u32..3_000_000, other in prop::option::of(0usize..3)) {
        let alone = ObligationsRequest { particulars: Particulars { linked_total: None, ..asked.particulars.clone() }, ..asked.clone() };
        let fiat = asked.fiat.unwrap();
        // Whatever its currency, and even if it cannot be true, the total hides nothing.
        let currency = other.map_or_else(|| fiat.currency.to_string(), |other| ["EUR", "USD", "CHF"][other].to_owned());
        let cents = format!("{}.{:02}{currency}", more / 100, more % 100);
        let particulars = Particulars { linked_total: Some(money(&cents)), ..asked.particulars.clone() };
        let (alone, linked) = (obligations(&BOOK, &alone), obligations(&BOOK, &ObligationsRequest { particulars, ..asked }));

        for (alone, linked) in [(&alone.originator, &linked.originator), (&alone.beneficiary, &linked.beneficiary)] {
            prop_assert!(!(alone.above_threshold == Some(true) && linked.above_threshold != Some(true)));
            prop_assert!(!(alone.above_threshold.is_none() && linked.above_threshold == Some(false)));
            prop_assert!(asked_for(alone).is_subset(&asked_for(linked)));
        }
    }

    #[test]
    fn what_is_not_known_is_never_asked_for_less(asked in any_request()) {
        let without = ObligationsRequest { fiat: None, particulars: Particulars { linked_total: None, own_wallet: None, ..asked.particulars.clone() }, ..asked.clone() };
        let (known, unknown) = (obligations(&BOOK, &asked), obligations(&BOOK, &without));

        for (known, unknown) in [(&known.originator, &unknown.originator), (&known.beneficiary, &unknown.beneficiary)] {
            prop_assert!(asked_for(known).is_subset(&asked_for(unknown)));
            prop_assert!(!(known.self_hosted.verification == WalletVerification::Yes && unknown.self_hosted.verification == WalletVerification::No));
            let must_say = known.above_threshold.is_none() && known.exemption.is_none() && matches!(known.status, TravelRuleStatus::InForce | TravelRuleStatus::Grace)
                && known.threshold.as_ref().is_some_and(|t| t.kind != ThresholdKind::NotApplicable);
            prop_assert_eq!(known.undetermined.is_some(), must_say);
            prop_assert!(known.above_threshold.is_none() || (known.threshold.is_some() && known.exemption.is_none()));
        }
    }

    #[test]
    fn every_field_names_exactly_the_versions_that_demand_it(asked in any_request()) {
        let owed = obligations(&BOOK, &asked);
        let demanded_by = |code: &FieldCode, fields: fn(&SideObligations) -> &Vec<FieldCode>| -> BTreeSet<RuleVersionId> {
            [&owed.originator, &owed.beneficiary].iter().filter(|side| fields(side).contains(code)).filter_map(|side| side.data_from.clone()).collect()
        };

        prop_assert_eq!(owed.required_from.iter().map(|sourced| &sourced.field).collect::<Vec<_>>(), owed.required_fields.iter().collect::<Vec<_>>());
        for sourced in &owed.required_from {
            prop_assert_eq!(sourced.from.iter().cloned().collect::<BTreeSet<_>>(), demanded_by(&sourced.field, |side| &side.required_fields));
        }
        for sourced in &owed.if_available_from {
            prop_assert!(!owed.required_fields.contains(&sourced.field));
            prop_assert_eq!(sourced.from.iter().cloned().collect::<BTreeSet<_>>(), demanded_by(&sourced.field, |side| &side.if_available));
        }
        let requests = owed.originator.on_request.len() + owed.beneficiary.on_request.len();
        prop_assert!(owed.on_request_from.iter().map(|sourced| sourced.from.len()).sum::<usize>() <= requests);
    }

    #[test]
    fn on_their_own_behalf_nothing_is_asked_that_was_not(asked in any_request()) {
        let own = ObligationsRequest { particulars: Particulars { proprietary: true, ..asked.particulars.clone() }, ..asked.clone() };
        let (own, other) = (obligations(&BOOK, &own), obligations(&BOOK, &asked));

        match asked.counterparty {
            CounterpartyKind::SelfHosted => prop_assert_eq!(own, other),
            CounterpartyKind::Vasp => {
                prop_assert!(own.required_fields.is_empty() && own.one_of.is_empty());
                prop_assert_eq!(own.originator.counterparty_due_diligence.correspondent, other.originator.counterparty_due_diligence.correspondent);
            }
        }
    }

    #[test]
    fn the_union_does_not_depend_on_the_direction(asked in any_request()) {
        let back = ObligationsRequest { originator: asked.beneficiary.clone(), beneficiary: asked.originator.clone(), ..asked.clone() };
        let (there, back) = (obligations(&BOOK, &asked), obligations(&BOOK, &back));

        prop_assert_eq!(&there.required_fields, &back.required_fields);
        prop_assert_eq!(&there.one_of, &back.one_of);
        prop_assert!(there.originator.required_fields.iter().all(|code| there.required_fields.contains(code)));
        prop_assert!(there.beneficiary.required_fields.iter().all(|code| there.required_fields.contains(code)));
    }
}
