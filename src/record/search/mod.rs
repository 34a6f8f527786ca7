//! Compares names as people type them: folded to plain words, without legal forms, and with tolerance for typing errors. A score
//! depends only on the two texts, never on other records. The sieve selects from many texts those that are worth a comparison. The
//! directory has the index of all names (`directory/search_index`).

mod compare;
mod fold;
mod jaro;
mod legal_forms;
mod query;
mod runs;
mod shapes;
mod sieve;
mod text;
mod texts;

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use vasp_words::closed_list::closed_list;

pub use compare::{Likeness, alike, beginning, code_beginning, mistyped_code, of_form};
pub use fold::folded;
pub use legal_forms::{Forms, LegalForms};
pub use query::{LONGEST_QUERY, SearchQuery, SearchQueryError, code};
pub use shapes::NameShapes;
pub use sieve::Sieve;
pub use text::SearchText;
pub use texts::Texts;

closed_list! {
    /// The field of a record that matched a search; of equally good matches, the first in this order.
    pub enum MatchedField {
        /// Registered name; for a group, its brand.
        LegalName = "legal_name",
        /// Commercial or former name, label.
        OtherName = "other_name",
        /// Name of its group.
        GroupName = "group_name",
        /// One of its domains.
        Domain = "domain",
        /// Host of its website.
        Website = "website",
        /// LEI.
        Lei = "lei",
        /// Identifier in a scheme, or the number of a licence.
        Identifier = "identifier",
        /// Id of the record.
        Id = "id",
    }
}

closed_list! {
    /// How a text matched. `exact`: the same, except for case, accents, script, punctuation, spacing and the spelling of its
    /// legal form. `prefix`: it begins with `q`, or is the same without its legal form or public suffix. `words`: every word of
    /// `q` is one of its words or the beginning of one, in any order; or `q` is its legal form. `similar`: similar letters,
    /// another legal form, or an LEI with a typing error.
    pub enum MatchKind {
        /// The same text, except for case, accents, script, punctuation, spacing and the spelling of its legal form.
        Exact = "exact",
        /// The text begins with the query, or is the same without its legal form or public suffix.
        Prefix = "prefix",
        /// Every word of the query is a word of the text or the beginning of one, in any order.
        Words = "words",
        /// Similar letters.
        Similar = "similar",
    }
}

/// How well a text matched, from 0 to 1 in steps of 0.001; 1 is the same text.
#[derive(Clone, Copy, Debug)]
pub struct Score(f64);

/// The text is not a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a number from 0 to 1")]
pub struct ScoreError;

impl Score {
    /// The score of the same text.
    pub const EXACT: Self = Self(1.0);

    /// Rounds to three decimals, so that a written score reads back as the same number.
    fn new(value: f64) -> Self {
        Self((value.clamp(0.0, 1.0) * 1_000.0).round() / 1_000.0)
    }

    /// Returns the score as a number.
    #[must_use]
    pub fn value(self) -> f64 {
        self.0
    }
}

impl Ord for Score {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Score {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Score {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Score {}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Score {
    type Err = ScoreError;
    fn from_str(text: &str) -> Result<Self, ScoreError> {
        text.parse().ok().filter(|value| (0.0..=1.0).contains(value)).map(Self::new).ok_or(ScoreError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn scores_are_numbers_from_0_to_1() {
        assert_eq!("0.776".parse(), Ok(Score::new(0.776)));
        for text in ["", "NaN", "inf", "-0.1", "1.001", "x"] {
            assert_eq!(text.parse::<Score>(), Err(ScoreError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn scores_are_read_as_written(value in -1.0..2.0f64) {
            let score = Score::new(value);
            prop_assert_eq!(score.to_string().parse(), Ok(score));
        }
    }
}
