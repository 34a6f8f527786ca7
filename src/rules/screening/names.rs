//! Finds listed names that a name may mean, each with a score. Equal names are looked up. Similar names are found by common groups of three
//! letters. Names with one wrong letter are found by the half that is correct. Results are cached, because an index never changes.
//!
//! Scores are our own scale: 100 for the same words, 98 in another order, 97 with different word breaks, 96 for the same sound in another
//! script, and 93 in the same script. Below that, the score is the share of equal letters, or how much of the longer name the shorter one
//! is. The policy decides which scores fail and which a person must check.

use std::collections::HashMap;
use std::sync::Arc;

use strsim::{normalized_damerau_levenshtein, osa_distance};

use self::keys::{Collected, Key, Keys, NUMBER_BITS};
use super::sound::Spoken;
use super::{SanctionsEntry, SanctionsList};
use crate::remembered::Remembered;
use vasp_words::in_parts::in_parts;
use vasp_words::look_alike::latin_reading;
use vasp_words::similar::changes_at_least;

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
    /// Whether both are the same name, whatever the score may be at most.
    pub is_same: bool,
    /// Whether one of the two is so short that one letter makes it another name.
    pub is_short: bool,
}

/// Highest score for a name that the list itself calls weak, and for the name of a ship or a person.
const AT_MOST_WEAK: Score = 90;
/// Below this score two names are unrelated, whatever a policy says.
pub(super) const LEAST: Score = 80;
/// A name with fewer sounds is only compared for equality, because one letter makes it a different name. Of a name with at most so many
/// letters a likeness counts only together with something else.
const LEAST_LETTERS: usize = 6;
/// From this score on two names are the same.
const SAME: Score = 96;
/// Score of the same name with one wrong letter in its legal form.
const FORM: Score = 92;
/// Lowest score of a name with one wrong letter and more than `LEAST_LETTERS` letters.
const ONE_LETTER: Score = 88;
/// The same for a shorter name: most of these similar names mean somebody else. Policies look at a name from score 85 on, so such a name
/// counts only together with something else.
const ONE_LETTER_SHORT: Score = 84;
/// A name with at most so many letters must not be split differently too: `Binance` and `B-Finance` differ twice.
const LEAST_OTHER_BREAKS: usize = 8;
/// A listed name with fewer letters does not match with one wrong letter.
const ONE_LETTER_LEAST: usize = 4;
/// From so many letters on, the same sound in another script counts as the same name.
const LEAST_SOUNDS: usize = 4;
/// A word that occurs in more names than this does not identify anybody.
const COMMON_WORD: usize = 12;
/// Minimum length of the shorter name to count as a part of the longer one, in percent of its letters.
const LEAST_PART_PERCENT: usize = 45;
/// From so many entries on, several threads read them.
const MANY_ENTRIES: usize = 1_000;

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
    keys: Keys,
    remembered: Remembered<Arc<[NameMatch]>>,
}

impl Names {
    /// Indexes the names of some lists.
    pub(super) fn of(lists: &[SanctionsList]) -> Self {
        let entries = lists.iter().enumerate().flat_map(|(list, known)| (0..).zip(&known.entries).map(move |one| (list, one)));
        let parts = in_parts(&entries.collect::<Vec<_>>(), MANY_ENTRIES, |part| {
            let (mut listed, mut keys) = (vec![], Collected::default());
            part.iter().for_each(|(list, (entry, one))| add(&mut listed, &mut keys, (*list, *entry), one));
            (listed, keys.sorted())
        });
        let (mut listed, mut keys) = (vec![], Collected::default());
        for (names, more) in parts {
            keys.append(more, u64::try_from(listed.len()).unwrap_or(NUMBER_BITS));
            listed.extend(names);
        }
        Self { listed, keys: keys.into(), remembered: Remembered::nothing() }
    }

    /// Returns how many names there are.
    pub(super) fn count(&self) -> usize {
        self.listed.len()
    }

    /// Returns the entries that have this name or a similar one, each once with its best name, best first.
    pub(super) fn like(&self, name: &str) -> Arc<[NameMatch]> {
        self.remembered.of(name, || self.with_look_alikes(name).into())
    }

    /// Searches for a name, and for what it looks like if it is written in letters of other scripts. Such a likeness is for people: a name
    /// may look like another by chance.
    fn with_look_alikes(&self, name: &str) -> Vec<NameMatch> {
        let search =
            |name: &str| Spoken::of(name).map(|asked| self.search(&asked, &forms::corrected(&asked))).unwrap_or_default();
        let mut found = search(name);
        for alike in latin_reading(name).map(|latin| search(&latin)).unwrap_or_default() {
            let alike = NameMatch { score: alike.score.min(AT_MOST_WEAK), ..alike };
            match found.iter_mut().find(|one| (one.list, one.entry) == (alike.list, alike.entry)) {
                Some(one) if one.score >= alike.score => {}
                Some(one) => *one = alike,
                None => found.push(alike),
            }
        }
        found.sort_by_key(|found| (std::cmp::Reverse(found.score), found.list, found.entry));
        found
    }

    /// Searches for a name, and for what it would be if a misspelt legal form were right.
    fn search(&self, asked: &Spoken, corrected: &[String]) -> Vec<NameMatch> {
        let mut best: HashMap<(usize, usize), (Score, bool, usize)> = HashMap::new();
        let of_form: Vec<usize> = corrected.iter().flat_map(|words| self.keys.of(Key::Sorted(words))).collect();
        for number in self.candidates(asked).into_iter().chain(of_form.iter().copied()) {
            let Some(listed) = self.listed.get(number) else { continue };
            let least = if of_form.contains(&number) { FORM } else { 0 };
            let alike = self.score(asked, &listed.spoken).max(least);
            let score = alike.min(listed.at_most);
            if score >= LEAST {
                let known = best.entry((listed.list, listed.entry)).or_insert((score, alike >= SAME, number));
                // If two names of an entry have the same score, the first applies.
                if score > known.0 || score == known.0 && number < known.2 {
                    *known = (score, alike >= SAME, number);
                }
            }
        }
        let found = best.into_iter().filter_map(|((list, entry), (score, is_same, number))| {
            let Listed { name, spoken, .. } = self.listed.get(number)?;
            Some(NameMatch { list, entry, listed: name.clone(), score, is_same, is_short: is_short(asked, spoken) })
        });
        let mut found: Vec<NameMatch> = found.collect();
        found.sort_by_key(|found| (std::cmp::Reverse(found.score), found.list, found.entry));
        found
    }

    /// Returns the names that may be similar to another, each once.
    fn candidates(&self, asked: &Spoken) -> Vec<usize> {
        let mut found: Vec<usize> = same_as(asked).into_iter().flat_map(|key| self.keys.of(key)).collect();
        // If one letter is wrong, the listed name has the same number of letters, one more, or one less.
        for of in [&asked.letters, &asked.whole] {
            let halves = (-1..=1).flat_map(|more| halves_of(of, more));
            found.extend(halves.flat_map(|half| self.keys.of(half)));
        }
        if asked.sound.len() >= LEAST_LETTERS {
            let named = asked.sounds.iter().map(|word| self.keys.of(Key::Word(word)));
            found.extend(named.filter(|names| names.len() <= COMMON_WORD).flatten());
            found.extend(self.nearly_the_same(&asked.sound));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Returns the names that share at least half of the groups of three letters.
    fn nearly_the_same(&self, asked: &str) -> Vec<usize> {
        let (mut shared, mut found) = (vec![0_u16; self.listed.len()], vec![]);
        let asked = threes(asked);
        for number in asked.iter().flat_map(|three| self.keys.of(Key::Three(*three))) {
            let Some(common) = shared.get_mut(number) else { continue };
            *common = common.saturating_add(1);
            if usize::from(*common) == asked.len().div_ceil(2) {
                found.push(number);
            }
        }
        found
    }

    fn score(&self, asked: &Spoken, listed: &Spoken) -> Score {
        if asked.words == listed.words {
            return 100;
        }
        if asked.sorted == listed.sorted {
            return 98;
        }
        if asked.letters == listed.letters {
            return 97;
        }
        let shorter = asked.sound.len().min(listed.sound.len());
        if asked.sound == listed.sound && asked.latin != listed.latin && shorter >= LEAST_SOUNDS {
            return 96;
        }
        let one_letter = one_letter(asked, listed);
        if shorter < LEAST_LETTERS {
            return one_letter;
        }
        if asked.sound == listed.sound {
            // `KBC Bank` is not `KBK Bank`, if only the sound speaks for it.
            return match () {
                () if has_letters(asked, listed, LEAST_LETTERS + 1) => 93,
                () if is_short(asked, listed) => ONE_LETTER_SHORT,
                () => ONE_LETTER,
            };
        }
        // To compare letter by letter takes microseconds, and most pairs are far from alike.
        let most_changes = (100 - usize::from(LEAST)) * asked.sound.len().max(listed.sound.len()) / 100;
        let alike = match changes_at_least(&asked.sound, &listed.sound) > most_changes {
            true => 0.0,
            false => (normalized_damerau_levenshtein(&asked.sound, &listed.sound) * 100.0).floor(),
        };
        // The value is between 0 and 100. Equal names were handled above.
        let alike = (0..=92u8).rev().find(|score| f64::from(*score) <= alike).unwrap_or(0);
        let alike = match () {
            () if differs_twice(asked, listed) => 0,
            () if is_short(asked, listed) => alike.min(ONE_LETTER_SHORT),
            () => alike,
        };
        alike.max(one_letter).max(self.part(asked, listed)).max(self.part(listed, asked))
    }

    /// Returns the score if all words of a name occur in another, longer one. One of these words must be rare enough to identify somebody.
    fn part(&self, short: &Spoken, long: &Spoken) -> Score {
        let share = short.sound.len() * 100 / long.sound.len().max(1);
        let is_rare = |word: &String| word.len() >= 4 && self.keys.of(Key::Word(word)).len() <= COMMON_WORD;
        let tells = |(word, sound): (&str, &String)| is_rare(sound) && !brand::WORDS_OF_REGISTERS.contains(&word);
        if !(LEAST_PART_PERCENT..100).contains(&share)
            || !short.sounds.iter().all(|word| long.sounds.contains(word))
            || !short.words.split(' ').zip(&short.sounds).any(tells)
        {
            return 0;
        }
        let most = if has_letters(short, short, LEAST_LETTERS) { FORM } else { ONE_LETTER_SHORT };
        u8::try_from(80 + share / 10).unwrap_or(LEAST).min(most)
    }
}

/// Adds the names of an entry, which is given with its place.
fn add(all: &mut Vec<Listed>, keys: &mut Collected, (list, entry): (usize, usize), one: &SanctionsEntry) {
    let most = if one.kind.may_be_a_firm() { 100 } else { AT_MOST_WEAK };
    let strong = one.names().map(|name| (name, most));
    let weak = one.weak_aliases.iter().map(|name| (name.as_str(), AT_MOST_WEAK));
    for (name, at_most) in strong.chain(weak) {
        let (Some(spoken), Ok(number)) = (Spoken::of(name), u64::try_from(all.len())) else { continue };
        let mut words: Vec<&str> = spoken.sounds.iter().map(String::as_str).collect();
        words.sort_unstable();
        words.dedup();
        let same = same_as(&spoken).into_iter().chain(words.into_iter().map(Key::Word));
        let alike = threes(&spoken.sound).into_iter().map(Key::Three);
        let halves = [&spoken.letters, &spoken.whole].into_iter().flat_map(|of| halves_of(of, 0));
        same.chain(alike).chain(halves).for_each(|key| keys.add(key, number));
        all.push(Listed { list, entry, at_most, name: name.to_owned(), spoken });
    }
}

/// Returns the keys of names that are the same but for the order, the blanks or the spelling of their words.
fn same_as(name: &Spoken) -> [Key<'_>; 3] {
    [Key::Sorted(&name.sorted), Key::Letters(&name.letters), Key::Sound(&name.sound)]
}

/// Returns the halves of a name that has `more` letters than these: nearly half of its letters, the first and the last. If one letter is
/// wrong, or two neighbouring letters are swapped, one of the two halves is still correct.
fn halves_of(letters: &str, more: isize) -> impl Iterator<Item = Key<'_>> {
    let length = letters.chars().count().checked_add_signed(more).filter(|length| *length >= ONE_LETTER_LEAST);
    let halves = length.and_then(|length| {
        let half = (length - 2) / 2;
        let (end, _) = letters.char_indices().nth(half)?;
        let (begin, _) = letters.char_indices().rev().take(half).last()?;
        let halves = [(true, letters.get(..end)?), (false, letters.get(begin..)?)];
        Some(halves.map(|(is_first, letters)| Key::Half { length, is_first, letters }))
    });
    halves.into_iter().flatten()
}

/// Tells whether a name is so short that one letter makes it another one.
fn is_short(one: &Spoken, other: &Spoken) -> bool {
    !has_letters(one, other, LEAST_LETTERS)
}

/// Tells whether two names that are not long are split differently.
fn differs_twice(one: &Spoken, other: &Spoken) -> bool {
    one.sounds.len() != other.sounds.len() && !has_letters(one, other, LEAST_OTHER_BREAKS)
}

/// Tells whether both names have more letters than these.
fn has_letters(one: &Spoken, other: &Spoken, more_than: usize) -> bool {
    [one, other].iter().all(|name| name.count > more_than)
}

/// Returns the score of two names that differ in one letter: a different letter, one more, one less, or two swapped. It may be in the legal
/// form, if the names themselves are the same.
fn one_letter(one: &Spoken, other: &Spoken) -> Score {
    if forms::one_letter(one, other) {
        return FORM;
    }
    let is_one = one.count.max(other.count) >= ONE_LETTER_LEAST
        && one.count.abs_diff(other.count) <= 1
        && !differs_twice(one, other)
        && changes_at_least(&one.letters, &other.letters) <= 1
        && osa_distance(&one.letters, &other.letters) == 1;
    match is_one {
        false => 0,
        true if is_short(one, other) => ONE_LETTER_SHORT,
        true => ONE_LETTER,
    }
}

/// Returns the groups of three letters of a word, each once.
fn threes(text: &str) -> Vec<[u8; 3]> {
    let mut found: Vec<[u8; 3]> = text.as_bytes().array_windows().copied().collect();
    found.sort_unstable();
    found.dedup();
    found
}

mod brand;
mod forms;
mod keys;

#[cfg(test)]
mod tests;
