//! A brand's address leads to the entity that an accepted link names, and otherwise to the candidates and what would settle which.

use serde_json::{Value, json};
use vasp_registry::brands::{AcceptStrong, FoundLinks, find_brand_links};
use vasp_registry::imported::ImportReport;
use vasp_registry::imports::ImportFormat;
use vasp_store::WriteMode;

use crate::prechecks::expect::{finding, reasons};
use crate::prechecks::world::{HARBOUR, World, lei, register};
use crate::support::{Database, on_every_database};

/// Firms beside those of the invented register.
pub(super) const VAVO: u32 = 21;
pub(super) const VAVO_MALTA: u32 = 22;

/// An address on Ethereum with the label `bitvavo`, whose website is bitvavo.com by the actor record of GraphSense.
pub(super) const LABELLED: &str = "0x1000000000000000000000000000000000003001";

pub(super) fn firm(number: u32, name: &str, country: &str, authority: &str, website: &str) -> Value {
    let service = |activity: &str| json!({"activity": activity, "valid_from": "2025-07-01", "valid_to": null});
    json!({"lei": lei(number), "authority": authority, "name_key": name, "flags": [], "legal_name": name, "commercial_names": [],
           "country": country, "registered_address": null, "website": website, "domains": [], "lines": [number + 1],
           "licences": [{"authority": authority, "regime": "MiCA", "number": null, "services": [service("custody"), service("transfer")],
                         "territories": [country, "DE"], "valid_from": "2025-07-01", "valid_to": null, "last_update": null}]})
}

/// A firm whose website has the brand's word with another ending.
pub(super) fn malta() -> Value {
    firm(VAVO_MALTA, "Mediterranean Desk Ltd", "MT", "MT-MFSA", "www.bitvavo.io")
}

/// An address with the brand's label.
pub(super) fn import_label(world: &World) -> ImportReport {
    let row = format!("eip155:1,{LABELLED},bitvavo,Bitvavo,,exchange,labels@0:b.csv,\n");
    let labels = format!("network,address,entity,entity_name,label,category,source,added_date\n{row}");
    world.import(ImportFormat::ClaimsCsv, "bitvavo.csv", &labels)
}

/// The register of a day, which shows the brand's firms, too.
pub(super) fn import_firms(world: &World, day: &str, firms: &[Value]) -> ImportReport {
    let mut shown = register(day, &[4]);
    shown["entities"].as_array_mut().unwrap().extend(firms.iter().cloned());
    world.import(ImportFormat::RegisterJson, "register.json", &shown.to_string())
}

/// A register that shows the brand's firms, too, and an address with the brand's label.
pub(super) fn world(database: Database, firms: &[Value]) -> World {
    let world = World::start(database);
    import_firms(&world, "2026-05-30", firms);
    import_label(&world);
    world
}

pub(super) fn vavo() -> Value {
    firm(VAVO, "Bitvavo B.V.", "NL", "NL-AFM", "https://bitvavo.com/nl")
}

pub(super) fn find(world: &World, accept: AcceptStrong) -> FoundLinks {
    let registry = &world.registry;
    let mut rng = registry.random.fork();
    let found = find_brand_links(registry.registry.store(), accept, WriteMode::Keep, world.now(), &mut rng).unwrap();
    registry.registry.directory().catch_up().unwrap();
    found
}

pub(super) fn link(world: &World, rows: &str) -> ImportReport {
    let heading = "brand,keys,entity,lei,country,countries,role,since,until,evidence_kind,source,sha256,seen_on";
    world.import(ImportFormat::BrandLinks, "brand-links.csv", &format!("{heading}\n{rows}"))
}

fn ask(world: &World, customer_country: Option<&str>) -> Value {
    world.ask(json!({"address": LABELLED, "network": "eip155:1", "customer_country": customer_country}))
}

/// What the pre-check tells about each candidate: name, standing, whether it serves the customer.
pub(super) fn candidates(answer: &Value) -> Vec<[Value; 3]> {
    let all = answer["brand"]["candidates"].as_array().unwrap();
    all.iter().map(|one| [one["legal_name"].clone(), one["standing"].clone(), one["serves_customer"].clone()]).collect()
}

#[on_every_database]
fn a_strong_find_that_policy_accepts_makes_one_question_enough(database: Database) {
    let world = world(database, &[vavo()]);
    let before = ask(&world, Some("DE"));
    assert_eq!((&before["counterparty"], finding(&before, "identity")), (&Value::Null, "unknown identity.group_only".to_owned()));

    let found = find(&world, AcceptStrong::Yes);

    assert_eq!((found.found, found.strong, found.accepted, found.cases), (1, 1, 1, 0));
    let open = ask(&world, None);
    assert_eq!((open["recommendation"].as_str(), reasons(&open)[0]), (Some("hold"), "identity.group_only"));
    assert_eq!(open["brand"]["question"], "beneficiary.customer_country");
    assert_eq!(open["brand"]["kinds"][0]["kind"], "exchange");
    assert_eq!(candidates(&open), [[json!("Bitvavo B.V."), json!("accepted"), Value::Null]]);
    let evidence = &open["brand"]["candidates"][0]["links"][0];
    assert_eq!((&evidence["evidence"]["kind"], &evidence["likeness"]), (&json!("register"), &json!(1)));
    let settled = ask(&world, Some("DE"));
    assert_eq!(settled["counterparty"]["lei"], lei(VAVO));
    assert_eq!((&settled["brand"]["question"], &settled["brand"]["settled_by"]), (&Value::Null, &json!([])));
    assert_eq!(candidates(&settled)[0][2], "yes");
    let elsewhere = ask(&world, Some("US"));
    assert_eq!((&elsewhere["counterparty"], &candidates(&elsewhere)[0][2]), (&Value::Null, &json!("no")));
    assert_eq!(find(&world, AcceptStrong::Yes).accepted, 0, "once is enough");
}

/// Source: docs/brands.md, "What the registry finds". The register's website is on the domain of the label's brand.
#[on_every_database]
fn without_policy_a_find_opens_a_case_and_two_people_accept_it(database: Database) {
    let world = world(database, &[vavo()]);
    let (reviewer, approver) = world.registry.two_operators();
    let found = find(&world, AcceptStrong::No);

    assert_eq!((found.strong, found.accepted, found.cases), (1, 0, 0), "the import has opened the case");
    let proposed = ask(&world, Some("DE"));
    assert_eq!((proposed["recommendation"].as_str(), &proposed["counterparty"]), (Some("hold"), &Value::Null));
    assert_eq!(candidates(&proposed), [[json!("Bitvavo B.V."), json!("proposed"), json!("unknown")]]);
    assert_eq!(proposed["brand"]["settled_by"], json!(["ask_counterparty", "wait_for_review"]));
    let vasp: vasp_words::ids::VaspId = world.vasp_id(VAVO).parse().unwrap();
    assert_eq!(world.registry.triggers(vasp).iter().map(|one| one.kind.as_str()).collect::<Vec<_>>(), ["brand_link"]);

    let propose = |evidence: Value| {
        let body = json!({"group": world.group_id("bitvavo"), "evidence": evidence, "reason": "seen in the register"});
        world.registry.post_as(&reviewer, &format!("/v1/vasps/{vasp}/brands/propose"), &body)
    };
    let no_page = propose(json!([{"kind": "terms_of_use", "source": "their terms"}]));
    assert_eq!(no_page.problem(422, "invalid_request")["errors"][0]["code"], "evidence_missing");
    let waiting = propose(json!([{"kind": "register_website", "source": "AFM register"}])).json();
    assert_eq!(approver.approve(&world.registry, &waiting).status.as_u16(), 200);

    assert_eq!(ask(&world, Some("DE"))["counterparty"]["lei"], lei(VAVO));
    let links = world.registry.get_as(&reviewer, "/v1/brands/links?standing=accepted");
    let links = links.json()["items"].as_array().unwrap().clone();
    assert_eq!((links.len(), &links[0]["vasp"]), (1, &json!(vasp)));
}

#[on_every_database]
fn proposals_settle_nothing_and_keep_open_whom_they_may_concern(database: Database) {
    let world = world(database, &[vavo()]);
    find(&world, AcceptStrong::Yes);
    assert_eq!(ask(&world, Some("DE"))["counterparty"]["lei"], lei(VAVO));

    link(&world, "Bitvavo,bitvavo,Bitvavo Custody Panama,,PA,US|CA,operator,,,general_knowledge,somebody,,2026-05-20\n");
    assert_eq!(ask(&world, Some("DE"))["counterparty"]["lei"], lei(VAVO), "it serves other customers");
    link(&world, "Bitvavo,bitvavo,Bitvavo Custody Panama,,PA,,operator,,,general_knowledge,somebody,,2026-05-21\n");
    assert_eq!(ask(&world, Some("DE"))["counterparty"]["lei"], lei(VAVO), "the register names one for Germany");
    link(&world, "Bitvavo,bitvavo,Bitvavo Custody Panama,,PA,,operator,,,third_party_list,somebody,,2026-05-22\n");
    let open = ask(&world, Some("DE"));
    assert_eq!((&open["counterparty"], open["recommendation"].as_str()), (&Value::Null, Some("hold")));
    let expected = [
        [json!("Bitvavo B.V."), json!("accepted"), json!("yes")],
        [json!("Bitvavo Custody Panama"), json!("proposed"), json!("unknown")],
    ];
    assert_eq!(candidates(&open), expected);
    assert_eq!(open["brand"]["settled_by"], json!(["name_entity", "ask_counterparty"]));
    let named = json!({"address": LABELLED, "network": "eip155:1", "customer_country": "DE",
                       "declared": {"kind": "vasp", "vasp": lei(VAVO)}});
    assert_eq!(world.ask(named)["counterparty"]["lei"], lei(VAVO), "a declaration answers, too");
}

#[on_every_database]
fn a_firm_under_another_ending_is_a_proposal_and_counts_as_one_who_may_serve(database: Database) {
    let world = world(database, &[vavo(), malta()]);

    let found = find(&world, AcceptStrong::Yes);

    assert_eq!((found.found, found.strong, found.accepted), (2, 1, 1));
    let open = ask(&world, Some("DE"));
    assert_eq!(open["counterparty"], Value::Null);
    assert_eq!(open["brand"]["settled_by"], json!(["name_entity", "ask_counterparty", "wait_for_review"]));
    let in_netherlands = ask(&world, Some("NL"));
    assert_eq!(in_netherlands["counterparty"]["lei"], lei(VAVO), "only one of them is licensed there");
}

#[on_every_database]
fn a_brand_without_links_says_what_would_settle_it_and_another_question_has_no_brand(database: Database) {
    let world = world(database, &[]);
    let open = ask(&world, None);

    assert_eq!((&open["brand"]["candidates"], &open["brand"]["question"]), (&json!([]), &Value::Null));
    assert_eq!(open["brand"]["settled_by"], json!(["ask_counterparty"]));
    let harbour = world.ask(json!({"address": HARBOUR, "network": "eip155:1"}));
    assert_eq!(candidates(&harbour), [[json!("Alster Krypto AG"), json!("accepted"), Value::Null]]);
    let named = world.ask(json!({"vasp": lei(1)}));
    assert_eq!(named["brand"], Value::Null);
}

/// What people decided, no program undoes.
#[on_every_database]
fn people_end_what_policy_accepted_and_policy_leaves_it_ended(database: Database) {
    let world = world(database, &[vavo()]);
    let (reviewer, approver) = world.registry.two_operators();
    find(&world, AcceptStrong::Yes);
    assert_eq!(ask(&world, Some("DE"))["counterparty"]["lei"], lei(VAVO));

    let path = format!("/v1/vasps/{}/brands/propose", world.vasp_id(VAVO));
    let end = json!({"group": null, "evidence": [], "reason": "the brand was sold"});
    let waiting = world.registry.post_as(&reviewer, &path, &end).answered(201);
    assert_eq!(approver.approve(&world.registry, &waiting).status.as_u16(), 200);

    assert_eq!(ask(&world, Some("DE"))["counterparty"], Value::Null);
    assert_eq!(find(&world, AcceptStrong::Yes).accepted, 0);
    assert_eq!(ask(&world, Some("DE"))["counterparty"], Value::Null);
}

#[on_every_database]
fn policy_does_not_accept_what_two_people_left_as_it_was(database: Database) {
    let world = world(database, &[vavo()]);
    let (reviewer, approver) = world.registry.two_operators();
    let cases = world.registry.get_as(&reviewer, "/v1/cases").json();
    let about = |case: &&Value| case["vasp"] == json!(world.vasp_id(VAVO));
    let case = cases["items"].as_array().unwrap().iter().find(about).unwrap();
    let path = format!("/v1/cases/{}", case["id"].as_str().unwrap());
    world.registry.post_as(&reviewer, &format!("{path}/take"), &Value::Null);
    let keep = json!({"decision": "keep", "reason": "another firm of that name"});
    let proposed = world.registry.post_as(&reviewer, &format!("{path}/propose"), &keep);
    assert_eq!(approver.approve(&world.registry, &proposed.json()).status, 200);

    let found = find(&world, AcceptStrong::Yes);

    assert_eq!((found.strong, found.accepted, found.cases), (1, 0, 0));
    assert_eq!(ask(&world, Some("DE"))["counterparty"], Value::Null);
}

#[on_every_database]
fn a_former_name_and_website_lead_to_no_brand(database: Database) {
    let world = world(database, &[vavo()]);
    assert_eq!(find(&world, AcceptStrong::No).found, 1);
    let renamed = firm(VAVO, "Amstel Desk B.V.", "NL", "NL-AFM", "https://amstel-desk.example");
    import_firms(&world, "2026-05-31", &[renamed]);

    let found = find(&world, AcceptStrong::Yes);

    assert_eq!((found.found, found.accepted), (0, 0));
}

fn declare(world: &World, number: u32, customer_country: &str) -> Value {
    world.ask(json!({"address": LABELLED, "network": "eip155:1", "customer_country": customer_country,
                     "declared": {"kind": "vasp", "vasp": lei(number)}}))
}

/// A customer in Japan names Binance Japan, and a customer in the United States names Coinbase Luxembourg.
#[on_every_database]
fn a_declared_entity_is_confirmed_by_acceptance_and_contradicted_by_the_customers_country(database: Database) {
    let world = world(database, &[vavo()]);
    let proposed = declare(&world, VAVO, "NL");
    assert_eq!(finding(&proposed, "attribution"), "warn attribution.declared_unconfirmed");
    assert_eq!(proposed["counterparty"]["lei"], lei(VAVO));

    find(&world, AcceptStrong::Yes);

    assert_eq!(finding(&declare(&world, VAVO, "NL"), "attribution"), "pass attribution.attributed");
    let elsewhere = declare(&world, VAVO, "US");
    assert_eq!(finding(&elsewhere, "attribution"), "fail attribution.declared_mismatch");
    assert_eq!((elsewhere["recommendation"].as_str(), &elsewhere["counterparty"]), (Some("hold"), &Value::Null));
    assert_eq!(finding(&declare(&world, 4, "NL"), "attribution"), "fail attribution.declared_mismatch", "another firm");
}

/// The register of the Netherlands is held whole, and none of its rows is like the brand.
#[on_every_database]
fn the_answer_says_that_the_customers_country_registered_no_entity_of_the_brand(database: Database) {
    let world = world(database, &[firm(VAVO, "Amstel Desk B.V.", "NL", "NL-AFM", "https://amstel-desk.example")]);

    let none = ask(&world, Some("NL"));
    assert_eq!(finding(&none, "identity"), "unknown identity.none_registered_there");
    let evidence = &none["checks"][1]["evidence"];
    let register = evidence.as_array().unwrap().iter().find(|one| one["kind"] == "register").unwrap();
    assert_eq!((&register["id"], &register["observed_at"]), (&json!("NL-AFM"), &json!("2026-05-30T00:00:00Z")));
    assert_eq!(finding(&ask(&world, None), "identity"), "unknown identity.group_only");
    assert_eq!(finding(&ask(&world, Some("JP")), "identity"), "unknown identity.group_only", "no register of Japan is held");

    import_firms(&world, "2026-05-31", &[vavo()]);
    assert_eq!(finding(&ask(&world, Some("NL")), "identity"), "unknown identity.group_only");
}
