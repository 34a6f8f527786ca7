//! Every kind, role and scope of a caller against every route that asks for more than a key: who is let in, and who is not.

use std::cell::Cell;
use std::collections::BTreeSet;

use serde_json::{Value, json};
use vasp_record::role::OrganisationKind::{Gateway, Member, Operator};
use vasp_record::role::Role::{Admin, Approver, Compliance, Editor, Reviewer, SeniorManagement};
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_store::StoreError;

use super::absent;
use crate::support::contract::{document, operations, texts};
use crate::support::{Answer, Database, Person, Registry, on_every_database};

const EVERYBODY: &[OrganisationKind] = &[Operator, Member, Gateway];

/// Whom a route lets in: kinds of organisations; roles of which one is needed, none where any user will do; the scope of the key.
type Allowed = (&'static [OrganisationKind], &'static [Role], Scope);

/// Users, keys, organisations and the audit chain of the registry: its admins, with a key for that.
const OPERATOR_ADMIN: Allowed = (&[Operator], &[Admin], Scope::Admin);

/// Users and delegations of one's own organisation: its admins.
const OWN_ADMIN: Allowed = (EVERYBODY, &[Admin], Scope::Admin);

/// Alerts and what is watched: members and gateways, also their programs; where it is sent: their admins.
const WATCH: Allowed = (&[Member, Gateway], &[], Scope::Precheck);
const WATCH_ADMIN: Allowed = (&[Member, Gateway], &[Admin], Scope::Admin);

/// One's own keys: everybody.
const OWN_KEYS: Allowed = (EVERYBODY, &[], Scope::Admin);

/// A member's own record, to read and to change.
const MEMBER_READ: Allowed = (&[Member], &[Editor, Compliance, Admin], Scope::Member);
const MEMBER_EDIT: Allowed = (&[Member], &[Editor, Admin], Scope::Member);

/// An organisation's policies, and how long its pre-checks are kept.
const POLICY_READ: Allowed = (&[Member, Gateway], &[Compliance, Admin], Scope::Compliance);
const POLICY_EDIT: Allowed = (&[Member, Gateway], &[Compliance], Scope::Compliance);
/// Who reads what the member answered about itself; and asking another for its answers.
const MEMBER_SHARE: Allowed = (&[Member], &[Compliance, Admin], Scope::Member);
const ASK_FOR_ANSWERS: Allowed = (&[Member, Gateway], &[Compliance], Scope::Compliance);

/// The registry's work, to read.
const OPERATOR_READ: Allowed = (&[Operator], &[Reviewer, Approver, Admin], Scope::Operator);

/// A case's work, and its decision.
const REVIEW: Allowed = (&[Operator], &[Reviewer], Scope::Operator);
const APPROVE: Allowed = (&[Operator], &[Approver], Scope::Operator);

/// What one's own organisation decides about counterparties.
const RELATIONSHIPS: Allowed = (&[Member, Gateway], &[Compliance, SeniorManagement], Scope::Compliance);
const RELATIONSHIP_WORK: Allowed = (&[Member, Gateway], &[Compliance], Scope::Compliance);

/// Who may use which operations: methods and paths as the document writes them.
const TABLE: &[(Allowed, &[&str])] = &[
    (
        OPERATOR_ADMIN,
        &[
            "post get /v1/operator/organisations",
            "get patch /v1/operator/organisations/{id}",
            "post get /v1/operator/organisations/{id}/users",
            "get post /v1/operator/machine-users",
            "get /v1/operator/users/{id}",
            "post /v1/operator/users/{id}/roles",
            "post /v1/operator/users/{id}/invite",
            "post /v1/operator/users/{id}/enrolment/approve",
            "post /v1/operator/users/{id}/enrolment/decline",
            "post /v1/operator/users/{id}/enrolment/withdraw",
            "post /v1/operator/users/{id}/disable",
            "post /v1/operator/users/{id}/enable",
            "get /v1/operator/links",
            "get /v1/operator/role-grants",
            "post /v1/operator/role-grants/{id}/approve",
            "post /v1/operator/role-grants/{id}/decline",
            "post /v1/operator/role-grants/{id}/withdraw",
            "get /v1/operator/audit",
            "get /v1/operator/audit/export",
        ],
    ),
    (
        OPERATOR_READ,
        &[
            "get /v1/operator/authorities/amendments",
            "get /v1/operator/authorities/amendments/{id}",
            "get /v1/operator/held-rows",
            "get /v1/operator/imports",
            "get /v1/operator/imports/{id}",
            "get /v1/operator/imports/{id}/rows",
            "get /v1/operator/rulebook",
            "get /v1/operator/rulebook/imports",
            "get /v1/operator/rulebook/imports/{id}",
            "get /v1/operator/documents/{id}",
            "get /v1/operator/documents/{id}/content",
            "get /v1/operator/policies",
            "get /v1/operator/ca",
            "get /v1/operator/ca/certificates",
            "get /v1/operator/cases",
            "get /v1/operator/cases/{id}",
            "get /v1/operator/cases/{id}/checklist",
            "get /v1/operator/screening/hits",
            "get /v1/operator/screening/hits/{id}",
            "get /v1/operator/screening/lists",
            "get /v1/operator/brand-links",
            "get /v1/operator/brand-candidates/{id}",
            "get /v1/operator/vasps/{id}/brands",
            "get /v1/operator/vasps",
            "get /v1/operator/vasps/{id}",
            "get /v1/operator/vasps/{id}/licences",
            "get /v1/operator/claims/pending",
            "get /v1/operator/claims/pending/{case}",
            "get /v1/operator/claim-ends/{id}",
            "get /v1/operator/claims",
        ],
    ),
    (
        REVIEW,
        &[
            "post /v1/operator/authorities/amendments",
            "post /v1/operator/authorities/amendments/{id}/propose",
            "post /v1/operator/authorities/amendments/{id}/withdraw",
            "post /v1/operator/ca/certificates/{serial}/revoke",
            "post /v1/operator/cases/{id}/take",
            "post /v1/operator/cases/{id}/notes",
            "post /v1/operator/cases/{id}/messages",
            "post /v1/operator/cases/{id}/evidence",
            "post /v1/operator/cases/{id}/propose",
            "post /v1/operator/cases/{id}/withdraw",
            "post /v1/operator/screening/hits/{id}/propose",
            "post /v1/operator/screening/hits/{id}/withdraw",
            "post /v1/operator/brand-candidates/{id}/propose",
            "post /v1/operator/brand-candidates/{id}/withdraw",
            "post /v1/operator/vasps/{id}/brands/propose",
            "post /v1/operator/vasps/{id}/brands/withdraw",
            "post /v1/operator/vasps/{id}/cases",
            "post /v1/operator/vasps/{id}/merge",
            "post /v1/operator/vasps",
            "post /v1/operator/vasps/{id}/draft",
            "patch delete /v1/operator/vasps/{id}",
            "post /v1/operator/vasps/{id}/submit",
            "post /v1/operator/vasps/{id}/licences",
            "put delete /v1/operator/vasps/{id}/licences/{licence}",
            "post /v1/operator/claim-ends/propose",
            "post /v1/operator/claims/pending/{case}/count",
            "post /v1/operator/claim-ends/{id}/withdraw",
            "post /v1/operator/claims/{id}/sub-account/propose",
            "post /v1/operator/claims/{id}/sub-account/withdraw",
            "post /v1/operator/claims/{id}/end/propose",
            "post /v1/operator/claims/{id}/end/withdraw",
        ],
    ),
    (
        APPROVE,
        &[
            "post /v1/operator/authorities/amendments/{id}/approve",
            "post /v1/operator/authorities/amendments/{id}/decline",
            "post /v1/operator/rulebook/imports/{id}/approve",
            "post /v1/operator/rulebook/imports/{id}/decline",
            "post /v1/operator/rulebook/imports/{id}/propose",
            "post /v1/operator/rulebook/imports/{id}/withdraw",
            "post /v1/operator/cases/{id}/approve",
            "post /v1/operator/cases/{id}/decline",
            "post /v1/operator/screening/hits/{id}/approve",
            "post /v1/operator/screening/hits/{id}/decline",
            "post /v1/operator/brand-candidates/{id}/approve",
            "post /v1/operator/brand-candidates/{id}/decline",
            "post /v1/operator/vasps/{id}/brands/approve",
            "post /v1/operator/vasps/{id}/brands/decline",
            "post /v1/operator/claim-ends/{id}/decline",
            "post /v1/operator/claim-ends/{id}/approve",
            "post /v1/operator/claims/{id}/sub-account/decline",
            "post /v1/operator/claims/{id}/sub-account/approve",
            "post /v1/operator/claims/{id}/end/decline",
            "post /v1/operator/claims/{id}/end/approve",
            "post /v1/operator/disputes/{id}/dismiss",
        ],
    ),
    (
        WATCH,
        &[
            "get /v1/gateway/alerts",
            "get /v1/gateway/alerts/{id}",
            "post /v1/gateway/alerts/{id}/acknowledge",
            "get /v1/gateway/watches",
            "put delete /v1/gateway/watches/{vasp}",
            "get /v1/member/alerts",
            "get /v1/member/alerts/{id}",
            "post /v1/member/alerts/{id}/acknowledge",
            "get /v1/member/watches",
            "put delete /v1/member/watches/{vasp}",
        ],
    ),
    (
        WATCH_ADMIN,
        &[
            "get post /v1/gateway/webhooks",
            "get patch delete /v1/gateway/webhooks/{id}",
            "post /v1/gateway/webhooks/{id}/rotate",
            "post /v1/gateway/webhooks/{id}/test",
            "post /v1/gateway/webhooks/{id}/replay",
            "get /v1/gateway/webhooks/{id}/messages",
            "post /v1/gateway/webhooks/{id}/messages/{message}/resend",
            "get post /v1/member/webhooks",
            "get patch delete /v1/member/webhooks/{id}",
            "post /v1/member/webhooks/{id}/rotate",
            "post /v1/member/webhooks/{id}/test",
            "post /v1/member/webhooks/{id}/replay",
            "get /v1/member/webhooks/{id}/messages",
            "post /v1/member/webhooks/{id}/messages/{message}/resend",
        ],
    ),
    (
        OWN_ADMIN,
        &[
            "get /v1/member/audit",
            "get post /v1/member/users",
            "get patch /v1/member/users/{id}",
            "post /v1/member/users/{id}/invite",
            "post /v1/member/users/{id}/enrolment/approve",
            "post /v1/member/users/{id}/enrolment/decline",
            "post /v1/member/users/{id}/enrolment/withdraw",
            "post /v1/member/users/{id}/disable",
            "post /v1/member/users/{id}/enable",
            "get post /v1/member/machine-users",
            "get /v1/member/role-grants",
            "post /v1/member/role-grants/{id}/approve",
            "post /v1/member/role-grants/{id}/decline",
            "post /v1/member/role-grants/{id}/withdraw",
            "get post /v1/member/delegations",
            "delete /v1/member/delegations/{id}",
        ],
    ),
    (
        OWN_KEYS,
        &[
            "get post /v1/member/api-keys",
            "post /v1/member/api-keys/{id}/rotate",
            "delete /v1/member/api-keys/{id}",
            "get post /v1/member/client-certificates",
            "delete /v1/member/client-certificates/{id}",
        ],
    ),
    (
        MEMBER_READ,
        &[
            "get /v1/member/documents",
            "get /v1/member/documents/{id}",
            "get /v1/member/documents/{id}/content",
            "get /v1/member/vasp",
            "get /v1/member/licences",
            "get /v1/member/messages",
            "get /v1/member/certificates",
            "get /v1/member/certificates/{id}",
            "get /v1/member/domains",
            "get /v1/member/domains/{domain}",
            "get /v1/member/endpoints",
            "get /v1/member/endpoints/{id}",
            "get /v1/member/keys",
            "get /v1/member/questionnaires",
            "get /v1/member/questionnaires/draft",
            "get /v1/member/questionnaires/submissions",
            "get /v1/member/questionnaires/submissions/{id}",
            "get /v1/member/questionnaires/access",
            "get /v1/member/questionnaires/access-requests",
            "get /v1/member/claims",
            "get /v1/member/claims/{id}",
            "get /v1/member/claims/{id}/usage",
            "get /v1/member/path-delegations",
            "get /v1/member/sub-accounts",
        ],
    ),
    (
        MEMBER_EDIT,
        &[
            "post /v1/member/documents",
            "post patch delete /v1/member/vasp",
            "post /v1/member/vasp/submit",
            "post /v1/member/vasp/adopt",
            "post /v1/member/licences",
            "put delete /v1/member/licences/{id}",
            "post /v1/member/messages",
            "post /v1/member/certificates",
            "post /v1/member/certificates/{id}/revoke",
            "post /v1/member/certificates/{id}/crl",
            "post /v1/member/domains",
            "delete /v1/member/domains/{domain}",
            "post /v1/member/domains/{domain}/verify",
            "post /v1/member/endpoints",
            "patch delete /v1/member/endpoints/{id}",
            "post /v1/member/endpoints/{id}/pause",
            "post /v1/member/endpoints/{id}/resume",
            "post /v1/member/endpoints/{id}/maintenance",
            "post /v1/member/endpoints/{id}/probe",
            "post /v1/member/keys",
            "post /v1/member/keys/{id}/proof",
            "post /v1/member/keys/{id}/revoke",
            "post /v1/member/certificates/csr",
            "patch put /v1/member/questionnaires/draft",
            "post /v1/member/questionnaires/submit",
            "post /v1/member/questionnaires/withdraw",
            "post /v1/member/claims",
            "post /v1/member/claims/import",
            "patch delete /v1/member/claims/{id}",
            "post /v1/member/claims/{id}/challenge",
            "post /v1/member/claims/{id}/proof",
            "post /v1/member/claim-batches/{n}/spot-check",
            "post /v1/member/claim-batches/{n}/spot-check/proofs",
            "post /v1/member/disputes",
            "post /v1/member/path-delegations",
            "post /v1/member/path-delegations/end",
            "post /v1/member/sub-accounts",
            "post /v1/member/sub-accounts/refuse",
            "post /v1/member/sub-accounts/{id}/confirm",
            "delete /v1/member/sub-accounts/{id}",
        ],
    ),
    (
        MEMBER_SHARE,
        &[
            "post /v1/member/questionnaires/access",
            "delete /v1/member/questionnaires/access/{id}",
            "post /v1/member/questionnaires/access-requests/{id}/decline",
        ],
    ),
    (
        POLICY_READ,
        &[
            "get /v1/member/policies",
            "post /v1/member/policies/simulate",
            "get /v1/member/policies/{policy}",
            "get /v1/member/policies/{policy}/difference",
            "get /v1/member/policy-proposals",
            "get /v1/member/settings/precheck-retention",
        ],
    ),
    (
        POLICY_EDIT,
        &[
            "post /v1/member/policies",
            "post /v1/member/policies/{policy}/propose",
            "post /v1/member/policies/{policy}/approve",
            "post /v1/member/policies/{policy}/decline",
            "post /v1/member/policies/{policy}/withdraw",
            "put /v1/member/settings/precheck-retention",
            "delete /v1/prechecks/{id}/payload",
        ],
    ),
    (ASK_FOR_ANSWERS, &["post get /v1/vasps/{id}/due-diligence/access-requests"]),
    (
        RELATIONSHIPS,
        &[
            "get /v1/member/relationships",
            "get /v1/member/relationships/{vasp}",
            "post /v1/member/relationships/{vasp}/approve",
            "post /v1/member/relationships/{vasp}/decline",
        ],
    ),
    (
        RELATIONSHIP_WORK,
        &[
            "post /v1/member/relationships/{vasp}/propose",
            "post /v1/member/relationships/{vasp}/withdraw",
            "post /v1/member/relationships/{vasp}/restrict",
            "post /v1/member/relationships/{vasp}/incidents",
        ],
    ),
];

/// A person of one role, or of none, with a key of one scope.
#[derive(Debug)]
struct Caller {
    kind: OrganisationKind,
    role: Option<Role>,
    scope: Scope,
    person: Person,
}

/// Makes a caller of every kind, role (and none) and scope.
fn every_caller(registry: &Registry) -> Vec<Caller> {
    let mut callers = Vec::new();
    for kind in OrganisationKind::ALL.iter().copied() {
        let home = registry.home(kind, None);
        let roles = Role::ALL.iter().copied().filter(|role| role.exists_in(kind)).map(Some);
        for role in roles.chain([None]) {
            for scope in Scope::ALL.iter().copied().filter(|scope| scope.exists_in(kind)) {
                let held: Vec<Role> = role.into_iter().collect();
                callers.push(Caller { kind, role, scope, person: registry.person_with(home, &held, &[scope]) });
            }
        }
    }
    callers
}

/// The ends of the log and of the audit chain.
fn heads(registry: &Registry) -> (i64, i64) {
    let store = registry.registry.store();
    store.read::<_, StoreError>(|conn| Ok((conn.log_head()?.sequence, conn.audit_head()?.number))).unwrap()
}

/// Sends a request that changes nothing: its body, if it has one, has no members, and its version is none.
fn ask(registry: &Registry, method: &str, path: &str, credentials: &[(&str, &str)]) -> Answer {
    let headers = [credentials, &[("content-type", "application/json"), ("if-match", "\"0\"")]].concat();
    registry.client.send(&method.to_uppercase(), &absent(method, path), &headers, if method == "get" { "" } else { "{}" })
}

/// Each line of the table: method, path and whom it lets in.
fn lines() -> impl Iterator<Item = (&'static str, &'static str, &'static Allowed)> {
    TABLE.iter().flat_map(|(allowed, operations)| {
        operations.iter().flat_map(move |line| {
            let (methods, path) = line.rsplit_once(' ').unwrap();
            methods.split(' ').map(move |method| (method, path, allowed))
        })
    })
}

/// Whether a caller is one of the kinds, has one of the roles, and has the scope.
fn has(caller: &Caller, (kinds, roles, scope): &Allowed) -> [bool; 3] {
    let has_role = roles.is_empty() || caller.role.is_some_and(|role| roles.contains(&role));
    [kinds.contains(&caller.kind), has_role, caller.scope == *scope]
}

/// Callers that differ from those whom a route lets in by more than one of kind, role and scope are left out: each condition that they fail is
/// tested by itself.
#[test]
fn each_route_lets_in_whom_the_table_names_and_nobody_else() {
    // The database has no part in it.
    let registry = Registry::start(Database::sqlite());
    let callers = every_caller(&registry);

    for (method, path, allowed) in lines() {
        ask(&registry, method, path, &[]).problem(401, "unauthenticated");
        let let_in = Cell::new(0);
        for caller in &callers {
            let has = has(caller, allowed);
            if has.iter().filter(|has| !**has).count() > 1 {
                continue;
            }
            let before = heads(&registry);
            let answer = ask(&registry, method, path, &[("authorization", &caller.person.bearer)]);
            if has == [true; 3] {
                let_in.set(let_in.get() + 1);
                // The route is the caller's; of a key it wants a person's session besides.
                let takes_session = answer.status.as_u16() == 403 && answer.json()["code"] == "session_needed";
                let refused = [401, 403, 405, 500].contains(&answer.status.as_u16()) && !takes_session;
                assert!(!refused, "{method} {path} {caller:?}: {answer:?}");
                assert!(!answer.text.contains("No route has this path"), "{method} {path}: {answer:?}");
            } else {
                answer.problem(403, "forbidden");
                // A line in the audit chain, and nothing else.
                assert_eq!(heads(&registry), (before.0, before.1 + 1), "{method} {path} {caller:?}");
            }
        }
        assert!(let_in.get() > 0, "{method} {path} lets nobody in");
    }
}

/// Whether a path is of members, gateways or operators: then the table says who may use it.
fn is_closed(path: &str) -> bool {
    ["/v1/member/", "/v1/gateway/", "/v1/operator/"].iter().any(|start| path.starts_with(start))
}

/// A route of members or operators without a line above would go untested. What the document says of access comes from the handlers'
/// signatures; this table was written by hand.
#[test]
fn the_document_says_of_each_route_what_the_table_says() {
    let in_table: BTreeSet<_> = lines().map(|(method, path, _)| (method, path)).collect();
    let missing = operations(document()).filter(|(method, path, _)| is_closed(path) && !in_table.contains(&(*method, *path)));
    assert_eq!(missing.map(|(method, path, _)| format!("{method} {path}")).collect::<Vec<_>>(), [""; 0]);

    for (method, path, (kinds, roles, scope)) in lines() {
        let operation = &document()["paths"][path][method];
        let named: BTreeSet<&str> = texts(&operation["x-required-organisations"]).into_iter().collect();
        let expected: BTreeSet<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        assert!(named == expected || (named.is_empty() && *kinds == EVERYBODY), "{method} {path}: {named:?}");
        let named: BTreeSet<&str> = texts(&operation["x-required-roles"]).into_iter().collect();
        assert_eq!(named, roles.iter().map(|role| role.as_str()).collect(), "{method} {path}");
        assert_eq!(operation["x-required-scope"], scope.as_str(), "{method} {path}");
    }
}

/// How the document says that callers without credentials are let in.
#[derive(Debug, PartialEq, Eq)]
enum Open {
    Always,
    BySetting,
    Never,
}

fn open(operation: &Value) -> Open {
    let security = operation["security"].as_array().unwrap();
    match security.as_slice() {
        [] => Open::Always,
        [first, ..] if *first == json!({}) => Open::BySetting,
        _ => Open::Never,
    }
}

#[test]
fn callers_without_credentials_are_let_in_where_the_document_says_it() {
    for public in [false, true] {
        on_every_database(|database| {
            let registry = Registry::start_with(database, |settings| {
                (settings.public_read, settings.public_metrics) = (public, public);
            });
            let mut open_ones = 0;
            for (method, path, operation) in operations(document()) {
                let answer = ask(&registry, method, path, &[]);
                let let_in = match open(operation) {
                    Open::Always => true,
                    Open::BySetting => public,
                    Open::Never => false,
                };
                // Signing in answers 401 to wrong data too.
                let refused = answer.status.as_u16() == 401 && !path.starts_with("/v1/session");
                assert_eq!(!refused, let_in || path.starts_with("/v1/session"), "{method} {path}: {answer:?}");
                open_ones += usize::from(let_in);
            }
            assert!(open_ones > 10, "{open_ones}");
        });
    }
}

#[on_every_database(Registry::start)]
fn a_key_without_the_scope_or_role_that_the_document_names_is_refused(registry: Registry) {
    let callers = every_caller(&registry);
    // The table holds every closed route against all callers.
    for (method, path, operation) in operations(document()).filter(|(_, path, _)| !is_closed(path)) {
        let needed = (
            &operation["x-required-scope"],
            texts(&operation["x-required-organisations"]),
            texts(&operation["x-required-roles"]),
        );
        if open(operation) == Open::Always || path.starts_with("/v1/session") {
            continue;
        }
        for caller in &callers {
            let fits = needed.0 == caller.scope.as_str()
                && (needed.1.is_empty() || needed.1.contains(&caller.kind.as_str()))
                && (needed.2.is_empty() || caller.role.is_some_and(|role| needed.2.contains(&role.as_str())));
            let answer = ask(&registry, method, path, &[("authorization", &caller.person.bearer)]);
            let forbidden = answer.status.as_u16() == 403 && answer.json()["code"] == "forbidden";
            assert_eq!(!forbidden, fits, "{method} {path} {caller:?}: {answer:?}");
        }
    }
}
