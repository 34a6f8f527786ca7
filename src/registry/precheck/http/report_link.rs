//! `POST /v1/prechecks/{id}/report-link` makes a link that opens the report once, and `/report` is the page that the link opens. The
//! report is shown only after the reader presses a button: programs that check mails open links too, and would use this one up.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::records::MISSING;
use super::report::{answered, report};
use crate::acts::Reply;
use crate::http::blocking::away;
use crate::http::caller::Paid;
use crate::http::form::{Form, problem_page, secret_of};
use crate::http::headers::{LINK_FORM_POLICY, PAGE_POLICY};
use crate::http::html::escaped;
use crate::http::listing::id_in_path;
use crate::http::page::{Page, Width};
use crate::http::permission::PrecheckRecord;
use crate::http::write::{Answer, Bare, act, reply};
use crate::http::{App, Caller, Problem, ProblemCode, Problems};
use crate::precheck::{ReportLink, create_report_link, end_report_links, find_report_link, use_report_link};
use crate::sign_in::SignIn;
use vasp_routing::{delete, get, post};
use vasp_words::ids::PrecheckId;
use vasp_words::time::UtcTime;

/// A link that opens the report of a pre-check once.
#[derive(Serialize, ToSchema)]
#[schema(as = ReportLink)]
pub(crate) struct ReportLinkView {
    /// The link. Anyone who has it can read the report, without an account. Only this answer shows it: a repeated request with the same
    /// `Idempotency-Key` gets null.
    #[schema(
        value_type = Option<String>,
        example = "https://registry.example.org/report#vp_0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"
    )]
    secret: String,
    /// When it stops working.
    expires_at: UtcTime,
    /// Whether the link was shown before.
    secret_already_shown: bool,
}

/// The links that were ended.
#[derive(Serialize, ToSchema)]
#[schema(as = EndedReportLinks)]
pub(crate) struct EndedReportLinksView {
    /// How many links were ended.
    ended: usize,
}

/// The link that a person opens.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportForm {
    /// The link, or the part of it after the `#`.
    link: String,
}

/// Create a link that opens the report of a pre-check once.
///
/// Give it to somebody without an account, such as an auditor. It works once, for 72 hours, and only while the user who made it is active and
/// the API key or client certificate that made it is valid. If a session made it, it ends when the user's password changes.
/// At most 100 links of your organisation can be open. Your audit chain says when it was made and opened.
#[utoipa::path(params(("id" = String, Path, description = "The pre-check's id.")), security(("api_key" = [])), tag = "prechecks", responses((status = 201, description = "The link.", body = ReportLinkView), Problems))]
#[post("/v1/prechecks/{id}/report-link")]
pub(crate) async fn create_precheck_report_link(
    who: Caller<PrecheckRecord>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<PrecheckId>(&path, MISSING)?);
    let public_url = app.registry.part::<SignIn>().public_url.as_str().to_owned();
    let made = move |link: &ReportLink| -> Reply {
        let view = ReportLinkView { secret: link.url(&public_url), expires_at: link.expires_at, secret_already_shown: false };
        reply(StatusCode::CREATED, None, view)
    };
    act(&app, identity, sent.once, made, move |act| create_report_link(act, id)).await
}

/// End the links to the report of a pre-check.
///
/// Links that nobody has opened yet no longer work.
#[utoipa::path(params(("id" = String, Path, description = "The pre-check's id.")), security(("api_key" = [])), tag = "prechecks", responses((status = 200, description = "They are ended.", body = EndedReportLinksView), Problems))]
#[delete("/v1/prechecks/{id}/report-link")]
pub(crate) async fn delete_precheck_report_links(
    who: Caller<PrecheckRecord>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<PrecheckId>(&path, MISSING)?);
    let ended = |ended: &usize| reply(StatusCode::OK, None, EndedReportLinksView { ended: *ended });
    act(&app, identity, sent.once, ended, move |act| end_report_links(act, id)).await
}

/// Show the form of a link to a report.
///
/// The browser sends the secret after the link's `#` only with the form.
#[get("/report")]
pub(crate) async fn get_report_page(_paid: Paid) -> HttpResponse {
    start(StatusCode::OK, "")
}

/// Open the report of a link.
///
/// The link does not work again, so print or save the report.
#[post("/report")]
pub(crate) async fn redeem_report_link(_paid: Paid, app: Data<App>, form: Form<ReportForm>) -> HttpResponse {
    let problem = |problem: &Problem| problem_page(problem, "/report", "Back to the link");
    let link = match form.0 {
        Ok(sent) => sent.link,
        Err(refused) => return problem(&refused),
    };
    let secret = secret_of(&link).to_owned();
    if !secret.starts_with("vp_") {
        return start(StatusCode::UNPROCESSABLE_ENTITY, "This is no link to a report: it has no part that begins with vp_.");
    }
    let opened = away(move || opened(&app, &secret)).await;
    match opened.unwrap_or_else(Err) {
        Ok(page) => answered(page),
        Err(refused) if refused.code() == ProblemCode::NotFound => gone(refused.words()),
        Err(refused) => problem(&refused),
    }
}

/// Returns the report of a link, and uses the link up. If the report cannot be made, the link stays.
fn opened(app: &App, secret: &str) -> Result<String, Problem> {
    const ERASED: &str = "The report was erased. Ask the person who sent you the link.";
    let link = find_report_link(&app.registry, secret, app.clock.now())?;
    // The reader has no account, so the routes that the API's problem names are of no use.
    let page = report(app, link.organisation, link.precheck).map_err(|problem| match problem.code() {
        ProblemCode::NotFound => Problem::new(ProblemCode::NotFound, ERASED),
        _ => problem,
    })?;
    use_report_link(&app.registry, &link, app.clock.now(), &mut app.random.fork())?;
    Ok(page)
}

fn start(status: StatusCode, fault: &str) -> HttpResponse {
    let (title, fault, mark) = match fault {
        "" => ("A report for you", String::new(), ""),
        words => (
            "Check the link: a report for you",
            format!("<span class=\"fault\" id=\"link-fault\" role=\"alert\">{}</span>", escaped(words)),
            " aria-invalid=\"true\" aria-describedby=\"link-fault\"",
        ),
    };
    let body = format!(
        "<h1>A report for you</h1><p>Somebody sent you a link to the report of a pre-check: who the other side of a transfer is, and what \
         was recommended. The link works once. Print or save the report when you have it.</p>\
         <form action=\"/report\" method=\"post\"><p><label for=\"link\">Link</label><input id=\"link\" name=\"link\" required \
         maxlength=\"2000\" autocomplete=\"off\" spellcheck=\"false\"{mark}>{fault}<span class=\"soft\">If it is empty, paste the whole \
         link.</span></p><p><button>Show the report</button></p></form><script src=\"/link.js\" defer></script>"
    );
    Page { title, side: "", body: &body, width: Width::Narrow }.answer(status, LINK_FORM_POLICY)
}

fn gone(words: &str) -> HttpResponse {
    let body = format!("<h1>This does not work any more</h1><p>{}</p>", escaped(words));
    let page = Page { title: "This does not work any more", side: "", body: &body, width: Width::Narrow };
    page.answer(StatusCode::GONE, PAGE_POLICY)
}
