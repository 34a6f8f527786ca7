//! Rows of facts. A fact is one attribute of a VASP or of one of its licences. It has the time in which it is true, and the sequences
//! between which the registry held it.

use std::ops::RangeInclusive;

use super::backend::on_backend;
use super::claim_scan::rusqlite_error;
use super::edge::*;
use super::schema::facts;
use super::{Conn, PartReader, StoreError};
use diesel::dsl::sql;
use diesel::sql_types::Bool;
use vasp_record::fact::{Attribute, Fact, FactValue};
use vasp_words::ids::IdError;
use vasp_words::shared_texts::SharedTexts;
use vasp_words::time::Date;

/// A row of the table of facts, parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactRow {
    /// Number of this version.
    pub number: i64,
    /// Number of the VASP.
    pub vasp: i64,
    /// The fact: its content, its origin and the time in which it is true.
    pub fact: Fact,
    /// First sequence at which the registry held it.
    pub seq_from: i64,
}

/// The columns of a fact. The licence is empty for a fact about the VASP itself. The attribute decides how to read item and value.
#[derive(Queryable, Selectable)]
#[diesel(table_name = facts)]
struct Columns {
    number: i64,
    vasp: i64,
    licence: String,
    origin: String,
    attribute: Attribute,
    item: String,
    value: String,
    source: String,
    valid_from: Option<Date>,
    valid_to: Option<Date>,
    seq_from: i64,
}

impl Columns {
    fn read(&self, texts: &mut SharedTexts) -> Result<FactRow, StoreError> {
        let Self { number, vasp, attribute, valid_from: from, valid_to: to, seq_from, .. } = *self;
        let read = LentFact {
            number,
            vasp,
            licence: &self.licence,
            origin: &self.origin,
            attribute,
            item: &self.item,
            value: &self.value,
            source: &self.source,
            days: (from, to),
            seq_from,
        };
        read.parse(texts)
    }
}

/// The columns of a fact, borrowed from where they were read.
struct LentFact<'a> {
    number: i64,
    vasp: i64,
    licence: &'a str,
    origin: &'a str,
    attribute: Attribute,
    item: &'a str,
    value: &'a str,
    source: &'a str,
    days: (Option<Date>, Option<Date>),
    seq_from: i64,
}

impl LentFact<'_> {
    fn parse(self, texts: &mut SharedTexts) -> Result<FactRow, StoreError> {
        let Self { number, vasp, licence, origin, attribute, item, value, source, days: (from, to), seq_from } = self;
        let licence = (!licence.is_empty()).then(|| licence.parse()).transpose();
        let said = FactValue::read(attribute, item, value);
        let said = said.ok_or_else(|| StoreError::impossible("facts", format!("fact {number} has no value of a {attribute}")))?;
        let licence = licence.map_err(|error: IdError| StoreError::impossible("facts", format!("fact {number}: {error}")))?;
        let (origin, source) = (texts.share(origin), texts.share(source));
        Ok(FactRow { number, vasp, fact: Fact { licence, origin, said, from, to, source }, seq_from })
    }
}

/// Reads the facts of selected rows.
fn read(rows: QueryResult<Vec<Columns>>) -> Result<impl Iterator<Item = Result<FactRow, StoreError>>, StoreError> {
    let (rows, mut texts) = (rows.map_err(StoreError::on("facts"))?, SharedTexts::default());
    Ok(rows.into_iter().map(move |row| row.read(&mut texts)))
}

/// Ends versions of facts, which must all be current.
pub(super) fn close(conn: &mut Conn, numbers: &[i64], sequence: i64) -> Result<(), StoreError> {
    for chunk in numbers.chunks(500) {
        let closed = diesel::update(facts::table.filter(facts::number.eq_any(chunk)).filter(facts::seq_to.is_null()))
            .set(facts::seq_to.eq(sequence));
        let closed = closed.execute(conn).map_err(StoreError::on("facts"))?;
        if closed != chunk.len() {
            return Err(StoreError::Stale { table: "facts" });
        }
    }
    Ok(())
}

/// Adds facts that are held from a sequence on, each with the number of its VASP.
pub(super) fn open(conn: &mut Conn, new: &[(i64, Fact)], sequence: i64) -> Result<(), StoreError> {
    for chunk in new.chunks(500) {
        let row = |(vasp, fact): &(i64, Fact)| {
            (
                facts::vasp.eq(*vasp),
                facts::licence.eq(fact.licence.map(|id| id.to_string()).unwrap_or_default()),
                facts::origin.eq(fact.origin.to_string()),
                facts::attribute.eq(fact.said.attribute()),
                facts::item.eq(fact.said.item()),
                facts::value.eq(fact.said.text()),
                facts::source.eq(fact.source.to_string()),
                facts::valid_from.eq(fact.from),
                facts::valid_to.eq(fact.to),
                facts::seq_from.eq(sequence),
                facts::seq_to.eq(None::<i64>),
            )
        };
        let rows: Vec<_> = chunk.iter().map(row).collect();
        on_backend!(conn, c => diesel::insert_into(facts::table).values(&rows).execute_typed(c)).map_err(|source| {
            // Another writer added the same fact in the meantime.
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
    pub fn facts_at(&mut self, sequence: i64) -> Result<Vec<FactRow>, StoreError> {
        let held = facts::table
            .filter(facts::seq_from.le(sequence))
            .filter(facts::seq_to.is_null().or(facts::seq_to.gt(sequence)))
            .order((facts::vasp, facts::number));
        read(held.select(Columns::as_select()).load(self))?.collect()
    }

    /// Returns the facts of some VASPs held at `sequence`.
    pub fn facts_of(&mut self, vasps: &[i64], sequence: i64) -> Result<Vec<FactRow>, StoreError> {
        let mut rows = Vec::new();
        for chunk in vasps.chunks(500) {
            let query = facts::table
                .filter(facts::vasp.eq_any(chunk))
                .filter(facts::seq_from.le(sequence))
                .filter(facts::seq_to.is_null().or(facts::seq_to.gt(sequence)))
                .order((facts::vasp, facts::number));
            for row in read(query.select(Columns::as_select()).load(self))? {
                rows.push(row?);
            }
        }
        Ok(rows)
    }

    /// Returns every version of the facts of some VASPs, each with the first sequence at which it was no longer held.
    pub fn fact_versions(&mut self, vasps: &[i64]) -> Result<Vec<(FactRow, Option<i64>)>, StoreError> {
        let query = facts::table.filter(facts::vasp.eq_any(vasps)).order((facts::vasp, facts::number));
        let rows: Vec<(Columns, Option<i64>)> =
            query.select((Columns::as_select(), facts::seq_to)).load(self).map_err(StoreError::on("facts"))?;
        let mut texts = SharedTexts::default();
        rows.into_iter().map(|(row, seq_to)| Ok((row.read(&mut texts)?, seq_to))).collect()
    }

    /// Returns the numbers of VASPs with a fact held at `sequence` that has one of some values. `attribute` is the LEI, the group, or the
    /// record that the VASP was merged into.
    pub fn vasps_saying(&mut self, attribute: Attribute, values: &[String], sequence: i64) -> Result<Vec<i64>, StoreError> {
        let mut numbers = Vec::new();
        for chunk in values.chunks(500) {
            let query = facts::table
                // Repeat the index's condition word for word: otherwise SQLite does not use a partial index.
                .filter(sql::<Bool>("attribute IN ('lei', 'group', 'merged_into')"))
                .filter(facts::attribute.eq(attribute))
                .filter(facts::value.eq_any(chunk))
                .filter(facts::seq_from.le(sequence))
                .filter(facts::seq_to.is_null().or(facts::seq_to.gt(sequence)))
                .select(facts::vasp)
                .distinct();
            numbers.extend(query.load::<i64>(self).map_err(StoreError::on("facts"))?);
        }
        Ok(numbers)
    }

    /// Returns the numbers of the VASPs whose facts began or ended after `after` and at or before `until`.
    pub fn vasps_changed(&mut self, after: i64, until: i64) -> Result<Vec<i64>, StoreError> {
        let began = facts::table.filter(facts::seq_from.gt(after)).filter(facts::seq_from.le(until));
        let ended = facts::table.filter(facts::seq_to.gt(after)).filter(facts::seq_to.le(until));
        let mut numbers: Vec<i64> = began.select(facts::vasp).distinct().load(self).map_err(StoreError::on("facts"))?;
        numbers.extend(ended.select(facts::vasp).distinct().load::<i64>(self).map_err(StoreError::on("facts"))?);
        numbers.sort_unstable();
        numbers.dedup();
        Ok(numbers)
    }

    /// Returns the current facts of some attributes, of all VASPs. Imports match their rows against them.
    pub fn current_facts_named(&mut self, attributes: &[Attribute]) -> Result<Vec<FactRow>, StoreError> {
        let current = facts::table
            .filter(facts::attribute.eq_any(attributes))
            .filter(facts::seq_to.is_null())
            .order((facts::vasp, facts::number));
        read(current.select(Columns::as_select()).load(self))?.collect()
    }
}

impl PartReader {
    /// Returns the facts held at `sequence` of the VASPs with these numbers, in order of VASP.
    pub fn facts_between(&mut self, numbers: &RangeInclusive<i64>, sequence: i64) -> Result<Vec<FactRow>, StoreError> {
        if let Some(sqlite) = &self.sqlite {
            return lent_facts(sqlite, numbers, sequence);
        }
        let held = facts::table
            .filter(facts::vasp.between(*numbers.start(), *numbers.end()))
            .filter(facts::seq_from.le(sequence))
            .filter(facts::seq_to.is_null().or(facts::seq_to.gt(sequence)))
            .order((facts::vasp, facts::number));
        read(held.select(Columns::as_select()).load(&mut self.conn))?.collect()
    }
}

/// Reads facts from SQLite without a copy of their texts, which takes half the time that Diesel needs.
fn lent_facts(conn: &rusqlite::Connection, numbers: &RangeInclusive<i64>, sequence: i64) -> Result<Vec<FactRow>, StoreError> {
    // In the order of an index, so that SQLite need not sort rows with all their texts.
    const ASK: &str = "SELECT number, vasp, licence, origin, attribute, item, value, source, valid_from, valid_to, seq_from \
                       FROM facts WHERE vasp BETWEEN ?1 AND ?2 AND seq_from <= ?3 AND (seq_to IS NULL OR seq_to > ?3) \
                       ORDER BY vasp, seq_from, number";
    let failed = |error| rusqlite_error("facts", &error);
    let (mut texts, mut found) = (SharedTexts::default(), Vec::new());
    let mut ask = conn.prepare_cached(ASK).map_err(failed)?;
    let mut rows = ask.query((numbers.start(), numbers.end(), sequence)).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let wrong = || StoreError::impossible("facts", "a column has a value of a wrong type".to_owned());
        let text = |column: usize| row.get_ref(column).ok().and_then(|value| value.as_str().ok()).ok_or_else(wrong);
        let number = |column: usize| row.get::<_, i64>(column).map_err(|_| wrong());
        let day = |column: usize| match row.get_ref(column).map_err(|_| wrong())?.as_str_or_null().map_err(|_| wrong())? {
            None => Ok(None),
            Some(day) => day.parse().map(Some).map_err(|_| wrong()),
        };
        let fact = LentFact {
            number: number(0)?,
            vasp: number(1)?,
            licence: text(2)?,
            origin: text(3)?,
            attribute: Attribute::from_text(text(4)?).ok_or_else(wrong)?,
            item: text(5)?,
            value: text(6)?,
            source: text(7)?,
            days: (day(8)?, day(9)?),
            seq_from: number(10)?,
        };
        found.push(fact.parse(&mut texts)?);
    }
    found.sort_by_key(|row: &FactRow| (row.vasp, row.number));
    Ok(found)
}
