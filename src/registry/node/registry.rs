//! What every capability works on: the store, the directory kept up with it, the keys, the means to call out, and what each capability
//! keeps in memory.

use std::any::Any;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, RwLock};

use rand_core::RngCore;

use super::condition::Condition;
use super::data_keys::named_key;
use super::parts::Parts;
use super::{ProblemCode, Refusal, ServiceError};
use crate::directory::{ClaimIndexOptions, Directory, Generation, Identity};
use crate::telemetry::Metrics;
use vasp_outbound::Outbound;
use vasp_pki::x509::RootSets;
use vasp_pki::{ClaimIdKey, DataKey, MasterKeys};
use vasp_store::{DocumentFolder, Store};
use vasp_words::ids::OrganisationId;
use vasp_words::time::UtcTime;

/// Signs the head of the log after a write.
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

/// Name of the key behind public claim ids.
pub(crate) const CLAIM_IDS: &str = "claim-ids";

impl Registry {
    /// Loads the directory. What the capabilities keep is added by `assemble`.
    ///
    /// # Errors
    /// `ServiceError::Key` where the master key file does not fit the database; `Store`, `Directory`.
    pub(crate) fn bare(
        store: Store,
        keys: MasterKeys,
        limits: ClaimIndexOptions,
        now: UtcTime,
        rng: &mut dyn RngCore,
    ) -> Result<Self, ServiceError> {
        let claim_ids = ClaimIdKey::new(&named_key(&store, &keys, CLAIM_IDS, now, rng)?);
        let directory = Directory::open(store, claim_ids, limits, now).map_err(ServiceError::Directory)?;
        Ok(Self {
            directory,
            keys,
            data_keys: RwLock::default(),
            metrics: Metrics::default(),
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

    /// Returns what a capability keeps in memory, to be set up before the registry is shared.
    pub(crate) fn part_mut<T: Any>(&mut self) -> &mut T {
        self.parts.get_mut()
    }

    /// Has the head of the log signed so after each write.
    pub(crate) fn sign_log_by(&mut self, sign: SignLog) {
        self.sign_log = sign;
    }

    /// Returns one of the registry's own keys, made where it is missing.
    ///
    /// # Errors
    /// `ServiceError::Key`, `Store`.
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

    /// Returns the registry with the means to call out; without them, nothing that needs them is done.
    #[must_use]
    pub fn calling_out(self, outbound: Outbound) -> Self {
        Self { outbound: Some(outbound), ..self }
    }

    /// Returns the registry with roots besides those of the web, by which certificates are believed.
    #[must_use]
    pub fn with_roots(self, roots: RootSets) -> Self {
        Self { roots, ..self }
    }

    /// Returns the roots by which certificates are believed.
    #[must_use]
    pub fn roots(&self) -> &RootSets {
        &self.roots
    }

    /// Returns the means to call out.
    ///
    /// # Errors
    /// `ServiceError::CallsNobody` in a process that was started without.
    pub fn outbound(&self) -> Result<&Outbound, ServiceError> {
        self.outbound.as_ref().ok_or(ServiceError::CallsNobody)
    }

    /// Sends a mail where mail is on. Blocks; after a transaction, which is not to wait for a mail server.
    pub(crate) fn mail(&self, to: &str, subject: &str, text: String) -> Result<(), ServiceError> {
        let Some(outbound) = self.outbound.as_ref() else { return Ok(()) };
        let Some(mailer) = outbound.mailer() else { return Ok(()) };
        let _slot = outbound.slot().ok_or(ServiceError::Overloaded)?;
        mailer
            .send(to, subject, text)
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

    /// Has documents kept in a folder; several nodes share one.
    #[must_use]
    pub fn with_documents(mut self, folder: Option<PathBuf>) -> Self {
        self.documents = folder.map(DocumentFolder::new);
        self
    }

    /// Returns where documents are kept, if anywhere.
    #[must_use]
    pub fn documents(&self) -> Option<&DocumentFolder> {
        self.documents.as_ref()
    }

    /// Has this process know at once what was written, and the head of the log signed. The write is on disk: a failure here must not
    /// be told as its failure, or a key would be made and never shown; the tailer catches up. Not inside a write: signing writes itself.
    pub fn let_others_know(&self) {
        self.apply_log();
        self.sign_log();
    }

    /// As [`Registry::let_others_know`], for a write that is acknowledged only once this process answers by it: whoever is told that
    /// a claim is withdrawn or a key revoked must not find it here a moment later.
    ///
    /// # Errors
    /// `ServiceError::Directory` where the database went away before what was committed could be read. It is on disk: repeated
    /// under the same idempotency key, the request gets its answer.
    pub(crate) fn know_before_telling(&self) -> Result<(), ServiceError> {
        // A database that restarted is there again for the second look, which waits a while for a connection.
        let applied = self.directory.catch_up().or_else(|_| self.directory.catch_up());
        self.sign_log();
        applied.map(drop).map_err(ServiceError::Directory)
    }

    fn sign_log(&self) {
        if let Err(error) = self.sign_head() {
            tracing::error!(
                error.chain = vasp_words::error_chain::error_chain(&error),
                "a write is on disk but its checkpoint is not signed"
            );
        }
    }

    /// Has the head of the log signed where that is not done yet.
    pub(crate) fn sign_head(&self) -> Result<(), ServiceError> {
        (self.sign_log)(self)
    }

    /// Has this process know what other nodes wrote before a write is judged, and returns the caller with the VASP that it has by now:
    /// a refusal from memory would be final while the database knows better. Once for every write, in the one place that begins them.
    ///
    /// # Errors
    /// `ServiceError::Directory` where the database cannot be asked: nothing is judged by what may be out of date.
    pub fn know_before_judging(&self, identity: Identity) -> Result<Identity, ServiceError> {
        self.directory.catch_up().map_err(ServiceError::Directory)?;
        let vasp = match self.directory.credentials().get(identity.credential) {
            Some(credential) => credential.identity.vasp,
            None => identity.vasp,
        };
        Ok(Identity { vasp, ..identity })
    }

    /// Has this process know what was committed; also inside a write.
    pub(crate) fn apply_log(&self) {
        if let Err(error) = self.directory.catch_up() {
            tracing::warn!(error.chain = vasp_words::error_chain::error_chain(&error), "a write is on disk but not applied yet");
        }
    }

    /// Pins the newest generation.
    #[must_use]
    pub fn pin(&self, now: UtcTime) -> Arc<Generation> {
        self.directory.pin(now)
    }
}
