//! The relationships that a pre-check uses, and what they say about the counterparty. A delegate asks with the relationships of the
//! member that it acts for, because the duty is the member's. An asker without credentials has no relationships.

use std::sync::Arc;

use super::gather::Gathered;
use super::{Asking, PrecheckQuestion, Way};
use crate::directory::{Generation, PrivateState};
use crate::node::{Registry, ServiceError};
use vasp_addresses::asset::token_at;
use vasp_pki::DataKey;
use vasp_rules::obligations::Obligations;
use vasp_rules::precheck::{Attribution, RelationshipFacts, RelationshipTransfer};
use vasp_rules::relationship::Standing;
use vasp_words::ids::OrganisationId;

/// The relationships that apply.
pub(super) struct Relations {
    /// The sealed relationships, with the key that opens them. `None` if there are none.
    kept: Option<(Arc<PrivateState>, DataKey)>,
    is_own: bool,
}

impl Relations {
    /// Takes the relationships from the private state that applies. `whose` is the organisation that keeps it.
    pub(super) fn of(
        registry: &Registry,
        state: &Arc<PrivateState>,
        whose: Option<OrganisationId>,
        asking: &Asking,
    ) -> Result<Self, ServiceError> {
        let is_own = whose == asking.organisation;
        let Some(whose) = whose.filter(|_| !state.relationships.is_empty()) else { return Ok(Self { kept: None, is_own }) };
        let key = registry.own_data_key(whose)?.ok_or_else(|| ServiceError::Unreadable {
            what: "relationship",
            reason: "the organisation has no data key".to_owned(),
        })?;
        Ok(Self { kept: Some((Arc::clone(state), key)), is_own })
    }

    /// Returns the facts for the two checks of relationships.
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
                let (ids, group) = generation.records().ids_of_party(entity.id);
                state.relationships.open(key)?.standing(&ids, &group)
            }
            _ => Standing::default(),
        };
        let own_side = match question.way {
            Way::Outgoing(_) => &obligations.originator,
            Way::Incoming(..) => &obligations.beneficiary,
        };
        let transfer = &question.transfer;
        Ok(RelationshipFacts {
            standing,
            transfer: RelationshipTransfer {
                fiat: transfer.fiat,
                network: gathered.network(question),
                possible_networks: gathered.accounts.iter().map(|account| account.caip2.clone()).collect(),
                asset: transfer.asset.clone(),
                token_contract: gathered.accounts.iter().find_map(token_at),
                first_party: transfer.first_party,
                correspondent: transfer.correspondent,
                earlier: transfer.earlier,
            },
            duty: own_side.counterparty_due_diligence,
            cap: own_side.max_amount.clone(),
            shows_texts: self.is_own,
        })
    }
}
