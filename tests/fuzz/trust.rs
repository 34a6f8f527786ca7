//! What a stranger hands to those who check the registry: saved answers with receipts, sets of keys, paths of tiles, names.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use serde_json::{Value, json};
use vasp_log::TilePath;
use vasp_pki::receipt::{
    Given, PublishedKey, PublishedKeys, Receipt, ReceiptCheckpoint, ReceiptSigner, ReceiptVerdict, json_digest, strict_json,
    verify,
};
use vasp_pki::{DataKey, SigningKey};
use vasp_record::issuer::IssuerName;
use vasp_record::signing_key::SigningPurpose;

use crate::target::{Outcome, Target, accepted, examples, read, read_file, refused_file, round_trip, text};

/// The targets of this file.
pub(crate) const TARGETS: &[Target] = &[
    Target { name: "receipt", examples: || vec![answer().to_string().into_bytes()], run: receipt },
    Target { name: "signing keys", examples: || vec![keys().to_json().to_string().into_bytes()], run: signing_keys },
    Target { name: "tile path", examples: || examples(PATHS), run: |input| round_trip::<TilePath>(&text(input)) },
    Target { name: "registry name", examples: || examples(ISSUERS), run: |input| round_trip::<IssuerName>(&text(input)) },
    Target { name: "digest", examples: || vec![answer().to_string().into_bytes(), NUMBERS.to_vec()], run: digest },
];

const PATHS: &[&str] = &["0/000", "entries/x001/x234/067", "63/001.p/255"];
const ISSUERS: &[&str] = &["https://registry.example.org/base", "http://[::1]:8080", "urn:vasp-registry:abc"];
const NUMBERS: &[u8] = br#"{"b":[1,-2,0.5,1.0,9007199254740991,1e21],"a":"\n\u0001","c":{"d":null}}"#;

fn key() -> SigningKey {
    SigningKey::from_seed(&DataKey::generate(&mut ChaCha20Rng::seed_from_u64(1))).unwrap()
}

fn keys() -> PublishedKeys {
    let (key, from) = (key(), "2026-06-01T12:00:00Z".parse().unwrap());
    let purpose = SigningPurpose::Receipt;
    let (id, public_key) = (key.id().to_owned(), *key.public_key());
    PublishedKeys(vec![PublishedKey { id, purpose, public_key, verifier_key: None, from, until: None }])
}

/// A verdict without its receipt.
fn body() -> Value {
    json!({"id": "pre_1", "recommendation": "hold", "environment": null, "directory": {"sequence": 7}, "n": [0.9, 1], "evidence_digest": null})
}

fn answer() -> Value {
    let mut answer = body();
    let receipt = Receipt {
        environment: None,
        iss: "urn:a".to_owned(),
        iat: 1_780_315_200,
        precheck_id: "pre_1".to_owned(),
        request_digest: String::new(),
        verdict_digest: json_digest(&answer.to_string()).unwrap(),
        recommendation: "hold".to_owned(),
        sequence: 7,
        checkpoint: ReceiptCheckpoint { size: 7, root: String::new() },
    };
    answer["receipt"] = json!(ReceiptSigner::new(key()).unwrap().sign(&receipt).unwrap());
    answer
}

/// Whatever is handed in, only what was signed is valid.
fn receipt(input: &[u8]) -> Outcome {
    let text = text(input);
    match verify(Given { verdict: &text, ..Given::default() }, &keys()) {
        Ok(verified) if verified.verdict == ReceiptVerdict::Valid => {
            let mut read = strict_json(&text).unwrap();
            read.as_object_mut().unwrap().remove("receipt");
            assert_eq!(json_digest(&read.to_string()).unwrap(), json_digest(&body().to_string()).unwrap());
            accepted("valid")
        }
        Ok(verified) => {
            assert!(!verified.findings.is_empty(), "it says nothing of what is wrong");
            accepted(verified.verdict.as_str())
        }
        Err(error) => refused_file(&error),
    }
}

fn signing_keys(input: &[u8]) -> Outcome {
    read(PublishedKeys::parse(&text(input)), |keys| {
        let again = PublishedKeys::parse(&keys.to_json().to_string());
        assert_eq!(again.as_ref(), Ok(&keys), "it reads back as other keys");
        accepted(keys.0.len().to_string())
    })
}

/// The digest is that of the canonical text, as a library writes it.
fn digest(input: &[u8]) -> Outcome {
    let text = text(input);
    read_file(json_digest(&text), |digest| {
        let canonical = serde_json_canonicalizer::to_string(&strict_json(&text).unwrap()).unwrap();
        assert_eq!(json_digest(&canonical).unwrap(), digest);
        assert_eq!(json_digest(&format!(" {canonical}\n")).unwrap(), digest);
        accepted("")
    })
}
