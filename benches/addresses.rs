//! Measures the reading of one address of each decoding kind on its network, beside the plain decoding crate on the same
//! text; the networks a bare address may lie on; and what a refusal costs. Texts are the examples of `seed/networks.json`.
//! `cargo bench --bench addresses`; figures stand in docs/addresses.md.

#![expect(clippy::expect_used, reason = "a measurement for a developer's terminal, not part of the program")]

use std::hint::black_box;
use std::time::Duration;

use criterion::Criterion;
use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD, Encoding, Specification};
use serde_json::Value;
use sha3::{Digest, Keccak256};
use vasp_addresses::network::{Network, NetworkTable};

/// What a crate makes of a text; the bytes are thrown away, the work is not.
type Plain = fn(&str) -> Option<usize>;

/// A kind, a network and format that have it, and the crate that decodes it, if one of the dependencies does.
type Kind = (&'static str, &'static str, &'static str, Option<(&'static str, Plain)>);

const KINDS: [Kind; 25] = [
    ("hex, lower case", "eip155:1", "evm", Some(("hex", hexadecimal))),
    (EIP55, "eip155:1", "evm", Some(("hex, sha3", eip55))),
    ("base58check", "bip122:000000000019d6689c085ae165831e93", "p2pkh", Some(("bs58", base58check))),
    ("base58check, TRON", "tron:0x2b6653dc", "account", Some(("bs58", base58check))),
    ("base58check, Tezos", "tezos:NetXdQprcVkpaWU", "tz1-ed25519", Some(("bs58", base58check))),
    ("base58, XRP Ledger", "xrpl:0", "classic", Some(("bs58", ripple))),
    ("base58, Solana", "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp", "account", Some(("bs58", base58))),
    ("base58, SS58", "polkadot:91b171bb158e2d3848fa23a9f1c25182", "ss58", Some(("bs58", base58))),
    ("base58, Groestlcoin", "bip122:00000ac5927c594d49cc0bdb81759d0d", "p2pkh", Some(("bs58", base58))),
    ("base58-blocks, Monero", "monero:418015bb9ae982a1975da7d79277c270", "standard", None),
    ("bech32, segwit", "bip122:000000000019d6689c085ae165831e93", "segwit-v0", Some(("bech32", segwit))),
    ("bech32m, segwit", "bip122:000000000019d6689c085ae165831e93", "taproot", Some(("bech32", segwit))),
    ("bech32, Cosmos Hub", "cosmos:cosmoshub-4", "account", Some(("bech32", bech32))),
    ("cashaddr", "bip122:000000000000000000651ef99cb9fcbe", "cashaddr-p2pkh", None),
    ("hex, padded, Sui", "sui:mainnet", "account", Some(("hex", hexadecimal))),
    ("base32, Algorand", "algorand:wGHE2Pwdvd7S12BL5FaOP20EGYesN73k", "account", Some(("data-encoding", base32))),
    ("base32, Stellar", "stellar:pubnet", "account", Some(("data-encoding", base32))),
    ("base64, TON", "tvm:-239", "friendly", Some(("data-encoding", base64))),
    ("nano32", "slip44:165", "account", Some(("data-encoding", nano32))),
    ("c32check, Stacks", "stacks:1", "p2pkh", None),
    ("iban32, Nimiq", "slip44:242", "account", None),
    ("icp-principal", "slip44:223", "principal", None),
    ("filecoin-delegated", "fil:f", "f4-delegated", None),
    ("byron, Cardano", "cip34:1-764824073", "byron", Some(("bs58", base58))),
    ("text, NEAR", "near:mainnet", "named", None),
];

const EIP55: &str = "hex, EIP-55";

fn eip55(text: &str) -> Option<usize> {
    let digits = text.strip_prefix("0x")?;
    let bytes = hex::decode(digits).ok()?;
    let digest = Keccak256::digest(digits.to_ascii_lowercase());
    let nibbles = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let holds = digits.chars().zip(nibbles).all(|(c, nibble)| !c.is_ascii_alphabetic() || c.is_ascii_uppercase() == (nibble > 7));
    holds.then_some(bytes.len())
}

fn base58check(text: &str) -> Option<usize> {
    bs58::decode(text).with_check(None).into_vec().ok().map(|bytes| bytes.len())
}

fn ripple(text: &str) -> Option<usize> {
    bs58::decode(text).with_alphabet(bs58::Alphabet::RIPPLE).with_check(None).into_vec().ok().map(|bytes| bytes.len())
}

fn base58(text: &str) -> Option<usize> {
    bs58::decode(text).into_vec().ok().map(|bytes| bytes.len())
}

fn segwit(text: &str) -> Option<usize> {
    bech32::segwit::decode(text).ok().map(|(_, _, program)| program.len())
}

fn bech32(text: &str) -> Option<usize> {
    bech32::decode(text).ok().map(|(_, bytes)| bytes.len())
}

fn hexadecimal(text: &str) -> Option<usize> {
    hex::decode(text.strip_prefix("0x")?).ok().map(|bytes| bytes.len())
}

fn base32(text: &str) -> Option<usize> {
    BASE32_NOPAD.decode(text.as_bytes()).ok().map(|bytes| bytes.len())
}

fn base64(text: &str) -> Option<usize> {
    BASE64URL_NOPAD.decode(text.as_bytes()).ok().map(|bytes| bytes.len())
}

fn nano32(text: &str) -> Option<usize> {
    static ALPHABET: std::sync::LazyLock<Encoding> = std::sync::LazyLock::new(|| {
        let mut alphabet = Specification::new();
        alphabet.symbols.push_str("13456789abcdefghijkmnopqrstuwxyz");
        alphabet.encoding().expect("32 symbols")
    });
    // 60 digits are 300 bits: as many zero digits in front as make whole bytes of them.
    let padded = format!("1111{}", text.strip_prefix("nano_")?);
    ALPHABET.decode(padded.as_bytes()).ok().map(|bytes| bytes.len())
}

fn example(networks: &Value, caip2: &str, format: &str) -> String {
    let listed = |value: &Value, member: &str| value.get(member).and_then(Value::as_array).cloned().expect("a list");
    let named = |value: &Value, member: &str, text: &str| value.get(member).and_then(Value::as_str) == Some(text);
    let network = listed(networks, "networks").into_iter().find(|one| named(one, "caip2", caip2)).expect("a network");
    let format = listed(&network, "formats").into_iter().find(|one| named(one, "id", format)).expect("a format");
    format.get("example").and_then(Value::as_str).expect("an example").to_owned()
}

/// One character in the middle of a text is another one.
fn mistyped(text: &str) -> String {
    let middle = text.len() / 2;
    text.char_indices().map(|(index, c)| if index == middle { if c == '7' { '6' } else { '7' } } else { c }).collect()
}

fn main() {
    let networks: Value = serde_json::from_str(include_str!("../seed/networks.json")).expect("the seed");
    let table = NetworkTable::embedded();
    let named = |caip2: &str| -> &Network { table.resolve_name(caip2).expect("a network of the table") };
    // Ethereum's example is in lower case, which carries no checksum.
    let canonical = |caip2: &str, text: &str| table.parse_on(named(caip2), text).expect("an address").canonical;
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1_000))
        .configure_from_args();

    for (kind, caip2, format, plain) in KINDS {
        let (network, mut text) = (named(caip2), example(&networks, caip2, format));
        if kind == EIP55 {
            text = canonical(caip2, &text);
        }
        let mut group = criterion.benchmark_group(kind);
        assert!(table.parse_on(network, &text).is_ok_and(|account| *account.format == *format), "{kind}");
        group.bench_function("registry", |b| b.iter(|| table.parse_on(network, black_box(&text))));
        if let Some((crates, decode)) = plain {
            assert!(decode(&text).is_some(), "{kind}");
            group.bench_function(crates, |b| b.iter(|| decode(black_box(&text))));
        }
        group.finish();
    }

    let bare = [("eip155:1", "evm"), ("bip122:000000000019d6689c085ae165831e93", "p2pkh")];
    let mut group = criterion.benchmark_group("candidates");
    for (caip2, format) in bare {
        let text = example(&networks, caip2, format);
        assert!(table.candidates(&text).is_ok(), "{text}");
        group.bench_function(named(caip2).name.as_str(), |b| b.iter(|| table.candidates(black_box(&text))));
    }
    group.finish();

    let mut group = criterion.benchmark_group("mistyped");
    for (caip2, format) in bare.into_iter().chain([("bip122:00000ac5927c594d49cc0bdb81759d0d", "p2pkh")]) {
        let text = mistyped(&canonical(caip2, &example(&networks, caip2, format)));
        assert!(table.parse_on(named(caip2), &text).is_err(), "{text}");
        group.bench_function(named(caip2).name.as_str(), |b| b.iter(|| table.parse_on(named(caip2), black_box(&text))));
    }
    group.finish();
    criterion.final_summary();
}
