//! A unit of work: reads and unlogged rows at once, logged changes collected and applied as the last step, when the
//! head of the log is locked and their sequences are known.

use super::backend::on_backend;
use super::claims::{self, ClaimBatch, ClaimKeyRow};
use super::documents::{self, DocumentRow};
use super::lei_records::{self, LeiLookRow, NewLeiRecord};
use super::listen::wake;
use super::schema::counters;
use super::snapshots::{self, SnapshotRow};
use super::{Conn, StoreError, audit, claim_ends, claim_proofs, evidence, facts, log, sub_accounts};
use diesel::prelude::*;
use rand_core::RngCore;
use std::time::Duration;
use vasp_log::audit::AuditEvent;
use vasp_log::change::{NewChange, SealChanges};
use vasp_record::fact::Fact;
use vasp_words::ids::{EvidenceId, SubAccountId};
use vasp_words::time::UtcTime;

/// One row that a change writes; its sequence is the change's.
#[derive(Clone, Debug)]
pub enum Edit {
    /// Ends the version of a fact that was read; `StoreError::Stale` if another writer ended it first.
    CloseFact(i64),
    /// Begins a version of a fact.
    OpenFact {
        /// Number of the VASP.
        vasp: i64,
        /// What is said.
        fact: Fact,
    },
    /// Notes that a register's snapshot was read.
    AddSnapshot(SnapshotRow),
    /// Makes a batch of claims count, whose rows were written before.
    AddBatch(ClaimBatch),
    /// Ends a claim that was read.
    EndClaim(ClaimKeyRow),
    /// Ends all claims of a batch that have not ended.
    EndBatch(i64),
    /// Has the outcome of a batch's check count: the batch, and how many of its accounts the member controls at least.
    ConcludeCheck {
        /// Number of the batch.
        batch: i64,
        /// Accounts.
        controlled_at_least: i64,
    },
    /// Has a sub-account count that both sides confirmed.
    CountSubAccount(SubAccountId),
    /// Has a sub-account count no longer.
    EndSubAccount(SubAccountId),
    /// Adds a version of a reference document.
    AddDocument(DocumentRow),
    /// Ends the version of an LEI's record that was read.
    CloseLeiRecord(i64),
    /// Begins a version of an LEI's record.
    OpenLeiRecord(NewLeiRecord),
    /// Notes which LEIs a file of GLEIF's showed.
    AddLeiLook(LeiLookRow),
    /// Has evidence count, by id, whose rows were written before.
    PublishEvidence(Vec<EvidenceId>),
    /// Has evidence count no longer.
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

    /// Returns the connection and the randomness of the write, for ids and keys.
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

    /// Takes `count` numbers of a counter and returns the first. The counter's row stays locked until the end.
    pub fn take_numbers(&mut self, counter: &'static str, count: i64) -> Result<i64, StoreError> {
        let last: i64 = diesel::update(counters::table.find(counter))
            .set(counters::value.eq(counters::value + count))
            .returning(counters::value)
            .get_result(self.conn)
            .map_err(StoreError::on("counters"))?;
        Ok(last - count + 1)
    }

    /// Keeps other writers from adding VASPs until the end, so that two imports at once, which match what they read to what
    /// there is, do not make one record twice. SQLite's writers are alone already.
    ///
    /// # Errors
    /// `StoreError::Locked` where another writer kept it for too long, `StoreError::Query`.
    pub fn lock_vasps(&mut self) -> Result<(), StoreError> {
        self.take_numbers("vasps", 0).map(drop).map_err(|error| match error {
            StoreError::Busy { .. } => StoreError::Locked {
                waited_secs: self.lock_timeout.as_secs(),
                holder: "it is held by another import into the same database".to_owned(),
            },
            other => other,
        })
    }

    /// Locks the heads, the audit chain's first, seals what was collected, writes it, and returns the last sequence.
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
                Edit::ConcludeCheck { batch, controlled_at_least } => {
                    claim_proofs::conclude(self.conn, batch, controlled_at_least, sequence)?;
                }
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
        // Old versions end before new ones begin: one version of a fact is current at a time.
        lei_records::close(self.conn, &old_records, sequence)?;
        lei_records::open(self.conn, &new_records, sequence)?;
        facts::close(self.conn, &closed, sequence)?;
        facts::open(self.conn, &opened, sequence)
    }
}

/// Adds 1 to a counter that other processes watch, and wakes them.
pub(super) fn bump(conn: &mut Conn, counter: &'static str) -> Result<(), StoreError> {
    let update = diesel::update(counters::table.find(counter)).set(counters::value.eq(counters::value + 1));
    on_backend!(conn, c => update.execute(c)).map_err(StoreError::on("counters"))?;
    wake(conn, None)
}

/// Returns the value of a counter.
pub(super) fn counter(conn: &mut Conn, counter: &'static str) -> Result<i64, StoreError> {
    counters::table.find(counter).select(counters::value).first(conn).map_err(StoreError::on("counters"))
}
