//! Policies of organisations: versions, which of them counts from one revision to another, and proposals that wait for a second
//! person. What a policy says is text here.

use super::backend::on_backend;
use super::schema::{policies, policy_activations, policy_proposals};
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;

/// One version of a policy; never changed.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = policies, treat_none_as_default_value = false)]
pub struct PolicyRow {
    /// Whose.
    pub organisation: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: i32,
    /// The document.
    pub body: String,
    /// Revision from which on it is there.
    pub revision_from: i64,
}

/// Which version counts, from one revision to another.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = policy_activations, treat_none_as_default_value = false)]
pub struct PolicyActivationRow {
    /// Whose.
    pub organisation: String,
    /// Revision from which on it counts.
    pub revision_from: i64,
    /// Revision from which on it counts no more; none: it counts.
    pub revision_to: Option<i64>,
    /// Name of the policy.
    pub name: String,
    /// Its version.
    pub version: i32,
}

/// A looser policy that waits for a second person, or did.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = policy_proposals, treat_none_as_default_value = false)]
pub struct PolicyProposalRow {
    /// Public id.
    pub id: String,
    /// Whose.
    pub organisation: String,
    /// Name of the policy; none: the registry's default.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<i32>,
    /// Where it is looser, a JSON list of sentences.
    pub looser: String,
    /// Digest of exactly what is proposed, in hex.
    pub digest: String,
    /// Why.
    pub reason: String,
    /// Whether it waits, or what became of it.
    pub state: String,
    /// Id of the user who proposed it.
    pub proposed_by: String,
    /// With which credential.
    pub proposed_with: String,
    /// When, microseconds since the epoch.
    pub proposed_at: i64,
    /// Id of the user who decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<i64>,
}

/// State of a proposal that waits.
pub const PENDING: &str = "pending";

impl Conn {
    /// Returns the policies that an organisation had at a revision, by name and version.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn policies_at(&mut self, organisation: &str, revision: i64) -> Result<Vec<PolicyRow>, StoreError> {
        policies::table
            .filter(policies::organisation.eq(organisation))
            .filter(policies::revision_from.le(revision))
            .order((policies::name, policies::version))
            .select(PolicyRow::as_select())
            .load(self)
            .map_err(StoreError::on("policies"))
    }

    /// Returns which policy counted for an organisation at a revision.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn policy_activation_at(&mut self, organisation: &str, revision: i64) -> Result<Option<PolicyActivationRow>, StoreError> {
        policy_activations::table
            .filter(policy_activations::organisation.eq(organisation))
            .filter(policy_activations::revision_from.le(revision))
            .filter(policy_activations::revision_to.is_null().or(policy_activations::revision_to.gt(revision)))
            .select(PolicyActivationRow::as_select())
            .first(self)
            .optional()
            .map_err(StoreError::on("policy_activations"))
    }

    /// Returns a proposal.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn policy_proposal(&mut self, id: &str) -> Result<Option<PolicyProposalRow>, StoreError> {
        let query = policy_proposals::table.find(id).select(PolicyProposalRow::as_select());
        query.first(self).optional().map_err(StoreError::on("policy_proposals"))
    }

    /// Returns an organisation's proposals, oldest first, those after `after` only.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn policy_proposals(
        &mut self,
        organisation: &str,
        after: &str,
        limit: i64,
    ) -> Result<Vec<PolicyProposalRow>, StoreError> {
        policy_proposals::table
            .filter(policy_proposals::organisation.eq(organisation))
            .filter(policy_proposals::id.gt(after))
            .order(policy_proposals::id)
            .limit(limit)
            .select(PolicyProposalRow::as_select())
            .load(self)
            .map_err(StoreError::on("policy_proposals"))
    }

    /// Returns an organisation's proposal that waits; there is at most one.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn pending_policy_proposal(&mut self, organisation: &str) -> Result<Option<PolicyProposalRow>, StoreError> {
        policy_proposals::table
            .filter(policy_proposals::organisation.eq(organisation))
            .filter(policy_proposals::state.eq(PENDING))
            .order(policy_proposals::id)
            .select(PolicyProposalRow::as_select())
            .first(self)
            .optional()
            .map_err(StoreError::on("policy_proposals"))
    }
}

impl Transaction<'_> {
    /// Adds a version of a policy.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn add_policy(&mut self, row: &PolicyRow) -> Result<(), StoreError> {
        let insert = diesel::insert_into(policies::table).values(row);
        on_backend!(self.conn(), c => insert.execute(c)).map(drop).map_err(StoreError::on("policies"))
    }

    /// Ends what counts, and has another version count, if one is given.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn switch_policy(
        &mut self,
        organisation: &str,
        revision: i64,
        to: Option<&PolicyActivationRow>,
    ) -> Result<(), StoreError> {
        let current = policy_activations::table
            .filter(policy_activations::organisation.eq(organisation))
            .filter(policy_activations::revision_to.is_null());
        let update = diesel::update(current).set(policy_activations::revision_to.eq(revision));
        on_backend!(self.conn(), c => update.execute(c)).map(drop).map_err(StoreError::on("policy_activations"))?;
        let Some(row) = to else { return Ok(()) };
        let insert = diesel::insert_into(policy_activations::table).values(row);
        on_backend!(self.conn(), c => insert.execute(c)).map(drop).map_err(StoreError::on("policy_activations"))
    }

    /// Adds a proposal.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn add_policy_proposal(&mut self, row: &PolicyProposalRow) -> Result<(), StoreError> {
        let insert = diesel::insert_into(policy_proposals::table).values(row);
        on_backend!(self.conn(), c => insert.execute(c)).map(drop).map_err(StoreError::on("policy_proposals"))
    }

    /// Settles a proposal that waits.
    ///
    /// # Errors
    /// `StoreError::Stale` where another writer settled it first, `StoreError::Query`.
    pub fn settle_policy_proposal(&mut self, row: &PolicyProposalRow) -> Result<(), StoreError> {
        let waiting =
            policy_proposals::table.filter(policy_proposals::id.eq(&row.id)).filter(policy_proposals::state.eq(PENDING));
        let update = diesel::update(waiting).set((
            policy_proposals::state.eq(&row.state),
            policy_proposals::decided_by.eq(&row.decided_by),
            policy_proposals::decided_at.eq(row.decided_at),
        ));
        match on_backend!(self.conn(), c => update.execute(c)).map_err(StoreError::on("policy_proposals"))? {
            1 => Ok(()),
            _ => Err(StoreError::Stale { table: "policy_proposals" }),
        }
    }
}
