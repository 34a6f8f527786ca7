//! `GET /v1/prechecks/{id}/report`: a recorded pre-check as one page to print and to file. It is built only from the recording and from what
//! its outcome says to all. First what was decided and demanded, then what was done, then the facts, and at the end the digests and the
//! receipt; every text is escaped. `file` seals the page, so that it proves itself wherever it is opened.

mod demands;
mod file;
mod transfer;

use std::fmt::Write;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use serde_json::Value;
use serde_json::value::RawValue;

use super::records::MISSING;
use crate::http::blocking::away;
use crate::http::headers::PRIVATE;
use crate::http::html::escaped;
use crate::http::listing::id_in_path;
use crate::http::page::{CLOSE_SCROLL, open_scroll};
use crate::http::permission::PrecheckRecord;
use crate::http::{App, Caller, Problem, Problems};
use crate::precheck::{Outcome, Recording};
use vasp_record::environment::Environment;
use vasp_routing::get;
use vasp_words::ids::{OrganisationId, PrecheckId};

/// Get a recorded pre-check as a page to print.
///
/// One self-contained page in English: what was recommended and why, who demands which condition, what was done, every check with its
/// evidence, and what was asked. The registry seals it: a browser that opens the saved page says whether its text was altered, without a network. A forger
/// can replace the page's own script: `vasp-registry verify answer` checks the file without it.
#[utoipa::path(params(("id" = String, Path, description = "The pre-check's id.")), security(("api_key" = [])), tag = "prechecks", responses((status = 200, description = "A page.", content((String = "text/html"))), Problems))]
#[get("/v1/prechecks/{id}/report")]
pub(crate) async fn get_precheck_report(
    who: Caller<PrecheckRecord>,
    path: Path<String>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let identity = who.known()?;
    let id: PrecheckId = id_in_path(&path, MISSING)?;
    let page = away(move || report(&app, identity.organisation, id)).await??;
    Ok(answered(page))
}

/// Answers with a report.
pub(super) fn answered(page: String) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type(header::ContentType::html()).insert_header(file::policy()).insert_header(PRIVATE);
    response.body(page)
}

/// Returns the report of a pre-check of an organisation.
pub(super) fn report(app: &App, organisation: OrganisationId, id: PrecheckId) -> Result<String, Problem> {
    let mut rng = app.random.fork();
    let (record, recording) = crate::precheck::read_recording(&app.registry, organisation, id, app.clock.now(), &mut rng)?;
    let Some(recording) = recording else { return Err(crate::precheck::erased(id).into()) };
    let read = |text: &RawValue| serde_json::from_str::<Value>(text.get()).map_err(Problem::internal);
    let (verdict, evidence) = (read(&recording.verdict)?, read(&recording.evidence)?);
    let explanation = crate::precheck::explain_recorded(&app.registry, organisation, &recording, &verdict, &evidence)?;
    let outcome = crate::precheck::read_outcome(&app.registry, (organisation, id), None, app.clock.now(), &mut rng)?;
    let body = page(&record, &recording, &verdict, &evidence, &explanation, &outcome);
    let environment =
        verdict.get("environment").and_then(Value::as_str).and_then(Environment::from_text).unwrap_or(Environment::Live);
    file::sealed(app, id, environment, &recording, &outcome, &body)
}

fn page(
    record: &crate::precheck::PrecheckRecord,
    recording: &Recording,
    verdict: &Value,
    evidence: &Value,
    explanation: &[String],
    outcome: &Outcome,
) -> String {
    let mut page = String::with_capacity(16_384);
    let _ = write!(page, "<h1>Pre-check {}</h1>", record.id);
    let incomplete = if verdict["incomplete"] == true { " (incomplete: facts are missing)" } else { "" };
    let word = text(&verdict["recommendation"]);
    let tone = match word {
        "proceed" => "good",
        "reject" => "bad",
        _ => "warn",
    };
    let _ = write!(page, "<p class=\"word {tone}\">{}{incomplete}</p>", escaped(&word.replace('_', " ")));
    if items(&verdict["reasons"]).iter().any(|reason| reason["confidential"] == true) {
        page.push_str("<p><strong>Confidential: for compliance staff only. Nobody may tell the customer why.</strong></p>");
    }
    facts(&mut page, record, recording, verdict);
    section(&mut page, "Why", |page| {
        page.push_str("<ol>");
        for sentence in explanation {
            let _ = write!(page, "<li>{}</li>", escaped(sentence));
        }
        page.push_str("</ol>");
    });
    demands::demands(&mut page, verdict, outcome);
    section(&mut page, "The thirteen checks", |page| checks(page, evidence));
    section(&mut page, "Required data", |page| duties(page, &evidence["obligations"]));
    if !items(&evidence["routes"]).is_empty() {
        section(&mut page, "Ways to reach the counterparty", |page| {
            let columns = ["rank", "protocol", "endpoint", "usable", "reason", "detail"];
            let rows = items(&evidence["routes"]).iter().map(|route| columns.map(|column| plain(&route[column])).to_vec());
            table(page, "Routes", &columns, rows);
        });
    }
    section(&mut page, "Request", |page| {
        let asked = serde_json::from_str::<Value>(recording.request.get()).and_then(|asked| serde_json::to_string_pretty(&asked));
        let _ = write!(page, "<pre>{}</pre>", escaped(asked.as_deref().unwrap_or_default()));
    });
    section(&mut page, "How to verify it", |page| digests(page, record, verdict));
    page
}

fn facts(page: &mut String, record: &crate::precheck::PrecheckRecord, recording: &Recording, verdict: &Value) {
    let counterparty = &verdict["counterparty"];
    let [id, country, lei] = ["id", "country", "lei"].map(|member| text(&counterparty[member]));
    let who = match counterparty["legal_name"].as_str() {
        Some(name) => format!("{name} ({id}, {country}, LEI {lei})"),
        None => "no legal entity was identified".to_owned(),
    };
    let screening = recording.screening.join(", ");
    let mut lines = vec![("Counterparty", who)];
    lines.extend(transfer::lines(verdict, recording.whose));
    lines.extend([
        ("Checked as of", recording.now.to_string()),
        ("Recorded at", record.recorded_at.to_string()),
        ("Kept at least until", format!("{} (law: {} days, {})", record.kept_until, record.floor_days, record.floor_by.words())),
        ("Directory", format!("sequence {} of {}", recording.sequence, verdict.pointer("/directory/as_of").map_or("none", text))),
        ("Policy", recording.policy.clone()),
        ("Rulebook", recording.rulebook.clone()),
        ("Jurisdiction lists", recording.lists.clone()),
        ("Screening lists", if screening.is_empty() { "none".to_owned() } else { screening }),
        ("Program", recording.engine.clone()),
    ]);
    pairs(page, &lines);
}

fn digests(page: &mut String, record: &crate::precheck::PrecheckRecord, verdict: &Value) {
    let lines = [
        ("SHA-256 of the request", record.request_digest.clone().unwrap_or_default()),
        ("SHA-256 of the verdict", record.verdict_digest.clone().unwrap_or_default()),
        ("SHA-256 of the evidence", record.evidence_digest.clone().unwrap_or_default()),
        ("Receipt", verdict["receipt"].as_str().unwrap_or("none").to_owned()),
    ];
    pairs(page, &lines);
}

fn pairs(page: &mut String, lines: &[(&str, String)]) {
    page.push_str("<table class=\"facts\"><tbody>");
    for (name, value) in lines {
        let _ = write!(page, "<tr><th>{name}</th><td><code>{}</code></td></tr>", escaped(value));
    }
    page.push_str("</tbody></table>");
}

fn checks(page: &mut String, evidence: &Value) {
    open_scroll(page, "The thirteen checks");
    page.push_str("<table class=\"list\"><tbody><tr><th>check</th><th>outcome</th><th>finding</th><th>evidence</th></tr>");
    for check in items(&evidence["checks"]) {
        let [name, outcome, code, detail] = ["check", "outcome", "code", "detail"].map(|member| escaped(text(&check[member])));
        let _ = write!(page, "<tr><td>{name}</td><td>{outcome}</td><td><code>{code}</code><br>{detail}</td><td>");
        for one in items(&check["evidence"]) {
            let until = one["valid_until"].as_str().map_or_else(String::new, |until| format!(", until {until}"));
            let [kind, source] = ["kind", "source"].map(|member| escaped(text(&one[member])));
            let id = escaped(one["id"].as_str().unwrap_or_default());
            let observed_at = escaped(one["observed_at"].as_str().unwrap_or("undated"));
            let _ = write!(page, "{kind} <code>{id}</code>: {source}, {observed_at}{}<br>", escaped(&until));
        }
        page.push_str("</td></tr>");
    }
    page.push_str("</tbody></table>");
    page.push_str(CLOSE_SCROLL);
}

fn duties(page: &mut String, obligations: &Value) {
    let list = |value: &Value| items(value).iter().map(|code| text(code).to_owned()).collect::<Vec<_>>().join(", ");
    for side in ["originator", "beneficiary"] {
        let duties = &obligations[side];
        let [jurisdiction, rule, status] =
            ["jurisdiction", "rule_version", "status"].map(|member| escaped(text(&duties[member])));
        let _ = write!(page, "<p>{side}: {jurisdiction}, rule <code>{rule}</code>, {status}.</p>");
    }
    let or_none = |fields: String| if fields.is_empty() { "none".to_owned() } else { fields };
    let [required, missing] = ["required_fields", "missing_fields"].map(|member| or_none(list(&obligations[member])));
    let _ = write!(page, "<p>Required: <code>{}</code>. Missing: <code>{}</code>.</p>", escaped(&required), escaped(&missing));
}

fn section(page: &mut String, title: &str, body: impl FnOnce(&mut String)) {
    let _ = write!(page, "<h2>{title}</h2>");
    body(page);
}

/// Writes a table with a name and columns.
fn table(page: &mut String, label: &str, columns: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    open_scroll(page, label);
    page.push_str("<table class=\"list\"><tbody><tr>");
    for column in columns {
        let _ = write!(page, "<th>{column}</th>");
    }
    page.push_str("</tr>");
    for row in rows {
        page.push_str("<tr>");
        for value in row {
            let _ = write!(page, "<td>{}</td>", escaped(&value));
        }
        page.push_str("</tr>");
    }
    page.push_str("</tbody></table>");
    page.push_str(CLOSE_SCROLL);
}

/// Returns the text of a value; nothing of null.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("none")
}
