//! Which batches of claims a daily look reads.

use rand_core::RngCore;

/// Batches that are read in any case, then others in a random order, until so many claims were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Batches that are read first, whatever they cost.
    pub always: Vec<i64>,
    /// So many claims are read, and the batch ended that was begun.
    pub claims: u64,
    /// What the order is drawn from.
    pub seed: u64,
}

impl Sample {
    /// Draws a sample.
    #[must_use]
    pub fn draw(always: Vec<i64>, claims: u64, rng: &mut dyn RngCore) -> Self {
        Self { always, claims, seed: rng.next_u64() }
    }

    /// Returns some batches in the order in which they are read.
    pub(super) fn order(&self, batches: Vec<i64>) -> Vec<i64> {
        let (mut first, mut others): (Vec<i64>, Vec<i64>) = batches.into_iter().partition(|batch| self.always.contains(batch));
        // Whoever alters rows does not know the seed, so cannot tell which are read next.
        others.sort_by_key(|batch| mixed(self.seed, batch.cast_unsigned()));
        first.extend(others);
        first
    }
}

/// Source: Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014), the mixing function of `SplitMix64`.
fn mixed(seed: u64, number: u64) -> u64 {
    let mut z = seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_day_reads_in_another_order_and_what_was_wrong_first() {
        let order = |seed| Sample { always: vec![17], claims: 1, seed }.order((0..100).collect());

        let (one, other) = (order(1), order(2));
        assert_eq!((one.first(), other.first()), (Some(&17), Some(&17)));
        assert_ne!(one, other);
        let mut all = one;
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
    }
}
