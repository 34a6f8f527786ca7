//! Public challenges: anybody may say that a published field of a record is wrong, without an account. A challenge opens the VASP's case or
//! joins the open one. Only operators read what it says; nobody learns who said it, because nothing about the challenger is kept.
//!
//! The challenged firm can speak here, too. So no challenge keeps another one of the same field out, and one reviewer is enough to dismiss
//! a case that has nothing but challenges (`review/decision.rs`). A challenge that the deciding people cannot have read gets a new case
//! (`cases::reopen_for_challenges`).

pub mod http;

use serde_json::json;

use crate::cases::{Trigger, open_or_join};
use crate::node::{ProblemCode, Refusal, Registry, ServiceError, find_vasp, invalid_value};
use rand_core::RngCore;
use vasp_log::audit::{AuditEvent, AuditOutcome};
use vasp_record::case::{TriggerKind, due_at};
use vasp_record::challenge::{ChallengeState, ChallengedField, EvidencePage};
use vasp_record::proposal::Reason;
use vasp_record::vasp_name::VaspName;
use vasp_store::{Challenge, Transaction};
use vasp_words::ids::{ChallengeId, VaspId};
use vasp_words::time::UtcTime;

/// Maximum number of open challenges. Beyond it the registry has more to read than people can, and takes no new ones.
const OPEN_MAX: i64 = 10_000;

/// Maximum number of open challenges of one record. Beyond it only those are heard of whose neighbourhood nobody spoke lately, so that
/// whoever has many addresses cannot keep all others out.
const OPEN_MAX_OF_RECORD: i64 = 100;

/// A new challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewChallenge {
    /// The record.
    pub vasp: VaspId,
    /// The field that is wrong.
    pub field: ChallengedField,
    /// What is right, in the challenger's words.
    pub right: Reason,
    /// A page that shows it.
    pub evidence: EvidencePage,
    /// Whether it is heard although many are open: nobody of the challenger's neighbourhood challenged the record lately.
    pub is_heard_beyond_limit: bool,
}

/// How far a challenge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChallengeProgress {
    /// Its id, under which its state can be read.
    pub id: ChallengeId,
    /// The VASP of the record.
    pub vasp: VaspId,
    /// The field.
    pub field: ChallengedField,
    /// Whether the registry has decided.
    pub state: ChallengeState,
    /// When it was made.
    pub opened_at: UtcTime,
    /// When it should be decided.
    pub due_at: UtcTime,
    /// When it was decided; `None` if it is open.
    pub closed_at: Option<UtcTime>,
}

/// Returns the record that a challenger means.
///
/// # Errors
/// `ServiceError::NotFound` and `AmbiguousLei` if no single record is meant.
pub fn challenged_record(registry: &Registry, name: VaspName, now: UtcTime) -> Result<VaspId, ServiceError> {
    find_vasp(registry.pin(now).records(), name).map(|vasp| vasp.id)
}

/// Opens a challenge of a published field.
///
/// # Errors
/// `ServiceError::Refused` with `conflict` if the record has too many open challenges; `Overloaded` if the registry has; `Store`.
pub fn open_challenge(
    registry: &Registry,
    new: &NewChallenge,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<ChallengeProgress, ServiceError> {
    registry.store().write::<_, ServiceError>(now, rng, |transaction| add(transaction, new)).map(|written| written.value)
}

fn add(transaction: &mut Transaction<'_>, new: &NewChallenge) -> Result<ChallengeProgress, ServiceError> {
    let (vasp, field, at) = (new.vasp, new.field, transaction.now());
    let summary = format!("Somebody without an account says that `{field}` is wrong");
    let detail = json!({"summary": summary, "field": field, "right": new.right, "evidence_url": new.evidence.to_string()});
    // This locks the case, so that two challenges at the same time see each other.
    let trigger = Trigger { kind: TriggerKind::PublicChallenge, detail, actor: None };
    let case = open_or_join(transaction, vasp, &trigger)?;
    if !new.is_heard_beyond_limit && transaction.conn().challenge_count_of(case.id)? >= OPEN_MAX_OF_RECORD {
        let detail = format!(
            "{OPEN_MAX_OF_RECORD} challenges of this record are open already; the registry looks at them by {}. Try again after that.",
            case.due_at
        );
        return Err(Refusal::new(ProblemCode::Conflict, detail).into());
    }
    if transaction.conn().open_challenge_count()? >= OPEN_MAX {
        return Err(ServiceError::Overloaded);
    }
    let id = ChallengeId::new(at, transaction.conn_and_rng().1);
    transaction.add_challenge(&Challenge { id, vasp, field, case_id: case.id, at })?;
    transaction.audit(AuditEvent {
        organisation: None,
        actor: None,
        credential: None,
        action: "challenge.open".to_owned(),
        subject: Some(vasp.to_string()),
        outcome: AuditOutcome::Done,
        payload: json!({"field": field, "case": case.id}),
    });
    Ok(ChallengeProgress { id, vasp, field, state: ChallengeState::Open, opened_at: at, due_at: due(at), closed_at: None })
}

/// Returns when a challenge should be decided. The date of its case would tell whether something more urgent is known of the VASP.
fn due(at: UtcTime) -> UtcTime {
    due_at(TriggerKind::PublicChallenge, at)
}

/// Returns how far a challenge is.
///
/// # Errors
/// `ServiceError::NotFound` if there is none; `Store`.
pub fn read_challenge(registry: &Registry, id: ChallengeId) -> Result<ChallengeProgress, ServiceError> {
    let found = registry.store().read(|conn| {
        let Some(challenge) = conn.public_challenge(id)? else { return Ok(None) };
        Ok(conn.case(challenge.case_id)?.map(|case| (challenge, case)))
    });
    let missing = || ServiceError::NotFound(format!("There is no challenge with the id {id}."));
    let (challenge, case) = found.map_err(ServiceError::Store)?.ok_or_else(missing)?;
    let Challenge { vasp, field, at, .. } = challenge;
    let state = if case.closed_at.is_some() { ChallengeState::Closed } else { ChallengeState::Open };
    Ok(ChallengeProgress { id, vasp, field, state, opened_at: at, due_at: due(at), closed_at: case.closed_at })
}

/// Reads the address of a page from a request.
pub(crate) fn evidence_page(text: &str) -> Result<EvidencePage, ServiceError> {
    text.parse().map_err(|error: vasp_record::challenge::EvidencePageError| invalid_value("/evidence_url", error.to_string()))
}
