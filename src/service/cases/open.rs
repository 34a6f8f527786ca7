//! Opens a VASP's case, or joins the one that is open: at any moment a VASP has at most one. Part of the transaction of whatever
//! happened.

use serde_json::Value;

use super::super::ServiceError;
use vasp_record::case::{CaseStatus, TriggerKind, due_at};
use vasp_record::proposal::ProposalKind;
use vasp_store::{CaseEntryRow, CaseRow, CaseTriggerRow, StoreError, Transaction};
use vasp_words::ids::{CaseId, VaspId};

/// What opens a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    /// Kind.
    pub kind: TriggerKind,
    /// What happened, for reviewers: no secrets. `{"summary": "…"}` at least.
    pub detail: Value,
    /// Id of the user who did it; none for the registry itself.
    pub actor: Option<String>,
}

/// Opens a case about a VASP, or adds the trigger to the open one, whose proposal then no longer counts. Returns the case.
///
/// # Errors
/// `ServiceError::Store`.
pub fn open_or_join(transaction: &mut Transaction<'_>, vasp: VaspId, trigger: &Trigger) -> Result<CaseRow, ServiceError> {
    let found = match open_case(transaction, vasp)? {
        Some(known) => known,
        None => {
            let row = new_case(transaction, vasp, trigger.kind);
            match transaction.add_case(&row)? {
                true => row,
                // Another writer opened one meanwhile.
                false => open_case(transaction, vasp)?.ok_or(StoreError::Stale { table: "cases" })?,
            }
        }
    };
    let number = add_trigger(transaction, &found.id, trigger.kind, &trigger.detail)?;
    let kind = format!("trigger:{}", trigger.kind.as_str());
    enter(transaction, &found.id, &kind, trigger.actor.clone(), &trigger.detail)?;
    if number == 0 { Ok(found) } else { join(transaction, found, trigger.kind) }
}

/// Adds a trigger to a case that is locked or new; returns how many it had.
pub(super) fn add_trigger(
    transaction: &mut Transaction<'_>,
    case: &str,
    kind: TriggerKind,
    detail: &Value,
) -> Result<i32, ServiceError> {
    let known = transaction.conn().case_triggers(&[case.to_owned()])?;
    let number = i32::try_from(known.len()).unwrap_or(i32::MAX);
    transaction.add_case_trigger(&CaseTriggerRow {
        case_id: case.to_owned(),
        number: number.saturating_add(1),
        kind: kind.as_str().to_owned(),
        detail: detail.to_string(),
        at: transaction.now().micros(),
    })?;
    Ok(number)
}

/// Adds an entry, for operators or for the member too, to a case that is locked or new.
pub(in crate::service) fn enter(
    transaction: &mut Transaction<'_>,
    case: &str,
    kind: &str,
    actor: Option<String>,
    body: &Value,
) -> Result<CaseEntryRow, ServiceError> {
    let row = CaseEntryRow {
        case_id: case.to_owned(),
        number: 0,
        kind: kind.to_owned(),
        actor,
        at: transaction.now().micros(),
        body: body.to_string(),
    };
    transaction.add_case_entry(row).map_err(ServiceError::Store)
}

fn open_case(transaction: &mut Transaction<'_>, vasp: VaspId) -> Result<Option<CaseRow>, ServiceError> {
    let Some(known) = transaction.conn().open_case_of(&vasp.to_string())? else { return Ok(None) };
    // It may have been closed while it was waited for.
    Ok(transaction.lock_case(&known.id)?.filter(|case| case.closed_at.is_none()))
}

fn new_case(transaction: &mut Transaction<'_>, vasp: VaspId, kind: TriggerKind) -> CaseRow {
    let now = transaction.now();
    CaseRow {
        id: CaseId::new(now, transaction.conn_and_rng().1).to_string(),
        vasp: vasp.to_string(),
        status: CaseStatus::Open.as_str().to_owned(),
        risk: kind.risk(),
        version: 1,
        opened_at: now.micros(),
        due_at: due_at(kind, now).micros(),
        assignee: None,
        closed_at: None,
        outcome: None,
    }
}

/// Raises what the case is worth, and takes back what was proposed without knowing this.
fn join(transaction: &mut Transaction<'_>, case: CaseRow, kind: TriggerKind) -> Result<CaseRow, ServiceError> {
    let proposed = case.status == CaseStatus::Proposed.as_str();
    transaction.supersede_proposal(ProposalKind::Case, &case.id)?;
    let joined = CaseRow {
        risk: case.risk.max(kind.risk()),
        due_at: case.due_at.min(due_at(kind, transaction.now()).micros()),
        version: case.version + 1,
        status: if proposed { CaseStatus::Taken.as_str().to_owned() } else { case.status },
        ..case
    };
    transaction.change_case(&joined)?;
    Ok(joined)
}

/// Closes the open case of a VASP, if there is one, without a decision of the registry.
///
/// # Errors
/// `ServiceError::Store`.
pub(in crate::service) fn close_open(
    transaction: &mut Transaction<'_>,
    vasp: VaspId,
    outcome: &str,
    actor: Option<vasp_words::ids::UserId>,
) -> Result<(), ServiceError> {
    let Some(case) = open_case(transaction, vasp)? else { return Ok(()) };
    transaction.supersede_proposal(ProposalKind::Case, &case.id)?;
    let now = transaction.now().micros();
    let (actor, body) = (actor.map(|id| id.to_string()), serde_json::json!({"outcome": outcome}));
    enter(transaction, &case.id, "closed", actor, &body)?;
    let closed = CaseRow {
        status: CaseStatus::Closed.as_str().to_owned(),
        version: case.version + 1,
        closed_at: Some(now),
        outcome: Some(outcome.to_owned()),
        ..case
    };
    transaction.change_case(&closed).map_err(ServiceError::Store)
}
