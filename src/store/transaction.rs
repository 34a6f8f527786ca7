//! A write transaction. It reads, and writes rows outside the log, at once. It collects logged changes and applies them as the last step,
//! when the log's head is locked and their sequences are known.

use super::claims::{self, ClaimBatch};
use super::documents::{self, DocumentRow};
use super::edge::*;
use super::lei_records::{self, LeiLookRow, NewLeiRecord};
use super::listen::wake;
use super::prepared_once::AddToCounter;
use super::schema::counters;
use super::snapshots::{self, SnapshotRow};
use super::{Conn, StoreError, audit, claim_ends, evidence, facts, log, sub_accounts};
use rand_core::RngCore;
use std::time::Duration;
use vasp_log::audit::AuditEvent;
use vasp_log::change::{NewChange, SealChanges};
use vasp_record::fact::Fact;
use vasp_words::ids::{EvidenceId, SubAccountId};
use vasp_words::time::UtcTime;

/// A row that a change writes, with the change's sequence.
#[derive(Clone, Debug)]
pub enum Edit {
    /// Ends the version of a fact that was read; `StoreError::Stale` if another writer ended it first.
    CloseFact(i64),
    /// Adds a version of a fact.
    OpenFact {
        /// Number of the VASP.
        vasp: i64,
        /// The fact.
        fact: Fact,
    },
    /// Records that a register's snapshot was read.
    AddSnapshot(SnapshotRow),
    /// Makes a batch of claims valid, whose rows were written before.
    AddBatch(ClaimBatch),
    /// Ends a claim that was read.
    EndClaim(i64),
    /// Ends all claims of a batch that have not ended.
    EndBatch(i64),
    /// Makes a sub-account valid, which both sides confirmed.
    CountSubAccount(SubAccountId),
    /// Ends the validity of a sub-account.
    EndSubAccount(SubAccountId),
    /// Adds a version of a reference document.
    AddDocument(DocumentRow),
    /// Ends the version of an LEI's record that was read.
    CloseLeiRecord(i64),
    /// Adds a version of an LEI's record.
    OpenLeiRecord(NewLeiRecord),
    /// Records which LEIs a GLEIF file contained.
    AddLeiLook(LeiLookRow),
    /// Makes evidence valid, by id, whose rows were written before.
    PublishEvidence(Vec<EvidenceId>),
    /// Ends the validity of evidence.
    EndEvidence(Vec<EvidenceId>),
}

/// An open write transaction.
pub struct Transaction<'a> {
    conn: &'a mut Conn,
    now: UtcTime,
    rng: &'a mut dyn RngCore,
    lock_timeout: Duration,
    entries: Vec<(NewChange, Vec<Edit>)>,
    events: Vec<AuditEvent>,
}

impl<'a> Transaction<'a> {
    pub(super) fn new(conn: &'a mut Conn, now: UtcTime, rng: &'a mut dyn RngCore, lock_timeout: Duration) -> Self {
        Self { conn, now, rng, lock_timeout, entries: Vec::new(), events: Vec::new() }
    }

    /// Returns the connection, for reads and for rows that are not facts.
    pub fn conn(&mut self) -> &mut Conn {
        self.conn
    }

    /// Returns the time of the write.
    #[must_use]
    pub fn now(&self) -> UtcTime {
        self.now
    }

    /// Returns the connection and the random number generator of the write, for ids and keys.
    pub fn conn_and_rng(&mut self) -> (&mut Conn, &mut dyn RngCore) {
        (self.conn, self.rng)
    }

    /// Collects a change with the rows it writes.
    pub fn record(&mut self, change: NewChange, edits: Vec<Edit>) {
        self.entries.push((change, edits));
    }

    /// Collects an event of the private audit chain.
    pub fn audit(&mut self, event: AuditEvent) {
        self.events.push(event);
    }

    /// Takes `count` numbers of a counter and returns the first. The counter's row stays locked until the end of the transaction.
    pub fn take_numbers(&mut self, counter: &'static str, count: i64) -> Result<i64, StoreError> {
        let last = AddToCounter { name: counter, more: count }.run(self.conn).map_err(StoreError::on("counters"))?;
        Ok(last - count + 1)
    }

    /// Locks the adding of VASPs until the end of the transaction. Imports match what they read to existing records, so without the lock
    /// two imports could add the same record twice. SQLite has one writer at a time and needs no lock.
    ///
    /// # Errors
    /// `StoreError::Locked` if another writer held the lock for too long, `StoreError::Query`.
    pub fn lock_vasps(&mut self) -> Result<(), StoreError> {
        self.take_numbers("vasps", 0).map(drop).map_err(|error| match error {
            StoreError::Busy { .. } => StoreError::Locked {
                waited_secs: self.lock_timeout.as_secs(),
                holder: "another import into the same database holds it".to_owned(),
            },
            other => other,
        })
    }

    /// Locks the heads (the audit chain's first), seals and writes what was collected, and returns the last sequence.
    pub(super) fn seal(&mut self, sealer: &dyn SealChanges) -> Result<i64, StoreError> {
        if !self.events.is_empty() {
            let head = audit::lock_head(self.conn)?;
            let events = std::mem::take(&mut self.events);
            let (sealed, head) = sealer.chain(&head, events, self.now, self.rng).map_err(StoreError::Seal)?;
            audit::append(self.conn, &sealed, &head)?;
        }
        if self.entries.is_empty() {
            return log::head(self.conn).map(|head| head.sequence);
        }
        let (changes, edits): (Vec<_>, Vec<_>) = std::mem::take(&mut self.entries).into_iter().unzip();
        let head = log::lock_head(self.conn)?;
        let (sealed, head) = sealer.seal(&head, changes, self.now, self.rng).map_err(StoreError::Seal)?;
        for (change, edits) in sealed.iter().zip(edits) {
            self.apply(change.sequence, edits)?;
        }
        log::append(self.conn, &sealed, &head)?;
        Ok(head.sequence)
    }

    fn apply(&mut self, sequence: i64, edits: Vec<Edit>) -> Result<(), StoreError> {
        let (mut closed, mut opened, mut ended) = (Vec::new(), Vec::new(), Vec::new());
        let (mut old_records, mut new_records) = (Vec::new(), Vec::new());
        for edit in edits {
            match edit {
                Edit::CloseFact(number) => closed.push(number),
                Edit::OpenFact { vasp, fact } => opened.push((vasp, fact)),
                Edit::AddSnapshot(row) => snapshots::insert(self.conn, SnapshotRow { seq_from: sequence, ..row })?,
                Edit::AddBatch(batch) => claims::insert_batch(self.conn, &batch, sequence)?,
                Edit::EndBatch(batch) => claim_ends::end_batch(self.conn, batch, sequence)?,
                Edit::EndClaim(key) => ended.push(key),
                Edit::CountSubAccount(id) => sub_accounts::count(self.conn, id, sequence)?,
                Edit::EndSubAccount(id) => sub_accounts::end(self.conn, id, sequence)?,
                Edit::AddDocument(row) => documents::insert(self.conn, DocumentRow { seq_from: sequence, ..row })?,
                Edit::CloseLeiRecord(number) => old_records.push(number),
                Edit::OpenLeiRecord(record) => new_records.push(record),
                Edit::AddLeiLook(row) => lei_records::insert_look(self.conn, LeiLookRow { seq_from: sequence, ..row })?,
                Edit::PublishEvidence(ids) => evidence::publish(self.conn, &ids, sequence)?,
                Edit::EndEvidence(ids) => evidence::end(self.conn, &ids, sequence)?,
            }
        }
        claims::end(self.conn, &ended, sequence)?;
        // End old versions before new ones begin, because only one version of a fact may be current at a time.
        lei_records::close(self.conn, &old_records, sequence)?;
        lei_records::open(self.conn, &new_records, sequence)?;
        facts::close(self.conn, &closed, sequence)?;
        facts::open(self.conn, &opened, sequence)
    }
}

/// Adds 1 to a counter that other processes watch, and notifies them.
pub(super) fn bump(conn: &mut Conn, counter: &'static str) -> Result<(), StoreError> {
    AddToCounter { name: counter, more: 1 }.run(conn).map_err(StoreError::on("counters"))?;
    wake(conn, None)
}

/// Returns the value of a counter.
pub(super) fn counter(conn: &mut Conn, counter: &'static str) -> Result<i64, StoreError> {
    counters::table.find(counter).select(counters::value).first(conn).map_err(StoreError::on("counters"))
}
