//! The Jaro-Winkler similarity of folded texts, worked out with sets of places instead of letter by letter. It is exactly what
//! `strsim::jaro_winkler` returns. A search compares a query with dozens of texts, and this takes a fraction of the time.

use strsim::jaro_winkler;

use super::runs::{SYMBOLS, symbol};

/// A longer text has more places than a set can hold.
const LONGEST: usize = 64;
/// Only above this similarity does a common beginning count.
///
/// Source: `strsim`, after Winkler 1990; so are the next two.
const COUNTS_BEGINNING: f64 = 0.7;
/// The weight of each common letter at the beginning.
const WEIGHT_OF_BEGINNING: f64 = 0.1;
/// The maximum length of a common beginning.
const LONGEST_BEGINNING: usize = 4;

/// A folded text to which others are compared.
pub(super) struct Compared<'a> {
    text: &'a str,
    /// For each symbol, the places at which the text has it. `None` if the text is too long.
    places: Option<[u64; SYMBOLS]>,
}

impl<'a> Compared<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let fits = text.len() <= LONGEST;
        Self { text, places: fits.then(|| places(text)) }
    }

    /// Returns the similarity of `asked` to the text.
    pub(super) fn whole(&self, asked: &str) -> f64 {
        self.word(asked, 0, self.text)
    }

    /// Returns the similarity of `asked` to `word`, which the text has at the place `from`.
    pub(super) fn word(&self, asked: &str, from: usize, word: &str) -> f64 {
        let Some(places) = self.places.as_ref().filter(|_| asked.len() <= LONGEST) else { return jaro_winkler(asked, word) };
        let jaro = jaro(asked.as_bytes(), word.as_bytes(), |letter| {
            let all = places.get(usize::from(symbol(letter))).copied().unwrap_or_default();
            u32::try_from(from).ok().and_then(|from| all.checked_shr(from)).unwrap_or_default()
        });
        if jaro <= COUNTS_BEGINNING {
            return jaro;
        }
        let same = asked.bytes().zip(word.bytes()).take(LONGEST_BEGINNING).take_while(|(a, b)| a == b).count();
        jaro + WEIGHT_OF_BEGINNING * number(same) * (1.0 - jaro)
    }
}

fn places(text: &str) -> [u64; SYMBOLS] {
    let mut places = [0; SYMBOLS];
    for (place, letter) in text.bytes().enumerate() {
        if let Some(places) = places.get_mut(usize::from(symbol(letter))) {
            *places |= below(place + 1) & !below(place);
        }
    }
    places
}

/// Returns the Jaro similarity of two texts of at most 64 letters. `places` returns the places at which `has` has a letter; places behind
/// its end do not count.
fn jaro(asked: &[u8], has: &[u8], places: impl Fn(u8) -> u64) -> f64 {
    if asked.is_empty() || has.is_empty() {
        return if asked == has { 1.0 } else { 0.0 };
    }
    let reach = (asked.len().max(has.len()) / 2).saturating_sub(1);
    let (mut taken, mut matched, mut count) = (0_u64, [0; LONGEST], 0);
    for (place, letter) in asked.iter().enumerate() {
        let near = below(has.len().min(place + reach + 1)) & !below(place.saturating_sub(reach));
        let free = places(*letter) & near & !taken;
        if free != 0
            && let Some(slot) = matched.get_mut(count)
        {
            taken |= free & free.wrapping_neg();
            *slot = *letter;
            count += 1;
        }
    }
    if count == 0 {
        return 0.0;
    }
    let mut out_of_order = 0;
    for letter in matched.iter().take(count) {
        let place = usize::try_from(taken.trailing_zeros()).unwrap_or(LONGEST);
        out_of_order += usize::from(has.get(place) != Some(letter));
        taken &= taken.wrapping_sub(1);
    }
    let matches = number(count);
    (matches / number(asked.len()) + matches / number(has.len()) + number(count - out_of_order / 2) / matches) / 3.0
}

/// Returns the set of all places below one.
fn below(place: usize) -> u64 {
    u32::try_from(place).ok().and_then(|place| 1_u64.checked_shl(place)).map_or(u64::MAX, |bit| bit - 1)
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn the_similarity_is_that_of_strsim(asked in "[a-e]{0,9}|[a-c0-9 ]{0,70}", text in "[a-e]{0,9}|[a-c0-9 ]{0,70}") {
            let compared = Compared::new(&text);

            prop_assert_eq!(compared.whole(&asked), jaro_winkler(&asked, &text));
            let mut from = 0;
            for word in text.split(' ') {
                prop_assert_eq!(compared.word(&asked, from, word), jaro_winkler(&asked, word));
                from += word.len() + 1;
            }
        }
    }
}
