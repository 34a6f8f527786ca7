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

impl ReceiptDigests {
    /// Adds the digest of a request, which is the JSON text as it was sent, to that of its answer.
    ///
    /// # Errors
    /// `ServiceError::Unreadable` if the request is not unambiguous JSON. Text that this program read never is.
    pub fn of(request: &str, answer: String) -> Result<Self, ServiceError> {
        let request =
            json_digest(request).map_err(|error| ServiceError::Unreadable { what: "request", reason: error.to_string() })?;
        Ok(Self { request, answer })
    }
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
        environment: signing.issuer.environment().said(),
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
