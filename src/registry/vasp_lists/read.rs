//! The lists that an organisation sees, and what each row is about today.

use std::sync::Arc;

use serde::Deserialize;
use utoipa::ToSchema;

use super::keep::MISSING;
use crate::acts::Identity;
use crate::directory::Records;
use crate::node::{Page, Registry, ServiceError};
use vasp_record::register::RejectedRow;
use vasp_record::vasp::Vasp;
use vasp_rules::protocol::ProtocolId;
use vasp_rules::vasp_list::{ListedBy, ListedVasp, Unmatched, VaspList};
use vasp_words::time::{Date, UtcTime};

/// A list, with how many of its rows are about a record.
#[derive(Clone, Debug)]
pub struct HeldVaspList {
    /// The protocol.
    pub protocol: ProtocolId,
    /// The day on which the provider handed it out.
    pub as_of: Date,
    /// The file.
    pub source: String,
    /// Whether it is the organisation's own; otherwise all callers use it.
    pub is_own: bool,
    /// The number of rows.
    pub rows: usize,
    /// The number of rows about a record.
    pub matched: usize,
    /// The rows that could not be used; only in the answer to the load.
    pub rejected: Vec<RejectedRow>,
}

/// One row, and what it is about today.
#[derive(Clone, Debug)]
pub struct ListedRow {
    /// Its place: private lists first, then those of the registry.
    pub place: usize,
    /// The row.
    pub row: ListedVasp,
    /// Whether it is of the organisation's own list.
    pub is_own: bool,
    /// The record and by what it was found, or why it is about none.
    pub found: Result<(Arc<Vasp>, ListedBy), Unmatched>,
}

/// Which rows are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowState {
    /// Rows about no record.
    Unmatched,
    /// Rows about a record.
    Matched,
}

impl HeldVaspList {
    pub(super) fn of(list: &VaspList, records: &Records, is_own: bool) -> Self {
        let matched = list.rows.iter().filter(|row| row.find(&|mark| records.live_with(mark)).is_ok()).count();
        let (protocol, source) = (list.protocol.clone(), list.source.clone());
        Self { protocol, as_of: list.as_of, source, is_own, rows: list.rows.len(), matched, rejected: vec![] }
    }

    pub(super) fn with_rejected(self, rejected: Vec<RejectedRow>) -> Self {
        Self { rejected, ..self }
    }
}

/// Passes the lists that the caller's organisation sees: its own first, then those of the registry.
fn with_lists<T>(
    registry: &Registry,
    identity: &Identity,
    now: UtcTime,
    read: impl FnOnce(&Records, &[(&VaspList, bool)]) -> T,
) -> Result<T, ServiceError> {
    let (generation, state) = (registry.pin(now), registry.directory().private(identity.organisation)?);
    let own = match state.vasp_lists.is_empty() {
        true => None,
        false => Some(state.vasp_lists.open(&registry.existing_data_key(identity.organisation)?)?),
    };
    let own = own.into_iter().flat_map(|index| index.lists()).map(|list| (list, true));
    let of_registry = generation.documents().vasp_lists.lists().iter().map(|list| (list, false));
    let all: Vec<(&VaspList, bool)> = own.chain(of_registry).collect();
    Ok(read(generation.records(), &all))
}

/// Returns the lists that the caller's organisation sees.
///
/// # Errors
/// `ServiceError::Directory`, `Key`, `Store`.
pub fn list_lists(registry: &Registry, identity: &Identity, now: UtcTime) -> Result<Vec<HeldVaspList>, ServiceError> {
    with_lists(registry, identity, now, |records, all| {
        all.iter().map(|(list, is_own)| HeldVaspList::of(list, records, *is_own)).collect()
    })
}

/// Lists the rows of a protocol, with what each is about today.
///
/// # Errors
/// `ServiceError::NotFound` if there is no list of the protocol; `Directory`, `Key`, `Store`.
pub fn list_rows(
    registry: &Registry,
    identity: &Identity,
    protocol: &ProtocolId,
    state: Option<RowState>,
    (after, limit): (usize, usize),
    now: UtcTime,
) -> Result<Page<ListedRow, usize>, ServiceError> {
    let page = with_lists(registry, identity, now, |records, all| {
        let mut of_protocol = all.iter().filter(|(list, _)| list.protocol == *protocol).peekable();
        of_protocol.peek()?;
        let rows = of_protocol.flat_map(|(list, is_own)| list.rows.iter().map(move |row| (row, *is_own)));
        let looked = (1..).zip(rows).skip(after).map(|(place, (row, is_own))| {
            let found = row.find(&|mark| records.live_with(mark));
            let found =
                found.and_then(|(vasp, by)| records.get(vasp.id).map(|vasp| (Arc::clone(vasp), by)).ok_or(Unmatched::Several));
            ListedRow { place, row: row.clone(), is_own, found }
        });
        let wanted = looked.filter(|row| match state {
            None => true,
            Some(RowState::Matched) => row.found.is_ok(),
            Some(RowState::Unmatched) => row.found.is_err(),
        });
        Some(Page::of(wanted, limit, |row| row.place))
    })?;
    page.ok_or_else(|| ServiceError::NotFound(MISSING.to_owned()))
}
