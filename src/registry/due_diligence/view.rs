//! View of the due-diligence file. `file` decided what the caller may read; this module decides nothing.

use std::collections::BTreeSet;

use serde::Serialize;

use utoipa::ToSchema;

use super::file::{AnswersSummary, DueDiligenceFile, SharedAnswer, SharedAnswers, TrackFile};
use crate::http::DirectoryView;
use crate::node::ValidUntil;
use crate::precheck::evidence::EvidenceView;
use crate::questionnaires::Signature;
use crate::questionnaires::http::ownership::{OwnersView, OwnershipBody};
use crate::relationships::http::view::RelationshipView;
use vasp_pki::ClaimIdKey;
use vasp_rules::level_a::ComputedLine;
use vasp_rules::precheck::EvidenceOf;
use vasp_rules::questionnaire::Track;
use vasp_rules::questionnaire::answers::AnswerValue;
use vasp_rules::questionnaire::standing::{AnsweredLine, ItemState, LineStatus, Verdict};
use vasp_words::time::{Date, UtcTime};

/// The due-diligence file of a VASP.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DueDiligenceFile)]
pub(crate) struct DueDiligenceFileView {
    vasp: String,
    legal_name: String,
    tracks: FileTracksView,
    /// Level A: what is computed from dated public evidence.
    level_a: Vec<ComputedLineView>,
    /// Level B: what the VASP answered about itself.
    level_b: LevelBView,
    /// Level C: your own relationship, also if it is inherited from the group. Null if there is none, or if you lack the scope and role
    /// `compliance`.
    relationship: Option<RelationshipView>,
    directory: DirectoryView,
    valid_until: ValidUntil,
}

/// The two duties that regulators keep apart.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DueDiligenceFileTracks)]
pub(crate) struct FileTracksView {
    /// FATF R.16 counterparty due diligence.
    travel_rule: FileTrackView,
    /// FATF R.13 correspondent due diligence.
    correspondent: FileTrackView,
}

/// How complete the file is for one duty, as far as you may read it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DueDiligenceFileTrack)]
pub(crate) struct FileTrackView {
    complete: bool,
    /// Requirements that are not established or that you may not read, and items without a valid answer.
    #[schema(example = json!(["CP-14", "aml.programme"]))]
    missing: Vec<String>,
    /// The first day on which something valid expires; null if nothing does.
    expires_on: Option<Date>,
}

/// One requirement of regulators, as public evidence answers it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ComputedLine)]
pub(crate) struct ComputedLineView {
    #[schema(example = "CP-08")]
    requirement: String,
    status: LineStatus,
    #[schema(example = "licence.in_force")]
    code: &'static str,
    detail: String,
    /// When its oldest source was checked.
    observed_at: Option<UtcTime>,
    /// When the first of its sources expires.
    valid_until: Option<UtcTime>,
    #[schema(value_type = Vec<EvidenceView>)]
    evidence: Vec<EvidenceView<'static>>,
}

/// Level B: what the VASP answered about itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LevelB)]
pub(crate) struct LevelBView {
    /// The summary of the current answers; null if there are none, or if you sent no credentials.
    summary: Option<AnswersSummaryView>,
    /// The answers, as far as you have access; null if you have none.
    shared: Option<SharedAnswersView>,
}

/// What callers with credentials may know about the answers without having access.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnswersSummary)]
pub(crate) struct AnswersSummaryView {
    #[schema(example = "counterparty@1")]
    questionnaire: String,
    submitted_on: Date,
    /// The first day on which the answers are no longer complete for this duty; null if they are not complete now.
    travel_rule_complete_until: Option<Date>,
    correspondent_complete_until: Option<Date>,
}

/// The answers that you may read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SharedAnswers)]
pub(crate) struct SharedAnswersView {
    /// The sections that you may read; null means all.
    sections: Option<BTreeSet<String>>,
    /// When your access expires; null for your own answers.
    access_expires_at: Option<UtcTime>,
    submission: String,
    /// SHA-256 of the canonical form (RFC 8785) of the signed document.
    document_sha256: String,
    signature: SignatureView,
    lines: Vec<AnsweredLine>,
    answers: Vec<SharedAnswerView>,
    /// The chain of owners; null if you may not read it, or if it was not given.
    ownership: Option<OwnershipBody>,
    /// The owners that follow from the chain; null if there is no chain.
    owners: Option<OwnersView>,
}

/// Who vouches for the answers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuestionnaireSignature)]
pub(crate) struct SignatureView {
    /// `message_key` or `certificate`: it signed them; `attestation`: a person of the member attested them.
    #[schema(example = "message_key")]
    kind: &'static str,
    /// Id of the key or certificate; null for an attestation.
    id: Option<String>,
    /// Thumbprint of the key (RFC 7638), or SHA-256 of the certificate; null for an attestation.
    digest: Option<String>,
    /// The signature of the statement: compact JWS by the key, or the certificate's signature in base64. Null for an attestation.
    signature: Option<String>,
    /// When a person attested them; null if a key or certificate signed.
    attested_at: Option<UtcTime>,
}

/// One answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SharedAnswer)]
pub(crate) struct SharedAnswerView {
    #[schema(example = "aml.programme")]
    item: String,
    section: String,
    text: String,
    requirements: Vec<String>,
    state: ItemState,
    verdict: Option<Verdict>,
    /// The value: a word, a text, a number, or a list; null if there is none.
    #[schema(value_type = serde_json::Value)]
    value: Option<AnswerValue>,
    /// SHA-256 of the documents that support it.
    evidence: Vec<String>,
    note: Option<String>,
    answered_on: Option<Date>,
    valid_until: Option<Date>,
}

impl DueDiligenceFileView {
    /// Renders a file. `ids` turns claim numbers into public ids.
    pub(crate) fn of(file: &DueDiligenceFile, ids: &ClaimIdKey) -> Self {
        let of_track = |track| file.tracks.iter().find(|found| found.track == track).into();
        Self {
            vasp: file.record.id.to_string(),
            legal_name: file.record.legal_name.clone(),
            tracks: FileTracksView { travel_rule: of_track(Track::TravelRule), correspondent: of_track(Track::Correspondent) },
            level_a: file.level_a.iter().map(|line| ComputedLineView::of(line, ids)).collect(),
            level_b: LevelBView {
                summary: file.summary.as_ref().map(AnswersSummaryView::from),
                shared: file.level_b.as_ref().map(SharedAnswersView::from),
            },
            relationship: file.relationship.clone().map(RelationshipView::from),
            directory: file.generation.as_ref().into(),
            valid_until: file.valid_until,
        }
    }
}

impl From<Option<&TrackFile>> for FileTrackView {
    fn from(track: Option<&TrackFile>) -> Self {
        let missing = track.map(|track| track.missing.clone()).unwrap_or_default();
        Self { complete: missing.is_empty(), missing, expires_on: track.and_then(|track| track.expires_on) }
    }
}

impl ComputedLineView {
    fn of(line: &ComputedLine, ids: &ClaimIdKey) -> Self {
        // Evidence that the directory has nothing carries only the current time, so the view leaves it out.
        let found = line.evidence.iter().filter(|evidence| evidence.of != EvidenceOf::Directory);
        Self {
            requirement: line.requirement.to_string(),
            status: line.status,
            code: line.code,
            detail: line.detail.to_string(),
            observed_at: line.observed_at(),
            valid_until: line.valid_until(),
            evidence: found.map(|evidence| EvidenceView::of(evidence, ids).into_owned()).collect(),
        }
    }
}

impl From<&AnswersSummary> for AnswersSummaryView {
    fn from(summary: &AnswersSummary) -> Self {
        let until = |track| summary.tracks.iter().find(|(known, _)| *known == track).and_then(|(_, until)| *until);
        Self {
            questionnaire: summary.questionnaire.clone(),
            submitted_on: summary.submitted_on,
            travel_rule_complete_until: until(Track::TravelRule),
            correspondent_complete_until: until(Track::Correspondent),
        }
    }
}

impl From<&SharedAnswers> for SharedAnswersView {
    fn from(shared: &SharedAnswers) -> Self {
        Self {
            sections: shared.extent.sections.clone(),
            access_expires_at: shared.expires_at,
            submission: shared.submission.clone(),
            document_sha256: shared.document_sha256.clone(),
            signature: (&shared.signature).into(),
            lines: shared.lines.clone(),
            answers: shared.answers.iter().map(SharedAnswerView::from).collect(),
            ownership: shared.ownership.as_ref().map(|(chain, _)| chain.into()),
            owners: shared.ownership.as_ref().map(|(_, owners)| owners.into()),
        }
    }
}

impl From<&Signature> for SignatureView {
    fn from(signature: &Signature) -> Self {
        let kind = signature.kind();
        match signature {
            Signature::MessageKey { key, thumbprint, jws } => Self {
                kind,
                id: Some(key.to_string()),
                digest: Some(thumbprint.clone()),
                signature: Some(jws.clone()),
                attested_at: None,
            },
            Signature::Certificate { certificate, sha256, signature } => Self {
                kind,
                id: Some(certificate.to_string()),
                digest: Some(sha256.clone()),
                signature: Some(signature.clone()),
                attested_at: None,
            },
            // Only the member itself may know which person attested the answers.
            Signature::Attestation { at, .. } => Self { kind, id: None, digest: None, signature: None, attested_at: Some(*at) },
        }
    }
}

impl From<&SharedAnswer> for SharedAnswerView {
    fn from(shared: &SharedAnswer) -> Self {
        let answer = shared.answer.as_ref();
        Self {
            item: shared.item.id.to_string(),
            section: shared.item.section.clone(),
            text: shared.item.text.clone(),
            requirements: shared.item.requirements.iter().map(ToString::to_string).collect(),
            state: shared.state,
            verdict: shared.verdict,
            value: answer.map(|answer| answer.value.clone()),
            evidence: answer.iter().flat_map(|answer| &answer.evidence).map(ToString::to_string).collect(),
            note: answer.and_then(|answer| answer.note.clone()),
            answered_on: answer.map(|answer| answer.answered_on),
            valid_until: shared.valid_until,
        }
    }
}
