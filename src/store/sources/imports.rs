//! The journal of imports: what was read when, by what, with which result, and the rows that were not taken as they are. It is not logged:
//! what an import changes is.

use crate::backend::{on_backend, written};
use crate::edge::*;
use crate::schema::{import_rows, imports};
use crate::{Conn, StoreError, Transaction};
use vasp_words::closed_list::closed_list;
use vasp_words::ids::ImportId;
use vasp_words::time::{Date, UtcTime};

closed_list! {
    /// What became of a row that was not taken as it is.
    pub enum ImportedRowOutcome {
        /// It was refused.
        Rejected = "rejected",
        /// It waits until its authority is known.
        Held = "held",
        /// It was taken although something about it is unusual.
        Flagged = "flagged",
    }
}

/// An import.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = imports, treat_none_as_default_value = false)]
pub struct ImportRow {
    /// Public id.
    pub id: ImportId,
    /// Format of the file.
    pub format: String,
    /// Name of the file.
    pub file: String,
    /// SHA-256 of the file; `None` if it could be read only once.
    pub digest: Option<Vec<u8>>,
    /// Day of the facts in the file; `None` if it was refused before that was known.
    pub observed_on: Option<Date>,
    /// What imported it.
    pub imported_by: String,
    /// Id of the source from which it was fetched; `None` if it was not fetched.
    pub source: Option<String>,
    /// When.
    pub at: UtcTime,
    /// The result: `refused`, `changed` or `unchanged`.
    pub outcome: String,
    /// Why it was refused; `None` if it was not.
    pub reason: Option<String>,
    /// Rows read.
    pub rows_read: i64,
    /// Rows with something new.
    pub taken: i64,
    /// Rows that only confirmed.
    pub unchanged: i64,
    /// Rows that are in the file twice.
    pub repeated: i64,
    /// Rows refused.
    pub rejected: i64,
    /// Rows that wait for their authority.
    pub held: i64,
    /// Rows that were taken with a note.
    pub flagged: i64,
    /// New records.
    pub records_new: i64,
    /// Known records that changed.
    pub records_other: i64,
    /// Known records that are no longer in the file.
    pub vanished: i64,
    /// New links from brands to firms that the search after it proposed; `None` if no search was made, or it failed.
    pub links: Option<i64>,
    /// The log's last sequence after it.
    pub sequence: i64,
}

/// A row that was not taken as it is.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = import_rows, treat_none_as_default_value = false)]
pub struct ImportedRow {
    /// Its import.
    pub import: ImportId,
    /// Number among these rows, from 1.
    pub number: i32,
    /// What became of it.
    pub outcome: ImportedRowOutcome,
    /// Line on which it begins.
    pub line: i64,
    /// The column that is wrong; `None` if none is.
    pub place: Option<String>,
    /// Why, as a word of the report.
    pub reason: String,
    /// The text in question.
    pub text: String,
}

/// Selects imports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportFilter {
    /// Only of this format.
    pub format: Option<String>,
    /// Only with this result.
    pub outcome: Option<String>,
    /// Only of files from this source.
    pub source: Option<String>,
}

/// Rows of one statement.
const PART: usize = 500;

/// Of how many imports of a source, or of a format without a source, the rows are kept.
const IMPORTS_WITH_ROWS: i64 = 20;

/// Of how many older imports the rows are removed at once. Each import makes one other old.
const OLD_AT_ONCE: i64 = 50;

impl Conn {
    /// Returns an import.
    pub fn import(&mut self, id: ImportId) -> Result<Option<ImportRow>, StoreError> {
        imports::table.find(id).select(ImportRow::as_select()).first(self).optional().map_err(StoreError::on("imports"))
    }

    /// Returns the newest import that took a file of a source, or these bytes of it.
    pub fn import_taken(&mut self, source: &str, digest: Option<&[u8]>) -> Result<Option<ImportRow>, StoreError> {
        let of_source = imports::table.filter(imports::source.eq(source)).filter(imports::outcome.ne("refused"));
        let mut query = of_source.order(imports::id.desc()).select(ImportRow::as_select()).into_boxed();
        if let Some(digest) = digest {
            query = query.filter(imports::digest.eq(digest));
        }
        query.first(self).optional().map_err(StoreError::on("imports"))
    }

    /// Returns the imports before `before` that pass a filter, the newest first.
    pub fn imports(&mut self, filter: &ImportFilter, before: Option<ImportId>, limit: i64) -> Result<Vec<ImportRow>, StoreError> {
        let mut query = imports::table.order(imports::id.desc()).limit(limit).select(ImportRow::as_select()).into_boxed();
        if let Some(before) = before {
            query = query.filter(imports::id.lt(before));
        }
        if let Some(format) = &filter.format {
            query = query.filter(imports::format.eq(format));
        }
        if let Some(outcome) = &filter.outcome {
            query = query.filter(imports::outcome.eq(outcome));
        }
        if let Some(source) = &filter.source {
            query = query.filter(imports::source.eq(source));
        }
        query.load(self).map_err(StoreError::on("imports"))
    }

    /// Returns the rows of an import after a number, of one outcome or of all.
    pub fn import_rows(
        &mut self,
        import: ImportId,
        outcome: Option<ImportedRowOutcome>,
        after: i32,
        limit: i64,
    ) -> Result<Vec<ImportedRow>, StoreError> {
        let mut query = import_rows::table
            .filter(import_rows::import.eq(import))
            .filter(import_rows::number.gt(after))
            .order(import_rows::number)
            .limit(limit)
            .select(ImportedRow::as_select())
            .into_boxed();
        if let Some(outcome) = outcome {
            query = query.filter(import_rows::outcome.eq(outcome));
        }
        query.load(self).map_err(StoreError::on("import_rows"))
    }
}

impl Transaction<'_> {
    /// Adds an import with its rows, and forgets the rows of old imports of the same source or format. The imports themselves stay.
    pub fn add_import(&mut self, row: &ImportRow, rows: &[ImportedRow]) -> Result<(), StoreError> {
        written(self.conn(), "imports", diesel::insert_into(imports::table).values(row))?;
        for some in rows.chunks(PART) {
            on_backend!(self.conn(), c => diesel::insert_into(import_rows::table).values(some).execute_typed(c))
                .map_err(StoreError::on("import_rows"))?;
        }
        self.forget_old_import_rows(row)
    }

    fn forget_old_import_rows(&mut self, newest: &ImportRow) -> Result<(), StoreError> {
        let alike = || {
            let alike = imports::table.filter(imports::format.eq(&newest.format)).into_boxed();
            match &newest.source {
                Some(source) => alike.filter(imports::source.eq(source)),
                None => alike.filter(imports::source.is_null()),
            }
        };
        let old = alike().order(imports::id.desc()).offset(IMPORTS_WITH_ROWS).limit(OLD_AT_ONCE).select(imports::id);
        let old: Vec<ImportId> = old.load(self.conn()).map_err(StoreError::on("imports"))?;
        let delete = diesel::delete(import_rows::table.filter(import_rows::import.eq_any(old)));
        written(self.conn(), "import_rows", delete).map(drop)
    }
}
