//! The store: rows and transactions on SQLite and PostgreSQL behind one concrete [`Store`]. It knows rows, but not HTTP and not the rules
//! of the Travel Rule. Every write that changes facts appends to the log in the same transaction.

mod alerts;
mod audit;
mod backend;
mod backup;
mod before_writing;
mod ca;
mod ca_issued;
mod cases;
mod certificates;
mod challenges;
mod claim_controllers;
mod claim_disputes;
mod claim_ends;
mod claim_imports;
mod claim_proofs;
mod claim_scan;
mod claim_walk;
mod claims;
mod client_certificates;
mod closing;
mod columns;
mod commits;
mod credential_uses;
mod credentials;
mod damage;
mod database_url;
mod document_files;
mod documents;
mod durable;
mod edge;
mod endpoint_probes;
mod enrolments;
mod error;
mod evidence;
mod exposure;
mod facts;
mod group_commit;
mod idempotency;
mod import_turn;
mod lei_records;
mod lei_schema;
mod line_socket;
mod line_watch;
mod lines;
mod listen;
mod log;
mod log_mover;
mod log_tiles;
mod lossy;
mod makers;
mod member_claims;
mod member_documents;
mod member_domains;
mod message_keys;
mod migrations;
mod oidc;
mod one_name;
mod own_schema;
mod parts;
mod paths;
mod policies;
mod precheck_counts;
mod precheck_outcomes;
mod precheck_records;
mod precheck_retentions;
mod prechecks;
mod prepared_once;
mod private_states;
mod proposals;
mod questionnaire_access;
mod questionnaires;
mod relied_destinations;
mod replica;
mod report_links;
mod roles;
mod schema;
mod screening_hits;
mod sealed_rows;
mod secrets;
mod sessions;
mod sign_in;
mod sign_in_addresses;
mod sign_in_attempts;
mod signing_keys;
mod snapshots;
mod sources;
mod sqlite_file;
mod steps;
mod sub_accounts;
mod submissions;
mod transaction;
mod turns;
mod vasps;
mod verification;
mod waiting_claims;
mod watches;
mod webhooks;
mod write_attempt;
mod writer_note;

use std::sync::Arc;
use std::time::Duration;

use rand_core::RngCore;
use vasp_log::change::SealChanges;
use vasp_words::time::UtcTime;

pub use alerts::{AlertFilter, AlertRow};
pub use audit::{AuditFilter, AuditRow};
pub use backend::Conn;
pub use backup::*;
pub use ca::{AuthorityRow, CrlRow};
pub use ca_issued::{IssuedCount, IssuedRow};
pub use cases::{Case, CaseEntry, CaseFilter, CaseTrigger};
pub use certificates::KeyHolder;
pub use challenges::Challenge;
pub use claim_controllers::{Reclassified, WaitingPlace};
pub use claim_disputes::{ClaimDispute, ContradictedAnswer};
pub use claim_ends::{EndingClaims, SaidPlace};
pub use claim_imports::ClaimImport;
pub use claim_proofs::ChallengeRow;
pub use claim_scan::ScannedClaim;
pub use claims::{BatchRow, ClaimBatch, ClaimRow, CoverageRow, NewClaim};
pub use client_certificates::ClientCertificateRow;
pub use credentials::{ApiKeyRow, Held, Organisation, UserRow};
pub use damage::{FileLooks, check_after_damage};
pub use database_url::{DatabaseText, DatabaseUrl, DatabaseUrlError};
pub use document_files::{DocumentFile, DocumentFolder};
pub use documents::{DocumentRow, SCREENING_KINDS, VASP_LIST_KINDS};
pub use endpoint_probes::EndpointProbeRow;
pub use enrolments::EnrolmentRow;
pub use error::StoreError;
pub use evidence::Evidence;
pub use exposure::{exposures, is_in_memory};
pub use facts::FactRow;
pub use group_commit::GroupCommit;
pub use idempotency::{ANSWERS_KEPT_SECS, IdempotencyRow};
pub use import_turn::ImportTurn;
pub use lei_records::{LeiLookRow, LeiRecordRow, NewLeiRecord};
pub use listen::Listener;
pub use log::{ChangeRow, EnvelopeRow, PassedChange};
pub use log_tiles::{CheckpointRow, LogTileRow};
pub use lossy::{BudgetOf, BudgetRow, UsageRow};
pub use makers::{HeldLinkRow, MadeCredential, MadeRow};
pub use member_claims::{ClaimEnd, MemberClaim, MemberClaimFilter, MemberClaimState, WholeMemberClaim};
pub use member_documents::MemberDocument;
pub use member_domains::{DeclaredBy, DomainOwner, MemberDomain};
pub use message_keys::PendingKey;
pub use migrations::{program_day, schema_version};
pub use oidc::{OidcFlowRow, OidcLinkRow};
pub use parts::PartReader;
pub use paths::{folder_of, open_to_others, sync_folder_of, with_suffix};
pub use policies::{PolicyActivationRow, PolicyRow};
pub use precheck_counts::OrganisationDay;
pub use precheck_outcomes::PrecheckOutcomeRow;
pub use precheck_records::{PrecheckFilter, PrecheckRecord};
pub use precheck_retentions::{LegalHoldRow, RetentionRow};
pub use prechecks::{NewPrecheck, PrecheckRow, PrecheckWriter, Reliance};
pub use proposals::{ProposalRow, WantedProposals};
pub use questionnaire_access::{AccessRequest, AnswersAccess};
pub use questionnaires::{QuestionnaireDraft, SubmittedAnswers};
pub use relied_destinations::{ReliedDestinationRow, ReliedPart};
pub use replica::ReplicaUse;
pub use report_links::ReportLinkRow;
pub use roles::{Delegation, RoleGrantRow};
pub use screening_hits::ScreeningHit;
pub use sealed_rows::{ApprovalRuleRow, HitDecisionRow, RelationshipRow, SealedRow, VaspListRow};
pub use secrets::WrappedKeyRow;
pub use sessions::SessionRow;
pub use sign_in::TotpRow;
pub use signing_keys::SigningKeyRow;
pub use snapshots::SnapshotRow;
pub use sources::*;
pub use sub_accounts::SubAccountRow;
pub use submissions::KeptRecord;
pub use transaction::{Edit, Transaction};
pub use vasps::{LicenceRow, VaspRow};
pub use verification::{AuditLineRow, DocumentHeadRow, EvidenceSpan, LoggedChange};
pub use waiting_claims::{WaitingClaim, WaitingOf};
pub use watches::{WatchPart, WatchRow};
pub use webhooks::{DeliveryRow, WebhookRow};
pub use write_attempt::LastWritten;

use backend::{Pool, Target};
use before_writing::OpenedFiles;
use closing::Closing;
pub use closing::wait_until_closed;
use commits::Commits;
use line_watch::LineWatch;
use log_mover::LogMover;
use turns::Turns;
use vasp_clock::ClockWatch;

/// How to open a store.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Create a new registry if the SQLite file does not exist or the database is empty. Otherwise this is an error, because a lost disk
    /// looks the same.
    pub create: bool,
    /// Bring the schema up to date. Otherwise an old schema is an error.
    pub migrate: bool,
    /// Number of connections for reading.
    pub readers: u32,
    /// How long a writer waits for another process's write lock.
    pub lock_timeout: Duration,
    /// How long a PostgreSQL server keeps an open transaction and its locks when it hears no more from the client.
    pub idle_limit: Duration,
    /// While this clock is wrong, nothing is written.
    pub clock: Option<Arc<ClockWatch>>,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            create: false,
            migrate: false,
            readers: 4,
            lock_timeout: Duration::from_secs(30),
            idle_limit: Duration::from_secs(300),
            clock: None,
        }
    }
}

/// The open store. Cheap to clone; all clones share the connections.
#[derive(Clone)]
pub struct Store {
    readers: Pool,
    writers: Pool,
    replica: Option<Arc<replica::Replica>>,
    target: Target,
    lock_timeout: Duration,
    sealer: Arc<dyn SealChanges>,
    commits: Arc<Commits>,
    turns: Arc<Turns>,
    clock: Option<Arc<ClockWatch>>,
    /// The SQLite files that were opened.
    opened: OpenedFiles,
    _line_watch: Option<Arc<LineWatch>>,
    _log_mover: Option<Arc<LogMover>>,
    /// Must be the last field: when dropped, it waits for the pools above.
    _closing: Option<Arc<Closing>>,
}

/// Whether a write is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteMode {
    /// Commit the write.
    Keep,
    /// Do everything, then roll back.
    Rehearse,
}

/// What a write returned, and the last sequence that it appended. If it appended nothing, the sequence of the log's head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written<T> {
    /// The closure's value.
    pub value: T,
    /// Sequence that a directory must have applied before the write is acknowledged.
    pub sequence: i64,
}

impl Store {
    /// Opens the database, checks that it keeps what it acknowledges, and updates or checks its schema. It first looks without writing, so
    /// that a database that it refuses stays as it is.
    ///
    /// # Errors
    /// `StoreError::Foreign`, `VersionsLost`, `OtherSchema`, `SchemaBefore`, `SchemaAhead`, `Damaged`, `NotDurable`, `Connect`, `ReadOnly`, `Migrate`; without `create`
    /// `NoSuchFile` and `Empty`; without `migrate` `SchemaBehind`.
    pub fn open(url: &DatabaseUrl, options: &StoreOptions, sealer: Arc<dyn SealChanges>) -> Result<Self, StoreError> {
        let target = Target::new(url, options)?;
        target.sqlite_path().map_or(Ok(()), damage::assert_none_noted)?;
        let line_watch = LineWatch::start(&target)?;
        target.look(options)?;
        if let Some(path) = target.sqlite_path().filter(|_| options.create) {
            // If this fails, SQLite says why.
            drop(std::fs::File::options().create(true).append(true).open(path));
        }
        let writer_count = if target.is_sqlite() { 1 } else { options.readers.max(2) };
        let writers = target.pool(writer_count, options.lock_timeout)?;
        let mut conn = writers.get().map_err(StoreError::pool)?;
        target.assert_writable(&mut conn)?;
        migrations::bring(&mut conn, options).map_err(|e| e.at(&target))?;
        durable::assert_nothing_of_others(&target, &mut conn)?;
        drop(conn);
        let readers = target.pool(options.readers.max(1), options.lock_timeout)?;
        Self::over(target, line_watch, readers, writers, options, sealer)
    }

    /// Opens a database for reading only: a read replica, a copy, or a file that may not be written. Nothing in it changes, not even
    /// SQLite's log mode.
    ///
    /// # Errors
    /// `StoreError::NoSuchFile`, `Connect`; `Empty`, `Foreign`, `OtherSchema`, `SchemaBehind`, `SchemaBefore`, `SchemaAhead` if the schema is not this
    /// program's.
    pub fn open_to_read(url: &DatabaseUrl, readers: u32, sealer: Arc<dyn SealChanges>) -> Result<Self, StoreError> {
        let options = StoreOptions { readers, ..StoreOptions::default() };
        let target = Target::new(url, &options)?;
        let line_watch = LineWatch::start(&target)?;
        target.look(&options)?;
        let target = target.read_only();
        let readers = target.pool(options.readers.max(1), options.lock_timeout)?;
        Self::over(target, line_watch, readers.clone(), readers, &options, sealer)
    }

    fn over(
        target: Target,
        line_watch: Option<LineWatch>,
        readers: Pool,
        writers: Pool,
        options: &StoreOptions,
        sealer: Arc<dyn SealChanges>,
    ) -> Result<Self, StoreError> {
        let opened = OpenedFiles::of(&target);
        Ok(Self {
            readers,
            writers,
            replica: None,
            lock_timeout: options.lock_timeout,
            sealer,
            commits: Arc::default(),
            turns: Arc::default(),
            clock: options.clock.clone(),
            _line_watch: line_watch.map(Arc::new),
            _log_mover: LogMover::start(&target, opened.clone())?.map(Arc::new),
            opened,
            _closing: target.closing(),
            target,
        })
    }

    /// Tells whether it was opened for reading only.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.target.is_read_only()
    }

    /// Tells whether this is the embedded database.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.target.is_sqlite()
    }

    /// Returns the pools of connections: name, number of connections, number of idle ones.
    #[must_use]
    pub fn pools(&self) -> Vec<(&'static str, u32, u32)> {
        let own = [("read", self.readers.state()), ("write", self.writers.state())].into_iter();
        let replica = self.replica.as_ref().map(|replica| ("replica", replica.state()));
        own.chain(replica).map(|(name, state)| (name, state.connections, state.idle_connections)).collect()
    }

    /// Runs `f` in one read transaction, which sees the same state of the database until it ends.
    ///
    /// # Errors
    /// The error of `f`; `StoreError` if no connection is available.
    pub fn read<T, E: From<StoreError>>(&self, f: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E> {
        let mut conn = self.begin_read()?;
        let result = f(&mut conn);
        self.end_read(&mut conn);
        result
    }

    /// Runs `f` in one write transaction. The changes that `f` records are sealed and appended as the last step before the commit, while
    /// the log's head is locked. On any error nothing is kept.
    ///
    /// # Errors
    /// The error of `f`; `StoreError::Locked` if another process, which the error names, held the write lock for too long.
    /// `StoreError::Stale` if another writer changed a row in the meantime.
    pub fn write<T, E: From<StoreError>>(
        &self,
        now: UtcTime,
        rng: &mut dyn RngCore,
        f: impl FnOnce(&mut Transaction<'_>) -> Result<T, E>,
    ) -> Result<Written<T>, E> {
        self.write_as(WriteMode::Keep, now, rng, f)
    }

    /// Does the same as [`Store::write`]. A rehearsal does everything and then keeps nothing.
    pub fn write_as<T, E: From<StoreError>>(
        &self,
        mode: WriteMode,
        now: UtcTime,
        rng: &mut dyn RngCore,
        f: impl FnOnce(&mut Transaction<'_>) -> Result<T, E>,
    ) -> Result<Written<T>, E> {
        let mut conn = self.begin_write()?;
        let mut transaction = Transaction::new(&mut conn, now, rng, self.lock_timeout);
        match f(&mut transaction) {
            Ok(value) => Ok(Written { value, sequence: self.end_write(transaction, mode)? }),
            Err(error) => {
                self.give_up(transaction.conn());
                Err(error)
            }
        }
    }
}
