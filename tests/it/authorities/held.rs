//! Rows of registers whose authority is not known: kept as they were read, one case for each spelling in each register, and imported once two
//! people added the authority, as if their file had come then.

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::register::HeldRow;
use vasp_registry::imports::ImportFormat;

use super::{Desk, authority};
use crate::support::{Database, on_every_database};

const COLUMNS: &str = "authority,number,name,lei,country,activities,from,to,website,source,seen_on\n";
const APRIL: &str = include_str!("../../fixtures/esma/CASPS_20260426.csv");
const MAY: &str = include_str!("../../fixtures/esma/CASPS_20260510.csv");

/// Tables in the manner of three registers of other countries, of authorities that nobody named yet.
const TABLES: [(&str, Option<&str>, &str, &str, &str); 3] = [
    (
        "GB-XFCA",
        Some("GB"),
        "Invented Conduct Authority",
        "Invented Exchange Ltd",
        "Invented Conduct Authority,900001,Invented Exchange Ltd,,GB,custody|exchange_for_funds,2024-05-01,,https://inventex.com,https://register.example/gb,2026-11-01\n",
    ),
    (
        "SG-XMAS",
        Some("SG"),
        "Invented Monetary Authority",
        "Invented Token Pte. Ltd.",
        "Invented Monetary Authority,PS1,Invented Token Pte. Ltd.,,SG,transfer,2023-10-01,,,https://register.example/sg,2026-11-01\n",
    ),
    (
        "AE-XVARA",
        Some("AE-VARA"),
        "Invented Assets Authority (XVARA)",
        "Invented Custody FZE",
        "XVARA,VL/1,Invented Custody FZE,,AE,a|j,2025-02-01,,,https://register.example/ae,2026-11-01\n",
    ),
];

impl Desk {
    fn cases(&self, query: &str) -> Vec<Value> {
        let cases = self.alice.read(self.registry(), &format!("/v1/cases?kind=unknown_authority{query}"));
        cases["items"].as_array().unwrap().clone()
    }

    fn held(&self, query: &str) -> Vec<Value> {
        let page = self.alice.read(self.registry(), &format!("/v1/held-rows{query}"));
        page["items"].as_array().unwrap().clone()
    }

    fn firms(&self, name: &str) -> Vec<Value> {
        let name = name.replace(' ', "%20");
        let found = self.filled.read(&format!("/v1/vasps?q={name}&view=full"))["items"].as_array().unwrap().clone();
        found.into_iter().filter(|one| one["legal_name"] == name.replace("%20", " ")).collect()
    }

    /// What the directory says on a day of every firm, without what chance or the order of writing gave it.
    fn directory(&self, day: &str) -> Vec<String> {
        let generation = self.registry().registry.pin(self.registry().clock.now());
        let at = self.registry().registry.directory().at(generation.sequence(), day.parse().unwrap()).unwrap();
        let mut all: Vec<String> = at
            .records()
            .iter_judged()
            .map(|judged| {
                let mut record = judged.record.as_ref().clone();
                record.id = "vasp_00000000000000000000000000".parse().unwrap();
                record.licences.sort_by(|one, other| one.authority.id.cmp(&other.authority.id));
                record.licences.iter_mut().for_each(|one| one.id = "lic_00000000000000000000000000".parse().unwrap());
                format!("{record:?}")
            })
            .collect();
        all.sort();
        all
    }
}

#[on_every_database(Desk::open)]
fn a_table_of_an_unknown_authority_becomes_licences_that_a_precheck_uses(desk: Desk) {
    for (id, jurisdiction, name, firm, row) in TABLES {
        let table = format!("{COLUMNS}{row}");
        let spelling = row.split(',').next().unwrap();

        let report = desk.registry().import(ImportFormat::RegisterCsv, "table.csv", table.as_bytes());
        assert_eq!((report.read, report.taken, report.held.len(), report.exit_code()), (1, 0, 1, 1));
        let cases = desk.cases("");
        assert_eq!((cases.len(), &cases[0]["vasp"], &cases[0]["status"]), (1, &Value::Null, &json!("open")));
        assert_eq!(report.waiting, [cases[0]["id"].as_str().unwrap()]);
        let told = &cases[0]["triggers"][0]["detail"];
        assert_eq!((&told["authority"], &told["rows"], &told["lines"]), (&json!(spelling), &json!(1), &json!([2])));
        let held = desk.held("");
        assert_eq!((held.len(), &held[0]["line"], &held[0]["cells"]["name"]), (1, &json!(2), &json!(firm)));
        assert_eq!((&held[0]["observed_on"], &held[0]["case"]), (&json!("2026-11-01"), &cases[0]["id"]));
        assert!(desk.firms(firm).is_empty());

        desk.amend(&[authority(id, name, jurisdiction, &[spelling])].map(|mut one| {
            if one["name"] == json!(spelling) {
                one["spellings"] = json!([]);
            }
            one
        }));

        let found = desk.firms(firm);
        assert_eq!(found.len(), 1, "{firm}");
        let licence = &found[0]["licences"][0];
        assert_eq!((&licence["authority"]["id"], &licence["status"]), (&json!(id), &json!("in_force")), "{licence}");
        assert_eq!((&licence["first_seen"], &licence["last_seen"]), (&json!("2026-11-01"), &json!("2026-11-01")));
        assert!(licence["source"].as_str().unwrap().starts_with("table.csv, typed from https://register.example/"));
        let asked = json!({
            "direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": {"vasp": found[0]["id"]},
            "transfer": {"fiat": {"amount": "100.00", "currency": "EUR"}, "date": "2026-11-20"}, "record": false,
        });
        let answer = desk.alice.post(desk.registry(), "/v1/prechecks", &asked).json();
        let checks = answer["checks"].as_array().unwrap();
        let licence = checks.iter().find(|check| check["check"] == "licence").unwrap();
        assert_eq!(licence["code"], "licence.in_force", "{licence}");
        assert_eq!(desk.cases(""), Vec::<Value>::new());
        assert_eq!(desk.cases("&status=closed")[0]["outcome"], "authority_known");
        assert_eq!(desk.held(""), Vec::<Value>::new());

        let again = desk.registry().import(ImportFormat::RegisterCsv, "table.csv", table.as_bytes());
        assert_eq!((again.unchanged, again.held.len(), again.log_changes), (1, 0, 0), "the same file again");
    }
    assert_eq!(desk.held("?imported=true").len(), TABLES.len());
}

/// The label's brand has the website bitvavo.com by the actor record of GraphSense.
#[on_every_database(Desk::open)]
fn a_firm_that_had_waited_for_its_authority_is_proposed_for_its_brand(desk: Desk) {
    let label = "network,address,entity,entity_name,label,category,source,added_date\n\
                     eip155:1,0x1000000000000000000000000000000000003001,bitvavo,Bitvavo,,exchange,labels@0:b.csv,\n";
    let row = "Invented Monetary Authority,PS1,Bitvavo Singapore Pte. Ltd.,,SG,transfer,2023-10-01,,https://bitvavo.com,https://register.example/sg,2026-11-01\n";
    desk.registry().import(ImportFormat::ClaimsCsv, "labels.csv", label.as_bytes());
    desk.registry().import(ImportFormat::RegisterCsv, "table.csv", format!("{COLUMNS}{row}").as_bytes());
    let proposed = || desk.alice.read(desk.registry(), "/v1/brands/links?standing=proposed")["items"].clone();
    assert_eq!(proposed(), json!([]));

    desk.amend(&[authority("SG-XMAS", "Invented Monetary Authority", Some("SG"), &[])]);

    assert_eq!(proposed()[0]["brand"], json!("Bitvavo"));
    assert_eq!(proposed()[0]["legal_name"], json!("Bitvavo Singapore Pte. Ltd."));
}

/// A register in which some rows name an authority in a way that nobody knows.
fn misspelt(text: &str, is_one: impl Fn(usize) -> bool) -> String {
    let known = "Malta Financial Services Authority";
    let line = |(number, line): (usize, &str)| match is_one(number) {
        true => line.replace(known, "Authority of Atlantis"),
        false => line.to_owned(),
    };
    text.split('\n').enumerate().map(line).collect::<Vec<_>>().join("\n")
}

/// The Maltese authority, which ESMA's register may also call so.
fn malta() -> Value {
    let cells: Vec<&str> = super::seed_row("MT-MFSA");
    let names: Vec<Value> = cells[2]
        .split('|')
        .map(|one| one.split_once('=').unwrap())
        .map(|(language, name)| json!({"language": language, "name": name}))
        .collect();
    let spellings: Vec<&str> = cells[8].split('|').chain(["Authority of Atlantis (MFSA)"]).collect();
    json!({
        "id": cells[0], "name": cells[1], "names": names, "country": cells[3], "jurisdiction": cells[4], "regime": cells[5],
        "registration": cells[6], "register_page": cells[7], "spellings": spellings, "source": "test",
    })
}

const DAYS: [&str; 4] = ["2026-04-25", "2026-04-26", "2026-05-09", "2026-05-10"];

/// Whatever came first, the amendment or the files, the directory says the same of every day; whether all rows of the authority are
/// misspelt, or every second or third.
#[on_every_database]
fn rows_that_waited_say_the_same_as_rows_that_did_not(database: Database) {
    for every in [1, 2, 3] {
        let files = [("CASPS_20260426.csv", APRIL), ("CASPS_20260510.csv", MAY)]
            .map(|(file, text)| (file, misspelt(text, |line| line % every == 0)));
        let known_before = Desk::open(Database::sqlite());
        known_before.amend(&[malta()]);
        let known_after = Desk::open(Database::beside(&database));
        for (file, text) in &files {
            known_before.registry().import_shrunk(ImportFormat::EsmaCasps, file, text.clone().into_bytes());
            let report = known_after.registry().import_shrunk(ImportFormat::EsmaCasps, file, text.clone().into_bytes());
            assert!(report.held.iter().any(|row: &HeldRow| row.authority == "Authority of Atlantis (MFSA)"), "{every}");
        }
        assert_eq!(known_after.cases("").len(), 1, "one spelling in one register is one case");
        let waiting = known_after.held("?limit=1000").len();
        assert_ne!(known_before.directory(DAYS[3]), known_after.directory(DAYS[3]));

        known_after.amend(&[malta()]);

        for day in DAYS {
            assert_eq!(known_before.directory(day), known_after.directory(day), "{day}, every {every}");
        }
        assert_eq!((known_after.held("").len(), known_after.cases("").len()), (0, 0));
        assert_eq!(known_after.held("?imported=true&limit=1000").len(), waiting);
    }
}

#[on_every_database(Desk::open)]
fn a_row_that_the_newer_file_no_longer_has_is_not_lost_and_not_in_force(desk: Desk) {
    let april = misspelt(APRIL, |_| true);
    let may: String = MAY.split_inclusive('\n').filter(|line| !line.contains("Malta Financial Services")).collect();
    desk.registry().import_shrunk(ImportFormat::EsmaCasps, "CASPS_20260426.csv", april.clone().into_bytes());
    let again = desk.registry().import_shrunk(ImportFormat::EsmaCasps, "CASPS_20260426.csv", april.into_bytes());
    assert_eq!(again.waiting.len(), 1);
    desk.registry().import_shrunk(ImportFormat::EsmaCasps, "CASPS_20260510.csv", may.into_bytes());
    let held = desk.held("?limit=1000");
    assert_eq!(desk.cases("")[0]["triggers"].as_array().unwrap().len(), 1, "the same file twice is one event");

    desk.amend(&[malta()]);

    let maltese = desk.filled.walk("/v1/vasps?authority=MT-MFSA&view=full", 1_000);
    let mut names: Vec<&str> = held.iter().map(|row| row["cells"]["ae_lei_name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names.dedup();
    assert!(!names.is_empty() && maltese.len() == names.len(), "{names:?}");
    for firm in maltese {
        let licence = &firm["licences"][0];
        assert_eq!((&licence["status"], &licence["last_seen"]), (&json!("not_listed"), &json!("2026-04-26")), "{firm}");
    }
}

/// A register corrects its file of a day: the rows of the wrong file say nothing any more, also once their authority is known.
#[on_every_database]
fn rows_of_a_file_that_a_later_one_of_its_day_replaced_are_settled_and_not_imported(database: Database) {
    let is_malta = |line: &&str| line.contains("Malta Financial Services");
    let gone = APRIL.split_inclusive('\n').find(is_malta).unwrap();
    let corrected: String = APRIL.split_inclusive('\n').filter(|line| *line != gone).collect();
    let only_corrected = Desk::open(Database::sqlite());
    only_corrected.amend(&[malta()]);
    let desk = Desk::open(Database::beside(&database));
    desk.registry().import_shrunk(ImportFormat::EsmaCasps, "CASPS_20260426.csv", misspelt(APRIL, |_| true).into_bytes());
    assert!(!desk.held("").is_empty());
    for registry in [only_corrected.registry(), desk.registry()] {
        registry.import_shrunk(ImportFormat::EsmaCasps, "CASPS_20260426.csv", corrected.clone().into_bytes());
    }

    desk.amend(&[malta()]);

    assert_eq!((desk.held("").len(), desk.cases("").len()), (0, 0));
    assert_eq!(desk.directory("2026-04-26"), only_corrected.directory("2026-04-26"));
}

#[on_every_database(Desk::open)]
fn two_people_may_close_the_case_without_an_authority_and_the_rows_stay_aside(desk: Desk) {
    let (_, _, _, firm, row) = TABLES[0];
    let table = format!("{COLUMNS}{row}");
    desk.registry().import(ImportFormat::RegisterCsv, "table.csv", table.as_bytes());
    let case = format!("/v1/cases/{}", desk.cases("")[0]["id"].as_str().unwrap());
    desk.alice.done(desk.registry(), &format!("{case}/take"), &Value::Null);
    desk.alice.done(desk.registry(), &format!("{case}/notes"), &json!({"text": "It is a misprint."}));
    let reason = "not an authority";
    let propose = |decision: &str| {
        let body = json!({"decision": decision, "reason": reason});
        desk.alice.post(desk.registry(), &format!("{case}/propose"), &body)
    };

    let refused = propose("suspend").problem(409, "illegal_step");
    assert!(refused["detail"].as_str().unwrap().contains("about an authority"), "{refused}");
    desk.alice.get(desk.registry(), &format!("{case}/checklist")).problem(409, "illegal_step");
    let proposed = propose("keep").answered(201);
    assert_eq!(proposed["says"], "Name no authority. The rows that name it stay aside and are not imported.");
    desk.bob.approve(desk.registry(), &proposed).with(200);

    let later = table.replace("2026-11-01", "2026-11-02");
    let report = desk.registry().import(ImportFormat::RegisterCsv, "later.csv", later.as_bytes());
    assert_eq!((desk.cases("").len(), desk.held("").len(), report.held.len()), (0, 2, 1), "it opens no other case");
    assert!(desk.firms(firm).is_empty());
    let (id, jurisdiction, name, ..) = TABLES[0];
    desk.amend(&[authority(id, name, jurisdiction, &[])]);
    assert_eq!((desk.firms(firm).len(), desk.held("").len()), (1, 0), "an authority that is added after all has them imported");
    assert_eq!(desk.firms(firm)[0]["licences"][0]["last_seen"], "2026-11-02");
}
