//! `POST /v1/networks/parse`: reads addresses without looking up who owns them. It serves forms that check what a customer types, and
//! gateways that convert their own records to the canonical spelling.

use actix_web::web::Data;
use actix_web::{HttpRequest, Responder};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{AddressReadingView, PaymentUriView};
use crate::http::blocking::away;
use crate::http::edge::id_of;
use crate::http::error::{Problem, ProblemView, Problems};
use crate::http::extract::read_item;
use crate::http::{App, Caller, Json, PRIVATE, Resolve};
use crate::node::{Written, invalid_value};
use crate::resolve::{Effort, WrittenAddress, parse_address};
use vasp_routing::post;

/// Largest number of addresses in one batch, the same as for `POST /v1/resolve`.
const BATCH_MAX: usize = 1_000;

/// Largest number of addresses that the request's own worker reads. To find one wrong character takes most of a millisecond.
const INLINE_MAX: usize = 4;

/// An address to read.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ParseItem {
    /// The address as written, or a payment URI such as `bitcoin:…` with an address in it.
    #[schema(example = "X7AcgcsBL6XDcUb289X4mJ8djcdyKaLFuhLRuNXPrDeJd9A")]
    address: String,
    /// The network of the address: its CAIP-2 id, or a ticker or name such as `BTC`. If you leave it out, every network is tried.
    #[serde(default)]
    #[schema(example = "xrpl:0")]
    network: Option<String>,
    /// The memo given with the address.
    #[serde(default)]
    memo: Option<String>,
}

/// Several addresses.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ParseBatch {
    /// 1 to 1,000 addresses.
    #[schema(value_type = Vec<ParseItem>, min_items = 1, max_items = 1000)]
    addresses: Vec<Box<RawValue>>,
}

/// The result for one address of a batch: its readings, or the problem.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum ParseResult {
    /// What the address may be.
    Readings {
        /// The readings, most likely first. Only one if you named the network.
        readings: Vec<AddressReadingView>,
        /// What the payment URI names in which the address stood. Absent if the text is none.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<PaymentUriView>)]
        payment_uri: Option<Box<PaymentUriView>>,
    },
    /// Why the text is not an address.
    Refused {
        /// The problem, the same as for a single question.
        #[schema(value_type = ProblemView<'static>)]
        problem: Written,
    },
}

/// The readings, in the order of the addresses.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ParseResults {
    /// Readings or a problem for each address.
    results: Vec<ParseResult>,
}

/// Parse addresses.
///
/// Returns the canonical spelling of each address, the memo that it carries, and the networks that it may be on. Nothing is looked up
/// and nothing is stored. For up to 16 addresses, an error gives the position of a mistyped character if that explains the error.
#[utoipa::path(request_body = ParseBatch, tag = "networks", responses((status = 200, description = "Readings or a problem for each address, in order.", body = ParseResults), Problems))]
#[post("/v1/networks/parse")]
pub(crate) async fn parse_addresses(
    who: Caller<Resolve>,
    request: HttpRequest,
    body: Json<ParseBatch>,
    app: Data<App>,
) -> Result<impl Responder, Problem> {
    let Json(ParseBatch { addresses }) = body;
    if addresses.is_empty() || addresses.len() > BATCH_MAX {
        let detail = format!("a batch must have 1 to {BATCH_MAX} addresses; this one has {}", addresses.len());
        return Err(invalid_value("/addresses", detail).into());
    }
    who.charge_batch(&app, &request, addresses.len())?;
    let request_id = id_of(&request);
    let (count, pages) = (addresses.len(), app.problem_pages().clone());
    let read = move || -> Vec<ParseResult> {
        let effort = Effort::of_batch(addresses.len());
        let parsed = addresses.iter().enumerate().map(|(index, item)| {
            let place = format!("/addresses/{index}");
            match parse(item, effort, &app, &place) {
                Ok(result) => result,
                Err(problem) => ParseResult::Refused { problem: problem.document(&request_id, &pages) },
            }
        });
        parsed.collect()
    };
    let results = if count > INLINE_MAX { away(read).await? } else { read() };
    Ok(Json(ParseResults { results }).customize().insert_header(PRIVATE))
}

fn parse(item: &RawValue, effort: Effort, app: &App, place: &str) -> Result<ParseResult, Problem> {
    let ParseItem { address, network, memo } = read_item(item.get().as_bytes(), (app, "ParseItem"), || place.to_owned())?;
    let parsed = parse_address(WrittenAddress { address, network, memo }, effort, |member| format!("{place}/{member}"))?;
    let payment_uri = parsed.payment_uri.as_deref().map(|uri| Box::new(PaymentUriView::of(uri, &parsed.accounts)));
    Ok(ParseResult::Readings { readings: AddressReadingView::of(&parsed.accounts), payment_uri })
}
