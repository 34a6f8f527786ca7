//! Screening lists: their type and file form; what matches what is in `matching`.

mod matching;
pub use matching::{Hit, Matched, ScreeningIndex};

use super::time::Date;
use serde::{Deserialize, Serialize};

/// One dated sanctions list as the registry holds it; also its own file format (`seed/sanctions.json`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SanctionsList {
    /// The registry's own id, such as `US-OFAC-SDN-DIGITAL-CURRENCY`.
    pub id: String,
    /// Day of the list itself, not of its import.
    pub as_of: Date,
    /// Where it came from.
    pub source: String,
    /// Who is listed, by `uid`.
    pub entries: Vec<SanctionsEntry>,
}

/// One listed person or entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SanctionsEntry {
    /// The list's own number of it.
    pub uid: String,
    /// Primary name.
    pub name: String,
    /// Also known as, in the list's order.
    pub aliases: Vec<String>,
    /// Sanctions programmes, such as `CYBER2`.
    pub programs: Vec<String>,
    /// Addresses published for it, by currency and text.
    pub addresses: Vec<SanctionedAddress>,
}

/// One published address of a listed person or entity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SanctionedAddress {
    /// The list's own currency code, such as `XBT`: not a network.
    pub currency: String,
    /// As published.
    pub text: String,
    /// The accounts it names on supported networks; empty where none reads it.
    pub accounts: Vec<SanctionedAccount>,
}

/// An account by network (or family) and canonical address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SanctionedAccount {
    /// CAIP-2 id, or a family such as `eip155:*`: whoever holds the key there holds it on every network of the family.
    pub network: String,
    /// Canonical address.
    pub address: String,
}
