//! An organisation asks a member for access to its answers; the member grants it by giving access, or declines. Whether anything is
//! answered yet makes no difference to whoever asks.

use std::collections::BTreeSet;

use serde_json::json;

use super::{check_sections, instant, invalid, ownership_number, ownership_of, sections_of, sections_text};
use crate::service::sealed_traces::tell_privately;
use crate::service::{Act, Deed, Fault, Identity, Page, Registry, Reply, ServiceError, find_vasp};
use vasp_pki::DataKey;
use vasp_record::vasp::VaspStatus;
use vasp_record::vasp_name::VaspName;
use vasp_rules::questionnaire::access::OwnershipAccess;
use vasp_rules::questionnaire::answers::text_fault;
use vasp_store::{AccessRequestRow, Conn, StoreError};
use vasp_words::ids::{AccessRequestId, VaspId};
use vasp_words::time::UtcTime;

/// Longest reason, in characters.
const REASON_MAX: usize = 500;
/// How many of its own requests about one VASP an organisation is shown.
const OWN_MAX: i64 = 50;
const MISSING: &str = "There is no such open request.";

/// A request to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRequest {
    /// Sections; none: all.
    pub sections: Option<BTreeSet<String>>,
    /// The ownership chain.
    pub ownership: OwnershipAccess,
    /// Why.
    pub reason: String,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRequest {
    /// Id.
    pub id: String,
    /// The VASP asked about.
    pub vasp: String,
    /// Who asks.
    pub asker: String,
    /// Sections; none: all.
    pub sections: Option<BTreeSet<String>>,
    /// The ownership chain.
    pub ownership: OwnershipAccess,
    /// Why.
    pub reason: String,
    /// `open`, `granted` or `declined`.
    pub state: String,
    /// When it was made.
    pub created_at: UtcTime,
    /// When it was answered.
    pub decided_at: Option<UtcTime>,
}

impl TryFrom<AccessRequestRow> for AccessRequest {
    type Error = ServiceError;
    fn try_from(row: AccessRequestRow) -> Result<Self, ServiceError> {
        let at = |micros| instant("questionnaire_requests", &row.id, micros);
        Ok(Self {
            sections: sections_of(row.sections.as_deref()),
            ownership: ownership_of(row.ownership),
            created_at: at(row.created_at)?,
            decided_at: row.decided_at.map(at).transpose()?,
            id: row.id,
            vasp: row.vasp,
            asker: row.asker,
            reason: row.reason,
            state: row.state,
        })
    }
}

/// The member that keeps a VASP's record.
fn keeper_of(conn: &mut Conn, vasp: VaspId) -> Result<Option<String>, ServiceError> {
    let kept = conn.submission(vasp)?.filter(|kept| kept.status == VaspStatus::Verified);
    Ok(kept.map(|kept| kept.organisation.to_string()))
}

/// The key under which another organisation is told: who looks into whom is no business of whoever runs the registry.
fn key_of<T>(act: &mut Act<'_, T>, organisation: &str) -> Result<DataKey, ServiceError> {
    let wrong = |_| StoreError::Inconsistent { table: "organisations", column: "id", id: organisation.to_owned() };
    act.registry.data_key(organisation.parse().map_err(wrong)?, act.now, act.rng)
}

/// Asks the member that keeps a VASP for access to its answers.
///
/// # Errors
/// `ServiceError::NotFound`, `AmbiguousLei`; `IllegalStep` where no member keeps the record; `Conflict` where a request is open
/// already; `Invalid`; `Store`.
pub fn request_access(mut act: Act<'_, AccessRequest>, vasp: VaspName, new: &NewRequest) -> Result<Reply, ServiceError> {
    let generation = act.registry.pin(act.now);
    let vasp = find_vasp(generation.records(), vasp)?.id;
    check_sections(&generation.documents().questionnaire.value, new.sections.as_ref())?;
    let reason = new.reason.trim();
    if let Some(detail) = text_fault(reason, REASON_MAX) {
        return Err(invalid("/reason", "invalid_value", detail));
    }
    // Keys are made outside of the transaction.
    let told = act.registry.store().read::<_, ServiceError>(|conn| keeper_of(conn, vasp))?;
    let key = told.as_deref().map(|keeper| key_of(&mut act, keeper)).transpose()?;
    act.run_privately("questionnaire.access.request", |transaction, identity| {
        let keeper = keeper_of(transaction.conn(), vasp)?
            .ok_or_else(|| ServiceError::IllegalStep("No member keeps this record, so nobody answers for it.".to_owned()))?;
        let key = key.filter(|_| told.as_ref() == Some(&keeper)).ok_or(StoreError::Stale { table: "vasp_submissions" })?;
        let asker = identity.organisation.to_string();
        if keeper == asker {
            return Err(ServiceError::IllegalStep("This is your own VASP.".to_owned()));
        }
        let now = transaction.now();
        let row = AccessRequestRow {
            id: AccessRequestId::new(now, transaction.conn_and_rng().1).to_string(),
            organisation: keeper,
            vasp: vasp.to_string(),
            asker,
            sections: sections_text(new.sections.as_ref()),
            ownership: ownership_number(new.ownership),
            reason: reason.to_owned(),
            state: "open".to_owned(),
            created_at: now.micros(),
            decided_at: None,
        };
        if !transaction.add_access_request(&row)? {
            let detail = "a request of yours is open already".to_owned();
            return Err(ServiceError::Conflict(Fault { pointer: String::new(), code: "request_open", detail }));
        }
        let details = json!({"vasp": vasp, "sections": new.sections, "ownership": row.ownership == 1});
        let told = json!({"vasp": vasp, "organisation": row.asker, "sections": new.sections, "ownership": row.ownership == 1});
        tell_privately(transaction, (&row.organisation, &key), ("questionnaire.access.request", &row.id, &told))?;
        let id = row.id.clone();
        Ok(Deed::new(row.try_into()?, id, details))
    })
}

/// Declines a request.
///
/// # Errors
/// `ServiceError::NotFound` where there is none such that is open; `Store`.
pub fn decline_request(mut act: Act<'_, AccessRequest>, id: &str) -> Result<Reply, ServiceError> {
    let asker = act.registry.store().read::<_, StoreError>(|conn| conn.access_request(id))?.map(|row| row.asker);
    let key = asker.as_deref().map(|asker| key_of(&mut act, asker)).transpose()?;
    act.run_privately("questionnaire.access.decline", |transaction, identity| {
        let (own, now) = (identity.organisation.to_string(), transaction.now().micros());
        let missing = || ServiceError::NotFound(MISSING.to_owned());
        if transaction.decide_access_requests((&own, Some(id), None), "declined", now)? == 0 {
            return Err(missing());
        }
        let row = transaction.conn().access_request(id)?.ok_or_else(missing)?;
        let details = json!({"vasp": row.vasp, "organisation": row.asker});
        let key = key.ok_or_else(missing)?;
        tell_privately(transaction, (&row.asker, &key), ("questionnaire.access.decline", id, &details))?;
        Ok(Deed::new(row.try_into()?, id, details))
    })
}

/// Lists who asked the caller's organisation, oldest first.
///
/// # Errors
/// `ServiceError::Store`.
pub fn list_requests(
    registry: &Registry,
    identity: &Identity,
    (after, limit): (&str, usize),
) -> Result<Page<AccessRequest, String>, ServiceError> {
    let (own, wanted) = (identity.organisation.to_string(), Page::wanted(limit));
    let rows = registry.store().read::<_, ServiceError>(|conn| Ok(conn.access_requests_to(&own, after, wanted)?))?;
    let items = rows.into_iter().map(AccessRequest::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::of(items.into_iter(), limit, |item| item.id.clone()))
}

/// Lists what the caller's organisation asked about a VASP, newest first.
///
/// # Errors
/// `ServiceError::NotFound`, `AmbiguousLei`, `Store`.
pub fn list_own_requests(
    registry: &Registry,
    identity: &Identity,
    vasp: VaspName,
    now: UtcTime,
) -> Result<Vec<AccessRequest>, ServiceError> {
    let vasp: VaspId = find_vasp(registry.pin(now).records(), vasp)?.id;
    let (own, vasp) = (identity.organisation.to_string(), vasp.to_string());
    let rows = registry.store().read::<_, ServiceError>(|conn| Ok(conn.access_requests_by(&own, &vasp, OWN_MAX)?))?;
    rows.into_iter().map(AccessRequest::try_from).collect()
}
