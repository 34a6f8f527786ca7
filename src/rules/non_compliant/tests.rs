//! Tests of what an entry of a list of non-compliant providers matches. Names and hosts come from ESMA's list of 30 January 2026.

use super::super::precheck::examples::entity;
use super::*;
use proptest::prelude::*;
use vasp_record::vasp::{DomainStatus, OtherName, VaspDomain};

fn entry(name: &str, hosts: &[&str]) -> NonCompliantEntry {
    NonCompliantEntry {
        authority: "Commissione Nazionale per le Societa e la Borsa (CONSOB)".into(),
        home_state: "IT".parse().ok(),
        name: name.into(),
        lei: None,
        country: None,
        commercial_names: vec![],
        hosts: hosts.iter().map(|host| host.parse().unwrap()).collect(),
        infringement: None,
        reason: None,
        decided_on: "2025-09-16".parse().ok(),
        comments: None,
        updated_on: None,
    }
}

fn list(entries: Vec<NonCompliantEntry>) -> NonCompliantList {
    NonCompliantList { id: "L".into(), as_of: "2026-01-30".parse().unwrap(), source: "NCASP20260130.csv".into(), entries }
}

fn vasp(name: &str, domains: &[&str]) -> Vasp {
    let domain = |domain: &&str| VaspDomain {
        domain: (*domain).into(),
        status: DomainStatus::Unproven,
        covers_subdomains: false,
        platform: false,
    };
    Vasp { legal_name: name.into(), lei: None, domains: domains.iter().map(domain).collect(), ..entity(1) }
}

fn platforms() -> PlatformHosts {
    let host = r#"{"host": "notabene.id", "covers_subdomains": true, "platform": "a network", "source": "s"}"#;
    PlatformHosts::from_json(&format!(r#"{{"version": "1", "generated_on": "2026-01-01", "hosts": [{host}]}}"#)).unwrap()
}

fn matched(entries: Vec<NonCompliantEntry>, vasp: &Vasp, day: &str) -> Vec<(usize, MatchedBy)> {
    let found = NonCompliantIndex::of(list(entries)).matches(&Sought::of(vasp), day.parse().unwrap(), &platforms(), &fold);
    found.into_iter().map(|found| (found.place, found.matched_by)).collect()
}

#[test]
fn hosts_match_exactly_or_by_their_registered_domain() {
    let on = |hosts: &[&str], domains: &[&str]| matched(vec![entry("X1", hosts)], &vasp("Y", domains), "2026-06-01");

    assert_eq!(on(&["mexc.com"], &["mexc.com"]), [(1, MatchedBy::Host)]);
    assert_eq!(on(&["m.htxcoin-az.com"], &["htxcoin-az.com"]), [(1, MatchedBy::Domain)]);
    assert_eq!(on(&["mexc.com"], &["api.mexc.com", "mexc.com"]), [(1, MatchedBy::Host)]);
    assert_eq!(on(&["mexc.com"], &["mexc.co"]), []);
    assert_eq!(on(&["a.github.io"], &["b.github.io"]), [], "below a public suffix");
    assert_eq!(on(&["x.notabene.id"], &["y.notabene.id", "x.notabene.id"]), [], "a platform");
    let by_website = Vasp { website: Some("https://www.mexc.com/en".into()), ..vasp("Y", &[]) };
    assert_eq!(matched(vec![entry("X1", &["mexc.com"])], &by_website, "2026-06-01"), [(1, MatchedBy::Host)]);
}

#[test]
fn names_match_folded_without_their_legal_form_and_not_when_only_alike() {
    let named = |listed: &str, own: &str| matched(vec![entry(listed, &[])], &vasp(own, &[]), "2026-06-01");

    assert_eq!(named("Arbismart UAB", "ARBISMART"), [(1, MatchedBy::Name)]);
    assert_eq!(named("Atomic Wallet", "Atomic-Wallet OÜ"), [(1, MatchedBy::Name)]);
    assert_eq!(named("MEXC Global", "MEXC"), []);
    assert_eq!(named("HTXcoin-az", "HTX"), []);
    let brand = OtherName { name: "Atomic Wallet".into(), name_type: "commercial".into() };
    let branded = Vasp { other_names: vec![brand], ..vasp("Evercode Infinite", &[]) };
    assert_eq!(matched(vec![entry("Atomic Wallet", &[])], &branded, "2026-06-01"), [(1, MatchedBy::Name)]);
    let traded = NonCompliantEntry { commercial_names: vec!["Lumex".into()], ..entry("X1", &[]) };
    assert_eq!(matched(vec![traded], &vasp("Lumex Ltd", &[]), "2026-06-01"), [(1, MatchedBy::Name)]);
}

#[test]
fn an_entry_matches_by_the_strongest_and_from_the_day_of_its_decision() {
    let lei = "5493001KJTIIGC8Y1R12".parse().unwrap();
    let one = NonCompliantEntry { lei: Some(lei), ..entry("MEXC Global", &["mexc.com"]) };
    let firm = Vasp { lei: Some(lei), ..vasp("MEXC Global Ltd", &["mexc.com"]) };
    let undated = NonCompliantEntry { decided_on: None, ..entry("MEXC Global", &[]) };

    assert_eq!(matched(vec![one.clone()], &firm, "2025-09-16"), [(1, MatchedBy::Lei)]);
    assert_eq!(matched(vec![one.clone()], &firm, "2025-09-15"), []);
    assert_eq!(matched(vec![undated, one], &firm, "2025-09-15"), [(1, MatchedBy::Name)]);
}

#[test]
fn a_list_reads_as_written_and_is_never_empty_or_nameless() {
    let text = |list: &NonCompliantList| serde_json::to_string(list).unwrap();
    let one = list(vec![entry("MEXC Global", &["mexc.com"])]);

    assert_eq!(NonCompliantList::from_json(&text(&one)).unwrap(), one);
    assert!(matches!(NonCompliantList::from_json(&text(&list(vec![]))), Err(NonCompliantListError::Empty(_))));
    let nameless = list(vec![entry("MEXC Global", &[]), entry("-", &[])]);
    assert!(matches!(NonCompliantList::from_json(&text(&nameless)), Err(NonCompliantListError::Nameless(2))));
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in "\\PC*", name in "\\PC*", own in "\\PC*") {
        let _ = NonCompliantList::from_json(&text);
        let same = matched(vec![entry(&name, &[])], &vasp(&own, &[]), "2026-06-01") == [(1, MatchedBy::Name)];
        prop_assert_eq!(same, fold(&name).is_some() && fold(&name) == fold(&own));
    }
}
