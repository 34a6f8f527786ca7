//! An attempt to prove who one is: counted before it is judged, taken back where it was right, and in the audit chain either
//! way. What it is counted against stands in the database as a keyed digest.

use std::net::IpAddr;

use aws_lc_rs::hmac;
use rand_core::RngCore;
use serde_json::{Value, json};

use super::SignIn;
use crate::service::{Registry, ServiceError};
use vasp_log::audit::{AuditEvent, AuditOutcome};
use vasp_record::back_off::{Against, Attempts};
use vasp_store::{StoreError, Transaction, UserRow};
use vasp_words::time::UtcTime;

/// An attempt that was counted.
pub(in crate::service) struct Attempt<'a> {
    registry: &'a Registry,
    now: UtcTime,
    against: Vec<(Vec<u8>, Against)>,
}

/// How an attempt ends.
pub(in crate::service) enum Judged<T> {
    /// It was right: what it gives, and details for the audit chain.
    Right(T, Value),
    /// It was wrong: why, for the audit chain only.
    Wrong(&'static str),
}

/// What an attempt is about, for the audit chain.
pub(in crate::service) struct About<'a> {
    /// What is done.
    pub action: &'a str,
    /// Whose it is, if that is known.
    pub user: Option<&'a UserRow>,
    /// With which session, if with one.
    pub credential: Option<String>,
}

impl<'a> Attempt<'a> {
    /// Counts an attempt against an account, if one is named, and a network address, if there is one.
    ///
    /// # Errors
    /// `ServiceError::BackOff` where either has to wait; `Store`.
    pub(in crate::service) fn count(
        registry: &'a Registry,
        account: Option<&str>,
        from: Option<IpAddr>,
        now: UtcTime,
        rng: &mut dyn RngCore,
    ) -> Result<Self, ServiceError> {
        let sign_in = registry.sign_in();
        let account = account.map(|account| (sign_in.hidden("account", account), Against::Account));
        let address = from.map(|address| (sign_in.hidden("address", &address.to_string()), Against::Address));
        let mut against: Vec<_> = account.into_iter().chain(address).collect();
        // In one order, as everybody locks them.
        against.sort_by(|one, other| one.0.cmp(&other.0));
        registry.store().write(now, rng, |transaction| {
            let mut counted = Vec::new();
            for (subject, kind) in &against {
                let attempts = transaction.lock_attempts(subject)?;
                let blocked = |blocked: vasp_record::back_off::Blocked| ServiceError::BackOff { secs: blocked.secs };
                counted.push((subject, attempts.count(*kind, now).map_err(blocked)?));
            }
            for (subject, attempts) in counted {
                transaction.set_attempts(subject, attempts)?;
            }
            Ok::<_, ServiceError>(())
        })?;
        Ok(Self { registry, now, against })
    }

    /// Judges the attempt in one transaction with what follows from it. None where it was wrong: then nothing but the count
    /// and a line in the audit chain stays.
    ///
    /// # Errors
    /// What `judge` returns; then nothing stays but the count.
    pub(in crate::service) fn conclude<T>(
        &self,
        about: &About<'_>,
        rng: &mut dyn RngCore,
        judge: impl FnOnce(&mut Transaction<'_>) -> Result<Judged<T>, ServiceError>,
    ) -> Result<Option<T>, ServiceError> {
        let written = self.registry.store().write(self.now, rng, |transaction| {
            // Before anything else is locked, as everybody does.
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

    /// Takes the count back: the attempt could not be judged.
    pub(in crate::service) fn take_back(&self, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
        self.registry.store().write::<_, ServiceError>(self.now, rng, |transaction| {
            for ((subject, _), attempts) in self.against.iter().zip(self.lock(transaction)?) {
                transaction.set_attempts(subject, attempts.forgive(Against::Address))?;
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
    /// Hides what attempts are counted against: a digest that cannot be recomputed without the master key.
    fn hidden(&self, kind: &str, text: &str) -> Vec<u8> {
        hmac::sign(&self.attempts, format!("{kind}:{text}").as_bytes()).as_ref().to_vec()
    }
}

/// Another writer changed what was read: the caller may read it again.
pub(super) fn stale_is_changed(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::Store(StoreError::Stale { .. }) => {
            ServiceError::Changed("The user or session changed meanwhile; repeat.".to_owned())
        }
        other => other,
    }
}
