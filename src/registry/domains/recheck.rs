//! Checks domains again when they are due. Several nodes may do so at the same time: a node takes each check by a conditional update.
//! If that node fails, the domain is due again later.

use rand_core::RngCore;

use super::look::look;
use super::settle::settle;
use crate::node::{Registry, ServiceError};
use vasp_clock::Clock;
use vasp_store::{MemberDomain, StoreError};

/// Seconds after which a check that a node took is due again, if no result is reported. A check takes 10 seconds at most.
const LEASE_SECS: i64 = 600;
/// How many are read at a time.
const BATCH: i64 = 50;

/// Checks every domain that is due and returns how many were checked. Ends early once `stop` returns true.
///
/// # Errors
/// `ServiceError::Store` if the due domains cannot be read or taken. An error with one domain is logged, and that domain is due
/// again.
pub fn recheck_due_domains(
    registry: &Registry,
    clock: &dyn Clock,
    rng: &mut dyn RngCore,
    stop: impl Fn() -> bool,
) -> Result<usize, ServiceError> {
    let mut looked = 0;
    loop {
        let at = clock.now();
        let due = registry.store().read::<_, StoreError>(|conn| conn.member_domains_due(at, BATCH))?;
        let mut taken_any = false;
        for row in due {
            if stop() {
                return Ok(looked);
            }
            let now = clock.now();
            let again = now.plus_secs(LEASE_SECS);
            let taken =
                registry.store().write::<_, StoreError>(now, rng, |transaction| transaction.take_due_look(&row, again))?;
            if taken.value {
                (looked, taken_any) = (looked + 1, true);
                if let Err(error) = recheck(registry, &row, clock, rng) {
                    tracing::error!(
                        error.chain = vasp_words::error_chain::error_chain(&error),
                        "a domain could not be checked again"
                    );
                }
            }
        }
        if !taken_any {
            return Ok(looked);
        }
    }
}

/// Checks one domain and settles the result.
fn recheck(registry: &Registry, row: &MemberDomain, clock: &dyn Clock, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
    let seen = look(registry.outbound()?, row);
    match registry.store().write(clock.now(), rng, |transaction| settle(transaction, row, &seen, None).map(drop)) {
        Ok(_) => registry.let_others_know(),
        // The member changed or withdrew the domain in the meantime.
        Err(ServiceError::NotFound(_) | ServiceError::Changed(_)) => {}
        Err(error) => return Err(error),
    }
    Ok(())
}
