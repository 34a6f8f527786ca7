//! Several organisations ask to adopt one record: each has its own draft, and whoever proves the website's domain goes on.

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role};
use vasp_registry::imports::ImportFormat;

use super::{NO_BODY, Story, adoption};
use crate::support::{Database, Internet, Person, Registry, on_every_database};

const OTHER: &str = "other.example.org";

impl Story {
    /// Proves a domain for the member's draft.
    pub(super) fn proves(&self, internet: &Internet, domain: &str) {
        let asked = json!({"domain": domain, "covers_subdomains": false});
        let text = self.registry.post_as(&self.member, "/v1/vasps/mine/domains", &asked).json()["challenge"]["dns_txt"].clone();
        internet.publish(&[(text["name"].as_str().unwrap(), text["value"].as_str().unwrap())]);
        self.registry.post_as(&self.member, &format!("/v1/vasps/mine/domains/{domain}/verify"), &NO_BODY).with(200);
    }

    fn adopts(&self, who: &Person, vasp: &Value) -> Value {
        self.registry.post_as(who, &format!("/v1/vasps/{}/adopt", vasp.as_str().unwrap()), &NO_BODY).answered(201)
    }

    fn read(&self, who: &Person) -> Value {
        self.registry.get_as(who, "/v1/vasps/mine/draft").answered(200)
    }
}

/// A registry with a listed record, the domain's name server, and somebody who only asks.
fn begin(database: Database) -> (Internet, Story, Person, Value) {
    let internet = Internet::start(&[adoption::HARBOUR, OTHER]);
    let story = Story::of(Registry::start_calling(database, Some(internet.outbound()), |_| ()));
    story.registry.import(ImportFormat::RegisterJson, "register.json", adoption::register().leak().as_bytes());
    let listed = story.registry.get_as(&story.gateway, "/v1/vasps?q=harbour").json()["items"][0]["id"].clone();
    let squatter = story.registry.person_of_new(OrganisationKind::Member, &[Role::Editor]);
    (internet, story, squatter, listed)
}

#[on_every_database(begin)]
fn nobody_wipes_the_draft_of_another_and_the_others_are_told_who_adopted(
    (internet, story, squatter, listed): (Internet, Story, Person, Value),
) {
    story.adopts(&story.member, &listed);
    let address = json!({"registered_address": "Am Hafen 1, Hamburg"});
    assert_eq!(story.member_sends("PATCH", "/v1/vasps/mine/draft", &address).status, 200);
    story.proves(&internet, adoption::HARBOUR);

    // Another organisation asks for the same record and the same domain, and gives up, and asks again.
    for _ in 0..2 {
        let theirs = story.adopts(&squatter, &listed);
        assert_eq!(theirs["said"]["registered_address"], Value::Null);
        let asked = json!({"domain": adoption::HARBOUR, "covers_subdomains": true});
        assert_eq!(story.registry.post_as(&squatter, "/v1/vasps/mine/domains", &asked).status, 201);
        story.registry.send_as(&squatter, "DELETE", "/v1/vasps/mine/draft", &[("if-match", "*")], &NO_BODY).with(200);
    }
    story.adopts(&squatter, &listed);
    let own = story.read(&story.member);
    assert_eq!((&own["status"], &own["said"]["registered_address"]), (&json!("draft"), &address["registered_address"]));
    let domain = story.registry.get_as(&story.member, &format!("/v1/vasps/mine/domains/{}", adoption::HARBOUR)).json();
    assert_eq!((&domain["state"], &domain["covers_subdomains"]), (&json!("proven"), &json!(false)), "{domain}");
    assert_eq!(story.registry.get_as(&squatter, "/v1/vasps/mine/domains").json()["items"], json!([]));

    // The first that proves the domain goes on; the case is its own.
    let case = story.submit();
    let asked = json!({"text": "Who signs for you?"});
    story.registry.post_as(&story.alice, &format!("/v1/cases/{case}/take"), &NO_BODY);
    assert_eq!(story.registry.post_as(&story.alice, &format!("/v1/cases/{case}/messages"), &asked).status, 201);
    assert_eq!(story.read(&squatter)["case"], Value::Null);
    assert_eq!(story.registry.get_as(&squatter, "/v1/vasps/mine/messages").json()["items"], json!([]));
    story.registry.post_as(&squatter, "/v1/vasps/mine/messages", &json!({"text": "I do."})).problem(409, "illegal_step");
    story.evidence_for_all(&case);
    // What another proves for its own draft is none of this case's evidence, and takes back nothing that is proposed.
    let proposed = story.propose(&story.alice, &case, "verify").json();
    let theirs = json!({"domain": OTHER, "covers_subdomains": false});
    let text = story.registry.post_as(&squatter, "/v1/vasps/mine/domains", &theirs).json()["challenge"]["dns_txt"].clone();
    internet.publish(&[(text["name"].as_str().unwrap(), text["value"].as_str().unwrap())]);
    assert_eq!(story.registry.post_as(&squatter, &format!("/v1/vasps/mine/domains/{OTHER}/verify"), &NO_BODY).status, 200);
    assert_eq!(story.approve(&story.bob, &proposed).status, 200);

    assert_eq!(story.seen(listed.as_str().unwrap()).json()["status"], "verified");
    assert_eq!(story.read(&squatter)["status"], "draft");
    let told = story.registry.get_as(&squatter, "/v1/alerts").json();
    assert_eq!((&told["items"][0]["kind"], &told["items"][0]["vasp"]), (&json!("own.adopted_by_another"), &listed), "{told}");
    assert!(told["items"][0]["detail"].as_str().unwrap().contains("member adopted the record"), "{told}");
    let late = story.registry.send_as(&squatter, "POST", "/v1/vasps/mine/draft/submit", &[("if-match", "*")], &NO_BODY);
    assert_eq!(late.problem(409, "conflict")["errors"][0]["code"], "adoption_pending");
    let given_up = story.registry.send_as(&squatter, "DELETE", "/v1/vasps/mine/draft", &[("if-match", "*")], &NO_BODY);
    assert_eq!((given_up.status.as_u16(), &given_up.json()["status"]), (200, &json!("withdrawn")));
    assert_eq!(story.read(&story.member)["status"], "verified");
}

#[on_every_database(begin)]
fn a_draft_of_an_adoption_closes_no_case_and_the_registry_s_own_stays(
    (_internet, story, squatter, listed): (Internet, Story, Person, Value),
) {
    let path = format!("/v1/vasps/{}/draft", listed.as_str().unwrap());
    let case = story.opened(listed.as_str().unwrap());
    story.registry.post_as(&story.carol, &path, &NO_BODY).with(201);
    story.adopts(&story.member, &listed);

    story.adopts(&squatter, &listed);
    story.registry.send_as(&squatter, "DELETE", "/v1/vasps/mine/draft", &[("if-match", "*")], &NO_BODY).with(200);

    let open = story.registry.get_as(&story.carol, &format!("/v1/cases/{case}")).json();
    assert_eq!((&open["status"], &open["outcome"]), (&json!("open"), &Value::Null));
    assert_eq!(story.registry.get_as(&story.carol, &path).json()["status"], "draft");
    assert_eq!(story.read(&story.member)["status"], "draft");
}

#[on_every_database(begin)]
fn a_domain_of_a_draft_that_was_given_up_or_rejected_can_be_proven_again(
    (internet, story, other, listed): (Internet, Story, Person, Value),
) {
    story.adopts(&story.member, &listed);
    story.proves(&internet, adoption::HARBOUR);
    assert_eq!(story.member_sends("DELETE", "/v1/vasps/mine/draft", &NO_BODY).status, 200);

    // By the organisation itself for a record of its own, and once that is rejected by another.
    let body = json!({"legal_name": "Quay Lending AG", "country": "CH"});
    assert_eq!(story.registry.post_as(&story.member, "/v1/vasps", &body).status, 201);
    story.proves(&internet, adoption::HARBOUR);
    let case = story.submit();
    story.decide(&case, "reject");
    let story = story.with_member(other);
    story.adopts(&story.member, &listed);
    story.proves(&internet, adoption::HARBOUR);
    assert_eq!(story.member_sends("POST", "/v1/vasps/mine/draft/submit", &NO_BODY).status, 200);
}

#[on_every_database(begin)]
fn two_who_prove_the_domain_of_one_record_do_not_both_go_on((internet, story, other, listed): (Internet, Story, Person, Value)) {
    story.adopts(&story.member, &listed);
    story.adopts(&other, &listed);
    story.proves(&internet, adoption::HARBOUR);

    let asked = json!({"domain": adoption::HARBOUR, "covers_subdomains": false});
    let text = story.registry.post_as(&other, "/v1/vasps/mine/domains", &asked).json()["challenge"]["dns_txt"].clone();
    internet.publish(&[(text["name"].as_str().unwrap(), text["value"].as_str().unwrap())]);
    let taken = story.registry.post_as(&other, &format!("/v1/vasps/mine/domains/{}/verify", adoption::HARBOUR), &NO_BODY);

    assert_eq!(taken.problem(409, "conflict")["errors"][0]["code"], "domain_taken");
    story.submit();
}
