//! The single steps of a pre-check, each callable alone for `benches/precheck.rs`. The server calls nothing here.

use std::sync::Arc;

use serde_json::value::RawValue;

use super::request::PrecheckRequest;
use crate::acts::Identity;
use crate::directory::Generation;
use crate::node::{Registry, ServiceError, Silence};
use crate::precheck::{
    Asking, Digests, EvidenceText, Extent, Kept, PrecheckAnswer, PrecheckQuestion, Rendering, SealedPrecheck, sign_receipt,
};
use crate::transparency::Signing;
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

/// An answer that is to be recorded, and its texts.
pub struct Digested {
    /// The verdict without its receipt.
    pub verdict: String,
    /// The evidence.
    pub evidence: String,
    /// The digests of request, verdict and evidence.
    pub digests: Digests,
}

fn unreadable(error: &dyn std::fmt::Display) -> ServiceError {
    ServiceError::Unreadable { what: "pre-check", reason: error.to_string() }
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
        crate::precheck::precheck(self.registry, generation, question, &asking, self.now, &|member| format!("/{member}"))
    }

    /// Renders an answer without recording it.
    pub fn render(
        &self,
        (question, answer): (&PrecheckQuestion, &PrecheckAnswer),
        extent: Extent,
    ) -> Result<String, ServiceError> {
        self.rendering(question, answer).unrecorded(extent)
    }

    /// Renders verdict and evidence of an answer that is to be recorded, and digests them and the request. The server
    /// hands the texts on without a copy.
    pub fn digest(
        &self,
        body: &[u8],
        (question, answer): (&PrecheckQuestion, &PrecheckAnswer),
        id: PrecheckId,
    ) -> Result<Digested, ServiceError> {
        let body = std::str::from_utf8(body).map_err(|error| unreadable(&error))?;
        let rendering = self.rendering(question, answer);
        rendering.with_evidence(|evidence: EvidenceText<'_>| {
            let verdict = rendering.verdict(Some(id), Some(evidence))?;
            let digests = Digests::of(body, &verdict, evidence)?;
            Ok(Digested { verdict: verdict.with_receipt(None), evidence: evidence.json.as_str().to_owned(), digests })
        })
    }

    /// Signs the answer's receipt.
    pub fn sign(
        &self,
        signing: &Signing,
        id: PrecheckId,
        question: &PrecheckQuestion,
        answer: &PrecheckAnswer,
        digests: &Digests,
    ) -> Result<String, ServiceError> {
        sign_receipt(signing, id, &self.rendering(question, answer), digests, self.now)
    }

    /// Seals the request and answer that are to be kept.
    pub fn seal(
        &self,
        id: PrecheckId,
        organisation: OrganisationId,
        body: &[u8],
        digested: &Digested,
        answer: &PrecheckAnswer,
        rng: &mut dyn RngCore,
    ) -> Result<SealedPrecheck, ServiceError> {
        let request: Box<RawValue> = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
        let Digested { verdict, evidence, digests } = digested;
        let kept = Kept { request: &request, verdict, evidence, digests: digests.clone(), retention: None };
        crate::precheck::seal_precheck(&self.key, id, organisation, kept, answer, self.now, rng)
    }

    fn rendering<'a>(&'a self, question: &'a PrecheckQuestion, answer: &'a PrecheckAnswer) -> Rendering<'a> {
        Rendering { registry: self.registry, question, answer, silence: Silence::NONE }
    }
}
