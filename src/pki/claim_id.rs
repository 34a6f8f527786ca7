//! Public claim ids. The claim's number goes through a keyed permutation of 64-bit numbers, so that an id reveals neither how many claims
//! there are nor their order. The permutation is a four-round Feistel network over 32-bit halves with SipHash-2-4, a keyed pseudo-random
//! function for short inputs. Its key is derived from the data key by HMAC-SHA-256.

use super::DataKey;
use aws_lc_rs::hmac;
use siphasher::sip::SipHasher24;
use vasp_record::claim::ClaimNumber;

/// The key of the permutation.
pub struct ClaimIdKey(SipHasher24);

/// The text is not a claim id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a claim id of the form clm_… (16 lower-case hex digits)")]
pub struct ClaimIdError(pub String);

const ROUNDS: [u8; 4] = [0, 1, 2, 3];

impl ClaimIdKey {
    /// Makes the permutation from a key.
    #[must_use]
    pub fn new(key: &DataKey) -> Self {
        let derived = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.bytes()), b"claim ids, SipHash-2-4");
        let sip_key = derived.as_ref().first_chunk::<16>().copied().unwrap_or_default();
        Self(SipHasher24::new_with_key(&sip_key))
    }

    fn round(&self, round: u8, half: u32) -> u32 {
        let [a, b, c, d] = half.to_be_bytes();
        let [.., e, f, g, h] = self.0.hash(&[round, a, b, c, d]).to_be_bytes();
        u32::from_be_bytes([e, f, g, h])
    }

    /// Returns the public id of a claim.
    #[must_use]
    pub fn public_id(&self, number: ClaimNumber) -> String {
        let [a, b, c, d, e, f, g, h] = number.0.to_be_bytes();
        let halves = (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]));
        let (left, right) = ROUNDS.iter().fold(halves, |(left, right), round| (right, left ^ self.round(*round, right)));
        let mut id = String::with_capacity(20);
        id.push_str("clm_");
        id.push_str(&hex::encode([left.to_be_bytes(), right.to_be_bytes()].concat()));
        id
    }

    /// Returns the claim number of a public id.
    ///
    /// # Errors
    /// `ClaimIdError` if the text is not a claim id.
    pub fn number(&self, id: &str) -> Result<ClaimNumber, ClaimIdError> {
        let wrong = || ClaimIdError(id.chars().take(40).collect());
        let digits = id.strip_prefix("clm_").ok_or_else(wrong)?;
        if digits.len() != 16 || !digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(wrong());
        }
        let half = |text: Option<&str>| text.and_then(|t| u32::from_str_radix(t, 16).ok()).ok_or_else(wrong);
        let halves = (half(digits.get(..8))?, half(digits.get(8..))?);
        let (left, right) = ROUNDS.iter().rev().fold(halves, |(left, right), round| (right ^ self.round(*round, left), left));
        let ([a, b, c, d], [e, f, g, h]) = (left.to_be_bytes(), right.to_be_bytes());
        Ok(ClaimNumber(i64::from_be_bytes([a, b, c, d, e, f, g, h])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;

    proptest! {
        #[test]
        fn ids_lead_back_to_their_number(number: i64, seed: u64) {
            let key = ClaimIdKey::new(&DataKey::generate(&mut ChaCha8Rng::seed_from_u64(seed)));
            let id = key.public_id(ClaimNumber(number));
            prop_assert_eq!(key.number(&id).unwrap(), ClaimNumber(number));
        }

        #[test]
        fn parsing_never_panics(text in "\\PC*") {
            let _ = ClaimIdKey::new(&DataKey::generate(&mut ChaCha8Rng::seed_from_u64(1))).number(&text);
        }
    }
}
