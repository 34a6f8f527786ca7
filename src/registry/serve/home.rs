//! `/`: the first page for people. What this is, what it knows and since when, and where to go. Figures and sources are shown only if they
//! are public, and counted as a reader without credentials may count them.

use std::fmt::Write;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use vasp_routing::get;

use crate::console::{Api, find};
use crate::coverage::{CountryCoverage, NetworkCoverage, NotFound, countries, networks};
use crate::directory::Generation;
use crate::http::blocking::blocking;
use crate::http::caller::Paid;
use crate::http::headers::FORM_POLICY;
use crate::http::html::escaped;
use crate::http::page::{CLOSE_SCROLL, Frame, Page, Width, open_scroll, said_of};
use crate::http::{App, Problem, Query};
use crate::imports::{SourceAge, list_sources};
use vasp_record::claim::Reader;
use vasp_words::time::UtcTime;

const WHAT: &str = "<h1>VASP registry</h1><p>This is a directory of the firms behind crypto addresses, for the Travel Rule. Before a \
    transfer goes out, the sender&rsquo;s gateway asks who owns the destination, whether it may deal with that firm on this date, how it \
    reaches the firm, and which data must travel. Every part of an answer has its source and its day, and missing information never counts \
    as a pass.</p>";

const DOORS: &str = "<h2>Where to go</h2><ul class=\"cards\">\
    <li><h3><a href=\"/docs/gateway\">For gateways</a></h3>You ask before you send: from the first key to daily operation.</li>\
    <li><h3><a href=\"/docs/member\">For members</a></h3>Your firm is listed: keep its record, prove domains and addresses.</li>\
    <li><h3><a href=\"/docs/operator\">For operators</a></h3>You run a registry: install, import, decide cases, back up.</li>\
    <li><h3><a href=\"/docs/api\">API reference</a></h3>Every operation with its parameters, bodies and answers.</li>\
    <li><h3><a href=\"/docs/\">All pages</a></h3>References on every topic, and how to check a receipt yourself.</li>\
    <li><h3><a href=\"/console/today\">The console</a></h3>Sign in: today's work, your record, questions.</li>\
    <li><h3><a href=\"/enrol\">Invited?</a></h3>Set your password and authenticator app with your invitation link.</li></ul>";

const CHALLENGE: &str = "<h2>Is something wrong?</h2><p>Anybody may say that a published field of a record is wrong, without an account: \
    <a href=\"/docs/coverage#challenges\">how to challenge a record</a>.</p>";

const NOT_PUBLIC: &str = "<h2>What it knows</h2><p>This registry answers questions about firms and addresses only with credentials. \
    Its operator gives them out. So this page shows no figures.</p>";

/// Show the first page.
///
/// For people: what the registry is, how much it knows and how old its sources are, and where to go. Figures are shown only if reading is
/// open to everybody.
#[get("/")]
pub(crate) async fn get_home(
    _paid: Paid,
    request: HttpRequest,
    asked: Query<Asked>,
    app: Data<App>,
    api: Data<Api>,
) -> Result<HttpResponse, Problem> {
    let environment = said_of(app.registry.environment());
    let found = if app.public_read { find(&request, &api, asked.0.q.trim()).await } else { String::new() };
    let written = blocking(move || {
        let now = app.clock.now();
        let known = app.public_read.then(|| known(&app.registry.pin(now), now));
        Ok([WHAT, &found, known.as_deref().unwrap_or(NOT_PUBLIC), DOORS, CHALLENGE].concat())
    });
    let body = written.await?;
    let page = Page { title: "VASP registry", side: "", body: &body, width: Width::Text };
    Ok(page.answer_in(&Frame { environment, ..Frame::default() }, StatusCode::OK, FORM_POLICY))
}

/// What somebody looks for.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
}

fn known(generation: &Generation, now: UtcTime) -> String {
    let mut body = String::from("<h2>What it knows</h2><ul class=\"cards\">");
    for (count, of) in figures(&countries(generation, now), &networks(generation, Reader::Public)) {
        // Writing to a string cannot fail.
        let _ = write!(body, "<li><b>{}</b>{of}</li>", grouped(count));
    }
    let _ = write!(
        body,
        "</ul><p>As of {}, at change {} of its log. <a href=\"/coverage\">Coverage</a> shows this by country and by network, and what \
         &ldquo;not found&rdquo; means there.</p><h2>Sources and their age</h2>",
        now.date(),
        generation.sequence()
    );
    sources(&mut body, &list_sources(generation, now.date()));
    body
}

fn figures(countries: &[CountryCoverage], networks: &[NetworkCoverage]) -> [(usize, &'static str); 6] {
    let sum = |of: fn(&CountryCoverage) -> usize| countries.iter().map(of).sum();
    let known = || networks.iter().filter(|network| network.not_found == NotFound::NotAmongKnown);
    [
        (sum(|line| line.entities), "legal entities"),
        (sum(|line| line.licensed), "with a licence in force"),
        (sum(|line| line.verified), "members whose identity was verified"),
        (sum(|line| line.reachable), "with a usable Travel Rule endpoint"),
        (known().map(|network| usize::try_from(network.claims).unwrap_or(usize::MAX)).sum(), "addresses with a known owner"),
        (known().count(), "networks with such addresses"),
    ]
}

fn sources(body: &mut String, sources: &[SourceAge]) {
    if sources.is_empty() {
        body.push_str("<p>Nothing was imported yet.</p>");
        return;
    }
    open_scroll(body, "Sources and their age");
    body.push_str(
        "<table class=\"figures\"><thead><tr><th scope=\"col\">Source</th><th scope=\"col\" class=\"text\">Kind</th>\
         <th scope=\"col\">Known up to</th><th scope=\"col\">Age in days</th><th scope=\"col\">Limit</th></tr></thead><tbody>",
    );
    for source in sources {
        let limit = source.limit_days.map_or_else(|| "none".to_owned(), |days| days.to_string());
        let stale = match (source.is_past_limit(), source.is_noted()) {
            (true, _) => ", too old",
            (_, true) => ", old",
            _ => "",
        };
        let _ = write!(
            body,
            "<tr><th scope=\"row\">{}</th><td class=\"text\">{}</td><td>{}</td><td>{}{stale}</td><td>{limit}</td></tr>",
            escaped(&source.id),
            source.kind.as_str().replace('_', " "),
            source.known_through,
            source.age_days
        );
    }
    body.push_str("</tbody></table>");
    body.push_str(CLOSE_SCROLL);
    body.push_str("<p class=\"soft\">A source that is older than its limit confirms nothing any more. Of one that is old, answers say so.</p>");
}

/// Writes a number with commas between its thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let parts: Vec<String> = digits.as_bytes().rchunks(3).rev().map(|part| String::from_utf8_lossy(part).into_owned()).collect();
    parts.join(",")
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([0, 999, 1_000, 174_003, 12_345_678].map(grouped), ["0", "999", "1,000", "174,003", "12,345,678"]);
    }
}
