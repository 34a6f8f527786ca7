//! `/v1/prechecks`: lists an organisation's recorded pre-checks, and erases the request and answer of one. These routes return only
//! digests, references and codes.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::blocking::blocking;
use crate::http::listing::{after, id_in_path, page, pages};
use crate::http::paging::{Cursor, Limit};
use crate::http::permission::{PrecheckErase, PrecheckRecord};
use crate::http::write::{Answer, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::precheck::{Erased, PrecheckSelection};
use vasp_routing::{delete, get};
use vasp_rules::policy::Recommendation;
use vasp_rules::precheck::CheckCode;
use vasp_words::ids::{PrecheckId, VaspId};
use vasp_words::time::UtcTime;

/// Selects the pre-checks to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PrechecksQuery {
    /// Only those recorded at this time or later.
    since: Option<UtcTime>,
    /// Only those with this recommendation.
    #[param(value_type = Option<String>, example = "hold")]
    recommendation: Option<Recommendation>,
    /// Only those about the VASP with this id.
    counterparty: Option<VaspId>,
    /// Only those with this code among the reasons.
    #[param(value_type = Option<String>, example = "licence.not_listed")]
    code: Option<CheckCode>,
    /// Items per page; 50 by default.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<String>>,
}

/// The part of a recorded pre-check that is never erased: digests, references and codes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PrecheckRecord)]
pub(crate) struct PrecheckRecordView {
    id: PrecheckId,
    recorded_at: UtcTime,
    /// Log sequence of the directory that answered.
    sequence: i64,
    /// What was recommended; null if the pre-check is older than this field.
    #[schema(example = "hold")]
    recommendation: Option<String>,
    /// Codes of the reasons, worst first.
    codes: Vec<String>,
    /// The VASP of the counterparty; null if none was settled.
    counterparty: Option<VaspId>,
    /// The policy that judged it, `name@version`.
    policy: Option<String>,
    /// SHA-256 of the request's canonical JSON (RFC 8785), hex.
    request_digest: Option<String>,
    /// SHA-256 of the verdict's canonical JSON (RFC 8785) without its receipt, hex.
    verdict_digest: Option<String>,
    /// SHA-256 of the evidence's canonical JSON (RFC 8785), hex.
    evidence_digest: Option<String>,
    /// Until when the request and answer are kept, by your organisation's retention period.
    payload_until: UtcTime,
    /// When the request and answer were erased; null if they were not.
    payload_erased_at: Option<UtcTime>,
}

/// The reason for the erasure.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ErasePayload {
    /// The reason, for the audit chain. It must contain no personal data.
    #[schema(value_type = String, min_length = 1, max_length = 4000)]
    reason: vasp_record::proposal::Reason,
}

/// The pre-check whose request and answer were erased.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ErasedPrecheck)]
pub(crate) struct ErasedPrecheckView {
    id: PrecheckId,
    payload_erased_at: UtcTime,
}

pages! {
    /// A page of recorded pre-checks.
    PrecheckListView as PrecheckList of PrecheckRecordView;
}

impl From<crate::precheck::KeptPrecheck> for PrecheckRecordView {
    fn from(crate::precheck::KeptPrecheck { record, payload_until }: crate::precheck::KeptPrecheck) -> Self {
        Self {
            codes: record.codes().map(str::to_owned).collect(),
            id: record.id,
            recorded_at: record.recorded_at,
            sequence: record.sequence,
            recommendation: record.recommendation,
            counterparty: record.counterparty,
            policy: record.policy,
            request_digest: record.request_digest,
            verdict_digest: record.verdict_digest,
            evidence_digest: record.evidence_digest,
            payload_until,
            payload_erased_at: record.erased_at,
        }
    }
}

/// The message if the pre-check does not exist.
pub(crate) const MISSING: &str = "There is no such pre-check.";

/// List your organisation's recorded pre-checks, oldest first.
///
/// The list does not contain the requests and answers.
#[utoipa::path(params(PrechecksQuery), security(("api_key" = [])), tag = "prechecks", responses((status = 200, description = "A page of recorded pre-checks.", body = PrecheckListView), Problems))]
#[get("/v1/prechecks")]
pub(crate) async fn list_prechecks(
    who: Caller<PrecheckRecord>,
    query: Query<PrechecksQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, now) = (who.known()?, app.clock.now());
    let PrechecksQuery { since, recommendation, counterparty, code, limit, cursor } = query.0;
    let (from, limit) = (after(cursor), Limit::or_default(limit));
    let selection = PrecheckSelection { since, recommendation, counterparty, code };
    let found =
        blocking(move || crate::precheck::list_prechecks(&app.registry, &identity, &selection, (&from, limit), now)).await?;
    Ok(page::<_, PrecheckRecordView>(found))
}

/// Erase the question and answer of a recorded pre-check.
///
/// Digests, references and codes stay. The audit chain keeps the reason. You cannot undo this.
#[utoipa::path(params(("id" = String, Path, description = "The pre-check's id.")), request_body = ErasePayload, security(("api_key" = [])), tag = "prechecks", responses((status = 200, description = "It is erased.", body = ErasedPrecheckView), Problems))]
#[delete("/v1/prechecks/{id}/payload")]
pub(crate) async fn delete_precheck_payload(
    who: Caller<PrecheckErase>,
    path: Path<String>,
    sent: Sent<ErasePayload>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let id: PrecheckId = id_in_path(&path, MISSING)?;
    let reason = sent.body.reason;
    let render =
        |erased: &Erased| reply(StatusCode::OK, None, ErasedPrecheckView { id: erased.id, payload_erased_at: erased.erased_at });
    act(&app, identity, sent.once, render, move |act| crate::precheck::erase_precheck(act, id, reason.as_str())).await
}
