//! The answers of one organisation that stand, and who may read them, as its private state has them. What was answered stays sealed
//! here: the directory has no keys.

use std::sync::Arc;

use super::DirectoryError;
use vasp_rules::questionnaire::access::{Extent, Grant};
use vasp_store::{AnswersAccess, Conn};
use vasp_words::ids::{AnswersId, OrganisationId, VaspId};
use vasp_words::time::UtcTime;

/// Answers that stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingAnswers {
    /// Id of the submission.
    pub submission: AnswersId,
    /// Whose.
    pub organisation: OrganisationId,
    /// The revision of what that organisation keeps for itself that they were read at.
    pub revision: i64,
    /// The VASP that they are about.
    pub vasp: VaspId,
    /// The questionnaire, `id@version`.
    pub questionnaire: String,
    /// When they were handed in.
    pub submitted_at: UtcTime,
    /// What checks and screening need, sealed under the organisation's data key.
    pub sealed_facts: Arc<[u8]>,
    /// Who may read them.
    pub grants: Vec<Grant>,
}

impl StandingAnswers {
    /// Reads what stood at a private revision of the organisation; none where nothing did.
    pub(super) fn load(conn: &mut Conn, organisation: OrganisationId, revision: i64) -> Result<Option<Self>, DirectoryError> {
        let Some(row) = conn.standing_answers(organisation, revision).map_err(DirectoryError::Store)? else { return Ok(None) };
        let access = conn.answers_access_at(organisation, revision).map_err(DirectoryError::Store)?;
        Ok(Some(Self {
            organisation,
            revision,
            vasp: row.vasp,
            questionnaire: row.questionnaire,
            submitted_at: row.submitted_at,
            sealed_facts: Arc::from(row.sealed_facts),
            grants: access.into_iter().map(grant).collect(),
            submission: row.id,
        }))
    }

    /// Returns what an organisation may read of them at a moment; the whole of its own.
    #[must_use]
    pub fn readable_by(&self, organisation: OrganisationId, now: UtcTime) -> Option<Extent> {
        if organisation == self.organisation {
            return Some(Extent::whole());
        }
        Grant::of(&self.grants, organisation, now).map(|grant| grant.extent.clone())
    }
}

fn grant(row: AnswersAccess) -> Grant {
    let extent = Extent { sections: row.sections.map(|sections| sections.0), ownership: row.ownership };
    Grant { organisation: row.grantee, extent, expires_at: row.expires_at }
}
