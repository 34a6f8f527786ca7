//! The kind `cashaddr`: prefix, `:`, data in groups of five bits, and a 40-bit checksum of eight symbols. Conflux uses the same form with
//! its own alphabet, and may write the account type between two colons.
//!
//! Source: Bitcoin Cash, "CashAddr specification"; CIP-37 (Conflux).

use super::fault::Fault;
use data_encoding::{Encoding, Specification};
use serde::Deserialize;
use std::sync::LazyLock;

const BECH32: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const CONFLUX: &str = "abcdefghjkmnprstuvwxyz0123456789";

/// The length of the checksum, in symbols.
const CHECKSUM_SYMBOLS: usize = 8;

/// The alphabet of the symbols.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Alphabet {
    /// The alphabet of bech32.
    #[default]
    Bech32,
    /// Conflux's alphabet.
    Conflux,
}

impl Alphabet {
    fn symbols(self) -> &'static str {
        match self {
            Self::Bech32 => BECH32,
            Self::Conflux => CONFLUX,
        }
    }

    fn encoding(self) -> &'static Encoding {
        static ENCODINGS: LazyLock<[Option<Encoding>; 2]> = LazyLock::new(|| [BECH32, CONFLUX].map(five_bits));
        static NONE: Encoding = data_encoding::BASE32_NOPAD;
        let [bech32, conflux] = &*ENCODINGS;
        let chosen = match self {
            Self::Bech32 => bech32,
            Self::Conflux => conflux,
        };
        // Both alphabets have 32 different characters, so both encodings exist.
        chosen.as_ref().unwrap_or(&NONE)
    }

    fn allowed(self) -> &'static str {
        match self {
            Self::Bech32 => "after the prefix, allowed are digits except 1, and letters except b, i and o",
            Self::Conflux => "after the prefix, allowed are digits, and letters except i, l, o and q",
        }
    }
}

/// Returns an encoding with five bits per symbol, in which unused bits must be zero.
pub(super) fn five_bits(symbols: &str) -> Option<Encoding> {
    let mut specification = Specification::new();
    specification.symbols.push_str(symbols);
    specification.encoding().ok()
}

/// One format of this kind.
#[derive(Debug)]
pub(super) struct CashAddr {
    /// The prefix, in lower case.
    pub(super) hrp: String,
    /// Whether the prefix is required.
    pub(super) prefix_required: bool,
    pub(super) alphabet: Alphabet,
    /// Whether `type.<type>` may occur between prefix and data.
    pub(super) type_part: bool,
}

impl CashAddr {
    /// Reads a text in one case. If the text names a type, its first byte must match that type.
    pub(super) fn read(&self, text: &str) -> Result<Vec<u8>, Fault> {
        let (head, data) = text.rsplit_once(':').unwrap_or(("", text));
        let type_part = self.type_of(head).ok_or(Fault::Foreign)?;
        let offset = text.len() - data.len();
        let symbols: Vec<u8> = data
            .chars()
            .enumerate()
            .map(|(index, c)| {
                let wrong = Fault::Character { position: offset + index + 1, allowed: self.alphabet.allowed() };
                self.alphabet.symbols().find(c).and_then(|value| u8::try_from(value).ok()).ok_or(wrong)
            })
            .collect::<Result<_, _>>()?;
        let payload =
            data.len().checked_sub(CHECKSUM_SYMBOLS).and_then(|end| data.get(..end)).ok_or(Fault::Characters(text.len()))?;
        if polymod(self.prefix_symbols().chain(symbols)) != 0 {
            return Err(Fault::Checksum);
        }
        let bytes = self.alphabet.encoding().decode(payload.as_bytes()).map_err(|_| Fault::Padding)?;
        match type_part {
            Some(named) if !type_fits(named, bytes.get(1..).unwrap_or_default()) => {
                Err(Fault::Layout("the address type in its prefix does not match the account"))
            }
            _ => Ok(bytes),
        }
    }

    /// Encodes bytes, with the prefix.
    pub(super) fn encode(&self, bytes: &[u8]) -> String {
        let payload = self.alphabet.encoding().encode(bytes);
        let values = payload.chars().filter_map(|c| self.alphabet.symbols().find(c).and_then(|value| u8::try_from(value).ok()));
        let checksum = polymod(self.prefix_symbols().chain(values).chain([0; CHECKSUM_SYMBOLS]));
        let digits = checksum.to_be_bytes();
        let checksum = self.alphabet.encoding().encode(digits.get(3..).unwrap_or_default());
        format!("{}:{payload}{checksum}", self.hrp)
    }

    /// Returns the number of characters for a minimum and a maximum number of bytes: the first without the optional parts, the second with
    /// all of them.
    pub(super) fn text_lengths(&self, min: usize, max: usize) -> (usize, usize) {
        let data = |bytes: usize| (bytes * 8).div_ceil(5) + CHECKSUM_SYMBOLS;
        let head = self.hrp.len() + 1;
        let type_part = if self.type_part { "type.contract:".len() } else { 0 };
        (data(min) + if self.prefix_required { head } else { 0 }, data(max) + head + type_part)
    }

    /// Reads the part before the data: nothing, the prefix, or the prefix and a type; `None` for anything else.
    fn type_of<'a>(&self, head: &'a str) -> Option<Option<&'a str>> {
        if head.is_empty() {
            return (!self.prefix_required).then_some(None);
        }
        match head.strip_prefix(&self.hrp)? {
            "" => Some(None),
            rest if self.type_part => rest.strip_prefix(":type.").map(Some),
            _ => None,
        }
    }

    fn prefix_symbols(&self) -> impl Iterator<Item = u8> + '_ {
        self.hrp.bytes().map(|c| c & 31).chain([0])
    }
}

/// Tells whether a type name matches the type of a Conflux account, which is in its first four bits.
///
/// Source: CIP-37, "type" and address space.
pub(super) fn type_fits(name: &str, account: &[u8]) -> bool {
    match account.first().map(|byte| byte >> 4) {
        Some(0) if account.iter().all(|byte| *byte == 0) => name == "null",
        Some(0) => name == "builtin",
        Some(1) => name == "user",
        Some(8) => name == "contract",
        _ => false,
    }
}

/// Returns the remainder of the checksum; it is 0 for a valid text.
///
/// Source: CashAddr specification, "Checksum".
fn polymod(symbols: impl Iterator<Item = u8>) -> u64 {
    const GENERATORS: [u64; 5] = [0x98_f2bc_8e61, 0x79_b76d_99e2, 0xf3_3e5f_b3c4, 0xae_2eab_e2a8, 0x1e_4f43_e470];
    let step = |remainder: u64, symbol: u8| {
        let top = remainder >> 35;
        let shifted = (remainder & 0x07_ffff_ffff) << 5 ^ u64::from(symbol);
        let added = GENERATORS.iter().enumerate().filter(|(bit, _)| top >> bit & 1 == 1);
        added.fold(shifted, |sum, (_, generator)| sum ^ generator)
    };
    symbols.fold(1, step) ^ 1
}
