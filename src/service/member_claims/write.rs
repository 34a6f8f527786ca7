//! Writes what was said: one batch with its root in the log, the rows of its claims, the ends of those whose place they take,
//! in one change. Part of the transaction of whoever says it.

use std::collections::HashSet;

use super::super::claim_batch::{OpenBatch, Said, batch_said};
use super::super::{Identity, Registry, ServiceError};
use super::claimant::Claimant;
use vasp_log::change::{Audience, ClaimsEnded, NewChange, Payload};
use vasp_pki::DataKey;
use vasp_record::attestation::{ATTESTED_BY_MEMBER, EndReason, PROVEN_BY_SIGNATURE, Seen};
use vasp_record::claim::{AddressRole, ClaimNumber, Strength, Visibility};
use vasp_store::{BatchRow, ClaimBatch, ClaimEnd, ClaimKeyRow, ClaimRow, Edit, MemberClaim, Transaction, WholeMemberClaim};
use vasp_words::time::UtcTime;

/// One saying about one account.
pub(super) struct Statement {
    /// Network number.
    pub network: i32,
    /// Account key.
    pub account_key: Vec<u8>,
    /// Memo; empty for none.
    pub memo: String,
    /// What the address is used for.
    pub role: AddressRole,
    /// Since when the VASP says so without a break.
    pub since: UtcTime,
    /// When it ends by itself.
    pub expires_at: UtcTime,
    /// The claim on the same account whose place it takes.
    pub replaces: Option<Replaced>,
}

/// A claim whose place another takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Replaced {
    /// Its number.
    pub number: i64,
    /// Who may see it: whoever may learns that it ended.
    pub visibility: Visibility,
}

/// What the sayings of a batch share.
pub(super) struct Voice<'a> {
    /// Who says it.
    pub claimant: &'a Claimant,
    /// By whom.
    pub identity: &'a Identity,
    /// Who may see it.
    pub seen: &'a Seen,
    /// How strong it is; a proven one was checked now, or when this says.
    pub strength: Strength,
    /// When the registry checked it.
    pub verified_at: Option<UtcTime>,
    /// Why the claims end whose place is taken.
    pub replaces_because: EndReason,
    /// Seals the seed of the batch.
    pub seal_key: &'a DataKey,
    /// Writes public ids, and seals what others are told.
    pub registry: &'a Registry,
}

/// What was written.
pub(super) struct WrittenBatch {
    /// The batch.
    pub batch: BatchRow,
    /// Number of the first claim; the others follow in order.
    pub first: i64,
    /// The last saying as its owner reads it.
    pub last: Option<WholeMemberClaim>,
}

impl<'a> Voice<'a> {
    /// Speaks of addresses that are the member's word only.
    pub(super) fn attesting(
        (claimant, identity): (&'a Claimant, &'a Identity),
        seen: &'a Seen,
        seal_key: &'a DataKey,
        registry: &'a Registry,
    ) -> Self {
        let (strength, replaces_because) = (Strength::Attested, EndReason::Replaced);
        Self { claimant, identity, seen, strength, verified_at: None, replaces_because, seal_key, registry }
    }

    /// Writes sayings as one batch; at least one.
    ///
    /// # Errors
    /// `ServiceError::Key`, `Store`.
    pub(super) fn write(
        &self,
        transaction: &mut Transaction<'_>,
        statements: &[Statement],
    ) -> Result<WrittenBatch, ServiceError> {
        let now = transaction.now();
        let first = transaction.take_numbers("claims", i64::try_from(statements.len()).unwrap_or(i64::MAX))?;
        let number = transaction.take_numbers("claim_batches", 1)?;
        let said = self.said();
        let mut open = OpenBatch::open(number, said, self.seal_key, transaction.conn_and_rng().1).map_err(ServiceError::Key)?;
        let (mut rows, mut members, mut ends, mut edits) = (vec![], vec![], vec![], vec![]);
        for (number, statement) in (first..).zip(statements) {
            let row = self.row(number, open.number(), statement);
            members.push(self.member(&row, statement.replaces.map(|replaced| replaced.number)));
            if let Some(replaced) = statement.replaces {
                ends.push(ClaimEnd {
                    number: replaced.number,
                    because: self.replaces_because,
                    replaced_by: Some(number),
                    at: now,
                });
                edits.push(Edit::EndClaim(key_of(&ClaimRow { number: replaced.number, ..row.clone() })));
            }
            rows.push(open.push(row));
        }
        transaction.add_claims(&rows)?;
        transaction.add_member_claims(&members)?;
        transaction.end_member_claims(&ends)?;
        self.move_disputes(transaction, &ends)?;
        if !self.seen.named.is_empty() {
            transaction.add_batch_readers(number, &self.seen.named)?;
        }
        let batch = open.close();
        let shown = shown(&batch);
        let last = rows.pop().zip(members.pop());
        let last = last.map(|(claim, member)| WholeMemberClaim { member, claim: claim.row, batch: shown.clone() });
        self.record(transaction, batch, statements.iter().filter_map(|statement| statement.replaces), edits);
        Ok(WrittenBatch { batch: shown, first, last })
    }

    /// Has open disputes be about what takes the place of their claims; of few claims there are any.
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
            method: if proven { PROVEN_BY_SIGNATURE } else { ATTESTED_BY_MEMBER },
            strength: self.strength,
            visibility: self.seen.visibility,
            verified_at: self.verified_at,
        }
    }

    fn row(&self, number: i64, batch: i64, statement: &Statement) -> ClaimRow {
        ClaimRow {
            network: statement.network,
            account_key: statement.account_key.clone(),
            memo: statement.memo.clone(),
            number,
            vasp: self.claimant.number,
            batch,
            role: statement.role.code(),
            confidence: None,
            asserted_at: Some(statement.since.micros()),
            expires_at: Some(statement.expires_at.micros()),
            seq_to: None,
        }
    }

    fn member(&self, row: &ClaimRow, replaces: Option<i64>) -> MemberClaim {
        MemberClaim {
            number: row.number,
            organisation: self.identity.organisation,
            network: row.network,
            account_key: row.account_key.clone(),
            memo: row.memo.clone(),
            replaces,
            replaced_by: None,
            ended_because: None,
            ended_at: None,
        }
    }

    /// One change writes what begins and what ends: at no sequence both stand, or neither. What only some may see is told in the
    /// log to operators only; so ends that others may read of than of the batch are told beside it.
    fn record(
        &self,
        transaction: &mut Transaction<'_>,
        batch: ClaimBatch,
        ends: impl Iterator<Item = Replaced>,
        mut edits: Vec<Edit>,
    ) {
        let audience = Audience::from(self.seen.visibility);
        let (ended, beside): (Vec<_>, Vec<_>) = ends.partition(|end| Audience::from(end.visibility) == audience);
        let public_ids = |ends: &[Replaced]| -> Vec<String> {
            ends.iter().map(|end| self.registry.directory().claim_ids().public_id(ClaimNumber(end.number))).collect()
        };
        let said = batch_said(&batch, (self.strength, self.seen.visibility), Some(public_ids(&ended)));
        edits.push(Edit::AddBatch(batch));
        transaction.record(NewChange::of_claims(audience, Payload::ClaimBatch(said)), edits);
        if let Some(other) = beside.first() {
            let said = ClaimsEnded { claims: public_ids(&beside), reason: self.replaces_because };
            transaction.record(NewChange::of_claims(other.visibility.into(), Payload::ClaimsEnded(said)), vec![]);
        }
    }
}

/// Returns the whole key of a claim's row.
pub(super) fn key_of(row: &ClaimRow) -> ClaimKeyRow {
    ClaimKeyRow { network: row.network, account_key: row.account_key.clone(), memo: row.memo.clone(), number: row.number }
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
    }
}
