//! `/v1/prechecks/{id}/outcome`: what became of the transfer, and the proposal to release it against the answer.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use utoipa::ToSchema;

use super::records::MISSING;
use super::request::proofs::ProofRequest;
use crate::acts::Act;
use crate::http::blocking::blocking;
use crate::http::listing::id_in_path;
use crate::http::permission::{PrecheckRecord, RelationshipWork};
use crate::http::write::{Answer, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems};
use crate::node::{ServiceError, invalid, invalid_value};
use crate::precheck::{ConditionStatement, NewOutcome, Outcome, OutcomeProof, OverrideDecision, Release};
use crate::proposals::http::{ProposalView, proposed};
use crate::proposals::{Decided, propose};
use vasp_record::client_certificate::Sha256Hex;
use vasp_record::proposal::Reason;
use vasp_routing::{get, post};
use vasp_rules::precheck_outcome::{TransactionId, TransferResult};
use vasp_words::ids::PrecheckId;

/// What became of a transfer, or of some of its conditions.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = PrecheckOutcomeInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutcomeInput {
    /// Conditions of the verdict, each at most once.
    #[serde(default)]
    conditions: Vec<ConditionInput>,
    /// What became of the transfer. Leave it out while that is open. `frozen` and `reported` are for a signed-in person with the role
    /// `compliance`, without `conditions`.
    result: Option<TransferResult>,
    /// Id of the transaction on its ledger or in your books, at most 256 characters. It is sealed.
    #[schema(value_type = Option<String>, max_length = 256)]
    transaction: Option<TransactionId>,
    /// A remark.
    #[schema(value_type = Option<String>, max_length = 4000)]
    note: Option<Reason>,
}

/// Whether a condition is met.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ConditionOutcomeInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConditionInput {
    /// The condition's `id` in the verdict.
    #[schema(example = "c1")]
    id: String,
    met: bool,
    /// Who met it, or failed to. Needed if it is met.
    #[schema(value_type = Option<String>, max_length = 4000)]
    by: Option<Reason>,
    /// What shows it. Needed if it is met.
    proof: Option<ProofInput>,
}

/// What shows that a condition is met: exactly one of these.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OutcomeProofInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProofInput {
    /// SHA-256 of a document that your organisation keeps, in hex digits.
    #[schema(value_type = Option<String>)]
    document_sha256: Option<Sha256Hex>,
    /// A signature by the key of the transfer's address, as in `proofs` of a pre-check.
    signature: Option<ProofRequest>,
    /// Id of another recorded pre-check of your organisation.
    #[schema(value_type = Option<String>)]
    precheck: Option<PrecheckId>,
    /// A description in words. Of a condition with `met_by` `outside`, only a signed-in person may send it.
    #[schema(value_type = Option<String>, max_length = 4000)]
    text: Option<Reason>,
}

/// A result against the answer of the pre-check.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OverrideInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct OverrideInput {
    /// What becomes of the transfer: `released`, or `returned` if the answer says to freeze it.
    result: TransferResult,
    /// Id of the transaction; null if there is none yet.
    #[schema(value_type = Option<String>, max_length = 256)]
    transaction: Option<TransactionId>,
    /// Why, for the other person and the audit chain.
    #[schema(value_type = String, min_length = 1, max_length = 4000)]
    reason: Reason,
}

impl TryFrom<OutcomeInput> for NewOutcome {
    type Error = ServiceError;

    fn try_from(input: OutcomeInput) -> Result<Self, ServiceError> {
        let OutcomeInput { conditions, result, transaction, note } = input;
        let mut new = Self { result, transaction, note, ..Self::default() };
        for (place, ConditionInput { id, met, by, proof }) in conditions.into_iter().enumerate() {
            let proof = proof.map(|proof| proof.read(&mut new, place)).transpose()?;
            new.conditions.push(ConditionStatement { id, met, by, proof });
        }
        Ok(new)
    }
}

impl ProofInput {
    fn read(self, new: &mut NewOutcome, place: usize) -> Result<OutcomeProof, ServiceError> {
        let Self { document_sha256, signature, precheck, text } = self;
        let pointer = format!("/conditions/{place}/proof");
        let given = [document_sha256.is_some(), signature.is_some(), precheck.is_some(), text.is_some()];
        if given.into_iter().filter(|given| *given).count() != 1 {
            return Err(invalid_value(pointer, "send exactly one of document_sha256, signature, precheck and text"));
        }
        if let Some(signature) = &signature {
            let read = signature.read().map_err(|detail| invalid(format!("{pointer}/signature"), "invalid_value", detail))?;
            new.signatures.push((place, read));
        }
        let signature = signature.map(serde_json::to_value).transpose()?;
        Ok(OutcomeProof { document_sha256, signature, precheck, text })
    }
}

/// Record what became of the transfer of a pre-check.
///
/// Entries are only added: each condition met or not, by whom and with what proof; and whether the transfer was released, refused, returned,
/// frozen or reported. The answer is 409 `two_people_needed` for `released` if the answer was `hold` or `reject`, if a condition is not met,
/// or if the pre-check was about no address or about the past: use `/outcome/propose`, or ask again. It is 409 `illegal_step` if the transfer is
/// over, for `released` more than 24 hours after the answer's `valid_until`, and for `released` and `returned` if the address was listed since.
#[utoipa::path(params(("id" = String, Path, description = "The pre-check's id.")), request_body = OutcomeInput, security(("api_key" = [])), tag = "prechecks", responses((status = 201, description = "The outcome, as far as you may see it.", body = Outcome), Problems))]
#[post("/v1/prechecks/{id}/outcome")]
pub(crate) async fn record_precheck_outcome(
    who: Caller<PrecheckRecord>,
    path: Path<String>,
    sent: Sent<OutcomeInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<PrecheckId>(&path, MISSING)?);
    let new = NewOutcome::try_from(sent.body)?;
    let recorded = |outcome: &Outcome| reply(StatusCode::CREATED, None, outcome);
    act(&app, identity, sent.once, recorded, move |act| crate::precheck::record_outcome(act, id, new)).await
}

/// Get what became of the transfer of a pre-check, and which conditions are open.
///
/// Entries about what was frozen or reported are shown to signed-in people with the role `compliance` only. For all others the answer is as
/// if there were none.
#[utoipa::path(params(("id" = String, Path, description = "The pre-check's id.")), security(("api_key" = [])), tag = "prechecks", responses((status = 200, description = "The outcome, as far as you may see it.", body = Outcome), Problems))]
#[get("/v1/prechecks/{id}/outcome")]
pub(crate) async fn get_precheck_outcome(
    who: Caller<PrecheckRecord>,
    path: Path<String>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<PrecheckId>(&path, MISSING)?);
    let (of, reader) = ((identity.organisation, id), identity);
    let read = move || crate::precheck::read_outcome(&app.registry, of, Some(&reader), app.clock.now(), &mut app.random.fork());
    Ok(Answer(reply(StatusCode::OK, None, blocking(read).await?)))
}

/// Propose to release a transfer that the pre-check does not clear.
///
/// Another person approves exactly that; then it is recorded. It is for signed-in people only, and the proposal is of kind `override`.
#[utoipa::path(params(("id" = String, Path, description = "The pre-check's id.")), request_body = OverrideInput, tag = "prechecks", responses((status = 201, description = "The proposal.", body = ProposalView), Problems))]
#[post("/v1/prechecks/{id}/outcome/propose")]
pub(crate) async fn propose_precheck_outcome(
    who: Caller<RelationshipWork>,
    path: Path<String>,
    sent: Sent<OverrideInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<PrecheckId>(&path, MISSING)?);
    let OverrideInput { result, transaction, reason } = sent.body;
    let service = move |mut act: Act<'_, Decided>| {
        let decision = OverrideDecision::about(&mut act, id)?;
        propose(act, &decision, |_| Ok(Release { result, transaction }), &reason)
    };
    act(&app, identity, sent.once, proposed, service).await
}
