//! Views of the questionnaire, its draft and its submissions for the member that answers.

use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::Value;
use utoipa::ToSchema;

use super::ownership::OwnersView;
use crate::http::listing::pages;
use crate::questionnaires::{Draft, Signature, Submission, SubmittedAnswers};
use vasp_rules::questionnaire::document::{AnswersDocument, Difference};
use vasp_rules::questionnaire::standing::{ItemStanding, ItemState, TrackStanding, Verdict, items, track};
use vasp_rules::questionnaire::{Item, Questionnaire, Section, Track};
use vasp_words::time::{Date, UtcTime};

/// The questionnaire, and the state of the member's answers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MemberQuestionnaire)]
pub(crate) struct MemberQuestionnaireView {
    questionnaire: QuestionnaireView,
    /// The draft of the next submission.
    draft: DraftView,
    /// Your latest submission, also if you withdrew it; null if you submitted nothing yet.
    submission: Option<SubmissionLineView>,
}

/// One version of the questionnaire.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Questionnaire)]
pub(crate) struct QuestionnaireView {
    /// The version, `id@version`. The ids of items stay the same in all versions.
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
    /// Rises with every change. 0 if the draft is not begun; it then shows your last submission.
    version: i64,
    updated_at: Option<UtcTime>,
    /// The document that would be signed and submitted: answers by item, and the chain of owners.
    #[schema(value_type = Object)]
    document: AnswersDocument,
    /// SHA-256 of the document's canonical form (RFC 8785), hex; null before the draft is begun.
    document_sha256: Option<String>,
    /// The text to sign; null before the draft is begun.
    statement: Option<String>,
    /// How complete the draft is for each duty.
    tracks: Vec<TrackStandingView>,
    /// The state of every item today.
    items: Vec<ItemStandingView>,
    /// What follows from the chain of owners; null if there is no chain.
    owners: Option<OwnersView>,
}

/// The draft after a change, without the answers; only GET returns them. The reason: answers to writes are stored for a day under their
/// idempotency key, and questionnaire answers are never stored unsealed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuestionnaireDraftChanged)]
pub(crate) struct DraftChangedView {
    version: i64,
    updated_at: Option<UtcTime>,
    /// SHA-256 of the document's canonical form (RFC 8785), hex.
    document_sha256: Option<String>,
    /// The text to sign.
    statement: Option<String>,
}

/// How complete the answers are for one duty.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuestionnaireTrack)]
pub(crate) struct TrackStandingView {
    /// The duty: `travel_rule` (FATF R.16) or `correspondent` (R.13).
    #[schema(value_type = String)]
    track: Track,
    complete: bool,
    /// Items without a valid answer.
    missing: Vec<String>,
    /// The first day on which a required answer is no longer valid; null if there is none.
    valid_until: Option<Date>,
}

/// The state of an item.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuestionnaireItemStanding)]
pub(crate) struct ItemStandingView {
    id: String,
    state: ItemState,
    /// What the answer means for the VASP; null if there is none.
    verdict: Option<Verdict>,
    answered_on: Option<Date>,
    /// The first day on which the answer is no longer valid; null if there is none.
    valid_until: Option<Date>,
}

/// A submission without its answers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuestionnaireSubmissionLine)]
pub(crate) struct SubmissionLineView {
    id: String,
    /// The number of the submission, counted from 1.
    number: i64,
    #[schema(example = "counterparty@1")]
    questionnaire: String,
    submitted_at: UtcTime,
    submitted_by: String,
    /// SHA-256 of the signed document.
    document_sha256: String,
    withdrawn_at: Option<UtcTime>,
    /// Whether it is the current submission, which others can read.
    stands: bool,
}

pages! {
    /// A page of submissions, newest first.
    SubmissionListView as QuestionnaireSubmissionList of SubmissionLineView;
}

/// A submission with its answers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuestionnaireSubmission)]
pub(crate) struct SubmissionView {
    #[serde(flatten)]
    line: SubmissionLineView,
    /// The signed document. `document_sha256` is the SHA-256 of its canonical form (RFC 8785).
    #[schema(value_type = Object)]
    document: AnswersDocument,
    /// The text that was signed.
    statement: String,
    signature: OwnSignatureView,
    /// The differences from the submission before.
    differences: Vec<DifferenceView>,
}

/// Who vouches for the answers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnQuestionnaireSignature)]
pub(crate) struct OwnSignatureView {
    /// `message_key`, `certificate` or `attestation`.
    #[schema(example = "attestation")]
    kind: &'static str,
    /// The key or certificate with its signature; or the user, the credential and the time of the attestation.
    #[schema(value_type = Object)]
    #[serde(serialize_with = "without_kind")]
    by: Signature,
}

fn without_kind<S: Serializer>(signature: &Signature, serializer: S) -> Result<S::Ok, S::Error> {
    let mut members = serde_json::to_value(signature).map_err(S::Error::custom)?;
    members.as_object_mut().and_then(|members| members.remove("kind"));
    members.serialize(serializer)
}

/// One difference between two submissions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuestionnaireDifference)]
pub(crate) struct DifferenceView {
    /// Id of the item; `ownership` for the chain of owners.
    item: String,
    /// The old value; null if there was none.
    #[schema(value_type = serde_json::Value)]
    from: Value,
    /// The new value; null if there is none.
    #[schema(value_type = serde_json::Value)]
    to: Value,
}

impl MemberQuestionnaireView {
    pub(crate) fn of(draft: &Draft, submission: Option<SubmittedAnswers>) -> Self {
        let questionnaire = &draft.generation.documents().questionnaire.value;
        Self {
            questionnaire: (&**questionnaire).into(),
            draft: draft.into(),
            submission: submission.map(SubmissionLineView::from),
        }
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
            document: document.clone(),
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
            document: submission.document.clone(),
            signature: (&submission.signature).into(),
            differences: submission.differences.iter().map(DifferenceView::from).collect(),
        }
    }
}

impl From<&Signature> for OwnSignatureView {
    fn from(signature: &Signature) -> Self {
        Self { kind: signature.kind(), by: signature.clone() }
    }
}

impl From<&Difference> for DifferenceView {
    fn from(difference: &Difference) -> Self {
        let item = difference.item.as_ref().map_or_else(|| "ownership".to_owned(), ToString::to_string);
        Self { item, from: difference.from.clone(), to: difference.to.clone() }
    }
}
