//! The kind `bech32`: prefix, `1`, data in groups of five bits, and a checksum of six symbols with one of two constants. `versioned` data
//! begins with a separate symbol: a witness version or an address type. It becomes the first byte.
//!
//! Source: BIP-173 (bech32), BIP-350 (bech32m).

use super::fault::Fault;
use bech32::primitives::decode::UncheckedHrpstring;
use bech32::{Bech32, Bech32m, ByteIterExt, Fe32, Fe32IterExt, Hrp};
use serde::Deserialize;

/// The allowed characters, for error messages.
pub(super) const ALPHABET: &str = "after the prefix, allowed are digits except 1, and letters except b, i and o (bech32)";

/// The length of the checksum, in symbols.
const CHECKSUM_SYMBOLS: usize = 6;

/// The constant of the checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Constant {
    /// 1, BIP-173.
    Bech32,
    /// 0x2bc830a3, BIP-350.
    Bech32m,
}

/// The structure of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Data {
    /// Bytes.
    Bytes,
    /// One symbol, then bytes.
    Versioned,
}

/// One format of this kind.
#[derive(Debug)]
pub(super) struct HumanReadable {
    /// The human-readable part, in lower case.
    pub(super) hrp: String,
    pub(super) data: Data,
    pub(super) constant: Constant,
    /// The allowed values of the first symbol of versioned data.
    pub(super) symbols: Vec<u8>,
}

impl HumanReadable {
    /// Reads a text in one case.
    pub(super) fn read(&self, text: &str) -> Result<Vec<u8>, Fault> {
        let data = text.strip_prefix(&self.hrp).and_then(|rest| rest.strip_prefix('1')).ok_or(Fault::Foreign)?;
        if let Some(index) = data.chars().position(|c| Fe32::from_char(c).is_err()) {
            return Err(Fault::Character { position: text.len() - data.len() + index + 1, allowed: ALPHABET });
        }
        let (found, symbols) = checked_symbols(text).ok_or(Fault::Checksum)?;
        match self.data {
            Data::Bytes if found == self.constant => regroup(&symbols).ok_or(Fault::Padding),
            Data::Bytes => Err(Fault::Checksum),
            Data::Versioned => {
                let (version, data) = symbols.split_first().ok_or(Fault::Bytes(0))?;
                if !self.symbols.contains(&version.to_u8()) {
                    return Err(Fault::Version(version.to_u8()));
                }
                if found != self.constant {
                    return Err(Fault::Checksum);
                }
                let payload = regroup(data).ok_or(Fault::Padding)?;
                Ok([&[version.to_u8()], payload.as_slice()].concat())
            }
        }
    }

    /// Encodes bytes; `None` if no such text exists.
    pub(super) fn encode(&self, bytes: &[u8]) -> Option<String> {
        let hrp = Hrp::parse(&self.hrp).ok()?;
        let symbols: Vec<Fe32> = match self.data {
            Data::Bytes => bytes.iter().copied().bytes_to_fes().collect(),
            Data::Versioned => {
                let (version, payload) = bytes.split_first()?;
                let version = Fe32::try_from(*version).ok()?;
                std::iter::once(version).chain(payload.iter().copied().bytes_to_fes()).collect()
            }
        };
        let symbols = symbols.into_iter();
        Some(match self.constant {
            Constant::Bech32 => symbols.with_checksum::<Bech32>(&hrp).chars().collect(),
            Constant::Bech32m => symbols.with_checksum::<Bech32m>(&hrp).chars().collect(),
        })
    }

    /// Returns the number of characters for a number of bytes.
    pub(super) fn text_length(&self, bytes: usize) -> usize {
        let symbols = match self.data {
            Data::Bytes => (bytes * 8).div_ceil(5),
            Data::Versioned => 1 + (bytes.saturating_sub(1) * 8).div_ceil(5),
        };
        self.hrp.len() + 1 + symbols + CHECKSUM_SYMBOLS
    }

    /// Searches for the one character after the prefix whose replacement makes the checksum match; returns its position, counted from 1.
    /// The checksum is linear: an error adds a remainder that depends only on its position and size. (The crate's own correction panics if
    /// there is nothing to correct.)
    pub(super) fn wrong_character(&self, text: &str) -> Option<usize> {
        let data = text.get(self.hrp.len() + 1..)?;
        let symbols: Vec<u32> =
            data.chars().map(|c| Fe32::from_char(c).map(|symbol| symbol.to_u8().into())).collect::<Result<_, _>>().ok()?;
        let high = self.hrp.bytes().map(|c| u32::from(c >> 5));
        let low = self.hrp.bytes().map(|c| u32::from(c & 31));
        let remainder = high.chain([0]).chain(low).chain(symbols.iter().copied()).fold(1, step);
        let excess = remainder ^ if self.constant == Constant::Bech32 { 1 } else { 0x2bc8_30a3 };
        let explains = |error: u32| {
            let remainders = std::iter::successors(Some(error), |remainder| Some(step(*remainder, 0)));
            remainders.take(symbols.len()).position(|remainder| remainder == excess)
        };
        let from_end = (1..32).find_map(explains)?;
        Some(text.len() - from_end)
    }
}

/// One step of the checksum. Source: BIP-173, "Checksum".
fn step(remainder: u32, symbol: u32) -> u32 {
    const GENERATORS: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let top = remainder >> 25;
    let added = GENERATORS.iter().enumerate().filter(|(bit, _)| top >> bit & 1 == 1);
    added.fold((remainder & 0x01ff_ffff) << 5 ^ symbol, |sum, (_, generator)| sum ^ generator)
}

/// Tells whether a text in one case is valid under any prefix.
pub(super) fn is_sound(lower: &str) -> bool {
    checked_symbols(lower).is_some()
}

/// Tells whether a text consists of symbols only.
pub(super) fn is_data(text: &str) -> bool {
    text.chars().all(|c| Fe32::from_char(c).is_ok())
}

/// Returns the symbols between prefix and checksum, and the constant that matches the checksum.
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

/// Regroups five-bit symbols into bytes; `None` if more than four bits are left over, or one of them is not zero.
///
/// Source: BIP-173, "Segwit address format", decoding.
fn regroup(symbols: &[Fe32]) -> Option<Vec<u8>> {
    let spare = symbols.len() * 5 % 8;
    let last = symbols.last().map_or(0, |symbol| symbol.to_u8());
    (spare <= 4 && last.trailing_zeros() >= u32::try_from(spare).ok()?).then(|| symbols.iter().copied().fes_to_bytes().collect())
}
