//! XAES-256-GCM: AES-256-GCM with nonces of 192 bits. The first half of a nonce derives a separate key, and the second half is the nonce
//! for that key. So random nonces need no counter. AES-GCM's own nonces of 96 bits allow 2^32 messages per key (NIST SP 800-38D, section
//! 8.3). These nonces allow 2^80 messages with the same risk of a repeated nonce, even if several nodes seal at the same time or stop
//! suddenly. Only `master_key` calls this.
//!
//! Source: C2SP, "The XAES-256-GCM extended-nonce AEAD" (c2sp.org/XAES-256-GCM): NIST SP 800-108r1, section 4.1, with AES-CMAC.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::cmac;
use aws_lc_rs::error::Unspecified;

/// Length of a nonce, in bytes.
pub(crate) const NONCE_BYTES: usize = 24;

/// Seals the text in place and appends the tag.
pub(crate) fn seal(key: &[u8; 32], nonce: &[u8; NONCE_BYTES], bound: &[u8], text: &mut Vec<u8>) -> Result<(), Unspecified> {
    let (key, nonce) = derived(key, nonce)?;
    key.seal_in_place_append_tag(nonce, Aad::from(bound), text)
}

/// Opens in place and returns the text; the tag stays in the buffer after it.
pub(crate) fn open<'t>(
    key: &[u8; 32],
    nonce: &[u8; NONCE_BYTES],
    bound: &[u8],
    sealed: &'t mut [u8],
) -> Result<&'t mut [u8], Unspecified> {
    let (key, nonce) = derived(key, nonce)?;
    key.open_in_place(nonce, Aad::from(bound), sealed)
}

/// Derives the key and the nonce of one message.
fn derived(key: &[u8; 32], nonce: &[u8; NONCE_BYTES]) -> Result<(LessSafeKey, Nonce), Unspecified> {
    let (salt, nonce) = nonce.split_first_chunk::<NONCE_LEN>().ok_or(Unspecified)?;
    let deriving = cmac::Key::new(cmac::AES_256, key)?;
    // Counter of 16 bits, label, zero, context.
    let block = |counter: u8| cmac::sign(&deriving, &[&[0, counter, b'X', 0], salt.as_slice()].concat());
    let key = [block(1)?.as_ref(), block(2)?.as_ref()].concat();
    Ok((LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key)?), Nonce::try_assume_unique_for_key(nonce)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_vectors_are_met() {
        // Source: c2sp.org/XAES-256-GCM, "Test vectors": without and with the carry of CMAC's subkey.
        for (key, bound, expected) in [
            (1, "", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"),
            (3, "c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"),
        ] {
            let (key, nonce, mut text) = ([key; 32], b"ABCDEFGHIJKLMNOPQRSTUVWX", b"XAES-256-GCM".to_vec());

            seal(&key, nonce, bound.as_bytes(), &mut text).unwrap();
            assert_eq!(hex::encode(&text), expected);

            assert_eq!(open(&key, nonce, bound.as_bytes(), &mut text).unwrap(), b"XAES-256-GCM");
        }
    }
}
