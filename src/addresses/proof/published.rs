//! Proofs in the form in which standards publish their vectors: any message, with the scheme's published name. They show that the key
//! signed; `bound` checks for whom the message was meant. Called by `verify proof`.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::borrow::Cow;
use vasp_words::closed_list::closed_list;
use vasp_words::time::UtcTime;

use super::super::address::{Account, Controller};
use super::super::network::NetworkTable;
use super::bytes::{from_base64, from_hex, to_base64};
use super::{Case, NearItem, Note, Proof, ProofError, Scheme, TEXT_LENGTH_MAX, TonItem, VerifiedProof};

/// The published names of the schemes, in addition to those of `Scheme`.
///
/// Source: docs/claims.md, "Proof of control"; the names are those of the standards.
const NAMES: [(&str, Scheme); 16] = [
    ("bip137", Scheme::BitcoinMessage),
    (BIP322_SIMPLE, Scheme::Bip322),
    (BIP322_FULL, Scheme::Bip322),
    ("solana-ed25519", Scheme::SolanaMessage),
    ("solana-offchain", Scheme::SolanaOffchain),
    ("stellar-sep53", Scheme::StellarSep53),
    ("algorand-signbytes", Scheme::AlgorandBytes),
    ("near-nep413", Scheme::NearNep413),
    ("sui-personal-message", Scheme::SuiMessage),
    ("tron-signmessage", Scheme::TronV1),
    ("tron-signmessagev2", Scheme::TronV2),
    ("cosmos-adr036", Scheme::CosmosAdr036),
    ("cip30-cose-sign1", Scheme::CardanoCip8),
    ("tezos-micheline-ed25519", Scheme::TezosMicheline),
    ("tezos-micheline-secp256k1", Scheme::TezosMicheline),
    ("tezos-micheline-p256", Scheme::TezosMicheline),
];

const BIP322_SIMPLE: &str = "bip322-simple";
const BIP322_FULL: &str = "bip322-full";

closed_list! {
    /// The encoding of a signature.
    pub enum SignatureEncoding {
        /// Hex digits, with or without `0x`.
        Hex = "hex",
        /// Base 64, in either alphabet.
        Base64 = "base64",
        /// Base 58 without a checksum.
        Base58 = "base58",
    }
}

/// A signed message, with everything that is needed to verify it again.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedProof {
    scheme: String,
    network: String,
    address: String,
    #[serde(default, deserialize_with = "text_or_object")]
    message: Option<String>,
    message_hex: Option<String>,
    signature: String,
    signature_encoding: Option<SignatureEncoding>,
    public_key: Option<String>,
    ton: Option<TonItem>,
    near: Option<NearItem>,
}

/// Reads a text, or an object as its text: wallets take typed data (EIP-712) as an object.
///
/// # Errors
/// If it is neither.
pub fn text_or_object<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let Some(raw) = Option::<Box<RawValue>>::deserialize(deserializer)? else { return Ok(None) };
    if raw.get().starts_with('{') {
        return Ok(Some(raw.get().to_owned()));
    }
    serde_json::from_str(raw.get()).map_err(D::Error::custom)
}

/// A valid signed message, and what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedText {
    /// The account whose key signed.
    pub account: Account,
    /// What else follows from the key that it showed.
    pub shown: Vec<Controller>,
    /// The scheme.
    pub scheme: Scheme,
    /// The signed message.
    pub message: Vec<u8>,
    /// Remarks for a reader of the proof; often empty.
    pub notes: Vec<Note>,
}

/// A proof in either form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnyProof {
    /// An answer to a challenge.
    Answer(Proof),
    /// A signed message.
    Published(PublishedProof),
}

impl AnyProof {
    /// Checks that the address's key signed the challenge, which must be open at `now`, or the message.
    ///
    /// # Errors
    /// `ProofError` for the first check that fails.
    pub fn verify(&self, table: &NetworkTable, now: UtcTime) -> Result<VerifiedText, ProofError> {
        match self {
            Self::Published(proof) => proof.verify(table),
            Self::Answer(proof) => {
                let VerifiedProof { account, shown, scheme, notes, .. } = super::verify(table, proof, now)?;
                Ok(VerifiedText { account, shown, scheme, message: proof.challenge.clone().into_bytes(), notes })
            }
        }
    }
}

impl PublishedProof {
    /// Checks that the address's key signed the message.
    ///
    /// # Errors
    /// `ProofError` for the first check that fails.
    pub fn verify(&self, table: &NetworkTable) -> Result<VerifiedText, ProofError> {
        let message = self.message()?;
        let proof = self.as_proof()?;
        proof.check_members()?;
        let (network, account) = proof.account(table)?;
        let case = Case { table, network, account, proof: &proof, message: &message, challenge: None };
        let (_, shown, notes) = case.examine()?;
        Ok(VerifiedText { account: case.account, shown, scheme: proof.scheme, message: message.into_owned(), notes })
    }

    fn message(&self) -> Result<Cow<'_, [u8]>, ProofError> {
        let malformed = |expected| ProofError::Malformed { part: "message", expected };
        let ((Some(text), None) | (None, Some(text))) = (&self.message, &self.message_hex) else {
            return Err(malformed("give either `message` or `message_hex`"));
        };
        if text.len() > 2 * TEXT_LENGTH_MAX {
            return Err(malformed("it must have at most 40,000 characters"));
        }
        match &self.message_hex {
            None => Ok(Cow::Borrowed(text.as_bytes())),
            Some(digits) => from_hex(digits).map(Cow::Owned).ok_or(malformed("`message_hex` must be in hex digits")),
        }
    }

    fn as_proof(&self) -> Result<Proof, ProofError> {
        let named = NAMES.iter().find(|(name, _)| *name == self.scheme).map(|(_, scheme)| *scheme);
        let scheme = named.or_else(|| self.scheme.parse().ok());
        let scheme = scheme.ok_or(ProofError::Malformed {
            part: "scheme",
            expected: "it must be the name of a scheme that the registry can check",
        })?;
        Ok(Proof {
            scheme,
            network: self.network.clone(),
            address: self.address.clone(),
            challenge: String::new(),
            signature: self.signature_for(scheme)?,
            public_key: self.public_key.clone(),
            ton: self.ton.clone(),
            near: self.near.clone(),
            tezos_prefix: None,
        })
    }

    /// Returns the signature in the form that the scheme's wallets use.
    fn signature_for(&self, scheme: Scheme) -> Result<String, ProofError> {
        let text = self.signature.as_str();
        if text.len() > TEXT_LENGTH_MAX {
            return Err(ProofError::signature("it must have at most 20,000 characters"));
        }
        let bytes = match self.signature_encoding {
            None => None,
            Some(SignatureEncoding::Hex) => Some(from_hex(text)),
            Some(SignatureEncoding::Base64) => Some(from_base64(text)),
            // Decoding takes quadratic time.
            Some(SignatureEncoding::Base58) => {
                Some(Some(text).filter(|text| text.len() <= 256).and_then(|text| bs58::decode(text).into_vec().ok()))
            }
        };
        let text = match bytes {
            None => text.to_owned(),
            Some(None) => return Err(ProofError::signature("it must have the encoding that `signature_encoding` names")),
            Some(Some(bytes)) => match scheme {
                Scheme::BitcoinMessage | Scheme::Bip322 | Scheme::SuiMessage | Scheme::CosmosAdr036 | Scheme::TonProof => {
                    to_base64(&bytes)
                }
                Scheme::TezosMicheline => {
                    return Err(ProofError::signature("Tezos has its own encoding: leave `signature_encoding` out"));
                }
                _ => hex::encode(bytes),
            },
        };
        // The scheme name determines the form; without a prefix, the signature could be in either form.
        Ok(match self.scheme.as_str() {
            BIP322_SIMPLE if !text.starts_with("smp") => format!("smp{text}"),
            BIP322_FULL if !text.starts_with("ful") => format!("ful{text}"),
            _ => text,
        })
    }
}

#[cfg(test)]
mod tests;
