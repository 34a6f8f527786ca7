//! The index of every text by which a VASP is found: names, group names, domains, websites, identifiers. It is built with the records of a
//! generation, and shared with the next one while no name changes. This module selects the texts that are worth a comparison.
//! `vasp_record::search` decides how well a text matches a query.

mod codes;
mod terms;
mod trigrams;

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};

use codes::Codes;
use terms::{Term, terms};
use trigrams::Trigrams;

use vasp_record::search::{Forms, MatchKind, MatchedField, Score, SearchQuery, alike, beginning, of_form};
use vasp_record::vasp::Vasp;
use vasp_words::ids::VaspId;

/// How many texts are compared in full; experience shows that the best ones are always among them.
const COMPARED: usize = 64;
/// Minimum number of letters for which a query is also compared with texts that do not begin with it.
const LEAST_COMPARED: usize = 3;

/// Every text by which the VASPs of a generation are found.
#[derive(Clone, Debug)]
pub struct SearchIndex {
    /// The terms, ordered by record.
    terms: Box<[Term<Box<str>>]>,
    /// The distinct words of texts, ordered by their letters without blanks.
    words: Box<[Words]>,
    /// The owners of words; those of the same words are adjacent.
    owners: Box<[Owner]>,
    trigrams: Trigrams,
    codes: Codes,
}

/// The words that several texts share.
#[derive(Clone, Debug)]
struct Words {
    text: Box<str>,
    /// First and end position in `owners`.
    first: u32,
    end: u32,
}

/// A term that has certain words, and the legal forms or public suffix that were removed from it.
#[derive(Clone, Copy, Debug)]
struct Owner {
    term: u32,
    forms: Forms,
}

/// A VASP that matches a query, with its best term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit<'a> {
    /// The VASP.
    pub vasp: VaspId,
    /// The field that matched.
    pub field: MatchedField,
    /// The text that matched, as the record has it.
    pub text: &'a str,
    /// How it matched.
    pub kind: MatchKind,
    /// How well it matched.
    pub score: Score,
}

/// The number of a term, how it matched and how well.
type Match = (u32, MatchKind, Score);

impl SearchIndex {
    /// Builds the index from records.
    #[must_use]
    pub fn of<'a>(vasps: impl Iterator<Item = &'a Vasp> + Clone) -> Self {
        let own = |term: Term<Cow<'a, str>>| Term { vasp: term.vasp, field: term.field, text: term.text.into() };
        let terms: Box<[Term<Box<str>>]> = terms(vasps).map(own).collect();
        let numbered = || (0_u32..).zip(&terms);
        let mut texts: Vec<_> = numbered().flat_map(|(term, of)| of.compared().map(move |text| (text, term))).collect();
        texts.sort_by(|(a, _), (b, _)| in_order(a.words(), b.words()));
        let (mut words, mut owners) = (Vec::<Words>::new(), Vec::with_capacity(texts.len()));
        for ((text, term), place) in texts.iter().zip(0_u32..) {
            owners.push(Owner { term: *term, forms: text.forms() });
            match words.last_mut() {
                Some(last) if *last.text == *text.words() => last.end = place + 1,
                _ => words.push(Words { text: text.words().into(), first: place, end: place + 1 }),
            }
        }
        let trigrams = Trigrams::of(words.iter().map(|words| words.text.as_ref()));
        let codes = numbered().filter(|(_, term)| term.is_code()).map(|(number, term)| (number, term.field, term.text.as_ref()));
        Self { codes: Codes::of(codes), words: words.into(), owners: owners.into(), trigrams, terms }
    }

    /// Returns whether these records have exactly the texts that this index was built from.
    #[must_use]
    pub fn is_of<'a>(&self, vasps: impl Iterator<Item = &'a Vasp> + Clone) -> bool {
        let mut theirs = terms(vasps);
        let same = |own: &Term<Box<str>>| {
            let term = theirs.next();
            term.is_some_and(|term| (term.vasp, term.field, term.text.as_ref()) == (own.vasp, own.field, own.text.as_ref()))
        };
        self.terms.iter().all(same) && theirs.next().is_none()
    }

    /// Returns the VASPs that match a query and pass `wanted`, each once. Best first; equal ones ordered by field, then by id. It returns
    /// all that begin with the query, and the best of the others.
    #[must_use]
    pub fn find(&self, query: &SearchQuery, wanted: impl Fn(VaspId) -> bool) -> Vec<Hit<'_>> {
        let codes = self.codes.find(query, |term| self.terms.get(place(term)).map(|term| term.field));
        let mut hits: Vec<Hit<'_>> = codes.into_iter().filter_map(|found| self.hit(found, &wanted)).collect();
        self.match_beginnings(query, |found| hits.extend(self.hit(found, &wanted)));
        self.match_alike(query, &wanted, |found| hits.extend(self.hit(found, &wanted)));
        if let Some(forms) = query.form_alone() {
            let (kind, score) = of_form();
            let owners = self.owners.iter().filter(|owner| forms.are_among(owner.forms));
            hits.extend(owners.filter_map(|owner| self.hit((owner.term, kind, score), &wanted)));
        }
        hits.sort_unstable_by(|a, b| a.vasp.cmp(&b.vasp).then(a.rank().cmp(&b.rank())));
        hits.dedup_by_key(|hit| hit.vasp);
        hits.sort_unstable_by_key(Hit::rank);
        hits
    }

    fn match_beginnings(&self, query: &SearchQuery, mut found: impl FnMut(Match)) {
        let asked = query.text().words();
        let from = self.words.partition_point(|words| letters(&words.text).lt(letters(asked)));
        for words in self.words.iter().skip(from).take_while(|words| begins(&words.text, asked)) {
            for owner in self.owners_of(words) {
                if let Some((kind, score)) = beginning(query.text(), &words.text, owner.forms) {
                    found((owner.term, kind, score));
                }
            }
        }
    }

    fn match_alike(&self, query: &SearchQuery, wanted: impl Fn(VaspId) -> bool, mut found: impl FnMut(Match)) {
        let asked = query.text().words();
        if letters(asked).count() < LEAST_COMPARED {
            return;
        }
        let any_wanted = |number: u32| {
            let owners = self.words.get(place(number)).map(|words| self.owners_of(words)).unwrap_or_default();
            owners.iter().any(|owner| self.terms.get(place(owner.term)).is_some_and(|term| wanted(term.vasp)))
        };
        for number in self.trigrams.nearest(asked, COMPARED, any_wanted) {
            let Some(words) = self.words.get(place(number)) else { continue };
            let Some(likeness) = alike(query.text(), &words.text) else { continue };
            for owner in self.owners_of(words) {
                let (kind, score) = likeness.with_forms(query.text(), owner.forms);
                found((owner.term, kind, score));
            }
        }
    }

    fn owners_of(&self, words: &Words) -> &[Owner] {
        self.owners.get(place(words.first)..place(words.end)).unwrap_or_default()
    }

    fn hit(&self, (term, kind, score): Match, wanted: impl Fn(VaspId) -> bool) -> Option<Hit<'_>> {
        let term = self.terms.get(place(term)).filter(|term| wanted(term.vasp))?;
        Some(Hit { vasp: term.vasp, field: term.field, text: &term.text, kind, score })
    }
}

impl Hit<'_> {
    /// Returns a sort key: better hits sort first.
    #[must_use]
    pub fn rank(&self) -> (Reverse<Score>, MatchedField, VaspId) {
        (Reverse(self.score), self.field, self.vasp)
    }
}

fn letters(words: &str) -> impl Iterator<Item = u8> {
    words.bytes().filter(|byte| *byte != b' ')
}

/// Orders words by their letters, and equal ones by their blanks.
fn in_order(a: &str, b: &str) -> Ordering {
    letters(a).cmp(letters(b)).then_with(|| a.cmp(b))
}

fn begins(words: &str, with: &str) -> bool {
    let mut has = letters(words);
    letters(with).all(|letter| has.next() == Some(letter))
}

fn place(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
