//! Callers of every kind, role and scope there is, and the table that says which of them a route lets in. A new route is a
//! line of `tests/it/roles.rs`.

use std::cell::Cell;

use serde_json::Value;
use vasp_clock::Clock;
use vasp_record::role::{OrganisationKind, Role, Scope, UserKind, UserState};
use vasp_registry::organisations::NewUser;
use vasp_store::{StoreError, UserRow};
use vasp_words::ids::{OrganisationId, UserId, VaspId};
use vasp_words::time::UtcTime;

use super::{Answer, Registry};

/// A user with one API key, made as the command line makes them.
#[derive(Clone, Debug)]
pub(crate) struct KeyHolder {
    pub organisation: OrganisationId,
    pub user: UserId,
    /// Id of the key.
    pub key: String,
    /// The `Authorization` header.
    pub bearer: String,
}

/// A person of one role, with a key of one scope.
#[derive(Debug)]
pub(crate) struct Caller {
    pub kind: OrganisationKind,
    pub role: Option<Role>,
    pub scope: Scope,
    pub person: KeyHolder,
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
    /// Makes an organisation.
    pub(crate) fn home(&self, kind: OrganisationKind, vasp: Option<VaspId>) -> OrganisationId {
        let (now, mut rng) = (self.clock.now(), self.random.fork());
        vasp_registry::organisations::create_organisation(&self.registry, "Organisation", kind, vasp, now, &mut rng).unwrap()
    }

    /// Makes a person with roles and a key.
    pub(crate) fn key_holder(&self, organisation: OrganisationId, roles: &[Role], scopes: &[Scope]) -> KeyHolder {
        self.key_holder_of(organisation, UserKind::Person, roles, (scopes, None))
    }

    /// Makes a user with roles and a key.
    pub(crate) fn key_holder_of(
        &self,
        organisation: OrganisationId,
        kind: UserKind,
        roles: &[Role],
        (scopes, expires_at): (&[Scope], Option<UtcTime>),
    ) -> KeyHolder {
        let (now, mut rng) = (self.clock.now(), self.random.fork());
        let new = NewUser { name: "Somebody".to_owned(), email: None, kind, roles: roles.to_vec() };
        let user = vasp_registry::organisations::create_user(&self.registry, organisation, &new, now, &mut rng).unwrap();
        let key = vasp_registry::organisations::create_api_key(&self.registry, user, scopes, expires_at, now, &mut rng).unwrap();
        KeyHolder { organisation, user, key: key.id.to_string(), bearer: format!("Bearer {}", key.text) }
    }

    /// Makes two of the registry's admins, of one organisation, whom nobody made.
    pub(crate) fn two_admins(&self) -> (KeyHolder, KeyHolder) {
        let home = self.home(OrganisationKind::Operator, None);
        let admin = || self.key_holder(home, &[Role::Admin], &[Scope::Admin, Scope::Operator]);
        (admin(), admin())
    }

    /// Has an invited person act, as redeeming its link does, with a key of its own.
    pub(crate) fn redeemed(&self, user: &Value, organisation: OrganisationId) -> KeyHolder {
        let user: UserId = user.as_str().unwrap().parse().unwrap();
        let (now, mut rng) = (self.clock.now(), self.random.fork());
        let store = self.registry.store();
        let enrolled = store.write::<_, StoreError>(now, &mut rng, |transaction| {
            let row = transaction.conn().user(user)?.unwrap();
            transaction.change_user(&UserRow { state: UserState::Active, version: row.version + 1, ..row })
        });
        enrolled.unwrap();
        let key =
            vasp_registry::organisations::create_api_key(&self.registry, user, &[Scope::Admin], None, now, &mut rng).unwrap();
        KeyHolder { organisation, user, key: key.id.to_string(), bearer: format!("Bearer {}", key.text) }
    }

    /// Makes a caller of every kind, role (and none) and scope.
    pub(crate) fn every_caller(&self) -> Vec<Caller> {
        let mut callers = Vec::new();
        for kind in OrganisationKind::ALL.iter().copied() {
            let home = self.home(kind, None);
            let roles = Role::ALL.iter().copied().filter(|role| role.exists_in(kind)).map(Some);
            for role in roles.chain([None]) {
                for scope in Scope::ALL.iter().copied().filter(|scope| scope.exists_in(kind)) {
                    let held: Vec<Role> = role.into_iter().collect();
                    callers.push(Caller { kind, role, scope, person: self.key_holder(home, &held, &[scope]) });
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

    /// Asserts of each route that it lets in whom it should, and refuses everybody else in the same way.
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
                let before = self.heads();
                let answer = ask(&[("authorization", &caller.person.bearer)]);
                let fits = kinds.contains(&caller.kind)
                    && caller.scope == *scope
                    && (roles.is_empty() || caller.role.is_some_and(|role| roles.contains(&role)));
                if fits {
                    let_in.set(let_in.get() + 1);
                    // The route is the caller's; of a key it wants a person's session besides.
                    let takes_session = answer.status.as_u16() == 403 && answer.json()["code"] == "session_needed";
                    let refused = [401, 403, 405, 500].contains(&answer.status.as_u16()) && !takes_session;
                    assert!(!refused, "{access:?} {caller:?}: {answer:?}");
                    assert!(!answer.text.contains("No route or record"), "{access:?}: {answer:?}");
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

impl KeyHolder {
    /// Sends a request with this key.
    pub(crate) fn send(&self, registry: &Registry, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let bearer = registry.credentials_for(self.user, &self.bearer, (method, path, body));
        let own = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        registry.client.send(method, path, &[&own, headers].concat(), &body)
    }

    pub(crate) fn get(&self, registry: &Registry, path: &str) -> Answer {
        registry.client.get_with(path, &[("authorization", &self.bearer)])
    }

    /// Reads what must be there.
    #[track_caller]
    pub(crate) fn read(&self, registry: &Registry, path: &str) -> Value {
        let answer = self.get(registry, path);
        assert_eq!(answer.status.as_u16(), 200, "{path}: {answer:?}");
        answer.json()
    }

    pub(crate) fn post(&self, registry: &Registry, path: &str, body: &Value) -> Answer {
        self.send(registry, "POST", path, &[], body)
    }

    /// Posts what must be taken, and returns the answer.
    #[track_caller]
    pub(crate) fn done(&self, registry: &Registry, path: &str, body: &Value) -> Value {
        let answer = self.post(registry, path, body);
        assert!(answer.status.is_success(), "{path}: {answer:?}");
        answer.json()
    }
}
