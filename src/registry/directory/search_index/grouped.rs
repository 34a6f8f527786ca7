//! Texts in order, each once, with all that own it: what a part of the search index is made of. Texts are found by their beginning.

use std::cmp::Ordering;
use std::ops::Range;

use super::place;
use vasp_record::search::Texts;

/// Distinct texts, ordered by their letters without blanks, with their owners.
#[derive(Debug)]
pub(super) struct Grouped<T> {
    texts: Texts,
    /// Where the owners of each text begin; one more entry marks the end.
    starts: Box<[u32]>,
    owners: Box<[T]>,
}

/// Texts with their owners, before they are put in order.
#[derive(Debug)]
pub(super) struct Collected<T> {
    letters: String,
    entries: Vec<(Range<usize>, T)>,
}

impl<T> Default for Collected<T> {
    fn default() -> Self {
        Self { letters: String::new(), entries: Vec::new() }
    }
}

impl<T: Copy> Collected<T> {
    /// Adds a text.
    pub(super) fn push(&mut self, text: &str, owner: T) {
        let start = self.letters.len();
        self.letters.push_str(text);
        self.entries.push((start..self.letters.len(), owner));
    }

    /// Puts the texts in order. Those of the same letters stay in the order in which they were added.
    pub(super) fn sort(&mut self) {
        let text = |range: &Range<usize>| self.letters.get(range.clone()).unwrap_or_default();
        self.entries.sort_by(|(a, _), (b, _)| in_order(text(a), text(b)));
    }

    fn iter(&self) -> impl Iterator<Item = (&str, T)> {
        self.entries.iter().map(|(range, owner)| (self.letters.get(range.clone()).unwrap_or_default(), *owner))
    }
}

impl<T: Copy> Grouped<T> {
    /// Joins parts that are in order already.
    pub(super) fn of(parts: &[Collected<T>]) -> Self {
        let mut all: Vec<(&str, T)> = parts.iter().flat_map(Collected::iter).collect();
        // This only merges.
        all.sort_by(|(a, _), (b, _)| in_order(a, b));
        let groups = || all.chunk_by(|(a, _), (b, _)| a == b);
        let texts = groups().filter_map(|group| group.first()).map(|(text, _)| *text).collect();
        let mut total = 0_u32;
        let ends = groups().map(|group| {
            total = total.saturating_add(u32::try_from(group.len()).unwrap_or(u32::MAX));
            total
        });
        let starts = std::iter::once(0).chain(ends).collect();
        Self { texts, starts, owners: all.iter().map(|(_, owner)| *owner).collect() }
    }

    /// Returns the texts.
    pub(super) fn texts(&self) -> &Texts {
        &self.texts
    }

    /// Returns all owners, in order of their texts.
    pub(super) fn all_owners(&self) -> &[T] {
        &self.owners
    }

    /// Returns the owners of a text.
    pub(super) fn owners(&self, text: u32) -> &[T] {
        let at = |entry: usize| self.starts.get(entry).copied().map_or(0, place);
        self.owners.get(at(place(text))..at(place(text) + 1)).unwrap_or_default()
    }

    /// Iterates over the texts that begin with the letters of `asked`, with their owners.
    pub(super) fn beginning_with(&self, asked: &str) -> impl Iterator<Item = (&str, &[T])> {
        let end = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        let from = partition_point(0..end, |number| letters(self.texts.get(number)).lt(letters(asked)));
        let end = partition_point(from..end, |number| begins(self.texts.get(number), asked));
        (from..end).map(move |number| (self.texts.get(number), self.owners(number)))
    }
}

/// Returns the first number that is not `before`, if those that are come first.
pub(super) fn partition_point(numbers: Range<u32>, before: impl Fn(u32) -> bool) -> u32 {
    let (mut low, mut high) = (numbers.start, numbers.end);
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// Iterates over the letters of a text without its blanks.
pub(super) fn letters(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().filter(|byte| *byte != b' ')
}

/// Returns whether the letters of a text begin with others.
pub(super) fn begins(text: &str, with: &str) -> bool {
    let mut has = letters(text);
    letters(with).all(|letter| has.next() == Some(letter))
}

/// Orders texts by their letters, and equal ones by their blanks.
fn in_order(a: &str, b: &str) -> Ordering {
    letters(a).cmp(letters(b)).then_with(|| a.cmp(b))
}
