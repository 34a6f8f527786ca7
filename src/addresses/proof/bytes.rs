//! Hashes and text encodings that several schemes share. Nothing here depends on a scheme.

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_PAD_INDIFFERENT, URL_SAFE_PAD_INDIFFERENT};
use blake2::Blake2b;
use blake2::digest::Digest as _;
use blake2::digest::consts::{U20, U28, U32};
use ripemd::Ripemd160;
use sha3::Keccak256;

/// Returns SHA-256 of the concatenated parts.
pub(super) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    first(digest(&SHA256, &parts.concat()).as_ref())
}

/// Returns SHA-256 of SHA-256.
pub(super) fn sha256d(parts: &[&[u8]]) -> [u8; 32] {
    sha256(&[&sha256(parts)])
}

/// Returns the first half of SHA-512.
pub(super) fn sha512_half(bytes: &[u8]) -> [u8; 32] {
    first(digest(&SHA512, bytes).as_ref())
}

/// Returns RIPEMD-160 of SHA-256.
pub(super) fn hash160(bytes: &[u8]) -> [u8; 20] {
    Ripemd160::digest(sha256(&[bytes])).into()
}

/// Returns Keccak-256 (not SHA3-256) of the concatenated parts.
pub(super) fn keccak256(parts: &[&[u8]]) -> [u8; 32] {
    Keccak256::digest(parts.concat()).into()
}

/// Returns BLAKE2b with 160 bits of output.
pub(super) fn blake2b_160(bytes: &[u8]) -> [u8; 20] {
    Blake2b::<U20>::digest(bytes).into()
}

/// Returns BLAKE2b with 224 bits of output.
pub(super) fn blake2b_224(bytes: &[u8]) -> [u8; 28] {
    Blake2b::<U28>::digest(bytes).into()
}

/// Returns BLAKE2b with 256 bits of output.
pub(super) fn blake2b_256(bytes: &[u8]) -> [u8; 32] {
    Blake2b::<U32>::digest(bytes).into()
}

/// Reads hex digits in either case, with or without `0x`.
pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    hex::decode(text.strip_prefix("0x").unwrap_or(text)).ok()
}

/// Reads base 64 in either alphabet, with or without padding. Unused bits must be zero, so that each sequence of bytes has only one text.
pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD_PAD_INDIFFERENT.decode(text).or_else(|_| URL_SAFE_PAD_INDIFFERENT.decode(text)).ok()
}

/// Writes padded base 64.
pub(super) fn to_base64(bytes: &[u8]) -> String {
    STANDARD_PAD_INDIFFERENT.encode(bytes)
}

/// Reads base 32 (RFC 4648, upper case, without padding); unused bits must be zero.
pub(super) fn from_base32(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0_u32);
    for digit in text.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        held = (held << 5 | u32::from(value)) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).ok()?);
        }
    }
    (bits < 5 && held & ((1 << bits) - 1) == 0).then_some(bytes)
}

/// Reads base 58 with a checksum, and removes a prefix; `None` if the checksum does not match or the prefix is another one.
pub(super) fn from_base58check(text: &str, prefix: &[u8]) -> Option<Vec<u8>> {
    // Keys and signatures are much shorter, and decoding takes quadratic time.
    let short = Some(text).filter(|text| text.len() <= 256)?;
    let bytes = bs58::decode(short).with_check(None).into_vec().ok()?;
    bytes.strip_prefix(prefix).map(<[u8]>::to_vec)
}

/// Returns Bitcoin's length prefix ("compact size").
pub(super) fn compact_size(length: usize) -> Vec<u8> {
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    let bytes = length.to_le_bytes();
    let (marker, width): (&[u8], usize) = match length {
        0..=0xfc => (&[], 1),
        0xfd..=0xffff => (&[0xfd], 2),
        0x1_0000..=0xffff_ffff => (&[0xfe], 4),
        _ => (&[0xff], 8),
    };
    marker.iter().chain(bytes.iter().take(width)).copied().collect()
}

fn first(hash: &[u8]) -> [u8; 32] {
    hash.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hashes_are_the_published_ones() {
        // Source: NIST (SHA-256, SHA-512 of `abc`), Ethereum (Keccak-256 of nothing), RFC 7693 (BLAKE2b parameters; values
        // by Python's hashlib.blake2b(b'abc', digest_size=…)), Bitcoin's first key (hash160 of the generator).
        let generator = hex::decode("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798").unwrap();

        assert_eq!(hex::encode(sha256(&[b"a", b"bc"])), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(hex::encode(sha512_half(b"abc")), "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a");
        assert_eq!(hex::encode(keccak256(&[])), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
        assert_eq!(hex::encode(hash160(&generator)), "751e76e8199196d454941c45d1b3a323f1433bd6");
        assert_eq!(hex::encode(blake2b_256(b"abc")), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
        assert_eq!(hex::encode(blake2b_224(b"abc")), "9bd237b02a29e43bdd6738afa5b53ff0eee178d6210b618e4511aec8");
        assert_eq!(hex::encode(blake2b_160(b"abc")), "384264f676f39536840523f284921cdc68b6846b");
    }

    #[test]
    fn base32_is_that_of_rfc_4648() {
        // Source: RFC 4648, section 10.
        for (text, bytes) in
            [("", ""), ("MY", "f"), ("MZXQ", "fo"), ("MZXW6", "foo"), ("MZXW6YQ", "foob"), ("MZXW6YTBOI", "foobar")]
        {
            assert_eq!(from_base32(text), Some(bytes.as_bytes().to_vec()), "{text}");
        }
        for text in ["M", "MZ", "mzxw6", "MZXW6===", "MZX", "0"] {
            assert_eq!(from_base32(text), None, "{text}");
        }
    }

    #[test]
    fn lengths_are_bitcoin_compact_sizes() {
        let sizes = [0xfc, 0xfd, 0xffff, 0x1_0000].map(|length| hex::encode(compact_size(length)));
        assert_eq!(sizes, ["fc", "fdfd00", "fdffff", "fe00000100"]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,80}") {
            let _ = (from_hex(&text), from_base64(&text), from_base32(&text), from_base58check(&text, &[0]));
        }

        #[test]
        fn base64_has_one_reading(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            prop_assert_eq!(from_base64(&to_base64(&bytes)), Some(bytes));
        }
    }
}
