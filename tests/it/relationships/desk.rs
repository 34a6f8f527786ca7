//! The compliance desk of the invented bank of `prechecks::world`: two people, senior management, and short ways to decide.

use serde_json::{Value, json};
use vasp_record::role::{Role, Scope};

use crate::prechecks::world::World;
use crate::support::{Answer, Database, Person, step};

/// Every scope that compliance people use.
const SCOPES: [Scope; 3] = [Scope::Compliance, Scope::Precheck, Scope::Resolve];

pub(crate) struct Desk {
    pub world: World,
    pub ada: Person,
    pub bert: Person,
    /// Senior management.
    pub chief: Person,
}

impl Desk {
    pub(crate) fn new(database: Database) -> Self {
        Self::of(World::start(database))
    }

    pub(crate) fn of(world: World) -> Self {
        let person = |roles: &[Role]| world.registry.person_with(world.organisation, roles, &SCOPES);
        let (ada, bert) = (person(&[Role::Compliance]), person(&[Role::Compliance]));
        let chief = person(&[Role::SeniorManagement]);
        Self { ada, bert, chief, world }
    }

    pub(crate) fn path(vasp: &str, action: &str) -> String {
        let path = format!("/v1/relationships/{vasp}");
        if action.is_empty() { path } else { format!("{path}/{action}") }
    }

    pub(crate) fn read(&self, vasp: &str) -> Value {
        self.ada.read(&self.world.registry, &Self::path(vasp, ""))
    }

    /// Proposes on the version that stands.
    pub(crate) fn propose(&self, who: &Person, vasp: &str, body: &Value) -> Answer {
        let tag = who.get(&self.world.registry, &Self::path(vasp, "")).header("etag").to_owned();
        who.send(&self.world.registry, "POST", &Self::path(vasp, "propose"), &[("if-match", &tag)], body)
    }

    pub(crate) fn post(&self, who: &Person, vasp: &str, action: &str, body: &Value) -> Answer {
        who.post(&self.world.registry, &Self::path(vasp, action), body)
    }

    pub(crate) fn approve(&self, who: &Person, proposed: &Value) -> Answer {
        who.approve(&self.world.registry, proposed)
    }

    pub(crate) fn withdraw(&self, who: &Person, proposed: &Value) -> Answer {
        who.post(&self.world.registry, &step(proposed, "withdraw"), &Value::Null)
    }

    /// Has Ada propose and senior management approve, and returns the proposal.
    #[track_caller]
    pub(crate) fn decide(&self, vasp: &str, body: &Value) -> Value {
        let proposed = self.propose(&self.ada, vasp, body).answered(201);
        self.approve(&self.chief, &proposed).answered(200)
    }

    #[track_caller]
    pub(crate) fn restrict(&self, vasp: &str, body: &Value) -> Value {
        self.post(&self.ada, vasp, "restrict", body).answered(200)
    }

    /// Asks with Ada's key about a transfer to a VASP.
    #[track_caller]
    pub(crate) fn ask(&self, vasp: &str, transfer: &Value) -> Value {
        let body = json!({"direction": "outgoing", "beneficiary": {"vasp": vasp}, "transfer": transfer, "record": false});
        self.ada.post(&self.world.registry, "/v1/prechecks", &body).answered(200)
    }
}

/// Approving the Travel Rule track.
pub(crate) fn approved() -> Value {
    json!({"travel_rule": {"status": "approved", "review_due": "2027-05-31"}, "terms": {"risk": "low"}, "reason": "Examined."})
}

/// A decision on the Travel Rule track that allows nothing.
pub(crate) fn closed(status: &str) -> Value {
    json!({"travel_rule": {"status": status}, "reason": "Adverse news."})
}
