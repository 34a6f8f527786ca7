//! `/v1/sources`: the sources of the registry's answers, up to which day each is known, and what was fetched from each publisher.

use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use super::{KnownSource, list_known_sources};
use crate::http::blocking::blocking;
use crate::http::{App, Caller, DirectoryView, Json, Problem, Problems, Resolve};
use crate::imports::{SourceAge, list_sources as list};
use crate::node::{Holds, ValidUntil};
use vasp_routing::get;
use vasp_words::time::{Date, UtcTime};

/// Every source.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SourceList)]
pub(crate) struct SourceListView {
    items: Vec<SourceAge>,
    /// What publishers offer, and what was fetched from each. A source whose data was imported by hand was not fetched.
    published: Vec<PublishedSourceView>,
    directory: DirectoryView,
    valid_until: ValidUntil,
}

/// A source as its publisher offers it, and what was fetched from it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PublishedSource)]
pub(crate) struct PublishedSourceView {
    #[schema(example = "esma-casps")]
    id: String,
    /// What it has.
    what: String,
    publisher: String,
    /// The page or file where it is published.
    address: String,
    /// The form in which it is published.
    form: String,
    /// Under which terms it may be used.
    licence: String,
    /// The format with which it is imported.
    format: String,
    /// How often it is published, in days.
    every_days: u16,
    /// How old it may be, in days; null if there is no limit.
    limit_days: Option<u16>,
    /// Whether it is left out of fetches that do not name it.
    paused: bool,
    /// The last try to fetch it; null if there was none.
    last_tried: Option<UtcTime>,
    /// The last fetch in which its files could be used; null if there was none.
    last_success: Option<UtcTime>,
    /// The last fetch in which its files had changed; null if there was none.
    last_changed: Option<UtcTime>,
    /// When its next files should be there, counted from `known_through`; null if it was never fetched.
    next_due: Option<UtcTime>,
    /// Whether its files are too old: twice `every_days` after `known_through`, at least a week, and at most `limit_days`.
    overdue: bool,
    /// Whether the last try failed.
    failing: bool,
    /// Why the last try failed; null if it did not.
    failure: Option<String>,
    /// How many tries failed since the last that did not.
    failures: i32,
    /// The day of the facts in its files; null if it was never fetched.
    known_through: Option<Date>,
    /// The names of its files; null if it was never tried.
    file: Option<String>,
    /// Number of rows in its files; null if it was never fetched.
    rows: Option<i64>,
    /// SHA-256 of the file, or of the digests of several; null if it was never fetched.
    sha256: Option<String>,
}

/// List the sources and their age.
///
/// The age counts from the day up to which a source is known, not from the day on which its file was made or imported. The limits of `items` are
/// those of the registry's policy; your own policy may have other limits.
#[utoipa::path(tag = "rules", responses((status = 200, description = "All sources", body = SourceListView), Problems))]
#[get("/v1/sources")]
pub(crate) async fn list_sources(_caller: Caller<Resolve>, app: Data<App>) -> Result<Json<SourceListView>, Problem> {
    let now = app.clock.now();
    let registry = app.registry.clone();
    let known = blocking(move || list_known_sources(registry.store())).await?;
    let generation = app.registry.pin(now);
    Ok(Json(SourceListView {
        items: list(&generation, now.date()),
        published: known.into_iter().map(|source| PublishedSourceView::of(source, now)).collect(),
        directory: generation.as_ref().into(),
        valid_until: app.registry.valid_until(Holds::before(now, [now.date().next().start()])),
    }))
}

impl PublishedSourceView {
    pub(crate) fn of(source: KnownSource, now: UtcTime) -> Self {
        let (next_due, overdue) = (source.next_due(), source.is_overdue(now));
        let KnownSource { definition, state } = source;
        Self {
            id: definition.id,
            what: definition.what,
            publisher: definition.publisher,
            address: definition.address,
            form: definition.form,
            licence: definition.licence,
            format: definition.format,
            every_days: definition.every_days,
            limit_days: definition.limit_days,
            paused: state.paused,
            last_tried: state.tried_at,
            last_success: state.succeeded_at,
            last_changed: state.changed_at,
            next_due,
            overdue,
            failing: state.failure.is_some(),
            failure: state.failure,
            failures: state.failures,
            known_through: state.known_through,
            file: state.file,
            rows: state.rows_read,
            sha256: state.digest.map(hex::encode),
        }
    }
}
