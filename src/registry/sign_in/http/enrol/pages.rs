//! The pages of an enrolment. All of what a person or a link sent is escaped; nobody may store a page.

use std::fmt::Write;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::qr;
use crate::http::Problem;
use crate::http::form::problem_page;
use crate::http::headers::{FORM_POLICY, LINK_FORM_POLICY, PAGE_POLICY};
use crate::http::html::escaped;
use crate::http::page::{Page, Width};

/// What the first form shows.
#[derive(Debug, Default)]
pub(super) struct Link<'a> {
    /// The link, if it was sent already.
    pub(super) link: &'a str,
    /// What is wrong with it; empty if nothing is.
    pub(super) link_fault: &'a str,
    /// What is wrong with the password; empty if nothing is.
    pub(super) password_fault: &'a str,
}

/// What the page of the app shows.
pub(super) struct App {
    /// The session's token.
    pub(super) session: String,
    /// The app's address, `otpauth:`.
    pub(super) url: String,
    /// Whether the person may do without an app.
    pub(super) may_skip: bool,
}

/// Answers with the form for link and password.
pub(super) fn start(status: StatusCode, shown: &Link<'_>) -> HttpResponse {
    let mut body = String::from(
        "<h1>Your invitation</h1><p>Choose the password with which you will sign in. In the next step you set up an \
        authenticator app.</p>",
    );
    let has_fault = !shown.link_fault.is_empty() || !shown.password_fault.is_empty();
    let title = if has_fault { "Not yet: your invitation" } else { "Your invitation" };
    let (link, link_mark) = fault("link-fault", shown.link_fault);
    let (password, password_mark) = fault("password-fault", shown.password_fault);
    // Writing to a string cannot fail.
    let _ = write!(
        body,
        "<form action=\"/enrol\" method=\"post\">\
         <p><label for=\"link\">Invitation link</label><input id=\"link\" name=\"link\" value=\"{}\" required maxlength=\"2000\" \
         autocomplete=\"off\" spellcheck=\"false\"{link_mark}>{link}<span class=\"soft\">If it is empty, paste the whole link from your \
         invitation.</span></p>\
         <p><label for=\"password\">New password</label><input id=\"password\" name=\"password\" type=\"password\" required \
         maxlength=\"128\" autocomplete=\"new-password\"{password_mark}>{password}<span class=\"soft\">At least 15 characters (operators: 12), \
         not easy to guess. Four or more unrelated words are good.</span></p>\
         <p><label for=\"again\">The same password again</label><input id=\"again\" name=\"again\" type=\"password\" required \
         maxlength=\"128\" autocomplete=\"new-password\"></p>\
         <p><button>Set the password</button></p></form>\
         <details><summary>I have a password already, but no app yet</summary><form action=\"/enrol/continue\" method=\"post\">\
         <p><label for=\"email\">E-mail address</label><input id=\"email\" name=\"email\" type=\"email\" required maxlength=\"255\" \
         autocomplete=\"username\"></p>\
         <p><label for=\"current\">Password</label><input id=\"current\" name=\"password\" type=\"password\" required maxlength=\"128\" \
         autocomplete=\"current-password\"></p><p><button>Set up an app</button></p></form></details>\
         <script src=\"/link.js\" defer></script>",
        escaped(shown.link)
    );
    Page { title, side: "", body: &body, width: Width::Narrow }.answer(status, LINK_FORM_POLICY)
}

/// Returns the words of a fault, and how the field names them.
fn fault(id: &str, words: &str) -> (String, String) {
    if words.is_empty() {
        return Default::default();
    }
    let first = words.chars().next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let rest: String = words.chars().skip(1).collect();
    let end = if words.ends_with('.') { "" } else { "." };
    let shown = format!("<span class=\"fault\" id=\"{id}\" role=\"alert\">{}{}{end}</span>", escaped(&first), escaped(&rest));
    (shown, format!(" aria-invalid=\"true\" aria-describedby=\"{id}\""))
}

/// Answers with the page on which the app is set up.
pub(super) fn app(status: StatusCode, shown: &App, wrong: &str) -> HttpResponse {
    let App { session, url, may_skip } = shown;
    let secret = url.split_once("secret=").and_then(|(_, rest)| rest.split('&').next()).unwrap_or_default();
    let picture = qr::svg(url, "QR code of the key").unwrap_or_default();
    let (fault, mark) = fault("code-fault", wrong);
    let skip = if *may_skip {
        "<p>An app is your choice: without one, signing in takes the password alone.</p>\
         <p><button name=\"skip\" value=\"yes\" formnovalidate>Go on without an app</button></p>"
    } else {
        ""
    };
    let body = format!(
        "<h1>Your authenticator app</h1><p>Your password is set. Now scan this with your app:</p>{picture}\
         <p>Or type the key: <code>{}</code> (time-based, 6 digits, 30 seconds)</p>\
         <form action=\"/enrol/code\" method=\"post\"><input type=\"hidden\" name=\"session\" value=\"{}\">\
         <input type=\"hidden\" name=\"app\" value=\"{}\">\
         <p><label for=\"code\">The code that the app shows now</label><input id=\"code\" name=\"code\" required maxlength=\"10\" \
         inputmode=\"numeric\" autocomplete=\"one-time-code\"{mark}>{fault}</p><p><button>Confirm the code</button></p>{skip}</form>",
        escaped(secret),
        escaped(session),
        escaped(url)
    );
    Page { title: "Your authenticator app", side: "", body: &body, width: Width::Narrow }.answer(status, FORM_POLICY)
}

/// Answers with the last page.
pub(super) fn done(codes: &[String]) -> HttpResponse {
    let mut body = String::from("<h1>You are ready</h1>");
    if !codes.is_empty() {
        body.push_str(
            "<p>Keep these recovery codes where you will find them without your phone. Each replaces the app once. They are shown \
             only now.</p><ul class=\"codes\">",
        );
        for code in codes {
            let _ = write!(body, "<li><code>{}</code></li>", escaped(code));
        }
        body.push_str("</ul>");
    }
    body.push_str(
        "<p>From now on you sign in with your e-mail address, your password and, if you have an app, its code: \
         <a href=\"/docs/signing-in\">how to sign in</a>.</p><p><a href=\"/sign-in\">Sign in now</a></p>\
         <p>To read first: <a href=\"/docs/operator\">for operators</a>, \
         <a href=\"/docs/member\">for members</a>, <a href=\"/docs/gateway\">for gateways</a>.</p>",
    );
    Page { title: "You are ready", side: "", body: &body, width: Width::Narrow }.answer(StatusCode::OK, PAGE_POLICY)
}

/// Answers that a link, or the session after it, does not work any more.
pub(super) fn gone(words: &str) -> HttpResponse {
    let body = format!(
        "<h1>This does not work any more</h1><p>{}</p><p>If you set the password already, <a href=\"/enrol\">go on with it</a>, or \
         <a href=\"/sign-in\">sign in</a>.</p>",
        escaped(words)
    );
    Page { title: "This does not work any more", side: "", body: &body, width: Width::Narrow }
        .answer(StatusCode::GONE, PAGE_POLICY)
}

/// Answers with a problem in words. Call it once only: it logs the cause.
pub(super) fn problem(problem: &Problem) -> HttpResponse {
    problem_page(problem, "/enrol", "Back to the invitation")
}
