//! What a reader meets on every page: names instead of ids, a refusal at the top, and no refusals in the reader's name that nobody asked for.

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role};

use super::browser::Browser;
use crate::support::{Database, Registry, on_every_database};

/// Before, a reader met ids such as `usr_01m8…` where people are meant.
#[on_every_database(Registry::start)]
fn a_colleague_is_shown_by_name_to_whom_may_read_it(registry: Registry) {
    let home = registry.organisation(OrganisationKind::Operator, "The registry");
    let alice = registry.person(home, &[Role::Reviewer, Role::Admin]);
    let bob = registry.person(home, &[Role::Reviewer]);
    let carol = registry.person(home, &[Role::Reviewer]);
    let vasp = registry.record("Lagoon Exchange GmbH", &[("status", "", "listed"), ("country", "", "DE")]);
    let opened = registry.post_as(&bob, &format!("/v1/vasps/{vasp}/cases"), &json!({"reason": "a look"})).json();
    let case = opened["id"].as_str().unwrap().to_owned();
    registry.post_as(&bob, &format!("/v1/cases/{case}/take"), &Value::Null).with(200);
    let place = format!("/console/cases/{case}");
    let (name, id) = (format!("<span title=\"{}\">Somebody</span>", bob.user), format!("<code>{}</code>", bob.user));

    let of_alice = Browser::of(&registry, &alice).get(&place);
    let of_carol = Browser::of(&registry, &carol).get(&place);

    assert!(of_alice.text.contains(&name) && !of_alice.text.contains(&id), "{}", of_alice.text);
    assert!(of_carol.text.contains(&id) && !of_carol.text.contains(&name), "{}", of_carol.text);
    let person = Browser::of(&registry, &alice).get(&format!("/console/people/{}", bob.user));
    assert!(person.text.contains(&id), "the page about a person shows the id: {}", person.text);
    let organisation = format!("<a href=\"/console/people?organisation={home}\">The registry</a>");
    assert!(person.text.contains(&organisation), "the page names the organisation: {}", person.text);
}

/// Before, the message was thousands of pixels below, and nothing at the top had changed.
#[test]
fn a_refused_form_is_named_at_the_top_with_a_link_to_it() {
    let registry = Registry::start(Database::sqlite());
    let member = registry.verified_member("Lagoon GmbH", &[]);
    let mut browser = Browser::of(&registry, &member);
    let page = browser.get("/console/domains");
    assert!(page.text.contains("<form method=\"post\" id=\"new\" class=\"action\" action=\"#new\""), "{}", page.text);

    let refused = browser.press(&page, "new", &[("/domain", "127.0.0.1")]);

    let (top, _) = refused.text.split_once("<form method=\"post\" id=\"new\"").unwrap();
    assert!(top.contains("Not sent: ") && top.contains("<a href=\"#new\">Go to the form</a>"), "{top}");
}

/// Before, opening the page wrote a refusal into the audit chain in the reader's name.
#[test]
fn opening_people_is_not_refused_anything() {
    let registry = Registry::start(Database::sqlite());
    for kind in [OrganisationKind::Member, OrganisationKind::Gateway, OrganisationKind::Operator] {
        let admin = registry.person_of_new(kind, &[Role::Admin]);
        let mut browser = Browser::of(&registry, &admin);
        let before = browser.heads();

        let page = browser.get("/console/people");

        assert_eq!((page.status, browser.heads()), (200, before), "{kind}: {}", page.text);
    }
}
