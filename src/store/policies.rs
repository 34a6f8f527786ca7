//! Policies of organisations: their versions, and which version is active from one revision to another. The store keeps a policy as text.

use super::backend::written;
use super::edge::*;
use super::private_states::current_at;
use super::schema::{policies, policy_activations};
use super::{Conn, StoreError, Transaction};
use vasp_words::ids::OrganisationId;

/// One version of a policy, which never changes.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = policies, treat_none_as_default_value = false)]
pub struct PolicyRow {
    /// The organisation that owns it.
    pub organisation: OrganisationId,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: i32,
    /// The document.
    pub body: String,
    /// Revision from which it exists.
    pub revision_from: i64,
}

/// The active version of a policy, from one revision to another.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = policy_activations, treat_none_as_default_value = false)]
pub struct PolicyActivationRow {
    /// The organisation that owns it.
    pub organisation: OrganisationId,
    /// Revision from which it is active.
    pub revision_from: i64,
    /// Revision from which it is no longer active; `None` if it is active.
    pub revision_to: Option<i64>,
    /// Name of the policy.
    pub name: String,
    /// Its version.
    pub version: i32,
}

impl Conn {
    /// Returns the policies that an organisation had at a revision, by name and version.
    pub fn policies_at(&mut self, organisation: OrganisationId, revision: i64) -> Result<Vec<PolicyRow>, StoreError> {
        policies::table
            .filter(policies::organisation.eq(organisation))
            .filter(policies::revision_from.le(revision))
            .order((policies::name, policies::version))
            .select(PolicyRow::as_select())
            .load(self)
            .map_err(StoreError::on("policies"))
    }

    /// Returns which policy was active for an organisation at a revision.
    pub fn policy_activation_at(
        &mut self,
        organisation: OrganisationId,
        revision: i64,
    ) -> Result<Option<PolicyActivationRow>, StoreError> {
        current_at!(policy_activations, organisation, revision)
            .select(PolicyActivationRow::as_select())
            .first(self)
            .optional()
            .map_err(StoreError::on("policy_activations"))
    }
}

impl Transaction<'_> {
    /// Adds a version of a policy.
    pub fn add_policy(&mut self, row: &PolicyRow) -> Result<(), StoreError> {
        let insert = diesel::insert_into(policies::table).values(row);
        written(self.conn(), "policies", insert).map(drop)
    }

    /// Ends the active version, and activates another one if `to` is given.
    pub fn switch_policy(
        &mut self,
        organisation: OrganisationId,
        revision: i64,
        to: Option<&PolicyActivationRow>,
    ) -> Result<(), StoreError> {
        let current = policy_activations::table
            .filter(policy_activations::organisation.eq(organisation))
            .filter(policy_activations::revision_to.is_null());
        let update = diesel::update(current).set(policy_activations::revision_to.eq(revision));
        written(self.conn(), "policy_activations", update).map(drop)?;
        let Some(row) = to else { return Ok(()) };
        let insert = diesel::insert_into(policy_activations::table).values(row);
        written(self.conn(), "policy_activations", insert).map(drop)
    }
}
