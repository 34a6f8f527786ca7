//! Who may use an operation, in the words of the OpenAPI document. Made from the permission in the handler's signature, which `caller`
//! checks.

use serde_json::{Value, json};
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};

use super::Caller;
use super::caller::Paid;
use super::described::{Describes, add_words, may_refuse, tell};
use super::permission::{Open, Permission, Resolve, Way};
use super::publishable::PickerCaller;
use crate::node::ProblemCode;
use vasp_record::role::UserKind;

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
        let credentials: &[&str] = match (P::SESSION, P::CERTIFICATE) {
            (true, _) => &[SESSION],
            (false, true) => &[API_KEY, SESSION, CLIENT_CERTIFICATE],
            (false, false) => &[API_KEY, SESSION],
        };
        let scopes: Vec<Vec<&str>> = match P::WAYS {
            [] => vec![vec![]],
            ways => ways.iter().map(|way| vec![way.scope.as_str()]).collect(),
        };
        let of_scope =
            |scope: Vec<&'static str>| credentials.iter().map(move |name| SecurityRequirement::new(*name, scope.clone()));
        let named = scopes.into_iter().flat_map(of_scope);
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
        add_words(operation, &words(P::SESSION, P::WAYS, P::OPEN.setting()));
        if P::SESSION || !P::WAYS.is_empty() {
            may_refuse(operation, &[ProblemCode::Forbidden]);
        }
        if !P::WAYS.is_empty() {
            tell(operation, "x-access", P::WAYS.iter().map(told).collect());
        }
        if let Some(setting) = P::OPEN.setting() {
            tell(operation, "x-open-by-setting", json!(setting));
        }
    }
}

impl Describes for PickerCaller {
    fn describe(operation: &mut Operation) {
        Caller::<Resolve>::describe(operation);
        let words = "Or a publishable key (`vr_pub_…`, parameter `key`) on a page of one of its origins; then each network address has its own \
                     rate.";
        add_words(operation, words);
    }
}

impl Describes for Paid {
    fn describe(operation: &mut Operation) {
        operation.security = Some(vec![]);
        may_refuse(operation, &[ProblemCode::RateLimited]);
        add_words(operation, "Access: everybody, without credentials.");
    }
}

/// Returns a way as a member of `x-access`. Most have no kind of user that needs no role, and do not say so.
fn told(Way { scope, kinds, roles, exempt }: &Way) -> Value {
    let mut told = json!({"scope": scope, "organisations": kinds, "roles": roles});
    if let (false, Some(told)) = (exempt.is_empty(), told.as_object_mut()) {
        told.insert("without_role".to_owned(), json!(exempt));
    }
    told
}

/// Returns a sentence about who may use an operation.
fn words(session: bool, ways: &[Way], setting: Option<&str>) -> String {
    let who = if session { "a person who signed in" } else { "credentials" };
    let said: Vec<String> = ways.iter().map(of_way).collect();
    let setting = setting.map(|name| format!("; everybody if the server's setting `{name}` is on")).unwrap_or_default();
    format!("Access: {who}{}{setting}.", said.join("; or"))
}

fn of_way(Way { scope, kinds, roles, exempt }: &Way) -> String {
    let of = match kinds {
        [] => String::new(),
        kinds => format!(" of an organisation of kind {}", any_of(kinds.iter().map(|kind| kind.as_str()))),
    };
    let roles = match roles {
        [] => String::new(),
        roles => format!(", of a user with the role {}", any_of(roles.iter().map(|role| role.as_str()))),
    };
    let exempt = if exempt.contains(&UserKind::Machine) { ", or of a program" } else { "" };
    format!(" with the scope `{scope}`{of}{roles}{exempt}")
}

fn any_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::permission::{DraftEdit, OperatorRead, OwnSession, PrecheckRecord};

    #[test]
    fn each_demand_is_named() {
        let approver = "Access: credentials with the scope `operator` of an organisation of kind `operator`, of a user with the \
                        role `reviewer` or `approver` or `admin`.";
        assert_eq!(words(false, OperatorRead::WAYS, None), approver);
        assert_eq!(
            words(false, Resolve::WAYS, Some("public-read")),
            "Access: credentials with the scope `resolve`; everybody if the server's setting `public-read` is on."
        );
        assert_eq!(words(true, OwnSession::WAYS, None), "Access: a person who signed in.");
        let record =
            "Access: credentials with the scope `precheck`, of a user with the role `compliance` or `admin`, or of a program.";
        assert_eq!(words(false, PrecheckRecord::WAYS, None), record);
        let either = words(false, DraftEdit::WAYS, None);
        assert!(either.contains("`editor` or `admin`; or with the scope `operator`"), "{either}");
    }
}
