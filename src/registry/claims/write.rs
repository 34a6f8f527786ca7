//! Writes claims as one change: one batch with its root in the log, the rows of its claims, and the ends of the claims that they replace.
//! This runs in the transaction of the service that makes the claims.

use std::collections::HashSet;

use super::allowance::Speaking;
use super::batch::{OpenBatch, Said, batch_said};
use super::claimant::{Claimant, Speaker};
use crate::node::{Registry, ServiceError};
use vasp_log::change::{Audience, ClaimsEnded, NewChange, Payload};
use vasp_pki::DataKey;
use vasp_record::attestation::{ATTESTED_BY_MEMBER, EndReason, PROVEN_BY_SIGNATURE, Seen};
use vasp_record::claim::{AddressRole, ClaimNumber, Strength, Visibility};
use vasp_store::{BatchRow, ClaimBatch, ClaimEnd, ClaimRow, Edit, MemberClaim, Transaction, WholeMemberClaim};
use vasp_words::time::UtcTime;

/// A claim to write, about one account.
pub(super) struct Statement {
    /// Network number.
    pub network: i32,
    /// Account key.
    pub account_key: Vec<u8>,
    /// Number of the class of networks, and what must act for the account there.
    pub controller: (i32, Vec<u8>),
    /// Memo; empty for none.
    pub memo: String,
    /// What the address is used for.
    pub role: AddressRole,
    /// Since when the VASP claims the account without a break.
    pub since: UtcTime,
    /// When the claim expires.
    pub expires_at: UtcTime,
    /// The claim on the same account that this one replaces; `None` if there is none.
    pub replaces: Option<Replaced>,
}

impl Statement {
    /// Returns the row that is stored beside the claim with a number.
    pub(super) fn member(&self, number: i64, speaker: Speaker) -> MemberClaim {
        MemberClaim {
            number,
            organisation: speaker.organisation,
            network: self.network,
            account_key: self.account_key.clone(),
            memo: self.memo.clone(),
            replaces: self.replaces.map(|replaced| replaced.number),
            replaced_by: None,
            ended_because: None,
            ended_at: None,
        }
    }
}

/// A claim that another claim replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Replaced {
    /// Its number.
    pub number: i64,
    /// Who may see it: its readers learn that it ended. `None` if it waits and nobody may see it.
    pub visibility: Option<Visibility>,
}

impl Replaced {
    /// Names a member's own claim as the replaced one.
    pub(super) fn of(row: &WholeMemberClaim) -> Self {
        Self { number: row.claim.number, visibility: row.waits.is_none().then_some(row.batch.visibility) }
    }

    /// Returns the end of this claim. `by` is the number of the claim that replaces it.
    pub(super) fn end(self, because: EndReason, by: i64, at: UtcTime) -> ClaimEnd {
        ClaimEnd { number: self.number, because, replaced_by: Some(by), at }
    }
}

/// The batches of the parts of an import that are written already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Earlier {
    /// Number that stands for the claims in force; `None` if there are none yet.
    pub batch: Option<i64>,
    /// Number of the batch with the claims whose member learns that they wait; `None` if there are none yet.
    pub pending_batch: Option<i64>,
}

/// What the claims of a batch share.
pub(super) struct Voice<'a> {
    /// The VASP that makes the claims.
    pub claimant: &'a Claimant,
    /// On whose behalf they are written.
    pub speaker: Speaker,
    /// Who may see the claims.
    pub seen: &'a Seen,
    /// The strength of the claims.
    pub strength: Strength,
    /// When the registry checked the claims; `None` if it did not.
    pub verified_at: Option<UtcTime>,
    /// Why the replaced claims end.
    pub replaces_because: EndReason,
    /// The key that seals the seed of the batch.
    pub seal_key: &'a DataKey,
    /// Makes public ids, and seals alerts for others.
    pub registry: &'a Registry,
    /// The earlier parts, if the claims are a part of an import.
    pub earlier: Earlier,
    /// The method of the last version of a claim that ended; `None` for claims in force.
    pub ended: Option<&'static str>,
    /// What follows from the key that the proof showed, each with its class; empty without a proof.
    pub shown: Vec<(i32, Vec<u8>)>,
}

/// A batch that was written.
pub(super) struct WrittenBatch {
    /// The batch.
    pub batch: BatchRow,
    /// Number of the first claim; the others follow in order.
    pub first: i64,
    /// The last claim, as its owner reads it.
    pub last: Option<WholeMemberClaim>,
}

impl<'a> Voice<'a> {
    /// Makes a voice for claims that the member states without a proof.
    pub(super) fn attesting(
        claimant: &'a Claimant,
        speaker: Speaker,
        seen: &'a Seen,
        seal_key: &'a DataKey,
        registry: &'a Registry,
    ) -> Self {
        let (strength, replaces_because) = (Strength::Attested, EndReason::Replaced);
        let earlier = Earlier::default();
        let shown = vec![];
        Self {
            claimant,
            speaker,
            seen,
            strength,
            verified_at: None,
            replaces_because,
            seal_key,
            registry,
            earlier,
            ended: None,
            shown,
        }
    }

    /// Returns the author of the claims, and who may see them.
    pub(super) fn speaking(&self) -> Speaking<'a> {
        Speaking { claimant: self.claimant, speaker: self.speaker, seen: self.seen, earlier: self.earlier }
    }

    /// Writes claims as one batch; there must be at least one.
    pub(super) fn write(
        &self,
        transaction: &mut Transaction<'_>,
        statements: &[Statement],
    ) -> Result<WrittenBatch, ServiceError> {
        let first = transaction.take_numbers("claims", i64::try_from(statements.len()).unwrap_or(i64::MAX))?;
        let batch = transaction.take_numbers("claim_batches", 1)?;
        let numbered: Vec<(i64, &Statement)> = (first..).zip(statements).collect();
        let members: Vec<MemberClaim> =
            numbered.iter().map(|(number, statement)| statement.member(*number, self.speaker)).collect();
        transaction.add_member_claims(&members)?;
        if !self.seen.named.is_empty() {
            transaction.add_batch_readers(batch, &self.seen.named)?;
        }
        let (shown, last) = self.write_numbered(transaction, batch, &numbered)?;
        let last = last.zip(members.into_iter().next_back());
        let last = last.map(|(claim, member)| WholeMemberClaim::counting((member, claim, shown.clone())));
        Ok(WrittenBatch { batch: shown, first, last })
    }

    /// Writes claims whose numbers are taken, and whose member rows and batch readers exist. Returns the batch and the last claim.
    pub(super) fn write_numbered(
        &self,
        transaction: &mut Transaction<'_>,
        batch: i64,
        numbered: &[(i64, &Statement)],
    ) -> Result<(BatchRow, Option<ClaimRow>), ServiceError> {
        let now = transaction.now();
        let said = self.said();
        let mut open = OpenBatch::open(batch, said, self.seal_key, transaction.conn_and_rng().1).map_err(ServiceError::Key)?;
        let (mut rows, mut ends, mut edits) = (vec![], vec![], vec![]);
        for (number, statement) in numbered {
            let row = self.row(*number, batch, statement);
            if let Some(replaced) = statement.replaces {
                ends.push(replaced.end(self.replaces_because, *number, now));
                // A waiting claim is in no answer, so nothing ends there.
                if replaced.visibility.is_some() {
                    edits.push(Edit::EndClaim(replaced.number));
                }
            }
            let mut claim = open.push(row);
            let new = self.shown.iter().filter(|shown| !claim.others.contains(shown)).cloned();
            claim.others.extend(new.collect::<Vec<_>>());
            rows.push(claim);
        }
        transaction.add_claims(&rows)?;
        transaction.end_member_claims(&ends)?;
        self.move_disputes(transaction, &ends)?;
        let batch = open.close();
        let shown = shown(&batch);
        self.record(transaction, batch, numbered.iter().filter_map(|(_, statement)| statement.replaces), edits);
        Ok((shown, rows.pop().map(|claim| claim.row)))
    }

    /// Moves open disputes to the claims that replace their claims. Few claims have disputes.
    fn move_disputes(&self, transaction: &mut Transaction<'_>, ends: &[ClaimEnd]) -> Result<(), ServiceError> {
        let ended: Vec<i64> = ends.iter().map(|end| end.number).collect();
        let open = transaction.conn().disputes_of(&ended)?;
        let disputed: HashSet<i64> = open.iter().flat_map(|dispute| [Some(dispute.claim), dispute.against]).flatten().collect();
        for end in ends.iter().filter(|end| disputed.contains(&end.number)) {
            transaction.move_disputes(end.number, end.replaced_by.unwrap_or(end.number))?;
        }
        Ok(())
    }

    fn said(&self) -> Said {
        let proven = self.strength == Strength::Proven;
        Said {
            source: self.claimant.vasp.to_string(),
            source_key: self.claimant.vasp.to_string(),
            method: self.ended.unwrap_or(if proven { PROVEN_BY_SIGNATURE } else { ATTESTED_BY_MEMBER }),
            strength: self.strength,
            visibility: self.seen.visibility,
            verified_at: self.verified_at,
            part_of: self.earlier.batch,
        }
    }

    fn row(&self, number: i64, batch: i64, statement: &Statement) -> ClaimRow {
        ClaimRow {
            number,
            class: statement.controller.0,
            controller: statement.controller.1.clone(),
            memo: statement.memo.clone(),
            network: statement.network,
            account_key: statement.account_key.clone(),
            vasp: self.claimant.number,
            batch,
            role: statement.role.code(),
            confidence: None,
            asserted_at: Some(statement.since.micros()),
            expires_at: Some(statement.expires_at.micros()),
            seq_to: None,
        }
    }

    /// Records in one change what begins and what ends. So at no sequence are both in force, or neither. If only some organisations may see
    /// the claims, only operators can read the change in the log. So ends for another audience than the batch's are recorded in a second
    /// change.
    fn record(
        &self,
        transaction: &mut Transaction<'_>,
        batch: ClaimBatch,
        ends: impl Iterator<Item = Replaced>,
        mut edits: Vec<Edit>,
    ) {
        let audience = Audience::from(self.seen.visibility);
        let counted = ends.filter_map(|end| Some((end.number, Audience::from(end.visibility?))));
        let (ended, beside): (Vec<_>, Vec<_>) = counted.partition(|(_, of)| *of == audience);
        let public_ids = |ends: &[(i64, Audience)]| -> Vec<String> {
            ends.iter().map(|(number, _)| self.registry.directory().claim_ids().public_id(ClaimNumber(*number))).collect()
        };
        let said = batch_said(&batch, self.strength, self.seen.visibility, Some(public_ids(&ended)));
        edits.push(Edit::AddBatch(batch));
        transaction.record(NewChange::of_claims(audience, Payload::ClaimBatch(said)), edits);
        if let Some((_, other)) = beside.first() {
            let said = ClaimsEnded { claims: public_ids(&beside), reason: self.replaces_because };
            transaction.record(NewChange::of_claims(*other, Payload::ClaimsEnded(said)), vec![]);
        }
    }
}

fn shown(batch: &ClaimBatch) -> BatchRow {
    BatchRow {
        number: batch.number,
        source: batch.source.clone(),
        source_key: batch.source_key.clone(),
        method: batch.method.clone(),
        strength: batch.strength,
        visibility: batch.visibility,
        verified_at: batch.verified_at,
        seq_from: 0,
        part_of: batch.part_of,
    }
}
