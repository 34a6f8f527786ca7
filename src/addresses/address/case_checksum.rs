//! Checksums in the case of hex digits: present only if letters of both cases occur.

use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest as _};
use sha3::Keccak256;

use super::hex::encode;

/// A checksum in the case of the letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum CaseChecksum {
    /// EIP-55.
    Eip55,
    /// Wanchain's: EIP-55 with the case of the letters inverted. Source: ensdomains/address-encoder, `src/coin/wan.ts`.
    Eip55Inverted,
    /// EIP-1191, with the chain id that is part of its input.
    Eip1191(u64),
    /// Zilliqa's own (ZIP-1, base16).
    Zilliqa,
    /// Casper's CEP-57; the first byte, the tag of the key, carries no checksum.
    Cep57,
}

impl CaseChecksum {
    /// Writes bytes as hex digits with this checksum, without a prefix.
    pub(super) fn write(self, bytes: &[u8]) -> String {
        match self {
            Self::Eip55 => mixed_case_hex(bytes, None),
            Self::Eip55Inverted => {
                let right = mixed_case_hex(bytes, None);
                upper_where(&encode(bytes), |digit, _| right.as_bytes().get(digit).is_some_and(u8::is_ascii_lowercase))
            }
            Self::Eip1191(chain_id) => mixed_case_hex(bytes, Some(chain_id)),
            Self::Zilliqa => {
                let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
                // Bit 255 − 6i of the hash; bit 0 is the lowest bit of the last byte.
                let bit =
                    |digit: usize| hash.as_ref().get(6 * digit / 8).is_some_and(|byte| byte >> (7 - 6 * digit % 8) & 1 == 1);
                upper_where(&encode(bytes), |digit, _| bit(digit))
            }
            Self::Cep57 => {
                let Some((tag, key)) = bytes.split_first() else { return String::new() };
                let hash = Blake2b::<U32>::digest(key);
                let bit = |letter: usize| hash.get(letter / 8).is_some_and(|byte| byte >> (letter % 8) & 1 == 1);
                format!("{tag:02x}{}", upper_where(&encode(key), |_, letter| bit(letter)))
            }
        }
    }

    /// Returns the name of the checksum for messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Eip55 => "EIP-55",
            Self::Eip55Inverted => "Wanchain",
            Self::Eip1191(_) => "EIP-1191",
            Self::Zilliqa => "Zilliqa",
            Self::Cep57 => "CEP-57",
        }
    }
}

/// Writes those letters in upper case for which `upper` is true. Its arguments are the position of the digit and the number of letters
/// before it.
fn upper_where(lower: &str, upper: impl Fn(usize, usize) -> bool) -> String {
    let mut letters = 0;
    let written = lower.bytes().enumerate().map(|(digit, byte)| {
        let is_letter = byte.is_ascii_alphabetic();
        let is_upper = is_letter && upper(digit, letters);
        letters += usize::from(is_letter);
        if is_upper { byte.to_ascii_uppercase() } else { byte }
    });
    // ASCII stays ASCII.
    String::from_utf8(written.collect()).unwrap_or_default()
}

/// Returns the hex digits of `account` with the checksum in their case: by EIP-1191 if a chain id is given, otherwise by EIP-55.
///
/// Source: EIP-55 (Keccak-256 of the lower-case digits; upper case where the hash's digit is 8 or more), EIP-1191
/// (`<chain id>0x` before the digits).
fn mixed_case_hex(account: &[u8], chain_id: Option<u64>) -> String {
    let lower = encode(account);
    let mut hasher = Keccak256::new();
    if let Some(id) = chain_id {
        hasher.update(format!("{id}0x"));
    }
    hasher.update(&lower);
    let hash = hasher.finalize();
    let high = |digit: usize| {
        hash.get(digit / 2).is_some_and(|byte| if digit.is_multiple_of(2) { byte >> 7 } else { byte >> 3 & 1 } == 1)
    };
    upper_where(&lower, |digit, _| high(digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(checksum: CaseChecksum, text: &str) -> String {
        checksum.write(&hex::decode(text).unwrap())
    }

    #[test]
    fn published_mixed_case_addresses_are_written() {
        // Source: EIP-55, "Test Cases".
        for text in [
            "52908400098527886E0F7030069857D2E4169EE7",
            "8617E340B3D01FA5F11F306F4090FD50E238070D",
            "de709f2102306220921060314715629080e2fb77",
            "27b1fdb04752bbc536007a920d24acb045561c26",
            "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "fB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "dbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
            "D1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        ] {
            assert_eq!(written(CaseChecksum::Eip55, text), text);
        }
    }

    #[test]
    fn a_published_mixed_case_address_of_wanchain_is_written() {
        // Source: ensdomains/address-encoder, `src/coin/wan.test.ts`.
        let text = "2eF088E183231C9bEA30d8430937D3A57b7327D4";
        assert_eq!(written(CaseChecksum::Eip55Inverted, text), text);
    }

    #[test]
    fn published_mixed_case_addresses_of_rootstock_are_written() {
        // Source: EIP-1191, "Test Cases", chain id 30 (RSK mainnet).
        for text in [
            "5aaEB6053f3e94c9b9a09f33669435E7ef1bEAeD",
            "Fb6916095cA1Df60bb79ce92cE3EA74c37c5d359",
            "DBF03B407c01E7CD3cBea99509D93F8Dddc8C6FB",
            "D1220A0Cf47c7B9BE7a2e6ba89F429762E7B9adB",
        ] {
            assert_eq!(written(CaseChecksum::Eip1191(30), text), text);
        }
    }

    #[test]
    fn published_addresses_of_zilliqa_and_casper_are_written() {
        // Source: zilliqa-js, test/checksum fixtures; Casper .NET SDK, account key tests (CEP-57).
        assert_eq!(
            written(CaseChecksum::Zilliqa, "4baf5fada8e5db92c3d3242618c5b47133ae003c"),
            "4BAF5faDA8e5Db92C3d3242618c5B47133AE003C"
        );
        assert_eq!(
            written(CaseChecksum::Cep57, "019e7b8bdec03ba83be4f5443d9f7f9111c77fec984ce9bb5bb7eb3da1e689c02d"),
            "019E7B8bDEc03bA83BE4f5443D9F7F9111C77fEC984cE9bb5BB7eB3Da1e689C02D"
        );
    }
}
