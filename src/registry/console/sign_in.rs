//! Signing in and out at the console: password and code, the second factor that a session lacks, an account at an OpenID provider. Each
//! step is the API's; this keeps the session's token in a cookie that no script can read and no other site can make a browser send.

use actix_web::http::StatusCode;
use actix_web::http::header::SET_COOKIE;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use rand_core::RngCore;
use serde::Deserialize;
use serde_json::{Value, json};

use super::api::{Api, Call, Refused, Sender};
use super::cookies::Cookies;
use super::field::{Field, Kind, body_of};
use super::form::Form;
use super::operation::Operation;
use super::send::{Sent, field};
use super::sheet::{Cell, Part, Sheet, Table};
use super::shown::{list, quoted, text};
use super::top::environment;
use super::visit::{Desk, SIGN_IN, Shown, TODAY, Visit, elsewhere, form_token, holder};
use crate::http::caller::Paid;
use crate::http::headers::FORM_POLICY;
use crate::http::page::{Frame, Page, Width};
use crate::http::permission::OwnSession;
use crate::http::{App, Query};
use crate::sign_in::http::enrol::qr;
use vasp_routing::{get, post};

/// Where somebody wanted to go before signing in.
#[derive(Deserialize)]
pub(crate) struct Next {
    next: Option<String>,
}

/// What a provider sends a person back with.
#[derive(Deserialize)]
pub(crate) struct Returned {
    code: Option<String>,
    state: Option<String>,
}

/// What a sign-in page works with, before there is a session.
struct Door {
    request: HttpRequest,
    app: Data<App>,
    api: Data<Api>,
    cookies: Cookies,
    /// The secret of the cookie that ties a form to this browser.
    secret: String,
}

impl Door {
    fn of(request: HttpRequest, app: Data<App>, api: Data<Api>) -> Self {
        let cookies = Cookies::of(&request, &app);
        let kept = cookies.read(&request, "form").filter(|secret| secret.len() == 32);
        let secret = kept.unwrap_or_else(|| {
            let mut bytes = [0_u8; 16];
            app.random.lock().fill_bytes(&mut bytes);
            hex::encode(bytes)
        });
        Self { request, app, api, cookies, secret }
    }

    async fn call(&self, call: Call<'_>) -> Result<super::api::Answered, Refused> {
        self.api.call(&Sender::of(&self.request, None), call).await
    }

    /// Answers with a page for somebody who is not signed in.
    fn answer(&self, sheet: &Sheet, status: StatusCode) -> HttpResponse {
        let body = sheet.html(&form_token(&self.secret));
        let frame = Frame { environment: environment(&self.app), ..Frame::default() };
        let page = Page { title: &sheet.title, side: "", body: &body, width: Width::Narrow };
        let mut response = page.answer_in(&frame, status, FORM_POLICY);
        response.headers_mut().append(SET_COOKIE, self.cookies.set("form", &self.secret, "Strict", None));
        response
    }

    /// Returns what was sent, if it came from this browser's own page.
    fn admit(&self, sent: Sent) -> Result<Vec<(String, String)>, Box<HttpResponse>> {
        let sent = sent.0.map_err(|problem| Box::new(self.sorry(problem.words(), problem.code().status())))?;
        let own = self.cookies.read(&self.request, "form").is_some_and(|secret| form_token(&secret) == field(&sent, "token"));
        let foreign = "The form did not come from this browser's own page. Open the page again, and allow its cookies.";
        if own { Ok(sent) } else { Err(Box::new(self.sorry(foreign, 403))) }
    }

    fn sorry(&self, words: &str, status: u16) -> HttpResponse {
        let mut sheet = Sheet::new("Not signed in");
        sheet.say(super::form::sentence(words));
        let mut links = Table::default();
        links.row([Cell::link("Back to signing in", SIGN_IN)]);
        sheet.table(links);
        self.answer(&sheet, StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST))
    }

    /// Returns the page on which people sign in, with its form first.
    async fn start(&self, next: &str) -> Sheet {
        let mut sheet = Sheet::new("Sign in");
        let document = self.api.document;
        if let Some(operation) = Operation::find(document(), "create_session") {
            let form = Form::of(&operation, "sign-in", &[]).keep(&["/email", "/password", "/totp", "/recovery_code"]);
            let form = form.button("Sign in").label("/email", "E-mail address");
            let form = form
                .label("/totp", "Code of your authenticator app")
                .hint("/totp", "Leave it empty if you have no app. Each code works once: after one was used, wait for the next.");
            let form = form
                .label("/recovery_code", "Or a recovery code")
                .hint("/recovery_code", "Only if you do not have your app with you.");
            sheet.form(Some(form.with(Field::asked("next", "", Kind::Hidden, next))));
        }
        let providers = self.call(Call::get("/v1/session/oidc")).await.map(|answered| answered.body).unwrap_or_default();
        for provider in list(&providers, "/items") {
            let name = text(provider, "/name");
            if let Some(operation) = Operation::find(document(), "start_oidc") {
                let form = Form::of(&operation, &format!("at-{name}"), &[]).keep(&[]).button(&format!("Sign in at {name}"));
                sheet.form(Some(form.with(Field::asked("provider", "", Kind::Hidden, &name))));
            }
        }
        if self.cookies.is_plain {
            sheet.say("This connection is plain HTTP, which is allowed on this machine only. Elsewhere the console needs HTTPS.");
        }
        let mut links = Table::default();
        links.row([Cell::link("I am signed in already: go on", next)]);
        links.row([Cell::link("I have an invitation", "/enrol")]);
        sheet.table(links);
        sheet
    }

    /// Answers that somebody is signed in.
    fn begun(&self, session: &Value, next: &str) -> HttpResponse {
        let mut response = elsewhere(next);
        self.keep(&mut response, session);
        response
    }

    fn keep(&self, response: &mut HttpResponse, session: &Value) {
        let cookie = self.cookies.set("session", &text(session, "/secret"), "Strict", None);
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// Returns a page of the console to which somebody may be led; today's page if it is no such place. A URL has only printable ASCII, and no
/// backslash.
///
/// Source: RFC 3986, section 2.
fn place(next: &str) -> &str {
    let is_of_url = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    if next.starts_with("/console/") && next.bytes().all(is_of_url) { next } else { TODAY }
}

/// Show the page on which people sign in.
#[get("/sign-in")]
pub(crate) async fn get_sign_in(
    _paid: Paid,
    request: HttpRequest,
    next: Query<Next>,
    app: Data<App>,
    api: Data<Api>,
) -> HttpResponse {
    let next = place(next.0.next.as_deref().unwrap_or_default()).to_owned();
    if holder(&request, &app, app.clock.now()).is_some() {
        return elsewhere(&next);
    }
    let door = Door::of(request, app, api);
    let sheet = door.start(&next).await;
    door.answer(&sheet, StatusCode::OK)
}

/// Sign in with a password, or go to a provider.
#[post("/sign-in")]
pub(crate) async fn submit_sign_in(
    _paid: Paid,
    request: HttpRequest,
    app: Data<App>,
    api: Data<Api>,
    sent: Sent,
) -> HttpResponse {
    let door = Door::of(request, app, api);
    let sent = match door.admit(sent) {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    if field(&sent, "do") != "sign-in" {
        return to_provider(&door, field(&sent, "provider")).await;
    }
    let next = place(field(&sent, "next")).to_owned();
    let mut sheet = door.start(&next).await;
    let Some(form) = sheet.forms_mut().find(|form| form.id == "sign-in") else {
        return door.sorry("There is no such form.", 500);
    };
    form.fill_in(&sent);
    let asked: Vec<Field> = form.fields.iter().filter(|field| field.name.starts_with('/')).cloned().collect();
    match door.call(Call::post("/v1/session", &body_of(&asked))).await {
        Ok(answered) => door.begun(&answered.body, &next),
        Err(refused) => {
            form.refuse(&refused);
            for field in form.fields.iter_mut().filter(|field| field.name != "/email") {
                if field.name.starts_with('/') {
                    field.value.clear();
                }
            }
            door.answer(&sheet, refused.status)
        }
    }
}

async fn to_provider(door: &Door, provider: &str) -> HttpResponse {
    match door.call(Call::post(&format!("/v1/session/oidc/{}/start", quoted(provider)), &json!({}))).await {
        Ok(answered) => {
            let mut sheet = Sheet::new("Go on at the provider");
            sheet.say(format!("You sign in at {provider} now, within ten minutes, and come back here."));
            let mut links = Table::default();
            links.row([Cell::link(format!("Go on at {provider}"), text(&answered.body, "/url"))]);
            sheet.table(links);
            let mut response = door.answer(&sheet, StatusCode::OK);
            // A provider leads back from another site, so this cookie is Lax. It is good for one sign-in, for ten minutes.
            let cookie = door.cookies.set("state", &text(&answered.body, "/state"), "Lax", Some(600));
            response.headers_mut().append(SET_COOKIE, cookie);
            response
        }
        Err(refused) => door.sorry(&text(&refused.problem, "/detail"), refused.status.as_u16()),
    }
}

/// Come back from a provider.
#[get("/sign-in/{provider}")]
pub(crate) async fn return_from_provider(
    _paid: Paid,
    request: HttpRequest,
    provider: Path<String>,
    came: Query<Returned>,
    app: Data<App>,
    api: Data<Api>,
) -> HttpResponse {
    let door = Door::of(request, app, api);
    let kept = door.cookies.read(&door.request, "state");
    let (Some(code), Some(state)) = (&came.0.code, &came.0.state) else {
        return door.sorry("The provider did not sign you in.", 400);
    };
    if kept.as_ref() != Some(state) {
        return door.sorry("This sign-in was not begun in this browser, or more than ten minutes ago.", 400);
    }
    let sent = json!({"code": code, "state": state});
    let finished = door.call(Call::post(&format!("/v1/session/oidc/{}/finish", quoted(&provider)), &sent)).await;
    let mut response = match finished {
        Ok(answered) => {
            let mut sheet = Sheet::new("You are signed in");
            let mut links = Table::default();
            links.row([Cell::link("Go on", TODAY)]);
            sheet.table(links);
            let mut response = door.answer(&sheet, StatusCode::OK);
            door.keep(&mut response, &answered.body);
            response
        }
        Err(refused) => door.sorry(&text(&refused.problem, "/detail"), refused.status.as_u16()),
    };
    response.headers_mut().append(SET_COOKIE, door.cookies.set("state", "", "Lax", None));
    response
}

/// Sign out: the session ends, and the cookie goes.
#[post("/console/sign-out")]
pub(crate) async fn submit_sign_out(visit: Visit<OwnSession>, request: HttpRequest, app: Data<App>, sent: Sent) -> HttpResponse {
    let cookies = Cookies::of(&request, &app);
    let mut response = visit.end(sent).await;
    if response.status() == StatusCode::SEE_OTHER {
        response.headers_mut().append(SET_COOKIE, cookies.set("session", "", "Strict", None));
    }
    response
}

/// The page on which somebody gives the second factor that the session lacks, or sets up an app.
async fn second_factor(desk: &Desk) -> Shown {
    let missing = text(desk.session(), "/missing_second_factor");
    if missing.is_empty() {
        return Err(super::visit::Stop::Elsewhere(TODAY.to_owned()));
    }
    let mut sheet = Sheet::new("Your second factor");
    if missing == "code" {
        let form = desk.form("give_second_factor", &[]).map(|form| {
            let form = form
                .keep(&["/totp", "/recovery_code"])
                .button("Go on")
                .label("/totp", "Code of your authenticator app")
                .label("/recovery_code", "Or a recovery code");
            form.then(TODAY)
        });
        sheet.form(form);
        return Ok(sheet);
    }
    sheet.say("Your organisation asks for an authenticator app. First give your password again; then scan the key.");
    let start = desk.form("start_totp", &[]);
    sheet.form(
        start.map(|form| form.keep(&["/password"]).button("Show the key").shows(&[("", "/url")]).followed_by("confirm_totp")),
    );
    sheet.form(desk.form("confirm_totp", &[]).map(first_code));
    Ok(sheet)
}

/// The form for the first code of a new app.
pub(super) fn first_code(form: Form) -> Form {
    let form = form
        .label("/code", "The code that the app shows now")
        .button("Confirm the code")
        .shows(&[("Recovery code", "/recovery_codes")]);
    form.folded("I have scanned the key")
}

/// Show the page of the second factor.
#[get("/console/second-factor")]
pub(crate) async fn get_second_factor(visit: Visit<OwnSession>) -> HttpResponse {
    visit.show(second_factor).await
}

/// Give a second factor, or set up an app.
#[post("/console/second-factor")]
pub(crate) async fn submit_second_factor(visit: Visit<OwnSession>, sent: Sent) -> HttpResponse {
    visit.act(sent, second_factor).await
}

/// Returns the parts that show the key of a new app, and take its first code.
pub(super) fn key_of_app(sheet: &mut Sheet, url: &str) {
    let secret = url.split_once("secret=").and_then(|(_, rest)| rest.split('&').next()).unwrap_or_default();
    if let Some(picture) = qr::svg(url, "QR code of the key") {
        sheet.parts.push(Part::Picture(picture, "Scan this with your app.".to_owned()));
    }
    sheet.copy("Or type the key (time-based, 6 digits, 30 seconds)", secret);
}
