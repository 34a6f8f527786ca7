//! Replays a recorded pre-check: the same question at the same sequence and moment, with the same policy, private state and samples of
//! health. The same program version must give the same answer. Whatever is no longer available is named.

use std::sync::Arc;

use super::asking::{AnswersRead, SeenFrom, Then};
use super::{Asking, PrecheckAnswer, PrecheckQuestion, Recording, policy_choice, precheck};
use crate::directory::{Generation, PrivateState};
use crate::node::{Registry, ServiceError};
use vasp_record::claim::Reader;
use vasp_rules::policy::Policy;
use vasp_words::ids::OrganisationId;

/// A recorded pre-check, answered again.
#[derive(Debug)]
pub struct Replay {
    /// The new answer.
    pub answer: PrecheckAnswer,
    /// Recorded versions that are no longer available. They are a reason why the answer may differ.
    pub missing: Vec<String>,
}

/// Answers a recorded question of an organisation again. If `under` is set, it judges instead of the recorded policy.
///
/// # Errors
/// The errors of `precheck`. `ServiceError::NotFound` if the directory has not reached the sequence.
pub fn replay_precheck(
    registry: &Registry,
    organisation: OrganisationId,
    recording: &Recording,
    question: &PrecheckQuestion,
    under: Option<&Arc<Policy>>,
) -> Result<Replay, ServiceError> {
    let generation = generation(registry, recording)?;
    let whose = recording.whose.or(Some(organisation)).filter(|_| recording.revision > 0);
    let state = match whose {
        Some(whose) => registry.store().read(|conn| PrivateState::load(conn, whose, recording.revision))?,
        None => PrivateState::default(),
    };
    let shipped = &generation.documents().policy.value;
    let then = recording.policy.parse().ok().and_then(|wanted| policy_choice::find(shipped, &state.policies, &wanted).cloned());
    let missing = missing(recording, &generation, then.is_some());
    let policy = under.cloned().or(then);
    let answers = match recording.answered {
        Some((whose, revision)) => registry.store().read(|conn| PrivateState::load(conn, whose, revision))?.answers,
        None => None,
    };
    let then = Then {
        answers,
        own: recording.own,
        whose: recording.whose,
        state: Arc::new(state),
        policy,
        health: recording.health.clone(),
    };
    let asking = Asking {
        organisation: Some(organisation),
        vasp: recording.own,
        reader: Reader::Organisation(organisation),
        seen_from: SeenFrom::Recorded(Arc::new(then)),
        asked_at: recording.asked_at.unwrap_or(recording.now),
        answers: AnswersRead::AsGiven,
        supposed: None,
    };
    let answer = precheck(registry, &generation, question, &asking, recording.now, &|member| format!("/{member}"))?;
    Ok(Replay { answer, missing })
}

/// Returns the directory at the recorded sequence, with the records of the recorded day.
fn generation(registry: &Registry, recording: &Recording) -> Result<Arc<Generation>, ServiceError> {
    let (directory, day) = (registry.directory(), recording.now.date());
    let present = directory.pin(recording.now);
    if present.sequence() == recording.sequence {
        return Ok(directory.on_day(&present, day)?);
    }
    if recording.sequence > present.sequence() {
        return Err(ServiceError::NotFound("The directory of this server has not yet reached the recorded sequence.".to_owned()));
    }
    Ok(directory.at(recording.sequence, day)?)
}

/// Returns the recorded versions that differ from those of the directory at that sequence. Documents that are shipped with the program
/// change with the program.
fn missing(recording: &Recording, generation: &Generation, has_policy: bool) -> Vec<String> {
    let documents = generation.documents();
    let screening: Vec<String> = super::record::screening_versions(documents);
    let compared = [
        ("policy", recording.policy.clone(), has_policy),
        ("rulebook", recording.rulebook.clone(), recording.rulebook == documents.rulebook.value.version),
        ("lists", recording.lists.clone(), recording.lists == documents.lists.value.version),
        ("screening", recording.screening.join(", "), recording.screening == screening),
        (
            "protocols",
            recording.protocols.clone(),
            recording.protocols.is_empty() || recording.protocols == documents.protocols.value.version,
        ),
    ];
    let gone = compared.into_iter().filter(|(_, _, there)| !there);
    gone.map(|(what, version, _)| format!("{what} {version}")).collect()
}
