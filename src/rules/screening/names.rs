//! Finds listed names that a name may mean, each with a score. Equal names are looked up. Similar names are found by common groups of three
//! letters. Names with one wrong letter are found by the half that is correct. Results are cached, because an index never changes.
//!
//! Scores are our own scale: 100 for the same words, 98 in another order, 97 with different word breaks, 96 for the same sound in another
//! script, and 93 in the same script. Below that, the score is the share of equal letters, or how much of the longer name the shorter one
//! is. The policy decides which scores fail and which a person must check.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use strsim::{normalized_damerau_levenshtein, osa_distance};

use super::sound::{Spoken, sound};
use super::{SanctionsEntry, SanctionsList};

/// How similar two names are, 0 to 100.
pub type Score = u8;

/// A listed name that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameMatch {
    /// The list, as its place in the index.
    pub list: usize,
    /// The entry, as its place in the list.
    pub entry: usize,
    /// The listed name.
    pub listed: String,
    /// The score.
    pub score: Score,
}

/// Highest score for a name that the list itself calls weak, and for the name of a ship or a person.
const AT_MOST_WEAK: Score = 90;
/// Below this score two names are unrelated, whatever a policy says.
pub(super) const LEAST: Score = 80;
/// A name with fewer letters is only compared for equality, because one letter makes it a different name.
const LEAST_LETTERS: usize = 6;
/// Lowest score of a name with one wrong letter and more than `LEAST_LETTERS` letters.
const ONE_LETTER: Score = 88;
/// The same for a shorter name: most of these similar names mean somebody else. Policies look at a name from score 85 on, so such a name
/// counts only together with something else.
const ONE_LETTER_SHORT: Score = 84;
/// A listed name with fewer letters does not match with one wrong letter.
const ONE_LETTER_LEAST: usize = 4;
/// From so many letters on, the same sound in another script counts as the same name.
const LEAST_SOUNDS: usize = 4;
/// A word that occurs in more names than this does not identify anybody.
const COMMON_WORD: u32 = 12;
/// Minimum length of the shorter name to count as a part of the longer one, in percent of its letters.
const LEAST_PART_PERCENT: usize = 45;
/// Maximum number of cached names; then the whole cache is cleared.
const REMEMBERED: usize = 200_000;

#[derive(Debug)]
struct Listed {
    list: usize,
    entry: usize,
    at_most: Score,
    name: String,
    spoken: Spoken,
}

/// The names of some lists.
#[derive(Debug, Default)]
pub(super) struct Names {
    listed: Vec<Listed>,
    by_sorted: HashMap<String, Vec<u32>>,
    by_letters: HashMap<String, Vec<u32>>,
    by_sound: HashMap<String, Vec<u32>>,
    by_three: HashMap<[u8; 3], Vec<u32>>,
    by_word: HashMap<String, Vec<u32>>,
    by_half: HashMap<Half, Vec<u32>>,
    remembered: RwLock<HashMap<String, Arc<[NameMatch]>>>,
}

impl Names {
    /// Indexes the names of some lists.
    pub(super) fn of(lists: &[SanctionsList]) -> Self {
        let mut names = Self::default();
        for (list, known) in lists.iter().enumerate() {
            for (entry, one) in known.entries.iter().enumerate() {
                names.add(list, entry, one);
            }
        }
        names
    }

    fn add(&mut self, list: usize, entry: usize, one: &SanctionsEntry) {
        let most = if one.kind.may_be_a_firm() { 100 } else { AT_MOST_WEAK };
        let strong = one.names().map(|name| (name, most));
        let weak = one.weak_aliases.iter().map(|name| (name.as_str(), AT_MOST_WEAK));
        for (name, at_most) in strong.chain(weak) {
            let (Some(spoken), Ok(number)) = (Spoken::of(name), u32::try_from(self.listed.len())) else { continue };
            self.by_sorted.entry(spoken.sorted.clone()).or_default().push(number);
            self.by_letters.entry(spoken.letters()).or_default().push(number);
            self.by_sound.entry(spoken.sound.clone()).or_default().push(number);
            for three in threes(&spoken.sound) {
                self.by_three.entry(three).or_default().push(number);
            }
            let letters = spoken.letters();
            for half in halves(&letters, letters.chars().count()) {
                self.by_half.entry(half).or_default().push(number);
            }
            let mut words: Vec<String> = spoken.words.split(' ').map(sound).collect();
            words.sort_unstable();
            words.dedup();
            for word in words {
                self.by_word.entry(word).or_default().push(number);
            }
            self.listed.push(Listed { list, entry, at_most, name: name.to_owned(), spoken });
        }
    }

    /// Returns how many names there are.
    pub(super) fn count(&self) -> usize {
        self.listed.len()
    }

    /// Returns the entries that have this name or a similar one, each once with its best name, best first.
    pub(super) fn like(&self, name: &str) -> Arc<[NameMatch]> {
        if let Some(known) = self.remembered.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Arc::clone(known);
        }
        let found: Arc<[NameMatch]> = Spoken::of(name).map(|asked| self.search(&asked)).unwrap_or_default().into();
        let mut remembered = self.remembered.write().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= REMEMBERED {
            remembered.clear();
        }
        remembered.insert(name.to_owned(), Arc::clone(&found));
        found
    }

    fn search(&self, asked: &Spoken) -> Vec<NameMatch> {
        let mut best: HashMap<(usize, usize), (Score, u32)> = HashMap::new();
        for number in self.candidates(asked) {
            let Some(listed) = self.place(number) else { continue };
            let score = self.score(asked, &listed.spoken).min(listed.at_most);
            if score >= LEAST {
                let known = best.entry((listed.list, listed.entry)).or_insert((score, number));
                // If two names of an entry have the same score, the first applies.
                if score > known.0 || score == known.0 && number < known.1 {
                    *known = (score, number);
                }
            }
        }
        let found = best.into_iter().filter_map(|((list, entry), (score, number))| {
            let listed = self.place(number)?.name.clone();
            Some(NameMatch { list, entry, listed, score })
        });
        let mut found: Vec<NameMatch> = found.collect();
        found.sort_by_key(|found| (std::cmp::Reverse(found.score), found.list, found.entry));
        found
    }

    fn place(&self, number: u32) -> Option<&Listed> {
        self.listed.get(usize::try_from(number).ok()?)
    }

    /// Returns the names that may be similar to another, each once.
    fn candidates(&self, asked: &Spoken) -> Vec<u32> {
        let same = [self.by_sorted.get(&asked.sorted), self.by_letters.get(&asked.letters()), self.by_sound.get(&asked.sound)];
        let mut found: Vec<u32> = same.into_iter().flatten().flatten().copied().collect();
        let letters = asked.letters();
        let length = letters.chars().count();
        // If one letter is wrong, the listed name has the same number of letters, one more, or one less.
        for length in length.saturating_sub(1)..=length + 1 {
            found.extend(halves(&letters, length).iter().filter_map(|half| self.by_half.get(half)).flatten());
        }
        if asked.sound.len() >= LEAST_LETTERS {
            let rare = asked.words.split(' ').filter_map(|word| self.by_word.get(&sound(word)));
            found.extend(rare.filter(|names| !is_common(names)).flatten());
            found.extend(self.nearly_the_same(&asked.sound));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Returns the names that share at least half of the groups of three letters.
    fn nearly_the_same(&self, asked: &str) -> Vec<u32> {
        let mut shared: HashMap<u32, usize> = HashMap::new();
        let asked = threes(asked);
        for three in &asked {
            for number in self.by_three.get(three).into_iter().flatten() {
                *shared.entry(*number).or_default() += 1;
            }
        }
        shared.into_iter().filter(|(_, common)| common * 2 >= asked.len()).map(|(number, _)| number).collect()
    }

    fn score(&self, asked: &Spoken, listed: &Spoken) -> Score {
        if asked.words == listed.words {
            return 100;
        }
        if asked.sorted == listed.sorted {
            return 98;
        }
        if asked.letters() == listed.letters() {
            return 97;
        }
        let one_letter = one_letter(&asked.letters(), &listed.letters());
        let shorter = asked.sound.len().min(listed.sound.len());
        if asked.sound == listed.sound && asked.latin != listed.latin && shorter >= LEAST_SOUNDS {
            return 96;
        }
        if shorter < LEAST_LETTERS {
            return one_letter;
        }
        if asked.sound == listed.sound {
            return 93;
        }
        let alike = (normalized_damerau_levenshtein(&asked.sound, &listed.sound) * 100.0).floor();
        // The value is between 0 and 100. Equal names were handled above.
        let alike = (0..=92u8).rev().find(|score| f64::from(*score) <= alike).unwrap_or(0);
        alike.max(one_letter).max(self.part(asked, listed)).max(self.part(listed, asked))
    }

    /// Returns the score if all words of a name occur in another, longer one. One of these words must be rare enough to identify somebody.
    fn part(&self, short: &Spoken, long: &Spoken) -> Score {
        let words: Vec<String> = long.words.split(' ').map(sound).collect();
        let own: Vec<String> = short.words.split(' ').map(sound).collect();
        let share = short.sound.len() * 100 / long.sound.len().max(1);
        let telling = |word: &String| word.len() >= 4 && self.by_word.get(word).is_none_or(|names| !is_common(names));
        if !(LEAST_PART_PERCENT..100).contains(&share) || !own.iter().all(|word| words.contains(word)) || !own.iter().any(telling)
        {
            return 0;
        }
        u8::try_from(82 + share / 10).unwrap_or(LEAST)
    }
}

/// The first or the last letters of a name of a certain length, nearly half of it. If one letter is wrong, or two neighbouring letters are
/// swapped, one of the two halves is still correct.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Half {
    length: usize,
    is_first: bool,
    letters: String,
}

fn halves(letters: &str, length: usize) -> Vec<Half> {
    if length < ONE_LETTER_LEAST {
        return vec![];
    }
    let half = (length - 2) / 2;
    let first = letters.chars().take(half).collect();
    let last = letters.chars().rev().take(half).collect();
    [(true, first), (false, last)].map(|(is_first, letters)| Half { length, is_first, letters }).into()
}

/// Returns the score of two names that differ in one letter: a different letter, one more, one less, or two swapped.
fn one_letter(one: &str, other: &str) -> Score {
    let (one_length, other_length) = (one.chars().count(), other.chars().count());
    let shorter = one_length.min(other_length);
    if one_length.max(other_length) < ONE_LETTER_LEAST || one_length.abs_diff(other_length) > 1 || osa_distance(one, other) != 1 {
        return 0;
    }
    if shorter > LEAST_LETTERS { ONE_LETTER } else { ONE_LETTER_SHORT }
}

fn is_common(names: &[u32]) -> bool {
    u32::try_from(names.len()).unwrap_or(u32::MAX) > COMMON_WORD
}

/// Returns the groups of three letters of a word, each once.
fn threes(text: &str) -> Vec<[u8; 3]> {
    let mut found: Vec<[u8; 3]> = text.as_bytes().array_windows().copied().collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod one_letter;
#[cfg(test)]
mod tests;
