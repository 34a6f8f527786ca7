//! The questionnaire, its draft and submissions as the member that answers sees them.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::ownership::OwnersView;
use crate::answers::{Draft, Signature, Submission, SubmittedAnswers};
use crate::http::listing::pages;
use vasp_rules::questionnaire::document::Difference;
use vasp_rules::questionnaire::standing::{ItemStanding, ItemState, TrackStanding, Verdict, items, track};
use vasp_rules::questionnaire::{Item, Questionnaire, Section, Track};
use vasp_words::time::{Date, UtcTime};

/// The questionnaire, and where the member's answers stand.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MemberQuestionnaire)]
pub(crate) struct MemberQuestionnaireView {
    questionnaire: QuestionnaireView,
    /// The draft of the next submission.
    draft: DraftView,
    /// What was handed in last, also where it was withdrawn; null: nothing yet.
    submission: Option<SubmissionLineView>,
}

/// One version of the questionnaire.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Questionnaire)]
pub(crate) struct QuestionnaireView {
    /// `id@version`; ids of items stay the same across versions.
    #[schema(example = "counterparty@1")]
    version: String,
    generated_on: Date,
    about: String,
    sections: Vec<Section>,
    items: Vec<Item>,
}

/// The draft of the next submission.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuestionnaireDraft)]
pub(crate) struct DraftView {
    /// Rises with every change; 0: not begun, what was handed in last is shown.
    version: i64,
    updated_at: Option<UtcTime>,
    /// What would be signed and handed in: answers by item, and the ownership chain.
    #[schema(value_type = Object)]
    document: Value,
    /// SHA-256 of the document's canonical form (RFC 8785), hex; null before the draft is begun.
    document_sha256: Option<String>,
    /// The text that a signature is made over; null before the draft is begun.
    statement: Option<String>,
    /// How far it is complete for each duty.
    tracks: Vec<TrackStandingView>,
    /// Every item that is asked, as it stands today.
    items: Vec<ItemStandingView>,
    /// What the ownership chain comes to; null where there is none.
    owners: Option<OwnersView>,
}

/// The draft after a change. What was answered is read by GET only: answers to writes are kept for a day under their idempotency key,
/// and answers to questionnaires are kept nowhere unsealed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuestionnaireDraftChanged)]
pub(crate) struct DraftChangedView {
    version: i64,
    updated_at: Option<UtcTime>,
    /// SHA-256 of the document's canonical form (RFC 8785), hex.
    document_sha256: Option<String>,
    /// The text that a signature is made over.
    statement: Option<String>,
}

/// How far answers are complete for one duty.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuestionnaireTrack)]
pub(crate) struct TrackStandingView {
    /// `travel_rule` (FATF R.16) or `correspondent` (R.13).
    #[schema(value_type = String)]
    track: Track,
    complete: bool,
    /// Items without an answer that counts.
    missing: Vec<String>,
    /// First day on which an answer that is needed no longer counts.
    valid_until: Option<Date>,
}

/// An item as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuestionnaireItemStanding)]
pub(crate) struct ItemStandingView {
    id: String,
    state: ItemState,
    /// What the answer says; null where there is none.
    verdict: Option<Verdict>,
    answered_on: Option<Date>,
    /// First day on which the answer no longer counts.
    valid_until: Option<Date>,
}

/// A submission, without what was answered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuestionnaireSubmissionLine)]
pub(crate) struct SubmissionLineView {
    id: String,
    /// From 1.
    number: i64,
    #[schema(example = "counterparty@1")]
    questionnaire: String,
    submitted_at: UtcTime,
    submitted_by: String,
    /// SHA-256 of the document that was signed.
    document_sha256: String,
    withdrawn_at: Option<UtcTime>,
    /// Whether it is what others read.
    stands: bool,
}

pages! {
    /// A page of submissions, newest first.
    SubmissionListView as QuestionnaireSubmissionList of SubmissionLineView;
}

/// A submission.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuestionnaireSubmission)]
pub(crate) struct SubmissionView {
    #[serde(flatten)]
    line: SubmissionLineView,
    /// The document that was signed; its canonical form (RFC 8785) has the SHA-256.
    #[schema(value_type = Object)]
    document: Value,
    /// The text that was signed.
    statement: String,
    signature: OwnSignatureView,
    /// Where it differs from the submission before.
    differences: Vec<DifferenceView>,
}

/// Who stands for the answers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnQuestionnaireSignature)]
pub(crate) struct OwnSignatureView {
    /// `message_key`, `certificate` or `attestation`.
    #[schema(example = "attestation")]
    kind: &'static str,
    /// The key or certificate, the signature by it; or the user, the credential and the time.
    #[schema(value_type = Object)]
    by: Value,
}

/// One place in which two submissions differ.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuestionnaireDifference)]
pub(crate) struct DifferenceView {
    /// The item; `ownership` for the chain of owners.
    item: String,
    /// What stood; null for nothing.
    #[schema(value_type = Object)]
    from: Value,
    /// What stands; null for nothing.
    #[schema(value_type = Object)]
    to: Value,
}

impl MemberQuestionnaireView {
    pub(crate) fn of(draft: &Draft, submission: Option<SubmittedAnswers>) -> Self {
        let questionnaire = &draft.generation.documents().questionnaire.value;
        Self { questionnaire: questionnaire.into(), draft: draft.into(), submission: submission.map(SubmissionLineView::from) }
    }
}

impl From<&Questionnaire> for QuestionnaireView {
    fn from(questionnaire: &Questionnaire) -> Self {
        Self {
            version: questionnaire.to_string(),
            generated_on: questionnaire.generated_on(),
            about: questionnaire.about().to_owned(),
            sections: questionnaire.sections().to_vec(),
            items: questionnaire.items().cloned().collect(),
        }
    }
}

impl From<&Draft> for DraftView {
    fn from(draft: &Draft) -> Self {
        let (document, today) = (&draft.document, draft.today);
        let questionnaire = &draft.generation.documents().questionnaire.value;
        let standing = items(questionnaire, &document.answers, document.ownership.as_ref(), today);
        let tracks = Track::ALL.into_iter().map(|duty| track(&standing, duty).into());
        Self {
            version: draft.version,
            updated_at: draft.updated_at,
            // Made of texts and numbers: it always has a JSON form.
            document: serde_json::to_value(document).unwrap_or_default(),
            document_sha256: draft.to_sign.as_ref().map(|(sha256, _)| sha256.clone()),
            statement: draft.to_sign.as_ref().map(|(_, statement)| statement.clone()),
            tracks: tracks.collect(),
            items: standing.iter().map(ItemStandingView::from).collect(),
            owners: document.ownership.as_ref().map(|chain| OwnersView::from(&chain.owners())),
        }
    }
}

impl From<&Draft> for DraftChangedView {
    fn from(draft: &Draft) -> Self {
        let (document_sha256, statement) = draft.to_sign.clone().unzip();
        Self { version: draft.version, updated_at: draft.updated_at, document_sha256, statement }
    }
}

impl From<TrackStanding> for TrackStandingView {
    fn from(standing: TrackStanding) -> Self {
        Self {
            track: standing.track,
            complete: standing.missing.is_empty(),
            missing: standing.missing.iter().map(ToString::to_string).collect(),
            valid_until: standing.valid_until,
        }
    }
}

impl From<&ItemStanding<'_>> for ItemStandingView {
    fn from(standing: &ItemStanding<'_>) -> Self {
        Self {
            id: standing.item.id.to_string(),
            state: standing.state,
            verdict: standing.verdict,
            answered_on: standing.answered_on,
            valid_until: standing.valid_until,
        }
    }
}

impl From<SubmittedAnswers> for SubmissionLineView {
    fn from(row: SubmittedAnswers) -> Self {
        Self {
            id: row.id.to_string(),
            number: row.number,
            questionnaire: row.questionnaire,
            submitted_at: row.submitted_at,
            submitted_by: row.submitted_by.to_string(),
            document_sha256: row.document_sha256.to_string(),
            withdrawn_at: row.withdrawn_at,
            stands: row.revision_to.is_none(),
        }
    }
}

impl From<&Submission> for SubmissionView {
    fn from(submission: &Submission) -> Self {
        Self {
            line: submission.row.clone().into(),
            statement: submission.document.statement(&submission.row.document_sha256.to_string()),
            // Made of texts and numbers: it always has a JSON form.
            document: serde_json::to_value(&submission.document).unwrap_or_default(),
            signature: (&submission.signature).into(),
            differences: submission.differences.iter().map(DifferenceView::from).collect(),
        }
    }
}

impl From<&Signature> for OwnSignatureView {
    fn from(signature: &Signature) -> Self {
        let mut by = serde_json::to_value(signature).unwrap_or_default();
        if let Value::Object(members) = &mut by {
            members.remove("kind");
        }
        Self { kind: signature.kind(), by }
    }
}

impl From<&Difference> for DifferenceView {
    fn from(difference: &Difference) -> Self {
        let item = difference.item.as_ref().map_or_else(|| "ownership".to_owned(), ToString::to_string);
        Self { item, from: difference.from.clone(), to: difference.to.clone() }
    }
}
