//! The private state of each organisation, which nobody else may read. Its relationships and policies are completely in memory, because
//! every pre-check needs them. It also has the organisation's answers for those to whom it gave access. It is not part of a generation: it
//! has no sequence of the public log, but its own revision.

use std::collections::HashMap;
use std::sync::Arc;

use super::answers::StandingAnswers;
use super::{DirectoryError, OwnPolicies, Sealed};
use vasp_rules::approval_rule::ApprovalRule;
use vasp_rules::precheck_retention::PrecheckRetention;
use vasp_rules::relationship::Relationship;
use vasp_rules::screening::OwnDecision;
use vasp_rules::vasp_list::VaspList;
use vasp_store::{Conn, StoreError};
use vasp_words::error_chain::error_chain;
use vasp_words::ids::{OrganisationId, VaspId};

/// The private state of one organisation.
#[derive(Debug, Default)]
pub struct PrivateState {
    /// Revision of its last change; 0 if it never had any content.
    pub revision: i64,
    /// Its policies.
    pub policies: OwnPolicies,
    /// How long it keeps its pre-checks at least; `None` if the law alone decides.
    pub retention: Option<PrecheckRetention>,
    /// Its relationships with counterparties.
    pub relationships: Sealed<Relationship>,
    /// Its rules that approve many counterparties.
    pub approval_rules: Sealed<ApprovalRule>,
    /// What it decided about screening hits.
    pub hit_decisions: Sealed<OwnDecision>,
    /// The lists of counterparties that it got from its own providers.
    pub vasp_lists: Sealed<VaspList>,
    /// Its answers about its VASP, for those to whom it gave access; `None` if there are none.
    pub answers: Option<Arc<StandingAnswers>>,
    /// Why the state cannot be read; `None` if it can. If set, everything else is empty and must not be used for decisions.
    unreadable: Option<String>,
}

impl PrivateState {
    /// Reads an organisation's state as of one of its own revisions.
    pub fn load(conn: &mut Conn, organisation: OrganisationId, revision: i64) -> Result<Self, DirectoryError> {
        let days = conn.retention_at(organisation, revision)?.and_then(|row| row.days);
        let read = |days| PrecheckRetention::try_from(u32::try_from(days).unwrap_or_default());
        let retention = days
            .map(read)
            .transpose()
            .map_err(|error| DirectoryError::Document { kind: "retention", reason: error.to_string() })?;
        Ok(Self {
            revision,
            policies: OwnPolicies::load(conn, organisation, revision)?,
            retention,
            relationships: Sealed::load(conn, organisation, revision)?,
            approval_rules: Sealed::load(conn, organisation, revision)?,
            hit_decisions: Sealed::load(conn, organisation, revision)?,
            vasp_lists: Sealed::load(conn, organisation, revision)?,
            answers: StandingAnswers::load(conn, organisation, revision)?.map(Arc::new),
            unreadable: None,
        })
    }

    /// Reads the state. If it cannot be parsed, this organisation's state says so, and all other organisations are unaffected.
    fn load_or_mark(conn: &mut Conn, organisation: OrganisationId, revision: i64) -> Result<Self, DirectoryError> {
        match Self::load(conn, organisation, revision) {
            Err(
                error @ (DirectoryError::Document { .. }
                | DirectoryError::Embedded { .. }
                | DirectoryError::Store(StoreError::Impossible { .. })),
            ) => {
                tracing::error!(
                    organisation = %organisation,
                    revision,
                    error.chain = error_chain(&error),
                    "an organisation's private data cannot be read"
                );
                Ok(Self { revision, unreadable: Some(error.to_string()), ..Self::default() })
            }
            other => other,
        }
    }
}

/// The private states of all organisations.
#[derive(Clone, Debug, Default)]
pub struct PrivateStates {
    revision: i64,
    by_organisation: HashMap<OrganisationId, Arc<PrivateState>>,
    /// The organisations that answered about each VASP.
    answering: HashMap<VaspId, Vec<OrganisationId>>,
}

impl PrivateStates {
    /// Reads what changed since; `None` if nothing did.
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

    /// Returns the current answers about a VASP. If several organisations answered one after another, returns the newest.
    #[must_use]
    pub fn answers_about(&self, vasp: VaspId) -> Option<Arc<StandingAnswers>> {
        let of_vasp = self.answering.get(&vasp).into_iter().flatten();
        let answers = of_vasp.filter_map(|organisation| self.by_organisation.get(organisation)?.answers.clone());
        answers.max_by_key(|answers| (answers.submitted_at, answers.submission))
    }

    /// Returns the revision of the last change by any organisation that is included.
    #[must_use]
    pub fn revision(&self) -> i64 {
        self.revision
    }

    /// Returns the organisations that have approval rules.
    #[must_use]
    pub fn with_approval_rules(&self) -> Vec<OrganisationId> {
        let with_some = self.by_organisation.iter().filter(|(_, state)| !state.approval_rules.is_empty());
        with_some.map(|(organisation, _)| *organisation).collect()
    }

    /// Returns the last revision read, and the organisations whose state changed after `revision`.
    #[must_use]
    pub fn since(&self, revision: i64) -> (i64, Vec<OrganisationId>) {
        let changed = self.by_organisation.iter().filter(|(_, state)| state.revision > revision);
        (self.revision, changed.map(|(organisation, _)| *organisation).collect())
    }

    /// Returns an organisation's private state; empty if it has none.
    ///
    /// # Errors
    /// `DirectoryError::Document` if it cannot be read. To treat it as empty could allow what the organisation forbids.
    pub fn of(&self, organisation: OrganisationId) -> Result<Arc<PrivateState>, DirectoryError> {
        let state = self.by_organisation.get(&organisation).cloned().unwrap_or_default();
        match &state.unreadable {
            Some(reason) => Err(DirectoryError::Document { kind: "private state", reason: reason.clone() }),
            None => Ok(state),
        }
    }
}
