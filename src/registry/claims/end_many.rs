//! Ends many claims by one decision of two people: all claims of a VASP, a batch, or a selection. Whatever the number, it is one
//! transaction with one change in the log for each batch.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::said_anew::{SaidAnew, said_anew};
use crate::acts::Act;
use crate::cases::enter;
use crate::directory::Generation;
use crate::node::{Registry, ServiceError, invalid_value};
use crate::proposals::{Decision, Scene, Step, Taken, last_one};
use vasp_log::change::{Audience, ClaimBatchEnded, ClaimsEnded, NewChange, Payload};
use vasp_pki::{ClaimIdKey, sha256};
use vasp_record::attestation::EndReason;
use vasp_record::claim::ClaimNumber;
use vasp_record::proposal::ProposalKind;
use vasp_store::{BatchRow, ClaimEnd, ClaimRow, Conn, Edit, Transaction, WaitingOf, WholeMemberClaim};
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

/// Maximum number of claims in a selection.
pub const SELECTION_MAX: usize = 1_000;

/// Which claims end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = EndedClaims)]
pub enum Which {
    /// All claims of this VASP on addresses.
    Vasp(VaspId),
    /// All claims of the batch with this number. Also later claims of its VASP on the same addresses that were not proven since.
    Batch(i64),
    /// The members' claims with these ids, at most 1,000. Also later claims of their VASPs on the same addresses that were not proven
    /// since.
    Claims(Vec<String>),
}

/// A decision about many claims.
pub struct EndsDecision<'a> {
    ids: &'a ClaimIdKey,
    generation: Arc<Generation>,
    /// The id in paths: a VASP's id, `batch-7`, or `claims-` and the first characters of a digest of their ids.
    pub id: String,
    which: Option<Which>,
    now: UtcTime,
}

/// What the digest covers in addition: nothing. The proposal names whatever is in force at the approval, so that nobody escapes by making
/// more claims meanwhile.
#[derive(Debug, Serialize)]
pub struct Whole {}

/// The claims that end, by batch, locked.
pub struct EndedClaims {
    which: Which,
    pub(super) batches: Vec<(BatchRow, i64)>,
    selected: BTreeMap<i64, Vec<ClaimRow>>,
    /// The claims that wait for a reviewer: number, and number of their VASP.
    waiting: Vec<(i64, i64)>,
    count: i64,
}

impl EndedClaims {
    /// Returns which claims end.
    #[must_use]
    pub fn which(&self) -> &Which {
        &self.which
    }
}

impl Which {
    fn id(&self) -> String {
        match self {
            Self::Vasp(vasp) => vasp.to_string(),
            Self::Batch(number) => format!("batch-{number}"),
            Self::Claims(ids) => {
                let digest = hex::encode(sha256(ids.join(" ").as_bytes()));
                format!("claims-{}", digest.chars().take(32).collect::<String>())
            }
        }
    }

    fn named_by(id: &str) -> Option<Self> {
        let batch = || id.strip_prefix("batch-").and_then(|number| number.parse().ok()).map(Self::Batch);
        id.parse().map(Self::Vasp).ok().or_else(batch)
    }

    fn words(&self) -> String {
        match self {
            Self::Vasp(vasp) => format!("all claims of {vasp}"),
            Self::Batch(number) => format!("all claims of batch {number}"),
            Self::Claims(ids) => format!("the claims {}", ids.join(", ")),
        }
    }
}

fn none_such() -> ServiceError {
    ServiceError::NotFound("There are no such claims.".to_owned())
}

impl<'a> EndsDecision<'a> {
    /// Makes a decision about the claims of a new proposal.
    ///
    /// # Errors
    /// `ServiceError::Invalid` for an empty selection or one with too many claims.
    pub fn new<T>(act: &Act<'a, T>, which: Which) -> Result<Self, ServiceError> {
        let which = match which {
            Which::Claims(ids) if ids.is_empty() || ids.len() > SELECTION_MAX => {
                let detail = format!("name 1 to {SELECTION_MAX} claims; for more claims, name their batch or VASP");
                return Err(invalid_value("/claims", detail));
            }
            Which::Claims(mut ids) => {
                ids.sort_unstable();
                ids.dedup();
                Which::Claims(ids)
            }
            other => other,
        };
        Ok(Self { id: which.id(), which: Some(which), ..Self::of(act, String::new()) })
    }

    /// Makes a decision about an existing proposal.
    #[must_use]
    pub fn of<T>(act: &Act<'a, T>, id: String) -> Self {
        Self::about(act.registry, id, act.now)
    }

    /// Makes a decision about the claims with an id.
    pub(super) fn about(registry: &'a Registry, id: String, now: UtcTime) -> Self {
        Self { ids: registry.directory().claim_ids(), generation: registry.pin(now), which: Which::named_by(&id), id, now }
    }

    fn which(&self, conn: &mut Conn) -> Result<Which, ServiceError> {
        if let Some(which) = &self.which {
            return Ok(which.clone());
        }
        let last = last_one(conn, ProposalKind::ClaimEnds, &self.id, None)?;
        last.ok_or_else(none_such)?.content()
    }

    /// Returns the batches of a VASP's claims, including those under records that were merged into its record.
    pub(super) fn batches_of(&self, conn: &mut Conn, vasp: VaspId) -> Result<Vec<i64>, ServiceError> {
        let records = self.generation.records();
        let stayed = records.get(vasp).ok_or_else(none_such)?.id;
        let mut numbers = conn.batches_of_source(&stayed.to_string())?;
        for absorbed in records.absorbed_by(stayed) {
            numbers.extend(conn.batches_of_source(&absorbed.to_string())?);
        }
        Ok(numbers)
    }

    /// Returns the VASPs that make the claims, in order. Labels have none.
    fn sources(&self, conn: &mut Conn, which: &Which) -> Result<BTreeSet<VaspId>, ServiceError> {
        let numbers;
        let of = match which {
            Which::Vasp(vasp) => return Ok(BTreeSet::from([*vasp])),
            Which::Batch(number) => WaitingOf::Batch(*number),
            Which::Claims(ids) => {
                numbers = self.numbers(ids)?;
                WaitingOf::Numbers(&numbers)
            }
        };
        Ok(conn.places_said(of)?.iter().filter_map(|place| self.generation.vasp_of(place.vasp)).collect())
    }

    /// Returns those of the claims that wait for a reviewer.
    fn waiting(&self, conn: &mut Conn, which: &Which) -> Result<Vec<WholeMemberClaim>, ServiceError> {
        let (all, now) = ((0, i64::MAX), self.now);
        Ok(match which {
            Which::Vasp(vasp) => {
                let records = self.generation.records();
                let stayed = records.get(*vasp).ok_or_else(none_such)?.id;
                let mut rows = vec![];
                for number in
                    records.absorbed_by(stayed).iter().chain([&stayed]).filter_map(|one| self.generation.number_of(*one))
                {
                    rows.extend(conn.waiting_claims(WaitingOf::Vasp(number), all, now)?);
                }
                rows
            }
            Which::Batch(number) => conn.waiting_claims(WaitingOf::Batch(*number), all, now)?,
            Which::Claims(ids) => conn.waiting_claims(WaitingOf::Numbers(&self.numbers(ids)?), all, now)?,
        })
    }

    fn numbers(&self, ids: &[String]) -> Result<Vec<i64>, ServiceError> {
        ids.iter().map(|id| self.ids.number(id).map(|number| number.0).map_err(|_| none_such())).collect()
    }

    /// Reads the selected claims in force, by batch.
    fn selected(&self, conn: &mut Conn, ids: &[String]) -> Result<BTreeMap<i64, Vec<ClaimRow>>, ServiceError> {
        let mut by_batch: BTreeMap<i64, Vec<ClaimRow>> = BTreeMap::new();
        let numbers = self.numbers(ids)?;
        for number in &numbers {
            conn.member_claim_of_any(*number)?.ok_or_else(none_such)?;
        }
        for row in conn.claims_numbered(&numbers)?.into_iter().filter(|row| row.seq_to.is_none()) {
            by_batch.entry(row.batch).or_default().push(row);
        }
        Ok(by_batch)
    }

    /// Finds the claims that end. To end them, call it under the lock of claims.
    pub(super) fn found(&self, conn: &mut Conn, which: Which) -> Result<EndedClaims, ServiceError> {
        let (mut selected, mut batches) = (BTreeMap::new(), vec![]);
        let numbers;
        let of = match &which {
            Which::Vasp(vasp) => {
                let numbers = self.batches_of(conn, *vasp)?;
                batches = conn.live_batches(&numbers)?;
                None
            }
            Which::Batch(number) => {
                let parts: Vec<i64> = conn.parts_of_batches(&[*number])?.into_iter().map(|(part, _)| part).collect();
                batches = conn.live_batches(&parts)?;
                Some(WaitingOf::Batch(*number))
            }
            Which::Claims(ids) => {
                selected = self.selected(conn, ids)?;
                numbers = self.numbers(ids)?;
                Some(WaitingOf::Numbers(&numbers))
            }
        };
        let waiting = self.waiting(conn, &which)?;
        let mut waiting: Vec<(i64, i64)> = waiting.iter().map(|row| (row.claim.number, row.claim.vasp)).collect();
        if let Some(of) = of {
            let SaidAnew { counting, waiting: further } = said_anew(conn, of, self.now)?;
            let known: BTreeSet<i64> = selected.values().flatten().map(|row| row.number).collect();
            let is_new =
                |row: &ClaimRow| !known.contains(&row.number) && batches.iter().all(|(batch, _)| batch.number != row.batch);
            let counting: Vec<ClaimRow> = counting.into_iter().filter(is_new).collect();
            counting.into_iter().for_each(|row| selected.entry(row.batch).or_default().push(row));
            waiting.extend(further);
            waiting.sort_unstable();
            waiting.dedup();
        }
        let touched: Vec<i64> = selected.keys().copied().collect();
        for (batch, live) in conn.live_batches(&touched)? {
            let chosen = selected.get(&batch.number).map_or(0, |rows| i64::try_from(rows.len()).unwrap_or(i64::MAX));
            if chosen == live && matches!(which, Which::Batch(_)) {
                // All claims of this replacing batch are selected, so one statement ends the whole batch.
                selected.remove(&batch.number);
            }
            batches.push((batch, chosen));
        }
        let count = batches.iter().map(|(_, count)| count).sum::<i64>() + i64::try_from(waiting.len()).unwrap_or(i64::MAX);
        Ok(EndedClaims { which, batches, selected, waiting, count })
    }

    pub(super) fn end(&self, transaction: &mut Transaction<'_>, held: &EndedClaims) -> Result<(), ServiceError> {
        let (now, outcome) = (transaction.now(), format!("ended:{}", self.id));
        let waiting: Vec<i64> = held.waiting.iter().map(|(number, _)| *number).collect();
        transaction.decide_waiting_ends(&waiting)?;
        for (batch, count) in &held.batches {
            let audience = Audience::from(batch.visibility);
            let Some(claims) = held.selected.get(&batch.number) else {
                transaction.decide_batch_ends(batch.number, &outcome)?;
                let said = ClaimBatchEnded { batch: batch.number, claims: *count, reason: EndReason::Decided };
                let change = NewChange::of_claims(audience, Payload::ClaimBatchEnded(said));
                transaction.record(change, vec![Edit::EndBatch(batch.number)]);
                continue;
            };
            let end =
                |claim: &ClaimRow| ClaimEnd { number: claim.number, because: EndReason::Decided, replaced_by: None, at: now };
            transaction.end_member_claims(&claims.iter().map(end).collect::<Vec<_>>())?;
            let numbers: Vec<i64> = claims.iter().map(|claim| claim.number).collect();
            transaction.close_disputes_of(&numbers, &outcome, now)?;
            let said = ClaimsEnded {
                claims: claims.iter().map(|claim| self.ids.public_id(ClaimNumber(claim.number))).collect(),
                reason: EndReason::Decided,
            };
            let edits = claims.iter().map(|claim| Edit::EndClaim(claim.number)).collect();
            transaction.record(NewChange::of_claims(audience, Payload::ClaimsEnded(said)), edits);
        }
        Ok(())
    }

    /// Adds a step to the open cases of the VASPs that made the claims.
    fn note(&self, scene: &mut Scene<'_, '_>, held: &EndedClaims, taken: &Taken<'_, Which>) -> Result<(), ServiceError> {
        let Scene { transaction, identity } = scene;
        let body = json!({"claims": held.which, "count": held.count, "reason": taken.reason,
                          "proposal_digest": taken.proposal.map(|proposal| &proposal.told.digest)});
        let mut sources: Vec<VaspId> = held.batches.iter().filter_map(|(batch, _)| batch.source_key.parse().ok()).collect();
        sources.extend(held.waiting.iter().filter_map(|(_, vasp)| self.generation.vasp_of(*vasp)));
        sources.sort_unstable();
        sources.dedup();
        for vasp in sources {
            if let Some(case) = transaction.conn().open_case_of(vasp)? {
                enter(transaction, case.id, &format!("claim_ends_{}", taken.step.done()), Some(identity.user), &body)?;
            }
        }
        Ok(())
    }
}

impl Decision for EndsDecision<'_> {
    const KIND: ProposalKind = ProposalKind::ClaimEnds;
    type Content = Which;
    type Ground = Whole;
    type Held = EndedClaims;

    fn hold(&self, scene: &mut Scene<'_, '_>, step: Step) -> Result<EndedClaims, ServiceError> {
        let transaction = &mut *scene.transaction;
        let which = self.which(transaction.conn())?;
        // The lock order is the same everywhere: submission, case, claims.
        for vasp in self.sources(transaction.conn(), &which)? {
            transaction.lock_submission(vasp)?;
            if let Some(case) = transaction.conn().open_case_of(vasp)? {
                transaction.lock_case(case.id)?;
            }
        }
        transaction.lock_claims()?;
        let found = self.found(transaction.conn(), which)?;
        if found.count == 0 && matches!(step, Step::Propose | Step::Approve) {
            return Err(ServiceError::IllegalStep("None of these claims is in force any more.".to_owned()));
        }
        Ok(found)
    }

    fn subject(&self, _: &EndedClaims) -> String {
        self.id.clone()
    }

    fn says(&self, held: &EndedClaims, which: &Which) -> String {
        let anew = match which {
            Which::Vasp(_) => "",
            Which::Batch(_) | Which::Claims(_) => {
                ", together with the claims that replaced them, except those that were proven since"
            }
        };
        format!(
            "End {}: {} are in force now. All of them that are in force at the time of approval end{anew}.",
            which.words(),
            held.count
        )
    }

    fn ground(&self, _: &mut Scene<'_, '_>, _: &EndedClaims, _: &Which) -> Result<Whole, ServiceError> {
        Ok(Whole {})
    }

    fn take(&self, scene: &mut Scene<'_, '_>, held: &mut EndedClaims, taken: &Taken<'_, Which>) -> Result<(), ServiceError> {
        self.note(scene, held, taken)?;
        if taken.step == Step::Approve { self.end(scene.transaction, held) } else { Ok(()) }
    }
}
