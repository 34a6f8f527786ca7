//! Lets waiting claims take effect that nobody contradicts any more: two people ended the other side's claim, or an import took a label out.
//! The end of an older claim by time, or by its own member, lets nothing take effect. The caller is a timer on any node. Each step reads
//! the claims again under the lock of claims.

use std::collections::BTreeSet;

use rand_core::RngCore;
use serde_json::json;

use super::claimant::{Claimant, Speaker};
use super::count_waiting::{ADMITTED_ROWS, admit, said_at, with_accounts};
use super::ended::mark_contested;
use super::standings::Standings;
use crate::cases::enter;
use crate::node::{Registry, ServiceError};
use vasp_store::{Conn, StoreError, WaitingOf, WholeMemberClaim};
use vasp_words::time::UtcTime;

/// Lets those waiting claims of verified VASPs take effect that nobody contradicts any more. Returns their number.
pub fn count_unopposed(registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<usize, ServiceError> {
    let (generation, mut counted, mut marked) = (registry.pin(now), 0, false);
    for (number, ..) in registry.store().read::<_, StoreError>(|conn| conn.waiting_counts(now))? {
        let verified = generation.vasp_of(number).map(|vasp| Claimant::verified(registry, vasp, now));
        let Some(Ok(claimant)) = verified else { continue };
        let mut after = 0;
        loop {
            let (free, holding, last) = registry.store().read::<_, ServiceError>(|conn| {
                let most = i64::try_from(ADMITTED_ROWS).unwrap_or(i64::MAX);
                let rows = conn.waiting_claims(WaitingOf::Vasp(number), (after, most), now)?;
                let last = rows.last().map(|row| row.claim.number);
                let (free, holding) = unopposed(conn, registry, &claimant, rows, now)?;
                Ok((free, holding, last))
            })?;
            let Some(last) = last else { break };
            after = last;
            if !holding.is_empty() {
                let holding: Vec<i64> = holding.into_iter().collect();
                mark_contested(registry, (claimant.vasp, &holding), now, rng)?;
                marked = true;
            }
            if !free.is_empty() {
                counted += count(registry, &claimant, &free, now, rng)?;
            }
        }
    }
    if counted > 0 || marked {
        registry.let_others_know();
    }
    if counted > 0 {
        tracing::info!(claims.counted = counted, "waiting claims took effect because nobody contradicts them any more");
    }
    Ok(counted)
}

/// Keeps those of a VASP's claims that nobody contradicts. Also returns the numbers of the ended claims that hold others.
fn unopposed(
    conn: &mut Conn,
    registry: &Registry,
    claimant: &Claimant,
    rows: Vec<WholeMemberClaim>,
    now: UtcTime,
) -> Result<(Vec<WholeMemberClaim>, BTreeSet<i64>), ServiceError> {
    let Some(speaker) = rows.first().map(speaker) else { return Ok((rows, BTreeSet::new())) };
    let (_, claims) = with_accounts(conn, registry.directory().claim_ids(), rows.iter(), now)?;
    let standings = Standings::read(conn, claimant, speaker, now, claims.iter().map(|(_, account)| account))?;
    let (mut free, mut holding) = (vec![], BTreeSet::new());
    for (row, (_, account)) in rows.into_iter().zip(&claims) {
        if !standings.contested(account)?.is_empty() {
            continue;
        }
        let said_at = said_at(&row, now);
        let holds = standings.holding(account, said_at)?;
        holding.extend(holds.iter().filter(|one| standings.is_unmarked(one, said_at)).map(|one| one.number));
        if holds.is_empty() {
            free.push(row);
        }
    }
    Ok((free, holding))
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
        let (rows, _) = unopposed(transaction.conn(), registry, claimant, rows, now)?;
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
