//! Accounts of the XRP Ledger: a message signed by the master key. Only the ledger shows a regular key, a list of signers, or that the
//! master key was disabled. A `SignIn` pseudo-transaction is not supported.

use super::bytes::{from_hex, hash160, sha512_half};
use super::error::ProofError;
use super::secp::Key;
use super::{Case, Note, ed25519};

/// The byte before an Ed25519 key, which gives it the same length as a secp256k1 key.
const ED25519_PREFIX: u8 = 0xed;

/// Checks a signature over the bytes of the challenge.
///
/// Source: xrpl.js, `ripple-keypairs`, `verify`: SHA-512Half and DER for secp256k1, the bytes themselves for Ed25519.
pub(super) fn verify(case: &Case<'_>) -> Result<Vec<Note>, ProofError> {
    let key = from_hex(case.public_key()?).filter(|key| key.len() == 33);
    let key = key.ok_or(ProofError::public_key("it must be 33 bytes in hex"))?;
    case.expect_account("classic", &[0], &hash160(&key))?;
    let signature = from_hex(&case.proof.signature).ok_or(ProofError::signature("it must be in hex"))?;
    verify_message(&key, case.message, &signature)?;
    Ok(vec![Note::LedgerMayDiffer])
}

fn verify_message(key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), ProofError> {
    if let [ED25519_PREFIX, key @ ..] = key {
        return ed25519::verify(key, message, signature);
    }
    let key = Key::read(key).ok_or(ProofError::public_key("it must be a point of the curve"))?;
    key.verify_der(&sha512_half(message), signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: XRPLF/xrpl.js, packages/ripple-keypairs/test/fixtures/api.json: key, address, signature of `test message`.
    const PUBLISHED: [(&str, &str, &str); 2] = [
        (
            "030D58EB48B4420B1F7B9DF55087E0E29FEF0E8468F9A6825B01CA2C361042D435",
            "rU6K7V3Po4snVhBBaU29sesqs2qTQJWDw1",
            "30440220583A91C95E54E6A651C47BEC22744E0B101E2C4060E7B08F6341657DAD9BC3EE02207D1489C7395DB0188D3A56A977ECBA54B36FA9371B40319655B1B4429E33EF2D",
        ),
        (
            "ED01FA53FA5A7E77798F882ECE20B1ABC00BB358A9E55A202D0D0676BD0CE37A63",
            "rLUEXYuLiQptky37CqLcm9USQpPiz5rkpD",
            "CB199E1BFD4E3DAA105E4832EEDFA36413E1F44205E4EFB9E27E826044C21E3E2E848BBC8195E8959BADF887599B7310AD1B7047EF11B682E0D068F73749750E",
        ),
    ];

    #[test]
    fn published_signatures_hold_and_their_keys_make_their_addresses() {
        for (key, address, signature) in PUBLISHED {
            let [key, signature] = [key, signature].map(|text| hex::decode(text).unwrap());

            assert_eq!(verify_message(&key, b"test message", &signature), Ok(()));
            assert_eq!(verify_message(&key, b"test messagf", &signature), Err(ProofError::WrongMessage));
            let account = [&[0][..], &hash160(&key)].concat();
            let text = bs58::encode(account).with_alphabet(bs58::Alphabet::RIPPLE).with_check().into_string();
            assert_eq!(text, address);
        }
    }

    #[test]
    fn loose_der_is_refused() {
        let (key, _, signature) = PUBLISHED[0];
        let key = hex::decode(key).unwrap();
        let longer = format!("{signature}00");

        let result = verify_message(&key, b"test message", &hex::decode(longer).unwrap());

        assert_eq!(result, Err(ProofError::signature("it must be in strict DER")));
    }
}
