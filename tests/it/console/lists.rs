//! Lists that are longer than a page: "More" leads to the rest, and what a page looks for in them is found.

use std::collections::BTreeSet;

use serde_json::json;
use vasp_clock::Clock;
use vasp_record::allowance::Allowance;
use vasp_record::role::{OrganisationKind, Role, UserKind};
use vasp_record::vasp::VaspKind;
use vasp_registry::organisations::{NewUser, create_user};
use vasp_store::WatchRow;
use vasp_words::ids::VaspId;
use vasp_words::sql::Flag;

use super::browser::{Browser, Shown};
use crate::member_claims::world::{World, address};
use crate::support::{Database, Registry, on_every_database};

#[on_every_database(Registry::start)]
fn cases_that_today_cuts_are_all_behind_more(registry: Registry) {
    let (alice, _) = registry.two_operators();
    for number in 0..21 {
        let vasp = registry.record(&format!("Lagoon {number} GmbH"), &[]);
        let opened = registry.post_as(&alice, &format!("/v1/vasps/{vasp}/cases"), &json!({"reason": "the register changed"}));
        assert!(opened.status.is_success(), "{opened:?}");
    }
    registry.advance(60 * 86_400);
    let mut browser = Browser::of(&registry, &alice);

    let today = browser.get("/console/today");

    for list in ["Overdue", "Nobody has taken these"] {
        let place = today.more(list).unwrap_or_else(|| panic!("{list}: {}", today.text));
        let all = browser.get(&place);
        assert_eq!(all.text.matches("href=\"/console/cases/case_").count(), 21, "{place}: {}", all.text);
        assert_eq!(all.more("Cases"), None);
    }
}

#[test]
fn people_beyond_the_first_page_are_behind_more() {
    let registry = Registry::start(Database::sqlite());
    let admin = registry.person_of_new(OrganisationKind::Member, &[Role::Admin]);
    for number in 0..100 {
        let new = NewUser { name: format!("Person {number}"), email: None, kind: UserKind::Person, roles: Vec::new() };
        let (now, mut rng) = (registry.clock.now(), registry.random.fork());
        create_user(&registry.registry, admin.organisation, &new, now, &mut rng).unwrap();
    }
    let mut browser = Browser::of(&registry, &admin);

    let first = browser.get("/console/people");
    let rest = browser.get(&first.more("People").unwrap());

    let people = |page: &Shown| -> BTreeSet<String> {
        page.text.split("href=\"/console/people/").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    };
    assert_eq!((people(&first).len(), people(&rest).len()), (100, 1));
    assert!(people(&first).is_disjoint(&people(&rest)));
    assert!(rest.more("People").is_none() && rest.has_form("invite_user"), "{}", rest.text);
}

#[test]
fn waiting_claims_beyond_the_first_page_are_shown_and_only_the_first_page_is_let_in() {
    let world = World::start_with(Database::sqlite(), |settings| {
        settings.claims.allowance = Allowance { waiting: 100, ..Allowance::default() };
    });
    let registry = &world.registry;
    let parties = [world.member("Alpha"), world.member("Beta")];
    registry.advance(31 * 86_400);
    let line = |number| json!({"network": "eip155:1", "address": address(number), "role": "hot"}).to_string();
    let body = (1..=65).map(line).collect::<Vec<_>>().join("\n");
    for party in &parties {
        let headers = [("authorization", party.bearer.as_str()), ("content-type", "application/jsonl")];
        registry.client.send("POST", "/v1/claims/import", &headers, &body).answered(200);
    }
    let (alice, _) = registry.two_operators();
    let waiting = registry.get_as(&alice, "/v1/claims/pending").answered(200)["items"][0].clone();
    assert_eq!(waiting["count"], 55, "{waiting}");
    let mut browser = Browser::of(registry, &alice);

    let first = browser.get(&format!("/console/cases/{}", waiting["case"].as_str().unwrap()));
    let rest = browser.get(&first.more("Claims that wait").unwrap());

    let shown = |page: &Shown| -> BTreeSet<u64> {
        let (_, table) = page.text.split_once("<caption><span>Claims that wait</span></caption>").unwrap();
        let table = table.split("</table>").next().unwrap().to_lowercase();
        (1..=65).filter(|number| table.contains(&address(*number))).collect()
    };
    assert_eq!((shown(&first).len(), shown(&rest).len()), (50, 5));
    assert!(shown(&first).is_disjoint(&shown(&rest)));
    assert_eq!([&first, &rest].map(|page| page.has_form("count")), [true, false]);
}

#[test]
fn a_watch_beyond_the_first_page_is_found() {
    let registry = Registry::start(Database::sqlite());
    let gateway = registry.person_of_new(OrganisationKind::Gateway, &[Role::Compliance]);
    let now = registry.clock.now();
    let watch = |vasp| WatchRow {
        organisation: gateway.organisation,
        vasp,
        asked: Flag(true),
        relied_at: None,
        jurisdiction: None,
        sequence: 0,
        findings: None,
        version: 1,
        created_at: now,
    };
    registry.write(|transaction| {
        for _ in 0..1_000 {
            let vasp = VaspId::new(now, transaction.conn_and_rng().1);
            transaction.add_vasp(vasp, VaspKind::Entity)?;
            transaction.add_watch(&watch(vasp))?;
        }
        Ok(())
    });
    // Ids begin with the time, and watches are listed by id.
    registry.advance(60);
    let last = registry.record("Lagoon Exchange GmbH", &[("status", "", "listed"), ("country", "", "DE")]);
    registry.write(|transaction| transaction.add_watch(&watch(last)));
    let first = registry.get_as(&gateway, "/v1/watches?limit=1000").with(200).text;
    assert!(!first.contains(&last.to_string()), "the first page has all of them");

    let page = Browser::of(&registry, &gateway).get(&format!("/console/firms/{last}"));

    assert!(page.text.contains("You watch this firm"), "{}", page.text);
}
