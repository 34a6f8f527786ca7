//! What is settled without anybody's answer: data protection by the law of both sides, the entity of a group by the customer's country.

use serde_json::{Value, json};

use super::expect::{check, finding};
use super::world::{ALSTER, DUBAI, LAGOON, LIFFEY, World, lei};
use crate::support::on_every_database;

/// Source: docs/due-diligence.md, "Checks of a pre-check"; GDPR Art. 44 and 45. Before, every firm that is no member gave `protect_data`.
#[on_every_database(World::start)]
fn law_that_protects_the_data_alike_asks_nothing_more_of_a_sender_in_the_eea(world: World) {
    let asks =
        |answer: &Value| answer["conditions"].as_array().unwrap().iter().any(|condition| condition["code"] == "protect_data");

    let inside = world.ask(json!({"vasp": lei(LIFFEY)}));
    let outside = world.ask(json!({"vasp": lei(DUBAI)}));
    let from_britain = world.ask_from("GB", json!({"vasp": lei(ALSTER)}), json!({}));

    assert_eq!(finding(&inside, "data_protection"), "pass data_protection.regime_equivalent");
    let shown = check(&inside, "data_protection");
    assert_eq!(shown["detail"], "Germany and Ireland are both under the GDPR (Regulation (EU) 2016/679).");
    assert_eq!(shown["evidence"][0]["id"], "Regulation (EU) 2016/679");
    assert!(!asks(&inside), "{inside}");
    for other in [&outside, &from_britain] {
        assert_eq!(finding(other, "data_protection"), "unknown data_protection.no_assessment");
    }
    assert!(asks(&outside), "{outside}");
}

/// Source: docs/brands.md, "What a pre-check asks". The group "lagoon" has Liffey (licensed for IE and AT) and Valletta (MT and AT).
#[on_every_database(World::start)]
fn the_customers_country_settles_which_entity_of_a_group_it_is_if_only_one_serves_it(world: World) {
    let towards = |country: Value| {
        let address = json!({"address": LAGOON, "network": "eip155:1", "customer_country": country});
        let answer = world.ask(address);
        (answer["counterparty"]["legal_name"].clone(), finding(&answer, "identity"), finding(&answer, "attribution"))
    };
    let settled = |name: &str| (json!(name), "warn identity.register_only".to_owned(), "pass attribution.attributed".to_owned());

    assert_eq!(towards(json!("IE")), settled("Liffey Custody Limited"));
    assert_eq!(towards(json!("MT")), settled("Valletta Exchange Ltd"));
    for country in [json!("AT"), json!("BR"), Value::Null] {
        let (counterparty, identity, _) = towards(country.clone());
        assert_eq!((counterparty, identity.as_str()), (Value::Null, "unknown identity.group_only"), "{country}");
    }
    // Germany's part of the register is held whole and has none of them.
    assert_eq!(towards(json!("DE")).1, "unknown identity.none_registered_there");
}
