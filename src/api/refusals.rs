//! Has every write that a known caller was refused leave a line in the audit chain, and every look at what its role does not
//! allow. Called by `edge` around each request; unreadable requests and too many of them leave none.

use std::sync::Arc;

use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::{Method, StatusCode};
use actix_web::web::{self, Data};

use super::caller::Who;
use super::{App, Problem};
use crate::service::note_refusal;
use crate::telemetry::error_chain;

/// Where refusals are noted: the routes that change what the registry vouches for.
const WATCHED: [&str; 2] = ["/v1/member/", "/v1/operator/"];

/// Notes a refusal, before its answer is sent. The database being away is logged and changes nothing for the caller.
pub(super) async fn note(app: &Data<App>, response: &ServiceResponse<impl MessageBody>) {
    let (request, status) = (response.request(), response.status());
    let identity = request.extensions().get::<Who>().map(|who| who.0.clone());
    let Some(identity) = identity.filter(|_| is_noted(request.method(), request.path(), status)) else { return };
    let code = response.response().error().and_then(Problem::of).map_or("", |problem| problem.code().as_str());
    let route = request.match_pattern().unwrap_or_default();
    let (method, path) = (request.method().to_string(), request.path().to_owned());
    let (registry, random, now) = (Arc::clone(&app.registry), Arc::clone(&app.random), app.clock.now());
    let noted = web::block(move || {
        note_refusal(&registry, &identity, (&method, &route, &path), (status.as_u16(), code), now, &mut random.fork())
    });
    match noted.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(error.chain = error_chain(&error), "a refusal could not be noted"),
        Err(error) => tracing::error!(error.chain = error_chain(&error), "a refusal could not be noted"),
    }
}

fn is_noted(method: &Method, path: &str, status: StatusCode) -> bool {
    let watched = WATCHED.iter().any(|prefix| path.starts_with(prefix));
    let reads = [Method::GET, Method::HEAD].contains(method);
    let refused = match status {
        StatusCode::FORBIDDEN => true,
        StatusCode::NOT_FOUND | StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED | StatusCode::UNPROCESSABLE_ENTITY => {
            !reads
        }
        _ => false,
    };
    watched && refused
}
