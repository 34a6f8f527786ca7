//! Ed25519 with the strict checks that ownership proofs need. Signatures for a key of small order are valid for any message and prove
//! nothing, so such keys are refused. Values of `s` that are not below the group's order are refused too (RFC 8032, 5.1.7, and
//! `verify_strict`).

use super::error::ProofError;
use ed25519_dalek::{Signature, VerifyingKey};

/// Checks a 64-byte signature with a 32-byte key.
///
/// # Errors
/// `Malformed` if a length is wrong or the key is weak; `WrongMessage` if the signature is not valid.
pub(super) fn verify(key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), ProofError> {
    let key = read_key(key)?;
    let signature = Signature::from_slice(signature).map_err(|_| ProofError::signature("it must have 64 bytes"))?;
    key.verify_strict(message, &signature).map_err(|_| ProofError::WrongMessage)
}

/// Tells whether 32 bytes are a point of the curve. Addresses of programs and contracts are chosen not to be.
pub(crate) fn is_point(key: &[u8]) -> bool {
    key.first_chunk().is_some_and(|key| VerifyingKey::from_bytes(key).is_ok())
}

fn read_key(key: &[u8]) -> Result<VerifyingKey, ProofError> {
    let bytes: &[u8; 32] = key.try_into().map_err(|_| ProofError::public_key("it must have 32 bytes"))?;
    let key = VerifyingKey::from_bytes(bytes).map_err(|_| ProofError::public_key("it must be a point of the curve"))?;
    if key.is_weak() { Err(ProofError::public_key("its order must not be small")) } else { Ok(key) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_signatures_hold() {
        // Source: RFC 8032, section 7.1, TEST 1 to 3.
        for (key, message, signature) in [
            (
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
            ),
            (
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
            ),
            (
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
                "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
            ),
        ] {
            let [key, message, signature] = [key, message, signature].map(|text| hex::decode(text).unwrap());
            assert_eq!(verify(&key, &message, &signature), Ok(()));
            assert_eq!(verify(&key, b"other", &signature), Err(ProofError::WrongMessage));
        }
    }

    #[test]
    fn keys_of_small_order_and_high_s_are_refused() {
        // Source: the neutral element and a point of order 8, as in "Taming the many EdDSAs", table 6; s + L of TEST 1.
        for key in [
            "0100000000000000000000000000000000000000000000000000000000000000",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        ] {
            let result = verify(&hex::decode(key).unwrap(), b"anything", &[0; 64]);
            assert_eq!(result, Err(ProofError::public_key("its order must not be small")));
        }
        let key = hex::decode("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a").unwrap();
        let s_plus_order = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901554c8c7872aa064e049dbb3013fbf29380d25bf5f0595bbe24655141438e7a101b";
        assert!(verify(&key, b"", &hex::decode(s_plus_order).unwrap()).is_err());
    }
}
