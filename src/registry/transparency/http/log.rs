//! `/v1/log`: the public part of the change log, for anybody to check: the newest checkpoint, the tiles of its tree, the envelopes, and
//! proofs. It never shows a payload.

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, Responder};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::http::blocking::blocking;
use crate::http::permission::Anyone;
use crate::http::{App, Caller, Json, Problem, ProblemCode, Problems, Query};
use crate::transparency::{ConsistencyProof, InclusionProof, prove_consistency, prove_inclusion, read_checkpoint, read_log_tile};
use vasp_log::TilePath;
use vasp_routing::get;

/// A checkpoint is signed with every commit.
///
/// Source: C2SP tlog-tiles, "Checkpoints": not cached beyond a few seconds.
const CHECKPOINT_KEPT: HeaderValue = HeaderValue::from_static("public, max-age=1");

/// A full tile never changes.
const WHOLE_KEPT: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// A partial tile is replaced by a longer one.
const PART_KEPT: HeaderValue = HeaderValue::from_static("public, max-age=60");

/// Path of a tile.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct TileQuery {
    /// `<L>/<N>[.p/<W>]`. L is the level or `entries`. N is the number in groups of three digits, with an `x` before all groups but the
    /// last. W is how many of the tile's 256 hashes exist.
    #[param(example = "0/000.p/5")]
    tile: String,
}

/// Which entry, in which tree.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct InclusionQuery {
    /// Sequence of the entry, from 1. It is the leaf `sequence - 1`.
    #[param(minimum = 1, example = 1)]
    sequence: i64,
    /// Number of entries in the tree; the size of the newest checkpoint if left out.
    #[serde(default)]
    #[param(minimum = 1, example = 1)]
    size: Option<i64>,
}

/// Which trees.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ConsistencyQuery {
    /// Number of entries in the older tree.
    #[param(minimum = 1, example = 1)]
    from: i64,
    /// Number of entries in the newer tree; the size of the newest checkpoint if left out.
    #[serde(default)]
    #[param(minimum = 1, example = 2)]
    to: Option<i64>,
}

/// A proof that an entry is in the log (RFC 6962 section 2.1.1).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InclusionProof)]
pub(crate) struct InclusionProofView {
    sequence: i64,
    /// Index of the leaf, from 0.
    leaf_index: i64,
    /// Number of entries in the tree.
    size: i64,
    /// The entry. The leaf is the hash of its RFC 8785 form.
    #[schema(value_type = LogEnvelopeView)]
    envelope: Value,
    /// SHA-256(0x00 ‖ entry), base64.
    leaf_hash: String,
    /// The proof, base64, from the leaf up.
    hashes: Vec<String>,
    /// Root of the tree, base64, as in a checkpoint.
    root_hash: String,
}

/// The public part of a change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LogEnvelope)]
pub(crate) struct LogEnvelopeView {
    sequence: i64,
    #[schema(example = "vasp_listed")]
    kind: String,
    /// Who may read the payload.
    #[schema(example = "public")]
    audience: String,
    #[schema(format = DateTime)]
    recorded_at: String,
    /// SHA-256(salt ‖ payload in RFC 8785 form), hexadecimal.
    payload_commitment: String,
}

/// A proof that the log was only appended to (RFC 6962 section 2.1.2).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConsistencyProof)]
pub(crate) struct ConsistencyProofView {
    from: i64,
    to: i64,
    /// Root of the older tree, base64.
    from_root_hash: String,
    /// The proof, base64.
    hashes: Vec<String>,
    /// Root of the newer tree, base64.
    to_root_hash: String,
}

impl From<InclusionProof> for InclusionProofView {
    fn from(proof: InclusionProof) -> Self {
        let InclusionProof { sequence, size, envelope, leaf_hash, hashes, root_hash } = proof;
        Self { sequence, leaf_index: sequence - 1, size, envelope, leaf_hash, hashes, root_hash }
    }
}

impl From<ConsistencyProof> for ConsistencyProofView {
    fn from(proof: ConsistencyProof) -> Self {
        let ConsistencyProof { from, to, from_root_hash, hashes, to_root_hash } = proof;
        Self { from, to, from_root_hash, hashes, to_root_hash }
    }
}

/// Get the newest checkpoint of the log.
///
/// A C2SP checkpoint: origin, size and root, signed with the registry's checkpoint key (`vkey` in `/.well-known/jwks.json`). It covers
/// every change that was acknowledged before your request.
#[utoipa::path(tag = "log", responses((status = 200, description = "The signed note", body = String, content_type = "text/plain"), Problems))]
#[get("/v1/log/checkpoint")]
pub(crate) async fn get_checkpoint(_who: Caller<Anyone>, app: Data<App>) -> Result<HttpResponse, Problem> {
    let checkpoint = blocking(move || read_checkpoint(&app.registry, app.clock.now(), &mut app.random.fork())).await?;
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, CHECKPOINT_KEPT)).content_type("text/plain; charset=utf-8");
    Ok(response.body(checkpoint.note))
}

/// Get a tile of the log's tree, or a bundle of its entries.
///
/// C2SP tlog-tiles. `0/x001/x234/067` is the tile 1234067 of level 0. `entries/000.p/5` has the first five entries, each after its length
/// in two bytes. An entry is a change's envelope, never its payload.
#[utoipa::path(
    tag = "log",
    params(TileQuery),
    responses((status = 200, description = "Hashes of 32 bytes each, or entries", body = Vec<u8>, content_type = "application/octet-stream"), Problems)
)]
#[get("/v1/log/tile/{tile:.*}")]
pub(crate) async fn get_log_tile(_who: Caller<Anyone>, path: Path<TileQuery>, app: Data<App>) -> Result<HttpResponse, Problem> {
    let tile: TilePath =
        path.tile.parse().map_err(|error| Problem::new(ProblemCode::NotFound, format!("There is no such tile: {error}.")))?;
    let tile = blocking(move || read_log_tile(&app.registry, tile)).await?;
    let kept = if tile.is_whole { WHOLE_KEPT } else { PART_KEPT };
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, kept)).content_type("application/octet-stream");
    Ok(response.body(tile.bytes))
}

/// Prove that an entry is in the log.
#[utoipa::path(tag = "log", params(InclusionQuery), responses((status = 200, description = "The proof", body = InclusionProofView), Problems))]
#[get("/v1/log/proof/inclusion")]
pub(crate) async fn get_inclusion_proof(
    _who: Caller<Anyone>,
    query: Query<InclusionQuery>,
    app: Data<App>,
) -> Result<impl Responder, Problem> {
    let InclusionQuery { sequence, size } = query.0;
    let proof = blocking(move || prove_inclusion(&app.registry, sequence, size)).await?;
    Ok(Json(InclusionProofView::from(proof)).customize().insert_header((header::CACHE_CONTROL, PART_KEPT)))
}

/// Prove that the log was only appended to between two sizes.
#[utoipa::path(tag = "log", params(ConsistencyQuery), responses((status = 200, description = "The proof", body = ConsistencyProofView), Problems))]
#[get("/v1/log/proof/consistency")]
pub(crate) async fn get_consistency_proof(
    _who: Caller<Anyone>,
    query: Query<ConsistencyQuery>,
    app: Data<App>,
) -> Result<impl Responder, Problem> {
    let ConsistencyQuery { from, to } = query.0;
    let proof = blocking(move || prove_consistency(&app.registry, from, to)).await?;
    Ok(Json(ConsistencyProofView::from(proof)).customize().insert_header((header::CACHE_CONTROL, PART_KEPT)))
}
