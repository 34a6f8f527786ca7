//! `/v1/held-rows`: rows of registers that wait until their authority is known.

use std::collections::BTreeMap;

use actix_web::web::Data;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::read::HeldRowOfFile;
use super::{HeldPosition, list_held_rows as list};
use crate::http::blocking::blocking;
use crate::http::extract::parsed;
use crate::http::listing::{page, pages};
use crate::http::paging::{Cursor, Limit};
use crate::http::permission::OperatorRead;
use crate::http::write::Answer;
use crate::http::{App, Caller, Problem, Problems, Query};
use vasp_record::register::WhyHeld;
use vasp_routing::get;
use vasp_words::country::Country;
use vasp_words::ids::CaseId;
use vasp_words::time::{Date, UtcTime};

/// A row of a register that waits, or waited, until its authority is known.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HeldRow)]
pub(crate) struct HeldRowView {
    /// Id of the file that it is from.
    #[schema(example = "imp_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    file: String,
    /// The register, as the importer named it.
    #[schema(example = "esma-casps")]
    register: String,
    /// The file or page.
    source: String,
    /// The day of the file.
    observed_on: Date,
    /// SHA-256 of the file.
    sha256: String,
    /// Line on which the row begins.
    line: i64,
    /// The authority, as the register writes it.
    authority: String,
    /// The state in which the register places it; null if it names none.
    country: Option<Country>,
    why: WhyHeld,
    /// The cells of the row, by column.
    cells: BTreeMap<String, String>,
    /// Id of the case about the authority.
    case: String,
    held_at: UtcTime,
    /// When the row was imported; null while it waits.
    imported_at: Option<UtcTime>,
}

pages! {
    /// A page of held rows.
    HeldRowListView as HeldRowList of HeldRowView;
}

/// Selects held rows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HeldRowsQuery {
    /// Only rows of this case.
    #[serde(default, deserialize_with = "parsed")]
    #[param(value_type = Option<String>)]
    case: Option<CaseId>,
    /// `true`: also rows that were imported since.
    imported: Option<bool>,
    /// Items per page; 50 by default.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<HeldPosition>>,
}

/// List rows of registers whose authority is not known, in the order in which they came.
#[utoipa::path(tag = "operator", params(HeldRowsQuery), responses((status = 200, description = "A page of held rows.", body = HeldRowListView), Problems))]
#[get("/v1/held-rows")]
pub(crate) async fn list_held_register_rows(
    _who: Caller<OperatorRead>,
    query: Query<HeldRowsQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let HeldRowsQuery { case, imported, limit, cursor } = query.0;
    let (after, limit) = (cursor.map(|cursor| cursor.0), Limit::or_default(limit));
    let found = blocking(move || list(&app.registry, case, !imported.unwrap_or(false), after, limit)).await?;
    Ok(page::<_, HeldRowView>(found))
}

impl From<HeldRowOfFile> for HeldRowView {
    fn from((row, file): HeldRowOfFile) -> Self {
        Self {
            file: file.id.to_string(),
            register: file.register,
            source: file.source,
            observed_on: file.observed_on,
            sha256: hex::encode(file.digest),
            line: row.line,
            authority: row.authority,
            country: row.country,
            why: row.why,
            cells: row.cells.0.into_iter().collect(),
            case: row.case_id.to_string(),
            held_at: file.held_at,
            imported_at: row.settled_at,
        }
    }
}
