//! `/v1/vasp-lists`: the VASPs that an organisation's own providers reach.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::keep::MISSING;
use super::{HeldVaspList, ListedRow, NewVaspList, RowState, end_list, keep_list, list_lists, list_rows};
use crate::acts::Reply;
use crate::http::blocking::blocking;
use crate::http::listing::id_in_path;
use crate::http::paging::{Cursor, Limit, cursor};
use crate::http::permission::{VaspListEdit, VaspListRead};
use crate::http::write::{Answer, Bare, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use vasp_record::endpoint::Location;
use vasp_record::register::RejectedRow;
use vasp_routing::{delete, get, put};
use vasp_rules::protocol::ProtocolId;
use vasp_rules::vasp_list::{ListedBy, Unmatched};
use vasp_words::country::Country;
use vasp_words::ids::VaspId;
use vasp_words::lei::Lei;
use vasp_words::time::Date;

/// A list to load.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewVaspList)]
pub(crate) struct NewVaspListBody {
    /// The text of the file: the provider's JSON as it came, or CSV with the columns `id`, `name`, `legal_name`, `lei`, `number`, `country`,
    /// `alliance`, of which only `id` is needed.
    #[schema(example = "id,legal_name,country,lei\nMAkGAda4ac,Axchange Ltd,GB,\n")]
    content: String,
    /// The day on which the provider handed it out. Null: today.
    as_of: Option<Date>,
    /// A name for people, 200 characters at most. Null: the protocol's id.
    #[schema(max_length = 200, example = "gtr-2026-11-20.json")]
    source: Option<String>,
}

/// A row that could not be used.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RejectedVaspListRow)]
pub(crate) struct RejectedRowView {
    /// The row in the file, counted from 1.
    row: u64,
    /// The faulty column; null if there is none.
    column: Option<String>,
    /// The reason.
    reason: vasp_record::register::Reason,
    /// The faulty text.
    text: String,
}

/// The VASPs that a protocol reaches, as a provider handed them out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CounterpartyList)]
pub(crate) struct VaspListView {
    #[schema(value_type = String, example = "gtr")]
    protocol: ProtocolId,
    /// The day on which the provider handed it out.
    as_of: Date,
    /// The file.
    source: String,
    /// Whether it is your organisation's own, which nobody else sees; otherwise the registry's, for all callers.
    private: bool,
    /// The number of rows.
    rows: usize,
    /// The number of rows about a record of the directory.
    matched: usize,
    /// The number of rows about none. They are kept, and looked up again each time.
    unmatched: usize,
    /// The rows that could not be used. Only the answer to a load has them.
    rejected: Vec<RejectedRowView>,
}

/// The lists that your organisation sees.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CounterpartyListList)]
pub(crate) struct VaspListsView {
    items: Vec<VaspListView>,
    /// Always null: there is one page.
    next_cursor: Option<String>,
}

/// The record that a row is about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReachedVasp)]
pub(crate) struct ListedVaspView {
    id: VaspId,
    legal_name: String,
    /// By what it was found.
    found_by: ListedBy,
}

/// A row of a list, and which record it is about today.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VaspListRow)]
pub(crate) struct VaspListRowView {
    /// The row in the file, counted from 1.
    row: u64,
    /// The network's identifier, or the place.
    #[schema(example = "MAkGAda4ac")]
    id: String,
    /// The name that the list shows; empty if it shows none.
    name: String,
    legal_name: Option<String>,
    lei: Option<Lei>,
    country: Option<Country>,
    /// The network over which it is reached, as the list writes it; null if the list does not say it.
    alliance: Option<String>,
    /// Whether it is of your organisation's own list.
    private: bool,
    /// The record; null if the row is about none.
    vasp: Option<ListedVaspView>,
    /// Why the row is about no record; null if it is about one.
    why: Option<Unmatched>,
    /// What would be right; null if the row is about a record.
    remedy: Option<&'static str>,
}

/// A page of rows.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VaspListRowList)]
pub(crate) struct VaspListRowsView {
    items: Vec<VaspListRowView>,
    /// Send it as `cursor` to get the next page; null if this is the last page.
    next_cursor: Option<String>,
}

/// Which rows, and which page of them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct VaspListRowsQuery {
    /// Only rows about a record, or about none.
    #[param(inline)]
    state: Option<RowState>,
    /// Items per page; 50 if you leave it out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<usize>>,
}

fn view(list: &HeldVaspList) -> Reply {
    reply(StatusCode::OK, None, VaspListView::from(list))
}

fn protocol(path: &str) -> Result<ProtocolId, Problem> {
    id_in_path(path, MISSING)
}

/// List the VASP lists that your organisation sees, its own first.
#[utoipa::path(tag = "protocols", responses((status = 200, description = "The lists.", body = VaspListsView), Problems))]
#[get("/v1/vasp-lists")]
pub(crate) async fn list_vasp_lists(who: Caller<VaspListRead>, app: Data<App>) -> Result<Answer, Problem> {
    let (identity, now) = (who.known()?, app.clock.now());
    let lists = blocking(move || list_lists(&app.registry, &identity, now)).await?;
    let items = lists.iter().map(VaspListView::from).collect();
    Ok(Answer(reply(StatusCode::OK, None, VaspListsView { items, next_cursor: None })))
}

/// List the rows of a protocol's lists, and which record each is about today.
///
/// `state=unmatched` shows the rows about no record, why, and what would be right.
#[utoipa::path(tag = "protocols", params(("protocol" = String, Path, description = "Id of the protocol", example = "gtr"), VaspListRowsQuery), responses((status = 200, description = "A page of rows.", body = VaspListRowsView), Problems))]
#[get("/v1/vasp-lists/{protocol}")]
pub(crate) async fn list_vasp_list_rows(
    who: Caller<VaspListRead>,
    path: Path<String>,
    query: Query<VaspListRowsQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, now, wanted) = (who.known()?, app.clock.now(), protocol(&path)?);
    let VaspListRowsQuery { state, limit, cursor: after } = query.0;
    let part = (after.map(|cursor| cursor.0).unwrap_or_default(), Limit::or_default(limit));
    let page = blocking(move || list_rows(&app.registry, &identity, &wanted, state, part, now)).await?;
    let next_cursor = page.next.as_ref().map(cursor);
    let items = page.items.into_iter().map(VaspListRowView::from).collect();
    Ok(Answer(reply(StatusCode::OK, None, VaspListRowsView { items, next_cursor })))
}

/// Load the list of VASPs that your organisation got from its own provider.
///
/// It replaces your organisation's list of the protocol. Only your organisation sees it: pre-checks show a route to each VASP in it, and take
/// your side to speak the protocol. A row is matched by LEI, by register number, or by legal name and country if only one firm has them. Other
/// rows are kept, and looked up again each time.
#[utoipa::path(tag = "protocols", params(("protocol" = String, Path, description = "Id of the protocol", example = "gtr")), request_body = NewVaspListBody, responses((status = 200, description = "What was loaded.", body = VaspListView), Problems))]
#[put("/v1/vasp-lists/{protocol}")]
pub(crate) async fn replace_vasp_list(
    who: Caller<VaspListEdit>,
    path: Path<String>,
    sent: Sent<NewVaspListBody>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, protocol) = (who.known()?, protocol(&path)?);
    let NewVaspListBody { content, as_of, source } = sent.body;
    let source: String = source.unwrap_or_else(|| protocol.to_string()).chars().filter(|c| !c.is_control()).take(200).collect();
    let new = NewVaspList { protocol, content, source, as_of };
    act(&app, identity, sent.once, view, move |act| keep_list(act, &new)).await
}

/// Drop your organisation's list of a protocol.
#[utoipa::path(tag = "protocols", params(("protocol" = String, Path, description = "Id of the protocol", example = "gtr")), responses((status = 200, description = "The list that ended.", body = VaspListView), Problems))]
#[delete("/v1/vasp-lists/{protocol}")]
pub(crate) async fn delete_vasp_list(
    who: Caller<VaspListEdit>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, protocol) = (who.known()?, protocol(&path)?);
    act(&app, identity, sent.once, view, move |act| end_list(act, &protocol)).await
}

impl From<&RejectedRow> for RejectedRowView {
    fn from(row: &RejectedRow) -> Self {
        Self { row: row.line, column: row.column.clone(), reason: row.reason, text: row.text.clone() }
    }
}

impl From<&HeldVaspList> for VaspListView {
    fn from(list: &HeldVaspList) -> Self {
        Self {
            protocol: list.protocol.clone(),
            as_of: list.as_of,
            source: list.source.clone(),
            private: list.is_own,
            rows: list.rows,
            matched: list.matched,
            unmatched: list.rows.saturating_sub(list.matched),
            rejected: list.rejected.iter().map(RejectedRowView::from).collect(),
        }
    }
}

impl From<ListedRow> for VaspListRowView {
    fn from(listed: ListedRow) -> Self {
        let ListedRow { row, is_own, found, .. } = listed;
        let why = found.as_ref().err().copied();
        let vasp =
            found.ok().map(|(vasp, found_by)| ListedVaspView { id: vasp.id, legal_name: vasp.legal_name.clone(), found_by });
        Self {
            row: row.row,
            id: place(row.location),
            name: row.name,
            legal_name: row.legal_name,
            lei: row.lei,
            country: row.country,
            alliance: row.alliance,
            private: is_own,
            vasp,
            why,
            remedy: why.map(Unmatched::remedy),
        }
    }
}

/// Returns a place in one text.
pub(crate) fn place(location: Location) -> String {
    match location {
        Location::Identifier { value, .. } => value,
        Location::Url { url } => url,
        Location::HostPort { host, port } => format!("{host}:{port}"),
        Location::Email { address } => address,
    }
}
