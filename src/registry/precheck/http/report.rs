//! `GET /v1/prechecks/{id}/report`: a recorded pre-check as one page to print and to file. It is built only from the recording, so that
//! it always says the same. It holds text and an inline style sheet only; every text is escaped.

use std::fmt::Write;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use serde_json::Value;
use serde_json::value::RawValue;

use super::records::MISSING;
use crate::http::blocking::away;
use crate::http::headers::{PRINT_POLICY, PRIVATE};
use crate::http::html::escaped;
use crate::http::listing::id_in_path;
use crate::http::page::{CLOSE_SCROLL, open_scroll};
use crate::http::permission::PrecheckRecord;
use crate::http::{App, Caller, Problem, ProblemCode, Problems};
use crate::precheck::Recording;
use vasp_routing::get;
use vasp_words::ids::{OrganisationId, PrecheckId};

/// Get a recorded pre-check as a page to print.
///
/// One self-contained page in English: what was asked, what was recommended and why, and every check with its evidence.
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
    response.content_type(header::ContentType::html()).insert_header(PRINT_POLICY).insert_header(PRIVATE);
    response.body(page)
}

/// Returns the report of a pre-check of an organisation.
pub(super) fn report(app: &App, organisation: OrganisationId, id: PrecheckId) -> Result<String, Problem> {
    let mut rng = app.random.fork();
    let (record, recording) = crate::precheck::read_recording(&app.registry, organisation, id, (app.clock.now(), &mut rng))?;
    let Some(recording) = recording else {
        let detail = format!("The request and answer of {id} were erased; GET /v1/prechecks lists what is kept.");
        return Err(Problem::new(ProblemCode::NotFound, detail));
    };
    let read = |text: &RawValue| serde_json::from_str::<Value>(text.get()).map_err(Problem::internal);
    let (verdict, evidence) = (read(&recording.verdict)?, read(&recording.evidence)?);
    let explanation = crate::precheck::explain_recorded(&app.registry, organisation, &recording, (&verdict, &evidence))?;
    Ok(page((&record, &recording), (&verdict, &evidence), &explanation))
}

const STYLE: &str = ":root{color-scheme:light dark}body{font:0.95rem/1.45 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;overflow-wrap:break-word}\
    h1{margin-bottom:0}.scroll{overflow-x:auto}.scroll td{min-width:8rem}h2{margin-top:2rem;border-bottom:1px solid #888}table{border-collapse:collapse;width:100%}\
    th,td{border:1px solid #aaa;padding:.3em .5em;text-align:left;vertical-align:top}code,pre{font-family:ui-monospace,monospace;\
    overflow-wrap:anywhere;white-space:pre-wrap}.word{font-size:1.3rem;font-weight:700}tr{break-inside:avoid}\
    @media print{body{margin:0;max-width:none}.scroll{overflow:visible}.scroll td{min-width:0}}";

fn page(
    (record, recording): (&crate::precheck::PrecheckRecord, &Recording),
    (verdict, evidence): (&Value, &Value),
    explanation: &[String],
) -> String {
    let mut page = String::with_capacity(16_384);
    let title = format!("Pre-check {}", record.id);
    let _ = write!(
        page,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{0}</title><style>{STYLE}</style></head><body><main><h1>{0}</h1>",
        escaped(&title)
    );
    let incomplete = if verdict["incomplete"] == true { " (incomplete: facts are missing)" } else { "" };
    let _ = write!(page, "<p class=\"word\">{}{incomplete}</p>", escaped(text(&verdict["recommendation"])));
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
    if !items(&verdict["conditions"]).is_empty() {
        section(&mut page, "Conditions to meet", |page| {
            rows(page, "Conditions", &["code", "detail"], items(&verdict["conditions"]))
        });
    }
    section(&mut page, "The thirteen checks", |page| checks(page, evidence));
    section(&mut page, "Required data", |page| duties(page, &evidence["obligations"]));
    if !items(&evidence["routes"]).is_empty() {
        section(&mut page, "Ways to reach the counterparty", |page| {
            rows(page, "Routes", &["rank", "protocol", "endpoint", "usable", "reason", "detail"], items(&evidence["routes"]));
        });
    }
    section(&mut page, "Request", |page| {
        let asked = serde_json::from_str::<Value>(recording.request.get()).and_then(|asked| serde_json::to_string_pretty(&asked));
        let _ = write!(page, "<pre>{}</pre>", escaped(asked.as_deref().unwrap_or_default()));
    });
    page.push_str("</main></body></html>\n");
    page
}

fn facts(page: &mut String, record: &crate::precheck::PrecheckRecord, recording: &Recording, verdict: &Value) {
    let counterparty = &verdict["counterparty"];
    let who = match counterparty["legal_name"].as_str() {
        Some(name) => format!(
            "{name} ({}, {}, LEI {})",
            text(&counterparty["id"]),
            text(&counterparty["country"]),
            text(&counterparty["lei"])
        ),
        None => "no legal entity was identified".to_owned(),
    };
    let screening = recording.screening.join(", ");
    let lines = [
        ("Counterparty", who),
        ("Checked as of", recording.now.to_string()),
        ("Recorded at", record.recorded_at.to_string()),
        ("Directory", format!("sequence {} of {}", recording.sequence, verdict.pointer("/directory/as_of").map_or("none", text))),
        ("Policy", recording.policy.clone()),
        ("Rulebook", recording.rulebook.clone()),
        ("Jurisdiction lists", recording.lists.clone()),
        ("Screening lists", if screening.is_empty() { "none".to_owned() } else { screening }),
        ("Program", recording.engine.clone()),
        ("SHA-256 of the request", record.request_digest.clone().unwrap_or_default()),
        ("SHA-256 of the verdict", record.verdict_digest.clone().unwrap_or_default()),
        ("SHA-256 of the evidence", record.evidence_digest.clone().unwrap_or_default()),
        ("Receipt", verdict["receipt"].as_str().unwrap_or("none").to_owned()),
    ];
    page.push_str("<table>");
    for (name, value) in lines {
        let _ = write!(page, "<tr><th>{name}</th><td><code>{}</code></td></tr>", escaped(&value));
    }
    page.push_str("</table>");
}

fn checks(page: &mut String, evidence: &Value) {
    open_scroll(page, "The thirteen checks");
    page.push_str("<table><tr><th>check</th><th>outcome</th><th>finding</th><th>evidence</th></tr>");
    for check in items(&evidence["checks"]) {
        let _ = write!(
            page,
            "<tr><td>{}</td><td>{}</td><td><code>{}</code><br>{}</td><td>",
            escaped(text(&check["check"])),
            escaped(text(&check["outcome"])),
            escaped(text(&check["code"])),
            escaped(text(&check["detail"]))
        );
        for one in items(&check["evidence"]) {
            let until = one["valid_until"].as_str().map_or_else(String::new, |until| format!(", until {until}"));
            let _ = write!(
                page,
                "{} <code>{}</code>: {}, {}{}<br>",
                escaped(text(&one["kind"])),
                escaped(one["id"].as_str().unwrap_or_default()),
                escaped(text(&one["source"])),
                escaped(one["observed_at"].as_str().unwrap_or("undated")),
                escaped(&until)
            );
        }
        page.push_str("</td></tr>");
    }
    page.push_str("</table>");
    page.push_str(CLOSE_SCROLL);
}

fn duties(page: &mut String, obligations: &Value) {
    let list = |value: &Value| items(value).iter().map(|code| text(code).to_owned()).collect::<Vec<_>>().join(", ");
    for side in ["originator", "beneficiary"] {
        let duties = &obligations[side];
        let _ = write!(
            page,
            "<p>{side}: {}, rule <code>{}</code>, {}.</p>",
            escaped(text(&duties["jurisdiction"])),
            escaped(text(&duties["rule_version"])),
            escaped(text(&duties["status"]))
        );
    }
    let (required, missing) = (list(&obligations["required_fields"]), list(&obligations["missing_fields"]));
    let or_none = |fields: String| if fields.is_empty() { "none".to_owned() } else { fields };
    let _ = write!(
        page,
        "<p>Required: <code>{}</code>. Missing: <code>{}</code>.</p>",
        escaped(&or_none(required)),
        escaped(&or_none(missing))
    );
}

fn section(page: &mut String, title: &str, body: impl FnOnce(&mut String)) {
    let _ = write!(page, "<h2>{title}</h2>");
    body(page);
}

fn rows(page: &mut String, label: &str, columns: &[&str], items: &[Value]) {
    open_scroll(page, label);
    page.push_str("<table><tr>");
    for column in columns {
        let _ = write!(page, "<th>{column}</th>");
    }
    page.push_str("</tr>");
    for item in items {
        page.push_str("<tr>");
        for column in columns {
            let value = match &item[*column] {
                Value::String(text) => text.clone(),
                Value::Null => String::new(),
                other => other.to_string(),
            };
            let _ = write!(page, "<td>{}</td>", escaped(&value));
        }
        page.push_str("</tr>");
    }
    page.push_str("</table>");
    page.push_str(CLOSE_SCROLL);
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("none")
}
