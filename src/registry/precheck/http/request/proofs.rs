//! Reads the proofs of control that come with a pre-check, in either form that `verify proof` takes.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Pointer, fault};
use crate::node::ServiceError;
use vasp_addresses::proof::{AnyProof, NearItem, TonItem, text_or_object};

/// Largest number of proofs in one pre-check.
const PROOFS_MAX: usize = 4;

/// A signed text: the registry's `challenge`, or a `message` (or `message_hex`) that names your VASP, the address and the time.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WalletProof)]
pub(in crate::precheck::http) struct ProofRequest {
    /// The signature scheme, such as `eip191`, `bip322-simple` or `solana-ed25519`.
    #[schema(example = "eip191")]
    scheme: String,
    /// The network of the address, CAIP-2 id or another name.
    network: String,
    address: String,
    /// The challenge's exact text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    challenge: Option<String>,
    /// The message's exact text; typed data (EIP-712) also as an object.
    #[serde(default, deserialize_with = "text_or_object", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    message: Option<String>,
    /// The message in hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message_hex: Option<String>,
    /// The signature as the wallet gave it.
    signature: String,
    /// The encoding of the signature, `hex`, `base64` or `base58`. Give it together with a message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signature_encoding: Option<String>,
    /// The public key as the wallet gave it, for schemes whose signature does not carry it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
    /// What a TON wallet signs besides the text: `domain`, `timestamp`, `state_init`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    ton: Option<TonItem>,
    /// What a NEAR wallet signs besides the text: `nonce`, `recipient`, `callback_url`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    near: Option<NearItem>,
    /// The text before the challenge in the string that a Tezos wallet signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tezos_prefix: Option<String>,
}

/// Reads the proofs.
pub(super) fn read(proofs: &[ProofRequest], pointer: Pointer<'_>) -> Result<Vec<AnyProof>, ServiceError> {
    if proofs.len() > PROOFS_MAX {
        let detail = format!("one pre-check may have at most {PROOFS_MAX} proofs");
        return Err(fault(pointer, "proofs", "too_many", detail));
    }
    let one = |(index, proof): (usize, &ProofRequest)| {
        proof.read().map_err(|detail| fault(pointer, &format!("proofs/{index}"), "invalid_value", detail))
    };
    proofs.iter().enumerate().map(one).collect()
}

impl ProofRequest {
    /// Reads the proof in its form.
    pub(in crate::precheck::http) fn read(&self) -> Result<AnyProof, String> {
        match (&self.challenge, &self.message, &self.message_hex) {
            (Some(_), None, None) => self.retold().map(AnyProof::Answer),
            (None, Some(_), None) | (None, None, Some(_)) => self.retold().map(AnyProof::Published),
            _ => Err("send exactly one of challenge, message and message_hex".to_owned()),
        }
    }

    /// Reads the given members as one form of proof. That form's type refuses the members of the other form.
    fn retold<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::to_value(self).and_then(serde_json::from_value).map_err(|error| error.to_string())
    }
}
