//! Sending a form. The page is made anew first, and the form must still be on it: so nobody sends what the page does not offer. If a row on
//! which the page's actions depend has changed since the person looked, nothing is sent; the page comes again and marks what is new. A
//! refusal comes back on the page, with what the person wrote.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use serde_json::Value;

use super::api::{Answered, Call, Refused};
use super::field::{Kind, body_of};
use super::form::{Form, sentence};
use super::sheet::{Notice, Part, Sheet, Table};
use super::shown::{quoted, text};
use super::visit::{Desk, IN_EFFECT, Shown, WAITS, elsewhere};
use crate::http::Problem;
use crate::http::form::Form as HttpForm;

/// The fields of a form as a browser sent them, or why they are refused.
pub(crate) type Sent = HttpForm<Vec<(String, String)>>;

/// Returns a field that was sent.
pub(super) fn field<'a>(sent: &'a [(String, String)], name: &str) -> &'a str {
    sent.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value.as_str())
}

const STALE: &str =
    "This changed after you opened the page, so nothing was sent. What is new is marked. Look at it, then press again.";
const FOREIGN: &str = "The form did not come from this session's page. Open the page again and send it from there.";
const GONE: &str = "The page does not offer this any more: somebody was faster, or you may not do it now. Nothing was sent.";

impl Desk {
    /// Sends a form of the page.
    pub(super) async fn send(&self, sent: Sent, page: impl AsyncFn(&Desk) -> Shown) -> HttpResponse {
        let sent = match sent.0 {
            Ok(sent) => sent,
            Err(problem) => return self.refuse_form(&problem),
        };
        let fresh = page(self).await;
        let mut sheet = match fresh {
            Ok(sheet) => sheet,
            Err(stop) => return self.stop(stop),
        };
        self.name(&mut sheet).await;
        if field(&sent, "token") != self.token {
            return self.again(sheet, StatusCode::FORBIDDEN, "bad", "Not sent.", FOREIGN);
        }
        let lines = sheet.lines().join(".");
        if lines != field(&sent, "seen") {
            sheet.mark_fresh(field(&sent, "seen"));
            if let Some(form) = sheet.forms_mut().find(|form| form.id == field(&sent, "do")) {
                form.fill_in(&sent);
                // The browser shows the form, and not the top of the page.
                STALE.clone_into(&mut form.refusal);
            }
            return self.again(sheet, StatusCode::CONFLICT, "warn", "Not sent.", STALE);
        }
        let Some(form) = sheet.forms_mut().find(|form| form.id == field(&sent, "do")) else {
            return self.again(sheet, StatusCode::CONFLICT, "warn", "Not sent.", GONE);
        };
        form.fill_in(&sent);
        match self.order(form, &sent).await {
            Ok(answered) if is_shown_once(form, &answered.body) => self.show_once(sheet, field(&sent, "do"), &answered.body),
            Ok(answered) => self.done(form, &answered),
            Err(refused) => {
                form.refuse(&refused);
                if refused.leaves_open() {
                    // Sent again with the same key, it is done once.
                    field(&sent, "once").clone_into(&mut form.once);
                }
                let notice = not_sent(form, &refused);
                sheet.parts.insert(0, Part::Notice(notice));
                name_forms(&mut sheet, field(&sent, "do"));
                self.answer(&mut sheet, refused.status)
            }
        }
    }

    async fn order(&self, form: &Form, sent: &[(String, String)]) -> Result<Answered, Refused> {
        if let Some(member) = form.each {
            return self.order_each(form, member, field(sent, "once")).await;
        }
        let version = form.version.is_some().then(|| field(sent, "version"));
        let (path, body) = match form.raw {
            Some((media, name)) => (query_of(form), Some((media, Bytes::from(field(sent, name).to_owned())))),
            None => (form.path.clone(), self.json_of(form)),
        };
        let once = Some(field(sent, "once")).filter(|once| !once.is_empty());
        self.call(Call { method: form.method, path: &path, body, once, version }).await
    }

    /// Sends the operation once for each field that is ticked.
    async fn order_each(&self, form: &Form, member: &str, once: &str) -> Result<Answered, Refused> {
        let ticked =
            form.fields.iter().filter(|field| field.value == "true").filter_map(|field| field.name.strip_prefix("tick:"));
        let mut last = None;
        for (number, value) in ticked.enumerate() {
            let mut body = body_of(&form.fields);
            if let Some(members) = body.as_object_mut() {
                members.insert(member.trim_start_matches('/').to_owned(), Value::String(value.to_owned()));
            }
            let call = Call { once: Some(&format!("{once}-{number}")), ..Call::post(&form.path, &body) };
            last = Some(self.call(call).await?);
        }
        last.ok_or_else(|| {
            let problem = serde_json::json!({"detail": "Tick at least one line: only what you looked at.", "errors": []});
            Refused { status: StatusCode::UNPROCESSABLE_ENTITY, problem }
        })
    }

    fn json_of(&self, form: &Form) -> Option<(&'static str, Bytes)> {
        let body = body_of(&form.fields);
        let is_empty = body.as_object().is_some_and(serde_json::Map::is_empty);
        (!is_empty || form.takes_body).then(|| ("application/json", Bytes::from(body.to_string())))
    }

    /// Leads on after a form was sent.
    fn done(&self, form: &Form, answered: &Answered) -> HttpResponse {
        let then = if form.then.is_empty() { self.place.clone() } else { filled(&form.then, &answered.body) };
        let mark = if then.contains('?') { '&' } else { '?' };
        let done = match (form.operation.id().starts_with("propose_"), text(&answered.body, "/state").as_str()) {
            (true, "pending") => WAITS,
            (true, "approved") => IN_EFFECT,
            _ => form.operation.id(),
        };
        // A browser would keep the fragment of the form, and what was done is said at the top.
        elsewhere(&format!("{then}{mark}done={done}#top"))
    }

    fn again(&self, mut sheet: Sheet, status: StatusCode, tone: &'static str, title: &str, words: &str) -> HttpResponse {
        sheet
            .parts
            .insert(0, Part::Notice(Notice { tone, title: title.to_owned(), text: words.to_owned(), form: String::new() }));
        self.answer(&mut sheet, status)
    }

    fn refuse_form(&self, problem: &Problem) -> HttpResponse {
        let status = StatusCode::from_u16(problem.code().status()).unwrap_or(StatusCode::BAD_REQUEST);
        let mut sheet = Sheet::new(problem.code().title());
        sheet.say(problem.words().to_owned());
        self.answer(&mut sheet, status)
    }
}

/// Says at the top of a page which of its forms was refused, and why.
fn not_sent(form: &Form, refused: &Refused) -> Notice {
    let name = form.name();
    let of_field = text(&refused.problem, "/errors/0/detail");
    let words = if of_field.is_empty() { text(&refused.problem, "/detail") } else { of_field };
    Notice { tone: "bad", title: format!("Not sent: {name}:"), text: sentence(&words), form: form.id.clone() }
}

/// Says beside a refusal that names a route which form of the page sends it: people press buttons, only programs send to routes.
fn name_forms(sheet: &mut Sheet, refused: &str) {
    let others = sheet.forms_mut().filter(|form| form.id != refused);
    let ways: Vec<([String; 2], String)> = others.map(|form| (form.routes(), form.name().to_owned())).collect();
    let Some(form) = sheet.forms_mut().find(|form| form.id == refused) else { return };
    for said in form.fields.iter_mut().map(|field| &mut field.fault).chain([&mut form.refusal]) {
        if let Some((_, name)) = ways.iter().find(|(routes, _)| routes.iter().any(|route| names(said, route))) {
            said.push_str(&format!(" On this page: {name}."));
        }
    }
}

/// Returns whether a text names a route, and not one below it.
fn names(text: &str, route: &str) -> bool {
    text.split(route)
        .skip(1)
        .any(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || ['/', '-', '_'].contains(&next)))
}

/// Returns the path of an operation whose parameters are in its query.
fn query_of(form: &Form) -> String {
    let fields = form
        .fields
        .iter()
        .filter(|field| field.kind != Kind::File && Some(field.name.as_str()) != form.raw.map(|(_, name)| name));
    let pairs = fields
        .filter(|field| !field.value.trim().is_empty())
        .map(|field| format!("{}={}", field.name, quoted(field.value.trim())));
    let query = pairs.collect::<Vec<_>>().join("&");
    if query.is_empty() { form.path.clone() } else { format!("{}?{query}", form.path) }
}

/// Fills members of an answer into an address.
fn filled(place: &str, answer: &Value) -> String {
    let mut filled = String::new();
    let mut rest = place;
    while let Some((before, after)) = rest.split_once('{') {
        let (pointer, end) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(before);
        filled.push_str(&quoted(&text(answer, pointer)));
        rest = end;
    }
    filled + rest
}

/// Returns whether an answer has what is shown only once.
fn is_shown_once(form: &Form, answer: &Value) -> bool {
    form.shows.iter().any(|(_, pointer)| answer.pointer(pointer).is_some_and(|value| !value.is_null()))
}

impl Desk {
    /// Answers with what is shown only once, and the form that follows it.
    fn show_once(&self, sheet: Sheet, id: &str, answer: &Value) -> HttpResponse {
        let forms = sheet.parts.into_iter().filter_map(|part| if let Part::Form(form) = part { Some(form) } else { None });
        let (mut form, mut others) = (None, Vec::new());
        for one in forms {
            if one.id == id { form = Some(one) } else { others.push(one) }
        }
        let Some(form) = form else { return elsewhere(&self.place) };
        let mut once = Sheet::new(form.button.clone());
        once.notice("warn", "Shown only now.", "Copy what you need before you leave this page.");
        for (label, pointer) in form.shows {
            match answer.pointer(pointer) {
                Some(Value::String(url)) if url.starts_with("otpauth:") => super::sign_in::key_of_app(&mut once, url),
                Some(Value::String(secret)) if !form.opens.is_empty() => {
                    once.copy(label, format!("{}{}{secret}", self.origin, form.opens));
                }
                Some(Value::Array(items)) if items.iter().any(Value::is_object) => once.table(Table::of_objects(label, items)),
                Some(Value::Array(items)) => items.iter().for_each(|item| once.copy(label, super::shown::plain(item))),
                Some(value) if !value.is_null() => once.copy(label, super::shown::plain(value)),
                _ => {}
            }
        }
        let follow = others.into_iter().find(|other| Some(other.id.as_str()) == form.follow);
        once.form(follow.map(|follow| {
            let known = form.shows.iter().map(|(_, pointer)| (*pointer, text(answer, pointer)));
            known.fold(follow.unfolded(), |follow, (pointer, value)| follow.suggest(pointer, &value))
        }));
        let mut links = Table::default();
        links.row([super::sheet::Cell::link("Back to the page", &self.place)]);
        once.table(links);
        self.answer(&mut once, StatusCode::OK)
    }
}
