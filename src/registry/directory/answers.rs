//! An organisation's current answers about its VASP, and who may read them, as part of its private state. The answers stay encrypted here,
//! because the directory has no keys.

use std::sync::Arc;

use super::DirectoryError;
use vasp_rules::questionnaire::access::{Extent, Grant};
use vasp_store::{AnswersAccess, Conn};
use vasp_words::ids::{AnswersId, OrganisationId, VaspId};
use vasp_words::time::UtcTime;

/// The current answers of one organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingAnswers {
    /// Id of the submission.
    pub submission: AnswersId,
    /// The organisation that gave the answers.
    pub organisation: OrganisationId,
    /// The revision of that organisation's private state at which the answers were read.
    pub revision: i64,
    /// The VASP that they are about.
    pub vasp: VaspId,
    /// The questionnaire, `id@version`.
    pub questionnaire: String,
    /// When they were handed in.
    pub submitted_at: UtcTime,
    /// The facts that checks and screening need, encrypted under the organisation's data key.
    pub sealed_facts: Arc<[u8]>,
    /// Who may read them.
    pub grants: Vec<Grant>,
}

impl StandingAnswers {
    /// Reads the answers as of a private revision of the organisation; `None` if there were none.
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

    /// Returns which part of the answers an organisation may read at a moment; its own answers entirely.
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
