//! Answers `GET /v1/vasps/{vasp}` before the router (`http::quick`), if the text of the record is kept.

use std::num::NonZeroU32;

use actix_http::{HttpMessage as _, Request, Response};
use actix_web::body::BoxBody;
use actix_web::http::header;

use super::KeptRecords;
use crate::http::quick::{Line, Quick};
use crate::http::tagged::Moving;
use crate::http::visibility::Viewer;
use crate::node::find_vasp;
use vasp_record::vasp_name::VaspName;

/// A record, by id or LEI.
pub(crate) const GET: Line = Line { method: "GET", route: "/v1/vasps/{vasp}" };

/// Where the records are.
pub(crate) const ABOVE: &str = "/v1/vasps/";

/// Answers with a record of today. Returns `None` if its text is not kept, or the request is not plain; then nothing was charged or counted.
pub(crate) fn get(quick: &Quick, request: &Request) -> Option<Response<BoxBody>> {
    let name: VaspName = request.path().strip_prefix(ABOVE)?.parse().ok()?;
    if request.uri().query().is_some() || request.headers().contains_key(header::IF_NONE_MATCH) {
        return None;
    }
    let asking = quick.asking(request)?;
    let (registry, identity) = (&quick.app.registry, Some(&asking.identity));
    let generation = registry.pin(asking.now);
    let record = find_vasp(generation.records(), name).ok()?;
    let kept = registry.part::<KeptRecords>();
    let (shown, version, holds) = kept.get(record.id, Viewer::of(identity, record.id), &generation, asking.now)?;
    let moving = Moving { directory: generation.as_ref().into(), valid_until: registry.silence().shortens(holds) };
    quick.answer(&asking, GET, NonZeroU32::MIN, || shown.answer(&moving, version, crate::acts::Identity::reader(identity)))
}
