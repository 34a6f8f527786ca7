//! What each organisation keeps for itself and nobody else may read: its relationships and policies, whole in memory, because
//! every pre-check needs them; and what it answered for those to whom it gave access. Not part of a generation: it has no sequence of the public log, but a revision of its own.

use std::collections::HashMap;
use std::sync::Arc;

use super::answers::StandingAnswers;
use super::{DirectoryError, OwnPolicies, SealedRelationships};
use vasp_store::{Conn, StoreError};
use vasp_words::error_chain::error_chain;
use vasp_words::ids::{OrganisationId, VaspId};

/// What one organisation keeps for itself.
#[derive(Debug, Default)]
pub struct PrivateState {
    /// Revision of its last change; 0 where it never kept anything.
    pub revision: i64,
    /// Its policies.
    pub policies: OwnPolicies,
    /// Where it stands with counterparties.
    pub relationships: SealedRelationships,
    /// What it answered about its VASP, for those to whom it gave access.
    pub answers: Option<Arc<StandingAnswers>>,
    /// Why it does not read, where it does not; the rest is empty then, and nothing may be decided by it.
    unreadable: Option<String>,
}

impl PrivateState {
    /// Reads an organisation's state as it stood at a revision of its own.
    pub fn load(conn: &mut Conn, organisation: OrganisationId, revision: i64) -> Result<Self, DirectoryError> {
        let policies = OwnPolicies::load(conn, organisation, revision)?;
        let relationships = SealedRelationships::load(conn, organisation, revision)?;
        let answers = StandingAnswers::load(conn, organisation, revision)?.map(Arc::new);
        Ok(Self { revision, policies, relationships, answers, unreadable: None })
    }

    /// Reads it; where it is what no program of ours wrote, the organisation has a state that says so, and all others go on.
    fn load_or_mark(conn: &mut Conn, organisation: OrganisationId, revision: i64) -> Result<Self, DirectoryError> {
        match Self::load(conn, organisation, revision) {
            Err(
                error @ (DirectoryError::Document { .. }
                | DirectoryError::Embedded { .. }
                | DirectoryError::Store(StoreError::Impossible { .. })),
            ) => {
                tracing::error!(organisation = %organisation, revision, error.chain = error_chain(&error), "what an organisation keeps for itself does not read");
                Ok(Self { revision, unreadable: Some(error.to_string()), ..Self::default() })
            }
            other => other,
        }
    }
}

/// What all organisations keep for themselves.
#[derive(Clone, Debug, Default)]
pub struct PrivateStates {
    revision: i64,
    by_organisation: HashMap<OrganisationId, Arc<PrivateState>>,
    /// Which organisations answered about a VASP.
    answering: HashMap<VaspId, Vec<OrganisationId>>,
}

impl PrivateStates {
    /// Reads again what changed since; none where nothing did.
    pub(super) fn catch_up(&self, conn: &mut Conn) -> Result<Option<Self>, DirectoryError> {
        let changed = conn.private_states_after(self.revision).map_err(DirectoryError::Store)?;
        let Some((_, reached)) = changed.last() else { return Ok(None) };
        let by_organisation = self.by_organisation.clone();
        let mut next = Self { revision: *reached, by_organisation, answering: HashMap::new() };
        for (organisation, revision) in changed.iter().copied() {
            next.by_organisation.insert(organisation, Arc::new(PrivateState::load_or_mark(conn, organisation, revision)?));
        }
        for (organisation, state) in &next.by_organisation {
            if let Some(answers) = &state.answers {
                next.answering.entry(answers.vasp).or_default().push(*organisation);
            }
        }
        Ok(Some(next))
    }

    /// Returns the answers about a VASP that stand, the newest where several organisations answered for it one after another.
    #[must_use]
    pub fn answers_about(&self, vasp: VaspId) -> Option<Arc<StandingAnswers>> {
        let of_vasp = self.answering.get(&vasp).into_iter().flatten();
        let answers = of_vasp.filter_map(|organisation| self.by_organisation.get(organisation)?.answers.clone());
        answers.max_by_key(|answers| (answers.submitted_at, answers.submission))
    }

    /// Returns the revision of the last change of anybody's that is part of this.
    #[must_use]
    pub fn revision(&self) -> i64 {
        self.revision
    }

    /// Returns the revision that was read last, and the organisations whose state changed after another one.
    #[must_use]
    pub fn since(&self, revision: i64) -> (i64, Vec<OrganisationId>) {
        let changed = self.by_organisation.iter().filter(|(_, state)| state.revision > revision);
        (self.revision, changed.map(|(organisation, _)| *organisation).collect())
    }

    /// Returns what an organisation keeps; empty where it keeps nothing.
    ///
    /// # Errors
    /// `DirectoryError::Document` where it does not read: to take that for nothing would be a wrong yes.
    pub fn of(&self, organisation: OrganisationId) -> Result<Arc<PrivateState>, DirectoryError> {
        let state = self.by_organisation.get(&organisation).cloned().unwrap_or_default();
        match &state.unreadable {
            Some(reason) => Err(DirectoryError::Document { kind: "private state", reason: reason.clone() }),
            None => Ok(state),
        }
    }
}
