//! Which names have a key in common: the same words, the same sound, three letters, a word, a half. A key is kept as its digest of 64 bits:
//! whatever is found is compared in full afterwards, so two keys of one digest cost a comparison. The caller is `names`.

use std::hash::{DefaultHasher, Hash, Hasher};

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
    fn digest(self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}

/// The numbers of names by their keys.
#[derive(Debug, Default)]
pub(super) struct Keys {
    digests: Vec<u64>,
    /// The number of the name of each digest, in the same order.
    numbers: Vec<u32>,
    /// Where the digests begin whose first 16 bits are the place here; one more at the end.
    begins: Vec<usize>,
}

/// The keys of names while they are collected.
#[derive(Default)]
pub(super) struct Collected(Vec<(u64, u32)>);

impl Collected {
    pub(super) fn add(&mut self, key: Key<'_>, number: u32) {
        self.0.push((key.digest(), number));
    }

    pub(super) fn sorted(mut self) -> Self {
        self.0.sort_unstable();
        self
    }

    /// Adds the keys of other names, whose numbers begin here with `first`.
    pub(super) fn append(&mut self, other: Self, first: usize) {
        let first = u32::try_from(first).unwrap_or(u32::MAX);
        self.0.extend(other.0.into_iter().map(|(digest, number)| (digest, number.saturating_add(first))));
    }
}

impl From<Collected> for Keys {
    fn from(Collected(mut pairs): Collected) -> Self {
        // Sorted parts are only merged by this sort.
        pairs.sort();
        let (digests, numbers): (Vec<u64>, Vec<u32>) = pairs.into_iter().unzip();
        let begins = (0..=1_u64 << 16).map(|top| digests.partition_point(|digest| digest >> 48 < top)).collect();
        Self { digests, numbers, begins }
    }
}

impl Keys {
    /// Returns the numbers of the names with a key, in ascending order.
    pub(super) fn of(&self, key: Key<'_>) -> &[u32] {
        let (digest, place) = (key.digest(), |top: u64| self.begins.get(usize::try_from(top).ok()?).copied());
        let top = digest >> 48;
        let (Some(from), Some(to)) = (place(top), place(top + 1)) else { return &[] };
        let near = self.digests.get(from..to).unwrap_or_default();
        let first = from + near.partition_point(|one| *one < digest);
        let end = from + near.partition_point(|one| *one <= digest);
        self.numbers.get(first..end).unwrap_or_default()
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
            let (mut all, mut expected) = (Collected::default(), BTreeMap::<&str, Vec<u32>>::new());
            for (part, words) in words.chunks(20).enumerate() {
                let mut collected = Collected::default();
                for (number, word) in (0..).zip(words) {
                    collected.add(Key::Word(word), number);
                    collected.add(Key::Sound(word), number + 1_000);
                    expected.entry(word).or_default().push(number + u32::try_from(part).unwrap() * 20);
                }
                all.append(collected.sorted(), part * 20);
            }
            let keys = Keys::from(all);
            prop_assert_eq!(keys.of(Key::Word(&asked)), expected.get(asked.as_str()).map_or(&[][..], Vec::as_slice));
            prop_assert!(keys.of(Key::Letters(&asked)).is_empty());
        }
    }

    #[test]
    fn no_names_have_no_keys() {
        assert!(Keys::default().of(Key::Word("bank")).is_empty());
    }
}
