//! Lets waiting claims take effect that nobody contradicts any more. The other side withdrew its claim, the claim expired, or two people
//! ended it. The age of these claims starts now. The caller is a timer on any node. Each step reads the claims again under the lock of
//! claims.

use rand_core::RngCore;
use serde_json::json;

use super::claimant::{Claimant, Speaker};
use super::count_waiting::{ADMITTED_ROWS, admit, with_accounts};
use super::plan::Standings;
use crate::cases::enter;
use crate::node::{Registry, ServiceError};
use vasp_store::{Conn, StoreError, WaitingOf, WholeMemberClaim};
use vasp_words::time::UtcTime;

/// Lets those waiting claims of verified VASPs take effect that nobody contradicts any more. Returns their number.
pub fn count_unopposed(registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<usize, ServiceError> {
    let (generation, mut counted) = (registry.pin(now), 0);
    for (number, ..) in registry.store().read::<_, StoreError>(|conn| conn.waiting_counts(now))? {
        let verified = generation.vasp_of(number).map(|vasp| Claimant::verified(registry, vasp, now));
        let Some(Ok(claimant)) = verified else { continue };
        let mut after = 0;
        loop {
            let (free, last) = registry.store().read::<_, ServiceError>(|conn| {
                let most = i64::try_from(ADMITTED_ROWS).unwrap_or(i64::MAX);
                let rows = conn.waiting_claims(WaitingOf::Vasp(number), (after, most), now)?;
                let last = rows.last().map(|row| row.claim.number);
                Ok((unopposed(conn, registry, &claimant, rows, now)?, last))
            })?;
            let Some(last) = last else { break };
            after = last;
            if !free.is_empty() {
                counted += count(registry, &claimant, &free, now, rng)?;
            }
        }
    }
    if counted > 0 {
        registry.let_others_know();
        tracing::info!(claims.counted = counted, "waiting claims took effect because nobody contradicts them any more");
    }
    Ok(counted)
}

/// Keeps those of a VASP's claims that nobody contradicts.
fn unopposed(
    conn: &mut Conn,
    registry: &Registry,
    claimant: &Claimant,
    rows: Vec<WholeMemberClaim>,
    now: UtcTime,
) -> Result<Vec<WholeMemberClaim>, ServiceError> {
    let Some(speaker) = rows.first().map(speaker) else { return Ok(rows) };
    let (_, claims) = with_accounts(conn, registry.directory().claim_ids(), rows.iter(), now)?;
    let standings = Standings::read(conn, claimant, speaker, now, claims.iter().map(|(_, account)| account))?;
    let mut free = vec![];
    for (row, (_, account)) in rows.into_iter().zip(&claims) {
        if standings.contested(account)?.is_empty() {
            free.push(row);
        }
    }
    Ok(free)
}

/// Returns the member that owns the claim as speaker; the registry acts, so there is no user.
fn speaker(row: &WholeMemberClaim) -> Speaker {
    Speaker { organisation: row.member.organisation, user: None }
}

fn count(
    registry: &Registry,
    claimant: &Claimant,
    free: &[WholeMemberClaim],
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<usize, ServiceError> {
    let seal_key = registry.seed_key(now, rng)?;
    let numbers: Vec<i64> = free.iter().map(|row| row.claim.number).collect();
    let written = registry.store().write::<_, ServiceError>(now, rng, |transaction| {
        claimant.lock(transaction)?;
        // Another node may have been faster, or somebody may contradict the claims now.
        let rows = transaction.conn().waiting_claims(WaitingOf::Numbers(&numbers), (0, i64::MAX), now)?;
        let rows = unopposed(transaction.conn(), registry, claimant, rows, now)?;
        let Some(first) = rows.first() else { return Ok(0) };
        admit(transaction, claimant, speaker(first), &seal_key, registry, &rows)?;
        if let Some(case) = transaction.conn().open_case_of(claimant.vasp)? {
            let body = json!({"count": rows.len(), "reason": "nobody contradicts them any more"});
            enter(transaction, case.id, "claims_counted", None, &body)?;
        }
        Ok(rows.len())
    })?;
    Ok(written.value)
}
