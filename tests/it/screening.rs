//! Screening from end to end: lists come in by the importer, hits open cases, two people decide, pre-checks know of it, and nobody
//! else learns what is not decided.

use std::io::Cursor;

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_ingest::ofac_sdn::SdnFile;
use vasp_ingest::{ofac_sdn, source};
use vasp_record::role::{Role, Scope};
use vasp_registry::imported::ImportReport;
use vasp_registry::imports::{ImportFormat, ImportJob, import_together};
use vasp_registry::screening::Rescreening;
use vasp_store::WriteMode;

use crate::hits::ground;
use crate::prechecks::expect::{check, finding};
use crate::prechecks::world::{ALSTER, BINDING_LIST, LAGOON, LIFFEY, LISTED, SCREENED, World, lei, register};
use crate::support::{Database, Person, on_every_database};

/// Of OFAC's entry 25308 (July 2021).
const YAN: &str = "12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h";
const BITCOIN: &str = "bip122:000000000019d6689c085ae165831e93";

fn list(id: &str, as_of: &str, entries: &[Value]) -> String {
    json!({"id": id, "as_of": as_of, "source": "invented", "entries": entries}).to_string()
}

pub(crate) fn entry(uid: &str, name: &str, aliases: &[&str]) -> Value {
    json!({"uid": uid, "name": name, "aliases": aliases, "programs": ["TEST"], "addresses": []})
}

pub(crate) fn import_list(world: &World, as_of: &str, entries: &[Value]) -> ImportReport {
    world.import(ImportFormat::SanctionsJson, "list.json", &list(BINDING_LIST, as_of, entries))
}

/// Imports the files of one version of OFAC's list.
fn import_sdn(world: &World, files: &[(&str, &'static [u8])]) -> ImportReport {
    let job = ImportJob {
        store: world.registry.registry.store(),
        keys: &world.registry.keys,
        format: ImportFormat::OfacSdn,
        observed_on: None,
        mode: WriteMode::Keep,
        accept_shrink: false,
        progress: &mut |_| (),
    };
    let sources = files.iter().map(|(file, bytes)| source::from_reader(Cursor::new(*bytes), file, 1 << 20).unwrap()).collect();
    let report = import_together(job, sources, world.now(), &mut world.registry.random.fork()).unwrap();
    world.registry.registry.directory().catch_up().unwrap();
    report
}

/// The addresses of OFAC's files as a table, but for those of one entry.
fn all_addresses_but(uid: &str, files: &[(&str, &'static [u8])]) -> String {
    let files: Vec<SdnFile<'_>> = files.iter().map(|(file, bytes)| SdnFile { file, bytes }).collect();
    let (list, _) = ofac_sdn::parse(&files, None).unwrap();
    let rows = list.entries.iter().filter(|entry| entry.uid != uid).flat_map(|entry| {
        entry
            .addresses
            .iter()
            .map(move |one| format!("{},{},yes,X,{},{},\n", one.currency, one.text, entry.programs[0], entry.uid))
    });
    format!("ofac_currency,address,case_preserved,sdn_name,programs,sdn_uid,akas\n{}", rows.collect::<String>())
}

/// The hits, but those of the world's own list.
fn hits(world: &World, who: &Person, query: &str) -> Vec<Value> {
    all_hits(world, who, query).into_iter().filter(|hit| hit["uid"] != "1").collect()
}

fn all_hits(world: &World, who: &Person, query: &str) -> Vec<Value> {
    world.registry.get_as(who, &format!("/v1/screening/hits{query}")).answered(200)["items"].as_array().unwrap().clone()
}

fn hit_path(hit: &Value, step: &str) -> String {
    format!("/v1/screening/hits/{}{step}", hit["id"].as_str().unwrap())
}

fn propose(world: &World, who: &Person, hit: &Value, decision: &str) -> Value {
    let body = json!({"decision": decision, "reason": "another firm, founded later and elsewhere"});
    world.registry.post_as(who, &hit_path(hit, "/propose"), &body).answered(201)
}

fn approve(world: &World, who: &Person, proposed: &Value) -> Value {
    who.approve(&world.registry, proposed).answered(200)
}

/// Two compliance people of the organisation that asks: they decide for it.
fn two_of_the_askers(world: &World) -> (Person, Person) {
    let person = || world.registry.person_with(world.organisation, &[Role::Compliance], &[Scope::Compliance]);
    (person(), person())
}

/// Clears a hit for the organisation that asks, by a value that differs.
#[track_caller]
fn clear(world: &World, (proposer, approver): &(Person, Person), hit: &Value, (kind, value): (&str, &str)) {
    let body = json!({"decision": "false_positive", "reason": "somebody else", "ground": ground(kind, value)});
    let proposed = world.registry.post_as(proposer, &hit_path(hit, "/propose"), &body).answered(201);
    approve(world, approver, &proposed);
}

fn alster(world: &World) -> Value {
    world.ask(json!({"vasp": lei(ALSTER)}))
}

#[on_every_database(World::start)]
fn a_name_like_a_listed_one_is_held_until_two_people_clear_exactly_this_pair(world: World) {
    let (reviewer, _) = world.registry.two_operators();
    assert_eq!(finding(&alster(&world), "sanctions"), "pass sanctions.no_match");

    let report = import_list(&world, "2026-05-29", &[entry("7", "ALSTER KRYPTO HOLDING", &[])]);

    assert_eq!(report.cases, 1);
    let held = alster(&world);
    assert_eq!(
        (finding(&held, "sanctions"), &held["recommendation"]),
        ("unknown sanctions.possible_match".into(), &json!("hold"))
    );
    let found = hits(&world, &reviewer, "?status=open");
    let [hit] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(
        (&hit["list"], &hit["uid"], &hit["matched"], &hit["listed"], &hit["matched_by"]),
        (&json!(BINDING_LIST), &json!("7"), &json!("Alster Krypto AG"), &json!("ALSTER KRYPTO HOLDING"), &json!("name"))
    );
    assert!((85..95).contains(&hit["score"].as_i64().unwrap()), "{hit}");
    let case = world.registry.get_as(&reviewer, &format!("/v1/cases/{}", hit["case"].as_str().unwrap())).json();
    assert_eq!((&case["triggers"][0]["kind"], &case["triggers"][0]["detail"]["uid"]), (&json!("screening_hit"), &json!("7")));

    let (ada, bert) = two_of_the_askers(&world);
    let proposed = propose(&world, &ada, hit, "false_positive");
    assert_eq!(finding(&alster(&world), "sanctions"), "unknown sanctions.possible_match", "one person clears nobody");
    let decided = approve(&world, &bert, &proposed);

    let read = world.registry.get_as(&ada, &hit_path(hit, "")).json();
    assert_eq!((&read["status"], &read["proposal"]["digest"]), (&json!("false_positive"), &decided["digest"]));
    let cleared = alster(&world);
    assert_eq!(finding(&cleared, "sanctions"), "pass sanctions.no_match");
    let evidence = check(&cleared, "sanctions")["evidence"][0].clone();
    assert_eq!((&evidence["kind"], &evidence["id"]), (&json!("screening_entry"), &json!("EU-SANCTIONS/7")));
    assert!(
        evidence["source"].as_str().unwrap().ends_with("two of your people decided on 2026-06-01: somebody else"),
        "{evidence}"
    );

    // The same entry on a newer list stays cleared, another one of the same name does not.
    import_list(&world, "2026-05-30", &[entry("7", "ALSTER KRYPTO HOLDING", &[]), entry("8", "ALSTER KRYPTO HOLDING", &[])]);
    let other = hits(&world, &ada, "?status=open");
    assert_eq!(other.iter().map(|hit| &hit["uid"]).collect::<Vec<_>>(), ["8"]);
    assert_eq!(finding(&alster(&world), "sanctions"), "unknown sanctions.possible_match");

    // A changed entry has to be decided anew.
    import_list(&world, "2026-05-31", &[entry("7", "ALSTER KRYPTO HOLDING", &["AKH"])]);
    let again = hits(&world, &ada, "?status=open");
    assert_eq!(again.iter().map(|hit| &hit["uid"]).collect::<Vec<_>>(), ["7"]);
    assert_eq!((&again[0]["id"], &again[0]["proposal"]), (&hit["id"], &Value::Null));
    assert_eq!(hits(&world, &ada, "?status=gone").iter().map(|hit| &hit["uid"]).collect::<Vec<_>>(), ["8"]);
    assert_eq!(finding(&alster(&world), "sanctions"), "unknown sanctions.possible_match");
}

#[on_every_database(World::start)]
fn a_true_match_fails_whatever_the_score_and_outlasts_a_change_of_the_entry(world: World) {
    let (reviewer, approver) = world.registry.two_operators();
    import_list(&world, "2026-05-29", &[entry("7", "ALSTER KRYPTO HOLDING", &[])]);
    let hit = hits(&world, &reviewer, "")[0].clone();
    let id = world.vasp_id(ALSTER);
    assert_eq!(hits(&world, &reviewer, &format!("?vasp={id}")).len(), 1);
    assert_eq!(hits(&world, &reviewer, &format!("?vasp={}", world.vasp_id(LIFFEY))).len(), 0);

    approve(&world, &approver, &propose(&world, &reviewer, &hit, "true_match"));

    let answer = alster(&world);
    assert_eq!(
        (finding(&answer, "sanctions"), &answer["recommendation"]),
        ("fail sanctions.name_listed".into(), &json!("reject"))
    );
    import_list(&world, "2026-05-30", &[entry("7", "ALSTER KRYPTO HOLDING", &["AKH"])]);
    assert_eq!(finding(&alster(&world), "sanctions"), "fail sanctions.name_listed");
    // Who is delisted is no longer found, whatever was decided.
    import_list(&world, "2026-05-31", &[entry("9", "NOBODY", &[])]);
    assert_eq!(finding(&alster(&world), "sanctions"), "pass sanctions.no_match");
}

/// A name of the entity that is a little like an entry excuses no name of its group that is the entry's own.
#[on_every_database(World::start)]
fn a_weaker_match_of_an_entity_hides_none_of_its_groups(world: World) {
    let people = two_of_the_askers(&world);
    let liffey = || world.ask(json!({"vasp": lei(LIFFEY)}));
    import_list(&world, "2026-05-29", &[entry("7", "LIFFEY CUSTODY HOLDING", &[])]);
    assert_eq!(finding(&liffey(), "sanctions"), "unknown sanctions.possible_match", "the entity's own name");

    let mut listed = entry("7", "LIFFEY CUSTODY HOLDING", &["LAGOON"]);
    // Another country would weaken the likeness.
    listed["numbers"] = json!(["Registration ID 76398123 (Netherlands)"]);
    import_list(&world, "2026-05-30", &[listed]);
    assert_eq!(finding(&liffey(), "sanctions"), "fail sanctions.name_listed");
    // Clearing the entity's name clears the entity's name.
    let of = |vasp: &str| {
        let found = hits(&world, &people.0, &format!("?vasp={vasp}"));
        found.into_iter().find(|hit| hit["vasp"] == vasp).unwrap()
    };
    clear(&world, &people, &of(&world.vasp_id(LIFFEY)), ("register_number", "Registration ID 555123 (Netherlands)"));
    assert_eq!(finding(&liffey(), "sanctions"), "fail sanctions.name_listed");
    clear(&world, &people, &of(&world.group_id("lagoon")), ("register_number", "Registration ID 555123 (Netherlands)"));
    assert_eq!(finding(&liffey(), "sanctions"), "pass sanctions.no_match");
}

/// Who was cleared by its name is not cleared by a host that is the entry's own; both are decided together.
#[on_every_database(World::start)]
fn a_name_that_was_cleared_hides_no_host(world: World) {
    let people = two_of_the_askers(&world);
    let mut listed = entry("7", "ALSTER KRYPTO", &[]);
    listed["hosts"] = json!(["alster-krypto.com"]);
    listed["countries"] = json!(["Russia"]);
    import_list(&world, "2026-05-29", &[listed]);
    let open = || hits(&world, &people.0, "?status=open");
    clear(&world, &people, &open()[0], ("country", "DE"));
    assert_eq!(finding(&alster(&world), "sanctions"), "pass sanctions.no_match");

    let mut with_website = register("2026-05-25", &[]);
    let firms = with_website["entities"].as_array_mut().unwrap();
    firms.iter_mut().find(|firm| firm["lei"] == lei(ALSTER)).unwrap()["website"] = json!("https://www.alster-krypto.com");
    world.import(ImportFormat::RegisterJson, "register.json", &with_website.to_string());
    let screening = Rescreening::default();
    let step = || screening.step(&world.registry.registry, world.now(), &mut world.registry.random.fork()).unwrap();
    step();

    assert_eq!(finding(&alster(&world), "sanctions"), "fail sanctions.name_listed");
    let again = open();
    let matched: Vec<&Value> = again[0]["matches"].as_array().unwrap().iter().map(|one| &one["matched"]).collect();
    assert_eq!((again.len(), matched), (1, vec![&json!("Alster Krypto AG"), &json!("alster-krypto.com")]));
    clear(&world, &people, &again[0], ("country", "DE"));
    assert_eq!(finding(&alster(&world), "sanctions"), "pass sanctions.no_match", "both are");
    step();
    assert!(open().is_empty());
}

/// A record that turned out to be another takes along what it is called and what was decided about it.
#[on_every_database(World::start)]
fn a_merged_record_is_screened_by_both_names_and_both_decisions(world: World) {
    let (reviewer, approver) = world.registry.two_operators();
    let (alster, liffey) = (world.vasp_id(ALSTER), world.vasp_id(LIFFEY));
    import_list(&world, "2026-05-29", &[entry("7", "ALSTER KRYPTO HOLDING", &[])]);
    let ask = || finding(&world.ask(json!({"vasp": lei(LIFFEY)})), "sanctions");
    let hit = hits(&world, &reviewer, "")[0].clone();
    assert_eq!(ask(), "pass sanctions.no_match");

    approve(&world, &approver, &propose(&world, &reviewer, &hit, "true_match"));
    world.decide(&alster, &[("status", "retired"), ("merged_into", &liffey)]);

    assert_eq!(ask(), "fail sanctions.name_listed", "the decision came along, and the name by which it is found");
}

#[on_every_database(World::start)]
fn a_record_that_changes_is_screened_again_and_a_claim_on_a_listed_address_is_a_hit(world: World) {
    let (reviewer, _) = world.registry.two_operators();
    import_list(
        &world,
        "2026-05-29",
        &[
            entry("7", "NORTHWIND CUSTODY", &[]),
            json!({"uid": "8", "name": "SOMEBODY", "aliases": [], "programs": ["TEST"],
            "addresses": [{"currency": "ETH", "text": LAGOON}]}),
        ],
    );
    let screening = Rescreening::default();
    let step = || screening.step(&world.registry.registry, world.now(), &mut world.registry.random.fork()).unwrap();

    assert_eq!(step(), 1, "the brand to whom labels give the address");
    assert_eq!(step(), 0, "nothing changed");
    let listed = hits(&world, &reviewer, "");
    assert_eq!(listed.iter().map(|hit| (&hit["about"], &hit["uid"])).collect::<Vec<_>>(), [(&json!("address"), &json!("8"))]);
    assert_eq!(listed[0]["vasp"], world.group_id("lagoon"));
    let decide = world.registry.post_as(
        &reviewer,
        &hit_path(&listed[0], "/propose"),
        &json!({"decision": "false_positive", "reason": "x"}),
    );
    decide.problem(409, "illegal_step");

    let mut renamed = register("2026-05-25", &[]);
    let firm = renamed["entities"].as_array_mut().unwrap().iter_mut().find(|firm| firm["lei"] == lei(ALSTER)).unwrap();
    firm["commercial_names"] = json!(["Northwind Custody"]);
    world.import(ImportFormat::RegisterJson, "register.json", &renamed.to_string());

    assert_eq!(step(), 1);
    let found = hits(&world, &reviewer, &format!("?vasp={}", world.vasp_id(ALSTER)));
    assert_eq!((&found[0]["matched"], &found[0]["score"]), (&json!("Northwind Custody"), &json!(100)));
    assert_eq!(finding(&alster(&world), "sanctions"), "fail sanctions.name_listed");
    // Another process that begins anew finds nothing new.
    let other = Rescreening::default();
    assert_eq!(other.step(&world.registry.registry, world.now(), &mut world.registry.random.fork()).unwrap(), 0);
}

/// Source: OFAC's SDN.CSV, ALT.CSV and SDN_COMMENTS.CSV of July 2021, 13 of their entries.
#[on_every_database]
fn ofacs_files_make_one_version_and_an_older_one_brings_nobody_back(database: Database) {
    let world = World::start_empty(database, |_| ());
    world.set_clock("2021-07-10T12:00:00Z");
    let files: [(&str, &'static [u8]); 3] = [
        ("sdn_20210707.csv", include_bytes!("../fixtures/ofac/sdn_20210707.csv")),
        ("alt.csv", include_bytes!("../fixtures/ofac/alt_20210707.csv")),
        ("sdn_comments.csv", include_bytes!("../fixtures/ofac/sdn_comments_20210707.csv")),
    ];

    let report = import_sdn(&world, &files);
    let again = import_sdn(&world, &files);

    assert_eq!((report.log_changes, again.log_changes, report.read), (1, 0, 32));
    let ask = |address: &str| world.ask_from("US", json!({"address": address, "network": BITCOIN}), json!({}));
    let listed = ask(YAN);
    assert_eq!(
        (finding(&listed, "sanctions"), &listed["recommendation"]),
        ("fail sanctions.address_listed".into(), &json!("reject"))
    );
    assert!(check(&listed, "sanctions")["detail"].as_str().unwrap().contains("YAN, Xiaobing (US-OFAC-SDN, SDNTK)"));
    let kept = "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2";
    let part = format!("{}XBT,{kept},yes,A,X,1,\n", all_addresses_but("25308", &files));
    world.set_clock("2021-08-10T12:00:00Z");
    world.import(ImportFormat::OfacDigitalCurrency, "ofac_20210801.csv", &part);
    assert_eq!(finding(&ask(YAN), "sanctions"), "unknown sanctions.no_counterparty", "delisted means delisted");
    import_sdn(&world, &files);
    assert_eq!(finding(&ask(YAN), "sanctions"), "unknown sanctions.no_counterparty", "an older file brings nobody back");
    assert_eq!(finding(&ask(kept), "sanctions"), "fail sanctions.address_listed");
}

#[on_every_database(World::start)]
fn an_address_whose_case_a_list_lost_is_held_and_one_whose_case_another_version_has_is_certain(world: World) {
    let lower = |address: &str| address.to_ascii_lowercase();
    let other = "1Kuf2Rd8mDyAViwBozGTNYnvWL8uYFrkVo";
    let said = |address: &str| {
        json!({"entries": [{"entity": "Xiaobing YAN", "program": "SDNTK", "type": "Digital Currency Address - XBT",
            "uid": "25308", "akas": []}], "address": address})
    };
    let file =
        json!({"metadata": {"sdnListDate": "05/29/2026"}, "addresses": {lower(YAN): said(YAN), lower(other): said(other)}});
    let ask = |address: &str| world.ask_from("US", json!({"address": address, "network": BITCOIN}), json!({}));
    let kept =
        format!("ofac_currency,address,case_preserved,sdn_name,programs,sdn_uid,akas\nXBT,{YAN},yes,Xiaobing YAN,SDNTK,25308,\n");
    world.import(ImportFormat::OfacDigitalCurrency, "ofac_20260501.csv", &kept);

    world.import(ImportFormat::OfacAddressesJson, "list.json", &file.to_string());

    assert_eq!(finding(&ask(YAN), "sanctions"), "fail sanctions.address_listed");
    let possible = ask(other);
    assert_eq!(
        (finding(&possible, "sanctions"), &possible["recommendation"]),
        ("unknown sanctions.possible_match".into(), &json!("hold"))
    );
}

#[on_every_database(World::start)]
fn a_list_that_does_not_bind_warns_and_one_that_does_is_needed(world: World) {
    let from = |country: &str| world.ask_from(country, json!({"vasp": lei(ALSTER)}), json!({}));
    assert_eq!(finding(&from("US"), "sanctions"), "pass sanctions.no_match");
    let unscreened = from("IL");
    assert_eq!(
        (finding(&unscreened, "sanctions"), &unscreened["recommendation"]),
        ("unknown sanctions.binding_list_not_held".into(), &json!("proceed_with_conditions"))
    );

    let ofac = list("US-OFAC-SDN", SCREENED, &[entry("7", "Альстер Крипто", &[])]);
    world.import(ImportFormat::SanctionsJson, "ofac.json", &ofac);

    assert_eq!(finding(&from("US"), "sanctions"), "fail sanctions.name_listed", "read in another script");
    let german = from("DE");
    assert_eq!(finding(&german, "sanctions"), "warn sanctions.listed_elsewhere");
    assert_eq!(german["recommendation"], "hold");
    let singapore = from("SG");
    assert_eq!(finding(&singapore, "sanctions"), "unknown sanctions.binding_list_not_held", "its own list is not held");
    let detail = check(&singapore, "sanctions")["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("binding in SG, but not loaded: SG-TSOFA."), "{detail}");
    // What is no longer missing is clear.
    world.import(ImportFormat::SanctionsJson, "sg.json", &list("SG-TSOFA", SCREENED, &[entry("8", "Nobody here", &[])]));
    assert_eq!(finding(&from("SG"), "sanctions"), "warn sanctions.listed_elsewhere");
}

/// Source: Regulation (EU) No 833/2014 Art. 5ad with Annex XLV, and Art. 13 for whom it binds.
#[on_every_database(World::start)]
fn a_provider_with_which_the_eu_bans_transactions_fails_for_whom_that_law_binds_only(world: World) {
    world.import(ImportFormat::SanctionsJson, "uk.json", &list("UK-SANCTIONS", SCREENED, &[entry("8", "Nobody here", &[])]));
    let from = |country: &str| finding(&world.ask_from(country, json!({"vasp": lei(ALSTER)}), json!({})), "sanctions");
    assert_eq!((from("DE").as_str(), from("GB").as_str()), ("pass sanctions.no_match", "pass sanctions.no_match"));

    let act = "celex,name,alias,weakAlias,previousName,schema,programKey,annex,measure,startDate\n\
            32014R0833,Alster Krypto,,,,LegalEntity,EU-RUS,XLV.A,Financial restrictions,25.11.2025\n";
    world.import(ImportFormat::EuSanctions, "act_20260530.csv", act);

    assert_eq!(from("DE"), "fail sanctions.name_listed");
    assert_eq!(from("NO"), "fail sanctions.name_listed");
    assert_eq!(from("GB"), "warn sanctions.listed_elsewhere");
}

/// A list that is past its limit clears nobody, and still rejects whom it names.
#[on_every_database(World::start)]
fn a_listed_address_fails_at_any_age_of_its_list_and_under_every_law(world: World) {
    world.set_clock("2029-06-01T12:00:00Z");

    for country in ["DE", "SG", "KZ"] {
        let answer = world.ask_from(country, json!({"address": LISTED, "network": "eip155:137"}), json!({}));
        assert_eq!(finding(&answer, "sanctions"), "fail sanctions.address_listed", "{country}");
        assert_eq!(answer["recommendation"], "reject");
    }
}

#[on_every_database(World::start)]
fn the_eus_and_israels_files_are_lists_of_their_own(world: World) {
    world.set_clock("2026-09-10T12:00:00Z");
    let (reviewer, _) = world.registry.two_operators();
    let act = include_str!("../fixtures/eu_sanctions/32099R0001.csv");
    let lines: Vec<&str> = act.lines().collect();
    let whole = [&lines[..4], &lines[6..]].concat().join("\n");
    world.import(ImportFormat::EuSanctions, "act_20260901.csv", &whole);
    let orders = include_str!("../fixtures/il_nbctf/orders_20260901.csv");
    let orders: Vec<&str> = orders.lines().filter(|line| !line.ends_with(",,BTC")).collect();
    world.import(ImportFormat::IlNbctf, "orders_20260901.csv", &orders.join("\n"));

    let lists = world.registry.get_as(&reviewer, "/v1/screening/lists").json();
    let said: Vec<String> = lists["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|list| {
            format!(
                "{} {} {} {} days, {} entries, {} addresses",
                list["id"], list["list"], list["coverage"], list["age_days"], list["entries"], list["addresses"]
            )
            .replace('"', "")
        })
        .collect();
    assert_eq!(
        said,
        [
            "EU-SANCTIONS EU-SANCTIONS complete 105 days, 1 entries, 2 addresses",
            "EU-SANCTIONS-32099R0001 EU-SANCTIONS partial 9 days, 2 entries, 1 addresses",
            "EU-TRANSACTION-BANS EU-TRANSACTION-BANS complete 105 days, 1 entries, 0 addresses",
            "IL-NBCTF IL-NBCTF complete 9 days, 2 entries, 3 addresses",
            "UN-SANCTIONS UN-SANCTIONS complete 105 days, 1 entries, 0 addresses",
            "US-OFAC-SDN US-OFAC-SDN complete 105 days, 1 entries, 0 addresses",
        ]
    );
    let wallet = "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2";
    let asked = world.ask_from("IL", json!({"address": wallet, "network": BITCOIN}), json!({}));
    assert_eq!(finding(&asked, "sanctions"), "fail sanctions.address_listed");
}

/// The label names the address on Ethereum, the list names its key on TRON.
#[on_every_database(World::start)]
fn a_claim_on_another_spelling_of_a_listed_address_is_a_hit(world: World) {
    let label = "network,address,entity,entity_name,label,category,source,added_date\n\
        eip155:1,0x098B716B8Aaf21512996dC57EB0615e2383E2f96,lagoon,lagoon,lagoon,exchange,test,2026-05-20\n";
    world.import(ImportFormat::ClaimsCsv, "more.csv", label);
    let (reviewer, _) = world.registry.two_operators();
    let listed = json!({"uid": "8", "name": "SOMEBODY", "aliases": [], "programs": ["TEST"],
        "addresses": [{"currency": "TRX", "text": "TAqg8TXo8tmpaz7TwHS669Tgt8MPSWgoxB"}]});
    import_list(&world, "2026-05-29", &[listed]);
    Rescreening::default().step(&world.registry.registry, world.now(), &mut world.registry.random.fork()).unwrap();

    let found = hits(&world, &reviewer, "");

    assert_eq!(found.iter().map(|hit| (&hit["about"], &hit["uid"])).collect::<Vec<_>>(), [(&json!("address"), &json!("8"))]);
    assert_eq!(
        (&found[0]["vasp"], &found[0]["listed"]),
        (&json!(world.group_id("lagoon")), &json!("TAqg8TXo8tmpaz7TwHS669Tgt8MPSWgoxB"))
    );
}

/// What is not decided is nobody's business but the operators', whose pre-check says only that somebody has to look.
#[on_every_database(World::start)]
fn what_people_still_decide_shows_nowhere_in_public(world: World) {
    let (reviewer, approver) = world.registry.two_operators();
    let before = world.get_as(&world.key, &format!("/v1/vasps/{}", lei(ALSTER))).json();
    import_list(&world, "2026-05-29", &[entry("7", "ALSTER KRYPTO HOLDING", &[])]);
    let hit = hits(&world, &reviewer, "")[0].clone();
    approve(&world, &approver, &propose(&world, &reviewer, &hit, "false_positive"));

    let record = world.get_as(&world.key, &format!("/v1/vasps/{}", lei(ALSTER))).json();
    let history = world.get_as(&world.key, &format!("/v1/vasps/{}/history", lei(ALSTER))).json();

    let without_version = |record: &Value| {
        let mut record = record.clone();
        for member in ["directory", "version", "updated_at", "valid_until"] {
            record.as_object_mut().unwrap().remove(member);
        }
        record
    };
    assert_eq!(without_version(&record), without_version(&before));
    for text in [record.to_string(), history.to_string()] {
        assert!(!text.contains("screening") && !text.contains("HOLDING") && !text.contains("hit_"), "{text}");
    }
    for path in ["/v1/screening/hits", "/v1/screening/lists"] {
        world.get_as(&world.key, path).problem(403, "forbidden");
    }
}

/// Two nodes that look at once open one case, and leave one hit.
#[on_every_database(World::start)]
fn two_nodes_at_once_leave_one_hit(world: World) {
    let (reviewer, _) = world.registry.two_operators();
    let mut renamed = register("2026-05-25", &[]);
    renamed["entities"][0]["commercial_names"] = json!(["Somebody Listed"]);
    world.import(ImportFormat::RegisterJson, "register.json", &renamed.to_string());
    let now = world.registry.clock.now();

    std::thread::scope(|scope| {
        for _ in 0..4 {
            let (registry, mut rng) = (&world.registry.registry, world.registry.random.fork());
            scope.spawn(move || Rescreening::default().step(registry, now, &mut rng).unwrap());
        }
    });

    let found = all_hits(&world, &reviewer, &format!("?vasp={}", world.vasp_id(ALSTER)));
    assert_eq!(found.len(), 1, "{found:?}");
    let case = world.registry.get_as(&reviewer, &format!("/v1/cases/{}", found[0]["case"].as_str().unwrap())).json();
    assert_eq!(case["triggers"].as_array().unwrap().len(), 1);
}

/// A file that lost entries is refused unless somebody says that it is right.
#[on_every_database(World::start)]
fn a_list_that_shrank_is_refused(world: World) {
    let many: Vec<Value> = (0..40).map(|uid| entry(&uid.to_string(), &format!("Listed Number {uid}"), &[])).collect();
    import_list(&world, "2026-05-29", &many);
    let short = list(BINDING_LIST, "2026-05-30", &many[..30]);

    let refused = world.registry.try_import(ImportFormat::SanctionsJson, "short.json", short.into_bytes(), |_| ());

    let refused = refused.unwrap_err().to_string();

    assert!(refused.contains("it has 30 entries, but the newest stored version (EU-SANCTIONS@2026-05-29) has 40"), "{refused}");
    // The version of the morning comes after the one of the evening.
    let morning = list(BINDING_LIST, "2026-05-29", &many[..39]).into_bytes();
    let refused = world.registry.try_import(ImportFormat::SanctionsJson, "morning.json", morning, |_| ());
    assert!(refused.unwrap_err().to_string().contains("so it may be an earlier one of that day"));
}

/// Each version may lose a little. Before, nothing told how much all of them lost.
#[on_every_database(World::start)]
fn what_a_list_lost_little_by_little_is_told(world: World) {
    let many: Vec<Value> = (0..40).map(|uid| entry(&uid.to_string(), &format!("Listed Number {uid}"), &[])).collect();
    let import = |day: &str, kept: usize| {
        let text = list("XX-LIST", day, &many[..kept]).into_bytes();
        let report = world.registry.try_import(ImportFormat::SanctionsJson, "list.json", text, |_| ()).unwrap();
        (report.new, report.vanished, report.shrunk.unwrap_or_default())
    };

    assert_eq!(import("2026-05-26", 40), (40, 0, String::new()));
    assert_eq!(import("2026-05-27", 39), (0, 1, String::new()));
    assert_eq!(import("2026-05-28", 38), (0, 1, String::new()));
    let lost = "it has 37 entries, but XX-LIST@2026-05-26 had 40: hold it against the publisher's own count";
    assert_eq!(import("2026-05-29", 37), (0, 1, lost.to_owned()));
    assert_eq!(import("2026-05-25", 10), (0, 0, String::new()), "an earlier version replaces nothing");
}
