//! The outcome of one pre-check as it is stored: reads and adds sealed entries.

use serde_json::{Value, json};

use super::judged::Judged;
use super::{ConditionStatement, Outcome, OutcomeContent, OutcomeEntry, SaidCondition};
use crate::acts::sealed_traces::padded;
use crate::directory::Generation;
use crate::node::ServiceError;
use crate::precheck::Recording;
use crate::precheck::record::{opened, present};
use vasp_pki::DataKey;
use vasp_pki::receipt::digest_text;
use vasp_rules::policy::Recommendation;
use vasp_rules::precheck_outcome::{Admission, Standing, TransferResult};
use vasp_rules::precheck_retention::floor_until;
use vasp_rules::screening::Hit;
use vasp_store::{Conn, PrecheckOutcomeRow, PrecheckRecord, PrecheckRow, SCREENING_KINDS, Transaction};
use vasp_words::ids::{OrganisationId, PrecheckId, VaspId};
use vasp_words::sql::Flag;
use vasp_words::time::{Date, UtcTime};

/// The outcome of a pre-check, with what its verdict demands.
pub struct KeptOutcome {
    /// The organisation that asked.
    pub(super) organisation: OrganisationId,
    pub(super) record: PrecheckRecord,
    pub(super) judged: Judged,
    /// The VASP on whose behalf the pre-check was made.
    pub(super) own: Option<VaspId>,
    /// Whether it was about the moment at which it was asked, and not about the past.
    is_present: bool,
    /// The directory's sequence of the answer.
    sequence: i64,
    /// All entries, of both kinds.
    pub(super) entries: Vec<OutcomeEntry>,
}

fn purpose(precheck: PrecheckId, number: i32) -> String {
    format!("outcome:{precheck}:{number}")
}

impl KeptOutcome {
    /// Reads the outcome of a pre-check.
    ///
    /// # Errors
    /// `ServiceError::NotFound` if the organisation has no such pre-check, or if its contents were erased; `Store`, `Key`, `Unreadable`.
    pub(super) fn read(
        conn: &mut Conn,
        organisation: OrganisationId,
        precheck: PrecheckId,
        key: &DataKey,
    ) -> Result<Self, ServiceError> {
        let row = conn.precheck(precheck, organisation)?;
        Self::of(conn, present(row, precheck)?, key)
    }

    /// Reads the outcome of a pre-check and locks it until the end of the transaction.
    ///
    /// # Errors
    /// Those of [`Self::read`].
    pub(super) fn lock(
        transaction: &mut Transaction<'_>,
        organisation: OrganisationId,
        precheck: PrecheckId,
        key: &DataKey,
    ) -> Result<Self, ServiceError> {
        let row = transaction.lock_precheck(precheck, organisation)?;
        Self::of(transaction.conn(), present(row, precheck)?, key)
    }

    fn of(conn: &mut Conn, row: PrecheckRow, key: &DataKey) -> Result<Self, ServiceError> {
        let recording = opened(&row, key)?;
        let rows = conn.precheck_outcomes(row.organisation, row.record.id)?;
        let entries = rows.iter().map(|row| read(row, key)).collect::<Result<_, _>>()?;
        let judged = Judged::of(&recording)?;
        let is_present = recording.asked_at.is_none();
        let Recording { own, sequence, .. } = recording;
        Ok(Self { organisation: row.organisation, record: row.record, judged, own, is_present, sequence, entries })
    }

    /// Returns the conditions that are not met, by the last statement about each; `newest` are statements that are not recorded yet.
    pub(super) fn open_conditions(&self, newest: &[ConditionStatement]) -> Vec<SaidCondition> {
        let statements = || newest.iter().chain(self.entries.iter().rev().flat_map(|entry| &entry.content.conditions));
        let is_met = |id: &str| statements().find(|said| said.id == id).is_some_and(|said| said.met);
        self.judged.conditions.iter().map(|one| &one.said).filter(|condition| !is_met(&condition.id)).cloned().collect()
    }

    /// Returns whether another pre-check can show something for a condition of this one: a good answer about the same counterparty or address.
    pub(super) fn is_shown_by(&self, other: &Self, generation: &Generation) -> bool {
        let [party, theirs] = [self, other].map(|of| of.record.counterparty.map(|vasp| generation.records().canonical(vasp)));
        let [address, other_address] = [self, other].map(|of| of.judged.other_address());
        let is_same = (party.is_some() && party == theirs) || (address.is_some() && address == other_address);
        is_same && self.record.id != other.record.id && other.judged.recommendation != Recommendation::Reject
    }

    /// Returns a screening list that has the address and did not have it when the answer was given: the list came since, or the listing
    /// began since. `None` if there is none.
    fn listed_since(&self, conn: &mut Conn, generation: &Generation, today: Date) -> Result<Option<String>, ServiceError> {
        let Some(screen) = &generation.documents().screen else { return Ok(None) };
        let (accounts, asked_on) = (self.judged.screened_accounts()?, self.record.recorded_at.date());
        let known: Vec<_> = screen.value.accounts(&accounts, asked_on).iter().map(Hit::key).collect();
        for hit in screen.value.accounts(&accounts, today) {
            let mut came = || conn.documents_came(&format!("{SCREENING_KINDS}{}", hit.list), self.sequence, i64::MAX);
            if !known.contains(&hit.key()) || came()? {
                return Ok(Some(hit.list));
            }
        }
        Ok(None)
    }

    /// Returns who may record a result, together with statements about conditions.
    ///
    /// # Errors
    /// `ServiceError::Store`, `Unreadable`.
    pub(super) fn admits(
        &self,
        conn: &mut Conn,
        result: TransferResult,
        newest: &[ConditionStatement],
        generation: &Generation,
        now: UtcTime,
    ) -> Result<Admission, ServiceError> {
        let open: Vec<String> = self.open_conditions(newest).into_iter().map(|condition| condition.id).collect();
        let results: Vec<_> = self.entries.iter().filter_map(|entry| entry.content.result).collect();
        // A returned transfer goes back to its sender.
        let gives = result == TransferResult::Released || result == TransferResult::Returned && self.judged.is_incoming();
        let listed_since = if gives { self.listed_since(conn, generation, now.date())? } else { None };
        let standing = Standing {
            recommendation: self.judged.recommendation,
            clears_transfer: self.is_present && self.judged.clears_transfer(),
            valid_until: self.judged.valid_until,
            now,
            says_freeze: self.judged.says_freeze(),
            listed_since: listed_since.as_deref(),
            open_conditions: &open,
            results: &results,
        };
        Ok(standing.admits(result))
    }

    /// Adds an entry, and returns what the audit chain says of it: nothing but its digest.
    pub(super) fn add(
        &mut self,
        transaction: &mut Transaction<'_>,
        content: OutcomeContent,
        key: &DataKey,
    ) -> Result<Value, ServiceError> {
        let number = i32::try_from(self.entries.len()).unwrap_or(i32::MAX).saturating_add(1);
        let (precheck, recorded_at) = (self.record.id, transaction.now());
        let plain = padded(serde_json::to_vec(&content)?);
        let sealed = key.seal(&purpose(precheck, number), &plain, transaction.conn_and_rng().1).map_err(ServiceError::Key)?;
        let ends = Flag(content.result.is_some_and(TransferResult::ends));
        let row = PrecheckOutcomeRow { organisation: self.organisation, precheck, number, recorded_at, ends, sealed };
        transaction.add_precheck_outcome(&row)?;
        if ends.0 {
            // Everybody may know of it. Any other entry keeps the record as long, but does not move the day that everybody sees.
            let until = floor_until(self.record.floor_days, recorded_at, None).max(self.record.kept_until);
            transaction.keep_precheck_until(self.organisation, precheck, until)?;
        }
        self.entries.push(read(&row, key)?);
        Ok(json!({"digest": digest_text(&row.sealed)}))
    }

    /// Returns the outcome as a reader may see it.
    pub(super) fn seen(self, confidential: bool) -> Outcome {
        let open_conditions = self.open_conditions(&[]);
        let entries: Vec<_> = self.entries.into_iter().filter(|entry| confidential || !entry.confidential).collect();
        Outcome {
            precheck: self.record.id,
            recommendation: self.judged.recommendation,
            open: !entries.iter().any(|entry| entry.content.result.is_some_and(TransferResult::ends)),
            open_conditions,
            entries,
        }
    }
}

fn read(row: &PrecheckOutcomeRow, key: &DataKey) -> Result<OutcomeEntry, ServiceError> {
    let plain = key.open(&purpose(row.precheck, row.number), &row.sealed).map_err(ServiceError::Key)?;
    let content: OutcomeContent = serde_json::from_slice(&plain).map_err(ServiceError::unreadable("outcome"))?;
    let confidential = content.result.is_some_and(TransferResult::is_confidential);
    Ok(OutcomeEntry { recorded_at: row.recorded_at, digest: digest_text(&row.sealed), confidential, content })
}
