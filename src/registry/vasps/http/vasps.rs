//! `/v1/vasps`: the directory's records. For gateways, and for the public if the server allows public reading.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{KeptRecords, ListedAs, VaspListItemView, VaspView};
use crate::acts::Identity;
use crate::directory::Generation;
use crate::http::blocking::about_the_past;
use crate::http::caller::Past;
use crate::http::extract::parsed;
use crate::http::paging::{Cursor, Limit, cursor};
use crate::http::paths::VaspPath;
use crate::http::tagged::{Moving, Shown, Tagged};
use crate::http::visibility::Viewer;
use crate::http::{App, Caller, DirectoryView, Json, Problem, Problems, Query, Resolve};
use crate::node::{AsOf, Holds, ValidUntil, find_vasp};
use crate::vasps::{VaspAnswer, VaspFilter, VaspPosition, VaspQuestion, WantedIdentifier, list_vasps as list, read_vasp};
use vasp_record::vasp::{Vasp, VaspKind, VaspStatus};
use vasp_record::vasp_name::VaspName;
use vasp_routing::get;
use vasp_words::country::Country;
use vasp_words::host::Host;
use vasp_words::lei::Lei;
use vasp_words::time::{Date, UtcTime};

/// Selects the VASPs to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListVaspsQuery {
    /// Search text of at most 200 characters: a name or a part of it, a domain or web address, an LEI, an identifier, a licence number,
    /// or an id. It searches legal and other names, names of groups (also for their entities), domains and websites. Case, accents,
    /// script, punctuation and word order do not matter. Typing errors and legal forms (GmbH, Ltd …) matter little. An identifier must
    /// match from its beginning, with at least four characters. An LEI may have one typing error. The list contains everything that
    /// begins with the text and the best similar matches, best first. The member `matched` of each item says why it is listed.
    #[param(example = "bitpanda")]
    q: Option<String>,
    /// Country of incorporation (ISO 3166-1 alpha-2).
    country: Option<Country>,
    /// The status of the record.
    status: Option<VaspStatus>,
    /// Entity or group.
    kind: Option<VaspKind>,
    /// A Travel Rule protocol for which it has a usable endpoint.
    #[param(example = "trp")]
    protocol: Option<String>,
    /// Id of an authority that licensed it.
    #[param(example = "AT-FMA")]
    authority: Option<String>,
    /// The regime of a licence. If you also give `authority`, the same licence must be from that authority.
    #[param(example = "MiCA")]
    regime: Option<String>,
    /// CAIP-2 id or another name of a network on which it owns claims that you may see.
    #[param(example = "eip155:1")]
    network: Option<String>,
    /// Its LEI.
    #[param(value_type = Option<String>, example = "529900HNOAA1KXQJUQ27")]
    #[serde(default, deserialize_with = "parsed")]
    lei: Option<Lei>,
    /// A domain of its own, in Unicode or A-labels.
    #[param(value_type = Option<String>, example = "bitpanda.com")]
    #[serde(default, deserialize_with = "parsed")]
    domain: Option<Host>,
    /// An identifier of its own, as `scheme:value`.
    #[param(value_type = Option<String>)]
    #[serde(default, deserialize_with = "parsed")]
    identifier: Option<WantedIdentifier>,
    /// Only records that changed at or after this time.
    updated_since: Option<UtcTime>,
    /// How much of each VASP to list; `short` if left out.
    #[serde(default)]
    #[param(inline)]
    view: ListedAs,
    /// Items per page; 50 by default.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<VaspPosition>>,
}

/// The two points of time: when the registry knew it, and when it was true.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct GetVaspQuery {
    /// Show what the registry knew then: an RFC 3339 time or `seq:N`. The default is now.
    #[param(value_type = Option<String>, example = "seq:42")]
    #[serde(default, deserialize_with = "parsed")]
    as_of: Option<AsOf>,
    /// Show what was true on this day. The default is the day of `as_of`, or today.
    valid_on: Option<Date>,
}

/// A page of VASPs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VaspList)]
pub(crate) struct VaspListView {
    items: Vec<VaspListItemView>,
    /// Send it as `cursor` to get the next page; null on the last page.
    next_cursor: Option<String>,
    directory: DirectoryView,
    valid_until: ValidUntil,
}

/// List VASPs.
///
/// Every parameter narrows the list. The list is sorted by id, or with `q` by the best match. The order is stable: a cursor stays valid
/// when the directory changes.
///
/// An item has what tells VASPs apart; `GET /v1/vasps/{vasp}` returns the rest. `view=full` lists whole records.
#[utoipa::path(tag = "vasps", params(ListVaspsQuery), responses((status = 200, description = "A page of records", body = VaspListView), Problems))]
#[get("/v1/vasps")]
pub(crate) async fn list_vasps(
    caller: Caller<Resolve>,
    query: Query<ListVaspsQuery>,
    app: Data<App>,
) -> Result<Json<VaspListView>, Problem> {
    let (limit, after) = (Limit::or_default(query.0.limit), query.0.cursor.as_ref().map(|cursor| cursor.0));
    let (now, view) = (app.clock.now(), query.0.view);
    let (generation, page) = list(&app.registry, &query.0.into(), after.as_ref(), limit, caller.reader(), now)?;
    let silence = app.registry.silence();
    let holds = page.items.iter().map(|item| item.answer.holds).fold(Holds::before(now, []), Holds::and);
    Ok(Json(VaspListView {
        valid_until: silence.shortens(holds),
        items: page.items.into_iter().map(|item| VaspListItemView::of(item, view, caller.identity.as_ref(), silence)).collect(),
        next_cursor: page.next.as_ref().map(cursor),
        directory: generation.as_ref().into(),
    }))
}

/// Get the record of a VASP.
///
/// By id or LEI, as the registry knew it at `as_of` and as it was true on `valid_on`. Each of these two costs 50 questions of your rate
/// limit, and `as_of` needs credentials. A sequence inside a transaction of the log means the transaction before it.
#[utoipa::path(
    tag = "vasps",
    params(VaspPath, GetVaspQuery),
    responses((status = 200, description = "The record", body = VaspView), (status = 304, description = "Unchanged"), Problems)
)]
#[get("/v1/vasps/{vasp}")]
pub(crate) async fn get_vasp(
    caller: Caller<Resolve>,
    path: Path<VaspPath>,
    query: Query<GetVaspQuery>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<Tagged<VaspView>, Problem> {
    let vasp = path.vasp.name(caller.identity.as_ref())?;
    let question = VaspQuestion { vasp, as_of: query.0.as_of, valid_on: query.0.valid_on };
    let now = app.clock.now();
    if !question.is_past() {
        return record_of_today(&app, &caller, vasp, now);
    }
    let past = if question.as_of.is_some() { Past::RecordAt } else { Past::RecordOnDay };
    caller.charge_past(&app, &request, past)?;
    let registry = app.registry.clone();
    let answer = about_the_past(&app, past, move || read_vasp(&registry, question, now)).await?;
    let view = VaspView::of(&answer, caller.identity.as_ref(), app.registry.silence());
    Ok(Tagged::new(view, answer.version(), caller.reader()))
}

fn record_of_today(app: &App, caller: &Caller<Resolve>, name: VaspName, now: UtcTime) -> Result<Tagged<VaspView>, Problem> {
    let (generation, identity) = (app.registry.pin(now), caller.identity.as_ref());
    let record = find_vasp(generation.records(), name)?;
    if let Some((shown, version, moving)) = kept_record(app, &generation, identity, &record, now) {
        return Ok(Tagged::shared(shown, moving, version, caller.reader()));
    }
    let silence = app.registry.silence();
    let answer = VaspAnswer::of(Arc::clone(&generation), record, true, now);
    let shown = Arc::new(Shown::of(&VaspView::of(&answer, identity, silence))?);
    app.registry.part::<KeptRecords>().keep(Viewer::of(identity, answer.record.id), &answer, Arc::clone(&shown));
    let moving = Moving { directory: generation.as_ref().into(), valid_until: silence.shortens(answer.holds) };
    Ok(Tagged::shared(shown, moving, answer.version(), caller.reader()))
}

/// Returns the kept text of a record for a caller, with its version and what changes with every answer; `None` if none is kept.
pub(super) fn kept_record(
    app: &App,
    generation: &Generation,
    identity: Option<&Identity>,
    record: &Vasp,
    now: UtcTime,
) -> Option<(Arc<Shown>, i64, Moving)> {
    let kept = app.registry.part::<KeptRecords>();
    let (shown, version, holds) = kept.get(record.id, Viewer::of(identity, record.id), generation, now)?;
    let moving = Moving { directory: generation.into(), valid_until: app.registry.silence().shortens(holds) };
    Some((shown, version, moving))
}

impl From<ListVaspsQuery> for VaspFilter {
    fn from(query: ListVaspsQuery) -> Self {
        let ListVaspsQuery { q, country, status, kind, protocol, authority, regime, network, .. } = query;
        let ListVaspsQuery { lei, domain, identifier, updated_since, .. } = query;
        Self { q, country, status, kind, protocol, authority, regime, network, lei, domain, identifier, updated_since }
    }
}
