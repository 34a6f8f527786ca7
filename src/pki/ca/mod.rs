//! The registry's own certificate authority: an offline root, the issuing authorities below it, the certificates and lists that they sign,
//! and the requests for certificates. Knows no tables and stores nothing; `vasp_registry::ca` does.

mod authority;
mod csr;
mod extension;
mod issuing;
mod serial;

pub use authority::{NewAuthority, RootKey, RootKeyError, fingerprint, make_issuing, make_root, subject_text};
pub use csr::{Csr, CsrError};
pub use issuing::{AuthorityUrls, IssuingAuthority, NewCertificate, NewCrl, RevokedSerial};
pub use serial::{Serial, SerialError};

/// Why nothing was signed: a stored authority cannot be read, or the library refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the registry's certificate authority cannot {doing}: {reason}")]
pub struct CaError {
    /// The operation that failed.
    pub doing: &'static str,
    /// The reason of the failure.
    pub reason: String,
}

impl CaError {
    fn when(doing: &'static str) -> impl Fn(rcgen::Error) -> Self {
        move |error| Self { doing, reason: error.to_string() }
    }
}

/// Returns a time as certificates write it, rounded down to the second.
fn date_time(at: vasp_words::time::UtcTime) -> Result<time::OffsetDateTime, CaError> {
    time::OffsetDateTime::from_unix_timestamp(at.micros().div_euclid(1_000_000))
        .map_err(|error| CaError { doing: "write a date", reason: error.to_string() })
}

/// Returns one block as PEM.
#[must_use]
pub fn to_pem(label: &str, der: &[u8]) -> String {
    pem::encode_config(&pem::Pem::new(label, der), pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF))
}
