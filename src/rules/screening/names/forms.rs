//! Legal forms with one wrong letter. A right form is no part of a name that is compared; a misspelt one must not be either. The caller is
//! `names`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use strsim::osa_distance;

use super::super::sound::Spoken;
use vasp_record::search::{LegalForms, SearchText};

/// A form with fewer letters is only compared with that of the listed name: `Inn` is a word of many names, and `Inc` with one wrong letter.
const LEAST_FORM: usize = 5;
/// A shorter name is the same by chance: `E.X. Co.`, `EX.IO`.
const LEAST_NAME: usize = 4;
/// No legal form has more words.
const MOST_WORDS: usize = 8;

/// The spellings of the forms, by their number of letters.
static SPELLINGS: LazyLock<BTreeMap<usize, Vec<String>>> = LazyLock::new(|| {
    let mut by_length: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for spelling in LegalForms::embedded().spellings().filter(|spelling| spelling.len() >= LEAST_FORM) {
        by_length.entry(spelling.len()).or_default().push(spelling);
    }
    by_length
});

/// Tells whether two names are the same, and differ in one letter of the legal form.
pub(super) fn one_letter(one: &Spoken, other: &Spoken) -> bool {
    if one.whole.len().abs_diff(other.whole.len()) > 1 || one.words == other.words {
        return false;
    }
    let has = |all: &Spoken, own: &Spoken| own.words.split(' ').all(|word| all.words.split(' ').any(|one| one == word));
    let is_named = one.letters.len().min(other.letters.len()) >= LEAST_NAME;
    is_named && (has(one, other) || has(other, one)) && osa_distance(&one.whole, &other.whole) == 1
}

/// Returns what a name is without a legal form that has one wrong letter: its words in alphabetical order, for each way to read it.
pub(super) fn corrected(name: &Spoken) -> Vec<String> {
    let words: Vec<&str> = name.with_forms.split(' ').collect();
    let parts = (0..words.len()).flat_map(|from| (from + 1..=words.len().min(from + MOST_WORDS)).map(move |to| (from, to)));
    let is_misspelt = |(from, to): &(usize, usize)| words.get(*from..*to).is_some_and(|part| is_nearly_a_form(&part.concat()));
    let rest = parts.filter(is_misspelt).filter_map(|(from, to)| {
        let rest: Vec<&str> = words.iter().take(from).chain(words.iter().skip(to)).copied().collect();
        let rest = SearchText::of_name(&rest.join(" "))?;
        let mut rest: Vec<&str> = rest.words().split(' ').collect();
        rest.sort_unstable();
        Some(rest.join(" "))
    });
    rest.collect()
}

fn is_nearly_a_form(letters: &str) -> bool {
    let alike = |form: &String| {
        let (one, other) = (form.as_bytes(), letters.as_bytes());
        // One wrong letter leaves the first or the last one right.
        (one.first() == other.first() || one.last() == other.last()) && osa_distance(form, letters) == 1
    };
    SPELLINGS.range(letters.len().saturating_sub(1)..=letters.len() + 1).any(|(_, forms)| forms.iter().any(alike))
}
