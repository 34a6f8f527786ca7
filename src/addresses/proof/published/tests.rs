//! Tests of published vectors in the published form, and of refusals.

use super::*;
use serde_json::{Value, json};

fn check(item: Value) -> Result<VerifiedText, ProofError> {
    serde_json::from_value::<PublishedProof>(item).unwrap().verify(NetworkTable::embedded())
}

#[track_caller]
fn assert_holds(item: Value) {
    check(item.clone()).unwrap_or_else(|error| panic!("{error}: {item}"));
    for other in [json!({"message": "another message", "message_hex": null}), json!({"message": null, "message_hex": "00"})] {
        let mut changed = item.clone();
        changed.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
        assert!(check(changed.clone()).is_err(), "{changed}");
    }
}

#[test]
fn generic_messages_of_bitcoin_hold_by_the_form_that_is_named() {
    // Source: bitcoin/bips, bip-0322, test vectors; see `bip322::tests`.
    let vectors: Vec<Value> = serde_json::from_str(include_str!("../bip322/vectors.json")).unwrap();
    let mut held = 0;
    for vector in vectors.iter().filter(|vector| !vector["type"].as_str().unwrap().ends_with("time-lock")) {
        for signature in vector["signatures"].as_array().unwrap() {
            let item = |form: &str, signature: &str| {
                json!({"scheme": format!("bip322-{form}"), "network": "bip122:000000000019d6689c085ae165831e93",
                       "address": vector["address"], "message": vector["message"], "signature": signature})
            };
            let (form, signature) = (vector["form"].as_str().unwrap(), signature.as_str().unwrap());
            let other = if form == "simple" { "full" } else { "simple" };
            let bare = signature.trim_start_matches("smp").trim_start_matches("ful");

            assert_holds(item(form, signature));
            assert_holds(item(form, bare));
            assert!(check(item(other, bare)).is_err());
            held += 1;
        }
    }
    assert_eq!(held, 14);
}

#[test]
fn signed_messages_of_bitcoin_hold() {
    // Source: bitcoinjs/bitcoinjs-message, test/fixtures.json, valid.verify.
    for (address, signature) in [
        (
            "16UwLL9Risc3QfPqBUvKofHmBQ7wMtjvM",
            "G8JawPtQOrybrSP1WHQnQPr67B9S3qrxBrl1mlzoTJOSHEpmnF7D3+t+LX0Xei9J20B5AIdPbeL3AaTBZ4N3bY0=",
        ),
        (
            "1PMycacnJaSqwwJqjawXBErnLsZ7RkXUAs",
            "H8JawPtQOrybrSP1WHQnQPr67B9S3qrxBrl1mlzoTJOSHEpmnF7D3+t+LX0Xei9J20B5AIdPbeL3AaTBZ4N3bY0=",
        ),
        (
            "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN",
            "JF8nHqFr3K2UKYahhX3soVeoW8W1ECNbr0wfck7lzyXjCS5Q16Ek45zyBuy1Fiy9sTPKVgsqqOuPvbycuVSSVl8=",
        ),
        (
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "KF8nHqFr3K2UKYahhX3soVeoW8W1ECNbr0wfck7lzyXjCS5Q16Ek45zyBuy1Fiy9sTPKVgsqqOuPvbycuVSSVl8=",
        ),
    ] {
        let item = json!({"scheme": "bip137", "network": "bitcoin", "address": address, "message": "vires is numeris"});
        let with = |signature: String, encoding: Option<&str>| {
            let mut item = item.clone();
            item["signature"] = json!(signature);
            item["signature_encoding"] = json!(encoding);
            item
        };
        assert_holds(with(signature.to_owned(), None));
        assert_holds(with(hex::encode(from_base64(signature).unwrap()), Some("hex")));
        assert_eq!(check(with(signature.to_owned(), Some("hex"))).unwrap_err().code(), "malformed_signature");
    }
}

#[test]
fn messages_of_ethereum_and_tron_hold() {
    // Source: web3.js documentation, `eth.accounts.sign`; tronprotocol/tronweb, test/testcases/src/sign-message.ts.
    let web3 = "0xb91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c";
    let tron = "0x0dc0b53d525e0103a6013061cf18e60cf158809149f2b8994a545af65a7004cb1eeaff560e801ab51b28df5d42549aa024c2aa7e9d34de1e01294b9afb5e6c7e1c";

    let ethereum = json!({"scheme": "eip191", "network": "eip155:1", "address": "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23", "signature": web3});
    for message in [json!({"message": "Some data"}), json!({"message_hex": "0x536f6d652064617461"})] {
        let mut item = ethereum.clone();
        item.as_object_mut().unwrap().extend(message.as_object().unwrap().clone());
        assert_holds(item);
    }
    assert_holds(
        json!({"scheme": "tron-signmessagev2", "network": "tron", "address": "TMVQGm1qAQYVdetCeGRRkTWYYrLXuHK2HC", "message": "hello world", "signature": tron}),
    );
}

/// Source: EIP-712, "Test Cases", Example.js: Ether Mail.
fn ether_mail() -> (Value, &'static str) {
    let field = |name: &str, kind: &str| json!({"name": name, "type": kind});
    let typed = json!({
        "types": {
            "EIP712Domain": [field("name", "string"), field("version", "string"), field("chainId", "uint256"), field("verifyingContract", "address")],
            "Person": [field("name", "string"), field("wallet", "address")],
            "Mail": [field("from", "Person"), field("to", "Person"), field("contents", "string")],
        },
        "primaryType": "Mail",
        "domain": {"name": "Ether Mail", "version": "1", "chainId": 1, "verifyingContract": "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"},
        "message": {
            "from": {"name": "Cow", "wallet": "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},
            "to": {"name": "Bob", "wallet": "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"},
            "contents": "Hello, Bob!",
        },
    });
    (
        typed,
        "0x4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b915621c",
    )
}

#[test]
fn typed_data_holds_as_it_stands_and_with_nothing_else() {
    let (typed, signature) = ether_mail();
    let item = |typed: &Value| json!({"scheme": "eip712", "network": "eip155:1", "address": "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826", "message": typed.to_string(), "signature": signature});
    let changed = |pointer: &str, value: Value| {
        let mut changed = typed.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        check(item(&changed)).unwrap_err().code()
    };

    assert_holds(item(&typed));
    let mut object = item(&typed);
    object["message"] = typed.clone();
    assert_holds(object.clone());
    object["message"] = json!(7);
    assert!(serde_json::from_value::<PublishedProof>(object).is_err());
    assert_eq!(changed("/message/contents", json!("Hello, Eve!")), "wrong_key");
    assert_eq!(changed("/domain/chainId", json!(10)), "wrong_key");
    assert_eq!(changed("/message/to", json!({"name": "Bob"})), "malformed_proof");
    assert_eq!(changed("/message/to/name", json!(1)), "malformed_proof");
    assert_eq!(changed("/primaryType", json!("Letter")), "malformed_proof");
    assert_eq!(
        changed(
            "/domain",
            json!({"name": "Ether Mail", "version": "1", "chainId": 1, "verifyingContract": "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC", "salt": "0x00"})
        ),
        "malformed_proof"
    );
}

#[test]
fn messages_of_ed25519_networks_hold() {
    // Sources: RFC 8032, section 7.1, TEST 3 (the address is the key in base 58); SEP-53, "Test cases"; cardano-foundation/
    // cardano-verify-datasignature, index.test.ts; trustwallet/wallet-core, tests/chains/Tezos/MessageSignerTests.cpp.
    let solana =
        bs58::encode(hex::decode("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025").unwrap()).into_string();
    let signature = "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a";
    let base58 = bs58::encode(hex::decode(signature).unwrap()).into_string();
    for (signature, encoding) in [(signature, None), (signature, Some("hex")), (&base58, None), (&base58, Some("base58"))] {
        assert_holds(
            json!({"scheme": "solana-ed25519", "network": "solana", "address": solana, "message_hex": "af82", "signature": signature, "signature_encoding": encoding}),
        );
    }
    assert_holds(
        json!({"scheme": "stellar-sep53", "network": "stellar:pubnet", "address": "GBXFXNDLV4LSWA4VB7YIL5GBD7BVNR22SGBTDKMO2SBZZHDXSKZYCP7L", "message": "Hello, World!",
        "signature": "fO5dbYhXUhBMhe6kId/cuVq/AfEnHRHEvsP8vXh03M1uLpi5e46yO2Q8rEBzu3feXQewcQE5GArp88u6ePK6BA=="}),
    );
    let cose = "845846a20127676164647265737358390197cab94302b6d471d54db7052335dbfcf980f8dfc924dd1777ee784a18987c1612069d4080a0eb247820cb987fea81bddeaafdd41f996281a166686173686564f44b48656c6c6f20576f726c645840b65cb33e107a692605a479811a8405e44eeac5217c6ef92b79c221c2309305ec2db927fb75a7d197602e1eb2e663dae227aa7c0510b6484f5591b2b4bd47b70d";
    assert_holds(
        json!({"scheme": "cip30-cose-sign1", "network": "cardano", "address": "addr1qxtu4w2rq2mdguw4fkms2ge4m070nq8cmlyjfhghwlh8sjscnp7pvysxn4qgpg8ty3uzpjuc0l4gr0w74t7ag8uev2qseuyw6u",
        "message": "Hello World", "signature": cose, "public_key": "a4010103272006215820472be3f30b51ead6d020e0d370774861e242ca23eaca2f4eff4ddb8eaa3abefd"}),
    );
}

#[test]
fn texts_of_tezos_hold_and_operations_are_no_proof() {
    // Source: trustwallet/wallet-core, tests/chains/Tezos/MessageSignerTests.cpp; the key by its private key 91b4fb8d….
    let seed = hex::decode("91b4fb8d7348db2e7de2693f58ce1cceb966fa960739adac1d9dba2cbaa0940a").unwrap();
    let key = ed25519_dalek::SigningKey::from_bytes(&seed.try_into().unwrap()).verifying_key();
    let written = |prefix: &[u8], bytes: &[u8]| bs58::encode([prefix, bytes].concat()).with_check().into_string();
    let item = |message: &Value| {
        let mut item = json!({"scheme": "tezos-micheline-ed25519", "network": "tezos", "public_key": written(&[13, 15, 37, 217], key.as_bytes()),
            "address": written(&[6, 161, 159], &super::super::bytes::blake2b_160(key.as_bytes())),
            "signature": "edsigu3se2fcEJUCm1aqxjzbHdf7Wsugr4mLaA9YM2UVZ9Yy5meGv87VqHN3mmDeRwApTj1JKDaYjqmLZifSFdWCqBoghqaowwJ"});
        item.as_object_mut().unwrap().extend(message.as_object().unwrap().clone());
        item
    };
    let text = "Tezos Signed Message: testUrl 2023-02-08T10:36:18.454Z Hello World";

    assert_holds(item(&json!({"message": text})));
    assert_holds(item(&json!({"message_hex": format!("0501{:08x}{}", text.len(), hex::encode(text))})));
    let operation = check(item(&json!({"message_hex": "03d0c10e3ed11d7c"}))).unwrap_err();
    assert_eq!(operation.code(), "malformed_proof");
}

#[test]
fn what_cannot_be_checked_is_refused_with_its_reason() {
    let item = |changes: Value| {
        let mut item = json!({"scheme": "eip191", "network": "eip155:1", "address": "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23", "message": "Some data", "signature": "00"});
        item.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        check(item).unwrap_err().code()
    };

    assert_eq!(item(json!({})), "malformed_signature");
    assert_eq!(item(json!({"scheme": "bip999"})), "malformed_proof");
    assert_eq!(item(json!({"scheme": "bip137"})), "wrong_scheme_for_network");
    assert_eq!(item(json!({"network": "eip155:0815"})), "unknown_network");
    assert_eq!(item(json!({"message_hex": "00"})), "malformed_proof");
    assert_eq!(item(json!({"message": null})), "malformed_proof");
    assert_eq!(item(json!({"message": "x".repeat(40_001)})), "malformed_proof");
    assert_eq!(item(json!({"message": null, "message_hex": "0"})), "malformed_proof");
    assert_eq!(item(json!({"public_key": "00"})), "malformed_proof");
    assert!(
        serde_json::from_value::<PublishedProof>(
            json!({"scheme": "eip191", "network": "x", "address": "x", "signature": "x", "chain": 1})
        )
        .is_err()
    );
}
