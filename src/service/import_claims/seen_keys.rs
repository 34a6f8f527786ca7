//! Which accounts may have been seen: a Bloom filter of fixed size, so that the database is asked for few of a file's rows and
//! memory does not grow with it. It errs on the side of asking.

use std::hash::{DefaultHasher, Hasher};

/// Size, a power of two: 32 MiB. Of 10 million accounts it takes one in 2,000 new ones for seen, of 50 million one in 10.
const BITS: u64 = 1 << 28;
/// Bits set for an account.
const PROBES: u64 = 4;

/// Accounts that may have been seen.
pub(super) struct SeenKeys(Vec<u64>);

impl Default for SeenKeys {
    fn default() -> Self {
        Self(vec![0; usize::try_from(BITS / 64).unwrap_or(0)])
    }
}

impl SeenKeys {
    /// Adds an account, and tells whether it may have been there: false where it surely was not.
    pub(super) fn insert(&mut self, network: i32, key: &[u8]) -> bool {
        let mut hasher = DefaultHasher::new();
        hasher.write_i32(network);
        hasher.write(key);
        let hash = hasher.finish();
        // Source: Kirsch and Mitzenmacher, "Less Hashing, Same Performance", 2006: two hashes stand for any number.
        let (start, step) = (hash & 0xffff_ffff, hash >> 32 | 1);
        let mut was_there = true;
        for probe in 0..PROBES {
            let bit = start.wrapping_add(probe.wrapping_mul(step)) % BITS;
            let mask = 1 << (bit % 64);
            if let Some(word) = usize::try_from(bit / 64).ok().and_then(|place| self.0.get_mut(place)) {
                was_there &= *word & mask != 0;
                *word |= mask;
            }
        }
        was_there
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_seen_and_of_what_was_not_almost_nothing() {
        let mut keys = SeenKeys::default();
        let new = (0..200_000u32).filter(|n| !keys.insert(1, &n.to_be_bytes())).count();
        assert!(new > 199_900, "{new}");

        assert!((0..200_000u32).all(|n| keys.insert(1, &n.to_be_bytes())));
        assert!(!keys.insert(2, &1u32.to_be_bytes()), "the network counts");
    }
}
