//! The file itself: level A from public evidence, both duties, and the entity tag.

use serde_json::{Value, json};

use super::world::*;
use crate::support::on_every_database;

fn line<'a>(file: &'a Value, id: &str) -> &'a Value {
    let mut found = file["level_a"].as_array().unwrap().iter().filter(|line| line["requirement"] == id);
    let line = found.next().unwrap_or_else(|| panic!("{id} is missing"));
    assert!(found.next().is_none(), "{id} stands twice");
    line
}

/// A member that was verified, without a licence on record, no endpoint, and no lists loaded: what evidence says, and that silence is
/// not established.
#[on_every_database(Scene::new)]
fn level_a_is_what_public_evidence_establishes(scene: Scene) {
    let file = scene.file(&scene.stranger);

    let lines: Vec<(&str, &str, &str)> = file["level_a"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["requirement"].as_str().unwrap(), line["status"].as_str().unwrap(), line["code"].as_str().unwrap()))
        .collect();
    assert_eq!(
        lines,
        [
            ("CP-02", "established", "identity.verified"),
            ("CP-05", "established", "identity.verified"),
            ("CP-08", "not_established", "licence.none_on_record"),
            ("CP-11", "not_established", "sanctions.no_list_on_record"),
            ("CP-12", "established", "jurisdiction.clear"),
            ("CP-13", "not_established", "reach.none_published"),
            ("CP-15", "not_established", "shell_vasp.presence_not_on_record"),
            ("CP-25", "not_established", "reach.none_published"),
            ("CP-26", "not_established", "non_compliant_list.not_loaded"),
        ]
    );
    assert_eq!((&file["vasp"], &file["relationship"]), (&json!(scene.answering.vasp()), &Value::Null));
    let missing = &file["tracks"]["correspondent"]["missing"];
    assert_eq!(
        *missing,
        json!(["CP-06", "CP-07", "CP-08", "CP-09", "CP-10", "CP-11", "CP-13", "CP-15", "CP-18", "CP-19", "CP-20", "CP-26"])
    );
    assert_eq!(file["tracks"]["correspondent"]["complete"], false);
    // The data that the Travel Rule moves are no matter of correspondents.
    assert!(file["tracks"]["travel_rule"]["missing"].to_string().contains("CP-14"));
    assert!(!file["tracks"]["travel_rule"]["missing"].to_string().contains("CP-18"));
}

#[on_every_database(Scene::new)]
fn with_access_the_file_says_what_is_missing_and_when_it_ends(scene: Scene) {
    scene.all_answered();
    scene.give(&json!({"ownership": true, "expires_at": "2028-01-01T00:00:00Z"}));

    let file = scene.file(&scene.asker);
    assert_eq!(file["tracks"]["correspondent"]["missing"], json!(["CP-08", "CP-11", "CP-26"]));
    assert_eq!(line(&file, "CP-15")["code"], "shell_vasp.present");
    // The items of the Travel Rule count for six months; that of the list of nested institutions is not asked.
    assert_eq!(file["tracks"]["travel_rule"]["expires_on"], "2026-12-01");
    assert_eq!(file["tracks"]["correspondent"]["expires_on"], "2027-05-01", "the chain of owners is of 1 May");
    assert_eq!(file["level_b"]["summary"]["travel_rule_complete_until"], "2026-12-01");

    scene.world.registry.advance(200 * 86_400);
    let file = scene.file(&scene.asker);
    let missing = file["tracks"]["travel_rule"]["missing"].as_array().unwrap();
    assert!(missing.contains(&json!("travel_rule.solutions")) && !missing.contains(&json!("aml.officer")));
    let answers = file["level_b"]["shared"]["answers"].as_array().unwrap();
    let of = |id: &str| answers.iter().find(|answer| answer["item"] == id).unwrap();
    assert_eq!((&of("travel_rule.solutions")["state"], &of("aml.officer")["state"]), (&json!("expired"), &json!("given")));
}

#[on_every_database(Scene::new)]
fn the_tag_is_that_of_what_the_caller_sees(scene: Scene) {
    scene.all_answered();
    let registry = &scene.world.registry;
    let first = scene.asker.get(registry, &scene.file_path());
    let tag = first.header("etag").to_owned();
    let again = |tag: &str| {
        let headers = [("authorization", scene.asker.bearer.as_str()), ("if-none-match", tag)];
        registry.client.get_with(&scene.file_path(), &headers).status.as_u16()
    };
    assert_eq!(again(&tag), 304);
    scene.world.registry.advance(30);
    assert_eq!(again(&tag), 304, "time alone changes nothing");
    scene.give(&json!({"sections": ["aml"]}));
    assert_eq!(again(&tag), 200);
    registry.client.get("/v1/vasps/nonsense/due-diligence").problem(422, "invalid_request");
}
