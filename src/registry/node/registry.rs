//! What every capability works with: the store, the directory that follows it, the keys, the means to make outgoing calls, and what each
//! capability keeps in memory.

use std::any::Any;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, RwLock};

use rand_core::RngCore;

use super::condition::Condition;
use super::data_keys::named_key;
use super::parts::Parts;
use super::{ProblemCode, Refusal, ServiceError};
use crate::directory::{ClaimIndexOptions, Directory, Generation, Holds, Identity, Silence, ValidUntil};
use crate::telemetry::Metrics;
use vasp_outbound::Outbound;
use vasp_pki::x509::RootSets;
use vasp_pki::{ClaimIdKey, DataKey, MasterKeys};
use vasp_store::{DocumentFolder, Store};
use vasp_words::ids::OrganisationId;
use vasp_words::time::UtcTime;

/// A function that signs the head of the log after a write.
type SignLog = fn(&Registry) -> Result<(), ServiceError>;

/// The registry of this process.
pub struct Registry {
    directory: Directory,
    keys: MasterKeys,
    pub(super) data_keys: RwLock<HashMap<OrganisationId, DataKey>>,
    metrics: Metrics,
    documents: Option<DocumentFolder>,
    outbound: Option<Outbound>,
    roots: RootSets,
    condition: Condition,
    parts: Parts,
    sign_log: SignLog,
}

/// Name of the key from which public claim ids are made.
pub(crate) const CLAIM_IDS: &str = "claim-ids";

impl Registry {
    /// Loads the directory. `assemble` adds what the capabilities keep in memory.
    ///
    /// # Errors
    /// `ServiceError::Key` if the master key file does not fit the database; `Store`, `Directory`.
    pub(crate) fn bare(
        store: Store,
        keys: MasterKeys,
        limits: ClaimIndexOptions,
        now: UtcTime,
        rng: &mut dyn RngCore,
    ) -> Result<Self, ServiceError> {
        let claim_ids = ClaimIdKey::new(&named_key(&store, &keys, CLAIM_IDS, now, rng)?);
        let directory = Directory::open(store, claim_ids, limits, now).map_err(ServiceError::Directory)?;
        let metrics = Metrics::default().with_writer(directory.store().writer_held());
        Ok(Self {
            directory,
            keys,
            data_keys: RwLock::default(),
            metrics,
            documents: None,
            outbound: None,
            roots: RootSets::web_pki(),
            condition: Condition::default(),
            parts: Parts::default(),
            sign_log: |_| Ok(()),
        })
    }

    /// Adds what a capability keeps in memory.
    pub(crate) fn add<T: Any + Send + Sync>(&mut self, part: T) {
        self.parts.add(part);
    }

    /// Returns what a capability keeps in memory, by its type.
    pub(crate) fn part<T: Any>(&self) -> &T {
        self.parts.get()
    }

    /// Returns what a capability keeps in memory, to set it up before the registry is shared.
    pub(crate) fn part_mut<T: Any>(&mut self) -> &mut T {
        self.parts.get_mut()
    }

    /// Sets the function that signs the head of the log after each write.
    pub(crate) fn sign_log_by(&mut self, sign: SignLog) {
        self.sign_log = sign;
    }

    /// Returns one of the registry's own keys; makes it if it is missing.
    pub(crate) fn own_key(&self, name: &str, now: UtcTime, rng: &mut dyn RngCore) -> Result<DataKey, ServiceError> {
        named_key(self.store(), &self.keys, name, now, rng)
    }

    /// Returns what is wrong with this node.
    #[must_use]
    pub fn condition(&self) -> &Condition {
        &self.condition
    }

    pub(crate) fn master_keys(&self) -> &MasterKeys {
        &self.keys
    }

    /// Returns the registry with the means to make outgoing calls. Without them, it does nothing that needs such calls.
    #[must_use]
    pub fn calling_out(self, outbound: Outbound) -> Self {
        Self { outbound: Some(outbound), ..self }
    }

    /// Returns the registry with root certificates that it trusts in addition to those of the web.
    #[must_use]
    pub fn with_roots(self, roots: RootSets) -> Self {
        Self { roots, ..self }
    }

    /// Returns the trusted root certificates.
    #[must_use]
    pub fn roots(&self) -> &RootSets {
        &self.roots
    }

    /// Returns the means to make outgoing calls.
    ///
    /// # Errors
    /// `ServiceError::CallsNobody` if the process was started without them.
    pub fn outbound(&self) -> Result<&Outbound, ServiceError> {
        self.outbound.as_ref().ok_or(ServiceError::CallsNobody)
    }

    /// Sends a mail if mail is configured. Blocks, so call it after a transaction: none should wait for a mail server.
    pub(crate) fn mail(&self, to: &str, subject: &str, text: String) -> Result<(), ServiceError> {
        let Some(outbound) = self.outbound.as_ref() else { return Ok(()) };
        let Some(mailer) = outbound.mailer() else { return Ok(()) };
        let slot = outbound.mail_slot().ok_or(ServiceError::Overloaded)?;
        mailer
            .send(to, subject, text, slot)
            .map_err(|error| Refusal::of(ProblemCode::MailUnavailable).retry_after_secs(30).because(error).into())
    }

    /// Returns the directory.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Returns the store.
    #[must_use]
    pub fn store(&self) -> &Store {
        self.directory.store()
    }

    /// Returns the metrics of this process.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Sets the folder where documents are kept; several nodes may share one.
    #[must_use]
    pub fn with_documents(mut self, folder: Option<PathBuf>) -> Self {
        self.documents = folder.map(DocumentFolder::new);
        self
    }

    /// Returns the folder where documents are kept; `None` if there is none.
    #[must_use]
    pub fn documents(&self) -> Option<&DocumentFolder> {
        self.documents.as_ref()
    }

    /// Applies a write to this process's directory at once, and has the head of the log signed. The write is already on disk, so a failure
    /// here must not be reported as its failure: a new key would then never be shown to anybody. The tailer catches up later. Do not call
    /// inside a write, because signing writes itself.
    pub fn let_others_know(&self) {
        self.apply_log();
        self.sign_log();
    }

    /// As [`Registry::let_others_know`], for a write that is acknowledged only after this process has applied it. Example: a caller that
    /// withdrew a claim or revoked a key must not find it here a moment later.
    ///
    /// # Errors
    /// `ServiceError::Directory` if the database went away before this process could read the commit. The write is on disk: a retry under
    /// the same idempotency key gets its answer.
    pub(crate) fn know_before_telling(&self) -> Result<(), ServiceError> {
        // After a restart of the database the second attempt succeeds, because it waits some time for a connection.
        let applied = self.directory.catch_up().or_else(|_| self.directory.catch_up());
        self.sign_log();
        applied.map(drop).map_err(ServiceError::Directory)
    }

    fn sign_log(&self) {
        if let Err(error) = self.sign_head() {
            tracing::error!(
                error.chain = vasp_words::error_chain::error_chain(&error),
                "a write is on disk, but its checkpoint is not signed yet"
            );
        }
    }

    /// Signs the head of the log if it is not signed yet.
    pub(crate) fn sign_head(&self) -> Result<(), ServiceError> {
        (self.sign_log)(self)
    }

    /// Applies what other nodes wrote before a write is decided, and returns the caller with its current VASP. Without this, a refusal
    /// based on outdated memory would be final although the database has newer data. It runs once per write, in the one place that begins
    /// all writes.
    ///
    /// # Errors
    /// `ServiceError::Directory` if the database cannot be asked: no write is decided by data that may be out of date.
    pub fn know_before_judging(&self, identity: Identity) -> Result<Identity, ServiceError> {
        self.directory.catch_up().map_err(ServiceError::Directory)?;
        let vasp = match self.directory.credentials().get(identity.credential) {
            Some(credential) => credential.identity.vasp,
            None => identity.vasp,
        };
        Ok(Identity { vasp, ..identity })
    }

    /// Applies committed changes to this process's directory; may be called inside a write.
    pub(crate) fn apply_log(&self) {
        if let Err(error) = self.directory.catch_up() {
            tracing::warn!(
                error.chain = vasp_words::error_chain::error_chain(&error),
                "a write is on disk, but this node has not applied it yet"
            );
        }
    }

    /// Returns how long this process has not heard from its database.
    #[must_use]
    pub fn silence(&self) -> Silence {
        Silence::of_secs(self.directory.silent_secs())
    }

    /// Returns until when an answer made now is valid.
    #[must_use]
    pub fn valid_until(&self, holds: Holds) -> ValidUntil {
        self.silence().shortens(holds)
    }

    /// Pins the newest generation.
    #[must_use]
    pub fn pin(&self, now: UtcTime) -> Arc<Generation> {
        self.directory.pin(now)
    }
}
