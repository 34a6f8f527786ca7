//! Identifiers: found complete or by their beginning. LEIs are also found with one typing error, because check digits show that it is one.
//! Numbers without check digits are not: the next number belongs to another firm.

use super::grouped::{Collected, Grouped, partition_point};
use super::place;
use super::terms::Place;
use vasp_record::search::{MatchKind, MatchedField, Score, SearchQuery, code_beginning, mistyped_code};
use vasp_words::ids::VaspId;

/// Length of an LEI.
///
/// Source: ISO 17442-1, 4.
const LEI_LENGTH: usize = 20;
/// Length of the first or last part of an LEI that one typing error leaves intact.
const INTACT: usize = LEI_LENGTH / 2 - 1;
/// Minimum number of letters and digits for a search by the beginning of an identifier.
const LEAST_BEGINNING: usize = 4;
/// The same for the digits of an id: the ten of the time, and two of the record's own.
const LEAST_OF_ID: usize = 12;

/// An identifier, how it matched and how well.
pub(super) type MatchedCode = (Place, MatchKind, Score);

/// Identifiers in order, with the terms that have them.
#[derive(Debug)]
pub(super) struct Codes {
    codes: Grouped<Place>,
    /// The numbers of LEIs among the codes, ordered by their letters from behind.
    backward: Box<[u32]>,
}

impl Codes {
    /// Joins parts that are in order already.
    pub(super) fn of(parts: &[Collected<Place>]) -> Self {
        let codes = Grouped::of(parts);
        let is_lei = |number: &u32| codes.owners(*number).iter().any(|term| term.field == MatchedField::Lei);
        let mut backward: Vec<u32> = (0..).take(codes.texts().len()).filter(is_lei).collect();
        backward.sort_by(|a, b| codes.texts().get(*a).bytes().rev().cmp(codes.texts().get(*b).bytes().rev()));
        Self { codes, backward: backward.into() }
    }

    /// Returns the identifiers that match a query.
    pub(super) fn find(&self, query: &SearchQuery) -> Vec<MatchedCode> {
        let query = query.code();
        let mut found = Vec::new();
        for (code, terms) in self.codes.beginning_with(query) {
            let (kind, score) = code_beginning(query, code);
            if kind == MatchKind::Exact || query.len() >= LEAST_BEGINNING {
                found.extend(terms.iter().map(|term| (*term, kind, score)));
            }
        }
        if (LEI_LENGTH - 1..=LEI_LENGTH + 1).contains(&query.len()) {
            let head = query.get(..INTACT).map(|head| self.codes.beginning_with(head));
            let tail = query.get(query.len() - INTACT..).map(|tail| self.ending_with(tail));
            for (code, terms) in head.into_iter().flatten().chain(tail.into_iter().flatten()) {
                let Some((kind, score)) = mistyped_code(query, code) else { continue };
                let leis = terms.iter().filter(|term| term.field == MatchedField::Lei);
                found.extend(leis.map(|term| (*term, kind, score)));
            }
        }
        found
    }

    /// Iterates over the LEIs that end with `tail`.
    fn ending_with(&self, tail: &str) -> impl Iterator<Item = (&str, &[Place])> {
        let text = |number: &u32| self.codes.texts().get(*number);
        let from = self.backward.partition_point(|number| text(number).bytes().rev().lt(tail.bytes().rev()));
        let rest = self.backward.get(from..).unwrap_or_default();
        let count = rest.partition_point(|number| text(number).ends_with(tail));
        rest.iter().take(count).map(move |number| (text(number), self.codes.owners(*number)))
    }
}

/// Returns the ids that match a query, among the ids of a segment's records.
pub(super) fn find_ids(ids: &[VaspId], query: &SearchQuery) -> Vec<MatchedCode> {
    let prefix = VaspId::PREFIX.trim_end_matches('_');
    let asked = query.code().strip_prefix(prefix).filter(|digits| digits.len() >= LEAST_OF_ID);
    let Some(asked) = asked else { return Vec::new() };
    let digits =
        |number: u32| ids.get(place(number)).map(ToString::to_string).unwrap_or_default().replacen(VaspId::PREFIX, "", 1);
    let end = u32::try_from(ids.len()).unwrap_or(u32::MAX);
    let from = partition_point(0..end, |number| digits(number).as_str() < asked);
    let end = partition_point(from..end, |number| digits(number).starts_with(asked));
    let found = |record: u32| {
        let (kind, score) = code_beginning(query.code(), &format!("{prefix}{}", digits(record)));
        (Place::of_id(record), kind, score)
    };
    (from..end).map(found).collect()
}
