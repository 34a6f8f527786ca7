//! Has every write that a known caller was refused leave a line in the audit chain (the same again counts), and every look at what its role does not
//! allow. Called by `edge` around each request; unreadable requests and too many of them leave none.

use std::sync::Arc;

use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::{Method, StatusCode};
use actix_web::web::{self, Data};

use super::caller::Who;
use super::{App, Problem};
use crate::acts::{Refusal, note_refusal};
use vasp_words::error_chain::error_chain;

/// Where refusals are noted: the routes that change what the registry vouches for.
const WATCHED: [&str; 3] = ["/v1/gateway/", "/v1/member/", "/v1/operator/"];

/// Notes a refusal, before its answer is sent. The database being away is logged and changes nothing for the caller.
pub(crate) async fn note(app: &Data<App>, response: &ServiceResponse<impl MessageBody>) {
    let (request, status) = (response.request(), response.status());
    let identity = request.extensions().get::<Who>().map(|who| who.0.clone());
    let Some(identity) = identity.filter(|_| is_noted(request.method(), request.path(), status)) else { return };
    let code = response.response().error().and_then(Problem::of).map_or_else(String::new, |problem| match status {
        StatusCode::UNAUTHORIZED => problem.reason().to_owned(),
        _ => problem.code().as_str().to_owned(),
    });
    let route = request.match_pattern().unwrap_or_default();
    let (action, path) = (format!("{} {route}", request.method()), told(request.path()));
    let refusal = Refusal { identity, action, route, path, status: status.as_u16(), code };
    let (registry, random, now) = (Arc::clone(&app.registry), Arc::clone(&app.random), app.clock.now());
    match web::block(move || note_refusal(&registry, &refusal, now, &mut random.fork())).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(error.chain = error_chain(&error), "a refusal could not be noted"),
        Err(error) => tracing::error!(error.chain = error_chain(&error), "a refusal could not be noted"),
    }
}

fn is_noted(method: &Method, path: &str, status: StatusCode) -> bool {
    // Who tries to erase what was recorded is of interest too, and who asks a VASP for its answers without being who may.
    let erases = *method == Method::DELETE && path.starts_with("/v1/prechecks/");
    let asks_for_answers = path.starts_with("/v1/vasps/") && path.ends_with("/due-diligence/access-requests");
    let watched = erases || asks_for_answers || WATCHED.iter().any(|prefix| path.starts_with(prefix));
    let reads = [Method::GET, Method::HEAD].contains(method);
    let refused = match status {
        // Of those who are known, only a key over a connection that it is not bound to.
        StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => true,
        StatusCode::NOT_FOUND | StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED | StatusCode::UNPROCESSABLE_ENTITY => {
            !reads
        }
        _ => false,
    };
    watched && refused
}

/// Longest part of a path that the audit chain repeats, in characters: ids and LEIs fit, secrets do not.
const LONGEST_PART: usize = 40;

/// The path as the audit chain tells it: a part that is no id may be a secret in the wrong place.
fn told(path: &str) -> String {
    let is_told = |part: &str| {
        part.len() <= LONGEST_PART && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    path.split('/').map(|part| if is_told(part) { part } else { "…" }).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_and_what_may_be_a_secret_is_not() {
        let id = "/v1/member/api-keys/key_01jz5v8e4x0000000000000000/rotate";
        assert_eq!(told(id), id);
        assert_eq!(told("/v1/member/domains/alpha.example"), "/v1/member/domains/alpha.example");
        let secret = format!("/v1/member/api-keys/vr_01jz5v8e4x0000000000000000_{}", "ab".repeat(32));
        assert_eq!(told(&secret), "/v1/member/api-keys/…");
        assert_eq!(told("/v1/member/users/ada%40alpha.example"), "/v1/member/users/…");
    }
}
