//! Members prove domains: challenges, looks by both methods, what readers see of it, loss after the grace, and who gets a domain
//! that two want. The registry calls servers of the test's own; the clock is moved by hand.

mod endpoints;
mod proofs;
mod refusals;
mod time;

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_log::change::ChangeKind;
use vasp_record::role::{OrganisationKind, Role, Scope, UserKind};
use vasp_record::vasp::{VaspKind, VaspStatus};
use vasp_registry::organisations::NewUser;
use vasp_store::{CaseTrigger, StoreError, Transaction};
use vasp_words::ids::{OrganisationId, VaspId};

use crate::support::{Answer, Database, Internet, NOW, Registry, change, fact, kept_record};

const ALPHA: &str = "alpha.example.com";
const BETA: &str = "beta.example.com";

/// A registry and the Internet that it looks at.
struct World {
    registry: Registry,
    internet: Internet,
}

/// A member's organisation, with a key of one who may edit.
struct Member {
    organisation: OrganisationId,
    vasp: VaspId,
    key: String,
}

impl World {
    fn new(database: Database) -> Self {
        let internet = Internet::start(&[ALPHA, BETA]);
        let registry = Registry::start_calling(database, Some(internet.outbound()), |settings| settings.public_read = true);
        Self { registry, internet }
    }

    fn write<T>(&self, f: impl FnOnce(&mut Transaction<'_>) -> Result<T, StoreError>) -> T {
        let registry = &self.registry.registry;
        let written = registry.store().write(self.registry.clock.now(), &mut self.registry.random.fork(), f).unwrap();
        registry.directory().catch_up().unwrap();
        written.value
    }

    /// A record in the directory.
    fn record(&self, name: &str, status: &'static str) -> VaspId {
        self.record_with(name, &[("status", status)])
    }

    fn record_with(&self, name: &str, said: &[(&'static str, &str)]) -> VaspId {
        self.write(|transaction| {
            let now = transaction.now();
            let id = VaspId::new(now, transaction.conn_and_rng().1);
            let number = transaction.add_vasp(id, VaspKind::Entity)?.number;
            let mut facts = vec![fact(number, "legal_name", name)];
            facts.extend(said.iter().map(|(attribute, value)| fact(number, attribute, value)));
            transaction.record(change(ChangeKind::VaspListed, Some(number)), facts);
            Ok(id)
        })
    }

    /// A member that keeps nothing yet.
    fn member_without_record(&self) -> Member {
        let (now, mut rng) = (self.registry.clock.now(), self.registry.random.fork());
        let (registry, kind) = (&self.registry.registry, OrganisationKind::Member);
        let organisation =
            vasp_registry::organisations::create_organisation(registry, "Member", kind, None, now, &mut rng).unwrap();
        let key = self.key(organisation, Role::Editor, Scope::Member);
        Member { organisation, vasp: VaspId::new(now, &mut rng), key }
    }

    /// A member whose record is verified.
    fn member(&self, name: &str) -> Member {
        let vasp = self.record(name, "verified");
        self.member_of(vasp, Some(vasp))
    }

    /// A member that keeps a submission about a VASP; `own` is the VASP that is its organisation's already.
    fn member_of(&self, vasp: VaspId, own: Option<VaspId>) -> Member {
        let (now, mut rng, registry) = (self.registry.clock.now(), self.registry.random.fork(), &self.registry.registry);
        let kind = OrganisationKind::Member;
        let organisation =
            vasp_registry::organisations::create_organisation(registry, "Member", kind, own, now, &mut rng).unwrap();
        let status = if own.is_some() { VaspStatus::Verified } else { VaspStatus::Draft };
        self.write(|transaction| transaction.add_submission(&kept_record(vasp, organisation, status, now)));
        let key = self.key(organisation, Role::Editor, Scope::Member);
        Member { organisation, vasp, key }
    }

    /// The `Authorization` header of a new user of an organisation.
    fn key(&self, organisation: OrganisationId, role: Role, scope: Scope) -> String {
        let (now, mut rng, registry) = (self.registry.clock.now(), self.registry.random.fork(), &self.registry.registry);
        let user = NewUser { name: "A person".to_owned(), email: None, kind: UserKind::Person, roles: vec![role] };
        let user = vasp_registry::organisations::create_user(registry, organisation, &user, now, &mut rng).unwrap();
        let key = vasp_registry::organisations::create_api_key(registry, user, &[scope], None, now, &mut rng).unwrap();
        format!("Bearer {}", key.text)
    }

    fn ask(&self, key: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.ask_once(key, method, path, body, None)
    }

    /// As `ask`, under an idempotency key.
    fn ask_once(&self, key: &str, method: &str, path: &str, body: Option<&Value>, once: Option<&str>) -> Answer {
        let mut headers = vec![("authorization", key)];
        headers.extend(body.map(|_| ("content-type", "application/json")));
        headers.extend(once.map(|once| ("idempotency-key", once)));
        let body = body.map(Value::to_string).unwrap_or_default();
        self.registry.client.send(method, &format!("/v1/member/domains{path}"), &headers, &body)
    }

    /// Asks for a challenge and returns name and text of the record.
    fn challenge(&self, member: &Member, domain: &str, covers_subdomains: bool) -> (String, String) {
        let body = json!({"domain": domain, "covers_subdomains": covers_subdomains});
        let answer = self.ask(&member.key, "POST", "", Some(&body));
        assert_eq!(answer.status.as_u16(), 201, "{answer:?}");
        let record = answer.json()["challenge"]["dns_txt"].clone();
        (record["name"].as_str().unwrap().to_owned(), record["value"].as_str().unwrap().to_owned())
    }

    fn verify(&self, member: &Member, domain: &str) -> Answer {
        self.ask(&member.key, "POST", &format!("/{domain}/verify"), None)
    }

    /// Has a member prove a domain by the record.
    fn prove(&self, member: &Member, domain: &str, covers_subdomains: bool) {
        let (name, text) = self.challenge(member, domain, covers_subdomains);
        self.internet.publish(&[(&name, &text)]);
        let answer = self.verify(member, domain);
        assert_eq!(answer.status.as_u16(), 200, "{answer:?}");
    }

    fn own(&self, member: &Member, domain: &str) -> Value {
        let answer = self.ask(&member.key, "GET", &format!("/{domain}"), None);
        assert_eq!(answer.status.as_u16(), 200, "{answer:?}");
        answer.json()
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

    /// Moves the clock to so many seconds after the start.
    fn at(&self, secs: i64) {
        self.registry.clock.set(NOW.parse::<vasp_words::time::UtcTime>().unwrap().plus_secs(secs));
    }

    /// Looks again at what is due, as the job does.
    fn recheck(&self) -> usize {
        let (registry, clock) = (&self.registry.registry, self.registry.clock.as_ref());
        vasp_registry::domains::recheck_due_domains(registry, clock, &mut self.registry.random.fork(), || false).unwrap()
    }

    /// What opened, or joined, the open case about a VASP.
    fn triggers(&self, vasp: VaspId) -> Vec<CaseTrigger> {
        let store = self.registry.registry.store();
        let found = store.read::<_, StoreError>(|conn| match conn.open_case_of(vasp)? {
            Some(case) => conn.case_triggers(&[case.id]),
            None => Ok(vec![]),
        });
        found.unwrap()
    }

    fn trigger_kinds(&self, vasp: VaspId) -> Vec<String> {
        self.triggers(vasp).into_iter().map(|trigger| trigger.kind.to_string()).collect()
    }
}
