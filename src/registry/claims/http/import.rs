//! `/v1/claims/import`: many addresses at once, as CSV or JSON lines. Another thread reads the rows while the bytes arrive, so
//! memory holds the rows but never the whole file.

use std::io::{self, Read};
use std::pin::Pin;
use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Bytes, Data, Payload};
use actix_web::{HttpMessage, HttpRequest, rt};
use aws_lc_rs::digest::{Context, SHA256};
use futures_core::Stream;
use serde::Deserialize;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use utoipa::IntoParams;

use super::MemberImportView;
use crate::acts::Asker;
use crate::claims::{MemberImport, PART_ROWS, RowForm, import_own_claims, read_rows};
use crate::http::caller::charge_further;
use crate::http::permission::MemberEdit;
use crate::http::write::{Answer, KeyHeader, act, act_at_length, reply};
use crate::http::{App, Caller, Limits, Problem, ProblemCode, Problems, Query};
use crate::node::{Fault, ServiceError};
use vasp_record::claim::Visibility;
use vasp_routing::post;
use vasp_words::ids::OrganisationId;

/// A file may take this many times as long as another body, because it is that much larger.
const TIMES_AS_LONG: u32 = 6;

/// Maximum number of parts of the body that wait for the reader.
const WAITING: usize = 4;

/// Number of rows that cost one token of the organisation's rate, as one question does. Ours: an import of the most rows then costs less
/// than the smallest burst holds.
const ROWS_OF_ONE_TOKEN: usize = 200;

/// Who may see the claims.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportQuery {
    /// Who may see the claims; `gateways` if left out. A claim that you already have with another visibility is renewed only if you say it.
    visibility: Option<Visibility>,
    /// Ids of the organisations that may see the claims, separated by commas. Only for `named`.
    named: Option<String>,
}

/// Claim many addresses for your VASP.
///
/// Send CSV (`text/csv`; commas, semicolons or tabs) with the columns network, address, memo, role and expires_at, or one JSON object per
/// line (`application/jsonl`) with the same members. The maximum is 100,000 rows; 200 rows cost one token of your rate. A wrong row does not
/// affect the others: all valid rows form one batch. A claim that you already have stays as it is; a claim with another role or end
/// replaces it.
///
/// More than 1,000 rows take effect in parts of 1,000, in order. If the request ends early, the finished parts stay: send the same request
/// with the same `Idempotency-Key` again, and it continues. An organisation has one such import at a time. While it runs, the same request
/// and further imports of more than 1,000 rows get 409 `in_progress`; its `detail` says how many rows are stored.
#[utoipa::path(tag = "member", params(ImportQuery), request_body(content((String = "text/csv"), (String = "application/jsonl"))), responses((status = 200, description = "What each row came to, in order.", body = MemberImportView), Problems))]
#[post("/v1/claims/import")]
pub(crate) async fn import_claims(
    who: Caller<MemberEdit>,
    request: HttpRequest,
    key: KeyHeader,
    query: Query<ImportQuery>,
    payload: Payload,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let form = form_of(&request)?;
    let visibility = query.0.visibility;
    let named = named(query.0.named.as_deref())?;
    let (sender, receiver) = channel(WAITING);
    let chunks = Chunks { receiver, held: Bytes::new() };
    let reading = web::block(move || read_rows(chunks, form));
    let digest = forward(&request, payload, sender, app.limits).await;
    let rows = reading.await.map_err(Problem::internal)?;
    // If the body broke off, that error is the cause.
    let digest = digest?;
    let (rows, once) = (rows?, key.over(|| digest)?);
    // The request itself has cost one token.
    let tokens = rows.count().div_ceil(ROWS_OF_ONE_TOKEN).saturating_sub(1);
    charge_further(&app, Some(Asker::Organisation(identity.organisation)), u32::try_from(tokens).unwrap_or(u32::MAX))?;
    let rows_of_one_write = rows.count() <= PART_ROWS;
    let terms = app.limits.claim_terms;
    let render = |report: &MemberImport| reply(StatusCode::OK, None, MemberImportView::from(report));
    let service = move |act: crate::acts::Act<'_, _>| import_own_claims(act, rows, visibility, &named, &terms);
    // A few rows take no longer than one claim.
    match rows_of_one_write {
        true => act(&app, identity, once, render, service).await,
        false => act_at_length(&app, identity, once, render, service).await,
    }
}

fn form_of(request: &HttpRequest) -> Result<RowForm, Problem> {
    let accepted = "text/csv, application/jsonl";
    let refused = |detail| Problem::new(ProblemCode::UnsupportedMediaType, detail).with_header(header::ACCEPT, accepted);
    if request.headers().get(header::CONTENT_ENCODING).is_some_and(|value| value != "identity") {
        return Err(refused("The body is compressed; send it uncompressed, without Content-Encoding."));
    }
    match request.content_type().to_ascii_lowercase().as_str() {
        "text/csv" => Ok(RowForm::Csv),
        "application/jsonl" | "application/x-ndjson" => Ok(RowForm::JsonLines),
        _ => Err(refused("Send the rows as text/csv or application/jsonl.")),
    }
}

fn named(text: Option<&str>) -> Result<Vec<OrganisationId>, Problem> {
    let ids = text.into_iter().flat_map(|text| text.split(',')).map(str::trim).filter(|id| !id.is_empty());
    let wrong = |error: vasp_words::ids::IdError| {
        let fault = Fault { pointer: "?named".to_owned(), code: "invalid_value", detail: error.to_string() };
        Problem::from(ServiceError::Invalid(fault))
    };
    ids.map(|id| id.parse().map_err(wrong)).collect()
}

/// Passes the body on as it arrives, within its limits. Returns the digest of the body and of the query.
async fn forward(
    request: &HttpRequest,
    mut payload: Payload,
    sender: Sender<Bytes>,
    limits: Limits,
) -> Result<[u8; 32], Problem> {
    let time = limits.body_time.saturating_mul(TIMES_AS_LONG);
    let forwarded = rt::time::timeout(time, async {
        let mut digest = Context::new(&SHA256);
        digest.update(request.query_string().as_bytes());
        digest.update(b"\n");
        let mut length = 0_usize;
        while let Some(chunk) = std::future::poll_fn(|context| Pin::new(&mut payload).poll_next(context)).await {
            let chunk = chunk.map_err(|cause| {
                let detail = format!("The body is incomplete or is not valid HTTP ({cause}).");
                Problem::new(ProblemCode::MalformedRequest, detail).with_header(header::CONNECTION, "close")
            })?;
            length = length.saturating_add(chunk.len());
            if length > limits.import_bytes {
                let detail = format!("The file is larger than {} bytes.", limits.import_bytes);
                return Err(Problem::new(ProblemCode::PayloadTooLarge, detail).with_header(header::CONNECTION, "close"));
            }
            digest.update(&chunk);
            if sender.send(chunk).await.is_err() {
                // The reader has stopped and reports why.
                break;
            }
        }
        let mut whole = [0; 32];
        whole.copy_from_slice(digest.finish().as_ref());
        Ok(whole)
    });
    forwarded.await.unwrap_or_else(|_| Err(too_late(time)))
}

fn too_late(time: Duration) -> Problem {
    let detail = format!("The file did not arrive within {} seconds.", time.as_secs());
    Problem::new(ProblemCode::RequestTimeout, detail).with_header(header::CONNECTION, "close")
}

/// Lets a reader on another thread read the body.
struct Chunks {
    receiver: Receiver<Bytes>,
    held: Bytes,
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.held.is_empty() {
            match self.receiver.blocking_recv() {
                Some(chunk) => self.held = chunk,
                None => return Ok(0),
            }
        }
        let part = self.held.split_to(self.held.len().min(buffer.len()));
        if let Some(place) = buffer.get_mut(..part.len()) {
            place.copy_from_slice(&part);
        }
        Ok(part.len())
    }
}
