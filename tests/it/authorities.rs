//! The authorities that registers name: their table, its amendments by two people, and rows of registers that wait for an authority which is
//! not in it. The firms and the new authorities are invented.

mod held;
mod journal;

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_registry::imports::ImportFormat;

use crate::filled::{Filled, fault};
use crate::support::{Answer, Database, Person, Registry, on_every_database, step};

const AMENDMENTS: &str = "/v1/authorities/amendments";
const SEED: &str = include_str!("../../seed/authorities.csv");
const HEADING: &str = "id,name,names,country,jurisdiction,regime,registration,register_page,spellings,source\n";

/// A registry with two people who work on cases and decide, and a key that reads.
pub(crate) struct Desk {
    pub(crate) filled: Filled,
    pub(crate) alice: Person,
    pub(crate) bob: Person,
}

impl Desk {
    pub(crate) fn open(database: Database) -> Self {
        let filled = Filled::start(database);
        let home = filled.registry.home(OrganisationKind::Operator, None);
        let person = || {
            let scopes = [Scope::Operator, Scope::Resolve, Scope::Precheck];
            filled.registry.person_with(home, &[Role::Reviewer, Role::Approver], &scopes)
        };
        let (alice, bob) = (person(), person());
        Self { filled, alice, bob }
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.filled.registry
    }

    fn create(&self, authorities: &[Value]) -> Answer {
        self.alice.post(self.registry(), AMENDMENTS, &json!({"authorities": authorities}))
    }

    /// Has two people approve an amendment, and returns it.
    fn decide(&self, id: &Value) -> Value {
        let path = format!("{AMENDMENTS}/{}", id.as_str().unwrap());
        let proposed = self.alice.done(self.registry(), &format!("{path}/propose"), &json!({"reason": "read on its page"}));
        self.bob.approve(self.registry(), &proposed).with(200);
        self.bob.read(self.registry(), &path)
    }

    /// Adds or replaces authorities.
    pub(crate) fn amend(&self, authorities: &[Value]) {
        let created = self.create(authorities).with(201);
        assert_eq!(self.decide(&created.json()["id"])["state"], "approved");
    }
}

pub(crate) fn authority(id: &str, name: &str, jurisdiction: Option<&str>, spellings: &[&str]) -> Value {
    json!({
        "id": id, "name": name, "names": [{"language": "en", "name": format!("{name} in English")}], "country": id.split('-').next(),
        "jurisdiction": jurisdiction, "regime": "Invented Act", "registration": "licence",
        "register_page": "https://register.example", "spellings": spellings, "source": "invented",
    })
}

/// Cells of a row of the seed; no cell with a comma is read here.
fn seed_row(id: &str) -> Vec<&'static str> {
    SEED.lines().find(|line| line.starts_with(&format!("{id},"))).unwrap().split(',').collect()
}

#[on_every_database(Filled::start)]
fn every_authority_of_the_table_is_listed_page_by_page(filled: Filled) {
    let all = filled.walk("/v1/authorities", 50);

    let mut ids: Vec<&str> = SEED.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    ids.sort_unstable();
    assert_eq!(all.iter().map(|one| one["id"].as_str().unwrap()).collect::<Vec<_>>(), ids);
    assert!(ids.len() >= 70);
    let vara = all.iter().find(|one| one["id"] == "AE-VARA").unwrap();
    let row = seed_row("AE-VARA");
    assert_eq!((&vara["name"], &vara["country"], &vara["jurisdiction"]), (&json!(row[1]), &json!(row[3]), &json!(row[4])));
    assert_eq!(vara["regime"], json!(row[5]));
    assert_eq!(vara["registration"], json!(row[6]));
    assert_eq!(vara["register_page"], json!(row[7]));
    assert_eq!(vara["spellings"], json!(row[8].split('|').collect::<Vec<_>>()));
    assert_eq!(vara["names"][0], json!({"language": "en", "name": "Virtual Assets Regulatory Authority"}));
    for one in &all {
        assert_eq!(one["counts_as_licence"], one["registration"] == "licence", "{one}");
    }
    assert!(all.iter().any(|one| one["id"] == "US-FINCEN" && one["counts_as_licence"] == false));
}

#[test]
fn authorities_are_chosen_by_country_and_jurisdiction_and_the_table_names_its_version() {
    let filled = Filled::start(Database::sqlite());
    let ids = |path: &str| -> Vec<Value> {
        filled.read(path)["items"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect()
    };

    assert_eq!(ids("/v1/authorities?country=BE"), ["BE-FSMA", "BE-NBB"]);
    assert_eq!(ids("/v1/authorities?jurisdiction=AE-VARA"), ["AE-VARA"]);
    assert_eq!(ids("/v1/authorities?country=KP"), Vec::<Value>::new());
    let page = filled.read("/v1/authorities?limit=1");
    assert_eq!((&page["source"], &page["observed_on"]), (&json!("compiled in"), &json!("2026-11-21")));
    assert!(page["version"].as_str().unwrap().starts_with("2026-11-21+"), "{page}");
    let sha256 = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, SEED.as_bytes());
    assert_eq!(page["sha256"], hex::encode(sha256));
    fault(&filled.get("/v1/authorities?country=XX"), "invalid_request", "?country");
    filled.registry.client.get("/v1/authorities").problem(401, "unauthenticated");
}

#[on_every_database(Desk::open)]
fn an_authority_is_known_once_two_people_approved_it(desk: Desk) {
    let before = desk.filled.read("/v1/authorities?country=MU");
    let created = desk.create(&[authority("MU-XFSC", "Invented Commission (XFSC)", None, &["XFSC"])]);
    let created = created.json();
    assert_eq!((&created["state"], &created["made_by"]), (&json!("pending"), &json!(desk.alice.user)));
    assert_eq!((&created["changes"][0]["authority"], &created["changes"][0]["member"]), (&json!("MU-XFSC"), &Value::Null));
    let again = desk.create(&[authority("MU-XFSC", "Invented Commission (XFSC)", None, &["XFSC"])]);
    assert_eq!(again.json()["id"], created["id"], "the same amendment waits once");

    let path = format!("{AMENDMENTS}/{}", created["id"].as_str().unwrap());
    let proposed = desk.alice.done(desk.registry(), &format!("{path}/propose"), &json!({"reason": "read on its page"}));
    assert_eq!(proposed["says"], "Amend the table of authorities (operators): MU-XFSC: added.");
    desk.alice.approve(desk.registry(), &proposed).problem(409, "same_person");
    assert_eq!(desk.filled.read("/v1/authorities?country=MU")["items"], before["items"]);
    let approved = desk.bob.approve(desk.registry(), &proposed).answered(200);
    let amendment = desk.bob.read(desk.registry(), &path);
    assert_eq!((&amendment["state"], &amendment["proposal"]["digest"]), (&json!("approved"), &approved["digest"]));

    let after = desk.filled.read("/v1/authorities?country=MU");
    let added = after["items"].as_array().unwrap().iter().find(|one| one["id"] == "MU-XFSC").unwrap().clone();
    assert_eq!((&added["name"], &added["spellings"]), (&json!("Invented Commission (XFSC)"), &json!(["XFSC"])));
    assert_eq!(after["items"].as_array().unwrap().len(), before["items"].as_array().unwrap().len() + 1);
    assert_ne!(after["version"], before["version"]);
    assert_eq!(after["source"], "operators");
    assert_eq!(desk.filled.walk("/v1/authorities", 1_000).len(), SEED.lines().count(), "none was removed");
    let change = desk.filled.walk("/v1/changes", 1_000).into_iter().rfind(|one| one["kind"] == "document").unwrap();
    assert_eq!(change["payload"]["document"], "authorities", "{change}");
    fault(
        &desk.create(&[authority("MU-XFSC", "Invented Commission (XFSC)", None, &["XFSC"])]),
        "invalid_request",
        "/authorities",
    );
}

#[test]
fn an_amendment_that_cannot_be_is_refused_by_its_place() {
    let desk = Desk::open(Database::sqlite());
    let good = authority("MU-XA", "Invented", None, &[]);

    let taken = authority("AT-XA", "Invented", None, &["Austrian Financial Market Authority FMA"]);
    let detail = fault(&desk.create(&[good.clone(), taken]), "invalid_request", "/authorities/1/spellings");
    assert_eq!(detail, "`Austrian Financial Market Authority FMA` already means AT-FMA");
    let mut wrong = good.clone();
    wrong["id"] = json!("mu-xa");
    fault(&desk.create(&[wrong]), "invalid_request", "/authorities/0/id");
    let mut wrong = good.clone();
    wrong["register_page"] = json!("register.example");
    fault(&desk.create(&[wrong]), "invalid_request", "/authorities/0/register_page");
    let mut wrong = good;
    wrong["names"] = json!([{"language": "English", "name": "X"}]);
    fault(&desk.create(&[wrong]), "invalid_request", "/authorities/0/names");
    fault(&desk.create(&[]), "invalid_request", "/authorities");
    assert_eq!(desk.alice.read(desk.registry(), AMENDMENTS)["items"], json!([]));
}

#[on_every_database(Desk::open)]
fn a_file_of_rows_waits_for_two_people_and_says_which_regime_the_rulebook_does_not_know(desk: Desk) {
    let rows = format!(
        "{HEADING}AE-XA,Invented Authority,,AE,AE-ATLANTIS,Invented Act,licence,,,invented\nMU-XA,Other,,MU,MU,Act,registration,,,invented\n"
    );

    let report = desk.registry().import(ImportFormat::Authorities, "new.csv", rows.as_bytes());
    let again = desk.registry().import(ImportFormat::Authorities, "new.csv", rows.as_bytes());

    assert_eq!((report.read, report.log_changes, report.flagged.len()), (2, 0, 1));
    assert_eq!((report.flagged[0].line, report.flagged[0].flag.as_str()), (2, "regime_unknown"));
    assert!(report.flagged[0].text.contains("`AE-ATLANTIS` is not in the rulebook"), "{:?}", report.flagged);
    let proposal = report.proposal.unwrap();
    assert_eq!(proposal.changes, ["AE-XA: added", "MU-XA: added"]);
    let known = again.proposal.unwrap();
    assert_eq!((known.is_new, &known.id), (false, &proposal.id));
    let waiting = desk.bob.read(desk.registry(), &proposal.decide_at);
    assert_eq!((&waiting["made_by"], &waiting["source"]), (&Value::Null, &json!("new.csv")));
    assert_eq!(waiting["notes"][0]["authority"], "AE-XA");

    desk.decide(&json!(proposal.id));
    let notice = desk.filled.read("/v1/authorities?country=MU")["items"].as_array().unwrap().clone();
    assert!(notice.iter().any(|one| one["id"] == "MU-XA" && one["counts_as_licence"] == false), "{notice:?}");
    assert_eq!(desk.registry().import(ImportFormat::Authorities, "new.csv", rows.as_bytes()).proposal, None, "it is in force");
}

#[on_every_database(Desk::open)]
fn an_approval_is_for_the_table_that_was_shown(desk: Desk) {
    let one = desk.create(&[authority("MU-XA", "One", None, &[])]).json();
    let other = desk.create(&[authority("MU-XB", "Other", None, &[])]).json();
    let third = desk.create(&[authority("MU-XC", "Third", None, &[])]).json();
    let path = |of: &Value, step: &str| format!("{AMENDMENTS}/{}{step}", of["id"].as_str().unwrap());
    let reason = json!({"reason": "read on its page"});
    let proposed = desk.alice.done(desk.registry(), &path(&other, "/propose"), &reason);

    desk.decide(&one["id"]);

    desk.bob.approve(desk.registry(), &proposed).problem(412, "stale_version");
    assert_eq!(desk.bob.done(desk.registry(), &step(&proposed, "decline"), &reason)["state"], "declined");
    assert_eq!(desk.bob.read(desk.registry(), &path(&other, ""))["state"], "declined");
    assert_eq!(desk.bob.read(desk.registry(), &path(&third, ""))["state"], "superseded");
    let withdrawn = desk.create(&[authority("MU-XD", "Fourth", None, &[])]).json();
    let proposed = desk.alice.done(desk.registry(), &path(&withdrawn, "/propose"), &reason);
    desk.alice.done(desk.registry(), &step(&proposed, "withdraw"), &Value::Null);
    let withdrawn = desk.alice.read(desk.registry(), &path(&withdrawn, ""));
    assert_eq!((&withdrawn["state"], &withdrawn["proposal"]["state"]), (&json!("pending"), &json!("withdrawn")));
    let states = desk.bob.read(desk.registry(), &format!("{AMENDMENTS}?state=approved"));
    assert_eq!(states["items"].as_array().unwrap().len(), 1);
}
