//! The report as a file for an examiner: one page that holds verdict, evidence, request, outcome and the registry's keys, the seal over all
//! of it, and the script that checks it in a browser, without a network. The page is written as a browser would write it again, because the
//! script hashes what the browser read.

use std::sync::LazyLock;

use actix_web::http::header::{self, HeaderName, HeaderValue};
use askama::Template;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::http::page::{STYLE, said_of};
use crate::http::{App, Problem};
use crate::precheck::{Outcome, Recording};
use crate::transparency::{prepare_signing, published_keys};
use vasp_pki::receipt::{PublishedKeys, ReportPage, ReportSeal, canonical_json, in_script, json_digest};
use vasp_record::environment::Environment;
use vasp_record::signing_key::SigningPurpose;
use vasp_words::ids::PrecheckId;

const SCRIPT: &str = include_str!("verifier.js");

/// What the page may do, wherever it is opened: its own style and its own script, and nothing from elsewhere.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(digest(&SHA256, SCRIPT.as_bytes()));
    format!("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
});

#[derive(Template)]
#[template(path = "precheck/http/report/file.html")]
struct File<'a> {
    policy: &'a str,
    id: PrecheckId,
    style: &'a str,
    environment: &'a str,
    issuer: &'a str,
    body: &'a str,
    data: &'a str,
    script: &'a str,
}

/// The header that lets a browser run the page's script and no other.
pub(super) fn policy() -> (HeaderName, HeaderValue) {
    let policy = format!("{}; frame-ancestors 'none'", *POLICY);
    let value = HeaderValue::from_str(&policy).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"));
    (header::CONTENT_SECURITY_POLICY, value)
}

/// Writes text between tags as a browser does: only what must be escaped there is.
///
/// Source: HTML, "Escaping a string".
fn as_browsers_write(body: &str) -> String {
    body.replace("&quot;", "\"").replace("&#39;", "'").replace('\r', "").replace('\u{a0}', "&nbsp;")
}

/// Seals a page.
pub(super) fn sealed(
    app: &App,
    id: PrecheckId,
    environment: Environment,
    recording: &Recording,
    outcome: &Outcome,
    body: &str,
) -> Result<String, Problem> {
    let (now, mut rng) = (app.clock.now(), app.random.fork());
    let signing = prepare_signing(&app.registry, recording.sequence, now, &mut rng)?;
    let request = canonical_json(recording.request.get()).map_err(Problem::internal)?;
    let outcome = serde_json::to_string(outcome).map_err(Problem::internal)?;
    let mut keys = published_keys(app.registry.store())?;
    keys.0.retain(|key| key.purpose == SigningPurpose::Receipt);
    let data = format!(
        "{{\"verdict\":{},\"evidence\":{},\"request\":{request},\"outcome\":{outcome},\"keys\":{}}}",
        recording.verdict.get(),
        recording.evidence.get(),
        PublishedKeys::to_json(&keys)
    );
    let issuer = signing.issuer.to_string();
    let file = File {
        policy: &POLICY,
        id,
        style: STYLE,
        environment: said_of(environment),
        issuer: &issuer,
        body: &as_browsers_write(body),
        data: &in_script(&data),
        script: SCRIPT,
    };
    let page = ReportPage::unsealed(&file.render().map_err(Problem::internal)?);
    let page = page.ok_or_else(|| Problem::internal(std::fmt::Error))?;
    let seal = ReportSeal {
        iss: issuer.clone(),
        environment: environment.said(),
        iat: now.micros().div_euclid(1_000_000),
        precheck_id: id.to_string(),
        outcome_digest: json_digest(&outcome).map_err(Problem::internal)?,
        page_digest: page.digest(),
    };
    Ok(page.with(&signing.sign_report(&seal)?))
}
