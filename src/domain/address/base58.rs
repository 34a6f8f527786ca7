//! The kind `base58`: big-endian base 58 in Bitcoin's alphabet, leading ones for zero bytes; `version ‖ payload`, with
//! or without a four-byte checksum.

use super::checksum::sha256d_4;
use super::error::{AddressError, Miss, Nearness};
use super::format::{Assurance, Body, Lengths};

/// Allowed characters, for messages.
pub(crate) const ALPHABET: &str = "base 58 has the digits 1-9 and the letters but I, O and l";

/// Bytes of the checksum.
const CHECKSUM_LENGTH: usize = 4;

/// More bytes than any address of this kind has; longer texts are not decoded (decoding is quadratic).
const DECODED_LENGTH_MAX: usize = 128;

/// One format of this kind.
#[derive(Debug)]
pub(super) struct Base58 {
    /// Any one of these stands before the payload; one empty version if there is none.
    pub(super) versions: Vec<Vec<u8>>,
    /// Allowed payload lengths.
    pub(super) lengths: Lengths,
    /// Whether four checksum bytes follow.
    pub(super) checked: bool,
}

/// Most characters that `bytes` bytes take: log 256 / log 58 = 1.3658 characters a byte.
pub(crate) fn text_length_max(bytes: usize) -> usize {
    (bytes * 1366).div_ceil(1000)
}

/// Decodes base 58; on failure gives the place of the first wrong character, counted from 1.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, usize> {
    bs58::decode(text).into_vec().map_err(|error| match error {
        bs58::decode::Error::InvalidCharacter { index, .. } | bs58::decode::Error::NonAsciiCharacter { index } => index + 1,
        _ => 1,
    })
}

/// Splits off the checksum and compares it; `None` where it does not match.
pub(crate) fn verified(bytes: &[u8]) -> Option<&[u8]> {
    let (body, checksum) = bytes.split_last_chunk::<CHECKSUM_LENGTH>()?;
    (sha256d_4(body) == *checksum).then_some(body)
}

impl Base58 {
    /// Reads a text without blanks.
    pub(super) fn decode(&self, text: &str) -> Result<Body, Miss> {
        let (min, max) = self.decoded_lengths();
        let fits = (min..=text_length_max(max)).contains(&text.len());
        if text.len() > text_length_max(DECODED_LENGTH_MAX) {
            return Err(self.wrong_length(text));
        }
        let bytes = decode(text).map_err(|position| {
            let nearness = if fits { Nearness::Close } else { Nearness::Foreign };
            Miss::new(nearness, AddressError::InvalidCharacter { position, allowed: ALPHABET })
        })?;
        if !self.checked {
            return self.split(&bytes).ok_or_else(|| if fits { self.wrong_bytes(bytes.len()) } else { self.wrong_length(text) });
        }
        match verified(&bytes) {
            Some(body) => self.split(body).ok_or_else(|| Miss::new(Nearness::Verified, AddressError::UnknownPrefix)),
            None if fits => Err(Miss::new(Nearness::Checksum, AddressError::ChecksumMismatch { checksum: "base58check" })),
            None => Err(self.wrong_length(text)),
        }
    }

    /// Writes `version ‖ payload`.
    pub(super) fn encode(&self, version: &[u8], payload: &[u8]) -> String {
        let mut bytes = [version, payload].concat();
        if self.checked {
            bytes.extend(sha256d_4(&bytes));
        }
        bs58::encode(bytes).into_string()
    }

    fn split(&self, body: &[u8]) -> Option<Body> {
        let mut payloads = self.versions.iter().filter_map(|version| body.strip_prefix(version.as_slice()));
        let payload = payloads.find(|payload| self.lengths.allow(payload.len()))?.to_vec();
        Some(Body { payload, assurance: if self.checked { Assurance::Mandatory } else { Assurance::None } })
    }

    fn wrong_bytes(&self, found: usize) -> Miss {
        let expected = self.lengths.describe(|bytes| bytes);
        Miss::new(Nearness::Shape, AddressError::WrongLength { found: format!("{found} bytes when decoded"), expected })
    }

    fn wrong_length(&self, text: &str) -> Miss {
        let (min, max) = self.decoded_lengths();
        // A word is not a short address.
        let comparable = (min / 2..=2 * text_length_max(max)).contains(&text.len());
        let nearness = if comparable { Nearness::Shape } else { Nearness::Foreign };
        let expected = format!("{min} to {}", text_length_max(max));
        Miss::new(nearness, AddressError::WrongLength { found: format!("{} characters", text.len()), expected })
    }

    /// Fewest and most bytes of version, payload and checksum; a byte takes at least one character.
    fn decoded_lengths(&self) -> (usize, usize) {
        let checksum = if self.checked { CHECKSUM_LENGTH } else { 0 };
        let shortest = self.versions.iter().map(Vec::len).min().unwrap_or_default();
        let longest = self.versions.iter().map(Vec::len).max().unwrap_or_default();
        (shortest + self.lengths.min() + checksum, longest + self.lengths.max(DECODED_LENGTH_MAX) + checksum)
    }
}
