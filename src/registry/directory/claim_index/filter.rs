//! Knows which keys may have claims, for a directory whose claims do not fit into memory. Most questions are about accounts that nobody
//! claims; the store need not be asked about those. When in doubt it lets the store be asked. It never removes a key.

use std::sync::atomic::{AtomicBool, Ordering};

use fastbloom::AtomicBloomFilter;

use super::segment::Fingerprint;

/// Rate of false positives while the filter holds no more keys than planned: 9.6 bits per key.
const PASSED_BY_CHANCE: f64 = 0.01;
/// Planned number of keys, as a multiple of the present claims, so that later claims do not raise the rate of false positives.
const ROOM: u64 = 2;
/// Minimum planned number of keys.
const KEYS_MIN: u64 = 100_000;

/// A Bloom filter that is filled while the server already answers questions.
#[derive(Debug)]
pub(super) struct Filter {
    keys: AtomicBloomFilter,
    is_whole: AtomicBool,
}

impl Filter {
    /// Makes an empty filter for a store of `claims` claims.
    pub(super) fn for_claims(claims: u64) -> Self {
        let keys = usize::try_from(claims.saturating_mul(ROOM).max(KEYS_MIN)).unwrap_or(usize::MAX);
        Self { keys: AtomicBloomFilter::with_false_pos(PASSED_BY_CHANCE).expected_items(keys), is_whole: AtomicBool::new(false) }
    }

    /// Adds a key that has a claim.
    pub(super) fn note(&self, [high, _]: &Fingerprint) {
        self.keys.insert_hash(*high);
    }

    /// Notes that the filter now has every key with a claim.
    pub(super) fn filled(&self) {
        self.is_whole.store(true, Ordering::Release);
    }

    /// Returns whether a key certainly has no claim.
    pub(super) fn knows_none_of(&self, [high, _]: &Fingerprint) -> bool {
        self.is_whole.load(Ordering::Acquire) && !self.keys.contains_hash(*high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use siphasher::sip128::{Hasher128, SipHasher24};
    use std::hash::Hasher;

    fn fingerprint(n: u64) -> Fingerprint {
        let mut hasher = SipHasher24::new();
        hasher.write_u64(n);
        let hash = hasher.finish128();
        [hash.h1, hash.h2]
    }

    #[test]
    fn what_was_noted_passes_and_of_the_rest_one_in_a_hundred() {
        let filter = Filter::for_claims(100_000);
        (0..200_000).for_each(|n| filter.note(&fingerprint(n)));
        assert!(!filter.knows_none_of(&fingerprint(300_000)), "it may still lack keys");
        filter.filled();

        assert!((0..200_000).all(|n| !filter.knows_none_of(&fingerprint(n))));
        let passed = (200_000..400_000).filter(|n| !filter.knows_none_of(&fingerprint(*n))).count();
        assert!(passed < 3_000, "{passed}");
    }
}
