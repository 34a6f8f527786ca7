//! Operators create, rename, close and reopen organisations.

use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::credentials::organisation_row;
use super::written::plain_name;
use super::{Reach, require_an_admin};
use crate::acts::{Act, Deed, Identity, Reply};
use crate::node::{Page, Registry, ServiceError};
use vasp_record::role::OrganisationKind;
use vasp_store::Organisation;
use vasp_words::ids::OrganisationId;
use vasp_words::time::UtcTime;

/// An organisation to create.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OpenOrganisation)]
pub struct NewOrganisation {
    /// 1 to 200 characters.
    pub name: String,
    /// `operator`, `member` or `gateway`.
    #[schema(value_type = String, example = "member")]
    pub kind: OrganisationKind,
}

/// A change of an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangeOrganisation)]
pub struct OrganisationChange {
    /// 1 to 200 characters.
    pub name: Option<String>,
    /// True: from now on, no user of the organisation can act, for it or for others. False: the organisation is open again.
    pub closed: Option<bool>,
}

/// Creates an organisation.
///
/// # Errors
/// `ServiceError::Invalid` for an invalid name; and those of [`Act::run`].
pub fn open_organisation(act: Act<'_, Organisation>, new: NewOrganisation) -> Result<Reply, ServiceError> {
    act.run("organisation.create", |transaction, _| {
        let now = transaction.now();
        let id = OrganisationId::new(now, transaction.conn_and_rng().1);
        let row = organisation_row(id, &new.name, new.kind, None, now)?;
        transaction.add_organisation(&row)?;
        let details = json!({"name": row.name, "kind": row.kind});
        Ok(Deed::new(row, id, details))
    })
}

/// Renames, closes or reopens an organisation. Once it is closed, none of its users can act, for it or for others.
///
/// # Errors
/// `ServiceError::NotFound`, `Changed`, `Invalid`; `IllegalStep` for closing the caller's own organisation, for closing the last one with
/// an admin, and for reopening one of the registry's own people; and those of [`Act::run`].
pub fn change_organisation(
    act: Act<'_, Organisation>,
    id: OrganisationId,
    change: OrganisationChange,
    is_current: impl Fn(&str) -> bool,
) -> Result<Reply, ServiceError> {
    act.run("organisation.change", |transaction, identity| {
        transaction.lock_credentials()?;
        let mut row = Reach::Every.organisation(transaction.conn(), identity, id)?;
        if !is_current(&row.version.to_string()) {
            return Err(ServiceError::Changed("The organisation changed since you read it; read it again.".to_owned()));
        }
        if let Some(name) = &change.name {
            row.name = plain_name(name)?;
        }
        if let Some(closed) = change.closed {
            row.closed_at = closing(identity, &row, closed, transaction.now())?;
        }
        row.version = row.version.saturating_add(1);
        transaction.change_organisation(&row)?;
        require_an_admin(transaction, &row)?;
        let details = json!({"name": change.name, "closed": change.closed});
        super::tell(transaction, identity, id, "organisation.change", id, &details);
        Ok(Deed::new(row, id, details))
    })
}

fn closing(identity: &Identity, row: &Organisation, closed: bool, now: UtcTime) -> Result<Option<UtcTime>, ServiceError> {
    let illegal = |detail: &str| Err(ServiceError::IllegalStep(detail.to_owned()));
    match (row.closed_at, closed) {
        (before @ Some(_), true) | (before @ None, false) => Ok(before),
        (None, true) if row.id == identity.organisation => illegal("You cannot close your own organisation."),
        (None, true) => Ok(Some(now)),
        (Some(_), false) if row.kind == OrganisationKind::Operator => illegal(
            "A closed organisation of kind operator cannot be opened again, because two people must agree before its users may act.",
        ),
        (Some(_), false) => Ok(None),
    }
}

/// Returns an organisation.
pub fn read_organisation(registry: &Registry, identity: &Identity, id: OrganisationId) -> Result<Organisation, ServiceError> {
    registry.store().read(|conn| Reach::Every.organisation(conn, identity, id))
}

/// Lists the organisations, oldest first.
pub fn list_organisations(
    registry: &Registry,
    after: &str,
    limit: usize,
) -> Result<Page<Organisation, OrganisationId>, ServiceError> {
    let wanted = Page::wanted(limit);
    let rows = registry.store().read::<_, ServiceError>(|conn| Ok(conn.organisations(after, wanted)?))?;
    Ok(Page::of(rows.into_iter(), limit, |row| row.id))
}
