//! Rows of registers that wait until their authority is known, with their files. They are not logged: what is imported from them is.

use crate::backend::{on_backend, written};
use crate::edge::*;
use crate::schema::{held_files, held_rows};
use crate::{Conn, StoreError, Transaction};
use vasp_record::register::WhyHeld;
use vasp_words::country::Country;
use vasp_words::ids::{CaseId, ImportId};
use vasp_words::sql::Json;
use vasp_words::time::{Date, UtcTime};

/// A file with rows that wait, or waited.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = held_files, treat_none_as_default_value = false)]
pub struct HeldFileRow {
    /// Public id.
    pub id: ImportId,
    /// Register, as the importer named it.
    pub register: String,
    /// Day of the snapshot.
    pub observed_on: Date,
    /// File or page.
    pub source: String,
    /// SHA-256 of the file.
    pub digest: Vec<u8>,
    /// Whether none of its rows was imported yet.
    pub is_whole: bool,
    /// When it was read.
    pub held_at: UtcTime,
}

/// A row that waits, or was imported since.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = held_rows, treat_none_as_default_value = false)]
pub struct HeldRowRow {
    /// Its file.
    pub file: ImportId,
    /// Number among the held rows of the file, from 1.
    pub number: i32,
    /// Line on which the row begins.
    pub line: i64,
    /// The authority, as the register writes it.
    pub authority: String,
    /// The same in the form that is compared.
    pub spelling: String,
    /// The state in which the register places it.
    pub country: Option<Country>,
    /// Why it waits.
    pub why: WhyHeld,
    /// Columns and cells.
    pub cells: Json<Vec<(String, String)>>,
    /// The case about its authority.
    pub case_id: CaseId,
    /// When it was imported; `None` while it waits.
    pub settled_at: Option<UtcTime>,
}

/// An authority as a register writes it, and the state in which the register places it.
pub type NamedAuthority = (String, Option<Country>);

/// Rows of one statement.
const PART: usize = 500;

fn on(error: diesel::result::Error) -> StoreError {
    StoreError::on("held_rows")(error)
}

impl Conn {
    /// Returns whether this file was held before.
    pub fn is_held(&mut self, register: &str, observed_on: Date, digest: &[u8]) -> Result<bool, StoreError> {
        let found: Option<ImportId> = held_files::table
            .filter(held_files::register.eq(register))
            .filter(held_files::observed_on.eq(observed_on))
            .filter(held_files::digest.eq(digest))
            .select(held_files::id)
            .first(self)
            .optional()
            .map_err(StoreError::on("held_files"))?;
        Ok(found.is_some())
    }

    /// Returns how many rows wait.
    pub fn held_count(&mut self) -> Result<i64, StoreError> {
        held_rows::table.filter(held_rows::settled_at.is_null()).count().get_result(self).map_err(on)
    }

    /// Returns how many rows wait for the decision of a case.
    pub fn held_count_of(&mut self, case: CaseId) -> Result<i64, StoreError> {
        let waiting = held_rows::table.filter(held_rows::case_id.eq(case)).filter(held_rows::settled_at.is_null());
        waiting.count().get_result(self).map_err(on)
    }

    /// Returns the newest case about a spelling in a register.
    pub fn held_case(&mut self, register: &str, spelling: &str, country: Option<Country>) -> Result<Option<CaseId>, StoreError> {
        let rows = held_rows::table
            .inner_join(held_files::table)
            .filter(held_files::register.eq(register))
            .filter(held_rows::spelling.eq(spelling));
        let mut query = rows.select(held_rows::case_id).order(held_rows::case_id.desc()).into_boxed();
        query = match country {
            Some(country) => query.filter(held_rows::country.eq(country)),
            None => query.filter(held_rows::country.is_null()),
        };
        query.first(self).optional().map_err(on)
    }

    /// Returns the files of which rows wait, each with the authorities that these name, in order of their days.
    pub fn held_authorities(&mut self) -> Result<Vec<(HeldFileRow, Vec<NamedAuthority>)>, StoreError> {
        let named: Vec<(ImportId, String, Option<Country>)> = held_rows::table
            .filter(held_rows::settled_at.is_null())
            .select((held_rows::file, held_rows::authority, held_rows::country))
            .distinct()
            .order((held_rows::file, held_rows::authority))
            .load(self)
            .map_err(on)?;
        let ids: Vec<ImportId> = named.iter().map(|(file, ..)| *file).collect();
        let mut files: Vec<HeldFileRow> = Vec::new();
        for some in ids.chunks(PART) {
            let query = held_files::table.filter(held_files::id.eq_any(some)).select(HeldFileRow::as_select());
            files.extend(query.load::<HeldFileRow>(self).map_err(StoreError::on("held_files"))?);
        }
        files.sort_by_key(|file| (file.observed_on, file.held_at, file.id));
        files.dedup_by_key(|file| file.id);
        let of = |file: HeldFileRow| {
            let its = named.iter().filter(|(id, ..)| *id == file.id);
            let its = its.map(|(_, authority, country)| (authority.clone(), *country)).collect();
            (file, its)
        };
        Ok(files.into_iter().map(of).collect())
    }

    /// Returns the rows of a file that wait, in order.
    pub fn held_rows_of(&mut self, file: ImportId) -> Result<Vec<HeldRowRow>, StoreError> {
        held_rows::table
            .filter(held_rows::file.eq(file))
            .filter(held_rows::settled_at.is_null())
            .order(held_rows::number)
            .select(HeldRowRow::as_select())
            .load(self)
            .map_err(on)
    }

    /// Returns rows with their files, of one case or of all, those that wait or all, after a place.
    pub fn held_rows(
        &mut self,
        case: Option<CaseId>,
        waiting: bool,
        file: &str,
        number: i32,
        limit: i64,
    ) -> Result<Vec<(HeldRowRow, HeldFileRow)>, StoreError> {
        let after = held_rows::file.gt(file).or(held_rows::file.eq(file).and(held_rows::number.gt(number)));
        let mut query = held_rows::table
            .inner_join(held_files::table)
            .filter(after)
            .order((held_rows::file, held_rows::number))
            .limit(limit)
            .select((HeldRowRow::as_select(), HeldFileRow::as_select()))
            .into_boxed();
        if let Some(case) = case {
            query = query.filter(held_rows::case_id.eq(case));
        }
        if waiting {
            query = query.filter(held_rows::settled_at.is_null());
        }
        query.load(self).map_err(on)
    }
}

impl Transaction<'_> {
    /// Adds a file with its rows.
    pub fn add_held_file(&mut self, file: &HeldFileRow, rows: &[HeldRowRow]) -> Result<(), StoreError> {
        written(self.conn(), "held_files", diesel::insert_into(held_files::table).values(file))?;
        for some in rows.chunks(PART) {
            on_backend!(self.conn(), c => diesel::insert_into(held_rows::table).values(some).execute_typed(c)).map_err(on)?;
        }
        Ok(())
    }

    /// Writes that rows of a file were imported.
    pub fn settle_held_rows(&mut self, file: ImportId, numbers: &[i32]) -> Result<(), StoreError> {
        let now = self.now();
        for some in numbers.chunks(PART) {
            let place = held_rows::table.filter(held_rows::file.eq(file)).filter(held_rows::number.eq_any(some));
            let update = diesel::update(place).set(held_rows::settled_at.eq(Some(now)));
            update.execute(self.conn()).map_err(on)?;
        }
        let place = held_files::table.find(file);
        written(self.conn(), "held_files", diesel::update(place).set(held_files::is_whole.eq(false))).map(drop)
    }
}
