//! What a VASP's own answers say about it, as far as the asker may know.

use crate::directory::StandingAnswers;
use crate::node::{Registry, ServiceError};
use crate::questionnaires::{answered_version, opened};
use vasp_rules::questionnaire::Questionnaire;
use vasp_rules::questionnaire::access::Extent;
use vasp_rules::questionnaire::standing::{ItemFact, facts_under};
use vasp_rules::shared_diligence::{DiligenceFacts, SharedDiligence};
use vasp_words::ids::OrganisationId;
use vasp_words::time::UtcTime;

/// Returns what an asker may know of a VASP's answers, for the checks of a pre-check, under the questionnaire in force. Returns nothing
/// for an asker without credentials.
///
/// # Errors
/// `ServiceError::Key`, `Store`, only if this process has not opened the answers before.
pub(super) fn shared_diligence(
    registry: &Registry,
    questionnaire: &Questionnaire,
    answers: Option<&StandingAnswers>,
    asker: Option<OrganisationId>,
    now: UtcTime,
) -> Result<SharedDiligence, ServiceError> {
    let Some((asker, answers)) = asker.zip(answers) else { return Ok(SharedDiligence::Nothing) };
    let Some(extent) = answers.readable_by(asker, now) else { return Ok(SharedDiligence::NoAccess) };
    let facts = opened(registry, answers)?;
    let items = facts_under(questionnaire, &facts.items, answered_version(answers));
    Ok(SharedDiligence::Readable(within(answers, items, &extent)))
}

fn within(answers: &StandingAnswers, items: Vec<ItemFact>, extent: &Extent) -> DiligenceFacts {
    let (items, kept): (Vec<ItemFact>, Vec<ItemFact>) = items.into_iter().partition(|fact| extent.covers(&fact.section));
    let mut withheld: Vec<_> = kept.iter().map(|fact| fact.check).collect();
    withheld.sort_unstable();
    withheld.dedup();
    DiligenceFacts { questionnaire: answers.questionnaire.clone(), submission: answers.submission.to_string(), items, withheld }
}
