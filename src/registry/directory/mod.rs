//! The read model: generations of the directory, each the complete state at one sequence, and the index of claims. A request pins one
//! generation and never sees half a write. `catch_up` keeps it up to date with the log; it runs after every write of this process and on a
//! timer for other processes' writes. No HTTP and no merge rules here.
//!
//! Data of other lists about a VASP (GLEIF, lists of non-compliant providers, compilations of third parties) are not facts: `elsewhere`
//! joins them to the records of a day. Answer parts that many answers share, such as the summary of a VASP, are rendered once and kept
//! beside their data.

mod answers;
mod around;
mod authorities;
mod claim_index;
mod claim_usage;
mod coverage;
mod credentials;
mod documents;
mod elsewhere;
mod error;
mod first;
mod generation;
mod health;
mod kept_brand;
mod kept_obligations;
mod lei_records;
mod load;
mod lookup;
mod own_policies;
mod past;
mod private;
mod published;
mod records;
mod sealed;
mod search_index;
mod shared;
mod sub_accounts;
mod turns;
mod valid_until;
mod vasps;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use vasp_clock::Stopwatch;
use vasp_pki::ClaimIdKey;
use vasp_store::{Conn, Store};
use vasp_words::ids::{OrganisationId, VaspId};
use vasp_words::time::{Date, UtcTime};

pub use answers::StandingAnswers;
pub use authorities::{AUTHORITIES, KnownAuthorities, authorities_in_force, known_authorities};
pub use claim_index::{ClaimIndexOptions, ClaimIndexState, StoredClaim};
pub use claim_usage::ClaimUsage;
pub use coverage::CoverageLine;
pub use credentials::{Credential, Credentials, Identity};
pub(crate) use documents::BRAND_RULINGS;
pub use documents::{Dated, Documents, Screening, screen};
pub use elsewhere::Joined;
pub use error::DirectoryError;
pub use generation::Generation;
pub use health::{Health, history as probe_history};
pub use kept_obligations::Owed;
pub use lei_records::{HeldLeiRecord, LeiRecords, held_lei_records};
pub use load::records_with;
pub(crate) use load::{newest_readings, snapshots_of};
pub use own_policies::OwnPolicies;
pub use private::{PrivateState, PrivateStates};
pub use records::{AmbiguousLei, Delegation, KnownVasp, Records};
pub use sealed::{Sealed, SealedContent, open_sealed, sealed_purpose};
pub use search_index::{Hit, SearchIndex};
pub use turns::Turns;
pub use valid_until::{Holds, Silence, ValidUntil};

use claim_index::ClaimIndex;
use past::Past;

/// The directory of this process.
pub struct Directory {
    store: Store,
    claims: ClaimIndex,
    claim_ids: ClaimIdKey,
    current: RwLock<Arc<Generation>>,
    credentials: RwLock<Arc<Credentials>>,
    private: RwLock<Arc<PrivateStates>>,
    /// Held while changes are applied; contains the commitment of the last applied change.
    applying: Mutex<Option<Vec<u8>>>,
    past: Past,
    record_turns: Turns,
    whole_turns: Turns,
    confirmed: RwLock<Stopwatch>,
    /// Whether somebody keeps it up to date with the log. Only then does silence mean anything.
    followed: AtomicBool,
    /// Whether the database's log is no longer the one it followed.
    is_cut_off: AtomicBool,
    health: Health,
}

/// Maximum number of waiting questions about one record's past.
const RECORD_QUEUE: usize = 64;

/// Maximum number of waiting questions about the whole past.
const WHOLE_QUEUE: usize = 8;

/// The silence that is reported for a restored or replaced store: longer than any answer from memory is allowed.
const OTHER_HISTORY_MICROS: u64 = 3_600_000_000;

/// How long the store may be silent in normal operation; it is asked five times a second.
const USUAL_SILENCE_MICROS: u64 = 2_000_000;

impl Directory {
    /// Loads the current directory.
    ///
    /// # Errors
    /// `DirectoryError` if the store fails, or holds data that the program cannot have written.
    pub fn open(store: Store, claim_ids: ClaimIdKey, options: ClaimIndexOptions, now: UtcTime) -> Result<Self, DirectoryError> {
        let (claims, generation, mark) = store.read(|conn| {
            let head = conn.log_head().map_err(DirectoryError::Store)?;
            let (claims, generation) = first::load_first(conn, &store, options, (head.sequence, now.date()))?;
            Ok::<_, DirectoryError>((claims, generation, conn.commitment_of(head.sequence)?))
        })?;
        generation.prepare_search(None);
        let credentials = store.read(Credentials::load)?;
        let private = store.read(|conn| PrivateStates::default().catch_up(conn))?.unwrap_or_default();
        let health = Health::default();
        health.catch_up(&store)?;
        Ok(Self {
            store,
            claims,
            claim_ids,
            current: RwLock::new(Arc::new(generation)),
            credentials: RwLock::new(Arc::new(credentials)),
            private: RwLock::new(Arc::new(private)),
            applying: Mutex::new(mark),
            past: Past::default(),
            record_turns: Turns::new("past-record", RECORD_QUEUE),
            whole_turns: Turns::new("past-whole", WHOLE_QUEUE),
            confirmed: RwLock::new(Stopwatch::start()),
            followed: AtomicBool::new(false),
            is_cut_off: AtomicBool::new(false),
            health,
        })
    }

    /// Pins the newest generation, with its records as of the day of `now`.
    #[must_use]
    pub fn pin(&self, now: UtcTime) -> Arc<Generation> {
        let generation = self.current();
        let today = now.date();
        if generation.day() == today {
            return generation;
        }
        // Built without a lock if nobody prepared it: otherwise, at midnight, one write in progress could delay every request.
        let rolled = Arc::new(generation.on_day(today));
        rolled.prepare_search(Some(&generation));
        self.replace(&generation, Arc::clone(&rolled));
        rolled
    }

    /// Builds the records of the day that it will be in `ahead_secs` seconds, unless they are there. Requests then need not build them.
    pub fn prepare_day(&self, now: UtcTime, ahead_secs: i64) {
        let (before, day) = (self.current(), now.plus_secs(ahead_secs).date());
        if before.day() >= day || before.prepared_for(day).is_some() {
            return;
        }
        let records = before.records_on(day);
        let _applying = self.applying.lock().unwrap_or_else(PoisonError::into_inner);
        let current = self.current();
        // If all must be built again because of what was written meanwhile, the next call does it.
        let Some(records) = current.with_changes_since(&before, records) else { return };
        let prepared = Arc::new(Generation { ahead: Some(records), ..Generation::clone(&current) });
        prepared.prepare_search(Some(&current));
        self.replace(&current, prepared);
    }

    /// Replaces the current generation, unless another one replaced it meanwhile or the new one is of an earlier day.
    fn replace(&self, current: &Arc<Generation>, next: Arc<Generation>) {
        let mut place = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&place, current) && current.day() <= next.day() {
            *place = next;
        }
    }

    /// Returns the last sequence that was applied.
    #[must_use]
    pub fn sequence(&self) -> i64 {
        self.current().sequence()
    }

    fn current(&self) -> Arc<Generation> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the directory as of a past sequence, with its records as of `day`. Asks the store, once for all callers that ask the same
    /// at the same time. Not for the hot path.
    ///
    /// # Errors
    /// `DirectoryError`; `PastBusy` if too many past directories are already requested.
    pub fn at(&self, sequence: i64, day: Date) -> Result<Arc<Generation>, DirectoryError> {
        let present = self.current();
        let load = |conn: &mut Conn| {
            let documents = |conn: &mut Conn| Documents::load(conn, sequence, Screening::SharedWith(&present));
            load::generation(conn, &self.store, &self.claims, Some(&present), (sequence, day), documents)
        };
        self.past.get((sequence, day), present.size_bytes(), || self.store.read_at(sequence, load))
    }

    /// Returns a generation with its records as of another day.
    pub fn on_day(&self, generation: &Arc<Generation>, day: Date) -> Result<Arc<Generation>, DirectoryError> {
        if generation.day() == day {
            return Ok(Arc::clone(generation));
        }
        self.past.get((generation.sequence(), day), generation.size_bytes(), || Ok(generation.on_day(day)))
    }

    /// Returns the threads that answer questions about one record's past.
    #[must_use]
    pub fn record_turns(&self) -> &Turns {
        &self.record_turns
    }

    /// Returns the threads that answer questions about the whole past directory.
    #[must_use]
    pub fn whole_turns(&self) -> &Turns {
        &self.whole_turns
    }

    /// Returns how many whole past directories are in memory.
    #[must_use]
    pub fn pasts_alive(&self) -> usize {
        self.past.alive()
    }

    /// Applies new log entries, changed credentials and changed private states of organisations. Returns the sequence reached.
    ///
    /// # Errors
    /// `DirectoryError`; the directory then stays unchanged.
    pub fn catch_up(&self) -> Result<i64, DirectoryError> {
        let mut mark = self.applying.lock().unwrap_or_else(PoisonError::into_inner);
        let current = self.current();
        // Memory has what was stored. What a damaged file says may be wrong.
        if self.store.damage().is_some() {
            *self.confirmed.write().unwrap_or_else(PoisonError::into_inner) = Stopwatch::start();
            return Ok(current.sequence());
        }
        let known_revision = self.credentials().revision();
        let known_private = self.all_private();
        let (next, credentials, private) = self.store.read(|conn| {
            let head = conn.log_head().map_err(DirectoryError::Store)?;
            // Memory may still contain entries that a restored database has lost; these must not pass for the database's current content.
            if conn.commitment_of(current.sequence())? != *mark {
                self.is_cut_off.store(true, Ordering::Relaxed);
                return Err(DirectoryError::OtherHistory { sequence: current.sequence() });
            }
            let next = if head.sequence == current.sequence() {
                None
            } else {
                self.claims.apply(conn, current.sequence(), head.sequence)?;
                Some((load::next(conn, &self.claims, &current, head.sequence)?, conn.commitment_of(head.sequence)?))
            };
            let revision = conn.credentials_revision().map_err(DirectoryError::Store)?;
            let credentials = if revision == known_revision { None } else { Some(Credentials::load(conn)?) };
            let private = known_private.catch_up(conn)?;
            Ok::<_, DirectoryError>((next, credentials, private))
        })?;
        let reached = next.as_ref().map_or(current.sequence(), |(next, _)| next.sequence());
        if let Some((next, last)) = next {
            *mark = last;
            next.prepare_search(Some(&current));
            *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        }
        if let Some(credentials) = credentials {
            *self.credentials.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(credentials);
        }
        if let Some(private) = private {
            *self.private.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(private);
        }
        *self.confirmed.write().unwrap_or_else(PoisonError::into_inner) = Stopwatch::start();
        Ok(reached)
    }

    /// Returns how long the store has not confirmed that the directory is up to date, in microseconds of a clock that does not jump. Once
    /// the store was replaced, its confirmations no longer count.
    #[must_use]
    pub fn silent_micros(&self) -> u64 {
        if self.is_cut_off.load(Ordering::Relaxed) && self.store.damage().is_none() {
            return OTHER_HISTORY_MICROS;
        }
        self.confirmed.read().unwrap_or_else(PoisonError::into_inner).elapsed_micros()
    }

    /// Returns whether the database was found to have another log than the one this process followed.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        self.is_cut_off.load(Ordering::Relaxed)
    }

    /// Notes that from now on somebody asks the log regularly.
    pub fn follow(&self) {
        self.followed.store(true, Ordering::Relaxed);
    }

    /// Returns for how many whole seconds the store has not confirmed that the directory is up to date. 0 in a process that does not
    /// follow the log, and while the silence is no longer than usual.
    #[must_use]
    pub fn silent_secs(&self) -> i64 {
        if !self.followed.load(Ordering::Relaxed) {
            return 0;
        }
        match self.silent_micros() {
            ..USUAL_SILENCE_MICROS => 0,
            micros => i64::try_from(micros / 1_000_000).unwrap_or(i64::MAX),
        }
    }

    /// Returns the health of endpoints.
    #[must_use]
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Returns the current credentials.
    #[must_use]
    pub fn credentials(&self) -> Arc<Credentials> {
        Arc::clone(&self.credentials.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the current answers about a VASP; `None` if there are none.
    #[must_use]
    pub fn answers_about(&self, vasp: VaspId) -> Option<Arc<StandingAnswers>> {
        self.all_private().answers_about(vasp)
    }

    /// Returns the current revision of the private states, and the organisations whose state changed after `revision`.
    #[must_use]
    pub fn private_since(&self, revision: i64) -> (i64, Vec<OrganisationId>) {
        self.all_private().since(revision)
    }

    /// Returns the organisations that have approval rules.
    #[must_use]
    pub fn with_approval_rules(&self) -> Vec<OrganisationId> {
        self.all_private().with_approval_rules()
    }

    fn all_private(&self) -> Arc<PrivateStates> {
        Arc::clone(&self.private.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns an organisation's private state; empty if it has none.
    ///
    /// # Errors
    /// `DirectoryError::Document` if it cannot be read.
    pub fn private(&self, organisation: OrganisationId) -> Result<Arc<PrivateState>, DirectoryError> {
        self.all_private().of(organisation)
    }

    /// Returns whether a lookup of any claim may need the store.
    #[must_use]
    pub fn claims_may_block(&self) -> bool {
        self.claims.may_block()
    }

    /// Returns the state of the claim index, for operators.
    #[must_use]
    pub fn claim_index_state(&self) -> ClaimIndexState {
        self.claims.state()
    }

    /// Returns the key that makes the public ids of claims.
    #[must_use]
    pub fn claim_ids(&self) -> &ClaimIdKey {
        &self.claim_ids
    }

    /// Returns the store behind the directory.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }
}
