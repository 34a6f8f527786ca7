//! An organisation's decisions about counterparties: read, proposed, approved by another person, or restricted at once. Every version is
//! sealed under the organisation's data key; writes leave only sealed traces (`Act::run_privately`). The rules are in
//! `vasp_rules::relationship`.
//!
//! `file` takes the next revision of private state, which makes writers wait for each other, opens the organisation's rows and finds the
//! file. `decide` defines what a proposal depends on. `restrict` takes effect at once. A pre-check finds the organisation whose decisions
//! apply, and opens them once per revision. `vasp_rules::precheck::relationship` then checks status, terms and the details that the
//! transfer does not state. `by_rule` approves many counterparties with one decision, and judges such decisions whenever they are read.

pub(crate) mod by_rule;
mod decide;
mod file;
pub(crate) mod http;
mod incidents;
mod read;
mod restrict;

pub use by_rule::{ApprovalRuleJob, follow_approval_rules};
pub(crate) use by_rule::{Judge, OwnersFrom, RuleDecision};
pub use decide::{RelationshipDecision, RelationshipGround};
pub use incidents::note_incident;
pub use read::{KeptRelationship, RelationshipFilter, TrackState, list, of, read};
pub use restrict::restrict;

use std::sync::Arc;

use crate::acts::Identity;
use crate::directory::{Generation, PrivateState, Records};
use crate::node::{Fault, Registry, ServiceError};
use vasp_pki::DataKey;
use vasp_rules::policy::{Policy, RelationshipPolicy};
use vasp_rules::protocol::Protocols;
use vasp_rules::relationship::ChangeFault;
use vasp_words::country::Country;
use vasp_words::ids::OrganisationId;
use vasp_words::time::Date;

/// The basis of an organisation's decisions: the directory, the policy that the organisation put in force, or else the registry's, and its
/// rules.
struct Ground<'a> {
    registry: &'a Registry,
    generation: Arc<Generation>,
    policy: Arc<Policy>,
    rules: OwnRules,
}

/// The private state that has an organisation's rules, and the key that opens it; `None` if it has no rules.
struct OwnRules(Arc<PrivateState>, Option<DataKey>);

impl<'a> Ground<'a> {
    fn of(registry: &'a Registry, generation: Arc<Generation>, organisation: OrganisationId) -> Result<Self, ServiceError> {
        let own = registry.directory().private(organisation)?;
        let policy = Arc::clone(own.policies.active().unwrap_or(&generation.documents().policy.value));
        let key = if own.approval_rules.is_empty() { None } else { registry.own_data_key(organisation)? };
        Ok(Self { registry, generation, policy, rules: OwnRules(own, key) })
    }

    /// Returns what judges decisions by rules on a day.
    fn judge(&self, day: Date) -> Result<Judge<'_>, ServiceError> {
        let (state, key) = (&self.rules.0, self.rules.1.as_ref());
        Judge::of(self.registry, OwnersFrom::AnswersInForce, state, key, &self.generation, self.policy.screening(), day)
    }

    fn records(&self) -> &Records {
        self.generation.records()
    }

    /// Returns the rules against which a change is checked.
    fn rules(&self) -> (&RelationshipPolicy, &Protocols) {
        (self.policy.relationships(), &self.generation.documents().protocols.value)
    }

    fn policy(&self) -> &RelationshipPolicy {
        self.policy.relationships()
    }

    /// Returns the country whose rule applies to decisions of an organisation's own VASP; `None` if it has no VASP.
    fn own_country(&self, identity: &Identity) -> Option<Country> {
        self.records().get(identity.vasp?)?.country
    }
}

impl From<ChangeFault> for ServiceError {
    fn from(fault: ChangeFault) -> Self {
        match fault {
            ChangeFault::Member { pointer, code, detail } => Self::Invalid(Fault { pointer, code, detail }),
            ChangeFault::Step(detail) => Self::IllegalStep(detail),
        }
    }
}
