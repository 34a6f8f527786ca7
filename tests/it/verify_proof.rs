//! The command `verify-proof`: exit codes and what it prints, on the examples that other implementations signed.

use std::io::Write;
use std::process::{Output, Stdio};

use serde_json::Value;

use crate::support::{assert_refused, command};

const ANSWERED: &str = "2026-06-01T12:05:00Z";

fn example(name: &str) -> String {
    format!("{}/docs/examples/proofs/{name}.json", env!("CARGO_MANIFEST_DIR"))
}

fn verify(file: &str, more: &[&str]) -> Output {
    command(&[&["verify-proof", file][..], more].concat()).output().unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn valid_proof_ends_with_zero_and_says_what_it_shows() {
    let output = verify(&example("bitcoin_segwit_loose"), &["--at", ANSWERED]);

    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        printed(&output),
        "valid: the key of bc1qvn9pk6vklau7qfnnzrj4pv6sc24j8t9u8jp4a3 on bip122:000000000019d6689c085ae165831e93 signed the challenge\n\
         scheme: bitcoin_message\nVASP: vasp_01jx00000000000000000000aa\nasked by: registry.example.org\n\
         open: 2026-06-01T12:00:00Z to 2026-06-01T12:15:00Z, checked at 2026-06-01T12:05:00Z\n\
         nonce: 000102030405060708090a0b0c0d0e0f (that it was used once only its registry knows)\nnote: loose_header\n"
    );
}

#[test]
fn json_verdict_names_account_vasp_and_nonce() {
    let output = verify(&example("eip191"), &["--at", ANSWERED, "--json"]);

    let verdict: Value = serde_json::from_str(&printed(&output)).unwrap();
    let expected = serde_json::json!({
        "verdict": "valid", "scheme": "eip191", "network": "eip155:1", "address": "0xf9b4E9B2471E8105d4798218E839F82a3bb356DF",
        "vasp": "vasp_01jx00000000000000000000aa", "registry": "registry.example.org", "nonce": "000102030405060708090a0b0c0d0e0f",
        "issued": "2026-06-01T12:00:00Z", "expires": "2026-06-01T12:15:00Z", "verified_at": "2026-06-01T12:05:00Z",
        "verifier_version": 1, "notes": [],
    });
    assert_eq!((output.status.code(), verdict), (Some(0), expected));
}

#[test]
fn refused_proof_ends_with_one_and_says_why() {
    let late = verify(&example("eip191"), &["--at", "2026-06-01T12:16:00Z"]);
    let now = verify(&example("eip191"), &["--json"]);

    assert_eq!(late.status.code(), Some(1));
    assert_eq!(printed(&late), "refused: the challenge expired at 2026-06-01T12:15:00Z\ncode: expired_challenge\n");
    let verdict: Value = serde_json::from_str(&printed(&now)).unwrap();
    assert_eq!(
        (now.status.code(), &verdict["verdict"], &verdict["code"]),
        (Some(1), &"refused".into(), &"expired_challenge".into())
    );
}

#[test]
fn proof_comes_from_standard_input() {
    let mut verify = command(&["verify-proof", "-", "--at", ANSWERED]);
    let mut child = verify.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let text = std::fs::read(example("solana_message")).unwrap();
    child.stdin.take().unwrap().write_all(&text).unwrap();

    let output = child.wait_with_output().unwrap();

    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
}

#[test]
fn what_is_no_proof_ends_with_two() {
    let unknown_member = tempfile::NamedTempFile::new().unwrap();
    let text = std::fs::read_to_string(example("eip191")).unwrap().replacen('{', "{\"chain\": 1,", 1);
    std::fs::write(unknown_member.path(), text).unwrap();

    assert_refused(&verify("/nonexistent/proof.json", &[]), "cannot read /nonexistent/proof.json");
    assert_refused(&verify(unknown_member.path().to_str().unwrap(), &[]), "is not a proof object");
    assert_refused(&verify(&example("eip191"), &["--at", "yesterday"]), "not an RFC 3339 time");
}
