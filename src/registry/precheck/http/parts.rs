//! The single steps of a pre-check that `desk` takes, each callable alone for `benches/precheck.rs`. The server calls nothing here.

use std::sync::Arc;

use serde_json::value::RawValue;

use super::PrecheckView;
use super::desk::rendered;
use super::request::PrecheckRequest;
use super::unsigned::Unsigned;
use crate::acts::Identity;
use crate::directory::Generation;
use crate::node::{Registry, ServiceError, Silence};
use crate::precheck::{Asking, Kept, PrecheckAnswer, PrecheckQuestion, ReceiptDigests, SealedPrecheck, sign_receipt};
use crate::trust::Signing;
use rand_core::RngCore;
use vasp_pki::DataKey;
use vasp_words::ids::{OrganisationId, PrecheckId};
use vasp_words::time::UtcTime;

/// The pre-checks of one organisation.
pub struct PrecheckParts<'a> {
    /// The registry that answers.
    pub registry: &'a Registry,
    /// Who asks.
    pub identity: &'a Identity,
    /// The data key that seals the answers.
    pub key: DataKey,
    /// The moment at which the organisation asks.
    pub now: UtcTime,
}

/// An answer before it is signed, with the digests of request and answer.
pub struct Digested {
    unsigned: Unsigned,
    digests: ReceiptDigests,
}

fn unreadable(error: &dyn std::fmt::Display) -> ServiceError {
    ServiceError::Unreadable { what: "pre-check", reason: error.to_string() }
}

impl Digested {
    /// Adds the receipt, and returns the answer as it is sent with the digests.
    #[must_use]
    pub fn with_receipt(self, receipt: &str) -> (String, ReceiptDigests) {
        (self.unsigned.with_receipt(receipt), self.digests)
    }
}

impl PrecheckParts<'_> {
    /// Reads a request.
    ///
    /// # Errors
    /// `ServiceError` if the body is not a pre-check.
    pub fn parse(&self, body: &[u8]) -> Result<PrecheckQuestion, ServiceError> {
        let sent: Box<RawValue> = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
        let request: PrecheckRequest = serde_json::from_str(sent.get()).map_err(|error| unreadable(&error))?;
        request.question(self.now.date(), &|member| format!("/{member}"))
    }

    /// Answers a question.
    pub fn decide(&self, generation: &Arc<Generation>, question: &PrecheckQuestion) -> Result<PrecheckAnswer, ServiceError> {
        let asking = Asking::of(Some(self.identity), self.now);
        crate::precheck::precheck(self.registry, generation, question, &asking, (self.now, &|member| format!("/{member}")))
    }

    /// Renders an answer without recording it.
    pub fn render(&self, answer: &PrecheckAnswer) -> Result<String, ServiceError> {
        let view = PrecheckView::of(answer, None, self.registry, self.registry.silence());
        rendered(&view).map_err(|error| unreadable(&error))
    }

    /// Renders an answer that is to be recorded, with the digests of request and answer.
    pub fn digest(&self, body: &[u8], answer: &PrecheckAnswer, id: PrecheckId) -> Result<Digested, ServiceError> {
        let view = PrecheckView::of(answer, Some(id), self.registry, Silence::NONE);
        let unsigned = Unsigned::of(&view).map_err(|error| unreadable(&error))?;
        let body = std::str::from_utf8(body).map_err(|error| unreadable(&error))?;
        Ok(Digested { digests: ReceiptDigests::of(body, unsigned.digest.clone())?, unsigned })
    }

    /// Signs the answer's receipt.
    pub fn sign(
        &self,
        signing: &Signing,
        id: PrecheckId,
        answer: &PrecheckAnswer,
        digested: &Digested,
    ) -> Result<String, ServiceError> {
        sign_receipt(signing, id, answer, &digested.digests, self.now)
    }

    /// Seals the request and answer that are to be kept.
    pub fn seal(
        &self,
        (id, organisation): (PrecheckId, OrganisationId),
        (body, digests, sent): (&[u8], &ReceiptDigests, &str),
        answer: &PrecheckAnswer,
        rng: &mut dyn RngCore,
    ) -> Result<SealedPrecheck, ServiceError> {
        let request: Box<RawValue> = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
        let kept = Kept { request: &request, answer: sent, digests: digests.clone() };
        crate::precheck::seal_precheck(&self.key, (id, organisation), kept, answer, self.now, rng)
    }
}
