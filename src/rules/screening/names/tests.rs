//! Tests with names from OFAC's and the EU's lists (US government work; annexes of regulations), and with firms that have the same or a
//! similar name.

use super::super::{EntryKind, ListCoverage, SanctionsEntry, SanctionsList};
use super::brand::BEGINS;
use super::*;
use proptest::prelude::*;

fn entry(uid: &str, kind: EntryKind, names: &[&str], weak: &[&str]) -> SanctionsEntry {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    SanctionsEntry {
        uid: uid.into(),
        kind,
        name: names[0].into(),
        aliases: owned(&names[1..]),
        weak_aliases: owned(weak),
        ..SanctionsEntry::default()
    }
}

fn names() -> Names {
    let entries = vec![
        entry("1", EntryKind::Entity, &["GARANTEX EUROPE OU", "GARANTEX"], &[]),
        entry("2", EntryKind::Entity, &["SUEX OTC, S.R.O.", "SUCCESSFUL EXCHANGE"], &[]),
        entry("3", EntryKind::Individual, &["YAN, Xiaobing"], &[]),
        entry("4", EntryKind::Vessel, &["HORIZON"], &[]),
        entry("5", EntryKind::Entity, &["BANK MARKAZI JOMHOURI ISLAMI IRAN"], &["CBI"]),
        entry("6", EntryKind::Entity, &["CHATEX"], &[]),
        entry("7", EntryKind::Entity, &["HYDRA MARKET"], &[]),
        entry("8", EntryKind::Entity, &["ЗАО “ТенгриКоин”", "CJSC TengriCoin"], &[]),
        entry("9", EntryKind::Unknown, &["Aifory Pro (Sooty Ltd.)"], &[]),
        entry("10", EntryKind::Entity, &["KISH OIL DEVELOPMENT COMPANY"], &[]),
        entry("11", EntryKind::Entity, &["KRAKERN LIMITED"], &[]),
        entry("12", EntryKind::Entity, &["B-FINANCE LTD"], &[]),
        entry("13", EntryKind::Entity, &["Huobi Global S.A."], &[]),
    ];
    let list = SanctionsList {
        id: "L".into(),
        part_of: None,
        as_of: "2026-01-01".parse().unwrap(),
        source: "test".into(),
        coverage: ListCoverage::Complete,
        entries,
    };
    Names::of(&[list])
}

/// Returns the entry that a name matches best, by its place, and the score.
fn best(name: &str) -> Option<(usize, Score)> {
    names().like(name).first().map(|found| (found.entry + 1, found.score))
}

#[test]
fn case_accents_punctuation_legal_forms_and_order_do_not_count() {
    for name in ["Garantex Europe OÜ", "garantex  europe", "Garantex Europe, O.U.", "GARANTEX EUROPE LLC"] {
        assert_eq!(best(name), Some((1, 100)), "{name}");
    }
    assert_eq!(best("Europe Garantex"), Some((1, 98)));
    assert_eq!(best("Hydra-Market Ltd."), Some((7, 100)));
    assert_eq!(best("HydraMarket"), Some((7, 97)));
}

#[test]
fn other_scripts_are_read() {
    assert_eq!(best("Гарантекс"), Some((1, 96)), "another script, the same sound");
    assert_eq!(best("Garanteks"), Some((1, 93)), "the same script: a person looks");
    assert_eq!(best("Tengri Coin"), Some((8, 97)));
    assert_eq!(best("Чатекс"), Some((6, 96)));
}

/// Source: docs/screening.md, "Matching". The letters are Cyrillic and Greek ones that look like Latin ones.
#[test]
fn letters_that_look_like_others_are_for_people() {
    for name in
        ["\u{421}\u{41d}\u{410}TEX", "CHATE\u{425} Ltd", "C\u{397}ATEX", "\u{421}H\u{410}\u{422}E\u{425}", "C\u{41d}\u{c0}TEX"]
    {
        let found = names().like(name).first().cloned().unwrap_or_else(|| panic!("{name} is not found"));
        assert_eq!((found.entry + 1, found.score, found.is_same), (6, AT_MOST_WEAK, true), "{name}");
    }
    let begun = names().beginning("\u{41d}uobi");
    assert_eq!(begun.first().map(|found| found.entry + 1), Some(13), "a brand");
}

#[test]
fn typing_errors_and_parts_are_for_people() {
    for (name, entry) in [("Garantx Europe", 1), ("Garantex Evrope", 1), ("Aifory Pro", 9), ("Suex OTC Trading", 2)] {
        let (found, score) = best(name).unwrap_or_else(|| panic!("{name} is not found"));
        assert_eq!(found, entry, "{name}");
        assert!((LEAST..97).contains(&score), "{name}: {score}");
    }
}

#[test]
fn a_person_a_ship_and_a_weak_alias_never_make_a_sure_match_with_a_firm() {
    for (name, entry) in [("Xiaobing Yan", 3), ("Horizon", 4), ("CBI", 5)] {
        assert_eq!(best(name), Some((entry, AT_MOST_WEAK)), "{name}");
    }
}

/// Source: docs/screening.md, "Matching".
#[test]
fn one_wrong_letter_in_a_legal_form_hides_nobody() {
    for (name, entry) in [
        ("KISH OIL DEVELOPMENT COMPANKY", 10),
        ("Kish Oil Development Limitde", 10),
        ("GARANTEX EUROPE OUX", 1),
        ("Chatex Limitd", 6),
        ("Chatex Companky", 6),
        ("SUEX OTC, S.R.L.O.", 2),
    ] {
        assert_eq!(best(name).map(|(found, score)| (found, score >= FORM)), Some((entry, true)), "{name}");
    }
}

/// Likenesses of names so short that they are mostly chance.
#[test]
fn a_short_name_with_one_wrong_letter_is_a_faint_likeness() {
    for (name, entry) in [("Kraken", 11), ("Chatez", 6)] {
        assert_eq!(best(name), Some((entry, ONE_LETTER_SHORT)), "{name}");
    }
    for name in ["Payward Kraken Ltd", "Binance"] {
        assert_eq!(best(name), None, "{name}");
    }
    assert_eq!(best("Krakern"), Some((11, 100)));
    assert_eq!(best("EX.IO"), None);
}

/// Source: docs/screening.md, "Matching".
#[test]
fn a_brand_whose_words_begin_a_listed_name_is_like_it() {
    let begins = |brand: &str| names().beginning(brand).iter().map(|one| (one.entry + 1, one.score)).collect::<Vec<_>>();

    assert_eq!(begins("Huobi"), [(13, BEGINS)]);
    assert_eq!(begins("KISH oil"), [(10, BEGINS)]);
    for other in ["Huo", "Global", "Huobi Global", "Huobi Japan", "Bank", ""] {
        assert_eq!(begins(other), [], "{other}");
    }
}

#[test]
fn others_are_left_alone() {
    for name in ["Bitpanda GmbH", "Coinbase Luxembourg S.A.", "Bank Frick AG", "Grant Europe", "CBX", "", "Ltd", "Europe"] {
        assert_eq!(best(name), None, "{name}");
    }
}

#[test]
fn an_entry_is_found_once_by_its_best_name() {
    let found = names().like("Garantex").to_vec();

    assert_eq!(found.iter().map(|one| (one.entry, one.listed.as_str(), one.score)).collect::<Vec<_>>(), [(0, "GARANTEX", 100)]);
}

proptest! {
    #[test]
    fn no_name_panics_and_every_score_is_within_bounds(name in any::<String>()) {
        for found in names().like(&name).iter() {
            prop_assert!((LEAST..=100).contains(&found.score));
        }
    }

    #[test]
    fn what_is_remembered_is_what_was_found(name in "[A-Za-zА-я ]{0,20}") {
        let names = names();
        prop_assert_eq!(names.like(&name), names.like(&name));
    }

    #[test]
    fn two_names_are_as_alike_as_the_other_way_round(one in "[a-zё ]{1,24}", other in "[a-zё ]{1,24}") {
        let (Some(a), Some(b)) = (Spoken::of(&one), Spoken::of(&other)) else { return Ok(()) };
        let names = Names::default();
        prop_assert_eq!(names.score(&a, &b), names.score(&b, &a));
    }
}
