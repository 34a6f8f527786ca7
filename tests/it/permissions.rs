//! Every kind of organisation, role and scope against every route of members and operators: who is let in stands in one table
//! here, and a route that has no line fails the test. A refused request leaves its line in the audit chain and nothing else.

use std::collections::BTreeMap;

use serde_json::Value;
use vasp_registry::clock::Clock;
use vasp_registry::domain::role::{OrganisationKind, Role, Scope, UserKind};
use vasp_registry::service::{self, NewUser};
use vasp_registry::store::{AuditFilter, StoreError};

use crate::support::{Registry, assert_audit_recomputes, on_every_database};

use OrganisationKind::{Gateway, Member, Operator};
use Role::{Admin, Approver, Compliance, Editor, Reviewer};

/// Who may use a route: scope, kinds (none: all), roles (none: any).
type Rule = (Scope, &'static [OrganisationKind], &'static [Role]);

const MEMBER_READ: Rule = (Scope::Member, &[Member], &[Editor, Compliance, Admin]);
const MEMBER_EDIT: Rule = (Scope::Member, &[Member], &[Editor, Admin]);
const OWN_ADMIN: Rule = (Scope::Admin, &[Member, Gateway, Operator], &[Admin]);
const OWN_KEYS: Rule = (Scope::Admin, &[], &[]);
const OPERATOR_READ: Rule = (Scope::Operator, &[Operator], &[Reviewer, Approver, Admin]);
const REVIEW: Rule = (Scope::Operator, &[Operator], &[Reviewer]);
const APPROVE: Rule = (Scope::Operator, &[Operator], &[Approver]);
const OPERATOR_ADMIN: Rule = (Scope::Admin, &[Operator], &[Admin]);

/// The table, by beginning of the path; the first line that fits a route counts.
const TABLE: &[(&str, &str, Rule)] = &[
    ("GET", "/v1/member/vasp", MEMBER_READ),
    ("GET", "/v1/member/messages", MEMBER_READ),
    ("GET", "/v1/member/domains", MEMBER_READ),
    ("", "/v1/member/vasp", MEMBER_EDIT),
    ("", "/v1/member/licences", MEMBER_EDIT),
    ("", "/v1/member/messages", MEMBER_EDIT),
    ("", "/v1/member/domains", MEMBER_EDIT),
    ("POST", "/v1/operator/cases/{id}/approve", APPROVE),
    ("POST", "/v1/operator/cases/{id}/decline", APPROVE),
    ("POST", "/v1/operator/cases", REVIEW),
    ("GET", "/v1/operator/cases", OPERATOR_READ),
    ("POST", "/v1/operator/vasps", REVIEW),
];

fn rule(method: &str, path: &str) -> Option<Rule> {
    let fits = |(verb, prefix, _): &&(&str, &str, Rule)| (verb.is_empty() || *verb == method) && path.starts_with(prefix);
    TABLE.iter().find(fits).map(|(.., rule)| *rule)
}

/// Somebody who knocks.
struct Caller {
    kind: OrganisationKind,
    role: Option<Role>,
    scope: Scope,
    authorization: String,
}

impl Caller {
    fn may(&self, (scope, kinds, roles): Rule) -> bool {
        self.scope == scope
            && (kinds.is_empty() || kinds.contains(&self.kind))
            && (roles.is_empty() || self.role.is_some_and(|role| roles.contains(&role)))
    }
}

/// One caller a kind, role (or none) and scope.
fn callers(registry: &Registry) -> Vec<Caller> {
    let (now, mut rng) = (registry.clock.now(), registry.random.fork());
    let mut callers = Vec::new();
    for kind in OrganisationKind::ALL.iter().copied() {
        let organisation = registry.organisation(kind, kind.as_str());
        let roles = Role::ALL.iter().copied().filter(|role| role.exists_in(kind)).map(Some);
        for role in roles.chain([None]) {
            let new = NewUser { name: "X".to_owned(), email: None, kind: UserKind::Person, roles: role.into_iter().collect() };
            let user = service::create_user(&registry.registry, organisation, &new, now, &mut rng).unwrap();
            for scope in Scope::ALL.iter().copied().filter(|scope| scope.exists_in(kind)) {
                let key = service::create_api_key(&registry.registry, user, &[scope], None, now, &mut rng).unwrap();
                callers.push(Caller { kind, role, scope, authorization: format!("Bearer {}", key.text) });
            }
        }
    }
    callers
}

/// The routes of members and operators, as the document has them.
fn routes(registry: &Registry) -> Vec<(String, String)> {
    let document = registry.client.get("/openapi.json").json();
    let paths = document["paths"].as_object().unwrap().clone();
    let watched = |path: &str| path.starts_with("/v1/member/") || path.starts_with("/v1/operator/");
    let methods = |(path, item): (String, Value)| {
        let methods: Vec<String> = item.as_object().unwrap().keys().map(|method| method.to_uppercase()).collect();
        methods.into_iter().map(move |method| (method, path.clone()))
    };
    paths.into_iter().filter(|(path, _)| watched(path)).flat_map(methods).collect()
}

/// A path with something in each of its places that reads as an id of its kind, of what there is not.
fn filled(path: &str) -> String {
    let id = |prefix: &str| format!("{prefix}01jz0000000000000000000000");
    let kinds = BTreeMap::from([
        ("cases", "case_"),
        ("vasps", "vasp_"),
        ("licences", "lic_"),
        ("organisations", "org_"),
        ("users", "usr_"),
        ("api-keys", "key_"),
        ("delegations", "del_"),
        ("documents", "doc_"),
        ("role-grants", "grt_"),
        ("machine-users", "usr_"),
    ]);
    let mut parts: Vec<String> = Vec::new();
    for part in path.split('/') {
        let before = parts.last().cloned().unwrap_or_default();
        let filled = match (part.starts_with('{'), kinds.get(before.as_str())) {
            (false, _) => part.to_owned(),
            (true, Some(prefix)) => id(prefix),
            (true, None) if part == "{domain}" || part == "{host}" => "absent.example.com".to_owned(),
            (true, None) => "1".to_owned(),
        };
        parts.push(filled);
    }
    parts.join("/")
}

#[test]
fn every_route_lets_in_whom_the_table_names_and_nobody_else() {
    on_every_database(|database| {
        let registry = Registry::start(database);
        let (routes, callers) = (routes(&registry), callers(&registry));
        assert!(routes.len() > 20, "{routes:?}");
        let without: Vec<_> = routes.iter().filter(|(method, path)| rule(method, path).is_none()).collect();
        assert!(without.is_empty(), "routes without a line in the table: {without:#?}");
        let store = registry.registry.store();
        let heads = || store.read::<_, StoreError>(|conn| Ok((conn.log_head()?.sequence, conn.audit_head()?.number))).unwrap();

        for (method, path) in &routes {
            let rule = rule(method, path).unwrap();
            let place = filled(path);
            for caller in &callers {
                let before = heads();
                let headers =
                    [("authorization", caller.authorization.as_str()), ("content-type", "application/json"), ("if-match", "*")];
                let body = if method == "GET" { "" } else { "{}" };
                let answer = registry.client.send(method, &place, &headers, body);
                let who = format!("{method} {place} by {} {:?} {}: {answer:?}", caller.kind, caller.role, caller.scope);

                assert_ne!(answer.status, 401, "{who}");
                assert_eq!(answer.status != 403, caller.may(rule), "{who}");
                if answer.status == 403 {
                    assert_eq!(heads(), (before.0, before.1 + 1), "{who}");
                }
            }
            let nobody = registry.client.send(method, &place, &[("content-type", "application/json")], "{}");
            assert_eq!(nobody.status, 401, "{method} {place}: {nobody:?}");
        }

        let refused = AuditFilter { outcome: Some("refused".to_owned()), ..AuditFilter::default() };
        let last = store.read::<_, StoreError>(|conn| conn.audit_events(&refused, i64::MAX, 1)).unwrap();
        let payload: Value = serde_json::from_str(last[0].payload.as_ref().unwrap()).unwrap();
        assert!(payload["status"].is_number() && payload["path"].is_string(), "{payload}");
        assert_audit_recomputes(store);
    });
}
