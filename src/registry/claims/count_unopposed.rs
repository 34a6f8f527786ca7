//! Waiting claims that nobody contradicts any more begin to count: the other side withdrew its claim, its time was over, or two people ended
//! it. Their age begins now. The caller is a timer, of any node: each step reads again under the lock of claims what it lets count.

use rand_core::RngCore;
use serde_json::json;

use super::claimant::{Claimant, Speaker};
use super::count_waiting::{admit, with_accounts};
use super::plan::Standings;
use crate::cases::enter;
use crate::node::{Registry, ServiceError};
use vasp_store::{Conn, StoreError, WaitingOf, WholeMemberClaim};
use vasp_words::time::UtcTime;

/// How many claims are looked at in one step: a writer that waits is not held up for long.
const AT_ONCE: i64 = 1_000;

/// Lets the waiting claims of verified VASPs count that nobody contradicts any more, and returns how many.
///
/// # Errors
/// `ServiceError::Key`, `Store`.
pub fn count_unopposed(registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<usize, ServiceError> {
    let (generation, mut counted) = (registry.pin(now), 0);
    for (number, ..) in registry.store().read::<_, StoreError>(|conn| conn.waiting_counts(now))? {
        let verified = generation.vasp_of(number).map(|vasp| Claimant::verified(registry, vasp, now));
        let Some(Ok(claimant)) = verified else { continue };
        let mut after = 0;
        loop {
            let (free, last) = registry.store().read::<_, ServiceError>(|conn| {
                let rows = conn.waiting_claims(WaitingOf::Vasp(number), (after, AT_ONCE), now)?;
                let last = rows.last().map(|row| row.claim.number);
                Ok((unopposed(conn, registry, &claimant, rows, now)?, last))
            })?;
            let Some(last) = last else { break };
            after = last;
            if !free.is_empty() {
                counted += count(registry, &claimant, &free, (now, rng))?;
            }
        }
    }
    if counted > 0 {
        registry.let_others_know();
        tracing::info!(claims.counted = counted, "waiting claims count that nobody contradicts any more");
    }
    Ok(counted)
}

/// Keeps those claims of a VASP that nobody contradicts.
fn unopposed(
    conn: &mut Conn,
    registry: &Registry,
    claimant: &Claimant,
    rows: Vec<WholeMemberClaim>,
    now: UtcTime,
) -> Result<Vec<WholeMemberClaim>, ServiceError> {
    let Some(speaker) = rows.first().map(speaker) else { return Ok(rows) };
    let (_, claims) = with_accounts(conn, registry.directory().claim_ids(), rows.iter(), now)?;
    let standings = Standings::read(conn, (claimant, speaker, now), claims.iter().map(|(_, account)| account))?;
    let mut free = vec![];
    for (row, (_, account)) in rows.into_iter().zip(&claims) {
        if standings.contested(account)?.is_empty() {
            free.push(row);
        }
    }
    Ok(free)
}

/// The member whose claim it is; it is the registry that acts.
fn speaker(row: &WholeMemberClaim) -> Speaker {
    Speaker { organisation: row.member.organisation, user: None }
}

fn count(
    registry: &Registry,
    claimant: &Claimant,
    free: &[WholeMemberClaim],
    (now, rng): (UtcTime, &mut dyn RngCore),
) -> Result<usize, ServiceError> {
    let seal_key = registry.seed_key(now, rng)?;
    let numbers: Vec<i64> = free.iter().map(|row| row.claim.number).collect();
    let written = registry.store().write::<_, ServiceError>(now, rng, |transaction| {
        claimant.lock(transaction)?;
        // Another node may have been faster, or somebody says otherwise by now.
        let rows = transaction.conn().waiting_claims(WaitingOf::Numbers(&numbers), (0, i64::MAX), now)?;
        let rows = unopposed(transaction.conn(), registry, claimant, rows, now)?;
        let Some(first) = rows.first() else { return Ok(0) };
        admit(transaction, claimant, (speaker(first), &seal_key, registry), (&rows, None))?;
        if let Some(case) = transaction.conn().open_case_of(claimant.vasp)? {
            let body = json!({"count": rows.len(), "reason": "nobody contradicts them any more"});
            enter(transaction, case.id, "claims_counted", None, &body)?;
        }
        Ok(rows.len())
    })?;
    Ok(written.value)
}
