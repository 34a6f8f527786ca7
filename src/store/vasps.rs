//! The anchors of VASPs and licences: number and id, which never change. What is known of them are facts.

use super::backend::on_backend;
use super::schema::{licences, vasps};
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;
use vasp_record::vasp::VaspKind;
use vasp_words::ids::{LicenceId, VaspId};

/// A VASP's anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VaspRow {
    /// Number inside the store.
    pub number: i64,
    /// Public id.
    pub id: VaspId,
    /// Entity or group.
    pub kind: VaspKind,
}

/// A licence's anchor.
#[derive(Clone, Debug, PartialEq, Eq)]
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

fn kind_number(kind: VaspKind) -> i16 {
    match kind {
        VaspKind::Entity => 1,
        VaspKind::Group => 2,
    }
}

fn vasp_row((number, id, kind): (i64, String, i16)) -> Result<VaspRow, StoreError> {
    let kind = match kind {
        1 => VaspKind::Entity,
        2 => VaspKind::Group,
        _ => return Err(StoreError::inconsistent("vasps", "kind", number)),
    };
    let id = id.parse().map_err(|_| StoreError::inconsistent("vasps", "id", number))?;
    Ok(VaspRow { number, id, kind })
}

impl Conn {
    /// Returns the anchors of some VASPs, or of all, in order of number.
    ///
    /// # Errors
    /// `StoreError::Query`, `StoreError::Inconsistent`.
    pub fn vasp_anchors(&mut self, of: Option<&[i64]>) -> Result<Vec<VaspRow>, StoreError> {
        type Row = (i64, String, i16);
        let query = || vasps::table.select((vasps::number, vasps::id, vasps::kind)).order(vasps::number);
        let mut rows: Vec<Row> = Vec::new();
        match of {
            None => rows = query().load(self).map_err(StoreError::on("vasps"))?,
            Some(numbers) => {
                for chunk in numbers.chunks(500) {
                    let found = query().filter(vasps::number.eq_any(chunk));
                    rows.extend(found.load::<Row>(self).map_err(StoreError::on("vasps"))?);
                }
            }
        }
        rows.into_iter().map(vasp_row).collect()
    }

    /// Returns the number of a VASP, if it entered the directory.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn vasp_number(&mut self, id: &str) -> Result<Option<i64>, StoreError> {
        let query = vasps::table.filter(vasps::id.eq(id)).select(vasps::number);
        query.first(self).optional().map_err(StoreError::on("vasps"))
    }

    /// Returns the anchors of the licences of some VASPs, or of all.
    ///
    /// # Errors
    /// `StoreError::Query`, `StoreError::Inconsistent`.
    pub fn licence_anchors(&mut self, of: Option<&[i64]>) -> Result<Vec<LicenceRow>, StoreError> {
        type Row = (String, i64, String, String);
        let query = || licences::table.select((licences::id, licences::vasp, licences::authority, licences::regime));
        let mut rows: Vec<Row> = Vec::new();
        match of {
            None => rows = query().order(licences::id).load(self).map_err(StoreError::on("licences"))?,
            Some(numbers) => {
                for chunk in numbers.chunks(500) {
                    let found = query().filter(licences::vasp.eq_any(chunk)).order(licences::id);
                    rows.extend(found.load::<Row>(self).map_err(StoreError::on("licences"))?);
                }
            }
        }
        rows.into_iter()
            .map(|(id, vasp, authority, regime)| {
                let parsed = id.parse().map_err(|_| StoreError::inconsistent("licences", "id", &id))?;
                Ok(LicenceRow { id: parsed, vasp, authority, regime })
            })
            .collect()
    }
}

impl Transaction<'_> {
    /// Adds a VASP's anchor and returns it.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn add_vasp(&mut self, id: VaspId, kind: VaspKind) -> Result<VaspRow, StoreError> {
        let row = VaspRow { number: self.take_numbers("vasps", 1)?, id, kind };
        self.insert_vasp(&row).map(|()| row)
    }

    /// Adds a VASP's anchor under a number that was taken for it before.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn insert_vasp(&mut self, row: &VaspRow) -> Result<(), StoreError> {
        let row = (vasps::number.eq(row.number), vasps::id.eq(row.id.to_string()), vasps::kind.eq(kind_number(row.kind)));
        on_backend!(self.conn(), c => diesel::insert_into(vasps::table).values(row).execute(c))
            .map(drop)
            .map_err(StoreError::on("vasps"))
    }

    /// Adds a licence's anchor.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn add_licence(&mut self, licence: &LicenceRow) -> Result<(), StoreError> {
        let row = (
            licences::id.eq(licence.id.to_string()),
            licences::vasp.eq(licence.vasp),
            licences::authority.eq(&licence.authority),
            licences::regime.eq(&licence.regime),
        );
        on_backend!(self.conn(), c => diesel::insert_into(licences::table).values(row).execute(c))
            .map(drop)
            .map_err(StoreError::on("licences"))
    }
}
