//! Attempts to sign in or to prove who the caller is. An attempt is counted before it is checked; the count is taken back if it was right.
//! The audit chain records it either way. The database stores accounts and addresses only as a keyed digest.

use std::num::NonZeroU32;

use aws_lc_rs::hmac;
use rand_core::RngCore;
use serde_json::{Value, json};

use super::SignIn;
use crate::acts::CallerNetwork;
use crate::node::{ProblemCode, Refusal, Registry, ServiceError};
use vasp_log::audit::{AuditEvent, AuditOutcome};
use vasp_record::back_off::{Against, Attempts, KNOWN_SECS, MOST_KNOWN};
use vasp_store::{StoreError, Transaction, UserRow};
use vasp_words::time::UtcTime;

/// A counted attempt.
pub(crate) struct Attempt<'a> {
    registry: &'a Registry,
    now: UtcTime,
    against: Vec<(Vec<u8>, Against)>,
    address: Option<Vec<u8>>,
}

/// The result of an attempt.
pub(crate) enum Judged<T> {
    /// It was right: the value that follows, and details for the audit chain.
    Right(T, Value),
    /// It was wrong: the reason, for the audit chain only.
    Wrong(&'static str),
}

/// What an attempt is about, for the audit chain.
pub(crate) struct About<'a> {
    /// The action.
    pub action: &'a str,
    /// The user; `None` if unknown.
    pub user: Option<&'a UserRow>,
    /// The session that was used; `None` if there was none.
    pub credential: Option<String>,
}

impl<'a> Attempt<'a> {
    /// Counts an attempt against an account, if one is named, and against a network address, if there is one. If the account signed in from
    /// that address recently, the attempt counts against the pair of both. Then it does not count against the account at other addresses.
    ///
    /// # Errors
    /// `ServiceError::BackOff` if either has to wait; `Store`.
    pub(crate) fn count(
        registry: &'a Registry,
        account: Option<&str>,
        from: Option<CallerNetwork>,
        now: UtcTime,
        rng: &mut dyn RngCore,
    ) -> Result<Self, ServiceError> {
        let sign_in = registry.part::<SignIn>();
        let hidden = |network: CallerNetwork| sign_in.hidden("address", &network.to_string());
        let address = from.map(hidden);
        let counted = registry.store().write(now, rng, |transaction| {
            let counted = from.into_iter().flat_map(CallerNetwork::counted);
            let mut against: Vec<_> =
                counted.map(|(network, allowances)| (hidden(network), Against::Network(allowances))).collect();
            if let Some(account) = account {
                let everywhere = sign_in.hidden("account", account);
                let is_known = match &address {
                    Some(address) => transaction.conn().signed_in_from(&everywhere, address, now.plus_secs(-KNOWN_SECS))?,
                    None => false,
                };
                let there =
                    from.filter(|_| is_known).map(|from| sign_in.hidden("account at address", &format!("{account} {from}")));
                against.push((there.unwrap_or(everywhere), Against::Account));
            }
            // Every writer locks them in the same order.
            against.sort_by(|one, other| one.0.cmp(&other.0));
            let mut counted = Vec::new();
            for (subject, kind) in &against {
                let attempts = transaction.lock_attempts(subject)?;
                let blocked = |blocked: vasp_record::back_off::Blocked| {
                    let detail = format!("There were too many wrong attempts; try again in {} s.", blocked.secs);
                    ServiceError::from(Refusal::new(ProblemCode::RateLimited, detail).retry_after_secs(blocked.secs))
                };
                counted.push((subject, attempts.count(*kind, now).map_err(blocked)?));
            }
            for (subject, attempts) in counted {
                transaction.set_attempts(subject, attempts)?;
            }
            Ok::<_, ServiceError>(against)
        })?;
        Ok(Self { registry, now, against: counted.value, address })
    }

    /// Remembers that a user signs in from this address, with the user's row locked. From now on, its attempts from here are counted apart.
    pub(crate) fn remember(&self, transaction: &mut Transaction<'_>, user: &UserRow) -> Result<(), ServiceError> {
        let Some(address) = &self.address else { return Ok(()) };
        let account = self.registry.part::<SignIn>().account(user);
        transaction.note_signed_in_from(&account, address, MOST_KNOWN).map_err(ServiceError::Store)
    }

    /// Decides the attempt, in one transaction with everything that follows from it. Returns `None` if the attempt was wrong: then only the
    /// count and a line in the audit chain remain.
    ///
    /// # Errors
    /// Those of `judge`; then only the count remains.
    pub(crate) fn conclude<T>(
        &self,
        about: &About<'_>,
        rng: &mut dyn RngCore,
        judge: impl FnOnce(&mut Transaction<'_>) -> Result<Judged<T>, ServiceError>,
    ) -> Result<Option<T>, ServiceError> {
        let written = self.registry.store().write(self.now, rng, |transaction| {
            // Every writer locks the counts before anything else.
            let locked = self.lock(transaction)?;
            match judge(transaction)? {
                Judged::Right(value, details) => {
                    for ((subject, kind), attempts) in self.against.iter().zip(locked) {
                        transaction.set_attempts(subject, attempts.forgive(*kind))?;
                    }
                    transaction.audit(about.event(AuditOutcome::Done, details));
                    Ok(Some(value))
                }
                Judged::Wrong(reason) => {
                    transaction.audit(about.event(AuditOutcome::Refused, json!({"reason": reason})));
                    Ok(None)
                }
            }
        });
        let concluded: Option<T> = written.map_err(stale_is_changed)?.value;
        self.registry.let_others_know();
        Ok(concluded)
    }

    /// Takes the count back, because the attempt could not be checked.
    pub(crate) fn take_back(&self, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
        self.registry.store().write::<_, ServiceError>(self.now, rng, |transaction| {
            for ((subject, _), attempts) in self.against.iter().zip(self.lock(transaction)?) {
                transaction.set_attempts(subject, attempts.forgive(Against::Network(NonZeroU32::MIN)))?;
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Locks and reads the counts, in order.
    fn lock(&self, transaction: &mut Transaction<'_>) -> Result<Vec<Attempts>, StoreError> {
        self.against.iter().map(|(subject, _)| transaction.lock_attempts(subject)).collect()
    }
}

impl About<'_> {
    pub(super) fn event(&self, outcome: AuditOutcome, payload: Value) -> AuditEvent {
        AuditEvent {
            organisation: self.user.map(|user| user.organisation.to_string()),
            actor: self.user.map(|user| user.id.to_string()),
            credential: self.credential.clone(),
            action: self.action.to_owned(),
            subject: self.user.map(|user| user.id.to_string()),
            outcome,
            payload,
        }
    }
}

impl SignIn {
    /// Returns the digest of a user's account, for counting attempts and for remembering the addresses of its sign-ins.
    pub(crate) fn account(&self, user: &UserRow) -> Vec<u8> {
        self.hidden("account", &account_name(user))
    }

    /// Returns a digest that hides an account or address. Nobody can compute it without the master key.
    fn hidden(&self, kind: &str, text: &str) -> Vec<u8> {
        hmac::sign(&self.attempts, format!("{kind}:{text}").as_bytes()).as_ref().to_vec()
    }
}

/// Returns the name of a user's account for counting attempts: the name with which the user signs in.
pub(super) fn account_name(user: &UserRow) -> String {
    user.email.clone().unwrap_or_else(|| user.id.to_string())
}

/// Turns the error of a stale read into `Changed`: another writer changed the row, so the caller may read it again.
pub(super) fn stale_is_changed(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::Store(StoreError::Stale { .. }) => {
            ServiceError::Changed("The user or session changed while the request was running; repeat the request.".to_owned())
        }
        other => other,
    }
}
