//! The counterparties that organisations rely on, and the last findings about them.

use super::backend::written;
use super::edge::*;
use super::schema::{organisations, watches};
use super::{Conn, StoreError, Transaction};
use diesel::dsl::{exists, not};
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
    /// Whether a user asked for it.
    pub asked: Flag,
    /// When the last pre-check with it was recorded; `None` if there was none.
    pub relied_at: Option<UtcTime>,
    /// The organisation's rulebook entry, for which the VASP is assessed; `None` if it is not set yet.
    pub jurisdiction: Option<String>,
    /// Sequence of the directory of the findings. Before the first assessment, that of the first pre-check.
    pub sequence: i64,
    /// The findings, sealed; `None` if it was not assessed yet.
    pub findings: Option<Vec<u8>>,
    /// Rises with every change.
    pub version: i64,
    /// When it was made.
    pub created_at: UtcTime,
}

/// Selects the watches to check.
#[derive(Clone, Copy, Debug)]
pub enum WatchPart<'a> {
    /// All watches.
    Whole,
    /// Watches that were not assessed yet.
    NotJudged,
    /// Watches of these VASPs (at most 500).
    OfVasps(&'a [VaspId]),
    /// Watches of these organisations (at most 500).
    OfOrganisations(&'a [OrganisationId]),
}

impl Conn {
    /// Returns watches after a position, in order of organisation and VASP.
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

    /// Returns an organisation's watches after a VASP, both those that a user asked for and those from pre-checks.
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

    /// Returns the organisations that are open and have a VASP, but no watch of its record; each with that VASP.
    pub fn members_without_own_watch(&mut self) -> Result<Vec<(OrganisationId, VaspId)>, StoreError> {
        let own = watches::table
            .filter(watches::organisation.eq(organisations::id))
            .filter(watches::vasp.nullable().eq(organisations::vasp));
        organisations::table
            .filter(organisations::closed_at.is_null())
            .filter(organisations::vasp.is_not_null())
            .filter(not(exists(own)))
            .order(organisations::id)
            .select((organisations::id, organisations::vasp.assume_not_null()))
            .load(self)
            .map_err(StoreError::on("watches"))
    }

    /// Returns how many watches of an organisation a user asked for.
    pub fn asked_watches(&mut self, organisation: OrganisationId) -> Result<i64, StoreError> {
        let asked = watches::table.filter(watches::organisation.eq(organisation)).filter(watches::asked.ne(0));
        asked.count().get_result(self).map_err(StoreError::on("watches"))
    }

    /// Records a reliance in the current transaction: one row for each organisation and VASP, whose date only moves forward. A jurisdiction
    /// that is set stays. The version does not rise, because the findings stay true.
    pub(super) fn note_reliance(&mut self, row: &WatchRow) -> Result<(), StoreError> {
        let insert = diesel::insert_into(watches::table).values(row);
        let added = insert.unless_there().execute(&mut *self).map_err(StoreError::on("watches"))?;
        if added == 1 {
            return Ok(());
        }
        let known = watches::table.find((row.organisation, row.vasp));
        let earlier = known.filter(watches::relied_at.is_null().or(watches::relied_at.lt(row.relied_at)));
        let later = diesel::update(earlier).set(watches::relied_at.eq(row.relied_at));
        later.execute(&mut *self).map_err(StoreError::on("watches"))?;
        let placed = diesel::update(known.filter(watches::jurisdiction.is_null()));
        let placed = placed.set(watches::jurisdiction.eq(row.jurisdiction.as_deref()));
        placed.execute(self).map(drop).map_err(StoreError::on("watches"))
    }
}

impl Transaction<'_> {
    /// Adds a watch; `false` if there is one already.
    pub fn add_watch(&mut self, row: &WatchRow) -> Result<bool, StoreError> {
        let insert = diesel::insert_into(watches::table).values(row);
        written(self.conn(), "watches", insert.unless_there()).map(|rows| rows == 1)
    }

    /// Writes a watch; `false` if the version that was read has changed. If `row` names no jurisdiction, the stored one stays, because a
    /// reliance may have set it without raising the version.
    pub fn change_watch(&mut self, row: &WatchRow) -> Result<bool, StoreError> {
        let place = watches::table.find((row.organisation, row.vasp)).filter(watches::version.eq(row.version));
        let change = (
            watches::asked.eq(row.asked),
            row.jurisdiction.as_ref().map(|named| watches::jurisdiction.eq(named)),
            watches::sequence.eq(row.sequence),
            watches::findings.eq(row.findings.as_deref()),
            watches::version.eq(row.version + 1),
        );
        written(self.conn(), "watches", diesel::update(place).set(change)).map(|rows| rows == 1)
    }

    /// Deletes a watch that nobody asked for and that was not relied on since `relied_since`; `false` otherwise.
    pub fn drop_watch(&mut self, row: &WatchRow, relied_since: UtcTime) -> Result<bool, StoreError> {
        let place = watches::table
            .find((row.organisation, row.vasp))
            .filter(watches::version.eq(row.version))
            .filter(watches::asked.eq(0))
            .filter(watches::relied_at.is_null().or(watches::relied_at.lt(relied_since)));
        written(self.conn(), "watches", diesel::delete(place)).map(|rows| rows == 1)
    }
}
