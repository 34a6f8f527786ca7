//! A member's endpoints: the places where its VASP supports Travel Rule protocols. Publishing and changing require a verified VASP
//! and take effect at once. Withdrawing, pausing and announcing maintenance are open to every member with a record, whatever the
//! version. `vasp_rules::endpoint_rules::check` decides what an endpoint may contain. `http::endpoints` calls this module.
//!
//! `publishing` locks the record and writes one fact by one public change, as it does for certificates and keys. Whether an endpoint
//! may be used is not stored. `Generation::standing` computes it from the record's status, the protocols, domains, delegations,
//! pauses and maintenance. So a lost domain stops everything under it at once.

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

/// Source in the log of the facts about endpoints.
const SOURCE: &str = "published by the member";

/// An endpoint, and whether it may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenEndpoint {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// Whether it may be used, and if not, why.
    pub standing: Standing,
    /// The time for which `standing` was computed.
    pub at: UtcTime,
}

impl SeenEndpoint {
    /// Returns its entity tag: the version, a dot, and then the parts that change without a change of the endpoint.
    #[must_use]
    pub fn tag(&self) -> String {
        let standing = self.standing.reason().map_or("usable", Unusable::as_str);
        format!("{}.{standing}.{}", self.endpoint.version, not_over(&self.endpoint.maintenance, self.at).count())
    }
}

/// The directory against which a write is checked: protocols, field codes and domains as this process sees them. If another process
/// withdraws a domain in the meantime, the endpoint becomes unusable, but the write stays correct.
struct Ground {
    generation: Arc<Generation>,
    now: UtcTime,
}

impl Ground {
    fn of(registry: &Registry, now: UtcTime) -> Self {
        Self { generation: registry.pin(now), now }
    }

    /// Returns the record of a VASP, unless it was merged into another.
    fn record(&self, vasp: VaspId) -> Result<&Arc<Vasp>, ServiceError> {
        let record = self.generation.records().get(vasp).filter(|record| record.id == vasp);
        record.ok_or_else(|| ServiceError::IllegalStep("The organisation no longer has its own record.".to_owned()))
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

    fn seen(&self, endpoint: Endpoint, vasp: &Vasp) -> SeenEndpoint {
        let standing = self.generation.standing(&endpoint, vasp, self.now);
        SeenEndpoint { endpoint, standing, at: self.now }
    }
}

impl From<EndpointFault> for ServiceError {
    fn from(fault: EndpointFault) -> Self {
        let EndpointFault { pointer, code, detail } = fault;
        Self::Invalid(Fault { pointer, code, detail })
    }
}

/// Returns the error for an unknown endpoint. It is the same for another VASP's endpoint.
fn not_found() -> ServiceError {
    ServiceError::NotFound("Your VASP has no such endpoint.".to_owned())
}

/// Returns an endpoint of the caller's own that is not withdrawn.
fn live(own: &Publisher, id: EndpointId) -> Result<Endpoint, ServiceError> {
    let known: Endpoint = own.item(&id.to_string()).ok_or_else(not_found)?;
    match known.status {
        EndpointStatus::Withdrawn => {
            let detail = "The endpoint was withdrawn, which is final. Publish it again with POST /v1/vasps/mine/endpoints.";
            Err(ServiceError::IllegalStep(detail.to_owned()))
        }
        EndpointStatus::Paused | EndpointStatus::Active => Ok(known),
    }
}

/// Returns an endpoint that is not withdrawn, if it is still in the version that the caller has seen.
fn seen_by_caller(own: &Publisher, id: EndpointId, expected: &dyn Fn(&str) -> bool) -> Result<Endpoint, ServiceError> {
    let known = live(own, id)?;
    if expected(&known.version.to_string()) {
        return Ok(known);
    }
    Err(ServiceError::Changed("The endpoint changed since you read it; read it again and repeat the request.".to_owned()))
}

/// Refuses a second endpoint of the same protocol at the same place.
fn check_single(own: &Publisher, wanted: &Endpoint) -> Result<(), ServiceError> {
    let others: Vec<Endpoint> = own.items();
    let same = others.iter().find(|other| {
        let live = other.status != EndpointStatus::Withdrawn && other.id != wanted.id;
        live && other.protocol == wanted.protocol && other.location.is_same_place(&wanted.location)
    });
    let Some(same) = same else { return Ok(()) };
    let detail = format!(
        "the endpoint {} already has this protocol at this place; change it with PATCH /v1/vasps/mine/endpoints/{0}",
        same.id
    );
    Err(ServiceError::Conflict(Fault { pointer: "/location".to_owned(), code: "endpoint_exists", detail }))
}

/// Opens or joins a case, so that people look at a published place. If another VASP has the same identifier, the trigger is a
/// dispute.
fn have_place_looked_at(
    ground: &Ground,
    record: &Vasp,
    own: &Publisher,
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
    let detail = json!({"summary": format!("{summary} Another VASP has the same identifier."), "item": item});
    let trigger = Trigger { kind: TriggerKind::Dispute, detail, actor: Some(identity.user) };
    open_or_join_by(transaction, own.vasp, &trigger, Cause::Itself).map(drop)
}

/// Returns the details about an endpoint for the audit chain.
fn details(own: &Publisher, endpoint: &Endpoint) -> Value {
    json!({"vasp": own.vasp, "protocol": endpoint.protocol, "version": endpoint.version})
}
