//! What every use case works on: the store, the directory kept up with it, the keys, and the writer of pre-checks.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, RwLock};

use rand_core::RngCore;

use super::ServiceError;
use super::condition::Condition;
use super::data_keys::named_key;
use crate::acts::refusals::Refusals;
use crate::acts::{Flights, Identity, KeyUses};
use crate::answers::{AnswersCache, OwnersCache};
use crate::authority::AuthorityKeys;
use crate::claims::ClaimUsage;
use crate::directory::{ClaimIndexOptions, Directory, Generation};
use crate::resolve::not_found_budget;
use crate::resolve::not_found_budget::NotFoundBudget;
use crate::sign_in::SignIn;
use crate::telemetry::Metrics;
use crate::trust::{Trust, follow_log};
use crate::{authority, sign_in};
use vasp_outbound::{BaseUrl, Outbound, Provider};
use vasp_pki::x509::RootSets;
use vasp_pki::{ClaimIdKey, DataKey, MasterKeys};
use vasp_record::allowance::Allowance;
use vasp_record::issuer::IssuerName;
use vasp_store::{DocumentFolder, PrecheckWriter, Store};
use vasp_words::ids::OrganisationId;
use vasp_words::time::UtcTime;

/// The registry of this process.
pub struct Registry {
    directory: Directory,
    keys: MasterKeys,
    prechecks: PrecheckWriter,
    pub(crate) data_keys: RwLock<HashMap<OrganisationId, DataKey>>,
    metrics: Metrics,
    flights: Flights,
    usage: ClaimUsage,
    allowance: Allowance,
    not_found: NotFoundBudget,
    key_uses: KeyUses,
    refusals: Refusals,
    documents: Option<DocumentFolder>,
    sign_in: SignIn,
    outbound: Option<Outbound>,
    roots: RootSets,
    authority_keys: AuthorityKeys,
    answers: AnswersCache,
    owners: OwnersCache,
    trust: Trust,
    condition: Condition,
}

/// Name of the key behind public claim ids.
pub(crate) const CLAIM_IDS: &str = "claim-ids";

impl Registry {
    /// Loads the directory and unwraps the registry's keys, making those that are missing.
    ///
    /// # Errors
    /// `ServiceError::Key` where the master key file does not fit the database; `Store`, `Directory`.
    pub fn open(
        store: Store,
        keys: MasterKeys,
        limits: ClaimIndexOptions,
        now: UtcTime,
        rng: &mut dyn RngCore,
    ) -> Result<Self, ServiceError> {
        let claim_ids = ClaimIdKey::new(&named_key(&store, &keys, CLAIM_IDS, now, rng)?);
        let mut sign_in_key = |name| named_key(&store, &keys, name, now, rng);
        let sign_in = SignIn::new(sign_in_key(sign_in::KEY)?, &sign_in_key(sign_in::ATTEMPTS_KEY)?);
        let hashed_under = named_key(&store, &keys, not_found_budget::KEY, now, rng)?;
        let kept = store.read(|conn| conn.budgets_of(now.date())).map_err(ServiceError::Store)?;
        let not_found = NotFoundBudget::new(&hashed_under, &kept, now.date());
        let authority_keys = AuthorityKeys::new(named_key(&store, &keys, authority::KEY, now, rng)?);
        let metrics = Metrics::default();
        let writer = PrecheckWriter::start(store.clone(), metrics.group_commit.clone());
        let prechecks = writer.map_err(|source| ServiceError::Thread { source })?;
        let directory = Directory::open(store, claim_ids, limits, now).map_err(ServiceError::Directory)?;
        Ok(Self {
            directory,
            keys,
            prechecks,
            data_keys: RwLock::default(),
            metrics,
            flights: Flights::default(),
            key_uses: KeyUses::default(),
            refusals: Refusals::default(),
            documents: None,
            sign_in,
            outbound: None,
            roots: RootSets::web_pki(),
            authority_keys,
            trust: Trust::default(),
            condition: Condition::default(),
            usage: ClaimUsage::default(),
            allowance: Allowance::default(),
            not_found,
            answers: AnswersCache::default(),
            owners: OwnersCache::default(),
        })
    }

    /// Has people sign in with accounts at these providers, too.
    #[must_use]
    pub fn with_providers(mut self, providers: Vec<Provider>) -> Self {
        self.sign_in.providers = providers;
        self
    }

    /// Has links that are sent to people lead there.
    #[must_use]
    pub fn links_to(mut self, public_url: BaseUrl) -> Self {
        self.sign_in.public_url = public_url;
        self
    }

    /// Has certificates that it issues say where their CRL is found.
    #[must_use]
    pub fn found_at(mut self, public_url: Option<String>) -> Self {
        self.authority_keys.found_at(public_url);
        self
    }

    /// Has receipts name the registry so; without, they name its first key.
    #[must_use]
    pub fn issued_by(mut self, issuer: Option<IssuerName>) -> Self {
        self.trust.named(issuer);
        self
    }

    /// Returns what is wrong with this node.
    #[must_use]
    pub fn condition(&self) -> &Condition {
        &self.condition
    }

    /// Returns what the registry signs receipts and checkpoints with.
    #[must_use]
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    pub(crate) fn master_keys(&self) -> &MasterKeys {
        &self.keys
    }

    pub(crate) fn refusals(&self) -> &Refusals {
        &self.refusals
    }

    /// Tells whether the registry has a certificate authority.
    pub fn has_authorities(&self) -> Result<bool, ServiceError> {
        self.store().read(|conn| Ok(!conn.authorities()?.is_empty()))
    }

    /// Returns what the registry signs certificates with.
    #[must_use]
    pub fn authority_keys(&self) -> &AuthorityKeys {
        &self.authority_keys
    }

    /// Returns the registry with the means to call out; without them, nothing that needs them is done.
    #[must_use]
    pub fn calling_out(self, outbound: Outbound) -> Self {
        Self { outbound: Some(outbound), ..self }
    }

    /// Returns the registry with other numbers for how much one member's word may cost others.
    #[must_use]
    pub fn allowing(self, allowance: Allowance) -> Self {
        Self { allowance, ..self }
    }

    /// Returns how much one member's word may cost others.
    #[must_use]
    pub fn allowance(&self) -> &Allowance {
        &self.allowance
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
        mailer.send(to, subject, text).map_err(ServiceError::Mail)
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

    /// Returns the writer of pre-checks.
    #[must_use]
    pub fn prechecks(&self) -> &PrecheckWriter {
        &self.prechecks
    }

    /// Returns the metrics of this process.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Returns what was opened of the answers that stand.
    #[must_use]
    pub fn answers_cache(&self) -> &AnswersCache {
        &self.answers
    }

    /// Returns what the screening lists say of owners in answers that stand.
    #[must_use]
    pub fn owners_cache(&self) -> &OwnersCache {
        &self.owners
    }

    /// Returns what signing in works with.
    #[must_use]
    pub fn sign_in(&self) -> &SignIn {
        &self.sign_in
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

    /// Returns on which days API keys were used last.
    #[must_use]
    pub fn key_uses(&self) -> &KeyUses {
        &self.key_uses
    }

    /// Returns the requests under an idempotency key that this process is just doing.
    #[must_use]
    pub fn flights(&self) -> &Flights {
        &self.flights
    }

    /// Returns how often members' claims were asked for since that was written last.
    #[must_use]
    pub fn usage(&self) -> &ClaimUsage {
        &self.usage
    }

    /// Returns the budgets of addresses that were not found.
    #[must_use]
    pub fn not_found(&self) -> &NotFoundBudget {
        &self.not_found
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
        if let Err(error) = follow_log(self) {
            tracing::error!(
                error.chain = vasp_words::error_chain::error_chain(&error),
                "a write is on disk but its checkpoint is not signed"
            );
        }
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
