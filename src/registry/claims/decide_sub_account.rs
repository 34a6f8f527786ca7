//! A sub-account that two people of the registry decide. The owner of the address is no member or did not answer. The claim on the memo is
//! disputed only for that reason.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::claimant::Claimant;
use super::end::{disputed, note};
use super::read::live_claims_on;
use super::sub_accounts;
use super::sub_accounts::Sides;
use crate::acts::Act;
use crate::directory::Generation;
use crate::node::{Fault, Registry, ServiceError};
use crate::proposals::{Decision, Scene, Step, Taken, Wish};
use std::sync::Arc;
use vasp_addresses::address::AccountKey;
use vasp_addresses::network::{NetworkNumber, NetworkTable};
use vasp_record::proposal::{ProposalKind, Reason};
use vasp_record::resolution::Parties;
use vasp_store::{ClaimDispute, ClaimRow, Edit, SubAccountRow, Transaction};
use vasp_words::ids::{DisputeId, SubAccountId, VaspId};
use vasp_words::time::UtcTime;

/// How long an owner that is a member has to answer, in days from the dispute with its claim. Ten working days are two weeks.
///
/// Source: docs/claims.md, "Memos".
const ANSWER_DAYS: i64 = 14;

/// A decision about a disputed claim on a memo.
pub struct SubAccountDecision<'a> {
    registry: &'a Registry,
    generation: Arc<Generation>,
    /// Public id of the claim.
    pub claim: String,
}

/// The content of a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDecision {
    /// Id of the claim on the memo.
    pub claim: String,
    /// What shows that the memo belongs to that VASP: who said so, and where to read it.
    pub evidence: Reason,
}

/// What the digest covers in addition: the owner of the address, the holder of the memo, the open disputes about the claim, and the owner's
/// refusal.
#[derive(Debug, Serialize)]
pub struct DecisionGround {
    owner: VaspId,
    holder: VaspId,
    disputes: BTreeSet<DisputeId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<SubAccountId>,
}

/// The disputed claim with its open disputes, whose cases are locked, and the two sides.
pub struct DisputedMemo {
    disputes: Vec<ClaimDispute>,
    claim: ClaimRow,
    owner: VaspId,
    holder: VaspId,
    /// When the dispute with the owner's claim began.
    since: UtcTime,
    /// The owner's refusal of the sub-account; `None` if there is none.
    refused: Option<SubAccountRow>,
}

impl<'a> SubAccountDecision<'a> {
    /// Makes the decision about a claim, by its public id.
    #[must_use]
    pub fn of<T>(act: &Act<'a, T>, claim: String) -> Self {
        Self { registry: act.registry, generation: act.registry.pin(act.now), claim }
    }

    /// Finds the other party: the owner of the claims on the whole address that the claim is in dispute with. It prefers the party's record
    /// that a member speaks for. Also returns when the dispute with that record's claim began.
    fn owner(
        &self,
        transaction: &mut Transaction<'_>,
        disputes: &[ClaimDispute],
        claim: &ClaimRow,
    ) -> Result<(VaspId, UtcTime), ServiceError> {
        let records = self.generation.records();
        let rows = live_claims_on(transaction.conn(), claim.network, &claim.account_key)?;
        let mut owners: BTreeMap<VaspId, UtcTime> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.memo.is_empty()) {
            let between = disputes.iter().filter(|one| one.claim == row.number || one.against == Some(row.number));
            let since = between.map(|dispute| dispute.opened_at).min();
            if let Some((owner, since)) = self.generation.vasp_of(row.vasp).zip(since) {
                let earliest = owners.entry(owner).or_insert(since);
                *earliest = since.min(*earliest);
            }
        }
        let parties: BTreeSet<VaspId> = owners.keys().map(|owner| records.party(*owner)).collect();
        for (owner, since) in &owners {
            if parties.len() == 1 && transaction.conn().organisation_speaking_for(*owner)?.is_some() {
                return Ok((*owner, *since));
            }
        }
        match (owners.pop_first(), parties.len()) {
            (Some(found), 1) => Ok(found),
            (None, _) => Err(ServiceError::IllegalStep("The claim has no dispute with a claim on the whole address.".to_owned())),
            _ => Err(ServiceError::IllegalStep(
                "Several VASPs claim the whole address; decide first which of them owns it.".to_owned(),
            )),
        }
    }

    /// Finds the owner's refusal for this memo, or for every memo, and this holder.
    fn refused(
        &self,
        transaction: &mut Transaction<'_>,
        claim: &ClaimRow,
        owner: VaspId,
        holder: VaspId,
    ) -> Result<Option<SubAccountRow>, ServiceError> {
        let records = self.generation.records();
        let said = transaction.conn().sub_accounts_on(claim.network, &claim.account_key)?;
        let mut refused = said.into_iter().filter(|one| one.refused_at.is_some());
        Ok(refused.find(|one| {
            one.owner == owner
                && records.party(one.holder) == records.party(holder)
                && (one.memo.is_empty() || one.memo == claim.memo)
        }))
    }

    fn confirm(&self, transaction: &mut Transaction<'_>, held: &DisputedMemo) -> Result<(), ServiceError> {
        let now = transaction.now();
        let id = SubAccountId::new(now, transaction.conn_and_rng().1);
        let claim = &held.claim;
        let named = SubAccountRow::named(id, now, claim.network, &claim.account_key, &claim.memo, held.owner, held.holder);
        let row = SubAccountRow { confirmed_at: Some(now), ..named };
        // A sub-account that the owner named, but nobody confirmed, ends: this one replaces it.
        if let Some(named) = sub_accounts::same(transaction, &row)? {
            transaction.end_sub_account(named.id, now)?;
            if named.seq_from.is_some() {
                transaction.record(sub_accounts::change(&named, false), vec![Edit::EndSubAccount(named.id)]);
            }
        }
        if !transaction.add_sub_account(&row)? {
            return Err(vasp_store::StoreError::Stale { table: "sub_accounts" }.into());
        }
        transaction.record(sub_accounts::change(&row, true), vec![Edit::CountSubAccount(id)]);
        let (number, generation) = (held.claim.vasp, Arc::clone(&self.generation));
        let holder = Claimant { vasp: held.holder, number, generation, left_group: false };
        Sides::read(transaction, &holder, &row)?.close_disputes(transaction, &row)?;
        for side in [row.owner, row.holder] {
            sub_accounts::tell(&mut *transaction, self.registry, &row, side, "decided")?;
        }
        Ok(())
    }
}

impl Decision for SubAccountDecision<'_> {
    const KIND: ProposalKind = ProposalKind::SubAccount;
    type Content = NewDecision;
    type Ground = DecisionGround;
    type Held = DisputedMemo;

    fn hold(&self, scene: &mut Scene<'_, '_>, _: Step) -> Result<DisputedMemo, ServiceError> {
        disputed(scene.transaction, self.registry.directory().claim_ids(), &self.claim)?;
        // The lock of claims comes after the cases, as everywhere. Read again: from now on nobody renews a claim or ends a sub-account.
        scene.transaction.lock_claims()?;
        let (disputes, claim) = disputed(scene.transaction, self.registry.directory().claim_ids(), &self.claim)?;
        let (owner, since) = self.owner(scene.transaction, &disputes, &claim)?;
        let holder = self.generation.vasp_of(claim.vasp).filter(|_| !claim.memo.is_empty());
        let no_memo = || {
            ServiceError::IllegalStep("The claim is on a whole address; a sub-account must be a memo of an address.".to_owned())
        };
        let holder = holder.ok_or_else(no_memo)?;
        let refused = self.refused(scene.transaction, &claim, owner, holder)?;
        Ok(DisputedMemo { disputes, claim, owner, holder, since, refused })
    }

    fn subject(&self, _: &DisputedMemo) -> String {
        self.claim.clone()
    }

    fn says(&self, held: &DisputedMemo, content: &NewDecision) -> String {
        let key = AccountKey::new(&held.claim.account_key);
        let address = NetworkTable::embedded().canonical_text(NetworkNumber(held.claim.network), &key).unwrap_or_default();
        let (memo, owner, holder) = (&held.claim.memo, held.owner, held.holder);
        format!("The memo {memo} of {address}, an address of {owner}, belongs to {holder}. Evidence: {}", content.evidence)
    }

    fn ground(&self, _: &mut Scene<'_, '_>, held: &DisputedMemo, _: &NewDecision) -> Result<DecisionGround, ServiceError> {
        let disputes = held.disputes.iter().map(|dispute| dispute.id).collect();
        let refused = held.refused.as_ref().map(|refused| refused.id);
        Ok(DecisionGround { owner: held.owner, holder: held.holder, disputes, refused })
    }

    fn consider(
        &self,
        scene: &mut Scene<'_, '_>,
        held: &mut DisputedMemo,
        _: &Taken<'_, NewDecision>,
    ) -> Result<Wish, ServiceError> {
        let conflict = |code, detail| Err(ServiceError::Conflict(Fault { pointer: String::new(), code, detail }));
        if let Some(refused) = &held.refused {
            let detail = format!(
                "{} states that the memo does not belong to {} ({}); decide which claim ends.",
                refused.owner, refused.holder, refused.id
            );
            return conflict("owner_refused", detail);
        }
        let until = held.since.plus_secs(ANSWER_DAYS * 86_400);
        let speaks = scene.transaction.conn().organisation_speaking_for(held.owner)?;
        if speaks.is_some() && scene.transaction.now() < until {
            let detail = format!(
                "{} is a member and can name or refuse the sub-account itself until {until}; if it does not, propose it then.",
                held.owner
            );
            return conflict("owner_may_answer", detail);
        }
        Ok(Wish::Waits)
    }

    fn take(
        &self,
        scene: &mut Scene<'_, '_>,
        held: &mut DisputedMemo,
        taken: &Taken<'_, NewDecision>,
    ) -> Result<(), ServiceError> {
        let Scene { transaction, identity } = scene;
        let body = json!({"claim": self.claim, "owner": held.owner, "holder": held.holder, "evidence": taken.content.evidence,
                          "reason": taken.reason, "proposal_digest": taken.proposal.map(|proposal| &proposal.told.digest)});
        note(transaction, &held.disputes, &format!("sub_account_{}", taken.step.done()), identity.user, &body)?;
        if taken.step == Step::Approve { self.confirm(transaction, held) } else { Ok(()) }
    }
}
