//! `/v1/changes`: the public changes of the log in order, for mirrors.

use actix_web::web::Data;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use crate::http::blocking::blocking;
use crate::http::paging::Limit;
use crate::http::{App, Caller, Json, Problem, Problems, Query, Resolve};
use crate::node::invalid_value;
use crate::transparency::{ChangeRow, read_changes};
use vasp_routing::get;
use vasp_words::time::UtcTime;

/// Which changes to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChangesQuery {
    /// The last sequence that you have looked at: `next` of the previous answer. If left out, the list starts at the beginning. Beyond the
    /// end of the log it is refused: the log was rolled back, or is another one.
    #[serde(default)]
    #[param(minimum = 0, example = 0)]
    since: i64,
    /// Maximum number of changes in the answer; 50 if left out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
}

/// Public changes, in order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Changes)]
pub(crate) struct ChangesView {
    items: Vec<ChangeView>,
    /// Send it as `since` to continue. Sequences that are skipped are not public; their envelopes are in the log's tiles.
    #[schema(example = 1234)]
    next: i64,
    /// True if there are more changes already. False: ask again later.
    more: bool,
}

/// A public change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Change)]
pub(crate) struct ChangeView {
    /// Place in the log. The change is the leaf `sequence - 1`.
    sequence: i64,
    #[schema(example = "vasp_listed")]
    kind: String,
    #[schema(example = "public")]
    audience: String,
    recorded_at: UtcTime,
    /// SHA-256(salt ‖ payload in RFC 8785 form), hexadecimal, as in the envelope.
    payload_commitment: String,
    /// 32 bytes, hexadecimal; null if the payload was erased.
    salt: Option<String>,
    /// What changed; null if the payload was erased.
    #[schema(value_type = Option<Object>)]
    payload: Option<Box<RawValue>>,
    /// Whether the payload was erased. The envelope and every proof stay valid.
    erased: bool,
}

impl TryFrom<ChangeRow> for ChangeView {
    type Error = Problem;
    fn try_from(ChangeRow { envelope, salt, payload }: ChangeRow) -> Result<Self, Problem> {
        let said = salt.zip(payload);
        Ok(Self {
            erased: said.is_none(),
            salt: said.as_ref().map(|(salt, _)| hex::encode(salt)),
            payload: said.map(|(_, payload)| RawValue::from_string(payload)).transpose().map_err(Problem::internal)?,
            sequence: envelope.sequence,
            recorded_at: envelope.recorded_at,
            payload_commitment: hex::encode(&envelope.payload_commitment),
            kind: envelope.kind,
            audience: envelope.audience,
        })
    }
}

/// List the public changes of the log, in order.
///
/// To continue, send `next` as `since`. You can check each change: its commitment is the one in its envelope in the log.
#[utoipa::path(tag = "log", params(ChangesQuery), responses((status = 200, description = "Public changes", body = ChangesView), Problems))]
#[get("/v1/changes")]
pub(crate) async fn list_changes(
    _who: Caller<Resolve>,
    query: Query<ChangesQuery>,
    app: Data<App>,
) -> Result<Json<ChangesView>, Problem> {
    let ChangesQuery { since, limit } = query.0;
    if since < 0 {
        let detail = format!("the sequence must be 0 or more, not {since}");
        return Err(invalid_value("?since", detail).into());
    }
    let page = blocking(move || read_changes(&app.registry, since, Limit::or_default(limit))).await?;
    let items = page.items.into_iter().map(ChangeView::try_from).collect::<Result<_, _>>()?;
    Ok(Json(ChangesView { items, next: page.next, more: page.more }))
}
