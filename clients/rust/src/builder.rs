//! Makes a client: where the registry is, who asks, which keys are trusted, and what the client takes from outside.

use std::fmt;
use std::sync::Arc;

use ureq::Agent;
use vasp_pki::receipt::PublishedKeys;

use crate::client::Client;
use crate::config::{Environment, of_process, registry_key, registry_url};
use crate::error::{ConfigurationCode, ConfigurationError};
use crate::exchange;
use crate::settings::Settings;
use crate::transport::Transport;
use crate::world::{SystemWorld, World};

/// The parts of a client. What is not given comes from the environment or is the usual.
#[derive(Default)]
pub struct ClientBuilder {
    url: Option<String>,
    key: Option<String>,
    settings: Settings,
    keys: Option<PublishedKeys>,
    issuer: Option<String>,
    agent: Option<Agent>,
    world: Option<Arc<dyn World>>,
    environment: Option<Environment>,
}

impl ClientBuilder {
    /// Sets the URL of the registry; otherwise it comes from `VASP_REGISTRY_URL`.
    #[must_use]
    pub fn url(self, url: impl Into<String>) -> Self {
        Self { url: Some(url.into()), ..self }
    }

    /// Sets the API key; otherwise it comes from `VASP_REGISTRY_KEY` or the file `VASP_REGISTRY_KEY_FILE`.
    #[must_use]
    pub fn key(self, key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..self }
    }

    /// Sets how calls are made.
    #[must_use]
    pub fn settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// Pins the keys with which receipts and checkpoints are checked; otherwise the client fetches them from the registry.
    #[must_use]
    pub fn pinned_keys(self, keys: PublishedKeys) -> Self {
        Self { keys: Some(keys), ..self }
    }

    /// Pins the registry's name in receipts.
    #[must_use]
    pub fn issuer(self, issuer: impl Into<String>) -> Self {
        Self { issuer: Some(issuer.into()), ..self }
    }

    /// Sets the HTTP client, for a proxy, a client certificate or other roots.
    #[must_use]
    pub fn agent(self, agent: Agent) -> Self {
        Self { agent: Some(agent), ..self }
    }

    /// Sets where time, waits and chance come from; otherwise from the operating system.
    #[must_use]
    pub fn world(self, world: Arc<dyn World>) -> Self {
        Self { world: Some(world), ..self }
    }

    /// Sets where the variables come from; otherwise from this process.
    #[must_use]
    pub fn environment(self, environment: Environment) -> Self {
        Self { environment: Some(environment), ..self }
    }

    /// Makes the client. Nothing is sent.
    ///
    /// # Errors
    /// `ConfigurationError` if there is no URL, no usable key, or plain HTTP to another machine.
    pub fn build(self) -> Result<Client, ConfigurationError> {
        let environment = self.environment.unwrap_or_else(|| Arc::new(of_process));
        let url = registry_url(self.url.as_deref(), environment.as_ref())?;
        let key = registry_key(self.key.as_deref(), environment.as_ref())?;
        let world = match self.world {
            Some(world) => world,
            None => Arc::new(
                SystemWorld::open()
                    .map_err(|error| ConfigurationError::new(ConfigurationCode::NoRandomness, error.to_string()))?,
            ),
        };
        let agent = self.agent.unwrap_or_else(exchange::agent);
        Ok(Client::of(Transport { url, key, agent, settings: self.settings, world }, self.keys, self.issuer))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<ClientBuilder>")
    }
}
