//! Claims in force that start to contradict other claims again. The causes: the suspension of their VASP is lifted, a sub-account ends, or
//! two people take its brand back. They change as many answers as the VASP's allowance has left, oldest claims first. Claims beyond the
//! allowance wait for a reviewer, like new claims beyond it. This runs in the transaction that lifts, ends or takes back.
//!
//! Source: docs/claims.md, "Allowance".

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::allowance::{LATEST, Speaking};
use super::claimant::{Claimant, Speaker};
use super::count_waiting::with_accounts;
use super::dispute::{Disputing, Opponents, open_against};
use super::plan::Plan;
use super::read::BatchNotes;
use super::standings::{Contested, Standings};
use super::write::{Earlier, Replaced, Statement};
use crate::directory::Generation;
use crate::node::{Registry, ServiceError};
use vasp_log::change::{Audience, ClaimsEnded, NewChange, Payload};
use vasp_record::allowance::Allowance;
use vasp_record::attestation::{EndReason, Seen};
use vasp_record::claim::{ClaimNumber, Strength};
use vasp_record::fact::FactValue;
use vasp_record::resolution::Parties;
use vasp_store::{ClaimRow, Conn, Edit, StoreError, Transaction, WholeMemberClaim};
use vasp_words::ids::{UserId, VaspId};

/// Lets claims beyond the allowance wait if their VASP's suspension is lifted. `generation` shows the VASP as suspended.
pub(crate) fn hold_back_lifted(
    transaction: &mut Transaction<'_>,
    registry: &Registry,
    generation: &Arc<Generation>,
    vasp: VaspId,
    user: UserId,
) -> Result<(), ServiceError> {
    let Some((claimant, speaker, rows)) = opposed(transaction, generation, vasp, user)? else { return Ok(()) };
    let verified_at = before_suspension(transaction.conn(), claimant.number)?;
    // Its claim on a whole address did not only answer for other parties' memos. If it waited, the address would have no owner.
    let again = |other: &Contested, row: &ClaimRow| other.memo == row.memo && precedes(generation, other, row);
    have_excess_wait(transaction, registry, &claimant, speaker, verified_at, rows, &again).map(drop)
}

/// Lets claims contradict those of the group that two people removed their VASP from. It opens disputes, within the VASP's allowance.
/// `generation` still shows the VASP in the group.
pub(crate) fn part_from_group(
    transaction: &mut Transaction<'_>,
    registry: &Registry,
    generation: &Arc<Generation>,
    vasp: VaspId,
    user: UserId,
) -> Result<(), ServiceError> {
    let Some((claimant, speaker, rows)) = opposed(transaction, generation, vasp, user)? else { return Ok(()) };
    let claimant = Claimant { left_group: true, ..claimant };
    let records = generation.records();
    let is_parted =
        |other: &Contested| generation.vasp_of(other.owner).is_some_and(|owner| records.party(owner) == records.party(vasp));
    let is_halted = records.is_halted(vasp);
    let again = |other: &Contested, row: &ClaimRow| is_parted(other) && (!is_halted || !precedes(generation, other, row));
    let waits = have_excess_wait(transaction, registry, &claimant, speaker, LATEST, rows.clone(), &again)?;
    let (now, ids) = (transaction.now(), registry.directory().claim_ids());
    let (notes, claims) = with_accounts(transaction.conn(), ids, rows.iter(), now)?;
    let standings = Standings::read(transaction.conn(), &claimant, speaker, now, claims.iter().map(|(_, account)| account))?;
    // Claims with the same readers are reported together.
    let mut alike: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (row, (_, account)) in rows.iter().zip(&claims).filter(|(row, _)| !waits.contains(&row.claim.number)) {
        let mut contested = standings.contested(account)?;
        contested.retain(is_parted);
        let Seen { visibility, named } = notes.seen(&row.batch);
        alike.entry((visibility, named)).or_default().push((account, row.claim.number, contested));
    }
    for ((visibility, named), found) in alike {
        let opponents = found.iter().map(|(place, claim, contested)| Opponents { place: *place, claim: *claim, contested });
        let seen = Seen { visibility, named };
        let disputing = Disputing { vasp, generation, speaker, registry, seen: &seen, let_count: false };
        open_against(transaction, &disputing, &opponents.collect::<Vec<_>>())?;
    }
    Ok(())
}

/// Locks the claims. Returns the claimant and its claims on accounts that others claim too; `None` if there are none.
fn opposed(
    transaction: &mut Transaction<'_>,
    generation: &Arc<Generation>,
    vasp: VaspId,
    user: UserId,
) -> Result<Option<(Claimant, Speaker, Vec<WholeMemberClaim>)>, ServiceError> {
    let Some(number) = generation.number_of(vasp) else { return Ok(None) };
    transaction.lock_claims()?;
    let now = transaction.now();
    let mut rows = vec![];
    for record in generation.records().absorbed_by(vasp).iter().chain([&vasp]) {
        rows.extend(transaction.conn().opposed_claims(&record.to_string(), now)?);
    }
    let Some(first) = rows.first() else { return Ok(None) };
    let speaker = Speaker { organisation: first.member.organisation, user: Some(user) };
    let claimant = Claimant { vasp, number, generation: Arc::clone(generation), left_group: false };
    Ok(Some((claimant, speaker, rows)))
}

/// Returns whether a claim starts to contradict another one.
pub(super) type Begins<'a> = dyn Fn(&Contested, &ClaimRow) -> bool + 'a;

/// Lets claims wait that exceed the allowance of their VASP. `rows` are claims in force; the oldest use the allowance first. `again`
/// returns whether a claim starts to contradict another one. A proven claim always stays. A claim that waits ends and gets a new number.
/// Returns the old numbers of the waiting claims. The allowance depends on how long the record had been verified at the sequence
/// `verified_at`.
pub(super) fn have_excess_wait(
    transaction: &mut Transaction<'_>,
    registry: &Registry,
    claimant: &Claimant,
    speaker: Speaker,
    verified_at: i64,
    mut rows: Vec<WholeMemberClaim>,
    again: &Begins<'_>,
) -> Result<HashSet<i64>, ServiceError> {
    rows.sort_by_key(|row| (row.claim.asserted_at, row.claim.number));
    let (now, rule) = (transaction.now(), registry.part::<Allowance>());
    let (conn, ids) = (transaction.conn(), registry.directory().claim_ids());
    let (notes, claims) = with_accounts(conn, ids, rows.iter(), now)?;
    let standings = Standings::read(conn, claimant, speaker, now, claims.iter().map(|(_, account)| account))?;
    let mut plan = Plan::default();
    for (row, (claim, account)) in rows.iter().zip(&claims) {
        let mut contested = standings.contested(account)?;
        contested.retain(|other| again(other, &row.claim));
        if contested.is_empty() || claim.standing.strength == Strength::Proven {
            continue;
        }
        let (network, account_key, memo) = (row.claim.network, row.claim.account_key.clone(), row.claim.memo.clone());
        let (role, expires_at) = (claim.standing.role, claim.standing.expires_at.unwrap_or(now));
        let replaces = Some(Replaced::of(row));
        let controller = (row.claim.class, row.claim.controller.clone());
        plan.statements.push(Statement { network, account_key, controller, memo, role, since: now, expires_at, replaces });
        plan.contested.push(contested);
    }
    let spoken: HashSet<i64> = plan.statements.iter().filter_map(|one| one.replaces.map(|replaced| replaced.number)).collect();
    let spared = standings.spared(conn, &plan.contested, rule)?;
    let left = claimant.left(transaction, speaker.organisation, verified_at, rule, &spoken)?;
    plan.set_aside(&spared, left, i64::MAX, &HashSet::new());
    let waits = plan.waiting.iter().filter_map(|(statement, _)| Some(statement.replaces?.number)).collect();
    have_wait(transaction, registry, claimant, speaker, plan, &rows, &notes)?;
    Ok(waits)
}

/// Returns whether a suspended VASP's claim gives way to another claim: that claim is older, and its own VASP is not suspended.
pub(super) fn precedes(generation: &Generation, other: &Contested, row: &ClaimRow) -> bool {
    // A label without a date is as old as its import, as in `Claim::said_since`.
    let since = |asserted: Option<i64>, batch| asserted.or_else(|| Some(generation.batch_recorded_at(batch)?.micros()));
    let theirs = since(other.asserted_at, other.batch).zip(since(row.asserted_at, row.batch));
    let is_older = theirs.is_some_and(|(theirs, own)| theirs < own);
    is_older && !generation.vasp_of(other.owner).is_some_and(|vasp| generation.records().is_halted(vasp))
}

/// Returns the last sequence before a VASP's suspension.
fn before_suspension(conn: &mut Conn, number: i64) -> Result<i64, StoreError> {
    let facts = conn.facts_of(&[number], LATEST)?;
    let halted = facts.iter().filter(|row| matches!(row.fact.said, FactValue::Status(_, status) if status.is_halted()));
    Ok(halted.map(|row| row.seq_from - 1).max().unwrap_or(LATEST))
}

/// Ends the claims that were set aside, and lets them wait under new numbers. Claims with the same readers form one batch and one change.
fn have_wait(
    transaction: &mut Transaction<'_>,
    registry: &Registry,
    claimant: &Claimant,
    speaker: Speaker,
    plan: Plan,
    rows: &[WholeMemberClaim],
    notes: &BatchNotes,
) -> Result<(), ServiceError> {
    let (now, ids) = (transaction.now(), registry.directory().claim_ids());
    let mut waiting: BTreeMap<i64, _> =
        plan.waiting.into_iter().filter_map(|waits| Some((waits.0.replaces?.number, waits))).collect();
    let mut alike: BTreeMap<_, (Vec<_>, Vec<_>)> = BTreeMap::new();
    for row in rows {
        if let Some((statement, told)) = waiting.remove(&row.claim.number) {
            // The old claim ends here, so the waiting claim does not replace it later.
            let replaces = Some(Replaced { visibility: None, ..Replaced::of(row) });
            let Seen { visibility, named } = notes.seen(&row.batch);
            let (sayings, ended) = alike.entry((row.member.organisation, visibility, named)).or_default();
            sayings.push((Statement { replaces, ..statement }, told));
            ended.push(row);
        }
    }
    for ((organisation, visibility, named), (sayings, ended)) in alike {
        let (seen, speaker) = (Seen { visibility, named }, Speaker { organisation, ..speaker });
        Speaking { claimant, speaker, seen: &seen, earlier: Earlier::default() }.wait(transaction, &sayings, None)?;
        let numbers: Vec<i64> = ended.iter().map(|row| row.claim.number).collect();
        transaction.close_disputes_of(&numbers, "waits", now)?;
        let claims = numbers.iter().map(|number| ids.public_id(ClaimNumber(*number))).collect();
        let said = Payload::ClaimsEnded(ClaimsEnded { claims, reason: EndReason::Replaced });
        let edits = ended.iter().map(|row| Edit::EndClaim(row.claim.number)).collect();
        transaction.record(NewChange::of_claims(Audience::from(visibility), said), edits);
    }
    Ok(())
}
