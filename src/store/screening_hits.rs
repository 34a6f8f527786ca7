//! Matches of VASPs with entries of screening lists: one row a VASP and entry, whatever became of it.

use super::backend::{locked, written, written_once};
use super::schema::{cases, screening_hits};
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;
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
    /// The list that policies name.
    pub list: String,
    /// The list's own number of the entry.
    pub uid: String,
    /// What it is about.
    pub about: HitSubject,
    /// By what: `name`, `lei`, `host`, `address` …
    pub matched_by: String,
    /// What of the VASP matched.
    pub matched: String,
    /// What of the entry, as published.
    pub listed: String,
    /// The entry's primary name.
    pub name: String,
    /// Its programmes.
    pub programs: Json<Vec<String>>,
    /// How alike, 0 to 100.
    pub score: i16,
    /// Digest of the entry as it stands, in hex.
    pub entry_sha256: String,
    /// Where it stands.
    pub status: HitStatus,
    /// Rises with every change.
    pub version: i64,
    /// When it was found first.
    pub found_at: UtcTime,
    /// When it changed last.
    pub changed_at: UtcTime,
}

/// Which matches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScreeningHitFilter {
    /// In this status.
    pub status: Option<HitStatus>,
    /// About this VASP.
    pub vasp: Option<VaspId>,
}

impl Conn {
    /// Returns matches after the one with the id `after`, in order of id.
    pub fn screening_hits(
        &mut self,
        filter: &ScreeningHitFilter,
        after: &str,
        limit: i64,
    ) -> Result<Vec<ScreeningHit>, StoreError> {
        let mut query = screening_hits::table
            .filter(screening_hits::id.gt(after))
            .order(screening_hits::id)
            .limit(limit)
            .select(ScreeningHit::as_select())
            .into_boxed();
        if let Some(status) = filter.status {
            query = query.filter(screening_hits::status.eq(status));
        }
        if let Some(vasp) = filter.vasp {
            query = query.filter(screening_hits::vasp.eq(vasp));
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
                .select((cases::vasp, cases::id));
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
    /// Returns every match and keeps others from changing them until the end. SQLite's writers are alone already.
    pub fn lock_screening_hits(&mut self) -> Result<Vec<ScreeningHit>, StoreError> {
        let rows = locked!(self.conn(), screening_hits::table.order(screening_hits::id) => ScreeningHit, load);
        rows.map_err(StoreError::on("screening_hits"))
    }

    /// Returns a match and keeps others from changing it until the end.
    pub fn lock_screening_hit(&mut self, id: ScreeningHitId) -> Result<Option<ScreeningHit>, StoreError> {
        let row = locked!(self.conn(), screening_hits::table.find(id) => ScreeningHit, first);
        row.optional().map_err(StoreError::on("screening_hits"))
    }

    /// Adds a match; false where another writer added that of the pair meanwhile, which then stays.
    pub fn add_screening_hit(&mut self, row: &ScreeningHit) -> Result<bool, StoreError> {
        let insert = diesel::insert_into(screening_hits::table).values(row);
        written!(self, "screening_hits", insert.on_conflict_do_nothing()).map(|rows| rows == 1)
    }

    /// Puts `row` in the place of the version before it.
    ///
    /// # Errors
    /// `StoreError::Stale` where another writer changed it meanwhile.
    pub fn change_screening_hit(&mut self, row: &ScreeningHit) -> Result<(), StoreError> {
        let place =
            screening_hits::table.filter(screening_hits::id.eq(row.id)).filter(screening_hits::version.eq(row.version - 1));
        let update = diesel::update(place).set(row);
        written_once!(self, "screening_hits", update)
    }
}
