//! Decides how many contradicting claims of a member take effect at once, and which wait for a reviewer. Waiting claims are in no answer.
//! Reviewers see them as one case for each member.

use std::collections::{HashMap, HashSet};

use super::claimant::{Claimant, Speaker};
use super::dispute::open_conflicts;
use super::plan::{Plan, Verdict};
use super::standings::{Contested, Standings};
use super::write::{Earlier, Statement, Voice, WrittenBatch};
use crate::cases::have_waiting_reviewed;
use crate::node::{ProblemCode, Refusal, ServiceError};
use vasp_record::allowance::{Allowance, ClaimTerms, Opposed, Used};
use vasp_record::attestation::{EndReason, Seen};
use vasp_record::case::TriggerKind;
use vasp_record::claim::Strength;
use vasp_record::fact::FactValue;
use vasp_record::vasp::VaspStatus;
use vasp_store::{Conn, ContradictedAnswer, MemberClaim, StoreError, Transaction, WaitingClaim};
use vasp_words::ids::OrganisationId;
use vasp_words::time::UtcTime;

/// A sequence after every change recorded so far.
pub(super) const LATEST: i64 = i64::MAX - 1;

/// Refuses any further claims of a VASP with too many waiting claims. Counting takes long, so call it before the lock is held: requests at
/// the same moment may pass the limit by their own rows.
pub(super) fn refuse_flood(conn: &mut Conn, claimant: &Claimant, rule: &Allowance, now: UtcTime) -> Result<(), ServiceError> {
    let waiting = conn.waiting_count(claimant.number, now)?;
    let most = rule.waiting;
    if waiting < i64::from(most) {
        return Ok(());
    }
    let detail = format!(
        "{most} claims of the VASP contradict claims of other parties and wait for a reviewer, so no more claims are accepted. \
         Withdraw wrong claims, prove some, or wait for the decision in the case."
    );
    Err(Refusal::new(ProblemCode::RateLimited, detail).retry_after_secs(3_600).into())
}

/// The result of writing a plan.
pub(super) struct Spoken {
    /// The batch in force; `None` if no claim took effect.
    pub written: Option<WrittenBatch>,
    /// The claims that wait.
    pub waiting: Waiting,
}

/// Numbers of the claims that wait.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Waiting {
    /// Number of the first claim; the others follow in order.
    pub first: i64,
    /// Number of the batch with the claims whose member learns that they wait; `None` if there are none.
    pub batch: Option<i64>,
    /// Number of the batch with the claims whose member does not learn it. It looks like a batch in force. `None` if there are none.
    pub untold_batch: Option<i64>,
}

/// The rest of a member's allowance.
pub(super) struct Left {
    /// How many more answers its claims may contradict.
    answers: usize,
    /// The answers that its claims contradict already. The same claim on another network of the class is free.
    contradicted: HashSet<ContradictedAnswer>,
}

impl Left {
    /// Takes the answers that a claim newly contradicts, if there are enough left. Each contradicted owner and each memo is an answer.
    fn take(&mut self, statement: &Statement, contested: &[Contested]) -> bool {
        let answer = |one: &Contested| {
            let (class, controller) = one.controller.clone();
            (statement.memo.clone(), class, controller, one.owner, one.memo.clone())
        };
        let answers: HashSet<_> = contested.iter().map(answer).filter(|answer| !self.contradicted.contains(answer)).collect();
        let Some(left) = self.answers.checked_sub(answers.len()) else { return false };
        self.answers = left;
        self.contradicted.extend(answers);
        true
    }
}

impl Claimant {
    /// Returns how many more answers the member may contradict, not counting those that only the claims in `besides` contradict. The allowance
    /// depends on how long its record had been verified at the sequence `verified_at`.
    pub(super) fn left(
        &self,
        transaction: &mut Transaction<'_>,
        organisation: OrganisationId,
        verified_at: i64,
        rule: &Allowance,
        besides: &HashSet<i64>,
    ) -> Result<Left, ServiceError> {
        let (now, conn) = (transaction.now(), transaction.conn());
        let facts = conn.facts_of(&[self.number], verified_at)?;
        let is_verified = |said: &FactValue| matches!(said, FactValue::Status(_, VaspStatus::Verified));
        let since: Vec<i64> = facts.iter().filter(|row| is_verified(&row.fact.said)).map(|row| row.seq_from).collect();
        let verified_since = conn.recorded_at(&since)?.into_iter().map(|(_, at)| at).max();
        let mut answers = |since| -> Result<HashSet<ContradictedAnswer>, StoreError> {
            let found = conn.contradicted_answers(organisation, since)?.into_iter();
            Ok(found.filter(|(claim, _)| !besides.contains(claim)).map(|(_, answer)| answer).collect())
        };
        let (today, contradicted) = (answers(Some(Allowance::today_since(now)))?, answers(None)?);
        let count = |answers: &HashSet<ContradictedAnswer>| i64::try_from(answers.len()).unwrap_or(i64::MAX);
        let used = Used { verified_since, today: count(&today), open: count(&contradicted) };
        Ok(Left { answers: rule.left(used, now), contradicted })
    }
}

impl Standings<'_> {
    /// Returns the contested claims that nobody may contradict without a reviewer.
    pub(super) fn spared(
        &self,
        conn: &mut Conn,
        contested: &[Vec<Contested>],
        rule: &Allowance,
    ) -> Result<HashSet<i64>, ServiceError> {
        let mut numbers: Vec<i64> = contested.iter().flatten().map(|one| one.claim).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let numbers = conn.contradicted_since(&numbers, rule.undisputed_since(self.now))?;
        let contradicted = contested.iter().flatten().filter(|one| numbers.contains(&one.claim)).map(Contested::answer);
        let contradicted: HashSet<_> = contradicted.collect();
        let mut begun: Vec<i64> = self.batches.values().map(|batch| batch.seq_from).collect();
        begun.sort_unstable();
        begun.dedup();
        let begun: HashMap<i64, UtcTime> = conn.recorded_at(&begun)?.into_iter().collect();
        let is_spared = |one: &&Contested| {
            let batch = self.batches.get(&one.batch);
            // A label's date is that of its source. How long it has been here follows from its batch.
            let since = match batch.map(|batch| batch.strength) {
                Some(Strength::Attributed) | None => batch.and_then(|batch| begun.get(&batch.seq_from).copied()),
                Some(_) => one.asserted_at.and_then(|at| UtcTime::from_micros(at).ok()),
            };
            rule.spares(Opposed { since, was_contradicted: contradicted.contains(&one.answer()) }, self.now)
        };
        Ok(contested.iter().flatten().filter(is_spared).map(|one| one.claim).collect())
    }
}

impl Plan {
    /// Sets aside claims that contradict others beyond the member's allowance. Each new claim, contradicted or not, uses one of the results
    /// that the member may learn on this day: "nobody contradicts" is an answer too.
    pub(super) fn hold_back(
        &mut self,
        transaction: &mut Transaction<'_>,
        standings: &Standings<'_>,
        terms: &ClaimTerms,
        speaker: Speaker,
    ) -> Result<(), ServiceError> {
        let (now, rule) = (standings.now, &terms.allowance);
        let renewals: HashSet<usize> = self.verdicts.iter().filter_map(Verdict::renewal).collect();
        let newly = i64::try_from(self.statements.len().saturating_sub(renewals.len())).unwrap_or(i64::MAX);
        let mut told_left = i64::MAX;
        if let Some(most) = terms.told_a_day.filter(|_| newly > 0) {
            told_left = i64::from(most).saturating_sub(transaction.count_claimed(speaker.organisation, now.date(), newly)?);
        }
        if self.contested.iter().all(Vec::is_empty) {
            return Ok(());
        }
        let left = standings.claimant.left(transaction, speaker.organisation, LATEST, rule, &HashSet::new())?;
        let spared = standings.spared(transaction.conn(), &self.contested, rule)?;
        self.set_aside(&spared, left, told_left, &renewals);
        Ok(())
    }

    /// Sets aside claims that contradict spared claims, or that change more answers than are left. `told_left` is the number of new claims
    /// whose result the member may still learn; `renewals` do not use it.
    pub(super) fn set_aside(&mut self, spared: &HashSet<i64>, mut left: Left, mut told_left: i64, renewals: &HashSet<usize>) {
        let mut became: Vec<Verdict> = vec![];
        let (statements, contested) = (std::mem::take(&mut self.statements), std::mem::take(&mut self.contested));
        for (place, (statement, mut contested)) in statements.into_iter().zip(contested).enumerate() {
            let is_told = told_left > 0;
            told_left = told_left.saturating_sub(i64::from(!renewals.contains(&place)));
            let spares = contested.iter().all(|one| !spared.contains(&one.claim));
            if self.restored.contains(&place) || spares && left.take(&statement, &contested) {
                became.push(Verdict::New(self.statements.len()));
                contested.iter_mut().for_each(|one| one.is_seen &= is_told);
                self.statements.push(statement);
                self.contested.push(contested);
            } else {
                became.push(Verdict::Waits(self.waiting.len()));
                self.waiting.push((statement, is_told && contested.iter().any(|one| one.is_seen)));
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
    }
}

impl Voice<'_> {
    /// Writes a plan: the claims that take effect, with their disputes, and the claims that wait, with their case.
    pub(super) fn say(&self, transaction: &mut Transaction<'_>, plan: &Plan) -> Result<Spoken, ServiceError> {
        let mut written = None;
        if !plan.statements.is_empty() {
            let batch = self.write(transaction, &plan.statements)?;
            open_conflicts(transaction, self, plan, batch.first)?;
            written = Some(batch);
        }
        let batch = written.as_ref().map(|written| written.batch.number);
        let waiting = self.speaking().wait(transaction, &plan.waiting, batch)?;
        Ok(Spoken { written, waiting })
    }
}

/// The author of waiting claims, and who may see them when they take effect.
pub(super) struct Speaking<'a> {
    /// The VASP that makes the claims.
    pub claimant: &'a Claimant,
    /// On whose behalf they are written.
    pub speaker: Speaker,
    /// Who may see the claims.
    pub seen: &'a Seen,
    /// The earlier parts, if the claims are a part of an import.
    pub earlier: Earlier,
}

impl Speaking<'_> {
    /// Lets claims wait. Claims whose member must not learn it share the batch of the claims in force, so that nothing reveals them.
    pub(super) fn wait(
        &self,
        transaction: &mut Transaction<'_>,
        waiting: &[(Statement, bool)],
        batch: Option<i64>,
    ) -> Result<Waiting, ServiceError> {
        if waiting.is_empty() {
            return Ok(Waiting::default());
        }
        let now = transaction.now();
        let first = transaction.take_numbers("claims", i64::try_from(waiting.len()).unwrap_or(i64::MAX))?;
        let (is_told, is_untold) = (waiting.iter().any(|(_, told)| *told), waiting.iter().any(|(_, told)| !told));
        let (known, known_told) = (self.earlier.batch.or(batch), self.earlier.pending_batch);
        let mut number_where = |any: bool| any.then(|| transaction.take_numbers("claim_batches", 1)).transpose();
        let new_untold = number_where(is_untold && known.is_none())?;
        let new_told = number_where(is_told && known_told.is_none())?;
        let untold_batch = known.or(new_untold).filter(|_| is_untold);
        let told_batch = known_told.or(new_told).filter(|_| is_told);
        let (mut rows, mut members, mut ends) = (vec![], vec![], vec![]);
        for (number, (statement, told)) in (first..).zip(waiting) {
            // If the claim replaces the VASP's own expired claim, the expired claim stays until this one takes effect.
            let replaced = statement.replaces.filter(|one| one.visibility.is_none());
            members.push(MemberClaim { replaces: replaced.map(|one| one.number), ..statement.member(number, self.speaker) });
            ends.extend(replaced.map(|one| one.end(EndReason::Replaced, number, now)));
            rows.push(WaitingClaim {
                number,
                vasp: self.claimant.number,
                batch: told_batch.filter(|_| *told).or(untold_batch).unwrap_or_default(),
                network: statement.network,
                account_key: statement.account_key.clone(),
                class: statement.controller.0,
                controller: statement.controller.1.clone(),
                role: statement.role.code(),
                visibility: self.seen.visibility,
                said_at: statement.since,
                expires_at: statement.expires_at,
                told: i16::from(*told),
            });
        }
        transaction.add_member_claims(&members)?;
        transaction.end_member_claims(&ends)?;
        transaction.add_waiting_claims(&rows)?;
        if !self.seen.named.is_empty() {
            for own in [new_told, new_untold].into_iter().flatten() {
                transaction.add_batch_readers(own, &self.seen.named)?;
            }
        }
        self.have_reviewed(transaction, waiting.len())?;
        Ok(Waiting { first, batch: told_batch, untold_batch })
    }

    /// Opens the member's case, once. Later claims do not change the case. Otherwise a member could flood reviewers, or invalidate their
    /// proposals.
    fn have_reviewed(&self, transaction: &mut Transaction<'_>, count: usize) -> Result<(), ServiceError> {
        if let Some(case) = transaction.conn().open_case_of(self.claimant.vasp)? {
            let triggers = transaction.conn().case_triggers(&[case.id])?;
            if triggers.iter().any(|trigger| trigger.kind == TriggerKind::PendingClaims) {
                return Ok(());
            }
        }
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        have_waiting_reviewed(transaction, self.claimant.vasp, count, self.speaker.user)
    }
}

/// Returns the error for a claim that was written but is missing.
pub(super) fn not_written() -> ServiceError {
    StoreError::missing("claims").into()
}
