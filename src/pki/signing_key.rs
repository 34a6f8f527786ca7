//! The registry's own Ed25519 signing keys. Each is made from 32 random bytes that the master key wraps, and is kept in memory for signing.
//! Reads from a file the key of the person who makes bundles of data.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};

use super::jose::thumbprint;
use super::{DataKey, KeyError, PublicKey};

/// A signing key.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    public: [u8; 32],
    id: String,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.id)
    }
}

impl SigningKey {
    /// Makes the key from a seed.
    ///
    /// # Errors
    /// `KeyError::DoesNotSign` if the library refuses the seed.
    pub fn from_seed(seed: &DataKey) -> Result<Self, KeyError> {
        Self::of(Ed25519KeyPair::from_seed_unchecked(seed.bytes()).map_err(|_| KeyError::DoesNotSign)?)
    }

    /// Reads the key from one PEM block with the label `PRIVATE KEY`, as `openssl genpkey -algorithm ed25519` writes it.
    ///
    /// Source: RFC 8410 section 7.
    ///
    /// # Errors
    /// `KeyError::DoesNotSign` if the text is anything else.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let blocks = pem::parse_many(text).map_err(|_| KeyError::DoesNotSign)?;
        let [block] = blocks.as_slice() else { return Err(KeyError::DoesNotSign) };
        if block.tag() != "PRIVATE KEY" {
            return Err(KeyError::DoesNotSign);
        }
        Self::of(Ed25519KeyPair::from_pkcs8_maybe_unchecked(block.contents()).map_err(|_| KeyError::DoesNotSign)?)
    }

    fn of(pair: Ed25519KeyPair) -> Result<Self, KeyError> {
        let public = pair.public_key().as_ref().try_into().map_err(|_| KeyError::DoesNotSign)?;
        Ok(Self { pair, public, id: thumbprint(&PublicKey::Ed25519(public)) })
    }

    /// Returns the id of the key: its SHA-256 thumbprint (RFC 7638).
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the public key.
    #[must_use]
    pub fn public_key(&self) -> &[u8; 32] {
        &self.public
    }

    /// Signs a message and returns 64 bytes; the same message always gives the same signature (RFC 8032).
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MasterKeys;
    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;

    /// Source: RFC 8037 appendix A.1 to A.4 (the key of RFC 8032, its thumbprint, and a JWS with it).
    #[test]
    fn the_published_key_signs_the_published_signature() {
        let seed: [u8; 32] =
            hex::decode("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap().try_into().unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let masters = MasterKeys::generate(&mut rng);
        let (version, wrapped) = masters.wrap("p", &DataKey::of(seed), &mut rng).unwrap();

        let key = SigningKey::from_seed(&masters.unwrap("p", version, &wrapped).unwrap()).unwrap();

        assert_eq!(key.id(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        let signature = crate::jose::base64url(key.sign(b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"));
        assert_eq!(signature, "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
    }
    /// Source: RFC 8410 section 10.3 (the private key without its public key), and section 10.1 (the public key of it).
    #[test]
    fn the_published_key_file_is_read_and_others_are_not() {
        let text = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
        let public = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";

        let key = SigningKey::from_pem(text).unwrap();

        assert_eq!(PublicKey::from_pem(public), Ok(PublicKey::Ed25519(*key.public_key())));
        for other in [public, "", &text.repeat(2), &text.replace("MC4C", "MC4D")] {
            assert_eq!(SigningKey::from_pem(other).unwrap_err(), KeyError::DoesNotSign, "{other}");
        }
    }
}
