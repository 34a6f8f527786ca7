//! Operators open cases themselves: about a record that they want looked at, or two records that are one.

use serde_json::json;

use super::super::{Act, Deed, Reply, ServiceError};
use super::apply::check_step;
use super::facts::Current;
use super::open::{Trigger, open_or_join};
use super::propose::{Proposal, fill_in, proposal_digest};
use super::read::CaseRecord;
use super::work::{Held, invalid};
use crate::service::member::check_text;
use vasp_record::case::{CaseStatus, Decision, TriggerKind};
use vasp_store::StoreError;
use vasp_words::ids::{CaseId, VaspId};

/// Opens a case about a record of the directory, or joins the open one.
///
/// # Errors
/// `ServiceError::NotFound`, `Invalid`, `Store`.
pub fn open_case(act: Act<'_, CaseRecord>, vasp: VaspId, reason: &str) -> Result<Reply, ServiceError> {
    check_text("/reason", reason)?;
    act.run("case.open", |transaction, identity| {
        if Current::read(transaction.conn(), vasp)?.is_none() {
            return Err(ServiceError::NotFound(format!("The directory has no VASP with the id {vasp}.")));
        }
        let detail = json!({"summary": reason});
        let trigger = Trigger { kind: TriggerKind::OperatorChange, detail, actor: Some(identity.user.to_string()) };
        let case = open_or_join(transaction, vasp, &trigger)?;
        let record = CaseRecord::read(transaction.conn(), case)?;
        let id = record.id;
        Ok(Deed::new(record, id, json!({"vasp": vasp})))
    })
}

/// Proposes that a record is another one: opens or joins its case, which another person approves. Both ids go on working.
///
/// # Errors
/// `ServiceError::NotFound`, `IllegalStep`, `Invalid` for a record and itself or one of another kind, `Store`.
pub fn merge_vasps(act: Act<'_, CaseRecord>, vasp: VaspId, into: VaspId, reason: &str) -> Result<Reply, ServiceError> {
    check_text("/reason", reason)?;
    act.run("vasp.merge", |transaction, identity| {
        let missing = |id: VaspId| ServiceError::NotFound(format!("The directory has no VASP with the id {id}."));
        let current = Current::read(transaction.conn(), vasp)?.ok_or_else(|| missing(vasp))?;
        let target = Current::read(transaction.conn(), into)?.ok_or_else(|| missing(into))?;
        if vasp == into || current.kind != target.kind {
            return Err(invalid("/into", "name another record of the same kind".to_owned()));
        }
        // Before the case, as everywhere: two who lock in different orders wait for each other.
        transaction.lock_submission(&vasp.to_string())?;
        let detail = json!({"summary": "two records may be one VASP", "into": into});
        let trigger = Trigger { kind: TriggerKind::Duplicate, detail, actor: Some(identity.user.to_string()) };
        let case = open_or_join(transaction, vasp, &trigger)?;
        let wrong = |_| StoreError::Inconsistent { table: "cases", column: "id", id: case.id.clone() };
        let id: CaseId = case.id.parse().map_err(wrong)?;
        let mut held = Held::open(transaction, id)?;
        check_step(&held, Some(&current), Decision::Merge)?;
        let proposal = Proposal { decision: Decision::Merge, reason: reason.to_owned(), target: Some(into) };
        fill_in(&mut held, identity, &proposal, transaction.now());
        held.case.assignee.get_or_insert_with(|| identity.user.to_string());
        held.case.status = CaseStatus::Proposed.as_str().to_owned();
        held.case.proposal_digest = Some(proposal_digest(transaction.conn(), &held, Some(&current))?);
        let body = json!({"decision": Decision::Merge, "reason": reason, "target": into,
                          "proposal_digest": held.case.proposal_digest});
        held.enter(transaction, "proposed", Some(identity.user), &body)?;
        held.write(transaction)?;
        let record = CaseRecord::read(transaction.conn(), held.case)?;
        Ok(Deed::new(record, id, json!({"vasp": vasp, "into": into})))
    })
}
