//! How many contradicting claims of a member count at once, and which wait for a reviewer. Waiting claims are in no answer; reviewers see
//! them as one case for each member.

use std::collections::{HashMap, HashSet};

use serde_json::json;

use super::super::ServiceError;
use super::super::cases::{Trigger, open_or_join};
use super::claimant::{Claimant, Speaker};
use super::dispute::open_conflicts;
use super::plan::{Contested, Plan, Standings, Verdict};
use super::write::{Statement, Voice, WrittenBatch};
use vasp_record::allowance::{Allowance, Opposed, Used, bears_out};
use vasp_record::case::TriggerKind;
use vasp_record::claim::Strength;
use vasp_record::fact::FactValue;
use vasp_record::vasp::VaspStatus;
use vasp_store::{Conn, StoreError, Transaction, WaitingClaim};
use vasp_words::time::UtcTime;

/// By which numbers members' claims are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimTerms {
    /// After which time a claim ends by itself, in seconds.
    pub lifetime_secs: i64,
    /// What may contradict others' at once.
    pub allowance: Allowance,
    /// Contradictions beyond the allowance that one member is told of in a day (UTC); none for no limit.
    pub told_a_day: Option<u32>,
}

/// What a member is told of a claim of its own that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// That it waits.
    Yes,
    /// Nothing: it was told of enough contradictions today. It may have a spot check drawn all the same.
    BeyondBudget,
    /// Nothing: it may not know of the claims that it contradicts.
    MayNotKnow,
}

/// Refuses to take more of a VASP of which too many claims wait already, whatever more it says.
///
/// # Errors
/// `ServiceError::TooManyWaiting`, `Store`.
pub(super) fn refuse_flood(transaction: &mut Transaction<'_>, claimant: &Claimant, rule: &Allowance) -> Result<(), ServiceError> {
    let now = transaction.now();
    let waiting = transaction.conn().waiting_count(claimant.number, now)?;
    let most = rule.waiting;
    if waiting >= i64::from(most) { Err(ServiceError::TooManyWaiting { most }) } else { Ok(()) }
}

/// What was written.
pub(super) struct Spoken {
    /// What counts; none where nothing does.
    pub written: Option<WrittenBatch>,
    /// Number of the first claim that waits; the others follow in order.
    pub first_waiting: i64,
    /// Number of the batch of those whose member may know that they wait; none where there are none.
    pub waiting_batch: Option<i64>,
}

impl Standings<'_> {
    /// Returns what the member has used of its allowance.
    fn used(&self, conn: &mut Conn, speaker: Speaker) -> Result<Used, ServiceError> {
        let facts = conn.facts_of(&[self.claimant.number], i64::MAX - 1)?;
        let is_verified = |said: &FactValue| matches!(said, FactValue::Status(_, VaspStatus::Verified));
        let since: Vec<i64> = facts.iter().filter(|row| is_verified(&row.fact.said)).map(|row| row.seq_from).collect();
        let verified_since = conn.recorded_at(&since)?.into_iter().map(|(_, at)| at).max();
        let (today, open) = conn.contradicting_claims(speaker.organisation, Allowance::today_since(self.now))?;
        Ok(Used { verified_since, today, open })
    }

    /// Returns those of some claims that nobody contradicts without a reviewer.
    fn spared(&self, conn: &mut Conn, contested: &[Vec<Contested>], rule: &Allowance) -> Result<HashSet<i64>, ServiceError> {
        let mut numbers: Vec<i64> = contested.iter().flatten().map(|one| one.claim).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let contradicted = conn.contradicted_since(&numbers, rule.undisputed_since(self.now))?;
        let mut begun: Vec<i64> = self.batches.values().map(|batch| batch.seq_from).collect();
        begun.sort_unstable();
        begun.dedup();
        let begun: HashMap<i64, UtcTime> = conn.recorded_at(&begun)?.into_iter().collect();
        let is_spared = |one: &&Contested| {
            let batch = self.batches.get(&one.batch);
            // A label's date is its source's; how long it stands here is its batch's.
            let since = match batch.map(|batch| batch.strength) {
                Some(Strength::Attributed) | None => batch.and_then(|batch| begun.get(&batch.seq_from).copied()),
                Some(_) => one.asserted_at.and_then(|at| UtcTime::from_micros(at).ok()),
            };
            let checked = self.notes.spot_checked(one.batch);
            let was_checked = checked.is_some_and(|checked| bears_out(checked.controlled_at_least, checked.of));
            rule.spares(Opposed { since, was_checked, was_contradicted: contradicted.contains(&one.claim) }, self.now)
        };
        Ok(contested.iter().flatten().filter(is_spared).map(|one| one.claim).collect())
    }
}

impl Plan {
    /// Sets aside what contradicts others beyond the member's allowance.
    pub(super) fn hold_back(
        &mut self,
        transaction: &mut Transaction<'_>,
        standings: &Standings<'_>,
        (terms, speaker): (&ClaimTerms, Speaker),
    ) -> Result<(), ServiceError> {
        if self.contested.iter().all(Vec::is_empty) {
            return Ok(());
        }
        let (conn, now, rule) = (transaction.conn(), standings.now, &terms.allowance);
        let mut left = rule.left(standings.used(conn, speaker)?, now);
        let spared = standings.spared(conn, &self.contested, rule)?;
        let told = conn.told_to_wait(standings.claimant.number, now.date().start())?;
        let mut told_left = terms.told_a_day.map_or(i64::MAX, |most| i64::from(most).saturating_sub(told));
        let mut became: Vec<Verdict> = vec![];
        let (statements, contested) = (std::mem::take(&mut self.statements), std::mem::take(&mut self.contested));
        for (statement, contested) in statements.into_iter().zip(contested) {
            let counts = contested.is_empty() || (left > 0 && contested.iter().all(|one| !spared.contains(&one.claim)));
            if counts {
                left = left.saturating_sub(usize::from(!contested.is_empty()));
                became.push(Verdict::New(self.statements.len()));
                self.statements.push(statement);
                self.contested.push(contested);
            } else {
                let is_seen = contested.iter().any(|one| one.is_seen);
                let told = if !is_seen {
                    Told::MayNotKnow
                } else if told_left > 0 {
                    Told::Yes
                } else {
                    Told::BeyondBudget
                };
                told_left = told_left.saturating_sub(i64::from(told == Told::Yes));
                became.push(Verdict::Waits(self.waiting.len()));
                self.waiting.push((statement, told));
            }
        }
        for verdict in &mut self.verdicts {
            if let Verdict::New(place) | Verdict::Renews(place, _) = verdict {
                match (became.get(*place), &mut *verdict) {
                    (Some(Verdict::New(moved)), Verdict::New(place) | Verdict::Renews(place, _)) => *place = *moved,
                    (Some(Verdict::Waits(waits)), verdict) => *verdict = Verdict::Waits(*waits),
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

impl Voice<'_> {
    /// Writes what a plan came to: what counts with its disputes, and what waits with its case.
    ///
    /// # Errors
    /// `ServiceError::Key`, `Store`.
    pub(super) fn say(&self, transaction: &mut Transaction<'_>, plan: &Plan) -> Result<Spoken, ServiceError> {
        let mut written = None;
        if !plan.statements.is_empty() {
            let batch = self.write(transaction, &plan.statements)?;
            open_conflicts(transaction, self, plan, batch.first)?;
            written = Some(batch);
        }
        let batch = written.as_ref().map(|written| written.batch.number);
        let (first_waiting, waiting_batch) = self.wait(transaction, &plan.waiting, batch)?;
        Ok(Spoken { written, first_waiting, waiting_batch })
    }

    /// Has sayings wait. Those whose member may not know it go with the batch of what counts, so that nothing gives them away.
    pub(super) fn wait(
        &self,
        transaction: &mut Transaction<'_>,
        waiting: &[(Statement, Told)],
        batch: Option<i64>,
    ) -> Result<(i64, Option<i64>), ServiceError> {
        if waiting.is_empty() {
            return Ok((0, None));
        }
        let now = transaction.now();
        let first = transaction.take_numbers("claims", i64::try_from(waiting.len()).unwrap_or(i64::MAX))?;
        let own_batch = transaction.take_numbers("claim_batches", 1)?;
        let (mut rows, mut members, mut ends) = (vec![], vec![], vec![]);
        for (number, (statement, told)) in (first..).zip(waiting) {
            members.push(self.member(number, statement));
            // What its own claim said whose time is over stays until this counts.
            ends.extend(statement.replaces.filter(|one| one.visibility.is_none()).map(|one| self.end_of(one, number, now)));
            rows.push(WaitingClaim {
                number,
                vasp: self.claimant.number,
                batch: batch.filter(|_| *told == Told::MayNotKnow).unwrap_or(own_batch),
                network: statement.network,
                account_key: statement.account_key.clone(),
                role: statement.role.code(),
                visibility: self.seen.visibility,
                said_at: now,
                expires_at: statement.expires_at,
                told: i16::from(*told == Told::Yes),
            });
        }
        transaction.add_member_claims(&members)?;
        transaction.end_member_claims(&ends)?;
        transaction.add_waiting_claims(&rows)?;
        if !self.seen.named.is_empty() {
            transaction.add_batch_readers(own_batch, &self.seen.named)?;
        }
        self.have_reviewed(transaction, waiting.len())?;
        let is_known = waiting.iter().any(|(_, told)| *told != Told::MayNotKnow);
        Ok((first, is_known.then_some(own_batch)))
    }

    /// Opens the member's case, once. Later claims add nothing to the case: else a member could flood reviewers, or void what they proposed.
    fn have_reviewed(&self, transaction: &mut Transaction<'_>, count: usize) -> Result<(), ServiceError> {
        if let Some(case) = transaction.conn().open_case_of(self.claimant.vasp)? {
            let triggers = transaction.conn().case_triggers(&[case.id])?;
            if triggers.iter().any(|trigger| trigger.kind == TriggerKind::PendingClaims) {
                return Ok(());
            }
        }
        let summary = format!("{count} of its claims contradict other parties' beyond its allowance and wait for a reviewer");
        let detail = json!({"summary": summary, "count": count});
        let trigger = Trigger { kind: TriggerKind::PendingClaims, detail, actor: Some(self.speaker.user) };
        open_or_join(transaction, self.claimant.vasp, &trigger).map(drop)
    }
}

/// The error for a claim that was written and is not there.
pub(super) fn not_written() -> ServiceError {
    StoreError::missing("claims").into()
}
