//! Members prove domains: challenges, looks by both methods, what readers see of it, loss after the grace, and who gets a domain
//! that two want. The registry calls servers of the test's own; the clock is moved by hand.

mod endpoints;
mod proofs;
mod refusals;
mod time;

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role};
use vasp_record::vasp::VaspStatus;
use vasp_words::ids::VaspId;

use crate::support::{Answer, Database, Internet, Person, Registry};

const ALPHA: &str = "alpha.example.com";
const BETA: &str = "beta.example.com";

/// A registry and the Internet that it looks at.
struct World {
    registry: Registry,
    internet: Internet,
}

impl World {
    fn new(database: Database) -> Self {
        let internet = Internet::start(&[ALPHA, BETA]);
        let registry = Registry::start_calling(database, Some(internet.outbound()), |settings| settings.public_read = true);
        Self { registry, internet }
    }

    /// A member that keeps nothing yet.
    fn member_without_record(&self) -> Person {
        self.registry.person_of_new(OrganisationKind::Member, &[Role::Editor])
    }

    /// A member whose record is verified.
    fn member(&self, name: &str) -> Person {
        self.registry.verified_member(name, &[])
    }

    /// A member that keeps a draft about a VASP.
    fn drafting(&self, vasp: VaspId) -> Person {
        let member = self.member_without_record();
        self.registry.keep(member.organisation, vasp, VaspStatus::Draft);
        Person { vasp: Some(vasp), ..member }
    }

    fn ask(&self, key: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let mut headers = vec![("authorization", key)];
        headers.extend(body.map(|_| ("content-type", "application/json")));
        let body = body.map(Value::to_string).unwrap_or_default();
        self.registry.client.send(method, &format!("/v1/vasps/mine/domains{path}"), &headers, &body)
    }

    /// Asks for a challenge and returns name and text of the record.
    fn challenge(&self, member: &Person, domain: &str, covers_subdomains: bool) -> (String, String) {
        let body = json!({"domain": domain, "covers_subdomains": covers_subdomains});
        let answer = self.ask(&member.bearer, "POST", "", Some(&body)).with(201);
        let record = answer.json()["challenge"]["dns_txt"].clone();
        (record["name"].as_str().unwrap().to_owned(), record["value"].as_str().unwrap().to_owned())
    }

    fn verify(&self, member: &Person, domain: &str) -> Answer {
        self.ask(&member.bearer, "POST", &format!("/{domain}/verify"), None)
    }

    /// Has a member prove a domain by the record.
    fn prove(&self, member: &Person, domain: &str, covers_subdomains: bool) {
        let (name, text) = self.challenge(member, domain, covers_subdomains);
        self.internet.publish(&[(&name, &text)]);
        self.verify(member, domain).with(200);
    }

    fn own(&self, member: &Person, domain: &str) -> Value {
        self.ask(&member.bearer, "GET", &format!("/{domain}"), None).answered(200)
    }

    /// The domains of a record, as readers see them.
    fn seen(&self, vasp: VaspId) -> Value {
        self.registry.client.get(&format!("/v1/vasps/{vasp}")).json()["domains"].clone()
    }

    /// Ids of the owners of a host, as gateways see them.
    fn owners(&self, host: &str) -> Vec<String> {
        let answer = self.registry.client.get(&format!("/v1/resolve?kind=domain&subject={host}")).json();
        answer["owners"].as_array().unwrap().iter().map(|owner| owner["vasp"]["id"].as_str().unwrap().to_owned()).collect()
    }

    /// Looks again at what is due, as the job does.
    fn recheck(&self) -> usize {
        let (registry, clock) = (&self.registry.registry, self.registry.clock.as_ref());
        vasp_registry::domains::recheck_due_domains(registry, clock, &mut self.registry.random.fork(), || false).unwrap()
    }
}
