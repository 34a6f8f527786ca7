//! A part of the search index: the texts of some records, built at once and never changed.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::codes::Codes;
use super::terms::{Term, terms};
use super::trigrams::Trigrams;
use super::{Hit, place};
use crate::directory::in_parts::{MANY, in_parts};
use vasp_record::search::{Forms, MatchKind, Score, SearchQuery, SearchText, alike, beginning, of_form};
use vasp_record::vasp::Vasp;
use vasp_words::ids::VaspId;

/// How many texts are compared in full; experience shows that the best ones are always among them.
pub(super) const COMPARED: usize = 64;
/// Minimum number of letters for which a query is also compared with texts that do not begin with it.
const LEAST_COMPARED: usize = 3;

/// The texts by which some VASPs are found.
#[derive(Debug)]
pub(super) struct Segment {
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

/// The number of a term, how it matched and how well.
type Match = (u32, MatchKind, Score);

impl Segment {
    /// Builds the index of records; `group` returns the name of a record's group.
    pub(super) fn of<'a>(vasps: &[&'a Vasp], group: impl Fn(&Vasp) -> Option<&'a str> + Sync) -> Self {
        let own = |term: Term<Cow<'a, str>>| Term { vasp: term.vasp, field: term.field, text: term.text.into() };
        let parts = in_parts(vasps, |vasps| {
            let terms: Vec<Term<Box<str>>> = vasps.iter().flat_map(|vasp| terms(vasp, group(vasp))).map(own).collect();
            let texts = (0_u32..).zip(&terms).flat_map(|(term, of)| of.compared().map(move |text| (text, term)));
            let mut texts: Vec<(SearchText, u32)> = texts.collect();
            texts.sort_by(|(a, _), (b, _)| in_order(a.words(), b.words()));
            (terms, texts)
        });
        let (mut terms, mut texts) = (Vec::new(), Vec::new());
        for (of_part, texts_of_part) in parts {
            let first = u32::try_from(terms.len()).unwrap_or(u32::MAX);
            texts.extend(texts_of_part.into_iter().map(|(text, term)| (text, term.saturating_add(first))));
            terms.extend(of_part);
        }
        // The parts are in order already, so this only merges them.
        texts.sort_by(|(a, _), (b, _)| in_order(a.words(), b.words()));
        let (mut words, mut owners) = (Vec::<Words>::new(), Vec::with_capacity(texts.len()));
        for ((text, term), place) in texts.iter().zip(0_u32..) {
            owners.push(Owner { term: *term, forms: text.forms() });
            match words.last_mut() {
                Some(last) if *last.text == *text.words() => last.end = place + 1,
                _ => words.push(Words { text: text.words().into(), first: place, end: place + 1 }),
            }
        }
        let coded = (0_u32..).zip(&terms).filter(|(_, term)| term.is_code());
        let coded = coded.map(|(number, term)| (number, term.field, term.text.as_ref()));
        let trigrams = || Trigrams::of(words.iter().map(|words| words.text.as_ref()));
        let (codes, trigrams) = if vasps.len() < MANY {
            (Codes::of(coded), trigrams())
        } else {
            std::thread::scope(|scope| {
                let trigrams = scope.spawn(trigrams);
                (Codes::of(coded), trigrams.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            })
        };
        Self { codes, words: words.into(), owners: owners.into(), trigrams, terms: terms.into() }
    }

    /// Returns the ids of its records, in order, each at least once.
    pub(super) fn ids(&self) -> impl Iterator<Item = VaspId> {
        self.terms.iter().map(|term| term.vasp)
    }

    /// Returns the number of its texts.
    pub(super) fn size(&self) -> usize {
        self.terms.len()
    }

    /// Returns what matches a query and passes `wanted`, a VASP perhaps several times.
    pub(super) fn find<'a>(&'a self, query: &SearchQuery, wanted: &dyn Fn(VaspId) -> bool, hits: &mut Vec<Hit<'a>>) {
        let codes = self.codes.find(query, |term| self.terms.get(place(term)).map(|term| term.field));
        hits.extend(codes.into_iter().filter_map(|found| self.hit(found, wanted)));
        self.match_beginnings(query, |found| hits.extend(self.hit(found, wanted)));
        self.match_alike(query, wanted, |found| hits.extend(self.hit(found, wanted)));
        if let Some(forms) = query.form_alone() {
            let (kind, score) = of_form();
            let owners = self.owners.iter().filter(|owner| forms.are_among(owner.forms));
            hits.extend(owners.filter_map(|owner| self.hit((owner.term, kind, score), wanted)));
        }
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
