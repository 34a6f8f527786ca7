//! A visit of a page: the session that the browser's cookie holds, and whether its holder has the page's permission. A page gets a `Desk`,
//! through which it reads the API on the holder's behalf.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::pin::Pin;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev};
use rand_core::RngCore;
use serde_json::Value;

use super::api::{Answered, Api, Call, Refused, Sender};
use super::cookies::{Cookies, origin};
use super::form::{Form, sentence};
use super::operation::Operation;
use super::send::Sent;
use super::sheet::{Notice, Part, Sheet, short_digest};
use super::shown::{list, past, quoted, text};
use super::top;
use crate::acts::{Identity, authenticate};
use crate::http::App;
use crate::http::caller::{charge_address, check};
use crate::http::permission::Permission;
use vasp_record::role::OrganisationKind;
use vasp_words::ids::CredentialId;
use vasp_words::time::UtcTime;

/// Where people sign in, and where they give the second factor.
pub(super) const SIGN_IN: &str = "/sign-in";
pub(super) const SECOND_FACTOR: &str = "/console/second-factor";
/// What a page's link says of a proposal that waits for a second person, and of one that needed none.
pub(super) const WAITS: &str = "proposed";
pub(super) const IN_EFFECT: &str = "in_effect";
/// The first page after signing in.
pub(super) const TODAY: &str = "/console/today";

/// A visit by somebody with permission `P`, or the answer to somebody without it.
pub(crate) struct Visit<P> {
    desk: Result<Desk, HttpResponse>,
    permission: PhantomData<P>,
}

#[cfg(feature = "describe")]
impl<P> crate::http::described::Describes for Visit<P> {}

/// What a page works with.
pub(super) struct Desk {
    pub(super) app: Data<App>,
    api: Data<Api>,
    pub(super) sender: Sender,
    pub(super) identity: Identity,
    /// What forms of this session carry, so that no other page can send them.
    pub(super) token: String,
    pub(super) now: UtcTime,
    /// The page's own address, without its query.
    pub(super) place: String,
    /// Where people reach this registry, for links: scheme and host.
    pub(super) origin: String,
    parts: BTreeMap<String, String>,
    query: BTreeMap<String, String>,
    session: Value,
    /// Documents that the page read already.
    read: RefCell<BTreeMap<String, Answered>>,
}

/// Why a page is not shown.
pub(super) enum Stop {
    Refused(Refused),
    /// The page is elsewhere.
    Elsewhere(String),
}

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

/// What a page's function returns.
pub(super) type Shown = Result<Sheet, Stop>;

/// Returns the token that forms of a session carry.
pub(super) fn form_token(secret: &str) -> String {
    short_digest(&format!("console form {secret}"), 32)
}

/// Returns an answer that leads to another page by a request of its own.
pub(super) fn elsewhere(place: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, place)).insert_header(crate::http::PRIVATE).finish()
}

/// Who the session of a request belongs to, if there is one.
pub(super) fn holder(request: &HttpRequest, app: &App, now: UtcTime) -> Option<(String, Identity)> {
    let token = Cookies::of(request, app).read(request, "session")?;
    let claimed = authenticate(&app.registry, &format!("Bearer {token}"), now).ok()?;
    let identity = claimed.over(&app.registry, None, now).ok()?;
    matches!(identity.credential, CredentialId::Session(_)).then_some((token, identity))
}

impl<P: Permission> FromRequest for Visit<P> {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, _payload: &mut dev::Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (Some(app), Some(api)) = (request.app_data::<Data<App>>(), request.app_data::<Data<Api>>()) else {
                return Err(crate::http::Problem::internal("the server has no console").into());
            };
            let desk = match holder(&request, app, app.clock.now()) {
                Some((token, identity)) => admit::<P>(&request, app, api, &token, identity).await,
                None => {
                    // Guessing sessions is as slow as asking publicly.
                    charge_address(app, &request, NonZeroU32::MIN)?;
                    let next = request.uri().path_and_query().map_or("", |place| place.as_str());
                    Err(elsewhere(&format!("{SIGN_IN}?next={}", quoted(next))))
                }
            };
            Ok(Self { desk, permission: PhantomData })
        })
    }
}

async fn admit<P: Permission>(
    request: &HttpRequest,
    app: &Data<App>,
    api: &Data<Api>,
    token: &str,
    identity: Identity,
) -> Result<Desk, HttpResponse> {
    let gives_factor = P::SESSION && P::WAYS.is_empty();
    if identity.is_limited() && !gives_factor {
        return Err(elsewhere(SECOND_FACTOR));
    }
    let permitted = check::<P>(&identity);
    let sender = Sender::of(request, Some(token));
    let session = api.call(&sender, Call::get("/v1/session")).await.map(|answered| answered.body).unwrap_or_default();
    let query = serde_urlencoded::from_str::<Vec<(String, String)>>(request.query_string()).unwrap_or_default();
    let parts = request.match_info().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let desk = Desk {
        app: app.clone(),
        api: api.clone(),
        sender,
        identity,
        token: form_token(token),
        now: app.clock.now(),
        place: request.path().to_owned(),
        origin: origin(request, app),
        parts,
        query: query.into_iter().collect(),
        session,
        read: RefCell::default(),
    };
    match permitted {
        Ok(()) => Ok(desk),
        Err(problem) => Err(desk.answer(&mut refusal("This page is not for you", problem.words()), StatusCode::FORBIDDEN)),
    }
}

fn refusal(title: &str, words: &str) -> Sheet {
    let mut sheet = Sheet::new(title);
    sheet.say(sentence(words));
    sheet
}

impl<P> Visit<P> {
    /// Shows a page.
    pub(super) async fn show(self, page: impl AsyncFn(&Desk) -> Shown) -> HttpResponse {
        let desk = match self.desk {
            Ok(desk) => desk,
            Err(answer) => return answer,
        };
        match page(&desk).await {
            Ok(mut sheet) => {
                desk.name(&mut sheet).await;
                if let Some(done) = desk.done_before() {
                    sheet.parts.insert(0, Part::Notice(done));
                }
                desk.answer(&mut sheet, StatusCode::OK)
            }
            Err(stop) => desk.stop(stop),
        }
    }

    /// Hands on the page that an operation answers with; as a file to keep if the query says so.
    pub(super) async fn hand_on(self, path: impl FnOnce(&Desk) -> String, file: impl FnOnce(&Desk) -> String) -> HttpResponse {
        let desk = match self.desk {
            Ok(desk) => desk,
            Err(answer) => return answer,
        };
        let path = path(&desk);
        match desk.api.answer(&desk.sender, Call::get(&path)).await {
            Ok(mut answer) if answer.status().is_success() => {
                let name = format!("attachment; filename=\"{}\"", file(&desk));
                if let Some(value) = desk.asked("save").and_then(|_| HeaderValue::from_str(&name).ok()) {
                    answer.headers_mut().insert(header::CONTENT_DISPOSITION, value);
                }
                answer
            }
            // In the words of the operation.
            Ok(_) => match desk.call(Call::get(&path)).await {
                Ok(_) => elsewhere(&desk.place),
                Err(refused) => desk.stop(Stop::Refused(refused)),
            },
            Err(refused) => desk.stop(Stop::Refused(refused)),
        }
    }

    /// Sends a form of a page.
    pub(super) async fn act(self, sent: Sent, page: impl AsyncFn(&Desk) -> Shown) -> HttpResponse {
        match self.desk {
            Ok(desk) => desk.send(sent, page).await,
            Err(answer) => answer,
        }
    }
}

impl<P> Visit<P> {
    /// Ends the session, for a form that its own page sent.
    pub(super) async fn end(self, sent: Sent) -> HttpResponse {
        let desk = match self.desk {
            Ok(desk) => desk,
            Err(answer) => return answer,
        };
        let own = sent.0.is_ok_and(|sent| super::send::field(&sent, "token") == desk.token);
        if !own {
            return desk.answer(
                &mut refusal("Not signed out", "The form did not come from this session's page."),
                StatusCode::FORBIDDEN,
            );
        }
        let call = Call { method: "delete", path: "/v1/session", body: None, once: None, version: None };
        match desk.call(call).await {
            Ok(_) => elsewhere(SIGN_IN),
            Err(refused) => desk.stop(Stop::Refused(refused)),
        }
    }
}

impl Desk {
    /// Returns what was done before the page, which the link names by the operation or by what came of it: a link has no words of its own.
    fn done_before(&self) -> Option<Notice> {
        let (title, said) = match self.asked("done")? {
            WAITS => ("Proposed:", "it waits for a second person.".to_owned()),
            IN_EFFECT => ("Done:", "it has its effect already.".to_owned()),
            id => ("Done:", past(self.operation(id).filter(|operation| operation.method != "get")?.summary())),
        };
        Some(Notice { tone: "good", title: title.to_owned(), text: said, form: String::new() })
    }

    /// Reads what an operation answers; what the page read already is not asked again.
    pub(super) async fn read(&self, path: &str) -> Result<Answered, Refused> {
        if let Some(known) = self.read.borrow().get(path) {
            return Ok(known.clone());
        }
        let answered = self.api.call(&self.sender, Call::get(path)).await?;
        self.read.borrow_mut().insert(path.to_owned(), answered.clone());
        Ok(answered)
    }

    /// Reads what an operation answers; null if there is nothing that this person may see.
    pub(super) async fn read_if_any(&self, path: &str) -> Result<Value, Refused> {
        match self.read(path).await {
            Ok(answered) => Ok(answered.body),
            Err(refused) if refused.is_absent() => Ok(Value::Null),
            Err(refused) => Err(refused),
        }
    }

    /// Reads all items of a list; none if the person may not see it. `path` has a query.
    pub(super) async fn read_all(&self, path: &str) -> Result<Vec<Value>, Refused> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let found = self.read_if_any(&format!("{path}{cursor}")).await?;
            items.extend_from_slice(list(&found, "/items"));
            match text(&found, "/next_cursor") {
                next if next.is_empty() => return Ok(items),
                next => cursor = format!("&cursor={}", quoted(&next)),
            }
        }
    }

    /// Asks an operation that only answers, and records nothing that a repetition would change.
    pub(super) async fn call(&self, call: Call<'_>) -> Result<Answered, Refused> {
        self.api.call(&self.sender, call).await
    }

    /// Returns a part of the page's path.
    pub(super) fn part(&self, name: &str) -> &str {
        self.parts.get(name).map_or("", String::as_str)
    }

    /// Returns a parameter of the page's query; `None` if it is absent or empty.
    pub(super) fn asked(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Returns a query for an operation from parameters of the page's own.
    pub(super) fn query_of(&self, names: &[&str]) -> String {
        let pair = |name: &&str| self.asked(name).map(|value| format!("{name}={}", quoted(value)));
        names.iter().filter_map(pair).collect::<Vec<_>>().join("&")
    }

    /// Returns the address of the next page of a list, if its answer names one.
    pub(super) fn next(&self, answer: &Value, names: &[&str]) -> Option<String> {
        self.next_by("cursor", answer, names)
    }

    /// Returns the same for a further list of a page, whose cursor has a name of its own.
    pub(super) fn next_by(&self, name: &str, answer: &Value, names: &[&str]) -> Option<String> {
        let cursor = text(answer, "/next_cursor");
        let query = self.query_of(names);
        let mark = if query.is_empty() { "" } else { "&" };
        (!cursor.is_empty()).then(|| format!("{}?{query}{mark}{name}={}", self.place, quoted(&cursor)))
    }

    /// Returns the cursor of such a list, as the end of an operation's query; empty at the beginning of the list.
    pub(super) fn cursor_by(&self, name: &str) -> String {
        self.asked(name).map(|cursor| format!("&cursor={}", quoted(cursor))).unwrap_or_default()
    }

    pub(super) fn operation(&self, id: &str) -> Option<Operation> {
        Operation::find((self.api.document)(), id)
    }

    /// Returns the words that a member of answers may have, by the name of its schema.
    pub(super) fn words_of(&self, schema: &str) -> Vec<&'static str> {
        let place = format!("/components/schemas/{schema}/enum");
        (self.api.document)().pointer(&place).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Returns whether the person may use an operation.
    pub(super) fn may(&self, id: &str) -> bool {
        self.operation(id).is_some_and(|operation| operation.lets_in(&self.identity))
    }

    /// Returns the form of an operation; `None` if the person may not use it.
    pub(super) fn form(&self, id: &str, parts: &[(&str, &str)]) -> Option<Form> {
        let operation = self.operation(id).filter(|operation| operation.lets_in(&self.identity))?;
        Some(Form::of(&operation, id, parts))
    }

    pub(super) fn is(&self, kind: OrganisationKind) -> bool {
        self.identity.kind == kind
    }

    /// Returns the id of the organisation's own VASP, also of one that is not verified yet; empty if it has none.
    pub(super) async fn own_vasp(&self) -> Result<String, Refused> {
        match self.identity.vasp {
            Some(id) => Ok(id.to_string()),
            None if self.may("list_claims") => Ok(text(&self.read_if_any("/v1/vasps/mine/draft").await?, "/id")),
            None => Ok(String::new()),
        }
    }

    pub(super) fn session(&self) -> &Value {
        &self.session
    }

    pub(super) fn user(&self) -> String {
        self.identity.user.to_string()
    }

    /// Answers with a page.
    pub(super) fn answer(&self, sheet: &mut Sheet, status: StatusCode) -> HttpResponse {
        for form in sheet.forms_mut().filter(|form| form.once.is_empty()) {
            let mut bytes = [0_u8; 16];
            self.app.random.lock().fill_bytes(&mut bytes);
            form.once = hex::encode(bytes);
        }
        top::answer(&top::Top::of(self), sheet, status)
    }

    /// Answers instead of a page that cannot be shown.
    pub(super) fn stop(&self, stop: Stop) -> HttpResponse {
        match stop {
            Stop::Elsewhere(place) => elsewhere(&place),
            Stop::Refused(refused) if refused.status == StatusCode::UNAUTHORIZED => elsewhere(SIGN_IN),
            Stop::Refused(refused) => {
                let words = text(&refused.problem, "/errors/0/detail");
                let detail = if words.is_empty() { text(&refused.problem, "/detail") } else { words };
                self.answer(&mut refusal(&text(&refused.problem, "/title"), &detail), refused.status)
            }
        }
    }
}
