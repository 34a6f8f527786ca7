//! A screening hit, as the two people see it who decide what it means.

use serde_json::{Value, json};
use vasp_registry::imports::ImportFormat;

use super::browser::Browser;
use crate::prechecks::world::{ALSTER, lei, register};
use crate::relationships::desk::Desk;
use crate::screening::{entry, import_list};
use crate::support::on_every_database;

#[on_every_database(Desk::new)]
fn a_hit_shows_everything_that_its_decision_is_about(desk: Desk) {
    let world = &desk.world;
    let mut with_website = register("2026-05-25", &[]);
    let firms = with_website["entities"].as_array_mut().unwrap();
    firms.iter_mut().find(|firm| firm["lei"] == lei(ALSTER)).unwrap()["website"] = json!("https://www.alster-krypto.com");
    world.import(ImportFormat::RegisterJson, "register.json", &with_website.to_string());
    let mut listed = entry("7", "ALSTER KRYPTO", &[]);
    listed["hosts"] = json!(["alster-krypto.com"]);
    import_list(world, "2026-05-29", &[listed]);
    let hits = desk.ada.read(&world.registry, "/v1/screening/hits")["items"].as_array().unwrap().clone();
    let hit: &Value = hits.iter().find(|hit| hit["uid"] == "7").unwrap();
    assert_eq!(hit["matches"].as_array().unwrap().len(), 2, "{hit}");

    let page = Browser::of(&world.registry, &desk.ada).get(&format!("/console/hits/{}", hit["id"].as_str().unwrap()));

    let (_, table) = page.text.split_once("<caption><span>What matches</span></caption>").unwrap();
    let table = table.split("</table>").next().unwrap();
    assert_eq!(table.matches("<tr>").count(), 3, "a head and two: {table}");
    assert!(["Alster Krypto AG", "alster-krypto.com"].iter().all(|value| table.contains(value)), "{table}");
}

/// Before, the page of a case said that nothing blocks it, while the hit that had opened it was open.
#[on_every_database(Desk::new)]
fn a_case_says_that_its_open_hit_is_decided_first(desk: Desk) {
    let world = &desk.world;
    let (alice, bob) = world.registry.two_operators();
    import_list(world, "2026-05-29", &[entry("7", "ALSTER KRYPTO HOLDING", &[])]);
    let hits = alice.read(&world.registry, "/v1/screening/hits")["items"].as_array().unwrap().clone();
    let hit = hits.iter().find(|hit| hit["uid"] == "7").unwrap();
    let (case, place) = (hit["case"].as_str().unwrap(), hit["id"].as_str().unwrap());
    let mut browser = Browser::of(&world.registry, &alice);

    let page = browser.get(&format!("/console/cases/{case}"));

    assert!(page.text.contains("1 open screening hit: decide it first."), "{}", page.text);
    assert!(page.text.contains(&format!("href=\"/console/hits/{place}\"")), "{}", page.text);
    assert!(!page.text.contains("Nothing blocks the verification"), "{}", page.text);
    let of_hit = browser.get(&format!("/console/hits/{place}"));
    assert!(of_hit.text.contains(&format!("href=\"/console/cases/{case}\"")), "{}", of_hit.text);

    let body = json!({"decision": "false_positive", "reason": "another firm"});
    let proposed = alice.post(&world.registry, &format!("/v1/screening/hits/{place}/propose"), &body).answered(201);
    bob.approve(&world.registry, &proposed).with(200);
    let page = browser.get(&format!("/console/cases/{case}"));
    assert!(!page.text.contains("decide it first"), "{}", page.text);
}
