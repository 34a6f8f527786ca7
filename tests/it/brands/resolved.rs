//! `/v1/resolve` about an address of a brand shows the entities that it may be, as a pre-check does, and what would settle which.

use serde_json::{Value, json};
use vasp_registry::brands::AcceptStrong;

use super::decided::{LABELLED, VAVO, VAVO_MALTA, find, link, malta, vavo, world};
use crate::prechecks::world::{ALSTER, World, lei};
use crate::support::{Database, on_every_database};

fn resolve(world: &World, query: &str) -> Value {
    world.get_as(&world.key, &format!("/v1/resolve?subject={LABELLED}&network=eip155:1{query}")).answered(200)
}

fn brand(world: &World) -> Value {
    resolve(world, "")["owners"][0]["brand"].clone()
}

const PANAMA: &str = "Bitvavo,bitvavo,Bitvavo Custody Panama,,PA";

#[on_every_database]
fn a_brand_without_an_entity_shows_its_candidates_and_what_would_settle_which(database: Database) {
    let world = world(database, &[vavo()]);
    let firm = |standing: &str| {
        // The register says only that it is licensed in the Netherlands and may serve Germany.
        json!({"country": "NL", "customer_countries": ["DE", "NL"], "id": world.vasp_id(VAVO), "legal_name": "Bitvavo B.V.",
               "lei": lei(VAVO), "other_countries": false, "roles": ["licensed_entity"], "standing": standing})
    };
    let question = "beneficiary.customer_country";
    let proposed =
        json!({"candidates": [firm("proposed")], "question": question, "settled_by": ["ask_counterparty", "wait_for_review"]});
    assert_eq!([brand(&world), brand(&world)], [proposed.clone(), proposed]);

    find(&world, AcceptStrong::Yes);
    let accepted =
        json!({"candidates": [firm("accepted")], "question": question, "settled_by": ["name_entity", "ask_counterparty"]});
    assert_eq!(brand(&world), accepted);

    let report = link(&world, &format!("{PANAMA},US|CA,operator,,,general_knowledge,somebody,,2026-05-20\n"));
    let panama = |countries: &[&str], others: bool| {
        json!({"country": "PA", "customer_countries": countries, "id": null, "legal_name": "Bitvavo Custody Panama", "lei": null,
               "other_countries": others, "roles": ["operator"], "standing": "proposed"})
    };
    assert_eq!(brand(&world)["candidates"], json!([firm("accepted"), panama(&["CA", "US"], false)]));
    assert_eq!(brand(&world)["settled_by"], accepted["settled_by"], "nobody can review a firm without a record");
    let before = resolve(&world, &format!("&as_of=seq:{}", report.sequence - 1));
    assert_eq!(before["owners"][0]["brand"], accepted, "what was known before");
    link(&world, &format!("{PANAMA},,operator,,2026-06-02,general_knowledge,somebody,,2026-05-21\n"));
    assert_eq!(brand(&world)["candidates"], json!([firm("accepted"), panama(&[], true)]));

    world.set_clock("2026-06-02T12:00:00Z");
    assert_eq!(brand(&world), accepted, "that link has ended");
}

#[on_every_database]
fn a_brand_without_candidates_has_no_question(database: Database) {
    let world = world(database, &[]);

    assert_eq!(brand(&world), json!({"candidates": [], "question": null, "settled_by": ["ask_counterparty"]}));
}

#[on_every_database]
fn batches_show_it_too_but_neither_compact_ones_nor_entities_nor_related_claims_nor_pre_checks(database: Database) {
    let world = world(database, &[vavo()]);
    let own = "0x1000000000000000000000000000000000003002";
    world.claim(ALSTER, own);
    world.registry.registry.directory().catch_up().unwrap();
    let subjects = json!({"subjects": [{"subject": LABELLED, "network": "eip155:1"}, {"subject": own, "network": "eip155:1"},
                                       {"subject": LABELLED, "network": "eip155:10"}, {"subject": world.group_id("bitvavo")}]});

    let whole = world.post("/v1/resolve", &subjects).answered(200);
    let [labelled, entity, related, group] = whole["results"].as_array().unwrap().as_slice() else { panic!("{whole}") };
    assert_eq!(labelled["owners"][0]["brand"], brand(&world));
    assert_eq!(labelled["owners"][0]["brand"]["candidates"][0]["legal_name"], "Bitvavo B.V.");
    assert_eq!((&entity["owners"][0]["vasp"]["lei"], entity["owners"][0].get("brand")), (&json!(lei(ALSTER)), None));
    let claim = &related["related_claims"][0];
    assert_eq!((&claim["vasp"]["legal_name"], claim.get("brand")), (&json!("Bitvavo"), None));
    assert_eq!(group["owners"][0]["brand"], brand(&world));

    let compact = world.post("/v1/resolve?view=compact", &subjects).answered(200).to_string();
    assert!(!compact.contains("candidates") && !compact.contains("settled_by"), "{compact}");
    let precheck = world.ask(json!({"address": LABELLED, "network": "eip155:1"}));
    assert_eq!((precheck["resolution"]["owners"][0].get("brand"), precheck["brand"].is_object()), (None, true));
}

/// Source: docs/brands.md, "What a pre-check asks": the question is the country of the customer's account.
#[on_every_database]
fn the_countries_of_candidates_say_what_a_pre_check_says_of_the_customers_country(database: Database) {
    let world = world(database, &[vavo(), malta()]);
    find(&world, AcceptStrong::Yes);
    link(&world, &format!("{PANAMA},US|CA,operator,,,general_knowledge,somebody,,2026-05-20\n"));
    let told = brand(&world);
    let candidates = told["candidates"].as_array().unwrap();
    assert_eq!(candidates.len(), 3, "{told}");
    assert!(candidates.iter().any(|one| one["lei"] == lei(VAVO_MALTA)));

    for country in ["DE", "NL", "MT", "US", "PA", "JP"] {
        let precheck = world.ask(json!({"address": LABELLED, "network": "eip155:1", "customer_country": country}));
        let judged = precheck["brand"]["candidates"].as_array().unwrap();
        assert_eq!(judged.len(), candidates.len());
        for one in candidates {
            let same = judged.iter().find(|judged| judged["legal_name"] == one["legal_name"]).unwrap();
            let may = one["other_countries"] == true || one["customer_countries"].as_array().unwrap().contains(&json!(country));
            assert_eq!(may, same["serves_customer"] != "no", "{country}: {one} {same}");
        }
    }
}
