//! Tests of the addresses of lists: one listed key is found in every spelling, and no listed address is lost.

use super::super::{Hit, ListCoverage, Matched, SanctionedAddress, SanctionsEntry, SanctionsList, ScreeningIndex};
use super::*;
use crate::precheck::ListAddresses;
use proptest::prelude::*;
use std::sync::LazyLock;
use vasp_words::time::Date;

fn today() -> Date {
    "2026-11-26".parse().unwrap()
}

/// A list with one address a person; their numbers are 0, 1, 2 and so on.
fn list(addresses: &[(&str, &str)]) -> ScreeningIndex {
    let entry = |(number, (label, text)): (usize, &(&str, &str))| SanctionsEntry {
        uid: number.to_string(),
        addresses: vec![SanctionedAddress::published(label, text)],
        ..SanctionsEntry::default()
    };
    let entries = addresses.iter().enumerate().map(entry).collect();
    let list = SanctionsList {
        id: "L".into(),
        part_of: None,
        as_of: today(),
        source: "test".into(),
        coverage: ListCoverage::Complete,
        entries,
    };
    ScreeningIndex::newest_on(today(), [list])
}

fn account(network: &str, text: &str) -> Account {
    let table = NetworkTable::embedded();
    table
        .parse_on(table.resolve_name(network).unwrap_or_else(|| panic!("{network}")), text)
        .unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn found(index: &ScreeningIndex, network: &str, text: &str) -> Vec<Hit> {
    index.accounts(&[account(network, text)], today())
}

/// Sources: OFAC's entry 29703 and ZIP 320; BIP 173 and the cash address specification for the key of BIP 173's examples; the others were
/// encoded from the same bytes by the rules of the networks (ZIP 316, EIP-55, FRC-0090, SEP-23) with a program of its own.
#[test]
fn a_listed_key_is_found_in_every_spelling_and_on_every_network_of_its_class() {
    const ZCASH: &str = "t1WSKwCDL1QYRRUrCCknEs5tDLhtGVYu9KM";
    const UNIFIED: &str = "u1vzec6txz3z3glpugxrrn385pspe2wj7p44ld6x4sfca8xcgkkw2ntfu2ezhcrs6lfsf64h6n8chc6g8jhvxgllcxj52ww4tnm4mfw76dfqs7lffm3cf9uf3309wddy5urgx6j0t4gx6";
    const BITCOIN: &str = "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH";
    const ETHEREUM: &str = "0x098B716B8Aaf21512996dC57EB0615e2383E2f96";
    const SOLANA: &str = "42RLPACwZPx3vYYmxSueqsogfynBDqXK298EDsNoyoHi";
    let spellings = [
        ("ZEC", ZCASH, "zec", ZCASH),
        ("ZEC", ZCASH, "zec", "tex138gayp5p6fvy2pnr0qerackn8cq86vptmv2zg0"),
        ("ZEC", ZCASH, "zec", UNIFIED),
        ("XBT", BITCOIN, "bitcoin", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
        ("XBT", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "bitcoin", BITCOIN),
        ("XBT", BITCOIN, "bch", "bitcoincash:qp63uahgrxged4z5jswyt5dn5v3lzsem6cy4spdc2h"),
        ("XBT", BITCOIN, "bitcoin-sv", BITCOIN),
        ("XBT", BITCOIN, "ecash", "ecash:qp63uahgrxged4z5jswyt5dn5v3lzsem6cacy2kzvq"),
        ("XBT", BITCOIN, "litecoin", "LVuDpNCSSj6pQ7t9Pv6d6sUkLKoqDEVUnJ"),
        ("XBT", BITCOIN, "litecoin", "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9"),
        ("ETH", ETHEREUM, "eip155:8453", ETHEREUM),
        ("ETH", ETHEREUM, "tron", "TAqg8TXo8tmpaz7TwHS669Tgt8MPSWgoxB"),
        ("ETH", ETHEREUM, "hedera", ETHEREUM),
        ("ETH", ETHEREUM, "filecoin", "f410fbgfxc24kv4qvckmw3rl6wbqv4i4d4l4wmiujxii"),
        ("ETH", ETHEREUM, "near", "0x098b716b8aaf21512996dc57eb0615e2383e2f96"),
        ("TRX", "TAqg8TXo8tmpaz7TwHS669Tgt8MPSWgoxB", "eip155:1", ETHEREUM),
        ("SOL", SOLANA, "stellar", "GAWPAKAE6LUSEWM5JUEXBIFGYTH4DDQKTXM7K5ZZ6ZDF2BVDRK4YD56Z"),
        ("SOL", SOLANA, "algorand", "FTYCQBHS5ERFTHKNBFYKBJWEZ7AY4CU53H2XOOPWIZOQNI4KXGAXE5ZZ2E"),
        ("SOL", SOLANA, "near", "2cf02804f2e922599d4d0970a0a6c4cfc18e0a9dd9f57739f6465d06a38ab981"),
    ];
    for (label, listed, network, asked) in spellings {
        let hits = found(&list(&[(label, listed)]), network, asked);

        assert_eq!(hits.len(), 1, "{listed} on {network} as {asked}");
        let Matched::Address(account) = &hits[0].matched else { panic!("{hits:?}") };
        assert_eq!((hits[0].listed.as_str(), hits[0].score), (listed, 100));
        assert_eq!(account.address, self::account(network, asked).canonical, "the spelling that was asked about");
    }
}

/// The accounts of the examples of every format of every network, with their texts.
fn examples() -> Vec<(Account, String)> {
    let file: serde_json::Value = serde_json::from_str(include_str!("../../../../seed/networks.json")).unwrap();
    let mut found = vec![];
    for network in file["networks"].as_array().unwrap() {
        let on = NetworkTable::embedded().resolve_name(network["caip2"].as_str().unwrap()).unwrap();
        let texts = network["formats"].as_array().unwrap().iter().filter_map(|format| format["example"].as_str());
        let read = texts.filter_map(|text| Some((NetworkTable::embedded().parse_on(on, text).ok()?, text.to_owned())));
        found.extend(read);
    }
    found
}

/// Listed under one spelling, without a label, and asked under all that the table can write on all networks: a new network cannot forget it.
#[test]
fn every_spelling_that_the_table_can_write_of_a_listed_account_is_found() {
    let (table, examples) = (NetworkTable::embedded(), examples());
    let texts: Vec<(&str, &str)> = examples.iter().map(|(_, text)| ("", text.as_str())).collect();
    let index = list(&texts);
    // All EVM networks read alike; two stand for them.
    let is_asked = |id: &str| !id.starts_with("eip155:") || matches!(id, "eip155:1" | "eip155:8453");
    let networks: Vec<_> = table.iter().filter(|network| is_asked(network.caip2.as_str())).collect();
    let mut compared = 0;
    for (number, (account, text)) in examples.iter().enumerate() {
        let is_found = |asked: &Account| {
            let hits = index.accounts(std::slice::from_ref(asked), today());
            hits.iter().any(|hit| hit.uid == number.to_string() && matches!(hit.matched, Matched::Address(_)))
        };
        assert!(is_found(account), "{} {text}", account.caip2);
        let own: Vec<Controller> = account.controllers.screened().collect();
        for network in &networks {
            for (format, controller) in network.formats.iter().flat_map(|format| own.iter().map(move |one| (format, one))) {
                let written = network.write_controller(format.id(), &controller.bytes);
                let asked = written.and_then(|written| table.parse_on(network, &written).ok());
                let Some(asked) = asked.filter(|asked| asked.controllers.screened().any(|one| own.contains(&one))) else {
                    continue;
                };
                assert!(is_found(&asked), "{} {text}: {} {}", account.caip2, asked.caip2, asked.canonical);
                compared += 1;
            }
        }
    }
    assert!(compared > 5_000, "{compared} spellings");
}

/// Ids are no keys: who has the number on one ledger is nobody on the next. A list that names a family means all its networks.
#[test]
fn an_id_that_a_list_names_for_a_family_counts_on_its_networks_and_nowhere_else() {
    const ID: &str = "0x0000000000000000000000000000000000000005";
    let index = list(&[("ETH", ID)]);

    assert_eq!(found(&index, "eip155:1", ID).len(), 1);
    assert_eq!(found(&index, "eip155:8453", ID).len(), 1);
    assert!(found(&index, "filecoin", "f05").is_empty() && found(&index, "hedera", "0.0.5").is_empty());
}

/// Source of the addresses: OFAC's entries 33854 (XRP), 18647 (XMR), 56360 (SOL).
#[test]
fn a_label_that_is_unknown_or_wrong_hides_no_account() {
    const RIPPLE: &str = "rnXyVQzgxZe7TR1EPzTkGj2jxH4LMJYh66";
    const TRON: &str = "TAqg8TXo8tmpaz7TwHS669Tgt8MPSWgoxB";
    let read = |label: &str, text: &str| {
        let meaning = SanctionedAddress::published(label, text).meaning();
        let networks: Vec<String> = meaning.accounts.into_iter().map(|one| one.account.network).collect();
        (networks, meaning.is_odd)
    };

    assert_eq!(read("XRP", RIPPLE), (vec!["xrpl:0".into()], false));
    assert_eq!(read("TRX", &format!(" {TRON}\n")), (vec!["tron:0x2b6653dc".into()], false), "spaces are none of its characters");
    let (networks, is_odd) = read("XBT", TRON);
    assert!(networks.contains(&"tron:0x2b6653dc".into()) && is_odd, "OFAC's own slip is told to a person: {networks:?}");
    let (networks, is_odd) = read("NEWCOIN", TRON);
    assert!(networks.contains(&"tron:0x2b6653dc".into()) && !is_odd, "{networks:?}");
    assert_eq!(read("", "0x098B716B8Aaf21512996dC57EB0615e2383E2f96"), (vec!["eip155:*".into()], false));
    // A letter that the network does not know, as published: `l` for `1`.
    let slip = "45ezvPejNsKYntjhyyeb7fbfzilsxYQozc5Ffseh8jPGW4JZQQVXykNTfK5uGFiij7Hp3qPv3T5HCR7F3Fnmz2mzE1aKQwo";
    assert_eq!(read("XMR", slip), (vec![], true));
}

/// Sources: EIP-55, "Test Cases"; BIP-21 and ERC-681, "Examples"; did:pkh, "Examples"; CAIP-10.
#[test]
fn a_listed_address_in_a_wrong_spelling_is_found() {
    const ETHEREUM: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    const BITCOIN: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
    let bare = ETHEREUM.trim_start_matches("0x");
    let upper = format!("0X{}", bare.to_ascii_uppercase());
    let spellings = [
        (format!("0X{bare}"), true),
        (upper, true),
        (bare.to_owned(), true),
        (bare.to_ascii_lowercase(), true),
        (ETHEREUM.replace("eAed", "eAeD"), true),
        (format!("eip155:1:{ETHEREUM}"), false),
        (format!("did:pkh:eip155:1:{ETHEREUM}"), false),
        (format!("ethereum:{ETHEREUM}?value=2.014e18"), false),
        (format!("ethereum:pay-{ETHEREUM}@1"), false),
        (format!("eth:{ETHEREUM}"), false),
        (format!("eip155:1:{}", ETHEREUM.replace("eAed", "eAeD")), true),
        (format!("{ETHEREUM}\u{200b}"), false),
        ("\u{feff}\u{a0}0x5aAeb6053F3E94C9\u{200b}b9A09f33669435E7Ef1BeAed \n".to_owned(), false),
    ];
    for (text, is_odd) in spellings {
        for label in ["", "ETH", "USDT"] {
            let index = list(&[(label, &text)]);
            assert_eq!(found(&index, "eip155:1", ETHEREUM).len(), 1, "{label} {text}");
            assert_eq!(index.without_account(0).count(), 0, "{label} {text}");
            assert_eq!(SanctionedAddress::published(label, &text).meaning().is_odd, is_odd, "{label} {text}");
        }
    }
    for text in [
        format!("bitcoin:{BITCOIN}?amount=20.3&label=Luke-Jr"),
        format!("bip122:000000000019d6689c085ae165831e93:{BITCOIN}"),
        format!("\u{2060}{BITCOIN}"),
    ] {
        assert_eq!(found(&list(&[("", &text)]), "bitcoin", BITCOIN).len(), 1, "{text}");
    }
}

/// Sources: OFAC's entries 33854 (XRP) and 25308 (XBT); ERC-681, "Examples".
#[test]
fn a_listed_address_that_is_not_certain_is_told() {
    const BITCOIN: &str = "12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h";
    let lower = BITCOIN.to_ascii_lowercase();
    for text in [
        "rnXyVQzgxZe7TR1EPzTkGj2jxH4LMJYh66:12345",
        "xrpl:rnXyVQzgxZe7TR1EPzTkGj2jxH4LMJYh66?dt=12345",
        "ethereum:0x89205a3a3b2a69de6dbf7f01ed13b2108b2c43e7/transfer?address=0x8e23ee67d1332ad560396262c48ffbb01f93d052&uint256=1",
        lower.as_str(),
    ] {
        let index = list(&[("", text)]);
        assert_eq!(index.without_account(0).count(), 1, "{text}");
        assert_eq!(index.versions_for(&[account("bitcoin", BITCOIN)])[0].addresses, ListAddresses::MayMiss, "{text}");
    }
    let hits = found(&list(&[("XBT", &lower)]), "bitcoin", BITCOIN);
    assert!(matches!(hits.as_slice(), [Hit { matched: Matched::AddressButForCase(_), .. }]), "a person decides: {hits:?}");
}

/// Sources: Hedera's documentation, "long-zero address"; FIP-0055, "masked id".
#[test]
fn an_id_without_a_label_is_the_id_of_every_ledger() {
    let long_zero = list(&[("", "0x0000000000000000000000000000000000000bb8")]);
    assert_eq!(found(&long_zero, "hedera", "0.0.3000").len(), 1);
    assert_eq!(found(&long_zero, "eip155:1", "0x0000000000000000000000000000000000000bb8").len(), 1);
    let masked = list(&[("", "0xff00000000000000000000000000000000000bb8")]);
    assert_eq!(found(&masked, "filecoin", "f03000").len(), 1);
    assert!(found(&masked, "hedera", "0.0.3000").is_empty());
}

/// An asset on many networks is no reason to take a mistyped address for a name that any word could be.
#[test]
fn a_mistyped_address_of_an_asset_is_no_account_name() {
    let mistyped = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5";
    let index = list(&[("USDT", mistyped)]);

    assert_eq!(index.without_account(0).map(|(_, address)| address.text.as_str()).collect::<Vec<_>>(), [mistyped]);
    assert_eq!(found(&index, "near", mistyped).len(), 1, "where that word is an account, it is compared as text");
}

/// An address that no network reads is told, and nobody is cleared by a list that may mean the address.
#[test]
fn a_list_is_partial_for_questions_about_the_networks_that_an_unreadable_address_could_mean() {
    let asked = |index: &ScreeningIndex, network: &str, text: &str| index.versions_for(&[account(network, text)])[0].addresses;
    let monero = "47FVhkRkWgnLs81UBqgY8ui6axAB1627HJjkY2qPnWxMbGfx7387kcY6RzScHgGMQAaH6CBxKXAS4862tS2fhs9BRdmuyav";
    let (bitcoin, tron) = ("1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", "TAqg8TXo8tmpaz7TwHS669Tgt8MPSWgoxB");
    let [of_monero, of_tron, of_any] = ["XMR", "TRX", "NEWCOIN"].map(|label| list(&[(label, "nobody reads this")]));

    assert_eq!(asked(&of_monero, "monero", monero), ListAddresses::MayMiss);
    assert_eq!(asked(&of_monero, "bitcoin", bitcoin), ListAddresses::Read);
    assert_eq!(asked(&of_tron, "tron", tron), ListAddresses::MayMiss);
    assert_eq!(asked(&of_tron, "eip155:728126428", "0x098B716B8Aaf21512996dC57EB0615e2383E2f96"), ListAddresses::MayMiss);
    assert_eq!(asked(&of_tron, "eip155:1", "0x098B716B8Aaf21512996dC57EB0615e2383E2f96"), ListAddresses::Read);
    assert_eq!(asked(&of_any, "bitcoin", bitcoin), ListAddresses::MayMiss);
    assert_eq!(asked(&list(&[("XBT", bitcoin)]), "monero", monero), ListAddresses::Read);
    assert_eq!(of_any.versions_for(&[])[0].addresses, ListAddresses::Read, "nobody asked about an address");
}

static SHIPPED: LazyLock<Vec<SanctionsList>> = LazyLock::new(|| {
    let texts = [
        include_str!("../../../../seed/sanctions.json"),
        include_str!("../../../../seed/sanctions_eu.json"),
        include_str!("../../../../seed/eu_transaction_bans.json"),
    ];
    texts.map(|text| SanctionsList::from_json(text).unwrap()).into()
});

/// Nothing can match an address that has no account and that no index of texts has.
#[test]
fn every_address_of_a_shipped_list_can_be_found() {
    let index = ScreeningIndex::newest_on(today(), SHIPPED.clone());
    for (number, list) in index.lists().iter().enumerate() {
        for entry in &list.entries {
            for address in &entry.addresses {
                let meaning = address.meaning();
                let found = |listed: &super::super::ListedAccount| {
                    let by = |of: Controller| index.controlled_by(of.class, of.bytes.as_bytes(), today());
                    listed.controllers.screened().all(|of| by(of).iter().any(|hit| hit.uid == entry.uid))
                };
                let as_text = || index.without_account(number).any(|(of, text)| (of, text) == (entry, address));
                let can_be_found = if meaning.accounts.is_empty() { as_text() } else { meaning.accounts.iter().all(found) };
                assert!(can_be_found, "{}: {} {}", entry.uid, address.currency, address.text);
                assert!(!meaning.is_odd || meaning.accounts.is_empty(), "{} {}", address.currency, address.text);
            }
        }
    }
}

/// The nested form of each listed key hash, written with another library. Source: BIP-141, "P2WPKH nested in BIP16 P2SH".
#[test]
fn the_nested_form_of_every_listed_bitcoin_key_is_found() {
    use bitcoin::{Address, AddressType, Network, PubkeyHash, ScriptBuf, WPubkeyHash, hashes::Hash};

    let index = ScreeningIndex::newest_on(today(), SHIPPED.clone());
    let listed = index
        .lists()
        .iter()
        .flat_map(|list| &list.entries)
        .flat_map(|entry| entry.addresses.iter().map(|one| (&entry.uid, &one.text)));
    let read =
        listed.filter_map(|(uid, text)| Some((uid, text.parse::<Address<_>>().ok()?.require_network(Network::Bitcoin).ok()?)));
    let mut found_of: HashMap<AddressType, usize> = HashMap::new();
    for (uid, address) in read {
        let kind = address.address_type();
        let hash = match kind {
            Some(AddressType::P2pkh) => address.pubkey_hash().map(PubkeyHash::to_byte_array),
            Some(AddressType::P2wpkh) => {
                address.witness_program().and_then(|program| program.program().as_bytes().try_into().ok())
            }
            _ => None,
        };
        let (Some(kind), Some(hash)) = (kind, hash) else { continue };
        let program = ScriptBuf::new_p2wpkh(&WPubkeyHash::from_byte_array(hash));
        let nested = Address::p2sh(&program, Network::Bitcoin).unwrap().to_string();
        let hits = found(&index, "bitcoin", &nested);
        assert!(hits.iter().any(|hit| &hit.uid == uid && hit.score == 100), "{address} {nested}");
        *found_of.entry(kind).or_default() += 1;
    }
    assert_eq!((found_of[&AddressType::P2pkh], found_of[&AddressType::P2wpkh]), (105, 61), "addresses of entries");
}

/// Sources: bitcoinjs/bitcoinjs-message, test/fixtures.json (the nested form of the key of BIP-173's examples); the same script hash with the
/// versions of the other networks, by Python.
#[test]
fn forms_of_a_key_are_looked_for_on_every_network() {
    const KEY: &str = "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH";
    const NESTED: &str = "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN";
    for (label, listed, network, asked) in [
        ("XBT", KEY, "bitcoin", NESTED),
        ("XBT", KEY, "bitcoin-cash", NESTED),
        ("XBT", NESTED, "bitcoin", KEY),
        ("XBT", NESTED, "bitcoin", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
        ("XBT", NESTED, "dogecoin", "DFpN6QqFfUm3gKNaxN6tNcab1FArL9cZLE"),
        ("XRP", "rBgGZ9tc4him9KBzD8fKFiQz3fSZpaSwMH", "bitcoin", NESTED),
    ] {
        let hits = found(&list(&[(label, listed)]), network, asked);

        assert_eq!(hits.len(), 1, "{listed} on {network} as {asked}");
        assert!(matches!(hits[0].matched, Matched::Address(_)) && hits[0].score == 100);
    }
}

/// Source: the networks and checksums of these ten addresses, which were computed with another program; OFAC, 22 August 2026.
#[test]
fn of_the_shipped_addresses_one_has_no_account() {
    let expected = [
        ("XnPFsRWTaSgiVauosEwQ6dEitGYXgwznz2", "dash"),
        ("t1WSKwCDL1QYRRUrCCknEs5tDLhtGVYu9KM", "zec"),
        ("DFFJhnQNZf8rf67tYnesPu7MuGUpYtzv7Z", "verge"),
        ("DFFJhnQNZf8rf67tYnesPu7MuGUpYtzv7Z", "dogecoin"),
        ("qq3vlashthktqpeppuv7trmw070e3mydgq63zq348v", "bch"),
        ("47FVhkRkWgnLs81UBqgY8ui6axAB1627HJjkY2qPnWxMbGfx7387kcY6RzScHgGMQAaH6CBxKXAS4862tS2fhs9BRdmuyav", "monero"),
        ("49HqitRzdnhYjgTEAhgGpCfsjdTeMbUTU6cyR4JV1R7k2Eej9rGT8JpFiYDa4tZM6RZiFrHmMzgSrhHEqpDYKBe5B2ufNsL", "monero"),
        ("88wRZuGMuC5YQvXpKpeLFHQeZWW28XtGyZCizkqeypTaRcjzNNKVrCg7PpoEeWaj5A7wwbh5M2X9ycXrfUkbeptACsG4bVn", "monero"),
        ("rnXyVQzgxZe7TR1EPzTkGj2jxH4LMJYh66", "xrpl:0"),
        ("bnb136ns6lfw4zs5hg4n85vdthaad7hq5m4gtkgf23", "cosmos:Binance-Chain-Tigris"),
    ];
    let index = ScreeningIndex::newest_on(today(), SHIPPED.clone());
    for (text, network) in expected {
        assert_eq!(found(&index, network, text).len(), 1, "{text}");
    }
    let lists = 0..index.lists().len();
    let unread: Vec<(&str, &str)> = lists
        .flat_map(|list| index.without_account(list))
        .map(|(entry, address)| (entry.uid.as_str(), address.text.get(..8).unwrap()))
        .collect();
    assert_eq!(unread, [("18647", "45ezvPej")]);
}

#[test]
fn every_network_of_a_label_is_in_the_table() {
    for row in include_str!("../../../../seed/list_labels.csv").lines().skip(1) {
        let cells: Vec<&str> = row.splitn(3, ',').collect();
        assert!(super::super::labels().any(|label| label == cells[0]), "{row}");
        for id in cells[1].split_whitespace() {
            let known = |network: &vasp_addresses::network::Network| {
                network.caip2.as_str() == id || id == "eip155:*" && network.family.is_some()
            };
            assert!(NetworkTable::embedded().iter().any(|network| known(network) && may_be_on(cells[0], network)), "{id}");
        }
    }
}

proptest! {
    #[test]
    fn any_published_text_is_read_and_found_without_panic(label in "[A-Z]{0,4}", text in "\\PC*", case_lost in any::<bool>()) {
        let meaning = SanctionedAddress { case_lost, ..SanctionedAddress::published(&label, &text) }.meaning();
        let _ = list(&[(label.as_str(), text.as_str())]);

        prop_assert!(meaning.is_odd || !meaning.accounts.is_empty());
    }
}
