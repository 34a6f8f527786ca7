//! Destinations that organisations relied on: tokens and sealed details, never a plain address. A row is written and erased together with
//! its pre-check (`prechecks`, `precheck_records`).

use std::collections::BTreeMap;

use super::backend::written;
use super::edge::*;
use super::prepared_once::{UpsertDestination, UpsertDestinations};
use super::schema::relied_destinations;
use super::{Conn, StoreError, Transaction};
use vasp_words::ids::{OrganisationId, PrecheckId, VaspId};
use vasp_words::time::UtcTime;

/// A destination that an organisation relied on.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = relied_destinations, treat_none_as_default_value = false)]
pub struct ReliedDestinationRow {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Token of the destination, made with a key of the organisation.
    pub token: Vec<u8>,
    /// Token of the account key, made with a key of the organisation; `None` if there is only a Travel Address.
    pub account: Option<Vec<u8>>,
    /// The VASP that was relied on.
    pub vasp: VaspId,
    /// Network, address, memo and Travel Address, sealed.
    pub sealed: Vec<u8>,
    /// Ownership status at the last check.
    pub status: String,
    /// The last recorded pre-check to this destination.
    pub precheck: PrecheckId,
    /// When that pre-check was recorded.
    pub relied_at: UtcTime,
    /// Sequence of the directory at which the status was found.
    pub sequence: i64,
    /// Rises with every change.
    pub version: i64,
}

/// Selects the destinations to check.
#[derive(Clone, Copy, Debug)]
pub enum ReliedPart<'a> {
    /// All destinations.
    Whole,
    /// Destinations that a recorded pre-check attributed to one of these VASPs (at most 500).
    OnVasps(&'a [VaspId]),
    /// Destinations of an organisation with one of these account tokens (at most 500).
    AtAccounts(OrganisationId, &'a [Vec<u8>]),
}

impl Conn {
    /// Returns destinations after a position, in order of organisation and token.
    pub fn relied_destinations(
        &mut self,
        part: ReliedPart<'_>,
        after: Option<(OrganisationId, &[u8])>,
        limit: i64,
    ) -> Result<Vec<ReliedDestinationRow>, StoreError> {
        use relied_destinations as table;
        let mut query = table::table
            .order((table::organisation, table::token))
            .limit(limit)
            .select(ReliedDestinationRow::as_select())
            .into_boxed();
        if let Some((whose, token)) = after {
            query = query.filter(table::organisation.gt(whose).or(table::organisation.eq(whose).and(table::token.gt(token))));
        }
        query = match part {
            ReliedPart::Whole => query,
            ReliedPart::OnVasps(ids) => query.filter(table::vasp.eq_any(ids)),
            ReliedPart::AtAccounts(whose, tokens) => {
                query.filter(table::organisation.eq(whose)).filter(table::account.eq_any(tokens))
            }
        };
        query.load(self).map_err(StoreError::on("relied_destinations"))
    }

    /// Returns the next organisation that relied on any destination.
    pub fn next_relying_organisation(&mut self, after: Option<OrganisationId>) -> Result<Option<OrganisationId>, StoreError> {
        let after = after.map_or_else(String::new, |id| id.to_string());
        let query = relied_destinations::table
            .filter(relied_destinations::organisation.gt(after))
            .order(relied_destinations::organisation)
            .select(relied_destinations::organisation);
        query.first(self).optional().map_err(StoreError::on("relied_destinations"))
    }

    /// Records destinations in the current transaction. The last pre-check to a destination replaces the earlier ones. The order is the
    /// same on every node, so that two nodes do not wait for each other.
    pub(super) fn note_destinations<'a>(
        &mut self,
        rows: impl Iterator<Item = &'a ReliedDestinationRow>,
    ) -> Result<(), StoreError> {
        let last: BTreeMap<_, _> = rows.map(|row| ((&row.organisation, &row.token), row)).collect();
        let last: Vec<&ReliedDestinationRow> = last.into_values().collect();
        let written = match self {
            Self::Sqlite(conn) => last.iter().try_for_each(|row| UpsertDestination(row).execute_typed(conn).map(drop)),
            Self::Postgres(conn) => {
                last.chunks(500).try_for_each(|chunk| UpsertDestinations::of(chunk).execute_typed(conn).map(drop))
            }
        };
        written.map_err(StoreError::on("relied_destinations"))
    }
}

impl Transaction<'_> {
    /// Writes the status that was found for a destination; `false` if the version that was read has changed.
    pub fn change_destination(&mut self, row: &ReliedDestinationRow) -> Result<bool, StoreError> {
        let place =
            relied_destinations::table.find((&row.organisation, &row.token)).filter(relied_destinations::version.eq(row.version));
        let change = diesel::update(place).set((
            relied_destinations::status.eq(&row.status),
            relied_destinations::sequence.eq(row.sequence),
            relied_destinations::version.eq(row.version + 1),
        ));
        written(self.conn(), "relied_destinations", change).map(|rows| rows == 1)
    }

    /// Deletes a destination that is no longer relied on, unless it was relied on again in the meantime.
    pub fn drop_destination(&mut self, row: &ReliedDestinationRow) -> Result<(), StoreError> {
        let place =
            relied_destinations::table.find((&row.organisation, &row.token)).filter(relied_destinations::version.eq(row.version));
        written(self.conn(), "relied_destinations", diesel::delete(place)).map(drop)
    }

    /// Deletes an organisation's destinations whose last pre-check is one of these (at most 500).
    pub(super) fn forget_destinations(
        &mut self,
        organisation: OrganisationId,
        tokens: &[Vec<u8>],
        prechecks: &[PrecheckId],
    ) -> Result<(), StoreError> {
        if tokens.is_empty() {
            return Ok(());
        }
        let rows = relied_destinations::table
            .filter(relied_destinations::organisation.eq(organisation))
            .filter(relied_destinations::token.eq_any(tokens))
            .filter(relied_destinations::precheck.eq_any(prechecks));
        written(self.conn(), "relied_destinations", diesel::delete(rows)).map(drop)
    }
}
