//! Checksums of addresses: pure functions over bytes and hex digits.

use aws_lc_rs::digest::{SHA256, digest};
use sha3::{Digest, Keccak256};

/// Returns the first four bytes of SHA-256(SHA-256(body)).
///
/// Source: Bitcoin's Base58Check.
pub(crate) fn sha256d_4(body: &[u8]) -> [u8; 4] {
    let hash = digest(&SHA256, digest(&SHA256, body).as_ref());
    hash.as_ref().first_chunk().copied().unwrap_or_default()
}

/// Returns `0x` and the hex digits of `account`, their case carrying the checksum; with a chain id in the manner of
/// EIP-1191, otherwise of EIP-55.
///
/// Source: EIP-55 (Keccak-256 of the lower-case digits; upper case where the hash's digit is 8 or more), EIP-1191
/// (`<chain id>0x` before the digits).
pub(super) fn mixed_case_hex(account: &[u8], chain_id: Option<u64>) -> String {
    let lower = hex::encode(account);
    let mut hasher = Keccak256::new();
    if let Some(id) = chain_id {
        hasher.update(format!("{id}0x"));
    }
    hasher.update(&lower);
    let hash = hasher.finalize();
    let nibbles = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digits = lower.chars().zip(nibbles).map(|(c, n)| if n >= 8 { c.to_ascii_uppercase() } else { c });
    "0x".chars().chain(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_mixed_case_addresses_are_written() {
        // Source: EIP-55, "Test Cases".
        for text in [
            "0x52908400098527886E0F7030069857D2E4169EE7",
            "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
            "0xde709f2102306220921060314715629080e2fb77",
            "0x27b1fdb04752bbc536007a920d24acb045561c26",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
            "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        ] {
            assert_eq!(mixed_case_hex(&hex::decode(text.trim_start_matches("0x")).unwrap(), None), text);
        }
    }

    #[test]
    fn published_mixed_case_addresses_of_rootstock_are_written() {
        // Source: EIP-1191, "Test Cases", chain id 30 (RSK mainnet).
        for text in [
            "0x5aaEB6053f3e94c9b9a09f33669435E7ef1bEAeD",
            "0xFb6916095cA1Df60bb79ce92cE3EA74c37c5d359",
            "0xDBF03B407c01E7CD3cBea99509D93F8Dddc8C6FB",
            "0xD1220A0Cf47c7B9BE7a2e6ba89F429762E7B9adB",
        ] {
            assert_eq!(mixed_case_hex(&hex::decode(text.trim_start_matches("0x")).unwrap(), Some(30)), text);
        }
    }

    #[test]
    fn double_hash_of_nothing_is_the_published_one() {
        // Source: Bitcoin, payload checksum of an empty message (`verack`), protocol documentation.
        assert_eq!(sha256d_4(b""), [0x5d, 0xf6, 0xe0, 0xe2]);
    }
}
