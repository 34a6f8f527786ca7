//! Chooses the batches of claims, and the days of pre-checks, that a daily check reads.

use rand_core::RngCore;
use vasp_store::OrganisationDay;

/// What was wrong in an earlier check. Every check reads it again, so the report names it until somebody repairs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suspects {
    /// Numbers of batches of claims.
    pub batches: Vec<i64>,
    /// Days of recorded pre-checks.
    pub days: Vec<OrganisationDay>,
}

/// A sample: the suspects, then others in random order until enough rows were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// What is read first, whatever its size.
    pub always: Suspects,
    /// Number of claims, and of pre-checks, to read. The batch or day that reaches it is read to its end.
    pub rows: u64,
    /// Seed of the random order.
    pub seed: u64,
}

impl Sample {
    /// Draws a sample.
    #[must_use]
    pub fn draw(always: Suspects, rows: u64, rng: &mut dyn RngCore) -> Self {
        Self { always, rows, seed: rng.next_u64() }
    }

    /// Returns some batches, or days, in the order in which to read them: first those that are always read.
    pub(super) fn order<T: PartialEq>(&self, things: Vec<T>, always: &[T]) -> Vec<T> {
        // Somebody who alters rows does not know the seed, so cannot predict which are read next.
        let place = |(thing, number): (T, u64)| (!always.contains(&thing), mixed(self.seed, number), thing);
        let mut placed: Vec<(bool, u64, T)> = things.into_iter().zip(0..).map(place).collect();
        placed.sort_by_key(|(is_other, number, _)| (*is_other, *number));
        placed.into_iter().map(|(.., thing)| thing).collect()
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
        let order = |seed| Sample { always: Suspects::default(), rows: 1, seed }.order((0..100).collect(), &[17]);

        let (one, other) = (order(1), order(2));
        assert_eq!((one.first(), other.first()), (Some(&17), Some(&17)));
        assert_ne!(one, other);
        let mut all = one;
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
    }
}
