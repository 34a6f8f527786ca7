//! One key is one account, however it is written. The vectors come from the standards and from other projects' tests; where a face of an
//! account has no published vector, the reference implementation in BIP-173's appendix wrote it.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::address::{Account, Format};
use crate::network::{Family, NetworkTable};
use proptest::prelude::*;

const BITCOIN: &str = "bitcoin";

fn table() -> &'static NetworkTable {
    NetworkTable::embedded()
}

fn account(network: &str, text: &str) -> Account {
    table().parse(network, text).unwrap_or_else(|error| panic!("{network} {text}: {error}"))
}

fn controllers(network: &str, text: &str) -> Vec<Controller> {
    account(network, text).controllers.iter().cloned().collect()
}

fn screened(network: &str, text: &str) -> Vec<Controller> {
    account(network, text).controllers.screened().collect()
}

/// Returns the number of a class of the seed.
fn class(id: &str) -> ClassNumber {
    table().classes().find(|class| class.id == id).unwrap().number
}

fn own(network: &str) -> ClassNumber {
    ClassNumber(table().resolve_name(network).unwrap().ledger().0)
}

fn controller(class: ClassNumber, bytes: &str) -> Controller {
    Controller { class, bytes: ControllerBytes::new(&::hex::decode(bytes).unwrap()) }
}

/// Class, controller, and the accounts that have it.
type Faces = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const FACES: &[Faces] = &[
    // Source: the Ethereum and TRON addresses of the private key 1, in the tests of many wallets (hedgehog, tronweb). The other
    // faces: BIP-173's reference implementation.
    (
        "evm",
        "7e5f4552091a69125d5dfcb7b8c2659029395bdf",
        &[
            ("eip155:1", "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"),
            ("eip155:8453", "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"),
            ("tron", "TMVQGm1qAQYVdetCeGRRkTWYYrLXuHK2HC"),
            ("tron", "417e5f4552091a69125d5dfcb7b8c2659029395bdf"),
            ("eip155:728126428", "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"),
            ("ronin", "ronin:7e5f4552091a69125d5dfcb7b8c2659029395bdf"),
            ("eip155:50", "xdc7e5f4552091a69125d5dfcb7b8c2659029395bdf"),
            ("rootstock", "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"),
            ("hedera", "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"),
            ("near", "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"),
            ("filecoin", "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"),
            ("theta", "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"),
            ("vechainthor", "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"),
            ("iotex", "io10e0525sfrf53yh2aljmm3sn9jq5njk7l6jfauj"),
            ("harmony", "one10e0525sfrf53yh2aljmm3sn9jq5njk7ltpz8tw"),
            ("zilliqa", "zil10e0525sfrf53yh2aljmm3sn9jq5njk7lj89rxw"),
            ("injective", "inj10e0525sfrf53yh2aljmm3sn9jq5njk7lwfmzjf"),
            ("kava", "kava10e0525sfrf53yh2aljmm3sn9jq5njk7lc4cmkk"),
            ("evmos", "evmos10e0525sfrf53yh2aljmm3sn9jq5njk7lxpag6e"),
            ("canto", "canto10e0525sfrf53yh2aljmm3sn9jq5njk7lkkdk5e"),
            ("zetachain", "zeta10e0525sfrf53yh2aljmm3sn9jq5njk7ljyzn6p"),
        ],
    ),
    // Source: the first key of BIP-39's test mnemonic, in the tests of apophis-sdk (Injective) and many wallets (Ethereum).
    (
        "evm",
        "9858effd232b4033e47d90003d41ec34ecaeda94",
        &[
            ("eip155:1", "0x9858EfFD232B4033E47d90003D41EC34EcaEda94"),
            ("injective", "inj1npvwllfr9dqr8erajqqr6s0vxnk2ak55re90dz"),
            ("eip155:1776", "0x9858EfFD232B4033E47d90003D41EC34EcaEda94"),
        ],
    ),
    // Source: BIP-173, "Examples" (the key of the private key 1); its P2PKH addresses on the three coins: pycoin's tests.
    (
        "hash160",
        "751e76e8199196d454941c45d1b3a323f1433bd6",
        &[
            (BITCOIN, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
            (BITCOIN, "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"),
            ("bitcoin-sv", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"),
            ("bitcoin-cash", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"),
            ("ecash", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"),
            ("litecoin", "LVuDpNCSSj6pQ7t9Pv6d6sUkLKoqDEVUnJ"),
            ("dogecoin", "DFpN6QqFfUm3gKNaxN6tNcab1FArL9cZLE"),
            ("cosmos", "cosmos1w508d6qejxtdg4y5r3zarvary0c5xw7k6ah60c"),
            ("xrp-ledger", "rBgGZ9tc4him9KBzD8fKFiQz3fSZpaSwMH"),
            ("bitcoin-testnet3", "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx"),
        ],
    ),
    // Source: CashAddr specification, "Examples of address translation"; Cashtab's tests (`etoken:`).
    (
        "script-hash",
        "76a04053bda0a88bda5177b86a15c3b29f559873",
        &[
            (BITCOIN, "3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC"),
            ("bitcoin-cash", "bitcoincash:ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq"),
            ("ecash", "ecash:ppm2qsznhks23z7629mms6s4cwef74vcwv2zrv3l8h"),
            ("litecoin", "3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC"),
        ],
    ),
    // Source: the first key of BIP-39's test mnemonic at m/44'/118'/0'/0/0, in the tests of apophis-sdk (Cosmos Hub, Neutron).
    (
        "hash160",
        "28ff5c6d57d8cfd492b6fb42614536ed648e01fd",
        &[
            ("cosmos", "cosmos19rl4cm2hmr8afy4kldpxz3fka4jguq0auqdal4"),
            ("neutron", "neutron19rl4cm2hmr8afy4kldpxz3fka4jguq0aclyl9j"),
            ("osmosis", "osmo19rl4cm2hmr8afy4kldpxz3fka4jguq0a5m7df8"),
            ("sei", "sei19rl4cm2hmr8afy4kldpxz3fka4jguq0a3vute5"),
            ("cronos-pos", "cro19rl4cm2hmr8afy4kldpxz3fka4jguq0aym9yry"),
        ],
    ),
    // Source: Substrate's development account Alice (subkey, SS58 registry).
    (
        "ss58",
        "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d",
        &[
            ("bittensor", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"),
            ("polkadot", "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5"),
            ("kusama", "HNZata7iMYWmk5RvZRTiAsSDhV8366zq2YGb3tLH5Upf74F"),
        ],
    ),
    // Source: AvalancheGo's documentation (the pre-funded key of local networks), in both chains' form.
    (
        "hash160",
        "3cb7d3842e8cee6a0ebd09f1fe884f6861e1b29c",
        &[
            ("avalanche-x-chain", "X-avax18jma8ppw3nhx5r4ap8clazz0dps7rv5ukulre5"),
            ("avalanche-p-chain", "P-avax18jma8ppw3nhx5r4ap8clazz0dps7rv5ukulre5"),
        ],
    ),
];

#[test]
fn one_key_has_one_controller_on_the_networks_of_its_class() {
    for (id, bytes, accounts) in FACES {
        for (network, text) in *accounts {
            let on = table().resolve_name(network).unwrap();
            let has_form = *id == "hash160" && on.forms().is_some();
            let both = on.second_class().is_some() || has_form;
            let found = controllers(network, text);
            assert_eq!((&found[0], found.len()), (&controller(class(id), bytes), 1 + usize::from(both)), "{network} {text}");
            assert!(screened(network, text).starts_with(&found), "{network} {text}");
        }
    }
}

#[test]
fn ed25519_keys_are_compared_for_screening_only() {
    // Source: RFC 8032, section 7.1, TEST 1: a public key. Its forms: base 58, SEP-23 (with its reference implementation), hex; those of
    // Aeternity and Casper by Python.
    let key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    for (network, text) in [
        ("solana", "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z"),
        ("stellar", "GDLVVGABQKYQVN6VJP7NHSLEA45A5YLS6PNKMIZFV4BBU2HXA5IRVHUR"),
        ("near", key),
        ("algorand", "25NJQAMCWEFLPVKL73J4SZAHHIHOC4XT3KTCGJNPAINGR5YHKENMEF5QTE"),
        ("multiversx", "erd16adfsqvzky9t042tlmfujeq88g8wzuhnm2nzxfd0qgdx3ac82ydqr3ns5u"),
        ("slip44:2017", "GDLVVGABQKYQVN6VJP7NHSLEA45A5YLS6PNKMIZFV4BBU2HXA5IRVHUR"),
        ("aeternity", "ak_2dqvheyJXzEYpywfm8g7TshzLbaXWTwHKQPkh4rYX3Db2B3TPZ"),
        ("iost", "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z"),
        ("casper", "01d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
    ] {
        assert_eq!(screened(network, text), [controller(class("ed25519"), key)], "{network}");
        assert_eq!(controllers(network, text), [controller(own(network), key)], "{network}");
    }
}

#[test]
fn two_ids_of_one_ledger_have_one_number_and_the_account_keeps_the_id_that_was_asked() {
    for (one, other) in [
        ("theta", "eip155:361"),
        ("vechainthor", "eip155:100009"),
        ("injective", "eip155:1776"),
        ("tron", "eip155:728126428"),
        ("hedera", "eip155:295"),
        ("filecoin", "eip155:314"),
        ("near", "eip155:397"),
        ("harmony", "eip155:1666600000"),
        ("iotex", "eip155:4689"),
        ("zilliqa", "eip155:32769"),
        ("evmos", "eip155:9001"),
        ("kava", "eip155:2222"),
        ("canto", "eip155:7700"),
        ("zetachain", "eip155:7000"),
    ] {
        let [one, other] = [one, other].map(|name| table().resolve_name(name).unwrap());
        assert_eq!((one.ledger(), other.ledger()), (one.number, one.number), "{}", other.caip2);
        assert_eq!((one.other_ids(), other.other_ids()), (&[other.caip2.clone()][..], &[one.caip2.clone()][..]));
    }
    let asked = account("eip155:361", "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf");
    assert_eq!(asked.caip10().as_deref(), Some("eip155:361:0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"));
}

/// The account of the private key 1.
const ZERO: &str = "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf";

/// A network and an address.
type Place = (&'static str, &'static str);

const PAIRS: &[(Place, Place)] = &[
    // Source: Litecoin Core, SCRIPT_ADDRESS and SCRIPT_ADDRESS2: one script hash with version 50 and with version 5.
    (("litecoin", "ME4AKqfzRoeU6AyLS8pkxaa9aPJxVqkHyc"), ("litecoin", "37r21xG2Ugo3HfhSLFqR8wKkFgiWSHXimp")),
    // Source: zcash-test-vectors, zip_0320.json, first row.
    (("zcash", "t1V9mnyk5Z5cTNMCkLbaDwSskgJZucTLdgW"), ("zcash", "tex10wur2u9clts5dcpu2vc6qg93uzyj7cca2xm732")),
    // Source: OFAC's list; the second text is the same hash by ZIP 320.
    (("zcash", "t1WSKwCDL1QYRRUrCCknEs5tDLhtGVYu9KM"), ("zcash", "tex138gayp5p6fvy2pnr0qerackn8cq86vptmv2zg0")),
    // Source: CHIP-2022-02 (CashTokens), "Token-aware addresses", and the CashAddr specification's larger test vectors.
    (
        ("bitcoin-cash", "bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2"),
        ("bitcoin-cash", "bitcoincash:zr6m7j9njldwwzlg9v7v53unlr4jkmx6eycnjehshe"),
    ),
    (
        ("bitcoin-cash", "bitcoincash:pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyguug74nh"),
        ("bitcoin-cash", "bitcoincash:rr6m7j9njldwwzlg9v7v53unlr4jkmx6ey0k0ksnvy"),
    ),
    // Source: CashAddr specification; ecashaddrjs' tests and Cashtab's.
    (
        ("ecash", "ecash:qpm2qsznhks23z7629mms6s4cwef74vcwva87rkuu2"),
        ("ecash", "etoken:qpm2qsznhks23z7629mms6s4cwef74vcwvnehpqmca"),
    ),
    (
        ("ecash", "ecash:ppm2qsznhks23z7629mms6s4cwef74vcwv2zrv3l8h"),
        ("ecash", "etoken:ppm2qsznhks23z7629mms6s4cwef74vcwvyu2w8crq"),
    ),
    // Source: HIP-583, "long-zero" addresses: entity 0.0.1234 = 0x4d2.
    (("hedera", "0.0.1234"), ("hedera", "0x00000000000000000000000000000000000004d2")),
    (("hedera", "0.0.1234"), ("eip155:295", "0x00000000000000000000000000000000000004d2")),
    (("hedera", ZERO), ("eip155:295", ZERO)),
    // Source: Filecoin documentation, "Filecoin EVM, address types".
    (("filecoin", "f410f2oekwcmo2pueydmaq53eic2i62crtbeyuzx2gmy"), ("eip155:314", "0xd388ab098ed3e84c0d808776440b48f685198498")),
    (("filecoin", "f410f2oekwcmo2pueydmaq53eic2i62crtbeyuzx2gmy"), ("filecoin", "0xd388ab098ed3e84c0d808776440b48f685198498")),
    // Source: FIP-0055: 0xff, 11 zero bytes and the id.
    (("filecoin", "f01234"), ("eip155:314", "0xff000000000000000000000000000000000004d2")),
    // Source: Harmony's rosetta server, tests; Zilliqa in wallet-core's tests.
    (
        ("harmony", "one1a0x3d6xpmr6f8wsyaxd9v36pytvp48zckswvv9"),
        ("eip155:1666600000", "0xeBCD16e8c1D8f493bA04E99a56474122D81A9c58"),
    ),
    (("zilliqa", "zil10lx2eurx5hexaca0lshdr75czr025cevqu83uz"), ("eip155:32769", "0x7fccacf066a5f26ee3affc2ed1fa9810deaa632c")),
    // BIP-173's reference implementation.
    (("iotex", "io10e0525sfrf53yh2aljmm3sn9jq5njk7l6jfauj"), ("eip155:4689", ZERO)),
    (("evmos", "evmos10e0525sfrf53yh2aljmm3sn9jq5njk7lxpag6e"), ("eip155:9001", ZERO)),
    (("kava", "kava10e0525sfrf53yh2aljmm3sn9jq5njk7lc4cmkk"), ("eip155:2222", ZERO)),
    (("canto", "canto10e0525sfrf53yh2aljmm3sn9jq5njk7lkkdk5e"), ("eip155:7700", ZERO)),
    (("zetachain", "zeta10e0525sfrf53yh2aljmm3sn9jq5njk7ljyzn6p"), ("eip155:7000", ZERO)),
    (("injective", "inj10e0525sfrf53yh2aljmm3sn9jq5njk7lwfmzjf"), ("eip155:1776", ZERO)),
    (("theta", ZERO), ("eip155:361", ZERO)),
    (("vechainthor", ZERO), ("eip155:100009", ZERO)),
    (("tron", "TMVQGm1qAQYVdetCeGRRkTWYYrLXuHK2HC"), ("eip155:728126428", ZERO)),
    // Source: Internet Computer documentation: the anonymous principal and its default account.
    (
        ("internet-computer", "2vxsx-fae"),
        ("internet-computer", "1c7a48ba6a562aa9eaa2481a9049cdf0433b9738c992d698c31d8abf89cadc79"),
    ),
    // Source: Nervos RFC 21, "Examples and demo code": one script as full, short and older full address.
    (
        ("nervos-ckb", "ckb1qzda0cr08m85hc8jlnfp3zer7xulejywt49kt2rr0vthywaa50xwsqdnnw7qkdnnclfkg59uzn8umtfd2kwxceqxwquc4"),
        ("nervos-ckb", "ckb1qyqt8xaupvm8837nv3gtc9x0ekkj64vud3jqfwyw5v"),
    ),
    (
        ("nervos-ckb", "ckb1qyqt8xaupvm8837nv3gtc9x0ekkj64vud3jqfwyw5v"),
        ("nervos-ckb", "ckb1qjda0cr08m85hc8jlnfp3zer7xulejywt49kt2rr0vthywaa50xw3vumhs9nvu786dj9p0q5elx66t24n3kxgj53qks"),
    ),
    (("eip155:50", "xdc7e5f4552091a69125d5dfcb7b8c2659029395bdf"), ("eip155:50", ZERO)),
];

/// What was claimed in one spelling must be found in the other.
#[test]
fn every_pair_of_spellings_is_one_account() {
    for ((network, text), (other_network, other)) in PAIRS {
        assert_eq!(controllers(network, text), controllers(other_network, other), "{text} {other}");
    }
}

/// Source: zcash-test-vectors, unified_address.json, rows 1 and 4 (P2PKH, Sapling, Orchard receivers).
#[test]
fn unified_address_has_the_controller_of_each_receiver() {
    let two = "u1l8xunezsvhq8fgzfl7404m450nwnd76zshscn6nfys7vyz2ywyh4cc5daaq0c7q2su5lqfh23sp7fkf3kt27ve5948mzpfdvckzaect2jtte308mkwlycj2u0eac077wu70vqcetkxf";
    let three = "u1pg2aaph7jp8rpf6yhsza25722sg5fcn3vaca6ze27hqjw7jvvhhuxkpcg0ge9xh6drsgdkda8qjq5chpehkcpxf87rnjryjqwymdheptpvnljqqrjqzjwkc2ma6hcq666kgwfytxwac8eyex6ndgr6ezte66706e3vaqrd25dzvzkc69kw0jgywtd0cmq52q5lkw6uh7hyvzjse8ksx";
    let sapling = "d8ef8293d26de832e7193f296ba1922d90f122c6135bc231eebd91efdb03b1a8606771cd4fd6480574d43e";

    assert_eq!(
        controllers("zcash", two),
        [controller(class("hash160"), "7bb83570b8fae146e03c5331a020b1e0892f631d"), controller(own("zcash"), sapling)]
    );
    assert_eq!(controllers("zcash", two)[..1], controllers("zcash", "t1V9mnyk5Z5cTNMCkLbaDwSskgJZucTLdgW"));
    let address = table().resolve_name("zcash").unwrap().write_address("sapling", &[], &::hex::decode(sapling).unwrap());
    assert_eq!(controllers("zcash", two)[1..], controllers("zcash", &address.unwrap()));
    let orchard = "03cecbe5e689a453a3fe10ccf7617e6c1fb382819d7fc9200a1f42092ac84a30378f8c1fb90dff71a6d5042d";
    assert_eq!(controllers("zcash", three).len(), 3);
    assert_eq!(controllers("zcash", three)[2], controller(own("zcash"), orchard));
}

#[test]
fn other_controllers_follow_from_the_account_in_the_index() {
    for (network, text) in crate::address::tests::examples() {
        let Ok(read) = table().parse_on(network, &text) else { continue };
        let all: Vec<Controller> = read.controllers.iter().cloned().collect();
        // No claim is stored under a form that follows from its address.
        let stored = if network.forms().is_some() { &all[..1] } else { &all[..] };
        for stored in stored {
            let others: Vec<Controller> = all.iter().filter(|one| *one != stored).cloned().collect();
            let stored = (stored.class, stored.bytes.as_bytes());
            assert_eq!(table().other_controllers(read.network, read.key.as_bytes(), stored), others, "{text}");
        }
        assert_eq!(table().controllers_of(read.network, &read.key), Some(read.controllers), "{text}");
    }
    let family = table().parse_on_family(Family::Eip155, ZERO).unwrap();
    assert_eq!(table().controllers_of(family.network, &family.key), Some(family.controllers));
    assert_eq!(
        table().other_controllers(table().resolve_name("zcash").unwrap().number, b"no address", (class("hash160"), b"")),
        []
    );
}

/// Source: CIP-19, "Test vectors": one payment credential in types 0, 4 and 6; one script in 1, 5 and 7.
#[test]
fn cardano_is_controlled_by_the_payment_credential() {
    let key = [
        "addr1qx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer3n0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgse35a3x",
        "addr1yx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzerkr0vd4msrxnuwnccdxlhdjar77j6lg0wypcc9uar5d2shs2z78ve",
        "addr1gx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer5pnz75xxcrzqf96k",
        "addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8",
    ];
    let script = [
        "addr1z8phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gten0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgs9yc0hh",
        "addr128phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gtupnz75xxcrtw79hu",
        "addr1w8phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gtcyjy7wx",
    ];
    for (texts, bytes) in [
        (&key[..], "009493315cd92eb5d8c4304e67b7e16ae36d61d34502694657811a2c8e"),
        (&script[..], "10c37b1b5dc0669f1d3c61a6fddb2e8fde96be87b881c60bce8e8d542f"),
    ] {
        for text in texts {
            assert_eq!(controllers("cardano", text), [controller(own("cardano"), bytes)], "{text}");
        }
    }
    let byron = "Ae2tdPwUPEZFRbyhz3cpfC2CumGzNkFBN2L42rcUc2yjQpEkxDbkPodpMAi";
    assert_eq!(controllers("cardano", byron)[0].bytes.as_bytes(), byron.as_bytes());
}

/// A Kava key is of Ethereum's kind or of Cosmos'; the address does not tell which. Source: wallet-core, KavaTests (a key of Cosmos' kind);
/// the other faces by BIP-173's reference implementation.
#[test]
fn ledgers_with_two_kinds_of_keys_are_looked_up_by_both() {
    let bytes = "924bdec8bb20c509ec2d1f96ece27d4ac5bb715b";
    let both = [controller(class("evm"), bytes), controller(class("hash160"), bytes)];
    let hex = format!("0x{bytes}");

    assert_eq!(controllers("kava", "kava1jf9aaj9myrzsnmpdr7twecnaftzmku2mdpy2a7"), both);
    for network in ["eip155:2222", "eip155:7000", "eip155:7700", "eip155:1776"] {
        assert_eq!(controllers(network, &hex), both, "{network}");
        assert_eq!(screened(network, &hex), both, "{network}");
    }
    for network in ["eip155:1", "eip155:9001"] {
        assert_eq!(controllers(network, &hex), both[..1], "{network}");
    }
    for (network, key) in [
        ("kava", "kava1w508d6qejxtdg4y5r3zarvary0c5xw7kxgr8el"),
        ("zetachain", "zeta1w508d6qejxtdg4y5r3zarvary0c5xw7kvee04g"),
        ("canto", "canto1w508d6qejxtdg4y5r3zarvary0c5xw7kgtk2ms"),
        ("injective", "inj1w508d6qejxtdg4y5r3zarvary0c5xw7ks5q7aq"),
    ] {
        assert_eq!(
            controllers(network, key)[1..],
            controllers("cosmos", "cosmos1w508d6qejxtdg4y5r3zarvary0c5xw7k6ah60c"),
            "{network}"
        );
    }
    let evmos = controllers("evmos", "evmos1w508d6qejxtdg4y5r3zarvary0c5xw7kcux54s");
    assert_eq!(evmos, controllers("eip155:1", "0x751e76e8199196d454941c45d1b3a323f1433bd6"));
    // Ids have no key of either kind.
    let precompile = "0x0000000000000000000000000000000000000001";
    assert_eq!(controllers("eip155:2222", precompile).len(), 1);
}

#[test]
fn ids_are_no_keys_and_stay_on_their_ledger() {
    // Ethereum's precompiles (EIP-1352), Hedera's long-zero form, Filecoin's masked ids; and names.
    let precompile = "0x000000000000000000000000000000000000ffff";
    assert_eq!(controllers("eip155:1", precompile)[0].class, own("eip155:1"));
    assert_eq!(controllers("eip155:10", precompile)[0].class, own("eip155:10"));
    assert_eq!(controllers("eip155:1", "0x0000000000000000000000000000000000010000")[0].class, class("evm"));
    // System contracts, with another meaning or operator on each network. Sources: OP Stack specification, Predeploys (the vault of the
    // sequencer's fees); Arbitrum, ArbOS; Scroll; Substrate's treasury (`modl`, `py/trsry`) as 20 bytes.
    for text in [
        "0x00000000000000000000000000000000000a4b05",
        "0x4200000000000000000000000000000000000011",
        "0x5300000000000000000000000000000000000000",
        "0xa4b000000000000000000073657175656e636572",
        "0x6d6f646c70792f74727372790000000000000000",
    ] {
        for network in ["eip155:1", "eip155:8453", "eip155:57073"] {
            assert_eq!(controllers(network, text)[0].class, own(network), "{network} {text}");
        }
    }
    // A key whose bytes only begin like those of a module keeps its class: one can be found by some 2^32 tries.
    assert_eq!(controllers("eip155:1284", "0x6d6f646c00000000000000000000000000000001")[0].class, class("evm"));
    assert_eq!(controllers("polkadot", "13UVJyLQ4NawbBmqUBxSsxBS6rtMDtpz6xfdKEvmZayHBBVt")[0].class, class("ss58"));
    // The account of the module `distribution`, which holds another community's money on each chain.
    assert_eq!(controllers("cosmos", "cosmos1jv65s3grqf6v6jl3dp4t6c9t9rk99cd88lyufl")[0].class, own("cosmos"));
    assert_eq!(controllers("osmosis", "osmo1jv65s3grqf6v6jl3dp4t6c9t9rk99cd80yhvld")[0].class, own("osmosis"));
    for network in ["eip155:2222", "eip155:9001", "eip155:1"] {
        let module = "0x93354845030274cd4bf1686abd60ab28ec52e1a7";
        assert_eq!(controllers(network, module).iter().map(|one| one.class).collect::<Vec<_>>(), [own(network)], "{network}");
    }

    let long_zero = "0x0000000000000000000000000000000000100000";
    assert_eq!(controllers("eip155:295", long_zero)[0].class, own("hedera"));
    assert_eq!(controllers("eip155:1", long_zero)[0].class, class("evm"));
    let masked = "0xff00000000000000000000000000000000000001";
    assert_eq!(controllers("eip155:314", masked)[0].class, own("filecoin"));
    assert_eq!(controllers("eip155:1", masked)[0].class, own("eip155:1"));

    for name in ["eos", "wax", "hive", "near", "iost"] {
        assert_eq!(controllers(name, "exchange1"), [Controller { class: own(name), bytes: ControllerBytes::new(b"exchange1") }]);
    }
}

/// Each text is the example of the seed.
#[test]
fn networks_that_only_look_alike_are_not_joined() {
    let examples = crate::address::tests::examples();
    let classes_of = |name: &str| {
        let network = table().resolve_name(name).unwrap();
        let texts = examples.iter().filter(|(of, _)| of.number == network.number);
        let read = texts.filter_map(|(_, text)| table().parse(name, text).ok());
        read.flat_map(|account| account.controllers.iter().map(|one| one.class).collect::<Vec<_>>()).collect::<BTreeSet<_>>()
    };
    for name in ["conflux-core", "icon", "aion", "decred", "ton", "neo-n3"] {
        assert_eq!(classes_of(name), BTreeSet::from([own(name)]), "{name}");
    }
    for (name, id) in [("sei", "hash160"), ("cronos-pos", "hash160"), ("avalanche-x-chain", "hash160"), ("sei-evm", "evm")] {
        assert_eq!(classes_of(name), BTreeSet::from([class(id)]), "{name}");
    }
    // Contracts of 32 bytes are numbered alike on every chain.
    let contract = "osmo14hj2tavq8fpesdwxxcu44rty3hh90vhujrvcmstl4zr3txmfvw9sq2r9g9";
    assert_eq!(controllers("osmosis", contract)[0].class, own("osmosis"));
    // Later witness versions. Source: BIP-350.
    assert_eq!(controllers(BITCOIN, "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs")[0].class, own(BITCOIN));
}

/// One key or script on two ledgers. Sources: c32check, README (`c32ToB58`); BIP-350 and its reference implementation; the others are one
/// payload under two versions, by Python.
#[test]
fn one_key_has_one_controller_under_other_prefixes() {
    for ((network, text), (other_network, other), id) in [
        (("stacks", "SP2J6ZY48GV1EZ5V2V5RB9MP66SW86PYKKNRV9EJ7"), (BITCOIN, "1FzTxL9Mxnm2fdmnQEArfhzJHevwbvcH6d"), "hash160"),
        (
            (BITCOIN, "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"),
            ("litecoin", "ltc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqpj6zg2"),
            "taproot",
        ),
        (
            ("neo-legacy-n2", "AcxuqWhTureEQGeJgbmtSWNAtssjMLU7pb"),
            ("ontology", "AcxuqWhTureEQGeJgbmtSWNAtssjMLU7pb"),
            "neo-script",
        ),
        (("firo", "EXXR93ZYdE5bWcSpkEu9vW5Usv5wUqgFqiSi"), (BITCOIN, "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"), "hash160"),
        (("nuls", "NULSd6Hgb53vAd7ZMoA2E17DUTT4C1nGrJVpn"), (BITCOIN, "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"), "hash160"),
        (("horizen", "t1V9mnyk5Z5cTNMCkLbaDwSskgJZucTLdgW"), ("zcash", "t1V9mnyk5Z5cTNMCkLbaDwSskgJZucTLdgW"), "hash160"),
    ] {
        assert_eq!(controllers(network, text)[0], controllers(other_network, other)[0], "{text} {other}");
        assert_eq!(controllers(network, text)[0].class, class(id), "{text}");
    }
}

/// Sources: polkadot-js, the treasury's account (`modl`, `py/trsry`) and the sovereign account of chain 2000 (`para`, 2000), written by SS58;
/// eos-evm-contract.
#[test]
fn accounts_of_modules_and_of_names_stay_on_their_ledger() {
    for (network, text) in [
        ("polkadot", "13UVJyLnbVp9RBZYFwFGyDvVd1y27Tt8tkntv6Q7JVPhFsTB"),
        ("polkadot", "13YMK2eYoAvStnzReuxBjMrAvPXmmdsURwZvc62PrdXimbNy"),
    ] {
        assert_eq!(controllers(network, text)[0].class, own(network), "{text}");
    }
    let reserved = "0xbbbbbbbbbbbbbbbbbbbbbbbb5530ea015b900000";
    for network in ["eip155:17777", "eip155:15557", "eip155:7200", "eip155:839999", "eip155:19991", "eip155:18881"] {
        assert_eq!(controllers(network, reserved)[0].class, own(network), "{network}");
    }
    assert_eq!(controllers("eip155:1", reserved)[0].class, own("eip155:1"));
}

#[test]
fn proofs_travel_only_between_keys_that_stay() {
    let travels = |name: &str, id: &str| table().proof_travels(table().resolve_name(name).unwrap(), class(id));

    for name in ["eip155:1", "eip155:8453", "theta", "filecoin", "injective", "ronin"] {
        assert!(travels(name, "evm"), "{name}");
    }
    for name in ["tron", "eip155:728126428", "hedera", "eip155:295", "eip155:8217", "near", "eip155:397", "eip155:888888"] {
        assert!(!travels(name, "evm"), "{name}");
    }
    assert!(
        travels(BITCOIN, "hash160")
            && travels("cosmos", "hash160")
            && !travels("xrp-ledger", "hash160")
            && travels("polkadot", "ss58")
    );
    assert!(!travels(BITCOIN, "script-hash") && !travels("solana", "ed25519"));
    assert!(!table().proof_travels(table().resolve_name("ton").unwrap(), own("ton")));
}

#[test]
fn a_family_has_the_class_of_its_networks() {
    let family = |text: &str| table().parse_on_family(Family::Eip155, text).unwrap().controllers;
    let key = "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf";

    assert_eq!(family(key), account("eip155:8453", key).controllers);
    let precompile = family("0x0000000000000000000000000000000000000001");
    assert_eq!(precompile.iter().next().unwrap().class, ClassNumber(Family::Eip155.number().0));
}

#[test]
fn controller_of_twenty_bytes_costs_no_more() {
    for (network, text) in
        [("eip155:1", "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"), (BITCOIN, "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH")]
    {
        assert_eq!(controllers(network, text)[0].bytes.as_bytes().len(), 20);
    }
}

/// All spellings that a network's formats write of one payload, with the format that wrote them.
fn spellings<'a>(network: &'a Network, payload: &[u8]) -> Vec<(&'a Format, String)> {
    let versions = |format: &'a Format| format.frame.versions.iter().map(move |version| (format, version));
    let written = |(format, version): (&'a Format, &'a Vec<u8>)| {
        let text = format.write(version, payload)?;
        table().parse_on(network, &text).is_ok().then_some((format, text))
    };
    let writes = |format: &&Format| !format.is_refused() && format.frame.lengths.allow(payload.len());
    network.formats.iter().filter(writes).flat_map(versions).filter_map(written).collect()
}

/// The lengths of payloads that formats have.
const LENGTHS: [usize; 11] = [8, 20, 21, 28, 31, 32, 33, 48, 56, 64, 66];

/// One network of each group with equal formats.
fn networks_of_each_kind() -> impl Iterator<Item = &'static Network> {
    table().groups.iter().filter_map(|group| group.members.first()).map(|(_, network)| network.as_ref())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// Generated from the table: a new network cannot forget it.
    #[test]
    fn spellings_with_one_canonical_form_have_the_same_controllers(payload in prop::collection::vec(any::<u8>(), 66)) {
        for network in networks_of_each_kind() {
            for length in LENGTHS {
                let mut by_canonical = BTreeMap::new();
                for (format, text) in spellings(network, &payload[..length]) {
                    let upper = text.to_ascii_uppercase();
                    for text in [&text, &upper] {
                        let Ok(read) = table().parse_on(network, text) else { continue };
                        let again = table().parse_on(network, &read.canonical).unwrap();
                        prop_assert_eq!(&again.controllers, &read.controllers, "{} {}", network.caip2, text);
                        let first = by_canonical.entry(read.canonical.clone()).or_insert_with(|| read.controllers.clone());
                        prop_assert_eq!(&*first, &read.controllers, "{} {} {}", network.caip2, format.id(), text);
                    }
                }
            }
        }
    }

    /// The other way round: accounts with one controller on one network are one account; only these networks spell it in two ways.
    #[test]
    fn other_accounts_have_other_controllers(payload in prop::collection::vec(any::<u8>(), 66)) {
        // P2PKH and P2WPKH (and `tex1`) of one key; Litecoin's and others' two script versions; Filecoin's two forms; a Cardano credential.
        let two_forms = |id: &str| ["p2pkh", "p2sh", "segwit-v0", "tex", "evm", "delegated"].iter().any(|part| id.contains(part));
        for network in networks_of_each_kind() {
            for length in LENGTHS {
                let mut by_controller: BTreeMap<Controller, (&str, String)> = BTreeMap::new();
                for (format, text) in spellings(network, &payload[..length]) {
                    let read = table().parse_on(network, &text).unwrap();
                    let first = by_controller.entry(read.controllers.first.clone());
                    let (id, canonical) = first.or_insert_with(|| (format.id(), read.canonical.clone()));
                    let one = *canonical == read.canonical || (two_forms(id) && two_forms(format.id())) || [28, 56].contains(&length);
                    prop_assert!(one, "{} {} {} {}", network.caip2, id, canonical, text);
                }
            }
        }
    }
}

#[test]
fn canonical_text_is_written_again_from_the_controller_or_must_be_kept() {
    let mut kept = BTreeSet::new();
    for (network, text) in crate::address::tests::examples() {
        let Ok(read) = table().parse_on(network, &text) else { continue };
        match network.write_controller(&read.format, &read.controllers.first.bytes) {
            Some(written) => assert_eq!(written, read.canonical, "{}", network.name),
            None => assert!(kept.insert((network.name.as_str(), read.format.to_string()))),
        }
    }
    let named: Vec<(&str, &str)> = kept.iter().map(|(name, format)| (*name, format.as_str())).collect();
    assert_eq!(
        named,
        [
            ("Cardano", "base"),
            ("Cardano", "enterprise"),
            ("Cardano", "pointer"),
            ("Everscale", "friendly"),
            ("Everscale", "raw"),
            ("Filecoin", "f0-id"),
            ("Filecoin", "f4-delegated"),
            ("Hedera", "entity-id"),
            ("Internet Computer", "principal"),
            ("Nervos CKB", "full"),
            ("Nervos CKB", "full-deprecated"),
            ("Nervos CKB", "short-deprecated"),
            ("TON", "friendly"),
            ("TON", "raw"),
            ("Zcash", "unified"),
        ]
    );
}

#[test]
fn every_class_has_members_and_a_source() {
    for class in table().classes() {
        let members = table().iter().filter(|network| network.classes().any(|of| of.number == class.number)).count();
        assert!(members > 1 && !class.source.is_empty() && !class.controls.is_empty(), "{}", class.id);
        assert!((2..100).contains(&class.number.0), "{}", class.id);
    }
}
