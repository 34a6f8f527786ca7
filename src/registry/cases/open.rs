//! Opens a VASP's case, or joins the open one: a VASP has at most one open case at a time. This happens in the transaction of the
//! event that causes it.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::node::{ProblemCode, Refusal, ServiceError};
use crate::proposals::{Proposal, last_one};
use vasp_record::case::{CaseStatus, Cause, Decision, TriggerKind, due_at};
use vasp_record::proposal::ProposalKind;
use vasp_store::{Case, CaseEntry, CaseTrigger, KeptRecord, StoreError, Transaction};
use vasp_words::ids::{CaseId, UserId, VaspId};
use vasp_words::sql::Json;
use vasp_words::time::UtcTime;

/// The part of a case proposal that is read here: its decision.
#[derive(Deserialize)]
struct Proposed {
    decision: Decision,
}

/// What opens a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    /// Kind of the event.
    pub kind: TriggerKind,
    /// What happened, for reviewers. It has at least `{"summary": "…"}`, and no secrets.
    pub detail: Value,
    /// Who did it; `None` for the registry itself.
    pub actor: Option<UserId>,
}

/// Opens a case about a VASP, or adds the trigger to the open one. Returns the case. A pending proposal in the open case is withdrawn
/// if [`TriggerKind::takes_back`] says so.
pub fn open_or_join(transaction: &mut Transaction<'_>, vasp: VaspId, trigger: &Trigger) -> Result<Case, ServiceError> {
    open_or_join_by(transaction, vasp, trigger, Cause::Others)
}

/// Does the same as [`open_or_join`], for a given cause.
pub(crate) fn open_or_join_by(
    transaction: &mut Transaction<'_>,
    vasp: VaspId,
    trigger: &Trigger,
    by: Cause,
) -> Result<Case, ServiceError> {
    let found = match open_case(transaction, vasp)? {
        Some(known) => known,
        None => {
            let row = new_case(transaction, Some(vasp), trigger.kind);
            match transaction.add_case(&row)? {
                true => row,
                // Another writer opened one in the meantime.
                false => open_case(transaction, vasp)?.ok_or(StoreError::Stale { table: "cases" })?,
            }
        }
    };
    let number = add_trigger(transaction, found.id, trigger.kind, &trigger.detail)?;
    let kind = format!("trigger:{}", trigger.kind.as_str());
    enter(transaction, found.id, &kind, trigger.actor, &trigger.detail)?;
    if number == 0 { Ok(found) } else { join(transaction, found, trigger.kind, by) }
}

/// Opens or joins a case, so that reviewers look at the waiting claims of a VASP.
pub(crate) fn have_waiting_reviewed(
    transaction: &mut Transaction<'_>,
    vasp: VaspId,
    count: i64,
    actor: Option<UserId>,
) -> Result<(), ServiceError> {
    let summary =
        format!("{count} of its claims contradict claims of other parties beyond its allowance and wait for a reviewer");
    let trigger = Trigger { kind: TriggerKind::PendingClaims, detail: json!({"summary": summary, "count": count}), actor };
    open_or_join_by(transaction, vasp, &trigger, Cause::Itself).map(drop)
}

/// Opens another case if claims of the VASP still wait when its case is closed. Without a case, no reviewer would see them.
pub(crate) fn reopen_for_waiting(transaction: &mut Transaction<'_>, vasp: VaspId) -> Result<(), ServiceError> {
    let (now, conn) = (transaction.now(), transaction.conn());
    let Some(number) = conn.vasp_number(&vasp.to_string())? else { return Ok(()) };
    match conn.waiting_count(number, now)? {
        0 => Ok(()),
        count => have_waiting_reviewed(transaction, vasp, count, None),
    }
}

/// Opens another case for the public challenges that were made at `since` or later, when their case is closed. The people who
/// decided the case may not have read them.
pub(crate) fn reopen_for_challenges(
    transaction: &mut Transaction<'_>,
    closed: &Case,
    since: UtcTime,
) -> Result<(), ServiceError> {
    let Some(vasp) = closed.vasp else { return Ok(()) };
    let unread = transaction.conn().case_triggers(&[closed.id])?.into_iter();
    let unread = unread.filter(|trigger| trigger.kind == TriggerKind::PublicChallenge && trigger.at >= since);
    let mut next = None;
    for CaseTrigger { kind, detail, .. } in unread.collect::<Vec<_>>() {
        next = Some(open_or_join(transaction, vasp, &Trigger { kind, detail: detail.0, actor: None })?);
    }
    match next {
        Some(case) => transaction.move_challenges(closed.id, since, case.id).map_err(ServiceError::Store),
        None => Ok(()),
    }
}

/// Adds a trigger to a case that is locked or new. Returns how many triggers it had before.
pub(crate) fn add_trigger(
    transaction: &mut Transaction<'_>,
    case_id: CaseId,
    kind: TriggerKind,
    detail: &Value,
) -> Result<i32, ServiceError> {
    let known = transaction.conn().case_triggers(&[case_id])?;
    let number = i32::try_from(known.len()).unwrap_or(i32::MAX);
    let (number_of_this, at) = (number.saturating_add(1), transaction.now());
    let detail = Json(detail.clone());
    transaction.add_case_trigger(&CaseTrigger { case_id, number: number_of_this, kind, detail, at })?;
    Ok(number)
}

/// Adds an entry to a case that is locked or new. The entry's kind decides whether only operators see it, or the member too.
pub(crate) fn enter(
    transaction: &mut Transaction<'_>,
    case_id: CaseId,
    kind: &str,
    actor: Option<UserId>,
    body: &Value,
) -> Result<CaseEntry, ServiceError> {
    let (kind, at, body) = (kind.to_owned(), transaction.now(), Json(body.clone()));
    let row = CaseEntry { case_id, number: 0, kind, actor, at, body };
    transaction.add_case_entry(row).map_err(ServiceError::Store)
}

fn open_case(transaction: &mut Transaction<'_>, vasp: VaspId) -> Result<Option<Case>, ServiceError> {
    let Some(known) = transaction.conn().open_case_of(vasp)? else { return Ok(None) };
    // It may have been closed while this transaction waited for the lock.
    Ok(transaction.lock_case(known.id)?.filter(|case| case.closed_at.is_none()))
}

/// Opens a case that is not about a VASP, or adds the trigger to `known`, which is open.
///
/// # Errors
/// `ServiceError::Store`.
pub(crate) fn open_about_authority(
    transaction: &mut Transaction<'_>,
    known: Option<Case>,
    trigger: &Trigger,
) -> Result<Case, ServiceError> {
    let found = match known {
        Some(known) => known,
        None => {
            let row = new_case(transaction, None, trigger.kind);
            transaction.add_case(&row)?;
            row
        }
    };
    let number = add_trigger(transaction, found.id, trigger.kind, &trigger.detail)?;
    enter(transaction, found.id, &format!("trigger:{}", trigger.kind.as_str()), trigger.actor, &trigger.detail)?;
    if number == 0 { Ok(found) } else { join(transaction, found, trigger.kind, Cause::Others) }
}

/// Returns the VASP of a case.
///
/// # Errors
/// `ServiceError::IllegalStep` if the case is about an authority.
pub(crate) fn vasp_of(case: &Case) -> Result<VaspId, ServiceError> {
    let detail = "The case is about an authority that the registry does not know, not about a VASP. Add the authority with \
                  POST /v1/authorities/amendments; or propose `keep`, and the rows stay aside.";
    case.vasp.ok_or_else(|| ServiceError::IllegalStep(detail.to_owned()))
}

fn new_case(transaction: &mut Transaction<'_>, vasp: Option<VaspId>, kind: TriggerKind) -> Case {
    let now = transaction.now();
    Case {
        id: CaseId::new(now, transaction.conn_and_rng().1),
        vasp,
        status: CaseStatus::Open,
        risk: kind.risk(),
        version: 1,
        opened_at: now,
        due_at: due_at(kind, now),
        assignee: None,
        closed_at: None,
        outcome: None,
    }
}

/// Raises the risk of the case and sets an earlier due date, if the trigger demands it. Withdraws a proposal that was made without
/// knowledge of the trigger, if [`TriggerKind::takes_back`] says so.
fn join(transaction: &mut Transaction<'_>, case: Case, kind: TriggerKind, by: Cause) -> Result<Case, ServiceError> {
    let subject = case.id.to_string();
    let waiting = last_one(transaction.conn(), ProposalKind::Case, &subject, None)?.filter(Proposal::is_pending);
    let proposed = waiting.map(|waiting| waiting.content::<Proposed>()).transpose()?;
    let is_void = proposed.is_none_or(|proposed| kind.takes_back(by, proposed.decision));
    if is_void {
        transaction.supersede_proposal(ProposalKind::Case, &subject)?;
    }
    let joined = Case {
        risk: case.risk.max(kind.risk()),
        due_at: case.due_at.min(due_at(kind, transaction.now())),
        version: case.version + 1,
        status: if is_void && case.status == CaseStatus::Proposed { CaseStatus::Taken } else { case.status },
        ..case
    };
    transaction.change_case(&joined)?;
    Ok(joined)
}

/// Closes the open case of a VASP, if there is one, without a decision of the registry.
pub(crate) fn close_open(
    transaction: &mut Transaction<'_>,
    vasp: VaspId,
    outcome: &str,
    actor: Option<UserId>,
) -> Result<(), ServiceError> {
    let Some(case) = open_case(transaction, vasp)? else { return Ok(()) };
    close(transaction, case.clone(), outcome, actor)?;
    // Nobody has decided about what others say of the record.
    reopen_for_challenges(transaction, &case, case.opened_at)
}

/// Closes an open case, which is locked, without a decision of the registry.
pub(crate) fn close(
    transaction: &mut Transaction<'_>,
    case: Case,
    outcome: &str,
    actor: Option<UserId>,
) -> Result<(), ServiceError> {
    transaction.supersede_proposal(ProposalKind::Case, &case.id.to_string())?;
    enter(transaction, case.id, "closed", actor, &json!({"outcome": outcome}))?;
    let closed = Case {
        status: CaseStatus::Closed,
        version: case.version + 1,
        closed_at: Some(transaction.now()),
        outcome: Some(outcome.to_owned()),
        ..case
    };
    transaction.change_case(&closed).map_err(ServiceError::Store)
}

/// How many messages of a member may wait for the registry's answer. Ours: more than a conversation needs, few enough to read.
const UNANSWERED_MAX: usize = 20;

/// Records a member's reply in the open case of its VASP.
///
/// # Errors
/// `ServiceError::IllegalStep` if no case is open, `Refused` if too many messages wait for an answer, `Store`.
pub(crate) fn member_answered(
    transaction: &mut Transaction<'_>,
    kept: &KeptRecord,
    user: UserId,
    text: &str,
) -> Result<CaseEntry, ServiceError> {
    let none = || ServiceError::IllegalStep("There is no open case about the record; submit the record to open one.".to_owned());
    let seen = transaction.conn().open_case_of(kept.vasp)?.filter(|_| kept.stands()).ok_or_else(none)?;
    let mut case = transaction.lock_case(seen.id)?.filter(|case| case.closed_at.is_none()).ok_or_else(none)?;
    if case.status == CaseStatus::Waiting {
        case.status = if case.assignee.is_some() { CaseStatus::Taken } else { CaseStatus::Open };
    }
    let entries = transaction.conn().case_entries(case.id)?;
    let unanswered = entries.iter().rev().take_while(|entry| entry.kind != "message").filter(|entry| entry.kind == "reply");
    if unanswered.count() >= UNANSWERED_MAX {
        let detail = format!(
            "{UNANSWERED_MAX} of your messages wait for the registry's answer, which is the most that may; write again after it."
        );
        return Err(Refusal::new(ProblemCode::Conflict, detail).into());
    }
    let entry = enter(transaction, case.id, "reply", Some(user), &json!({"text": text}))?;
    case.version += 1;
    transaction.change_case(&case)?;
    Ok(entry)
}
