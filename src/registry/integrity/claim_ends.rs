//! Verifies ends of claims. If a claim is marked as ended at a sequence, the change of that sequence names it, by its id or with its batch.
//! Every claim that a change names is marked.

use std::collections::{BTreeMap, BTreeSet};

use vasp_log::change::{ChangeKind, Payload};
use vasp_pki::ClaimIdKey;
use vasp_store::LoggedChange;

use super::Verification;
use crate::node::ServiceError;

/// The claims that a change ends.
#[derive(Default)]
struct Ended {
    /// Numbers of claims.
    numbers: BTreeSet<i64>,
    /// A batch, and how many of its claims ended.
    batch: Option<(i64, i64)>,
    /// True if the payload was erased, or if it names something that is not a claim's id.
    is_unreadable: bool,
    /// True if the change adds a batch. The change right after it may then record the same ends for another audience.
    is_batch: bool,
    /// Whether any claim is marked with its sequence.
    is_marked: bool,
}

/// The last change of the previous page. The next page may continue with its ends.
#[derive(Default)]
pub(super) struct Before(Option<(i64, Ended)>);

/// Returns the claims that ended according to a change.
fn said(row: &LoggedChange, ids: &ClaimIdKey) -> Ended {
    let envelope = &row.change.envelope;
    let mut ended = Ended::default();
    let about = [ChangeKind::ClaimBatch, ChangeKind::ClaimsEnded, ChangeKind::ClaimBatchEnded];
    if !about.iter().any(|kind| kind.as_str() == envelope.kind) {
        return ended;
    }
    let payload = row.change.payload.as_deref().map(|text| Payload::read(&envelope.kind, text));
    let claims = match payload {
        Some(Ok(Payload::ClaimsEnded(said))) => said.claims,
        Some(Ok(Payload::ClaimBatch(said))) => {
            ended.is_batch = true;
            said.ended.unwrap_or_default()
        }
        Some(Ok(Payload::ClaimBatchEnded(said))) => {
            ended.batch = Some((said.batch, said.claims));
            vec![]
        }
        _ => {
            ended.is_unreadable = true;
            vec![]
        }
    };
    for id in claims {
        match ids.number(&id) {
            Ok(number) => drop(ended.numbers.insert(number.0)),
            Err(_) => ended.is_unreadable = true,
        }
    }
    ended
}

impl Verification<'_> {
    /// Compares the changes of a page with the claims that ended at their sequences.
    pub(super) fn claim_ends(
        &mut self,
        page: &[LoggedChange],
        after: i64,
        until: i64,
        before: &mut Before,
    ) -> Result<(), ServiceError> {
        let Some(ids) = &self.keys.claim_ids else { return Ok(()) };
        let counts: BTreeMap<i64, i64> = self.read(|conn| conn.claim_end_counts(after, until))?.into_iter().collect();
        let (mut pending, mut all) = (before.0.take(), Vec::new());
        for row in page {
            let (sequence, mut ended) = (row.change.envelope.sequence, said(row, ids));
            ended.is_marked = counts.contains_key(&sequence);
            let is_end = row.change.envelope.kind == ChangeKind::ClaimsEnded.as_str();
            match &mut pending {
                Some((_, batch)) if batch.is_batch && is_end && !ended.is_marked => batch.numbers.extend(ended.numbers),
                _ => all.extend(pending.replace((sequence, ended))),
            }
        }
        if until >= self.head.sequence {
            all.extend(pending.take());
        }
        before.0 = pending;
        for (sequence, ended) in all {
            if ended.is_marked || ended.batch.is_some() || !ended.numbers.is_empty() {
                self.ends_at(sequence, &ended)?;
            }
        }
        Ok(())
    }

    fn ends_at(&mut self, sequence: i64, ended: &Ended) -> Result<(), ServiceError> {
        if ended.is_unreadable {
            // An erased payload says nothing. An altered payload is reported where its commitment is compared.
            return Ok(());
        }
        if let Some((batch, claims)) = ended.batch {
            let (found, all) = self.read(|conn| {
                let all: i64 = conn.claim_end_counts(sequence - 1, sequence)?.iter().map(|(_, count)| count).sum();
                Ok((conn.claims_of_batch_ended_at(batch, sequence)?, all))
            })?;
            if found != claims || all != claims {
                let what = format!(
                    "the log says that {claims} claims of batch {batch} ended, but {found} claims of the batch ended, and {all} \
                     claims in total"
                );
                self.altered("claims", format!("ended at {sequence}"), &what);
            }
            return Ok(());
        }
        let limit = i64::try_from(ended.numbers.len()).unwrap_or(i64::MAX).saturating_add(100);
        let found: BTreeSet<i64> = self.read(|conn| conn.claims_ended_at(sequence, limit))?.into_iter().collect();
        for number in found.difference(&ended.numbers).take(10) {
            self.altered("claims", number, &format!("it is marked as ended at {sequence}, but the log does not say so"));
        }
        for number in ended.numbers.difference(&found).take(10) {
            self.altered("claims", number, &format!("the log says that it ended at {sequence}, but it is not marked as ended"));
        }
        Ok(())
    }
}
