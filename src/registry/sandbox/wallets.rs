//! The wallets of a sandbox: addresses whose key is the SHA-256 of the scenario's name, so that anybody can compute it, and it is worth
//! nothing. The addresses of `facts` that are hashes themselves have no wallet.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use k256::ecdsa::SigningKey;
use sha3::{Digest, Keccak256};

use super::StageError;
use super::facts::SUBJECT_PREFIX;

/// The networks on which an invented member can prove an address.
#[derive(Clone, Copy, Debug)]
pub(super) enum Chain {
    Solana,
    Ethereum,
}

impl Chain {
    /// The network of a claim.
    pub(super) fn network(self) -> &'static str {
        match self {
            Self::Solana => "solana",
            Self::Ethereum => "eip155:1",
        }
    }

    /// How a wallet of the network signs a text.
    pub(super) fn scheme(self) -> &'static str {
        match self {
            Self::Solana => "solana_message",
            Self::Ethereum => "eip191",
        }
    }

    /// Returns the address of a scenario.
    pub(super) fn address(self, scenario: &str) -> Result<String, StageError> {
        Ok(match self {
            Self::Solana => bs58::encode(solana_key(scenario)?.public_key().as_ref()).into_string(),
            Self::Ethereum => {
                let point = ethereum_key(scenario)?.verifying_key().to_sec1_point(false);
                // Source: Ethereum Yellow Paper, appendix F: the last 20 bytes of the Keccak-256 of the public key.
                let hash = Keccak256::digest(point.as_bytes().iter().skip(1).copied().collect::<Vec<u8>>());
                format!("0x{}", hex::encode(hash.iter().skip(12).copied().collect::<Vec<u8>>()))
            }
        })
    }

    /// Signs a text with the key of a scenario's address, as a wallet writes it.
    pub(super) fn sign(self, scenario: &str, text: &str) -> Result<String, StageError> {
        Ok(match self {
            Self::Solana => STANDARD.encode(solana_key(scenario)?.sign(text.as_bytes()).as_ref()),
            Self::Ethereum => {
                // Source: EIP-191, version 0x45.
                let signed = format!("\u{19}Ethereum Signed Message:\n{}{text}", text.len());
                let hash = Keccak256::digest(signed.as_bytes());
                let (signature, recovery) = ethereum_key(scenario)?.sign_prehash_recoverable(&hash);
                format!("0x{}{:02x}", hex::encode(signature.to_bytes()), recovery.to_byte() + 27)
            }
        })
    }
}

fn seed(scenario: &str) -> aws_lc_rs::digest::Digest {
    digest(&SHA256, format!("{SUBJECT_PREFIX}{scenario}").as_bytes())
}

fn solana_key(scenario: &str) -> Result<Ed25519KeyPair, StageError> {
    Ed25519KeyPair::from_seed_unchecked(seed(scenario).as_ref()).map_err(|_| StageError::Key)
}

fn ethereum_key(scenario: &str) -> Result<SigningKey, StageError> {
    SigningKey::from_slice(seed(scenario).as_ref()).map_err(|_| StageError::Key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vasp_addresses::network::NetworkTable;
    use vasp_addresses::proof::{AnyProof, PublishedProof};

    #[test]
    fn what_a_wallet_signs_is_a_proof_of_its_address() {
        for chain in [Chain::Solana, Chain::Ethereum] {
            let (address, message) = (chain.address("owned_proven").unwrap(), "one text");
            let proof = serde_json::json!({"scheme": chain.scheme(), "network": chain.network(), "address": address,
                                           "message": message, "signature": chain.sign("owned_proven", message).unwrap()});
            let proof = AnyProof::Published(serde_json::from_value::<PublishedProof>(proof).unwrap());
            let now = "2026-03-01T00:00:00Z".parse().unwrap();

            let verified = proof.verify(NetworkTable::embedded(), now);

            assert_eq!(
                verified.map(|verified| verified.message).map_err(|error| error.to_string()),
                Ok(b"one text".to_vec()),
                "{chain:?}"
            );
        }
    }
}
