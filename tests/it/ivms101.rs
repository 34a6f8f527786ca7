//! IVMS 101 documents in place of `provided_fields`, and a record as `legalPerson`. Source: the standard's members as TRISA's fixtures write
//! them (MIT licence; invented people); Regulation (EU) 2023/1113 Art. 14.

use serde_json::{Value, json};

use crate::prechecks::world::{ALSTER, LIFFEY, World, lei};
use crate::support::{Answer, on_every_database};

/// A document with everything that the originator's side has.
fn document() -> Value {
    json!({"originator": {
        "originatorPersons": [{"naturalPerson": {
            "name": {"nameIdentifier": [{"primaryIdentifier": "Howard", "secondaryIdentifier": "Jane", "nameIdentifierType": "LEGL"}]},
            "geographicAddress": [{"addressType": "HOME", "streetName": "Greystone Street", "buildingNumber": "28", "country": "US"}],
            "dateAndPlaceOfBirth": {"dateOfBirth": "1992-10-04", "placeOfBirth": "West Islip, NY"}}}],
        "accountNumber": ["14HmBSwec8XrcWge9Zi1ZngNia64u3Wd2v"]}})
}

/// The names of the fields that the document holds.
fn fields() -> Value {
    let held = ["account", "address", "birth", "country", "date_of_birth", "dlt_address", "name", "place_of_birth"];
    held.iter().map(|name| format!("originator.{name}")).collect()
}

fn says_nothing_personal(text: &str) {
    for value in ["Howard", "Jane", "Greystone", "1992-10-04", "Islip", "14HmBSwec8"] {
        assert!(!text.contains(value), "{value} in {text}");
    }
}

fn request(member: &str, value: Value) -> Value {
    let mut body = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": {"vasp": lei(LIFFEY)},
                          "transfer": {"fiat": {"amount": "1500", "currency": "EUR"}}});
    body[member] = value;
    body
}

#[track_caller]
fn expect_fault(answer: &Answer, pointer: &str) -> String {
    let problem = answer.problem(422, "invalid_request");
    assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    says_nothing_personal(&problem.to_string());
    problem["errors"][0]["detail"].as_str().unwrap().to_owned()
}

#[on_every_database(World::start)]
fn a_document_counts_as_the_fields_that_it_holds(world: World) {
    let of_document = world.post("/v1/prechecks", &request("ivms101", document())).answered(200);
    let of_fields = world.post("/v1/prechecks", &request("provided_fields", fields())).answered(200);

    assert_eq!((&of_document["data"], &of_document["reasons"]), (&of_fields["data"], &of_fields["reasons"]));
    let missing: Vec<&str> = of_document["data"]["missing"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    // Art. 14(2) and (3): the beneficiary's name is required, and the document has no beneficiary.
    assert!(missing.contains(&"beneficiary.name") && !missing.contains(&"originator.name"), "{missing:?}");
}

#[on_every_database(World::start)]
fn nothing_of_a_document_is_recorded_but_the_names_of_its_fields(world: World) {
    let answer = world.post("/v1/prechecks?view=full", &request("ivms101", document()));
    says_nothing_personal(&answer.text);
    let verdict = answer.answered(200);
    let id = verdict["id"].as_str().unwrap();

    let report = world.get_as(&world.key, &format!("/v1/prechecks/{id}/report")).with(200).text;
    says_nothing_personal(&report);
    assert!(report.contains("provided_fields") && report.contains("originator.place_of_birth") && !report.contains("ivms101"));
    says_nothing_personal(&world.kept(&verdict["id"]).to_string());
    // The recorded question gives the recorded answer.
    let replayed = world.post(&format!("/v1/prechecks/{id}/replay"), &Value::Null).answered(200);
    assert_eq!(replayed["same"], true, "{replayed}");
}

#[on_every_database(World::start)]
fn obligations_name_what_lacks_in_a_document(world: World) {
    let ask = |member: &str, value: Value| {
        let mut body = json!({"originator": {"jurisdiction": "DE"}, "beneficiary": {"jurisdiction": "FR"},
                              "transfer": {"fiat": {"amount": "1500", "currency": "EUR"}}});
        body[member] = value;
        world.post("/v1/obligations", &body)
    };
    let (of_document, of_fields) = (ask("ivms101", document()).answered(200), ask("provided_fields", fields()).answered(200));
    let lacks = |answer: &Value| (answer["missing_fields"].clone(), answer["missing_one_of"].clone());

    assert_eq!(lacks(&of_document), lacks(&of_fields));
    assert!(of_document["missing_fields"].as_array().unwrap().contains(&json!("beneficiary.name")));
    let mut nameless = document();
    nameless["originator"]["originatorPersons"][0]["naturalPerson"]["name"]["nameIdentifier"][0]["nameIdentifierType"] =
        json!("ALIA");
    assert!(ask("ivms101", nameless).answered(200)["missing_fields"].as_array().unwrap().contains(&json!("originator.name")));
}

#[on_every_database(World::start)]
fn what_contradicts_a_document_is_refused_without_its_values(world: World) {
    let with = |change: &dyn Fn(&mut Value)| {
        let mut body = request("ivms101", document());
        change(&mut body);
        world.post("/v1/prechecks", &body)
    };

    expect_fault(&with(&|body| body["provided_fields"] = json!([])), "/provided_fields");
    let detail = expect_fault(&with(&|body| body["transfer"]["originator_type"] = json!("legal")), "/transfer/originator_type");
    assert!(detail.contains("natural") && detail.contains("legal"), "{detail}");
    let wrong = with(&|body| body["ivms101"]["originator"]["originatorPersons"][0] = json!({"name": "Jane Howard"}));
    let detail = expect_fault(&wrong, "/ivms101");
    assert!(detail.contains("naturalPerson"), "{detail}");
}

#[on_every_database(World::start)]
fn a_record_is_shown_as_a_legal_person(world: World) {
    let record = world.get_as(&world.key, &format!("/v1/vasps/{}", lei(ALSTER))).answered(200);

    let person = &record["ivms101"]["legalPerson"];
    let name = json!([{"legalPersonName": record["legal_name"], "legalPersonNameIdentifierType": "LEGL"}]);
    assert_eq!(person["name"]["nameIdentifier"][0], name[0]);
    assert_eq!(person["nationalIdentification"], json!({"nationalIdentifier": lei(ALSTER), "nationalIdentifierType": "LEIX"}));
    assert_eq!(person["countryOfRegistration"], record["country"]);
    let brand = world.get_as(&world.key, &format!("/v1/vasps/{}", world.group_id("lagoon"))).answered(200);
    assert_eq!(brand["ivms101"], Value::Null);
}
