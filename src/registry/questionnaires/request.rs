//! An organisation asks a member for access to its answers. The member grants the request by giving access, or declines it. The asker
//! cannot see from this whether the member has answered anything.

use std::collections::BTreeSet;

use serde_json::json;

use super::check_sections;
use crate::acts::sealed_traces::tell_privately;
use crate::acts::{Act, Deed, Identity, Reply};
use crate::node::{Fault, Page, Registry, ServiceError, find_vasp, invalid};
use vasp_pki::DataKey;
use vasp_record::answers_access::{AccessRequestState, OwnershipAccess, Sections};
use vasp_record::vasp::VaspStatus;
use vasp_record::vasp_name::VaspName;
use vasp_rules::questionnaire::answers::text_fault;
use vasp_store::{AccessRequest, Conn, StoreError};
use vasp_words::ids::{AccessRequestId, OrganisationId, VaspId};
use vasp_words::time::UtcTime;

/// Longest reason, in characters.
const REASON_MAX: usize = 500;
/// Largest number of its own requests about one VASP that an organisation sees.
const OWN_MAX: i64 = 50;
const MISSING: &str = "There is no such open request.";

/// The request to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRequest {
    /// The sections that it asks for. `None` means all.
    pub sections: Option<BTreeSet<String>>,
    /// Whether it asks for the chain of owners.
    pub ownership: OwnershipAccess,
    /// The reason for the request.
    pub reason: String,
}

/// Returns the member that keeps a VASP's record. `None` if no member does.
fn keeper_of(conn: &mut Conn, vasp: VaspId) -> Result<Option<OrganisationId>, ServiceError> {
    let kept = conn.submission(vasp)?.filter(|kept| kept.status == VaspStatus::Verified);
    Ok(kept.map(|kept| kept.organisation))
}

/// Returns the data key that seals the event for another organisation. The registry's operator must not learn which organisation
/// examines which.
fn key_of<T>(act: &mut Act<'_, T>, organisation: OrganisationId) -> Result<DataKey, ServiceError> {
    act.registry.data_key(organisation, act.now, act.rng)
}

/// Asks the member that keeps a VASP for access to its answers.
///
/// # Errors
/// `ServiceError::NotFound`, `AmbiguousLei`. `IllegalStep` if no member keeps the record, or if it is the caller's own. `Conflict` if a
/// request is already open. Also `Invalid`, `Store`.
pub fn request_access(mut act: Act<'_, AccessRequest>, vasp: VaspName, new: &NewRequest) -> Result<Reply, ServiceError> {
    let generation = act.registry.pin(act.now);
    let vasp = find_vasp(generation.records(), vasp)?.id;
    check_sections(&generation.documents().questionnaire.value, new.sections.as_ref())?;
    let reason = new.reason.trim();
    if let Some(detail) = text_fault(reason, REASON_MAX) {
        return Err(invalid("/reason", "invalid_value", detail));
    }
    // A data key must be created before the transaction.
    let told = act.registry.store().read::<_, ServiceError>(|conn| keeper_of(conn, vasp))?;
    let key = told.map(|keeper| key_of(&mut act, keeper)).transpose()?;
    act.run_privately("questionnaire.access.request", |transaction, identity| {
        let keeper = keeper_of(transaction.conn(), vasp)?.ok_or_else(|| {
            ServiceError::IllegalStep("No member keeps this record, so nobody can answer the request.".to_owned())
        })?;
        let key = key.filter(|_| told == Some(keeper)).ok_or(StoreError::Stale { table: "vasp_submissions" })?;
        let asker = identity.organisation;
        if keeper == asker {
            return Err(ServiceError::IllegalStep("This is your own VASP.".to_owned()));
        }
        let now = transaction.now();
        let row = AccessRequest {
            id: AccessRequestId::new(now, transaction.conn_and_rng().1),
            organisation: keeper,
            vasp,
            asker,
            sections: new.sections.clone().map(Sections),
            ownership: new.ownership,
            reason: reason.to_owned(),
            state: AccessRequestState::Open,
            created_at: now,
            decided_at: None,
        };
        if !transaction.add_access_request(&row)? {
            let detail = "your organisation already has an open request for these answers".to_owned();
            return Err(ServiceError::Conflict(Fault { pointer: String::new(), code: "request_open", detail }));
        }
        let details = json!({"vasp": vasp, "sections": new.sections, "ownership": row.ownership.is_granted()});
        let told =
            json!({"vasp": vasp, "organisation": row.asker, "sections": new.sections, "ownership": row.ownership.is_granted()});
        tell_privately(
            transaction,
            &row.organisation.to_string(),
            &key,
            "questionnaire.access.request",
            Some(&row.id.to_string()),
            &told,
        )?;
        let id = row.id;
        Ok(Deed::new(row, id, details))
    })
}

/// Declines a request for access.
///
/// # Errors
/// `ServiceError::NotFound` if there is no such open request. Also `Store`.
pub fn decline_request(mut act: Act<'_, AccessRequest>, id: AccessRequestId) -> Result<Reply, ServiceError> {
    let asker = act.registry.store().read::<_, StoreError>(|conn| conn.access_request(id))?.map(|row| row.asker);
    let key = asker.map(|asker| key_of(&mut act, asker)).transpose()?;
    act.run_privately("questionnaire.access.decline", |transaction, identity| {
        let (own, now) = (identity.organisation, transaction.now());
        let missing = || ServiceError::NotFound(MISSING.to_owned());
        if transaction.decide_access_requests(own, Some(id), None, AccessRequestState::Declined, now)? == 0 {
            return Err(missing());
        }
        let row = transaction.conn().access_request(id)?.ok_or_else(missing)?;
        let details = json!({"vasp": row.vasp, "organisation": row.asker});
        let key = key.ok_or_else(missing)?;
        tell_privately(
            transaction,
            &row.asker.to_string(),
            &key,
            "questionnaire.access.decline",
            Some(&id.to_string()),
            &details,
        )?;
        Ok(Deed::new(row, id, details))
    })
}

/// Lists the requests to the caller's organisation, oldest first.
pub fn list_requests(
    registry: &Registry,
    identity: &Identity,
    after: &str,
    limit: usize,
) -> Result<Page<AccessRequest, String>, ServiceError> {
    let (own, wanted) = (identity.organisation, Page::wanted(limit));
    let rows = registry.store().read::<_, ServiceError>(|conn| Ok(conn.access_requests_to(own, after, wanted)?))?;
    Ok(Page::of(rows.into_iter(), limit, |item| item.id.to_string()))
}

/// Lists the requests of the caller's organisation about a VASP, newest first.
pub fn list_own_requests(
    registry: &Registry,
    identity: &Identity,
    vasp: VaspName,
    now: UtcTime,
) -> Result<Vec<AccessRequest>, ServiceError> {
    let vasp: VaspId = find_vasp(registry.pin(now).records(), vasp)?.id;
    registry.store().read(|conn| Ok(conn.access_requests_by(identity.organisation, vasp, OWN_MAX)?))
}
