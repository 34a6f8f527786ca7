//! The kind `base58-blocks`: CryptoNote's base 58, which encodes eight bytes in eleven digits; the last block is shorter.
//!
//! Source: CryptoNote Standard 007, "Keys and Addresses"; monero `src/common/base58.cpp` (block sizes).

use super::base58::{ALPHABET, decode};
use super::fault::Fault;

/// The number of bytes in a full block.
const BLOCK: usize = 8;

/// The number of digits in a full block.
const DIGITS: usize = 11;

/// The number of digits in a block, by its number of bytes.
const DIGITS_OF_BYTES: [usize; 9] = [0, 2, 3, 5, 6, 7, 9, 10, 11];

/// Reads a text.
pub(super) fn read(text: &str) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::with_capacity(text.len());
    for (index, block) in text.as_bytes().chunks(DIGITS).enumerate() {
        let size = DIGITS_OF_BYTES.iter().position(|digits| *digits == block.len()).ok_or(Fault::Characters(text.len()))?;
        let block = std::str::from_utf8(block).map_err(|_| Fault::Foreign)?;
        let position = |place: usize| Fault::Character { position: index * DIGITS + place, allowed: ALPHABET };
        // Leading zero digits are part of the number here, not separate bytes.
        let number = decode(block.trim_start_matches('1'))
            .map_err(|place| position(block.len() - block.trim_start_matches('1').len() + place))?;
        let padding = size.checked_sub(number.len()).ok_or(Fault::Padding)?;
        bytes.extend(std::iter::repeat_n(0, padding).chain(number));
    }
    Ok(bytes)
}

/// Encodes bytes.
pub(super) fn encode(bytes: &[u8]) -> String {
    let write = |block: &[u8]| {
        let significant = block.iter().position(|byte| *byte != 0).and_then(|first| block.get(first..)).unwrap_or_default();
        let digits = bs58::encode(significant).into_string();
        let width = DIGITS_OF_BYTES.get(block.len()).copied().unwrap_or(DIGITS);
        format!("{digits:1>width$}")
    };
    bytes.chunks(BLOCK).map(write).collect()
}

/// Returns the number of characters for a number of bytes.
pub(super) fn text_length(bytes: usize) -> usize {
    bytes / BLOCK * DIGITS + DIGITS_OF_BYTES.get(bytes % BLOCK).copied().unwrap_or_default()
}
