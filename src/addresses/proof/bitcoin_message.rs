//! Bitcoin's signed message (BIP-137) and those of similar coins: one compact signature, whose header contains the recovery id and the
//! address type. Every coin has its own words before the text. Wallets write either value of `s`, so both are valid. Taproot and script
//! addresses need BIP-322.

use super::bytes::{compact_size, from_base64, hash160, sha256d};
use super::error::ProofError;
use super::secp::{Key, Recoverable};
use super::{Case, Note};
use crate::network::Network;

/// A coin: the words before a text, and the addresses of a key.
#[derive(Debug)]
pub(super) struct Coin {
    caip2: &'static str,
    words: &'static [u8],
    p2pkh: (&'static str, u8),
    /// Formats of the address that wraps a segwit key; empty if the coin has no segwit.
    p2sh: &'static [(&'static str, u8)],
    /// Whether this program checks BIP-322 for the coin.
    pub(super) bip322: bool,
}

const BITCOIN_WORDS: &[u8] = b"\x18Bitcoin Signed Message:\n";

/// Source: `strMessageMagic` of the reference nodes (Bitcoin Core, Litecoin Core, Dogecoin Core, Dash Core); Bitcoin Cash
/// kept Bitcoin's words. Version bytes from the same nodes' `chainparams.cpp`.
const COINS: &[Coin] = &[
    Coin {
        caip2: "bip122:000000000019d6689c085ae165831e93",
        words: BITCOIN_WORDS,
        p2pkh: ("p2pkh", 0x00),
        p2sh: &[("p2sh", 0x05)],
        bip322: true,
    },
    Coin {
        caip2: "bip122:000000000933ea01ad0ee984209779ba",
        words: BITCOIN_WORDS,
        p2pkh: ("p2pkh", 0x6f),
        p2sh: &[("p2sh", 0xc4)],
        bip322: true,
    },
    Coin {
        caip2: "bip122:000000000000000000651ef99cb9fcbe",
        words: BITCOIN_WORDS,
        p2pkh: ("cashaddr-p2pkh", 0x00),
        p2sh: &[],
        bip322: false,
    },
    Coin {
        caip2: "bip122:12a765e31ffd4059bada1e25190f6e98",
        words: b"\x19Litecoin Signed Message:\n",
        p2pkh: ("p2pkh", 0x30),
        p2sh: &[("p2sh", 0x32), ("p2sh-05", 0x05)],
        bip322: false,
    },
    Coin {
        caip2: "bip122:1a91e3dace36e2be3bf030a65679fe82",
        words: b"\x19Dogecoin Signed Message:\n",
        p2pkh: ("p2pkh", 0x1e),
        p2sh: &[],
        bip322: false,
    },
    Coin {
        caip2: "bip122:00000ffd590b1485b3caadc19b22e637",
        words: b"\x19DarkCoin Signed Message:\n",
        p2pkh: ("p2pkh", 0x4c),
        p2sh: &[],
        bip322: false,
    },
];

/// The type of address in a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    Uncompressed,
    Compressed,
    WrappedSegwit,
    Segwit,
}

/// Returns the coin of a network; `None` if the form of its messages is not known.
pub(super) fn coin(network: &Network) -> Option<&'static Coin> {
    COINS.iter().find(|coin| coin.caip2 == network.caip2.as_str())
}

/// Checks a signature over the challenge as a signed message, and returns the key that it shows.
///
/// Source: BIP-137, "Procedure for signing", "Verifying".
pub(super) fn verify(case: &Case<'_>) -> Result<(Key, Vec<Note>), ProofError> {
    let coin = coin(case.network).ok_or(ProofError::Unsupported("the message prefix of this coin is not known"))?;
    let bytes = from_base64(&case.proof.signature).ok_or(ProofError::signature("it must be in base 64"))?;
    let (named, signature) = read(&bytes)?;
    let key = signature.key(&digest(coin.words, case.message))?;
    match named {
        Named::Uncompressed => case.expect_account(coin.p2pkh.0, &[coin.p2pkh.1], &hash160(&key.uncompressed())),
        Named::Compressed => return Ok((key, verify_compressed(case, coin, key)?)),
        Named::WrappedSegwit if is_wrapped(case, coin, key) => Ok(()),
        Named::WrappedSegwit => Err(ProofError::WrongKey { found: None }),
        Named::Segwit => case.expect_account("segwit-v0", &[0], &hash160(&key.compressed())),
    }
    .map_err(|error| explain(case, error))?;
    Ok((key, Vec::new()))
}

/// Headers 31 to 34 mean a plain address, but Electrum and Trezor write them for segwit addresses too.
fn verify_compressed(case: &Case<'_>, coin: &Coin, key: Key) -> Result<Vec<Note>, ProofError> {
    let hash = hash160(&key.compressed());
    let plain = case.expect_account(coin.p2pkh.0, &[coin.p2pkh.1], &hash);
    let loose = || is_wrapped(case, coin, key) || case.is_account("segwit-v0", &[0], &hash);
    match plain {
        Ok(()) => Ok(Vec::new()),
        Err(_) if loose() => Ok(vec![Note::LooseHeader]),
        Err(error) => Err(explain(case, error)),
    }
}

fn is_wrapped(case: &Case<'_>, coin: &Coin, key: Key) -> bool {
    let script = hash160(&wrapped_script(key));
    coin.p2sh.iter().any(|(format, version)| case.is_account(format, &[*version], &script))
}

/// Source: BIP-141, "P2WPKH nested in BIP16 P2SH": version 0 and a push of the key's hash.
fn wrapped_script(key: Key) -> Vec<u8> {
    [&[0x00, 0x14], &hash160(&key.compressed())[..]].concat()
}

/// Replaces the error for an address to which a signed message can never belong: the problem is then not the key.
fn explain(case: &Case<'_>, error: ProofError) -> ProofError {
    // Prefix, version and 20 bytes take 42 characters for `bc` and 43 for `ltc`; with 32 bytes they take at least 62.
    let (segwit, long) = (case.account.canonical.contains('1'), case.account.canonical.len() > 50);
    if segwit && long && !case.account.canonical.contains(':') {
        return ProofError::Unsupported("taproot and script addresses prove control by BIP-322, not by a signed message");
    }
    error
}

fn read(bytes: &[u8]) -> Result<(Named, Recoverable), ProofError> {
    let (65, Some((header, r_s))) = (bytes.len(), bytes.split_first()) else {
        return Err(ProofError::signature("it must have 65 bytes"));
    };
    let named = match header {
        27..=30 => Named::Uncompressed,
        31..=34 => Named::Compressed,
        35..=38 => Named::WrappedSegwit,
        39..=42 => Named::Segwit,
        _ => return Err(ProofError::signature("its first byte must be 27 to 42")),
    };
    Ok((named, Recoverable::with_either_s(r_s, (header - 27) & 3)?))
}

fn digest(words: &[u8], message: &[u8]) -> [u8; 32] {
    sha256d(&[words, &compact_size(message.len()), message])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recovered(words: &[u8], message: &[u8], signature: &str) -> (Named, Key) {
        let (named, signature) = read(&from_base64(signature).unwrap()).unwrap();
        (named, signature.key(&digest(words, message)).unwrap())
    }

    fn base58(version: u8, payload: &[u8]) -> String {
        bs58::encode([&[version], payload].concat()).with_check().into_string()
    }

    #[test]
    fn published_digests_are_made() {
        // Source: bitcoinjs/bitcoinjs-message, test/fixtures.json, valid.magicHash.
        let dogecoin = b"\x19Dogecoin Signed Message:\n";
        for (words, message, expected) in [
            (BITCOIN_WORDS, "", "80e795d4a4caadd7047af389d9f7f220562feb6196032e2131e10563352c4bcc"),
            (BITCOIN_WORDS, "Vires is Numeris", "f8a5affbef4a3241b19067aa694562f64f513310817297089a8929a930f4f933"),
            (dogecoin, "Vires is Numeris", "c0963d20d0accd0ea0df6c1020bf85a7e629a40e7b5363f2c3e9dcafd5638f12"),
        ] {
            assert_eq!(hex::encode(digest(words, message.as_bytes())), expected);
        }
    }

    #[test]
    fn published_signatures_are_by_their_addresses() {
        // Source: bitcoinjs/bitcoinjs-message, test/fixtures.json, valid.verify.
        let message = b"vires is numeris";
        let signed = |signature| recovered(BITCOIN_WORDS, message, signature);

        let (named, key) = signed("G8JawPtQOrybrSP1WHQnQPr67B9S3qrxBrl1mlzoTJOSHEpmnF7D3+t+LX0Xei9J20B5AIdPbeL3AaTBZ4N3bY0=");
        assert_eq!(
            (named, base58(0, &hash160(&key.uncompressed()))),
            (Named::Uncompressed, "16UwLL9Risc3QfPqBUvKofHmBQ7wMtjvM".into())
        );
        let (named, key) = signed("H8JawPtQOrybrSP1WHQnQPr67B9S3qrxBrl1mlzoTJOSHEpmnF7D3+t+LX0Xei9J20B5AIdPbeL3AaTBZ4N3bY0=");
        assert_eq!(
            (named, base58(0, &hash160(&key.compressed()))),
            (Named::Compressed, "1PMycacnJaSqwwJqjawXBErnLsZ7RkXUAs".into())
        );
        let (named, key) = signed("JF8nHqFr3K2UKYahhX3soVeoW8W1ECNbr0wfck7lzyXjCS5Q16Ek45zyBuy1Fiy9sTPKVgsqqOuPvbycuVSSVl8=");
        let wrapped = base58(5, &hash160(&wrapped_script(key)));
        assert_eq!((named, wrapped), (Named::WrappedSegwit, "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN".into()));
        let (named, key) = signed("KF8nHqFr3K2UKYahhX3soVeoW8W1ECNbr0wfck7lzyXjCS5Q16Ek45zyBuy1Fiy9sTPKVgsqqOuPvbycuVSSVl8=");
        assert_eq!(
            (named, hex::encode(hash160(&key.compressed()))),
            (Named::Segwit, "751e76e8199196d454941c45d1b3a323f1433bd6".into())
        );
        let dogecoin = "H6k+dZwJ8oOei3PCSpdj603fDvhlhQ+sqaFNIDvo/bI+Xh6zyIKGzZpyud6YhZ1a5mcrwMVtTWL+VXq/hC5Zj7s=";
        let (_, key) = recovered(b"\x19Dogecoin Signed Message:\n", message, dogecoin);
        assert_eq!(base58(0x1e, &hash160(&key.compressed())), "DFpN6QqFfUm3gKNaxN6tNcab1FArL9cZLE");
    }

    #[test]
    fn published_broken_signatures_are_refused() {
        // Source: bitcoinjs/bitcoinjs-message, test/fixtures.json, invalid.signature.
        for text in [
            "2b987ceade6a304fc5823ab38f99fc3c5f772a2d3e89ea05931e2726105fc53b9e601fc3231f35962c714fcbce5c95b427496edc7ae8b3d12e93791d7629795b62",
            "1c987ceade6a304fc5823ab38f99fc3c5f772a2d3e89ea05931e2726105fc53b9e601fc3231f35962c714fcbce5c95b427496edc7ae8b3d12e93791d7629795b62000000",
            "1c987ceade6a304fc5823ab38f99fc3c5f772a2d3e89ea05931e2726105fc53b9e601fc3231f35962c714fcbce5c95b427496edc7ae8b3d12e9379",
        ] {
            assert_eq!(read(&hex::decode(text).unwrap()).unwrap_err().code(), "malformed_signature");
        }
    }
}
