//! Many short texts in one piece of memory, found by their numbers. An index of names keeps its texts here, because a string for each
//! would weigh more than its letters.

use std::ops::Range;

/// Texts with the numbers 0, 1, 2 …
#[derive(Clone, Debug)]
pub struct Texts {
    letters: Box<str>,
    /// Where each text begins; one more entry marks the end of the last.
    starts: Box<[u32]>,
}

impl Texts {
    /// Returns how many texts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Returns whether there is no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns a text; empty if there is none with this number.
    #[must_use]
    pub fn get(&self, number: u32) -> &str {
        self.letters.get(between(&self.starts, place(number))).unwrap_or_default()
    }

    /// Iterates over all texts, in order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.starts.windows(2).map(|pair| match pair {
            [start, end] => self.letters.get(place(*start)..place(*end)).unwrap_or_default(),
            _ => "",
        })
    }
}

impl<'a> FromIterator<&'a str> for Texts {
    fn from_iter<I: IntoIterator<Item = &'a str>>(texts: I) -> Self {
        let (mut letters, mut starts) = (String::new(), vec![0]);
        for text in texts {
            letters.push_str(text);
            starts.push(u32::try_from(letters.len()).unwrap_or(u32::MAX));
        }
        Self { letters: letters.into(), starts: starts.into() }
    }
}

/// Returns the places from entry `number` of `starts` to the next entry; none if there is no such entry.
pub(super) fn between(starts: &[u32], number: usize) -> Range<usize> {
    let at = |entry: usize| starts.get(entry).copied().map_or(0, place);
    at(number)..at(number + 1)
}

pub(super) fn place(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn texts_are_what_was_put_in(given in proptest::collection::vec("[a-z ]{0,9}", 0..9)) {
            let texts: Texts = given.iter().map(String::as_str).collect();

            prop_assert_eq!(texts.iter().collect::<Vec<_>>(), given.iter().map(String::as_str).collect::<Vec<_>>());
            for (text, number) in given.iter().zip(0..) {
                prop_assert_eq!(texts.get(number), text);
            }
            prop_assert_eq!(texts.get(9), "");
            prop_assert_eq!(texts.len(), given.len());
            prop_assert_eq!(texts.is_empty(), given.is_empty());
        }
    }
}
