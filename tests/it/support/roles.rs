//! Callers of every kind, role and scope there is, and the table that says which of them a route lets in. A new route is a
//! line of `tests/it/roles.rs`.

use std::cell::Cell;

use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_store::StoreError;

use super::{Person, Registry};

/// A person of one role, with a key of one scope.
#[derive(Debug)]
pub(crate) struct Caller {
    pub kind: OrganisationKind,
    pub role: Option<Role>,
    pub scope: Scope,
    pub person: Person,
}

/// Whom a route lets in.
#[derive(Debug)]
pub(crate) struct Access {
    pub method: &'static str,
    pub path: &'static str,
    /// Kinds of organisations.
    pub kinds: &'static [OrganisationKind],
    /// Roles of which one is needed; none where any user will do.
    pub roles: &'static [Role],
    pub scope: Scope,
}

impl Registry {
    /// Makes a caller of every kind, role (and none) and scope.
    pub(crate) fn every_caller(&self) -> Vec<Caller> {
        let mut callers = Vec::new();
        for kind in OrganisationKind::ALL.iter().copied() {
            let home = self.home(kind, None);
            let roles = Role::ALL.iter().copied().filter(|role| role.exists_in(kind)).map(Some);
            for role in roles.chain([None]) {
                for scope in Scope::ALL.iter().copied().filter(|scope| scope.exists_in(kind)) {
                    let held: Vec<Role> = role.into_iter().collect();
                    callers.push(Caller { kind, role, scope, person: self.person_with(home, &held, &[scope]) });
                }
            }
        }
        callers
    }

    /// The ends of the log and of the audit chain.
    fn heads(&self) -> (i64, i64) {
        let store = self.registry.store();
        store.read::<_, StoreError>(|conn| Ok((conn.log_head()?.sequence, conn.audit_head()?.number))).unwrap()
    }

    /// Asserts of each route that it lets in whom it should, and refuses everybody who differs from them in one way: kind, role or scope.
    /// Callers that differ in more ways are left out: each condition that they fail is tested by itself.
    pub(crate) fn assert_access(&self, callers: &[Caller], table: &[Access]) {
        for access in table {
            let Access { method, path, kinds, roles, scope } = access;
            let ask = |bearer: &[(&str, &str)]| {
                let headers = [bearer, &[("content-type", "application/json"), ("if-match", "\"0\"")]].concat();
                self.client.send(method, path, &headers, if *method == "GET" { "" } else { "{}" })
            };
            ask(&[]).problem(401, "unauthenticated");
            let let_in = Cell::new(0);
            for caller in callers {
                let has_role = roles.is_empty() || caller.role.is_some_and(|role| roles.contains(&role));
                let has = [kinds.contains(&caller.kind), caller.scope == *scope, has_role];
                if has.iter().filter(|has| !**has).count() > 1 {
                    continue;
                }
                let before = self.heads();
                let answer = ask(&[("authorization", &caller.person.bearer)]);
                if has == [true; 3] {
                    let_in.set(let_in.get() + 1);
                    // The route is the caller's; of a key it wants a person's session besides.
                    let takes_session = answer.status.as_u16() == 403 && answer.json()["code"] == "session_needed";
                    let refused = [401, 403, 405, 500].contains(&answer.status.as_u16()) && !takes_session;
                    assert!(!refused, "{access:?} {caller:?}: {answer:?}");
                    assert!(!answer.text.contains("no route or record"), "{access:?}: {answer:?}");
                } else {
                    assert_eq!(answer.status.as_u16(), 403, "{access:?} {caller:?}: {answer:?}");
                    answer.problem(403, "forbidden");
                    // A line in the audit chain, and nothing else.
                    assert_eq!(self.heads(), (before.0, before.1 + 1), "{access:?} {caller:?}");
                }
            }
            assert!(let_in.get() > 0, "{access:?} lets nobody in");
        }
    }
}
