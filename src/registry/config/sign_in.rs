//! How people sign in: the registry's public URL, and the OpenID providers whose accounts people may use. Providers are set only in the
//! file, one `[[oidc]]` section each.

use serde::Deserialize;

pub use vasp_outbound::{BaseUrl, BaseUrlError, Issuer, IssuerError, OidcOptions, ProviderName, ProviderNameError};

/// Options of signing in.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Deserialize)]
pub struct SignInOptions {
    /// The URL at which people reach the registry, for links that are sent to them [default: http://127.0.0.1:8080]
    #[arg(long, value_name = "URL", env = "VASP_REGISTRY_PUBLIC_URL")]
    pub public_url: Option<BaseUrl>,
}

/// The sign-in settings in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInSettings {
    /// The URL at which people reach the registry.
    pub public_url: BaseUrl,
}

impl SignInOptions {
    /// Combines these options with those of a file and the defaults; these win.
    #[must_use]
    pub fn settle(self, file: &Self) -> SignInSettings {
        SignInSettings { public_url: self.public_url.or_else(|| file.public_url.clone()).unwrap_or_default() }
    }
}
