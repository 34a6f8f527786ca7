//! Finds the texts that share three-letter runs with a query: a first sieve before texts are compared in full. All postings are in one
//! array, reached through a table of all possible runs.

use std::cell::RefCell;

use super::place;

/// Letters, digits and the blank.
const SYMBOLS: usize = 37;
const RUNS: usize = SYMBOLS * SYMBOLS * SYMBOLS;
/// A text must share at least this fraction (1/n) of the query's weight.
const LEAST_SHARED: u32 = 5;
/// A text must be at least two fifths as close as the closest one. The others cost time and are hardly ever meant.
const LEAST_OF_BEST: (u32, u32) = (2, 5);

/// The runs of numbered texts.
#[derive(Clone, Debug)]
pub(super) struct Trigrams {
    /// Where the postings of each run begin; one more entry marks the end.
    starts: Box<[u32]>,
    /// Numbers of the texts.
    postings: Box<[u32]>,
    /// Total weight of the runs of each text.
    weights: Box<[u16]>,
}

impl Trigrams {
    /// Builds the index from folded texts, in order of their numbers.
    pub(super) fn of<'a>(texts: impl Iterator<Item = &'a str> + Clone) -> Self {
        let mut ends = vec![0_u32; RUNS + 1];
        let mut count = 0_u32;
        for text in texts.clone() {
            count = count.saturating_add(1);
            for run in runs(text) {
                if let Some(size) = ends.get_mut(run + 1) {
                    *size += 1;
                }
            }
        }
        let mut total = 0;
        for size in &mut ends {
            total += *size;
            *size = total;
        }
        let starts: Box<[u32]> = ends.clone().into();
        let mut postings = vec![0_u32; place(total)];
        let mut weights = Vec::with_capacity(place(count));
        for (number, text) in (0..count).zip(texts) {
            let mut weight = 0_u16;
            for run in runs(text) {
                let size = range(&starts, run).len();
                weight = weight.saturating_add(rarity(size, count));
                // Entry `run` of `ends` moves from the beginning of its postings to their end.
                if let Some(next) = ends.get_mut(run)
                    && let Some(posting) = postings.get_mut(place(*next))
                {
                    *posting = number;
                    *next += 1;
                }
            }
            weights.push(weight);
        }
        Self { starts, postings: postings.into(), weights: weights.into() }
    }

    /// Returns at most `most` texts that share most with a query and pass `wanted`, best first. Texts are found by the rarer half of the
    /// query's runs, by weight. The commoner half, which many texts have, only decides between the texts that were found.
    pub(super) fn nearest(&self, query: &str, most: usize, wanted: impl Fn(u32) -> bool) -> Vec<u32> {
        let count = u32::try_from(self.weights.len()).unwrap_or(u32::MAX);
        // A run that no text has is most likely a typing error, so it counts against no text.
        let with_texts = runs(query).into_iter().map(|run| self.postings.get(range(&self.starts, run)).unwrap_or_default());
        let mut asked_runs: Vec<(u16, &[u32])> =
            with_texts.filter(|texts| !texts.is_empty()).map(|texts| (rarity(texts.len(), count), texts)).collect();
        asked_runs.sort_by_key(|(_, texts)| texts.len());
        let asked: u32 = asked_runs.iter().map(|(weight, _)| u32::from(*weight)).sum();
        let mut found = SHARED.with_borrow_mut(|shared| shared.count(self.weights.len(), &asked_runs, asked));
        found.retain_mut(|(closeness, number)| {
            let sum = *closeness;
            let weight = self.weights.get(place(*number)).copied().unwrap_or(1);
            let parts = sum * 1_000;
            *closeness = parts / asked.max(1) + parts / u32::from(weight).max(1);
            sum * LEAST_SHARED > asked
        });
        let better = |(a, first): &(u32, u32), (b, second): &(u32, u32)| b.cmp(a).then(first.cmp(second));
        found.sort_unstable_by(better);
        let best = found.iter().find(|(_, number)| wanted(*number)).map_or(0, |(closeness, _)| *closeness);
        let close = found.into_iter().take_while(|(closeness, _)| closeness * LEAST_OF_BEST.1 >= best * LEAST_OF_BEST.0);
        close.map(|(_, number)| number).filter(|number| wanted(*number)).take(most).collect()
    }
}

thread_local! {
    static SHARED: RefCell<Shared> = RefCell::default();
}

/// The weight that texts share with a query. Each thread keeps its own, empty between queries.
#[derive(Default)]
struct Shared(Vec<u16>);

impl Shared {
    /// Returns the texts that share some of the rarer half of a query's runs, each with the weight that it shares in all.
    fn count(&mut self, texts: usize, runs: &[(u16, &[u32])], asked: u32) -> Vec<(u32, u32)> {
        if self.0.len() < texts {
            self.0.resize(texts, 0);
        }
        let (mut touched, mut done) = (Vec::new(), 0);
        for (weight, texts) in runs {
            let is_rare = done * 2 < asked;
            done += u32::from(*weight);
            for number in *texts {
                let Some(sum) = self.0.get_mut(place(*number)) else { continue };
                if *sum > 0 {
                    *sum = sum.saturating_add(*weight);
                } else if is_rare {
                    touched.push(*number);
                    *sum = *weight;
                }
            }
        }
        let taken = |number| (u32::from(self.0.get_mut(place(number)).map_or(0, std::mem::take)), number);
        touched.into_iter().map(taken).collect()
    }
}

/// Returns the weight of a run: the fewer texts have it, the higher. Three steps correspond to a factor of two.
fn rarity(texts: usize, all: u32) -> u16 {
    let times = u64::from(all) / (1 + u64::try_from(texts).unwrap_or(u64::MAX - 1)) + 1;
    u16::try_from(times.saturating_pow(3).ilog2() + 1).unwrap_or(u16::MAX)
}

fn range(starts: &[u32], run: usize) -> std::ops::Range<usize> {
    let at = |run: usize| starts.get(run).copied().map_or(0, place);
    at(run)..at(run + 1)
}

/// Returns the three-letter runs of a folded text, each once. Each word has a blank before and after it; no run has a blank in the middle.
fn runs(text: &str) -> Vec<usize> {
    let padded = std::iter::once(b' ').chain(text.bytes()).chain(std::iter::once(b' ')).map(symbol);
    let mut before = (0, 0);
    let windows = padded.map(|third| {
        let (first, second) = before;
        before = (second, third);
        (first, second, third)
    });
    let inside = windows.skip(2).filter(|(_, second, _)| *second != 0);
    let mut runs: Vec<usize> = inside.map(|(first, second, third)| (first * SYMBOLS + second) * SYMBOLS + third).collect();
    runs.sort_unstable();
    runs.dedup();
    runs
}

fn symbol(byte: u8) -> usize {
    usize::from(match byte {
        b'a'..=b'z' => byte - b'a' + 1,
        b'0'..=b'9' => byte - b'0' + 27,
        _ => 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn nearest(texts: &[&str], query: &str, most: usize) -> Vec<u32> {
        Trigrams::of(texts.iter().copied()).nearest(query, most, |_| true)
    }

    #[test]
    fn runs_do_not_reach_over_a_blank() {
        assert_eq!(runs("ab").len(), 2);
        assert_eq!(runs("ab ab").len(), 2);
        assert_eq!(runs("ab c").len(), 3);
        assert_eq!(runs("a"), runs("a a"));
        assert_eq!(runs("").len(), 0);
    }

    #[test]
    fn texts_come_by_what_they_share_with_the_query() {
        let texts = ["bitpanda", "bitpanda asset management", "bitstamp europe", "kraken"];

        assert_eq!(nearest(&texts, "bitpanda", 2), [0, 1]);
        assert_eq!(nearest(&texts, "bitpnada", 2), [0, 1]);
        assert_eq!(nearest(&texts, "management asset", 9), [1]);
        assert_eq!(nearest(&texts, "bitpanda", 1), [0]);
        assert_eq!(nearest(&texts, "xyz", 9), [0; 0]);
        assert_eq!(Trigrams::of(texts.into_iter()).nearest("bitpanda", 1, |number| number > 0), [1]);
        assert_eq!(nearest(&[], "bitpanda", 9), [0; 0]);
    }

    proptest! {
        #[test]
        fn every_text_is_nearest_to_itself(texts in proptest::collection::btree_set("[a-c]{1,4}( [a-c]{1,4})?", 1..20)) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let index = Trigrams::of(texts.iter().copied());
            for (number, text) in texts.iter().enumerate() {
                let best = index.nearest(text, texts.len(), |_| true);
                let same = |other: &u32| runs(texts[place(*other)]) == runs(text);
                prop_assert!(best.contains(&u32::try_from(number).unwrap()));
                prop_assert!(same(&best[0]), "{} / {}", text, texts[place(best[0])]);
            }
        }
    }
}
