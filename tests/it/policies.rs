//! Policies of organisations: versions, what one person may put in force and what takes two, whose policy judges, and what another
//! would have recommended.

mod in_force;
mod kept;
mod simulated;

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_words::ids::OrganisationId;

use crate::prechecks::world::World;
use crate::support::{Answer, Person};

/// A policy that says the same as the registry's default.
pub(crate) fn like_the_default(name: &str, version: u32) -> Value {
    let mut policy: Value = serde_json::from_str(include_str!("../../seed/policy.json")).unwrap();
    policy["name"] = json!(name);
    policy["version"] = json!(version);
    policy
}

/// The registry's default with a line before all others.
pub(crate) fn with_line(name: &str, version: u32, line: Value) -> Value {
    let mut policy = like_the_default(name, version);
    policy["rules"].as_array_mut().unwrap().insert(0, line);
    policy
}

/// Whoever only stands in a public register is held: stricter than the default.
pub(crate) fn strict(version: u32) -> Value {
    let line = json!({"codes": ["identity.register_only"], "consequence": "hold", "why": "Nobody verified it.",
                      "next_steps": [{"code": "wait_for_review", "detail": "Wait until it is verified."}]});
    with_line("strict", version, line)
}

/// What is unknown in other checks is no matter: looser than the default.
pub(crate) fn lax(version: u32) -> Value {
    let mut policy = like_the_default("lax", version);
    for rule in policy["rules"].as_array_mut().unwrap() {
        if rule["check"].is_null() && rule["outcome"] == "unknown" {
            (rule["consequence"], rule["conditions"]) = (json!("note"), json!([]));
        }
    }
    policy
}

/// Two people of one organisation who decide, and a key of theirs that asks.
pub(crate) struct Office {
    pub organisation: OrganisationId,
    pub ada: Person,
    pub ben: Person,
}

impl Office {
    pub(crate) fn new(world: &World, kind: OrganisationKind, vasp: Option<u32>) -> Self {
        let vasp = vasp.map(|number| world.vasp_id(number).parse().unwrap());
        let organisation = world.registry.home(kind, vasp);
        let scopes = [Scope::Compliance, Scope::Precheck, Scope::Resolve];
        let person = || world.registry.person_with(organisation, &[Role::Compliance], &scopes);
        Self { organisation, ada: person(), ben: person() }
    }

    /// Keeps a version of a policy.
    #[track_caller]
    pub(crate) fn keep(&self, world: &World, policy: &Value) {
        self.ada.post(&world.registry, "/v1/policies", policy).with(201);
    }

    pub(crate) fn activate(&self, world: &World, policy: &str) -> Answer {
        self.ada.post(&world.registry, &format!("/v1/policies/{policy}/propose"), &json!({"reason": "the board asked for it"}))
    }

    /// Puts a policy in force that is not looser, as one person may.
    #[track_caller]
    pub(crate) fn activate_alone(&self, world: &World, policy: &str) {
        let activated = self.activate(world, policy).answered(201);
        assert_eq!((&activated["state"], &activated["decided_by"]), (&json!("approved"), &json!(self.ada.user)), "{activated}");
    }

    /// Puts a looser policy in force, as two people do.
    #[track_caller]
    pub(crate) fn activate_together(&self, world: &World, policy: &str) {
        let waiting = self.activate(world, policy).answered(201);
        assert_eq!(waiting["state"], "pending", "{waiting}");
        self.ben.approve(&world.registry, &waiting).with(200);
    }

    /// Asks from Germany.
    #[track_caller]
    pub(crate) fn ask(&self, world: &World, beneficiary: Value) -> Value {
        let request = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": beneficiary});
        self.ada.post(&world.registry, "/v1/prechecks", &request).answered(200)
    }
}
