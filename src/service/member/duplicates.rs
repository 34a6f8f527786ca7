//! Records that may be the same VASP as a new one: by LEI, by the host of the website, by name. Two different LEIs are two
//! different entities, however alike their names.

use std::collections::BTreeMap;

use super::super::DuplicateCandidate;
use super::super::resolve::is_live;
use crate::directory::Generation;
use vasp_record::search::SearchQuery;
use vasp_record::submission::Submission;
use vasp_record::vasp::{Vasp, VaspKind};
use vasp_words::host::Host;
use vasp_words::ids::VaspId;

/// From which likeness of names on two records may be one. Our own bound: below it firms with common words in their names meet.
const ALIKE_PERCENT: u8 = 90;

/// Returns the live entities that may be the same, likeliest first; those of `distinct_from` left out.
#[must_use]
pub fn duplicates(generation: &Generation, said: &Submission, distinct_from: &[VaspId]) -> Vec<DuplicateCandidate> {
    let records = generation.records();
    let mut found: BTreeMap<VaspId, (u8, &str)> = BTreeMap::new();
    let mut note = |id: VaspId, score: u8, because: &'static str| {
        let known = found.entry(id).or_insert((score, because));
        if score > known.0 {
            *known = (score, because);
        }
    };
    for record in said.lei.into_iter().flat_map(|lei| records.with_lei(lei)) {
        note(record.id, 100, "the same LEI");
    }
    let other_lei = |record: &Vasp| record.lei.is_some() && said.lei.is_some() && record.lei != said.lei;
    let host = said.website.as_deref().and_then(Host::from_website_cell).map(|host| host.without_www());
    if let Some(host) = host.filter(|host| generation.documents().platforms.value.covering(host).is_none()) {
        for (record, _) in records.with_domain(&host) {
            note(record.id, if other_lei(record) { 0 } else { 95 }, "the same website");
        }
    }
    if let Ok(query) = SearchQuery::read(&said.legal_name) {
        for hit in records.search().find(&query, |_| true) {
            let percent = percent(hit.score.value());
            let Some(record) = records.get(hit.vasp).filter(|_| percent >= ALIKE_PERCENT) else { continue };
            let elsewhere = record.country.is_some() && said.country.is_some() && record.country != said.country;
            if !other_lei(record) && !elsewhere {
                note(hit.vasp, percent.min(99), "a name that is the same or nearly so");
            }
        }
    }
    let candidate = |(id, (score_percent, because)): (VaspId, (u8, &str))| {
        let record = records.get(id).filter(|record| record.kind == VaspKind::Entity && is_live(record))?;
        let counts = score_percent >= ALIKE_PERCENT && !distinct_from.contains(&id);
        let (legal_name, because) = (record.legal_name.clone(), because.to_owned());
        counts.then_some(DuplicateCandidate { vasp: id, legal_name, score_percent, because })
    };
    let mut candidates: Vec<DuplicateCandidate> = found.into_iter().filter_map(candidate).collect();
    candidates.sort_by_key(|candidate| (std::cmp::Reverse(candidate.score_percent), candidate.vasp));
    candidates
}

/// Turns a score of 0 to 1 into whole percent, rounded down.
fn percent(score: f64) -> u8 {
    (0..=100u8).rev().find(|percent| f64::from(*percent) <= score * 100.0).unwrap_or(0)
}
