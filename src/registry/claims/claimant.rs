//! Checks who may claim addresses: the verified VASP of a member. A listed, drafted, suspended or revoked VASP may only withdraw claims.
//! Its earlier claims stay as they are, shown with the record's status. So a resolve request still finds the VASP that the registry warns
//! of.

use std::sync::Arc;

use crate::acts::Identity;
use crate::directory::Generation;
use crate::ledger::status_of;
use crate::node::{Registry, ServiceError};
use vasp_record::resolution::Parties;
use vasp_record::vasp::VaspStatus;
use vasp_store::Transaction;
use vasp_words::ids::{OrganisationId, UserId, VaspId};
use vasp_words::time::UtcTime;

/// On whose behalf claims are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Speaker {
    /// The organisation that owns the claims.
    pub organisation: OrganisationId,
    /// The user who acts; `None` for the registry itself.
    pub user: Option<UserId>,
}

impl From<&Identity> for Speaker {
    fn from(identity: &Identity) -> Self {
        Self { organisation: identity.organisation, user: Some(identity.user) }
    }
}

/// A verified VASP that makes claims for itself.
pub(super) struct Claimant {
    /// Its record.
    pub vasp: VaspId,
    /// Number of the record.
    pub number: i64,
    /// The directory generation in which it is verified.
    pub generation: Arc<Generation>,
    /// Whether it left its group in this transaction, which that generation does not show yet.
    pub left_group: bool,
}

fn illegal(words: &str) -> ServiceError {
    ServiceError::IllegalStep(format!("{words} Only a verified VASP can claim addresses."))
}

impl Claimant {
    /// Returns the caller's VASP.
    ///
    /// # Errors
    /// `ServiceError::IllegalStep` if it is not verified.
    pub(super) fn of(registry: &Registry, identity: &Identity, now: UtcTime) -> Result<Self, ServiceError> {
        let vasp = identity.vasp.ok_or_else(|| illegal("The organisation has no verified VASP."))?;
        Self::verified(registry, vasp, now)
    }

    /// Returns a VASP if it is verified.
    ///
    /// # Errors
    /// `ServiceError::IllegalStep` if it is not verified.
    pub(super) fn verified(registry: &Registry, vasp: VaspId, now: UtcTime) -> Result<Self, ServiceError> {
        let generation = registry.pin(now);
        let record = generation.records().get(vasp);
        // A merge leads to the remaining record, which another organisation may speak for.
        if let Some(stayed) = record.map(|record| record.id).filter(|stayed| *stayed != vasp) {
            let words = format!("The record {vasp} was merged into {stayed}, which belongs to another organisation.");
            return Err(illegal(&words));
        }
        let status = record.map(|record| record.status);
        let verified = record.filter(|record| record.status == VaspStatus::Verified);
        match verified.and_then(|record| generation.number_of(record.id)) {
            Some(number) => Ok(Self { vasp, number, generation, left_group: false }),
            None => Err(illegal(&match status {
                Some(status) => format!("The record of {vasp} is {}.", status.as_str()),
                None => format!("{vasp} has no record yet."),
            })),
        }
    }

    /// Returns whether a record belongs to another party than this VASP. A record that the directory does not know yet does.
    pub(super) fn is_other_party(&self, number: i64) -> bool {
        let records = self.generation.records();
        let other = self.generation.vasp_of(number);
        let party = |vasp| if self.left_group { records.canonical(vasp) } else { records.party(vasp) };
        other.is_none_or(|other| party(other) != party(self.vasp))
    }

    /// Locks the same as [`Self::hold`], to write claims.
    ///
    /// # Errors
    /// `ServiceError::IllegalStep` if the VASP was suspended, revoked or merged since it was looked up; `Store`.
    pub(super) fn lock(&self, transaction: &mut Transaction<'_>) -> Result<(), ServiceError> {
        self.hold(transaction)?;
        match status_of(&transaction.conn().facts_of(&[self.number], i64::MAX - 1)?) {
            VaspStatus::Verified => Ok(()),
            status => Err(illegal(&format!("The record of {} is now {}.", self.vasp, status.as_str()))),
        }
    }

    /// Locks this VASP's submission, its case, and claims until the end of the transaction. The order is the same everywhere.
    pub(super) fn hold(&self, transaction: &mut Transaction<'_>) -> Result<(), ServiceError> {
        transaction.lock_submission(self.vasp)?;
        if let Some(case) = transaction.conn().open_case_of(self.vasp)? {
            transaction.lock_case(case.id)?;
        }
        Ok(transaction.lock_claims()?)
    }
}
