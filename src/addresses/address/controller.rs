//! The controller of an account: what must act for it. Its bytes are computed from the decoded payload, so that every spelling of one
//! account, on every network of the class, gives the same controller. `class` says which networks those are.

use std::sync::Arc;

use super::AccountKey;
use super::derivation::Derived;
use crate::class::ClassNumber;
use crate::network::{Network, NetworkNumber, NetworkTable};

/// What must act for an account: a key, a key hash, a script hash or a contract, in its class of networks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Controller {
    /// The class in which these bytes are the same party.
    pub class: ClassNumber,
    /// The bytes.
    pub bytes: ControllerBytes,
}

/// The bytes of a controller, such as the 20 bytes of a key hash.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ControllerBytes(Arc<[u8]>);

impl ControllerBytes {
    /// Makes a controller's bytes from bytes of the index.
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

impl From<&AccountKey> for ControllerBytes {
    fn from(key: &AccountKey) -> Self {
        Self(Arc::clone(&key.0))
    }
}

impl std::fmt::Debug for ControllerBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&::hex::encode(&self.0))
    }
}

/// The controllers of an account: one for most, one for each receiver of a Zcash unified address, and two on ledgers with two kinds of keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Controllers {
    first: Controller,
    /// The class in which lists look for the first one; `None` if it is the same.
    screening: Option<ClassNumber>,
    others: Option<Arc<[Controller]>>,
    /// Whether the network has a SegWit format, so that a script may be the other form of a key.
    has_segwit: bool,
}

impl From<Controller> for Controllers {
    fn from(first: Controller) -> Self {
        Self { first, screening: None, others: None, has_segwit: false }
    }
}

impl Controllers {
    /// Puts controllers into the classes of a network.
    pub(super) fn on(network: &Network, derived: &Derived) -> Self {
        let own = ClassNumber::of_ledger(network.ledger());
        let placed = |class: Option<ClassNumber>, bytes: &ControllerBytes| {
            let class = class.filter(|_| !network.is_id(bytes.as_bytes())).unwrap_or(own);
            Controller { class, bytes: bytes.clone() }
        };
        let first = placed(derived.class, &derived.bytes);
        let second = network.second_class().filter(|class| first.class != own && !class.is_id(derived.bytes.as_bytes()));
        let second = second.map(|class| placed(Some(class.number), &derived.bytes));
        let others = derived.others.iter().map(|(class, bytes)| placed(*class, bytes));
        let form = network.forms().and_then(|forms| forms.of(first.class, first.bytes.as_bytes()));
        let others: Vec<_> = others.chain(second).chain(form).collect();
        Self {
            first,
            screening: derived.screening,
            others: (!others.is_empty()).then(|| others.into()),
            has_segwit: network.forms().is_some(),
        }
    }

    /// Moves an account that only one ledger has to a family.
    pub(super) fn moved(mut self, ledger: NetworkNumber, family: NetworkNumber) -> Self {
        if self.first.class == ClassNumber::of_ledger(ledger) {
            self.first.class = ClassNumber::of_ledger(family);
        }
        self
    }

    /// Returns the first controller, under which a claim on the account is stored while no proof shows another one.
    #[must_use]
    pub fn first(&self) -> &Controller {
        &self.first
    }

    /// Iterates over the controllers by which claims, contradictions and proofs are looked up; at least one.
    pub fn iter(&self) -> impl Iterator<Item = &Controller> {
        std::iter::once(&self.first).chain(self.others.iter().flat_map(|others| others.iter()))
    }

    /// Tells whether a claim that is found by a controller is about this account. `network` is that of the claim, and `by_form` tells whether
    /// one side has the controller only as its other form. Then both networks need a SegWit format.
    #[must_use]
    pub fn meet(&self, controller: &Controller, by_form: bool, network: NetworkNumber) -> bool {
        let table = NetworkTable::embedded();
        let nests = || table.by_number(network).is_some_and(|network| network.forms().is_some());
        !by_form || !table.forms.lead_to(controller.class) || (self.has_segwit && nests())
    }

    /// Iterates over the controllers by which lists are searched. They differ from `iter` for Ed25519 keys, whose classes are for screening
    /// only, and for keys and scripts on networks without SegWit, whose other form is looked for as well.
    pub fn screened(&self) -> impl Iterator<Item = Controller> {
        let wider = |class: ClassNumber| Controller { class, bytes: self.first.bytes.clone() };
        let first = self.screening.map_or_else(|| self.first.clone(), wider);
        let form = |of: &Controller| NetworkTable::embedded().forms.of(of.class, of.bytes.as_bytes());
        let form = if self.has_segwit { None } else { form(&self.first) };
        std::iter::once(first).chain(self.iter().skip(1).cloned()).chain(form)
    }
}

#[cfg(test)]
mod tests;
