//! A pre-check taken apart: the steps that `precheck_desk` takes one after the other, each by itself, for `benches/precheck.rs`.
//! Nothing here is called by the server.

use std::sync::Arc;

use serde_json::value::{RawValue, to_raw_value};

use super::precheck_request::PrecheckRequest;
use super::views::PrecheckView;
use crate::directory::Generation;
use crate::domain::ids::{OrganisationId, PrecheckId};
use crate::domain::time::UtcTime;
use crate::pki::DataKey;
use crate::service::{
    self, Asking, Identity, Kept, PrecheckAnswer, PrecheckDigests, PrecheckQuestion, Registry, SealedPrecheck, ServiceError,
};
use rand_core::RngCore;

/// One organisation's pre-checks.
pub struct PrecheckParts<'a> {
    /// What is asked.
    pub registry: &'a Registry,
    /// Who asks.
    pub identity: &'a Identity,
    /// With which key answers are sealed.
    pub key: DataKey,
    /// When.
    pub now: UtcTime,
}

/// An answer as it is sent, with its digests.
pub struct Rendered {
    /// The answer.
    pub text: Box<RawValue>,
    digests: PrecheckDigests,
}

fn unreadable(error: &dyn std::fmt::Display) -> ServiceError {
    ServiceError::Unreadable { what: "pre-check", reason: error.to_string() }
}

impl PrecheckParts<'_> {
    /// Reads a request.
    ///
    /// # Errors
    /// `ServiceError` for what is no pre-check.
    pub fn parse(&self, body: &[u8]) -> Result<PrecheckQuestion, ServiceError> {
        let sent: Box<RawValue> = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
        let request: PrecheckRequest = serde_json::from_str(sent.get()).map_err(|error| unreadable(&error))?;
        request.question(self.now.date(), &|member| format!("/{member}"))
    }

    /// Answers a question.
    ///
    /// # Errors
    /// As `service::precheck`.
    pub fn decide(&self, generation: &Arc<Generation>, question: &PrecheckQuestion) -> Result<PrecheckAnswer, ServiceError> {
        let asking = Asking::of(Some(self.identity));
        service::precheck(self.registry, generation, question, &asking, (self.now, &|member| format!("/{member}")))
    }

    /// Renders an answer without recording it.
    ///
    /// # Errors
    /// `ServiceError::Unreadable`.
    pub fn render(&self, answer: &PrecheckAnswer) -> Result<Box<RawValue>, ServiceError> {
        to_raw_value(&PrecheckView::of(answer, None, self.registry.directory().claim_ids())).map_err(|error| unreadable(&error))
    }

    /// Works out both digests and renders; the signature of a receipt belongs between the two.
    ///
    /// # Errors
    /// `ServiceError::Unreadable`.
    pub fn digest(&self, body: &[u8], answer: &PrecheckAnswer, id: PrecheckId) -> Result<Rendered, ServiceError> {
        let view = PrecheckView::of(answer, Some(id), self.registry.directory().claim_ids());
        let asked: serde_json::Value = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
        let digests = PrecheckDigests { request: service::canonical_digest(&asked)?, answer: service::canonical_digest(&view)? };
        Ok(Rendered { text: to_raw_value(&view).map_err(|error| unreadable(&error))?, digests })
    }

    /// Seals what is to be kept.
    ///
    /// # Errors
    /// As `service::seal_precheck`.
    pub fn seal(
        &self,
        (id, organisation): (PrecheckId, OrganisationId),
        (body, rendered): (&[u8], &Rendered),
        answer: &PrecheckAnswer,
        rng: &mut dyn RngCore,
    ) -> Result<SealedPrecheck, ServiceError> {
        let request: Box<RawValue> = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
        let kept = Kept { request, answer: rendered.text.clone(), digests: rendered.digests };
        service::seal_precheck(&self.key, (id, organisation), kept, answer, self.now, rng)
    }
}
