//! Tests with published keys and signatures of Tezos, on all three curves.

use super::*;

fn check(message: &[u8], key: &str, signature: &str) -> Result<(), ProofError> {
    let (spelling, key) = read_key(key)?;
    verify_digest(spelling, &key, &blake2b_256(message), &read_signature(spelling, signature)?)
}

#[test]
fn published_string_is_packed_and_its_signature_holds() {
    // Source: trustwallet/wallet-core, tests/chains/Tezos/MessageSignerTests.cpp; the key by its private key 91b4fb8d….
    let text = "Tezos Signed Message: testUrl 2023-02-08T10:36:18.454Z Hello World";

    let packed = micheline(text);

    assert_eq!(
        hex::encode(&packed),
        "05010000004254657a6f73205369676e6564204d6573736167653a207465737455726c20323032332d30322d30385431303a33363a31382e3435345a2048656c6c6f20576f726c64"
    );
    let seed = hex::decode("91b4fb8d7348db2e7de2693f58ce1cceb966fa960739adac1d9dba2cbaa0940a").unwrap();
    let key = ed25519_dalek::SigningKey::from_bytes(&seed.try_into().unwrap()).verifying_key();
    let signature = "edsigu3se2fcEJUCm1aqxjzbHdf7Wsugr4mLaA9YM2UVZ9Yy5meGv87VqHN3mmDeRwApTj1JKDaYjqmLZifSFdWCqBoghqaowwJ";
    let signature = read_signature(&SPELLINGS[0], signature).unwrap();
    assert_eq!(verify_digest(&SPELLINGS[0], key.as_bytes(), &blake2b_256(&packed), &signature), Ok(()));
}

/// Source: ecadlabs/taquito, packages/taquito-utils/test/verify-signature.spec.ts: message, key, signature, the same
/// signature with the generic prefix.
const PUBLISHED: [(&str, &str, &str, &str); 3] = [
    (
        "039a0dc8355685fc5f7031495dd9361dae2c2c3c48868afb590efe07529ea32d1d6c004ae9ee0aa42817b42a3939a0b99ab8f72c035f6d9804caa320b5120200010f9ea64ac1c6dc91458c13ae950911e5edb3d4bf00ff00000000070a00000002cafe",
        "edpkuHBANnEDH17ZPrwmXVq3XDY72u6B4q7rLqSmWqD1ZwKUGGVLyc",
        "edsigtZAr36wyLRsSsCdbXY2gwfyqVGL7QFaHEbSryhdU3By6Na7X1uwNNpZXD7GGrAk6QrRVb87TPrtf2PSvBfd2iY99h3JnHk",
        "sigPMNv3j54VgQp1eJPWBVzNhKiSFBRchgruh8FMdV2qx94kAvX22HHmKcAWeUkhZjyJwsfcL6ZEvtHbQiXXH4XV53paEUGE",
    ),
    (
        "03d0c10e3ed11d7c6e3357f6ef335bab9e8f2bd54d0ce20c482e241191a6e4b8ce6c01be917311d9ac46959750e405d57e268e2ed9e174a80794fbd504e12a4a000141eb3781afed2f69679ff2bbe1c5375950b0e40d00ff000000005e05050505050507070100000024747a32526773486e74516b72794670707352466261313652546656503539684b72654a4d07070100000024747a315a6672455263414c42776d4171776f6e525859565142445439426a4e6a42484a750001",
        "sppk7c7hkPj47yjYFEHX85q46sFJGw6RBrqoVSHwAJAT4e14KJwzoey",
        "spsig1cdLkp1RLgUHAp13aRFkZ6MQDPp7xCnjAExGL3MBSdMDmT6JgQSX8cufyDgJRM3sinFtiCzLbsyP6d365EHoNevxhT47nx",
        "sigtofRkQAsLW8ne1HcGhbuBg2Ja2Yt9A2gfpwZFBsdjRWLPSVVqN9BVRpGr7DMwz1e4WjyF8iAjpf1LKyZMcJTSPrDaRzsx",
    ),
    (
        "03cb87b51ef159103aabe530068d82ca0eb92e7599fd3626a7c8d3239c527d37086b02fc42be07e9e7bc9f6cd1767fd794684de9164e7ff602deb235cc08000203315f70a6ad19fd18316ffdc918adb8d66173b572c86190534abd4ba4c67860dd6d02fc42be07e9e7bc9f6cd1767fd794684de9164e7f9404dfb235e10bb402000000000024020000001f05000369050103690502020000001003210316034c0317031a053d036d0342000000070a00000002cafe",
        "p2pk66tej1sH5x3q6nKJPRQzrwdNLZaEJ7pxJF6PqxFnDtnoLwxASPC",
        "p2sigagM3BrzRFALwKGP18QdzJ9SxBwu5S71QLBgcT1TRTJS2xgjFXJfa5tsaYBeH4V2awuKYHouqo19RLDAzMHY6Xo2H1APy5",
        "sigbN8C6mSKnEJUP1ckQp7CngfZoHfpLgbBtQqE3Z28Er9VRQww9FaLoiTHMF83dHTGKsoXDZyWJ3q3wXFFkqLfG6gF4HMQW",
    ),
];

#[test]
fn published_signatures_hold_in_both_spellings_and_over_nothing_else() {
    for (message, key, signature, generic) in PUBLISHED {
        let message = hex::decode(message).unwrap();
        let other: Vec<u8> = message.iter().enumerate().map(|(index, byte)| if index == 1 { byte ^ 1 } else { *byte }).collect();

        assert_eq!(check(&message, key, signature), Ok(()), "{key}");
        assert_eq!(check(&message, key, generic), Ok(()), "{key}");
        assert_eq!(check(&other, key, signature), Err(ProofError::WrongMessage), "{key}");
    }
}

#[test]
fn keys_and_signatures_of_another_curve_or_with_a_mistake_are_refused() {
    let [ed25519, secp256k1, _] = PUBLISHED;
    let message = hex::decode(ed25519.0).unwrap();

    assert_eq!(check(&message, ed25519.1, secp256k1.2).unwrap_err().code(), "malformed_signature");
    assert_eq!(
        check(&message, "edpkuHBANnEDH17ZPrwmXVq3XDY72u6B4q7rLqSmWqD1ZwKUGGVLyd", ed25519.2).unwrap_err().code(),
        "malformed_public_key"
    );
}

#[test]
fn keys_make_the_addresses_that_another_implementation_writes() {
    // Source: pytezos 3.20.0, `Key.from_encoded_key(…).public_key_hash()`; the last is the sandbox's `alice`.
    for (key, expected) in [
        ("edpkuHBANnEDH17ZPrwmXVq3XDY72u6B4q7rLqSmWqD1ZwKUGGVLyc", "tz1SU8w3bWze7CFQwoEFx6rRSPeQT3o2Pb8c"),
        ("sppk7c7hkPj47yjYFEHX85q46sFJGw6RBrqoVSHwAJAT4e14KJwzoey", "tz2RgsHntQkryFppsRFba16RTfVP59hKreJM"),
        ("p2pk66tej1sH5x3q6nKJPRQzrwdNLZaEJ7pxJF6PqxFnDtnoLwxASPC", "tz3jKsrLgvfJWNjbxd1D5bv1Qy8VjtJgNkVn"),
        ("edpkvGfYw3LyB1UcCahKQk4rF2tvbMUk8GFiTuMjL75uGXrpvKXhjn", "tz1VSUr8wwNhLAzempoch5d6hLRiTh8Cjcjb"),
    ] {
        let (spelling, key) = read_key(key).unwrap();

        let address = [&spelling.address.1[..], &blake2b_160(&key)].concat();

        assert_eq!(bs58::encode(address).with_check().into_string(), expected);
    }
}

#[test]
fn strings_signed_by_other_implementations_hold() {
    // Source: docs/examples/proofs, by pytezos and, on P-256, by OpenSSL.
    for name in ["tezos_ed25519", "tezos_secp256k1", "tezos_p256"] {
        let proof = super::super::tests::example(name);
        let (spelling, key) = read_key(proof.public_key.as_deref().unwrap()).unwrap();
        let challenge: Challenge = proof.challenge.parse().unwrap();
        let packed = hex::decode(payload(&challenge)).unwrap();
        let signature = read_signature(spelling, &proof.signature).unwrap();

        let address = [&spelling.address.1[..], &blake2b_160(&key)].concat();
        assert_eq!(bs58::encode(address).with_check().into_string(), proof.address);
        assert_eq!(verify_digest(spelling, &key, &blake2b_256(&packed), &signature), Ok(()), "{name}");
    }
}
