//! Setting up and removing the authenticator app, and its recovery codes. These steps ask for the password again (`person`), and a change
//! of an existing app also for a code. So nobody who finds an open session can keep access.

use rand_core::RngCore;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::attempts::{About, Attempt, Judged, account_name};
use super::password::{compare, open_session};
use super::person::{Asked, Proof, What};
use super::recovery_code::{RECOVERY_CODES, RecoveryCode};
use super::second_factor::{Found, SecondFactor, code_hash, look_at, open, seal, use_up};
use super::session::{Holder, holder_of, needs, own_user};
use super::totp_code::TotpSecret;
use super::{SignIn, person};
use crate::acts::{CallerNetwork, Identity};
use crate::node::{Registry, ServiceError, invalid};
use vasp_pki::Match;
use vasp_record::password::Password;
use vasp_record::role::OrganisationKind;
use vasp_store::{Transaction, UserRow};
use vasp_words::ids::{CredentialId, SessionId};
use vasp_words::time::UtcTime;

/// A secret for an authenticator app.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NewTotp {
    /// The secret in base 32, for typing it into the app. It is shown only once.
    pub secret: String,
    /// The same secret as a URL, to show as a QR code.
    #[schema(example = "otpauth://totp/VASP%20registry:anna%40example.org?secret=…&issuer=VASP%20registry")]
    pub url: String,
}

/// A step that needs the caller's second factor.
pub struct Stepped<'a> {
    /// The registry.
    pub registry: &'a Registry,
    /// The caller.
    pub identity: &'a Identity,
    /// The caller's network address; `None` if unknown.
    pub from: Option<CallerNetwork>,
    /// The current time.
    pub now: UtcTime,
    /// The source of randomness.
    pub rng: &'a mut dyn RngCore,
}

impl Stepped<'_> {
    /// Draws a secret for a new app. It takes effect when its first code is confirmed.
    ///
    /// # Errors
    /// `ServiceError::Invalid` (`wrong_password`; `wrong_code` if the user has an app and its code is missing or wrong); `Forbidden` for a
    /// person without a password who did not sign in a moment ago; `BackOff`, `Overloaded`, `Key`, `Store`.
    pub fn begin_totp(mut self, proof: &Proof) -> Result<NewTotp, ServiceError> {
        let (sign_in, secret) = (self.registry.part::<SignIn>(), TotpSecret::draw(self.rng));
        let sealed = seal(sign_in, self.identity.user, &secret, self.rng)?;
        self.step_as_person("totp.begin", proof, false, |transaction, user| {
            transaction.keep_pending_totp(user.id, &sealed)?;
            Ok(NewTotp { secret: secret.base32(), url: secret.url(user.email.as_deref().unwrap_or(&user.name)) })
        })
    }

    /// Confirms a new secret by its first code, and returns new recovery codes. The session may then do everything that its user may. The
    /// other sessions end, and the person is notified.
    ///
    /// # Errors
    /// `ServiceError::IllegalStep` if no secret waits; `Invalid` (`wrong_code`); `BackOff`, `Changed`, `Key`, `Store`.
    pub fn confirm_totp(mut self, code: &str) -> Result<Vec<String>, ServiceError> {
        let (registry, identity, now) = (self.registry, self.identity, self.now);
        let id = identity.user;
        let pending = registry.store().read(|conn| conn.totp_of(id)).map_err(ServiceError::Store)?;
        let pending = pending.and_then(|totp| totp.pending_sealed);
        let none =
            || ServiceError::IllegalStep("No app is waiting for its first code; start with POST /v1/session/totp.".to_owned());
        let pending = pending.ok_or_else(none)?;
        let step = open(registry.part::<SignIn>(), id, &pending)?.step_of(code, now);
        let codes = draw_codes(self.rng);
        let done = self.judged("totp.confirm", None, "/code", |transaction, user, session| {
            let Some(step) = step else { return Ok(Err("wrong_code")) };
            if !transaction.confirm_totp(user.id, &pending, step, now)? {
                return Err(ServiceError::Changed("The secret was replaced in the meantime; confirm the newest one.".to_owned()));
            }
            keep_codes(transaction, user, &codes)?;
            transaction.lift_session(session)?;
            person::changed(transaction, registry, identity, What::SetUp)?;
            Ok(Ok((texts(&codes), user.email.clone())))
        });
        let (codes, email) = done?;
        person::mail(registry, email.as_deref(), What::SetUp, now);
        Ok(codes)
    }

    /// Removes the app and the recovery codes. The other sessions end, and the person is notified.
    ///
    /// # Errors
    /// `ServiceError::IllegalStep` for an operator's user, who must have one, and if there is none; `Invalid`
    /// (`wrong_password`, `wrong_code`); `Forbidden` as for a new one; `BackOff`, `Overloaded`, `Store`.
    pub fn remove_totp(mut self, proof: &Proof) -> Result<(), ServiceError> {
        if self.identity.kind == OrganisationKind::Operator {
            let detail = "Operators must have a second factor; POST /v1/session/totp replaces the app with another one.";
            return Err(ServiceError::IllegalStep(detail.to_owned()));
        }
        let (registry, identity, now) = (self.registry, self.identity, self.now);
        let email = self.step_as_person("totp.remove", proof, true, |transaction, user| {
            transaction.drop_totp(user.id)?;
            person::changed(transaction, registry, identity, What::Removed)?;
            Ok(user.email.clone())
        })?;
        person::mail(registry, email.as_deref(), What::Removed, now);
        Ok(())
    }

    /// Draws recovery codes that replace the earlier ones.
    ///
    /// # Errors
    /// `ServiceError::IllegalStep` without an app; `Invalid` (`wrong_code`); `BackOff`, `Store`.
    pub fn renew_recovery_codes(mut self, second: Option<&SecondFactor>) -> Result<Vec<String>, ServiceError> {
        let codes = draw_codes(self.rng);
        self.step("recovery_codes.renew", second, true, |transaction, user| {
            keep_codes(transaction, user, &codes)?;
            Ok(texts(&codes))
        })
    }

    /// Takes the second factor that the session still lacks.
    ///
    /// # Errors
    /// `ServiceError::IllegalStep` if it lacks none, or there is no app yet; `Invalid` (`wrong_code`); `BackOff`, `Store`.
    pub fn give_second_factor(mut self, second: Option<&SecondFactor>) -> Result<Holder, ServiceError> {
        if !self.identity.is_limited() {
            return Err(ServiceError::IllegalStep("The session does not require a second factor.".to_owned()));
        }
        let CredentialId::Session(session) = self.identity.credential else {
            return Err(ServiceError::IllegalStep("An API key cannot have a second factor.".to_owned()));
        };
        self.step("session.second_factor", second, true, |transaction, _| Ok(transaction.lift_session(session)?))?;
        let (registry, identity) = (self.registry, self.identity);
        // The identity was read before the step: the directory has its current scopes.
        let credentials = registry.directory().credentials();
        let lifted = credentials.get(identity.credential).map_or(identity, |credential| &credential.identity);
        registry.store().read(|conn| holder_of(conn, registry, lifted))
    }

    /// Runs `then` if the second factor is right. If `needed`, the user must have an app; otherwise, a user without an app needs no code.
    pub(crate) fn step<T>(
        &mut self,
        action: &str,
        second: Option<&SecondFactor>,
        needed: bool,
        then: impl FnOnce(&mut Transaction<'_>, &UserRow) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        self.take(action, None, second, needed, then)
    }

    /// Runs `then` if the second factor is right, as in [`Self::step`], and the person proves to be the sender. Such changes outlast the
    /// session.
    pub(super) fn step_as_person<T>(
        &mut self,
        action: &str,
        proof: &Proof,
        needed: bool,
        then: impl FnOnce(&mut Transaction<'_>, &UserRow) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let password = person::asked(self.registry, self.identity, proof, self.now)?;
        self.take(action, password, proof.second.as_ref(), needed, then)
    }

    fn take<T>(
        &mut self,
        action: &str,
        password: Option<Asked<'_>>,
        second: Option<&SecondFactor>,
        needed: bool,
        then: impl FnOnce(&mut Transaction<'_>, &UserRow) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let (registry, now, id) = (self.registry, self.now, self.identity.user);
        let read = registry.store().read::<_, ServiceError>(|conn| {
            let user = own_user(conn, self.identity)?;
            let has_totp = needs(conn, &user)?.1;
            Ok((has_totp, look_at(registry.part::<SignIn>(), conn, id, second, now)?))
        });
        let (has_totp, found) = read?;
        let none = || ServiceError::IllegalStep("There is no app yet; start with POST /v1/session/totp.".to_owned());
        if needed && !has_totp {
            return Err(none());
        }
        let pointer = if matches!(second, Some(SecondFactor::RecoveryCode(_))) { "/recovery_code" } else { "/totp" };
        self.judged(action, password.as_ref(), pointer, |transaction, user, _| {
            // Checked again: an app may have been set up or removed since.
            let has_totp = needs(transaction.conn(), user)?.1;
            if needed && !has_totp {
                return Err(none());
            }
            if has_totp && (found == Found::NotAsked || !use_up(transaction, user.id, &found)?) {
                return Ok(Err("wrong_code"));
            }
            then(transaction, user).map(Ok)
        })
    }

    /// Counts an attempt, and runs `judge` if the password is right, with the user's row locked and the session still open.
    fn judged<T>(
        &mut self,
        action: &str,
        password: Option<&Asked<'_>>,
        pointer: &str,
        judge: impl FnOnce(&mut Transaction<'_>, &UserRow, SessionId) -> Result<Result<T, &'static str>, ServiceError>,
    ) -> Result<T, ServiceError> {
        let (registry, identity) = (self.registry, self.identity);
        let user = registry.store().read(|conn| own_user(conn, identity))?;
        let attempt = Attempt::count(registry, Some(&account_name(&user)), self.from, self.now, self.rng)?;
        let is_person = match password {
            None => true,
            Some(Asked { phc, sent }) => match Password::given(sent) {
                Some(sent) => compare(registry, &attempt, &sent, Some(phc), self.rng)? != Match::No,
                None => false,
            },
        };
        let about = About { action, user: Some(&user), credential: Some(identity.credential.to_string()) };
        let done = attempt.conclude(&about, self.rng, |transaction| {
            if !is_person {
                return Ok(Judged::Wrong("wrong_password"));
            }
            let gone = || ServiceError::Changed("The session ended in the meantime; sign in again.".to_owned());
            let user = transaction.lock_user(user.id)?.ok_or_else(gone)?;
            let session = open_session(transaction, identity)?.ok_or_else(gone)?;
            if let Some(Asked { phc, .. }) = password
                && transaction.conn().password_of(user.id)?.as_ref() != Some(phc)
            {
                return Err(gone());
            }
            Ok(match judge(transaction, &user, session)? {
                Ok(value) => Judged::Right(value, json!({})),
                Err(reason) => Judged::Wrong(reason),
            })
        })?;
        done.ok_or_else(|| match is_person {
            false => invalid("/password", "wrong_password", "this is not the current password".to_owned()),
            true => invalid(pointer, "wrong_code", "the code is wrong or was already used; wait for the next code".to_owned()),
        })
    }
}

fn draw_codes(rng: &mut dyn RngCore) -> Vec<RecoveryCode> {
    (0..RECOVERY_CODES).map(|_| RecoveryCode::draw(rng)).collect()
}

fn keep_codes(transaction: &mut Transaction<'_>, user: &UserRow, codes: &[RecoveryCode]) -> Result<(), ServiceError> {
    let hashes: Vec<Vec<u8>> = codes.iter().map(code_hash).collect();
    Ok(transaction.replace_recovery_codes(user.id, &hashes)?)
}

fn texts(codes: &[RecoveryCode]) -> Vec<String> {
    codes.iter().map(ToString::to_string).collect()
}
