//! Which counterparties organisations rely on, and what was found of them last.

use super::backend::{on_backend, written};
use super::schema::watches;
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;
use vasp_words::ids::{OrganisationId, VaspId};
use vasp_words::sql::Flag;
use vasp_words::time::UtcTime;

/// A counterparty that an organisation relies on.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = watches, treat_none_as_default_value = false)]
pub struct WatchRow {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The VASP.
    pub vasp: VaspId,
    /// Whether somebody asked for it.
    pub asked: Flag,
    /// The last recorded pre-check with it.
    pub relied_at: Option<UtcTime>,
    /// The asker's entry of the rulebook then.
    pub jurisdiction: Option<String>,
    /// Sequence of the directory of the findings; before the first judgement that of the first pre-check.
    pub sequence: i64,
    /// Sealed; none: not judged yet.
    pub findings: Option<Vec<u8>>,
    /// Rises with every change.
    pub version: i64,
    /// When it began.
    pub created_at: UtcTime,
}

/// Which watches to go through.
#[derive(Clone, Copy, Debug)]
pub enum WatchPart<'a> {
    /// All.
    Whole,
    /// Those that were not judged yet.
    NotJudged,
    /// Those of these VASPs, 500 at most.
    OfVasps(&'a [VaspId]),
    /// Those of these organisations, 500 at most.
    OfOrganisations(&'a [OrganisationId]),
}

impl Conn {
    /// Returns watches after a place, in order of organisation and VASP.
    pub fn watches(
        &mut self,
        part: WatchPart<'_>,
        after: Option<(OrganisationId, VaspId)>,
        limit: i64,
    ) -> Result<Vec<WatchRow>, StoreError> {
        let mut query =
            watches::table.order((watches::organisation, watches::vasp)).limit(limit).select(WatchRow::as_select()).into_boxed();
        if let Some((whose, vasp)) = after {
            query = query.filter(watches::organisation.gt(whose).or(watches::organisation.eq(whose).and(watches::vasp.gt(vasp))));
        }
        query = match part {
            WatchPart::Whole => query,
            WatchPart::NotJudged => query.filter(watches::findings.is_null()),
            WatchPart::OfVasps(ids) => query.filter(watches::vasp.eq_any(ids)),
            WatchPart::OfOrganisations(ids) => query.filter(watches::organisation.eq_any(ids)),
        };
        query.load(self).map_err(StoreError::on("watches"))
    }

    /// Returns an organisation's watch of a VASP.
    pub fn watch(&mut self, organisation: OrganisationId, vasp: VaspId) -> Result<Option<WatchRow>, StoreError> {
        let query = watches::table.find((organisation, vasp)).select(WatchRow::as_select());
        query.first(self).optional().map_err(StoreError::on("watches"))
    }

    /// Returns the watches of an organisation that somebody asked for or that pre-checks made, after a VASP.
    pub fn watches_of(&mut self, organisation: OrganisationId, after: &str, limit: i64) -> Result<Vec<WatchRow>, StoreError> {
        watches::table
            .filter(watches::organisation.eq(organisation))
            .filter(watches::vasp.gt(after))
            .order(watches::vasp)
            .limit(limit)
            .select(WatchRow::as_select())
            .load(self)
            .map_err(StoreError::on("watches"))
    }

    /// Returns how many watches of an organisation somebody asked for.
    pub fn asked_watches(&mut self, organisation: OrganisationId) -> Result<i64, StoreError> {
        let asked = watches::table.filter(watches::organisation.eq(organisation)).filter(watches::asked.ne(0));
        asked.count().get_result(self).map_err(StoreError::on("watches"))
    }

    /// Notes a reliance, in the transaction that runs: one row an organisation and VASP, whose date moves on and never back. The
    /// jurisdiction that it is judged for stays, where there is one. The version does not rise: what was found stays true.
    pub(super) fn note_reliance(&mut self, row: &WatchRow) -> Result<(), StoreError> {
        let insert = diesel::insert_into(watches::table).values(row);
        let added =
            on_backend!(&mut *self, c => insert.on_conflict_do_nothing().execute(c)).map_err(StoreError::on("watches"))?;
        if added == 1 {
            return Ok(());
        }
        let known = watches::table.find((row.organisation, row.vasp));
        let earlier = known.filter(watches::relied_at.is_null().or(watches::relied_at.lt(row.relied_at)));
        let later = diesel::update(earlier).set(watches::relied_at.eq(row.relied_at));
        on_backend!(&mut *self, c => later.execute(c)).map_err(StoreError::on("watches"))?;
        let placed = diesel::update(known.filter(watches::jurisdiction.is_null()));
        let placed = placed.set(watches::jurisdiction.eq(row.jurisdiction.as_deref()));
        on_backend!(self, c => placed.execute(c)).map(drop).map_err(StoreError::on("watches"))
    }
}

impl Transaction<'_> {
    /// Adds a watch; false where there is one already.
    pub fn add_watch(&mut self, row: &WatchRow) -> Result<bool, StoreError> {
        let insert = diesel::insert_into(watches::table).values(row);
        written!(self, "watches", insert.on_conflict_do_nothing()).map(|rows| rows == 1)
    }

    /// Writes a watch over the version that was read; false where another writer changed it meanwhile. A jurisdiction that a reliance
    /// named since stays: it raises no version.
    pub fn change_watch(&mut self, row: &WatchRow) -> Result<bool, StoreError> {
        let place = watches::table.find((row.organisation, row.vasp)).filter(watches::version.eq(row.version));
        let change = (
            watches::asked.eq(row.asked),
            row.jurisdiction.as_ref().map(|named| watches::jurisdiction.eq(named)),
            watches::sequence.eq(row.sequence),
            watches::findings.eq(row.findings.as_deref()),
            watches::version.eq(row.version + 1),
        );
        written!(self, "watches", diesel::update(place).set(change)).map(|rows| rows == 1)
    }

    /// Forgets a watch that nobody asked for and that was not relied on since; false where it was.
    pub fn drop_watch(&mut self, row: &WatchRow, relied_since: UtcTime) -> Result<bool, StoreError> {
        let place = watches::table
            .find((row.organisation, row.vasp))
            .filter(watches::version.eq(row.version))
            .filter(watches::asked.eq(0))
            .filter(watches::relied_at.is_null().or(watches::relied_at.lt(relied_since)));
        written!(self, "watches", diesel::delete(place)).map(|rows| rows == 1)
    }
}
