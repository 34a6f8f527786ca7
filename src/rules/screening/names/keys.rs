//! Which names have a key in common: the same words, the same sound, three letters, a word, a half. A key is kept as its digest of 36 bits:
//! whatever is found is compared in full afterwards, but names that have a word are counted by its digest alone. The caller is `names`.

use std::hash::{BuildHasher, Hash};
use std::iter::{Copied, Map};
use std::slice::Iter;

use foldhash::fast::FixedState;

/// What a name can be found by.
#[derive(Clone, Copy, Hash)]
pub(super) enum Key<'a> {
    /// Its words in alphabetical order.
    Sorted(&'a str),
    /// Its letters.
    Letters(&'a str),
    /// Its letters as they sound.
    Sound(&'a str),
    /// Three letters in a row, as they sound.
    Three([u8; 3]),
    /// A word as it sounds.
    Word(&'a str),
    /// The first or the last letters of a name with so many letters.
    Half { length: usize, is_first: bool, letters: &'a str },
}

impl Key<'_> {
    /// Returns the digest with room for a number in its lowest bits, which are 0.
    fn digest(self) -> u64 {
        FixedState::default().hash_one(self) & !NUMBER_BITS
    }
}

/// The lowest bits, which hold the number of a name: up to 268 million names, more than the memory of a server holds.
pub(super) const NUMBER_BITS: u64 = (1 << 28) - 1;

/// The numbers of names by their keys.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// Digests of keys, in ascending order. The lowest bits of each are the number of a name that has the key.
    sorted: Vec<u64>,
    /// Where those begin whose first 16 bits are the place here; one more at the end.
    begins: Vec<usize>,
}

/// The numbers of names, in ascending order.
pub(super) type Numbers<'a> = Map<Copied<Iter<'a, u64>>, fn(u64) -> usize>;

/// The keys of names while they are collected.
#[derive(Default)]
pub(super) struct Collected(Vec<u64>);

impl Collected {
    /// Adds a key of a name whose number is at most [`NUMBER_BITS`].
    pub(super) fn add(&mut self, key: Key<'_>, number: u64) {
        self.0.push(key.digest() | number);
    }

    pub(super) fn sorted(mut self) -> Self {
        self.0.sort_unstable();
        self
    }

    /// Adds the keys of other names, whose numbers begin here with `first`.
    pub(super) fn append(&mut self, other: Self, first: u64) {
        self.0.extend(other.0.into_iter().map(|key| key + first));
    }
}

impl From<Collected> for Keys {
    fn from(Collected(mut sorted): Collected) -> Self {
        // Sorted parts are only merged by this sort.
        sorted.sort();
        let mut begin = 0;
        let begins = (0..=1_u64 << 16).map(|top| {
            begin += sorted.iter().skip(begin).take_while(|key| **key >> 48 < top).count();
            begin
        });
        Self { begins: begins.collect(), sorted }
    }
}

impl Keys {
    /// Returns the numbers of the names with a key.
    pub(super) fn of(&self, key: Key<'_>) -> Numbers<'_> {
        let (digest, place) = (key.digest(), |top: u64| self.begins.get(usize::try_from(top).ok()?).copied());
        let top = digest >> 48;
        let near = place(top).zip(place(top + 1)).and_then(|(from, to)| self.sorted.get(from..to)).unwrap_or_default();
        let (first, end) = (near.partition_point(|one| *one < digest), near.partition_point(|one| *one <= digest | NUMBER_BITS));
        let number: fn(u64) -> usize = |key| usize::try_from(key & NUMBER_BITS).unwrap_or(usize::MAX);
        near.get(first..end).unwrap_or_default().iter().copied().map(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_key_leads_to_its_names_and_to_no_other(words in proptest::collection::vec("[a-c]{1,3}", 0..60), asked in "[a-c]{1,3}") {
            let (mut all, mut expected) = (Collected::default(), BTreeMap::<&str, Vec<usize>>::new());
            for (part, words) in words.chunks(20).enumerate() {
                let mut collected = Collected::default();
                for (number, word) in words.iter().enumerate() {
                    collected.add(Key::Word(word), u64::try_from(number).unwrap());
                    collected.add(Key::Sound(word), NUMBER_BITS - 1_000);
                    expected.entry(word).or_default().push(number + part * 20);
                }
                all.append(collected.sorted(), u64::try_from(part * 20).unwrap());
            }
            let keys = Keys::from(all);
            prop_assert_eq!(keys.of(Key::Word(&asked)).collect::<Vec<_>>(), expected.remove(asked.as_str()).unwrap_or_default());
            prop_assert_eq!(keys.of(Key::Letters(&asked)).len(), 0);
        }
    }

    #[test]
    fn no_names_have_no_keys() {
        assert_eq!(Keys::default().of(Key::Word("bank")).len(), 0);
    }
}
