//! Addresses: reading a text on a network, its canonical form and index key, and the networks a bare text may belong
//! to. Driven by the formats of the table of networks, not by code per network: one module a decoding kind.

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
mod error;
mod explain;
mod fault;
mod filecoin;
mod format;
mod frame;
mod given;
mod hex;
mod iban32;
mod icp_principal;
mod layout;
mod lookup;
mod memo;
mod nano32;
mod pattern;
pub(crate) mod seed;
#[cfg(test)]
mod tests;
mod transaction_id;
mod unwritable;
#[cfg(test)]
mod vectors;

pub use error::AddressError;
pub use format::{Assurance, Format, Names};
pub use memo::{MemoKind, MemoPresence, MemoRule};
pub use seed::FormatError;

use std::sync::Arc;

use super::network::NetworkNumber;
use vasp_words::caip::{Caip2, Caip10};

/// An account of a network, with the memo that tells customers of one address apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Account {
    /// The network's number, as it stands in the index.
    pub network: NetworkNumber,
    /// The network.
    pub caip2: Caip2,
    /// The address in its one canonical spelling.
    pub canonical: String,
    /// The bytes by which the account is looked up: equal for every spelling of one account.
    pub key: AccountKey,
    /// The memo, if one was given or the address carries it.
    pub memo: Option<String>,
    /// Id of the format that the text has.
    pub format: Arc<str>,
    /// How sure the text makes that it is an address of this network.
    pub assurance: Assurance,
}

impl Account {
    /// Returns the CAIP-10 form; `None` if the address is too long for it.
    #[must_use]
    pub fn caip10(&self) -> Option<String> {
        Caip10::write(&self.caip2, &self.canonical).ok()
    }
}

/// Everything that a bare text may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidates {
    /// Accounts, most likely first, at least one.
    pub accounts: Vec<Account>,
}

impl Candidates {
    /// Iterates over the networks, most likely first.
    pub fn networks(&self) -> impl Iterator<Item = &Caip2> {
        self.accounts.iter().map(|account| &account.caip2)
    }
}

/// An account of a family of networks, known from sources that do not say which network.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FamilyAccount {
    /// The family's number, as it stands in the index.
    pub network: NetworkNumber,
    /// The address in the family's canonical spelling.
    pub canonical: String,
    /// The account in the index: the same on every network of the family.
    pub key: AccountKey,
}

/// An account in the index: the decoded bytes where the canonical text is hex with a checksum in its case (so that one
/// key serves every EVM network), the canonical text's bytes otherwise.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountKey(Box<[u8]>);

impl AccountKey {
    /// Makes a key from bytes that came out of the index.
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
