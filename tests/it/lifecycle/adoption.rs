//! A record that an import created and its owner adopts.

use serde_json::json;
use vasp_record::role::{OrganisationKind, Role};
use vasp_registry::imports::ImportFormat;

use super::{NO_BODY, Story, candidates};
use crate::support::{Database, Internet, Registry, on_every_database};

pub(super) const HARBOUR: &str = "harbour.example.com";

/// A register that shows one firm, with a website.
pub(super) fn register() -> String {
    json!({"register": "esma-casps", "observed_on": "2026-05-01", "source": "register.csv", "entities": [{
        "lei": null, "authority": "DE-BAFIN", "name_key": "harbour exchange gmbh", "flags": [],
        "legal_name": "Harbour Exchange GmbH", "commercial_names": [], "country": "DE", "registered_address": null,
        "website": format!("https://www.{HARBOUR}/en"), "domains": [HARBOUR], "lines": [2],
        "licences": [{"authority": "DE-BAFIN", "regime": "MiCA", "number": null, "valid_from": "2025-01-01", "valid_to": null,
                      "last_update": null, "territories": ["DE"],
                      "services": [{"activity": "custody", "valid_from": "2025-01-01", "valid_to": null}]}]}]})
    .to_string()
}

#[on_every_database]
fn a_listed_record_is_adopted_by_whoever_controls_its_website_and_two_people_approve(database: Database) {
    let internet = Internet::start(&[HARBOUR]);
    let story = Story::of(Registry::start_calling(database, Some(internet.outbound()), |_| ()));
    story.registry.import(ImportFormat::RegisterJson, "register.json", register().leak().as_bytes());
    let listed = story.registry.get_as(&story.gateway, "/v1/vasps?q=harbour").json()["items"][0].clone();
    assert_eq!(listed["status"], "listed");
    let vasp = listed["id"].as_str().unwrap().to_owned();

    // Somebody else asks first and proves nothing: that blocks nobody.
    let squatter = story.registry.person_of_new(OrganisationKind::Member, &[Role::Editor]);
    let adopt = format!("/v1/vasps/{vasp}/adopt");
    assert_eq!(story.registry.post_as(&squatter, &adopt, &NO_BODY).status, 201);
    let refused = story.registry.send_as(&squatter, "POST", "/v1/vasps/mine/draft/submit", &[("if-match", "*")], &NO_BODY);
    assert_eq!(candidates(&refused, "duplicate"), [json!(vasp)]);
    assert_eq!(refused.json()["errors"][0]["code"], "domain_not_proven");

    let draft = story.registry.post_as(&story.member, &adopt, &NO_BODY).with(201);
    assert_eq!(draft.json()["said"]["legal_name"], "Harbour Exchange GmbH");
    assert_eq!(story.registry.get_as(&squatter, "/v1/vasps/mine/draft").json()["status"], "draft");
    let asked =
        story.registry.post_as(&story.member, "/v1/vasps/mine/domains", &json!({"domain": HARBOUR, "covers_subdomains": false}));
    let text = asked.json()["challenge"]["dns_txt"].clone();
    internet.publish(&[(text["name"].as_str().unwrap(), text["value"].as_str().unwrap())]);
    story.registry.post_as(&story.member, &format!("/v1/vasps/mine/domains/{HARBOUR}/verify"), &NO_BODY).with(200);

    let case = story.submit();
    assert_eq!(story.seen(&vasp).json()["status"], "listed");
    story.registry.post_as(&story.alice, &format!("/v1/cases/{case}/take"), &NO_BODY);
    story.evidence_for_all(&case);
    // What is held back meanwhile is not let through by the adoption.
    assert_eq!(story.propose(&story.alice, &case, "suspend").status, 201);
    assert_eq!(story.seen(&vasp).json()["status"], "suspended");
    story.propose(&story.alice, &case, "verify").problem(409, "illegal_step");
    story.decide(&case, "reinstate");
    assert_eq!(story.seen(&vasp).json()["status"], "listed");
    let case = story.opened(&vasp);
    story.decide(&case, "verify");

    let record = story.seen(&vasp).json();
    assert_eq!((&record["status"], &record["domains"][0]["status"]), (&json!("verified"), &json!("proven")));
    assert_eq!(record["licences"].as_array().unwrap().len(), 1, "{record}");
    assert_eq!(record["licences"][0]["last_seen"], "2026-05-01");
    let late = story.registry.person_of_new(OrganisationKind::Member, &[Role::Editor]);
    let refused = story.registry.post_as(&late, &adopt, &NO_BODY);
    assert_eq!(refused.problem(409, "conflict")["errors"][0]["code"], "adoption_pending");
}
