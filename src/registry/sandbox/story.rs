//! What happens to an invented member before anybody asks about it: it drafts its record, proves its domain, is verified by two people,
//! publishes an endpoint and claims addresses; and an asking organisation decides about it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::StageError;
use super::facts::lei;
use super::people::{Part, Person, Stage, text};
use super::wallets::Chain;
use vasp_outbound::TestNames;
use vasp_record::role::{OrganisationKind, Role, Scope};

use vasp_words::ids::{OrganisationId, VaspId};

/// The two people of the registry.
pub(super) struct Reviewers {
    /// Takes cases and proposes.
    pub(super) reviewer: Person,
    /// Approves.
    pub(super) approver: Person,
}

/// A member to be.
pub(super) struct NewMember<'a> {
    /// Its legal name.
    pub(super) name: &'a str,
    /// Its country.
    pub(super) country: &'a str,
    /// Its LEI, of the prefix that GLEIF assigns to nobody.
    pub(super) lei: String,
    /// Its domain under `.test`.
    pub(super) domain: &'a str,
    /// Its identifiers in closed networks, each with its scheme.
    pub(super) identifiers: &'a [(&'a str, &'a str)],
    /// After how many days the evidence for its record expires; `None` for never.
    pub(super) evidence_days: Option<i64>,
    /// The authority that licensed it, and the regime.
    pub(super) licence: (&'a str, &'a str),
    /// The person who keeps its record.
    pub(super) editor: Part,
}

impl<'a> NewMember<'a> {
    /// A member in Germany, with the LEI of a number.
    pub(super) fn of(number: u32, name: &'a str, domain: &'a str, keeper: &'static str) -> Self {
        let editor = Part { name: keeper, part: "keeps the record of a member", roles: &[Role::Editor, Role::Admin] };
        let licence = ("DE-BAFIN", "MiCA");
        Self { name, country: "DE", lei: lei(number), domain, identifiers: &[], evidence_days: None, licence, editor }
    }
}

/// An asking organisation: two people decide, and a program asks.
pub(super) struct Asker {
    /// Proposes decisions about counterparties.
    pub(super) proposer: Person,
    /// Approves them.
    pub(super) approver: Person,
}

/// A key and its certificate.
pub(super) struct Certified {
    /// The private key as PEM.
    pub(super) key: String,
    /// The certificate as PEM.
    pub(super) certificate: String,
    /// SHA-256 of the certificate in hex digits.
    pub(super) sha256: String,
}

/// A verified member.
pub(super) struct Member {
    /// Who keeps its record.
    pub(super) editor: Person,
    /// Its record.
    pub(super) vasp: String,
    /// The organisation.
    pub(super) organisation: OrganisationId,
}

impl Stage<'_> {
    /// Enrols the registry's two people.
    pub(super) fn reviewers(&self, parts: [&Part; 2]) -> Result<Reviewers, StageError> {
        let home = self.organisation(self.setting.registry, OrganisationKind::Operator, None)?;
        let [reviewer, approver] = parts;
        Ok(Reviewers { reviewer: self.person(home, reviewer)?, approver: self.person(home, approver)? })
    }

    /// Leads a member from its draft to a verified record with a domain and an endpoint.
    pub(super) fn verified_member(
        &self,
        reviewers: &Reviewers,
        names: &TestNames,
        new: &NewMember<'_>,
    ) -> Result<Member, StageError> {
        let home = self.organisation(new.name, OrganisationKind::Member, None)?;
        let editor = self.person(home, &new.editor)?;
        let (domain, (authority, regime)) = (new.domain, new.licence);
        let identifiers: Vec<Value> =
            new.identifiers.iter().map(|(scheme, value)| json!({"scheme": scheme, "value": value})).collect();
        let draft = json!({"identifiers": identifiers, "legal_name": new.name, "country": new.country, "lei": new.lei,
                           "website": format!("https://{domain}"),
                           "registered_address": format!("Invented Street 1, {}", new.country), "activities": ["custody", "transfer"]});
        let vasp = text(&self.post(&editor, "/v1/vasps", &draft)?, "/id")?;
        let licence = json!({"authority": authority, "regime": regime, "number": "INVENTED-1",
                             "activities": ["custody", "transfer"], "valid_from": "2025-07-01"});
        let licence = text(&self.post(&editor, "/v1/vasps/mine/licences", &licence)?, "/id")?;
        self.prove_domain(&editor, names, domain)?;
        let submitted = self.post(&editor, "/v1/vasps/mine/draft/submit", &Value::Null)?;
        let case = text(&submitted, "/case/id")?;
        let mut places: Vec<String> = ["legal_name", "country", "lei", "website"].map(str::to_owned).into();
        places.push(format!("licences/{licence}"));
        places.extend((!new.identifiers.is_empty()).then(|| "identifiers".to_owned()));
        self.decide(
            reviewers,
            &case,
            (&places, new.evidence_days),
            &json!({"decision": "verify", "reason": self.setting.invented}),
        )?;
        let endpoint = json!({"protocol": "trp", "versions": ["3.2.1"],
                              "location": {"kind": "url", "url": format!("https://{domain}/trp")}});
        self.post(&editor, "/v1/vasps/mine/endpoints", &endpoint)?;
        Ok(Member { editor, vasp, organisation: home })
    }

    /// Proves a domain by a TXT record.
    fn prove_domain(&self, editor: &Person, names: &TestNames, domain: &str) -> Result<(), StageError> {
        let asked = json!({"domain": domain, "covers_subdomains": true});
        let asked = self.post(editor, "/v1/vasps/mine/domains", &asked)?;
        let (name, value) = (text(&asked, "/challenge/dns_txt/name")?, text(&asked, "/challenge/dns_txt/value")?);
        names.publish(&name, BTreeSet::from([value])).map_err(StageError::Name)?;
        self.post(editor, &format!("/v1/vasps/mine/domains/{domain}/verify"), &Value::Null).map(drop)
    }

    /// Has two people decide a case, with evidence for places of the record, which expires after some days.
    pub(super) fn decide(
        &self,
        by: &Reviewers,
        case: &str,
        (places, days): (&[String], Option<i64>),
        decision: &Value,
    ) -> Result<(), StageError> {
        let path = format!("/v1/cases/{case}");
        self.post(&by.reviewer, &format!("{path}/take"), &Value::Null)?;
        for place in places {
            let expires = days.map(|days| self.clock.now().plus_secs(days * 86_400));
            let evidence = json!({"attribute": place, "method": "register_look_up", "source": self.setting.invented,
                                  "expires_at": expires});
            self.post(&by.reviewer, &format!("{path}/evidence"), &evidence)?;
        }
        let proposed = self.post(&by.reviewer, &format!("{path}/propose"), decision)?;
        self.approve(&by.approver, &proposed)
    }

    /// Opens a case about a record, and returns its id.
    pub(super) fn open_case(&self, by: &Reviewers, vasp: &str) -> Result<String, StageError> {
        let reason = json!({"reason": self.setting.invented});
        text(&self.post(&by.reviewer, &format!("/v1/vasps/{vasp}/cases"), &reason)?, "/id")
    }

    /// Has a member claim an address.
    pub(super) fn claim(&self, member: &Member, network: &str, address: &str) -> Result<String, StageError> {
        let claim = json!({"network": network, "address": address, "role": "deposit", "visibility": "public"});
        text(&self.post(&member.editor, "/v1/claims", &claim)?, "/id")
    }

    /// Has a member claim the address of a scenario's key, and prove it with that key. Returns the proven claim's id.
    pub(super) fn prove_claim(&self, member: &Member, chain: Chain, scenario: &str) -> Result<String, StageError> {
        let address = chain.address(scenario)?;
        let claim = self.claim(member, chain.network(), &address)?;
        let asked = self.post(&member.editor, &format!("/v1/claims/{claim}/challenge"), &Value::Null)?;
        let challenge = text(&asked, "/challenge")?;
        let signature = chain.sign(scenario, &challenge)?;
        let proof = json!({"scheme": chain.scheme(), "network": chain.network(), "address": address, "challenge": challenge,
                           "signature": signature});
        text(&self.post(&member.editor, &format!("/v1/claims/{claim}/proof"), &proof)?, "/id")
    }

    /// Has a member change or withdraw a claim.
    pub(super) fn change_claim(
        &self,
        member: &Member,
        method: &str,
        claim: &str,
        body: Option<&Value>,
    ) -> Result<(), StageError> {
        self.send(&member.editor, method, &format!("/v1/claims/{claim}"), &[("If-Match", "*")], body).map(drop)
    }

    /// Has the registry's authority certify a key of a member for its domain.
    pub(super) fn certify(&self, member: &Member, domain: &str) -> Result<Certified, StageError> {
        let failed = |error: rcgen::Error| StageError::Certificate(error.to_string());
        let key = rcgen::KeyPair::generate().map_err(failed)?;
        let request = rcgen::CertificateParams::new(vec![domain.to_owned()]).and_then(|asked| asked.serialize_request(&key));
        let request = request.and_then(|request| request.pem()).map_err(failed)?;
        let body: Value = json!({"csr": request, "uses": ["tls_server", "tls_client"]});
        let issued = self.post(&member.editor, "/v1/vasps/mine/certificates/csr", &body)?;
        let (certificate, sha256) = (text(&issued, "/certificate")?, text(&issued, "/sha256")?);
        Ok(Certified { key: key.serialize_pem(), certificate, sha256 })
    }

    /// Suspends a member. The case stays open.
    pub(super) fn suspend(&self, by: &Reviewers, member: &Member) -> Result<(), StageError> {
        let case = self.open_case(by, &member.vasp)?;
        self.post(&by.reviewer, &format!("/v1/cases/{case}/take"), &Value::Null)?;
        let suspension = json!({"decision": "suspend", "reason": self.setting.invented});
        // It takes effect at once, without an approval.
        self.post(&by.reviewer, &format!("/v1/cases/{case}/propose"), &suspension).map(drop)
    }

    /// Makes an asking organisation. Returns the key of its program with its people.
    pub(super) fn asker(
        &self,
        name: &str,
        vasp: Option<VaspId>,
        [first, second]: [(&'static str, &'static str); 2],
    ) -> Result<(String, Asker), StageError> {
        let home = self.organisation(name, OrganisationKind::Gateway, vasp)?;
        let person = |(name, part), roles| self.person(home, &Part { name, part, roles });
        let proposer = person(first, &[Role::Compliance, Role::Admin])?;
        let approver = person(second, &[Role::Compliance, Role::SeniorManagement, Role::Admin])?;
        let asker = Asker { proposer, approver };
        Ok((self.key(home, &[Scope::Resolve, Scope::Precheck])?, asker))
    }

    /// Has two people of an organisation decide about a counterparty.
    pub(super) fn relate(&self, by: &Asker, vasp: &str, mut decision: Value) -> Result<(), StageError> {
        if let Some(members) = decision.as_object_mut() {
            members.insert("reason".to_owned(), self.setting.invented.into());
        }
        let Asker { proposer, approver } = by;
        let path = format!("/v1/relationships/{vasp}");
        let proposed = self.send(proposer, "POST", &format!("{path}/propose"), &[("If-Match", "*")], Some(&decision))?;
        self.approve(approver, &proposed)
    }
}
