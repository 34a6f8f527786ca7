//! The registry's side of disputes: the list of disputes, and the end of a disputed claim. One person proposes the end, and another
//! approves exactly that content by its digest. A dispute without merit is dismissed, which changes no answer.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::change::record_end;
use crate::acts::{Act, Deed, Reply};
use crate::cases::enter;
use crate::directory::Generation;
use crate::node::{Page, Registry, ServiceError};
use crate::proposals::{Decision, Proposal, Scene, Step, Taken, last};
use vasp_addresses::address::AccountKey;
use vasp_addresses::network::{NetworkNumber, NetworkTable};
use vasp_pki::ClaimIdKey;
use vasp_record::attestation::EndReason;
use vasp_record::claim::{AddressRole, ClaimNumber, Strength};
use vasp_record::proposal::{ProposalKind, Reason};
use vasp_store::{BatchRow, ClaimDispute, ClaimEnd, ClaimRow, Conn, StoreError, Transaction};
use vasp_words::ids::{CaseId, DisputeId, UserId, VaspId};
use vasp_words::time::UtcTime;

/// A claim on one side of a dispute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DisputedClaim {
    id: String,
    /// Id of the VASP or group that the claim assigns the address to.
    vasp: Option<VaspId>,
    role: AddressRole,
    strength: Strength,
    source: String,
    has_ended: bool,
}

/// A claim whose end was proposed or decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimDecision {
    /// Public id of the claim.
    pub claim: String,
    /// The proposal; `None` if nobody ever proposed an end.
    pub proposal: Option<Proposal>,
}

/// A dispute as operators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// The stored dispute.
    pub row: ClaimDispute,
    /// The network, or the family of networks.
    pub network: String,
    /// Canonical address.
    pub address: String,
    /// The claim in dispute.
    pub claim: Option<DisputedClaim>,
    /// The claim that was there first.
    pub against: Option<DisputedClaim>,
    /// The proposed ends of the two claims.
    pub endings: Vec<ClaimDecision>,
}

/// Lists disputes, oldest first: the open ones, or the closed ones.
pub fn list_disputes(
    registry: &Registry,
    open: bool,
    after: Option<&str>,
    limit: usize,
    now: UtcTime,
) -> Result<Page<Dispute, String>, ServiceError> {
    let generation = registry.pin(now);
    let ids = registry.directory().claim_ids();
    registry.store().read(|conn| {
        let rows = conn.disputes(open, after.unwrap_or_default(), i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1))?;
        let known = Known::read(conn, &rows, &generation, ids)?;
        let disputes: Vec<Dispute> = rows.into_iter().map(|row| known.dispute(row)).collect::<Result<_, _>>()?;
        Ok(Page::of(disputes.into_iter(), limit, |dispute| dispute.row.id.to_string()))
    })
}

/// The data needed to describe disputes.
struct Known<'a> {
    generation: &'a Generation,
    ids: &'a ClaimIdKey,
    claims: HashMap<i64, ClaimRow>,
    batches: HashMap<i64, BatchRow>,
    endings: HashMap<String, Proposal>,
}

impl<'a> Known<'a> {
    fn read(
        conn: &mut Conn,
        rows: &[ClaimDispute],
        generation: &'a Generation,
        ids: &'a ClaimIdKey,
    ) -> Result<Self, ServiceError> {
        let numbers: Vec<i64> = rows.iter().flat_map(|row| [Some(row.claim), row.against]).flatten().collect();
        let claims: HashMap<i64, ClaimRow> =
            conn.claims_numbered(&numbers)?.into_iter().map(|claim| (claim.number, claim)).collect();
        let batches: Vec<i64> = claims.values().map(|claim| claim.batch).collect();
        let batches = conn.claim_batches(&batches)?.into_iter().map(|batch| (batch.number, batch)).collect();
        let named: Vec<String> = numbers.iter().map(|number| ids.public_id(ClaimNumber(*number))).collect();
        let endings = last(conn, ProposalKind::ClaimEnd, &named, None)?;
        Ok(Self { generation, ids, claims, batches, endings })
    }

    fn claim(&self, number: i64) -> Option<DisputedClaim> {
        let row = self.claims.get(&number)?;
        let batch = self.batches.get(&row.batch)?;
        Some(DisputedClaim {
            id: self.ids.public_id(ClaimNumber(number)),
            vasp: self.generation.vasp_of(row.vasp),
            role: AddressRole::from_code(row.role)?,
            strength: batch.strength,
            source: batch.source.clone(),
            has_ended: row.seq_to.is_some(),
        })
    }

    fn dispute(&self, row: ClaimDispute) -> Result<Dispute, ServiceError> {
        let table = NetworkTable::embedded();
        let number = NetworkNumber(row.network);
        let address = table
            .canonical_text(number, &AccountKey::new(&row.account_key))
            .ok_or_else(|| StoreError::impossible("claim_disputes", "this key is not an account of its network"))?;
        let sides = [Some(row.claim), row.against];
        let endings = sides.iter().flatten().filter_map(|number| {
            let claim = self.ids.public_id(ClaimNumber(*number));
            let proposal = self.endings.get(&claim)?.clone();
            Some(ClaimDecision { claim, proposal: Some(proposal) })
        });
        Ok(Dispute {
            network: table.name_of(number).unwrap_or_default().to_owned(),
            address,
            claim: self.claim(row.claim),
            against: row.against.and_then(|number| self.claim(number)),
            endings: endings.collect(),
            row,
        })
    }
}

fn no_dispute() -> ServiceError {
    ServiceError::NotFound("There is no open dispute about this claim.".to_owned())
}

/// Reads the open disputes about a claim, with their cases locked, and the claim's row.
pub(super) fn disputed(
    transaction: &mut Transaction<'_>,
    ids: &ClaimIdKey,
    id: &str,
) -> Result<(Vec<ClaimDispute>, ClaimRow), ServiceError> {
    let number = ids.number(id).map_err(|_| no_dispute())?.0;
    let mut cases: Vec<CaseId> = transaction.conn().disputes_of(&[number])?.into_iter().map(|dispute| dispute.case_id).collect();
    cases.sort_unstable();
    cases.dedup();
    for case in cases {
        transaction.lock_case(case)?;
    }
    // The disputes may have ended while this transaction waited for the locks.
    let disputes = transaction.conn().disputes_of(&[number])?;
    if disputes.is_empty() {
        return Err(no_dispute());
    }
    let row =
        transaction.conn().claims_numbered(&[number])?.into_iter().find(|row| row.seq_to.is_none()).ok_or_else(no_dispute)?;
    Ok((disputes, row))
}

pub(super) fn note(
    transaction: &mut Transaction<'_>,
    disputes: &[ClaimDispute],
    kind: &str,
    actor: UserId,
    body: &serde_json::Value,
) -> Result<(), ServiceError> {
    let mut cases: Vec<CaseId> = disputes.iter().map(|dispute| dispute.case_id).collect();
    cases.sort_unstable();
    cases.dedup();
    for case in cases {
        enter(transaction, case, kind, Some(actor), body)?;
    }
    Ok(())
}

/// A decision about the end of a disputed claim.
pub struct EndDecision<'a> {
    ids: &'a ClaimIdKey,
    /// Public id of the claim.
    pub claim: String,
}

/// What the digest covers in addition: the content of the claim, and the open disputes about it. So nobody can approve in a later dispute
/// an end that was proposed in an earlier one.
#[derive(Debug, Serialize)]
pub struct EndGround {
    role: i16,
    expires_at: Option<i64>,
    disputes: BTreeSet<DisputeId>,
}

/// A disputed claim with its open disputes, whose cases are locked.
pub struct DisputedRow {
    disputes: Vec<ClaimDispute>,
    claim: ClaimRow,
}

impl<'a> EndDecision<'a> {
    /// Makes the decision about a claim, by its public id.
    #[must_use]
    pub fn of<T>(act: &Act<'a, T>, claim: String) -> Self {
        Self { ids: act.registry.directory().claim_ids(), claim }
    }

    fn end(&self, transaction: &mut Transaction<'_>, claim: &ClaimRow) -> Result<(), ServiceError> {
        let now = transaction.now();
        let end = ClaimEnd { number: claim.number, because: EndReason::Decided, replaced_by: None, at: now };
        transaction.end_member_claims(&[end])?;
        transaction.close_disputes_of(&[claim.number], &format!("ended:{}", self.claim), now)?;
        let visibility = transaction.conn().claim_batches(&[claim.batch])?.first().map(|batch| batch.visibility);
        record_end(transaction, visibility, claim.number, &self.claim, EndReason::Decided);
        Ok(())
    }
}

impl Decision for EndDecision<'_> {
    const KIND: ProposalKind = ProposalKind::ClaimEnd;
    /// Id of the claim.
    type Content = String;
    type Ground = EndGround;
    type Held = DisputedRow;

    fn hold(&self, scene: &mut Scene<'_, '_>, _: Step) -> Result<DisputedRow, ServiceError> {
        let (disputes, claim) = disputed(scene.transaction, self.ids, &self.claim)?;
        Ok(DisputedRow { disputes, claim })
    }

    fn subject(&self, _: &DisputedRow) -> String {
        self.claim.clone()
    }

    fn says(&self, held: &DisputedRow, claim: &String) -> String {
        let (table, number) = (NetworkTable::embedded(), NetworkNumber(held.claim.network));
        let address = table.canonical_text(number, &AccountKey::new(&held.claim.account_key)).unwrap_or_default();
        format!("End the claim {} on {address} ({}).", claim, table.name_of(number).unwrap_or_default())
    }

    fn ground(&self, _: &mut Scene<'_, '_>, held: &DisputedRow, _: &String) -> Result<EndGround, ServiceError> {
        let disputes = held.disputes.iter().map(|dispute| dispute.id).collect();
        Ok(EndGround { role: held.claim.role, expires_at: held.claim.expires_at, disputes })
    }

    fn take(&self, scene: &mut Scene<'_, '_>, held: &mut DisputedRow, taken: &Taken<'_, String>) -> Result<(), ServiceError> {
        let Scene { transaction, identity } = scene;
        let kind = format!("claim_end_{}", taken.step.done());
        let body = json!({"claim": self.claim, "reason": taken.reason,
                          "proposal_digest": taken.proposal.map(|proposal| &proposal.told.digest)});
        note(transaction, &held.disputes, &kind, identity.user, &body)?;
        if taken.step == Step::Approve { self.end(transaction, &held.claim) } else { Ok(()) }
    }
}

/// Closes a dispute without ending a claim.
pub fn dismiss_dispute(act: Act<'_, DisputeId>, id: &str, why: &Reason) -> Result<Reply, ServiceError> {
    act.run("claim.dispute.dismiss", |transaction, identity| {
        let missing = || ServiceError::NotFound("There is no such open dispute.".to_owned());
        let known = id.parse().map_err(|_| missing())?;
        let row = transaction.conn().dispute(known)?.ok_or_else(missing)?;
        transaction.lock_case(row.case_id)?;
        let at = transaction.now();
        if !transaction.close_dispute(known, "dismissed", at)? {
            return Err(missing());
        }
        let body = json!({"dispute": id, "reason": why});
        note(transaction, std::slice::from_ref(&row), "dispute_dismissed", identity.user, &body)?;
        Ok(Deed::new(row.id, id, body))
    })
}
