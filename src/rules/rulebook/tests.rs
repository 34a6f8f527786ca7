//! Tests of reading, refusing and looking up. Expected values are read from the published rulebook and its README.

use super::*;
use proptest::prelude::*;
use std::sync::LazyLock;

static BOOK: LazyLock<Rulebook> = LazyLock::new(|| Rulebook::embedded().unwrap());

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn id(text: &str) -> JurisdictionId {
    text.parse().unwrap()
}

fn version(of: &str, on: &str) -> Option<&'static str> {
    BOOK.version_on(&id(of), date(on)).map(|v| v.id.as_str())
}

/// Returns the compiled text with one place changed; the place must exist.
fn broken(from: &str, to: &str) -> String {
    assert!(EMBEDDED.contains(from), "{from}");
    EMBEDDED.replacen(from, to, 1)
}

fn refusal(from: &str, to: &str) -> String {
    Rulebook::from_json(&broken(from, to)).unwrap_err().to_string()
}

#[test]
fn entries_of_a_country_are_all_whose_ids_read_as_it() {
    let rulebook = Rulebook::embedded().unwrap();
    let countries: std::collections::BTreeSet<Country> =
        rulebook.jurisdictions().filter_map(|entry| entry.id.country()).collect();

    assert!(countries.len() > 70);
    for country in countries {
        let found: Vec<_> = rulebook.entries_for_country(country).map(|entry| &entry.id).collect();
        let expected: Vec<_> =
            rulebook.jurisdictions().map(|entry| &entry.id).filter(|id| id.country() == Some(country)).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn the_compiled_rulebook_has_what_its_readme_counts() {
    let versions: Vec<&RuleVersion> = BOOK.jurisdictions().flat_map(|j| &j.rules).collect();
    let of = |confidence| versions.iter().filter(|v| v.confidence == confidence).count();

    assert_eq!(BOOK.version, "2026-11-28+1.2.0");
    assert_eq!((BOOK.jurisdictions().count(), versions.len()), (99, 186));
    assert_eq!((of(Confidence::High), of(Confidence::Medium), of(Confidence::Low)), (61, 96, 29));
}

/// Every row of the table of changes is in the seed, under its number, or in the table of `docs/rulebook.md` with the reason.
#[test]
fn every_reported_change_of_law_is_in_the_seed_or_left_out_with_its_reason() {
    let table = include_str!("../../../tests/fixtures/rules/law_changes.csv");
    let rows: Vec<u16> = table.lines().skip(1).filter_map(|line| line.split_once(',')?.0.parse().ok()).collect();
    let seed = [
        EMBEDDED,
        include_str!("../data/sanctions_by_law.json"),
        include_str!("../../../seed/authorities.csv"),
        include_str!("../../../seed/brands/links.csv"),
    ];
    let named = |row: u16| {
        let ends = |rest: &str| !rest.starts_with(|next: char| next.is_ascii_digit());
        let cited = |text: &str, mark: &str| text.split(mark).skip(1).any(ends);
        seed.iter().any(|text| cited(text, &format!("law change {row}")) || cited(text, &format!("\"law_change\": {row}")))
    };
    let table = include_str!("../../../docs/rulebook.md").split("## Changes of law").nth(1).unwrap();
    let cells = table.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" |")).map(|(rows, _)| rows);
    let told: Vec<u16> = cells
        .flat_map(|cell| match cell.split_once(" to ") {
            Some((first, last)) => (first.parse().unwrap()..=last.parse().unwrap()).collect::<Vec<u16>>(),
            None => cell.split(", ").filter_map(|row| row.parse().ok()).collect(),
        })
        .collect();

    assert_eq!(rows, (1..=76).collect::<Vec<_>>());
    let lost: Vec<u16> = rows.into_iter().filter(|row| !named(*row) && !told.contains(row)).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn high_confidence_rests_on_the_text_of_a_law_that_was_read_within_a_year() {
    for rule in BOOK.jurisdictions().flat_map(|entry| &entry.rules).filter(|rule| rule.confidence == Confidence::High) {
        let texts = rule.sources.iter().filter(|source| source.kind == SourceKind::LegalText);
        let read = texts.filter_map(|source| source.as_of.parse::<Date>().ok());
        assert!(read.into_iter().any(|day| BOOK.generated_on.days_since(day) <= 365), "{}", rule.id);
    }
}

/// Source: `tests/fixtures/rules/law_changes.csv`, rows 44, 52 and 66.
#[test]
fn what_nobody_read_is_told_and_its_rule_is_known_only_as_far_as_somebody_looked() {
    for (of, last, on, told) in [
        ("AE", "2025-12-13", "2025-12-14", "Cabinet Resolution 134 of 2025"),
        ("BR", "2026-09-30", "2026-10-01", "6 November 2026"),
        ("JP", "2026-05-31", "2026-06-01", "Payment Services Act"),
    ] {
        let entry = BOOK.entry(&id(of)).unwrap();
        let before = entry.version_on(date(last)).unwrap();
        let rule = entry.version_on(date(on)).unwrap();
        assert!(rule.unread.as_ref().is_some_and(|text| text.contains(told)), "{of}");
        assert_eq!((rule.confidence, entry.read_before(rule)), (Confidence::Low, Some(before)), "{of}");
        assert_eq!((before.unread.as_ref(), entry.read_before(before)), (None, None), "{of}");
        assert_eq!(entry.next_change(date(last)), Some(date(on)), "{of}");
    }
    let known = |of: &str, on: &str| BOOK.version_on(&id(of), date(on)).unwrap().known_through;
    assert_eq!(known("HK", "2026-11-26"), date("2024-11-30"), "one record of November 2024");
    assert_eq!((known("DE", "2026-11-26"), known("US", "2026-11-26")), (date("2026-11-26"), date("2026-11-26")));
    let of_the_emirates = "\"version_id\":\"AE@2025-12-14\",\"extends\":null,\"effective_from\":\"2025-12-14\",\"effective_to\":null,\"date_precision\":\"day\",\"travel_rule\":";
    let status = |word: &str| format!("{of_the_emirates}\"{word}\"");
    let banned = broken(&status("in_force"), &status("banned"));
    assert!(Rulebook::from_json(&banned).unwrap_err().to_string().contains("must not say that the business is banned"));
}

/// Source: Virtual Assets and Related Activities Regulations 2023 (Dubai); Payment Token Services Regulation (UAE) Art. 2(3); FIU-IND, 8
/// January 2026; Regulation (EU) 2024/1624 Art. 79; Regulation (EU) No 833/2014 Annex LIII.
#[test]
fn prohibited_assets_are_in_force_on_their_days_and_announced_before() {
    let prohibits = |of: &str, on: &str, class: bool| {
        let assets = &BOOK.version_on(&id(of), date(on)).unwrap().prohibited_assets;
        assets.iter().any(|one| one.holds_on(date(on)) && one.class.is_some() == class && (class || !one.ids.is_empty()))
    };
    for (of, before, first) in [("IN", "2026-01-07", "2026-01-08"), ("DE", "2027-07-09", "2027-07-10")] {
        assert!(!prohibits(of, before, true) && prohibits(of, first, true), "{of}");
    }
    assert!(
        prohibits("AE-VARA", "2023-02-07", true) && prohibits("AE", "2024-08-21", true) && !prohibits("GB", "2026-11-26", true)
    );
    assert!(
        prohibits("FR", "2025-11-25", false) && !prohibits("FR", "2025-11-24", false) && !prohibits("NO", "2026-11-26", false)
    );
    let entry = BOOK.entry(&id("DE")).unwrap();
    assert_eq!(entry.next_change(date("2025-11-24")), Some(date("2025-11-25")));
    assert_eq!(entry.next_change(date("2026-11-26")), Some(date("2027-07-10")));
}

#[test]
fn versions_change_on_their_first_day() {
    assert_eq!(version("DE", "2021-09-30"), None);
    assert_eq!(version("DE", "2024-12-29"), Some("DE@2021-10-01"));
    assert_eq!(version("DE", "2024-12-30"), Some("DE@2024-12-30"));
    assert_eq!(version("NO", "2025-06-30"), Some("NO@2023-06-29"));
    assert_eq!(version("NO", "2025-07-01"), Some("NO@2025-07-01"));
    assert_eq!(BOOK.entry(&id("DE")).unwrap().next_change(date("2024-12-29")), Some(date("2024-12-30")));
    assert_eq!(BOOK.entry(&id("DE")).unwrap().next_change(date("2026-05-24")), Some(date("2027-07-10")));
    assert_eq!(BOOK.entry(&id("DE")).unwrap().next_change(date("2027-07-10")), None);
}

/// Source: Regulation (EU) 2024/1624 Art. 90: it applies from 10 July 2027; it leaves Regulation (EU) 2023/1113 in force.
#[test]
fn the_union_adds_its_regulation_against_money_laundering_in_july_2027() {
    let (before, after) = (date("2027-07-09"), date("2027-07-10"));
    let on = |of: &str, day: Date| BOOK.version_on(&id(of), day).unwrap();
    let of_the_union = BOOK.jurisdictions().filter(|entry| entry.groups.contains(&Group::Eu)).map(|entry| entry.id.as_str());

    let ids: Vec<&str> = of_the_union.collect();
    assert_eq!(ids.len(), 28);
    for of in ids {
        let (now, then) = (on(of, before), on(of, after));
        assert_eq!(then.inherited_from.as_ref().unwrap().as_str(), "EU-TFR@2027-07-10", "{of}");
        assert_eq!(then.data, now.data);
        assert_eq!(then.travel_rule, TravelRuleStatus::InForce);
        assert_eq!(then.retention_years, now.retention_years);
        assert!(then.counterparty_due_diligence.text_summary.contains("AMLR Art. 37"), "{of}");
        assert!(then.self_hosted.text_summary.contains("AMLR Art. 40") && then.notes.iter().any(|note| note.contains("Art. 79")));
    }
    // No text was found that adopts the regulation into the EEA Agreement.
    assert_eq!(on("NO", after).id.as_str(), "NO@2025-07-01");
}

/// Source: FATF, outcomes of the plenary of June 2025; a recommendation binds countries, no provider.
#[test]
fn fatfs_standard_is_an_entry_of_no_country_and_never_in_force() {
    let standard = BOOK.entry(&id("FATF")).unwrap();
    let revised = BOOK.version_on(&id("FATF"), date("2026-11-22")).unwrap();

    assert_eq!(standard.kind, JurisdictionKind::Standard);
    assert_eq!(standard.id.country(), None);
    assert_eq!(BOOK.resolve_id("fatf").unwrap(), id("FATF"));
    assert_eq!((revised.id.as_str(), revised.travel_rule), ("FATF@2025-06-18", TravelRuleStatus::AdoptedNotInForce));
    assert_eq!(standard.next_change(date("2026-11-22")), Some(date("2030-12-31")));
    assert!(standard.rules.iter().all(|rule| !rule.asks_for_data()));
    assert_eq!(id("FATF").to_string().parse::<JurisdictionId>(), Ok(id("FATF")));
    assert!("FATX".parse::<JurisdictionId>().is_err());
}

/// If no text was found, the entry says `unknown`, why, and what was examined.
#[test]
fn places_without_an_established_rule_say_what_was_looked_at() {
    for place in ["CL", "CO", "MX", "PA", "SA", "UA"] {
        let rule = BOOK.version_on(&id(place), date("2026-11-22")).unwrap();
        assert_eq!((rule.travel_rule, rule.confidence), (TravelRuleStatus::Unknown, Confidence::Low), "{place}");
        assert!(!rule.sources.is_empty() && rule.notes.iter().all(|note| note.len() > 40), "{place}");
    }
}

/// "Not established" never means "no": for these jurisdictions the seed's record is blank, or there is no record.
#[test]
fn silence_about_wallets_and_counterparties_is_no_exemption() {
    for place in ["AR", "AU", "BO", "BD", "CN", "GG", "GH", "IS", "KE", "PK", "TH", "TR", "VN", "ZA"] {
        for rule in &BOOK.entry(&id(place)).unwrap().rules {
            assert_ne!(rule.self_hosted.verification, Verification::None, "{}", rule.id);
        }
    }
    let mut all = BOOK.jurisdictions().flat_map(|entry| &entry.rules);
    assert!(all.all(|rule| rule.counterparty_due_diligence.required != DueDiligenceDuty::None));
}

#[test]
fn a_version_takes_the_members_it_does_not_state() {
    let austria = BOOK.version_on(&id("AT"), date("2025-01-01")).unwrap();
    let germany = BOOK.version_on(&id("DE"), date("2025-01-01")).unwrap();

    assert_eq!((austria.retention_years, germany.retention_years), (Some(10), Some(5)));
    assert_eq!(austria.data, germany.data);
    assert_eq!(austria.data_from.as_str(), "EU-TFR@2024-12-30");
    assert_eq!(austria.travel_rule, TravelRuleStatus::InForce);
    let references: Vec<_> = austria.sources.iter().map(|s| s.reference.as_str()).collect();
    assert_eq!(references[..3], ["004#2", "Regulation (EU) 2023/1113", "004#18"]);
}

#[test]
fn a_version_with_inheritance_applied_reads_the_same() {
    let mut file: serde_json::Value = serde_json::from_str(EMBEDDED).unwrap();
    let bases = file["rule_sets"]["EU-TFR"]["rules"].as_array().unwrap().clone();
    for rule in file["jurisdictions"].as_array_mut().unwrap().iter_mut().flat_map(|j| j["rules"].as_array_mut().unwrap()) {
        let Some(base) = bases.iter().find(|base| base["version_id"] == rule["extends"]) else { continue };
        rule["inherited_from"] = rule["extends"].take();
        for (name, value) in base.as_object().unwrap() {
            let inherited = value.as_array().filter(|_| name == "sources" || name == "notes").cloned().unwrap_or_default();
            let own = rule.as_object_mut().unwrap().entry(name).or_insert_with(|| value.clone());
            let added: Vec<_> = inherited.into_iter().filter(|item| !own.as_array().unwrap().contains(item)).collect();
            own.as_array_mut().into_iter().for_each(|own| own.extend(added.clone()));
        }
    }

    assert_eq!(Rulebook::from_json(&file.to_string()).unwrap(), *BOOK);
}

#[test]
fn jurisdictions_are_found_by_id_alias_and_country_code() {
    let found = |text: &str| BOOK.resolve_id(text).unwrap();

    assert_eq!(found("UK"), id("GB"));
    assert_eq!(found("uae"), id("AE"));
    assert_eq!(found("Dubai"), id("AE-VARA"));
    assert_eq!(found("ae-vara"), id("AE-VARA"));
    assert_eq!(found("EL"), id("GR"));
    assert_eq!(found("EU"), id("EU"));
    assert_eq!(found("KZ"), id("KZ"));
    for text in ["", "ZZ", "AE-FOO", "Atlantis"] {
        assert!(BOOK.resolve_id(text).unwrap_err().to_string().contains("AE-VARA"), "{text}");
    }
}

#[test]
fn a_code_without_an_entry_of_its_own_is_unknown() {
    assert!(BOOK.entry(&id("KZ")).is_none());
    assert_eq!(version("KZ-AIFC", "2025-01-01"), Some("KZ-AIFC@2025-01-01"));
    assert_eq!(BOOK.entries_for_country("KZ".parse().unwrap()).map(|j| j.id.as_str()).collect::<Vec<_>>(), ["KZ-AIFC"]);
}

#[test]
fn field_codes_outside_the_rulebook_are_refused_with_the_known_ones() {
    assert_eq!(BOOK.field_codes.len(), 32);
    assert_eq!(BOOK.read_field_codes(&["originator.name", "originator.name"]).unwrap().len(), 1);
    for code in ["originator.shoe_size", "name", ""] {
        let refused = BOOK.read_field_codes(&["originator.name", code]).unwrap_err();
        assert_eq!((refused.index, refused.code.as_str()), (1, code));
        assert!(refused.to_string().contains("originator.birth"));
    }
}

#[test]
fn an_eea_state_is_inside_the_union_once_it_applies_the_unions_rule() {
    let inside = |of: &str, on: &str| BOOK.is_inside_eu(&id(of), date(on));

    assert!(inside("FR", "2020-01-01") && inside("EU", "2025-01-01"));
    assert!(!inside("NO", "2025-06-30") && inside("NO", "2025-07-01"));
    assert!(!inside("LI", "2025-01-31") && inside("LI", "2025-02-01"));
    assert!(["IS", "GB", "KZ"].iter().all(|of| !inside(of, "2026-01-01")));
}

#[test]
fn the_strictest_regime_of_a_country_is_always_the_same_one() {
    let regimes = |country: &str, on: &str| {
        let found = BOOK.strictest_for_country(country.parse().unwrap(), date(on));
        (found.applies.map(|j| j.id.as_str()), found.candidates.len(), found.is_ambiguous())
    };

    // Of the four regimes in the Emirates, only ADGM requires data on every transfer.
    assert_eq!(regimes("AE", "2025-01-01"), (Some("AE-ADGM"), 4, true));
    // Before ADGM's and DIFC's rules: below the threshold the federal rule requires the same data, VARA's rule requires none.
    assert_eq!(regimes("AE", "2023-12-20"), (Some("AE"), 4, true));
    assert_eq!(regimes("DE", "2025-01-01"), (Some("DE"), 1, false));
    assert_eq!(regimes("KZ", "2025-01-01"), (None, 1, false));
    assert_eq!(regimes("SO", "2025-01-01"), (None, 0, false));
}

#[test]
fn text_that_departs_from_the_schema_is_refused_at_its_path() {
    for (from, to, path, reason) in [
        ("\"title\":", "\"titel\":", "titel", "unknown field `titel`"),
        (
            "\"travel_rule\":\"in_force\"",
            "\"travel_rule\":\"maybe\"",
            "rule_sets.EU-TFR.rules[1].travel_rule",
            "`maybe` is not known; known are banned, unknown, none, proposed, adopted_not_in_force, grace, in_force",
        ),
        ("\"amount\":3500", "\"amount\":-3500", "jurisdictions[0].rules[0].threshold.entries[0].amount", "not an amount"),
        ("\"currency\":\"AED\"", "\"currency\":\"ZZZ\"", "jurisdictions[0].rules[0].threshold.entries[0].currency", "ISO 4217"),
        (
            "\"effective_from\":\"2022-03-31\"",
            "\"effective_from\":\"2022-02-31\"",
            "jurisdictions[0].rules[0].effective_from",
            "date",
        ),
        ("[\"originator.name\"", "[\"payer.name\"", "required[0]", "not a field code"),
        (
            "[[\"originator.address\",\"originator.national_id\",\"originator.birth\",\"originator.customer_id\"]]",
            "[[\"originator.address\"]]",
            "one_of[0]",
            "at least two",
        ),
        ("\"legal_person\":null", "\"other_person\":null", "jurisdictions[0].rules[0].data.other_person", "unknown field"),
        ("\"post_facto_allowed\":null,", "", "rule_sets.EU-TFR.rules[0].timing", "missing field `post_facto_allowed`"),
        ("\"schema_version\":\"1", "\"schema_version\":\"2", "schema_version", "expected 1.x"),
        ("\"beneficiary.name\":{", "\"originator.name\":{", "field_codes.originator.name", "occurs twice"),
    ] {
        let Err(RulebookError::Malformed { path: at, reason: why }) = Rulebook::from_json(&broken(from, to)) else {
            panic!("{from} → {to} is accepted or refused otherwise");
        };
        assert!(at.ends_with(path), "{at} should end with {path}");
        assert!(why.contains(reason), "{why} should say {reason}");
    }
    assert!(Rulebook::from_json(&format!("{EMBEDDED}{{}}")).is_err());
}

#[test]
fn contradictions_are_refused_with_the_version() {
    for (from, to, words) in [
        (
            "\"effective_to\":\"2024-12-30\",\"date_precision\":\"day\",\"travel_rule\":\"in_force\"",
            "\"effective_to\":\"2024-12-31\",\"date_precision\":\"day\",\"travel_rule\":\"in_force\"",
            "gap or overlap: begins on 2024-12-30, but AT@2022-02-23 ends 2024-12-31",
        ),
        (
            "\"effective_from\":\"2022-03-31\",\"effective_to\":\"2025-12-14\"",
            "\"effective_from\":\"2022-03-31\",\"effective_to\":\"2022-03-31\"",
            "(AE@2022-03-31): effective_to must be after",
        ),
        (
            "\"extends\":\"EU-TFR@2024-12-30\"",
            "\"extends\":\"EU-TFR@2024-12-31\"",
            "known: EU-TFR@2023-06-29, EU-TFR@2024-12-30, EU-TFR@2027-07-10",
        ),
        (
            "\"adopted_not_in_force\",\"flows\":[\"domestic\",\"cross_border\"],\"counterparty_scope\":{\"kind\":\"all\",\"countries\":[]},\"threshold\":{\"kind\":\"amount\"",
            "\"in_force\",\"flows\":[\"domestic\",\"cross_border\"],\"counterparty_scope\":{\"kind\":\"all\",\"countries\":[]},\"threshold\":{\"kind\":\"amount\"",
            "(FATF@2019-06-21): a standard alone binds nobody",
        ),
        (
            "\"purpose\":\"max_amount\"",
            "\"purpose\":\"obligation\"",
            "max_amount must hold only entries of the purpose `max_amount`",
        ),
        (
            "\"purpose\":\"obligation\"",
            "\"purpose\":\"max_amount\"",
            "max_amount must hold only entries of the purpose `max_amount`",
        ),
        ("[\"originator.name\"", "[\"originator.nome\"", "{originator.nome}"),
        ("\"threshold\":{\"kind\":\"zero\"", "\"threshold\":{\"kind\":\"amount\"", "(EU-TFR@2023-06-29): threshold.entries"),
        ("\"threshold\":{\"kind\":\"amount\"", "\"threshold\":{\"kind\":\"zero\"", "(AE@2022-03-31): threshold.entries"),
        ("\"verification\":\"none\"", "\"verification\":\"above_threshold\"", "self_hosted.threshold is required"),
        ("\"id\":\"AF\"", "\"id\":\"AG\"", "id must be iso2 and regime: `AF`"),
        ("\"aliases\":[\"UAE\"]", "\"aliases\":[\"UK\"]", "duplicate id or alias `UK`"),
        ("\"version_id\":\"AF@2022-08-01\"", "\"version_id\":\"AE@2022-03-31\"", "`AE@2022-03-31` occurs twice"),
        ("\"extends\":\"EU-TFR\"", "\"extends\":\"EU-TFX\"", "extends does not name a known rule set; known: EU-TFR"),
        ("\"seed_records\":[66]", "\"seed_records\":[67]", "occurs in two jurisdictions"),
        ("\"seed_records\":[66]", "\"seed_records\":[99]", "outside 1 to 73"),
        ("\"flows\":[\"domestic\",\"cross_border\"],\"counterparty_scope\"", "\"counterparty_scope\"", "`flows` is missing"),
    ] {
        let said = refusal(from, to);
        assert!(said.contains(words), "{said}\nshould say: {words}");
    }
}

proptest! {
    #[test]
    fn reading_never_panics(text in "\\PC*") {
        let _ = Rulebook::from_json(&text);
    }

    #[test]
    fn resolving_never_panics(text in "\\PC*") {
        let _ = (BOOK.resolve_id(&text), BOOK.read_field_codes(&[text]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_damaged_rulebook_never_panics(at in 0..EMBEDDED.len(), length in 0usize..60, put in "[\\[\\]{}\",:0-9a-z]{0,6}") {
        let from = EMBEDDED.floor_char_boundary(at);
        let to = EMBEDDED.floor_char_boundary((at + length).min(EMBEDDED.len()));
        let mut text = EMBEDDED.to_owned();
        text.replace_range(from..to, &put);
        let _ = Rulebook::from_json(&text);
    }
}
