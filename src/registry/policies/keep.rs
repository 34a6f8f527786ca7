//! Stores a new version of a policy. It has no effect until it is put in force. It can be simulated at once, and a request can name it if
//! it is not looser than the policy in force.

use std::sync::Arc;

use serde_json::json;

use super::HeldPolicy;
use crate::acts::{Act, Deed, Identity, Reply};
use crate::directory::PrivateState;
use crate::node::{Fault, Registry, ServiceError, invalid};
use vasp_rules::policy::{Policy, PolicyError, PolicyName};
use vasp_store::{PolicyRow, Transaction};
use vasp_words::time::UtcTime;

/// The maximum number of versions of one organisation, over all names: they are held in memory.
const VERSIONS_MAX: usize = 200;

/// Names that are routes below `/v1/policies`.
const RESERVED: [&str; 3] = ["default", "schema", "simulate"];

/// The maximum size of a document, in bytes. A table with a line for every code has about 40,000.
const LONGEST: usize = 131_072;

/// Stores a version of a policy; `body` is its document.
///
/// # Errors
/// `ServiceError::Invalid` for an invalid document, for one with the name of the registry's default, or with a version that is not the
/// next; `Conflict` if the organisation has too many; and those of [`Act::run`].
pub fn create_policy(act: Act<'_, HeldPolicy>, body: &str) -> Result<Reply, ServiceError> {
    let policy = Arc::new(read(act.registry, body, "", act.now)?);
    act.run_privately("policy.create", move |transaction, identity| {
        let revision = transaction.next_private_revision(identity.organisation)?;
        check_next(transaction, identity, &policy, revision)?;
        let wrong = |error: serde_json::Error| ServiceError::Unreadable { what: "policy", reason: error.to_string() };
        let row = PolicyRow {
            organisation: identity.organisation,
            name: policy.name().to_owned(),
            version: i32::try_from(policy.version()).map_err(|_| next(&policy, 1))?,
            body: serde_json::to_string(policy.as_ref()).map_err(wrong)?,
            revision_from: revision,
        };
        transaction.add_policy(&row)?;
        let details = json!({"policy": policy.to_string()});
        let held = HeldPolicy { policy: Arc::clone(&policy), in_force: false, is_default: false };
        Ok(Deed::new(held, policy.to_string(), details))
    })
}

/// Reads the document of an organisation's own policy, which stands below `/under` in the request.
///
/// # Errors
/// `ServiceError::Invalid` if it is not valid, or has the name of the registry's default.
pub(super) fn read(registry: &Registry, body: &str, under: &str, now: UtcTime) -> Result<Policy, ServiceError> {
    let wrong = |place: &str, code, detail| invalid(format!("{under}{place}"), code, detail);
    if body.len() > LONGEST {
        let detail = format!("a policy may have at most {LONGEST} bytes; this one has {}", body.len());
        return Err(wrong("", "too_long", detail));
    }
    let policy = Policy::from_json(body).map_err(|error| wrong(place(&error), "invalid_policy", error.to_string()))?;
    let generation = registry.pin(now);
    let documents = generation.documents();
    if let Some((place, says)) = policy.names_nothing(|id| documents.protocols.value.get(id).is_some()) {
        return Err(wrong(place, "invalid_policy", says));
    }
    let shipped = documents.policy.value.name().to_owned();
    if policy.name() == shipped || RESERVED.contains(&policy.name()) {
        let detail =
            format!("`{}` is the name of the registry's default policy or of a route; choose another name", policy.name());
        return Err(wrong("/name", "reserved_name", detail));
    }
    Ok(policy)
}

/// Returns the pointer to the wrong member of the document, as far as it is known.
fn place(error: &PolicyError) -> &'static str {
    match error {
        PolicyError::Form { .. } => "",
        PolicyError::Name(_) => "/name",
        PolicyError::CodeElsewhere { .. }
        | PolicyError::NoStep { .. }
        | PolicyError::NoCondition { .. }
        | PolicyError::IdleCondition { .. }
        | PolicyError::IdleStep { .. }
        | PolicyError::NeverReached { .. }
        | PolicyError::Circumstances(_)
        | PolicyError::Uncovered(_) => "/rules",
        PolicyError::Limits { .. } => "/freshness_days",
        PolicyError::Protocol(_) => "/protocols",
        PolicyError::Strength { .. } => "/attribution/minimum_strength",
        PolicyError::Jurisdiction(_) => "/prohibited_jurisdictions",
        PolicyError::Screening(_) => "/screening",
        PolicyError::Relationships(_) => "/relationships",
    }
}

fn next(policy: &Policy, next: u32) -> ServiceError {
    let detail = format!(
        "the next version of {} must be {next}, not {}; existing versions cannot be changed",
        policy.name(),
        policy.version()
    );
    invalid("/version", "not_the_next_version", detail)
}

/// Checks that a version is the next one. The counter of revisions is locked, so nobody else can add a version at the same time.
fn check_next(
    transaction: &mut Transaction<'_>,
    identity: &Identity,
    policy: &Policy,
    revision: i64,
) -> Result<(), ServiceError> {
    let state = PrivateState::load(transaction.conn(), identity.organisation, revision)?;
    if state.policies.iter().count() >= VERSIONS_MAX {
        let detail = format!("the organisation already has {VERSIONS_MAX} versions of policies, which is the maximum");
        return Err(ServiceError::Conflict(Fault { pointer: String::new(), code: "too_many", detail }));
    }
    let name: PolicyName = policy.name().parse().map_err(|_| invalid("/name", "invalid_value", policy.name().to_owned()))?;
    let expected = state.policies.newest(&name).map_or(1, |newest| newest.version().saturating_add(1));
    if policy.version() == expected { Ok(()) } else { Err(next(policy, expected)) }
}
