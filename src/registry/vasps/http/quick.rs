//! Answers `GET /v1/vasps/{vasp}` before the router (`http::quick`), if the text of the record is kept.

use std::num::NonZeroU32;

use actix_http::{HttpMessage as _, Request, Response};
use actix_web::body::BoxBody;
use actix_web::http::header;

use super::vasps::kept_record;
use crate::acts::Identity;
use crate::http::quick::{Line, Quick};
use crate::node::find_vasp;
use vasp_record::vasp_name::VaspName;

/// How a question for a record is logged and counted.
pub(crate) const GET: Line = Line { method: "GET", route: "/v1/vasps/{vasp}" };

/// What stands before the name in the path.
pub(crate) const BEFORE_NAME: &str = "/v1/vasps/";

/// Answers with a record of today. Returns `None` if its text is not kept, or the request is not plain; then nothing was charged or counted.
pub(crate) fn get(quick: &Quick, request: &Request) -> Option<Response<BoxBody>> {
    let name: VaspName = request.path().strip_prefix(BEFORE_NAME)?.parse().ok()?;
    if request.uri().query().is_some() || request.headers().contains_key(header::IF_NONE_MATCH) {
        return None;
    }
    let asking = quick.asking(request)?;
    let (identity, generation) = (Some(&asking.identity), quick.app.registry.pin(asking.now));
    let record = find_vasp(generation.records(), name).ok()?;
    let (shown, version, moving) = kept_record(&quick.app, &generation, identity, &record, asking.now)?;
    quick.answer(&asking, GET, NonZeroU32::MIN, || shown.answer(&moving, version, Identity::reader(identity)))
}
