//! The answers of one organisation that stand, and who may read them, as its private state has them. What was answered stays sealed
//! here: the directory has no keys.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::DirectoryError;
use vasp_rules::questionnaire::access::{Extent, Grant, OwnershipAccess};
use vasp_store::{AnswersAccessRow, Conn, StoreError};
use vasp_words::ids::{OrganisationId, VaspId};
use vasp_words::time::UtcTime;

/// Answers that stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingAnswers {
    /// Id of the submission.
    pub submission: String,
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
        let name = organisation.to_string();
        let Some(row) = conn.standing_answers(&name, revision).map_err(DirectoryError::Store)? else { return Ok(None) };
        let wrong = |column| {
            let table = "questionnaire_submissions";
            DirectoryError::Store(StoreError::Inconsistent { table, column, id: row.id.clone() })
        };
        let access = conn.answers_access_at(&name, revision).map_err(DirectoryError::Store)?;
        Ok(Some(Self {
            organisation,
            revision,
            vasp: row.vasp.parse().map_err(|_| wrong("vasp"))?,
            questionnaire: row.questionnaire.clone(),
            submitted_at: UtcTime::from_micros(row.submitted_at).map_err(|_| wrong("submitted_at"))?,
            sealed_facts: Arc::from(row.sealed_facts.as_slice()),
            grants: access.iter().map(grant).collect::<Result<_, _>>()?,
            submission: row.id.clone(),
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

/// Reads access as it is stored.
fn grant(row: &AnswersAccessRow) -> Result<Grant, DirectoryError> {
    let wrong = |column| {
        let table = "questionnaire_access";
        DirectoryError::Store(StoreError::Inconsistent { table, column, id: row.id.clone() })
    };
    let sections = row.sections.as_deref().map(|text| text.split_whitespace().map(str::to_owned).collect::<BTreeSet<_>>());
    let ownership = if row.ownership == 1 { OwnershipAccess::Granted } else { OwnershipAccess::Withheld };
    Ok(Grant {
        organisation: row.grantee.parse().map_err(|_| wrong("grantee"))?,
        extent: Extent { sections, ownership },
        expires_at: UtcTime::from_micros(row.expires_at).map_err(|_| wrong("expires_at"))?,
    })
}
