//! How people sign in: where they find the registry, and the OpenID providers whose accounts they may use. Providers stand in
//! the file only, one `[[oidc]]` each.

use serde::Deserialize;

pub use vasp_outbound::{BaseUrl, BaseUrlError, Issuer, IssuerError, OidcOptions, ProviderName, ProviderNameError};

/// Options of signing in.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Deserialize)]
pub struct SignInOptions {
    /// Where people find the registry, for links that are given to them [default: http://127.0.0.1:8080]
    #[arg(long, value_name = "URL", env = "VASP_REGISTRY_PUBLIC_URL")]
    pub public_url: Option<BaseUrl>,
}

/// Settled signing in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInSettings {
    /// Where people find the registry.
    pub public_url: BaseUrl,
}

impl SignInOptions {
    /// Settles these options over those of a file and the defaults.
    #[must_use]
    pub fn settle(self, file: &Self) -> SignInSettings {
        SignInSettings { public_url: self.public_url.or_else(|| file.public_url.clone()).unwrap_or_default() }
    }
}
