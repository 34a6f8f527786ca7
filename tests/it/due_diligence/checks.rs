//! What pre-checks make of answers: for those who have access, from memory, and as it is at that moment.

use serde_json::{Value, json};

use vasp_registry::directory::PrivateState;
use vasp_registry::imports::ImportFormat;

use super::world::*;
use crate::support::{Person, on_every_database};

/// The two checks as `outcome code`, and the recommendation.
fn ask(scene: &Scene, who: Option<&Person>) -> (Value, Value, Value) {
    let body = json!({"direction": "outgoing", "originator": {"jurisdiction": "CH"}, "beneficiary": {"vasp": scene.answering.vasp()},
        "transfer": {"date": "2026-06-01"}, "record": false});
    let registry = &scene.world.registry;
    let answer = match who {
        Some(who) => who.post(registry, "/v1/prechecks", &body),
        None => registry.client.post("/v1/prechecks", &body),
    };
    assert_eq!(answer.status, 200, "{answer:?}");
    let answer = answer.json();
    let check = |name: &str| answer["checks"].as_array().unwrap().iter().find(|check| check["check"] == name).unwrap().clone();
    (check("shell_vasp"), check("data_protection"), answer["recommendation"].clone())
}

fn codes(scene: &Scene, who: Option<&Person>) -> (String, String) {
    let (shell, protection, _) = ask(scene, who);
    let text = |check: &Value| format!("{} {}", check["outcome"].as_str().unwrap(), check["code"].as_str().unwrap());
    (text(&shell), text(&protection))
}

fn pair(shell: &str, protection: &str) -> (String, String) {
    (shell.to_owned(), protection.to_owned())
}

#[on_every_database(Scene::new)]
fn checks_read_answers_as_far_as_the_asker_may(scene: Scene) {
    let nothing = pair("unknown shell_vasp.presence_not_on_record", "unknown data_protection.no_assessment");
    assert_eq!(codes(&scene, Some(&scene.asker)), nothing);

    scene.all_answered();
    let closed = pair("unknown shell_vasp.presence_no_access", "unknown data_protection.no_access");
    assert_eq!(codes(&scene, Some(&scene.asker)), closed);
    assert_eq!(codes(&scene, None), nothing, "without credentials nobody knows that there is anything");

    scene.give(&json!({"sections": ["data_protection"]}));
    assert_eq!(codes(&scene, Some(&scene.asker)), pair("unknown shell_vasp.presence_no_access", "pass data_protection.answered"));
    scene.give(&json!({}));
    let (shell, protection, _) = ask(&scene, Some(&scene.asker));
    assert_eq!((&shell["code"], &protection["code"]), (&json!("shell_vasp.present"), &json!("data_protection.answered")));
    assert_eq!(
        shell["evidence"][0],
        json!({"kind": "questionnaire_item", "id": "counterparty@1/presence.mind_and_management",
            "source": shell["evidence"][0]["source"], "observed_at": "2026-06-01T00:00:00Z", "valid_until": "2027-06-01T00:00:00Z"})
    );
    assert_eq!(codes(&scene, Some(&scene.stranger)), closed);

    // Answered otherwise.
    scene.amend(
        &json!({"answers": {"presence.mind_and_management": {"value": "no"}, "presence.supervised_group": {"value": "no"},
        "data_protection.access": {"value": "partly"}}}),
    );
    assert_eq!(
        codes(&scene, Some(&scene.asker)),
        pair("pass shell_vasp.present", "pass data_protection.answered"),
        "a draft is no answer"
    );
    scene.submitted();
    assert_eq!(codes(&scene, Some(&scene.asker)), pair("fail shell_vasp.no_presence", "warn data_protection.partial"));
    assert_eq!(ask(&scene, Some(&scene.asker)).2, "reject");

    // A year later: what speaks against it stays, what speaks for it does not.
    scene.give(&json!({"expires_at": "2028-01-01T00:00:00Z"}));
    scene.world.registry.advance(366 * 86_400);
    assert_eq!(codes(&scene, Some(&scene.asker)), pair("fail shell_vasp.no_presence", "unknown data_protection.expired"));

    scene.answering.done(&scene.world.registry, "/v1/questionnaires/withdraw", &json!({}));
    assert_eq!(codes(&scene, Some(&scene.asker)), nothing);
}

/// Access is judged by the clock, whatever point of the past is asked about; what was recorded replays as it was told.
#[on_every_database(Scene::new)]
fn access_that_is_over_is_not_brought_back_by_asking_about_the_past(scene: Scene) {
    scene.all_answered();
    let registry = &scene.world.registry;
    let ask = |as_of: &str| {
        let body = json!({"direction": "outgoing", "originator": {"jurisdiction": "CH"}, "as_of": as_of,
            "beneficiary": {"vasp": scene.answering.vasp()}, "transfer": {"date": "2026-06-01"}});
        let answer = scene.asker.done(registry, "/v1/prechecks", &body);
        let check = |name: &str| {
            let found = answer["checks"].as_array().unwrap().iter().find(|check| check["check"] == name).unwrap();
            found["code"].as_str().unwrap().to_owned()
        };
        (check("shell_vasp"), check("data_protection"), answer["id"].as_str().unwrap().to_owned())
    };
    scene.world.registry.advance(1_200);
    scene.give(&json!({"expires_at": "2026-06-01T13:00:00Z"}));
    scene.world.registry.advance(600);
    // From before the access was given, asked while it stands: what stands may be read.
    let (shell, protection, told) = ask("2026-06-01T12:10:00Z");
    assert_eq!((shell.as_str(), protection.as_str()), ("shell_vasp.present", "data_protection.answered"));

    scene.world.registry.advance(3_600);
    let (shell, protection, refused) = ask("2026-06-01T12:30:00Z");
    assert_eq!((shell.as_str(), protection.as_str()), ("shell_vasp.presence_no_access", "data_protection.no_access"));

    for id in [told, refused] {
        let replayed = scene.asker.done(registry, &format!("/v1/prechecks/{id}/replay"), &Value::Null);
        assert_eq!((&replayed["same"], &replayed["differences"]), (&json!(true), &json!([])), "{id}");
    }
}

/// What stood at an earlier revision can be read again, for replay.
#[on_every_database(Scene::new)]
fn what_stood_then_is_there_by_its_revision(scene: Scene) {
    let first = scene.all_answered();
    let registry = &scene.world.registry.registry;
    let organisation = scene.answering.organisation;
    let revision = || registry.directory().private(organisation).unwrap().revision;
    let submitted_at = revision();
    scene.give(&json!({}));
    let shared_at = revision();
    scene.answering.done(&scene.world.registry, "/v1/questionnaires/withdraw", &json!({}));

    let then = |revision| {
        let load = |conn: &mut vasp_store::Conn| PrivateState::load(conn, organisation, revision);
        registry.store().read(load).unwrap().answers.clone()
    };
    let (one, two) = (then(submitted_at).unwrap(), then(shared_at).unwrap());
    assert_eq!((json!(one.submission), one.grants.len(), two.grants.len()), (first["id"].clone(), 0, 1));
    assert!(then(revision()).is_none() && then(submitted_at - 1).is_none());
}

/// Source: OFAC, guidance of 13 August 2014: 50 % or more, directly or through others. The owner is listed, nobody is told who it is.
#[on_every_database(Scene::new)]
fn a_listed_owner_rejects_whoever_asks_and_is_named_to_nobody(scene: Scene) {
    let entry = json!({"uid": "77001", "name": OWNER, "aliases": [], "programs": ["X"], "addresses": []});
    let list = json!({"id": "US-OFAC-SDN", "as_of": "2026-05-30", "source": "list.csv", "entries": [entry]});
    scene.world.registry.import(ImportFormat::SanctionsJson, "list.json", list.to_string().leak().as_bytes());
    let sanctions = |who: Option<&Person>| {
        let body = json!({"direction": "outgoing", "originator": {"jurisdiction": "US"}, "beneficiary": {"vasp": scene.answering.vasp()},
            "transfer": {"date": "2026-06-01"}, "record": false});
        let answer = match who {
            Some(who) => who.post(&scene.world.registry, "/v1/prechecks", &body),
            None => scene.world.registry.client.post("/v1/prechecks", &body),
        };
        assert!(!answer.text.contains(OWNER) && !answer.text.contains("77001"), "{answer:?}");
        let checks = answer.json()["checks"].as_array().unwrap().clone();
        checks.into_iter().find(|check| check["check"] == "sanctions").unwrap()["code"].clone()
    };
    let before = sanctions(None);
    assert_ne!(before, "sanctions.owned_50");

    scene.amend(&json!({"ownership": owners()}));
    assert_eq!(sanctions(Some(&scene.stranger)), before);
    scene.submitted();
    assert_eq!([sanctions(None), sanctions(Some(&scene.stranger))], ["sanctions.owned_50", "sanctions.owned_50"]);
    scene.answering.done(&scene.world.registry, "/v1/questionnaires/withdraw", &json!({}));
    assert_eq!(sanctions(None), before);
}

/// What follows from the owners is said to everybody, how much of it they own to whom ownership was given.
#[on_every_database(Scene::new)]
fn shares_of_owners_are_told_to_whom_ownership_was_given_only(scene: Scene) {
    let entry = json!({"uid": "77001", "name": "Verborgen Holding SA", "aliases": [], "programs": ["X"], "addresses": []});
    let list = json!({"id": "US-OFAC-SDN", "as_of": "2026-05-30", "source": "list.csv", "entries": [entry]});
    scene.world.registry.import(ImportFormat::SanctionsJson, "list.json", list.to_string().leak().as_bytes());
    let told = |who: Option<&Person>, jurisdiction: &str| {
        let body = json!({"direction": "outgoing", "originator": {"jurisdiction": jurisdiction},
            "beneficiary": {"vasp": scene.answering.vasp()}, "transfer": {"date": "2026-06-01"}, "record": false});
        let answer = match who {
            Some(who) => who.post(&scene.world.registry, "/v1/prechecks", &body),
            None => scene.world.registry.client.post("/v1/prechecks", &body),
        };
        let checks = answer.json()["checks"].as_array().unwrap().clone();
        let check = checks.into_iter().find(|check| check["check"] == "sanctions").unwrap();
        (check["code"].as_str().unwrap().to_owned(), check["detail"].as_str().unwrap().to_owned())
    };
    // Whose share and which part nobody is named for; where the list binds and where it does not.
    for (share, code) in [(7_350, "sanctions.owned_50"), (3_650, "sanctions.ownership_unclear")] {
        let mut owners = owners();
        owners["links"][0]["basis_points"] = json!(share);
        let rest = json!({"id": "rest", "kind": "legal_entity", "name": "Rest AG", "country": "CH", "ends": "listed_company"});
        owners["parties"].as_array_mut().unwrap().push(rest);
        owners["links"].as_array_mut().unwrap().push(json!({"owner": "rest", "owned": "self", "basis_points": 500}));
        scene.amend(&json!({"ownership": owners}));
        scene.submitted();
        for jurisdiction in ["US", "CH"] {
            for who in [None, Some(&scene.stranger), Some(&scene.asker)] {
                let (_, detail) = told(who, jurisdiction);
                assert!(!detail.contains("73.5") && !detail.contains("36.5") && !detail.contains("21.5"), "{detail}");
            }
        }
        assert_eq!(told(None, "US").0, code);
        scene.give(&json!({"ownership": true}));
        let (given, detail) = told(Some(&scene.asker), "US");
        assert_eq!(given, code);
        assert!(detail.contains(&format!("{}.50 %", share / 100)), "{detail}");
        scene.give(&json!({"ownership": false}));
    }
}
