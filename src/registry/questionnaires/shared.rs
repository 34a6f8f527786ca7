//! The facts from a VASP's answers that pre-checks and screening need. They are opened once for each submission and kept in memory.
//! What a caller may know is decided for every question, by the access that is valid at that moment.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde::{Deserialize, Serialize};

use super::open;
use crate::directory::{Generation, StandingAnswers};
use crate::node::{Registry, ServiceError};
use vasp_rules::ownership::OwnershipChain;
use vasp_rules::questionnaire::document::AnswersDocument;
use vasp_rules::questionnaire::standing::{ItemFact, facts, items, track};
use vasp_rules::questionnaire::{Questionnaire, Track};
use vasp_words::ids::{AnswersId, OrganisationId, VaspId};
use vasp_words::time::{Date, UtcTime};

/// How complete the answers are for one duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrackFact {
    /// The duty.
    pub track: Track,
    /// The first day on which they are no longer complete. `None` if they were not complete when they were submitted.
    pub complete_until: Option<Date>,
}

/// The opened facts of a submission that checks and screening need.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenedFacts {
    /// The answers that checks use.
    pub items: Vec<ItemFact>,
    /// How complete the answers are for each duty.
    pub tracks: Vec<TrackFact>,
    /// The chain of owners. `None` if there is none.
    pub ownership: Option<OwnershipChain>,
}

/// Leaves out answers and owners, because the text may end up in a log.
impl std::fmt::Debug for OpenedFacts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenedFacts").field("tracks", &self.tracks).finish_non_exhaustive()
    }
}

/// Opened facts of the current submissions, by organisation.
#[derive(Debug, Default)]
pub struct AnswersCache(RwLock<HashMap<OrganisationId, (AnswersId, Arc<OpenedFacts>)>>);

pub(super) fn facts_purpose(id: AnswersId) -> String {
    format!("questionnaire-facts:{id}")
}

impl OpenedFacts {
    /// Extracts the facts from answers that are being submitted.
    #[must_use]
    pub fn of(questionnaire: &Questionnaire, document: &AnswersDocument, now: UtcTime) -> Self {
        let standing = items(questionnaire, &document.answers, document.ownership.as_ref(), now.date());
        let of_track = |duty| {
            let found = track(&standing, duty);
            TrackFact { track: duty, complete_until: found.valid_until.filter(|_| found.missing.is_empty()) }
        };
        Self {
            items: facts(questionnaire, &document.answers, now.date()),
            tracks: Track::ALL.into_iter().map(of_track).collect(),
            ownership: document.ownership.clone(),
        }
    }
}

/// Returns the current answers about a VASP, or about a record that was merged into it.
pub(crate) fn standing_answers(registry: &Registry, generation: &Generation, vasp: VaspId) -> Option<Arc<StandingAnswers>> {
    let directory = registry.directory();
    let absorbed = || generation.records().absorbed_by(vasp).iter().find_map(|other| directory.answers_about(*other));
    directory.answers_about(vasp).or_else(absorbed)
}

/// Opens the facts of answers. Only the first call for a submission decrypts them; later calls read from memory.
pub(crate) fn opened(registry: &Registry, answers: &StandingAnswers) -> Result<Arc<OpenedFacts>, ServiceError> {
    let cache = &registry.part::<AnswersCache>().0;
    let known = cache.read().unwrap_or_else(PoisonError::into_inner).get(&answers.organisation).cloned();
    if let Some((submission, facts)) = known
        && submission == answers.submission
    {
        return Ok(facts);
    }
    let key = registry.existing_data_key(answers.organisation)?;
    let facts: Arc<OpenedFacts> = Arc::new(open(&key, &facts_purpose(answers.submission), &answers.sealed_facts)?);
    let entry = (answers.submission, Arc::clone(&facts));
    cache.write().unwrap_or_else(PoisonError::into_inner).insert(answers.organisation, entry);
    Ok(facts)
}

/// Returns the version of the questionnaire that the answers were submitted under, from its `id@version`.
pub(crate) fn answered_version(answers: &StandingAnswers) -> u32 {
    answers.questionnaire.rsplit_once('@').and_then(|(_, version)| version.parse().ok()).unwrap_or(0)
}
