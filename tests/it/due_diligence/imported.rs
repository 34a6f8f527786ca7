//! A new version of the questionnaire: ids stay, answers to what did not change stay good, and what changed must say so.

use serde_json::{Value, json};
use vasp_registry::imported::ImportReport;
use vasp_registry::imports::ImportFormat;
use vasp_registry::node::ImportError;

use super::world::*;
use crate::support::on_every_database;

fn import(scene: &Scene, file: &Value) -> Result<ImportReport, ImportError> {
    let bytes = file.to_string().into_bytes();
    scene.world.registry.try_import(ImportFormat::Questionnaire, "questionnaire.json", bytes, |_| ())
}

fn shipped() -> Value {
    let mut file: Value = serde_json::from_str(include_str!("../../../seed/questionnaire.json")).unwrap();
    // Before the day on which tests happen.
    file["generated_on"] = json!("2026-05-20");
    file
}

fn item<'a>(file: &'a mut Value, id: &str) -> &'a mut Value {
    file["items"].as_array_mut().unwrap().iter_mut().find(|item| item["id"] == id).unwrap()
}

#[on_every_database(Scene::new)]
fn answers_count_across_versions_unless_the_item_changed(scene: Scene) {
    scene.all_answered();
    scene.give(&json!({}));
    let mut two = shipped();
    two["version"] = json!(2);
    item(&mut two, "aml.officer")["text"] = json!("Who is the compliance officer's deputy?");
    let refused = import(&scene, &two).unwrap_err().to_string();
    assert!(refused.contains("item `aml.officer` changed: its `changed_in` must be 2"), "{refused}");
    item(&mut two, "aml.officer")["changed_in"] = json!(2);
    let mut lost = two.clone();
    lost["items"].as_array_mut().unwrap().retain(|item| item["id"] != "audit.findings");
    assert!(import(&scene, &lost).unwrap_err().to_string().contains("`audit.findings` of the previous version is missing"));
    assert_eq!(scene.draft()["document"]["questionnaire"], "counterparty@1", "nothing was written");

    let report = import(&scene, &two).unwrap();
    assert_eq!((report.log_changes, report.read), (1, 55));

    let draft = scene.draft();
    assert_eq!(draft["document"]["questionnaire"], "counterparty@2");
    let state = |id: &str| {
        let items = draft["items"].as_array().unwrap();
        items.iter().find(|item| item["id"] == id).unwrap()["state"].clone()
    };
    assert_eq!((state("aml.officer"), state("aml.enhanced")), (json!("outdated"), json!("given")));
    assert!(scene.file(&scene.asker)["tracks"]["travel_rule"]["missing"].to_string().contains("aml.officer"));
    // What was handed in says to which version.
    assert_eq!(scene.file(&scene.asker)["level_b"]["summary"]["questionnaire"], "counterparty@1");
    let again = import(&scene, &two).unwrap();
    assert_eq!(again.log_changes, 0);
}

/// An item that means something else now, or is new, is not answered for the checks of a pre-check either.
#[on_every_database(Scene::new)]
fn what_a_new_version_asks_otherwise_is_unanswered_in_pre_checks_too(scene: Scene) {
    scene.all_answered();
    scene.give(&json!({}));
    let code = |name: &str| {
        let body = json!({"direction": "outgoing", "originator": {"jurisdiction": "CH"}, "record": false,
            "beneficiary": {"vasp": scene.answering.vasp()}, "transfer": {"date": "2026-06-01"}});
        let answer = scene.asker.done(&scene.world.registry, "/v1/prechecks", &body);
        let found = answer["checks"].as_array().unwrap().iter().find(|check| check["check"] == name).unwrap().clone();
        found["code"].as_str().unwrap().to_owned()
    };
    let complete = |duty: &str| scene.file(&scene.stranger)["level_b"]["summary"][format!("{duty}_complete_until")].clone();
    assert_eq!((code("data_protection"), code("shell_vasp")), ("data_protection.answered".into(), "shell_vasp.present".into()));
    assert!(complete("travel_rule").is_string());

    let mut two = shipped();
    two["version"] = json!(2);
    item(&mut two, "data_protection.secure")["text"] = json!("Are they safe from whoever computes with quanta?");
    item(&mut two, "data_protection.secure")["changed_in"] = json!(2);
    import(&scene, &two).unwrap();

    assert_eq!((code("data_protection"), code("shell_vasp")), ("data_protection.incomplete".into(), "shell_vasp.present".into()));
    assert_eq!(complete("travel_rule"), Value::Null);
    let mut three = two.clone();
    three["version"] = json!(3);
    item(&mut three, "presence.mind_and_management")["text"] = json!("Who decides where?");
    item(&mut three, "presence.mind_and_management")["changed_in"] = json!(3);
    import(&scene, &three).unwrap();
    assert_eq!(code("shell_vasp"), "shell_vasp.presence_not_on_record");

    // Answered anew, it counts.
    let again =
        json!({"answers": {"data_protection.secure": {"value": "yes"}, "presence.mind_and_management": {"value": "yes"}}});
    scene.amend(&again);
    scene.submitted();
    assert_eq!((code("data_protection"), code("shell_vasp")), ("data_protection.answered".into(), "shell_vasp.present".into()));
}
