//! Encrypts a text to a public key as a compact JWE, which every JOSE library can decrypt. Whoever sends the text back has the private key.
//! The algorithms are RSA-OAEP-256, or ECDH-ES with a new ephemeral key for each text, and A256GCM.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::agreement::{self, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey, PublicKeyComponents};
use rand_core::RngCore;
use serde_json::{Value, json};

use super::{base64url, thumbprint, to_jwk};
use crate::PublicKey;

/// Why nothing was encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JweError {
    /// The key can only sign.
    #[error("an Ed25519 key can only sign: for encryption use X25519, EC P-256, EC P-384 or RSA")]
    Kind,
    /// The library refused the key as invalid.
    #[error("this key is not valid, so nothing can be encrypted to it")]
    Key,
}

/// The content encryption algorithm. Source: RFC 7518 section 5.3.
const CONTENT: &str = "A256GCM";

/// Encrypts a text to a key.
///
/// Source: RFC 7516 sections 3.1, 5.1; RFC 7518 sections 4.3 (RSA-OAEP-256), 4.6 (ECDH-ES); RFC 8037 section 3.2 (X25519).
///
/// # Errors
/// Every `JweError`.
pub fn encrypt(key: &PublicKey, text: &[u8], rng: &mut dyn RngCore) -> Result<String, JweError> {
    let (header, encrypted_key, content_key) = match key {
        PublicKey::Rsa { n, e } => rsa(n, e, thumbprint(key), rng)?,
        PublicKey::P256(point) => agreed(&agreement::ECDH_P256, point, key)?,
        PublicKey::P384(point) => agreed(&agreement::ECDH_P384, point, key)?,
        PublicKey::X25519(other) => agreed(&agreement::X25519, other, key)?,
        PublicKey::Ed25519(_) => return Err(JweError::Kind),
    };
    let header = base64url(header.to_string());
    let mut iv = [0; NONCE_LEN];
    rng.fill_bytes(&mut iv);
    let sealing = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &content_key).map_err(|_| JweError::Key)?);
    let mut sealed = text.to_vec();
    let nonce = Nonce::assume_unique_for_key(iv);
    let tag = sealing.seal_in_place_separate_tag(nonce, Aad::from(header.as_bytes()), &mut sealed).map_err(|_| JweError::Key)?;
    Ok([header, base64url(encrypted_key), base64url(iv), base64url(&sealed), base64url(&tag)].join("."))
}

type Parts = (Value, Vec<u8>, [u8; 32]);

fn rsa(n: &[u8], e: &[u8], kid: String, rng: &mut dyn RngCore) -> Result<Parts, JweError> {
    let key: PublicEncryptingKey = PublicKeyComponents { n, e }.try_into().map_err(|_| JweError::Key)?;
    let key = OaepPublicEncryptingKey::new(key).map_err(|_| JweError::Key)?;
    let mut content_key = [0; 32];
    rng.fill_bytes(&mut content_key);
    let mut room = vec![0; n.len()];
    let encrypted = key.encrypt(&OAEP_SHA256_MGF1SHA256, &content_key, &mut room, None).map_err(|_| JweError::Key)?.to_vec();
    Ok((json!({"alg": "RSA-OAEP-256", "enc": CONTENT, "kid": kid}), encrypted, content_key))
}

/// Agrees on a shared key with an ephemeral key that the library generates.
fn agreed(algorithm: &'static agreement::Algorithm, other: &[u8], key: &PublicKey) -> Result<Parts, JweError> {
    let own = EphemeralPrivateKey::generate(algorithm, &SystemRandom::new()).map_err(|_| JweError::Key)?;
    let public = own.compute_public_key().map_err(|_| JweError::Key)?;
    let public = match key {
        PublicKey::P256(_) => PublicKey::p256(public.as_ref()).ok(),
        PublicKey::P384(_) => PublicKey::p384(public.as_ref()).ok(),
        _ => public.as_ref().try_into().ok().map(PublicKey::X25519),
    };
    let header = json!({"alg": "ECDH-ES", "enc": CONTENT, "epk": to_jwk(&public.ok_or(JweError::Key)?), "kid": thumbprint(key)});
    let derived = agree_ephemeral(own, UnparsedPublicKey::new(algorithm, other), JweError::Key, |secret| {
        Ok(concat_kdf(secret, CONTENT.as_bytes(), b"", b"", 256))
    })?;
    Ok((header, Vec::new(), derived))
}

/// Derives a key of up to 256 bits from a shared secret: one round of the Concat KDF with SHA-256.
///
/// Source: RFC 7518 section 4.6.2; NIST SP 800-56A section 5.8.1.
fn concat_kdf(secret: &[u8], algorithm: &[u8], party_u: &[u8], party_v: &[u8], bits: u32) -> [u8; 32] {
    let mut input = 1_u32.to_be_bytes().to_vec();
    input.extend_from_slice(secret);
    for part in [algorithm, party_u, party_v] {
        input.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        input.extend_from_slice(part);
    }
    input.extend_from_slice(&bits.to_be_bytes());
    let mut key = [0; 32];
    key.copy_from_slice(digest(&SHA256, &input).as_ref());
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::from_base64url;
    use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
    use aws_lc_rs::rsa::{KeySize, OaepPrivateDecryptingKey, PrivateDecryptingKey};
    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;

    /// Source: RFC 7518 appendix C: Z, A128GCM, Alice, Bob, and the derived key.
    #[test]
    fn the_published_key_is_derived() {
        let secret = [
            158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156, 251, 49, 110, 163, 218, 128, 106, 72, 246,
            218, 167, 121, 140, 254, 144, 196,
        ];

        let derived = concat_kdf(&secret, b"A128GCM", b"Alice", b"Bob", 128);

        assert_eq!(base64url(&derived[..16]), "VqqN6vgjbSBcIijNcacQGg");
    }

    /// Decrypts as a holder of the private key would.
    fn decrypt(jwe: &str, content_key: impl FnOnce(&Value, &[u8]) -> Vec<u8>) -> Vec<u8> {
        let parts: Vec<&str> = jwe.split('.').collect();
        let bytes = |at: usize| from_base64url(parts[at]).unwrap();
        let header: Value = serde_json::from_slice(&bytes(0)).unwrap();
        let key = content_key(&header, &bytes(1));
        let opening = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).unwrap());
        let mut sealed = [bytes(3), bytes(4)].concat();
        let nonce = Nonce::assume_unique_for_key(bytes(2).try_into().unwrap());
        opening.open_in_place(nonce, Aad::from(parts[0].as_bytes()), &mut sealed).unwrap().to_vec()
    }

    #[test]
    fn who_has_the_private_half_reads_it() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        type Kind = (&'static agreement::Algorithm, fn(&[u8]) -> PublicKey);
        let kinds: [Kind; 3] = [
            (&agreement::ECDH_P256, |bytes| PublicKey::p256(bytes).unwrap()),
            (&agreement::ECDH_P384, |bytes| PublicKey::p384(bytes).unwrap()),
            (&agreement::X25519, |bytes| PublicKey::X25519(bytes.try_into().unwrap())),
        ];
        for (algorithm, make) in kinds {
            let own = agreement::PrivateKey::generate(algorithm).unwrap();
            let key = make(own.compute_public_key().unwrap().as_ref());

            let jwe = encrypt(&key, b"a challenge", &mut rng).unwrap();

            let read = decrypt(&jwe, |header, encrypted_key| {
                assert!(encrypted_key.is_empty());
                let epk = crate::jose::read_jwk(&header["epk"], vasp_record::message_key::KeyUse::Encryption).unwrap();
                let epk = match &epk {
                    PublicKey::P256(point) => point.to_vec(),
                    PublicKey::P384(point) => point.to_vec(),
                    PublicKey::X25519(key) => key.to_vec(),
                    other => panic!("{other:?}"),
                };
                let peer = UnparsedPublicKey::new(algorithm, epk);
                agreement::agree(&own, peer, (), |z| Ok(concat_kdf(z, b"A256GCM", b"", b"", 256).to_vec())).unwrap()
            });
            assert_eq!(read, b"a challenge");
        }
    }

    #[test]
    fn who_has_the_private_rsa_key_reads_it() {
        let private = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
        let der: PublicKeyX509Der<'_> = private.public_key().as_der().unwrap();
        let key = PublicKey::from_spki(der.as_ref()).unwrap();
        assert_eq!(key.to_spki(), der.as_ref());

        let jwe = encrypt(&key, b"a challenge", &mut ChaCha8Rng::seed_from_u64(1)).unwrap();

        let private = OaepPrivateDecryptingKey::new(private).unwrap();
        let read = decrypt(&jwe, |header, encrypted_key| {
            assert_eq!(header["alg"], "RSA-OAEP-256");
            let mut room = vec![0; private.min_output_size()];
            private.decrypt(&OAEP_SHA256_MGF1SHA256, encrypted_key, &mut room, None).unwrap().to_vec()
        });
        assert_eq!(read, b"a challenge");
    }

    #[test]
    fn keys_that_sign_and_points_of_small_order_are_refused() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let ed = PublicKey::Ed25519([9; 32]);

        assert_eq!(encrypt(&ed, b"x", &mut rng), Err(JweError::Kind));
        // Source: RFC 7748 section 6.1: an all-zero result must be refused; these two points produce it.
        let mut one = [0; 32];
        one[0] = 1;
        for point in [[0; 32], one] {
            assert_eq!(encrypt(&PublicKey::X25519(point), b"x", &mut rng), Err(JweError::Key));
        }
    }
}
