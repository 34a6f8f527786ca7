//! Renders an answer: the verdict, and the evidence if it is asked for or recorded. Evidence that is neither is never rendered. The evidence
//! is written once, in canonical order, into a buffer that the thread keeps; from there it is digested, recorded and sent.

use std::cell::RefCell;

use serde_json::value::RawValue;

use super::evidence::PrecheckEvidence;
use super::record::Kept;
use super::verdict::{Verdict, VerdictText, unsigned_text};
use super::{Digests, PrecheckAnswer, PrecheckQuestion, Recording, SealedPrecheck, seal_precheck, sign_receipt};
use crate::node::{Registry, ServiceError, Silence};
use crate::transparency::Signing;
use rand_core::RngCore;
use vasp_pki::DataKey;
use vasp_pki::receipt::{Canonical, write_canonical};
use vasp_record::environment::Environment;
use vasp_words::ids::{OrganisationId, PrecheckId};
use vasp_words::time::UtcTime;

/// How much of an answer is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The verdict alone.
    Verdict,
    /// The verdict with the evidence inside.
    Full,
}

/// An answer to a question, with what rendering needs besides.
#[derive(Clone, Copy)]
pub struct Rendering<'a> {
    /// The registry that answered.
    pub registry: &'a Registry,
    /// The question.
    pub question: &'a PrecheckQuestion,
    /// The answer.
    pub answer: &'a PrecheckAnswer,
    /// How long the node has heard nothing from the database; none for an answer that the database records.
    pub silence: Silence,
}

/// What a pre-check is recorded under.
pub struct Recorder<'a> {
    /// The organisation that asks.
    pub organisation: OrganisationId,
    /// Its data key.
    pub key: &'a DataKey,
    /// What signs the receipt.
    pub signing: &'a Signing,
    /// The request as it was sent.
    pub request: &'a RawValue,
    /// The moment.
    pub now: UtcTime,
}

/// The evidence as text, with its digest.
#[derive(Clone, Copy, Debug)]
pub struct EvidenceText<'a> {
    /// The text.
    pub json: Canonical<'a>,
    /// `sha256:` and 64 hex digits.
    pub digest: &'a str,
}

thread_local! {
    /// Evidence is some five times as long as a verdict, so that its buffer is worth keeping.
    static EVIDENCE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

fn unreadable(error: &dyn std::fmt::Display) -> ServiceError {
    ServiceError::Unreadable { what: "pre-check", reason: error.to_string() }
}

impl<'a> Rendering<'a> {
    /// Renders an answer that is not recorded.
    ///
    /// # Errors
    /// `ServiceError::Unreadable` if a part cannot be written.
    pub fn unrecorded(&self, extent: Extent) -> Result<String, ServiceError> {
        match extent {
            Extent::Verdict => unsigned_text(&Verdict::of(self, None, None)).map_err(|error| unreadable(&error)),
            Extent::Full => self.whole(None),
        }
    }

    /// Renders an answer, signs it and seals it to be recorded. Returns the text to send once it is recorded.
    ///
    /// # Errors
    /// `ServiceError::Unreadable` if a part cannot be written; `Key`.
    pub fn recorded(
        &self,
        recorder: &Recorder<'_>,
        extent: Extent,
        rng: &mut dyn RngCore,
    ) -> Result<(String, SealedPrecheck), ServiceError> {
        let id = PrecheckId::new(recorder.now, rng);
        let retention = self.registry.directory().private(recorder.organisation)?.retention;
        self.with_evidence(|evidence| {
            let verdict = self.verdict(Some(id), Some(evidence))?;
            let digests = Digests::of(recorder.request.get(), &verdict, evidence)?;
            let receipt = sign_receipt(recorder.signing, id, self, &digests, recorder.now)?;
            let text = verdict.with_receipt(Some(&receipt));
            let kept = Kept { request: recorder.request, verdict: &text, evidence: evidence.json.as_str(), digests, retention };
            let row = seal_precheck(recorder.key, id, recorder.organisation, kept, self.answer, recorder.now, rng)?;
            Ok((if extent == Extent::Full { with(text, evidence.json.as_str()) } else { text }, row))
        })
    }

    /// Renders an answer to a recorded question once more, without a receipt, to be compared with the recorded one.
    ///
    /// # Errors
    /// `ServiceError::Unreadable` if a part cannot be written.
    pub fn again(&self, id: PrecheckId) -> Result<String, ServiceError> {
        self.whole(Some(id))
    }

    fn whole(&self, id: Option<PrecheckId>) -> Result<String, ServiceError> {
        self.with_evidence(|evidence| Ok(with(self.verdict(id, Some(evidence))?.with_receipt(None), evidence.json.as_str())))
    }

    /// Renders the verdict.
    pub(crate) fn verdict(
        &self,
        id: Option<PrecheckId>,
        evidence: Option<EvidenceText<'_>>,
    ) -> Result<VerdictText, ServiceError> {
        let verdict = Verdict::of(self, id, evidence.map(|evidence| evidence.digest));
        VerdictText::of(&verdict).map_err(|error| unreadable(&error))
    }

    /// Renders the evidence and hands it over. The text is gone afterwards.
    pub(crate) fn with_evidence<R>(
        &self,
        work: impl FnOnce(EvidenceText<'_>) -> Result<R, ServiceError>,
    ) -> Result<R, ServiceError> {
        EVIDENCE.with_borrow_mut(|buffer| {
            let json = write_canonical(&PrecheckEvidence::of(self), buffer).map_err(|error| unreadable(&error))?;
            work(EvidenceText { json, digest: &json.digest() })
        })
    }

    /// Returns what the answer is for: a registry with the policy of a demonstration is one.
    pub(crate) fn environment(&self) -> Environment {
        let documents = self.answer.generation.documents();
        self.registry.environment_with(&documents.policy.value)
    }
}

/// Adds evidence to the text of a verdict, behind what is signed.
fn with(mut verdict: String, evidence: &str) -> String {
    verdict.pop();
    verdict.reserve(evidence.len() + 16);
    verdict.extend([",\"evidence\":", evidence, "}"]);
    verdict
}

impl Recording {
    /// Returns the recorded answer as it is sent.
    #[must_use]
    pub fn sent(&self, extent: Extent) -> String {
        let verdict = self.verdict.get().to_owned();
        if extent == Extent::Full { with(verdict, self.evidence.get()) } else { verdict }
    }
}
