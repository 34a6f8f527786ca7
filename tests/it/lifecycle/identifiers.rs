//! An identifier inside a closed network is confirmed by the case of the record that names it, by two people.

use serde_json::{Value, json};

use super::{NO_BODY, Story};
use crate::support::on_every_database;

#[on_every_database(Story::begin)]
fn two_people_confirm_an_identifier_by_the_case_of_its_record(story: Story) {
    let vasp = story.verified();
    let gtr = json!({"protocol": "gtr", "versions": [], "location": {"kind": "identifier", "value": "code-1"}});
    assert_eq!(story.registry.post_as(&story.member, "/v1/vasps/mine/endpoints", &gtr).status, 201);
    let standing = || story.seen(&vasp).json()["endpoints"][0]["reason"].clone();
    assert_eq!(standing(), "declared");

    let identifiers = [("commercial_register:DE", "HRB 1"), ("gtr_vasp_code", "code-1")];
    let identifiers = identifiers.map(|(scheme, value)| json!({"scheme": scheme, "value": value}));
    let amended = story.member_sends("PATCH", "/v1/vasps/mine/draft", &json!({"identifiers": identifiers})).with(200);
    let case = amended.json()["case"]["id"].as_str().unwrap().to_owned();
    assert_eq!(standing(), "declared", "handed in is not confirmed");
    story.registry.post_as(&story.alice, &format!("/v1/cases/{case}/take"), &NO_BODY);
    story.evidence(&story.alice, &case, "identifiers");
    story.decide(&case, "verify");

    assert_eq!(standing(), Value::Null);
    let answer = story.registry.get_as(&story.gateway, "/v1/resolve?kind=identifier:gtr_vasp_code&subject=code-1").json();
    assert_eq!((&answer["status"], &answer["owners"][0]["vasp"]["id"]), (&json!("owned"), &json!(vasp)));
}
