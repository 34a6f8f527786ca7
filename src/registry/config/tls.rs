//! TLS on the registry's own port: the files of its certificate and key. Without them it speaks plain HTTP, for use behind a proxy or on
//! one machine. `http::tls` reads the files; this module only checks who may access the key.

use std::path::PathBuf;

use serde::Deserialize;

use super::ConfigError;
use vasp_store::open_to_others;

/// Options of TLS.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Deserialize)]
pub struct TlsOptions {
    /// Speak TLS on the listening port with this certificate: a PEM file, the server's own certificate first, then the
    /// intermediate certificates up to its root
    #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_TLS_CERTIFICATE")]
    pub tls_certificate: Option<PathBuf>,
    /// The private key of the certificate: a PEM file (PKCS#8, SEC1 or PKCS#1), not encrypted
    #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_TLS_KEY")]
    pub tls_key: Option<PathBuf>,
}

/// The TLS settings in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsSettings {
    /// The file with the certificate and its chain to the root.
    pub certificate: PathBuf,
    /// The file with its key.
    pub key: PathBuf,
    /// Whether the operator allows a key file that users other than its owner may read.
    pub readable_key: bool,
}

impl TlsSettings {
    /// Returns the mode of the key file if users other than its owner can access it; otherwise `None`.
    ///
    /// # Errors
    /// The I/O error of reading the mode.
    pub fn key_mode(&self) -> std::io::Result<Option<u32>> {
        open_to_others(&self.key)
    }
}

impl TlsOptions {
    /// Combines these options with those of a file; `None` if TLS is not configured.
    ///
    /// # Errors
    /// `ConfigError::HalfTls` if only one of the two files is given.
    pub fn settle(self, file: &Self) -> Result<Option<TlsSettings>, ConfigError> {
        let certificate = self.tls_certificate.or_else(|| file.tls_certificate.clone());
        match (certificate, self.tls_key.or_else(|| file.tls_key.clone())) {
            (None, None) => Ok(None),
            (Some(certificate), Some(key)) => Ok(Some(TlsSettings { certificate, key, readable_key: false })),
            (Some(_), None) => Err(ConfigError::HalfTls { given: "tls-certificate", missing: "tls-key" }),
            (None, Some(_)) => Err(ConfigError::HalfTls { given: "tls-key", missing: "tls-certificate" }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificate_and_key_come_together_or_not_at_all() {
        let options = |certificate: Option<&str>, key: Option<&str>| TlsOptions {
            tls_certificate: certificate.map(PathBuf::from),
            tls_key: key.map(PathBuf::from),
        };
        let none = TlsOptions::default();

        assert_eq!(none.clone().settle(&none).unwrap(), None);
        let expected = TlsSettings { certificate: "a".into(), key: "b".into(), readable_key: false };
        assert_eq!(options(Some("a"), None).settle(&options(None, Some("b"))).unwrap(), Some(expected));
        for (given, words) in [
            (options(Some("a"), None), "--tls-certificate also needs --tls-key"),
            (options(None, Some("b")), "--tls-key also needs --tls-certificate"),
        ] {
            assert_eq!(given.settle(&none).unwrap_err().to_string(), words);
        }
    }
}
