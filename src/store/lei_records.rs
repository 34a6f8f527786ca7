//! GLEIF's records of LEIs, with the sequences between which the registry held each version. A look says which of the held LEIs a file
//! contained. A file that only confirms the records adds one look.

use std::collections::HashSet;

use super::backend::on_backend;
use super::edge::*;
use super::lei_schema::{lei_looks, lei_records};
use super::schema::facts;
use super::{Conn, StoreError};
use vasp_record::fact::Attribute;
use vasp_record::lei_record::LeiRecord;
use vasp_words::lei::Lei;
use vasp_words::sql::Json;
use vasp_words::time::Date;

/// A row of the table of LEI records: one version of a record.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = lei_records)]
pub struct LeiRecordRow {
    /// Number of this version.
    pub number: i64,
    /// The LEI.
    pub lei: Lei,
    /// Day of the file that it came from.
    pub observed_on: Date,
    /// The file that it came from.
    pub source: String,
    /// The record.
    pub body: Json<LeiRecord>,
    /// First sequence at which the registry held it.
    pub seq_from: i64,
}

/// A version to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLeiRecord {
    /// Day of the file.
    pub observed_on: Date,
    /// File or API answer that it came from.
    pub source: String,
    /// The record.
    pub body: Json<LeiRecord>,
}

/// A look: which of the held LEIs a file contained.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = lei_looks, treat_none_as_default_value = false)]
pub struct LeiLookRow {
    /// Sequence of the change that read it.
    pub seq_from: i64,
    /// Day of the file.
    pub observed_on: Date,
    /// The file.
    pub source: String,
    /// 1: the file contained all held LEIs except those in `leis`. 0: it contained only those in `leis`.
    pub all_but: i16,
    /// LEIs, separated by spaces.
    pub leis: String,
}

impl LeiLookRow {
    /// Returns a function that tells whether the file contained a held LEI.
    pub fn shown(&self) -> impl Fn(&str) -> bool {
        let named: HashSet<&str> = self.leis.split(' ').collect();
        move |lei| named.contains(lei) != (self.all_but == 1)
    }
}

/// Ends versions, which must all be current.
pub(super) fn close(conn: &mut Conn, numbers: &[i64], sequence: i64) -> Result<(), StoreError> {
    for chunk in numbers.chunks(500) {
        let current = lei_records::table.filter(lei_records::number.eq_any(chunk)).filter(lei_records::seq_to.is_null());
        let closed = diesel::update(current).set(lei_records::seq_to.eq(sequence));
        let closed = closed.execute(conn).map_err(StoreError::on("lei_records"))?;
        if closed != chunk.len() {
            return Err(StoreError::Stale { table: "lei_records" });
        }
    }
    Ok(())
}

/// Adds versions.
pub(super) fn open(conn: &mut Conn, new: &[NewLeiRecord], sequence: i64) -> Result<(), StoreError> {
    for chunk in new.chunks(500) {
        let row = |new: &NewLeiRecord| {
            (
                lei_records::lei.eq(new.body.lei),
                lei_records::observed_on.eq(new.observed_on),
                lei_records::source.eq(new.source.clone()),
                lei_records::body.eq(new.body.clone()),
                lei_records::seq_from.eq(sequence),
            )
        };
        let rows: Vec<_> = chunk.iter().map(row).collect();
        on_backend!(conn, c => diesel::insert_into(lei_records::table).values(&rows).execute_typed(c)).map_err(|source| {
            match source {
                // Another import added a version of the same LEI in the meantime.
                diesel::result::Error::DatabaseError(diesel::result::DatabaseErrorKind::UniqueViolation, _) => {
                    StoreError::Stale { table: "lei_records" }
                }
                source => StoreError::on("lei_records")(source),
            }
        })?;
    }
    Ok(())
}

pub(super) fn insert_look(conn: &mut Conn, row: LeiLookRow) -> Result<(), StoreError> {
    diesel::insert_into(lei_looks::table).values(&row).execute(conn).map(drop).map_err(StoreError::on("lei_looks"))
}

impl Conn {
    /// Returns the LEIs that any VASP has or ever had.
    pub fn leis_of_vasps(&mut self) -> Result<Vec<Lei>, StoreError> {
        facts::table
            .filter(facts::attribute.eq(Attribute::Lei))
            .select(facts::value)
            .distinct()
            .load(self)
            .map_err(StoreError::on("facts"))
    }

    /// Returns the versions held at `sequence` of some LEIs, or of all, in order of LEI.
    pub fn lei_records_at(&mut self, of: Option<&[Lei]>, sequence: i64) -> Result<Vec<LeiRecordRow>, StoreError> {
        let query = || {
            lei_records::table
                .filter(lei_records::seq_from.le(sequence))
                .filter(lei_records::seq_to.is_null().or(lei_records::seq_to.gt(sequence)))
                .order(lei_records::lei)
                .select(LeiRecordRow::as_select())
        };
        let Some(leis) = of else { return query().load(self).map_err(StoreError::on("lei_records")) };
        let mut rows = Vec::new();
        for chunk in leis.chunks(500) {
            let found = query().filter(lei_records::lei.eq_any(chunk));
            rows.extend(found.load::<LeiRecordRow>(self).map_err(StoreError::on("lei_records"))?);
        }
        Ok(rows)
    }

    /// Returns some of the looks recorded until `sequence`, those at the files of the latest days first.
    pub fn lei_looks_at(&mut self, sequence: i64, skip: i64, limit: i64) -> Result<Vec<LeiLookRow>, StoreError> {
        lei_looks::table
            .filter(lei_looks::seq_from.le(sequence))
            .order((lei_looks::observed_on.desc(), lei_looks::seq_from.desc()))
            .offset(skip)
            .limit(limit)
            .select(LeiLookRow::as_select())
            .load(self)
            .map_err(StoreError::on("lei_looks"))
    }

    /// Returns the last sequence at or before `sequence` that added a look; 0 if there is none.
    pub fn lei_sequence(&mut self, sequence: i64) -> Result<i64, StoreError> {
        let last: Option<i64> = lei_looks::table
            .filter(lei_looks::seq_from.le(sequence))
            .select(diesel::dsl::max(lei_looks::seq_from))
            .first(self)
            .map_err(StoreError::on("lei_looks"))?;
        Ok(last.unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_names_what_it_showed_or_what_it_did_not() {
        let look = |all_but, leis: &str| LeiLookRow {
            seq_from: 1,
            observed_on: "2026-01-01".parse().unwrap(),
            source: "x".into(),
            all_but,
            leis: leis.into(),
        };

        assert_eq!([look(0, "A B").shown()("B"), look(0, "A B").shown()("C"), look(0, "").shown()("A")], [true, false, false]);
        assert_eq!([look(1, "A B").shown()("B"), look(1, "A B").shown()("C"), look(1, "").shown()("A")], [false, true, true]);
    }
}
