//! Tests of the classes in the seed, and of docs/addresses.md, which shows them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::*;
use crate::network::NetworkTable;

/// The members of a class in words: the networks of `eip155` by their number, the others by name.
fn members(table: &NetworkTable, number: ClassNumber) -> String {
    let of_class = || table.iter().filter(move |network| network.classes().any(|class| class.number == number));
    let evm = of_class().filter(|network| network.family.is_some()).count();
    let names = of_class().filter(|network| network.family.is_none()).map(|network| network.name.as_str());
    let evm = (evm > 0).then(|| format!("{evm} of `eip155`"));
    evm.as_deref().into_iter().chain(names).collect::<Vec<_>>().join(", ")
}

/// The tables of docs/addresses.md, from the data.
fn tables(table: &NetworkTable) -> String {
    let mut text = String::from("| class | its controllers | its networks | used for |\n|---|---|---|---|\n");
    for class in table.classes() {
        let used = match (class.screening_only, class.proof_travels) {
            (true, _) => "screening only",
            (false, true) => "claims, proofs, screening",
            (false, false) => "contradictions, screening",
        };
        let networks = members(table, class.number);
        writeln!(text, "| `{}` | {} | {networks} | {used} |", class.id, class.controls).unwrap();
    }
    text.push_str("\n| ledger | its ids |\n|---|---|\n");
    let mut ledgers: BTreeMap<NetworkNumber, Vec<&Network>> = BTreeMap::new();
    table.iter().for_each(|network| ledgers.entry(network.ledger()).or_default().push(network));
    for (number, ids) in ledgers.into_iter().filter(|(_, ids)| ids.len() > 1) {
        let name = &table.by_number(number).unwrap().name;
        let ids: Vec<String> = ids.iter().map(|network| format!("`{}`", network.caip2)).collect();
        writeln!(text, "| {name} | {} |", ids.join(", ")).unwrap();
    }
    text
}

#[test]
fn documentation_shows_the_classes_and_ledgers_of_the_seed() {
    let expected = tables(NetworkTable::embedded());

    assert!(include_str!("../../../docs/addresses.md").contains(&expected), "docs/addresses.md must contain:\n{expected}");
}

#[test]
fn networks_whose_keys_can_be_replaced_are_those_of_the_documentation() {
    let table = NetworkTable::embedded();
    let main: Vec<&str> = table.iter().filter(|n| n.keys_change() && !n.testnet).map(|n| n.caip2.as_str()).collect();

    let expected = [
        "eip155:8217",
        "tron:0x2b6653dc",
        "xrpl:0",
        "near:mainnet",
        "hedera:mainnet",
        "eip155:295",
        "eip155:397",
        "eip155:888888",
        "eip155:728126428",
    ];
    assert_eq!(main, expected);
}

#[test]
fn broken_classes_and_ledgers_are_refused() {
    let networks = include_str!("../../../seed/networks.json");
    let refused = |from: &str, to: &str| {
        assert!(networks.contains(from), "{from}");
        let names = include_str!("../../../seed/network_names.csv");
        NetworkTable::from_seed(&networks.replacen(from, to, 1), include_str!("../../../seed/evm_chains.csv"), names).is_err()
    };

    assert!(refused(r#""id": "hash160", "number": 3"#, r#""id": "hash160", "number": 2"#));
    assert!(refused(r#""id": "hash160", "number": 3"#, r#""id": "hash160", "number": 1"#));
    assert!(refused(r#""id": "hash160", "number": 3"#, r#""id": "hash160", "number": 100"#));
    assert!(refused(r#""id": "hash160", "number": 3"#, r#""id": "evm", "number": 3"#));
    assert!(refused(r#""class": "evm""#, r#""class": "evn""#));
    assert!(refused(r#""class": "evm", "#, ""));
    assert!(refused(r#""role": "refused", "#, r#""role": "refused", "class": "evm", "#));
    assert!(refused(r#"["slip44:500", "eip155:361"]"#, r#"["slip44:500", "eip155:36100000"]"#));
    assert!(refused(r#"["slip44:500", "eip155:361"]"#, r#"["slip44:500", "eip155:295"]"#));
    assert!(refused(r#""20": "hash160""#, r#""twenty": "hash160""#));
    assert!(refused(r#""second_class": "hash160""#, r#""second_class": "hash16""#));
    // An id of 9 bytes.
    assert!(refused(r#""6d6f646c*0000000000000000""#, r#""6d6f646c*0000000000""#));
    assert!(refused(r#""6d6f646c*0000000000000000""#, r#""6d6f646c*000000000000000z""#));
}
