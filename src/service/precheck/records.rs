//! What an organisation sees of its recorded pre-checks without opening them: digests, references and codes, which stay when the
//! rest is erased.

use std::sync::Arc;

use rand_core::RngCore;

use super::{Recording, read_precheck};
use crate::directory::{Documents, OwnPolicies, PrivateState};
use crate::service::{Identity, Page, Registry, ServiceError};
use vasp_rules::policy::{Policy, Recommendation};
use vasp_rules::precheck::CheckCode;
use vasp_rules::precheck_retention::PrecheckRetention;
use vasp_store::{PrecheckFilter, PrecheckRecordRow, StoreError};
use vasp_words::ids::{OrganisationId, PrecheckId, VaspId};
use vasp_words::time::UtcTime;

/// A recorded pre-check without what was asked and answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrecheckRecord {
    /// Id.
    pub id: String,
    /// When it was recorded.
    pub recorded_at: UtcTime,
    /// Sequence of the directory that answered.
    pub sequence: i64,
    /// What was recommended; none in what was recorded before it was kept apart.
    pub recommendation: Option<String>,
    /// Codes of the reasons, worst first.
    pub codes: Vec<String>,
    /// The counterparty's VASP.
    pub counterparty: Option<String>,
    /// Policy, `name@version`.
    pub policy: Option<String>,
    /// SHA-256 of the request, hex.
    pub request_digest: Option<String>,
    /// SHA-256 of the answer, hex.
    pub answer_digest: Option<String>,
    /// Until when what was asked and answered is kept.
    pub payload_until: UtcTime,
    /// When it was erased.
    pub erased_at: Option<UtcTime>,
}

/// Which pre-checks are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrecheckSelection {
    /// Recorded at this moment or later.
    pub since: Option<UtcTime>,
    /// With this recommendation.
    pub recommendation: Option<Recommendation>,
    /// About this VASP.
    pub counterparty: Option<VaspId>,
    /// With this code among the reasons.
    pub code: Option<CheckCode>,
}

impl PrecheckRecord {
    fn read(row: PrecheckRecordRow, retention: PrecheckRetention) -> Result<Self, ServiceError> {
        let wrong = |_| StoreError::Inconsistent { table: "prechecks", column: "at", id: row.id.clone() };
        let at = |micros: i64| UtcTime::from_micros(micros).map_err(wrong);
        let recorded_at = at(row.recorded_at)?;
        let erased_at = row.erased_at.map(at).transpose()?;
        let codes = row.codes.iter().flat_map(|codes| codes.split_whitespace()).map(str::to_owned).collect();
        Ok(Self {
            recorded_at,
            sequence: row.sequence,
            recommendation: row.recommendation,
            codes,
            counterparty: row.counterparty,
            policy: row.policy,
            request_digest: row.request_digest,
            answer_digest: row.answer_digest,
            payload_until: retention.kept_until(recorded_at),
            erased_at,
            id: row.id,
        })
    }
}

/// Lists the pre-checks of the caller's organisation, oldest first.
///
/// # Errors
/// `ServiceError::Store`.
pub fn list_prechecks(
    registry: &Registry,
    identity: &Identity,
    selection: &PrecheckSelection,
    (after, limit): (&str, usize),
) -> Result<Page<PrecheckRecord, String>, ServiceError> {
    let organisation = identity.organisation.to_string();
    let filter = PrecheckFilter {
        since: selection.since.map(UtcTime::micros),
        recommendation: selection.recommendation.map(|word| word.as_str().to_owned()),
        counterparty: selection.counterparty.map(|id| id.to_string()),
        code: selection.code.map(|code| code.as_str().to_owned()),
    };
    let wanted = Page::wanted(limit);
    let (rows, retention) = registry.store().read::<_, StoreError>(|conn| {
        Ok((conn.precheck_records(&organisation, &filter, (after, wanted))?, conn.retention(&organisation)?))
    })?;
    let retention = super::erase::retention_of(retention.as_ref());
    let items = rows.into_iter().map(|row| PrecheckRecord::read(row, retention)).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::of(items.into_iter(), limit, |item| item.id.clone()))
}

/// Returns what stays of a pre-check of the caller's organisation.
///
/// # Errors
/// `ServiceError::NotFound` for others' and where there is none, `Store`.
pub fn read_precheck_record(registry: &Registry, identity: &Identity, id: PrecheckId) -> Result<PrecheckRecord, ServiceError> {
    let (id, organisation) = (id.to_string(), identity.organisation.to_string());
    let (row, retention) = registry
        .store()
        .read::<_, StoreError>(|conn| Ok((conn.precheck_record(&id, &organisation)?, conn.retention(&organisation)?)))?;
    let row = row.ok_or_else(|| ServiceError::NotFound(format!("There is no pre-check {id}.")))?;
    PrecheckRecord::read(row, super::erase::retention_of(retention.as_ref()))
}

/// Returns a recorded pre-check with what stays of it; no recording where that was erased.
///
/// # Errors
/// As [`read_precheck`].
pub fn read_recording(
    registry: &Registry,
    identity: &Identity,
    id: PrecheckId,
    (now, rng): (UtcTime, &mut dyn RngCore),
) -> Result<(PrecheckRecord, Option<Recording>), ServiceError> {
    let record = read_precheck_record(registry, identity, id)?;
    if record.erased_at.is_some() {
        return Ok((record, None));
    }
    let recording = read_precheck(registry, id, identity.organisation, now, rng)?;
    Ok((record, Some(recording)))
}

/// Returns the documents that a recorded pre-check was judged by, and the policy: the organisation's own version, or the registry's at
/// that sequence; no policy where neither is there any more.
pub(super) fn policy_of(
    registry: &Registry,
    organisation: OrganisationId,
    recording: &Recording,
) -> Result<(Arc<Documents>, Option<Arc<Policy>>), ServiceError> {
    let whose = recording.whose.unwrap_or(organisation);
    let (state, documents) = registry.store().read::<_, crate::directory::DirectoryError>(|conn| {
        let state = if recording.revision > 0 {
            PrivateState::load(conn, whose, recording.revision)?.policies
        } else {
            OwnPolicies::default()
        };
        Ok((state, Documents::load(conn, recording.sequence)?))
    })?;
    let wanted = recording.policy.parse().ok();
    let policy = wanted.and_then(|wanted| super::policy_choice::find(&documents.policy.value, &state, &wanted).cloned());
    Ok((documents, policy))
}
