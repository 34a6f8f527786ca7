//! The kind `hex`: pairs of hex digits, with or without a checksum in the letters' case.

use super::checksum::mixed_case_hex;
use super::error::{AddressError, Miss, Nearness};
use super::format::{Assurance, Body, Lengths};

/// Allowed characters, for messages.
const ALPHABET: &str = "hex has the digits 0-9 and the letters a-f";

/// A checksum carried by the case of the letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CaseChecksum {
    /// EIP-55.
    Eip55,
    /// EIP-1191 with the chain id that enters it.
    Eip1191(u64),
}

impl CaseChecksum {
    /// Writes an account with this checksum.
    pub(super) fn write(self, account: &[u8]) -> String {
        mixed_case_hex(account, self.chain_id())
    }

    fn chain_id(self) -> Option<u64> {
        match self {
            Self::Eip55 => None,
            Self::Eip1191(id) => Some(id),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Eip55 => "EIP-55",
            Self::Eip1191(_) => "EIP-1191",
        }
    }
}

/// One format of this kind.
#[derive(Debug)]
pub(super) struct Hex {
    /// Any one of these stands before the payload; one empty version if there is none.
    pub(super) versions: Vec<Vec<u8>>,
    /// Allowed payload lengths.
    pub(super) lengths: Lengths,
    /// Checksum that letters of mixed case must satisfy; without one case has no meaning.
    pub(super) checksum: Option<CaseChecksum>,
}

impl Hex {
    /// Reads the digits after a text prefix of `offset` characters.
    pub(super) fn decode(&self, digits: &str, offset: usize) -> Result<Body, Miss> {
        let (near, far) =
            if offset > 0 { (Nearness::Prefixed, Nearness::Prefixed) } else { (Nearness::Close, Nearness::Foreign) };
        let right_length = self.versions.iter().any(|v| self.lengths.allow_digits(digits.len(), v.len()));
        if let Some(index) = digits.bytes().position(|b| !b.is_ascii_hexdigit()) {
            let nearness = if right_length { near } else { far };
            return Err(Miss::new(nearness, AddressError::InvalidCharacter { position: offset + index + 1, allowed: ALPHABET }));
        }
        let bytes = if right_length { hex::decode(digits).ok() } else { None };
        let Some(payload) = bytes.as_deref().and_then(|bytes| self.split(bytes)) else {
            let found = format!("{} hex digits", digits.len());
            return Err(Miss::new(far, AddressError::WrongLength { found, expected: self.expected() }));
        };
        let assurance = self.check_case(digits, payload)?;
        Ok(Body { payload: payload.to_vec(), assurance })
    }

    fn split<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let mut payloads = self.versions.iter().filter_map(|version| bytes.strip_prefix(version.as_slice()));
        payloads.find(|payload| self.lengths.allow(payload.len()))
    }

    fn check_case(&self, digits: &str, payload: &[u8]) -> Result<Assurance, Miss> {
        let lower = digits.bytes().any(|b| b.is_ascii_lowercase());
        let upper = digits.bytes().any(|b| b.is_ascii_uppercase());
        match self.checksum {
            Some(checksum) if lower && upper => {
                if checksum.write(payload).strip_prefix("0x") == Some(digits) {
                    Ok(Assurance::Optional)
                } else {
                    let error = AddressError::ChecksumMismatch { checksum: checksum.name() };
                    Err(Miss::new(Nearness::Checksum, error))
                }
            }
            _ => Ok(Assurance::None),
        }
    }

    fn expected(&self) -> String {
        let version = self.versions.first().map(hex::encode).unwrap_or_default();
        let lengths = self.lengths.describe(|bytes| 2 * bytes + version.len());
        if version.is_empty() { lengths } else { format!("{lengths} starting with {version}") }
    }
}
