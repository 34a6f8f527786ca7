//! Remembers which accounts may have been seen, in Bloom filters of some 34 MiB together at most. So the database is queried for few of a
//! file's rows, and memory does not grow with the file. An error only causes an unnecessary query.

use std::hash::{DefaultHasher, Hasher};

use fastbloom::BloomFilter;

/// Size of the largest filter in bits: 32 MiB. With 10 million accounts, some one in 1,300 new accounts is taken for seen; with 50 million,
/// one in 13.
const BITS_MAX: usize = 1 << 28;
/// Size of the first filter in bits: 128 KiB, as most files are small.
const BITS_MIN: usize = 1 << 20;
/// Bits of a filter for each account in it, before the next filter is begun.
const BITS_AN_ACCOUNT: usize = 32;
/// Number of bits set for an account.
const PROBES: u32 = 4;

/// Accounts that may have been seen. When a filter is full, one of 16 times its size follows, up to the largest.
pub(super) struct SeenKeys {
    full: Vec<BloomFilter>,
    filling: BloomFilter,
    /// Accounts in the filter that is being filled.
    accounts: usize,
}

impl Default for SeenKeys {
    fn default() -> Self {
        Self { full: vec![], filling: filter(BITS_MIN), accounts: 0 }
    }
}

fn filter(bits: usize) -> BloomFilter {
    BloomFilter::with_num_bits(bits).hashes(PROBES)
}

impl SeenKeys {
    /// Adds an account. Returns whether it may have been there before; false if it certainly was not.
    pub(super) fn insert(&mut self, network: i32, key: &[u8]) -> bool {
        let mut hasher = DefaultHasher::new();
        hasher.write_i32(network);
        hasher.write(key);
        let hash = hasher.finish();
        if self.full.iter().any(|full| full.contains_hash(hash)) || self.filling.insert_hash(hash) {
            return true;
        }
        self.accounts += 1;
        if let Some(bits) = next_size(self.filling.num_bits(), self.accounts) {
            self.full.push(std::mem::replace(&mut self.filling, filter(bits)));
            self.accounts = 0;
        }
        false
    }
}

/// Returns the size of the filter that follows one with so many accounts, if that is full and not the largest.
fn next_size(bits: usize, accounts: usize) -> Option<usize> {
    (accounts >= bits / BITS_AN_ACCOUNT && bits < BITS_MAX).then_some(bits * 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_seen_and_of_what_was_not_almost_nothing() {
        let mut keys = SeenKeys::default();
        let new = (0..600_000u32).filter(|n| !keys.insert(1, &n.to_be_bytes())).count();
        assert!(new > 599_700, "{new}");
        assert_eq!((keys.full.len(), keys.filling.num_bits()), (2, BITS_MAX));

        assert!((0..600_000u32).all(|n| keys.insert(1, &n.to_be_bytes())));
        assert!(!keys.insert(2, &1u32.to_be_bytes()), "the network counts");
    }

    #[test]
    fn only_a_full_filter_is_followed_by_a_larger_one_and_the_largest_by_none() {
        assert_eq!(next_size(BITS_MIN, 32_767), None);
        assert_eq!(next_size(BITS_MIN, 32_768), Some(1 << 24));
        assert_eq!(next_size(1 << 24, 524_288), Some(BITS_MAX));
        assert_eq!(next_size(BITS_MAX, usize::MAX), None);
    }
}
