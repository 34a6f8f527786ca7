//! What each organisation keeps for itself and nobody else may read: its relationships and policies, whole in memory, because
//! every pre-check needs them. Not part of a generation: it has no sequence of the public log, but a revision of its own.

use std::collections::HashMap;
use std::sync::Arc;

use super::{DirectoryError, OwnPolicies, SealedRelationships};
use crate::domain::ids::OrganisationId;
use crate::store::{Conn, StoreError};

/// What one organisation keeps for itself.
#[derive(Debug, Default)]
pub struct PrivateState {
    /// Revision of its last change; 0 where it never kept anything.
    pub revision: i64,
    /// Its policies.
    pub policies: OwnPolicies,
    /// Where it stands with counterparties.
    pub relationships: SealedRelationships,
}

impl PrivateState {
    /// Reads an organisation's state as it stood at a revision of its own.
    ///
    /// # Errors
    /// `DirectoryError`.
    pub fn load(conn: &mut Conn, organisation: OrganisationId, revision: i64) -> Result<Self, DirectoryError> {
        let policies = OwnPolicies::load(conn, organisation, revision)?;
        let relationships = SealedRelationships::load(conn, organisation, revision)?;
        Ok(Self { revision, policies, relationships })
    }
}

/// What all organisations keep for themselves.
#[derive(Clone, Debug, Default)]
pub struct PrivateStates {
    revision: i64,
    by_organisation: HashMap<OrganisationId, Arc<PrivateState>>,
}

impl PrivateStates {
    /// Reads again what changed since; none where nothing did.
    pub(super) fn catch_up(&self, conn: &mut Conn) -> Result<Option<Self>, DirectoryError> {
        let changed = conn.private_states_after(self.revision).map_err(DirectoryError::Store)?;
        let Some((_, reached)) = changed.last() else { return Ok(None) };
        let mut next = Self { revision: *reached, by_organisation: self.by_organisation.clone() };
        for (text, revision) in &changed {
            let wrong = |_| StoreError::Inconsistent { table: "private_states", column: "organisation", id: text.clone() };
            let organisation = text.parse().map_err(wrong).map_err(DirectoryError::Store)?;
            next.by_organisation.insert(organisation, Arc::new(PrivateState::load(conn, organisation, *revision)?));
        }
        Ok(Some(next))
    }

    /// Returns the revision that was read last, and the organisations whose state changed after another one.
    #[must_use]
    pub fn since(&self, revision: i64) -> (i64, Vec<OrganisationId>) {
        let changed = self.by_organisation.iter().filter(|(_, state)| state.revision > revision);
        (self.revision, changed.map(|(organisation, _)| *organisation).collect())
    }

    /// Returns what an organisation keeps; empty where it keeps nothing.
    #[must_use]
    pub fn of(&self, organisation: OrganisationId) -> Arc<PrivateState> {
        self.by_organisation.get(&organisation).cloned().unwrap_or_default()
    }
}
