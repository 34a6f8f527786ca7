//! People and organisations as the command line makes them: the first ones, whom nobody made.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::Value;
use vasp_clock::Clock;
use vasp_record::bearer::{BearerToken, draw_secret};
use vasp_record::role::{OrganisationKind, Role, Scope, UserKind};
use vasp_registry::organisations::NewUser;
use vasp_store::{SessionRow, StoreError};
use vasp_words::ids::{CredentialId, OrganisationId, SessionId, UserId};
use vasp_words::sql::Flag;

use super::{Answer, KeyHolder, Registry};
use crate::sign_in::world::secret_of;

/// Somebody with a key that has every scope of its organisation's kind.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub user: UserId,
    /// What to send as `Authorization`.
    pub authorization: String,
}

impl Registry {
    /// Makes an organisation.
    pub(crate) fn organisation(&self, kind: OrganisationKind, name: &str) -> OrganisationId {
        vasp_registry::organisations::create_organisation(
            &self.registry,
            name,
            kind,
            None,
            self.clock.now(),
            &mut self.random.fork(),
        )
        .unwrap()
    }

    /// Makes a person of an organisation, with roles and a key.
    pub(crate) fn person(&self, organisation: OrganisationId, kind: OrganisationKind, roles: &[Role]) -> Person {
        let (now, mut rng) = (self.clock.now(), self.random.fork());
        let new = NewUser { name: "Somebody".to_owned(), email: None, kind: UserKind::Person, roles: roles.to_vec() };
        let user = vasp_registry::organisations::create_user(&self.registry, organisation, &new, now, &mut rng).unwrap();
        let scopes: Vec<Scope> = Scope::ALL.iter().copied().filter(|scope| scope.exists_in(kind)).collect();
        let key = vasp_registry::organisations::create_api_key(&self.registry, user, &scopes, None, now, &mut rng).unwrap();
        Person { user, authorization: format!("Bearer {}", key.text) }
    }

    /// Begins a session of a user with its second factor given, as signing in does, and returns its `Authorization`.
    pub(crate) fn session_of(&self, user: UserId) -> String {
        let (now, mut rng) = (self.clock.now(), self.random.fork());
        let (id, secret) = (SessionId::new(now, &mut rng), draw_secret(&mut rng));
        let token = BearerToken { credential: CredentialId::Session(id), secret };
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

    /// Returns whose key an `Authorization` carries.
    pub(crate) fn user_of(&self, authorization: &str) -> UserId {
        let now = self.clock.now();
        vasp_registry::acts::authenticate(&self.registry, authorization, now)
            .unwrap()
            .over(&self.registry, None, now)
            .unwrap()
            .user
    }

    /// Sets an app for codes up, and returns its recovery codes.
    pub(crate) fn app_of(&self, who: &KeyHolder) -> Vec<String> {
        let session = self.session_of(who.user);
        let headers = [("authorization", session.as_str()), ("content-type", "application/json")];
        let made = self.client.send("POST", "/v1/session/totp", &headers, "{}");
        let code = secret_of(&made.json()).code_at(self.clock.now());
        let confirmed =
            self.client.send("POST", "/v1/session/totp/confirm", &headers, &serde_json::json!({"code": code}).to_string());
        serde_json::from_value(confirmed.json()["recovery_codes"].clone()).unwrap()
    }

    /// Returns what a person sends with a request: a session for what takes one, its key for all else.
    pub(crate) fn credentials_for(&self, user: UserId, key: &str, (method, path, body): (&str, &str, &Value)) -> String {
        let steps = ["/propose", "/approve", "/decline", "/roles", "/enable", "/invite", "/users", "/merge"];
        let decides = method == "POST" && steps.iter().any(|step| path.ends_with(step));
        let gives_roles = body["roles"].as_array().is_some_and(|roles| !roles.is_empty());
        let proves = body["recovery_code"].is_string() || body["totp"].is_string();
        if decides || gives_roles || proves { self.session_of(user) } else { key.to_owned() }
    }

    /// Makes a person of a new organisation.
    pub(crate) fn person_of_new(&self, kind: OrganisationKind, roles: &[Role]) -> Person {
        let organisation = self.organisation(kind, kind.as_str());
        self.person(organisation, kind, roles)
    }

    /// Asks on behalf of a person.
    pub(crate) fn get_as(&self, who: &Person, path: &str) -> Answer {
        self.client.get_with(path, &[("authorization", &who.authorization)])
    }

    /// Sends a body on behalf of a person.
    pub(crate) fn post_as(&self, who: &Person, path: &str, body: &Value) -> Answer {
        self.send_as(who, "POST", path, &[], body)
    }

    /// Sends a body, or none (null), on behalf of a person, with further headers.
    pub(crate) fn send_as(&self, who: &Person, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let authorization = self.credentials_for(who.user, &who.authorization, (method, path, body));
        let mut all = vec![("authorization", authorization.as_str())];
        all.extend(headers);
        if body.is_null() {
            return self.client.send(method, path, &all, "");
        }
        all.push(("content-type", "application/json"));
        self.client.send(method, path, &all, &body.to_string())
    }
}
