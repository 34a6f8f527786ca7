//! `/v1/imports`: what was imported when, by what, and which rows were not taken as they are.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::blocking::blocking;
use crate::http::listing::{id_in_path, page, pages};
use crate::http::paging::{Cursor, Limit};
use crate::http::permission::OperatorRead;
use crate::http::write::{Answer, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::imported::{ImportOutcome, ImportedBy};
use crate::imports::journal::{ImportFilter, ImportRow, ImportedRow, ImportedRowOutcome, MISSING};
use crate::imports::{ImportFormat, list_import_rows as list_rows, list_imports as list, read_import};
use vasp_routing::get;
use vasp_words::ids::ImportId;
use vasp_words::time::{Date, UtcTime};

/// How many rows of a file there are of each kind.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportCounts)]
pub(crate) struct CountsView {
    read: i64,
    /// Rows with something new.
    taken: i64,
    /// Rows that only confirmed what was known.
    unchanged: i64,
    /// Rows that are in the file twice.
    repeated: i64,
    /// Rows that were refused.
    rejected: i64,
    /// Rows that wait until their authority is known.
    held: i64,
    /// Rows that were taken although something about them is unusual.
    flagged: i64,
}

/// An import.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Import)]
pub(crate) struct ImportView {
    #[schema(example = "imp_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    id: String,
    #[schema(example = "esma-casps")]
    format: String,
    file: String,
    /// SHA-256 of the file as it was read; of several that were fetched together, of their digests. Null if it could not be read, could be read
    /// only once, or is one of several that were imported by hand.
    sha256: Option<String>,
    /// The day of the facts in the file; null if the file was refused before that was known.
    observed_on: Option<Date>,
    #[schema(value_type = ImportedBy)]
    imported_by: String,
    /// Id of the source from which it was fetched; null if it was not fetched.
    source: Option<String>,
    imported_at: UtcTime,
    #[schema(value_type = ImportOutcome)]
    outcome: String,
    /// Why it was refused; null if it was not.
    reason: Option<String>,
    rows: CountsView,
    /// Number of new records.
    new: i64,
    /// Number of known records that changed.
    changed: i64,
    /// Number of known records that are no longer in the file.
    vanished: i64,
    /// Number of new links from brands to firms that the search after it proposed; null if no search was made, or it failed.
    links_proposed: Option<i64>,
    /// The log's last sequence after the import; 0 if it was refused.
    sequence: i64,
}

/// A row of an import that was not taken as it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportedFileRow)]
pub(crate) struct ImportedRowView {
    /// Number among these rows, from 1.
    number: i32,
    outcome: ImportedRowOutcome,
    /// Line on which the row begins.
    line: i64,
    /// The column that is wrong; null if none is.
    column: Option<String>,
    /// Why: `RowReason` of a refused row, `WhyHeld` of a held one, `Flag` of a flagged one.
    #[schema(example = "lei_invalid")]
    reason: String,
    /// The text in question, cut to 200 characters.
    text: String,
}

pages! {
    /// A page of imports.
    ImportListView as ImportList of ImportView;
    /// A page of rows of an import.
    ImportedRowListView as ImportedFileRowList of ImportedRowView;
}

/// Selects imports.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportsQuery {
    /// Only files of this format.
    #[param(value_type = Option<String>, example = "esma-casps")]
    format: Option<ImportFormat>,
    /// Only imports with this result.
    outcome: Option<ImportOutcome>,
    /// Only files that were fetched from this source.
    source: Option<String>,
    /// Items per page; 50 by default.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<ImportId>>,
}

/// Selects rows of an import.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportRowsQuery {
    /// Only rows of which this became.
    outcome: Option<ImportedRowOutcome>,
    /// Items per page; 50 by default.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<i32>>,
}

/// List imports, the newest first, also those that were refused.
///
/// A file of a source that could not be read at all is listed, too. An import that failed because of the database is not.
#[utoipa::path(tag = "operator", params(ImportsQuery), responses((status = 200, description = "A page of imports.", body = ImportListView), Problems))]
#[get("/v1/imports")]
pub(crate) async fn list_imports(
    _who: Caller<OperatorRead>,
    query: Query<ImportsQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let ImportsQuery { format, outcome, source, limit, cursor } = query.0;
    let filter = ImportFilter { format: format.map(|one| one.to_string()), outcome: outcome.map(|one| one.to_string()), source };
    let (before, limit) = (cursor.map(|cursor| cursor.0), Limit::or_default(limit));
    let found = blocking(move || list(&app.registry, &filter, before, limit)).await?;
    Ok(page::<_, ImportView>(found))
}

/// Get an import.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "Id of the import.")), responses((status = 200, description = "The import.", body = ImportView), Problems))]
#[get("/v1/imports/{id}")]
pub(crate) async fn get_import(_who: Caller<OperatorRead>, path: Path<String>, app: Data<App>) -> Result<Answer, Problem> {
    let id = id_in_path::<ImportId>(&path, MISSING)?;
    let row = blocking(move || read_import(&app.registry, id)).await?;
    Ok(Answer(reply(StatusCode::OK, None, ImportView::from(row))))
}

/// List the rows of an import that were refused, are held, or were taken with a note.
///
/// Refused rows come first, then held rows, then those with a note. At most 10,000 rows of an import are kept, and only of the newest 20 imports
/// of each source, or of each format without a source. The counts of an import are of all its rows and stay.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "Id of the import."), ImportRowsQuery), responses((status = 200, description = "A page of rows.", body = ImportedRowListView), Problems))]
#[get("/v1/imports/{id}/rows")]
pub(crate) async fn list_import_rows(
    _who: Caller<OperatorRead>,
    path: Path<String>,
    query: Query<ImportRowsQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let id = id_in_path::<ImportId>(&path, MISSING)?;
    let ImportRowsQuery { outcome, limit, cursor } = query.0;
    let (after, limit) = (cursor.map_or(0, |cursor| cursor.0), Limit::or_default(limit));
    let found = blocking(move || list_rows(&app.registry, id, outcome, after, limit)).await?;
    Ok(page::<_, ImportedRowView>(found))
}

impl From<ImportRow> for ImportView {
    fn from(row: ImportRow) -> Self {
        Self {
            id: row.id.to_string(),
            format: row.format,
            file: row.file,
            sha256: row.digest.map(hex::encode),
            observed_on: row.observed_on,
            imported_by: row.imported_by,
            source: row.source,
            imported_at: row.at,
            outcome: row.outcome,
            reason: row.reason,
            rows: CountsView {
                read: row.rows_read,
                taken: row.taken,
                unchanged: row.unchanged,
                repeated: row.repeated,
                rejected: row.rejected,
                held: row.held,
                flagged: row.flagged,
            },
            new: row.records_new,
            changed: row.records_other,
            vanished: row.vanished,
            links_proposed: row.links,
            sequence: row.sequence,
        }
    }
}

impl From<ImportedRow> for ImportedRowView {
    fn from(row: ImportedRow) -> Self {
        let ImportedRow { number, outcome, line, place, reason, text, .. } = row;
        Self { number, outcome, line, column: place, reason, text }
    }
}
