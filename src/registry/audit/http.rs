//! `/v1/audit`: who did something, or tried to. The chain itself is exported as JSON lines, page by page, so
//! that others can recompute it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{Bytes, Data};
use futures_core::Stream;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{AuditExport, AuditQuestion, AuditRow, begin_audit_export, list_audit, list_own_audit};
use crate::http::blocking::blocking;
use crate::http::headers::PRIVATE;
use crate::http::listing::{Whose, page, pages};
use crate::http::paging::{Cursor, Limit};
use crate::http::permission::{OperatorAdmin, OwnAdmin};
use crate::http::write::Answer;
use crate::http::{App, Caller, Problem, Problems, Query};
use vasp_log::audit::AuditOutcome;
use vasp_routing::get;
use vasp_words::sql::Json;
use vasp_words::time::UtcTime;

/// Selects events.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// For operators: the id of the organisation to which the events belong, or `all`. Your own organisation if left out.
    #[param(value_type = Option<String>)]
    organisation: Option<Whose>,
    /// Id of the user who acted.
    actor: Option<String>,
    /// The action, such as `role_grant.approve`; for refused requests, method and route.
    action: Option<String>,
    /// Id of the subject.
    subject: Option<String>,
    /// `refused` or `done`.
    #[param(example = "refused")]
    outcome: Option<String>,
    /// At or after this time.
    since: Option<UtcTime>,
    /// Before this time.
    until: Option<UtcTime>,
    /// Maximum number of items on the page; 50 if left out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// The `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<i64>>,
}

/// An event of the audit chain.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEvent)]
pub(crate) struct AuditEventView {
    /// Position in the chain, from 1 without gaps. In a list of your own events, there are gaps.
    number: i64,
    at: UtcTime,
    /// Id of the organisation to which the event belongs; null for the registry itself.
    organisation: Option<String>,
    /// Id of the user who acted; null for the registry itself and for the command line. It is also null for callers who are not operators,
    /// if a user of another organisation acted.
    actor: Option<String>,
    /// The session, API key or client certificate that was used.
    credential: Option<String>,
    #[schema(example = "role_grant.approve")]
    action: String,
    subject: Option<String>,
    /// `refused` or `done`.
    #[schema(value_type = String, example = "done")]
    outcome: AuditOutcome,
    /// Details; null if they were erased.
    #[schema(value_type = Option<Object>)]
    details: Option<Json<Value>>,
}

pages! {
    /// A page of events, newest first.
    AuditEventListView as AuditEventList of AuditEventView;
}

impl From<AuditRow> for AuditEventView {
    fn from(row: AuditRow) -> Self {
        let AuditRow { number, at, organisation, actor, credential, action, subject, outcome, payload: details, .. } = row;
        Self { number, at, organisation, actor, credential, action, subject, outcome, details }
    }
}

fn part(cursor: Option<Cursor<i64>>, limit: Option<Limit>) -> (i64, usize) {
    (cursor.map_or(i64::MAX, |cursor| cursor.0), Limit::or_default(limit))
}

/// List audit events, newest first.
///
/// The events of your organisation contain what the registry's own people did to it, without naming them. Operators see the events of
/// other organisations as the chain has them: private ones are sealed.
#[utoipa::path(tag = "people", params(AuditQuery), responses((status = 200, description = "A page of events.", body = AuditEventListView), Problems))]
#[get("/v1/audit")]
pub(crate) async fn list_audit_events(
    who: Caller<OwnAdmin>,
    query: Query<AuditQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, AuditQuery { organisation, actor, action, subject, outcome, since, until, limit, cursor }) =
        (who.known()?, query.0);
    let (whose, part) = (Whose::of(organisation, &identity)?, part(cursor, limit));
    let of_others = organisation.is_some().then(|| whose.map(|one| one.to_string()));
    let question = AuditQuestion { organisation: of_others.clone().flatten(), actor, action, subject, outcome, since, until };
    let found = blocking(move || match of_others {
        Some(_) => list_audit(&app.registry, question, part),
        None => list_own_audit(&app.registry, &identity, question, part),
    });
    Ok(page::<_, AuditEventView>(found.await?))
}

/// Export the audit chain.
///
/// The answer has JSON lines in the order of the chain, with hashes and commitments. With them, `vasp-registry verify audit` recomputes the
/// chain without the registry. The last line names the chain's end. If you filter, lines are left out, and the last line says so.
#[utoipa::path(
    tag = "operator",
    params(AuditQuestion),
    responses((status = 200, description = "JSON lines.", body = String, content_type = "application/jsonl"), Problems)
)]
#[get("/v1/audit/export")]
pub(crate) async fn export_audit(
    _who: Caller<OperatorAdmin>,
    query: Query<AuditQuestion>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let question = query.0;
    let registry = app.clone();
    let export = blocking(move || begin_audit_export(&registry.registry, question)).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/jsonl"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"audit.jsonl\""))
        .insert_header(PRIVATE)
        .streaming(Lines { app, export: Some(export), reading: None }))
}

type Reading = Pin<Box<dyn Future<Output = Result<(AuditExport, Option<String>), Problem>>>>;

/// The lines of an export, read while they are sent: only one page is in memory.
struct Lines {
    app: Data<App>,
    export: Option<AuditExport>,
    reading: Option<Reading>,
}

impl Stream for Lines {
    type Item = Result<Bytes, Problem>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(mut export) = self.export.take() {
            let app = self.app.clone();
            self.reading = Some(Box::pin(blocking(move || {
                let lines = export.next_lines(&app.registry)?;
                Ok((export, lines))
            })));
        }
        let Some(reading) = self.reading.as_mut() else { return Poll::Ready(None) };
        match reading.as_mut().poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(read) => {
                self.reading = None;
                match read {
                    Ok((export, Some(lines))) => {
                        self.export = Some(export);
                        Poll::Ready(Some(Ok(Bytes::from(lines))))
                    }
                    Ok((_, None)) => Poll::Ready(None),
                    // The connection ends before its last chunk, so nobody takes the part for the whole.
                    Err(problem) => Poll::Ready(Some(Err(problem))),
                }
            }
        }
    }
}
