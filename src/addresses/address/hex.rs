//! The kind `hex`: pairs of hex digits, or digits that are padded to a width.

use super::fault::Fault;

/// The allowed characters, for error messages.
pub(super) const ALPHABET: &str = "allowed are the digits 0-9 and the letters a-f (hex)";

/// One format of this kind.
#[derive(Debug, Default)]
pub(super) struct Hex {
    /// The width in bytes to which shorter numbers are padded on the left; `None` without padding.
    pub(super) pad_to: Option<usize>,
    /// The minimum number of digits to pad.
    pub(super) digits_min: usize,
    /// An exclusive upper limit of the number, as big-endian bytes of the padded width; `None` if there is none.
    pub(super) below: Option<Vec<u8>>,
    /// Whether zero is refused as an account.
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
                decode(&format!("{digits:0>width$}", width = 2 * width))
            }
            Some(_) => return Err(wrong_length),
            None => decode(digits),
        };
        let bytes = bytes.map_err(|_| wrong_length)?;
        if self.below.as_ref().is_some_and(|bound| bytes >= *bound) {
            return Err(Fault::Layout("the number is larger than any account number"));
        }
        if self.nonzero && bytes.iter().all(|byte| *byte == 0) {
            return Err(Fault::Layout("zero is not an account"));
        }
        Ok(bytes)
    }

    /// Returns the minimum number of digits for a number of bytes.
    pub(super) fn text_length_min(&self, bytes: usize) -> usize {
        if self.pad_to.is_some() { self.digits_min } else { 2 * bytes }
    }
}

/// Reads digits into a buffer of their length; `hex::decode` collects byte by byte.
fn decode(digits: &str) -> Result<Vec<u8>, hex::FromHexError> {
    let mut bytes = vec![0; digits.len() / 2];
    hex::decode_to_slice(digits, &mut bytes)?;
    Ok(bytes)
}

/// Writes bytes as digits in lower case, into a buffer of their length; `hex::encode` collects character by character.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut digits = vec![0; 2 * bytes.len()];
    // The buffer has the length that is needed, and digits are ASCII.
    hex::encode_to_slice(bytes, &mut digits).ok().and_then(|()| String::from_utf8(digits).ok()).unwrap_or_default()
}
