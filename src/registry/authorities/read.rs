//! Reads the table of authorities, and the amendments of it.

use std::sync::Arc;

use super::change::{AuthorityChange, AuthorityNote};
use crate::directory::Generation;
use crate::node::{Page, Registry, ServiceError};
use crate::proposals::{Proposal, last};
use vasp_record::authority::AuthorityEntry;
use vasp_record::proposal::{ProposalKind, ProposalState};
use vasp_store::{AuthorityAmendmentRow, Conn, StoreError};
use vasp_words::country::Country;
use vasp_words::ids::AuthorityAmendmentId;
use vasp_words::time::UtcTime;

/// Selects authorities.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthorityFilter {
    /// Only authorities of this country.
    pub country: Option<Country>,
    /// Only authorities of this jurisdiction of the rulebook.
    pub jurisdiction: Option<String>,
}

/// Returns one page of the authorities, by id; and the directory that was asked, of which the table is a part.
#[must_use]
pub fn list_authorities(
    registry: &Registry,
    filter: &AuthorityFilter,
    after: Option<&str>,
    limit: usize,
    now: UtcTime,
) -> (Arc<Generation>, Page<AuthorityEntry, String>) {
    let generation = registry.pin(now);
    let known = generation.documents().authorities.value.table.entries().filter(|entry| {
        after.is_none_or(|last| *entry.authority.id > *last)
            && filter.country.is_none_or(|country| entry.authority.country == country)
            && filter.jurisdiction.as_ref().is_none_or(|id| entry.jurisdiction.as_ref() == Some(id))
    });
    let page = Page::of(known.cloned(), limit, |entry| entry.authority.id.clone());
    (generation, page)
}

/// An amendment of the table, with its changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amendment {
    /// The amendment as it was made.
    pub row: AuthorityAmendmentRow,
    /// The latest proposal about it; `None` if there is none.
    pub proposal: Option<Proposal>,
    /// The members that change.
    pub changes: Vec<AuthorityChange>,
    /// What people should look at.
    pub notes: Vec<AuthorityNote>,
}

impl Amendment {
    /// Adds the latest proposals to the rows.
    pub(super) fn read(conn: &mut Conn, rows: Vec<AuthorityAmendmentRow>) -> Result<Vec<Self>, ServiceError> {
        let ids: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
        let mut proposals = last(conn, ProposalKind::Authorities, &ids, None)?;
        let read = |(row, id): (AuthorityAmendmentRow, &String)| {
            let changes = StoreError::read_json("authority_amendments", &row.difference)?;
            let notes = StoreError::read_json("authority_amendments", &row.notes)?;
            Ok(Self { row, proposal: proposals.remove(id), changes, notes })
        };
        rows.into_iter().zip(&ids).map(read).collect()
    }
}

/// Lists the amendments in a state, or all of them, oldest first.
///
/// # Errors
/// `ServiceError::Store`.
pub fn list_amendments(
    registry: &Registry,
    state: Option<ProposalState>,
    after: &str,
    limit: usize,
) -> Result<Page<Amendment, AuthorityAmendmentId>, ServiceError> {
    let found = registry.store().read(|conn| {
        let rows = conn.authority_amendments(state, after, Page::wanted(limit))?;
        Amendment::read(conn, rows)
    })?;
    Ok(Page::of(found.into_iter(), limit, |one| one.row.id))
}

/// Returns an amendment.
///
/// # Errors
/// `ServiceError::NotFound`, `Store`.
pub fn read_amendment(registry: &Registry, id: AuthorityAmendmentId) -> Result<Amendment, ServiceError> {
    registry.store().read(|conn| {
        let row = conn.authority_amendment(id)?.ok_or_else(missing)?;
        Amendment::read(conn, vec![row])?.pop().ok_or_else(missing)
    })
}

pub(super) fn missing() -> ServiceError {
    ServiceError::NotFound("There is no such amendment of the table of authorities.".to_owned())
}
