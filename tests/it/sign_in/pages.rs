//! `/enrol`: an invitation from the link to the recovery codes, by the forms of its pages.

use vasp_clock::Clock;
use vasp_record::role::{OrganisationKind, Role};
use vasp_registry::sign_in::totp_code::TotpSecret;

use super::world::{OTHER_PASSWORD, PASSWORD};
use crate::support::forms::{FORM, OWN_PAGE, encoded, page};
use crate::support::{Answer, Registry, on_every_database};

impl Registry {
    fn send_link(&self, link: &str, password: &str) -> Answer {
        self.send_form("/enrol", &[("link", link), ("password", password), ("again", password)])
    }
}

fn hidden<'a>(page: &'a str, name: &str) -> &'a str {
    let start = format!("type=\"hidden\" name=\"{name}\" value=\"");
    page.split(&start).nth(1).unwrap_or_else(|| panic!("{page}")).split('"').next().unwrap()
}

fn secret(page: &str) -> TotpSecret {
    let text = page.split("type the key: <code>").nth(1).unwrap().split('<').next().unwrap();
    TotpSecret::from_bytes(&data_encoding::BASE32_NOPAD.decode(text.as_bytes()).unwrap()).unwrap()
}

#[on_every_database(Registry::start)]
fn operator_goes_from_the_link_to_recovery_codes(registry: Registry) {
    let invited = registry.invite(OrganisationKind::Operator, &[Role::Admin]);
    let form = registry.client.get("/enrol");
    assert!(page(&form, 200).contains("<form action=\"/enrol\" method=\"post\">"), "{form:?}");

    // As people paste it: the whole link.
    let app = registry.send_link(&format!(" https://registry.example.org/enrol#{} ", invited.link), PASSWORD);

    let text = page(&app, 200);
    assert!(text.contains("<svg class=\"qr\"") && !text.contains("name=\"skip\""), "{text}");
    let (session, url) = (hidden(text, "session"), hidden(text, "app").replace("&amp;", "&"));
    let code = secret(text).code_at(registry.clock.now());
    let wrong = if code == "000000" { "111111" } else { "000000" };
    let again = registry.send_form("/enrol/code", &[("session", session), ("app", &url), ("code", wrong)]);
    assert!(page(&again, 422).contains("wrong or was already used") && again.text.contains("<svg class=\"qr\""), "{again:?}");
    let done = registry.send_form("/enrol/code", &[("session", session), ("app", &url), ("code", &code)]);
    assert_eq!(page(&done, 200).matches("<li><code>").count(), 10, "{done:?}");
    assert_eq!(registry.who(session), 401, "the session ends with the last page");
    let recovery = done.text.split("<li><code>").nth(1).unwrap().split('<').next().unwrap();
    let body = serde_json::json!({"email": invited.email, "password": PASSWORD, "recovery_code": recovery});
    assert_eq!(registry.client.post("/v1/session", &body).status.as_u16(), 201);
    assert_eq!(registry.audited("user.enrol").len(), 1);
}

#[on_every_database(Registry::start)]
fn member_may_go_on_without_an_app_and_come_back_for_it(registry: Registry) {
    let invited = registry.invite(OrganisationKind::Member, &[Role::Editor]);
    let app = registry.send_link(&invited.link, PASSWORD);
    let session = hidden(page(&app, 200), "session").to_owned();

    let done = registry.send_form("/enrol/code", &[("session", &session), ("app", ""), ("skip", "yes")]);

    assert!(page(&done, 200).contains("You are ready") && !done.text.contains("<li><code>"), "{done:?}");
    assert_eq!(registry.who(&session), 401);
    let later = registry.send_form("/enrol/continue", &[("email", &invited.email), ("password", PASSWORD)]);
    let text = page(&later, 200);
    let code = secret(text).code_at(registry.clock.now());
    let url = hidden(text, "app").replace("&amp;", "&");
    let done = registry.send_form("/enrol/code", &[("session", hidden(text, "session")), ("app", &url), ("code", &code)]);
    assert_eq!(page(&done, 200).matches("<li><code>").count(), 10);
    let wrong = registry.send_form("/enrol/continue", &[("email", &invited.email), ("password", OTHER_PASSWORD)]);
    page(&wrong, 401);
}

#[test]
fn operator_cannot_go_on_without_an_app() {
    let registry = Registry::start(crate::support::Database::sqlite());
    let invited = registry.invite(OrganisationKind::Operator, &[Role::Admin]);
    let app = registry.send_link(&invited.link, PASSWORD);
    let session = hidden(page(&app, 200), "session");

    let refused =
        registry.send_form("/enrol/code", &[("session", session), ("app", "otpauth://totp/a?secret=A"), ("skip", "yes")]);

    page(&refused, 422);
}

#[on_every_database(Registry::start)]
fn links_that_do_not_work_say_so_and_weak_passwords_leave_them_whole(registry: Registry) {
    let invited = registry.invite(OrganisationKind::Member, &[Role::Editor]);

    assert!(page(&registry.send_link("https://registry.example.org/enrol", PASSWORD), 422).contains("no invitation link"));
    let unknown = format!("ve_{}", "0".repeat(64));
    assert!(page(&registry.send_link(&unknown, PASSWORD), 410).contains("does not work any more"));
    let weak = registry.send_link(&invited.link, "aaaaaaaaaaaaaaaaaa");
    assert!(page(&weak, 422).contains("id=\"password-fault\"") && weak.text.contains(&invited.link), "{weak:?}");
    let fields = [("link", invited.link.as_str()), ("password", PASSWORD), ("again", OTHER_PASSWORD)];
    assert!(page(&registry.send_form("/enrol", &fields), 422).contains("The two passwords differ."));
    page(&registry.send_link(&invited.link, PASSWORD), 200);
    page(&registry.send_link(&invited.link, PASSWORD), 410);
    let markup = registry.send_link("\"><script>alert(1)</script>", PASSWORD);
    assert!(!page(&markup, 422).contains("<script>"), "{markup:?}");
    page(&registry.send_form("/enrol/code", &[("session", "vs_nothing"), ("app", ""), ("code", "000000")]), 410);
}

#[test]
fn only_its_own_page_may_send_a_form() {
    let registry = Registry::start(crate::support::Database::sqlite());
    let invited = registry.invite(OrganisationKind::Member, &[Role::Editor]);
    let body = encoded(&[("link", &invited.link), ("password", PASSWORD), ("again", PASSWORD)]);

    for other in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "none"),
        ("origin", "https://elsewhere.example"),
        ("origin", "null"),
    ] {
        page(&registry.client.send("POST", "/enrol", &[FORM, other], &body), 403);
    }
    page(&registry.client.send("POST", "/enrol", &[FORM], &body), 403);
    page(&registry.client.send("POST", "/enrol", &[("content-type", "application/json"), OWN_PAGE], "{}"), 415);
    page(&registry.client.send("POST", "/enrol", &[FORM, OWN_PAGE], "link=ve_"), 400);
    let origin = format!("http://{}", registry.address);
    page(&registry.client.send("POST", "/enrol", &[FORM, ("origin", &origin)], &body), 200);
}
