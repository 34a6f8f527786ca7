//! The state of an import between its first and last row: the groups, the open batches and the report so far.

use std::collections::BTreeMap;

use super::fresh::{Fresh, source_key};
use super::{ORIGIN, Stretch};
use crate::claims::batch::{OpenBatch, Said, batch_said};
use crate::claims::groups::Groups;
use crate::imported::ImportReport;
use crate::node::ImportError;
use vasp_ingest::claims_csv::ClaimRow;
use vasp_log::change::{NewChange, Payload};
use vasp_pki::DataKey;
use vasp_record::claim::{Strength, Visibility};
use vasp_record::register::{Reason, RejectedRow};
use vasp_store::{ClaimRow as StoredClaim, Conn, Edit, NewClaim, Transaction};

/// Maximum number of refused rows listed in the report; further ones are only counted. Otherwise a file of another kind would fill the
/// memory.
const LISTED_MAX: usize = 10_000;

/// A running import.
pub(super) struct Import {
    pub(super) groups: Groups,
    /// Batches of this import by their source.
    pub(super) batches: BTreeMap<String, OpenBatch>,
    pub(super) report: ImportReport,
    fresh: Fresh,
}

impl Import {
    /// Begins an import.
    pub(super) fn begin(conn: &mut Conn, file: &str) -> Result<Self, ImportError> {
        let report = ImportReport { format: ORIGIN.to_owned(), file: file.to_owned(), ..ImportReport::default() };
        Ok(Self { groups: Groups::load(conn)?, batches: BTreeMap::new(), report, fresh: Fresh::load(conn, &[])? })
    }

    /// Continues an import.
    pub(super) fn go_on(
        conn: &mut Conn,
        groups: Groups,
        batches: BTreeMap<String, OpenBatch>,
        report: ImportReport,
    ) -> Result<Self, ImportError> {
        let own: Vec<(i64, String)> = batches.values().map(|open| (open.number(), open.source_key().to_owned())).collect();
        Ok(Self { groups, batches, report, fresh: Fresh::load(conn, &own)? })
    }

    /// Returns how many rows of the file are done.
    pub(super) fn rows_read(&self) -> u64 {
        self.report.read
    }

    /// Writes one stretch of rows.
    pub(super) fn write(
        &mut self,
        transaction: &mut Transaction<'_>,
        stretch: Stretch,
        seal_key: &DataKey,
    ) -> Result<(), ImportError> {
        self.report.read += stretch.read;
        let (mut owned, mut rejected) = (Vec::with_capacity(stretch.rows.len()), stretch.rejected);
        for row in stretch.rows {
            match self.groups.ensure(transaction, &row)? {
                Some(owner) => owned.push((row, owner)),
                None => rejected.push(self.misnamed(row)),
            }
        }
        rejected.sort_by_key(|row| row.line);
        self.reject(rejected);
        let told = self.fresh.of(transaction.conn(), owned)?;
        self.report.unchanged += told.unchanged;
        self.report.repeated += told.repeated;
        self.report.taken += u64::try_from(told.rows.len()).unwrap_or(u64::MAX);
        let first = transaction.take_numbers("claims", i64::try_from(told.rows.len()).unwrap_or(i64::MAX))?;
        let mut rows = Vec::with_capacity(told.rows.len());
        for (number, (row, owner)) in (first..).zip(told.rows) {
            rows.push(self.claim(transaction, number, row, owner, seal_key)?);
        }
        transaction.add_claims(&rows).map_err(ImportError::Store)
    }

    fn misnamed(&self, ClaimRow { line, entity_name, .. }: ClaimRow) -> RejectedRow {
        let (file, column) = (self.report.file.clone(), Some("entity_name".to_owned()));
        RejectedRow { file, line, column, reason: Reason::Contradicts, text: entity_name.unwrap_or_default() }
    }

    fn reject(&mut self, rows: Vec<RejectedRow>) {
        let room = LISTED_MAX.saturating_sub(self.report.rejected.len());
        self.report.rejected_more += u64::try_from(rows.len().saturating_sub(room)).unwrap_or(u64::MAX);
        self.report.rejected.extend(rows.into_iter().take(room));
    }

    /// Makes the row of a new claim and adds it to its batch.
    fn claim(
        &mut self,
        transaction: &mut Transaction<'_>,
        number: i64,
        row: ClaimRow,
        owner: i64,
        seal_key: &DataKey,
    ) -> Result<NewClaim, ImportError> {
        let asserted_at = row.added_on.map(|day| day.start().micros());
        if !self.batches.contains_key(&row.source) {
            let open = open_batch(transaction, &row.source, seal_key)?;
            self.fresh.add_batch(open.number(), open.source_key());
            self.batches.insert(row.source.clone(), open);
        }
        let open = self.batches.get_mut(&row.source).ok_or_else(|| lost(&row.source))?;
        Ok(open.push(StoredClaim {
            number,
            class: row.controller.class.0,
            controller: row.controller.bytes.as_bytes().to_vec(),
            memo: row.memo.unwrap_or_default(),
            network: row.network.0,
            account_key: row.key.as_bytes().to_vec(),
            vasp: owner,
            batch: open.number(),
            role: row.role.code(),
            confidence: None,
            asserted_at,
            expires_at: None,
            seq_to: None,
        }))
    }

    /// Records the batches and the groups, which take effect now.
    pub(super) fn finish(&mut self, transaction: &mut Transaction<'_>) -> Result<ImportReport, ImportError> {
        let groups = self.groups.record_changes(transaction)?;
        (self.report.new, self.report.changed) = groups;
        let open = std::mem::take(&mut self.batches);
        self.report.log_changes = groups.0 + groups.1 + u64::try_from(open.len()).unwrap_or(u64::MAX);
        for batch in open.into_values().map(OpenBatch::close) {
            let change =
                NewChange::public(Payload::ClaimBatch(batch_said(&batch, Strength::Attributed, Visibility::Public, None)));
            transaction.record(change, vec![Edit::AddBatch(batch)]);
        }
        Ok(self.report.clone())
    }
}

fn lost(source: &str) -> ImportError {
    ImportError::Document { file: source.to_owned(), reason: "its batch is not open".to_owned() }
}

/// Returns what the claims of a batch from this source share.
pub(super) fn said(source: &str) -> Said {
    Said {
        source: source.to_owned(),
        source_key: source_key(source),
        method: "third_party_label",
        strength: Strength::Attributed,
        visibility: Visibility::Public,
        verified_at: None,
        part_of: None,
    }
}

fn open_batch(transaction: &mut Transaction<'_>, source: &str, seal_key: &DataKey) -> Result<OpenBatch, ImportError> {
    let number = transaction.take_numbers("claim_batches", 1)?;
    OpenBatch::open(number, said(source), seal_key, transaction.conn_and_rng().1).map_err(ImportError::Key)
}
