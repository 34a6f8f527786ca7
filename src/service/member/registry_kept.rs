//! Records that the registry keeps itself, because their VASPs do not: written by a reviewer, vouched for by two people like any
//! other, and given up to the member that adopts them.

use serde_json::json;

use super::super::{Act, Deed, Registry, Reply, ServiceError};
use super::adopt::draft_in_place;
use super::edit::begin;
use super::{MemberRecord, OVER, SubmissionPatch, check, refuse_duplicates};
use vasp_record::role::OrganisationKind;
use vasp_record::submission::Submission;
use vasp_record::vasp::{VaspKind, VaspStatus};
use vasp_store::{Conn, KeptRecord, Transaction};
use vasp_words::ids::VaspId;

/// Tells whether the registry itself keeps a record.
pub(in crate::service) fn is_registry_kept(conn: &mut Conn, kept: &KeptRecord) -> Result<bool, ServiceError> {
    let keeper = conn.organisation(kept.organisation)?;
    Ok(keeper.is_some_and(|keeper| keeper.kind == OrganisationKind::Operator))
}

/// Locks and reads a record that the registry keeps.
pub(super) fn lock(transaction: &mut Transaction<'_>, vasp: VaspId) -> Result<KeptRecord, ServiceError> {
    let kept = transaction.lock_submission(vasp)?.ok_or_else(|| not_kept(vasp))?;
    if is_registry_kept(transaction.conn(), &kept)? { Ok(kept) } else { Err(not_kept(vasp)) }
}

fn not_kept(vasp: VaspId) -> ServiceError {
    let begin = format!("POST /v1/operator/vasps/{vasp}/draft begins to, where no member does");
    ServiceError::NotFound(format!("The registry itself keeps no record {vasp}; {begin}."))
}

/// Begins a record that is nowhere yet.
///
/// # Errors
/// `ServiceError::PossibleDuplicate`, `Invalid`, `Store`.
pub fn create_record(act: Act<'_, MemberRecord>, patch: SubmissionPatch) -> Result<Reply, ServiceError> {
    let said = patch.apply(&Submission::default());
    check(&said, &Submission::default())?;
    let found = refuse_duplicates(&act.registry.pin(act.now), None, &said);
    act.run("vasp.create", |transaction, identity| found.and_then(|()| begin(transaction, identity, said)))
}

/// Begins to keep a record of the directory that no member keeps, as a draft with what is known. What a member has not handed in
/// yet gives way.
///
/// # Errors
/// `ServiceError::NotFound`, `IllegalStep` where a member keeps it or has handed it in, or it is no live entity, `Store`.
pub fn draft_record(act: Act<'_, MemberRecord>, vasp: VaspId) -> Result<Reply, ServiceError> {
    let generation = act.registry.pin(act.now);
    act.run("vasp.draft", |transaction, identity| {
        let record = generation.records().get(vasp).filter(|record| record.id == vasp);
        let record = record.ok_or_else(|| ServiceError::NotFound(format!("The directory has no VASP with the id {vasp}.")))?;
        let illegal = |detail: String| Err(ServiceError::IllegalStep(detail));
        if record.kind != VaspKind::Entity || !matches!(record.status, VaspStatus::Listed | VaspStatus::Verified) {
            return illegal(format!(
                "The record is {}; only entities that are listed or verified can be kept.",
                record.status.as_str()
            ));
        }
        let before = transaction.lock_submission(vasp)?;
        if let Some(kept) = &before
            && kept.status != VaspStatus::Draft
            && !OVER.contains(&kept.status)
        {
            return illegal(format!("The record is kept already; what is handed in about it is {}.", kept.status.as_str()));
        }
        let kept = draft_in_place(transaction, identity, record, before.as_ref())?;
        Ok(Deed::new(MemberRecord::read(transaction.conn(), kept)?, vasp, json!({})))
    })
}

/// Returns a record that the registry keeps.
///
/// # Errors
/// `ServiceError::NotFound`, `Store`.
pub fn read_record(registry: &Registry, vasp: VaspId) -> Result<MemberRecord, ServiceError> {
    registry.store().read(|conn| {
        let kept = conn.submission(vasp)?.ok_or_else(|| not_kept(vasp))?;
        if is_registry_kept(conn, &kept)? { MemberRecord::read(conn, kept) } else { Err(not_kept(vasp)) }
    })
}
