//! Two of the registry's people vet a member in two browsers.

use serde_json::json;
use vasp_clock::Clock;
use vasp_record::role::{OrganisationKind, Role};

use super::browser::{Browser, Shown};
use crate::support::{Person, Registry, on_every_database};

/// A member that handed its record in, and the two who decide.
struct Waiting {
    registry: Registry,
    alice: Person,
    bob: Person,
    case: String,
}

impl Waiting {
    fn start(database: crate::support::Database) -> Self {
        let registry = Registry::start(database);
        let (alice, bob) = registry.two_operators();
        let member = registry.person_of_new(OrganisationKind::Member, &[Role::Editor]);
        let mut browser = Browser::of(&registry, &member);
        let page = browser.get("/console/record");
        let fields = [
            ("/legal_name", "Lagoon Exchange GmbH"),
            ("/country", "DE"),
            ("/website", "https://www.lagoon.example.org"),
            ("/activities", "transfer"),
        ];
        let page = browser.press(&page, "create_vasp", &fields);
        let contact =
            [("/contacts/0/name", "Desk"), ("/contacts/0/role", "compliance"), ("/contacts/0/email", "desk@lagoon.example.org")];
        let page = browser.press(&page, "contacts", &contact);
        assert!(page.text.contains("desk@lagoon.example.org"), "{}", page.text);
        let page = browser.press(&page, "submit", &[]);
        assert!(page.text.contains("Done:"), "{}", page.text);
        let cases = registry.get_as(&alice, "/v1/cases").answered(200);
        let case = cases["items"][0]["id"].as_str().unwrap().to_owned();
        Self { registry, alice, bob, case }
    }
}

/// Both people together need at most 25 clicks, and nobody types an address.
#[on_every_database(Waiting::start)]
fn two_operators_verify_a_member(waiting: Waiting) {
    let Waiting { registry, alice, bob, case } = waiting;
    let place = format!("/console/cases/{case}");
    let (mut first, mut second) = (Browser::of(&registry, &alice), Browser::of(&registry, &bob));

    let today = first.get("/console/today");
    assert!(today.text.contains(&format!("href=\"{place}\"")), "{}", today.text);
    let page = first.get(&place);
    assert!(page.text.contains("Evidence is missing:"), "{}", page.text);
    let page = first.press(&page, "take", &[]);
    let none = first.press(&page, "evidence", &[("/method", "register_look_up"), ("/source", "commercial register")]);
    assert_eq!(none.status, 422);
    assert!(none.text.contains("Tick at least one line") && none.text.contains("commercial register"), "{}", none.text);
    let ticks: Vec<String> = page.fields("evidence", &[]).into_iter().map(|(name, _)| name).collect();
    assert!(!ticks.iter().any(|name| name.starts_with("tick:")), "nothing is ticked before somebody looks: {ticks:?}");
    let all: Vec<&str> = page.text.split("name=\"tick:").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let names: Vec<String> = all.iter().map(|name| format!("tick:{name}")).collect();
    let mut fields: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "true")).collect();
    fields.extend([("/method", "register_look_up"), ("/source", "commercial register")]);
    let page = first.press(&page, "evidence", &fields);
    assert!(page.text.contains("Nothing blocks the verification"), "{}", page.text);
    let page = first.press(&page, "propose", &[("/decision", "verify"), ("/reason", "The evidence is complete.")]);
    assert!(page.text.contains("another person decides") && !page.has_form("approve"), "{}", page.text);
    assert!(page.text.contains("<strong>Proposed:</strong> it waits for a second person."), "{}", page.text);

    let today = second.get("/console/today");
    assert!(today.text.contains("Waits for your decision") && today.text.contains(&place), "{}", today.text);
    let page = second.get(&place);
    let page = second.press(&page, "approve", &[]);
    assert!(page.text.contains("This case is closed"), "{}", page.text);

    let read = registry.get_as(&alice, &format!("/v1/cases/{case}")).answered(200);
    assert_eq!(read["status"], "closed");
    let record = registry.get_as(&alice, &format!("/v1/vasps/{}", read["vasp"].as_str().unwrap())).answered(200);
    assert_eq!(record["status"], "verified");
    assert!(first.clicks + second.clicks + all.len() <= 25, "{} {} {}", first.clicks, second.clicks, all.len());
}

/// Every action carries the digest of what was looked at; a stale page writes nothing.
#[on_every_database(Waiting::start)]
fn a_page_that_somebody_changed_meanwhile_writes_nothing_and_marks_what_is_new(waiting: Waiting) {
    let Waiting { registry, alice, bob, case } = waiting;
    let place = format!("/console/cases/{case}");
    let (mut first, mut second) = (Browser::of(&registry, &alice), Browser::of(&registry, &bob));
    let page = first.get(&place);
    let page = first.press(&page, "take", &[]);
    let page = first.press(&page, "propose", &[("/decision", "reject"), ("/reason", "The firm does not exist.")]);
    assert_eq!(page.status, 200, "{}", page.text);
    let old = second.get(&place);
    assert!(old.has_form("approve"), "{}", old.text);
    first.press(&page, "note", &[("/text", "The register answered: it does exist.")]);
    let before = second.heads();

    let refused = second.press(&old, "approve", &[]);

    assert_eq!(refused.status, 409, "{}", refused.text);
    assert_eq!(second.heads(), before);
    assert!(refused.text.contains("Not sent.") && refused.text.contains("class=\"fresh\""), "{}", refused.text);
    let fresh = refused.text.split("class=\"fresh\"").nth(1).unwrap().split("</tr>").next().unwrap();
    assert!(fresh.contains("The register answered: it does exist.") && fresh.contains(&alice.user.to_string()), "{fresh}");
    assert!(fresh.contains(&registry.clock.now().date().to_string()), "{fresh}");
    let page = second.press(&refused, "approve", &[]);
    assert!(page.text.contains("This case is closed"), "{}", page.text);
}

/// The decisions that a case's page offers.
fn decisions(page: &Shown) -> Vec<String> {
    let (_, form) = page.text.split_once("<form method=\"post\" id=\"propose\"").unwrap();
    let (_, select) = form.split_once("name=\"/decision\"").unwrap();
    let values = select.split("</select>").next().unwrap().split("<option value=\"").skip(1);
    values.map(|rest| rest.split('"').next().unwrap().to_owned()).filter(|value| !value.is_empty()).collect()
}

/// Before, all eight decisions were offered, and most were refused afterwards.
#[on_every_database(Registry::start)]
fn a_case_offers_only_what_the_record_allows(registry: Registry) {
    let (alice, _) = registry.two_operators();
    let vasp = registry.record("Lagoon Exchange GmbH", &[("status", "", "listed"), ("country", "", "DE")]);
    let opened = registry.post_as(&alice, &format!("/v1/vasps/{vasp}/cases"), &json!({"reason": "a look"})).json();
    let place = format!("/console/cases/{}", opened["id"].as_str().unwrap());
    let mut browser = Browser::of(&registry, &alice);
    let page = browser.get(&place);

    let page = browser.press(&page, "take", &[]);

    assert_eq!(decisions(&page), ["revoke", "keep"]);
    assert!(page.text.contains("Not possible here: reject, request information, dismiss, reinstate, verify."), "{}", page.text);
    assert!(page.text.contains("The record is listed, and no member keeps it."), "{}", page.text);
    let others = ["message", "request_information", "dismiss"].map(|form| page.has_form(form));
    assert_eq!((page.has_form("suspend"), others), (true, [false; 3]), "{}", page.text);
    assert!(page.text.contains(">Suspend now</button>"), "{}", page.text);

    let page = browser.press(&page, "suspend", &[("/reason", "The register removed it.")]);

    assert!(page.text.contains("The firm is suspended."), "{}", page.text);
    assert!(page.text.contains("<strong>Done:</strong> it has its effect already."), "{}", page.text);
    let read = registry.get_as(&alice, &format!("/v1/vasps/{vasp}")).answered(200);
    assert_eq!(read["status"], "suspended");
    assert_eq!(decisions(&page), ["revoke", "keep", "reinstate"]);
    assert!(!page.has_form("suspend"), "{}", page.text);
}
