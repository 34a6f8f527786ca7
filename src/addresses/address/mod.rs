//! Addresses: reads a text on a network, returns its canonical form and index key, and finds the possible networks of a text. The formats
//! in the table of networks drive this, not code per network; there is one module per decoding kind.

mod base32;
pub(crate) mod base58;
mod base58_blocks;
mod base64;
mod bech32;
mod byron;
mod c32check;
mod case;
mod case_checksum;
mod cashaddr;
pub(crate) mod checksum;
mod coding;
mod controller;
mod derivation;
mod error;
mod explain;
mod fault;
mod filecoin;
mod format;
pub mod forms;
mod frame;
mod given;
mod hex;
mod iban32;
mod icp_principal;
mod layout;
mod lookup;
mod memo;
mod nano32;
pub(crate) mod other_form;
mod pattern;
#[cfg(test)]
mod refusals;
pub(crate) mod seed;
#[cfg(test)]
mod tests;
mod transaction_id;
mod unwritable;
#[cfg(test)]
mod vectors;

pub use controller::{Controller, ControllerBytes, Controllers};
pub use error::AddressError;
pub use format::{Assurance, Format, Names};
pub use memo::{MemoKind, MemoPresence, MemoRule};
pub use seed::FormatError;
pub use unwritable::is_invisible;

use std::sync::Arc;

use super::network::NetworkNumber;
use vasp_words::caip::{Caip2, Caip10};

/// An account of a network. Its memo distinguishes customers who share one address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Account {
    /// The network's number in the index.
    pub network: NetworkNumber,
    /// The network.
    pub caip2: Caip2,
    /// The address in canonical spelling.
    pub canonical: String,
    /// The bytes that name the account on its network; `controllers` are what it is looked up by.
    pub key: AccountKey,
    /// What must act for the account, in the classes of networks in which it is the same party.
    pub controllers: Controllers,
    /// The memo, given separately or contained in the address; `None` if there is none.
    pub memo: Option<String>,
    /// The id of the text's format.
    pub format: Arc<str>,
    /// How well a checksum protects the address.
    pub assurance: Assurance,
}

impl Account {
    /// Returns the CAIP-10 form; `None` if the address is too long for it.
    #[must_use]
    pub fn caip10(&self) -> Option<String> {
        Caip10::write(&self.caip2, &self.canonical).ok()
    }
}

/// All accounts that a text without a named network may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidates {
    /// The accounts, most likely first; at least one.
    pub accounts: Vec<Account>,
}

impl Candidates {
    /// Iterates over the networks, most likely first.
    pub fn networks(&self) -> impl Iterator<Item = &Caip2> {
        self.accounts.iter().map(|account| &account.caip2)
    }
}

/// An account of a family of networks, from a source that does not name the network.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FamilyAccount {
    /// The family's number in the index.
    pub network: NetworkNumber,
    /// The address in the family's canonical spelling.
    pub canonical: String,
    /// The bytes that name the account: the same on every network of the family.
    pub key: AccountKey,
    /// What must act for the account, in the class of the family's networks.
    pub controllers: Controllers,
}

/// The bytes that name an account on its network. If the canonical text is hex with a checksum in its case, the key is the decoded bytes, so that one
/// key serves every EVM network. Otherwise it is the bytes of the canonical text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountKey(Arc<[u8]>);

impl AccountKey {
    /// Makes a key from bytes of the index.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// Returns the bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&::hex::encode(&self.0))
    }
}
