//! Finds records that may be the same VASP as a new one, by LEI, by the host of the website or by name. Two different LEIs mean two
//! different entities, even if their names are alike.

use std::collections::BTreeMap;

use crate::directory::Generation;
use crate::node::{DuplicateCandidate, ProblemCode, Refusal, ServiceError};
use vasp_record::search::SearchQuery;
use vasp_record::submission::Submission;
use vasp_record::vasp::{Vasp, VaspKind};
use vasp_rules::lei_evidence::fold;
use vasp_words::host::Host;
use vasp_words::ids::VaspId;

/// Detail of the refusal `possible_duplicate`.
const POSSIBLE_DUPLICATE: &str = "The directory already has records that may be the same VASP. Adopt the record that is yours; \
                                  if none is yours, list all of them in `distinct_from`.";

/// Score from which two names may belong to one VASP, in percent. The bound is our own: below it, firms with common words in their
/// names match each other.
const ALIKE_PERCENT: u8 = 90;

/// How alike two records are.
#[derive(Clone, Copy, Debug, Default)]
struct Likeness {
    score_percent: u8,
    because: &'static str,
    /// Whether the submission gives the other record's LEI, website or legal name.
    is_named: bool,
}

/// Refuses a submission about `own` (`None`: about a new record) if it may describe another live record that its `distinct_from` does
/// not name.
pub(crate) fn refuse_duplicates(generation: &Generation, own: Option<VaspId>, said: &Submission) -> Result<(), ServiceError> {
    let candidate = |(id, alike): (VaspId, Likeness)| {
        let counts = alike.score_percent >= ALIKE_PERCENT && !said.distinct_from.contains(&id);
        counts.then_some(alike).and_then(|alike| alike.candidate(generation, id))
    };
    let mut found: Vec<DuplicateCandidate> = alike(generation, own, said).into_iter().filter_map(candidate).collect();
    found.sort_by_key(|candidate| (std::cmp::Reverse(candidate.score_percent), candidate.vasp));
    match found.is_empty() {
        true => Ok(()),
        false => Err(Refusal::new(ProblemCode::PossibleDuplicate, POSSIBLE_DUPLICATE).with_candidates(found).into()),
    }
}

/// Returns the live entities whose LEI, website or legal name a submission about `own` gives as its own.
pub(super) fn named_records(generation: &Generation, own: VaspId, said: &Submission) -> Vec<DuplicateCandidate> {
    let named = alike(generation, Some(own), said).into_iter().filter(|(_, alike)| alike.is_named);
    named.filter_map(|(id, alike)| alike.candidate(generation, id)).collect()
}

impl Likeness {
    fn candidate(self, generation: &Generation, id: VaspId) -> Option<DuplicateCandidate> {
        let record = generation.records().get(id)?;
        let (legal_name, because) = (record.legal_name.clone(), self.because.to_owned());
        Some(DuplicateCandidate { vasp: id, legal_name, score_percent: self.score_percent, because })
    }
}

/// Returns the live entities other than `own` that resemble a submission, each with its strongest likeness.
fn alike(generation: &Generation, own: Option<VaspId>, said: &Submission) -> BTreeMap<VaspId, Likeness> {
    let records = generation.records();
    let mut found: BTreeMap<VaspId, Likeness> = BTreeMap::new();
    let mut note = |record: &Vasp, score_percent: u8, because: &'static str, is_named: bool| {
        let known = found.entry(record.id).or_default();
        if score_percent >= known.score_percent {
            (known.score_percent, known.because) = (score_percent, because);
        }
        known.is_named |= is_named;
    };
    for record in said.lei.into_iter().flat_map(|lei| records.with_lei(lei)) {
        note(record, 100, "the same LEI", true);
    }
    let other_lei = |record: &Vasp| record.lei.is_some() && said.lei.is_some() && record.lei != said.lei;
    let hosts = said.website.as_deref().into_iter().flat_map(Host::all_of_website_cell).map(|host| host.without_www());
    for host in hosts.filter(|host| generation.documents().platforms.value.covering(host).is_none()) {
        for name in host.parents() {
            // A host below another record's host: the member must prove it. It is no sign of a duplicate, because many firms of one
            // group share a domain.
            let is_same = name == host;
            for (record, _) in records.with_domain(&name) {
                note(record, if is_same && !other_lei(record) { 95 } else { 0 }, "the same website", true);
            }
        }
    }
    if let Ok(query) = SearchQuery::read(&said.legal_name) {
        let folded = fold(&said.legal_name);
        for hit in records.search().find(&query, |_| true) {
            let percent = percent(hit.score.value());
            let Some(record) = records.get(hit.vasp).filter(|_| percent >= ALIKE_PERCENT) else { continue };
            let elsewhere = record.country.is_some() && said.country.is_some() && record.country != said.country;
            if !other_lei(record) && !elsewhere {
                let same = folded.is_some() && folded == fold(&record.legal_name);
                note(record, percent.min(99), "the same or a similar name", same);
            }
        }
    }
    let own = own.map(|own| records.canonical(own));
    let counts = |id: &VaspId| {
        let record = records.get(*id);
        record.is_some_and(|record| record.kind == VaspKind::Entity && record.status.is_live()) && own != Some(*id)
    };
    found.retain(|id, _| counts(id));
    found
}

/// Turns a score of 0 to 1 into whole percent, rounded down.
fn percent(score: f64) -> u8 {
    (0..=100u8).rev().find(|percent| f64::from(*percent) <= score * 100.0).unwrap_or(0)
}
