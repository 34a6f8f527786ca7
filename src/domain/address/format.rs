//! One format of addresses, applied to texts: take off the prefix, decode, check, write the canonical form. What a kind
//! means lies in the module of its name; `seed` makes formats from data.

use super::AccountKey;
use super::base58::Base58;
use super::bech32::Versioned;
use super::error::{AddressError, Miss, Nearness};
use super::hex::{CaseChecksum, Hex};
use crate::domain::caip::Caip2;
use serde::Deserialize;

/// What a format is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    /// Names an account that can receive.
    Receive,
    /// Another spelling of such an account, read only where the network is named.
    Alternate,
    /// Recognised only to say why it is refused.
    Refused,
}

/// How sure an accepted text makes that it belongs here, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Assurance {
    /// No checksum, or an optional one that the text does not carry.
    None,
    /// An optional checksum that the text carries.
    Optional,
    /// A checksum that every text of the form carries.
    Mandatory,
}

/// A decoded text.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) payload: Vec<u8>,
    pub(super) assurance: Assurance,
}

/// An accepted text: its account and how sure the text makes it.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) canonical: String,
    pub(super) key: AccountKey,
    pub(super) assurance: Assurance,
}

/// Allowed payload lengths in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lengths {
    /// One of these.
    OneOf(Vec<usize>),
    /// From the first to the second, which may be open.
    Range(usize, Option<usize>),
}

impl Lengths {
    pub(super) fn allow(&self, length: usize) -> bool {
        match self {
            Self::OneOf(lengths) => lengths.contains(&length),
            Self::Range(min, max) => length >= *min && max.is_none_or(|max| length <= max),
        }
    }

    /// Tells whether so many hex digits are a version of this length and an allowed payload.
    pub(super) fn allow_digits(&self, digits: usize, version: usize) -> bool {
        digits.is_multiple_of(2) && (digits / 2).checked_sub(version).is_some_and(|payload| self.allow(payload))
    }

    pub(super) fn min(&self) -> usize {
        match self {
            Self::OneOf(lengths) => lengths.iter().min().copied().unwrap_or_default(),
            Self::Range(min, _) => *min,
        }
    }

    pub(super) fn max(&self, open: usize) -> usize {
        match self {
            Self::OneOf(lengths) => lengths.iter().max().copied().unwrap_or_default(),
            Self::Range(_, max) => max.unwrap_or(open),
        }
    }

    /// Writes the lengths for a message, each converted from bytes by `convert`.
    pub(super) fn describe(&self, convert: impl Fn(usize) -> usize) -> String {
        match self {
            Self::OneOf(lengths) => lengths.iter().map(|length| convert(*length).to_string()).collect::<Vec<_>>().join(" or "),
            Self::Range(min, None) => format!("at least {}", convert(*min)),
            Self::Range(min, Some(max)) => format!("{} to {}", convert(*min), convert(*max)),
        }
    }
}

/// How a kind decodes.
#[derive(Debug)]
pub(super) enum Coding {
    Base58(Base58),
    Bech32(Versioned),
    Hex(Hex),
}

/// What the index stores.
#[derive(Debug)]
pub(super) enum Canonical {
    /// The text as given.
    AsIs,
    /// The text in lower case.
    Lower,
    /// `0x` and digits with a checksum in their case; the key is the bytes.
    CaseChecksum(CaseChecksum),
    /// The payload written in another format of the network, with this version.
    Convert { format: String, version: Vec<u8> },
}

/// One format of a network's addresses.
#[derive(Debug)]
pub struct Format {
    pub(super) id: String,
    pub(super) role: Role,
    /// One of these stands in front; the first is the one to write.
    pub(super) text_prefixes: Vec<String>,
    pub(super) text_length_max: Option<usize>,
    pub(super) coding: Coding,
    pub(super) canonical: Canonical,
    /// Networks outside the table that accept every text of this format, in order.
    pub(super) shared_with: Vec<Caip2>,
}

impl Format {
    /// Returns the format's id, unique within its network, such as `p2pkh`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the networks outside the table that accept every text of this format, in order.
    #[must_use]
    pub fn shared_with(&self) -> &[Caip2] {
        &self.shared_with
    }

    /// Reads a text that has passed the general checks (ASCII without blanks). `siblings` are all formats of the
    /// network, among them the one that a conversion writes.
    pub(super) fn read(&self, text: &str, siblings: &[Self]) -> Result<Reading, Miss> {
        let body = self.decode(text)?;
        if let Some(max) = self.text_length_max.filter(|max| text.len() > *max) {
            let (found, expected) = (format!("{} characters", text.len()), format!("at most {max}"));
            return Err(Miss::new(Nearness::Verified, AddressError::WrongLength { found, expected }));
        }
        let canonical = match &self.canonical {
            Canonical::AsIs => text.to_owned(),
            Canonical::Lower => text.to_ascii_lowercase(),
            Canonical::CaseChecksum(checksum) => {
                let key = AccountKey::new(&body.payload);
                return Ok(Reading { canonical: checksum.write(&body.payload), key, assurance: body.assurance });
            }
            Canonical::Convert { format, version } => siblings
                .iter()
                .find(|sibling| sibling.id == *format)
                .and_then(|target| target.write(version, &body.payload))
                .ok_or(Miss::new(Nearness::Foreign, AddressError::Unrecognised))?,
        };
        let key = AccountKey::new(canonical.as_bytes());
        Ok(Reading { canonical, key, assurance: body.assurance })
    }

    /// Takes off the text prefix and decodes the rest.
    fn decode(&self, text: &str) -> Result<Body, Miss> {
        let Some(prefix) = self.text_prefixes.first() else {
            return self.decode_rest(text, 0);
        };
        // The longest prefix leaves the shortest rest.
        let rests = self.text_prefixes.iter().filter_map(|prefix| text.strip_prefix(prefix.as_str()));
        let Some(rest) = rests.min_by_key(|rest| rest.len()) else {
            let prefix = prefix.clone();
            let nearness = if self.decode_rest(text, 0).is_ok() { Nearness::Close } else { Nearness::Foreign };
            return Err(Miss::new(nearness, AddressError::MissingPrefix { prefix }));
        };
        self.decode_rest(rest, text.len() - rest.len())
    }

    fn decode_rest(&self, rest: &str, offset: usize) -> Result<Body, Miss> {
        match &self.coding {
            Coding::Base58(coding) => coding.decode(rest),
            Coding::Bech32(coding) => coding.decode(rest),
            Coding::Hex(coding) => coding.decode(rest, offset),
        }
    }

    /// Writes an account in this format; `None` where the format has no such account.
    pub(in crate::domain) fn write(&self, version: &[u8], payload: &[u8]) -> Option<String> {
        let body = match &self.coding {
            Coding::Base58(coding) => coding.encode(version, payload),
            Coding::Bech32(coding) => coding.encode(version, payload)?,
            Coding::Hex(_) => hex::encode([version, payload].concat()),
        };
        Some(self.text_prefixes.first().cloned().unwrap_or_default() + &body)
    }
}
