//! The proof schemes: a closed list, with the networks of each.

use super::bitcoin_message;
use crate::network::Network;
use vasp_words::closed_list::closed_list;

closed_list! {
    /// The scheme with which a challenge was signed.
    pub enum Scheme {
        /// Ethereum's `personal_sign`.
        Eip191 = "eip191",
        /// Typed data of Ethereum, in the form of `evm::typed_data`.
        Eip712 = "eip712",
        /// Bitcoin's signed message, and those of similar coins.
        BitcoinMessage = "bitcoin_message",
        /// Bitcoin's generic signed message, simple or full.
        Bip322 = "bip322",
        /// Ed25519 over the text itself, as Solana wallets sign it.
        SolanaMessage = "solana_message",
        /// Solana's off-chain message with its header.
        SolanaOffchain = "solana_offchain",
        /// Stellar's signed message.
        StellarSep53 = "stellar_sep53",
        /// Algorand's signed bytes.
        AlgorandBytes = "algorand_bytes",
        /// NEAR's signed message.
        NearNep413 = "near_nep413",
        /// Sui's personal message.
        SuiMessage = "sui_message",
        /// A message signed by an XRP Ledger key.
        XrplMessage = "xrpl_message",
        /// Tron's older signed message.
        TronV1 = "tron_v1",
        /// Tron's signed message.
        TronV2 = "tron_v2",
        /// Cosmos' arbitrary data.
        CosmosAdr036 = "cosmos_adr036",
        /// Cardano's signed data.
        CardanoCip8 = "cardano_cip8",
        /// TON Connect's proof.
        TonProof = "ton_proof",
        /// Tezos' signed Micheline string.
        TezosMicheline = "tezos_micheline",
    }
}

impl Scheme {
    /// Returns whether wallets of the network sign with this scheme.
    #[must_use]
    pub fn serves(self, network: &Network) -> bool {
        let namespace = match self {
            Self::Eip191 | Self::Eip712 => "eip155",
            Self::BitcoinMessage => return bitcoin_message::coin(network).is_some(),
            Self::Bip322 => return bitcoin_message::coin(network).is_some_and(|coin| coin.bip322),
            Self::SolanaMessage | Self::SolanaOffchain => "solana",
            Self::StellarSep53 => "stellar",
            Self::AlgorandBytes => "algorand",
            Self::NearNep413 => "near",
            Self::SuiMessage => "sui",
            Self::XrplMessage => "xrpl",
            Self::TronV1 | Self::TronV2 => "tron",
            Self::CosmosAdr036 => "cosmos",
            Self::CardanoCip8 => "cip34",
            Self::TonProof => "tvm",
            Self::TezosMicheline => "tezos",
        };
        network.caip2.namespace() == namespace
    }
}
