//! The draft of the next submission: begun with what was handed in last, changed item by item, whole only when it is handed in.

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

/// What of a draft is sealed.
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
    /// The directory that was asked; the questionnaire is part of it.
    pub generation: Arc<Generation>,
    /// Rises with every change; 0 before the first.
    pub version: i64,
    /// When it was changed last; none before the first change.
    pub updated_at: Option<UtcTime>,
    /// What would be handed in; its nonce is empty before the first change.
    pub document: AnswersDocument,
    /// SHA-256 of its canonical form, and the statement that is signed; none before the first change.
    pub to_sign: Option<(String, String)>,
    /// The day that it is judged on.
    pub today: Date,
}

/// How a draft is changed.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftChange {
    /// Whether what is not named is left as it is, or emptied.
    pub rest: Rest,
    /// Answers by item; none takes one away.
    pub answers: BTreeMap<String, Option<AnswerInput>>,
    /// The ownership chain, if it is to be changed.
    pub ownership: Option<Option<OwnershipChain>>,
}

/// What becomes of what a change does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// It stays.
    Stays,
    /// It goes.
    Goes,
}

pub(super) fn purpose(organisation: OrganisationId) -> String {
    format!("questionnaire-draft:{organisation}")
}

/// Draws what keeps a document's digest from being guessed.
pub(super) fn nonce(rng: &mut dyn RngCore) -> String {
    let mut nonce = [0; 32];
    rng.fill_bytes(&mut nonce);
    hex::encode(nonce)
}

/// Returns the draft of the caller's organisation; before it is begun, what was handed in last.
///
/// # Errors
/// `ServiceError::NotFound` where the organisation has no VASP, `Store`, `Key`.
pub fn read_draft(registry: &Registry, identity: &Identity, now: UtcTime, rng: &mut dyn RngCore) -> Result<Draft, ServiceError> {
    let key = registry.data_key(identity.organisation, now, rng)?;
    let generation = registry.pin(now);
    registry.store().read(|conn| {
        let row = conn.questionnaire_draft(identity.organisation)?;
        let (content, number) = content(conn, identity, row.as_ref(), &key)?;
        shown(&generation, identity, (row.as_ref(), content, number), now)
    })
}

/// Returns what a draft says, and the number of the submission that it would be.
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

/// Puts the document together that would be signed.
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
    (row, content, number): (Option<&QuestionnaireDraft>, Content, i64),
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

/// Changes the draft, on the version that the caller has seen.
///
/// # Errors
/// `ServiceError::InvalidMany` with every answer and every place of the chain that is not sound; `Changed`; `NotFound` where the
/// organisation has no VASP; `Store`, `Key`.
pub fn change_draft(act: Act<'_, Draft>, wanted: &DraftChange, expected: &dyn Fn(&str) -> bool) -> Result<Reply, ServiceError> {
    let vasp = own_vasp(act.identity)?;
    let (generation, now) = (act.registry.pin(act.now), act.now);
    let key = act.registry.data_key(act.identity.organisation, act.now, act.rng)?;
    act.run("questionnaire.draft", |transaction, identity| {
        let organisation = identity.organisation;
        let row = transaction.lock_questionnaire_draft(organisation)?;
        let version = row.as_ref().map_or(0, |row| row.version);
        if !expected(&version.to_string()) {
            let detail = format!("The draft is at version {version}; read it again and repeat the change on that.");
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
        let draft = shown(&generation, identity, (Some(&row), next, number), now)?;
        Ok(Deed::new(draft, vasp, details))
    })
}

fn applied(questionnaire: &Questionnaire, before: &Content, wanted: &DraftChange, today: Date) -> Result<Content, ServiceError> {
    let none = Answers::new();
    let from = if wanted.rest == Rest::Stays { &before.answers } else { &none };
    let mut faults: Vec<Fault> = Vec::new();
    let answers = change(questionnaire, from, &wanted.answers, today).unwrap_or_else(|found| {
        faults.extend(found.into_iter().map(|fault| Fault {
            pointer: format!("/answers{}", fault.pointer),
            code: fault.code,
            detail: fault.detail,
        }));
        Answers::new()
    });
    let ownership = match &wanted.ownership {
        Some(chain) => chain.clone(),
        None if wanted.rest == Rest::Stays => before.ownership.clone(),
        None => None,
    };
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
    let detail = format!("{count} {} not be taken; nothing was changed.", if count == 1 { "place can" } else { "places can" });
    Err(Refusal::new(ProblemCode::InvalidRequest, detail).with_faults(faults).into())
}

/// Refuses documents that the organisation did not hand in.
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
        detail: "no document of yours has this SHA-256: hand it in first by POST /v1/member/documents".to_owned(),
    });
    let faults: Vec<Fault> = missing.collect();
    match faults.is_empty() {
        true => Ok(()),
        false => {
            let detail = "Documents are named that are not there.";
            Err(Refusal::new(ProblemCode::InvalidRequest, detail).with_faults(faults).into())
        }
    }
}

/// Begins the next draft with what was just handed in, under another nonce.
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
