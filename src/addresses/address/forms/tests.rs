//! Tests of the forms of a key, with the vectors of the standards.

use std::collections::BTreeSet;

use super::*;
use crate::address::{Account, Format};
use crate::network::{Network, NetworkTable};
use proptest::prelude::*;

fn table() -> &'static NetworkTable {
    NetworkTable::embedded()
}

fn account(network: &str, text: &str) -> Account {
    table().parse(network, text).unwrap_or_else(|error| panic!("{network} {text}: {error}"))
}

/// Whether a claim on one account is about the other, and the other way round, as the index of claims asks it.
fn are_one(one: &Account, other: &Account) -> bool {
    let finds = |asked: &Account, claimed: &Account| {
        asked.controllers.iter().any(|controller| {
            let by = |of: &Account| of.controllers.first() != controller;
            claimed.controllers.iter().any(|of| of == controller)
                && asked.controllers.meet(controller, by(asked) || by(claimed), claimed.network)
        })
    };
    assert_eq!(finds(one, other), finds(other, one), "{} {}", one.canonical, other.canonical);
    finds(one, other)
}

fn are_screened_alike(one: &Account, other: &Account) -> bool {
    let listed: BTreeSet<Controller> = other.controllers.screened().collect();
    one.controllers.screened().any(|controller| listed.contains(&controller))
}

/// Sources: bitcoinjs/bitcoinjs-message, test/fixtures.json (the key of BIP-173's examples); BIP-49, "Test vectors"; BIP-143, "P2SH-P2WPKH" and "P2SH-P2WSH".
#[test]
fn the_nested_form_of_a_key_or_script_is_the_same_account() {
    for (network, one, nested) in [
        ("bitcoin", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN"),
        ("bitcoin", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN"),
    ] {
        let (one, nested) = (account(network, one), account(network, nested));
        assert!(are_one(&one, &nested) && are_screened_alike(&one, &nested), "{network} {}", one.canonical);
    }
    let bitcoin = table().resolve_name("bitcoin").unwrap();
    for (program, script) in [
        ("38971f73930f6c141d977ac4fd4a727c854935b3", "336caa13e08b96080a32b5d818d59b4ab3b36742"),
        ("79091972186c449eb1ded22b78e40d009bdf0089", "4733f37cf4db86fbc2efed2500b4f4e49f312023"),
        ("a16b5755f7f6f96dbd65f5f0d6ab9418b89af4b1f14a1bb8a09062c35f0dcb54", "9993a429037b5d912407a71c252019287b8d27a5"),
    ] {
        let [program, script] = [program, script].map(|text| hex::decode(text).unwrap());
        let program = bitcoin.write_address("segwit-v0", &[0], &program).unwrap();
        let script = bitcoin.write_address("p2sh", &[5], &script).unwrap();
        assert!(are_one(&account("bitcoin", &program), &account("bitcoin", &script)), "{program}");
    }
}

/// The forms of 20 bytes and of 32 bytes that the networks of Bitcoin's kind write.
fn written(network: &Network, bytes: &[u8]) -> Vec<Account> {
    let forms = network.formats.iter().filter(|format| format.receives());
    let classes = |format: &Format| format.classes().any(|class| ["hash160", "script-hash"].contains(&class.id.as_str()));
    let of = |format: &Format| {
        let text = network.write_controller(format.id(), &ControllerBytes::new(bytes))?;
        table().parse_on(network, &text).ok()
    };
    forms.filter(|format| classes(format)).filter_map(of).collect()
}

fn class(id: &str) -> ClassNumber {
    table().classes().find(|class| class.id == id).unwrap().number
}

/// Written again with another library.
fn script_of(program: &[u8]) -> Vec<u8> {
    use bitcoin::hashes::Hash;
    let program = bitcoin::WitnessProgram::new(bitcoin::WitnessVersion::V0, program).unwrap();
    bitcoin::ScriptBuf::new_witness_program(&program).script_hash().to_byte_array().to_vec()
}

/// The networks with scripts as Bitcoin has them, and whether they have SegWit.
fn networks() -> Vec<(&'static Network, bool)> {
    let all = table().iter().filter(|network| network.classes().any(|of| of.id == "script-hash"));
    all.map(|network| (network, network.formats.iter().any(|format| format.id() == "segwit-v0"))).collect()
}

#[test]
fn networks_with_segwit_are_those_with_its_format() {
    let with_forms: Vec<&str> = table().iter().filter(|one| one.forms().is_some()).map(|one| one.name.as_str()).collect();

    let expected: Vec<&str> = networks().into_iter().filter(|(_, has)| *has).map(|(network, _)| network.name.as_str()).collect();
    assert_eq!((with_forms, expected.len()), (expected, 16));
}

#[test]
fn no_account_has_more_than_four_controllers() {
    for (network, text) in crate::address::tests::examples() {
        let Ok(read) = table().parse_on(network, &text) else { continue };
        assert!((1..=4).contains(&read.controllers.iter().count()), "{} {text}", network.name);
        assert!(read.controllers.screened().count() <= 4, "{} {text}", network.name);
        let distinct: BTreeSet<&Controller> = read.controllers.iter().collect();
        assert_eq!(distinct.len(), read.controllers.iter().count(), "{} {text}", network.name);
    }
}

/// Sources: BIP-86, "Test vectors" (first receiving address); SEC 2 (the generator) with its P2PKH addresses in bitcoinjs/bitcoinjs-message and
/// BIP-173, and its Ethereum address in the tests of many wallets.
#[test]
fn what_follows_from_a_key_is_as_published() {
    let forms = |compressed: &str| {
        let key = bitcoin::PublicKey::from_slice(&hex::decode(compressed).unwrap()).unwrap().inner;
        table().forms.of_key(&key.serialize_uncompressed()).collect::<Vec<_>>()
    };
    let first = |network: &str, text: &str| account(network, text).controllers.first().clone();

    let of_one = forms("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
    for (network, text) in [
        ("bitcoin", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"),
        ("bitcoin", "1EHNa6Q4Jz2uvNExL497mE43ikXhwF6kZm"),
        ("eip155:1", "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"),
    ] {
        assert!(of_one.contains(&first(network, text)), "{text}");
    }
    let of_wallet = forms("03cc8a4bc64d897bddc5fbc2f670f7a8ba0b386779106cf1223c6fc5d7cd6fc115");
    assert!(of_wallet.contains(&first("bitcoin", "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr")));
    assert_eq!((of_one.len(), of_wallet.len()), (4, 4));
    assert!(table().forms.of_key(&[4; 65]).count() < 4, "no point of the curve");
}

#[test]
fn the_documentation_shows_the_table() {
    let page = include_str!("../../../../docs/addresses.md");
    for form in &FORMS {
        assert!(page.contains(form.source), "docs/addresses.md must name {}", form.source);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// Every pair of forms of one key or script, on every two networks: one account if the table connects them, otherwise two.
    #[test]
    fn pairs_of_the_table_are_one_and_all_others_two(key in any::<[u8; 20]>(), script in any::<[u8; 32]>(), other in any::<[u8; 20]>()) {
        let (hash160, script_hash) = (class("hash160"), class("script-hash"));
        let all: Vec<(Account, bool, &str)> = networks().into_iter().flat_map(|(network, segwit)| {
            let kinds = [("key", key.to_vec()), ("script", script.to_vec()), ("other", other.to_vec()), ("nested key", script_of(&key)), ("nested script", script_of(&script))];
            kinds.into_iter().flat_map(move |(kind, bytes)| written(network, &bytes).into_iter().map(move |one| (one, segwit, kind)))
        }).collect();
        for (one, one_segwit, kind) in &all {
            for (two, two_segwit, of) in &all {
                let [a, b] = [one, two].map(|account| account.controllers.first());
                // Keys of hash160 and scripts are other accounts, even with equal bytes.
                let of_key = |first: &Controller, kind: &str| first.class == hash160 && kind == "key";
                let nests = |first: &Controller, kind: &str| match kind {
                    "nested key" => first.class == script_hash,
                    "script" => true,
                    _ => false,
                };
                let joined = (of_key(a, kind) && *of == "nested key" && nests(b, of))
                    || (of_key(b, of) && *kind == "nested key" && nests(a, kind))
                    || (*kind == "script" && *of == "nested script" && b.class == script_hash)
                    || (*of == "script" && *kind == "nested script" && a.class == script_hash);
                let same = a == b;
                prop_assert_eq!(are_one(one, two), same || (joined && *one_segwit && *two_segwit), "{} {} {} {}", one.caip2, kind, two.caip2, of);
                prop_assert_eq!(are_screened_alike(one, two), same || joined, "{} {} {} {}", one.caip2, kind, two.caip2, of);
            }
        }
    }
}
