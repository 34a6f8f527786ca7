//! The store: rows and transactions on SQLite and PostgreSQL behind one concrete [`Store`]. Knows rows, not HTTP and not
//! the rules of the field. Every write that changes facts appends to the log in the same transaction.

mod alerts;
mod audit;
mod backend;
mod backup;
mod before_writing;
mod ca;
mod ca_issued;
mod cases;
mod certificates;
mod claim_disputes;
mod claim_ends;
mod claim_imports;
mod claim_index_files;
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
mod database_url;
mod document_files;
mod documents;
mod endpoint_probes;
mod enrolments;
mod error;
mod evidence;
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
mod log_tiles;
mod lossy;
mod makers;
mod member_claims;
mod member_documents;
mod member_domains;
mod message_keys;
mod migrations;
mod oidc;
mod paths;
mod policies;
mod precheck_records;
mod prechecks;
mod private_states;
mod proposals;
mod questionnaire_access;
mod questionnaires;
mod relationships;
mod relied_destinations;
mod replica;
mod roles;
mod rulebook_imports;
mod schema;
mod screening_hits;
mod secrets;
mod sessions;
mod sign_in;
mod sign_in_addresses;
mod sign_in_attempts;
mod signing_keys;
mod snapshots;
mod sub_accounts;
mod submissions;
mod transaction;
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
pub use backup::{BackupDraft, BackupError, Occupied, Restored, back_up, restore};
pub use ca::{AuthorityRow, CrlRow};
pub use ca_issued::{IssuedCount, IssuedRow};
pub use cases::{Case, CaseEntry, CaseFilter, CaseTrigger};
pub use claim_disputes::ClaimDispute;
pub use claim_ends::SaidPlace;
pub use claim_imports::ClaimImport;
pub use claim_proofs::{BatchCheckRow, BatchPickRow, ChallengeRow};
pub use claim_scan::ScannedClaim;
pub use claims::{BatchRow, ClaimBatch, ClaimKeyRow, ClaimRow, CoverageRow, NewClaim};
pub use client_certificates::ClientCertificateRow;
pub use credentials::{ApiKeyRow, Held, Organisation, UserRow};
pub use database_url::{DatabaseText, DatabaseUrl, DatabaseUrlError};
pub use document_files::{DocumentFile, DocumentFolder};
pub use documents::{DocumentRow, SCREENING_KINDS};
pub use endpoint_probes::EndpointProbeRow;
pub use enrolments::EnrolmentRow;
pub use error::StoreError;
pub use evidence::Evidence;
pub use facts::FactRow;
pub use group_commit::GroupCommit;
pub use idempotency::{ANSWERS_KEPT_SECS, IdempotencyRow};
pub use import_turn::ImportTurn;
pub use lei_records::{LeiLookRow, LeiRecordRow, NewLeiRecord};
pub use listen::Listener;
pub use log::{ChangeRow, EnvelopeRow};
pub use log_tiles::{CheckpointRow, LogTileRow};
pub use lossy::{BudgetRow, UsageRow};
pub use makers::{HeldLinkRow, MadeCredential, MadeRow};
pub use member_claims::{ClaimEnd, MemberClaim, MemberClaimFilter, MemberClaimState, WholeMemberClaim};
pub use member_documents::MemberDocument;
pub use member_domains::{DomainOwner, MemberDomain};
pub use message_keys::PendingKey;
pub use oidc::{OidcFlowRow, OidcLinkRow};
pub use paths::{folder_of, open_to_others, sync_folder_of, with_suffix};
pub use policies::{PolicyActivationRow, PolicyRow};
pub use precheck_records::{PrecheckFilter, PrecheckRecord, RetentionRow};
pub use prechecks::{NewPrecheck, PrecheckRow, PrecheckWriter, Reliance};
pub use proposals::ProposalRow;
pub use questionnaire_access::{AccessRequest, AnswersAccess};
pub use questionnaires::{QuestionnaireDraft, SubmittedAnswers};
pub use relationships::RelationshipRow;
pub use relied_destinations::{ReliedDestinationRow, ReliedPart};
pub use replica::ReplicaUse;
pub use roles::{Delegation, RoleGrantRow};
pub use rulebook_imports::RulebookImportRow;
pub use screening_hits::{ScreeningHit, ScreeningHitFilter};
pub use secrets::WrappedKeyRow;
pub use sessions::SessionRow;
pub use sign_in::TotpRow;
pub use signing_keys::SigningKeyRow;
pub use snapshots::SnapshotRow;
pub use sub_accounts::SubAccountRow;
pub use submissions::KeptRecord;
pub use transaction::{Edit, Transaction};
pub use vasps::{LicenceRow, VaspRow};
pub use verification::{AuditLineRow, DocumentHeadRow, EvidenceSpan, LoggedChange};
pub use waiting_claims::{WaitingClaim, WaitingOf};
pub use watches::{WatchPart, WatchRow};
pub use webhooks::{DeliveryRow, WebhookRow};

use backend::{Pool, Target};
use before_writing::FileNumber;
use closing::Closing;
use commits::Commits;
use line_watch::LineWatch;
use vasp_clock::ClockWatch;

/// Returns the newest version of the schema that this program knows.
#[must_use]
pub fn schema_version() -> String {
    migrations::newest()
}

/// How to open a store.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Begin a new registry where there is no SQLite file or the database is empty; otherwise that is refused, since it is also what
    /// a lost disk looks like.
    pub create: bool,
    /// Bring the schema up to date; otherwise an old schema is refused.
    pub migrate: bool,
    /// Connections for reading.
    pub readers: u32,
    /// How long a writer waits for another process's write lock.
    pub lock_timeout: Duration,
    /// How long a PostgreSQL server keeps a half transaction, with its locks, of which it hears nothing more.
    pub idle_limit: Duration,
    /// Nothing is written while this clock jumped.
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
    clock: Option<Arc<ClockWatch>>,
    /// The SQLite file that was opened.
    opened: Option<FileNumber>,
    _line_watch: Option<Arc<LineWatch>>,
    /// The last field: it waits for the pools before it.
    _closing: Option<Arc<Closing>>,
}

/// Whether a write is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteMode {
    /// Commit.
    Keep,
    /// Do everything, then undo it.
    Rehearse,
}

/// What a write returned, and the last sequence it appended (the head's where it appended nothing).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written<T> {
    /// The closure's value.
    pub value: T,
    /// Sequence that a directory must have applied before the write is acknowledged.
    pub sequence: i64,
}

impl Store {
    /// Opens the database, checks that it keeps what it acknowledges, and brings or checks its schema.
    ///
    /// # Errors
    /// `StoreError::ReadOnly`, `StoreError::NoSuchFile` for a SQLite file that is not there and `StoreError::Empty` for a database
    /// without a schema (both without `create`), `StoreError::Connect`,
    /// `StoreError::NotDurable` for a setting that could lose acknowledged data, `StoreError::SchemaBehind` without
    /// `migrate`, `StoreError::SchemaBefore` for what an earlier program made, `StoreError::SchemaAhead` after a newer program's
    /// changes, `StoreError::Migrate`.
    pub fn open(url: &DatabaseUrl, options: &StoreOptions, sealer: Arc<dyn SealChanges>) -> Result<Self, StoreError> {
        let target = Target::new(url, options)?;
        let _line_watch = LineWatch::start(&target)?.map(Arc::new);
        let writer_count = if target.is_sqlite() { 1 } else { options.readers.max(2) };
        let writers = target.pool(writer_count, options.lock_timeout)?;
        {
            let mut conn = writers.get().map_err(StoreError::pool)?;
            target.assert_writable(&mut conn)?;
            migrations::bring(&mut conn, options).map_err(|e| e.at(&target))?;
        }
        let readers = target.pool(options.readers.max(1), options.lock_timeout)?;
        let _closing = target.closing();
        let opened = target.sqlite_path().and_then(|path| FileNumber::of(path).ok());
        Ok(Self {
            readers,
            writers,
            replica: None,
            target,
            lock_timeout: options.lock_timeout,
            sealer,
            commits: Arc::default(),
            clock: options.clock.clone(),
            opened,
            _line_watch,
            _closing,
        })
    }

    /// Opens a database to read it alone: a replica, a copy, a file that may not be written. Nothing in it changes, not even the way
    /// in which SQLite keeps its log.
    ///
    /// # Errors
    /// `StoreError::NoSuchFile`, `Connect`; `Empty`, `SchemaBehind`, `SchemaBefore`, `SchemaAhead` for another schema than this
    /// program's.
    pub fn open_to_read(url: &DatabaseUrl, readers: u32, sealer: Arc<dyn SealChanges>) -> Result<Self, StoreError> {
        let options = StoreOptions { readers, ..StoreOptions::default() };
        let target = Target::new(url, &options)?.read_only();
        let _line_watch = LineWatch::start(&target)?.map(Arc::new);
        let readers = target.pool(options.readers.max(1), options.lock_timeout)?;
        migrations::assert_up_to_date(&mut *readers.get().map_err(StoreError::pool)?).map_err(|error| error.at(&target))?;
        let _closing = target.closing();
        let opened = target.sqlite_path().and_then(|path| FileNumber::of(path).ok());
        let writers = readers.clone();
        Ok(Self {
            readers,
            writers,
            replica: None,
            target,
            lock_timeout: options.lock_timeout,
            sealer,
            commits: Arc::default(),
            clock: options.clock.clone(),
            opened,
            _line_watch,
            _closing,
        })
    }

    /// Tells whether it was opened to read it alone.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.target.is_read_only()
    }

    /// Tells whether this is the embedded database.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.target.is_sqlite()
    }

    /// Returns the pools of connections: name, connections, and how many of them are idle.
    #[must_use]
    pub fn pools(&self) -> Vec<(&'static str, u32, u32)> {
        let own = [("read", self.readers.state()), ("write", self.writers.state())].into_iter();
        let replica = self.replica.as_ref().map(|replica| ("replica", replica.state()));
        own.chain(replica).map(|(name, state)| (name, state.connections, state.idle_connections)).collect()
    }

    /// Runs `f` in one read transaction that sees one state of the database throughout.
    ///
    /// # Errors
    /// What `f` returns; `StoreError` where no connection is to be had.
    pub fn read<T, E: From<StoreError>>(&self, f: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E> {
        let mut conn = self.readers.get().map_err(StoreError::pool)?;
        backend::begin_read(&mut conn)?;
        let result = f(&mut conn);
        // Nothing was written: ending by rollback cannot lose anything, and its failure only costs the connection.
        backend::rollback(&mut conn);
        result
    }

    /// Runs `f` in one write transaction. Changes that `f` records are sealed and appended as the last step before the
    /// commit, while the log's head is locked. On any error nothing is kept.
    ///
    /// # Errors
    /// What `f` returns; `StoreError::Locked` where another process held the write lock for too long (and who),
    /// `StoreError::Stale` where a row changed under the writer.
    pub fn write<T, E: From<StoreError>>(
        &self,
        now: UtcTime,
        rng: &mut dyn RngCore,
        f: impl FnOnce(&mut Transaction<'_>) -> Result<T, E>,
    ) -> Result<Written<T>, E> {
        self.write_as(WriteMode::Keep, now, rng, f)
    }

    /// As [`Store::write`]; a rehearsal does everything and then keeps nothing.
    pub fn write_as<T, E: From<StoreError>>(
        &self,
        mode: WriteMode,
        now: UtcTime,
        rng: &mut dyn RngCore,
        f: impl FnOnce(&mut Transaction<'_>) -> Result<T, E>,
    ) -> Result<Written<T>, E> {
        let mut conn = self.writer()?;
        backend::begin_write(&mut conn).map_err(|e| e.or_locked(&self.target, self.lock_timeout))?;
        let mut transaction = Transaction::new(&mut conn, now, rng, self.lock_timeout);
        let outcome = f(&mut transaction).and_then(|value| {
            let sequence = transaction.seal(&*self.sealer).map_err(|e| e.or_locked(&self.target, self.lock_timeout))?;
            Ok(Written { value, sequence })
        });
        match outcome {
            Ok(written) if mode == WriteMode::Keep => self.commit(&mut conn).map(|()| written).map_err(E::from),
            Ok(written) => {
                backend::rollback(&mut conn);
                Ok(written)
            }
            Err(error) => {
                backend::rollback(&mut conn);
                Err(error)
            }
        }
    }

    /// Runs `f` in one write transaction that appends nothing to the log or the audit chain: for rows that follow from the log
    /// alone, such as the hashes of its tree.
    ///
    /// # Errors
    /// What `f` returns; `StoreError::Locked` where another process held the write lock for too long (and who).
    pub fn derive<T, E: From<StoreError>>(&self, f: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E> {
        let mut conn = self.writers.get().map_err(StoreError::pool)?;
        backend::begin_write(&mut conn).map_err(|e| e.or_locked(&self.target, self.lock_timeout))?;
        match f(&mut conn) {
            Ok(value) => self.commit(&mut conn).map(|()| value).map_err(E::from),
            Err(error) => {
                backend::rollback(&mut conn);
                Err(error)
            }
        }
    }
}
