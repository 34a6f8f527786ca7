//! Matches of VASPs with entries of screening lists: one row for each VASP and entry, whatever its outcome.

use super::backend::{written, written_once};
use super::edge::*;
use super::schema::{cases, screening_hits};
use super::{Conn, StoreError, Transaction};
use std::collections::HashMap;
use vasp_record::screening_decision::{HitStatus, HitSubject};
use vasp_words::ids::{CaseId, ScreeningHitId, VaspId};
use vasp_words::sql::Json;
use vasp_words::time::UtcTime;

/// A match of a VASP with an entry of a list.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = screening_hits, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ScreeningHit {
    /// Its id.
    pub id: ScreeningHitId,
    /// The VASP.
    pub vasp: VaspId,
    /// Name of the list in policies.
    pub list: String,
    /// Id of the entry in the list.
    pub uid: String,
    /// The part of the VASP's record that matched.
    pub about: HitSubject,
    /// The kind of match: `name`, `lei`, `host`, `address` …
    pub matched_by: String,
    /// The VASP's value that matched.
    pub matched: String,
    /// The entry's value that matched, as published.
    pub listed: String,
    /// The entry's primary name.
    pub name: String,
    /// The entry's sanctions programmes.
    pub programs: Json<Vec<String>>,
    /// Similarity, 0 to 100.
    pub score: i16,
    /// Digest of the current entry, in hex.
    pub entry_sha256: String,
    /// Its status.
    pub status: HitStatus,
    /// Rises with every change.
    pub version: i64,
    /// When it was first found.
    pub found_at: UtcTime,
    /// When it last changed.
    pub changed_at: UtcTime,
}

impl Conn {
    /// Returns matches after the one with the id `after`, in order of id; of these VASPs only if any are given.
    pub fn screening_hits(&mut self, vasps: Option<&[VaspId]>, after: &str, limit: i64) -> Result<Vec<ScreeningHit>, StoreError> {
        let mut query = screening_hits::table
            .filter(screening_hits::id.gt(after))
            .order(screening_hits::id)
            .limit(limit)
            .select(ScreeningHit::as_select())
            .into_boxed();
        if let Some(vasps) = vasps {
            query = query.filter(screening_hits::vasp.eq_any(vasps));
        }
        query.load(self).map_err(StoreError::on("screening_hits"))
    }

    /// Returns the open cases of some VASPs, by VASP.
    pub fn open_cases_of(&mut self, vasps: &[VaspId]) -> Result<HashMap<VaspId, CaseId>, StoreError> {
        let mut found = HashMap::new();
        for chunk in vasps.chunks(500) {
            let open = cases::table
                .filter(cases::vasp.eq_any(chunk))
                .filter(cases::closed_at.is_null())
                .select((cases::vasp.assume_not_null(), cases::id));
            found.extend(open.load::<(VaspId, CaseId)>(self).map_err(StoreError::on("cases"))?);
        }
        Ok(found)
    }

    /// Returns a match.
    pub fn screening_hit(&mut self, id: ScreeningHitId) -> Result<Option<ScreeningHit>, StoreError> {
        let row = screening_hits::table.find(id).select(ScreeningHit::as_select());
        row.first(self).optional().map_err(StoreError::on("screening_hits"))
    }
}

impl Transaction<'_> {
    /// Locks and returns every match until the end of the transaction. SQLite has one writer at a time and needs no lock.
    pub fn lock_screening_hits(&mut self) -> Result<Vec<ScreeningHit>, StoreError> {
        let rows = screening_hits::table.order(screening_hits::id).select(ScreeningHit::as_select()).locking().load(self.conn());
        rows.map_err(StoreError::on("screening_hits"))
    }

    /// Locks and returns a match until the end of the transaction.
    pub fn lock_screening_hit(&mut self, id: ScreeningHitId) -> Result<Option<ScreeningHit>, StoreError> {
        let row = screening_hits::table.find(id).select(ScreeningHit::as_select()).locking().get_result(self.conn());
        row.optional().map_err(StoreError::on("screening_hits"))
    }

    /// Adds a match; `false` if another writer added one for the same VASP and entry in the meantime, which then stays.
    pub fn add_screening_hit(&mut self, row: &ScreeningHit) -> Result<bool, StoreError> {
        let insert = diesel::insert_into(screening_hits::table).values(row);
        written(self.conn(), "screening_hits", insert.unless_there()).map(|rows| rows == 1)
    }

    /// Replaces the preceding version of a match by `row`.
    ///
    /// # Errors
    /// `StoreError::Stale` if another writer changed it in the meantime.
    pub fn change_screening_hit(&mut self, row: &ScreeningHit) -> Result<(), StoreError> {
        let place =
            screening_hits::table.filter(screening_hits::id.eq(row.id)).filter(screening_hits::version.eq(row.version - 1));
        let update = diesel::update(place).set(row);
        written_once(self.conn(), "screening_hits", update)
    }
}
