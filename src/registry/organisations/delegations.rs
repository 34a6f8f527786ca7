//! Delegations: an organisation lets another one ask on its behalf. Without a delegation, nobody acts for a member. Withdrawing one takes
//! effect at once.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::roles_and_scopes::some_scopes;
use super::tell;
use crate::acts::{Act, Deed, Identity, Reply};
use crate::node::{Page, Registry, ServiceError, invalid};
use vasp_record::role::Scope;
use vasp_store::{Conn, Delegation};
use vasp_words::ids::{DelegationId, OrganisationId};
use vasp_words::time::UtcTime;

/// A delegation to create.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Delegate)]
pub struct NewDelegation {
    /// Id of the organisation that may act.
    pub organisation: OrganisationId,
    /// Any of `resolve`, `precheck`.
    #[schema(value_type = Vec<String>, example = json!(["precheck"]))]
    pub scopes: Vec<Scope>,
    /// When it expires; null: it does not expire.
    pub expires_at: Option<UtcTime>,
}

/// Lets another organisation act for the caller's organisation.
///
/// # Errors
/// `ServiceError::Invalid` for an organisation that does not exist, is closed or is the caller's own, for scopes that cannot be delegated,
/// and for an end in the past; and those of [`Act::run`].
pub fn delegate(act: Act<'_, Delegation>, new: NewDelegation) -> Result<Reply, ServiceError> {
    act.run("delegation.grant", |transaction, identity| {
        transaction.lock_credentials()?;
        let now = transaction.now();
        check(transaction.conn(), identity, &new, now)?;
        let row = Delegation {
            id: DelegationId::new(now, transaction.conn_and_rng().1),
            grantor: identity.organisation,
            grantee: new.organisation,
            scopes: some_scopes(&new.scopes)?,
            created_by: identity.user,
            created_at: now,
            expires_at: new.expires_at,
            revoked_at: None,
        };
        transaction.add_delegation(&row)?;
        let details =
            json!({"grantor": row.grantor, "organisation": row.grantee, "scopes": new.scopes, "expires_at": new.expires_at});
        tell(transaction, identity, row.grantee, "delegation.grant", row.id, &details);
        let id = row.id;
        Ok(Deed::new(row, id, details))
    })
}

fn check(conn: &mut Conn, identity: &Identity, new: &NewDelegation, now: UtcTime) -> Result<(), ServiceError> {
    let unknown = || invalid("/organisation", "unknown_organisation", "there is no open organisation with this id".to_owned());
    if new.organisation == identity.organisation {
        return Err(invalid(
            "/organisation",
            "own_organisation",
            "this is your own organisation, which needs no delegation".to_owned(),
        ));
    }
    conn.organisation(new.organisation)?.filter(|found| found.closed_at.is_none()).ok_or_else(unknown)?;
    if let Some(scope) = new.scopes.iter().find(|scope| !scope.can_be_delegated()) {
        let can: BTreeSet<&str> = Scope::ALL.iter().filter(|s| s.can_be_delegated()).map(|s| s.as_str()).collect();
        let can = can.into_iter().collect::<Vec<_>>().join(", ");
        return Err(invalid("/scopes", "invalid_value", format!("`{scope}` cannot be delegated; these scopes can: {can}")));
    }
    if new.expires_at.is_some_and(|at| at <= now) {
        return Err(invalid("/expires_at", "in_the_past", format!("the end is in the past; it is now {now}")));
    }
    Ok(())
}

/// Lists the delegations that the caller's organisation made, oldest first, including withdrawn ones.
pub fn list_delegations(
    registry: &Registry,
    identity: &Identity,
    after: &str,
    limit: usize,
) -> Result<Page<Delegation, DelegationId>, ServiceError> {
    let (own, wanted) = (identity.organisation, Page::wanted(limit));
    let rows = registry.store().read::<_, ServiceError>(|conn| Ok(conn.delegations_by(own, after, wanted)?))?;
    Ok(Page::of(rows.into_iter(), limit, |row| row.id))
}

/// Withdraws a delegation: at once on this node, within a second on others.
///
/// # Errors
/// `ServiceError::NotFound` if the organisation made no such delegation, or withdrew it already; and those of [`Act::run`].
pub fn withdraw_delegation(act: Act<'_, Delegation>, id: DelegationId) -> Result<Reply, ServiceError> {
    act.run("delegation.revoke", |transaction, identity| {
        let now = transaction.now();
        let missing = || ServiceError::NotFound("There is no such delegation in force.".to_owned());
        if !transaction.revoke_delegation(id, identity.organisation, now)? {
            return Err(missing());
        }
        let row = transaction.conn().delegation(id)?.ok_or_else(missing)?;
        let details = json!({"grantor": row.grantor, "organisation": row.grantee});
        tell(transaction, identity, row.grantee, "delegation.revoke", id, &details);
        Ok(Deed::new(row, id, details))
    })
}
