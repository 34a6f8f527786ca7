//! Members with verified VASPs, operators, gateways, and keys that sign.

use serde_json::{Value, json};
use sha3::{Digest, Keccak256};
use std::sync::Arc;
use vasp_clock::Clock;
use vasp_log::Sealer;
use vasp_log::change::ChangeKind;
use vasp_record::fact::FactValue;
use vasp_record::role::{OrganisationKind, Role, Scope, UserKind};
use vasp_record::vasp::{VaspKind, VaspStatus};
use vasp_registry::acts::{Act, Reply};
use vasp_registry::directory::ClaimIndexOptions;
use vasp_registry::node::ServiceError;
use vasp_registry::organisations::NewUser;
use vasp_store::{Edit, KeptRecord, Store, StoreError, StoreOptions};
use vasp_words::ids::{OrganisationId, UserId, VaspId};

use crate::support::{Answer, Database, Registry, add_batch, approval, change, fact, kept_record};

/// An organisation with a user and a key of its own.
pub(crate) struct Party {
    pub vasp: String,
    pub organisation: OrganisationId,
    pub key: String,
}

/// A registry with people.
pub(crate) struct World {
    pub registry: Registry,
}

impl World {
    pub(crate) fn start(database: Database) -> Self {
        Self::start_with(database, |_| ())
    }

    pub(crate) fn start_with(database: Database, change: impl FnOnce(&mut vasp_registry::config::ServerSettings)) -> Self {
        let registry = Registry::start_with(database, |settings| {
            settings.registry_name = Some("registry.example.org".parse().unwrap());
            settings.body_limit_bytes = std::num::NonZeroU32::new(200_000).unwrap();
            change(settings);
        });
        Self { registry }
    }

    /// Adds an entity in this status and returns its number and id.
    pub(crate) fn entity(&self, name: &'static str, status: &'static str) -> (i64, VaspId) {
        let now = self.registry.clock.now();
        let written =
            self.registry.registry.store().write::<_, StoreError>(now, &mut self.registry.random.fork(), |transaction| {
                let id = VaspId::new(now, transaction.conn_and_rng().1);
                let number = transaction.add_vasp(id, VaspKind::Entity)?.number;
                let facts = vec![fact(number, "legal_name", name), fact(number, "status", status)];
                transaction.record(change(ChangeKind::VaspVerified, Some(number)), facts);
                Ok((number, id))
            });
        self.registry.registry.let_others_know();
        written.unwrap().value
    }

    /// Gives a VASP another status.
    pub(crate) fn set_status(&self, number: i64, status: &'static str) {
        let now = self.registry.clock.now();
        let written =
            self.registry.registry.store().write::<_, StoreError>(now, &mut self.registry.random.fork(), |transaction| {
                let known = transaction.conn().facts_of(&[number], i64::MAX - 1)?;
                let ended = known.iter().filter(|f| matches!(f.fact.said, FactValue::Status(..)));
                let ended = ended.map(|f| vasp_store::Edit::CloseFact(f.number));
                let edits = ended.chain([fact(number, "status", status)]).collect();
                transaction.record(change(ChangeKind::VaspStatusChanged, Some(number)), edits);
                Ok(())
            });
        written.unwrap();
        self.registry.registry.let_others_know();
    }

    /// Adds facts about a VASP.
    pub(crate) fn say(&self, number: i64, facts: Vec<Edit>) {
        let now = self.registry.clock.now();
        let store = self.registry.registry.store();
        let written = store.write::<_, StoreError>(now, &mut self.registry.random.fork(), |transaction| {
            transaction.record(change(ChangeKind::VaspChanged, Some(number)), facts);
            Ok(())
        });
        written.unwrap();
        self.registry.registry.let_others_know();
    }

    /// Notes a member's submission about its VASP.
    pub(crate) fn submission(&self, member: &Party) {
        let now = self.registry.clock.now();
        let row = kept_record(member.vasp.parse().unwrap(), member.organisation, VaspStatus::Verified, now);
        let row = KeptRecord { approved: Some(row.said.clone()), ..row };
        let store = self.registry.registry.store();
        store.write::<_, StoreError>(now, &mut self.registry.random.fork(), |t| t.add_submission(&row)).unwrap();
    }

    /// Suspends a member's VASP, by one person of the registry, or lifts that, by two.
    pub(crate) fn decide(&self, reviewer: &Party, member: &Party, decision: &str) {
        let (_, approver) = self.person(reviewer.organisation, vec![Role::Approver], &[Scope::Operator]);
        let done = |answer: Answer| -> Value {
            assert!(answer.status.is_success(), "{answer:?}");
            answer.json()
        };
        let opened = format!("/v1/operator/vasps/{}/cases", member.vasp);
        let case = done(self.post(reviewer, &opened, &json!({"reason": "something came up"})))["id"].clone();
        let path = |step: &str| format!("/v1/operator/cases/{}/{step}", case.as_str().unwrap());
        done(self.post(reviewer, &path("take"), &json!({})));
        let proposed = done(self.post(reviewer, &path("propose"), &json!({"decision": decision, "reason": "looked at it"})));
        if decision == "reinstate" {
            done(self.post_as(&approver, &path("approve"), &approval(&proposed)));
        }
    }

    /// Opens the database as another node, which learns of changes only when it is told to.
    pub(crate) fn node(&self, options: StoreOptions) -> vasp_registry::node::Registry {
        let options = StoreOptions { readers: 1, ..options };
        let store = Store::open(&self.registry.database.url, &options, Arc::new(Sealer::default())).unwrap();
        let (now, mut rng) = (self.registry.clock.now(), self.registry.random.fork());
        vasp_registry::node::Registry::open(store, self.registry.keys.clone(), ClaimIndexOptions::default(), now, &mut rng)
            .unwrap()
    }

    /// Has a party write through a node.
    pub(crate) fn act<T>(
        &self,
        node: &vasp_registry::node::Registry,
        party: &Party,
        write: impl FnOnce(Act<'_, T>) -> Result<Reply, ServiceError>,
    ) -> Result<Reply, ServiceError> {
        let (now, rng) = (self.registry.clock.now(), &mut self.registry.random.fork());
        let identity = &vasp_registry::acts::authenticate(node, &party.key, now).unwrap().over(node, None, now).unwrap();
        let render = Box::new(|_: &T| Reply::new(200, None, Value::Null));
        write(Act { registry: node, identity, once: None, now, rng, render })
    }

    /// Makes a member whose VASP is verified.
    pub(crate) fn member(&self, name: &'static str) -> Party {
        let (_, vasp) = self.entity(name, "verified");
        self.party_of(vasp)
    }

    /// Makes the member of a VASP.
    pub(crate) fn party_of(&self, vasp: VaspId) -> Party {
        self.organisation(OrganisationKind::Member, Some(vasp), vec![Role::Editor], &[Scope::Member, Scope::Resolve])
    }

    /// Makes an organisation with one person.
    pub(crate) fn organisation(&self, kind: OrganisationKind, vasp: Option<VaspId>, roles: Vec<Role>, scopes: &[Scope]) -> Party {
        let (now, mut rng) = (self.registry.clock.now(), self.registry.random.fork());
        let organisation =
            vasp_registry::organisations::create_organisation(&self.registry.registry, "Firm", kind, vasp, now, &mut rng)
                .unwrap();
        let (_, key) = self.person(organisation, roles, scopes);
        Party { vasp: vasp.map(|id| id.to_string()).unwrap_or_default(), organisation, key }
    }

    /// Adds a person with a key to an organisation.
    pub(crate) fn person(&self, organisation: OrganisationId, roles: Vec<Role>, scopes: &[Scope]) -> (UserId, String) {
        let (now, mut rng) = (self.registry.clock.now(), self.registry.random.fork());
        let email = Some(format!("{}@example.com", vasp_words::ids::ImportId::new(now, &mut rng)));
        let user = NewUser { name: "Person".to_owned(), email, kind: UserKind::Person, roles };
        let user =
            vasp_registry::organisations::create_user(&self.registry.registry, organisation, &user, now, &mut rng).unwrap();
        let key =
            vasp_registry::organisations::create_api_key(&self.registry.registry, user, scopes, None, now, &mut rng).unwrap();
        (user, format!("Bearer {}", key.text))
    }

    pub(crate) fn gateway(&self) -> Party {
        self.organisation(OrganisationKind::Gateway, None, vec![], &[Scope::Resolve, Scope::Precheck])
    }

    /// Labels an account of Ethereum as a group's, from third-party data.
    pub(crate) fn label(&self, address: &str, visibility: vasp_record::claim::Visibility) {
        let now = self.registry.clock.now();
        let key = hex::decode(address.trim_start_matches("0x")).unwrap();
        let written =
            self.registry.registry.store().write::<_, StoreError>(now, &mut self.registry.random.fork(), |transaction| {
                let (owner, _) = crate::support::add_group(transaction, "Elsewhere")?;
                let label = crate::support::Label { network: 104, account_key: key.clone(), owner, expires_at: None };
                add_batch(transaction, &[label], visibility)
            });
        written.unwrap();
        self.registry.registry.let_others_know();
    }

    pub(crate) fn get(&self, party: &Party, path: &str) -> Answer {
        self.registry.client.get_with(path, &[("authorization", &party.key)])
    }

    pub(crate) fn post(&self, party: &Party, path: &str, body: &Value) -> Answer {
        self.post_as(&party.key, path, body)
    }

    pub(crate) fn post_as(&self, key: &str, path: &str, body: &Value) -> Answer {
        let user = self.registry.user_of(key);
        let authorization = self.registry.credentials_for(user, key, ("POST", path, body));
        let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
        self.registry.client.send("POST", path, &headers, &body.to_string())
    }

    /// Sends a change with the version that was read.
    pub(crate) fn change(&self, party: &Party, method: &str, path: &str, version: &str, body: &Value) -> Answer {
        let mut headers = vec![("authorization", party.key.as_str()), ("content-type", "application/json")];
        if !version.is_empty() {
            headers.push(("if-match", version));
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.registry.client.send(method, path, &headers, &body)
    }

    /// Claims an address of Ethereum and returns the claim.
    #[track_caller]
    pub(crate) fn claim(&self, party: &Party, address: &str, more: &Value) -> Value {
        let mut body = json!({"network": "eip155:1", "address": address, "role": "hot"});
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        let answer = self.post(party, "/v1/member/claims", &body);
        assert_eq!(answer.status.as_u16(), 201, "{answer:?}");
        answer.json()
    }

    /// Asks who owns an address of Ethereum: status, and the owners' ids.
    #[track_caller]
    pub(crate) fn owners(&self, party: &Party, address: &str) -> (String, Vec<String>) {
        let answer = self.ask(party, address);
        let owners = answer["owners"].as_array().unwrap().iter();
        let owners = owners.map(|owner| owner["vasp"]["id"].as_str().unwrap().to_owned()).collect();
        (answer["status"].as_str().unwrap().to_owned(), owners)
    }

    #[track_caller]
    pub(crate) fn ask(&self, party: &Party, address: &str) -> Value {
        let body = json!({"subjects": [{"subject": address, "network": "eip155:1"}]});
        let answer = self.post(party, "/v1/resolve", &body);
        assert_eq!(answer.status.as_u16(), 200, "{answer:?}");
        answer.json()["results"][0].clone()
    }
}

/// An address that nobody has a key of.
pub(crate) fn address(number: u64) -> String {
    format!("0x{number:040x}")
}

/// A key of Ethereum.
pub(crate) struct Wallet(k256::ecdsa::SigningKey);

impl Wallet {
    pub(crate) fn new(number: u8) -> Self {
        Self(k256::ecdsa::SigningKey::from_slice(&[number; 32]).unwrap())
    }

    pub(crate) fn address(&self) -> String {
        let point = self.0.verifying_key().to_sec1_point(false);
        let hash = Keccak256::digest(&point.as_bytes()[1..]);
        format!("0x{}", hex::encode(&hash[12..]))
    }

    /// Signs as wallets do. Source: ERC-191, version 0x45.
    pub(crate) fn prove(&self, challenge: &str) -> Value {
        let text = format!("\x19Ethereum Signed Message:\n{}{challenge}", challenge.len());
        let digest = Keccak256::digest(text.as_bytes());
        let (signature, parity) = self.0.sign_prehash_recoverable(&digest);
        let signature = format!("0x{}{:02x}", hex::encode(signature.to_bytes()), 27 + parity.to_byte());
        json!({"scheme": "eip191", "network": "eip155:1", "address": self.address(), "challenge": challenge, "signature": signature})
    }
}
