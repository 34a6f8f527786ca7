//! Tests of the sign document of ADR-036.

use super::*;

#[test]
fn document_is_the_one_of_the_standard() {
    // Source: Keplr, packages/cosmos/src/adr-36/amino.spec.ts (signer and data), members sorted as Amino JSON asks.
    let document = document("osmo1ymk637a7wljvt4w7q9lnrw95mg9sr37yatxd9h", b"random");

    assert_eq!(
        document,
        "{\"account_number\":\"0\",\"chain_id\":\"\",\"fee\":{\"amount\":[],\"gas\":\"0\"},\"memo\":\"\",\"msgs\":[{\"type\":\"sign/MsgSignData\",\
         \"value\":{\"data\":\"cmFuZG9t\",\"signer\":\"osmo1ymk637a7wljvt4w7q9lnrw95mg9sr37yatxd9h\"}}],\"sequence\":\"0\"}"
    );
}

#[test]
fn document_is_canonical_json() {
    let document = document("cosmos1x", "any text\n\"quoted\"".as_bytes());

    let value: serde_json::Value = serde_json::from_str(&document).unwrap();

    assert_eq!(serde_json_canonicalizer::to_string(&value).unwrap(), document);
}

#[test]
fn signatures_of_another_implementation_hold_for_both_kinds_of_key() {
    // Source: docs/examples/proofs, by coincurve and bech32.
    for (name, ethereum) in [("cosmos_adr036", false), ("cosmos_adr036_ethereum_key", true)] {
        let proof = super::super::tests::example(name);
        let key = Key::read(&from_base64(proof.public_key.as_deref().unwrap()).unwrap()).unwrap();
        let document = document(&proof.address, proof.challenge.as_bytes());
        let signature = from_base64(&proof.signature).unwrap();
        let (payload, digest) = if ethereum {
            (account_of(key), keccak256(&[document.as_bytes()]))
        } else {
            (hash160(&key.compressed()), sha256(&[document.as_bytes()]))
        };

        let (prefix, _) = proof.address.split_once('1').unwrap();
        let address = bech32::encode::<bech32::Bech32>(bech32::Hrp::parse(prefix).unwrap(), &payload).unwrap();
        assert_eq!(address, proof.address);
        assert_eq!(key.verify(&digest, &signature), Ok(()));
        assert_eq!(key.verify(&sha256(&[b"other"]), &signature), Err(ProofError::WrongMessage));
    }
}
