//! The console: pages read and forms sent over HTTP as a browser without scripts does. What a page may do is what the API lets its reader
//! do; each test of a permission asks the API as well.

mod asking;
mod browser;
mod lists;
mod matrix;
mod members;
mod names;
mod screening;
mod vetting;

use vasp_record::role::{OrganisationKind, Role};

use self::browser::{Browser, Shown};
use crate::sign_in::world::PASSWORD;
use crate::support::forms::encoded;
use crate::support::{Client, Database, Deployment, Registry, Server, on_every_database};

#[on_every_database(Registry::start)]
fn somebody_signs_in_with_password_and_code_and_out_again(registry: Registry) {
    let person = registry.operator(&[Role::Reviewer]);
    let mut browser = Browser::new(&registry);

    let sent_away = browser.get("/console/cases?status=open");
    assert_eq!(sent_away.place, "/sign-in?next=%2Fconsole%2Fcases%3Fstatus%3Dopen");
    let wrong = browser.press(&sent_away, "sign-in", &[("/email", &person.email), ("/password", "wrong"), ("/totp", "123456")]);
    assert_eq!(wrong.status, 401);
    assert!(wrong.text.contains("role=\"alert\"") && wrong.text.contains(&person.email), "{}", wrong.text);
    assert!(!wrong.text.contains("123456"), "{}", wrong.text);
    // A code works once, and setting the app up used the present one.
    registry.advance(60);
    let code = registry.code(&person);
    let page = browser.press(&wrong, "sign-in", &[("/email", &person.email), ("/password", PASSWORD), ("/totp", &code)]);

    assert_eq!((page.status, page.place.as_str()), (200, "/console/cases?status=open"));
    assert!(page.text.contains("<h1>Cases</h1>") && page.text.contains("Sign out"), "{}", page.text);
    let token = browser.cookie("vasp-session");
    assert_eq!(registry.who(&token), 200);
    browser.send("/console/sign-out", &[("token", &page.token())]);
    assert_eq!(registry.who(&token), 401);
    assert!(browser.get("/console/today").place.starts_with("/sign-in"));
}

#[test]
fn the_session_is_in_a_cookie_that_scripts_and_other_sites_do_not_get() {
    let registry = Registry::start(Database::sqlite());
    let person = registry.member();
    let mut browser = Browser::new(&registry);
    let page = browser.get("/sign-in");
    assert!(page.text.contains("This connection is plain HTTP"), "{}", page.text);

    browser.press(&page, "sign-in", &[("/email", &person.email), ("/password", PASSWORD)]);

    let line = browser.set_cookie_line("vasp-session");
    assert!(line.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{line}");
    // Under any other name than this machine's, the cookie is sent over TLS only.
    let body = encoded(&[("token", "x")]);
    let headers = [
        ("host", "registry.example.org"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "same-origin"),
    ];
    let refused = registry.client.send("POST", "/sign-in", &headers, &body);
    let line = refused.header("set-cookie");
    assert!(line.starts_with("__Host-vasp-form=") && line.contains("; Secure"), "{line}");
}

/// A proxy that sends this machine's name as the host, as nginx does unless it is told otherwise.
#[test]
fn behind_a_proxy_the_configured_address_decides_that_the_cookie_is_sent_over_tls_only() {
    let deployment = Deployment::new(Database::sqlite());
    let mut serve = deployment.serve();
    serve.args(["--public-url", "https://registry.example.org"]);
    let server = Server::start(serve);

    let page = Client::new(server.address).get_with("/sign-in", &[("accept", "text/html")]).with(200);

    let line = page.header("set-cookie");
    assert!(line.starts_with("__Host-vasp-form=") && line.contains("; Secure"), "{line}");
    assert!(!page.text.contains("This connection is plain HTTP"), "{}", page.text);
}

#[test]
fn a_form_without_the_sessions_token_or_from_elsewhere_writes_nothing() {
    let registry = Registry::start(Database::sqlite());
    let admin = registry.person_of_new(OrganisationKind::Member, &[Role::Admin]);
    let mut browser = Browser::of(&registry, &admin);
    let page = browser.get("/console/people");
    let fields = page.fields("invite_user", &[("/name", "Eve"), ("/email", "eve@example.org"), ("/roles", "editor")]);
    let before = browser.heads();

    for (name, value) in [("token", ""), ("token", "0123456789abcdef0123456789abcdef")] {
        let forged: Vec<_> =
            fields.iter().map(|(key, old)| (key.as_str(), if key == name { value } else { old.as_str() })).collect();
        assert_eq!(browser.send("/console/people", &forged).status, 403);
    }
    let sent: Vec<_> = fields.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(browser.send_from("cross-site", "/console/people", &sent).status, 403);
    assert_eq!(browser.heads(), before);

    let invited = browser.send("/console/people", &sent);
    assert_eq!(invited.status, 200, "{}", invited.text);
    assert!(invited.text.contains("Done:") && invited.text.contains("eve@example.org"), "{}", invited.text);
    // Pressed twice, it is sent once.
    browser.send("/console/people", &sent);
    let users = registry.get_as(&admin, "/v1/users").answered(200);
    assert_eq!(users["items"].as_array().unwrap().iter().filter(|user| user["email"] == "eve@example.org").count(), 1);
}

#[test]
fn a_form_whose_outcome_is_unknown_keeps_its_key_and_so_acts_once() {
    let registry = Registry::start(Database::sqlite());
    let admin = registry.person_of_new(OrganisationKind::Member, &[Role::Admin]);
    let mut browser = Browser::of(&registry, &admin);
    let page = browser.get("/console/people");
    let invited = [("/name", "Eve"), ("/email", "eve@example.org"), ("/roles", "editor")];
    let once = |page: &Shown| page.fields("invite_user", &[]).into_iter().find(|(name, _)| name == "once").unwrap().1;
    registry.database.run("CREATE TRIGGER broken BEFORE INSERT ON users BEGIN SELECT RAISE(ABORT, 'broken'); END");

    let failed = browser.press(&page, "invite_user", &invited);

    assert!(failed.status >= 500, "{failed:?}");
    assert_eq!(once(&failed), once(&page));
    assert!(failed.text.contains("eve@example.org"), "{}", failed.text);
    registry.database.run("DROP TRIGGER broken");
    let refused = browser.press(&failed, "invite_user", &[("/email", "nobody")]);
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert_ne!(once(&refused), once(&page), "what was refused is another request when it is corrected");
    let done = browser.press(&refused, "invite_user", &invited);
    assert!(done.text.contains("Done:") && done.text.contains("eve@example.org"), "{}", done.text);
}

#[test]
fn a_link_puts_no_words_of_its_own_on_a_page() {
    let registry = Registry::start(Database::sqlite());
    let admin = registry.person_of_new(OrganisationKind::Member, &[Role::Admin]);
    let mut browser = Browser::of(&registry, &admin);

    for made_up in ["Your+account+is+blocked.+Call+us.", "list_users"] {
        let page = browser.get(&format!("/console/today?done={made_up}"));
        assert!(page.status == 200 && !page.text.contains("Done:") && !page.text.contains("blocked"), "{}", page.text);
    }
    let page = browser.get("/console/today?done=invite_user");
    assert!(page.text.contains("<strong>Done:</strong> Invited a person into an organisation."), "{}", page.text);
}

/// Before, a control character or a letter that is not ASCII was a 500.
#[test]
fn signing_in_leads_to_a_page_of_the_console_and_nowhere_else() {
    let registry = Registry::start(Database::sqlite());
    let mut browser = Browser::of(&registry, &registry.person_of_new(OrganisationKind::Member, &[Role::Admin]));

    for made_up in
        ["/console/%01", "/console/%7F", "/console/%C3%A9", "/console/a%20b", "/console/%5Cevil.example", "//evil.example"]
    {
        let page = browser.get(&format!("/sign-in?next={made_up}"));
        assert_eq!((page.status, page.place.as_str()), (200, "/console/today"), "{made_up}");
    }
    assert_eq!(browser.get("/sign-in?next=%2Fconsole%2Faccount%3Fa%3D%2501").place, "/console/account?a=%01");
    let (person, mut other) = (registry.member(), Browser::new(&registry));
    let form = other.get("/sign-in");
    let fields = [("/email", person.email.as_str()), ("/password", PASSWORD), ("next", "/console/\u{1}")];
    assert_eq!(other.press(&form, "sign-in", &fields).place, "/console/today");
}

#[test]
fn an_unknown_path_answers_people_with_a_page() {
    let registry = Registry::start(Database::sqlite());

    let page = registry.client.get_with("/console/nothing", &[("accept", "text/html")]);

    assert_eq!((page.status.as_u16(), page.header("content-type")), (404, "text/html; charset=utf-8"), "{page:?}");
    registry.client.get("/console/nothing").problem(404, "not_found");
}
