//! Refusals name what the text is, and say which part to send.

use super::tests::written;
use crate::network::NetworkTable;
use crate::subject::read_subject;

/// The code and the sentence of a refusal.
fn refused(network: Option<&str>, text: &str) -> (&'static str, String) {
    let error = read_subject(NetworkTable::embedded(), text, None, network, None).expect_err(text);
    (error.code(), error.to_string())
}

fn code(network: &str, text: &str) -> &'static str {
    refused(Some(network), text).0
}

/// Writes a unified address of items. Source: ZIP-316, "Encoding of Unified Addresses".
fn unified(items: &[(u8, &[u8])]) -> String {
    let item = |(kind, bytes): &(u8, &[u8])| [&[*kind, u8::try_from(bytes.len()).unwrap()], *bytes].concat();
    let mut message: Vec<u8> = items.iter().flat_map(item).collect();
    message.extend(b"u\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    written("zcash", "unified", &[], &f4jumble::f4jumble(&message).unwrap())
}

#[test]
fn unified_addresses_that_zip_316_forbids_are_refused() {
    let (hash, orchard) = ([7; 20], [9; 43]);
    let read = |items: &[(u8, &[u8])]| {
        let read = NetworkTable::embedded().parse("zcash", &unified(items));
        read.map_or_else(|error| (error.code(), error.to_string()), |_| ("accepted", String::new()))
    };

    assert_eq!(read(&[(0, &hash), (3, &orchard)]).0, "accepted");
    assert_eq!(read(&[(1, &hash), (3, &orchard), (200, &hash)]).0, "accepted");
    // Two transparent receivers.
    let (code, sentence) = read(&[(0, &hash), (1, &hash), (3, &orchard)]);
    assert_eq!((code, sentence.contains("P2PKH and a P2SH receiver")), ("wrong_content", true), "{sentence}");
    let (code, sentence) = read(&[(200, &[1; 60])]);
    assert_eq!((code, sentence.contains("of a known type")), ("wrong_content", true), "{sentence}");
    // A doubled receiver, which must not be `wrong_network`.
    let (code, sentence) = read(&[(3, &orchard), (3, &orchard)]);
    assert_eq!((code, sentence.contains("occurs twice")), ("wrong_content", true), "{sentence}");
    assert_eq!(read(&[(0, &hash), (2, &hash)]).0, "wrong_content");
}

#[test]
fn delegated_filecoin_address_around_a_masked_id_is_refused() {
    // FIP-0055: an actor id is written `f0…`. The text: BLAKE2b and base 32 by Python's standard library.
    let masked = "f410f74aaaaaaaaaaaaaaaaaaaaaaaaaaabgssnbv6hy";
    assert_eq!(code("filecoin", masked), "wrong_content");
}

#[test]
fn inner_structure_is_wrong_content_or_wrong_length_and_not_another_network() {
    let x_address = [vec![0; 20], vec![0, 1, 0, 0, 0, 0, 0, 0, 0]].concat();
    let tag_without_flag = written("xrpl:0", "x-address", &[0x05, 0x44], &x_address);
    assert_eq!(code("xrpl:0", &tag_without_flag), "wrong_content");

    let p2sh32 = written("bitcoin-cash", "legacy-p2sh", &[5], &[7; 32]);
    assert_eq!(
        refused(Some("bitcoin-cash"), &p2sh32),
        ("wrong_length", "the length is wrong: 32 bytes of data, expected 20".into())
    );
    let nineteen = written("zcash", "t1-p2pkh", &[0x1c, 0xb8], &[7; 19]);
    assert_eq!(refused(Some("zcash"), &nineteen), ("wrong_length", "the length is wrong: 19 bytes of data, expected 20".into()));

    // SEP-23, "Test cases": claimable balance and liquidity pool.
    let balance = "BAAD6DBUX6J22DMZOHIEZTEQ64CVCHEDRKWZONFEUL5Q26QD7R76RGR4TU";
    assert_eq!(code("stellar", balance), "not_receivable");
    assert_eq!(refused(None, balance).0, "not_receivable");
    assert_eq!(code("stellar", "LA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUPJN"), "not_receivable");
}

#[test]
fn sentences_are_those_of_the_texts_own_format() {
    // `f410f` with 19 bytes: Python's standard library.
    let nineteen = "f410f2oekwcmo2pueydmaq53eic2i62crtbepepqd4";
    assert_eq!(
        refused(Some("filecoin"), nineteen),
        ("wrong_length", "the length is wrong: 19 bytes of data, expected 20".into())
    );
    let (code, sentence) = refused(Some("near"), "alice.");
    assert_eq!(
        (code, sentence.contains("a name of this network"), sentence.contains("hex")),
        ("wrong_content", true, false),
        "{sentence}"
    );
    assert_eq!(refused(Some("near"), "Alice.near").0, "invalid_character");
    let (code, sentence) = refused(Some("stellar"), "bob*stellar.org");
    assert_eq!((code, sentence.contains("federation")), ("name_not_resolved", true), "{sentence}");
    // Source: ICRC-1, "Textual encoding of ICRC-1 accounts", examples.
    let (code, sentence) = refused(
        Some("internet-computer"),
        "k2t6j-2nvnp-4zjm3-25dtz-6xhaa-c7boj-5gayf-oj3xs-i43lp-teztq-6ae-dfxgiyy.102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20",
    );
    assert_eq!(
        (code, sentence.contains("ICRC-1"), sentence.contains("account identifier")),
        ("wrong_content", true, true),
        "{sentence}"
    );
}

#[test]
fn payment_uris_say_which_part_to_send() {
    // Sources: BIP-21, "Examples"; ERC-681, "Examples"; Solana Pay specification; ERC-3770; TON documentation, deep links.
    for (text, send) in [
        ("bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa?amount=20.3&label=Luke-Jr", "the part after `bitcoin:` and before `?`"),
        ("BITCOIN:BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "the part after `BITCOIN:`"),
        ("ethereum:0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359?value=2.014e18", "the part after `ethereum:` and before `?`"),
        ("ethereum:pay-0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359@1", "the part after `ethereum:pay-` and before `@`"),
        (
            "ethereum:0x89205a3a3b2a69de6dbf7f01ed13b2108b2c43e7/transfer?address=0x8e23ee67d1332ad560396262c48ffbb01f93d052&uint256=1",
            "the value of `address`",
        ),
        ("solana:mvines9iiHiQTysrwkJjGf2gb9Ex9jXJX8ns3qwf2kN?amount=1&label=Michael", "the part after `solana:` and before `?`"),
        (
            "ton://transfer/EQCD39VS5jcptHL8vMjEXrzGaRcCVYto7HUn4bpAOg8xqB2N?amount=1",
            "the part after `ton://transfer/` and before `?`",
        ),
        ("rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf?dt=1", "the part before `?`"),
        ("eth:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "the part after `eth:`"),
    ] {
        // The parser of addresses reads no URI; a subject may be one of a standard that `payment_uri` reads.
        let error = NetworkTable::embedded().candidates(text).expect_err(text);
        let sentence = error.to_string();
        assert_eq!((error.code(), sentence.contains(&format!("send only {send}"))), ("payment_uri", true), "{text}: {sentence}");
        let is_read = !text.starts_with("ton:") && !text.starts_with("eth:");
        assert_eq!(read_subject(NetworkTable::embedded(), text, None, None, None).is_ok(), is_read, "{text}");
    }
    assert_eq!(code("eip155:1", "eth:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), "payment_uri");
    // An address with a prefix of its own stays what it is.
    assert_eq!(code("bitcoin-cash", "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6b"), "invalid_character");
    assert_eq!(refused(None, "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6q").0, "checksum_mismatch");
}

#[test]
fn older_forms_of_caip_10_say_what_to_send() {
    for (text, send) in [
        // Source: did:pkh method specification, "Examples"; CAIP-10, "Legacy".
        ("did:pkh:eip155:1:0xb9c5714089478a327f09197987f16f9e5d936e8a", "the part after `did:pkh:`"),
        ("0xab16a96d359ec26a11e2c2b3d8f8b8942d5bfcdb@eip155:1", "the network, `:` and the account"),
    ] {
        let (code, sentence) = refused(None, text);
        assert_eq!((code, sentence.contains(send)), ("wrong_shape", true), "{text}: {sentence}");
    }
}

#[test]
fn invoices_and_names_are_called_so() {
    // Source: BOLT 11, "Examples": a donation of any amount.
    let invoice = "lnbc1pvjluezsp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygspp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdpl2pkx2ctnv5sxxmmwwd5kgetjypeh2ursdae8g6twvus8g6rfwvs8qun0dfjkxaq9qrsgq357wnc5r2ueh7ck6q93dj32dlqnls087fxdwk8qakdyafkq3yap9us6v52vjjsrvywa6rt52cm9r9zqt8r2t7mlcwspyetp5h2tztugp9lfyql";
    for text in [invoice, &invoice.to_ascii_uppercase(), &format!("lightning:{invoice}")] {
        assert_eq!(refused(None, text).0, "lightning_invoice");
        assert_eq!(code("bitcoin", text), "lightning_invoice");
    }
    for name in ["vitalik.eth", "pay.vitalik.eth", "Vitalik.ETH"] {
        assert_eq!(refused(None, name).0, "name_not_resolved", "{name}");
        assert_eq!(code("eip155:1", name), "name_not_resolved", "{name}");
    }
    // On NEAR it is an account, and an invoice with a typing error is no invoice for certain.
    assert!(read_subject(NetworkTable::embedded(), "vitalik.eth", None, Some("near"), None).is_ok());
    assert_ne!(refused(None, &invoice.replace("lnbc1pvjlue", "lnbc1pvjlux")).0, "lightning_invoice");
    assert_eq!(refused(None, "user@example.com").0, "invalid_host");
    // The scheme is certain even if the invoice has a typing error.
    assert_eq!(refused(None, &format!("lightning:{}", invoice.replace("lnbc1pvjlue", "lnbc1pvjlux"))).0, "lightning_invoice");
    assert_eq!(refused(None, "LIGHTNING:LNBC1PVJLUEZ").0, "lightning_invoice");
}

/// Today 43 characters in base 64 were an account of Arweave, and a listed key with one digit more passed.
#[test]
fn long_hex_with_a_prefix_is_an_address_in_hex_or_a_mistyped_one() {
    // Source: OFAC, SDN list (Lazarus Group), with one digit more.
    let longer = "0x098B716B8Aaf21512996dC57EB0615e2383E2f96a";
    assert_eq!(refused(Some("eip155:1"), longer).0, "wrong_length");
    assert_eq!(refused(None, longer).0, "wrong_length");
    let digits = "98B716B8Aaf21512996dC57EB0615e2383E2f96";
    for text in [longer.to_owned(), format!("0X0{digits}a"), format!("xdc{digits}a"), format!("XDC{digits}a")] {
        assert!(NetworkTable::embedded().parse("arweave", &text).is_err(), "{text}");
        assert!(NetworkTable::embedded().parse("near", &text).is_err(), "{text}");
        let read = NetworkTable::embedded().candidates(&text);
        assert!(read.is_err() || text.to_lowercase().starts_with("xdc"), "{text}: {read:?}");
    }
    let upper = NetworkTable::embedded().parse("eip155:50", &format!("XDC0{digits}")).unwrap();
    assert_eq!(upper.canonical.to_lowercase(), format!("0x0{digits}").to_lowercase());
    // XDC's spelling without a zero has 43 characters of base 58.
    assert!(NetworkTable::embedded().parse("solana", "xdc7e5f4552191a69125d5dfcb7b8c2659129395bdf").is_err());
}

/// The hint must name one id, not Ethereum and 713 more. Source of the ids: the seed's `ledgers`.
#[test]
fn a_form_of_the_ledgers_other_id_is_told_with_that_id_alone() {
    for (network, other) in
        [("injective", "eip155:1776"), ("harmony", "eip155:1666600000"), ("iotex", "eip155:4689"), ("tron", "eip155:728126428")]
    {
        let (code, sentence) = refused(Some(network), "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf");
        assert_eq!(
            (code, sentence.contains(other), sentence.contains("eip155:61")),
            ("wrong_network", true, false),
            "{sentence}"
        );
    }
}

#[test]
fn small_slips_are_named() {
    // The example of the seed without its chain.
    let (code, sentence) = refused(None, "avax164klxn22zr2g4q4m3k03zy8skrpgrt36sqm5r4");
    assert_eq!((code, sentence.contains("`X-` (X-Chain) or `P-` (P-Chain)")), ("missing_prefix", true), "{sentence}");
    // A sound text of 20 bytes under the prefix `u`: BIP-350's reference implementation.
    assert_eq!(refused(None, "u1w508d6qejxtdg4y5r3zarvary0c5xw7k7ydh7u").0, "wrong_length");
    let (code, sentence) = refused(Some("hedera"), "0.0.012345");
    assert_eq!((code, sentence.contains("no leading zeros")), ("wrong_content", true), "{sentence}");
    // Source: CashAddr specification, "Test vectors", with the last character changed.
    let (code, sentence) = refused(None, "bchtest:pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyvwc0uz5a");
    assert_eq!((code, sentence.contains("Bitcoin Cash testnet")), ("test_network", true), "{sentence}");
}

#[test]
fn addresses_of_test_networks_are_called_so() {
    for (network, text, name) in [
        // Source: TEP-2: the flag 0x80; Filecoin documentation: `t410f`; zcash-test-vectors' form with the test network's prefix.
        ("ton", "kQCD39VS5jcptHL8vMjEXrzGaRcCVYto7HUn4bpAOg8xqKYH", "the TON test network"),
        ("filecoin", "t410f2oekwcmo2pueydmaq53eic2i62crtbeyuzx2gmy", "Filecoin testnet"),
        (
            "zcash",
            "utest1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0jqgfzyvjz2f389q5j52ev95hz7vp3xgengdfkxuurjw3m8s7nu06qg9pyx3z9ger5sj22fdxy6nj0q4p4ss",
            "Zcash testnet",
        ),
        // Source: BIP-173, "Test vectors", on regtest's prefix; XLS-5d.
        ("xrpl:0", "T719a5UwUCnEs54UsxG9CJYYDhwmFCqkr7wxCcNcfZ6p5GZ", "XRP Ledger testnet"),
    ] {
        for network in [Some(network), None] {
            let (code, sentence) = refused(network, text);
            assert_eq!((code, sentence.contains(name)), ("test_network", true), "{text}: {sentence}");
        }
    }
}
