//! A member's endpoints: where its VASP speaks Travel Rule protocols. Publishing and changing take a verified VASP and act at
//! once; taking back, pausing and announcing maintenance act for everybody who keeps a record, whatever the version. What may stand
//! on an endpoint is `vasp_rules::endpoint_rules::check`'s. Callers are `http::member`.
//!
//! How an endpoint is published: `publishing` locks the record and tells one fact by one public change, as it does for certificates and
//! keys. Whether an endpoint may be used is stored nowhere: `Generation::standing` works it out from the record's life, the protocols,
//! domains and delegations, pauses and maintenance, so that a lost domain stops everything under it at once.

pub(crate) mod http;
pub(crate) mod protocols;
pub use protocols::{list_protocols, read_protocol};
mod change;
mod publish;
mod read;
mod restrict;

use std::sync::Arc;

use serde_json::{Value, json};

pub use change::{EndpointPatch, change_endpoint, resume_endpoint};
pub use publish::publish_endpoint;
pub use read::{list_endpoints, read_endpoint};
pub use restrict::{announce_maintenance, pause_endpoint, withdraw_endpoint};

use crate::acts::Identity;
use crate::cases::{Trigger, open_or_join_by};
use crate::directory::Generation;
use crate::node::{Fault, Registry, ServiceError};
use crate::publishing::Publisher;
use vasp_record::case::{Cause, TriggerKind};
use vasp_record::endpoint::{Endpoint, EndpointStatus};
use vasp_record::vasp::Vasp;
use vasp_rules::endpoint_rules::check::{EndpointFault, EndpointGround};
use vasp_rules::endpoint_rules::maintenance::not_over;
use vasp_rules::endpoint_rules::standing::{Standing, Unusable};
use vasp_store::Transaction;
use vasp_words::ids::{EndpointId, VaspId};
use vasp_words::time::UtcTime;

/// What the log says of where an endpoint was learnt.
const SOURCE: &str = "published by the member";

/// An endpoint as its member sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberEndpoint {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// Whether it may be used.
    pub standing: Standing,
    /// When that was judged.
    pub at: UtcTime,
}

impl MemberEndpoint {
    /// Returns what its entity tag says: the version, and after a dot what moves without anybody's change.
    #[must_use]
    pub fn tag(&self) -> String {
        let standing = self.standing.reason().map_or("usable", Unusable::as_str);
        format!("{}.{standing}.{}", self.endpoint.version, not_over(&self.endpoint.maintenance, self.at).count())
    }
}

/// The directory that a write is judged by: protocols, field codes and domains as this process reads them. A domain that another
/// process takes away meanwhile makes the endpoint unusable, not the write wrong.
struct Ground {
    generation: Arc<Generation>,
    now: UtcTime,
}

impl Ground {
    fn of(registry: &Registry, now: UtcTime) -> Self {
        Self { generation: registry.pin(now), now }
    }

    /// Returns the record of a VASP that is a record of its own.
    fn record(&self, vasp: VaspId) -> Result<&Arc<Vasp>, ServiceError> {
        let record = self.generation.records().get(vasp).filter(|record| record.id == vasp);
        record.ok_or_else(|| ServiceError::IllegalStep("The organisation's record is not its own any more.".to_owned()))
    }

    fn check_by<'a>(&'a self, vasp: &'a Vasp) -> EndpointGround<'a> {
        let documents = self.generation.documents();
        EndpointGround {
            vasp,
            protocols: &documents.protocols.value,
            rulebook: &documents.rulebook.value,
            platforms: &documents.platforms.value,
        }
    }

    fn seen(&self, endpoint: Endpoint, vasp: &Vasp) -> MemberEndpoint {
        let standing = self.generation.standing(&endpoint, vasp, self.now);
        MemberEndpoint { endpoint, standing, at: self.now }
    }
}

impl From<EndpointFault> for ServiceError {
    fn from(fault: EndpointFault) -> Self {
        let EndpointFault { pointer, code, detail } = fault;
        Self::Invalid(Fault { pointer, code, detail })
    }
}

/// There is no such endpoint, or it is another's: the same words for both.
fn not_found() -> ServiceError {
    ServiceError::NotFound("Your VASP has no such endpoint.".to_owned())
}

/// Returns an endpoint of the caller's own that it did not take back.
fn live(own: &Publisher, id: EndpointId) -> Result<Endpoint, ServiceError> {
    let known: Endpoint = own.item(&id.to_string()).ok_or_else(not_found)?;
    match known.status {
        EndpointStatus::Withdrawn => {
            let detail = "The endpoint is withdrawn, for good. Publish it anew: POST /v1/member/endpoints.";
            Err(ServiceError::IllegalStep(detail.to_owned()))
        }
        EndpointStatus::Paused | EndpointStatus::Active => Ok(known),
    }
}

/// Returns an endpoint that was not taken back, in the version that the caller has seen.
fn seen_by_caller(own: &Publisher, id: EndpointId, expected: &dyn Fn(&str) -> bool) -> Result<Endpoint, ServiceError> {
    let known = live(own, id)?;
    if expected(&known.version.to_string()) {
        return Ok(known);
    }
    Err(ServiceError::Changed("The endpoint changed since you read it; read it again and repeat.".to_owned()))
}

/// Refuses a second endpoint of the same protocol at the same place.
fn check_single(own: &Publisher, wanted: &Endpoint) -> Result<(), ServiceError> {
    let others: Vec<Endpoint> = own.items();
    let same = others.iter().find(|other| {
        let live = other.status != EndpointStatus::Withdrawn && other.id != wanted.id;
        live && other.protocol == wanted.protocol && other.location.is_same_place(&wanted.location)
    });
    let Some(same) = same else { return Ok(()) };
    let detail = format!("{} is the same protocol at the same place; change that one: PATCH /v1/member/endpoints/{0}", same.id);
    Err(ServiceError::Conflict(Fault { pointer: "/location".to_owned(), code: "endpoint_exists", detail }))
}

/// Has people look at a place that readers were told of.
fn have_place_looked_at(
    (ground, record, own): (&Ground, &Vasp, &Publisher),
    transaction: &mut Transaction<'_>,
    identity: &Identity,
    endpoint: &Endpoint,
    what: &str,
) -> Result<(), ServiceError> {
    let summary = format!("The VASP {what} for {}.", endpoint.protocol);
    let item = endpoint.id.to_string();
    if ground.generation.unproven(endpoint, record) != Some(Unusable::IdentifierConflicted) {
        return own.have_looked_at(transaction, identity, &summary, &item);
    }
    let detail = json!({"summary": format!("{summary} Another VASP bears the identifier too."), "item": item});
    let trigger = Trigger { kind: TriggerKind::Dispute, detail, actor: Some(identity.user) };
    open_or_join_by(transaction, own.vasp, &trigger, Cause::Itself).map(drop)
}

/// What the audit chain says of an endpoint.
fn details(own: &Publisher, endpoint: &Endpoint) -> Value {
    json!({"vasp": own.vasp, "protocol": endpoint.protocol, "version": endpoint.version})
}
