//! Checksums over bytes: one variant each, with its name in the table of networks.
//!
//! Sources: the networks' own specifications, as named in `seed/README.md`; the hashes are those of their crates.

use aws_lc_rs::digest::{SHA256, SHA512_256, digest};
use blake2::digest::consts::{U4, U5, U32, U64};
use blake2::{Blake2b, Digest as _};
use crc::{CRC_16_XMODEM, CRC_32_ISO_HDLC, Crc};
use groestl::Groestl512;
use ripemd::Ripemd160;
use serde::Deserialize;
use sha3::{Keccak256, Sha3_256};

const CRC_16: Crc<u16> = Crc::<u16>::new(&CRC_16_XMODEM);
const CRC_32: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

/// The bytes that SS58 prepends before hashing. Source: Substrate, SS58 address format.
const SS58_PREFIX: &[u8] = b"SS58PRE";

/// A checksum over `version ‖ payload`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Checksum {
    /// No checksum.
    None,
    /// First four bytes of SHA-256 applied twice (Base58Check).
    #[serde(rename = "sha256d-4")]
    Sha256d4,
    /// First four bytes of Grøstl-512 applied twice.
    #[serde(rename = "groestl512d-4")]
    Groestl512d4,
    /// First four bytes of BLAKE-256 (14 rounds) applied twice.
    #[serde(rename = "blake256d-4")]
    Blake256d4,
    /// First four bytes of Keccak-256.
    #[serde(rename = "keccak256-4")]
    Keccak256First4,
    /// First four bytes of SHA3-256.
    #[serde(rename = "sha3-256-4")]
    Sha3First4,
    /// First four bytes of BLAKE2b-256.
    #[serde(rename = "blake2b256-4")]
    Blake2b256First4,
    /// First six bytes of BLAKE2b-256.
    #[serde(rename = "blake2b256-6")]
    Blake2b256First6,
    /// First four bytes of RIPEMD-160.
    #[serde(rename = "ripemd160-4")]
    Ripemd160First4,
    /// First four bytes of Keccak-256 of BLAKE2b-256.
    #[serde(rename = "keccak256-of-blake2b256-4")]
    KeccakOfBlake2b4,
    /// BLAKE2b with an output of four bytes.
    #[serde(rename = "blake2b32")]
    Blake2b32,
    /// BLAKE2b with an output of five bytes, their order reversed.
    #[serde(rename = "blake2b40-reversed")]
    Blake2b40Reversed,
    /// Last four bytes of SHA-512/256.
    #[serde(rename = "sha512-256-last-4")]
    Sha512With256Last4,
    /// First two bytes of BLAKE2b-512 of `SS58PRE ‖ body`.
    #[serde(rename = "ss58-blake2b512-2")]
    Ss58,
    /// CRC-16/XMODEM, low byte first.
    #[serde(rename = "crc16-xmodem-le")]
    Crc16Le,
    /// CRC-16/XMODEM, high byte first.
    #[serde(rename = "crc16-xmodem-be")]
    Crc16Be,
    /// CRC-32, high byte first, before the body.
    #[serde(rename = "crc32-be-prefix-4")]
    Crc32Before,
    /// Exclusive or of all bytes.
    #[serde(rename = "xor-1")]
    Xor1,
}

impl Checksum {
    /// Returns the checksum of a body.
    pub(super) fn of(self, body: &[u8]) -> Vec<u8> {
        let first = |hash: &[u8], length: usize| hash.get(..length).unwrap_or_default().to_vec();
        match self {
            Self::None => Vec::new(),
            Self::Sha256d4 => sha256d_4(body).to_vec(),
            Self::Groestl512d4 => first(&Groestl512::digest(Groestl512::digest(body)), 4),
            Self::Blake256d4 => first(&blake256(&blake256(body)), 4),
            Self::Keccak256First4 => first(&Keccak256::digest(body), 4),
            Self::Sha3First4 => first(&Sha3_256::digest(body), 4),
            Self::Blake2b256First4 => first(&Blake2b::<U32>::digest(body), 4),
            Self::Blake2b256First6 => first(&Blake2b::<U32>::digest(body), 6),
            Self::Ripemd160First4 => first(&Ripemd160::digest(body), 4),
            Self::KeccakOfBlake2b4 => first(&Keccak256::digest(Blake2b::<U32>::digest(body)), 4),
            Self::Blake2b32 => Blake2b::<U4>::digest(body).to_vec(),
            Self::Blake2b40Reversed => Blake2b::<U5>::digest(body).iter().rev().copied().collect(),
            Self::Sha512With256Last4 => {
                digest(&SHA512_256, body).as_ref().last_chunk::<4>().map_or_else(Vec::new, |last| last.to_vec())
            }
            Self::Ss58 => first(&Blake2b::<U64>::new().chain_update(SS58_PREFIX).chain_update(body).finalize(), 2),
            Self::Crc16Le => CRC_16.checksum(body).to_le_bytes().to_vec(),
            Self::Crc16Be => CRC_16.checksum(body).to_be_bytes().to_vec(),
            Self::Crc32Before => CRC_32.checksum(body).to_be_bytes().to_vec(),
            Self::Xor1 => vec![body.iter().fold(0, |all, byte| all ^ byte)],
        }
    }

    /// Returns the length of the checksum, in bytes.
    pub(super) fn length(self) -> usize {
        match self {
            Self::None => 0,
            Self::Xor1 => 1,
            Self::Ss58 | Self::Crc16Le | Self::Crc16Be => 2,
            Self::Blake2b40Reversed => 5,
            Self::Blake2b256First6 => 6,
            _ => 4,
        }
    }

    /// Tells whether the checksum is fast enough for a search of a wrong character, which takes some thousand attempts; Grøstl would take 5
    /// ms.
    pub(super) fn is_searched(self) -> bool {
        !matches!(self, Self::None | Self::Groestl512d4)
    }

    /// Splits bytes into body and checksum; `None` if there are too few.
    pub(super) fn split(self, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
        if self == Self::Crc32Before {
            bytes.split_at_checked(self.length()).map(|(checksum, body)| (body, checksum))
        } else {
            bytes.split_at_checked(bytes.len().checked_sub(self.length())?)
        }
    }

    /// Puts a body and a checksum together.
    pub(super) fn join(self, body: &[u8], checksum: &[u8]) -> Vec<u8> {
        if self == Self::Crc32Before { [checksum, body].concat() } else { [body, checksum].concat() }
    }

    /// Returns the name of the checksum for messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::None => "missing",
            Self::Sha256d4 => "base58check",
            Self::Groestl512d4 => "Grøstl-512",
            Self::Blake256d4 => "BLAKE-256",
            Self::Keccak256First4 => "Keccak-256",
            Self::Sha3First4 => "SHA3-256",
            Self::Ripemd160First4 => "RIPEMD-160",
            Self::KeccakOfBlake2b4 => "Keccak-256 of BLAKE2b",
            Self::Blake2b256First4 | Self::Blake2b256First6 | Self::Blake2b32 | Self::Blake2b40Reversed => "BLAKE2b",
            Self::Sha512With256Last4 => "SHA-512/256",
            Self::Ss58 => "SS58",
            Self::Crc16Le | Self::Crc16Be => "CRC-16",
            Self::Crc32Before => "CRC-32",
            Self::Xor1 => "xor",
        }
    }
}

/// Returns the first four bytes of SHA-256(SHA-256(body)).
///
/// Source: Bitcoin's Base58Check.
pub(crate) fn sha256d_4(body: &[u8]) -> [u8; 4] {
    let hash = digest(&SHA256, digest(&SHA256, body).as_ref());
    hash.as_ref().first_chunk().copied().unwrap_or_default()
}

/// The crate uses an older version of the digest traits than the others.
fn blake256(body: &[u8]) -> Vec<u8> {
    use blake_hash::{Blake256, Digest};
    Blake256::digest(body).to_vec()
}

/// Returns CRC-32 as in Cardano's Byron addresses. Source: CIP-19, "Byron addresses".
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    CRC_32.checksum(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_of_nothing_are_the_published_ones() {
        for (checksum, hex) in [
            // Source: Bitcoin, payload checksum of an empty message (`verack`), protocol documentation.
            (Checksum::Sha256d4, "5df6e0e2"),
            // Source: Keccak reference, Keccak-256 of nothing: c5d24601….
            (Checksum::Keccak256First4, "c5d24601"),
            // Source: FIPS 202 examples, SHA3-256 of nothing: a7ffc6f8….
            (Checksum::Sha3First4, "a7ffc6f8"),
            // Source: RIPEMD-160 page of its authors, RIPEMD-160 of nothing: 9c1185a5….
            (Checksum::Ripemd160First4, "9c1185a5"),
        ] {
            assert_eq!(hex::encode(checksum.of(b"")), hex, "{checksum:?}");
        }
        // Source: BLAKE, submission to NIST, 2010, BLAKE-256 of one zero byte.
        assert_eq!(hex::encode(blake256(&[0])), "0ce8d4ef4dd7cd8d62dfded9d4edb0a774ae6a41929a74da23109e8f11139c87");
    }

    #[test]
    fn check_values_of_the_cyclic_codes_are_the_published_ones() {
        // Source: catalogue of parametrised CRC algorithms, `check` of CRC-16/XMODEM and CRC-32/ISO-HDLC.
        assert_eq!(Checksum::Crc16Be.of(b"123456789"), [0x31, 0xc3]);
        assert_eq!(Checksum::Crc16Le.of(b"123456789"), [0xc3, 0x31]);
        assert_eq!(Checksum::Crc32Before.of(b"123456789"), [0xcb, 0xf4, 0x39, 0x26]);
    }

    #[test]
    fn length_is_what_comes_out() {
        for checksum in [Checksum::None, Checksum::Sha256d4, Checksum::Ss58, Checksum::Blake2b40Reversed, Checksum::Xor1] {
            assert_eq!(checksum.of(b"body").len(), checksum.length());
        }
    }
}
