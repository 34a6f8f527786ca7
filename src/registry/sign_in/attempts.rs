//! An attempt to prove who one is: counted before it is judged, taken back where it was right, and in the audit chain either
//! way. What it is counted against stands in the database as a keyed digest.

use std::net::IpAddr;

use aws_lc_rs::hmac;
use rand_core::RngCore;
use serde_json::{Value, json};

use super::SignIn;
use crate::node::{ProblemCode, Refusal, Registry, ServiceError};
use vasp_log::audit::{AuditEvent, AuditOutcome};
use vasp_record::back_off::{Against, Attempts, KNOWN_SECS, MOST_KNOWN};
use vasp_store::{StoreError, Transaction, UserRow};
use vasp_words::time::UtcTime;

/// An attempt that was counted.
pub(crate) struct Attempt<'a> {
    registry: &'a Registry,
    now: UtcTime,
    against: Vec<(Vec<u8>, Against)>,
    address: Option<Vec<u8>>,
}

/// How an attempt ends.
pub(crate) enum Judged<T> {
    /// It was right: what it gives, and details for the audit chain.
    Right(T, Value),
    /// It was wrong: why, for the audit chain only.
    Wrong(&'static str),
}

/// What an attempt is about, for the audit chain.
pub(crate) struct About<'a> {
    /// What is done.
    pub action: &'a str,
    /// Whose it is, if that is known.
    pub user: Option<&'a UserRow>,
    /// With which session, if with one.
    pub credential: Option<String>,
}

impl<'a> Attempt<'a> {
    /// Counts an attempt against an account, if one is named, and a network address, if there is one. Where the account signed in
    /// from that address of late, the attempt counts against both together, and not against the account elsewhere.
    ///
    /// # Errors
    /// `ServiceError::BackOff` where either has to wait; `Store`.
    pub(crate) fn count(
        registry: &'a Registry,
        account: Option<&str>,
        from: Option<IpAddr>,
        now: UtcTime,
        rng: &mut dyn RngCore,
    ) -> Result<Self, ServiceError> {
        let sign_in = registry.part::<SignIn>();
        let address = from.map(|address| sign_in.hidden("address", &address.to_string()));
        let counted = registry.store().write(now, rng, |transaction| {
            let mut against: Vec<_> = address.iter().map(|address| (address.clone(), Against::Address)).collect();
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
            // In one order, as everybody locks them.
            against.sort_by(|one, other| one.0.cmp(&other.0));
            let mut counted = Vec::new();
            for (subject, kind) in &against {
                let attempts = transaction.lock_attempts(subject)?;
                let blocked = |blocked: vasp_record::back_off::Blocked| {
                    let detail = format!("Too many attempts were wrong; the next is looked at in {} s.", blocked.secs);
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

    /// Remembers that a user signs in from here, with its row locked: from now on its attempts from here count apart.
    pub(crate) fn remember(&self, transaction: &mut Transaction<'_>, user: &UserRow) -> Result<(), ServiceError> {
        let Some(address) = &self.address else { return Ok(()) };
        let account = self.registry.part::<SignIn>().account(user);
        transaction.note_signed_in_from(&account, address, MOST_KNOWN).map_err(ServiceError::Store)
    }

    /// Judges the attempt in one transaction with what follows from it. None where it was wrong: then nothing but the count
    /// and a line in the audit chain stays.
    ///
    /// # Errors
    /// What `judge` returns; then nothing stays but the count.
    pub(crate) fn conclude<T>(
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
    pub(crate) fn take_back(&self, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
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
    /// What attempts at a user's account are counted against, and from where it signed in is kept under.
    pub(crate) fn account(&self, user: &UserRow) -> Vec<u8> {
        self.hidden("account", &account_name(user))
    }

    /// Hides what attempts are counted against: a digest that cannot be recomputed without the master key.
    fn hidden(&self, kind: &str, text: &str) -> Vec<u8> {
        hmac::sign(&self.attempts, format!("{kind}:{text}").as_bytes()).as_ref().to_vec()
    }
}

/// By what a user's account is named where attempts are counted: as the user signs in.
pub(super) fn account_name(user: &UserRow) -> String {
    user.email.clone().unwrap_or_else(|| user.id.to_string())
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
