//! The kind `base58`: big-endian base 58, in which leading zero digits represent zero bytes.
//!
//! Source: Bitcoin's base 58 and the XRP Ledger's alphabet of the same 58 characters in another order.

use super::checksum::{Checksum, sha256d_4};
use super::fault::Fault;
use super::given::Given;
use serde::Deserialize;

/// The allowed characters, for error messages.
pub(crate) const ALPHABET: &str = "allowed are the digits 1-9, and letters except I, O and l (base 58)";

/// The length of the Base58Check checksum, in bytes.
const CHECKSUM_LENGTH: usize = 4;

/// The maximum decoded length: longer than every address of this kind except Ergo's scripts. Decoding takes quadratic time.
const DECODED_LENGTH_MAX: usize = 256;

/// The alphabet of the digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Alphabet {
    /// Bitcoin's alphabet.
    #[default]
    Bitcoin,
    /// The XRP Ledger's alphabet.
    Ripple,
}

impl Alphabet {
    fn table(self) -> &'static bs58::Alphabet {
        match self {
            Self::Bitcoin => bs58::Alphabet::BITCOIN,
            Self::Ripple => bs58::Alphabet::RIPPLE,
        }
    }
}

/// Returns the maximum number of characters for `bytes` bytes: log 256 / log 58 = 1.3658 characters per byte.
pub(crate) fn text_length_max(bytes: usize) -> usize {
    (bytes * 1366).div_ceil(1000)
}

/// Decodes base 58 in Bitcoin's alphabet. On failure, returns the position of the first wrong character, counted from 1.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, usize> {
    decode_in(text, Alphabet::Bitcoin)
}

/// Decodes base 58. On failure, returns the position of the first wrong character, counted from 1.
pub(super) fn decode_in(text: &str, alphabet: Alphabet) -> Result<Vec<u8>, usize> {
    bs58::decode(text).with_alphabet(alphabet.table()).into_vec().map_err(|error| match error {
        bs58::decode::Error::InvalidCharacter { index, .. } | bs58::decode::Error::NonAsciiCharacter { index } => index + 1,
        _ => 1,
    })
}

/// Checks the checksum of Base58Check and removes it; `None` if it does not match.
pub(crate) fn verified(bytes: &[u8]) -> Option<&[u8]> {
    let (body, checksum) = bytes.split_last_chunk::<CHECKSUM_LENGTH>()?;
    (sha256d_4(body) == *checksum).then_some(body)
}

/// Reads a text. A text longer than the general limit is refused.
pub(super) fn read(given: &Given<'_>, alphabet: Alphabet) -> Result<Vec<u8>, Fault> {
    if given.text().len() > text_length_max(DECODED_LENGTH_MAX) {
        return Err(Fault::Characters(given.text().len()));
    }
    given.base58(alphabet).map(<[u8]>::to_vec)
}

/// Encodes bytes.
pub(super) fn encode(bytes: &[u8], alphabet: Alphabet) -> String {
    bs58::encode(bytes).with_alphabet(alphabet.table()).into_string()
}

/// Returns the minimum and maximum number of characters for a range of byte lengths.
pub(super) fn text_lengths(min: usize, max: Option<usize>) -> (usize, usize) {
    (min, text_length_max(max.unwrap_or(DECODED_LENGTH_MAX)))
}

/// Searches for the one character whose replacement makes the checksum match; returns its position, counted from 1. The replacement is not
/// returned: it would make an address that nobody has written.
pub(super) fn wrong_character(text: &str, alphabet: Alphabet, checksum: Checksum) -> Option<usize> {
    let digits: Vec<usize> = text.bytes().map(|c| digit_of(c, alphabet)).collect::<Option<_>>()?;
    let bytes = decode_in(text, alphabet).ok()?;
    // The value of a digit's position, as a number with the same number of bytes. Replacing a digit adds or subtracts a multiple of it.
    let mut place = vec![0; bytes.len()];
    *place.last_mut()? = 1;
    for (index, digit) in digits.iter().enumerate().rev() {
        let mut other = bytes.clone();
        for _ in *digit + 1..58 {
            add(&mut other, &place);
            if holds(&other, checksum) {
                return Some(index + 1);
            }
        }
        other.copy_from_slice(&bytes);
        for _ in 0..*digit {
            subtract(&mut other, &place);
            if holds(&other, checksum) {
                return Some(index + 1);
            }
        }
        multiply_by_58(&mut place);
    }
    None
}

fn digit_of(c: u8, alphabet: Alphabet) -> Option<usize> {
    let text: &[u8] = match alphabet {
        Alphabet::Bitcoin => b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
        Alphabet::Ripple => b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz",
    };
    text.iter().position(|other| *other == c)
}

fn holds(bytes: &[u8], checksum: Checksum) -> bool {
    checksum.split(bytes).is_some_and(|(body, found)| checksum.of(body) == found)
}

/// Adds and ignores an overflow: a text with that value has another number of bytes.
fn add(number: &mut [u8], other: &[u8]) {
    let mut carry = false;
    for (byte, more) in number.iter_mut().zip(other).rev() {
        let (sum, over) = byte.overflowing_add(*more);
        let (sum, again) = sum.overflowing_add(u8::from(carry));
        (*byte, carry) = (sum, over || again);
    }
}

fn subtract(number: &mut [u8], other: &[u8]) {
    let mut borrow = false;
    for (byte, less) in number.iter_mut().zip(other).rev() {
        let (rest, under) = byte.overflowing_sub(*less);
        let (rest, again) = rest.overflowing_sub(u8::from(borrow));
        (*byte, borrow) = (rest, under || again);
    }
}

fn multiply_by_58(number: &mut [u8]) {
    let mut carry = 0u16;
    for byte in number.iter_mut().rev() {
        let product = u16::from(*byte) * 58 + carry;
        let [high, low] = product.to_be_bytes();
        *byte = low;
        carry = u16::from(high);
    }
}
