//! Scores how well a text matches a query. The constants order the kinds of match. Within a kind, the score is higher if the
//! query covers more of the text.

use strsim::osa_distance;

use super::jaro::Compared;
use super::{Forms, MatchKind, Score, SearchText};

/// The same, except that the query omits the legal form or public suffix.
const FORM_LEFT_OUT: f64 = 0.99;
/// The same, except that the query has another legal form.
const OTHER_FORM: f64 = 0.95;
/// Range for a prefix: from a very short part of a long text to nearly all of it.
const PREFIX: (f64, f64) = (0.90, 0.98);
/// Range for words: from one word of many to all words in another order.
const WORDS: (f64, f64) = (0.80, 0.89);
/// A code with one typing error.
const MISTYPED: f64 = 0.85;
/// The highest score for similar letters.
const SIMILAR: f64 = 0.79;
/// With this similarity or more, two texts differ by one or two letters.
const NEARLY_THE_SAME: f64 = 0.97;
/// Below this similarity, two texts are not related.
const LEAST_LIKENESS: f64 = 0.80;
/// Below this similarity, two words are not related.
const LEAST_WORD_LIKENESS: f64 = 0.75;
/// The share of its similarity that a text keeps if the query covers almost nothing of it.
const PARTIAL: f64 = 0.85;
/// The bonus for the same legal form, which decides between equally similar names.
const SAME_FORM: f64 = 0.005;
/// The maximum number of words of a text that are compared.
const MOST_WORDS: usize = 12;

/// The similarity of a text's words to a query's words, without the legal form.
#[derive(Clone, Copy, Debug)]
pub struct Likeness {
    kind: MatchKind,
    value: f64,
}

/// Scores a text whose letters, without blanks, begin with the query's letters. `None` if its legal form is not the requested one
/// and the names differ too.
#[must_use]
pub fn beginning(query: &SearchText, words: &str, forms: Forms) -> Option<(MatchKind, Score)> {
    let (asked, has) = (letters(query.words()), letters(words));
    if asked < has {
        let share = PREFIX.0 + (PREFIX.1 - PREFIX.0) * ratio(asked, has);
        return query.forms().are_among(forms).then(|| (MatchKind::Prefix, Score::new(share)));
    }
    Some(match (query.forms() == forms, query.forms().is_empty()) {
        (true, _) => (MatchKind::Exact, Score::EXACT),
        (false, true) => (MatchKind::Prefix, Score::new(FORM_LEFT_OUT)),
        (false, false) => (MatchKind::Similar, Score::new(OTHER_FORM)),
    })
}

/// Scores a text by whole words, otherwise by letters; `None` if it is not similar enough to the query.
#[must_use]
pub fn alike(query: &SearchText, words: &str) -> Option<Likeness> {
    let asked = query.words();
    let covered = ratio(letters(asked), letters(words));
    if has_words(asked, words) {
        return Some(Likeness { kind: MatchKind::Words, value: WORDS.0 + (WORDS.1 - WORDS.0) * covered });
    }
    let compared = Compared::new(words);
    let whole = compared.whole(asked);
    let several = asked.contains(' ') || words.contains(' ');
    // A word-by-word comparison is the most expensive step, and it cannot improve a text that is nearly the same.
    let by_word = several && whole < NEARLY_THE_SAME;
    let by_word = if by_word { word_likeness(asked, words, &compared) * (PARTIAL + (1.0 - PARTIAL) * covered) } else { 0.0 };
    let value = whole.max(by_word);
    (value >= LEAST_LIKENESS).then_some(Likeness { kind: MatchKind::Similar, value: SIMILAR * value })
}

/// Returns the score of a text with the requested legal form, if the query has nothing else.
#[must_use]
pub fn of_form() -> (MatchKind, Score) {
    (MatchKind::Words, Score::new(WORDS.0))
}

impl Likeness {
    /// Scores the whole text, given its legal forms `forms`.
    #[must_use]
    pub fn with_forms(self, query: &SearchText, forms: Forms) -> (MatchKind, Score) {
        let same = !query.forms().is_empty() && query.forms() == forms;
        (self.kind, Score::new(self.value + if same { SAME_FORM } else { 0.0 }))
    }
}

/// Scores an identifier that begins with the query's code.
#[must_use]
pub fn code_beginning(query: &str, code: &str) -> (MatchKind, Score) {
    if query.len() >= code.len() {
        return (MatchKind::Exact, Score::EXACT);
    }
    (MatchKind::Prefix, Score::new(PREFIX.0 + (PREFIX.1 - PREFIX.0) * ratio(query.len(), code.len())))
}

/// Scores an identifier with check digits that the query may mean. The query may have one character too many, too few or wrong,
/// or two swapped characters.
#[must_use]
pub fn mistyped_code(query: &str, code: &str) -> Option<(MatchKind, Score)> {
    (osa_distance(query, code) <= 1).then(|| (MatchKind::Similar, Score::new(MISTYPED)))
}

fn letters(words: &str) -> usize {
    words.bytes().filter(|byte| *byte != b' ').count()
}

fn ratio(part: usize, whole: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    (number(part) / number(whole.max(1))).min(1.0)
}

fn has_words(asked: &str, has: &str) -> bool {
    asked.split(' ').all(|word| has.split(' ').any(|other| word == other || word.len() > 2 && other.starts_with(word)))
}

/// Returns the average similarity of each query word to the best word of the text. Longer words have more weight.
fn word_likeness(asked: &str, has: &str, compared: &Compared<'_>) -> f64 {
    let (mut sum, mut weight) = (0.0, 0.0);
    for word in asked.split(' ').take(MOST_WORDS) {
        let others = || placed_words(has).take(MOST_WORDS).filter(|(_, other)| comparable(word, other));
        let same = others().any(|(_, other)| other == word);
        let likeness = |(from, other)| compared.word(word, from, other);
        let best = if same { 1.0 } else { others().map(likeness).fold(0.0, f64::max) };
        let size = ratio(word.len(), asked.len());
        sum += if best < LEAST_WORD_LIKENESS { 0.0 } else { best * size };
        weight += size;
    }
    if weight > 0.0 { sum / weight } else { 0.0 }
}

/// Iterates over the words of a text, each with its place.
fn placed_words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split(' ').scan(0, |next, word| {
        let place = *next;
        *next += word.len() + 1;
        Some((place, word))
    })
}

/// Tells whether a few typing errors can explain the lengths of two words. The other word may be longer, because the query may be
/// incomplete.
fn comparable(word: &str, other: &str) -> bool {
    word.len() <= 2 * other.len() && other.len() <= 3 * word.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::SearchQuery;
    use proptest::prelude::*;

    fn judged(q: &str, name: &str) -> Option<(MatchKind, f64)> {
        let (query, text) = (SearchQuery::read(q).unwrap(), SearchText::of_name(name).unwrap());
        let (words, forms, query) = (text.words(), text.forms(), query.text());
        let compact = |words: &str| words.replace(' ', "");
        let begins = compact(words).starts_with(&compact(query.words()));
        let as_beginning = begins.then(|| beginning(query, words, forms)).flatten();
        let found = as_beginning.into_iter().chain(alike(query, words).map(|likeness| likeness.with_forms(query, forms)));
        found.max_by_key(|(_, score)| *score).map(|(kind, score)| (kind, score.value()))
    }

    #[track_caller]
    fn assert_kind(q: &str, name: &str, expected: Option<MatchKind>) {
        let found = judged(q, name);
        assert_eq!(found.map(|(kind, _)| kind), expected, "{q} / {name}: {found:?}");
    }

    #[test]
    fn the_same_text_is_exact_whatever_its_spelling() {
        for q in ["Bitpanda GmbH", "bit panda g.m.b.h.", "GmbH Bitpanda", "БИТПАНДА GmbH", "Bitpanda, Gesellschaft m.b.H."]
        {
            assert_kind(q, "Bitpanda GmbH", Some(MatchKind::Exact));
        }
        assert_kind("etoro", "e Toro", Some(MatchKind::Exact));
    }

    #[test]
    fn another_legal_form_is_another_firm_and_is_never_exact() {
        assert_kind("Bitpanda AG", "Bitpanda GmbH", Some(MatchKind::Similar));
        assert_kind("Bitpanda GmbH", "Bitpanda", Some(MatchKind::Similar));
        assert_kind("Bitpanda", "Bitpanda GmbH", Some(MatchKind::Prefix));
        assert!(judged("Bitpanda AG", "Bitpanda GmbH") > judged("Bitpanda AG", "Bitpanda Asset Management AG"));
    }

    #[test]
    fn beginnings_words_and_typing_errors_are_told_apart() {
        assert_kind("bitp", "Bitpanda GmbH", Some(MatchKind::Prefix));
        assert_kind("UAB Decentr", "UAB Decentralized", Some(MatchKind::Prefix));
        assert_kind("management bitpanda", "Bitpanda Asset Management GmbH", Some(MatchKind::Words));
        assert_kind("berenberg goss", "Joh. Berenberg, Gossler & Co. KG", Some(MatchKind::Words));
        for q in ["bitpnda", "bitpannda", "bitpadna", "bitpunda", "vitpanda", "Bitpnda GmbH"] {
            assert_kind(q, "Bitpanda GmbH", Some(MatchKind::Similar));
        }
        assert_kind("Revolt Digital Asets", "Revolut Digital Assets (Europe) Ltd", Some(MatchKind::Similar));
        assert_kind("Wuerzburg Volksbank", "Volksbank Raiffeisenbank Würzburg eG", Some(MatchKind::Similar));
    }

    #[test]
    fn other_names_have_too_little_in_common() {
        for (q, name) in [
            ("kraken", "Bitpanda GmbH"),
            ("xqzvw", "Bitpanda GmbH"),
            ("Coinbase", "Commerzbank Aktiengesellschaft"),
            ("Safello", "Tangany GmbH"),
            ("Huobi", "OKX Europe Limited"),
        ] {
            assert_kind(q, name, None);
        }
    }

    #[test]
    fn the_legal_form_decides_between_equally_like_names() {
        assert!(judged("Bitpnda GmbH", "Bitpanda GmbH") > judged("Bitpnda GmbH", "Bitpanda AG"));
    }

    #[test]
    fn one_typing_error_in_a_code_is_forgiven_and_marked() {
        let lei = "5493007wz7ifulil8g21";
        for q in ["5493007wz7ifulil8g2", "5493007wz7ifulil8g211", "5493007wz7ifulil8g12", "5493007wz7ifulil8921"] {
            assert_eq!(mistyped_code(q, lei).map(|(kind, _)| kind), Some(MatchKind::Similar), "{q}");
        }
        assert_eq!(mistyped_code("5493007wz7ifulil8932", lei), None);
    }

    proptest! {
        #[test]
        fn judging_never_panics_and_stays_in_bounds(q in any::<String>(), name in any::<String>()) {
            let (Ok(query), Some(text)) = (SearchQuery::read(&q), SearchText::of_name(&name)) else { return Ok(()) };
            let (words, forms, query) = (text.words(), text.forms(), query.text());
            let alike = alike(query, words).map(|likeness| likeness.with_forms(query, forms));
            for (_, score) in beginning(query, words, forms).into_iter().chain(alike) {
                prop_assert!((0.0..=1.0).contains(&score.value()));
            }
        }

        // No full stops, because a name such as `a.com` is read as a host.
        #[test]
        fn every_name_finds_itself(name in "[A-Za-zÀ-ž0-9 &]{1,40}") {
            let Some(text) = SearchText::of_name(&name) else { return Ok(()) };
            let query = SearchQuery::read(&name).unwrap();
            let judged = beginning(query.text(), text.words(), text.forms());
            prop_assert_eq!(judged, Some((MatchKind::Exact, Score::EXACT)));
        }
    }
}
