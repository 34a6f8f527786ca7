//! People and organisations as the command line makes them: the first ones, whom nobody made.

use serde_json::Value;
use vasp_clock::Clock;
use vasp_record::role::{OrganisationKind, Role, Scope, UserKind};
use vasp_registry::service::{self, NewUser};
use vasp_words::ids::OrganisationId;

use super::{Answer, Registry};

/// Somebody with a key that has every scope of its organisation's kind.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// What to send as `Authorization`.
    pub authorization: String,
}

impl Registry {
    /// Makes an organisation.
    pub(crate) fn organisation(&self, kind: OrganisationKind, name: &str) -> OrganisationId {
        service::create_organisation(&self.registry, name, kind, None, self.clock.now(), &mut self.random.fork()).unwrap()
    }

    /// Makes a person of an organisation, with roles and a key.
    pub(crate) fn person(&self, organisation: OrganisationId, kind: OrganisationKind, roles: &[Role]) -> Person {
        let (now, mut rng) = (self.clock.now(), self.random.fork());
        let new = NewUser { name: "Somebody".to_owned(), email: None, kind: UserKind::Person, roles: roles.to_vec() };
        let user = service::create_user(&self.registry, organisation, &new, now, &mut rng).unwrap();
        let scopes: Vec<Scope> = Scope::ALL.iter().copied().filter(|scope| scope.exists_in(kind)).collect();
        let key = service::create_api_key(&self.registry, user, &scopes, None, now, &mut rng).unwrap();
        Person { authorization: format!("Bearer {}", key.text) }
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
        let mut all = vec![("authorization", who.authorization.as_str())];
        all.extend(headers);
        if body.is_null() {
            return self.client.send(method, path, &all, "");
        }
        all.push(("content-type", "application/json"));
        self.client.send(method, path, &all, &body.to_string())
    }
}
