//! The invented people of a sandbox or a demo. They are enrolled as real people are: by a one-time link, a password and an authenticator app. What
//! they do, they do over HTTP, so that nothing got there in another way than in a registry.

use rand_core::RngCore;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::StageError;
use super::client::Client;
use crate::node::Registry;
use crate::organisations::credentials::invite_user;
use crate::organisations::{NewUser, create_api_key, create_organisation, create_user};
use crate::sign_in::totp_code::TotpSecret;
use crate::watch::Watcher;
use vasp_clock::{Clock, Random};
use vasp_record::role::{OrganisationKind, Role, Scope, UserKind};
use vasp_words::ids::{OrganisationId, UserId, VaspId};

/// The password of every invented person. It protects nothing.
pub(super) const PASSWORD: &str = "quartz lantern 82 pelican";

/// How what is invented is called.
pub(super) struct Setting {
    /// The name of the registry's organisation.
    pub(super) registry: &'static str,
    /// The domain of e-mail addresses.
    pub(super) mail: &'static str,
    /// The source of evidence, and the reason of decisions.
    pub(super) invented: &'static str,
}

/// What the invented people act with.
pub(super) struct Stage<'a> {
    pub(super) setting: &'static Setting,
    pub(super) registry: &'a Registry,
    pub(super) clock: &'a dyn Clock,
    pub(super) random: &'a Random,
    pub(super) client: &'a Client,
}

/// An invented person who has signed in.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Person {
    /// How the person signs in again.
    pub(super) sign_in: SignInCard,
    user: UserId,
    session: String,
}

impl Person {
    /// Whether this is the person's name, as the part of the e-mail address before the `@`.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.sign_in.email.split('@').next() == Some(name)
    }
}

/// How a person signs in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct SignInCard {
    /// What the person does.
    #[schema(example = "reviews cases of the registry")]
    pub(crate) part: String,
    /// The e-mail address.
    #[schema(example = "anna@sandbox.test")]
    pub(crate) email: String,
    /// The password.
    pub(crate) password: String,
    /// The secret of the authenticator app in base 32.
    pub(crate) totp_secret: String,
}

/// A person to be.
pub(super) struct Part {
    /// The first name, also in the e-mail address.
    pub(super) name: &'static str,
    /// What the person does, for people who want to act as this one.
    pub(super) part: &'static str,
    /// The roles in the organisation.
    pub(super) roles: &'static [Role],
}

impl Stage<'_> {
    /// Makes an organisation, which may have a VASP.
    pub(super) fn organisation(
        &self,
        name: &str,
        kind: OrganisationKind,
        vasp: Option<VaspId>,
    ) -> Result<OrganisationId, StageError> {
        let made = create_organisation(self.registry, name, kind, vasp, self.clock.now(), &mut self.rng());
        made.map_err(StageError::Service)
    }

    /// Makes a key of a program of an organisation.
    pub(super) fn key(&self, organisation: OrganisationId, scopes: &[Scope]) -> Result<String, StageError> {
        let user = NewUser { name: "Program".to_owned(), email: None, kind: UserKind::Machine, roles: vec![] };
        let (now, mut rng) = (self.clock.now(), self.rng());
        let user = create_user(self.registry, organisation, &user, now, &mut rng).map_err(StageError::Service)?;
        self.key_of(user, scopes)
    }

    /// Judges the watched counterparties now, as a server does every second.
    pub(super) fn look(&self) -> Result<(), StageError> {
        let looked = Watcher::default().step(self.registry, self.clock.now(), &mut self.rng(), &|| false);
        looked.map(drop).map_err(StageError::Service)
    }

    /// Makes a key of a person.
    pub(super) fn own_key(&self, person: &Person, scopes: &[Scope]) -> Result<String, StageError> {
        self.key_of(person.user, scopes)
    }

    fn key_of(&self, user: UserId, scopes: &[Scope]) -> Result<String, StageError> {
        let key = create_api_key(self.registry, user, scopes, None, self.clock.now(), &mut self.rng());
        Ok(key.map_err(StageError::Service)?.text)
    }

    /// Has a person enrol: a password, and an authenticator app.
    pub(super) fn person(&self, organisation: OrganisationId, part: &Part) -> Result<Person, StageError> {
        let email = format!("{}@{}", part.name.to_lowercase(), self.setting.mail);
        let new = NewUser {
            name: part.name.to_owned(),
            email: Some(email.clone()),
            kind: UserKind::Person,
            roles: part.roles.to_vec(),
        };
        let invited = invite_user(self.registry, organisation, &new, self.clock.now(), &mut self.rng());
        let (user, link) = invited.map_err(StageError::Service)?;
        let body = json!({"secret": link.secret, "password": PASSWORD});
        let begun = self.client.send(None, "POST", "/v1/enrolment", &[], Some(&body))?;
        let session = text(&begun, "/secret")?;
        let app = self.client.send(Some(&session), "POST", "/v1/session/totp", &[], Some(&json!({"password": PASSWORD})))?;
        let secret = text(&app, "/secret")?;
        let code = json!({"code": code(&secret, self.clock)?});
        self.client.send(Some(&session), "POST", "/v1/session/totp/confirm", &[], Some(&code))?;
        let sign_in = SignInCard { part: part.part.to_owned(), email, password: PASSWORD.to_owned(), totp_secret: secret };
        Ok(Person { sign_in, user, session })
    }

    /// Returns a person with a session that is in use: the person signs in again if it ended.
    pub(super) fn signed_in(&self, who: Person) -> Result<Person, StageError> {
        if self.send(&who, "GET", "/v1/session", &[], None).is_ok() {
            return Ok(who);
        }
        let SignInCard { email, password, totp_secret, .. } = &who.sign_in;
        let body = json!({"email": email, "password": password, "totp": code(totp_secret, self.clock)?});
        let begun = self.client.send(None, "POST", "/v1/session", &[], Some(&body))?;
        Ok(Person { session: text(&begun, "/secret")?, ..who })
    }

    /// Posts on behalf of a person, and returns the answer.
    pub(super) fn post(&self, who: &Person, path: &str, body: &Value) -> Result<Value, StageError> {
        self.client.send(Some(&who.session), "POST", path, &[("If-Match", "*")], Some(body))
    }

    /// Approves a proposal on behalf of a person.
    pub(super) fn approve(&self, who: &Person, proposed: &Value) -> Result<(), StageError> {
        let approval = json!({"digest": text(proposed, "/digest")?});
        self.post(who, &format!("/v1/proposals/{}/approve", text(proposed, "/id")?), &approval).map(drop)
    }

    /// Sends a request with headers on behalf of a person, and returns the answer.
    pub(super) fn send(
        &self,
        who: &Person,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Value, StageError> {
        self.client.send(Some(&who.session), method, path, headers, body)
    }

    fn rng(&self) -> impl RngCore + use<> {
        self.random.fork()
    }
}

/// Returns a text of an answer.
pub(super) fn text(answer: &Value, pointer: &str) -> Result<String, StageError> {
    answer
        .pointer(pointer)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| StageError::Lacks { member: pointer.to_owned(), answer: answer.to_string() })
}

fn code(secret: &str, clock: &dyn Clock) -> Result<String, StageError> {
    let bytes = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).ok();
    let secret = bytes.as_deref().and_then(TotpSecret::from_bytes);
    let wrong = || StageError::Lacks { member: "/secret".to_owned(), answer: "a secret that is no base 32".to_owned() };
    Ok(secret.ok_or_else(wrong)?.code_at(clock.now()))
}
