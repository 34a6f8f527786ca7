//! Legal forms of companies (GmbH, Ltd, UAB …) by their spellings, from `seed/legal_forms.csv`. Names are compared without their
//! form, because people omit it, write it in full or use another. A form that agrees still improves the score.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use super::fold::folded;

/// The known legal forms.
#[derive(Clone, Debug, Default)]
pub struct LegalForms {
    /// For the first folded word of a spelling: the other words and the number of the form, longest first.
    by_first_word: HashMap<String, Vec<(Vec<String>, u8)>>,
    /// Spellings in scripts without blanks, longest first, each with the word for its form.
    unspaced: Vec<(String, String)>,
}

/// The numbers, in the table of legal forms, of the parts removed from a name: up to four legal forms, or the public suffix of a domain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Forms([u8; 4]);

/// Why the table of legal forms is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LegalFormsError {
    /// A row has not the columns form, spelling and countries.
    #[error("row {row} cannot be read: {reason}")]
    Row {
        /// Number of the row after the heading.
        row: usize,
        /// The reason.
        reason: String,
    },
    /// Two forms have the same spelling.
    #[error("`{0}` is a spelling of two forms")]
    Ambiguous(String),
    /// There are more forms than the numbers can represent.
    #[error("more than 254 forms")]
    TooMany,
}

#[derive(Deserialize)]
struct Row {
    form: String,
    spelling: String,
}

impl LegalForms {
    /// Returns the compiled-in table.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<LegalForms> = LazyLock::new(|| {
            // A test builds this same table, so a broken seed is never released.
            LegalForms::from_csv(include_str!("../data/legal_forms.csv")).unwrap_or_default()
        });
        &EMBEDDED
    }

    /// Reads a table with the columns form, spelling and countries; the form itself is a spelling too.
    pub fn from_csv(text: &str) -> Result<Self, LegalFormsError> {
        let (mut table, mut numbers) = (Self::default(), HashMap::new());
        for (row, read) in csv::Reader::from_reader(text.as_bytes()).into_deserialize::<Row>().enumerate() {
            let Row { form, spelling } = read.map_err(|error| LegalFormsError::Row { row, reason: error.to_string() })?;
            let next = u8::try_from(numbers.len() + 1).ok().filter(|number| *number < SUFFIX).ok_or(LegalFormsError::TooMany)?;
            let number = *numbers.entry(form.clone()).or_insert(next);
            table.add(&folded(&form), number)?;
            let spelling: String = spelling.nfkc().collect();
            if spelling.chars().any(is_unspaced) {
                table.unspaced.push((spelling, format!(" {form} ")));
            } else {
                table.add(&folded(&spelling), number)?;
            }
        }
        table.unspaced.sort_by_key(|(spelling, _)| std::cmp::Reverse(spelling.len()));
        Ok(table)
    }

    /// Iterates over the spellings of all forms, as folded words without blanks.
    pub fn spellings(&self) -> impl Iterator<Item = String> {
        self.by_first_word
            .iter()
            .flat_map(|(first, all)| all.iter().map(move |(others, _)| format!("{first}{}", others.concat())))
    }

    fn add(&mut self, spelling: &str, number: u8) -> Result<(), LegalFormsError> {
        let mut words = spelling.split_ascii_whitespace().map(str::to_owned);
        let (first, others) = (words.next().unwrap_or_default(), words.collect::<Vec<_>>());
        let known = self.by_first_word.entry(first).or_default();
        match known.iter().find(|(same, _)| *same == others) {
            Some((_, other)) if *other != number => return Err(LegalFormsError::Ambiguous(spelling.to_owned())),
            Some(_) => (),
            None => known.push((others, number)),
        }
        known.sort_by_key(|(others, _)| std::cmp::Reverse(others.len()));
        Ok(())
    }

    /// Puts blanks around the legal forms of scripts that do not use blanks.
    pub(super) fn spaced<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if !text.chars().any(is_unspaced) {
            return Cow::Borrowed(text);
        }
        let text: String = text.nfkc().collect();
        Cow::Owned(self.unspaced.iter().fold(text, |text, (spelling, form)| text.replace(spelling, form)))
    }

    /// Splits the words of a folded text into the name, joined by blanks, and the legal forms.
    pub(super) fn set_aside(&self, folded: &str) -> (String, Forms) {
        let words: Vec<&str> = folded.split_ascii_whitespace().collect();
        let (mut rest, mut name, mut forms) = (words.as_slice(), String::with_capacity(folded.len()), Forms::default());
        while let Some((word, after)) = rest.split_first() {
            rest = match self.form_at(word, after) {
                Some((number, after)) => {
                    forms.add(number);
                    after
                }
                None => {
                    let gap = if name.is_empty() { "" } else { " " };
                    name.extend([gap, word]);
                    after
                }
            };
        }
        (name, forms)
    }

    /// Returns the form with the longest spelling that begins with `word` and continues in `after`, and the words after it.
    fn form_at<'a, 'b>(&self, word: &str, after: &'a [&'b str]) -> Option<(u8, &'a [&'b str])> {
        self.by_first_word.get(word)?.iter().find_map(|(others, number)| {
            let (spelling, after) = after.split_at_checked(others.len())?;
            spelling.iter().eq(others).then_some((*number, after))
        })
    }
}

/// Tells whether a letter belongs to a script without blanks between words, or is a sign made of such letters. All of these are
/// at U+2E80 or above.
fn is_unspaced(c: char) -> bool {
    c >= '\u{2e80}'
}

/// The number for the public suffix of a domain.
const SUFFIX: u8 = u8::MAX;

impl Forms {
    /// The public suffix of a domain.
    pub const PUBLIC_SUFFIX: Self = Self([SUFFIX, 0, 0, 0]);

    fn add(&mut self, number: u8) {
        if !self.0.contains(&number)
            && let Some(free) = self.0.iter_mut().find(|place| **place == 0)
        {
            *free = number;
            self.0.sort_unstable_by_key(|number| std::cmp::Reverse(*number));
        }
    }

    /// Tells whether there are no forms.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// Tells whether all of these forms are among the others.
    #[must_use]
    pub fn are_among(self, others: Self) -> bool {
        self.0.iter().all(|number| *number == 0 || others.0.contains(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apart(text: &str) -> (String, Forms) {
        LegalForms::embedded().set_aside(&folded(&LegalForms::embedded().spaced(text)))
    }

    #[test]
    fn the_compiled_in_table_reads() {
        let table = LegalForms::from_csv(include_str!("../../../seed/legal_forms.csv")).unwrap();

        assert!(table.by_first_word.len() > 100, "{}", table.by_first_word.len());
        for form in ["gmbh", "ltd", "uab", "sa", "kk"] {
            assert!(table.by_first_word.contains_key(form), "{form}");
        }
    }

    #[test]
    fn a_spelling_of_two_forms_is_refused() {
        let text = "form,spelling,countries\nab,A.B.,SE\nxy,AB,LT\n";
        assert_eq!(LegalForms::from_csv(text).unwrap_err(), LegalFormsError::Ambiguous("ab".to_owned()));
        assert!(matches!(LegalForms::from_csv("form\nab\n"), Err(LegalFormsError::Row { row: 0, .. })));
    }

    #[test]
    fn forms_are_set_aside_wherever_they_stand_and_however_they_are_spelt() {
        for (text, name, same) in [
            ("Bitpanda G.m.b.H.", "bitpanda", "Acme GmbH"),
            ("Bitpanda Gesellschaft mit beschränkter Haftung", "bitpanda", "Acme GmbH"),
            ("UAB Decentralized", "decentralized", "x, UAB"),
            ("Newrails, UAB", "newrails", "UAB Acme"),
            ("Okazio s. r. o.", "okazio", "Acme s.r.o."),
            ("GC Exchange A/S", "gc exchange", "Acme Aktieselskab"),
            ("Traders Place GmbH & Co. KGaA", "traders place", "Acme KGaA Co GmbH"),
            ("DZ BANK AG Deutsche Zentral-Genossenschaftsbank", "dz bank deutsche zentral genossenschaftsbank", "Acme AG"),
            ("Huobi Pte. Ltd.", "huobi", "Acme Private Limited"),
            ("Zonda sp. z o.o.", "zonda", "Acme Sp. z oo"),
            ("株式会社ビットバンク", "bittobanku", "Acme K.K."),
            ("ビットバンク㈱", "bittobanku", "Acme Kabushiki Kaisha"),
            ("주식회사 두나무", "dunamu", "Acme ㈜"),
            ("ООО Бит", "bit", "Acme OOO"),
        ] {
            let (found, forms) = apart(text);
            assert_eq!(found, name, "{text}");
            assert!(!forms.is_empty(), "{text}");
            assert_eq!(forms, apart(same).1, "{text}");
        }
        assert_ne!(apart("Acme AG").1, apart("Acme GmbH").1);
        assert_eq!(apart("Kraken"), ("kraken".to_owned(), Forms::default()));
    }

    #[test]
    fn more_than_four_forms_are_more_than_count() {
        let (name, forms) = apart("x AG GmbH KG SE SA Ltd");
        assert_eq!((name.as_str(), forms.0.iter().filter(|number| **number > 0).count()), ("x", 4));
    }
}
