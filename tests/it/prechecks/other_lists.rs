//! GLEIF's records, ESMA's list of non-compliant providers and a compiled register, from the file to the record and to the
//! pre-check. Rows are invented in the published forms; firms are those of the world.

use serde_json::{Value, json};
use vasp_registry::imported::ImportReport;
use vasp_registry::imports::ImportFormat;

use super::expect::{check, finding};
use super::world::{ALSTER, ENDED, HARBOUR, LAGOON, LIFFEY, SOFIA, VALLETTA, World, lei};
use crate::support::{Database, on_every_database};

const GLEIF_HEADING: &str = "LEI,Entity.LegalName,Entity.LegalAddress.Country,Entity.LegalJurisdiction,Entity.EntityStatus,\
    Registration.LastUpdateDate,Registration.RegistrationStatus,Registration.NextRenewalDate,\
    Entity.SuccessorEntity.1.SuccessorLEI,Entity.SuccessorEntity.1.SuccessorEntityName";
const NCASP_HEADING: &str = "ae_competentAuthority,ae_homeMemberState,ae_lei_name,ae_lei,ae_lei_cou_code,ae_commercial_name,\
    ae_website,ae_infrigment,ae_reason,ae_decision_date,ae_comments,ae_lastupdate";
const COMPILED_HEADING: &str = "register_source,legal_name,commercial_name,home_country_code,regulator,registration_status,registration_date,lei,last_scraped";

/// A row of a golden copy: LEI, name, country, states of entity and registration, renewal, successor.
pub(crate) fn gleif(
    number: u32,
    name: &str,
    country: &str,
    [entity, registration, renewal]: [&str; 3],
    successor: Option<u32>,
) -> String {
    let successor = successor.map(lei).unwrap_or_default();
    let updated = "2026-05-01T00:00:00Z";
    format!("{},{name},{country},{country},{entity},{updated},{registration},{renewal},{successor},\n", lei(number))
}

pub(crate) fn golden_copy(world: &World, day: &str, rows: &[String]) -> ImportReport {
    let file = format!("{}-0800-gleif-goldencopy-lei2-golden-copy.csv", day.replace('-', ""));
    world.import(ImportFormat::GleifLei, &file, &format!("{GLEIF_HEADING}\n{}", rows.concat()))
}

fn record(world: &World, of: &str) -> Value {
    world.get_as(&world.key, &format!("/v1/vasps/{of}")).json()
}

fn codes(record: &Value) -> Vec<String> {
    record["lei_findings"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
}

const GOOD: [&str; 3] = ["ACTIVE", "ISSUED", "2027-01-01T00:00:00Z"];

#[on_every_database(World::start)]
fn gleif_confirms_contradicts_and_ends_what_a_record_says_of_its_lei(world: World) {
    assert_eq!(record(&world, &lei(ALSTER))["lei_status"], Value::Null, "not looked at");
    let rows = [
        gleif(ALSTER, "ALSTER KRYPTO Aktiengesellschaft", "DE", GOOD, None),
        gleif(LIFFEY, "Shannon Brokers Limited", "GB", ["ACTIVE", "LAPSED", "2026-01-01T00:00:00Z"], None),
        gleif(SOFIA, "Sofia Coins AD", "BG", ["INACTIVE", "RETIRED", ""], Some(VALLETTA)),
        gleif(VALLETTA, "Valletta Exchange Ltd", "MT", ["ACTIVE", "ISSUED", "2026-05-31T00:00:00Z"], None),
        gleif(ENDED, "Ended SAS", "FR", ["INACTIVE", "ISSUED", "2027-01-01T00:00:00Z"], None),
        gleif(900, "Nobody asked AG", "DE", GOOD, None),
    ];
    let report = golden_copy(&world, "2026-05-25", &rows);

    assert_eq!((report.read, report.taken, report.new, report.log_changes), (6, 5, 5, 1));
    let alster = record(&world, &lei(ALSTER));
    assert_eq!(
        (&alster["lei_status"], codes(&alster)),
        (&json!("ISSUED"), vec!["good_standing".into(), "name_matches".into(), "country_matches".into()])
    );
    let evidence = alster["evidence"].as_array().unwrap().iter().find(|one| one["method"] == "gleif").unwrap();
    assert_eq!(
        *evidence,
        json!({"attribute": "lei", "method": "gleif", "source": "20260525-0800-gleif-goldencopy-lei2-golden-copy.csv",
               "verified_at": "2026-05-25T00:00:00Z", "expires_at": "2027-01-01T00:00:00Z", "stale": false})
    );
    let liffey = record(&world, &lei(LIFFEY));
    assert_eq!(codes(&liffey), ["name_mismatch", "country_mismatch", "registration_lapsed"]);
    assert_eq!(liffey["lei_findings"][0]["observed_at"], "2026-05-25T00:00:00Z");
    let said = |number| finding(&world.ask(json!({"vasp": lei(number)})), "lei");
    assert_eq!(said(ALSTER), "pass lei.issued");
    assert_eq!(said(LIFFEY), "warn lei.name_mismatch");
    assert_eq!(said(SOFIA), "fail lei.retired");
    assert_eq!(said(VALLETTA), "warn lei.renewal_overdue");
    assert_eq!(said(ENDED), "fail lei.entity_inactive");
    let sofia = world.ask(json!({"vasp": lei(SOFIA)}));
    let detail = check(&sofia, "lei")["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains(&lei(VALLETTA)), "the successor is named: {detail}");
    assert_eq!(sofia["recommendation"], "hold");
}

#[on_every_database(World::start)]
fn a_file_that_confirms_is_a_look_and_the_past_stays_as_it_was(world: World) {
    let first = golden_copy(&world, "2026-05-20", &[gleif(ALSTER, "Alster Krypto AG", "DE", GOOD, None)]);
    let lapsed = ["ACTIVE", "LAPSED", "2026-05-01T00:00:00Z"];
    let again = golden_copy(&world, "2026-05-24", &[gleif(ALSTER, "Alster Krypto AG", "DE", GOOD, None)]);
    let same = golden_copy(&world, "2026-05-24", &[gleif(ALSTER, "Alster Krypto AG", "DE", GOOD, None)]);
    let other = golden_copy(&world, "2026-05-28", &[gleif(LIFFEY, "Liffey Custody Limited", "IE", GOOD, None)]);
    let older = golden_copy(&world, "2026-05-22", &[gleif(ALSTER, "Alster Krypto AG", "DE", lapsed, None)]);

    assert_eq!((first.taken, again.taken, again.unchanged, again.log_changes), (1, 0, 1, 1));
    assert_eq!((same.log_changes, other.new, older.taken), (0, 1, 0));
    let seen = |at: &str| {
        let record = record(&world, &format!("{}{at}", lei(ALSTER)));
        let evidence = record["evidence"].as_array().unwrap().iter().find(|one| one["method"] == "gleif").cloned();
        (record["lei_status"].clone(), evidence.map_or(Value::Null, |one| one["verified_at"].clone()))
    };
    assert_eq!(seen(""), (json!("ISSUED"), json!("2026-05-24T00:00:00Z")), "a file that does not show it is no look");
    let at = |report: &ImportReport| seen(&format!("?as_of=seq:{}", report.sequence));
    assert_eq!(at(&first), (json!("ISSUED"), json!("2026-05-20T00:00:00Z")));
    assert_eq!(seen(&format!("?as_of=seq:{}", first.sequence - 1)), (Value::Null, Value::Null));
    let newest = golden_copy(&world, "2026-05-30", &[gleif(ALSTER, "Alster Krypto AG", "DE", lapsed, None)]);
    assert_eq!((newest.changed, seen("").0, at(&other).0), (1, json!("LAPSED"), json!("ISSUED")));
    assert_eq!(finding(&world.ask(json!({"vasp": lei(ALSTER)})), "lei"), "warn lei.lapsed");
}

#[test]
fn an_answer_of_the_api_is_a_look_like_any_other() {
    let world = World::start(Database::sqlite());
    let answer = json!({"meta": {"goldenCopy": {"publishDate": "2026-05-29T00:00:00Z"}}, "data": {
        "type": "lei-records", "id": lei(ALSTER), "attributes": {"lei": lei(ALSTER),
            "entity": {"legalName": {"name": "Alster Krypto AG"}, "otherNames": [], "jurisdiction": "DE", "status": "ACTIVE",
                       "legalAddress": {"country": "DE"}, "successorEntity": {"lei": null, "name": null}},
            "registration": {"status": "PENDING_TRANSFER", "lastUpdateDate": "2026-05-28T00:00:00Z",
                             "nextRenewalDate": "2027-01-01T00:00:00Z"}}}});
    world.import(ImportFormat::GleifLei, "answer.json", &answer.to_string());

    let alster = record(&world, &lei(ALSTER));
    assert_eq!((&alster["lei_status"], codes(&alster)[0].as_str()), (&json!("PENDING_TRANSFER"), "good_standing"));
}

/// A row of ESMA's list.
pub(crate) fn listed(name: &str, commercial: &str, website: &str, decided: &str) -> String {
    format!("Netherlands Authority for the Financial Markets (AFM),NL,{name},,,{commercial},{website},No,None,{decided},,\n")
}

pub(crate) fn ncasp(world: &World, day: &str, rows: &[String]) -> ImportReport {
    let file = format!("NCASP{}.csv", day.replace('-', ""));
    world.import(ImportFormat::EsmaNcasp, &file, &format!("{NCASP_HEADING}\n{}", rows.concat()))
}

#[on_every_database(World::start)]
fn a_provider_on_esmas_list_is_held_whatever_licence_it_has(world: World) {
    assert_eq!(finding(&world.ask(json!({"vasp": lei(SOFIA)})), "licence"), "pass licence.in_force");
    let rows = [listed("SOFIA COINS", "", "https://sofia-coins.com", "16/09/2025"), listed("Sofia Coin", "", "", "")];
    let report = ncasp(&world, "2026-05-20", &rows);

    assert_eq!((report.read, report.taken), (2, 2));
    let sofia = record(&world, &lei(SOFIA));
    assert_eq!(
        sofia["non_compliant"],
        json!([{"authority": "Netherlands Authority for the Financial Markets (AFM)", "name": "SOFIA COINS", "reason": null,
                "decision_date": "2025-09-16", "list": "EU-ESMA-NCASP", "source": "NCASP20260520.csv",
                "observed_at": "2026-05-20T00:00:00Z", "matched_by": "name"}])
    );
    let answer = world.ask(json!({"vasp": lei(SOFIA)}));
    assert_eq!(finding(&answer, "licence"), "fail licence.non_compliant_list");
    assert_eq!(answer["recommendation"], "hold");
    let evidence = check(&answer, "licence")["evidence"].as_array().unwrap().clone();
    let entry = evidence.iter().find(|one| one["kind"] == "non_compliant_entry").unwrap();
    assert_eq!(entry["id"], "EU-ESMA-NCASP/1");
    assert_eq!(entry["source"], "NCASP20260520.csv");
    assert_eq!(entry["observed_at"], "2026-05-20T00:00:00Z");
    assert_eq!(record(&world, &format!("{}?valid_on=2025-09-15", lei(SOFIA)))["non_compliant"], json!([]));
}

#[on_every_database(World::start)]
fn a_brand_on_the_list_holds_itself_and_its_entities_until_a_newer_list_leaves_it_out(world: World) {
    let lagoon = json!({"address": LAGOON, "network": "eip155:1"});
    let others = |count: usize| (0..count).map(|n| listed(&format!("Invented {n}"), "", "", "")).collect::<Vec<_>>();
    let first = ncasp(&world, "2026-05-20", &[others(20), vec![listed("Lagoon Global", "Lagoon", "", "01/05/2026")]].concat());

    let brand = record(&world, &world.group_id("lagoon"));
    assert_eq!(brand["non_compliant"][0]["matched_by"], "name");
    let answer = world.ask(lagoon.clone());
    assert_eq!(finding(&answer, "licence"), "fail licence.non_compliant_list");
    assert_eq!(record(&world, &lei(LIFFEY))["non_compliant"][0]["matched_by"], "group");
    let other_day = format!("{}?valid_on=2026-05-02", lei(LIFFEY));
    assert_eq!(record(&world, &other_day)["non_compliant"][0]["matched_by"], "group");
    assert_eq!(finding(&world.ask(json!({"vasp": lei(LIFFEY)})), "licence"), "fail licence.non_compliant_list");
    let harbour = json!({"address": HARBOUR, "network": "eip155:1"});
    assert_eq!(finding(&world.ask(harbour), "licence"), "unknown licence.no_counterparty", "another brand");

    ncasp(&world, "2026-05-10", &others(20));
    assert_eq!(record(&world, &lei(LIFFEY))["non_compliant"].as_array().unwrap().len(), 1, "an older list counts for nothing");
    ncasp(&world, "2026-05-28", &others(20));
    assert_eq!(record(&world, &lei(LIFFEY))["non_compliant"], json!([]));
    assert_eq!(finding(&world.ask(lagoon), "licence"), "unknown licence.no_counterparty");
    let then = format!("{}?as_of=seq:{}", lei(LIFFEY), first.sequence);
    assert_eq!(record(&world, &then)["non_compliant"][0]["matched_by"], "group");
}

#[on_every_database(World::start)]
fn a_compiled_register_warns_of_good_licences_and_confirms_none(world: World) {
    let row = |name: &str, country: &str, status: &str, lei: &str| {
        format!("SOME_REGISTER,{name},nan,{country},Some Authority,{status},2024-01-01,{lei},2026-05-20\n")
    };
    let rows = [
        row("Alster Crypto", "DE", "Withdrawn", &lei(ALSTER)),
        row("Sofia Coins", "BG", "Authorised", ""),
        row("Valletta Exchange", "DE", "Withdrawn", ""),
        row("Unlicensed", "DE", "Licensed", "nan"),
    ];
    world.import(ImportFormat::MasterRegister, "master_register_20260521.csv", &format!("{COMPILED_HEADING}\n{}", rows.concat()));

    let said = |number| finding(&world.ask(json!({"vasp": lei(number)})), "licence");
    assert_eq!(
        record(&world, &lei(ALSTER))["third_party"],
        json!([{"register": "SOME_REGISTER", "regulator": "Some Authority", "status": "Withdrawn",
                "observed_on": "2026-05-20", "source": "master_register_20260521.csv"}])
    );
    assert_eq!(said(ALSTER), "warn licence.third_party_contradicts");
    assert_eq!(said(SOFIA), "pass licence.in_force");
    assert_eq!(record(&world, &lei(SOFIA))["third_party"][0]["status"], "Authorised");
    assert_eq!(said(VALLETTA), "pass licence.in_force", "of another country");
    assert_eq!(said(super::world::UNLICENSED), "unknown licence.transitional_possible", "a row is no licence");
}
