//! Remembers which accounts may have been seen, in a Bloom filter of fixed size. So the database is queried for few of a file's rows, and
//! memory does not grow with the file. An error only causes an unnecessary query.

use std::hash::{DefaultHasher, Hasher};

use fastbloom::BloomFilter;

/// Size in bits: 32 MiB. With 10 million accounts it takes one in 2,000 new accounts for seen; with 50 million, one in 10.
const BITS: usize = 1 << 28;
/// Number of bits set for an account.
const PROBES: u32 = 4;

/// Accounts that may have been seen.
pub(super) struct SeenKeys(BloomFilter);

impl Default for SeenKeys {
    fn default() -> Self {
        Self(BloomFilter::with_num_bits(BITS).hashes(PROBES))
    }
}

impl SeenKeys {
    /// Adds an account. Returns whether it may have been there before; false if it certainly was not.
    pub(super) fn insert(&mut self, network: i32, key: &[u8]) -> bool {
        let mut hasher = DefaultHasher::new();
        hasher.write_i32(network);
        hasher.write(key);
        self.0.insert_hash(hasher.finish())
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
