//! Sign-in with an OpenID provider: authorization code with PKCE, state and nonce, and a verified ID token. The provider's metadata is
//! fetched once an hour. Its keys are fetched again when a token names an unknown key.
//!
//! Source: OpenID Connect Core 1.0 section 3.1; RFC 7636; RFC 9700 (best current practice of OAuth 2.0 security).

mod fetch;
mod settings;
mod token;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use openidconnect::core::{CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreJsonWebKeySet, CoreProviderMetadata};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse,
};

use fetch::Fetcher;
pub use settings::{BaseUrl, BaseUrlError, Issuer, IssuerError, OidcOptions, ProviderName, ProviderNameError};
use vasp_words::time::UtcTime;

/// How long fetched metadata counts as fresh, in seconds.
const FRESH_SECS: i64 = 3_600;

/// How long after a fetch of keys a token with an unknown key does not cause another fetch, in seconds.
const KEYS_AGAIN_SECS: i64 = 30;

/// How long fetched metadata is used if nothing newer can be fetched, in seconds.
const STALE_SECS: i64 = 86_400;

/// How many requests may wait for a provider at the same time; each holds a thread for as long as the provider takes.
const AT_ONCE: usize = 16;

/// Why a sign-in with a provider failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenIdError {
    /// The settings cannot be used.
    #[error("the OpenID provider `{name}` cannot be used: {reason}")]
    Settings {
        /// The name of the provider.
        name: String,
        /// Why.
        reason: String,
    },
    /// The provider does not answer, or its answer is not valid.
    #[error("the OpenID provider `{name}` gives a wrong answer: {what}")]
    Unavailable {
        /// The name of the provider.
        name: String,
        /// What failed; never contains a token or a body.
        what: &'static str,
    },
    /// The provider refuses this person, or its token does not pass a check.
    #[error("the OpenID provider's answer is refused: {0}")]
    Refused(
        /// The check that failed, for the audit chain.
        &'static str,
    ),
}

/// A person's account at a provider, as its ID token confirms it.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The provider's issuer URL.
    pub issuer: String,
    /// The provider's identifier of the account.
    pub subject: String,
    /// Whether the provider asked for a second factor, according to the settings.
    pub second_factor: bool,
    /// When the provider last authenticated the person (`auth_time`); `None` if it does not say. Never later than now.
    pub authenticated_at: Option<UtcTime>,
}

/// An OpenID provider.
pub struct Provider {
    name: ProviderName,
    issuer: Issuer,
    client_id: ClientId,
    client_secret: Option<ClientSecret>,
    redirect: RedirectUrl,
    second_factor_amr: Vec<String>,
    second_factor_acr: Vec<String>,
    fetcher: Fetcher,
    known: Mutex<Option<Known>>,
    asking: AtomicUsize,
}

/// A slot for a request to a provider; it is free again when this is dropped.
struct Place<'a>(&'a AtomicUsize);

/// The metadata that a provider published, and when it was fetched.
#[derive(Clone)]
struct Known {
    metadata: CoreProviderMetadata,
    fetched_at: UtcTime,
    keys_fetched_at: UtcTime,
}

type Client = CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// Values of `amr` that say nothing of a second factor: what a person knows, where it is, who it is said to be, and nothing.
///
/// Source: RFC 8176, section 2.
const NO_SECOND_FACTOR: [&str; 8] = ["", "pwd", "pin", "kba", "geo", "rba", "user", "wia"];

impl Provider {
    /// Makes a provider from its settings; people return to `{public_url}/sign-in/{name}`. Reads the files that the settings name.
    pub fn new(options: &OidcOptions, public_url: &str) -> Result<Self, OpenIdError> {
        let wrong = |reason: String| OpenIdError::Settings { name: options.name.to_string(), reason };
        let read = |path: &Path| {
            std::fs::read_to_string(path).map_err(|error| wrong(format!("{} cannot be read: {error}", path.display())))
        };
        if let Some(no_second) = options.second_factor_amr.iter().find(|value| NO_SECOND_FACTOR.contains(&value.trim())) {
            let says =
                "second_factor_amr: `{}` is no second factor; name what your provider writes after one, such as mfa, otp or hwk";
            return Err(wrong(says.replace("{}", no_second)));
        }
        let secret = options.client_secret_file.as_deref().map(read).transpose()?;
        let roots = options.ca_file.as_deref().map(read).transpose()?;
        let redirect = RedirectUrl::new(format!("{public_url}/sign-in/{}", options.name));
        Ok(Self {
            name: options.name.clone(),
            issuer: options.issuer.clone(),
            client_id: ClientId::new(options.client_id.clone()),
            client_secret: secret.map(|secret| ClientSecret::new(secret.trim().to_owned())),
            redirect: redirect.map_err(|error| wrong(error.to_string()))?,
            second_factor_amr: options.second_factor_amr.clone(),
            second_factor_acr: options.second_factor_acr.clone(),
            fetcher: Fetcher::new(roots.as_deref()).map_err(|reason| wrong(reason.to_owned()))?,
            known: Mutex::default(),
            asking: AtomicUsize::new(0),
        })
    }

    /// Returns the name of the provider in this registry.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// Returns the issuer URL of the provider.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// Returns the URL to which the person goes. The caller supplies state, nonce and verifier: random texts of 43 characters or more. With
    /// `fresh`, the provider authenticates even a person who has a session there, and states when it did.
    pub fn authorize(&self, state: &str, nonce: &str, verifier: &str, fresh: bool, now: UtcTime) -> Result<String, OpenIdError> {
        let _place = self.place()?;
        let client = self.client(self.known(now)?.metadata);
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.to_owned()));
        let (state, nonce) = (CsrfToken::new(state.to_owned()), Nonce::new(nonce.to_owned()));
        let request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state, move || nonce)
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(challenge);
        let request = match fresh {
            true => request.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO),
            false => request,
        };
        Ok(request.url().0.to_string())
    }

    /// Redeems the code with which the person returned, and verifies the ID token.
    ///
    /// # Errors
    /// `OpenIdError::Unavailable`; `Refused` if the provider does not accept the code, or the token fails a check.
    pub fn finish(&self, code: &str, nonce: &str, verifier: &str, now: UtcTime) -> Result<Account, OpenIdError> {
        let _place = self.place()?;
        let known = self.known(now)?;
        let client = self.client(known.metadata.clone());
        let request = client.exchange_code(AuthorizationCode::new(code.to_owned()));
        let request = request.map_err(|_| self.unavailable("it publishes no token endpoint"))?;
        let request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()));
        let response = request.request(&self.fetcher).map_err(|error| self.exchange_error(&error))?;
        let token = response.id_token().ok_or(OpenIdError::Refused("no_id_token"))?;
        let check = |metadata: CoreProviderMetadata| {
            let client = self.client(metadata);
            token::verify(&client, self.client_id.as_str(), token, nonce, now)
        };
        let claims = match check(known.metadata.clone()) {
            Err(OpenIdError::Refused("signature")) => check(self.with_new_keys(known, now)?)?,
            checked => checked?,
        };
        Ok(Account {
            issuer: self.issuer.to_string(),
            subject: claims.subject().to_string(),
            second_factor: token::second_factor(&claims, &self.second_factor_amr, &self.second_factor_acr),
            authenticated_at: claims.auth_time().map(|at| UtcTime::EPOCH.plus_secs(at.timestamp()).min(now)),
        })
    }

    /// Returns the provider's metadata. Known metadata is used while it is fresh, or if nothing newer can be fetched.
    fn known(&self, now: UtcTime) -> Result<Known, OpenIdError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.as_ref().filter(|known| now < known.fetched_at.plus_secs(FRESH_SECS)) {
            return Ok(known.clone());
        }
        let issuer = IssuerUrl::new(self.issuer.to_string()).map_err(|_| self.unavailable("its issuer is not a URL"))?;
        match (CoreProviderMetadata::discover(&issuer, &self.fetcher), known.as_ref()) {
            (Ok(metadata), _) => Ok(known.insert(Known { metadata, fetched_at: now, keys_fetched_at: now }).clone()),
            (Err(_), Some(known)) if now < known.fetched_at.plus_secs(STALE_SECS) => Ok(known.clone()),
            (Err(_), _) => Err(self.unavailable("its configuration document cannot be fetched")),
        }
    }

    /// Fetches the keys again, unless they were fetched a moment ago. A provider may change its keys at any time, but a forged token must
    /// not make the registry send it endless requests.
    fn with_new_keys(&self, known: Known, now: UtcTime) -> Result<CoreProviderMetadata, OpenIdError> {
        let mut kept = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = kept.as_ref().map_or(known.keys_fetched_at, |kept| kept.keys_fetched_at);
        if newest > known.keys_fetched_at {
            return Ok(kept.as_ref().map_or(known.metadata, |kept| kept.metadata.clone()));
        }
        if now < known.keys_fetched_at.plus_secs(KEYS_AGAIN_SECS) {
            return Err(OpenIdError::Refused("signature"));
        }
        let keys = CoreJsonWebKeySet::fetch(known.metadata.jwks_uri(), &self.fetcher);
        let keys = keys.map_err(|_| self.unavailable("its keys cannot be fetched"))?;
        let metadata = known.metadata.set_jwks(keys);
        *kept = Some(Known { metadata: metadata.clone(), fetched_at: known.fetched_at, keys_fetched_at: now });
        Ok(metadata)
    }

    fn client(&self, metadata: CoreProviderMetadata) -> Client {
        let client = CoreClient::from_provider_metadata(metadata, self.client_id.clone(), self.client_secret.clone());
        client.set_redirect_uri(self.redirect.clone())
    }

    fn place(&self) -> Result<Place<'_>, OpenIdError> {
        // Counted first and given back by the guard, so that two callers at the same time cannot both take the last slot.
        let place = Place(&self.asking);
        if self.asking.fetch_add(1, Ordering::SeqCst) < AT_ONCE {
            Ok(place)
        } else {
            Err(self.unavailable("too many requests to it are running"))
        }
    }

    fn exchange_error<E: std::error::Error + 'static, R: openidconnect::ErrorResponse + 'static>(
        &self,
        error: &openidconnect::RequestTokenError<E, R>,
    ) -> OpenIdError {
        match error {
            openidconnect::RequestTokenError::ServerResponse(_) => OpenIdError::Refused("code"),
            openidconnect::RequestTokenError::Request(_) => self.unavailable("its token endpoint cannot be reached"),
            _ => self.unavailable("its token endpoint gives an answer that cannot be read"),
        }
    }

    fn unavailable(&self, what: &'static str) -> OpenIdError {
        OpenIdError::Unavailable { name: self.name.to_string(), what }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider").field("name", &self.name).field("issuer", &self.issuer).finish_non_exhaustive()
    }
}
