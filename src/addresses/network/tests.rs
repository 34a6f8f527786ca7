//! Tests of the embedded table, and of seeds with errors.

use super::*;

const NETWORKS: &str = include_str!("../../../seed/networks.json");
const EVM_CHAINS: &str = include_str!("../../../seed/evm_chains.csv");
const NAMES: &str = include_str!("../../../seed/network_names.csv");

#[test]
fn seed_makes_a_table() {
    let table = NetworkTable::from_seed(NETWORKS, EVM_CHAINS, NAMES).unwrap();

    // 165 networks of the reference table, Avalanche's P-Chain, the XDC Network, and the chains of the EVM list that are not in that table.
    assert_eq!(table.iter().count(), 165 + 1 + 1 + 672);
    assert_eq!(NetworkTable::embedded().iter().count(), table.iter().count());
}

#[test]
fn names_and_numbers_lead_to_their_network() {
    let table = NetworkTable::embedded();
    let name = |text: &str| table.resolve_name(text).map(|network| network.caip2.to_string());

    assert_eq!(name("eip155:1").as_deref(), Some("eip155:1"));
    assert_eq!(name("btc").as_deref(), Some("bip122:000000000019d6689c085ae165831e93"));
    assert_eq!(name("tron:728126428").as_deref(), Some("tron:0x2b6653dc"));
    assert_eq!(name("avax:8aDU0Kqh-5d23op-B-r-4YbQFRbsgF9a").as_deref(), Some("eip155:43114"));
    assert_eq!(name("eip155:196").as_deref(), Some("eip155:196"));
    assert_eq!(name("eip155:*"), None);
    assert_eq!(name("xrpl:1"), None);
    assert!(table.by_caip2(&"tron:mainnet".parse().unwrap()).is_none());
    assert!(table.iter().all(|n| table.by_number(n.number).is_some_and(|found| found.caip2 == n.caip2)));
}

#[test]
fn numbers_once_given_stay() {
    let table = NetworkTable::embedded();
    let number = |text: &str| table.resolve_name(text).map(|network| network.number.0);

    assert_eq!(number("bip122:000000000019d6689c085ae165831e93"), Some(100));
    assert_eq!(number("eip155:1"), Some(104));
    assert_eq!(number("eip155:2"), Some(10_001));
    assert_eq!(number("eip155:2716446429837000"), Some(10_673));
    assert_eq!(Family::Eip155.number(), NetworkNumber(1));
}

#[test]
fn evm_networks_are_one_family() {
    let table = NetworkTable::embedded();

    assert!(table.iter().all(|n| (n.family == Some(Family::Eip155)) == n.caip2.as_str().starts_with("eip155:")));
    assert_eq!(Family::from_text("eip155:*"), Some(Family::Eip155));
    assert_eq!(Family::from_text("eip155:1"), None);
}

#[test]
fn networks_with_equal_rules_share_them() {
    assert_eq!(NetworkTable::embedded().groups.iter().map(|g| g.members.len()).max(), Some(36 + 672));
}

#[test]
fn broken_seeds_are_refused() {
    let refused = |from: &str, to: &str| {
        assert!(NETWORKS.contains(from), "{from}");
        NetworkTable::from_seed(&NETWORKS.replacen(from, to, 1), EVM_CHAINS, NAMES).is_err()
    };

    assert!(refused(r#""kind": "base58""#, r#""kind": "base59""#));
    assert!(refused(r#""checksum": "sha256d-4""#, r#""checksum": "sha256d-5""#));
    // Found by fuzzing: such a length caused an overflow when the first text was read.
    assert!(refused(r#""payload_lengths": [20]"#, r#""payload_lengths": [9223372036854775808]"#));
    assert!(refused(r#""case": "sensitive""#, r#""case": "sideways""#));
    assert!(refused(r#""canonical": "as-is""#, r#""canonical": "first-text-prefix""#));
    assert!(refused(r#""canonical_format": "account""#, r#""canonical_format": "other""#));
    assert!(refused(r#""id": "p2sh""#, r#""id": "p2pkh""#));
    assert!(refused(r#""role": "receive""#, r#""role": "receive", "ignore_chars": "_""#));
    assert!(refused(r#""number": 101"#, r#""number": 100"#));
    assert!(refused(r#""number": 101"#, r#""number": 1"#));
    assert!(refused(r#""aliases": ["bitcoin", "btc"]"#, r#""aliases": ["ethereum"]"#));
    assert!(NetworkTable::from_seed(NETWORKS, &format!("{EVM_CHAINS}20000,1,Ethereum,ETH,false\n"), NAMES).is_err());
    assert!(NetworkTable::from_seed(r#"{"version": 1, "networks": []}"#, EVM_CHAINS, NAMES).is_err());
}

/// The hint for `bsc` or `ltc` must not be `btc`.
#[test]
fn a_hint_names_only_another_spelling_of_the_same_ledger() {
    let table = NetworkTable::embedded();
    let hint = |text: &str| table.similar_name(text);

    // Tickers name their own ledger.
    for ticker in ["bsc", "ltc", "etc", "sol", "btg"] {
        assert_eq!(hint(ticker), Some(ticker));
        assert_ne!(table.resolve_name(ticker).map(|network| &*network.name), Some("Bitcoin"), "{ticker}");
    }
    for other_ledger in [
        "bnb",
        "xmt",
        "nex",
        "terro",
        "kusoma",
        "gamecoin",
        "eip155:99999999",
        "eip155:1O",
        "tron:mainnot",
        "cosmos:osmosis-2",
        "bip122:000000000019d6689c085ae165831e94",
        "polkadot:91b171bb158e2d3848fa23a9f1c25183",
        "stellar:testnet",
        "",
    ] {
        assert_eq!(hint(other_ledger), None, "{other_ledger}");
    }
    for (spelling, name) in [
        ("Bitcoin_Cash", "bitcoin-cash"),
        ("bitcoincash", "bitcoin-cash"),
        ("BITCOIN", "bitcoin"),
        ("bitcon", "bitcoin"),
        ("bitcion", "bitcoin"),
        ("etherreum", "ethereum"),
        ("tron:mainet", "tron:mainnet"),
        ("TRON:mainnet", "tron:mainnet"),
        ("eip155-1", "eip155:1"),
    ] {
        assert_eq!(hint(spelling), Some(name), "{spelling}");
    }
}
