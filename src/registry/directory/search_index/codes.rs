//! Identifiers: found complete or by their beginning. LEIs are also found with one typing error, because check digits show that it is one.
//! Numbers without check digits are not: the next number belongs to another firm.

use vasp_record::search::{MatchKind, MatchedField, Score, SearchQuery, code, code_beginning, mistyped_code};
use vasp_words::ids::VaspId;

/// Length of an LEI.
///
/// Source: ISO 17442-1, 4.
const LEI_LENGTH: usize = 20;
/// Length of the first or last part of an LEI that one typing error leaves intact.
const INTACT: usize = LEI_LENGTH / 2 - 1;
/// Minimum number of letters and digits for a search by the beginning of an identifier.
const LEAST_BEGINNING: usize = 4;
/// The same for ids: the prefix, the ten characters of the time, and two of the record's own.
const LEAST_OF_ID: usize = VaspId::PREFIX.len() - 1 + 12;

/// Identifiers in order, with the numbers of their terms.
#[derive(Clone, Debug)]
pub(super) struct Codes {
    forward: Box<[(Box<str>, u32)]>,
    /// LEIs, written backwards.
    backward: Box<[(Box<str>, u32)]>,
}

impl Codes {
    /// Builds the index from numbered terms.
    pub(super) fn of<'a>(terms: impl Iterator<Item = (u32, MatchedField, &'a str)>) -> Self {
        let (mut forward, mut backward) = (Vec::new(), Vec::new());
        for (term, field, text) in terms {
            let code = code(text);
            if field == MatchedField::Lei {
                backward.push((code.chars().rev().collect::<String>().into(), term));
            }
            if !code.is_empty() {
                forward.push((code.into(), term));
            }
        }
        forward.sort_unstable();
        backward.sort_unstable();
        Self { forward: forward.into(), backward: backward.into() }
    }

    /// Returns the terms that match a query; `field` returns the kind of a term.
    pub(super) fn find(&self, query: &SearchQuery, field: impl Fn(u32) -> Option<MatchedField>) -> Vec<(u32, MatchKind, Score)> {
        let query = query.code();
        let begins = beginning_with(&self.forward, query).filter_map(|(code, term)| {
            let least = if field(*term)? == MatchedField::Id { LEAST_OF_ID } else { LEAST_BEGINNING };
            let (kind, score) = code_beginning(query, code);
            (kind == MatchKind::Exact || query.len() >= least).then_some((*term, kind, score))
        });
        let mut found: Vec<_> = begins.collect();
        if (LEI_LENGTH - 1..=LEI_LENGTH + 1).contains(&query.len()) {
            found.extend(self.mistyped(query, field));
        }
        found
    }

    fn mistyped(
        &self,
        query: &str,
        field: impl Fn(u32) -> Option<MatchedField>,
    ) -> impl Iterator<Item = (u32, MatchKind, Score)> {
        let reversed: String = query.chars().rev().collect();
        let head = query.get(..INTACT).map(|head| beginning_with(&self.forward, head));
        let tail = reversed.get(..INTACT).map(|tail| beginning_with(&self.backward, tail));
        let judged =
            move |asked: &str, code: &str, term: u32| mistyped_code(asked, code).map(|(kind, score)| (term, kind, score));
        let is_lei = move |term: u32| field(term) == Some(MatchedField::Lei);
        let heads = head.into_iter().flatten().filter(move |(_, term)| is_lei(*term));
        let heads: Vec<_> = heads.filter_map(|(code, term)| judged(query, code, *term)).collect();
        let tails: Vec<_> = tail.into_iter().flatten().filter_map(|(code, term)| judged(&reversed, code, *term)).collect();
        heads.into_iter().chain(tails)
    }
}

fn beginning_with<'a>(codes: &'a [(Box<str>, u32)], beginning: &str) -> impl Iterator<Item = &'a (Box<str>, u32)> + use<'a> {
    let from = codes.partition_point(|(code, _)| code.as_ref() < beginning);
    let rest = codes.get(from..).unwrap_or_default();
    let count = rest.partition_point(|(code, _)| code.starts_with(beginning));
    rest.get(..count).unwrap_or_default().iter()
}
