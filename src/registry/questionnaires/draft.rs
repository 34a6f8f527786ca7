//! The draft of the next submission. It begins with the answers of the last submission and changes item by item. It need not be
//! complete until it is submitted.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::submission::{newest, open_submission};
use super::{document_sha256, open, own_vasp, seal};
use crate::acts::{Act, Deed, Identity, Reply};
use crate::directory::Generation;
use crate::node::{Fault, ProblemCode, Refusal, Registry, ServiceError};
use rand_core::RngCore;
use vasp_pki::DataKey;
use vasp_rules::ownership::OwnershipChain;
use vasp_rules::questionnaire::Questionnaire;
use vasp_rules::questionnaire::answers::{AnswerInput, Answers, DocumentDigest, change};
use vasp_rules::questionnaire::document::{AnswersDocument, DocumentForm};
use vasp_store::{Conn, QuestionnaireDraft, Transaction};
use vasp_words::ids::OrganisationId;
use vasp_words::time::{Date, UtcTime};

/// The sealed part of a draft.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Content {
    pub nonce: String,
    pub answers: Answers,
    pub ownership: Option<OwnershipChain>,
}

/// A draft as its member sees it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The directory generation that answered. The questionnaire is part of it.
    pub generation: Arc<Generation>,
    /// Rises with every change. 0 before the first change.
    pub version: i64,
    /// When it last changed. `None` before the first change.
    pub updated_at: Option<UtcTime>,
    /// The document that would be submitted. Its nonce is empty before the first change.
    pub document: AnswersDocument,
    /// SHA-256 of the document's canonical form, and the statement to sign. `None` before the first change.
    pub to_sign: Option<(String, String)>,
    /// The day as of which the draft is judged.
    pub today: Date,
}

/// A change of a draft; what it does not name stays.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftChange {
    /// The new answers by item. `None` removes the answer.
    pub answers: BTreeMap<String, Option<AnswerInput>>,
    /// The new chain of owners. The outer `None` leaves the chain as it is; the inner `None` removes it.
    pub ownership: Option<Option<OwnershipChain>>,
}

pub(super) fn purpose(organisation: OrganisationId) -> String {
    format!("questionnaire-draft:{organisation}")
}

/// Returns a random nonce. It prevents others from guessing a document by its digest.
pub(super) fn nonce(rng: &mut dyn RngCore) -> String {
    let mut nonce = [0; 32];
    rng.fill_bytes(&mut nonce);
    hex::encode(nonce)
}

/// Returns the draft of the caller's organisation. Before the first change, it has the content of the last submission.
///
/// # Errors
/// `ServiceError::NotFound` if the organisation has no VASP. Also `Store`, `Key`.
pub fn read_draft(registry: &Registry, identity: &Identity, now: UtcTime, rng: &mut dyn RngCore) -> Result<Draft, ServiceError> {
    let key = registry.data_key(identity.organisation, now, rng)?;
    let generation = registry.pin(now);
    registry.store().read(|conn| {
        let row = conn.questionnaire_draft(identity.organisation)?;
        let (content, number) = content(conn, identity, row.as_ref(), &key)?;
        shown(&generation, identity, row.as_ref(), content, number, now)
    })
}

/// Returns the content of a draft, and the number that its submission would have.
pub(super) fn content(
    conn: &mut Conn,
    identity: &Identity,
    row: Option<&QuestionnaireDraft>,
    key: &DataKey,
) -> Result<(Content, i64), ServiceError> {
    let organisation = identity.organisation;
    let last = newest(conn, organisation)?;
    let number = last.as_ref().map_or(1, |last| last.number + 1);
    let content = match (row, last) {
        (Some(row), _) => open(key, &purpose(organisation), &row.sealed)?,
        (None, Some(last)) => {
            let AnswersDocument { answers, ownership, .. } = open_submission(&last, key)?.document;
            Content { nonce: String::new(), answers, ownership }
        }
        (None, None) => Content { nonce: String::new(), answers: Answers::new(), ownership: None },
    };
    Ok((content, number))
}

/// Builds the document that would be signed.
pub(super) fn document(
    questionnaire: &Questionnaire,
    identity: &Identity,
    content: Content,
    number: i64,
) -> Result<AnswersDocument, ServiceError> {
    Ok(AnswersDocument {
        form: DocumentForm::First,
        vasp: own_vasp(identity)?,
        organisation: identity.organisation,
        number,
        questionnaire: questionnaire.to_string(),
        nonce: content.nonce,
        answers: content.answers,
        ownership: content.ownership,
    })
}

pub(super) fn shown(
    generation: &Arc<Generation>,
    identity: &Identity,
    row: Option<&QuestionnaireDraft>,
    content: Content,
    number: i64,
    now: UtcTime,
) -> Result<Draft, ServiceError> {
    let document = document(&generation.documents().questionnaire.value, identity, content, number)?;
    let sha256 = row.map(|_| document_sha256(&document)).transpose()?;
    Ok(Draft {
        generation: Arc::clone(generation),
        version: row.map_or(0, |row| row.version),
        updated_at: row.map(|row| row.updated_at),
        to_sign: sha256.map(|sha256| (sha256.to_string(), document.statement(&sha256.to_string()))),
        document,
        today: now.date(),
    })
}

/// Changes the draft, if it still has the version that the caller has seen.
///
/// # Errors
/// `ServiceError::InvalidMany` with every faulty answer and every fault of the chain. `Changed` if the draft has another version.
/// `NotFound` if the organisation has no VASP. Also `Store`, `Key`.
pub fn change_draft(act: Act<'_, Draft>, wanted: &DraftChange, expected: &dyn Fn(&str) -> bool) -> Result<Reply, ServiceError> {
    let vasp = own_vasp(act.identity)?;
    let (generation, now) = (act.registry.pin(act.now), act.now);
    let key = act.registry.data_key(act.identity.organisation, act.now, act.rng)?;
    act.run("questionnaire.draft", |transaction, identity| {
        let organisation = identity.organisation;
        let row = transaction.lock_questionnaire_draft(organisation)?;
        let version = row.as_ref().map_or(0, |row| row.version);
        if !expected(&version.to_string()) {
            let detail = format!("The draft is now at version {version}; read it again and repeat the change.");
            return Err(ServiceError::Changed(detail));
        }
        let (before, number) = content(transaction.conn(), identity, row.as_ref(), &key)?;
        let questionnaire = &generation.documents().questionnaire.value;
        let mut next = applied(questionnaire, &before, wanted, now.date())?;
        check_documents(transaction.conn(), organisation, wanted)?;
        if next.nonce.is_empty() {
            next.nonce = nonce(transaction.conn_and_rng().1);
        }
        document_sha256(&document(questionnaire, identity, next.clone(), number)?)?;
        let rng = transaction.conn_and_rng().1;
        let row = QuestionnaireDraft {
            sealed: seal(&key, &purpose(organisation), &next, rng)?,
            organisation,
            vasp,
            version: version + 1,
            questionnaire: questionnaire.to_string(),
            updated_at: now,
        };
        transaction.put_questionnaire_draft(&row)?;
        let details = json!({"vasp": row.vasp, "questionnaire": row.questionnaire, "version": row.version});
        let draft = shown(&generation, identity, Some(&row), next, number, now)?;
        Ok(Deed::new(draft, vasp, details))
    })
}

fn applied(questionnaire: &Questionnaire, before: &Content, wanted: &DraftChange, today: Date) -> Result<Content, ServiceError> {
    let mut faults: Vec<Fault> = Vec::new();
    let answers = change(questionnaire, &before.answers, &wanted.answers, today).unwrap_or_else(|found| {
        faults.extend(found.into_iter().map(|fault| Fault {
            pointer: format!("/answers{}", fault.pointer),
            code: fault.code,
            detail: fault.detail,
        }));
        Answers::new()
    });
    let ownership = wanted.ownership.clone().unwrap_or_else(|| before.ownership.clone());
    if let Some(Err(found)) = wanted.ownership.as_ref().and_then(Option::as_ref).map(|chain| chain.check(today)) {
        faults.extend(found.into_iter().map(|fault| Fault {
            pointer: format!("/ownership{}", fault.pointer),
            code: fault.code,
            detail: fault.detail,
        }));
    }
    if faults.is_empty() {
        return Ok(Content { nonce: before.nonce.clone(), answers, ownership });
    }
    let count = faults.len();
    let detail = format!(
        "{count} {}; nothing was changed.",
        if count == 1 { "member of the body is not valid" } else { "members of the body are not valid" }
    );
    Err(Refusal::new(ProblemCode::InvalidRequest, detail).with_faults(faults).into())
}

/// Refuses documents that the organisation did not upload.
fn check_documents(conn: &mut Conn, organisation: OrganisationId, wanted: &DraftChange) -> Result<(), ServiceError> {
    let mut named: Vec<(String, String)> = Vec::new();
    for (item, input) in &wanted.answers {
        let Some(input) = input else { continue };
        let place = |place: usize| format!("/answers/{item}/evidence/{place}");
        named.extend(input.evidence.iter().enumerate().map(|(index, digest)| (place(index), digest.clone())));
        let value = input.value.as_str().map(str::to_owned).filter(|text| DocumentDigest::try_from(text.clone()).is_ok());
        named.extend(value.map(|digest| (format!("/answers/{item}/value"), digest)));
    }
    if let Some(Some(chain)) = &wanted.ownership {
        let parties = chain.parties.iter().enumerate().map(|(index, party)| ("parties", index, &party.document));
        let links = chain.links.iter().enumerate().map(|(index, link)| ("links", index, &link.document));
        named.extend(parties.chain(links).filter_map(|(list, index, document)| {
            Some((format!("/ownership/{list}/{index}/document"), document.as_ref()?.to_string()))
        }));
    }
    if named.is_empty() {
        return Ok(());
    }
    let there: Vec<String> = conn.member_document_files(organisation)?.iter().map(ToString::to_string).collect();
    let missing = named.into_iter().filter(|(_, digest)| !there.contains(digest)).map(|(pointer, _)| Fault {
        pointer,
        code: "unknown_document",
        detail: "your organisation has no document with this SHA-256; upload it first with POST /v1/documents".to_owned(),
    });
    let faults: Vec<Fault> = missing.collect();
    match faults.is_empty() {
        true => Ok(()),
        false => {
            let detail = "The draft names documents that your organisation has not uploaded.";
            Err(Refusal::new(ProblemCode::InvalidRequest, detail).with_faults(faults).into())
        }
    }
}

/// Starts the next draft with the content of the new submission and a new nonce.
pub(super) fn renew(
    transaction: &mut Transaction<'_>,
    row: QuestionnaireDraft,
    content: Content,
    key: &DataKey,
) -> Result<(), ServiceError> {
    let rng = transaction.conn_and_rng().1;
    let content = Content { nonce: nonce(rng), ..content };
    let sealed = seal(key, &purpose(row.organisation), &content, rng)?;
    transaction.put_questionnaire_draft(&QuestionnaireDraft { sealed, version: row.version + 1, ..row })?;
    Ok(())
}
