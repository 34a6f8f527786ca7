//! The kind `bech32` with versioned data: prefix, `1`, one symbol of version, data in groups of five bits, six symbols
//! of checksum under one of two constants.
//!
//! Source: BIP-173 (bech32), BIP-350 (bech32m).

use super::error::{AddressError, Miss, Nearness};
use super::format::{Assurance, Body, Lengths};
use bech32::primitives::decode::UncheckedHrpstring;
use bech32::{Bech32, Bech32m, ByteIterExt, Fe32, Fe32IterExt, Hrp};

/// Allowed characters, for messages.
const ALPHABET: &str = "after the prefix bech32 has the digits but 1 and the letters but b, i and o";

/// Which of the two constants the checksum has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Constant {
    /// 1, BIP-173.
    Bech32,
    /// 0x2bc830a3, BIP-350.
    Bech32m,
}

/// One format of this kind.
#[derive(Debug)]
pub(super) struct Versioned {
    /// Human-readable part, lower case.
    pub(super) hrp: String,
    /// Allowed values of the first symbol.
    pub(super) symbols: Vec<u8>,
    /// Allowed payload lengths.
    pub(super) lengths: Lengths,
    /// The checksum's constant.
    pub(super) constant: Constant,
}

impl Versioned {
    /// Reads a text without blanks.
    pub(super) fn decode(&self, text: &str) -> Result<Body, Miss> {
        let lower = text.to_ascii_lowercase();
        let Some(data) = lower.strip_prefix(&self.hrp).and_then(|rest| rest.strip_prefix('1')) else {
            return Err(self.other_prefix(text, &lower));
        };
        let offset = lower.len() - data.len();
        if let Some(index) = data.chars().position(|c| bech32::Fe32::from_char(c).is_err()) {
            let error = AddressError::InvalidCharacter { position: offset + index + 1, allowed: ALPHABET };
            return Err(Miss::new(Nearness::Prefixed, error));
        }
        if let Some(position) = first_of_other_case(text) {
            return Err(Miss::new(Nearness::Prefixed, AddressError::MixedCase { position }));
        }
        let (found, symbols) = checked_symbols(&lower).ok_or_else(mismatch)?;
        let Some((version, data)) = symbols.split_first() else {
            return Err(self.wrong_length(Nearness::Prefixed, 0));
        };
        let version = version.to_u8();
        if !self.symbols.contains(&version) {
            return Err(Miss::new(Nearness::Prefixed, AddressError::UnsupportedVersion { version }));
        }
        if found != self.constant {
            return Err(mismatch());
        }
        let payload = regroup(data).ok_or(Miss::new(Nearness::Verified, AddressError::InvalidPadding))?;
        if self.lengths.allow(payload.len()) {
            Ok(Body { payload, assurance: Assurance::Mandatory })
        } else {
            Err(self.wrong_length(Nearness::Verified, payload.len()))
        }
    }

    /// Writes a version symbol and a payload; `None` where no such string exists.
    pub(super) fn encode(&self, version: &[u8], payload: &[u8]) -> Option<String> {
        let hrp = Hrp::parse(&self.hrp).ok()?;
        let version = Fe32::try_from(*version.first()?).ok()?;
        let symbols = payload.iter().copied().bytes_to_fes();
        Some(match self.constant {
            Constant::Bech32 => symbols.with_checksum::<Bech32>(&hrp).with_witness_version(version).chars().collect(),
            Constant::Bech32m => symbols.with_checksum::<Bech32m>(&hrp).with_witness_version(version).chars().collect(),
        })
    }

    /// Says why a text without this prefix is refused: it may be a sound text of this kind with another prefix, one
    /// whose prefix was mistyped, or nothing of the kind.
    fn other_prefix(&self, text: &str, lower: &str) -> Miss {
        if lower.starts_with(&self.hrp) && self.fits(text) {
            let error = AddressError::InvalidCharacter { position: self.hrp.len() + 1, allowed: "`1` parts prefix and data" };
            return Miss::new(Nearness::Close, error);
        }
        match UncheckedHrpstring::new(text) {
            Ok(_) if checked_symbols(lower).is_some() => Miss::new(Nearness::Verified, AddressError::UnknownPrefix),
            Ok(_) if self.fits(text) => Miss { nearness: Nearness::Close, ..mismatch() },
            _ => Miss::new(Nearness::Foreign, AddressError::MissingPrefix { prefix: format!("{}1", self.hrp) }),
        }
    }

    /// Tells whether the length is that of an address of this format.
    fn fits(&self, text: &str) -> bool {
        let fixed = self.hrp.len() + 1 + 1 + CHECKSUM_SYMBOLS;
        text.len().checked_sub(fixed).is_some_and(|data| self.lengths.allow(data * 5 / 8))
    }

    fn wrong_length(&self, nearness: Nearness, found: usize) -> Miss {
        let expected = self.lengths.describe(|bytes| bytes);
        Miss::new(nearness, AddressError::WrongLength { found: format!("{found} bytes of data"), expected })
    }
}

/// Symbols of the checksum.
const CHECKSUM_SYMBOLS: usize = 6;

fn mismatch() -> Miss {
    Miss::new(Nearness::Checksum, AddressError::ChecksumMismatch { checksum: "bech32" })
}

/// Returns the symbols between prefix and checksum, and the constant under which the checksum holds.
fn checked_symbols(lower: &str) -> Option<(Constant, Vec<Fe32>)> {
    let unchecked = UncheckedHrpstring::new(lower).ok()?;
    if unchecked.has_valid_checksum::<Bech32>() {
        Some((Constant::Bech32, unchecked.remove_checksum::<Bech32>().fe32_iter().collect()))
    } else if unchecked.has_valid_checksum::<Bech32m>() {
        Some((Constant::Bech32m, unchecked.remove_checksum::<Bech32m>().fe32_iter().collect()))
    } else {
        None
    }
}

/// Regroups five-bit symbols to bytes; `None` where more than four bits are left over or one of them is not zero.
///
/// Source: BIP-173, "Segwit address format", decoding.
fn regroup(symbols: &[Fe32]) -> Option<Vec<u8>> {
    let spare = symbols.len() * 5 % 8;
    let last = symbols.last().map_or(0, |symbol| symbol.to_u8());
    (spare <= 4 && last.trailing_zeros() >= u32::try_from(spare).ok()?).then(|| symbols.iter().copied().fes_to_bytes().collect())
}

/// Returns the place of the first letter whose case differs from the first letter's, counted from 1.
fn first_of_other_case(text: &str) -> Option<usize> {
    let upper = text.chars().find(char::is_ascii_alphabetic)?.is_ascii_uppercase();
    text.chars().position(|c| c.is_ascii_alphabetic() && c.is_ascii_uppercase() != upper).map(|index| index + 1)
}
