//! Delegations: an organisation lets another one ask for it. Without one, nobody acts for a member; taking one back acts at
//! once.

use std::collections::BTreeSet;

use serde_json::json;

use super::{instant, tell, word};
use crate::service::credentials::{invalid, scope_text};
use crate::service::{Act, Deed, Identity, Page, Registry, Reply, ServiceError};
use vasp_record::role::Scope;
use vasp_store::{Conn, DelegationRow};
use vasp_words::ids::DelegationId;
use vasp_words::time::UtcTime;

/// A permission of one organisation to act for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegated {
    /// Id.
    pub id: String,
    /// Who may act.
    pub organisation: String,
    /// What for.
    pub scopes: Vec<Scope>,
    /// Who allowed it.
    pub created_by: String,
    /// When.
    pub created_at: UtcTime,
    /// When it ends by itself.
    pub expires_at: Option<UtcTime>,
    /// When it was taken back.
    pub revoked_at: Option<UtcTime>,
}

/// A delegation to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDelegation {
    /// Who may act.
    pub organisation: String,
    /// What for.
    pub scopes: Vec<Scope>,
    /// When it ends by itself.
    pub expires_at: Option<UtcTime>,
}

impl TryFrom<DelegationRow> for Delegated {
    type Error = ServiceError;
    fn try_from(row: DelegationRow) -> Result<Self, ServiceError> {
        let at = |micros: Option<i64>| micros.map(|micros| instant("delegations", &row.id, micros)).transpose();
        let scopes = row.scopes.split(' ').map(|scope| word("delegations", "scopes", (&row.id, scope)));
        Ok(Self {
            scopes: scopes.collect::<Result<_, _>>()?,
            created_at: instant("delegations", &row.id, row.created_at)?,
            expires_at: at(row.expires_at)?,
            revoked_at: at(row.revoked_at)?,
            id: row.id,
            organisation: row.grantee,
            created_by: row.created_by,
        })
    }
}

/// Lets another organisation act for the caller's.
///
/// # Errors
/// `ServiceError::Invalid` for an organisation that is not there or is the caller's own, for scopes that cannot be handed on,
/// and for an end in the past; what [`Act::run`] returns.
pub fn delegate(act: Act<'_, Delegated>, new: NewDelegation) -> Result<Reply, ServiceError> {
    act.run("delegation.grant", |transaction, identity| {
        transaction.lock_credentials()?;
        let now = transaction.now();
        check(transaction.conn(), identity, &new, now)?;
        let row = DelegationRow {
            id: DelegationId::new(now, transaction.conn_and_rng().1).to_string(),
            grantor: identity.organisation.to_string(),
            grantee: new.organisation,
            scopes: scope_text(&new.scopes)?,
            created_by: identity.user.to_string(),
            created_at: now.micros(),
            expires_at: new.expires_at.map(UtcTime::micros),
            revoked_at: None,
        };
        transaction.add_delegation(&row)?;
        let details =
            json!({"grantor": row.grantor, "organisation": row.grantee, "scopes": new.scopes, "expires_at": new.expires_at});
        tell(transaction, identity, &row.grantee, ("delegation.grant", &row.id, &details));
        let id = row.id.clone();
        Ok(Deed::new(row.try_into()?, id, details))
    })
}

fn check(conn: &mut Conn, identity: &Identity, new: &NewDelegation, now: UtcTime) -> Result<(), ServiceError> {
    let unknown =
        || invalid("/organisation", "unknown_organisation", "there is no such organisation to act for yours".to_owned());
    if new.organisation == identity.organisation.to_string() {
        return Err(invalid("/organisation", "own_organisation", "an organisation acts for itself already".to_owned()));
    }
    conn.organisation(&new.organisation)?.filter(|found| found.closed_at.is_none()).ok_or_else(unknown)?;
    if let Some(scope) = new.scopes.iter().find(|scope| !scope.can_be_delegated()) {
        let can: BTreeSet<&str> = Scope::ALL.iter().filter(|s| s.can_be_delegated()).map(|s| s.as_str()).collect();
        let can = can.into_iter().collect::<Vec<_>>().join(", ");
        return Err(invalid("/scopes", "invalid_value", format!("`{scope}` is not handed on; {can} can be")));
    }
    if new.expires_at.is_some_and(|at| at <= now) {
        return Err(invalid("/expires_at", "in_the_past", format!("it would never count: it is {now} now")));
    }
    Ok(())
}

/// Lists the delegations that the caller's organisation made, oldest first, those taken back too.
///
/// # Errors
/// `ServiceError::Store`.
pub fn list_delegations(
    registry: &Registry,
    identity: &Identity,
    (after, limit): (&str, usize),
) -> Result<Page<Delegated, String>, ServiceError> {
    let own = identity.organisation.to_string();
    let wanted = Page::wanted(limit);
    let rows = registry.store().read::<_, ServiceError>(|conn| Ok(conn.delegations_by(&own, after, wanted)?))?;
    let items = rows.into_iter().map(Delegated::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::of(items.into_iter(), limit, |item| item.id.clone()))
}

/// Takes a delegation back: at once here, within a second elsewhere.
///
/// # Errors
/// `ServiceError::NotFound` where the organisation made none such, or took it back already; what [`Act::run`] returns.
pub fn withdraw_delegation(act: Act<'_, Delegated>, id: &str) -> Result<Reply, ServiceError> {
    act.run("delegation.revoke", |transaction, identity| {
        let (own, now) = (identity.organisation.to_string(), transaction.now().micros());
        let missing = || ServiceError::NotFound("There is no such delegation in force.".to_owned());
        if !transaction.revoke_delegation(id, &own, now)? {
            return Err(missing());
        }
        let row = transaction.conn().delegation(id)?.ok_or_else(missing)?;
        let details = json!({"grantor": row.grantor, "organisation": row.grantee});
        tell(transaction, identity, &row.grantee, ("delegation.revoke", id, &details));
        Ok(Deed::new(row.try_into()?, id, details))
    })
}
