//! A proof of control in a request: the object that `verify proof` takes.

use serde::Deserialize;
use utoipa::ToSchema;

use vasp_addresses::proof::{NearItem, Proof, Scheme, TonItem};

/// A signed challenge.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Proof)]
pub(crate) struct ProofBody {
    /// The signature scheme, such as `eip191`, `bip322` or `solana_message`.
    #[schema(value_type = String, example = "eip191")]
    scheme: Scheme,
    /// Network, as CAIP-2 id or another name.
    network: String,
    address: String,
    /// The challenge's exact text.
    challenge: String,
    /// The signature, exactly as the wallet returned it.
    signature: String,
    /// The public key, exactly as the wallet returned it. Needed for schemes whose signature does not carry it.
    #[serde(default)]
    public_key: Option<String>,
    /// What a TON wallet signs in addition to the challenge: `domain`, `timestamp`, `state_init`.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    ton: Option<TonItem>,
    /// What a NEAR wallet signs in addition to the challenge: `nonce`, `recipient`, `callback_url`.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    near: Option<NearItem>,
    /// The text before the challenge in the string that a Tezos wallet signed.
    #[serde(default)]
    tezos_prefix: Option<String>,
}

impl From<ProofBody> for Proof {
    fn from(body: ProofBody) -> Self {
        let ProofBody { scheme, network, address, challenge, signature, public_key, ton, near, tezos_prefix } = body;
        Self { scheme, network, address, challenge, signature, public_key, ton, near, tezos_prefix }
    }
}
