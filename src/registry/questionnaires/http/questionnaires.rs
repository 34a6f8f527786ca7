//! `/v1/questionnaires`: what a member answers once about itself: the questionnaire, its draft, and its submissions.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use utoipa::ToSchema;

use super::ownership::OwnershipBody;
use super::view::{DraftChangedView, DraftView, MemberQuestionnaireView, SubmissionLineView, SubmissionListView, SubmissionView};
use crate::acts::Reply;
use crate::http::blocking::blocking;
use crate::http::listing::{ListQuery, id_in_path, page};
use crate::http::permission::{MemberEdit, MemberRead};
use crate::http::write::{Answer, Bare, Sent, Version, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::node::invalid;
use crate::questionnaires::{
    Draft, DraftChange, SignatureInput, SubmittedAnswers, change_draft, list_submissions as list, read_draft, read_submission,
    submit_answers, withdraw_answers,
};
use vasp_routing::{get, patch, post};
use vasp_rules::questionnaire::answers::AnswerInput;
use vasp_words::ids::{AnswersId, CertificateId, MessageKeyId};

/// The new content of the draft.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewQuestionnaireDraft)]
pub(crate) struct DraftBody {
    /// Answers by id of the item; null removes an answer. An answer that you send again is confirmed: its validity starts again today.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, AnswerBody>)]
    answers: BTreeMap<String, Option<AnswerBody>>,
    /// The chain of owners; null removes it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<OwnershipBody>)]
    ownership: Option<Option<OwnershipBody>>,
}

/// An answer to an item.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewQuestionnaireAnswer)]
pub(crate) struct AnswerBody {
    /// The value, of the type that the item asks for: a word, a text, a whole number, a day, the SHA-256 of a document, or a list of
    /// words or countries.
    #[schema(value_type = serde_json::Value, example = "yes")]
    value: Value,
    /// SHA-256 of your documents that prove it; at most 10.
    #[serde(default)]
    evidence: Vec<String>,
    /// A note on the answer; at most 1,000 characters.
    #[serde(default)]
    note: Option<String>,
}

/// How the statement about the answers is signed: with `key` and `jws`, or with `certificate` and `signature`. If you give neither, the
/// person who submits the answers attests them.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = QuestionnaireSignatureInput)]
pub(crate) struct SignatureBody {
    /// Id of a signing key that the VASP published.
    #[serde(default)]
    key: Option<MessageKeyId>,
    /// The statement as a compact JWS, signed with that key.
    #[serde(default)]
    jws: Option<String>,
    /// Id of a certificate that the VASP published.
    #[serde(default)]
    certificate: Option<CertificateId>,
    /// The signature of the statement with that certificate's key, base64.
    #[serde(default)]
    signature: Option<String>,
}

/// Deserialises a member so that null differs from absent.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(value).map(Some)
}

impl DraftBody {
    fn change(self) -> DraftChange {
        let answer = |AnswerBody { value, evidence, note }: AnswerBody| AnswerInput { value, evidence, note };
        DraftChange {
            answers: self.answers.into_iter().map(|(item, body)| (item, body.map(answer))).collect(),
            ownership: self.ownership.map(|chain| chain.map(OwnershipBody::into)),
        }
    }
}

impl SignatureBody {
    fn read(self) -> Result<SignatureInput, Problem> {
        match self {
            Self { key: Some(key), jws: Some(jws), certificate: None, signature: None } => Ok(SignatureInput::Key { key, jws }),
            Self { key: None, jws: None, certificate: Some(certificate), signature: Some(signature) } => {
                Ok(SignatureInput::Certificate { certificate, signature })
            }
            Self { key: None, jws: None, certificate: None, signature: None } => Ok(SignatureInput::Attestation),
            _ => {
                let detail = "send `key` with `jws`, or `certificate` with `signature`, or none of these".to_owned();
                Err(invalid("", "one_signature", detail).into())
            }
        }
    }
}

fn draft_changed(draft: &Draft) -> Reply {
    reply(StatusCode::OK, Some(draft.version.to_string()), DraftChangedView::from(draft))
}

fn handed_in(status: StatusCode) -> impl FnOnce(&SubmittedAnswers) -> Reply + Send {
    move |line| reply(status, None, SubmissionLineView::from(line.clone()))
}

/// Get the questionnaire, your draft, and your last submission.
#[utoipa::path(tag = "member", responses((status = 200, description = "Questionnaire and answers.", body = MemberQuestionnaireView), Problems))]
#[get("/v1/questionnaires")]
pub(crate) async fn get_questionnaire(who: Caller<MemberRead>, app: Data<App>) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let found = blocking(move || {
        let mut rng = app.random.fork();
        let draft = read_draft(&app.registry, &identity, app.clock.now(), &mut rng)?;
        let last = list(&app.registry, &identity, "", 1)?.items.into_iter().next();
        Ok((draft, last))
    });
    let (draft, last) = found.await?;
    Ok(Answer(reply(StatusCode::OK, None, MemberQuestionnaireView::of(&draft, last))))
}

/// Get the draft of the next submission.
#[utoipa::path(tag = "member", responses((status = 200, description = "The draft.", body = DraftView), (status = 304, description = "Unchanged"), Problems))]
#[get("/v1/questionnaires/draft")]
pub(crate) async fn get_questionnaire_draft(who: Caller<MemberRead>, app: Data<App>) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let draft = blocking(move || {
        let mut rng = app.random.fork();
        read_draft(&app.registry, &identity, app.clock.now(), &mut rng)
    });
    let draft = draft.await?;
    Ok(Answer(reply(StatusCode::OK, Some(draft.version.to_string()), DraftView::from(&draft))))
}

/// Change some answers of the draft. Others stay as they are.
#[utoipa::path(tag = "member", request_body = DraftBody, responses((status = 200, description = "The draft was changed.", body = DraftChangedView), Problems))]
#[patch("/v1/questionnaires/draft")]
pub(crate) async fn update_questionnaire_draft(
    who: Caller<MemberEdit>,
    version: Version,
    sent: Sent<DraftBody>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (wanted, expected) = (sent.body.change(), version.test());
    act(&app, who.known()?, sent.once, draft_changed, move |act| change_draft(act, &wanted, &expected)).await
}

/// Submit the draft, signed.
///
/// From then on, organisations with access read this submission instead of the one before.
#[utoipa::path(tag = "member", request_body = SignatureBody, responses((status = 201, description = "The submission.", body = SubmissionLineView), Problems))]
#[post("/v1/questionnaires/submit")]
pub(crate) async fn submit_questionnaire(
    who: Caller<MemberEdit>,
    version: Version,
    sent: Sent<SignatureBody>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (signature, expected) = (sent.body.read()?, version.test());
    let service = move |act: crate::acts::Act<'_, _>| submit_answers(act, &signature, &expected);
    act(&app, who.known()?, sent.once, handed_in(StatusCode::CREATED), service).await
}

/// Withdraw your last submission. From then on nobody else can read it.
#[utoipa::path(tag = "member", responses((status = 200, description = "The submission, withdrawn.", body = SubmissionLineView), Problems))]
#[post("/v1/questionnaires/withdraw")]
pub(crate) async fn withdraw_questionnaire(who: Caller<MemberEdit>, sent: Bare, app: Data<App>) -> Result<Answer, Problem> {
    act(&app, who.known()?, sent.once, handed_in(StatusCode::OK), withdraw_answers).await
}

/// List your submissions, newest first.
#[utoipa::path(tag = "member", params(ListQuery), responses((status = 200, description = "A page of submissions.", body = SubmissionListView), Problems))]
#[get("/v1/questionnaires/submissions")]
pub(crate) async fn list_questionnaire_submissions(
    who: Caller<MemberRead>,
    query: Query<ListQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, (after, limit)) = (who.known()?, query.0.part());
    let found = blocking(move || list(&app.registry, &identity, &after, limit)).await?;
    Ok(page::<_, SubmissionLineView>(found))
}

/// Get one of your submissions, with the difference to the one before.
#[utoipa::path(tag = "member", params(("id" = String, Path, description = "The submission's id.")), responses((status = 200, description = "The submission.", body = SubmissionView), Problems))]
#[get("/v1/questionnaires/submissions/{id}")]
pub(crate) async fn get_questionnaire_submission(
    who: Caller<MemberRead>,
    path: Path<String>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<AnswersId>(&path, "There are no such answers.")?);
    let found = blocking(move || {
        let mut rng = app.random.fork();
        read_submission(&app.registry, &identity, id, app.clock.now(), &mut rng)
    });
    Ok(Answer(reply(StatusCode::OK, None, SubmissionView::from(&found.await?))))
}
