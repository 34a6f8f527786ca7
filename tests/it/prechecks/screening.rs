//! Screening lists as they are: several, not whole, and asked about without an address.

use serde_json::{Value, json};
use vasp_registry::imports::ImportFormat;

use super::expect::{check, finding};
use super::world::{ALSTER, HARBOUR, LATER, LISTED, SCREENED, World, lei};
use crate::support::on_every_database;

fn list(id: &str, name: &str, coverage: &str) -> Value {
    json!({"id": id, "as_of": SCREENED, "source": "seven of nine rows", "coverage": coverage, "entries": [
        {"uid": "7", "name": name, "aliases": [], "programs": ["TEST"], "addresses": []}]})
}

#[on_every_database(World::start)]
fn a_list_of_another_id_stands_beside_the_first(world: World) {
    let other = list("XX-OTHER", "ALSTER KRYPTO AG", "complete");
    world.import(ImportFormat::SanctionsJson, "other.json", &other.to_string());

    let by_the_first = world.ask(json!({"address": LISTED, "network": "eip155:1"}));
    let by_the_other = world.ask(json!({"vasp": lei(ALSTER)}));

    assert_eq!(finding(&by_the_first, "sanctions"), "fail sanctions.address_listed");
    assert_eq!(finding(&by_the_other, "sanctions"), "fail sanctions.name_listed");
    let lists = check(&by_the_other, "sanctions")["evidence"].as_array().unwrap().clone();
    assert_eq!(lists.iter().filter(|one| one["kind"] == "screening_list").count(), 5);
}

#[on_every_database(World::start)]
fn no_match_on_a_list_that_is_not_whole_is_a_warning_that_names_it(world: World) {
    world.import(ImportFormat::SanctionsJson, "half.json", &list("XX-HALF", "NOBODY", "partial").to_string());

    let answer = world.ask(json!({"address": HARBOUR, "network": "eip155:1"}));

    assert_eq!(finding(&answer, "sanctions"), "warn sanctions.no_match_on_partial_list");
    let detail = check(&answer, "sanctions")["detail"].as_str().unwrap();
    assert!(detail.contains("Loaded only in part: XX-HALF."), "{detail}");
}

fn listing(id: &str, coverage: &str, currency: &str, text: &str) -> String {
    let mut list = list(id, "NOBODY", coverage);
    list["entries"][0]["addresses"] = json!([{"currency": currency, "text": text}]);
    list.to_string()
}

/// Sources: OFAC's entry 29703; ZIP 320 for the second spelling, ZIP 316 for a unified address with that receiver; bitcoinjs/bitcoinjs-message,
/// test/fixtures.json (the nested form of the key of BIP-173's examples).
#[on_every_database(World::start)]
fn a_listed_key_rejects_in_every_spelling_and_on_every_network_of_its_class(world: World) {
    let zcash = listing("XX-ZEC", "complete", "ZEC", "t1WSKwCDL1QYRRUrCCknEs5tDLhtGVYu9KM");
    world.import(ImportFormat::SanctionsJson, "zec.json", &zcash);
    let tron = listing("XX-TRX", "complete", "TRX", "TAqg8TXo8tmpaz7TwHS669Tgt8MPSWgoxB");
    world.import(ImportFormat::SanctionsJson, "trx.json", &tron);
    let bitcoin = listing("XX-XBT", "complete", "XBT", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH");
    world.import(ImportFormat::SanctionsJson, "xbt.json", &bitcoin);

    for (network, address) in [
        ("zec", "tex138gayp5p6fvy2pnr0qerackn8cq86vptmv2zg0"),
        (
            "zec",
            "u1vzec6txz3z3glpugxrrn385pspe2wj7p44ld6x4sfca8xcgkkw2ntfu2ezhcrs6lfsf64h6n8chc6g8jhvxgllcxj52ww4tnm4mfw76dfqs7lffm3cf9uf3309wddy5urgx6j0t4gx6",
        ),
        ("eip155:8453", "0x098B716B8Aaf21512996dC57EB0615e2383E2f96"),
        ("bitcoin", "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN"),
    ] {
        let answer = world.ask(json!({"address": address, "network": network}));

        assert_eq!(finding(&answer, "sanctions"), "fail sanctions.address_listed", "{address}");
        assert_eq!(answer["recommendation"], "reject", "{address}");
    }
}

/// Source of the listed text: OFAC's entry 18647, which has a letter that Monero does not know.
#[on_every_database(World::start)]
fn a_list_with_an_unreadable_address_is_partial_for_the_networks_that_it_could_mean(world: World) {
    let unreadable = "45ezvPejNsKYntjhyyeb7fbfzilsxYQozc5Ffseh8jPGW4JZQQVXykNTfK5uGFiij7Hp3qPv3T5HCR7F3Fnmz2mzE1aKQwo";
    world.import(ImportFormat::SanctionsJson, "xmr.json", &listing("XX-XMR", "complete", "XMR", unreadable));
    let monero = "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H";

    let on_monero = world.ask(json!({"address": monero, "network": "monero", "declared": {"kind": "self_hosted"}}));
    let on_ethereum = world.ask(json!({"address": HARBOUR, "network": "eip155:1"}));

    assert_eq!(finding(&on_monero, "sanctions"), "warn sanctions.no_match_on_partial_list");
    let detail = check(&on_monero, "sanctions")["detail"].as_str().unwrap();
    assert!(detail.contains("With an unreadable address that could be this one: XX-XMR."), "{detail}");
    assert_eq!(finding(&on_ethereum, "sanctions"), "pass sanctions.no_match");
    let (reviewer, _) = world.registry.two_operators();
    let lists = world.registry.get_as(&reviewer, "/v1/screening/lists").json();
    let held = lists["items"].as_array().unwrap().iter().find(|list| list["id"] == "XX-XMR").unwrap();
    assert_eq!(json!([held["addresses"], held["readable_addresses"]]), json!([1, 0]));
    assert_eq!(held["unreadable_addresses"], json!([{"uid": "7", "name": "NOBODY", "currency": "XMR", "text": unreadable}]));
}

/// A listed address rejects although its list does not bind, so what such a list lacks is told too.
#[on_every_database(World::start)]
fn a_partial_list_of_addresses_that_does_not_bind_is_named(world: World) {
    let half = listing("US-OFAC-SDN", "partial", "XBT", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH");
    world.import(ImportFormat::SanctionsJson, "half.json", &half);

    let by_address = world.ask(json!({"address": HARBOUR, "network": "eip155:1"}));
    let by_name = world.ask(json!({"vasp": lei(ALSTER)}));

    assert_eq!(finding(&by_address, "sanctions"), "pass sanctions.no_match");
    let detail = |answer: &Value| check(answer, "sanctions")["detail"].as_str().unwrap().to_owned();
    assert!(detail(&by_address).ends_with("Loaded only in part: US-OFAC-SDN."), "{}", detail(&by_address));
    assert!(!detail(&by_name).contains("in part"), "no address was asked about: {}", detail(&by_name));
}

#[on_every_database(World::start)]
fn a_self_hosted_travel_address_without_an_address_was_not_screened(world: World) {
    let travel_address = "ta2W2HPKfHxgSgrzY178knqXHg1H3jfeQrwQ9JrKBs9wv";

    let answer = world.ask(json!({"travel_address": travel_address, "declared": {"kind": "self_hosted"}}));

    assert_eq!(finding(&answer, "sanctions"), "unknown sanctions.no_counterparty");
    assert_eq!(answer["recommendation"], "hold");
}

/// Source: docs/screening.md, "Matching": one wrong letter in a name of four to six letters has the score 84.
#[on_every_database(World::start)]
fn one_letter_in_a_short_name_is_told_as_a_note_and_changes_nothing(world: World) {
    let before = world.ask(json!({"vasp": lei(LATER)}));
    world.import(ImportFormat::SanctionsJson, "other.json", &list("XX-OTHER", "LATOR B.V.", "complete").to_string());

    let answer = world.ask(json!({"vasp": lei(LATER)}));

    let noted = |answer: &Value| answer["notes"].as_array().unwrap().iter().any(|n| n["code"] == "sanctions.faint_likeness");
    assert!(noted(&answer) && !noted(&before), "{answer}");
    assert_eq!(finding(&answer, "sanctions"), "pass sanctions.no_match");
    assert_eq!((&answer["recommendation"], &answer["reasons"]), (&before["recommendation"], &before["reasons"]));
    assert!(check(&answer, "sanctions")["detail"].as_str().unwrap().contains("score 84"), "{answer}");
}

/// Collects every `legal_name` in a part of an answer.
fn names(part: &Value, found: &mut Vec<String>) {
    match part {
        Value::Array(all) => all.iter().for_each(|one| names(one, found)),
        Value::Object(members) => {
            for (member, value) in members {
                match value.as_str().filter(|_| member == "legal_name") {
                    Some(name) => found.push(name.to_owned()),
                    None => names(value, found),
                }
            }
        }
        _ => {}
    }
}

/// A link alone names the operator of Harbour.
#[on_every_database(World::start)]
fn any_name_that_an_answer_shows_was_screened(world: World) {
    let heading = "brand,keys,entity,lei,country,countries,role,since,until,evidence_kind,source,sha256,seen_on";
    let row = "Harbour,harbour,Harbour Global S.A.,,PA,*,operator,,,general_knowledge,invented,,2026-05-20";
    world.import(ImportFormat::BrandLinks, "brand-links.csv", &format!("{heading}\n{row}\n"));
    let before = world.ask(json!({"address": HARBOUR, "network": "eip155:1"}));
    let mut shown = vec![];
    names(&before["brand"], &mut shown);
    names(&before["resolution"], &mut shown);
    names(&before["candidates"], &mut shown);
    assert!(shown.iter().any(|name| name == "Harbour Global S.A."), "{before}");
    assert_eq!(finding(&before, "sanctions"), "pass sanctions.no_match");

    for (number, name) in shown.iter().enumerate() {
        let listed = list(&format!("XX-SHOWN-{number}"), name, "complete");
        world.import(ImportFormat::SanctionsJson, "shown.json", &listed.to_string());

        let answer = world.ask(json!({"address": HARBOUR, "network": "eip155:1"}));

        assert_ne!(finding(&answer, "sanctions"), "pass sanctions.no_match", "{name}");
        assert!(matches!(answer["recommendation"].as_str(), Some("reject" | "hold")), "{name}: {answer}");
        let evidence = check(&answer, "sanctions")["evidence"].to_string();
        assert!(evidence.contains(&format!("XX-SHOWN-{number}: name matches")), "{name}: {evidence}");
    }
}
