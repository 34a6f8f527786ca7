//! End-to-end tests of proofs: the examples in `docs/examples/proofs`, which other implementations signed (`scripts/example_proofs.py`),
//! reasons for failure, and checks that no altered proof is accepted.

use std::sync::LazyLock;

use super::*;
use proptest::prelude::*;

const ISSUED: &str = "2026-06-01T12:00:00Z";
const ANSWERED: &str = "2026-06-01T12:05:00Z";

/// Reads one of the examples.
pub(super) fn example(name: &str) -> Proof {
    let path = format!("{}/../../docs/examples/proofs/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))).unwrap()
}

fn check(proof: &Proof) -> Result<VerifiedProof, ProofError> {
    verify(NetworkTable::embedded(), proof, ANSWERED.parse().unwrap())
}

fn code(proof: &Proof) -> &'static str {
    check(proof).unwrap_err().code()
}

#[track_caller]
fn assert_holds(proof: &Proof, notes: &[Note]) {
    let verified =
        check(proof).unwrap_or_else(|error| panic!("{error} {:?}: {}", std::error::Error::source(&error), proof.address));
    assert_eq!((verified.account.canonical.as_str(), verified.notes.as_slice()), (proof.address.as_str(), notes));

    // The same signature is not valid for another nonce.
    let other = Proof { challenge: proof.challenge.replace("Nonce: 00", "Nonce: 01"), ..proof.clone() };
    assert!(matches!(code(&other), "wrong_key" | "wrong_message"), "{}", code(&other));
}

/// Each file of `docs/examples/proofs`, by what is noted of it.
#[test]
fn every_example_holds_and_no_note_is_missing() {
    let by_notes = [
        (
            &[][..],
            "eip191 eip712 bitcoin_uncompressed bitcoin_plain bitcoin_wrapped bitcoin_segwit bip322 litecoin litecoin_segwit",
        ),
        (&[], "dogecoin bitcoin_cash dash solana_message solana_offchain solana_offchain_ledger sui_ed25519 sui_secp256k1"),
        (&[], "sui_secp256r1 cosmos_adr036 cosmos_adr036_ethereum_key cardano_cip8 cardano_cip8_enterprise tezos_ed25519"),
        (&[], "tezos_secp256k1 tezos_p256 cosmos_adr036_kava cosmos_adr036_kava_ethereum_key"),
        (&[Note::LooseHeader], "bitcoin_segwit_loose litecoin_wrapped_loose"),
        (
            &[Note::LedgerMayDiffer],
            "tron_v1 tron_v2 stellar_sep53 algorand_bytes near_nep413 xrpl_secp256k1 xrpl_ed25519 ton_proof",
        ),
    ];

    for (notes, names) in by_notes {
        names.split(' ').for_each(|name| assert_holds(&example(name), notes));
    }
    let named: usize = by_notes.iter().map(|(_, names)| names.split(' ').count()).sum();
    assert_eq!(named, examples().len());
    let legacy = Proof { scheme: Scheme::Bip322, ..example("bitcoin_plain") };
    assert_holds(&legacy, &[]);
}

/// The same proofs as in the tests that use the table, checked by their scheme alone with a given canonical text.
#[test]
fn schemes_whose_address_is_the_key_hold_without_the_table() {
    let table = NetworkTable::embedded();
    let network = table.resolve_name("ethereum").unwrap();
    for name in ["stellar_sep53", "algorand_bytes", "near_nep413", "ton_proof"] {
        let proof = example(name);
        let mut account = table.parse_on(network, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed").unwrap();
        account.canonical.clone_from(&proof.address);
        let own = table.resolve_name(&proof.network).unwrap();
        let notes = |proof: &Proof| {
            let (message, challenge) = (proof.challenge.as_bytes(), Some(proof.challenge.parse().unwrap()));
            Case { table, network: own, account: account.clone(), proof, message, challenge }.examine().map(|(_, _, notes)| notes)
        };

        assert_eq!(notes(&proof), Ok(vec![Note::LedgerMayDiffer]), "{name}");

        let other = Proof { challenge: proof.challenge.replace("Nonce: 00", "Nonce: 01"), ..proof.clone() };
        assert_eq!(notes(&other), Err(ProofError::WrongMessage), "{name}");
    }
}

#[test]
fn a_proof_of_another_version_key_recipient_domain_or_time_does_not_hold() {
    assert_eq!(code(&Proof { scheme: Scheme::TronV1, ..example("tron_v2") }), "wrong_key");
    assert_eq!(code(&Proof { scheme: Scheme::TronV2, ..example("tron_v1") }), "wrong_key");
    let other = Proof { public_key: example("xrpl_ed25519").public_key, ..example("xrpl_secp256k1") };
    assert_eq!(code(&other), "wrong_key");

    let mut recipient = example("near_nep413");
    recipient.near.as_mut().unwrap().recipient = "other.example.org".to_owned();
    let [mut domain, mut early] = [(); 2].map(|()| example("ton_proof"));
    domain.ton.as_mut().unwrap().domain = "other.example.org".to_owned();
    early.ton.as_mut().unwrap().timestamp -= 3600;
    for other in [recipient, domain, early] {
        assert_eq!(code(&other), "challenge_mismatch");
    }
}

/// A proof made with one kind of key must not own the same bytes on networks where they are the hash of another kind.
#[test]
fn a_cosmos_proof_counts_in_the_class_whose_hash_was_checked() {
    let class = |name: &str| {
        let controller = check(&example(name)).unwrap().controller;
        NetworkTable::embedded().class(controller.class).unwrap().id.clone()
    };

    assert_eq!(class("cosmos_adr036"), "hash160");
    assert_eq!(class("cosmos_adr036_ethereum_key"), "evm");
    assert_eq!(class("cosmos_adr036_kava"), "hash160");
    assert_eq!(class("cosmos_adr036_kava_ethereum_key"), "evm");
    assert_eq!(class("eip191"), "evm");
    assert_eq!(class("bitcoin_segwit"), "hash160");
    assert_eq!(class("bitcoin_wrapped"), "hash160", "the nested address follows from the key");
}

/// A proof of the key of `cosmos_adr036` for another chain, or of another kind of key. Source: as the examples (`scripts/example_proofs.py`,
/// `cosmos`).
fn on_chain(network: &str, address: &str, signature: &str) -> Proof {
    let proof = example("cosmos_adr036");
    let challenge = proof.challenge.replace(&proof.address, address).replace("cosmos:cosmoshub-4", network);
    let (network, address, signature) = (network.to_owned(), address.to_owned(), signature.to_owned());
    Proof { network, address, challenge, signature, ..proof }
}

/// The signatures are valid, but the chain has no such keys.
#[test]
fn a_chain_with_one_kind_of_keys_refuses_the_other_kind() {
    for (network, address, signature) in [
        (
            "cosmos:hashed-95094315a9d6cf2a",
            "evmos1lf9hqwql2eqxksmqag9z0gx27upnjmgls3zc6k",
            "XArDAvSpmC+B8Hn32gVZw3lKVBoDyUo4/flEAZfK71cqDCMunx1WZ1cdUWwOs27zgRbEpr7RrHMfwOI7aEFxsg==",
        ),
        (
            "cosmos:cosmoshub-4",
            "cosmos14kak0ur2qtqscl4mc7jj2gysm9k7cnl8q95u2r",
            "oo8ZvY6WKYujd8OFeNW4A90cDElqvkMxVVKYLct1fiJ5XyStTrAJchvtWBv7ksbzEHOyk+TOClUxEjXno3Aicg==",
        ),
    ] {
        let other = on_chain(network, address, signature);
        assert_eq!(code(&other), "wrong_key", "{}", other.address);
    }
}

/// Source: a reader of the table of classes; InjectiveFoundation/injective-core, `injective-chain/app/ante/ante.go`.
#[test]
fn a_chain_with_both_kinds_of_keys_takes_each() {
    let proof = on_chain(
        "cosmos:injective-1",
        "inj1lf9hqwql2eqxksmqag9z0gx27upnjmglceyjjx",
        "F5lUVAYdfARD96jVB1QYebLEuv0g1vwaYs0ZEYiAK0UTcFNAzuJkZtVhVOfgTETFLhS6F2uFP1pgCqKiT6PEJw==",
    );
    let controller = check(&proof).unwrap().controller;
    assert_eq!(NetworkTable::embedded().class(controller.class).unwrap().id, "hash160");
}

#[test]
fn proofs_tell_who_asked_and_until_when() {
    let verified = check(&example("eip191")).unwrap();

    assert_eq!(verified.scheme, Scheme::Eip191);
    assert_eq!(verified.challenge.registry().as_str(), "registry.example.org");
    assert_eq!(verified.challenge.vasp().to_string(), "vasp_01jx00000000000000000000aa");
    assert_eq!(verified.challenge.nonce().to_string(), "000102030405060708090a0b0c0d0e0f");
    assert_eq!(verified.verified_at, ANSWERED.parse().unwrap());
}

#[test]
fn challenges_count_from_their_first_to_their_last_instant() {
    let at =
        |time: &str| verify(NetworkTable::embedded(), &example("eip191"), time.parse().unwrap()).map_err(|error| error.code());

    assert_eq!(at("2026-06-01T11:59:59.999999Z").unwrap_err(), "challenge_not_yet_valid");
    assert!(at(ISSUED).is_ok() && at("2026-06-01T12:15:00Z").is_ok());
    assert_eq!(at("2026-06-01T12:15:00.000001Z").unwrap_err(), "expired_challenge");
}

#[test]
fn refusals_say_what_failed() {
    let proof: Proof = example("eip191");
    let with = |change: fn(&mut Proof)| {
        let mut changed = proof.clone();
        change(&mut changed);
        code(&changed)
    };

    assert_eq!(with(|p| p.network = "eip155:0815".into()), "unknown_network");
    assert_eq!(with(|p| p.network = "eip155:8453".into()), "challenge_mismatch");
    assert_eq!(with(|p| p.address = p.address.replace('B', "b")), "checksum_mismatch");
    assert_eq!(with(|p| p.address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed".into()), "challenge_mismatch");
    assert_eq!(with(|p| p.challenge.push(' ')), "malformed_challenge");
    assert_eq!(with(|p| p.scheme = Scheme::SolanaMessage), "wrong_scheme_for_network");
    assert_eq!(with(|p| p.scheme = Scheme::Eip712), "wrong_key");
    assert_eq!(with(|p| p.signature.truncate(100)), "malformed_signature");
    assert_eq!(with(|p| p.signature.push_str("00")), "unsupported");
    assert_eq!(with(|p| p.public_key = Some("00".into())), "malformed_proof");
    assert_eq!(with(|p| p.signature = "0".repeat(20_001)), "malformed_proof");
    // Another account's signature of the same text.
    let other = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    let claimed = Proof { address: other.into(), challenge: proof.challenge.replace(&proof.address, other), ..proof };
    assert_eq!(code(&claimed), "wrong_key");
}

#[test]
fn header_that_says_less_is_noted_and_one_that_says_something_else_refused() {
    // Found by `no_signature_with_a_bit_turned_holds`: 36 (wrapped segwit) with one bit flipped is 32 (compressed key).
    let proof = example("bitcoin_wrapped");
    let with = |header: u8| {
        let mut bytes = bytes::from_base64(&proof.signature).unwrap();
        bytes[0] = header + (bytes[0] - 27) % 4;
        Proof { signature: bytes::to_base64(&bytes), ..proof.clone() }
    };

    assert_holds(&with(35), &[]);
    assert_holds(&with(31), &[Note::LooseHeader]);
    assert_eq!(code(&with(27)), "wrong_key");
    assert_eq!(code(&with(39)), "wrong_key");
}

#[test]
fn taproot_and_script_addresses_are_sent_to_the_generic_message() {
    let proof: Proof = example("bitcoin_segwit");
    let taproot = "bc1psrgptjwnz4z8gqmt0fd4gkfc04cvhdyngdy4ya436v3zxhrp9dmsd05jqz";
    let claimed = Proof { address: taproot.into(), challenge: proof.challenge.replace(&proof.address, taproot), ..proof };

    assert_eq!(code(&claimed), "unsupported");
}

#[test]
fn proofs_are_kept_whole_and_nothing_else_is_read() {
    let proof: Proof = example("solana_message");
    let json = serde_json::to_string(&proof).unwrap();

    assert_eq!(serde_json::from_str::<Proof>(&json).unwrap(), proof);
    assert!(serde_json::from_str::<Proof>(&json.replacen('{', "{\"chain\":1,", 1)).is_err());
    for scheme in Scheme::ALL {
        assert_eq!(serde_json::to_string(&scheme).unwrap(), format!("\"{scheme}\""));
    }
}

/// Returns every example whose network is in the table.
fn examples() -> &'static [Proof] {
    static EXAMPLES: LazyLock<Vec<Proof>> = LazyLock::new(|| {
        let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/examples/proofs")).unwrap();
        let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let proofs = files.iter().map(|file| example(file.file_stem().unwrap().to_str().unwrap()));
        proofs.filter(|proof| NetworkTable::embedded().resolve_name(&proof.network).is_some()).collect()
    });
    &EXAMPLES
}

/// Flips one bit of a signature and writes it in the same encoding.
fn bent(proof: &Proof, bit: usize) -> String {
    let turn = |mut bytes: Vec<u8>| {
        let bit = bit % (bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        bytes
    };
    let signature = &proof.signature;
    if proof.scheme == Scheme::TezosMicheline {
        let bytes = bs58::decode(signature).with_check(None).into_vec().unwrap();
        return bs58::encode(turn(bytes)).with_check().into_string();
    }
    let (prefix, text) = signature.strip_prefix("smp").map_or(("", signature.as_str()), |text| ("smp", text));
    if let Some(bytes) = bytes::from_hex(text) {
        return hex::encode(turn(bytes));
    }
    match bytes::from_base64(text) {
        // A Solana signature in base 58 has 86 to 88 characters. Mostly it is also valid base 64, but of another length.
        Some(bytes) if bytes.len() >= 65 || text.contains('=') => format!("{prefix}{}", bytes::to_base64(&turn(bytes))),
        _ => bs58::encode(turn(bs58::decode(text).into_vec().unwrap())).into_string(),
    }
}

/// Returns the same signature with the other value of `s`; `None` for a scheme without ECDSA.
fn with_other_s(proof: &Proof) -> Option<Proof> {
    let other = |r_s: &[u8]| {
        let (r, s) = r_s.split_at(32);
        // n - s, where n is the order of the curve.
        let s = if proof.public_key.as_deref().is_some_and(|key| key.starts_with("p2pk"))
            || proof.address == example("sui_secp256r1").address
        {
            (-p256::NonZeroScalar::try_from(s).unwrap()).to_bytes().to_vec()
        } else {
            (-k256::NonZeroScalar::try_from(s).unwrap()).to_bytes().to_vec()
        };
        [r, &s].concat()
    };
    let base64 = || bytes::from_base64(&proof.signature).unwrap();
    let signature = match proof.scheme {
        Scheme::Eip191 | Scheme::Eip712 | Scheme::TronV1 | Scheme::TronV2 => {
            let bytes = bytes::from_hex(&proof.signature).unwrap();
            hex::encode([&other(&bytes[..64])[..], &[55 - bytes[64]]].concat())
        }
        Scheme::BitcoinMessage => {
            let bytes = base64();
            bytes::to_base64(&[&[((bytes[0] - 27) ^ 1) + 27][..], &other(&bytes[1..])].concat())
        }
        Scheme::CosmosAdr036 => bytes::to_base64(&other(&base64())),
        Scheme::SuiMessage if proof.address != example("sui_ed25519").address => {
            let bytes = base64();
            bytes::to_base64(&[&bytes[..1], &other(&bytes[1..65]), &bytes[65..]].concat())
        }
        Scheme::XrplMessage if !proof.public_key.as_deref().unwrap().starts_with("ED") => {
            let signature = k256::ecdsa::Signature::from_der(&bytes::from_hex(&proof.signature).unwrap()).unwrap();
            let other = k256::ecdsa::Signature::from_slice(&other(&signature.to_bytes())).unwrap();
            hex::encode(other.to_der().as_bytes())
        }
        Scheme::TezosMicheline if !proof.signature.starts_with("edsig") => {
            let bytes = bs58::decode(&proof.signature).with_check(None).into_vec().unwrap();
            let (prefix, r_s) = bytes.split_at(bytes.len() - 64);
            bs58::encode([prefix, &other(r_s)].concat()).with_check().into_string()
        }
        _ => return None,
    };
    Some(Proof { signature, ..proof.clone() })
}

#[test]
fn signed_messages_of_bitcoin_hold_with_either_s_and_all_other_ecdsa_with_the_low_one() {
    let (mut either, mut low) = (0, 0);
    for proof in examples() {
        let Some(bent) = with_other_s(proof) else { continue };
        if proof.scheme == Scheme::BitcoinMessage {
            assert_holds(&bent, &check(proof).unwrap().notes);
            either += 1;
        } else {
            assert_eq!(code(&bent), "malformed_signature", "{:?}", proof.scheme);
            low += 1;
        }
        assert_eq!(
            with_other_s(&bent).unwrap().signature.trim_start_matches("0x").to_lowercase(),
            proof.signature.trim_start_matches("0x").to_lowercase()
        );
    }
    assert!(either >= 9 && low >= 10, "{either} {low}");
}

proptest! {
    #[test]
    fn any_signed_message_of_bitcoin_holds_with_either_s(seed in 1_u64.., tail in "[ -~]{0,60}", compressed: bool, high: bool) {
        // Wallets write both: either form gives the address of the key.
        let secret = [&[1; 24][..], &seed.to_be_bytes()].concat();
        let key = k256::ecdsa::SigningKey::from_slice(&secret).unwrap();
        let message = format!("any text {tail}");
        let digest = bytes::sha256d(&[b"\x18Bitcoin Signed Message:\n", &bytes::compact_size(message.len()), message.as_bytes()]);
        let (signature, id) = key.sign_prehash_recoverable(&digest);
        let header = 27 + id.to_byte() + if compressed { 4 } else { 0 };
        let text = bytes::to_base64(&[&[header][..], &signature.to_bytes()].concat());
        let hash = bytes::hash160(key.verifying_key().to_sec1_point(compressed).as_bytes());
        let address = bs58::encode([&[0][..], &hash].concat()).with_check().into_string();
        let low = Proof { scheme: Scheme::BitcoinMessage, network: "bitcoin".into(), address, signature: text, ..example("bitcoin_plain") };
        let proof = if high { with_other_s(&low).unwrap() } else { low };

        let item = serde_json::json!({"scheme": "bip137", "network": "bitcoin", "address": proof.address, "message": message, "signature": proof.signature});
        let read: PublishedProof = serde_json::from_value(item).unwrap();
        prop_assert!(read.verify(NetworkTable::embedded()).is_ok());
    }

    #[test]
    fn no_signature_with_a_bit_turned_holds(index in any::<prop::sample::Index>(), bit in 0_usize..10_000) {
        let proof = index.get(examples());
        let changed = Proof { signature: bent(proof, bit), ..proof.clone() };
        prop_assert!(check(proof).is_ok());
        // The first byte of a Bitcoin message states the address type; Electrum's less specific value is accepted too.
        let header = proof.scheme == Scheme::BitcoinMessage && bit % (65 * 8) < 8;
        prop_assert!(check(&changed).is_err() || header, "{}", changed.signature);
    }

    #[test]
    fn no_challenge_with_a_bit_turned_holds(index in any::<prop::sample::Index>(), place in 0_usize..5000) {
        let proof = index.get(examples());
        let mut text = proof.challenge.clone().into_bytes();
        let place = place % (text.len() * 7);
        text[place / 7] ^= 1 << (place % 7);
        let changed = Proof { challenge: String::from_utf8(text).unwrap(), ..proof.clone() };
        prop_assert!(check(&changed).is_err(), "{}", changed.challenge);
    }

    #[test]
    fn any_signature_is_read_or_refused(index in any::<prop::sample::Index>(), signature in ".{0,200}", key in proptest::option::of(".{0,80}")) {
        let proof = Proof { signature, public_key: key, ..index.get(examples()).clone() };
        prop_assert!(check(&proof).is_err());
    }
}
