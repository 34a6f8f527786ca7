//! Classes of networks: where the same controller (key, key hash, script hash or contract) is the same party. The rows stand in
//! `seed/networks.json`, each with its source. This module holds the rows and applies them to the networks; `address::controller` computes
//! the bytes. A class is never made of networks whose addresses only look alike.

use std::sync::Arc;

use crate::address::Format;
use crate::address::forms::Forms;
use crate::network::{Family, Network, NetworkNumber};
use serde::{Deserialize, Serialize};
use vasp_words::caip::Caip2;

/// The number of a class in the index; stable, given in the seed. Classes of several networks have numbers below 100. The number of a
/// ledger is the class of accounts that only this ledger has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClassNumber(pub i32);

impl ClassNumber {
    /// Returns the class of accounts that only this ledger, or this family, has.
    #[must_use]
    pub fn of_ledger(ledger: NetworkNumber) -> Self {
        Self(ledger.0)
    }
}

/// A class of networks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// The name of the class, such as `evm`.
    pub id: String,
    /// The number in the index.
    pub number: ClassNumber,
    /// What the bytes of its controllers are.
    pub controls: String,
    /// Whether a proof made with the key on one network counts on all of them. See also `Network::keys_change`.
    pub proof_travels: bool,
    /// Whether only lists are compared across the networks: claims and proofs stay on their ledger.
    pub screening_only: bool,
    /// Where the rule is written.
    pub source: String,
    /// Which bytes are ids, not keys. Such accounts stay on their ledger.
    #[serde(default)]
    ids_hex: Vec<Ids>,
}

impl Class {
    /// Tells whether these bytes are an id, which every ledger assigns to another account, and not a key.
    pub(crate) fn is_id(&self, bytes: &[u8]) -> bool {
        self.ids_hex.iter().any(|ids| ids.contain(bytes))
    }
}

/// Bytes of ids by how they begin and end: at least 10 bytes together. Otherwise somebody could search for a key with such bytes, which
/// would leave its class (2^80 tries).
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
struct Ids {
    begin: Vec<u8>,
    end: Vec<u8>,
}

impl Ids {
    fn contain(&self, bytes: &[u8]) -> bool {
        bytes.starts_with(&self.begin) && bytes.ends_with(&self.end)
    }
}

impl TryFrom<String> for Ids {
    type Error = String;

    /// Reads hex digits of the beginning and, after `*`, of the end.
    fn try_from(text: String) -> Result<Self, String> {
        let (begin, end) = text.split_once('*').unwrap_or((&text, ""));
        let bytes = |digits| hex::decode(digits).map_err(|_| format!("`{text}` is not hex"));
        let ids = Self { begin: bytes(begin)?, end: bytes(end)? };
        if ids.begin.len() + ids.end.len() < 10 { Err(format!("`{text}` is shorter than 10 bytes")) } else { Ok(ids) }
    }
}

/// Networks that share a fact.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SharedFact {
    /// The CAIP-2 ids.
    networks: Vec<String>,
    /// Which bytes are ids on this ledger; see `Class::ids_hex`.
    #[serde(default)]
    ids_hex: Vec<Ids>,
    /// A second class of the accounts that are in a class: the ledger also accepts keys of that kind, and the address does not tell which.
    second_class: Option<String>,
    #[serde(rename = "source")]
    _source: String,
}

/// What the classes say about one network.
#[derive(Debug, Default)]
pub(crate) struct Membership {
    ledger: Option<NetworkNumber>,
    other_ids: Vec<Caip2>,
    keys_change: bool,
    ids: Vec<Ids>,
    second_class: Option<Arc<Class>>,
    forms: Option<Forms>,
}

impl Network {
    /// Returns the number of the ledger, which is the same for all ids of one ledger: `tron:0x2b6653dc` and `eip155:728126428`. Accounts and
    /// assets of one ledger are compared by it.
    #[must_use]
    pub fn ledger(&self) -> NetworkNumber {
        self.membership.ledger.unwrap_or(self.number)
    }

    /// Returns the other ids of the ledger; empty for most networks.
    #[must_use]
    pub fn other_ids(&self) -> &[Caip2] {
        &self.membership.other_ids
    }

    /// Tells whether an account can change its key and keep its address. Then a proof on this network does not count on others, and theirs
    /// do not count here.
    #[must_use]
    pub fn keys_change(&self) -> bool {
        self.membership.keys_change
    }

    /// Returns the second class of the accounts that are in a class; `None` for most networks.
    pub(crate) fn second_class(&self) -> Option<&Class> {
        self.membership.second_class.as_deref()
    }

    /// Returns the forms that follow from its addresses; `None` if it has no SegWit format.
    pub(crate) fn forms(&self) -> Option<&Forms> {
        self.membership.forms.as_ref()
    }

    /// Tells whether these bytes are an id that this ledger assigns, and not a key.
    pub(crate) fn is_id(&self, bytes: &[u8]) -> bool {
        self.membership.ids.iter().any(|ids| ids.contain(bytes))
    }
}

/// Checks that every class has a name and a number of its own; the error names the one that has not.
pub(crate) fn check(classes: &[Class]) -> Result<(), String> {
    let families = Family::ALL.into_iter().map(|family| family.number().0);
    let mut numbers: Vec<i32> = families.collect();
    for class in classes {
        let number = class.number.0;
        let named_before = classes.iter().filter(|other| other.id == class.id).count() > 1;
        if named_before || numbers.contains(&number) || !(1..crate::network::FIRST_NETWORK).contains(&number) {
            return Err(class.id.clone());
        }
        numbers.push(number);
    }
    Ok(())
}

/// Adds ledgers, replaceable keys and forms of keys to the networks; the error names a network or class that is unknown, or a network in two ledgers.
pub(crate) fn apply(
    networks: &mut [Network],
    classes: &[Arc<Class>],
    ledgers: &[SharedFact],
    keys_change: &[SharedFact],
    forms: &Forms,
) -> Result<(), String> {
    fn named<'a>(networks: &'a mut [Network], id: &str) -> Result<&'a mut Network, String> {
        networks.iter_mut().find(|network| network.caip2.as_str() == id).ok_or_else(|| id.to_owned())
    }
    for fact in ledgers {
        let known = |id: &String| classes.iter().find(|class| class.id == *id).cloned().ok_or_else(|| id.clone());
        let second_class = fact.second_class.as_ref().map(known).transpose()?;
        let first = fact.networks.first().ok_or("a ledger without networks")?;
        let ledger = named(networks, first)?.number;
        let ids: Vec<Caip2> =
            fact.networks.iter().map(|id| Ok(named(networks, id)?.caip2.clone())).collect::<Result<_, String>>()?;
        for id in &fact.networks {
            let membership = &mut named(networks, id)?.membership;
            membership.other_ids = ids.iter().filter(|other| other.as_str() != id).cloned().collect();
            if membership.ledger.replace(ledger).is_some() {
                return Err(id.clone());
            }
            membership.ids.clone_from(&fact.ids_hex);
            membership.second_class.clone_from(&second_class);
        }
    }
    for id in keys_change.iter().flat_map(|fact| &fact.networks) {
        named(networks, id)?.membership.keys_change = true;
    }
    for network in networks.iter_mut().filter(|network| network.formats.iter().any(Format::is_segwit)) {
        network.membership.forms = Some(forms.clone());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
