//! What an organisation can see of its recorded pre-checks without opening them: digests, references and codes. These stay when the
//! rest is erased.

use std::sync::Arc;

use rand_core::RngCore;

use super::record::missing;
use super::{Recording, read_precheck};
use crate::acts::Identity;
use crate::directory::{Documents, OwnPolicies, PrivateState};
use crate::node::{Page, Registry, ServiceError};
use vasp_rules::policy::{Policy, Recommendation};
use vasp_rules::precheck::CheckCode;
use vasp_store::{PrecheckFilter, StoreError};
use vasp_words::ids::{OrganisationId, PrecheckId, VaspId};
use vasp_words::time::UtcTime;

pub use vasp_store::PrecheckRecord;

/// Selects the pre-checks to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrecheckSelection {
    /// Only those recorded at this moment or later.
    pub since: Option<UtcTime>,
    /// Only those with this recommendation.
    pub recommendation: Option<Recommendation>,
    /// Only those about this VASP.
    pub counterparty: Option<VaspId>,
    /// Only those with this code among the reasons.
    pub code: Option<CheckCode>,
    /// Only those whose transfer was released, refused or returned, or only those whose transfer was not.
    pub is_over: Option<bool>,
}

/// Lists the pre-checks of the caller's organisation, oldest first.
pub fn list_prechecks(
    registry: &Registry,
    identity: &Identity,
    selection: &PrecheckSelection,
    after: &str,
    limit: usize,
) -> Result<Page<PrecheckRecord, PrecheckId>, ServiceError> {
    let organisation = identity.organisation;
    let filter = PrecheckFilter {
        since: selection.since,
        recommendation: selection.recommendation.map(Recommendation::as_str),
        counterparty: selection.counterparty,
        code: selection.code.map(CheckCode::as_str),
        is_over: selection.is_over,
    };
    let wanted = Page::wanted(limit);
    let rows = registry.store().read::<_, StoreError>(|conn| conn.precheck_records(organisation, &filter, after, wanted))?;
    Ok(Page::of(rows.into_iter(), limit, |row| row.id))
}

/// Returns the record of a pre-check of an organisation and its recording. The recording is `None` if it was erased.
///
/// # Errors
/// `ServiceError::NotFound` if the organisation has no such pre-check. Also the errors of `read_precheck`.
pub fn read_recording(
    registry: &Registry,
    organisation: OrganisationId,
    id: PrecheckId,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<(PrecheckRecord, Option<Recording>), ServiceError> {
    let record = registry.store().read::<_, StoreError>(|conn| conn.precheck_record(id, organisation))?;
    let record = record.ok_or_else(|| missing(id))?;
    if record.erased_at.is_some() {
        return Ok((record, None));
    }
    let recording = read_precheck(registry, id, organisation, now, rng)?;
    Ok((record, Some(recording)))
}

/// Returns the documents that judged a recorded pre-check, and the policy. The policy is the organisation's own version, or the
/// registry's at that sequence. `None` if neither is available any more.
pub(super) fn policy_of(
    registry: &Registry,
    organisation: OrganisationId,
    recording: &Recording,
) -> Result<(Arc<Documents>, Option<Arc<Policy>>), ServiceError> {
    let whose = recording.whose.unwrap_or(organisation);
    let documents = registry.directory().documents_at(recording.sequence)?;
    let state = if recording.revision > 0 {
        registry.store().read(|conn| PrivateState::load(conn, whose, recording.revision))?.policies
    } else {
        OwnPolicies::default()
    };
    let wanted = recording.policy.parse().ok();
    let policy = wanted.and_then(|wanted| super::policy_choice::find(&documents.policy.value, &state, &wanted).cloned());
    Ok((documents, policy))
}
