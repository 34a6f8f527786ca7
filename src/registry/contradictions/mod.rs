//! Opens a case, or joins the open one, if an import contradicts the directory. This happens in the import's own transaction. A public
//! register, GLEIF or a compilation may contradict an approved record. A list of non-compliant providers may name any VASP. The same
//! finding is reported once; confirmations are not reported.

mod lists;
mod registers;

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::cases::{Trigger, open_or_join_by};
use crate::node::{ImportError, ServiceError};
use vasp_record::case::{Cause, TriggerKind};
use vasp_record::vasp::VaspStatus;
use vasp_store::Transaction;
use vasp_words::ids::VaspId;

pub(crate) use lists::{against_gleif, against_non_compliant, against_third_parties};
pub(crate) use registers::{Contradictions, entered, found as found_in_register, said_otherwise};

/// A finding of an import against a VASP.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    /// The VASP that the finding is about.
    pub vasp: VaspId,
    /// Who caused it. What a VASP publishes itself may differ at every look.
    pub by: Cause,
    /// The kind of the case.
    pub kind: TriggerKind,
    /// What identifies the same finding in a later import.
    pub identity: Value,
    /// One sentence for people.
    pub summary: String,
    /// What was found where, for reviewers.
    pub detail: Value,
}

impl Found {
    /// Returns the key under which the finding is remembered.
    fn key(&self) -> String {
        hex::encode(digest(&SHA256, self.identity.to_string().as_bytes()).as_ref())
    }
}

/// Returns whether two people approved the record. Nobody may contradict such a record unnoticed.
pub(crate) fn is_approved(status: VaspStatus) -> bool {
    matches!(status, VaspStatus::Verified | VaspStatus::Suspended)
}

/// Returns whether the record is still dealt with. About a record that is gone there is nothing to decide.
pub(crate) fn is_dealt_with(status: VaspStatus) -> bool {
    !matches!(status, VaspStatus::Revoked | VaspStatus::Rejected | VaspStatus::Withdrawn | VaspStatus::Retired)
}

/// Locks open cases against changes until the end of the transaction. Call it after `lock_vasps`, if that is needed, and before locking any
/// other row. A decision on a case locks in the same order; with another order the two would deadlock.
pub(crate) fn lock_cases(transaction: &mut Transaction<'_>) -> Result<(), ImportError> {
    Ok(transaction.lock_open_cases()?)
}

/// Opens or joins the case of each VASP with a new finding. Returns the number of cases.
pub(crate) fn open_cases(transaction: &mut Transaction<'_>, mut found: Vec<Found>) -> Result<u64, ImportError> {
    found.sort_by_key(|one| (one.vasp, one.kind));
    let mut told: BTreeMap<TriggerKind, BTreeSet<(VaspId, String)>> = BTreeMap::new();
    for kind in found.iter().map(|one| one.kind).collect::<BTreeSet<_>>() {
        let about: Vec<VaspId> = found.iter().filter(|one| one.kind == kind).map(|one| one.vasp).collect();
        let details = transaction.conn().trigger_details(kind, &about)?;
        let key = |detail: &Value| detail.get("key")?.as_str().map(str::to_owned);
        told.insert(kind, details.into_iter().filter_map(|(vasp, detail, _)| Some((vasp, key(&detail)?))).collect());
    }
    let mut cases = BTreeSet::new();
    for one in found {
        let key = one.key();
        if !told.entry(one.kind).or_default().insert((one.vasp, key.clone())) {
            continue;
        }
        let mut detail = json!({"summary": one.summary, "key": key});
        if let (Value::Object(members), Value::Object(more)) = (&mut detail, one.detail) {
            members.extend(more);
        }
        let trigger = Trigger { kind: one.kind, detail, actor: None };
        let case = open_or_join_by(transaction, one.vasp, &trigger, one.by).map_err(refused)?;
        cases.insert(case.id);
    }
    Ok(u64::try_from(cases.len()).unwrap_or(u64::MAX))
}

fn refused(error: ServiceError) -> ImportError {
    match error {
        ServiceError::Store(error) => ImportError::Store(error),
        other => ImportError::Document { file: "a case".to_owned(), reason: other.to_string() },
    }
}
