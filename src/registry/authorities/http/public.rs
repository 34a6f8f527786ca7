//! `/v1/authorities`: the authorities that registers and licences name.

use actix_web::web::Data;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::view::AuthorityEntryView;
use crate::authorities::{AuthorityFilter, list_authorities};
use crate::http::paging::{Cursor, Limit, cursor};
use crate::http::{App, Caller, DirectoryView, Json, Problem, Problems, Query, Resolve};
use crate::node::{Holds, ValidUntil};
use vasp_routing::get;
use vasp_words::country::Country;
use vasp_words::time::Date;

/// Selects authorities, and a page of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListAuthoritiesQuery {
    /// Only authorities of this country.
    country: Option<Country>,
    /// Only authorities of this jurisdiction of the rulebook.
    #[param(example = "AE-VARA")]
    jurisdiction: Option<String>,
    /// Items per page; 50 if you leave it out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<String>>,
}

/// A page of authorities.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuthorityEntryList)]
pub(crate) struct AuthorityEntryListView {
    items: Vec<AuthorityEntryView>,
    /// Send it as `cursor` for the next page; null on the last page.
    next_cursor: Option<String>,
    /// Version of the table: its day and the first digits of its digest.
    #[schema(example = "2026-11-21+4f0c2a91")]
    version: String,
    /// The day of the table.
    observed_on: Date,
    /// Where the table comes from; `compiled in` if nobody amended it.
    source: String,
    /// SHA-256 of the table.
    sha256: String,
    directory: DirectoryView,
    valid_until: ValidUntil,
}

/// List the authorities that keep registers, by id.
///
/// A row of a register whose authority is not in this list is kept aside, and imported once operators have added the authority.
#[utoipa::path(
    tag = "rules",
    params(ListAuthoritiesQuery),
    responses((status = 200, description = "A page of authorities", body = AuthorityEntryListView), Problems)
)]
#[get("/v1/authorities")]
pub(crate) async fn list_register_authorities(
    _caller: Caller<Resolve>,
    query: Query<ListAuthoritiesQuery>,
    app: Data<App>,
) -> Result<Json<AuthorityEntryListView>, Problem> {
    let (now, query) = (app.clock.now(), query.0);
    let filter = AuthorityFilter { country: query.country, jurisdiction: query.jurisdiction };
    let after = query.cursor.map(|cursor| cursor.0);
    let (generation, page) = list_authorities(&app.registry, &filter, after.as_deref(), Limit::or_default(query.limit), now);
    let table = &generation.documents().authorities;
    Ok(Json(AuthorityEntryListView {
        items: page.items.into_iter().map(AuthorityEntryView::from).collect(),
        next_cursor: page.next.as_ref().map(cursor),
        version: table.value.version.clone(),
        observed_on: table.observed_on,
        source: table.source.clone(),
        sha256: hex::encode(&table.value.digest),
        directory: generation.as_ref().into(),
        valid_until: app.registry.valid_until(Holds::before(now, [])),
    }))
}
