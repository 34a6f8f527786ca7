//! Whose relationships a pre-check goes by, and what they say of the counterparty. Whoever asks for a member by its leave goes by that
//! member's: the duty is the member's. Whoever asks without credentials has none.

use std::sync::Arc;

use super::gather::Gathered;
use super::{PrecheckQuestion, Way};
use crate::directory::{Generation, PrivateState};
use crate::domain::ids::OrganisationId;
use crate::domain::obligations::Obligations;
use crate::domain::precheck::{Attribution, RelationshipFacts, RelationshipTransfer};
use crate::domain::relationship::Standing;
use crate::domain::role::Scope;
use crate::domain::time::UtcTime;
use crate::pki::DataKey;
use crate::service::relationships::ids_of;
use crate::service::{Identity, Registry, ServiceError};

/// The relationships that count.
pub(super) struct Relations {
    /// Sealed, with the key that opens them; none where there are none.
    kept: Option<(Arc<PrivateState>, DataKey)>,
    is_own: bool,
}

impl Relations {
    /// Finds whose they are.
    pub(super) fn of(
        registry: &Registry,
        generation: &Generation,
        question: &PrecheckQuestion,
        identity: Option<&Identity>,
        now: UtcTime,
    ) -> Result<Self, ServiceError> {
        let Some(identity) = identity else { return Ok(Self { kept: None, is_own: true }) };
        let organisation = acted_for(registry, generation, question, identity, now);
        let state = registry.directory().private(organisation);
        let is_own = organisation == identity.organisation;
        if state.relationships.is_empty() {
            return Ok(Self { kept: None, is_own });
        }
        let key = registry.own_data_key(organisation)?.ok_or_else(|| ServiceError::Unreadable {
            what: "relationship",
            reason: "the organisation has no data key".to_owned(),
        })?;
        Ok(Self { kept: Some((state, key)), is_own })
    }

    /// Returns the facts of the two checks.
    pub(super) fn facts(
        &self,
        generation: &Generation,
        gathered: &Gathered,
        question: &PrecheckQuestion,
        attribution: &Attribution<'_>,
        obligations: &Obligations,
    ) -> Result<RelationshipFacts<'_>, ServiceError> {
        let standing = match (&self.kept, attribution.entity()) {
            (Some((state, key)), Some(entity)) => {
                let (ids, group) = ids_of(generation.records(), entity.id);
                state.relationships.open(key)?.standing(&ids, &group)
            }
            _ => Standing::default(),
        };
        let own_side = match question.way {
            Way::Outgoing(_) => &obligations.originator,
            Way::Incoming(..) => &obligations.beneficiary,
        };
        let transfer = &question.transfer;
        let network = match gathered.accounts.as_slice() {
            [account] => Some(account.caip2.clone()),
            _ => transfer.asset.as_ref().map(|asset| asset.chain().clone()),
        };
        Ok(RelationshipFacts {
            standing,
            transfer: RelationshipTransfer {
                fiat: transfer.fiat,
                network,
                asset: transfer.asset.clone(),
                first_party: transfer.first_party,
                correspondent: transfer.correspondent,
            },
            duty: own_side.counterparty_due_diligence,
            shows_texts: self.is_own,
        })
    }
}

/// The organisation whose transfer it is: that of the VASP named, where the caller acts for it by leave; else the caller's.
fn acted_for(
    registry: &Registry,
    generation: &Generation,
    question: &PrecheckQuestion,
    identity: &Identity,
    now: UtcTime,
) -> OrganisationId {
    let named = question.own.vasp.and_then(|name| crate::service::find_vasp(generation.records(), name).ok());
    let other = named.map(|vasp| vasp.id).filter(|vasp| identity.vasp != Some(*vasp));
    let credentials = registry.directory().credentials();
    let by_leave = other.and_then(|vasp| credentials.acts_for(identity.organisation, vasp, Scope::Precheck, now));
    by_leave.unwrap_or(identity.organisation)
}
