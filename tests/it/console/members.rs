//! A member at its own pages: refusals at their fields, domains, claims with a report, and what is shown only once.

use vasp_record::role::{OrganisationKind, Role, Scope};

use super::browser::Browser;
use crate::support::{Database, Registry, on_every_database};

#[on_every_database(Registry::start)]
fn a_refusal_of_the_api_is_shown_at_its_field_in_its_words(registry: Registry) {
    let member = registry.verified_member("Lagoon GmbH", &[]);
    let mut browser = Browser::of(&registry, &member);
    let page = browser.get("/console/domains");
    assert!(page.text.contains("No domain yet."), "{}", page.text);
    let before = browser.heads().0;

    let refused = browser.press(&page, "new", &[("/domain", "127.0.0.1")]);

    assert_eq!(refused.status, 422, "{}", refused.text);
    assert_eq!(browser.heads().0, before);
    let asked = registry.post_as(&member, "/v1/vasps/mine/domains", &serde_json::json!({"domain": "127.0.0.1"})).answered(422);
    let words = asked["errors"][0]["detail"].as_str().unwrap();
    let field = refused.text.split("name=\"/domain\"").nth(1).unwrap().split("</p>").next().unwrap().to_lowercase();
    assert!(field.contains("role=\"alert\"") && field.contains(&words.to_lowercase().replace('\'', "&#39;")), "{words}: {field}");
    assert!(field.contains("value=\"127.0.0.1\""), "{field}");

    let page = browser.press(&refused, "new", &[("/domain", "lagoon.example.org")]);
    assert!(page.text.contains("vasp-registry-verification="), "{}", page.text);
}

/// Before, these pages said "Not found" of the record that the member had just made.
#[on_every_database(Registry::start)]
fn a_member_whose_record_is_not_verified_is_told_what_comes_first(registry: Registry) {
    let organisation = registry.organisation(OrganisationKind::Member, "Lagoon GmbH");
    let member = registry.person_with(organisation, &[Role::Editor], &[Scope::Member]);
    let draft = serde_json::json!({"legal_name": "Lagoon GmbH", "country": "DE", "activities": ["transfer"]});
    registry.post_as(&member, "/v1/vasps", &draft).answered(201);
    let mut browser = Browser::of(&registry, &member);

    for name in ["endpoints", "certificates"] {
        let page = browser.get(&format!("/console/{name}"));
        let is_told = page.text.contains("have to verify your record first");
        assert!(page.status == 200 && is_told && !page.has_form("new"), "{name}: {}", page.text);
    }
}

/// A registry that has a name, which challenges contain.
fn named(database: Database) -> Registry {
    Registry::start_with(database, |settings| settings.registry_name = Some("registry.example.org".parse().unwrap()))
}

#[on_every_database(named)]
fn claims_are_filed_one_by_one_and_from_a_file(registry: Registry) {
    let member = registry.verified_member("Lagoon GmbH", &[]);
    let mut browser = Browser::of(&registry, &member);
    let page = browser.get("/console/claims");
    let address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";

    let page = browser.press(&page, "new", &[("/address", address), ("/network", "eip155:1"), ("/role", "deposit")]);
    assert!(page.place.starts_with("/console/claims/clm_"), "{page:?}");
    let page = browser.press(&page, "challenge", &[]);
    assert!(page.text.contains("By signing this text") && page.has_form("proof"), "{}", page.text);

    let page = browser.get("/console/claims");
    let rows = "network,address,memo,role,expires_at\neip155:1,0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359,,deposit,\n\
                eip155:1,nonsense,,deposit,\n";
    let report = browser.press(&page, "import", &[("rows", rows)]);
    assert_eq!(report.status, 200, "{}", report.text);
    assert!(report.text.contains("Refused"), "{}", report.text);
    let claims = registry.get_as(&member, "/v1/claims").answered(200);
    assert_eq!(claims["items"].as_array().unwrap().len(), 2);
}

#[test]
fn a_gateway_asks_and_records_the_answer() {
    let registry = Registry::start(Database::sqlite());
    let vasp = registry.record("Lagoon Exchange GmbH", &[("status", "", "listed"), ("country", "", "DE")]);
    let gateway = registry.person_of_new(OrganisationKind::Gateway, &[Role::Compliance]);
    let mut browser = Browser::of(&registry, &gateway);

    let named = browser.get("/console/ask?q=lagoon");
    assert!(named.text.contains(&format!("/console/ask?q={vasp}")), "{}", named.text);
    // An address alone: a field that is left empty says nothing.
    for address in ["1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s", "0xdac17f958d2ee523a2206206994597c13d831ec7"] {
        let page = browser.get(&format!("/console/ask?q={address}&network=&memo=&from=DE&customer_country=&amount=&asset="));
        assert!(page.text.contains("class=\"word") && !page.text.contains("is not supported"), "{}", page.text);
    }
    let page = browser.get(&format!("/console/ask?q={vasp}&from=DE"));
    assert!(page.text.contains("class=\"word"), "{}", page.text);
    assert_eq!(registry.get_as(&gateway, "/v1/prechecks").answered(200)["items"].as_array().unwrap().len(), 0);
    let page = browser.press(&page, "create_precheck", &[]);

    assert!(page.place.starts_with("/console/prechecks/pre_"), "{page:?}");
    assert!(page.text.contains("Signed receipt"), "{}", page.text);
    let place = page.place.split('?').next().unwrap().to_owned();
    assert!(page.text.contains(&format!("{place}/report?save=yes")), "{}", page.text);
    let report = browser.get(&format!("{place}/report"));
    let own = registry.get_as(&gateway, &format!("{}/report", place.replace("/console", "/v1"))).with(200);
    assert_eq!((report.status, &report.text), (200, &own.text));
    let cookie = format!("vasp-session={}", browser.cookie("vasp-session"));
    let kept = registry.client.get_with(&format!("{place}/report?save=yes"), &[("cookie", &cookie)]).with(200);
    let id = place.rsplit('/').next().unwrap();
    assert_eq!((kept.header("content-disposition"), &kept.text), (&*format!("attachment; filename=\"{id}.html\""), &own.text));
    assert_eq!(kept.header("content-security-policy"), own.header("content-security-policy"));
    assert_eq!(registry.get_as(&gateway, "/v1/prechecks").answered(200)["items"].as_array().unwrap().len(), 1);
    let page = browser.get(&place);
    let page = browser.press(&page, "result", &[("/result", "refused"), ("/note", "The customer took the order back.")]);
    assert!(page.text.contains("The customer took the order back.") && !page.has_form("result"), "{}", page.text);
    let outcome = registry.get_as(&gateway, &format!("{}/outcome", place.replace("/console", "/v1"))).answered(200);
    assert_eq!((&outcome["open"], &outcome["entries"][0]["result"]), (&false.into(), &"refused".into()));
    let unread = browser.get("/console/ask?q=%F0%9F%98%80");
    assert_eq!(unread.status, 200, "{}", unread.text);
}
