//! Options of certificates: the files with the roots that members' certificates are believed by, besides those of the web.

use std::path::PathBuf;

use serde::Deserialize;

/// Options of certificates.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Deserialize)]
pub struct CertificateOptions {
    /// A PEM file with TRISA's authorities, by which members' certificates are believed
    #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_TRISA_ROOTS")]
    pub trisa_roots: Option<PathBuf>,
    /// A PEM file with private authorities, by which members' certificates are believed
    #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_PRIVATE_ROOTS")]
    pub private_roots: Option<PathBuf>,
}

/// Settled options of certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateSettings {
    /// File of TRISA's roots.
    pub trisa_roots: Option<PathBuf>,
    /// File of private roots.
    pub private_roots: Option<PathBuf>,
}

impl CertificateOptions {
    /// Settles these options over those of a file.
    #[must_use]
    pub fn settle(self, file: &Self) -> CertificateSettings {
        CertificateSettings {
            trisa_roots: self.trisa_roots.or_else(|| file.trisa_roots.clone()),
            private_roots: self.private_roots.or_else(|| file.private_roots.clone()),
        }
    }
}
