//! `/v1/prechecks`: lists an organisation's recorded pre-checks, and proposes to erase the request and answer of one. These routes return only
//! digests, references and codes.

use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::acts::Act;
use crate::http::blocking::blocking;
use crate::http::listing::{after, id_in_path, page, pages};
use crate::http::paging::{Cursor, Limit};
use crate::http::permission::{PrecheckErase, PrecheckRecord as ReadsRecords};
use crate::http::write::{Answer, Sent, act};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::precheck::{ErasureDecision, PrecheckRecord, PrecheckSelection};
use crate::proposals::http::{ProposalView, ReasonInput, proposed};
use crate::proposals::{Decided, NoContent, propose};
use vasp_routing::{get, post};
use vasp_rules::policy::Recommendation;
use vasp_rules::precheck::CheckCode;
use vasp_words::ids::{PrecheckId, VaspId};
use vasp_words::retention_law::RetentionLaw;
use vasp_words::rule_names::RuleVersionId;
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
    /// `open`: only those of which nobody recorded that the transfer was released, refused or returned. `closed`: only the others.
    #[param(inline)]
    outcome: Option<OutcomeState>,
    /// Items per page; 50 by default.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<String>>,
}

/// Whether the outcome of a transfer is final: released, refused or returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OutcomeState {
    /// Nobody recorded that it was released, refused or returned.
    Open,
    /// Somebody did.
    Closed,
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
    /// Until when the request and answer are kept at least, counted from the record, the transfer's date or the day on which it was released,
    /// refused or returned, whichever is latest. A legal hold, or another entry of the outcome, keeps them longer.
    payload_until: UtcTime,
    floor: FloorView,
    /// When the request and answer were erased; null if they were not.
    payload_erased_at: Option<UtcTime>,
}

/// How long the law that the pre-check applied demands that its request and answer are kept.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RetentionFloor)]
pub(crate) struct FloorView {
    /// Days, counted as `payload_until` says.
    #[schema(example = 1827)]
    pub(super) days: u32,
    /// `rule` if your own law states the period. `fatf` if it states none, so that FATF Recommendation 11 counts: five years.
    pub(super) by: FloorSource,
    /// The version of your own rule that states the period; with `fatf`, the version that states none. Null if no version is on record.
    #[schema(value_type = Option<String>, example = "DE@2024-12-30")]
    pub(super) rule: Option<RuleVersionId>,
}

/// What states how long a record is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RetentionFloorSource)]
pub(crate) enum FloorSource {
    /// A version of your own rule.
    Rule,
    /// FATF Recommendation 11.
    Fatf,
}

impl FloorView {
    pub(super) fn of(days: u32, law: RetentionLaw) -> Self {
        match law {
            RetentionLaw::Rule(version) => Self { days, by: FloorSource::Rule, rule: Some(version) },
            RetentionLaw::Fatf(silent) => Self { days, by: FloorSource::Fatf, rule: silent },
        }
    }
}

pages! {
    /// A page of recorded pre-checks.
    PrecheckListView as PrecheckList of PrecheckRecordView;
}

impl From<PrecheckRecord> for PrecheckRecordView {
    fn from(record: PrecheckRecord) -> Self {
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
            payload_until: record.kept_until,
            floor: FloorView::of(u32::try_from(record.floor_days).unwrap_or_default(), record.floor_by),
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
    who: Caller<ReadsRecords>,
    query: Query<PrechecksQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let PrechecksQuery { since, recommendation, counterparty, code, outcome, limit, cursor } = query.0;
    let (from, limit) = (after(cursor), Limit::or_default(limit));
    let is_over = outcome.map(|state| state == OutcomeState::Closed);
    let selection = PrecheckSelection { since, recommendation, counterparty, code, is_over };
    let found = blocking(move || crate::precheck::list_prechecks(&app.registry, &identity, &selection, &from, limit)).await?;
    Ok(page::<_, PrecheckRecordView>(found))
}

/// Propose to erase the question and answer of a recorded pre-check.
///
/// Another person approves it; then they are erased, with what the outcome says. Digests, references and codes stay. You cannot undo this.
/// The answer is 409 `still_kept` while the law demands that they are kept, and 409 `legal_hold` if a hold covers them.
#[utoipa::path(params(("id" = String, Path, description = "The pre-check's id.")), request_body = ReasonInput, tag = "prechecks", responses((status = 201, description = "The proposal.", body = ProposalView), Problems))]
#[post("/v1/prechecks/{id}/payload/propose")]
pub(crate) async fn propose_precheck_erasure(
    who: Caller<PrecheckErase>,
    path: Path<String>,
    sent: Sent<ReasonInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<PrecheckId>(&path, MISSING)?);
    let reason = sent.body.reason;
    let service = move |mut act: Act<'_, Decided>| {
        let decision = ErasureDecision { registry: act.registry, id, key: act.data_key()? };
        propose(act, &decision, |_| Ok(NoContent {}), &reason)
    };
    act(&app, identity, sent.once, proposed, service).await
}
