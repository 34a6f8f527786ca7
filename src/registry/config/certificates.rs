//! Options of certificates: files with root certificates that members' certificates may lead to, in addition to those of the web.

use std::path::PathBuf;

use serde::Deserialize;

/// Options of certificates.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Deserialize)]
pub struct CertificateOptions {
    /// A PEM file with TRISA's authorities, which are trusted for members' certificates
    #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_TRISA_ROOTS")]
    pub trisa_roots: Option<PathBuf>,
    /// A PEM file with private authorities, which are trusted for members' certificates
    #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_PRIVATE_ROOTS")]
    pub private_roots: Option<PathBuf>,
}

/// The certificate settings in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateSettings {
    /// The file with TRISA's roots; `None` if not set.
    pub trisa_roots: Option<PathBuf>,
    /// The file with private roots; `None` if not set.
    pub private_roots: Option<PathBuf>,
}

impl CertificateOptions {
    /// Combines these options with those of a file; these win.
    #[must_use]
    pub fn settle(self, file: &Self) -> CertificateSettings {
        CertificateSettings {
            trisa_roots: self.trisa_roots.or_else(|| file.trisa_roots.clone()),
            private_roots: self.private_roots.or_else(|| file.private_roots.clone()),
        }
    }
}
