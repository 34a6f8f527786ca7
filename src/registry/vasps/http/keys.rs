//! `/v1/vasps/{vasp}/keys`: the keys with which a VASP signs Travel Rule messages, and those to which senders encrypt them.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::acts::Identity;
use crate::http::blocking::{about_the_past, blocking};
use crate::http::caller::{Past, check};
use crate::http::extract::parsed;
use crate::http::paths::VaspPath;
use crate::http::permission::{MemberRead, OfVasp};
use crate::http::tagged::Tagged;
use crate::http::{App, Caller, DirectoryView, Problem, Problems, Query};
use crate::message_keys::http::MessageKeyView;
use crate::message_keys::http::member::PendingKeyView;
use crate::message_keys::list_pending_keys;
use crate::node::{AsOf, ValidUntil};
use crate::vasps::{VaspQuestion, read_vasp};
use vasp_routing::get;

/// Selects the point of time.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct KeysQuery {
    /// Show what the registry knew then: an RFC 3339 time or `seq:N`. The default is now.
    #[param(value_type = Option<String>, example = "seq:42")]
    #[serde(default, deserialize_with = "parsed")]
    as_of: Option<AsOf>,
}

/// The keys of a VASP.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MessageKeyList)]
pub(crate) struct MessageKeyListView {
    /// The keys, sorted by id and so by the time at which they were added. Keys that are no longer in use stay listed.
    items: Vec<MessageKeyView>,
    /// Your own keys that wait for their proof. Null for others, and for a past time.
    pending: Option<Vec<PendingKeyView>>,
    /// Always null, because one page holds all keys.
    next_cursor: Option<String>,
    directory: DirectoryView,
    valid_until: ValidUntil,
}

/// List the keys of a VASP for Travel Rule messages.
///
/// Encrypt to the active key with the use `encryption`. Check a signature with the keys of use `signing` that were not revoked when the
/// message was signed. Revoked keys stay listed with their dates.
#[utoipa::path(
    tag = "vasps",
    params(VaspPath, KeysQuery),
    responses((status = 200, description = "The keys", body = MessageKeyListView), (status = 304, description = "Unchanged"), Problems)
)]
#[get("/v1/vasps/{vasp}/keys")]
pub(crate) async fn list_vasp_keys(
    caller: Caller<OfVasp>,
    path: Path<VaspPath>,
    query: Query<KeysQuery>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<Tagged<MessageKeyListView>, Problem> {
    let question = VaspQuestion { vasp: path.vasp.name(caller.identity.as_ref())?, as_of: query.0.as_of, valid_on: None };
    let (registry, now) = (app.registry.clone(), app.clock.now());
    let answer = if question.is_past() {
        caller.charge_past(&app, &request, Past::RecordAt)?;
        about_the_past(&app, Past::RecordAt, move || read_vasp(&registry, question, now)).await?
    } else {
        read_vasp(&registry, question, now)?
    };
    let vasp = answer.record.id;
    let is_own = |identity: &&Identity| identity.vasp == Some(vasp) && check::<MemberRead>(identity).is_ok();
    let pending = match caller.identity.as_ref().filter(is_own).filter(|_| !question.is_past()).cloned() {
        None => None,
        Some(own) => {
            let registry = app.registry.clone();
            let found = blocking(move || list_pending_keys(&registry, &own, vasp, now)).await?;
            Some(found.iter().map(PendingKeyView::from).collect())
        }
    };
    let view = MessageKeyListView {
        pending,
        items: answer.record.keys.iter().map(|key| MessageKeyView::at(key, answer.at)).collect(),
        next_cursor: None,
        directory: answer.generation.as_ref().into(),
        valid_until: app.registry.valid_until(answer.holds),
    };
    Ok(Tagged::new(view, answer.version(), caller.reader()))
}
