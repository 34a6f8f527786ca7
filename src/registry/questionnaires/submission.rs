//! Submissions as their own member reads them. Each one is a version with its signature and its differences from the one before.

use serde::{Deserialize, Serialize};

use super::open;
use super::sign::Signature;
use crate::acts::Identity;
use crate::node::{Page, Registry, ServiceError};
use rand_core::RngCore;
use vasp_pki::DataKey;
use vasp_rules::questionnaire::document::{AnswersDocument, Difference};
use vasp_store::{Conn, StoreError, SubmittedAnswers};
use vasp_words::ids::{AnswersId, OrganisationId};
use vasp_words::time::UtcTime;

const MISSING: &str = "There are no such answers.";

/// The sealed part of a submission.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignedAnswers {
    pub document: AnswersDocument,
    pub signature: Signature,
}

/// A submission.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// The stored row.
    pub row: SubmittedAnswers,
    /// The signed document.
    pub document: AnswersDocument,
    /// The signature.
    pub signature: Signature,
    /// The differences from the submission before.
    pub differences: Vec<Difference>,
}

pub(super) fn purpose(id: AnswersId) -> String {
    format!("questionnaire-answers:{id}")
}

/// Returns the newest submission of an organisation, also if it was withdrawn.
pub(super) fn newest(conn: &mut Conn, organisation: OrganisationId) -> Result<Option<SubmittedAnswers>, StoreError> {
    Ok(conn.submitted_answers(organisation, i64::MAX, 1)?.into_iter().next())
}

/// Opens the sealed part of a submission.
pub(crate) fn open_submission(row: &SubmittedAnswers, key: &DataKey) -> Result<SignedAnswers, ServiceError> {
    open(key, &purpose(row.id), &row.sealed)
}

/// Builds a submission with its differences from the one before.
fn shown(conn: &mut Conn, row: SubmittedAnswers, key: &DataKey) -> Result<Submission, ServiceError> {
    let before = conn.submitted_answers(row.organisation, row.number, 1)?;
    let before = before.first().map(|before| open_submission(before, key)).transpose()?;
    let SignedAnswers { document, signature } = open_submission(&row, key)?;
    let differences = document.differences(before.as_ref().map(|before| &before.document))?;
    Ok(Submission { row, document, signature, differences })
}

/// Lists the submissions of the caller's organisation, newest first.
pub fn list_submissions(
    registry: &Registry,
    identity: &Identity,
    after: &str,
    limit: usize,
) -> Result<Page<SubmittedAnswers, i64>, ServiceError> {
    let (own, wanted) = (identity.organisation, Page::wanted(limit));
    let before = if after.is_empty() { i64::MAX } else { after.parse().unwrap_or(0) };
    let rows = registry.store().read::<_, ServiceError>(|conn| Ok(conn.submitted_answers(own, before, wanted)?))?;
    Ok(Page::of(rows.into_iter(), limit, |item| item.number))
}

/// Returns a submission of the caller's organisation.
pub fn read_submission(
    registry: &Registry,
    identity: &Identity,
    id: AnswersId,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<Submission, ServiceError> {
    let key = registry.data_key(identity.organisation, now, rng)?;
    registry.store().read(|conn| {
        let row = conn.submitted_answers_by_id(id)?.filter(|row| row.organisation == identity.organisation);
        let row = row.ok_or_else(|| ServiceError::NotFound(MISSING.to_owned()))?;
        shown(conn, row, &key)
    })
}
