//! The kind `hex`: pairs of hex digits, or digits padded to a width.

use super::fault::Fault;

/// Allowed characters, for messages.
pub(super) const ALPHABET: &str = "hex has the digits 0-9 and the letters a-f";

/// One format of this kind.
#[derive(Debug, Default)]
pub(super) struct Hex {
    /// Bytes to which fewer digits are padded on the left.
    pub(super) pad_to: Option<usize>,
    /// Fewest digits that are padded.
    pub(super) digits_min: usize,
    /// The number must be smaller, as big-endian bytes of the padded width.
    pub(super) below: Option<Vec<u8>>,
    /// Whether zero is no account.
    pub(super) nonzero: bool,
}

impl Hex {
    /// Reads digits.
    pub(super) fn read(&self, digits: &str) -> Result<Vec<u8>, Fault> {
        if let Some(index) = digits.bytes().position(|b| !b.is_ascii_hexdigit()) {
            return Err(Fault::Character { position: index + 1, allowed: ALPHABET });
        }
        let wrong_length = Fault::Characters(digits.len());
        let bytes = match self.pad_to {
            Some(width) if (self.digits_min..=2 * width).contains(&digits.len()) => {
                hex::decode(format!("{digits:0>width$}", width = 2 * width))
            }
            Some(_) => return Err(wrong_length),
            None => hex::decode(digits),
        };
        let bytes = bytes.map_err(|_| wrong_length)?;
        if self.below.as_ref().is_some_and(|bound| bytes >= *bound) {
            return Err(Fault::Layout("the number is larger than any account"));
        }
        if self.nonzero && bytes.iter().all(|byte| *byte == 0) {
            return Err(Fault::Layout("zero is no account"));
        }
        Ok(bytes)
    }

    /// Returns the fewest digits of so many bytes.
    pub(super) fn text_length_min(&self, bytes: usize) -> usize {
        if self.pad_to.is_some() { self.digits_min } else { 2 * bytes }
    }
}
