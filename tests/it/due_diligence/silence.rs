//! Whoever has no access learns that answers stand, and nothing else: not from bodies, lengths, statuses or entity tags.

use serde_json::{Value, json};

use super::world::*;
use crate::support::{Answer, Person, on_every_database};

/// What a caller gets: status, entity tag, and the body.
fn seen(scene: &Scene, who: Option<&Person>) -> (u16, String, String) {
    let registry = &scene.world.registry;
    let shown = |answer: Answer| (answer.status.as_u16(), answer.header("etag").to_owned(), without_directory(&answer));
    match who {
        Some(who) => shown(who.get(registry, &scene.file_path())),
        None => shown(registry.client.get(&scene.file_path())),
    }
}

/// The state of the directory moves with everything; it is not part of what is compared.
fn without_directory(answer: &Answer) -> String {
    let mut body = answer.json();
    body["directory"] = Value::Null;
    body.to_string()
}

#[on_every_database(Scene::new)]
fn without_credentials_the_file_is_the_same_whatever_was_answered(scene: Scene) {
    let before = seen(&scene, None);

    scene.amend(&json!({"answers": {"aml.officer": {"value": "no"}}}));
    assert_eq!(seen(&scene, None), before);
    scene.all_answered();
    scene.give(&json!({"ownership": true}));

    assert_eq!(seen(&scene, None), before);
    assert_eq!(before.0, 200);
}

#[on_every_database(Scene::new)]
fn without_access_only_the_summary_shows(scene: Scene) {
    let nothing = seen(&scene, Some(&scene.stranger));

    // A draft shows nowhere.
    scene.amend(&json!({"answers": {"aml.officer": {"value": "yes"}, "presence.mind_and_management": {"value": "no"}}}));
    assert_eq!(seen(&scene, Some(&scene.stranger)), nothing);

    scene.submitted();
    let one = seen(&scene, Some(&scene.stranger));
    let summary = scene.file(&scene.stranger)["level_b"].clone();
    assert_eq!(
        summary,
        json!({"summary": {"questionnaire": "counterparty@1", "submitted_on": "2026-06-01", "travel_rule_complete_until": null,
            "correspondent_complete_until": null}, "shared": null})
    );
    // Other answers, more of them, owners, access for others: the same bytes and the same tag.
    scene.amend(&json!({"answers": {"aml.officer": {"value": "no"}, "data_protection.secure": {"value": "no"},
        "ownership.legal_actions_detail": {"value": SECRET}}, "ownership": owners()}));
    scene.submitted();
    scene.give(&json!({"ownership": true}));
    scene.file(&scene.asker);
    assert_eq!(seen(&scene, Some(&scene.stranger)), one);
    // Nor does an access that is over leave anything.
    let asker = seen(&scene, Some(&scene.asker));
    assert_ne!(asker, one);
    scene.give(&json!({"expires_at": "2026-06-01T12:00:01Z"}));
    scene.world.registry.advance(2);
    let (status, _, body) = seen(&scene, Some(&scene.asker));
    let (expected_status, _, expected) = seen(&scene, Some(&scene.stranger));
    assert_eq!((status, body), (expected_status, expected));
}

/// The pre-check of a stranger is the same whatever was answered, but for the code that says that something was.
#[on_every_database(Scene::new)]
fn a_pre_check_without_access_is_the_same_whatever_was_answered(scene: Scene) {
    let ask = || {
        let body = json!({"direction": "outgoing", "originator": {"jurisdiction": "CH"}, "beneficiary": {"vasp": scene.answering.vasp()},
            "transfer": {"date": "2026-06-01"}, "record": false});
        let answer = scene.stranger.post(&scene.world.registry, "/v1/prechecks", &body).with(200);
        without_directory(&answer)
    };
    scene.amend(&json!({"answers": {"presence.mind_and_management": {"value": "yes"}}}));
    scene.submitted();
    let first = ask();
    assert!(first.contains("shell_vasp.presence_no_access") && first.contains("data_protection.no_access"));

    scene
        .amend(&json!({"answers": {"presence.mind_and_management": {"value": "no"}, "data_protection.secure": {"value": "no"}}}));
    scene.submitted();
    scene.give(&json!({}));

    assert_eq!(ask(), first);
}

#[on_every_database(Scene::new)]
fn others_submissions_are_not_there(scene: Scene) {
    let submitted = scene.all_answered();
    let path = format!("/v1/questionnaires/submissions/{}", submitted["id"].as_str().unwrap());
    let absent = "/v1/questionnaires/submissions/ans_00000000000000000000000000";
    let registry = &scene.world.registry;
    scene.give(&json!({"ownership": true}));

    let theirs = scene.stranger.get(registry, &path);
    theirs.problem(404, "not_found");
    assert_eq!(theirs.json()["detail"], scene.stranger.get(registry, absent).json()["detail"]);
    scene.asker.get(registry, &path).problem(404, "not_found");
    assert_eq!(scene.asker.read(registry, "/v1/questionnaires/submissions")["items"], json!([]));
}
