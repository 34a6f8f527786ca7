//! Chooses the batches of claims that a daily check reads.

use rand_core::RngCore;

/// A sample: some batches that are always read, then others in random order until enough claims were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Batches that are read first, whatever their size.
    pub always: Vec<i64>,
    /// Number of claims to read. The batch that reaches it is read to its end.
    pub claims: u64,
    /// Seed of the random order.
    pub seed: u64,
}

impl Sample {
    /// Draws a sample.
    #[must_use]
    pub fn draw(always: Vec<i64>, claims: u64, rng: &mut dyn RngCore) -> Self {
        Self { always, claims, seed: rng.next_u64() }
    }

    /// Returns some batches in the order in which to read them.
    pub(super) fn order(&self, batches: Vec<i64>) -> Vec<i64> {
        let (mut first, mut others): (Vec<i64>, Vec<i64>) = batches.into_iter().partition(|batch| self.always.contains(batch));
        self.shuffle(&mut others);
        first.extend(others);
        first
    }

    /// Puts things into a random order. Somebody who alters rows does not know the seed, so cannot predict which are read.
    pub(super) fn shuffle<T>(&self, things: &mut Vec<T>) {
        let mut placed: Vec<(u64, T)> =
            things.drain(..).zip(0..).map(|(thing, place)| (mixed(self.seed, place), thing)).collect();
        placed.sort_by_key(|(place, _)| *place);
        things.extend(placed.into_iter().map(|(_, thing)| thing));
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
