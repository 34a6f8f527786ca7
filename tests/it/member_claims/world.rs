//! Members with verified VASPs, operators, gateways, and keys that sign.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha3::{Digest, Keccak256};
use std::sync::Arc;
use vasp_clock::Clock;
use vasp_log::Sealer;
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_record::vasp::VaspStatus;
use vasp_registry::acts::{Act, Reply};
use vasp_registry::directory::ClaimIndexOptions;
use vasp_registry::node::ServiceError;
use vasp_store::{Store, StoreOptions};
use vasp_words::ids::VaspId;

use crate::support::{Answer, Database, Label, Person, Registry, add_batch, add_group};

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

    /// Suspends a member's VASP, by one person of the registry, or lifts that, by two.
    pub(crate) fn decide(&self, reviewer: &Person, member: &Person, decision: &str) {
        let approver = self.registry.person(reviewer.organisation, &[Role::Approver]);
        let done = |answer: Answer| -> Value {
            assert!(answer.status.is_success(), "{answer:?}");
            answer.json()
        };
        let opened = format!("/v1/vasps/{}/cases", member.vasp());
        let case = done(self.post(reviewer, &opened, &json!({"reason": "something came up"})))["id"].clone();
        let path = |step: &str| format!("/v1/cases/{}/{step}", case.as_str().unwrap());
        done(self.post(reviewer, &path("take"), &json!({})));
        let proposed = done(self.post(reviewer, &path("propose"), &json!({"decision": decision, "reason": "looked at it"})));
        if decision == "reinstate" {
            done(approver.approve(&self.registry, &proposed));
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
        party: &Person,
        write: impl FnOnce(Act<'_, T>) -> Result<Reply, ServiceError>,
    ) -> Result<Reply, ServiceError> {
        let (now, rng) = (self.registry.clock.now(), &mut self.registry.random.fork());
        let identity = &vasp_registry::acts::authenticate(node, &party.bearer, now).unwrap().over(node, None, now).unwrap();
        let render = Box::new(|_: &T| Reply::new(200, None, Value::Null));
        write(Act { registry: node, identity, once: None, now, rng, render })
    }

    /// Makes a member whose VASP is verified; nothing was handed in about it.
    pub(crate) fn member(&self, name: &str) -> Person {
        self.editor_of(self.registry.record(name, &[("status", "", "verified")]))
    }

    /// Makes the member of a VASP; nothing was handed in about it.
    pub(crate) fn editor_of(&self, vasp: VaspId) -> Person {
        self.registry.person_of(OrganisationKind::Member, Some(vasp), &[Role::Editor], &[Scope::Member, Scope::Resolve])
    }

    /// Notes a member's submission about its VASP.
    pub(crate) fn submission(&self, member: &Person) {
        self.registry.keep(member.organisation, member.vasp(), VaspStatus::Verified);
    }

    /// Gives a member's VASP another status.
    pub(crate) fn set_status(&self, member: &Person, status: &str) {
        self.registry.replace(member.vasp(), ("status", "", status));
    }

    pub(crate) fn gateway(&self) -> Person {
        self.registry.person_of(OrganisationKind::Gateway, None, &[], &[Scope::Resolve, Scope::Precheck])
    }

    /// Labels an account of Ethereum as a group's, from third-party data.
    pub(crate) fn label(&self, address: &str, visibility: vasp_record::claim::Visibility) {
        let account_key = hex::decode(address.trim_start_matches("0x")).unwrap();
        self.registry.write(|transaction| {
            let (owner, _) = add_group(transaction, "Elsewhere")?;
            add_batch(transaction, &[Label { network: 104, account_key, owner, expires_at: None }], visibility)
        });
    }

    pub(crate) fn get(&self, party: &Person, path: &str) -> Answer {
        party.get(&self.registry, path)
    }

    pub(crate) fn post(&self, party: &Person, path: &str, body: &Value) -> Answer {
        party.post(&self.registry, path, body)
    }

    /// Sends a change with the version that was read.
    pub(crate) fn change(&self, party: &Person, method: &str, path: &str, version: &str, body: &Value) -> Answer {
        let tag = [("if-match", version)];
        party.send(&self.registry, method, path, if version.is_empty() { &[] } else { &tag }, body)
    }

    /// Claims an address of Ethereum and returns the claim.
    #[track_caller]
    pub(crate) fn claim(&self, party: &Person, address: &str, more: &Value) -> Value {
        let mut body = json!({"network": "eip155:1", "address": address, "role": "hot"});
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        self.post(party, "/v1/claims", &body).answered(201)
    }

    /// Asks who owns an address of Ethereum: status, and the owners' ids.
    #[track_caller]
    pub(crate) fn owners(&self, party: &Person, address: &str) -> (String, Vec<String>) {
        let answer = self.ask(party, address);
        let owners = answer["owners"].as_array().unwrap().iter();
        let owners = owners.map(|owner| owner["vasp"]["id"].as_str().unwrap().to_owned()).collect();
        (answer["status"].as_str().unwrap().to_owned(), owners)
    }

    #[track_caller]
    pub(crate) fn ask(&self, party: &Person, address: &str) -> Value {
        let body = json!({"subjects": [{"subject": address, "network": "eip155:1"}]});
        self.post(party, "/v1/resolve", &body).answered(200)["results"][0].clone()
    }
}

/// What `World::owners` says of an address of one party.
pub(crate) fn owned_by(party: &Person) -> (String, Vec<String>) {
    ("owned".to_owned(), vec![party.vasp().to_string()])
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

    /// Signs a message as Bitcoin's wallets do. `header` tells the kind of address. Source: BIP-137, "Procedure for signing".
    pub(crate) fn prove_bitcoin(&self, (network, address): (&str, &str), header: u8, challenge: &str) -> Value {
        let head =
            [b"\x18Bitcoin Signed Message:\n\xfd".as_slice(), &u16::try_from(challenge.len()).unwrap().to_le_bytes()].concat();
        let sha256 = |bytes: &[u8]| aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
        let digest = sha256(sha256(&[&head, challenge.as_bytes()].concat()).as_ref());
        let (signature, parity) = self.0.sign_prehash_recoverable(digest.as_ref());
        let signature = [&[header + parity.to_byte()], signature.to_bytes().as_slice()].concat();
        json!({"scheme": "bitcoin_message", "network": network, "address": address, "challenge": challenge,
               "signature": STANDARD.encode(signature)})
    }

    /// Signs arbitrary data with a key of Cosmos' kind. Source: Cosmos SDK, ADR-036.
    pub(crate) fn prove_cosmos(&self, (network, address): (&str, &str), challenge: &str) -> Value {
        let data = STANDARD.encode(challenge);
        let document = format!(
            r#"{{"account_number":"0","chain_id":"","fee":{{"amount":[],"gas":"0"}},"memo":"","msgs":[{{"type":"sign/MsgSignData","value":{{"data":"{data}","signer":"{address}"}}}}],"sequence":"0"}}"#
        );
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, document.as_bytes());
        let (signature, _) = self.0.sign_prehash_recoverable(digest.as_ref());
        let key = STANDARD.encode(self.0.verifying_key().to_sec1_point(true).as_bytes());
        json!({"scheme": "cosmos_adr036", "network": network, "address": address, "challenge": challenge,
               "signature": STANDARD.encode(signature.to_bytes()), "public_key": key})
    }
}
