//! How long an organisation keeps the pre-checks that it records from now on, if that is longer than the law demands. One person can lengthen it;
//! a shorter time takes two people. No setting changes how long an older record is kept.

use serde::{Deserialize, Serialize};

use crate::acts::Identity;
use crate::directory::PrivateState;
use crate::node::{Registry, ServiceError};
use crate::proposals::{Decision, Scene, Step, Taken, Wish};
use vasp_pki::DataKey;
use vasp_record::proposal::ProposalKind;
use vasp_rules::precheck_retention::{PrecheckRetention, RetentionFloor};
use vasp_store::{RetentionRow, Transaction};
use vasp_words::ids::OrganisationId;
use vasp_words::time::UtcTime;

/// What an organisation set, and what the law demands without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetentionSetting {
    /// The setting; `None` if the law alone decides.
    pub setting: Option<PrecheckRetention>,
    /// The law's period for a pre-check that is asked from the country of the organisation's VASP today; `None` if it has no VASP with a
    /// known country.
    pub floor: Option<RetentionFloor>,
}

/// Returns how long the caller's organisation keeps its pre-checks.
///
/// # Errors
/// `ServiceError::Directory` if the setting cannot be read.
pub fn read_retention(registry: &Registry, identity: &Identity, now: UtcTime) -> Result<RetentionSetting, ServiceError> {
    let generation = registry.pin(now);
    let country = identity.vasp.and_then(|own| generation.records().get(own)?.country);
    let rulebook = &generation.documents().rulebook.value;
    let floor = country.map(|country| RetentionFloor::of(rulebook.entries_for_country(country), [now.date(); 2]));
    Ok(RetentionSetting { setting: registry.directory().private(identity.organisation)?.retention, floor })
}

/// The content of a proposal: one number of days replaces another. `None`: the law alone decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionChange {
    /// The days before.
    pub from: Option<PrecheckRetention>,
    /// The new days.
    pub to: Option<PrecheckRetention>,
}

/// The setting, read while the counter of revisions is locked.
#[derive(Debug)]
pub struct HeldSetting {
    organisation: OrganisationId,
    revision: i64,
    pub(crate) current: Option<PrecheckRetention>,
}

/// A decision about the setting.
pub struct RetentionDecision {
    pub(crate) key: DataKey,
}

impl RetentionDecision {
    fn put(transaction: &mut Transaction<'_>, held: &HeldSetting, to: Option<PrecheckRetention>) -> Result<(), ServiceError> {
        let days = to.and_then(|days| i32::try_from(days.days()).ok());
        let row = RetentionRow { organisation: held.organisation, revision_from: held.revision, revision_to: None, days };
        Ok(transaction.set_retention(&row)?)
    }
}

impl Decision for RetentionDecision {
    const KIND: ProposalKind = ProposalKind::Retention;
    const IS_PRIVATE: bool = true;
    type Content = RetentionChange;
    type Ground = Option<PrecheckRetention>;
    type Held = HeldSetting;

    fn key(&self) -> Option<&DataKey> {
        Some(&self.key)
    }

    fn hold(&self, scene: &mut Scene<'_, '_>, _: Step) -> Result<HeldSetting, ServiceError> {
        let organisation = scene.identity.organisation;
        let revision = scene.transaction.next_private_revision(organisation)?;
        let current = PrivateState::load(scene.transaction.conn(), organisation, revision)?.retention;
        Ok(HeldSetting { organisation, revision, current })
    }

    fn subject(&self, held: &HeldSetting) -> String {
        held.organisation.to_string()
    }

    fn says(&self, _: &HeldSetting, RetentionChange { from, to }: &RetentionChange) -> String {
        let words = |days: &Option<PrecheckRetention>| {
            days.map_or_else(|| "as long as the law demands".to_owned(), |days| format!("at least {} days", days.days()))
        };
        let (to, from) = (words(to), words(from));
        format!("Keep pre-checks that are recorded from now on {to}, and not {from}. Older records stay as they are.")
    }

    fn ground(&self, _: &mut Scene<'_, '_>, held: &HeldSetting, _: &RetentionChange) -> Result<Self::Ground, ServiceError> {
        Ok(held.current)
    }

    fn consider(
        &self,
        scene: &mut Scene<'_, '_>,
        held: &mut HeldSetting,
        wanted: &Taken<'_, RetentionChange>,
    ) -> Result<Wish, ServiceError> {
        let to = wanted.content.to;
        if to == held.current {
            return Err(ServiceError::IllegalStep("This is the setting already.".to_owned()));
        }
        // No setting is the shortest: the law's period alone.
        if to < held.current {
            return Ok(Wish::Waits);
        }
        Self::put(scene.transaction, held, to)?;
        Ok(Wish::Acted)
    }

    fn take(
        &self,
        scene: &mut Scene<'_, '_>,
        held: &mut HeldSetting,
        taken: &Taken<'_, RetentionChange>,
    ) -> Result<(), ServiceError> {
        if taken.step == Step::Approve { Self::put(scene.transaction, held, taken.content.to) } else { Ok(()) }
    }
}
