//! Who may use an operation, in the words of the OpenAPI document. Made from the permission in the handler's signature, which `caller`
//! checks.

use serde_json::json;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};

use super::Caller;
use super::caller::Paid;
use super::described::{Describes, add_words, may_refuse, tell};
use super::permission::{Open, Permission};
use crate::node::ProblemCode;

const API_KEY: &str = "api_key";
const SESSION: &str = "session";
const CLIENT_CERTIFICATE: &str = "client_certificate";

/// Returns the kinds of credentials, by name.
pub(crate) fn security_schemes() -> [(&'static str, SecurityScheme); 3] {
    let bearer = |description| {
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description)).build())
    };
    let certificate =
        "A client certificate that was enrolled (POST /v1/client-certificates), presented when the connection is made.";
    let certificate = SecurityScheme::MutualTls { description: Some(certificate.to_owned()), deprecated: None, extensions: None };
    [
        (API_KEY, bearer("An API key, `vr_…`. The names in a requirement are the scopes that the key needs.")),
        (SESSION, bearer("The token of a person's session, `vs_…`, from `POST /v1/session`.")),
        (CLIENT_CERTIFICATE, certificate),
    ]
}

impl<P: Permission> Describes for Caller<P> {
    fn describe(operation: &mut Operation) {
        let scope: Vec<&str> = P::SCOPE.iter().map(|scope| scope.as_str()).collect();
        let credentials: &[&str] = match (P::SESSION, P::CERTIFICATE) {
            (true, _) => &[SESSION],
            (false, true) => &[API_KEY, SESSION, CLIENT_CERTIFICATE],
            (false, false) => &[API_KEY, SESSION],
        };
        let named = credentials.iter().map(|name| SecurityRequirement::new(*name, scope.clone()));
        operation.security = Some(match P::OPEN {
            Open::Always => vec![],
            Open::Never => named.collect(),
            Open::PublicRead | Open::PublicMetrics => [SecurityRequirement::default()].into_iter().chain(named).collect(),
        });
        may_refuse(operation, &[ProblemCode::Unauthenticated, ProblemCode::RateLimited, ProblemCode::NotReady]);
        if P::OPEN == Open::Always {
            add_words(operation, "Access: everybody, without credentials.");
            return;
        }
        let roles: Vec<&str> = P::ROLES.iter().map(|role| role.as_str()).collect();
        let kinds: Vec<&str> = P::KINDS.iter().map(|kind| kind.as_str()).collect();
        add_words(operation, &words(P::SESSION, &scope, &kinds, &roles, P::OPEN.setting()));
        if P::SESSION || !(scope.is_empty() && kinds.is_empty() && roles.is_empty()) {
            may_refuse(operation, &[ProblemCode::Forbidden]);
        }
        if let Some(scope) = scope.first() {
            tell(operation, "x-required-scope", json!(scope));
        }
        for (name, needed) in [("x-required-organisations", kinds), ("x-required-roles", roles)] {
            if !needed.is_empty() {
                tell(operation, name, json!(needed));
            }
        }
        if let Some(setting) = P::OPEN.setting() {
            tell(operation, "x-open-by-setting", json!(setting));
        }
    }
}

impl Describes for Paid {
    fn describe(operation: &mut Operation) {
        operation.security = Some(vec![]);
        may_refuse(operation, &[ProblemCode::RateLimited]);
        add_words(operation, "Access: everybody, without credentials.");
    }
}

/// Returns a sentence about who may use an operation.
fn words(session: bool, scope: &[&str], kinds: &[&str], roles: &[&str], setting: Option<&str>) -> String {
    let who = if session { "a person who signed in" } else { "credentials" };
    let scope = scope.first().map(|scope| format!(" with the scope `{scope}`")).unwrap_or_default();
    let of = match kinds {
        [] => String::new(),
        kinds => format!(" of an organisation of kind {}", any_of(kinds)),
    };
    let roles = match roles {
        [] => String::new(),
        roles => format!(", of a user with the role {}", any_of(roles)),
    };
    let setting = setting.map(|name| format!("; everybody if the server's setting `{name}` is on")).unwrap_or_default();
    format!("Access: {who}{scope}{of}{roles}{setting}.")
}

fn any_of(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_demand_is_named() {
        let said = words(false, &["operator"], &["operator"], &["reviewer", "approver"], None);

        assert_eq!(
            said,
            "Access: credentials with the scope `operator` of an organisation of kind `operator`, of a user with the role \
             `reviewer` or `approver`."
        );
        assert_eq!(
            words(false, &["resolve"], &[], &[], Some("public-read")),
            "Access: credentials with the scope `resolve`; everybody if the server's setting `public-read` is on."
        );
        assert_eq!(words(true, &[], &[], &[], None), "Access: a person who signed in.");
    }
}
