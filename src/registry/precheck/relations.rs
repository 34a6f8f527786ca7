//! The relationships that a pre-check uses, and what they say about the counterparty. A delegate asks with the relationships of the
//! member that it acts for, because the duty is the member's. An asker without credentials has no relationships.

use std::sync::Arc;

use super::gather::Gathered;
use super::{Asking, PrecheckQuestion, Way};
use crate::directory::{Generation, PrivateState, StandingAnswers};
use crate::node::{Registry, ServiceError};
use crate::relationships::{Judge, OwnersFrom};
use vasp_addresses::asset::token_at;
use vasp_rules::obligations::Obligations;
use vasp_rules::policy::Policy;
use vasp_rules::precheck::{Attribution, RelationshipFacts, RelationshipTransfer};
use vasp_rules::relationship::{Relationships, Standing};
use vasp_words::ids::OrganisationId;
use vasp_words::time::Date;

/// The relationships that apply.
pub(super) struct Relations {
    /// Those with the counterparty and its group, judged by the rules that approved them.
    kept: Relationships,
    /// Decisions that nobody made; they count instead, except of what was declined.
    supposed: Option<Arc<Relationships>>,
    is_own: bool,
}

impl Relations {
    /// Takes the relationships from the private state that applies. `whose` is the organisation that keeps it.
    pub(super) fn of(
        registry: &Registry,
        state: &PrivateState,
        whose: Option<OrganisationId>,
        asking: &Asking,
        (generation, attribution, answers): (&Generation, &Attribution<'_>, Option<&StandingAnswers>),
        policy: &Policy,
        day: Date,
    ) -> Result<Self, ServiceError> {
        let (supposed, is_own) = (asking.supposed.clone(), whose == asking.organisation);
        let whose = whose.filter(|_| !state.relationships.is_empty());
        let Some((whose, entity)) = whose.zip(attribution.entity()) else {
            return Ok(Self { kept: Relationships::default(), supposed, is_own });
        };
        let (key, (ids, group)) = (registry.existing_data_key(whose)?, generation.records().ids_of_party(entity.id));
        let judge = Judge::of(registry, OwnersFrom::Answers(answers), state, Some(&key), generation, policy.screening(), day)?;
        let kept = judge.marked(&state.relationships.open(&key)?.of_party(&ids, &group))?;
        Ok(Self { kept, supposed, is_own })
    }

    /// Returns the facts for the two checks of relationships.
    pub(super) fn facts(
        &self,
        generation: &Generation,
        gathered: &Gathered,
        question: &PrecheckQuestion,
        attribution: &Attribution<'_>,
        obligations: &Obligations,
    ) -> RelationshipFacts<'_> {
        let kept = attribution.entity().map(|entity| {
            let (ids, group) = generation.records().ids_of_party(entity.id);
            self.kept.standing(&ids, &group)
        });
        // Nobody would approve a firm that the organisation refused.
        let is_open = !kept.as_ref().is_some_and(Standing::is_declined);
        let supposed = attribution.entity().filter(|_| is_open).and_then(|entity| {
            let supposed = self.supposed.as_ref().filter(|supposed| supposed.get(entity.id).is_some())?;
            Some(supposed.standing(&[entity.id], &[]))
        });
        let standing = supposed.or(kept);
        let own_side = match question.way {
            Way::Outgoing(_) => &obligations.originator,
            Way::Incoming(..) => &obligations.beneficiary,
        };
        let transfer = &question.transfer;
        RelationshipFacts {
            standing: standing.unwrap_or_default(),
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
        }
    }
}
