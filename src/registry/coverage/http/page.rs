//! `/coverage`: what the directory knows, as a page for people. No script; every text that is not ours is escaped.

use std::fmt::{Display, Write};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;

use super::super::{CountryCoverage, NetworkCoverage, NotFound, countries, networks};
use crate::http::blocking::blocking;
use crate::http::headers::PAGE_POLICY;
use crate::http::html::escaped;
use crate::http::page::{CLOSE_SCROLL, Page, Width, open_scroll};
use crate::http::{App, Caller, Problem, Resolve};
use vasp_routing::get;
use vasp_words::time::{Date, UtcTime};

/// Show what the directory knows, as a page.
///
/// The same counts as `GET /v1/coverage`, for people: by country and by network, with what "not found" means there.
#[get("/coverage")]
pub(crate) async fn get_coverage_page(caller: Caller<Resolve>, app: Data<App>) -> Result<HttpResponse, Problem> {
    let reader = caller.reader();
    let written = blocking(move || {
        let now = app.clock.now();
        let generation = app.registry.pin(now);
        Ok(text(&countries(&generation, now), &networks(&generation, reader), generation.sequence(), now))
    });
    let body = written.await?;
    let page = Page { title: "What this directory knows", side: "", body: &body, width: Width::Wide };
    Ok(page.answer(StatusCode::OK, PAGE_POLICY))
}

fn text(countries: &[CountryCoverage], networks: &[NetworkCoverage], sequence: i64, now: UtcTime) -> String {
    let mut page = format!(
        "<h1>What this directory knows</h1>\
         <p>As of {}, at change {sequence} of its log. Networks are counted after your own right to see their addresses.</p>",
        now.date()
    );
    let columns = [
        "Country of incorporation",
        "Legal entities",
        "verified members",
        "with a licence in force",
        "all licences seen too long ago",
        "with a usable endpoint",
        "only with endpoints that are not proven or not up",
        "with a message key",
        "licences last seen",
    ];
    table(&mut page, "Firms by country", &columns, countries.iter().map(country));
    let (known, unknown): (Vec<_>, Vec<_>) = networks.iter().partition(|network| network.not_found == NotFound::NotAmongKnown);
    let columns =
        ["Network", "Addresses", "proven by their own keys", "Entities that own some", "Brands that own some", "Newest"];
    table(&mut page, "Addresses by network", &columns, known.into_iter().map(network));
    // Writing to a string cannot fail.
    let _ = writeln!(
        page,
        "<h2>What &ldquo;not found&rdquo; means</h2><p>On the networks above: no owner that is known here was seen with that address. It may \
         belong to an owner that is not known here, or be a new address of one that is.</p><p>On {} other networks no address is known: \
         there it means nothing.</p><p>The same as JSON: <a href=\"/v1/coverage\">/v1/coverage</a>. Something is wrong? \
         Anybody may say so: <a href=\"/docs/coverage#challenges\">how to challenge a record</a>.</p>",
        unknown.len()
    );
    page
}

fn country(line: &CountryCoverage) -> Vec<String> {
    let name = line.country.map_or_else(|| "not known".to_owned(), |country| format!("{} ({country})", country.name()));
    let seen = match (line.oldest_seen, line.newest_seen) {
        (Some(oldest), Some(newest)) if oldest != newest => format!("{oldest} to {newest}"),
        (oldest, newest) => or_dash(newest.or(oldest)),
    };
    let counts =
        [line.entities, line.verified, line.licensed, line.licence_stale, line.reachable, line.endpoint_unproven, line.with_key];
    std::iter::once(name).chain(counts.map(|count| count.to_string())).chain([seen]).collect()
}

fn network(line: &NetworkCoverage) -> Vec<String> {
    let newest = or_dash::<Date>(line.newest.map(UtcTime::date));
    let counts = [line.claims.to_string(), line.proven.to_string(), line.entities.to_string(), line.groups.to_string(), newest];
    std::iter::once(line.name.clone()).chain(counts).collect()
}

fn or_dash<T: Display>(value: Option<T>) -> String {
    value.map_or_else(|| "\u{2013}".to_owned(), |value| value.to_string())
}

fn table(page: &mut String, caption: &str, columns: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    open_scroll(page, caption);
    let _ = write!(page, "<table class=\"figures\"><caption>{caption}</caption><thead><tr>");
    for column in columns {
        let _ = write!(page, "<th scope=\"col\">{}</th>", escaped(column));
    }
    page.push_str("</tr></thead><tbody>");
    for row in rows {
        page.push_str("<tr>");
        for (place, cell) in row.iter().enumerate() {
            let _ = match place {
                0 => write!(page, "<th scope=\"row\">{}</th>", escaped(cell)),
                _ => write!(page, "<td>{}</td>", escaped(cell)),
            };
        }
        page.push_str("</tr>");
    }
    page.push_str("</tbody></table>");
    page.push_str(CLOSE_SCROLL);
}
