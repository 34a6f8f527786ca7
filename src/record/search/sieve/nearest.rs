//! Asks the sieve. Most of the work is to count which texts have the rarer runs of a query, so that loop is as short as possible; only the
//! few dozen texts with the highest counts are then judged by all runs.

use std::cell::RefCell;
use std::cmp::Reverse;

use super::super::runs::{RUNS, runs};
use super::super::texts::Texts;
use super::{BLOCK, Block, Sieve, rarity};

/// A text must share at least this fraction (1/n) of the query's weight.
const LEAST_SHARED: u32 = 5;
/// A text must be at least two fifths as close as the closest one. The others cost time and are hardly ever meant.
const LEAST_OF_BEST: (u32, u32) = (2, 5);
/// So many texts are judged by all runs for each text that is wanted.
const JUDGED: usize = 2;
/// A text must share at least this fraction (1/n) of the weight of the runs that are counted.
const LEAST_COUNTED: u8 = 3;
/// So many postings are always counted, because they cost little.
const CHEAP: usize = 28_000;
/// A query has at most so many runs; if it has more, the rarest count.
const MOST_RUNS: usize = 128;

/// If a question touches more counters than this, it is faster to clear all of them.
const MANY: usize = BLOCK / 16;
/// The count of a text that has all the runs that are counted.
const FULL: u32 = 255;

/// A run of the query that some texts have.
struct Asked {
    run: u16,
    /// Its place among the runs of texts.
    place: usize,
    texts: usize,
    weight: u32,
}

/// A text with its closeness to the query.
type Close = (Reverse<u32>, u32);

impl Sieve {
    /// Returns at most `most` texts that share most with a query and pass `wanted`, best first. They are found by the rarer runs of the
    /// query. The commoner runs, which many texts have, only decide between the texts that were found.
    #[must_use]
    pub fn nearest(&self, texts: &Texts, query: &str, most: usize, wanted: impl Fn(u32) -> bool) -> Vec<u32> {
        let asked = self.asked(query);
        let counted = SCRATCH.with_borrow_mut(|scratch| self.count(&asked, scratch));
        let candidates = best_wanted(counted, most * JUDGED, wanted);
        let found = SCRATCH.with_borrow_mut(|scratch| self.judged(texts, &asked, candidates, scratch));
        let best = found.first().map_or(0, |(Reverse(closeness), _)| *closeness);
        let close = found.into_iter().take_while(|(closeness, _)| closeness.0 * LEAST_OF_BEST.1 >= best * LEAST_OF_BEST.0);
        close.map(|(_, number)| number).take(most).collect()
    }

    /// Returns the runs of a query, the rarest first. A run that no text has is most likely a typing error, so it counts against no text.
    fn asked(&self, query: &str) -> Vec<Asked> {
        let mut distinct: Vec<u16> = runs(query).collect();
        distinct.sort_unstable();
        distinct.dedup();
        let known = distinct.into_iter().filter_map(|run| {
            let place = self.place_of(run)?;
            let texts = self.size_of(place);
            let weight = u32::from(rarity(u32::try_from(texts).unwrap_or(u32::MAX), self.weights.len()));
            Some(Asked { run, place, texts, weight })
        });
        let mut asked: Vec<Asked> = known.collect();
        asked.sort_by_key(|asked| asked.texts);
        asked.truncate(MOST_RUNS);
        asked
    }

    /// Returns the texts that share enough of the rarer runs, with their closeness as far as these runs tell.
    fn count(&self, asked: &[Asked], scratch: &mut Scratch) -> Vec<Close> {
        let rarer = rarer(asked);
        let (of_all, of_rarer) = (weight(asked), weight(rarer));
        let steps =
            rarer.iter().map(|asked| (asked.place, u8::try_from(asked.weight * FULL / of_rarer.max(1)).unwrap_or(u8::MAX)));
        let steps: Vec<(usize, u8)> = steps.collect();
        let mut found = Vec::new();
        for (block, first) in self.blocks.iter().zip((0_u32..).step_by(BLOCK)) {
            scratch.count(block, &steps, |number, counted| {
                let number = first + u32::from(number);
                let shared = u32::from(counted) * of_rarer / FULL;
                found.push((Reverse(self.closeness(shared, of_all, number)), number));
            });
        }
        found
    }

    /// Returns how close a text is that shares some of the weight of a query: by its share of the query, and of the text.
    fn closeness(&self, shared: u32, asked: u32, text: u32) -> u32 {
        shared * 1_000 / asked.max(1) + shared * 1_000 / self.weight_of(text)
    }

    /// Judges texts by all runs of a query; the closest first.
    fn judged(&self, texts: &Texts, asked: &[Asked], candidates: Vec<u32>, scratch: &mut Scratch) -> Vec<Close> {
        let of_all = weight(asked);
        scratch.mark(asked);
        let judged = candidates.into_iter().filter_map(|number| {
            let shared = scratch.shared(texts.get(number), asked);
            (shared * LEAST_SHARED > of_all).then(|| (Reverse(self.closeness(shared, of_all, number)), number))
        });
        let mut judged: Vec<Close> = judged.collect();
        scratch.unmark(asked);
        judged.sort_unstable();
        judged
    }
}

/// Returns the rarer half of runs, by weight, and those that cost little.
fn rarer(asked: &[Asked]) -> &[Asked] {
    let of_all = weight(asked);
    let (mut done, mut postings) = (0, 0);
    let is_rarer = |asked: &&Asked| {
        let counts = done * 2 < of_all || postings + asked.texts <= CHEAP;
        done += asked.weight;
        postings += asked.texts;
        counts
    };
    asked.get(..asked.iter().take_while(is_rarer).count()).unwrap_or_default()
}

fn weight(asked: &[Asked]) -> u32 {
    asked.iter().map(|asked| asked.weight).sum()
}

/// Returns at most `most` of the closest texts that are wanted, the closest first.
fn best_wanted(mut found: Vec<Close>, most: usize, wanted: impl Fn(u32) -> bool) -> Vec<u32> {
    let (mut best, mut next) = (Vec::new(), most);
    while best.len() < most && !found.is_empty() {
        let rest = if next < found.len() {
            found.select_nth_unstable(next);
            found.split_off(next)
        } else {
            Vec::new()
        };
        let mut closest = std::mem::replace(&mut found, rest);
        closest.sort_unstable();
        best.extend(closest.into_iter().map(|(_, number)| number).filter(|number| wanted(*number)));
        next *= 4;
    }
    best.truncate(most);
    best
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch { counters: Box::new([0; BLOCK]), marks: Box::new([0; RUNS]) });
}

/// What a question needs to count. Each thread keeps its own, all zero between questions.
struct Scratch {
    /// For each text of a block, the weight of what it shares with the query, in parts of 255.
    counters: Box<[u8; BLOCK]>,
    /// For each run of the query, its number, counted from 1.
    marks: Box<[u8; RUNS]>,
}

impl Scratch {
    /// Calls `found` for each text of a block that has enough of some runs, with their weight.
    fn count(&mut self, block: &Block, steps: &[(usize, u8)], mut found: impl FnMut(u16, u8)) {
        let least = u8::MAX / LEAST_COUNTED;
        let (mut enough, mut touched) = (Vec::new(), 0);
        for (run, weight) in steps {
            let texts = block.with(*run);
            touched += texts.len();
            for number in texts {
                if let Some(counter) = self.counters.get_mut(usize::from(*number)) {
                    let before = *counter;
                    *counter = before.wrapping_add(*weight);
                    if (before < least) & (*counter >= least) {
                        enough.push(*number);
                    }
                }
            }
        }
        for number in enough {
            found(number, self.counters.get(usize::from(number)).copied().unwrap_or_default());
        }
        self.clear(block, steps, touched);
    }

    fn clear(&mut self, block: &Block, steps: &[(usize, u8)], touched: usize) {
        if touched > MANY {
            return self.counters.fill(0);
        }
        for number in steps.iter().flat_map(|(run, _)| block.with(*run)) {
            if let Some(counter) = self.counters.get_mut(usize::from(*number)) {
                *counter = 0;
            }
        }
    }

    fn mark(&mut self, asked: &[Asked]) {
        for (asked, number) in asked.iter().zip(1..) {
            if let Some(mark) = self.marks.get_mut(usize::from(asked.run)) {
                *mark = number;
            }
        }
    }

    fn unmark(&mut self, asked: &[Asked]) {
        for asked in asked {
            if let Some(mark) = self.marks.get_mut(usize::from(asked.run)) {
                *mark = 0;
            }
        }
    }

    /// Returns the weight of the marked runs that a text has.
    fn shared(&self, text: &str, asked: &[Asked]) -> u32 {
        let (mut seen, mut shared) = (0_u128, 0);
        for run in runs(text) {
            let mark = self.marks.get(usize::from(run)).copied().unwrap_or_default();
            let Some(number) = mark.checked_sub(1) else { continue };
            let bit = 1_u128.checked_shl(u32::from(number)).unwrap_or_default();
            if seen & bit == 0 {
                seen |= bit;
                shared += asked.get(usize::from(number)).map_or(0, |asked| asked.weight);
            }
        }
        shared
    }
}
