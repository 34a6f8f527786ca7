//! Fact rows: one attribute of a VASP or of one of its licences, with valid time and the sequences between which the
//! registry held it to be so.

use super::backend::on_backend;
use super::schema::facts;
use super::{Conn, StoreError};
use diesel::prelude::*;
use std::str::FromStr;
use vasp_record::fact::{Attribute, Fact, FactValue};
use vasp_words::time::Date;

/// A fact as it stands in the table.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = facts)]
pub struct FactRow {
    /// Number of this version.
    pub number: i64,
    /// Number of the VASP.
    pub vasp: i64,
    /// Id of the licence it belongs to; empty for the VASP itself.
    pub licence: String,
    /// Who says so: a register, a list, a member.
    pub origin: String,
    /// Which attribute.
    pub attribute: String,
    /// Which of several, empty for attributes that have one value.
    pub item: String,
    /// Value.
    pub value: String,
    /// File or page.
    pub source: String,
    /// First day (ISO 8601); none: since unknown.
    pub valid_from: Option<String>,
    /// First day no longer; none: still.
    pub valid_to: Option<String>,
    /// First sequence at which the registry held it.
    pub seq_from: i64,
    /// First sequence at which it no longer did; none: still does.
    pub seq_to: Option<i64>,
}

impl FactRow {
    /// Reads what the row says.
    ///
    /// # Errors
    /// `StoreError::Inconsistent` for what the program cannot have written.
    pub fn read(self) -> Result<Fact, StoreError> {
        let wrong = |column| StoreError::Inconsistent { table: "facts", column, id: self.number.to_string() };
        let date = |text: &Option<String>, column| text.as_deref().map(Date::from_str).transpose().map_err(|_| wrong(column));
        let attribute = Attribute::from_text(&self.attribute).ok_or_else(|| wrong("attribute"))?;
        Ok(Fact {
            licence: match self.licence.as_str() {
                "" => None,
                text => Some(text.parse().map_err(|_| wrong("licence"))?),
            },
            said: FactValue::read(attribute, &self.item, &self.value).ok_or_else(|| wrong("value"))?,
            from: date(&self.valid_from, "valid_from")?,
            to: date(&self.valid_to, "valid_to")?,
            origin: self.origin,
            source: self.source,
        })
    }
}

/// A fact to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFact {
    /// Number of the VASP.
    pub vasp: i64,
    /// Id of the licence it belongs to; empty for the VASP itself.
    pub licence: String,
    /// Who says so.
    pub origin: String,
    /// Which attribute.
    pub attribute: &'static str,
    /// Which of several.
    pub item: String,
    /// Value.
    pub value: String,
    /// File or page.
    pub source: String,
    /// First day; none: since unknown.
    pub valid_from: Option<String>,
    /// First day no longer; none: still.
    pub valid_to: Option<String>,
}

/// Ends versions; every one of them must still be current.
pub(super) fn close(conn: &mut Conn, numbers: &[i64], sequence: i64) -> Result<(), StoreError> {
    for chunk in numbers.chunks(500) {
        let closed = diesel::update(facts::table.filter(facts::number.eq_any(chunk)).filter(facts::seq_to.is_null()))
            .set(facts::seq_to.eq(sequence));
        let closed = on_backend!(conn, c => closed.execute(c)).map_err(StoreError::on("facts"))?;
        if closed != chunk.len() {
            return Err(StoreError::Stale { table: "facts" });
        }
    }
    Ok(())
}

/// Begins versions.
pub(super) fn open(conn: &mut Conn, new: Vec<NewFact>, sequence: i64) -> Result<(), StoreError> {
    for chunk in new.chunks(500) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|f| {
                (
                    facts::vasp.eq(f.vasp),
                    facts::licence.eq(&f.licence),
                    facts::origin.eq(&f.origin),
                    facts::attribute.eq(f.attribute),
                    facts::item.eq(&f.item),
                    facts::value.eq(&f.value),
                    facts::source.eq(&f.source),
                    facts::valid_from.eq(&f.valid_from),
                    facts::valid_to.eq(&f.valid_to),
                    facts::seq_from.eq(sequence),
                    facts::seq_to.eq(None::<i64>),
                )
            })
            .collect();
        on_backend!(conn, c => diesel::insert_into(facts::table).values(&rows).execute(c)).map_err(|source| {
            // Another writer began the same fact in the meantime.
            match source {
                diesel::result::Error::DatabaseError(diesel::result::DatabaseErrorKind::UniqueViolation, _) => {
                    StoreError::Stale { table: "facts" }
                }
                source => StoreError::on("facts")(source),
            }
        })?;
    }
    Ok(())
}

impl Conn {
    /// Returns all facts held at `sequence`, in order of VASP.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn facts_at(&mut self, sequence: i64) -> Result<Vec<FactRow>, StoreError> {
        facts::table
            .filter(facts::seq_from.le(sequence))
            .filter(facts::seq_to.is_null().or(facts::seq_to.gt(sequence)))
            .order((facts::vasp, facts::number))
            .select(FactRow::as_select())
            .load(self)
            .map_err(StoreError::on("facts"))
    }

    /// Returns the facts of some VASPs held at `sequence`.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn facts_of(&mut self, vasps: &[i64], sequence: i64) -> Result<Vec<FactRow>, StoreError> {
        let mut rows = Vec::new();
        for chunk in vasps.chunks(500) {
            let query = facts::table
                .filter(facts::vasp.eq_any(chunk))
                .filter(facts::seq_from.le(sequence))
                .filter(facts::seq_to.is_null().or(facts::seq_to.gt(sequence)))
                .order((facts::vasp, facts::number))
                .select(FactRow::as_select());
            let found: Vec<FactRow> = query.load(self).map_err(StoreError::on("facts"))?;
            rows.extend(found);
        }
        Ok(rows)
    }

    /// Returns the numbers of the VASPs whose facts began or ended after `after` and until `until`.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn vasps_changed(&mut self, after: i64, until: i64) -> Result<Vec<i64>, StoreError> {
        let began = facts::table.filter(facts::seq_from.gt(after)).filter(facts::seq_from.le(until));
        let ended = facts::table.filter(facts::seq_to.gt(after)).filter(facts::seq_to.le(until));
        let mut numbers: Vec<i64> = began.select(facts::vasp).distinct().load(self).map_err(StoreError::on("facts"))?;
        numbers.extend(ended.select(facts::vasp).distinct().load::<i64>(self).map_err(StoreError::on("facts"))?);
        numbers.sort_unstable();
        numbers.dedup();
        Ok(numbers)
    }

    /// Returns the current facts of an attribute, of all VASPs: for matching imports.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn current_facts_named(&mut self, attributes: &[&str]) -> Result<Vec<FactRow>, StoreError> {
        facts::table
            .filter(facts::attribute.eq_any(attributes))
            .filter(facts::seq_to.is_null())
            .order((facts::vasp, facts::number))
            .select(FactRow::as_select())
            .load(self)
            .map_err(StoreError::on("facts"))
    }
}
