//! Published signed data of Cardano's wallets.

use super::*;
use proptest::prelude::*;

/// Source: cardano-foundation/cardano-verify-datasignature, index.test.ts: by a stake key, plain payload.
const BY_STAKE_KEY: (&str, &str) = (
    "84582aa201276761646472657373581de118987c1612069d4080a0eb247820cb987fea81bddeaafdd41f996281a166686173686564f458264175677573746120416461204b696e672c20436f756e74657373206f66204c6f76656c61636558401712458b19f606b322982f6290c78529a235b56c0f1cec4f24b12a8660b40cd37f4c5440a465754089c462ed4b0d613bffaee3d1833516569fda4852f42a4a0f",
    "a4010103272006215820b89526fd6bf4ba737c55ea90670d16a27f8de6cc1982349b3b676705a2f420c6",
);

/// Source: the same, by a payment key of
/// addr1qxtu4w2rq2mdguw4fkms2ge4m070nq8cmlyjfhghwlh8sjscnp7pvysxn4qgpg8ty3uzpjuc0l4gr0w74t7ag8uev2qseuyw6u.
const BY_PAYMENT_KEY: (&str, &str) = (
    "845846a20127676164647265737358390197cab94302b6d471d54db7052335dbfcf980f8dfc924dd1777ee784a18987c1612069d4080a0eb247820cb987fea81bddeaafdd41f996281a166686173686564f44b48656c6c6f20576f726c645840b65cb33e107a692605a479811a8405e44eeac5217c6ef92b79c221c2309305ec2db927fb75a7d197602e1eb2e663dae227aa7c0510b6484f5591b2b4bd47b70d",
    "a4010103272006215820472be3f30b51ead6d020e0d370774861e242ca23eaca2f4eff4ddb8eaa3abefd",
);

/// Source: the same, hashed payload.
const HASHED: (&str, &str) = (
    "84582aa201276761646472657373581de0c13582aec9a44fcc6d984be003c5058c660e1d2ff1370fd8b49ba73fa166686173686564f5581c40843181253eb1ff2258ab39c3463ec0edf5e713b73c5482c0ca798f5840a4cdec07ba8c1184aa74d1c3516fc6602a35d2db847510cf98c102653c15c7664f136314f920150a081870aef77ed49780ca58873bd5d62e744b968a89435906",
    "a40101032720062158209be513df12b3fabe7c1b8c3f9fab0968eb2168d5689bf981c2f7c35b11718b27",
);

/// Source: the same, payload `null`.
const WITHOUT_PAYLOAD: &str = "84582aa201276761646472657373581d617863b5c43bdf0a06608abc82f0573a549714ff69166074dcdde393d8a166686173686564f4f65840fc58155f0cee05bc00e7299af1df1f159ac82a46a055786b259657934eff346eec81349d4678ceabc79f213c66a2bdbfd4ea5d9ebdc630bee5ac9cce75cfc001";

fn read((signature, key): (&str, &str)) -> (Signed, Vec<u8>) {
    let [signature, key] = [signature, key].map(|text| hex::decode(text).unwrap());
    (read_signed(&signature).unwrap(), read_key(&key).unwrap())
}

#[test]
fn published_signatures_hold_over_their_message_only() {
    for (published, message) in
        [(BY_STAKE_KEY, "Augusta Ada King, Countess of Lovelace"), (BY_PAYMENT_KEY, "Hello World"), (HASHED, "Hello world")]
    {
        let (signed, key) = read(published);

        assert_eq!(verify_signed(&signed, message.as_bytes(), &key), Ok(()), "{message}");
        assert_eq!(verify_signed(&signed, b"!Hello World!", &key), Err(ProofError::WrongMessage));
        assert_eq!(
            verify_signed(&signed, message.as_bytes(), &read(if published == HASHED { BY_STAKE_KEY } else { HASHED }).1),
            Err(ProofError::WrongMessage)
        );
    }
}

#[test]
fn payment_part_of_the_published_address_is_the_key() {
    let (signed, key) = read(BY_PAYMENT_KEY);

    assert_eq!(signed.address[0], 0x01);
    assert_eq!(signed.address[1..29], blake2b_224(&key));
    // The other key of the same wallet is its stake key.
    assert_eq!(signed.address[29..], blake2b_224(&read(BY_STAKE_KEY).1));
}

#[test]
fn signatures_without_payload_or_with_more_behind_are_refused() {
    let more = format!("{}00", BY_PAYMENT_KEY.0);

    for text in [WITHOUT_PAYLOAD, &more, "", "80", "f6", "d2845842"] {
        assert_eq!(read_signed(&hex::decode(text).unwrap()).unwrap_err().code(), "malformed_signature", "{text}");
    }
    assert_eq!(read_key(&hex::decode("a0").unwrap()).unwrap_err().code(), "malformed_public_key");
}

#[test]
fn label_that_stands_twice_is_not_read() {
    let map = [(Value::from(1), Value::from(2)), (Value::from(1), Value::from(3))];

    assert_eq!(get(&map, &Value::from(1)), None);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = (read_signed(&bytes).is_ok(), read_key(&bytes).is_ok());
    }

    #[test]
    fn no_bent_signature_holds(place in 0_usize..4000) {
        let mut bytes = hex::decode(BY_PAYMENT_KEY.0).unwrap();
        let place = place % (bytes.len() * 8);
        bytes[place / 8] ^= 1 << (place % 8);
        let (original, key) = read(BY_PAYMENT_KEY);
        if let Ok(signed) = read_signed(&bytes) {
            prop_assert!(signed.address != original.address || verify_signed(&signed, b"Hello World", &key).is_err());
        }
    }
}

#[test]
fn signatures_of_another_implementation_hold_and_name_their_address() {
    // Source: docs/examples/proofs, by pycardano and pycose.
    for (name, header) in [("cardano_cip8", 0x01), ("cardano_cip8_enterprise", 0x61)] {
        let proof = super::super::tests::example(name);
        let (signed, key) = read((&proof.signature, proof.public_key.as_deref().unwrap()));

        let (_, address) = bech32::decode(&proof.address).unwrap();
        assert_eq!((signed.address[0], &signed.address), (header, &address));
        assert_eq!(signed.address[1..29], blake2b_224(&key));
        assert_eq!(verify_signed(&signed, proof.challenge.as_bytes(), &key), Ok(()));
        assert_eq!(verify_signed(&signed, b"other", &key), Err(ProofError::WrongMessage));
    }
}
