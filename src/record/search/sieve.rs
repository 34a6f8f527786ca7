//! Finds the texts that share three-letter runs with a query: a first sieve before texts are compared in full. Texts lie in blocks, so
//! that a posting takes two bytes, and the counters of a block stay in the fastest memory. `sieve/nearest.rs` asks.

mod nearest;

use std::ops::Range;

use super::runs::{RUNS, runs};
use super::texts::{Texts, between, place};

/// Number of texts in a block: as many as two bytes can number.
const BLOCK: usize = 1 << 16;

/// The runs of numbered texts.
#[derive(Clone, Debug)]
pub struct Sieve {
    /// The runs that texts have, in order.
    runs: Box<[u16]>,
    blocks: Box<[Block]>,
    /// Total weight of the runs of each text.
    weights: Box<[u16]>,
}

/// The runs of consecutive texts.
#[derive(Clone, Debug)]
struct Block {
    /// Where the postings of each run begin; one more entry marks the end.
    starts: Box<[u32]>,
    /// The numbers of texts, counted from the first of the block.
    postings: Box<[u16]>,
}

impl Sieve {
    /// Builds the sieve for folded texts.
    #[must_use]
    pub fn of(texts: &Texts) -> Self {
        let count = texts.len();
        let parts = || (0..count).step_by(BLOCK).map(move |first| first..count.min(first + BLOCK));
        let sizes: Vec<Vec<u32>> = parts().map(|part| sizes(texts, part)).collect();
        let of_run = |run: usize| sizes.iter().filter_map(|sizes| sizes.get(run)).sum::<u32>();
        let totals: Vec<u32> = (0..RUNS).map(of_run).collect();
        let known: Vec<u16> = (0..).zip(&totals).filter(|(_, total)| **total > 0).map(|(run, _)| run).collect();
        let rarities: Vec<u16> = totals.iter().map(|total| rarity(*total, count)).collect();
        let mut weights = vec![0; count];
        let blocks = parts().zip(sizes).zip(weights.chunks_mut(BLOCK));
        let blocks = blocks.map(|((part, sizes), weights)| {
            let weigh = |number: u16, run: usize| {
                if let (Some(weight), Some(rarity)) = (weights.get_mut(usize::from(number)), rarities.get(run)) {
                    *weight = u16::saturating_add(*weight, *rarity);
                }
            };
            Block::of(texts, part, &known, sizes, weigh)
        });
        Self { blocks: blocks.collect(), runs: known.into(), weights: weights.into() }
    }

    /// Returns the place of a run among those that texts have.
    fn place_of(&self, run: u16) -> Option<usize> {
        self.runs.binary_search(&run).ok()
    }

    /// Returns how many texts have the run at a place.
    fn size_of(&self, run: usize) -> usize {
        self.blocks.iter().map(|block| block.with(run).len()).sum()
    }

    fn weight_of(&self, text: u32) -> u32 {
        self.weights.get(place(text)).copied().map_or(1, u32::from).max(1)
    }
}

impl Block {
    /// Builds a block of the texts of `part`, given how many have each run. Calls `weigh` for each run of each text.
    fn of(texts: &Texts, part: Range<usize>, known: &[u16], sizes: Vec<u32>, mut weigh: impl FnMut(u16, usize)) -> Self {
        let mut starts = Vec::with_capacity(known.len() + 1);
        let (mut next, mut total) = (sizes, 0);
        for run in known {
            starts.push(total);
            if let Some(next) = next.get_mut(usize::from(*run)) {
                total += std::mem::replace(next, total);
            }
        }
        starts.push(total);
        let mut postings = vec![0; place(total)];
        each_run(texts, part, |number, run| {
            weigh(number, run);
            if let Some(next) = next.get_mut(run)
                && let Some(posting) = postings.get_mut(place(*next))
            {
                *posting = number;
                *next += 1;
            }
        });
        Self { starts: starts.into(), postings: postings.into() }
    }

    /// Returns the texts that have the run at a place.
    fn with(&self, run: usize) -> &[u16] {
        self.postings.get(between(&self.starts, run)).unwrap_or_default()
    }
}

/// Returns how many of some texts have each run.
fn sizes(texts: &Texts, part: Range<usize>) -> Vec<u32> {
    let mut sizes = vec![0; RUNS];
    each_run(texts, part, |_, run| {
        if let Some(size) = sizes.get_mut(run) {
            *size += 1;
        }
    });
    sizes
}

/// Calls `each` with each distinct run of each text of a part, with the text's number in the part.
fn each_run(texts: &Texts, part: Range<usize>, mut each: impl FnMut(u16, usize)) {
    let mut last_with: Vec<Option<u16>> = vec![None; RUNS];
    for (number, text) in (0..=u16::MAX).zip(texts.iter().skip(part.start).take(part.len())) {
        for run in runs(text).map(usize::from) {
            if let Some(last) = last_with.get_mut(run)
                && last.replace(number) != Some(number)
            {
                each(number, run);
            }
        }
    }
}

/// Returns the weight of a run: the fewer texts have it, the higher. Three steps correspond to a factor of two.
fn rarity(texts: u32, all: usize) -> u16 {
    let all = u64::try_from(all).unwrap_or(u64::MAX);
    let times = all / (1 + u64::from(texts)) + 1;
    u16::try_from(times.saturating_pow(3).ilog2() + 1).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(of: &[&str]) -> Texts {
        of.iter().copied().collect()
    }

    fn nearest(of: &[&str], query: &str, most: usize) -> Vec<u32> {
        let texts = texts(of);
        Sieve::of(&texts).nearest(&texts, query, most, |_| true)
    }

    #[test]
    fn texts_come_by_what_they_share_with_the_query() {
        let of = ["bitpanda", "bitpanda asset management", "bitstamp europe", "kraken"];

        assert_eq!(nearest(&of, "bitpanda", 2), [0, 1]);
        assert_eq!(nearest(&of, "bitpnada", 2), [0, 1]);
        assert_eq!(nearest(&of, "management asset", 9), [1]);
        assert_eq!(nearest(&of, "bitpanda", 1), [0]);
        assert_eq!(nearest(&of, "xyz", 9), [0; 0]);
        assert_eq!(nearest(&[], "bitpanda", 9), [0; 0]);
    }

    #[test]
    fn what_is_wanted_is_asked_before_the_best_are_taken() {
        let of: Vec<String> = (0..999).map(|number| format!("digital {number}")).collect();
        let texts: Texts = of.iter().map(String::as_str).collect();
        let sieve = Sieve::of(&texts);

        for wanted in [0, 1, 500, 998] {
            assert_eq!(sieve.nearest(&texts, "digitl", 9, |number| number == wanted), [wanted]);
        }
        assert_eq!(sieve.nearest(&texts, "digitl", 9, |_| false), [0; 0]);
        assert_eq!(sieve.nearest(&texts, "digital", 9, |_| true).len(), 9);
    }

    #[test]
    fn texts_of_every_block_are_found_and_a_question_leaves_no_trace() {
        let of: Vec<String> = (0..2 * BLOCK + 9).map(|number| format!("firm{number:06}")).collect();
        let texts: Texts = of.iter().map(String::as_str).collect();
        let sieve = Sieve::of(&texts);

        for number in [0, 1, 65_535, 65_536, 65_537, 131_071, 131_072, 131_080] {
            let found = sieve.nearest(&texts, texts.get(number), 9, |_| true);
            assert_eq!(found.first(), Some(&number));
            assert_eq!(found, sieve.nearest(&texts, texts.get(number), 9, |_| true));
        }
    }

    #[test]
    fn a_query_of_very_many_runs_finds_itself() {
        let long: String = (b'a'..=b'z').flat_map(|first| [first, b'q', b'x', first, b'z', b'k', b'7']).map(char::from).collect();

        assert_eq!(nearest(&["bitpanda", &long], &long, 9), [1]);
    }

    proptest! {
        #[test]
        fn every_text_is_nearest_to_itself(of in proptest::collection::btree_set("[a-c]{1,4}( [a-c]{1,4})?", 1..20)) {
            let of: Vec<&str> = of.iter().map(String::as_str).collect();
            let texts = texts(&of);
            let sieve = Sieve::of(&texts);
            let distinct = |text: &str| runs(text).collect::<std::collections::BTreeSet<_>>();
            for (number, text) in of.iter().enumerate() {
                let best = sieve.nearest(&texts, text, of.len(), |_| true);
                prop_assert!(best.contains(&u32::try_from(number).unwrap()));
                prop_assert_eq!(distinct(of[place(best[0])]), distinct(text));
            }
        }
    }
}
