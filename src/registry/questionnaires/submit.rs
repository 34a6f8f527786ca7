//! Submits the signed draft, which then replaces the submission before it for everyone with access. Or withdraws the current
//! submission. Either takes effect on every node within a second.

use serde_json::json;

use super::draft::{Content, content, document, renew};
use super::shared::{OpenedFacts, facts_purpose};
use super::sign::SignatureInput;
use super::submission::{SignedAnswers, newest, purpose};
use super::{document_sha256, own_vasp, seal, sign};
use crate::acts::{Act, Deed, Reply};
use crate::node::{ServiceError, invalid};
use crate::publishing::Publisher;
use vasp_rules::questionnaire::answers::Answers;
use vasp_store::SubmittedAnswers;
use vasp_words::ids::AnswersId;

/// Submits the draft.
///
/// # Errors
/// `ServiceError::NotFound` if there is no draft. `Changed` if it has changed since. `Invalid` if the signature does not match or
/// nothing is answered. `Forbidden`. `IllegalStep` if the VASP is not verified. Also `Store`, `Key`.
pub fn submit_answers(
    act: Act<'_, SubmittedAnswers>,
    signature: &SignatureInput,
    expected: &dyn Fn(&str) -> bool,
) -> Result<Reply, ServiceError> {
    let (generation, now) = (act.registry.pin(act.now), act.now);
    let key = act.registry.data_key(act.identity.organisation, act.now, act.rng)?;
    act.run("questionnaire.submit", |transaction, identity| {
        let publisher = Publisher::of(transaction, identity)?;
        let organisation = identity.organisation;
        let missing =
            || ServiceError::NotFound("There is no draft; create one with PATCH /v1/questionnaires/draft.".to_owned());
        let draft = transaction.lock_questionnaire_draft(organisation)?.ok_or_else(missing)?;
        if !expected(&draft.version.to_string()) {
            let detail = format!("The draft is now at version {}; read it again before you submit it.", draft.version);
            return Err(ServiceError::Changed(detail));
        }
        let (said, number) = content(transaction.conn(), identity, Some(&draft), &key)?;
        check_not_empty(&said)?;
        let questionnaire = &generation.documents().questionnaire.value;
        let document = document(questionnaire, identity, said.clone(), number)?;
        let sha256 = document_sha256(&document)?;
        let statement = document.statement(&sha256.to_string());
        let signed = sign::check(transaction, identity, &publisher, signature, &statement)?;
        let facts = OpenedFacts::of(questionnaire, &document, now);
        let revision = transaction.next_private_revision(organisation)?;
        transaction.end_standing_answers(organisation, revision, None)?;
        let rng = transaction.conn_and_rng().1;
        let id = AnswersId::new(now, rng);
        let kind = signed.kind();
        let row = SubmittedAnswers {
            sealed: seal(&key, &purpose(id), &SignedAnswers { document, signature: signed }, rng)?,
            sealed_facts: seal(&key, &facts_purpose(id), &facts, rng)?,
            organisation,
            vasp: publisher.vasp,
            number,
            questionnaire: questionnaire.to_string(),
            submitted_at: now,
            submitted_by: identity.user,
            document_sha256: sha256,
            withdrawn_at: None,
            revision_from: revision,
            revision_to: None,
            id,
        };
        transaction.add_submitted_answers(&row)?;
        renew(transaction, draft, said, &key)?;
        let details =
            json!({"vasp": row.vasp, "questionnaire": row.questionnaire, "number": number, "sha256": sha256.to_string(), "signed_by": kind});
        Ok(Deed::new(row, id, details))
    })
}

fn check_not_empty(said: &Content) -> Result<(), ServiceError> {
    if said.answers == Answers::new() && said.ownership.is_none() {
        let detail = "the draft has no answers".to_owned();
        return Err(invalid("", "nothing_answered", detail));
    }
    Ok(())
}

/// Withdraws the current submission, so that nobody else can read it. It stays in the member's own list.
///
/// # Errors
/// `ServiceError::NotFound` if there is no current submission. Also `Store`, `Key`.
pub fn withdraw_answers(act: Act<'_, SubmittedAnswers>) -> Result<Reply, ServiceError> {
    own_vasp(act.identity)?;
    let now = act.now;
    act.run("questionnaire.withdraw", |transaction, identity| {
        let organisation = identity.organisation;
        let missing = || ServiceError::NotFound("There are no current answers.".to_owned());
        let revision = transaction.next_private_revision(organisation)?;
        if transaction.end_standing_answers(organisation, revision, Some(now))? == 0 {
            return Err(missing());
        }
        let row = newest(transaction.conn(), organisation)?.ok_or_else(missing)?;
        let (id, details) = (row.id, json!({"vasp": row.vasp, "number": row.number}));
        Ok(Deed::new(row, id, details))
    })
}
