//! Proofs that a VASP controls an address: the registry's challenge, signed in the way in which the wallets of each network sign texts.
//! Pure: the table of networks and the time are arguments. A proof is accepted only if it can be verified from its own data. Anything that
//! only a chain can show (contract wallets, keys changed on the ledger) is refused as unsupported, never accepted.

pub mod aopp;
mod bip322;
mod bitcoin_message;
mod bound;
mod bytes;
mod cardano;
mod challenge;
mod cosmos;
mod ed25519;
mod ed25519_accounts;
mod error;
mod evm;
mod nist;
mod published;
mod scheme;
mod secp;
mod sui;
#[cfg(test)]
mod tests;
mod tezos;
mod ton;
mod ton_cell;
mod tron;
mod typed_data;
mod written;
mod xrpl;

pub use self::bound::{Asker, Unbound};
pub use self::challenge::{Challenge, ChallengeError, LIFETIME_MAX_SECS, Nonce};
pub use self::error::ProofError;
pub use self::evm::typed_data;
pub use self::published::{AnyProof, PublishedProof, VerifiedText, text_or_object};
pub use self::scheme::Scheme;
pub use self::tezos::payload as tezos_payload;
pub use self::ton::payload as ton_payload;
use vasp_words::closed_list::closed_list;

use super::address::{Account, Controller};
use super::network::{Network, NetworkTable};
use secp::Key;
use serde::{Deserialize, Serialize};
use vasp_words::time::UtcTime;

/// The maximum length of the text of any member, in bytes. A BIP-322 signature of fifteen keys has less than 3,000.
const TEXT_LENGTH_MAX: usize = 20_000;

/// A signed challenge, with everything that is needed to verify it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The scheme with which it was signed.
    pub scheme: Scheme,
    /// The network: a CAIP-2 id or another name.
    pub network: String,
    /// The address.
    pub address: String,
    /// The exact text of the challenge.
    pub challenge: String,
    /// The signature as the wallet returned it.
    pub signature: String,
    /// The public key as the wallet returned it, for schemes without the key in the signature: XRP Ledger and Cardano in hex, Cosmos in
    /// base 64, Tezos in its own base 58 form. `None` for other schemes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// What a TON wallet signs besides the challenge; `None` for other schemes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ton: Option<TonItem>,
    /// What a NEAR wallet signs besides the challenge; `None` for other schemes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near: Option<NearItem>,
    /// The text before the challenge in the string that a Tezos wallet signed; `None` if it is the same as in `tezos_payload`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tezos_prefix: Option<String>,
}

/// The parts of a TON Connect proof besides signature and payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TonItem {
    /// The domain that the wallet saw; it must be the registry's.
    pub domain: String,
    /// When the wallet signed, in seconds since the epoch.
    pub timestamp: u64,
    /// The wallet's state init, a bag of cells in base 64.
    pub state_init: String,
}

/// The parts of a NEP-413 message besides the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NearItem {
    /// The nonce: 32 bytes in base 64.
    pub nonce: String,
    /// The recipient of the message; it must be the registry.
    pub recipient: String,
    /// The URL to which the wallet was asked to send the answer; `None` if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
}

/// The version of the rules by which proofs are checked here. It increases when a verdict may change, and is stored with every verdict.
pub const VERIFIER_VERSION: u16 = 3;

closed_list! {
    /// A remark on a valid proof that its reader should know.
    pub enum Note as "ProofNote" {
        /// BIP-137 with a header that does not state the type of the address, as Electrum and Trezor write it.
        LooseHeader = "loose_header",
        /// The full form of BIP-322 sets a lock time or age: the key signed, but it may spend only from then on.
        TimeLocked = "time_locked",
        /// Several keys of a script signed, as many as the script requires.
        SeveralKeys = "several_keys",
        /// The ledger can give an account to other keys. Only the ledger shows whether this key still controls the account.
        LedgerMayDiffer = "ledger_may_differ",
    }
}

/// A valid proof, and what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedProof {
    /// The account whose key signed.
    pub account: Account,
    /// The controller that the key is. In its class, and in no other, the proof may count on other networks.
    pub controller: Controller,
    /// What else follows from the key that it showed. The proof owns none of them, but contradicts what others only say about them.
    pub shown: Vec<Controller>,
    /// The scheme.
    pub scheme: Scheme,
    /// The answered challenge: registry, VASP, nonce and times.
    pub challenge: Challenge,
    /// When the proof was checked.
    pub verified_at: UtcTime,
    /// Remarks for a reader of the proof; often empty.
    pub notes: Vec<Note>,
}

/// A proof while it is checked. If it answers a challenge, the challenge was already read and is about the account of the proof.
struct Case<'a> {
    table: &'a NetworkTable,
    network: &'a Network,
    account: Account,
    proof: &'a Proof,
    /// The signed message, before any envelope.
    message: &'a [u8],
    /// The content of the message; `None` for a published message, which does not answer a registry.
    challenge: Option<Challenge>,
}

impl Case<'_> {
    /// Tells whether the payload, written in this format of the network, is the account of the proof.
    fn is_account(&self, format: &str, version: &[u8], payload: &[u8]) -> bool {
        self.canonical(format, version, payload).as_ref() == Some(&self.account.canonical)
    }

    fn canonical(&self, format: &str, version: &[u8], payload: &[u8]) -> Option<String> {
        written::canonical(self.table, self.network, format, version, payload)
    }

    /// Checks that the payload is the account of the proof.
    fn expect_account(&self, format: &str, version: &[u8], payload: &[u8]) -> Result<(), ProofError> {
        match self.canonical(format, version, payload) {
            Some(found) if found == self.account.canonical => Ok(()),
            found => Err(ProofError::WrongKey { found }),
        }
    }

    /// Returns the text of the public key.
    fn public_key(&self) -> Result<&str, ProofError> {
        self.proof
            .public_key
            .as_deref()
            .ok_or(ProofError::public_key("this scheme requires the public key as well as the signature"))
    }

    /// Checks the signature. Returns the controller that the key is, what else follows from the key, and remarks. Only keys of Cosmos chains
    /// and of nested SegWit addresses are another controller than the account's first.
    fn examine(&self) -> Result<(Controller, Vec<Controller>, Vec<Note>), ProofError> {
        if !self.proof.scheme.serves(self.network) {
            return Err(ProofError::WrongScheme { scheme: self.proof.scheme, network: self.network.name.clone() });
        }
        let notes = match self.proof.scheme {
            Scheme::CosmosAdr036 => return Ok((cosmos::verify(self)?, Vec::new(), Vec::new())),
            Scheme::BitcoinMessage => return bitcoin_message::verify(self).map(|(key, notes)| self.of_key(Some(key), notes)),
            Scheme::Bip322 => return bip322::verify(self).map(|(key, notes)| self.of_key(key, notes)),
            Scheme::Eip191 => evm::verify_message(self),
            Scheme::Eip712 => evm::verify_typed_data(self),
            Scheme::SolanaMessage => ed25519_accounts::solana_message(self),
            Scheme::SolanaOffchain => ed25519_accounts::solana_offchain(self),
            Scheme::StellarSep53 => ed25519_accounts::stellar(self),
            Scheme::AlgorandBytes => ed25519_accounts::algorand(self),
            Scheme::NearNep413 => ed25519_accounts::near(self),
            Scheme::SuiMessage => sui::verify(self),
            Scheme::XrplMessage => xrpl::verify(self),
            Scheme::TronV1 => tron::verify_v1(self),
            Scheme::TronV2 => tron::verify_v2(self),
            Scheme::CardanoCip8 => cardano::verify(self),
            Scheme::TonProof => ton::verify(self),
            Scheme::TezosMicheline => tezos::verify(self),
        }?;
        Ok(self.of_key(None, notes))
    }

    /// Returns what a key that the proof showed is, and what follows from it.
    fn of_key(&self, key: Option<Key>, notes: Vec<Note>) -> (Controller, Vec<Controller>, Vec<Note>) {
        let first = self.account.controllers.first();
        let forms: Vec<_> =
            key.into_iter().flat_map(|key| self.table.forms.of_key(&key.uncompressed()).collect::<Vec<_>>()).collect();
        let leads = |of: &Controller| self.table.form_of(self.network.number, (of.class, of.bytes.as_bytes()));
        let own = forms.iter().find(|of| *of == first || leads(of).as_ref() == Some(first)).cloned();
        let Some(controller) = own else { return (first.clone(), Vec::new(), notes) };
        let shown = forms.into_iter().filter(|form| *form != controller).collect();
        (controller, shown, notes)
    }
}

impl Proof {
    fn account<'a>(&self, table: &'a NetworkTable) -> Result<(&'a Network, Account), ProofError> {
        let unknown = || ProofError::UnknownNetwork(self.network.chars().take(80).collect());
        let network = table.read_name(&self.network, Some(&self.address)).map_err(|_| unknown())?;
        Ok((network, table.parse_on(network, &self.address).map_err(ProofError::Address)?))
    }

    /// Refuses members that the scheme does not use: they would be stored as if they had been checked.
    fn check_members(&self) -> Result<(), ProofError> {
        let keyed =
            matches!(self.scheme, Scheme::XrplMessage | Scheme::CosmosAdr036 | Scheme::CardanoCip8 | Scheme::TezosMicheline);
        let unused = [
            (self.public_key.is_some() && !keyed, "public_key"),
            (self.ton.is_some() && self.scheme != Scheme::TonProof, "ton"),
            (self.near.is_some() && self.scheme != Scheme::NearNep413, "near"),
            (self.tezos_prefix.is_some() && self.scheme != Scheme::TezosMicheline, "tezos_prefix"),
        ];
        if let Some((_, part)) = unused.into_iter().find(|(unused, _)| *unused) {
            return Err(ProofError::Malformed { part, expected: "the scheme does not use it, so leave it out" });
        }
        let ton = self.ton.iter().flat_map(|ton| [&ton.domain, &ton.state_init]);
        let near = self.near.iter().flat_map(|near| [&near.nonce, &near.recipient].into_iter().chain(&near.callback_url));
        let texts = [&self.signature].into_iter().chain(&self.public_key).chain(&self.tezos_prefix).chain(ton).chain(near);
        if texts.into_iter().any(|text| text.len() > TEXT_LENGTH_MAX) {
            return Err(ProofError::Malformed { part: "proof", expected: "no member may have more than 20,000 characters" });
        }
        Ok(())
    }
}

/// Checks a proof of ownership at the instant `now`. A proof is valid if its challenge is well formed, names this account, has
/// not expired, and was signed by the account's key.
///
/// The caller checks two more things. The registry and the VASP in the challenge must be the expected ones, and the nonce must
/// not have been used before.
///
/// # Errors
/// `ProofError` for the first check that fails.
pub fn verify(table: &NetworkTable, proof: &Proof, now: UtcTime) -> Result<VerifiedProof, ProofError> {
    proof.check_members()?;
    let challenge: Challenge = proof.challenge.parse().map_err(ProofError::Challenge)?;
    let (network, account) = proof.account(table)?;
    let mismatch = |part, challenged: &str, proven: &str| {
        Err(ProofError::ChallengeMismatch { part, challenged: challenged.to_owned(), proven: proven.to_owned() })
    };
    if *challenge.network() != network.caip2 {
        return mismatch("network", challenge.network().as_str(), network.caip2.as_str());
    }
    if challenge.address() != account.canonical {
        return mismatch("address", challenge.address(), &account.canonical);
    }
    if now < challenge.issued() {
        return Err(ProofError::NotYetValid(challenge.issued()));
    }
    if now > challenge.expires() {
        return Err(ProofError::Expired(challenge.expires()));
    }
    let message = proof.challenge.as_bytes();
    let case = Case { table, network, account, proof, message, challenge: Some(challenge.clone()) };
    let (controller, shown, notes) = case.examine()?;
    Ok(VerifiedProof { account: case.account, controller, shown, scheme: proof.scheme, challenge, verified_at: now, notes })
}
