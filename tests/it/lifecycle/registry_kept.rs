//! Records that the registry keeps itself: created, corrected, and given up to the member that adopts one.

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role};
use vasp_registry::imports::ImportFormat;

use super::{NO_BODY, Story, candidates};
use crate::support::{Answer, Database, Internet, Person, Registry, on_every_database};

const QUAY: &str = "quay.example.com";

/// Sends with the version that was read.
fn sends(story: &Story, who: &Person, (method, path): (&str, &str), read: &Answer, body: &Value) -> Answer {
    story.registry.send_as(who, method, path, &[("if-match", read.header("etag"))], body)
}

/// Carol writes a record, and two others vouch for it.
fn written(story: &Story) -> String {
    let body = json!({"legal_name": "Quay Custody Ltd", "country": "IE", "website": format!("https://{QUAY}")});
    let draft = story.registry.post_as(&story.carol, "/v1/vasps", &body).with(201);
    let vasp = draft.json()["id"].as_str().unwrap().to_owned();
    let licence = json!({"authority": "DE-BAFIN", "regime": "MiCA", "activities": ["custody"], "territories": ["DE"], "valid_from": "2025-01-01"});
    let licence = story.registry.post_as(&story.carol, &format!("/v1/vasps/{vasp}/licences"), &licence).with(201);
    story.seen(&vasp).problem(404, "not_found");
    let path = format!("/v1/vasps/{vasp}/draft/submit");
    let handed_in = sends(story, &story.carol, ("POST", &path), &licence, &NO_BODY).with(200);
    vouch(story, handed_in.json()["case"]["id"].as_str().unwrap());
    vasp
}

fn vouch(story: &Story, case: &str) {
    story.registry.post_as(&story.alice, &format!("/v1/cases/{case}/take"), &NO_BODY);
    story.evidence_for_all(case);
    story.decide(case, "verify");
}

#[on_every_database(Story::begin)]
fn the_registry_writes_a_record_itself_and_two_people_vouch_for_it(story: Story) {
    let vasp = written(&story);

    let record = story.seen(&vasp).json();
    assert_eq!((&record["status"], &record["legal_name"]), (&json!("verified"), &json!("Quay Custody Ltd")));
    assert_eq!(record["licences"][0]["authority"]["id"], "DE-BAFIN");
    // It is no organisation's: none of the operator's people speaks for it.
    let kept = story.registry.get_as(&story.alice, &format!("/v1/vasps/{vasp}/draft"));
    assert_eq!(kept.json()["status"], "verified");
    let listed = story.registry.get_as(&story.alice, "/v1/vasps/drafts").json();
    assert_eq!(listed, json!({"items": [kept.json()], "next_cursor": null}));
    let licences = story.registry.get_as(&story.alice, &format!("/v1/vasps/{vasp}/licences")).json();
    assert_eq!(licences["items"][0]["authority"], "DE-BAFIN");
    assert_eq!(licences["items"][0]["id"], kept.json()["said"]["licences"][0]["id"]);
    let same = json!({"legal_name": "Quay Custody Ltd", "country": "IE"});
    let again = story.registry.post_as(&story.carol, "/v1/vasps", &same);
    assert_eq!((again.status.as_u16(), &again.json()["candidates"][0]["vasp"]), (409, &json!(vasp)));

    // A change waits for two people, and whoever read an older version changes nothing.
    let path = format!("/v1/vasps/{vasp}/draft");
    let changed = sends(&story, &story.carol, ("PATCH", &path), &kept, &json!({"legal_name": "Quay Custody plc"})).with(200);
    assert_eq!(story.seen(&vasp).json()["legal_name"], "Quay Custody Ltd");
    sends(&story, &story.carol, ("PATCH", &path), &kept, &json!({"country": "DE"})).problem(412, "stale_version");
    let case = changed.json()["case"]["id"].as_str().unwrap().to_owned();
    story.registry.post_as(&story.alice, &format!("/v1/cases/{case}/take"), &NO_BODY);
    story.propose(&story.alice, &case, "request_information").problem(409, "illegal_step");
    story.evidence(&story.alice, &case, "legal_name");
    story.decide(&case, "verify");
    assert_eq!(story.seen(&vasp).json()["legal_name"], "Quay Custody plc");
}

#[on_every_database]
fn a_member_adopts_what_the_registry_kept_and_keeps_it_from_then_on(database: Database) {
    let internet = Internet::start(&[QUAY]);
    let story = Story::of(Registry::start_calling(database, Some(internet.outbound()), |_| ()));
    let vasp = written(&story);

    story.registry.post_as(&story.member, &format!("/v1/vasps/{vasp}/adopt"), &NO_BODY).with(201);
    // The registry's word stands until the member's is vouched for.
    assert_eq!(story.seen(&vasp).json()["status"], "verified");
    let refused = story.member_sends("POST", "/v1/vasps/mine/draft/submit", &NO_BODY);
    assert_eq!(candidates(&refused, "duplicate"), [json!(vasp)]);
    assert_eq!(refused.json()["errors"][0]["code"], "domain_not_proven");
    let asked =
        story.registry.post_as(&story.member, "/v1/vasps/mine/domains", &json!({"domain": QUAY, "covers_subdomains": false}));
    let text = asked.json()["challenge"]["dns_txt"].clone();
    internet.publish(&[(text["name"].as_str().unwrap(), text["value"].as_str().unwrap())]);
    assert_eq!(story.registry.post_as(&story.member, &format!("/v1/vasps/mine/domains/{QUAY}/verify"), &NO_BODY).status, 200);
    let case = story.submit();
    vouch(&story, &case);

    assert_eq!(story.seen(&vasp).json()["domains"][0]["status"], "proven");
    let path = format!("/v1/vasps/{vasp}/draft");
    story.registry.get_as(&story.carol, &path).problem(404, "not_found");
    assert_eq!(story.registry.get_as(&story.carol, "/v1/vasps/drafts").json()["items"], json!([]));
    let patch = story.registry.send_as(&story.carol, "PATCH", &path, &[("if-match", "*")], &json!({"country": "FR"}));
    patch.problem(404, "not_found");
    story.registry.post_as(&story.carol, &path, &NO_BODY).problem(409, "illegal_step");
    let other = story.registry.person_of_new(OrganisationKind::Member, &[Role::Editor]);
    let late = story.registry.post_as(&other, &format!("/v1/vasps/{vasp}/adopt"), &NO_BODY);
    assert_eq!(late.problem(409, "conflict")["errors"][0]["code"], "adoption_pending");
}

#[on_every_database(Story::begin)]
fn a_listed_record_is_corrected_by_the_registry_where_no_member_has_handed_anything_in(story: Story) {
    story.registry.import(ImportFormat::RegisterJson, "register.json", super::adoption::register().leak().as_bytes());
    let listed = story.registry.get_as(&story.gateway, "/v1/vasps?q=harbour").json()["items"][0].clone();
    let vasp = listed["id"].as_str().unwrap().to_owned();
    assert_eq!(story.registry.post_as(&story.member, &format!("/v1/vasps/{vasp}/adopt"), &NO_BODY).status, 201);

    let draft = story.registry.post_as(&story.carol, &format!("/v1/vasps/{vasp}/draft"), &NO_BODY).with(201);
    // The member's own draft stays beside it.
    assert_eq!(story.registry.get_as(&story.member, "/v1/vasps/mine/draft").json()["status"], "draft");
    let path = format!("/v1/vasps/{vasp}/draft");
    let patch = json!({"registered_address": "Am Hafen 1, Hamburg"});
    let changed = sends(&story, &story.carol, ("PATCH", &path), &draft, &patch);
    let handed_in = sends(&story, &story.carol, ("POST", &format!("{path}/submit")), &changed, &NO_BODY).with(200);
    assert_eq!(story.seen(&vasp).json()["status"], "listed");
    vouch(&story, handed_in.json()["case"]["id"].as_str().unwrap());

    let record = story.seen(&vasp).json();
    assert_eq!((&record["status"], &record["registered_address"]), (&json!("verified"), &patch["registered_address"]));
}
