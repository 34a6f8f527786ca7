//! Builds a registry: the node, and what each capability keeps in memory. Apart from the table of routes, this is the only place of the
//! app that knows all capabilities.

use rand_core::RngCore;

use crate::acts::activity::Activity;
use crate::acts::refusals::Refusals;
use crate::acts::{Flights, KeyUses};
use crate::ca::AuthorityKeys;
use crate::claims::LargeImports;
use crate::directory::{ClaimIndexOptions, ClaimUsage};
use crate::enumeration::budget;
use crate::enumeration::budget::NotFoundBudget;
use crate::http::{BodyForms, ProblemPages};
use crate::node::{Registry, ServiceError};
use crate::questionnaires::{AnswersCache, OwnersCache};
use crate::review::Looks;
use crate::sandbox::Sandbox;
use crate::sign_in::SignIn;
use crate::transparency::{Trust, follow_log};
use crate::vasps::http::KeptRecords;
use crate::{ca, sign_in};
use vasp_outbound::{BaseUrl, Provider};
use vasp_pki::MasterKeys;
use vasp_record::allowance::Allowance;
use vasp_record::environment::Environment;
use vasp_record::issuer::IssuerName;
use vasp_rules::policy::Policy;
use vasp_store::{PrecheckWriter, Store};
use vasp_words::time::UtcTime;

impl Registry {
    /// Loads the directory and unwraps the registry's keys; makes the keys that are missing.
    ///
    /// # Errors
    /// `ServiceError::Key` if the master key file does not fit the database; `Store`, `Directory`.
    pub fn open(
        store: Store,
        keys: MasterKeys,
        limits: ClaimIndexOptions,
        now: UtcTime,
        rng: &mut dyn RngCore,
    ) -> Result<Self, ServiceError> {
        let mut registry = Self::bare(store, keys, limits, now, rng)?;
        let attempts = registry.own_key(sign_in::ATTEMPTS_KEY, now, rng)?;
        registry.add(SignIn::new(registry.own_key(sign_in::KEY, now, rng)?, &attempts));
        registry.add(AuthorityKeys::new(registry.own_key(ca::KEY, now, rng)?));
        let hashed_under = registry.own_key(budget::KEY, now, rng)?;
        let kept = registry.store().read(|conn| conn.budgets_of(now.date())).map_err(ServiceError::Store)?;
        registry.add(NotFoundBudget::new(&hashed_under, &kept, now.date()));
        let writer = PrecheckWriter::start(registry.store().clone(), registry.metrics().group_commit.clone());
        registry.add(writer.map_err(|source| ServiceError::Thread { source })?);
        registry.add(Activity::default());
        registry.add(KeyUses::default());
        registry.add(Flights::default());
        registry.add(LargeImports::default());
        registry.add(Looks::default());
        registry.add(ProblemPages::default());
        registry.add(BodyForms::of(crate::serve::document));
        registry.add(Refusals::default());
        registry.add(ClaimUsage::default());
        registry.add(Allowance::default());
        registry.add(AnswersCache::default());
        registry.add(OwnersCache::default());
        registry.add(KeptRecords::default());
        registry.add(None::<Sandbox>);
        registry.add(Trust::default());
        registry.sign_log_by(follow_log);
        Ok(registry)
    }

    /// Lets people also sign in with accounts at these OpenID providers.
    #[must_use]
    pub fn with_providers(mut self, providers: Vec<Provider>) -> Self {
        self.part_mut::<SignIn>().providers = providers;
        self
    }

    /// Sets the base URL of links that are sent to people.
    #[must_use]
    pub fn links_to(mut self, public_url: BaseUrl) -> Self {
        self.part_mut::<SignIn>().public_url = public_url;
        self
    }

    /// Sets the URL of this registry, below which are the CRLs that issued certificates name, and the pages that explain problems.
    #[must_use]
    pub fn found_at(mut self, public_url: Option<String>) -> Self {
        self.add(ProblemPages::below(public_url.as_deref()));
        self.part_mut::<AuthorityKeys>().found_at(public_url);
        self
    }

    /// Sets the issuer name in receipts; `None` names the registry by its first key.
    #[must_use]
    pub fn issued_by(mut self, issuer: Option<IssuerName>) -> Self {
        self.part_mut::<Trust>().named(issuer);
        self
    }

    /// Sets how much the claims of one member may cost others.
    #[must_use]
    pub fn allowing(mut self, allowance: Allowance) -> Self {
        self.add(allowance);
        self
    }

    /// Makes this registry a sandbox.
    #[must_use]
    pub fn as_sandbox(mut self, sandbox: Sandbox) -> Self {
        *self.part_mut::<Option<Sandbox>>() = Some(sandbox);
        self
    }

    /// Returns what a sandbox has beside a registry; `None` for a live registry.
    #[must_use]
    pub fn sandbox(&self) -> Option<&Sandbox> {
        self.part::<Option<Sandbox>>().as_ref()
    }

    /// Returns what this registry is for.
    #[must_use]
    pub fn environment(&self) -> Environment {
        self.part::<Trust>().environment()
    }

    /// Returns what this registry is for, by its policy, too: a registry with the policy of a demonstration is one.
    pub(crate) fn environment_with(&self, policy: &Policy) -> Environment {
        match self.environment() {
            Environment::Live if policy.is_for_demonstrations() => Environment::Demo,
            other => other,
        }
    }

    /// Returns the budgets of addresses that were not found.
    #[must_use]
    pub fn not_found(&self) -> &NotFoundBudget {
        self.part()
    }

    /// Returns the writer of pre-checks.
    #[must_use]
    pub fn prechecks(&self) -> &PrecheckWriter {
        self.part()
    }
}
