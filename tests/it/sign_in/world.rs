//! People of a test: invited as the command line does it, signed in over HTTP.

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::role::{OrganisationKind, Role, UserKind};
use vasp_registry::organisations::NewUser;
use vasp_registry::sign_in::totp_code::TotpSecret;
use vasp_store::{AuditFilter, AuditRow, StoreError};
use vasp_words::ids::UserId;

use crate::support::{Answer, Registry};

/// Long, and no word of any list.
pub(crate) const PASSWORD: &str = "gentle lamp vivid crate";
pub(crate) const OTHER_PASSWORD: &str = "seven quiet otters paddle";

/// Somebody who was invited.
pub(crate) struct Invited {
    pub user: UserId,
    pub email: String,
    pub link: String,
}

/// Somebody who signs in.
pub(crate) struct SignedIn {
    pub user: UserId,
    pub email: String,
    /// The session that began it.
    pub token: String,
    /// The app.
    pub totp: Option<TotpSecret>,
    pub recovery_codes: Vec<String>,
}

impl Registry {
    /// Invites a person of a new organisation.
    pub(crate) fn invite(&self, kind: OrganisationKind, roles: &[Role]) -> Invited {
        let (now, mut rng) = (self.clock.now(), self.random.fork());
        let organisation =
            vasp_registry::organisations::create_organisation(&self.registry, "Example Ltd", kind, None, now, &mut rng).unwrap();
        let email = format!("{}@example.org", organisation.to_string().to_lowercase());
        let user = NewUser {
            name: "Anna Schmidt".to_owned(),
            email: Some(email.clone()),
            kind: UserKind::Person,
            roles: roles.to_vec(),
        };
        let (user, link) =
            vasp_registry::organisations::credentials::invite_user(&self.registry, organisation, &user, now, &mut rng).unwrap();
        Invited { user, email, link: link.secret }
    }

    /// Redeems a link.
    pub(crate) fn redeem(&self, link: &str, password: &str) -> Answer {
        self.client.post("/v1/enrolment", &json!({"secret": link, "password": password}))
    }

    /// A member's person who has redeemed its link.
    pub(crate) fn member(&self) -> SignedIn {
        let Invited { user, email, link } = self.invite(OrganisationKind::Member, &[Role::Editor]);
        let begun = begun(&self.redeem(&link, PASSWORD));
        SignedIn { user, email, token: token(&begun), totp: None, recovery_codes: Vec::new() }
    }

    /// An operator's person who has an app.
    pub(crate) fn operator(&self, roles: &[Role]) -> SignedIn {
        let Invited { user, email, link } = self.invite(OrganisationKind::Operator, roles);
        let begun = begun(&self.redeem(&link, PASSWORD));
        let mut person = SignedIn { user, email, token: token(&begun), totp: None, recovery_codes: Vec::new() };
        self.set_app_up(&mut person);
        person
    }

    /// Sets an app up.
    pub(crate) fn set_app_up(&self, person: &mut SignedIn) {
        let made = self.send(&person.token, "POST", "/v1/session/totp", &json!({"password": PASSWORD})).with(201);
        let totp = secret_of(&made.json());
        let confirmed = self
            .send(&person.token, "POST", "/v1/session/totp/confirm", &json!({"code": totp.code_at(self.clock.now())}))
            .with(200);
        let codes =
            confirmed.json()["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect();
        (person.totp, person.recovery_codes) = (Some(totp), codes);
    }

    /// Signs in.
    pub(crate) fn sign_in(&self, person: &SignedIn, password: &str, second: Option<(&str, &str)>) -> Answer {
        let mut sent = json!({"email": person.email, "password": password});
        if let Some((member, code)) = second {
            sent[member] = json!(code);
        }
        self.client.post("/v1/session", &sent)
    }

    /// Sends a request with a token.
    pub(crate) fn send(&self, token: &str, method: &str, path: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        self.client.send(method, path, &headers, &if body.is_null() { String::new() } else { body.to_string() })
    }

    /// Status of asking who one is.
    pub(crate) fn who(&self, token: &str) -> u16 {
        self.send(token, "GET", "/v1/session", &Value::Null).status.as_u16()
    }

    /// The code that an app shows now.
    pub(crate) fn code(&self, person: &SignedIn) -> String {
        person.totp.as_ref().unwrap().code_at(self.clock.now())
    }

    /// The audit chain's events of an action, oldest first.
    pub(crate) fn audited(&self, action: &str) -> Vec<AuditRow> {
        let filter = AuditFilter { action: Some(action.to_owned()), ..AuditFilter::default() };
        let mut rows = self.registry.store().read::<_, StoreError>(|conn| conn.audit_events(&filter, i64::MAX, 1_000)).unwrap();
        rows.reverse();
        rows
    }
}

/// The body of an answer that began a session.
#[track_caller]
pub(crate) fn begun(answer: &Answer) -> Value {
    assert_eq!(answer.status.as_u16(), 201, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "private, no-store");
    answer.json()
}

/// Its token.
pub(crate) fn token(begun: &Value) -> String {
    begun["secret"].as_str().unwrap().to_owned()
}

/// The secret of a new app, as the app reads it.
pub(crate) fn secret_of(made: &Value) -> TotpSecret {
    let typed = made["secret"].as_str().unwrap();
    let bytes = data_encoding::BASE32_NOPAD.decode(typed.as_bytes()).unwrap();
    assert!(made["url"].as_str().unwrap().contains(&format!("secret={typed}&")), "{made}");
    TotpSecret::from_bytes(&bytes).unwrap()
}
