//! From a member's draft to what gateways see, and back: the steps, who may take them, and what everybody sees meanwhile.

mod adoption;
mod altered;
mod drafts;
mod identifiers;
mod messages;
mod names;
mod reached;
mod registry_kept;
mod somebody_elses;
mod steps;

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_registry::review::expire_evidence;

use crate::support::{Answer, Database, Person, Registry, on_every_database};

const NO_BODY: Value = Value::Null;

/// A registry with two reviewers, two approvers, a member and a gateway.
struct Story {
    registry: Registry,
    alice: Person,
    bob: Person,
    carol: Person,
    member: Person,
    gateway: Person,
}

impl Story {
    fn begin(database: Database) -> Self {
        Self::of(Registry::start(database))
    }

    fn of(registry: Registry) -> Self {
        let (alice, bob) = registry.two_operators();
        let carol = registry.person(alice.organisation, &[Role::Reviewer]);
        let member = registry.person_of_new(OrganisationKind::Member, &[Role::Editor]);
        let gateway = registry.person_of_new(OrganisationKind::Gateway, &[Role::Compliance]);
        Self { registry, alice, bob, carol, member, gateway }
    }

    /// Sends with the version of the member's record.
    fn member_sends(&self, method: &str, path: &str, body: &Value) -> Answer {
        let tag = self.registry.get_as(&self.member, "/v1/vasps/mine/draft").header("etag").to_owned();
        self.registry.send_as(&self.member, method, path, &[("if-match", &tag)], body)
    }

    fn draft(&self) -> Value {
        let body = json!({
            "legal_name": "Lagoon Exchange GmbH", "country": "DE", "website": "https://www.lagoon.example.org",
            "activities": ["fatf:iv", "transfer"], "identifiers": [{"scheme": "commercial_register:DE", "value": "HRB 1"}],
            "contacts": [{"role": "compliance", "name": "Desk", "email": "desk@lagoon.example.org"}],
        });
        self.registry.post_as(&self.member, "/v1/vasps", &body).answered(201)
    }

    fn licence(&self) -> String {
        let body = json!({"authority": "DE-BAFIN", "regime": "MiCA", "activities": ["custody", "transfer"],
                          "territories": ["DE"], "valid_from": "2025-01-01"});
        let made = self.registry.post_as(&self.member, "/v1/vasps/mine/licences", &body);
        let listed = self.registry.get_as(&self.member, "/v1/vasps/mine/licences");
        assert_eq!((&listed.json()["items"], listed.header("etag")), (&json!([made.json()]), made.header("etag")));
        made.answered(201)["id"].as_str().unwrap().to_owned()
    }

    fn submit(&self) -> String {
        self.member_sends("POST", "/v1/vasps/mine/draft/submit", &NO_BODY).answered(200)["case"]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    fn evidence(&self, who: &Person, case: &str, attribute: &str) {
        let body = json!({"attribute": attribute, "method": "register_look_up", "source": "commercial register"});
        self.registry.post_as(who, &format!("/v1/cases/{case}/evidence"), &body).with(201);
    }

    /// Has the registry learn something about a VASP, from elsewhere.
    fn learn(&self, vasp: &str, attribute: &'static str, value: &str) {
        self.learn_from("test", vasp, attribute, value);
    }

    /// As `learn`, from an origin.
    fn learn_from(&self, origin: &str, vasp: &str, attribute: &'static str, value: &str) {
        self.registry.say_from(origin, vasp.parse().unwrap(), &[(attribute, "", value)]);
    }

    fn propose(&self, who: &Person, case: &str, decision: &str) -> Answer {
        let claims = if decision == "revoke" { json!("none") } else { NO_BODY };
        let body = json!({"decision": decision, "claims": claims, "reason": "looked at everything"});
        self.registry.post_as(who, &format!("/v1/cases/{case}/propose"), &body)
    }

    fn approve(&self, who: &Person, proposed: &Value) -> Answer {
        who.approve(&self.registry, proposed)
    }

    fn case(&self, case: &str) -> Value {
        self.registry.get_as(&self.alice, &format!("/v1/cases/{case}")).answered(200)
    }

    /// Alice takes and proposes, Bob approves; returns the case.
    fn decide(&self, case: &str, decision: &str) -> Value {
        self.registry.post_as(&self.alice, &format!("/v1/cases/{case}/take"), &NO_BODY).with(200);
        let proposed = self.propose(&self.alice, case, decision).answered(201);
        self.approve(&self.bob, &proposed).with(200);
        self.case(case)
    }

    /// Goes all the way to a verified record and returns its id.
    fn verified(&self) -> String {
        let vasp = self.draft()["id"].as_str().unwrap().to_owned();
        self.licence();
        self.vouched();
        vasp
    }

    /// Alice records evidence for every place without which nobody verifies the record.
    fn evidence_for_all(&self, case: &str) {
        let list = self.registry.get_as(&self.alice, &format!("/v1/cases/{case}/checklist")).json();
        for place in list["blocking"].as_array().unwrap() {
            self.evidence(&self.alice, case, place.as_str().unwrap());
        }
    }

    /// Takes the member's draft from here to a verified record.
    fn vouched(&self) {
        let case = self.submit();
        self.registry.post_as(&self.alice, &format!("/v1/cases/{case}/take"), &NO_BODY);
        self.evidence_for_all(&case);
        assert_eq!(self.decide(&case, "verify")["outcome"], "verify");
    }

    /// Lets another member act from here on.
    fn with_member(self, member: Person) -> Self {
        Self { member, ..self }
    }

    fn seen(&self, vasp: &str) -> Answer {
        self.registry.get_as(&self.gateway, &format!("/v1/vasps/{vasp}"))
    }

    /// Opens a case about a record and returns its id.
    fn opened(&self, vasp: &str) -> String {
        let path = format!("/v1/vasps/{vasp}/cases");
        self.registry.post_as(&self.carol, &path, &json!({"reason": "something came up"})).answered(201)["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}

/// The candidates of a 409 with a code.
#[track_caller]
fn candidates(answer: &Answer, code: &str) -> Vec<Value> {
    let problem = answer.json();
    assert_eq!((answer.status.as_u16(), &problem["code"]), (409, &json!(code)), "{answer:?}");
    problem["candidates"].as_array().unwrap().iter().map(|one| one["vasp"].clone()).collect()
}

/// Asserts which places of a record a case's checklist shows evidence for, and that it says who looked and where.
#[track_caller]
fn assert_evidence(list: &Value, case: &str, places: &[&str]) {
    let shown = list["evidence"].as_array().unwrap();
    let mut found: Vec<&str> = shown.iter().map(|evidence| evidence["attribute"].as_str().unwrap()).collect();
    found.sort_unstable();
    assert_eq!(found, places);
    for evidence in shown {
        assert_eq!((&evidence["source"], &evidence["case"]), (&json!("commercial register"), &json!(case)));
        assert!(evidence["verifier"].as_str().is_some_and(|user| user.starts_with("usr_")), "{evidence}");
    }
}

#[on_every_database(Story::begin)]
fn a_draft_becomes_a_verified_record_that_two_people_vouch_for(story: Story) {
    let vasp = story.draft()["id"].as_str().unwrap().to_owned();
    let licence = story.licence();
    let case = story.submit();

    // Nobody but its member and the registry knows of it.
    story.seen(&vasp).problem(404, "not_found");
    let path = format!("/v1/cases/{case}");
    let queue = story.registry.get_as(&story.carol, "/v1/cases").json();
    assert_eq!(queue["items"][0]["id"], json!(case));
    assert_eq!(queue["items"][0]["triggers"][0]["kind"], "submission");

    // Proposing takes having taken it, and evidence.
    story.propose(&story.alice, &case, "verify").problem(409, "conflict");
    assert_eq!(story.registry.post_as(&story.alice, &format!("{path}/take"), &NO_BODY).json()["status"], "taken");
    story.registry.post_as(&story.carol, &format!("{path}/take"), &NO_BODY).problem(409, "conflict");
    let missing = story.propose(&story.alice, &case, "verify").problem(422, "invalid_request");
    assert_eq!(missing["errors"][0]["code"], "evidence_missing");

    // The member is asked, and answers.
    let question = json!({"text": "Which office keeps the keys?"});
    assert_eq!(story.registry.post_as(&story.alice, &format!("{path}/messages"), &question).status, 201);
    assert_eq!(story.registry.get_as(&story.member, "/v1/vasps/mine/draft").json()["case"]["status"], "waiting");
    let reply = json!({"text": "Hamburg."});
    assert_eq!(story.registry.post_as(&story.member, "/v1/vasps/mine/messages", &reply).status, 201);
    let messages = story.registry.get_as(&story.member, "/v1/vasps/mine/messages").json();
    let texts: Vec<_> = messages["items"].as_array().unwrap().iter().map(|m| (&m["from_member"], &m["text"])).collect();
    assert_eq!(texts, [(&json!(false), &question["text"]), (&json!(true), &reply["text"])]);

    let places = ["country", "identifiers", "legal_name", &format!("licences/{licence}"), "website"];
    for place in places {
        story.evidence(&story.alice, &case, place);
    }
    let list = story.registry.get_as(&story.carol, &format!("{path}/checklist")).json();
    assert_eq!(list["blocking"], json!([]));
    assert_evidence(&list, &case, &places);

    story.evidence(&story.alice, &case, "activities");
    let proposed = story.propose(&story.alice, &case, "verify").answered(201);
    story.approve(&story.bob, &proposed).with(200);
    let approved = story.case(&case);
    assert_eq!((&approved["status"], &approved["outcome"]), (&json!("closed"), &json!("verify")));

    let record = story.seen(&vasp).json();
    assert_eq!(record["status"], "verified");
    assert_eq!(record["legal_name"], "Lagoon Exchange GmbH");
    assert_eq!(record["activities"], json!(["custody", "transfer"]));
    assert_eq!(record["licences"][0]["id"], json!(licence));
    assert_eq!(record["licences"][0]["status"], "in_force");
    let evidence: Vec<_> = record["evidence"].as_array().unwrap().iter().map(|e| (&e["attribute"], &e["method"])).collect();
    assert!(evidence.contains(&(&json!("legal_name"), &json!("register_look_up"))), "{evidence:?}");
    assert!(!record.to_string().contains("desk@lagoon"), "contacts are not for gateways: {record}");
}

#[on_every_database(Story::begin)]
fn readers_see_what_was_approved_until_the_change_is_too(story: Story) {
    let vasp = story.verified();
    let before = story.seen(&vasp).json()["directory"]["sequence"].clone();

    let changed = story.member_sends("PATCH", "/v1/vasps/mine/draft", &json!({"legal_name": "Lagoon Global GmbH"})).with(200);
    assert_eq!(changed.json()["said"]["legal_name"], "Lagoon Global GmbH");
    assert_eq!(changed.json()["approved"]["legal_name"], "Lagoon Exchange GmbH");
    assert_eq!(story.seen(&vasp).json()["legal_name"], "Lagoon Exchange GmbH");
    let case = changed.json()["case"]["id"].as_str().unwrap().to_owned();

    story.registry.post_as(&story.alice, &format!("/v1/cases/{case}/take"), &NO_BODY);
    let list = story.registry.get_as(&story.alice, &format!("/v1/cases/{case}/checklist")).json();
    let name = list["items"].as_array().unwrap().iter().find(|item| item["attribute"] == "legal_name").unwrap();
    assert_eq!((&name["changed"], &name["state"]), (&json!(true), &json!("other_value")));
    story.evidence(&story.alice, &case, "legal_name");
    story.decide(&case, "verify");

    assert_eq!(story.seen(&vasp).json()["legal_name"], "Lagoon Global GmbH");
    let then = story.registry.get_as(&story.gateway, &format!("/v1/vasps/{vasp}?as_of=seq:{before}"));
    assert_eq!(then.json()["legal_name"], "Lagoon Exchange GmbH");
    let history = story.registry.get_as(&story.gateway, &format!("/v1/vasps/{vasp}/history")).json();
    let change = &history["items"][0]["changes"][0];
    assert_eq!((&change["from"], &change["to"]), (&json!("Lagoon Exchange GmbH"), &json!("Lagoon Global GmbH")));
}

#[on_every_database(Story::begin)]
fn an_amendment_that_is_rejected_leaves_what_was_approved(story: Story) {
    let vasp = story.verified();

    let changed = story.member_sends("PATCH", "/v1/vasps/mine/draft", &json!({"country": "AT"})).json();
    story.decide(changed["case"]["id"].as_str().unwrap(), "reject");

    let own = story.registry.get_as(&story.member, "/v1/vasps/mine/draft").json();
    assert_eq!((&own["status"], &own["said"]["country"]), (&json!("verified"), &json!("DE")));
    assert_eq!(story.seen(&vasp).json()["country"], "DE");
}

#[on_every_database(Story::begin)]
fn one_person_suspends_and_two_lift_it_or_revoke_for_good(story: Story) {
    let vasp = story.verified();

    let case = story.opened(&vasp);
    story.registry.post_as(&story.carol, &format!("/v1/cases/{case}/take"), &NO_BODY);
    let suspended = story.propose(&story.carol, &case, "suspend").answered(201);
    assert_eq!(story.seen(&vasp).json()["status"], "suspended");
    assert_eq!((&suspended["state"], &suspended["decided_by"]), (&json!("approved"), &json!(story.carol.user)));
    story.member_sends("PATCH", "/v1/vasps/mine/draft", &json!({"country": "AT"})).problem(409, "illegal_step");

    let lifted = story.propose(&story.carol, &case, "reinstate").json();
    assert_eq!(story.seen(&vasp).json()["status"], "suspended");
    assert_eq!(story.approve(&story.bob, &lifted).status, 200);
    assert_eq!(story.seen(&vasp).json()["status"], "verified");

    let case = story.opened(&vasp);
    story.decide(&case, "revoke");
    assert_eq!(story.seen(&vasp).json()["status"], "revoked");
    // For every day, also those before: nobody dates a transfer back to get past it.
    let yesterday = story.registry.get_as(&story.gateway, &format!("/v1/vasps/{vasp}?valid_on=2026-05-01"));
    assert_eq!(yesterday.json()["status"], "revoked");
    story.propose(&story.alice, &story.opened(&vasp), "reinstate").problem(409, "conflict");
}

#[on_every_database(Story::begin)]
fn two_records_of_one_vasp_become_one_under_both_ids(story: Story) {
    let stays = story.verified();
    let other = Story { member: story.registry.person_of_new(OrganisationKind::Member, &[Role::Editor]), ..story };
    let body = json!({"legal_name": "Lagoon Exchange GmbH", "country": "DE"});
    let refused = other.registry.post_as(&other.member, "/v1/vasps", &body).with(409);
    assert_eq!(refused.json()["code"], "possible_duplicate");
    assert_eq!(refused.json()["candidates"][0]["vasp"], json!(stays));
    let twin = json!({"legal_name": "Lagoon Exchange GmbH", "country": "DE", "distinct_from": [stays]});
    let drafted = other.registry.post_as(&other.member, "/v1/vasps", &twin).with(201);
    let goes = drafted.json()["id"].as_str().unwrap().to_owned();
    let case = other.submit();
    other.registry.post_as(&other.alice, &format!("/v1/cases/{case}/take"), &NO_BODY);
    other.evidence_for_all(&case);
    other.decide(&case, "verify");

    let path = format!("/v1/vasps/{goes}/merge");
    let merging = json!({"into": stays, "reason": "one register entry"});
    let merged = other.registry.post_as(&other.alice, &path, &merging).answered(201);
    assert_eq!(other.seen(&goes).json()["id"], json!(goes));
    other.approve(&other.alice, &merged).problem(409, "same_person");
    other.learn(&stays, "website", "https://lagoon.example");
    other.approve(&other.bob, &merged).problem(412, "stale_version");
    let merged = other.registry.post_as(&other.alice, &path, &merging).json();
    assert_eq!(other.approve(&other.bob, &merged).status, 200);

    for id in [&goes, &stays] {
        assert_eq!(other.seen(id).json()["id"], json!(stays));
    }
    let found = other.registry.get_as(&other.gateway, "/v1/vasps?q=Lagoon%20Exchange").json();
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
}

#[on_every_database(Story::begin)]
fn a_repetition_gets_the_first_answer_and_does_nothing_twice(story: Story) {
    let body = json!({"legal_name": "Lagoon Exchange GmbH", "country": "DE"});
    let send =
        |key: &str, body: &Value| story.registry.send_as(&story.member, "POST", "/v1/vasps", &[("idempotency-key", key)], body);

    let first = send("a", &body);
    let again = send("a", &body);
    let other_body = send("a", &json!({"legal_name": "Another GmbH"}));
    let other_key = send("b", &body);

    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201));
    assert_eq!((first.json(), first.header("etag")), (again.json(), again.header("etag")));
    other_body.problem(422, "idempotency_key_reused");
    other_key.problem(409, "conflict");
}

#[on_every_database(Story::begin)]
fn evidence_goes_stale_at_its_moment_and_opens_a_case(story: Story) {
    let vasp = story.draft()["id"].as_str().unwrap().to_owned();
    let case = story.submit();
    story.registry.post_as(&story.alice, &format!("/v1/cases/{case}/take"), &NO_BODY);
    for place in ["country", "identifiers", "website"] {
        story.evidence(&story.alice, &case, place);
    }
    let body = json!({"attribute": "legal_name", "method": "call_back", "source": "their switchboard",
                      "expires_at": "2026-06-02T12:00:00Z"});
    story.registry.post_as(&story.alice, &format!("/v1/cases/{case}/evidence"), &body);
    story.decide(&case, "verify");
    let of_name = |record: &Value| {
        let all = record["evidence"].as_array().unwrap();
        all.iter().find(|one| one["attribute"] == "legal_name").unwrap()["stale"].clone()
    };

    let fresh = story.seen(&vasp).json();
    story.registry.clock.set("2026-06-02T11:59:59.5Z".parse().unwrap());
    let last_moment = story.seen(&vasp).json();
    assert_eq!((of_name(&fresh), of_name(&last_moment)), (json!(false), json!(false)));
    assert_eq!(last_moment["valid_until"], "2026-06-02T12:00:00Z");

    story.registry.clock.set("2026-06-02T12:00:00Z".parse().unwrap());
    assert_eq!(of_name(&story.seen(&vasp).json()), json!(true));
    let then = story.registry.get_as(&story.gateway, &format!("/v1/vasps/{vasp}?as_of=2026-06-02T11:00:00Z"));
    assert_eq!(of_name(&then.json()), json!(false));
    let question = json!({"direction": "outgoing", "beneficiary": {"vasp": vasp}, "transfer": {"fiat": {"amount": "10.00", "currency": "EUR"}},
                          "originator": {"jurisdiction": "DE"}});
    let judged = story.registry.post_as(&story.gateway, "/v1/prechecks", &question).with(200);
    let judged = judged.json();
    let identity = judged["checks"].as_array().unwrap().iter().find(|check| check["check"] == "identity").unwrap();
    assert_eq!((&identity["outcome"], &identity["code"]), (&json!("warn"), &json!("identity.evidence_stale")));

    let now = story.registry.clock.now();
    let noted = |rng| expire_evidence(&story.registry.registry, now, rng).unwrap();
    assert_eq!((noted(&mut story.registry.random.fork()), noted(&mut story.registry.random.fork())), (1, 0));
    let queue = story.registry.get_as(&story.carol, &format!("/v1/cases?vasp={vasp}&kind=expiry")).json();
    assert_eq!(queue["items"].as_array().unwrap().len(), 1, "{queue}");
}

#[on_every_database(Story::begin)]
fn evidence_that_expires_before_the_approval_verifies_nothing(story: Story) {
    story.draft();
    let case = story.submit();
    story.registry.post_as(&story.alice, &format!("/v1/cases/{case}/take"), &NO_BODY);
    for place in ["country", "identifiers", "website"] {
        story.evidence(&story.alice, &case, place);
    }
    let body = json!({"attribute": "legal_name", "method": "call_back", "source": "their switchboard",
                      "expires_at": "2026-06-02T12:00:00Z"});
    story.registry.post_as(&story.alice, &format!("/v1/cases/{case}/evidence"), &body);
    let proposed = story.propose(&story.alice, &case, "verify").json();

    story.registry.clock.set("2026-06-02T12:00:00Z".parse().unwrap());
    let refused = story.approve(&story.bob, &proposed).problem(422, "invalid_request");

    assert_eq!(refused["errors"][0]["pointer"], "/legal_name");
    assert_eq!(refused["errors"][0]["code"], "evidence_missing");
}

#[on_every_database(Story::begin)]
fn a_case_of_somebody_who_no_longer_reviews_is_taken_over(story: Story) {
    let registry = &story.registry;
    let dora = registry.person_of(OrganisationKind::Operator, None, &[Role::Reviewer], &[Scope::Operator]);
    let (eve, _) = registry.two_admins();
    story.draft();
    let take = format!("/v1/cases/{}/take", story.submit());
    dora.done(registry, &take, &NO_BODY);

    registry.post_as(&story.alice, &take, &NO_BODY).problem(409, "conflict");
    eve.done(registry, &format!("/v1/users/{}/disable", dora.user), &NO_BODY);
    assert_eq!(registry.post_as(&story.alice, &take, &NO_BODY).status, 200);
}

#[on_every_database(Story::begin)]
fn whom_the_proposer_made_is_no_second_person(story: Story) {
    let registry = &story.registry;
    let home = registry.home(OrganisationKind::Operator, None);
    let all = [Scope::Operator, Scope::Admin];
    let dora = registry.person_with(home, &[Role::Reviewer, Role::Approver, Role::Admin], &all);
    let eve = registry.person_with(home, &[Role::Admin], &[Scope::Admin]);
    let new = json!({"name": "Finn", "email": "finn@registry.example", "roles": ["approver"]});
    let invited = dora.done(registry, &format!("/v1/users?organisation={home}"), &new);
    let grants = eve.read(registry, "/v1/proposals?kind=role_grant&state=pending");
    eve.approve(registry, &grants["items"][0]).with(200);
    let finn = registry.redeemed(&invited["user"]["id"], home);
    let finn = registry.keyed(home, finn.user, (&[Scope::Operator], None));

    story.draft();
    let case = story.submit();
    let path = format!("/v1/cases/{case}");
    dora.done(registry, &format!("{path}/take"), &NO_BODY);
    let proposed = dora.done(registry, &format!("{path}/propose"), &json!({"decision": "reject", "reason": "no such firm"}));

    story.approve(&finn, &proposed).problem(409, "same_person");
    story.approve(&dora, &proposed).problem(409, "same_person");
    assert_eq!(story.approve(&story.bob, &proposed).status, 200);
}
