//! Accounts of TRON: signed messages of version 2, and of version 1 as older TronWeb and TronLink versions make them.

use super::bytes::keccak256;
use super::error::ProofError;
use super::evm::{account_of, read_signature};
use super::{Case, Note};

/// The version byte of an address.
const VERSION: [u8; 1] = [0x41];

const PREFIX: &[u8] = b"\x19TRON Signed Message:\n";

/// Checks a signature over the challenge as a message of version 2.
///
/// Source: TIP-191; TronWeb `utils/message.ts`, `hashMessage`: the length in decimal digits is in bytes.
pub(super) fn verify_v2(case: &Case<'_>) -> Result<Vec<Note>, ProofError> {
    expect_signer(case, &[digest_v2(case.message)])
}

/// Checks a signature over the challenge as a message of version 1.
///
/// Source: TronWeb `lib/trx.ts`, `verifySignature`: the prefix states 32 bytes, whatever follows. Applications give wallets either the text
/// in hex or its Keccak-256.
pub(super) fn verify_v1(case: &Case<'_>) -> Result<Vec<Note>, ProofError> {
    let message = case.message;
    expect_signer(case, &[digest_v1(message), digest_v1(&keccak256(&[message]))])
}

/// Checks that one of the digests gives the account's key.
fn expect_signer(case: &Case<'_>, digests: &[[u8; 32]]) -> Result<Vec<Note>, ProofError> {
    let signature = read_signature(&case.proof.signature)?;
    let mut result = Err(ProofError::WrongKey { found: None });
    for digest in digests {
        result = signature.key(digest).and_then(|key| case.expect_account("account", &VERSION, &account_of(key)));
        if result.is_ok() {
            break;
        }
    }
    // The owner permission of an account can be given to other keys.
    result.map(|()| vec![Note::LedgerMayDiffer])
}

fn digest_v2(message: &[u8]) -> [u8; 32] {
    keccak256(&[PREFIX, message.len().to_string().as_bytes(), message])
}

fn digest_v1(message: &[u8]) -> [u8; 32] {
    keccak256(&[PREFIX, b"32", message])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(signature: &str, digest: &[u8; 32]) -> String {
        let account = account_of(read_signature(signature).unwrap().key(digest).unwrap());
        bs58::encode([&VERSION[..], &account].concat()).with_check().into_string()
    }

    #[test]
    fn published_messages_of_version_2_are_by_their_signers() {
        // Source: tronprotocol/tronweb, test/testcases/src/sign-message.ts.
        let digest = digest_v2(b"hello world");

        assert_eq!(hex::encode(digest), "cf02daeb2bea196ed5692322a66ed50080ce74ff8cb711199f1b04f3c13bc10d");
        let signature = "0x0dc0b53d525e0103a6013061cf18e60cf158809149f2b8994a545af65a7004cb1eeaff560e801ab51b28df5d42549aa024c2aa7e9d34de1e01294b9afb5e6c7e1c";
        assert_eq!(signer(signature, &digest), "TMVQGm1qAQYVdetCeGRRkTWYYrLXuHK2HC");
        let bytes = hex::decode("47173285a8d7341e5e972fc677286384f802f8ef42a5ec5f03bbfa254cb01fad").unwrap();
        let signature = "0xdc3ffce3ffa792a3c76b9ea6909f715ffed0386bb9be0d1ece2d80bde37c368028eed4c9a6fd9608407b224050db7c648a8a7668a7582893efcb2c19d3327b811b";
        assert_eq!(signer(signature, &digest_v2(&bytes)), "TVEZYjZyemfJoLUdGtzsM2ua1HAnbsNgAF");
        // For 32 bytes, both versions make the same digest.
        assert_eq!(digest_v1(&bytes), digest_v2(&bytes));
    }

    #[test]
    fn signatures_of_another_implementation_are_by_one_signer() {
        // Source: trustwallet/wallet-core, tests/chains/Tron/TronMessageSignerTests.cpp: one key, two texts.
        let short = "bc0753c070cc55693097df11bc11e1a7c4bd5e1a40b9dc94c75568e59bcc9d6b50a7873ef25b469e494490a54de37327b4bc7fc825c81a377b555e34fb7261ba1c";
        let long = "93aee5f753cf889e0749c74dd0c5996cce889883ae079e09ede462e16d65d06a4f43d1ed2745e9f3c1690695628269bd58f057a4a93953cc50e66b4a05bc0f451b";

        let first = signer(short, &digest_v2(b"Hello World"));

        let text = b"A much longer message to test the signing and verification process";
        assert_eq!(signer(long, &digest_v2(text)), first);
        assert_ne!(signer(long, &digest_v1(text)), first);
    }
}
