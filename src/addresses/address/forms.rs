//! What follows from what: one key, or one script, has addresses in several forms. Each row says what must be known, which controller
//! follows, and where the rule is written. Controllers, proofs and screening take the forms from here, so that all of them agree.
//!
//! Source: docs/addresses.md, "Forms of a key".

use std::sync::Arc;

use super::coding::Coding;
use super::{Controller, ControllerBytes, Format};
use crate::class::{Class, ClassNumber};
use aws_lc_rs::digest::{Context, SHA256};
use bitcoin::key::{PublicKey, TapTweak};
use bitcoin::secp256k1::Secp256k1;
use ripemd::{Digest, Ripemd160};
use sha3::Keccak256;

/// What must be known for a form to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// A hash of this class with so many bytes, which an address contains. Both accounts have one controller, but only on networks with a
    /// SegWit format: elsewhere anybody who knows the hash can spend such a script. Lists look for the form on all networks.
    Hash(&'static str, usize),
    /// The key that a proof showed, in its 65 uncompressed bytes. The proof owns no such form, but contradicts what others only say about it.
    Key,
}

/// A row of the table.
#[derive(Debug)]
pub struct Form {
    /// What must be known.
    pub known: Known,
    /// The class of the controller that follows.
    pub class: &'static str,
    /// Where the rule is written.
    pub source: &'static str,
    derive: fn(&[u8]) -> Option<ControllerBytes>,
}

/// What follows from what.
pub static FORMS: [Form; 6] = [
    Form {
        known: Known::Hash("hash160", 20),
        class: "script-hash",
        source: "BIP-141, \"P2WPKH nested in BIP16 P2SH\"; BIP-49",
        derive: nested,
    },
    Form {
        known: Known::Hash("script-hash", 32),
        class: "script-hash",
        source: "BIP-141, \"P2WSH nested in BIP16 P2SH\"",
        derive: nested,
    },
    Form {
        known: Known::Key,
        class: "hash160",
        source: "SEC 1, 2.3.3 (compressed point); Bitcoin, PubKeyHash",
        derive: |key| hash160(&[&PublicKey::from_slice(key).ok()?.inner.serialize()]),
    },
    Form {
        known: Known::Key,
        class: "hash160",
        source: "SEC 1, 2.3.3 (uncompressed point); Bitcoin, PubKeyHash",
        derive: |key| hash160(&[key]),
    },
    Form { known: Known::Key, class: "taproot", source: "BIP-86, \"Address derivation\"; BIP-341", derive: taproot },
    Form { known: Known::Key, class: "evm", source: "Ethereum Yellow Paper, appendix F", derive: evm },
];

/// Returns the hash of the script that pays to a witness program: version 0, and a push of the program.
fn nested(program: &[u8]) -> Option<ControllerBytes> {
    hash160(&[&[0, u8::try_from(program.len()).ok()?], program])
}

fn hash160(parts: &[&[u8]]) -> Option<ControllerBytes> {
    let mut content = Context::new(&SHA256);
    parts.iter().for_each(|part| content.update(part));
    Some(ControllerBytes::new(&Ripemd160::digest(content.finish())))
}

/// Returns the output key without a script.
fn taproot(key: &[u8]) -> Option<ControllerBytes> {
    let (internal, _) = PublicKey::from_slice(key).ok()?.inner.x_only_public_key();
    let (output, _) = internal.tap_tweak(&Secp256k1::verification_only(), None);
    Some(ControllerBytes::new(&output.to_x_only_public_key().serialize()))
}

fn evm(key: &[u8]) -> Option<ControllerBytes> {
    Keccak256::digest(key.get(1..)?).last_chunk::<20>().map(|address| ControllerBytes::new(address))
}

/// The rows with the numbers of their classes: from which hash a form follows, and where it leads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Forms(Arc<[Numbered]>);

type Numbered = (Option<(ClassNumber, usize)>, ClassNumber, &'static Form);

impl Forms {
    /// Finds the classes of the rows; a row without them is left out.
    pub(crate) fn new(classes: &[Arc<Class>]) -> Self {
        let number = |id: &str| Some(classes.iter().find(|class| class.id == id)?.number);
        let numbered = |form: &'static Form| match form.known {
            Known::Hash(class, length) => Some((Some((number(class)?, length)), number(form.class)?, form)),
            Known::Key => Some((None, number(form.class)?, form)),
        };
        Self(FORMS.iter().filter_map(numbered).collect())
    }

    fn following(&self, from: Option<(ClassNumber, usize)>, bytes: &[u8]) -> impl Iterator<Item = Controller> {
        let rows = self.0.iter().filter(move |(known, ..)| *known == from);
        rows.filter_map(move |(_, class, form)| Some(Controller { class: *class, bytes: (form.derive)(bytes)? }))
    }

    /// Returns the form that follows from a controller; `None` if none does.
    pub(crate) fn of(&self, class: ClassNumber, bytes: &[u8]) -> Option<Controller> {
        self.following(Some((class, bytes.len())), bytes).next()
    }

    /// Iterates over the forms that follow from a key.
    pub(crate) fn of_key(&self, key: &[u8]) -> impl Iterator<Item = Controller> {
        self.following(None, key)
    }

    /// Tells whether a controller of this class may be the form that follows from another account's address.
    pub(crate) fn lead_to(&self, class: ClassNumber) -> bool {
        self.0.iter().any(|(known, to, _)| known.is_some() && *to == class)
    }
}

impl Format {
    /// Tells whether its addresses are witness programs of version 0.
    ///
    /// Source: BIP-173, "Segwit address format".
    pub(crate) fn is_segwit(&self) -> bool {
        matches!(&self.coding, Coding::Bech32(coding) if coding.symbols.contains(&0)) && self.receives()
    }
}

#[cfg(test)]
mod tests;
