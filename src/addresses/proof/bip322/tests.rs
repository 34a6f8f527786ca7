//! Tests with the standard's own vectors.

use super::*;
use serde::Deserialize;

/// Source: bitcoin/bips, bip-0322/basic-test-vectors.json and generated-test-vectors.json, parts `simple` and `full`, all
/// but the two of three keys that add nothing to those of two.
const VECTORS: &str = include_str!("vectors.json");

#[derive(Deserialize)]
struct Vector {
    r#type: String,
    form: String,
    message: String,
    address: String,
    signatures: Vec<String>,
}

/// Returns every signature with its vector.
fn vectors() -> Vec<(Vector, String)> {
    let vectors: Vec<Vector> = serde_json::from_str(VECTORS).unwrap();
    let each = |mut vector: Vector| {
        let signatures = std::mem::take(&mut vector.signatures);
        let (kind, form, message, address) = (vector.r#type, vector.form, vector.message, vector.address);
        signatures.into_iter().map(move |signature| {
            let (r#type, form, message, address) = (kind.clone(), form.clone(), message.clone(), address.clone());
            (Vector { r#type, form, message, address, signatures: Vec::new() }, signature)
        })
    };
    vectors.into_iter().flat_map(each).collect()
}

#[test]
fn published_signatures_hold_and_those_of_other_scripts_do_not_count() {
    let mut held = 0;
    for (vector, signature) in vectors() {
        let result = verify_text(&vector.address, vector.message.as_bytes(), &signature);
        match vector.r#type.as_str() {
            "p2wsh-time-lock" | "p2tr-time-lock" => assert_eq!(result.unwrap_err().code(), "unsupported"),
            kind => {
                let notes = result.unwrap_or_else(|error| panic!("{error}: {kind} {}", vector.address));
                assert_eq!(notes.contains(&Note::SeveralKeys), kind == "p2wsh-multisig", "{kind}");
                assert_eq!(notes.contains(&Note::TimeLocked), vector.form == "full", "{kind}");
                held += 1;
            }
        }
    }
    assert_eq!(held, 14);
}

#[test]
fn published_signatures_hold_for_no_other_message_and_no_other_address() {
    let vectors = vectors();
    for (vector, signature) in &vectors {
        let other = verify_text(&vector.address, b"Wrong message that was not signed", signature);
        assert!(other.is_err(), "{}", vector.address);
        for (another, _) in vectors.iter().filter(|(another, _)| another.address != vector.address) {
            let result = verify_text(&another.address, vector.message.as_bytes(), signature);
            assert!(result.is_err(), "{} {}", vector.address, another.address);
        }
    }
}

#[test]
fn published_errors_are_refused() {
    // Source: basic-test-vectors.json, part `error`.
    let (segwit, taproot) =
        ("bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l", "bc1pyrgrm6cu6n54jrvkdjd9rvyd3xfyu84s2623awu2srn6mxhscwpsm5644w");
    let mismatched = "fulAUDZwFXUp+adN+/UZj5dVrGAbB3zKs1Vcalz5fCF9srxS63eSWNGvH1NYbrBkPt1BJDUyWUz9zgUxfc63/QheT6M";

    for (address, message, signature) in [
        (segwit, "", "not-valid-base64!!!"),
        (segwit, "", ""),
        (segwit, "", "smpAA=="),
        (segwit, "", "fooAA=="),
        (taproot, "incorrect prefix", mismatched),
    ] {
        let code = verify_text(address, message.as_bytes(), signature).unwrap_err().code();
        assert_eq!(code, "malformed_signature", "{signature}");
    }
}

#[test]
fn bytes_behind_a_signature_are_refused() {
    let (vector, signature) = vectors().remove(0);
    let signature = signature.strip_prefix("smp").unwrap();
    let longer = super::super::bytes::to_base64(&[from_base64(signature).unwrap(), vec![0]].concat());

    assert_eq!(verify_text(&vector.address, b"", signature), Ok(Vec::new()));
    assert_eq!(verify_text(&vector.address, b"", &longer).unwrap_err().code(), "malformed_signature");
    assert_eq!(verify_text(&vector.address, b"", &format!("pof{signature}")).unwrap_err().code(), "unsupported");
}
