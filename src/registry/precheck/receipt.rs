//! Signs the receipt of a pre-check, which holds the digests of request and verdict. The verdict holds that of the evidence.

use super::rendering::{EvidenceText, Rendering};
use super::verdict::VerdictText;
use crate::node::ServiceError;
use crate::transparency::Signing;
use vasp_pki::receipt::{Receipt, json_digest};
use vasp_words::ids::PrecheckId;
use vasp_words::time::UtcTime;

/// The digests of a request, and of its verdict and evidence: `sha256:` and 64 hex digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digests {
    /// The digest of the request as it was sent.
    pub request: String,
    /// The digest of the verdict without its receipt.
    pub verdict: String,
    /// The digest of the evidence.
    pub evidence: String,
}

impl Digests {
    /// Returns the digests of a request, which is the JSON text as it was sent, of a verdict and of its evidence.
    ///
    /// # Errors
    /// `ServiceError::Unreadable` if the request is not unambiguous JSON. Text that this program read never is.
    pub(crate) fn of(request: &str, verdict: &VerdictText, evidence: EvidenceText<'_>) -> Result<Self, ServiceError> {
        let request =
            json_digest(request).map_err(|error| ServiceError::Unreadable { what: "request", reason: error.to_string() })?;
        Ok(Self { request, verdict: verdict.digest().to_owned(), evidence: evidence.digest.to_owned() })
    }
}

/// Signs the receipt of an answer and returns it as a compact JWS.
///
/// # Errors
/// `ServiceError::Unreadable` if it cannot be written.
pub fn sign_receipt(
    signing: &Signing,
    id: PrecheckId,
    rendering: &Rendering<'_>,
    digests: &Digests,
    now: UtcTime,
) -> Result<String, ServiceError> {
    let answer = rendering.answer;
    let receipt = Receipt {
        iss: signing.issuer.to_string(),
        environment: rendering.environment().said(),
        iat: now.micros().div_euclid(1_000_000),
        precheck_id: id.to_string(),
        request_digest: digests.request.clone(),
        verdict_digest: digests.verdict.clone(),
        recommendation: answer.outcome.recommendation.to_string(),
        sequence: answer.generation.sequence(),
        checkpoint: signing.checkpoint.clone(),
    };
    signing.sign(&receipt)
}
