//! Tests of what is found on which lists, in whatever order versions are added.

use super::super::{EU_TRANSACTION_BANS, EntryKind, OFAC_SDN, OFAC_SDN_ADDRESSES, PartOf};
use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;
use vasp_addresses::network::NetworkTable;

const MIXED: &str = "0x098B716B8Aaf21512996dC57EB0615e2383E2f96";
/// An address of OFAC's entry 25308.
const YAN: &str = "12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h";

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// An address that OFAC lists for a currency.
fn address(text: &str) -> SanctionedAddress {
    SanctionedAddress::published(if text.starts_with("0x") { "ETH" } else { "XBT" }, text)
}

fn entry(uid: &str, name: &str, addresses: Vec<SanctionedAddress>) -> SanctionsEntry {
    SanctionsEntry { uid: uid.into(), name: name.into(), programs: vec!["CYBER2".into()], addresses, ..SanctionsEntry::default() }
}

fn list(id: &str, as_of: &str, entries: Vec<SanctionsEntry>) -> SanctionsList {
    let as_of = day(as_of);
    SanctionsList { id: id.into(), part_of: None, as_of, source: "test".into(), coverage: ListCoverage::Complete, entries }
}

fn addresses_of_sdn(as_of: &str, entries: Vec<SanctionsEntry>) -> SanctionsList {
    let part_of = Some(PartOf { list: OFAC_SDN.into(), part: Part::Addresses });
    SanctionsList { part_of, ..list(OFAC_SDN_ADDRESSES, as_of, entries) }
}

fn index(lists: Vec<SanctionsList>) -> ScreeningIndex {
    ScreeningIndex::newest_on(day("2026-06-01"), lists)
}

fn on(index: &ScreeningIndex, network: &str, address: &str) -> Vec<Hit> {
    on_day(index, network, address, "2026-06-01")
}

fn on_day(index: &ScreeningIndex, network: &str, address: &str, on: &str) -> Vec<Hit> {
    let table = NetworkTable::embedded();
    index.accounts(&[table.parse_on(table.resolve_name(network).unwrap(), address).unwrap()], day(on))
}

#[test]
fn an_evm_account_listed_on_one_chain_counts_on_every_evm_chain() {
    let index = index(vec![list("OFAC", "2026-01-01", vec![entry("1", "Lazarus Group", vec![address(MIXED)])])]);

    let hits = on(&index, "eip155:56", &MIXED.to_ascii_lowercase());

    assert_eq!(hits.len(), 1);
    assert_eq!((hits[0].uid.as_str(), hits[0].listed.as_str(), hits[0].score), ("1", MIXED, 100));
    let asked = SanctionedAccount { network: "eip155:56".into(), address: MIXED.into() };
    assert_eq!(hits[0].matched, Matched::Address(asked), "the network that was asked about");
    assert!(on(&index, "eip155:1", "0x098b716b8aaf21512996dc57eb0615e2383e2f97").is_empty());
}

/// A person of whom a list has several addresses, and an address that may lie on several networks, are one finding.
#[test]
fn an_entry_is_found_once_however_many_accounts_are_asked_about() {
    let lazarus = entry("1", "Lazarus Group", vec![address(MIXED), address(&MIXED.to_ascii_lowercase())]);
    let index = index(vec![list("OFAC", "2026-01-01", vec![lazarus])]);
    let everywhere = NetworkTable::embedded().candidates(MIXED).unwrap().accounts;

    assert!(everywhere.len() > 700);
    assert_eq!(index.accounts(&everywhere, day("2026-06-01")).len(), 1);
}

/// Source: OFAC's entry 56360, an account of Solana, whose addresses have no checksum.
#[test]
fn an_address_whose_case_the_list_lost_is_found_but_never_as_the_same() {
    const SOLANA: &str = "42RLPACwZPx3vYYmxSueqsogfynBDqXK298EDsNoyoHi";
    let lower = SOLANA.to_ascii_lowercase();
    let lost = |currency: &str, text: &str| SanctionedAddress { case_lost: true, ..SanctionedAddress::published(currency, text) };
    let index = index(vec![list(
        "OFAC",
        "2026-01-01",
        vec![
            entry("56360", "Aleksandr KARAVATSKIY", vec![lost("SOL", &lower)]),
            entry("25308", "YAN, Xiaobing", vec![lost("XBT", &YAN.to_ascii_lowercase())]),
            entry("1", "Lazarus Group", vec![lost("ETH", &MIXED.to_ascii_lowercase())]),
        ],
    )]);

    let hits = on(&index, "solana", SOLANA);

    assert!(matches!(hits.as_slice(), [Hit { matched: Matched::AddressButForCase(_), .. }]), "{hits:?}");
    assert_eq!((hits[0].listed.as_str(), hits[0].score), (lower.as_str(), 90));
    // Another address that differs only in case is just as possible.
    assert_eq!(on(&index, "solana", &SOLANA.replace("vYY", "Vyy")).len(), 1);
    let of_bitcoin = on(&index, "bitcoin-sv", YAN);
    assert!(matches!(of_bitcoin.as_slice(), [Hit { matched: Matched::AddressButForCase(_), .. }]), "the same text, the same key");
    assert!(matches!(on(&index, "eip155:1", MIXED).as_slice(), [Hit { matched: Matched::Address(_), .. }]), "hex lost nothing");
}

#[test]
fn who_is_found_by_several_things_is_found_once_by_each() {
    let lei: Lei = "485100GBI2SE0KIX8T70".parse().unwrap();
    let mut listed = entry("1", "ENEXCHANGER", vec![]);
    (listed.leis, listed.hosts) = (vec![lei], vec!["enexchanger.com".parse().unwrap()]);
    let index = index(vec![list("OFAC", "2026-01-01", vec![listed])]);
    let today = day("2026-06-01");
    let sought = |names: &'static [&'static str], lei, hosts: &[&str]| Sought {
        names: names.to_vec(),
        lei,
        hosts: hosts.iter().map(|host| host.parse().unwrap()).collect(),
        ..Sought::default()
    };

    let found = |sought: Sought<'_>| index.meaning(&sought, today).iter().map(|hit| hit.matched.kind()).collect::<Vec<_>>();

    assert_eq!(found(sought(&["Nobody"], None, &[])), Vec::<&str>::new());
    assert_eq!(found(sought(&["Nobody"], Some(lei), &[])), ["lei"]);
    assert_eq!(found(sought(&["Nobody"], None, &["enexchanger.com", "example.org"])), ["host"]);
    let all = found(sought(&["EnExchanger Ltd", "Enexchange"], Some(lei), &["enexchanger.com"]));
    assert_eq!(BTreeSet::from_iter(&all), BTreeSet::from([&"host", &"lei", &"name"]));
    assert_eq!(all.len(), 3, "two names are one");
}

/// People cleared the name that both have. They did not look at the LEI, which is unique.
#[test]
fn a_name_that_was_cleared_clears_no_lei() {
    let lei: Lei = "485100GBI2SE0KIX8T70".parse().unwrap();
    let listed = SanctionsEntry { leis: vec![lei], ..entry("1", "ENEXCHANGER", vec![]) };
    let index = index(vec![list("OFAC", "2026-01-01", vec![listed])]);
    let sought = Sought { names: vec!["Enexchanger Ltd"], lei: Some(lei), ..Sought::default() };
    let today = day("2026-06-01");
    let by_name = |hit: &Hit| {
        if matches!(hit.matched, Matched::Name(_)) { HitDecision::FalsePositive(today) } else { HitDecision::Open }
    };

    let hits = index.meaning_as_decided(&sought, today, by_name);

    let stand: Vec<_> = hits.iter().map(|hit| (hit.matched.kind(), hit.decision.is_cleared())).collect();
    assert_eq!(stand, [("name", true), ("lei", false)]);
}

#[test]
fn only_the_newest_version_of_each_list_on_the_date_counts() {
    let versions = vec![
        list("OFAC", "2026-05-01", vec![entry("1", "New Name", vec![])]),
        list("OFAC", "2026-04-01", vec![entry("1", "Old Name", vec![])]),
        list("OFAC", "2026-07-01", vec![entry("1", "Name To Come", vec![])]),
        list("UN", "2026-04-01", vec![entry("1", "Elsewhere Listed", vec![])]),
    ];
    let index = index(versions);
    let count = |name: &str| index.named(name, day("2026-06-01")).len();

    assert_eq!((count("Old Name"), count("New Name"), count("Name To Come"), count("Elsewhere Listed")), (0, 1, 0, 1));
    assert_eq!(
        index.lists().iter().map(|l| (l.id.as_str(), l.as_of.to_string())).collect::<Vec<_>>(),
        [("OFAC", "2026-05-01".to_owned()), ("UN", "2026-04-01".to_owned())]
    );
}

/// Source: OFAC, "Tornado Cash Delisting", 21 March 2025.
#[test]
fn who_was_delisted_is_no_longer_found_and_an_older_file_brings_nobody_back() {
    let tornado = || entry("39796", "TORNADO CASH", vec![address("0x8589427373D6D84E98730D7795D8f6f8731FDA16")]);
    let lazarus = || entry("1", "LAZARUS GROUP", vec![address(MIXED)]);
    let before = addresses_of_sdn("2025-03-20", vec![tornado(), lazarus()]);
    let after = addresses_of_sdn("2025-03-21", vec![lazarus()]);

    for order in [vec![before.clone(), after.clone()], vec![after, before]] {
        let index = index(order);
        assert!(on(&index, "eip155:1", "0x8589427373D6D84E98730D7795D8f6f8731FDA16").is_empty());
        assert!(index.named("Tornado Cash", day("2026-06-01")).is_empty());
        assert_eq!(on(&index, "eip155:1", MIXED).len(), 1);
    }
}

#[test]
fn a_newer_part_with_all_addresses_stands_for_the_addresses_of_the_list_and_not_for_its_names() {
    let others = |count: u8| (0..count).map(|n| address(&format!("0x0a{n:038x}"))).collect::<Vec<_>>();
    let whole = |as_of| {
        let tornado = entry("39796", "TORNADO CASH", vec![address(MIXED)]);
        list(OFAC_SDN, as_of, vec![entry("9", "NAME ALONE", others(9)), tornado])
    };
    let part = |as_of, coverage, count| SanctionsList {
        coverage,
        ..addresses_of_sdn(as_of, vec![entry("9", "NAME ALONE", others(count))])
    };
    let found = |lists| {
        let index = index(lists);
        (on(&index, "eip155:1", MIXED).len(), index.named("Tornado Cash", day("2026-06-01")).len(), index.lists().len())
    };
    let (first, then) = ("2025-01-01", "2025-04-01");

    assert_eq!(found(vec![whole(first), part(then, ListCoverage::Complete, 9)]), (0, 1, 2));
    assert_eq!(found(vec![whole(first), part(then, ListCoverage::Complete, 5)]), (1, 1, 2), "half of a list clears nobody");
    assert_eq!(found(vec![whole(first), part(then, ListCoverage::Partial, 9)]), (1, 1, 2), "it says little");
    assert_eq!(found(vec![whole(then), part(first, ListCoverage::Complete, 9)]), (1, 1, 1), "the list is newer");
    let cut_off = SanctionsList { coverage: ListCoverage::Partial, ..whole(then) };
    assert_eq!(found(vec![cut_off, part(first, ListCoverage::Complete, 9)]).2, 2, "the list lacks something, perhaps addresses");
}

#[test]
fn a_listing_counts_from_the_day_it_holds() {
    let since = SanctionsEntry { since: Some(day("2026-08-23")), ..entry("1", "RAPIRA", vec![address(MIXED)]) };
    let of = |list: SanctionsList| index(vec![list]);
    // A misread day, such as 1 December for 12 January, hides nobody: a list says who is on it now.
    let misread = of(list("EU", "2026-05-01", vec![since.clone()]));
    assert_eq!(misread.named("Rapira", day("2026-05-01")).len(), 1);
    assert_eq!(on_day(&misread, "eip155:1", MIXED, "2026-05-01").len(), 1);

    let index = of(list(EU_TRANSACTION_BANS, "2026-05-01", vec![since]));
    assert_eq!((index.named("Rapira", day("2026-08-22")).len(), index.named("Rapira", day("2026-08-23")).len()), (0, 1));
    assert_eq!(
        (on_day(&index, "eip155:1", MIXED, "2026-08-22").len(), on_day(&index, "eip155:1", MIXED, "2026-08-23").len()),
        (0, 1)
    );
}

#[test]
fn a_ship_of_the_name_is_no_sure_match() {
    let ship = SanctionsEntry { kind: EntryKind::Vessel, ..entry("1", "Bitpanda", vec![]) };
    let index = index(vec![list("L", "2026-01-01", vec![ship])]);

    assert_eq!(index.named("Bitpanda GmbH", day("2026-06-01"))[0].score, 90);
}

proptest! {
    #[test]
    fn searching_never_panics_and_the_order_of_versions_does_not_matter(name in "\\PC*", swap in any::<bool>()) {
        let mut versions = vec![
            list("A", "2026-01-01", vec![entry("1", "One", vec![address(MIXED)])]),
            list("A", "2026-02-01", vec![entry("1", "Two", vec![address(MIXED)])]),
        ];
        if swap {
            versions.reverse();
        }
        let index = index(versions);
        let today = day("2026-06-01");

        prop_assert_eq!((index.named("two", today).len(), index.named("one", today).len()), (1, 0));
        let found = NetworkTable::embedded().candidates(&name).map(|found| found.accounts).unwrap_or_default();
        let _ = (index.named(&name, today), index.accounts(&found, today));
    }
}
