//! What is told beside an answer: other ways, the explanation, and the page to print.

use serde_json::{Value, json};
use vasp_record::role::OrganisationKind::{Gateway, Member};
use vasp_record::role::{Role, Scope};
use vasp_registry::imports::ImportFormat;

use super::world::{ALSTER, GONE, LAGOON, LIFFEY, NEWEST, OWN, VALLETTA, World, lei, register};
use crate::policies::{Office, like_the_default, strict};
use crate::support::on_every_database;

fn asking(beneficiary: Value, extra: &str) -> Value {
    let mut body = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": beneficiary});
    body[extra] = json!(true);
    body
}

#[on_every_database(World::start)]
fn other_entities_of_the_group_are_told_where_they_come_out_better(world: World) {
    let office = Office::new(&world, Member, None);
    // A policy of the organisation that does nothing with Ireland.
    let mut policy = like_the_default("no-ireland", 1);
    policy["prohibited_jurisdictions"] = json!(["IE"]);
    office.keep(&world, &policy);
    office.activate_alone(&world, "no-ireland");
    let ask = |body: &Value| office.ada.post(&world.registry, "/v1/prechecks", body).json();

    let answer = ask(&asking(json!({"vasp": lei(LIFFEY)}), "alternatives"));
    assert_eq!(answer["recommendation"], "reject");
    let found = answer["alternatives"].as_array().unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["counterparty"]["id"], world.vasp_id(VALLETTA));
    assert_eq!((&found[0]["recommendation"], &found[0]["own_jurisdiction"]), (&json!("proceed_with_conditions"), &Value::Null));

    let better = ask(&asking(json!({"vasp": lei(VALLETTA)}), "alternatives"));
    assert_eq!(better["alternatives"], json!([]), "Ireland comes out worse");
    let brand = ask(&asking(json!({"address": LAGOON, "network": "eip155:1"}), "alternatives"));
    assert_eq!(brand["counterparty"], Value::Null);
    assert_eq!(brand["alternatives"][0]["counterparty"]["id"], world.vasp_id(VALLETTA));
    let alone = ask(&asking(json!({"vasp": lei(ALSTER)}), "explanation"));
    assert_eq!(alone["alternatives"], Value::Null, "only where it was asked for");
}

#[on_every_database(World::start)]
fn the_explanation_names_check_source_line_and_remedy(world: World) {
    let answer = world.post("/v1/prechecks", &asking(json!({"vasp": lei(GONE)}), "explanation")).json();

    let said: Vec<&str> = answer["explanation"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    assert!(
        said[0].starts_with(&format!(
            "According to the policy {}, the recommendation is: do not send before the next steps are taken (hold)",
            answer["policy"].as_str().unwrap()
        )),
        "{}",
        said[0]
    );
    let licence = said.iter().find(|line| line.starts_with("licence (licence.not_listed)")).unwrap();
    for words in [
        "CASPS_2026-05-10.csv",
        "2026-05-10",
        "No licence is known, or its register no longer shows it.",
        "What would change this: ",
    ] {
        assert!(licence.contains(words), "{words}: {licence}");
    }
    assert!(said.contains(&"Without the findings of licence, the recommendation would be proceed_with_conditions."), "{said:?}");
}

#[on_every_database(World::start)]
fn the_report_is_one_page_of_text_whatever_names_say(world: World) {
    let markup = "<script>alert(1)</script> & Söhne \"AG\"";
    let mut file = register("2026-05-30", &[]);
    let alster = file["entities"].as_array_mut().unwrap().iter_mut().find(|entity| entity["lei"] == lei(ALSTER)).unwrap();
    (alster["legal_name"], alster["name_key"]) = (json!(markup), json!(markup));
    world.import(ImportFormat::RegisterJson, "register.json", &file.to_string());
    let office = Office::new(&world, Member, None);
    let stranger = Office::new(&world, Member, None);
    let answer = office.ask(&world, json!({"vasp": lei(ALSTER)}));
    let path = format!("/v1/prechecks/{}/report", answer["id"].as_str().unwrap());

    let page = office.ada.get(&world.registry, &path);

    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; style-src 'unsafe-inline';"));
    assert_eq!(page.header("cache-control"), "private, no-store");
    assert!(page.text.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; Söhne \"AG\""));
    let (_, rest) = page.text.split_once("<main").unwrap();
    let (shown, _) = rest.split_once("</main>").unwrap();
    for tag in ["<script", "<img", "<link", "http://", "https://", " onload", "<a "] {
        assert!(!shown.contains(tag), "{tag}");
    }
    assert!(!page.text.contains(markup), "not among the data either");
    for check in answer["checks"].as_array().unwrap() {
        assert!(page.text.contains(check["code"].as_str().unwrap()));
    }
    for words in [
        "proceed_with_conditions",
        "According to the policy",
        "SHA-256 of the request",
        NEWEST.get(..4).unwrap(),
        answer["rulebook"].as_str().unwrap(),
    ] {
        assert!(page.text.contains(words), "{words}");
    }
    stranger.ada.get(&world.registry, &path).problem(404, "not_found");
    world.registry.client.get(&path).problem(401, "unauthenticated");
}

/// Who asks for another one by its leave is told what its policy does, not its words, and finds none of its drafts.
#[on_every_database(World::start)]
fn the_words_and_drafts_of_whoever_gave_leave_stay_its_own(world: World) {
    let (member, gateway) = (Office::new(&world, Member, Some(OWN)), Office::new(&world, Gateway, None));
    let admin = world.registry.person_with(member.organisation, &[Role::Admin], &[Scope::Admin]);
    let leave = json!({"organisation": gateway.organisation, "scopes": ["precheck"], "expires_at": null});
    admin.done(&world.registry, "/v1/delegations", &leave);
    let ask = |who: &Office, policy: Value| {
        let body = json!({"direction": "outgoing", "originator": {"vasp": lei(OWN)}, "beneficiary": {"vasp": lei(ALSTER)},
            "explanation": true, "policy": policy});
        who.ada.post(&world.registry, "/v1/prechecks", &body)
    };
    // The registry's default has nobody's private words.
    let said = ask(&gateway, Value::Null).json()["explanation"].to_string();
    assert!(said.contains("because:"), "{said}");
    member.keep(&world, &strict(1));
    member.keep(&world, &strict(2));
    member.activate_alone(&world, "strict@2");

    let answer = ask(&gateway, Value::Null).json();

    let own = ask(&member, Value::Null).json();
    assert_eq!((&answer["policy"], &answer["recommendation"]), (&own["policy"], &own["recommendation"]));
    assert!(own["explanation"].to_string().contains("Nobody verified it."), "{own}");
    let said = answer["explanation"].to_string();
    assert!(said.contains("identity (identity.register_only)") && said.contains("says hold"), "{said}");
    assert!(!said.contains("Nobody verified it.") && !said.contains("because:"), "{said}");
    let report = gateway.ada.get(&world.registry, &format!("/v1/prechecks/{}/report", answer["id"].as_str().unwrap())).with(200);
    assert!(report.text.contains("identity.register_only") && !report.text.contains("Nobody verified it."), "{report:?}");

    let named = |who: &Office, policy: &str| {
        let answer = ask(who, json!(policy));
        if answer.status == 200 { "200".to_owned() } else { answer.json()["errors"][0]["code"].as_str().unwrap().to_owned() }
    };
    // Both are in no way looser than what is in force.
    assert_eq!([named(&member, "strict@1"), named(&member, "strict@2")], ["200", "200"]);
    assert_eq!([named(&gateway, "strict@1"), named(&gateway, "strict@2")], ["unknown_policy", "200"]);
    assert_eq!(named(&gateway, "strict@3"), "unknown_policy");
}
