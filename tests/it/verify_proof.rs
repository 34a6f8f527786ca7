//! The command `verify proof`: exit codes and what it prints, on the examples that other implementations signed.

use std::io::Write;
use std::process::{Output, Stdio};

use serde_json::Value;

use crate::support::{assert_refused, command};

const ANSWERED: &str = "2026-06-01T12:05:00Z";

fn example(name: &str) -> String {
    format!("{}/docs/examples/proofs/{name}.json", env!("CARGO_MANIFEST_DIR"))
}

fn verify(file: &str, more: &[&str]) -> Output {
    command(&[&["verify", "proof", file][..], more].concat()).output().unwrap()
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
         open from 2026-06-01T12:00:00Z to 2026-06-01T12:15:00Z, checked at 2026-06-01T12:05:00Z\n\
         nonce: 000102030405060708090a0b0c0d0e0f (only its registry knows whether it was used once)\nbound: yes\nnote: loose_header\n"
    );
}

#[test]
fn json_verdict_names_account_vasp_and_nonce() {
    let output = verify(&example("eip191"), &["--at", ANSWERED, "--json"]);

    let verdict: Value = serde_json::from_str(&printed(&output)).unwrap();
    let expected = serde_json::json!({
        "valid": true, "bound": true, "reason": null, "code": null,
        "scheme": "eip191", "network": "eip155:1", "address": "0xf9b4E9B2471E8105d4798218E839F82a3bb356DF",
        "challenge": {
            "vasp": "vasp_01jx00000000000000000000aa", "registry": "registry.example.org", "nonce": "000102030405060708090a0b0c0d0e0f",
            "issued": "2026-06-01T12:00:00Z", "expires": "2026-06-01T12:15:00Z",
        },
        "verified_at": "2026-06-01T12:05:00Z", "verifier_version": 3, "notes": [],
    });
    let expected = serde_json::json!({ "results": [expected] });
    assert_eq!((output.status.code(), verdict), (Some(0), expected));
}

#[test]
fn refused_proof_ends_with_one_and_says_why() {
    let late = verify(&example("eip191"), &["--at", "2026-06-01T12:16:00Z"]);
    let now = verify(&example("eip191"), &["--json"]);

    assert_eq!(late.status.code(), Some(1));
    assert_eq!(printed(&late), "refused: the challenge expired at 2026-06-01T12:15:00Z\ncode: expired_challenge\n");
    let verdict: Value = serde_json::from_str(&printed(&now)).unwrap();
    let verdict = &verdict["results"][0];
    assert_eq!(now.status.code(), Some(1));
    assert_eq!((&verdict["valid"], &verdict["bound"]), (&false.into(), &false.into()));
    assert_eq!(verdict["code"], "expired_challenge");
}

#[test]
fn proof_comes_from_standard_input() {
    let mut verify = command(&["verify", "proof", "-", "--at", ANSWERED]);
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

/// Writes proofs to a file, checks them, and returns the exit code and the verdicts.
fn verdicts(proofs: &Value, more: &[&str]) -> (Option<i32>, Vec<Value>) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), proofs.to_string()).unwrap();
    let output = verify(file.path().to_str().unwrap(), &[&["--json"], more].concat());
    let verdict: Value = serde_json::from_str(&printed(&output)).unwrap();
    (output.status.code(), verdict["results"].as_array().unwrap().clone())
}

#[test]
fn published_vectors_are_checked_one_or_several_and_are_bound_to_nobody() {
    // Source: bitcoin/bips, bip-0322, basic-test-vectors.json; web3.js documentation, `eth.accounts.sign`.
    let bip322 = serde_json::json!({
        "scheme": "bip322-simple", "network": "bip122:000000000019d6689c085ae165831e93", "address": "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l",
        "message": "Hello World",
        "signature": "AkcwRAIgZRfIY3p7/DoVTty6YZbWS71bc5Vct9p9Fia83eRmw2QCICK/ENGfwLtptFluMGs2KsqoNSk89pO7F29zJLUx9a/sASECx/EgAxlkQpQ9hYjgGu6EBCPMVPwVIVJqO4XCsMvViHI=",
    });
    let mut eip191 = serde_json::json!({
        "scheme": "eip191", "network": "eip155:1", "address": "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23", "message_hex": "536f6d652064617461",
        "signature": "0xb91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c",
    });

    let (code, one) = verdicts(&bip322, &["--at", ANSWERED]);
    assert_eq!((code, one.len(), &one[0]["valid"], &one[0]["bound"]), (Some(0), 1, &true.into(), &false.into()), "{one:?}");
    let (code, both) = verdicts(&serde_json::json!([bip322, eip191]), &["--at", ANSWERED]);
    assert_eq!((code, &both[0], &both[1]["valid"]), (Some(0), &one[0], &true.into()), "{both:?}");
    eip191["message_hex"] = "00".into();
    let (code, last_wrong) = verdicts(&serde_json::json!([bip322, eip191]), &["--at", ANSWERED]);
    assert_eq!((code, &last_wrong[0]["valid"], &last_wrong[1]["valid"]), (Some(1), &true.into(), &false.into()));
    assert!(last_wrong[1]["reason"].is_string(), "{last_wrong:?}");
    assert_eq!(verdicts(&serde_json::json!([]), &[]), (Some(0), vec![]));
}

#[test]
fn challenge_is_bound_while_it_is_open_and_to_those_whom_it_names() {
    let mut proof: Value = serde_json::from_slice(&std::fs::read(example("eip191")).unwrap()).unwrap();
    let challenge = proof.as_object_mut().unwrap().remove("challenge").unwrap();
    let answer = |more: &[&str]| verdicts(&serde_json::from_slice(&std::fs::read(example("eip191")).unwrap()).unwrap(), more);
    proof["message"] = challenge;
    let bound = |(_, verdicts): (Option<i32>, Vec<Value>)| (verdicts[0]["valid"] == true, verdicts[0]["bound"] == true);

    let named = ["--at", ANSWERED, "--registry-name", "registry.example.org", "--vasp", "vasp_01jx00000000000000000000aa"];
    assert_eq!(bound(verdicts(&proof, &named)), (true, true));
    assert_eq!(bound(answer(&named)), (true, true));
    for other in [
        ["--at", "2026-06-01T12:16:00Z"],
        ["--registry-name", "other.example.org"],
        ["--vasp", "vasp_01jx00000000000000000000ab"],
    ] {
        let asked = [&["--at", ANSWERED][..], &other].concat();
        let asked = if other[0] == "--at" { &other[..] } else { &asked[..] };
        assert_eq!(bound(verdicts(&proof, asked)), (true, false), "{other:?}");
    }
    assert_eq!(bound(answer(&["--at", ANSWERED, "--registry-name", "other.example.org"])), (true, false));
}

/// One proof that cannot be read does not keep the others from being checked.
#[test]
fn of_several_proofs_an_unreadable_one_is_refused_by_itself() {
    let good: Value = serde_json::from_str(&std::fs::read_to_string(example("eip191")).unwrap()).unwrap();

    let (code, results) = verdicts(&serde_json::json!([{"scheme": "eip191"}, good]), &["--at", ANSWERED]);

    assert_eq!((code, results.len()), (Some(1), 2));
    assert_eq!((&results[0]["valid"], &results[0]["code"]), (&false.into(), &"unreadable".into()));
    assert_eq!(results[1]["valid"], true);
}
