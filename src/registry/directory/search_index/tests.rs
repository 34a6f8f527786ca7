//! Which words find which records. The ids are fixed, so that the expected order is fixed too.

use proptest::prelude::*;

use super::*;
use vasp_record::vasp::{DomainStatus, Identifier, OtherName, VaspDomain, VaspKind, VaspStatus};

fn id(number: u8) -> VaspId {
    format!("vasp_000000000000000000000000{number:02}").parse().unwrap()
}

fn vasp(number: u8, legal_name: &str) -> Vasp {
    Vasp {
        id: id(number),
        kind: VaspKind::Entity,
        status: VaspStatus::Listed,
        legal_name: legal_name.to_owned(),
        other_names: vec![],
        country: None,
        lei: None,
        lei_status: None,
        identifiers: vec![],
        activities: vec![],
        contacts: vec![],
        website: None,
        registered_address: None,
        group: None,
        licences: vec![],
        entries: vec![],
        domains: vec![],
        delegations: vec![],
        endpoints: vec![],
        certificates: vec![],
        keys: vec![],
        evidence: [].into(),
    }
}

fn domain(name: &str) -> VaspDomain {
    VaspDomain { domain: name.to_owned(), status: DomainStatus::Unproven, covers_subdomains: false, platform: false }
}

/// A group, its entity, and others.
fn records() -> Vec<Vasp> {
    let group = Vasp {
        kind: VaspKind::Group,
        identifiers: vec![Identifier { scheme: "entity_key".to_owned(), value: "kraken".to_owned() }],
        activities: vec![],
        contacts: vec![],
        ..vasp(1, "Kraken")
    };
    let payward = Vasp {
        lei: Some("9845003D98SCC2851458".parse().unwrap()),
        website: Some("https://www.kraken.com/".to_owned()),
        domains: vec![domain("kraken.com")],
        group: Some(id(1)),
        ..vasp(2, "Payward Global Solutions Limited")
    };
    let bitpanda = Vasp {
        lei: Some("5493007WZ7IFULIL8G21".parse().unwrap()),
        other_names: vec![OtherName { name: "Bitpanda".to_owned(), name_type: "commercial".to_owned() }],
        website: Some("https://help.bitpanda.at/x".to_owned()),
        domains: vec![domain("bitpanda.com")],
        identifiers: vec![Identifier { scheme: "licence".to_owned(), value: "FMA-KD/2025-0017".to_owned() }],
        activities: vec![],
        contacts: vec![],
        ..vasp(3, "Bitpanda GmbH")
    };
    let management =
        Vasp { domains: vec![domain("bitpanda.com"), domain("sling.money")], ..vasp(4, "Bitpanda Asset Management GmbH") };
    vec![
        group,
        payward,
        bitpanda,
        management,
        vasp(5, "Société Générale - FORGE"),
        vasp(6, "FIDUS Finanz AG"),
        vasp(7, "ビットバンク株式会社"),
    ]
}

fn index() -> SearchIndex {
    SearchIndex::of(records().iter())
}

fn query(q: &str) -> SearchQuery {
    SearchQuery::read(q).unwrap()
}

/// Returns what is found: number of the record, field, text, kind.
fn found(q: &str) -> Vec<(u8, MatchedField, String, MatchKind)> {
    let records = records();
    let hits = SearchIndex::of(records.iter()).find(&query(q), |_| true);
    let told = |hit: &Hit| {
        let number = (1..=9).find(|number| id(*number) == hit.vasp).unwrap();
        let record = records.iter().find(|record| record.id == hit.vasp).unwrap();
        let group = records.iter().find(|other| Some(other.id) == record.group);
        let text = text_of(hit, record, group.map(|group| group.legal_name.as_str())).unwrap();
        (number, hit.field, text.into_owned(), hit.kind)
    };
    hits.iter().map(told).collect()
}

#[track_caller]
fn assert_first(q: &str, number: u8, field: MatchedField, text: &str, kind: MatchKind) {
    let found = found(q);
    assert_eq!(found.first(), Some(&(number, field, text.to_owned(), kind)), "{q}: {found:?}");
}

#[test]
fn the_best_text_of_a_record_counts_and_better_records_come_first() {
    let of = |number, field, text: &str, kind| (number, field, text.to_owned(), kind);

    assert_eq!(
        found("bitpanda"),
        [
            of(3, MatchedField::OtherName, "Bitpanda", MatchKind::Exact),
            of(4, MatchedField::Domain, "bitpanda.com", MatchKind::Prefix),
        ]
    );
    assert_eq!(
        found("kraken"),
        [of(1, MatchedField::LegalName, "Kraken", MatchKind::Exact), of(2, MatchedField::GroupName, "Kraken", MatchKind::Exact),]
    );
}

#[test]
fn names_are_found_in_spite_of_errors_accents_scripts_and_forms() {
    use MatchKind::{Exact, Prefix, Similar, Words};
    use MatchedField::{LegalName, OtherName};

    assert_first("bitpnada gmbh", 3, LegalName, "Bitpanda GmbH", Similar);
    assert_first("Bitpanda Gesellschaft mbH", 3, LegalName, "Bitpanda GmbH", Exact);
    assert_first("Bitpanda Ges.m.b.H.", 3, LegalName, "Bitpanda GmbH", Exact);
    assert_first("Битпанда", 3, OtherName, "Bitpanda", Exact);
    assert_first("management assets bitpanda", 4, LegalName, "Bitpanda Asset Management GmbH", Similar);
    assert_first("management asset bitpanda", 4, LegalName, "Bitpanda Asset Management GmbH", Words);
    assert_first("societe generale", 5, LegalName, "Société Générale - FORGE", Prefix);
    assert_first("Sosiete Generale Forge", 5, LegalName, "Société Générale - FORGE", Similar);
    assert_first("ビットバンク", 7, LegalName, "ビットバンク株式会社", Prefix);
    assert_first("bittobanku", 7, LegalName, "ビットバンク株式会社", Prefix);
}

#[test]
fn a_legal_form_alone_finds_the_firms_that_have_it() {
    assert_first("AG", 6, MatchedField::LegalName, "FIDUS Finanz AG", MatchKind::Words);
    assert_eq!(found("Aktiengesellschaft").len(), 1);
    assert_eq!(found("gmbh").iter().map(|hit| hit.0).collect::<Vec<_>>(), [3, 4]);
}

#[test]
fn domains_and_websites_are_found_whole_without_suffix_and_from_an_address() {
    use MatchKind::{Exact, Prefix, Similar, Words};

    assert_first("https://www.kraken.com/u/trade", 2, MatchedField::Domain, "kraken.com", Exact);
    assert_first("krakn.com", 2, MatchedField::Domain, "kraken.com", Similar);
    assert_first("help.bitpanda.at", 3, MatchedField::Website, "https://help.bitpanda.at/x", Exact);
    assert_first("bitpanda.at", 3, MatchedField::Website, "https://help.bitpanda.at/x", Words);
    assert_first("sling.mony", 4, MatchedField::Domain, "sling.money", Similar);
    assert_first("slin", 4, MatchedField::Domain, "sling.money", Prefix);
    assert_first("sling", 4, MatchedField::Domain, "sling.money", Prefix);
}

#[test]
fn identifiers_are_found_whole_or_by_their_beginning() {
    use MatchKind::{Exact, Prefix};

    let lei = "5493007WZ7IFULIL8G21";
    assert_first(lei, 3, MatchedField::Lei, lei, Exact);
    assert_first(" 5493007wz7ifulil8g21 ", 3, MatchedField::Lei, lei, Exact);
    assert_first("5493007WZ7", 3, MatchedField::Lei, lei, Prefix);
    assert_first("fma-kd/2025 0017", 3, MatchedField::Identifier, "FMA-KD/2025-0017", Exact);
    assert_first("FMA-KD", 3, MatchedField::Identifier, "FMA-KD/2025-0017", Prefix);
    assert_first(&id(6).to_string(), 6, MatchedField::Id, &id(6).to_string(), Exact);
    assert_eq!(found("FMA-KD/2025-0018"), []);
    assert_eq!(found("549"), []);
    assert_eq!(found("vasp_0000000000"), []);
    assert_eq!(found("vasp_000000000000").len(), 7);
}

#[test]
fn an_lei_with_one_typing_error_is_found_and_marked_and_with_two_is_not() {
    let lei = "5493007WZ7IFULIL8G21";
    let letters: Vec<char> = lei.chars().collect();
    let changed = |change: &dyn Fn(&mut Vec<char>)| {
        let mut letters = letters.clone();
        change(&mut letters);
        letters.into_iter().collect::<String>()
    };
    for place in 0..letters.len() {
        let wrong = if letters[place] == 'X' { 'Y' } else { 'X' };
        let substituted = changed(&|letters| letters[place] = wrong);
        let missing = changed(&|letters| {
            letters.remove(place);
        });
        let added = changed(&|letters| letters.insert(place, wrong));
        let swapped = changed(&|letters| letters.swap(place, place.saturating_sub(1)));
        for q in [substituted, missing, added, swapped] {
            let kind = if q == lei { MatchKind::Exact } else { MatchKind::Similar };
            // Without its last character, the query is a beginning of the LEI.
            let kind = if lei.starts_with(&q) && q != lei { MatchKind::Prefix } else { kind };
            assert_first(&q, 3, MatchedField::Lei, lei, kind);
        }
    }
    assert_eq!(found("5493007XX7IFULIL8G21"), []);
}

#[test]
fn short_queries_are_beginnings_only() {
    assert_eq!(found("k").iter().map(|hit| hit.0).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(found("fo"), []);
    assert_eq!(found("fi").iter().map(|hit| hit.0).collect::<Vec<_>>(), [6]);
}

#[test]
fn nonsense_finds_nothing() {
    for q in ["xqzvkw", "zzzz zzzz", "qwertzuiop asdfghjkl", "1234567890", "Müllabfuhr Posemuckel"] {
        assert_eq!(found(q), [], "{q}");
    }
}

#[test]
fn only_wanted_records_are_found() {
    let index = index();
    let hits = index.find(&query("bitpanda"), |vasp| vasp == id(4));
    assert_eq!(hits.iter().map(|hit| hit.vasp).collect::<Vec<_>>(), [id(4)]);
}

/// There are so many similar names that the sieve would drop the wanted one if it did not ask `wanted` first.
#[test]
fn what_is_wanted_is_asked_before_the_best_are_taken() {
    let many: Vec<Vasp> = (0..99).map(|number| vasp(number, &format!("Alpha Digital {number}"))).collect();
    let last = Vasp { id: id(99), ..vasp(99, "Zeta Digital Custody Partners of Somewhere Far Away") };
    let index = SearchIndex::of(many.iter().chain([&last]));

    let hits = index.find(&query("digitl"), |vasp| vasp == id(99));

    assert_eq!(index.find(&query("digital"), |_| true).len(), super::segment::COMPARED);
    assert_eq!(hits.len(), 1);
}

#[test]
fn an_empty_directory_is_searched_too() {
    assert_eq!(SearchIndex::of([].iter()).find(&query("anything"), |_| true), []);
}

proptest! {
    #[test]
    fn any_query_is_answered_in_order_and_each_record_once(q in any::<String>(), names in proptest::collection::vec(any::<String>(), 0..20)) {
        let vasps: Vec<Vasp> = names.iter().zip(0..).map(|(name, number)| vasp(number, name)).collect();
        let index = SearchIndex::of(vasps.iter());
        if let Ok(query) = SearchQuery::read(&q) {
            let hits = index.find(&query, |_| true);
            prop_assert!(hits.is_sorted_by_key(Hit::rank));
            let mut ids: Vec<_> = hits.iter().map(|hit| hit.vasp).collect();
            ids.sort();
            ids.dedup();
            prop_assert_eq!(ids.len(), hits.len());
        }
    }

    #[test]
    fn every_record_is_found_by_its_name(names in proptest::collection::vec("[A-Za-zÀ-ž0-9 &]{3,30}", 1..20)) {
        let vasps: Vec<Vasp> = names.iter().zip(0..).map(|(name, number)| vasp(number, name)).collect();
        let index = SearchIndex::of(vasps.iter());
        for vasp in vasps.iter() {
            if let Ok(query) = SearchQuery::read(&vasp.legal_name) {
                let hits = index.find(&query, |_| true);
                let own = hits.iter().find(|hit| hit.vasp == vasp.id).map(|hit| hit.kind);
                prop_assert_eq!(own, Some(MatchKind::Exact), "{}", vasp.legal_name);
            }
        }
    }
}
