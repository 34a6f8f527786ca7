//! X.509 certificates that VASPs publish: what is read from one, by which rules it is judged, what was found. Pure; bytes are
//! read in `pki::x509`, chains of signatures are verified there too.

pub mod finding;
pub mod host_names;
pub mod judge;
pub mod organisation_identifier;
pub mod parsed;
pub mod path;
pub mod profile;
pub mod revocation;

use serde::{Deserialize, Serialize};

/// What a certificate is published for; each use is judged by its own profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateUse {
    /// A server proves who answers.
    TlsServer,
    /// A client proves who calls.
    TlsClient,
    /// Messages are signed.
    Signing,
    /// Messages are encrypted to it.
    Encryption,
}

/// Whose word counts for a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RootSet {
    /// Mozilla's list of public authorities.
    WebPki,
    /// TRISA's authorities.
    Trisa,
    /// This registry's own authority.
    RegistryCa,
    /// Authorities that the operator configured.
    Private,
    /// Nobody's: the certificate itself is what is trusted.
    Pinned,
}

/// How much a finding weighs, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The certificate cannot be used for this.
    Error,
    /// A person should know.
    Warning,
    /// Good to know.
    Info,
}
