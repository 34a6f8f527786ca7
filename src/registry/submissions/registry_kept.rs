//! Records that the registry keeps itself, because their VASPs do not. A reviewer writes them, and two people approve them like any
//! other record. A member that adopts such a record takes it over.

use serde_json::json;

use super::MemberRecord;
use super::adopt::draft;
use crate::acts::{Act, Deed, Reply};
use crate::node::{Page, Registry, ServiceError};
use vasp_record::role::OrganisationKind;
use vasp_record::vasp::{VaspKind, VaspStatus};
use vasp_store::{Conn, KeptRecord, Transaction};
use vasp_words::ids::VaspId;

/// Returns whether the registry itself keeps a record.
pub(crate) fn is_registry_kept(conn: &mut Conn, kept: &KeptRecord) -> Result<bool, ServiceError> {
    let keeper = conn.organisation(kept.organisation)?;
    Ok(keeper.is_some_and(|keeper| keeper.kind == OrganisationKind::Operator))
}

/// Locks and reads a record that the registry keeps.
pub(super) fn lock(transaction: &mut Transaction<'_>, vasp: VaspId) -> Result<KeptRecord, ServiceError> {
    let known = transaction.lock_submissions(vasp)?;
    registry_s(transaction.conn(), known)?.ok_or_else(|| not_kept(vasp))
}

/// Returns the registry's own submission about a record; `None` if it has none, or if a member keeps the record.
fn registry_s(conn: &mut Conn, known: Vec<KeptRecord>) -> Result<Option<KeptRecord>, ServiceError> {
    let mut found = None;
    for kept in known {
        if is_registry_kept(conn, &kept)? {
            found = Some(kept);
        } else if kept.stands() && kept.approved.is_some() {
            return Ok(None);
        }
    }
    Ok(found)
}

fn not_kept(vasp: VaspId) -> ServiceError {
    let begin = format!("if no member keeps it, start a draft with POST /v1/vasps/{vasp}/draft");
    ServiceError::NotFound(format!("The registry itself does not keep the record {vasp}; {begin}."))
}

/// Starts a draft for a record of the directory that no member keeps, filled with what is known about the VASP. Members' own drafts
/// of the record stay.
///
/// # Errors
/// `ServiceError::NotFound`; `IllegalStep` if the record is kept or submitted already, or if it is not a live entity; `Store`.
pub fn draft_record(act: Act<'_, MemberRecord>, vasp: VaspId) -> Result<Reply, ServiceError> {
    let generation = act.registry.pin(act.now);
    act.run("vasp.draft", |transaction, identity| {
        let record = generation.records().get(vasp).filter(|record| record.id == vasp);
        let record = record.ok_or_else(|| ServiceError::NotFound(format!("The directory has no VASP with the id {vasp}.")))?;
        let illegal = |detail: String| Err(ServiceError::IllegalStep(detail));
        if record.kind != VaspKind::Entity || !matches!(record.status, VaspStatus::Listed | VaspStatus::Verified) {
            return illegal(format!(
                "The record is {}; the registry can keep only entities that are listed or verified.",
                record.status.as_str()
            ));
        }
        let known = transaction.lock_submissions(vasp)?;
        if let Some(kept) = known.iter().find(|kept| kept.stands()) {
            return illegal(format!("The record is already kept; its submission is {}.", kept.status.as_str()));
        }
        let before = registry_s(transaction.conn(), known)?;
        let keeper = before.as_ref().map_or(identity.organisation, |kept| kept.organisation);
        let kept = draft(transaction, keeper, record, before.as_ref())?;
        Ok(Deed::new(MemberRecord::read(transaction.conn(), kept)?, vasp, json!({})))
    })
}

/// Returns a record that the registry keeps.
pub(super) fn find(conn: &mut Conn, vasp: VaspId) -> Result<KeptRecord, ServiceError> {
    let known = conn.submissions_about(vasp)?;
    registry_s(conn, known)?.ok_or_else(|| not_kept(vasp))
}

/// Lists the records that the registry keeps itself, in order of their ids. A record that a member took over is not among them.
///
/// # Errors
/// `ServiceError::Store`.
pub fn list_records(registry: &Registry, after: &str, limit: usize) -> Result<Page<MemberRecord, VaspId>, ServiceError> {
    registry.store().read::<_, ServiceError>(|conn| {
        let found = conn.submissions_of_registry(after, Page::wanted(limit))?;
        let page = Page::of(found.into_iter(), limit, |kept| kept.vasp);
        let mut items = Vec::with_capacity(page.items.len());
        for kept in page.items {
            let known = conn.submissions_about(kept.vasp)?;
            if let Some(kept) = registry_s(conn, known)? {
                items.push(MemberRecord::read(conn, kept)?);
            }
        }
        Ok(Page { items, next: page.next })
    })
}
