//! A new rulebook waits until two people have approved exactly what it changes; and jurisdictions side by side.

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_registry::imported::ImportReport;
use vasp_registry::imports::{DocumentKind, Moment, RegisterOptions, import_document};
use vasp_registry::node::ImportError;
use vasp_rules::rulebook::{EMBEDDED, Rulebook};
use vasp_store::WriteMode;

use crate::filled::{Filled, fault};
use crate::support::{Answer, Database, Person, Registry, approval, on_every_database, step};
use crate::write_races::at_once;

const IMPORTS: &str = "/v1/rulebook/imports";

/// The compiled-in rulebook, changed.
fn changed(change: impl FnOnce(&mut Value)) -> String {
    let mut book: Value = serde_json::from_str(EMBEDDED).unwrap();
    change(&mut book);
    book.to_string()
}

fn entry<'a>(book: &'a mut Value, id: &str) -> &'a mut Value {
    book["jurisdictions"].as_array_mut().unwrap().iter_mut().find(|entry| entry["id"] == id).unwrap()
}

/// Singapore's records are to be kept for seven years instead of five.
fn seven_years() -> String {
    years_in_singapore(7)
}

/// Singapore's records are to be kept for so many years instead of five.
pub(crate) fn years_in_singapore(years: i64) -> String {
    changed(|book| entry(book, "SG")["rules"][0]["retention_years"] = json!(years))
}

fn try_import(registry: &Registry, text: &str, day: Option<&str>, mode: WriteMode) -> Result<ImportReport, ImportError> {
    // The compiled-in rulebook is of November 2026, after the tests' own day.
    let later = "2026-12-01T00:00:00Z".parse().unwrap();
    let (store, mut rng) = (registry.registry.store(), registry.random.fork());
    let options = RegisterOptions { mode, accept_shrink: false, not_before: None };
    let day = day.map(|day| day.parse().unwrap());
    let report =
        import_document(store, DocumentKind::Rulebook, text, "new.json", day, options, Moment { now: later, rng: &mut rng });
    registry.registry.directory().catch_up().unwrap();
    report
}

pub(crate) fn import(registry: &Registry, text: &str) -> ImportReport {
    try_import(registry, text, None, WriteMode::Keep).unwrap()
}

struct Desk {
    registry: Registry,
    alice: Person,
    bob: Person,
    reviewer: Person,
}

/// A registry with a rulebook, two approvers whom nobody made, and a reviewer.
fn desk(database: Database) -> Desk {
    let registry = Registry::start(database);
    assert_eq!(import(&registry, EMBEDDED).log_changes, 1);
    let home = registry.home(OrganisationKind::Operator, None);
    let holder = |role| registry.person_with(home, &[role], &[Scope::Operator, Scope::Resolve]);
    let (alice, bob, reviewer) = (holder(Role::Approver), holder(Role::Approver), holder(Role::Reviewer));
    Desk { registry, alice, bob, reviewer }
}

impl Desk {
    fn retention(&self) -> Value {
        self.alice.read(&self.registry, "/v1/jurisdictions/SG?date=2026-01-01")["rule"]["retention_years"].clone()
    }

    /// The only proposal that waits.
    fn waiting(&self) -> Value {
        let list = self.reviewer.read(&self.registry, &format!("{IMPORTS}?state=pending"));
        assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
        list["items"][0].clone()
    }

    fn read(&self, import: &Value) -> Value {
        self.reviewer.read(&self.registry, &format!("{IMPORTS}/{}", import["id"].as_str().unwrap()))
    }

    fn propose(&self, who: &Person, import: &Value) -> Answer {
        let path = format!("{IMPORTS}/{}/propose", import["id"].as_str().unwrap());
        who.post(&self.registry, &path, &json!({"reason": "read against the law"}))
    }

    /// Approves what is proposed about a new rulebook by now.
    fn approve(&self, who: &Person, import: &Value) -> Answer {
        who.approve(&self.registry, &self.read(import))
    }
}

#[on_every_database(desk)]
fn a_new_rulebook_counts_once_two_people_approved_it(desk: Desk) {
    let report = import(&desk.registry, &seven_years());

    let proposed = report.proposal.unwrap();
    assert_eq!((report.log_changes, proposed.is_new), (0, true));
    assert_eq!(proposed.changes, ["SG@2020-01-28 /retention_years: 5 → 7"]);
    let waiting = desk.waiting();
    assert_eq!((&waiting["id"], &waiting["proposal"]), (&json!(proposed.id), &Value::Null));
    assert_eq!((&waiting["change_count"], desk.retention()), (&json!(1), json!(5)));
    let whole = desk.read(&waiting);
    assert_eq!(
        whole["changes"],
        json!([{"jurisdiction": "SG", "version": "SG@2020-01-28", "pointer": "/retention_years", "from": 5, "to": 7}])
    );

    let first = desk.propose(&desk.alice, &waiting).answered(201);
    let listed = desk.waiting();
    assert_eq!((&first["proposed_by"], &listed["state"]), (&json!(desk.alice.user), &json!("pending")));
    assert_eq!(listed["proposal"], first);
    assert_eq!(desk.retention(), 5);

    let second = desk.approve(&desk.bob, &waiting).answered(200);
    let approved = desk.read(&waiting);
    assert_eq!((&second["decided_by"], &approved["state"]), (&json!(desk.bob.user), &json!("approved")));
    assert_eq!(approved["proposal"]["digest"], second["digest"]);
    assert_eq!(desk.retention(), 7);
    let in_force = desk.reviewer.read(&desk.registry, "/v1/rulebook");
    assert_eq!((&in_force["source"], &in_force["jurisdictions"]), (&json!("new.json"), &json!(99)));
    assert_eq!((&in_force["rule_versions"], &in_force["known_through"]), (&json!(186), &json!("2026-11-26")));
}

/// What was answered before is answered again from the directory as it stood.
#[test]
fn the_directory_of_before_keeps_the_rulebook_of_before() {
    let desk = desk(Database::sqlite());
    let registry = &desk.registry.registry;
    let before = registry.pin(desk.registry.clock.now());
    import(&desk.registry, &seven_years());
    let waiting = desk.waiting();
    desk.propose(&desk.alice, &waiting);
    desk.approve(&desk.bob, &waiting);

    let years = |book: &Rulebook| {
        book.version_on(&"SG".parse().unwrap(), "2026-01-01".parse().unwrap()).and_then(|rule| rule.retention_years)
    };
    let then = registry.directory().at(before.sequence(), before.day()).unwrap();
    let now = registry.pin(desk.registry.clock.now());
    assert_eq!(years(&before.documents().rulebook.value), Some(5));
    assert_eq!(years(&then.documents().rulebook.value), Some(5));
    assert_eq!(years(&now.documents().rulebook.value), Some(7));
}

#[on_every_database(desk)]
fn the_same_file_waits_once_and_what_stands_is_not_proposed(desk: Desk) {
    assert_eq!(import(&desk.registry, EMBEDDED).proposal, None);
    let first = import(&desk.registry, &seven_years()).proposal.unwrap();
    let again = import(&desk.registry, &seven_years()).proposal.unwrap();
    let rehearsed = try_import(&desk.registry, &changed(|book| book["title"] = json!("T")), None, WriteMode::Rehearse);

    assert_eq!((again.is_new, &again.id), (false, &first.id));
    assert_eq!(rehearsed.unwrap().proposal.unwrap().changes.len(), 1);
    desk.waiting();
    let older = try_import(&desk.registry, &seven_years(), Some("2026-11-19"), WriteMode::Keep).unwrap_err();
    assert!(older.to_string().contains("which is later; give it a later day"), "{older}");
}

#[on_every_database(desk)]
fn an_approval_is_for_exactly_what_was_shown(desk: Desk) {
    import(&desk.registry, &seven_years());
    let one = desk.waiting();
    import(&desk.registry, &changed(|book| entry(book, "CH")["rules"][0]["retention_years"] = json!(11)));
    // All are of one moment, in which chance orders them.
    let other_than = |known: &[&Value]| {
        let all = desk.reviewer.read(&desk.registry, IMPORTS);
        let mut others = all["items"].as_array().unwrap().iter().filter(|item| known.iter().all(|one| one["id"] != item["id"]));
        others.next().unwrap().clone()
    };
    let other = other_than(&[&one]);
    import(&desk.registry, &years_in_singapore(8));
    let unproposed = other_than(&[&one, &other]);

    let of_one = desk.propose(&desk.alice, &one).answered(201);
    let of_other = desk.propose(&desk.alice, &other).answered(201);
    let crossed = desk.bob.post(&desk.registry, &step(&of_one, "approve"), &approval(&of_other));
    crossed.problem(412, "stale_version");
    assert_eq!(desk.approve(&desk.bob, &one).status.as_u16(), 200);
    // Compared with the rulebook that stood, it would take Singapore's change back unseen.
    desk.approve(&desk.bob, &other).problem(412, "stale_version");
    assert_eq!(desk.retention(), 7);
    assert_eq!(desk.read(&unproposed)["state"], "superseded", "nobody could propose it");

    let reason = json!({"reason": "made before Singapore's change"});
    let declined = desk.bob.done(&desk.registry, &step(&of_other, "decline"), &reason);
    let read = desk.read(&other);
    assert_eq!((&declined["decided_by"], &read["state"]), (&json!(desk.bob.user), &json!("declined")));
    assert_eq!(read["proposal"], declined);
    assert_eq!(desk.reviewer.read(&desk.registry, &format!("{IMPORTS}?state=pending"))["items"], json!([]));
}

#[on_every_database(desk)]
fn an_approval_names_its_digest_and_a_list_its_states(desk: Desk) {
    import(&desk.registry, &seven_years());
    let waiting = desk.waiting();

    let proposed = desk.propose(&desk.alice, &waiting).answered(201);
    fault(&desk.bob.post(&desk.registry, &step(&proposed, "approve"), &json!({})), "invalid_request", "/digest");
    fault(&desk.reviewer.get(&desk.registry, &format!("{IMPORTS}?state=open")), "invalid_request", "?state");
}

#[on_every_database(desk)]
fn two_approvers_at_once_are_two_and_one_twice_is_one(desk: Desk) {
    import(&desk.registry, &seven_years());
    let waiting = desk.waiting();
    desk.propose(&desk.alice, &waiting);

    let approvers = [&desk.alice, &desk.alice, &desk.bob];
    let codes = at_once(3, |number| desk.approve(approvers[number], &waiting).status.as_u16());

    // Whoever came first: the other person was enough, and nobody's second word was taken.
    assert_eq!(codes.iter().filter(|code| **code == 200).count(), 1, "{codes:?}");
    assert_eq!(desk.retention(), 7);
}

#[test]
fn jurisdictions_stand_side_by_side() {
    let filled = Filled::start(Database::sqlite());

    let answer = filled.read("/v1/jurisdictions/compare?ids=DE,ch,SG,KZ&date=2025-01-01");

    let row = |pointer: &str| answer["rows"].as_array().unwrap().iter().find(|row| row["pointer"] == pointer).unwrap().clone();
    let ids: Vec<_> = answer["columns"].as_array().unwrap().iter().map(|column| column["id"].clone()).collect();
    assert_eq!(ids, ["DE", "CH", "SG", "KZ"]);
    assert_eq!(answer["columns"][3], json!({"id": "KZ", "name": null, "rule_version": null, "status": "unknown"}));
    // Source: seed records 22, 63 and 56.
    assert_eq!(row("/threshold/kind")["values"], json!(["zero", "zero", "amount", null]));
    assert_eq!(row("/retention_years"), json!({"pointer": "/retention_years", "same": false, "values": [5, 10, 5, null]}));
    assert_eq!((&answer["date"], &answer["known_through"]), (&json!("2025-01-01"), &json!("2026-11-26")));
    assert_eq!(answer["after_known_through"], false);
    assert_eq!(filled.read("/v1/jurisdictions/compare?ids=DE,FR&date=2026-11-27")["after_known_through"], true);
    for (ids, why) in [
        ("DE", "2 to 20 jurisdictions"),
        ("DE,DE", "DE is listed twice"),
        ("DE,XX", "neither an ISO 3166-1"),
        ("DE,", "neither an ISO 3166-1"),
        ("AT,BE,BG,HR,CY,CZ,DK,EE,FI,FR,DE,GR,HU,IE,IT,LV,LT,LU,MT,NL,PL", "2 to 20 jurisdictions"),
    ] {
        let problem = filled.get(&format!("/v1/jurisdictions/compare?ids={ids}")).problem(422, "invalid_request");
        assert!(problem["errors"][0]["detail"].as_str().unwrap().contains(why), "{problem}");
    }
}

#[test]
fn a_date_can_be_given_everywhere_and_says_how_far_it_is_known() {
    let filled = Filled::start(Database::sqlite());
    let status = |date: &str| {
        let all = filled.walk(&format!("/v1/jurisdictions?date={date}"), 1_000);
        all.into_iter().find(|item| item["id"] == "FR").unwrap()["status"].clone()
    };

    // Source: Regulation (EU) 2023/1113 Art. 40.
    assert_eq!((status("2024-12-29"), status("2024-12-30")), (json!("adopted_not_in_force"), json!("in_force")));
    let known = |path: &str| filled.read(path)["after_known_through"].clone();
    assert_eq!(known("/v1/jurisdictions?date=2026-11-26"), json!(false));
    assert_eq!(known("/v1/jurisdictions?date=2026-11-27"), json!(true));
    assert_eq!(known("/v1/jurisdictions/DE?date=2026-11-26"), json!(false));
    assert_eq!(known("/v1/jurisdictions/DE?date=2027-01-01"), json!(true));
    // Source: `seed/lists.json`, known through 19 June 2026.
    assert_eq!(known("/v1/lists/FATF-GREY?date=2026-06-19"), json!(false));
    assert_eq!(known("/v1/lists/FATF-GREY?date=2026-06-20"), json!(true));
}
