//! Signs the receipt of a pre-check, which holds the digests of request and answer and the versions behind the answer.

use super::{ENGINE, PrecheckAnswer};
use crate::node::ServiceError;
use crate::trust::Signing;
use vasp_pki::receipt::{Receipt, json_digest};
use vasp_words::ids::PrecheckId;
use vasp_words::time::UtcTime;

/// The digests of a request and of its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptDigests {
    /// The digest of the request as it was sent.
    pub request: String,
    /// The digest of the answer without its receipt.
    pub answer: String,
}

/// Returns the digests of a request and of its answer. The request is the JSON text as it was sent; the answer is without the member
/// `receipt`.
///
/// # Errors
/// `ServiceError::Unreadable` if either text is not unambiguous JSON. Text that this program read or rendered never is.
pub fn digests(request: &str, answer: &str) -> Result<ReceiptDigests, ServiceError> {
    let unreadable =
        |what| move |error: vasp_pki::receipt::DigestError| ServiceError::Unreadable { what, reason: error.to_string() };
    Ok(ReceiptDigests {
        request: json_digest(request).map_err(unreadable("request"))?,
        answer: json_digest(answer).map_err(unreadable("answer"))?,
    })
}

/// Signs the receipt of an answer and returns it as a compact JWS.
///
/// # Errors
/// `ServiceError::Unreadable` if it cannot be written.
pub fn sign_receipt(
    signing: &Signing,
    id: PrecheckId,
    answer: &PrecheckAnswer,
    digests: &ReceiptDigests,
    now: UtcTime,
) -> Result<String, ServiceError> {
    let documents = answer.generation.documents();
    let receipt = Receipt {
        iss: signing.issuer.to_string(),
        iat: now.micros().div_euclid(1_000_000),
        precheck_id: id.to_string(),
        request_digest: digests.request.clone(),
        answer_digest: digests.answer.clone(),
        recommendation: answer.outcome.recommendation.to_string(),
        sequence: answer.generation.sequence(),
        checkpoint: signing.checkpoint.clone(),
        policy: answer.policy.to_string(),
        rulebook: documents.rulebook.value.version.clone(),
        engine: ENGINE.to_owned(),
    };
    signing.sign(&receipt)
}
