//! The anchors of VASPs and licences: their numbers and ids, which never change. Everything else about them is facts.

use std::ops::RangeInclusive;

use super::backend::written;
use super::edge::*;
use super::schema::{licences, vasps};
use super::{Conn, StoreError, Transaction};
use vasp_record::vasp::VaspKind;
use vasp_words::ids::{LicenceId, VaspId};

/// A VASP's anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = vasps)]
pub struct VaspRow {
    /// Number inside the store.
    pub number: i64,
    /// Public id.
    pub id: VaspId,
    /// Entity or group.
    pub kind: VaspKind,
}

/// A licence's anchor.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = licences)]
pub struct LicenceRow {
    /// Public id.
    pub id: LicenceId,
    /// Number of the VASP.
    pub vasp: i64,
    /// Id of the authority.
    pub authority: String,
    /// Legal regime.
    pub regime: String,
}

impl Conn {
    /// Returns the anchors of some VASPs, or of all, in order of number.
    pub fn vasp_anchors(&mut self, of: Option<&[i64]>) -> Result<Vec<VaspRow>, StoreError> {
        let query = || vasps::table.select(VaspRow::as_select()).order(vasps::number);
        let Some(numbers) = of else { return query().load(self).map_err(StoreError::on("vasps")) };
        let mut rows = Vec::new();
        for chunk in numbers.chunks(500) {
            let found = query().filter(vasps::number.eq_any(chunk));
            rows.extend(found.load::<VaspRow>(self).map_err(StoreError::on("vasps"))?);
        }
        Ok(rows)
    }

    /// Returns the anchors of the licences of the VASPs with numbers from `first` to `last`.
    pub fn licence_anchors_between(&mut self, numbers: &RangeInclusive<i64>) -> Result<Vec<LicenceRow>, StoreError> {
        let query = licences::table.filter(licences::vasp.between(*numbers.start(), *numbers.end())).order(licences::id);
        query.select(LicenceRow::as_select()).load(self).map_err(StoreError::on("licences"))
    }

    /// Returns the number of a VASP; `None` if it is not in the directory.
    pub fn vasp_number(&mut self, id: &str) -> Result<Option<i64>, StoreError> {
        let query = vasps::table.filter(vasps::id.eq(id)).select(vasps::number);
        query.first(self).optional().map_err(StoreError::on("vasps"))
    }

    /// Returns the anchors of the licences of some VASPs, or of all.
    pub fn licence_anchors(&mut self, of: Option<&[i64]>) -> Result<Vec<LicenceRow>, StoreError> {
        let query = || licences::table.select(LicenceRow::as_select()).order(licences::id);
        let Some(numbers) = of else { return query().load(self).map_err(StoreError::on("licences")) };
        let mut rows = Vec::new();
        for chunk in numbers.chunks(500) {
            let found = query().filter(licences::vasp.eq_any(chunk));
            rows.extend(found.load::<LicenceRow>(self).map_err(StoreError::on("licences"))?);
        }
        Ok(rows)
    }
}

impl Transaction<'_> {
    /// Adds a VASP's anchor and returns it.
    pub fn add_vasp(&mut self, id: VaspId, kind: VaspKind) -> Result<VaspRow, StoreError> {
        let row = VaspRow { number: self.take_numbers("vasps", 1)?, id, kind };
        self.insert_vasp(&row).map(|()| row)
    }

    /// Adds a VASP's anchor with a number that was taken for it before.
    pub fn insert_vasp(&mut self, row: &VaspRow) -> Result<(), StoreError> {
        written(self.conn(), "vasps", diesel::insert_into(vasps::table).values(row)).map(drop)
    }

    /// Adds a licence's anchor.
    pub fn add_licence(&mut self, licence: &LicenceRow) -> Result<(), StoreError> {
        written(self.conn(), "licences", diesel::insert_into(licences::table).values(licence)).map(drop)
    }
}
