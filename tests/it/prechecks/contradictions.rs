//! Imports that contradict what stands here open a VASP's one case, or join it; what only confirms, or was told before, opens
//! none. Firms are those of the world; who is approved is said by facts of the registry, as an approval writes them.

use serde_json::{Value, json};
use vasp_record::case::{CaseOrder, CaseStatus, TriggerKind};
use vasp_record::role::{OrganisationKind, Role};
use vasp_registry::imported::ImportReport;
use vasp_registry::imports::ImportFormat;
use vasp_store::{Case, CaseFilter, StoreError};
use vasp_words::time::UtcTime;

use super::expect::finding;
use super::world::{ALSTER, DUBAI, GONE, LIFFEY, SOFIA, VALLETTA, World, lei, register};
use crate::support::{Database, Said, on_every_database};
use crate::write_races::at_once;

impl World {
    /// Has the registry vouch for a firm.
    fn approve(&self, number: u32, name: &str, country: &str) {
        let id = self.vasp_id(number);
        self.decide(&id, &[("status", "verified"), ("legal_name", name), ("country", country), ("lei", &lei(number))]);
        assert_eq!(self.get_as(&self.key, &format!("/v1/vasps/{id}")).json()["status"], "verified");
    }

    /// Writes what the registry says of a record.
    pub(crate) fn decide(&self, id: &str, said: &[(&'static str, &str)]) {
        let said: Vec<Said<'_>> = said.iter().map(|(attribute, value)| (*attribute, "", *value)).collect();
        self.registry.say_from("registry", id.parse().unwrap(), &said);
    }

    /// The cases about a VASP, open or closed, and what opened or joined each.
    fn cases(&self, id: &str) -> Vec<(Case, Vec<(TriggerKind, Value)>)> {
        let read = |status: Option<CaseStatus>| CaseFilter { vasp: Some(id.parse().unwrap()), status, ..CaseFilter::default() };
        let found = self.registry.registry.store().read::<_, StoreError>(|conn| {
            let mut found = Vec::new();
            for status in [Some(CaseStatus::Closed), None] {
                for case in conn.cases(&read(status), CaseOrder::Opened, 0, 100)? {
                    let triggers = conn.case_triggers(&[case.id])?;
                    found.push((case, triggers.iter().map(|one| (one.kind, one.detail.0.clone())).collect()));
                }
            }
            Ok(found)
        });
        found.unwrap()
    }

    /// The summaries of the one case about a VASP; none where there is no case.
    #[track_caller]
    fn told(&self, number: u32) -> Vec<String> {
        let cases = self.cases(&self.vasp_id(number));
        assert!(cases.len() <= 1, "{cases:?}");
        let told = cases.into_iter().flat_map(|(_, triggers)| triggers);
        told.map(|(kind, detail)| format!("{kind}: {}", detail["summary"].as_str().unwrap())).collect()
    }

    /// Imports the register of a day after an edit of one firm.
    fn register_with(&self, day: &str, left_out: &[u32], edit: impl FnOnce(&mut Vec<Value>)) -> ImportReport {
        let mut whole = register(day, left_out);
        edit(whole["entities"].as_array_mut().unwrap());
        self.import(ImportFormat::RegisterJson, "register.json", &whole.to_string())
    }
}

fn firm(entities: &mut [Value], number: u32) -> &mut Value {
    entities.iter_mut().find(|entity| entity["lei"] == lei(number)).unwrap()
}

fn call(firm: &mut Value, name: &str) {
    (firm["legal_name"], firm["name_key"]) = (json!(name), json!(name.to_lowercase()));
}

#[on_every_database(World::start)]
fn a_register_that_contradicts_an_approved_record_opens_its_one_case(world: World) {
    world.approve(ALSTER, "Alster Krypto AG", "DE");
    world.approve(LIFFEY, "LIFFEY CUSTODY LIMITED", "IE");

    let confirms = world.register_with("2026-05-21", &[GONE], |_| ());
    assert_eq!((confirms.cases, world.told(ALSTER), world.told(LIFFEY)), (0, vec![], vec![]));
    let contradicts = world.register_with("2026-05-22", &[GONE, ALSTER, SOFIA], |entities| {
        let liffey = firm(entities, LIFFEY);
        (liffey["legal_name"], liffey["name_key"]) = (json!("Shannon Custody Limited"), json!("shannon custody limited"));
        liffey["country"] = json!("GB");
    });

    assert_eq!((contradicts.cases, world.told(SOFIA)), (2, vec![]), "nobody approved Sofia");
    let gone = world.told(ALSTER);
    assert_eq!(gone.len(), 1);
    assert!(gone[0].starts_with("contradiction: The register esma-casps contradicts the approved record: lic_"), "{gone:?}");
    assert!(gone[0].ends_with(" is no longer shown."), "{gone:?}");
    let renamed = world.told(LIFFEY);
    assert_eq!(
        renamed,
        ["contradiction: The register esma-casps contradicts the approved record: country is `GB` there and `IE` here; \
              legal_name is `Shannon Custody Limited` there and `LIFFEY CUSTODY LIMITED` here."]
    );
    let again = world.register_with("2026-05-23", &[GONE, ALSTER, SOFIA], |entities| {
        let liffey = firm(entities, LIFFEY);
        (liffey["legal_name"], liffey["name_key"]) = (json!("Shannon Custody Limited"), json!("shannon custody limited"));
        liffey["country"] = json!("GB");
        liffey["licences"][0]["valid_to"] = json!("2026-05-23");
    });

    assert_eq!((again.cases, world.told(ALSTER).len()), (1, 1), "that it is still missing was told");
    let joined = world.told(LIFFEY);
    assert_eq!(joined.len(), 2);
    assert!(joined[1].ends_with(" ends on 2026-05-23."), "{joined:?}");
    let (case, _) = world.cases(&world.vasp_id(LIFFEY)).remove(0);
    assert_eq!((case.status.as_str(), case.risk, case.version), ("open", 80, 2));
}

#[on_every_database(World::start)]
fn an_end_counts_where_it_is_new_or_sooner(world: World) {
    world.approve(ALSTER, "Alster Krypto AG", "DE");
    let told = |day: &str, licence: Option<&str>, transfer: Option<&str>| {
        let report = world.register_with(day, &[GONE], |entities| {
            let alster = firm(entities, ALSTER);
            let services = alster["licences"][0]["services"].as_array_mut().unwrap();
            services.iter_mut().find(|service| service["activity"] == "transfer").unwrap()["valid_to"] = json!(transfer);
            // One more licence, which enters with its end.
            let mut second = alster["licences"][0].clone();
            (second["regime"], second["valid_to"]) = (json!("KMAG"), json!("2026-12-31"));
            alster["licences"][0]["valid_to"] = json!(licence);
            alster["licences"].as_array_mut().unwrap().push(second);
        });
        let last = world.told(ALSTER).pop().unwrap_or_default();
        (report.cases, last.split_once(": lic_").map(|(_, said)| said.split_once(' ').unwrap().1.to_owned()).unwrap_or_default())
    };
    let nothing = |report: (u64, String)| assert_eq!(report.0, 0, "{report:?}");

    nothing(told("2026-05-21", None, None));
    let (cases, said) = told("2026-05-22", None, Some("2026-09-30"));
    assert_eq!((cases, said.contains("allows transfer until 2026-09-30")), (1, true), "{said}");
    nothing(told("2026-05-23", None, Some("2026-10-31")));
    assert_eq!(told("2026-05-24", Some("2027-03-31"), Some("2026-10-31")), (1, "ends on 2027-03-31.".to_owned()));
    nothing(told("2026-05-25", Some("2027-06-30"), Some("2026-10-31")));
    assert_eq!(told("2026-05-26", Some("2027-05-31"), Some("2026-10-31")), (1, "ends on 2027-05-31.".to_owned()));
    nothing(told("2026-05-27", None, None));
}

#[on_every_database(World::start)]
fn a_legal_form_written_out_contradicts_nothing(world: World) {
    world.approve(ALSTER, "Alster Krypto AG", "DE");

    let report = world.register_with("2026-05-21", &[GONE], |entities| {
        call(firm(entities, ALSTER), "ALSTER KRYPTO Aktiengesellschaft");
    });

    assert_eq!((report.cases, world.told(ALSTER)), (0, vec![]));
}

#[on_every_database(World::start)]
fn an_old_snapshot_says_nothing_against_a_record_approved_since(world: World) {
    world.approve(ALSTER, "Alster Krypto AG", "DE");

    let old = world.register_with("2026-05-01", &[GONE], |entities| {
        let alster = firm(entities, ALSTER);
        (alster["legal_name"], alster["name_key"]) = (json!("Elbe Coins AG"), json!("elbe coins ag"));
    });

    assert_eq!((old.cases, world.told(ALSTER)), (0, vec![]));
}

const GLEIF: &str = "LEI,Entity.LegalName,Entity.LegalAddress.Country,Entity.LegalJurisdiction,Entity.EntityStatus,\
    Registration.LastUpdateDate,Registration.RegistrationStatus,Registration.NextRenewalDate";

fn gleif(world: &World, day: &str, rows: &[(u32, &str, &str, &str)]) -> ImportReport {
    let row = |(number, name, country, status): &(u32, &str, &str, &str)| {
        format!("{},{name},{country},{country},ACTIVE,{day}T00:00:00Z,{status},2027-01-01\n", lei(*number))
    };
    let rows: Vec<String> = rows.iter().map(row).collect();
    world.import(ImportFormat::GleifLei, &format!("lei2_{}.csv", day.replace('-', "")), &format!("{GLEIF}\n{}", rows.concat()))
}

#[on_every_database(World::start)]
fn gleif_against_an_approved_record_opens_a_case_once(world: World) {
    world.approve(ALSTER, "Alster Krypto AG", "DE");
    let good = (ALSTER, "Alster Krypto Aktiengesellschaft", "DE", "ISSUED");
    let listed = (LIFFEY, "Somebody Else Ltd", "GB", "LAPSED");

    assert_eq!(gleif(&world, "2026-05-20", &[good, listed]).cases, 0, "Liffey is not approved");
    let lapsed = (ALSTER, "Alster Krypto AG", "DE", "LAPSED");
    assert_eq!(gleif(&world, "2026-05-21", &[lapsed, listed]).cases, 1);
    assert_eq!(gleif(&world, "2026-05-21", &[lapsed, listed]).cases, 0, "the same file");
    assert_eq!(gleif(&world, "2026-05-22", &[listed]).cases, 0, "the same record still");
    // Its row of another day bears another day of its last update, and says the same.
    assert_eq!(gleif(&world, "2026-05-22", &[lapsed, listed]).cases, 0, "the same word");
    assert_eq!(world.told(ALSTER), ["contradiction: GLEIF contradicts the approved record: The LEI was not renewed in time."]);
    assert_eq!(gleif(&world, "2026-05-23", &[(ALSTER, "Elbe Coins AG", "AT", "RETIRED")]).cases, 1);

    let told = world.told(ALSTER);
    assert_eq!(told.len(), 2, "it joined: {told:?}");
    assert!(told[1].contains("`Elbe Coins AG`") && told[1].contains("is retired"), "{told:?}");
    assert!(world.told(LIFFEY).is_empty());
}

const NCASP: &str = "ae_competentAuthority,ae_homeMemberState,ae_lei_name,ae_lei,ae_lei_cou_code,ae_commercial_name,ae_website,\
    ae_infrigment,ae_reason,ae_decision_date,ae_comments,ae_lastupdate";

fn ncasp(world: &World, day: &str, names: &[&str]) -> ImportReport {
    let row = |name: &&str| format!("Netherlands Authority for the Financial Markets (AFM),NL,{name},,,,,No,None,01/05/2026,,\n");
    let rows: Vec<String> = names.iter().map(row).collect();
    world.import(ImportFormat::EsmaNcasp, &format!("NCASP{}.csv", day.replace('-', "")), &format!("{NCASP}\n{}", rows.concat()))
}

/// Decides a case, as a person would.
fn close(world: &World, case: &Case) {
    let now: UtcTime = world.now();
    let closed = Case {
        status: CaseStatus::Closed,
        closed_at: Some(now),
        outcome: Some("keep".to_owned()),
        version: case.version + 1,
        ..case.clone()
    };
    world.registry.write(|transaction| transaction.change_case(&closed));
}

#[on_every_database(World::start)]
fn a_match_in_esmas_list_opens_a_case_about_any_vasp_and_what_was_decided_stays_decided(world: World) {
    let first = ncasp(&world, "2026-05-20", &["Sofia Coins", "Lagoon", "Nobody here"]);

    assert_eq!(first.cases, 2, "a listed entity and a brand; its entities are a matter of the brand");
    assert_eq!(
        world.told(SOFIA),
        ["non_compliant_listed: Netherlands Authority for the Financial Markets (AFM) lists `Sofia Coins` as non-compliant; \
              Sofia Coins AD has the same name."]
    );
    assert!(world.told(LIFFEY).is_empty());
    let sofia = world.vasp_id(SOFIA);
    let (case, triggers) = world.cases(&sofia).remove(0);
    assert_eq!((case.risk, triggers[0].1["list"].as_str(), &triggers[0].1["place"]), (95, Some("EU-ESMA-NCASP"), &json!(1)));
    assert_eq!(world.cases(&world.group_id("lagoon")).len(), 1);

    close(&world, &case);
    assert_eq!(ncasp(&world, "2026-05-24", &["Nobody here", "Sofia Coins", "Lagoon"]).cases, 0, "decided");
    assert_eq!(ncasp(&world, "2026-05-10", &["Alster Krypto"]).cases, 0, "an older list");
    assert_eq!(finding(&world.ask(json!({"vasp": sofia})), "licence"), "fail licence.non_compliant_list", "it stays listed");
    assert_eq!(ncasp(&world, "2026-05-25", &["Nobody here", "Sofia Coins AD", "Lagoon"]).cases, 1, "another entry");
    assert_eq!(world.cases(&sofia).len(), 2);
}

#[on_every_database(World::start)]
fn a_firm_that_enters_and_stands_on_the_list_gets_its_case_with_its_record(world: World) {
    ncasp(&world, "2026-05-20", &["Newcomer"]);

    let report = world.register_with("2026-05-25", &[GONE], |entities| {
        let mut newcomer = firm(entities, SOFIA).clone();
        newcomer["lei"] = json!(lei(77));
        (newcomer["legal_name"], newcomer["name_key"]) = (json!("Newcomer AD"), json!("newcomer ad"));
        entities.push(newcomer);
    });

    assert_eq!((report.new, report.cases), (1, 1));
    assert_eq!(world.told(77).len(), 1);
}

/// A case is about the record as which a firm is known, and about none that nobody deals with any more.
#[on_every_database(World::start)]
fn a_listed_firm_whose_record_was_merged_or_revoked_has_its_case_elsewhere_or_none(world: World) {
    let (alster, liffey, sofia) = (world.vasp_id(ALSTER), world.vasp_id(LIFFEY), world.vasp_id(SOFIA));
    world.decide(&alster, &[("status", "retired"), ("merged_into", &liffey)]);
    world.decide(&sofia, &[("status", "revoked")]);
    ncasp(&world, "2026-05-20", &["Elbe Coins", "Vitosha Coins"]);

    let report = world.register_with("2026-05-25", &[GONE], |entities| {
        for (number, name) in [(ALSTER, "Elbe Coins AG"), (SOFIA, "Vitosha Coins AD")] {
            call(firm(entities, number), name);
        }
    });

    assert_eq!(report.cases, 1);
    assert_eq!((world.cases(&alster), world.cases(&sofia)), (vec![], vec![]));
    assert_eq!(world.cases(&liffey).len(), 1);
}

#[on_every_database(World::start)]
fn a_compilation_against_an_approved_record_opens_a_case_and_against_others_none(world: World) {
    world.approve(ALSTER, "Alster Krypto AG", "DE");
    let heading = "register_source,legal_name,commercial_name,home_country_code,regulator,registration_status,registration_date,lei,last_scraped";
    let compiled = |day: &str, status: &str| {
        let row =
            |number, name: &str| format!("SOME_REGISTER,{name},,DE,Some Authority,{status},2024-01-01,{},{day}\n", lei(number));
        let rows = [row(ALSTER, "Alster Krypto AG"), row(LIFFEY, "Liffey Custody Limited")].concat();
        let file = format!("master_register_{}.csv", day.replace('-', ""));
        world.import(ImportFormat::MasterRegister, &file, &format!("{heading}\n{rows}"))
    };

    assert_eq!(compiled("2026-05-20", "Licensed").cases, 0);
    assert_eq!(compiled("2026-05-21", "Withdrawn").cases, 1);
    assert_eq!(compiled("2026-05-22", "Withdrawn").cases, 0, "told before");

    let told = world.told(ALSTER);
    assert_eq!(
        told,
        [
            "contradiction: A third-party compilation lists Alster Krypto AG as `Withdrawn` in SOME_REGISTER; nobody verified this."
        ]
    );
    assert!(world.told(LIFFEY).is_empty());
}

/// An import locks the open cases and the counter of VASPs, an approval one case and the counter: in two orders they would wait
/// for each other, and PostgreSQL would end one of them.
#[on_every_database]
fn imports_that_contradict_and_approvals_do_not_wait_for_each_other(database: Database) {
    const FIRMS: [u32; 4] = [ALSTER, LIFFEY, VALLETTA, DUBAI];
    let world = World::start_with(database, |settings| settings.workers = std::num::NonZeroU16::new(4).unwrap());
    let registry = &world.registry;
    FIRMS.iter().for_each(|firm| world.approve(*firm, &format!("Firm {firm}"), "DE"));
    let operator = registry.organisation(OrganisationKind::Operator, "The registry");
    let person = |role| registry.person(operator, &[role]);
    let (alice, bob) = (person(Role::Reviewer), person(Role::Approver));
    let proposed = |firm: u32| {
        let path = format!("/v1/vasps/{}/cases", world.vasp_id(firm));
        let opened = registry.post_as(&alice, &path, &json!({"reason": "something came up"})).json();
        let case = format!("/v1/cases/{}", opened["id"].as_str().unwrap());
        assert_eq!(registry.post_as(&alice, &format!("{case}/take"), &Value::Null).status, 200);
        let keep = json!({"decision": "keep", "reason": "as it is"});
        registry.post_as(&alice, &format!("{case}/propose"), &keep).answered(201)
    };

    for round in 21..29 {
        let day = format!("2026-05-{round}");
        let proposals = FIRMS.map(proposed);
        let answers = at_once(FIRMS.len() + 2, |number| match proposals.get(number) {
            Some(proposed) => Some(bob.approve(registry, proposed)),
            None if number == FIRMS.len() => {
                world.register_with(&day, &[GONE], |entities| {
                    FIRMS.iter().for_each(|number| call(firm(entities, *number), &format!("Renamed {round} Ltd")));
                });
                None
            }
            None => {
                let renamed = format!("Shown {round} Ltd");
                gleif(&world, &day, &FIRMS.map(|number| (number, renamed.as_str(), "DE", "ISSUED")));
                None
            }
        });

        for answer in answers.into_iter().flatten() {
            assert!([200, 409, 412].contains(&answer.status.as_u16()), "{answer:?}");
        }
    }
    assert!(!world.cases(&world.vasp_id(ALSTER)).is_empty());
}
