//! A registry with an authority, members with proven domains, and OpenSSL beside them.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Once;

use serde_json::{Value, json};
use tempfile::TempDir;
use vasp_clock::Clock;
use vasp_pki::ca::NewAuthority;
use vasp_record::domain_proof::ProofMethod;
use vasp_record::domain_standing::DomainState;
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_registry::ca::{init_ca, prepare_root};
use vasp_store::MemberDomain;
use vasp_words::ids::{OrganisationId, VaspId};
use vasp_words::time::UtcTime;

use crate::support::{Answer, Database, Person, Registry, Said, not_run};

/// GLEIF's own LEI. Source: GLEIF.
pub(crate) const LEI: &str = "506700GE1G29325QX363";

pub(crate) struct World {
    pub registry: Registry,
    pub root: NewAuthority,
    pub operator: Person,
}

impl World {
    pub(crate) fn new(database: Database) -> Self {
        let registry = Registry::start_with(database, |settings| (settings.public_read, settings.public_metrics) = (true, true));
        let (now, mut rng) = (registry.clock.now(), registry.random.fork());
        let root = prepare_root(&registry.registry, "Test Registry", now, &mut rng).unwrap();
        init_ca(&registry.registry, "Test Registry", &root, now, &mut rng).unwrap();
        let operator = registry.person_of(OrganisationKind::Operator, None, &[Role::Reviewer], &[Scope::Operator]);
        Self { registry, root, operator }
    }

    /// A verified member with proven domains and an LEI.
    pub(crate) fn member(&self, name: &str, domains: &[(&str, bool)]) -> Person {
        self.member_with(name, domains, &[("status", "", "verified"), ("country", "", "CH"), ("lei", "", LEI)])
    }

    pub(crate) fn member_with(&self, name: &str, domains: &[(&str, bool)], facts: &[Said<'_>]) -> Person {
        let member = self.registry.member_of(self.registry.record(name, facts));
        self.registry.write(|transaction| {
            let (vasp, organisation, now) = (member.vasp(), member.organisation, transaction.now());
            domains
                .iter()
                .try_for_each(|(domain, covers)| transaction.add_member_domain(&proven(vasp, organisation, domain, *covers, now)))
        });
        member
    }

    pub(crate) fn ask(&self, member: &Person, csr: &str, uses: &[&str]) -> Answer {
        member.post(&self.registry, "/v1/vasps/mine/certificates/csr", &json!({"csr": csr, "uses": uses}))
    }

    #[track_caller]
    pub(crate) fn issued(&self, member: &Person, csr: &str, uses: &[&str]) -> Value {
        let answer = self.ask(member, csr, uses).with(201);
        answer.json()
    }

    pub(crate) fn revoke(&self, serial: &Value, reason: &str) -> Answer {
        let path = format!("/v1/ca/certificates/{}/revoke", serial.as_str().unwrap());
        self.operator.post(&self.registry, &path, &json!({"reason": reason}))
    }

    /// The authorities as everybody sees them: the root, then the issuing ones.
    pub(crate) fn authorities(&self) -> Vec<Value> {
        self.registry.client.get("/v1/ca").answered(200)["items"].as_array().unwrap().clone()
    }

    /// The CRL of an issuing authority, DER.
    pub(crate) fn crl(&self, authority: &Value) -> Vec<u8> {
        let (status, headers, body) = self.registry.client.download(authority["crl"].as_str().unwrap(), &[]);
        assert_eq!((status, headers["content-type"].to_str().unwrap()), (200, "application/pkix-crl"));
        body
    }

    pub(crate) fn crl_number(&self) -> i64 {
        self.authorities().last().unwrap()["crl_number"].as_i64().unwrap()
    }
}

fn proven(vasp: VaspId, organisation: OrganisationId, domain: &str, covers_subdomains: bool, now: UtcTime) -> MemberDomain {
    MemberDomain {
        vasp,
        domain: domain.parse().unwrap(),
        organisation,
        covers_subdomains,
        token: "a".repeat(32).parse().unwrap(),
        state: DomainState::Proven,
        version: 1,
        created_at: now,
        updated_at: now,
        expires_at: now.plus_secs(86_400),
        proven_at: Some(now),
        proven_by: Some(ProofMethod::DnsTxt),
        dnssec: None,
        failing_since: None,
        next_look_at: None,
        last_look_at: None,
        last_look: None,
        evidence: None,
    }
}

/// The `openssl` binary, with a folder of its own.
pub(crate) struct Openssl(TempDir);

impl Openssl {
    /// None where it is not installed, which is said aloud.
    pub(crate) fn here() -> Option<Self> {
        static SAID: Once = Once::new();
        match Command::new("openssl").arg("version").output() {
            Ok(output) if output.status.success() => Some(Self(tempfile::tempdir().unwrap())),
            _ => {
                SAID.call_once(|| not_run("what OpenSSL says of the registry's certificates: no openssl here"));
                None
            }
        }
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.path().join(name)).unwrap()
    }

    /// Runs it in its folder.
    pub(crate) fn run(&self, arguments: &str) -> Output {
        Command::new("openssl").args(arguments.split(' ')).current_dir(self.0.path()).output().unwrap()
    }

    /// Runs what must succeed and returns what it printed, on both outputs.
    #[track_caller]
    pub(crate) fn said(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert!(output.status.success(), "openssl {arguments}: {said}");
        said
    }

    /// Makes a key and a request with it.
    #[track_caller]
    pub(crate) fn csr(&self, key: &str, request: &str) -> String {
        self.said(&format!("genpkey {key} -out key.pem"));
        let subject = if request.contains("-subj") { "" } else { " -subj /O=Somebody\\ Else/CN=www.example.net" };
        let subject = subject.replace("\\ ", "_");
        self.said(&format!("req -new -key key.pem -out csr.pem{subject}{request}"));
        std::fs::read_to_string(self.0.path().join("csr.pem")).unwrap()
    }

    /// A request with an EC key.
    #[track_caller]
    pub(crate) fn ec_csr(&self) -> String {
        self.csr("-algorithm EC -pkeyopt ec_paramgen_curve:P-256", "")
    }

    /// Writes the certificates of an answer, and the CRL of its issuer as PEM.
    pub(crate) fn take(&self, world: &World, issued: &Value) {
        for (name, member) in [("leaf.pem", "certificate"), ("chain.pem", "chain"), ("root.pem", "root")] {
            self.file(name, issued[member].as_str().unwrap());
        }
        self.take_crl(world, world.authorities().last().unwrap());
    }

    pub(crate) fn take_crl(&self, world: &World, authority: &Value) {
        self.file("crl.der", world.crl(authority));
        self.said("crl -inform DER -in crl.der -out crl.pem");
    }

    /// Verifies leaf, chain and CRL at the registry's time.
    pub(crate) fn verify(&self, world: &World, more: &str) -> (bool, String) {
        let at = world.registry.clock.now().micros() / 1_000_000;
        let arguments = format!(
            "verify -x509_strict -CAfile root.pem -untrusted chain.pem -CRLfile crl.pem -crl_check -attime {at}{more} leaf.pem"
        );
        let output = self.run(&arguments);
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        (output.status.success(), said)
    }
}
