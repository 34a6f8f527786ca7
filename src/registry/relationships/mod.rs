//! What an organisation decided about counterparties: read, proposed, approved by another person, restricted at once. Every version is
//! sealed under the organisation's data key; writes leave sealed traces only (`Act::run_privately`). Rules are `vasp_record::relationship`.
//!
//! `file` takes the next revision of private state, where writers wait for each other, opens the organisation's rows and finds the file;
//! `decide` says what a proposal rests on; `restrict` acts at once. A pre-check finds whose decisions count, opens them once a revision,
//! and `vasp_rules::precheck::relationship` judges status, terms and what the transfer leaves unsaid.

mod decide;
mod file;
pub(crate) mod http;
mod incidents;
mod read;
mod restrict;

pub use decide::{RelationshipDecision, RelationshipGround};
pub use incidents::note_incident;
pub use read::{KeptRelationship, RelationshipFilter, TrackState, list, of, read};
pub use restrict::restrict;

use std::sync::Arc;

use crate::acts::Identity;
use crate::directory::{Generation, Records};
use crate::node::{Fault, Registry, ServiceError};
use vasp_rules::policy::{Policy, RelationshipPolicy};
use vasp_rules::protocol::Protocols;
use vasp_rules::relationship::ChangeFault;
use vasp_words::country::Country;
use vasp_words::ids::{OrganisationId, VaspId};

/// Returns the ids under which relationships with a record can be kept: its own first, then those merged into it; and the same of its
/// group.
#[must_use]
pub fn ids_of(records: &Records, vasp: VaspId) -> (Vec<VaspId>, Vec<VaspId>) {
    let own = records.canonical(vasp);
    let with_absorbed = |id: VaspId| [id].into_iter().chain(records.absorbed_by(id).iter().copied()).collect();
    let group = records.get(own).and_then(|record| record.group);
    (with_absorbed(own), group.map(|group| with_absorbed(records.canonical(group))).unwrap_or_default())
}

/// What decisions of an organisation rest on: the directory, and the policy that the organisation put in force, else the registry's.
struct Ground<'a> {
    generation: &'a Generation,
    policy: Arc<Policy>,
}

impl<'a> Ground<'a> {
    fn of(registry: &Registry, generation: &'a Generation, organisation: OrganisationId) -> Result<Self, ServiceError> {
        let own = registry.directory().private(organisation)?;
        let policy = own.policies.active().unwrap_or(&generation.documents().policy.value);
        Ok(Self { generation, policy: Arc::clone(policy) })
    }

    fn records(&self) -> &'a Records {
        self.generation.records()
    }

    /// By what a change is checked.
    fn rules(&self) -> (&RelationshipPolicy, &Protocols) {
        (self.policy.relationships(), &self.generation.documents().protocols.value)
    }

    fn policy(&self) -> &RelationshipPolicy {
        self.policy.relationships()
    }

    /// The country by whose rule an organisation's own VASP decides; none where it has no VASP.
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
