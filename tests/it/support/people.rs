//! Organisations and people, made as the command line makes them; every way to ask on behalf of somebody. Records and members
//! with a record: `story.rs`.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::bearer::{BearerToken, draw_secret};
use vasp_record::environment::Environment;
use vasp_record::role::{OrganisationKind, Role, Scope, UserKind, UserState};
use vasp_registry::organisations::{NewUser, create_api_key, create_organisation, create_user};
use vasp_store::{SessionRow, StoreError, UserRow};
use vasp_words::ids::{CredentialId, OrganisationId, SessionId, UserId, VaspId};
use vasp_words::sql::Flag;
use vasp_words::time::UtcTime;

use super::{Answer, Registry};
use crate::sign_in::world::secret_of;

/// Somebody with a key.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The organisation's own VASP.
    pub vasp: Option<VaspId>,
    /// The user.
    pub user: UserId,
    /// Id of the key.
    pub key_id: String,
    /// The `Authorization` header.
    pub bearer: String,
}

impl Registry {
    /// Makes an organisation that has no VASP.
    pub(crate) fn organisation(&self, kind: OrganisationKind, name: &str) -> OrganisationId {
        self.organisation_of(kind, name, None)
    }

    /// Makes an organisation that is the member of a VASP, or of none.
    pub(crate) fn home(&self, kind: OrganisationKind, vasp: Option<VaspId>) -> OrganisationId {
        self.organisation_of(kind, "Organisation", vasp)
    }

    /// Makes an organisation with a name and, if it has one, a VASP.
    pub(crate) fn organisation_of(&self, kind: OrganisationKind, name: &str, vasp: Option<VaspId>) -> OrganisationId {
        create_organisation(&self.registry, name, kind, vasp, self.clock.now(), &mut self.random.fork()).unwrap()
    }

    /// Makes a person with roles and a key of every scope that its organisation may use.
    pub(crate) fn person(&self, organisation: OrganisationId, roles: &[Role]) -> Person {
        let found = self.registry.store().read::<_, StoreError>(|conn| conn.organisation(organisation));
        let kind = found.unwrap().unwrap().kind;
        let scopes: Vec<Scope> = Scope::ALL.iter().copied().filter(|scope| scope.exists_in(kind)).collect();
        self.person_with(organisation, roles, &scopes)
    }

    /// Makes a person with roles and a key of some scopes.
    pub(crate) fn person_with(&self, organisation: OrganisationId, roles: &[Role], scopes: &[Scope]) -> Person {
        self.user_with(organisation, UserKind::Person, roles, (scopes, None))
    }

    /// Makes a person of a new organisation that is the member of a VASP, or of none, with a key of some scopes.
    pub(crate) fn person_of(&self, kind: OrganisationKind, vasp: Option<VaspId>, roles: &[Role], scopes: &[Scope]) -> Person {
        self.person_with(self.home(kind, vasp), roles, scopes)
    }

    /// Makes a user with roles and a key.
    pub(crate) fn user_with(
        &self,
        organisation: OrganisationId,
        kind: UserKind,
        roles: &[Role],
        (scopes, expires_at): (&[Scope], Option<UtcTime>),
    ) -> Person {
        let new = NewUser { name: "Somebody".to_owned(), email: None, kind, roles: roles.to_vec() };
        let user = create_user(&self.registry, organisation, &new, self.clock.now(), &mut self.random.fork()).unwrap();
        self.keyed(organisation, user, (scopes, expires_at))
    }

    /// Gives a user a further key.
    pub(crate) fn keyed(
        &self,
        organisation: OrganisationId,
        user: UserId,
        (scopes, expires_at): (&[Scope], Option<UtcTime>),
    ) -> Person {
        let (now, mut rng) = (self.clock.now(), self.random.fork());
        let key = create_api_key(&self.registry, user, scopes, expires_at, now, &mut rng).unwrap();
        let found = self.registry.store().read::<_, StoreError>(|conn| conn.organisation(organisation));
        let vasp = found.unwrap().unwrap().vasp;
        Person { organisation, vasp, user, key_id: key.id.to_string(), bearer: format!("Bearer {}", key.text) }
    }

    /// Makes a person of a new organisation.
    pub(crate) fn person_of_new(&self, kind: OrganisationKind, roles: &[Role]) -> Person {
        self.person(self.organisation(kind, kind.as_str()), roles)
    }

    /// Makes two of the registry's admins, of one organisation, whom nobody made.
    pub(crate) fn two_admins(&self) -> (Person, Person) {
        let home = self.home(OrganisationKind::Operator, None);
        let admin = || self.person_with(home, &[Role::Admin], &[Scope::Admin, Scope::Operator]);
        (admin(), admin())
    }

    /// Has an invited person act, as redeeming its link does, with a key of its own.
    pub(crate) fn redeemed(&self, user: &Value, organisation: OrganisationId) -> Person {
        let user: UserId = user.as_str().unwrap().parse().unwrap();
        let enrolled = self.registry.store().write::<_, StoreError>(self.clock.now(), &mut self.random.fork(), |transaction| {
            let row = transaction.conn().user(user)?.unwrap();
            transaction.change_user(&UserRow { state: UserState::Active, version: row.version + 1, ..row })
        });
        enrolled.unwrap();
        self.keyed(organisation, user, (&[Scope::Admin], None))
    }

    /// Begins a session of a user with its second factor given, as signing in does, and returns its `Authorization`.
    pub(crate) fn session_of(&self, user: UserId) -> String {
        let (now, mut rng) = (self.clock.now(), self.random.fork());
        let (id, secret) = (SessionId::new(now, &mut rng), draw_secret(&mut rng));
        let token = BearerToken { environment: Environment::Live, credential: CredentialId::Session(id), secret };
        let session = SessionRow {
            id,
            user_id: user,
            secret_sha256: digest(&SHA256, &secret).as_ref().to_vec(),
            limited: Flag(false),
            expires_at: now.plus_secs(3_600),
            last_used_at: now,
            authenticated_at: Some(now),
        };
        self.registry.store().write::<_, StoreError>(now, &mut rng, |transaction| transaction.add_session(&session)).unwrap();
        self.registry.let_others_know();
        format!("Bearer {token}")
    }

    /// Sets an app for codes up, and returns its recovery codes.
    pub(crate) fn app_of(&self, who: &Person) -> Vec<String> {
        let session = self.session_of(who.user);
        let headers = [("authorization", session.as_str()), ("content-type", "application/json")];
        let made = self.client.send("POST", "/v1/session/totp", &headers, "{}");
        let code = secret_of(&made.json()).code_at(self.clock.now());
        let confirmed = self.client.send("POST", "/v1/session/totp/confirm", &headers, &json!({"code": code}).to_string());
        serde_json::from_value(confirmed.json()["recovery_codes"].clone()).unwrap()
    }

    /// Returns what a person sends with a request: a session for what takes one, its key for all else.
    pub(crate) fn credentials_for(&self, user: UserId, key: &str, (method, path, body): (&str, &str, &Value)) -> String {
        let steps = ["/propose", "/approve", "/decline", "/enable", "/invite", "/users", "/merge"];
        let place = path.split('?').next().unwrap_or(path);
        let decides = method == "POST" && steps.iter().any(|step| place.ends_with(step));
        let gives_roles = body["roles"].as_array().is_some_and(|roles| !roles.is_empty());
        let proves = body["recovery_code"].is_string() || body["totp"].is_string();
        if decides || gives_roles || proves { self.session_of(user) } else { key.to_owned() }
    }

    /// Asks on behalf of a person.
    pub(crate) fn get_as(&self, who: &Person, path: &str) -> Answer {
        who.get(self, path)
    }

    /// Sends a body on behalf of a person.
    pub(crate) fn post_as(&self, who: &Person, path: &str, body: &Value) -> Answer {
        who.post(self, path, body)
    }

    /// Sends a body, or none (null), on behalf of a person, with further headers.
    pub(crate) fn send_as(&self, who: &Person, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        who.send(self, method, path, headers, body)
    }
}

impl Person {
    /// The VASP of a member.
    #[track_caller]
    pub(crate) fn vasp(&self) -> VaspId {
        self.vasp.unwrap()
    }

    /// Sends a request with this key.
    pub(crate) fn send(&self, registry: &Registry, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let bearer = registry.credentials_for(self.user, &self.bearer, (method, path, body));
        let own = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        registry.client.send(method, path, &[&own, headers].concat(), &body)
    }

    /// Asks with this key.
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

    /// Posts a body, or none (null), with this key.
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
