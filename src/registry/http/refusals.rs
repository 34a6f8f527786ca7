//! Records refusals to known callers in the audit chain: every refused write, and every read that the caller's role does not allow. A
//! repeated refusal only increases a count. `edge` calls this around each request. Unreadable and rate-limited requests are not recorded.

use std::sync::Arc;

use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::{Method, StatusCode};
use actix_web::web::Data;

use super::blocking::away;
use super::caller::Who;
use super::{App, Problem};
use crate::acts::{Refusal, note_refusal};
use crate::telemetry::seldom;
use vasp_words::error_chain::error_chain;

/// The routes whose refusals are not recorded: questions, reading of the directory and its log, and sign-in. All others change or show data
/// of an organisation, or data that the registry vouches for.
pub(crate) const UNWATCHED: [&str; 17] = [
    "changes",
    "coverage",
    "enrolment",
    "jurisdictions",
    "lists",
    "log",
    "networks",
    "objections",
    "obligations",
    "prechecks",
    "protocols",
    "resolve",
    "sandbox",
    "session",
    "sessions",
    "sources",
    "vasps",
];

/// What of a VASP's record is not for everybody to read.
const CLOSED: [&str; 7] = ["access-requests", "brands", "draft", "drafts", "licences", "messages", "path-delegations"];

/// Records a refusal before its answer is sent. If the database is away, this is logged and the caller's answer does not change.
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
    match away(move || note_refusal(&registry, &refusal, now, &mut random.fork())).await {
        Ok(Ok(())) => {}
        // While the database takes no writes, few lines say so for all requests.
        Ok(Err(error)) if error.refusal().is_some_and(|cause| seldom(cause).is_none()) => {}
        Ok(Err(error)) => {
            tracing::error!(error.chain = error_chain(&error), "a refused request could not be recorded in the audit chain")
        }
        Err(error) => {
            tracing::error!(error.chain = error_chain(&error), "a refused request could not be recorded in the audit chain")
        }
    }
}

fn is_noted(method: &Method, path: &str, status: StatusCode) -> bool {
    let reads = [Method::GET, Method::HEAD].contains(method);
    // Of these, an attempt to erase a pre-check, to override one, to change a record, or to read what is not for everybody is of interest, too.
    let is_kept_for = *method == Method::DELETE || (!reads && path.ends_with("/propose"));
    let erases = is_kept_for && path.starts_with("/v1/prechecks/");
    let of_vasp = path.starts_with("/v1/vasps") && (!reads || path.rsplit('/').next().is_some_and(|end| CLOSED.contains(&end)));
    let noun = path.strip_prefix("/v1/").and_then(|rest| rest.split('/').next());
    let watched = erases || of_vasp || noun.is_some_and(|noun| !UNWATCHED.contains(&noun));
    let refused = match status {
        // A known caller gets 401 only if its key is bound to another connection.
        StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => true,
        StatusCode::NOT_FOUND | StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED | StatusCode::UNPROCESSABLE_ENTITY => {
            !reads
        }
        _ => false,
    };
    watched && refused
}

/// Longest part of a path that the audit chain repeats, in characters. Ids and LEIs fit; secrets do not.
const LONGEST_PART: usize = 40;

/// Returns the path as the audit chain shows it. A part that is not an id is masked, because it may be a secret in the wrong place.
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
        let id = "/v1/api-keys/key_01jz5v8e4x0000000000000000/rotate";
        assert_eq!(told(id), id);
        assert_eq!(told("/v1/vasps/mine/domains/alpha.example"), "/v1/vasps/mine/domains/alpha.example");
        let secret = format!("/v1/api-keys/vr_01jz5v8e4x0000000000000000_{}", "ab".repeat(32));
        assert_eq!(told(&secret), "/v1/api-keys/…");
        assert_eq!(told("/v1/users/ada%40alpha.example"), "/v1/users/…");
    }
}
