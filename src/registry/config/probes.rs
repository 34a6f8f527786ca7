//! Options of probing members' endpoints.

use std::num::{NonZeroU16, NonZeroU32};
use std::path::PathBuf;

use serde::Deserialize;

use super::ConfigError;

/// Options of probing.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Deserialize)]
pub struct ProbeOptions {
    /// Probe the endpoints that members publish [default: true]
    #[arg(long, env = "VASP_REGISTRY_PROBES", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub probes: Option<bool>,
    /// Seconds between two probes of an endpoint that works [default: 300]
    #[arg(long, env = "VASP_REGISTRY_PROBE_INTERVAL_SECS")]
    pub probe_interval_secs: Option<NonZeroU32>,
    /// How many endpoints are probed at the same time [default: 64]
    #[arg(long, env = "VASP_REGISTRY_PROBE_CONCURRENCY")]
    pub probe_concurrency: Option<NonZeroU16>,
    /// The client certificate (PEM, with its chain) that probes present if a server asks for one
    #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_PROBE_CERTIFICATE")]
    pub probe_certificate: Option<PathBuf>,
    /// The private key of that certificate (PEM)
    #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_PROBE_KEY")]
    pub probe_key: Option<PathBuf>,
}

/// The probe settings in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeConfig {
    /// Whether this process probes.
    pub enabled: bool,
    /// Seconds between two probes of an endpoint that works; at least 10.
    pub interval_secs: u32,
    /// How many endpoints are probed at the same time.
    pub at_once: u16,
    /// The files of the client certificate and its key; `None` unless both are set.
    pub identity: Option<(PathBuf, PathBuf)>,
}

/// The shortest interval, in seconds: the probed endpoints belong to others.
const INTERVAL_MIN_SECS: u32 = 10;

impl ProbeOptions {
    /// Combines these options with those of a file and the defaults; these win.
    ///
    /// # Errors
    /// `ConfigError::HalfTls` if only one of certificate and key is given.
    pub fn settle(self, file: &Self) -> Result<ProbeConfig, ConfigError> {
        let certificate = self.probe_certificate.or_else(|| file.probe_certificate.clone());
        let identity = match (certificate, self.probe_key.or_else(|| file.probe_key.clone())) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (Some(_), None) => return Err(ConfigError::HalfTls { given: "probe-certificate", missing: "probe-key" }),
            (None, Some(_)) => return Err(ConfigError::HalfTls { given: "probe-key", missing: "probe-certificate" }),
        };
        Ok(ProbeConfig {
            enabled: self.probes.or(file.probes).unwrap_or(true),
            interval_secs: self
                .probe_interval_secs
                .or(file.probe_interval_secs)
                .map_or(300, NonZeroU32::get)
                .max(INTERVAL_MIN_SECS),
            at_once: self.probe_concurrency.or(file.probe_concurrency).map_or(64, NonZeroU16::get),
            identity,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_beat_the_file_and_the_file_beats_the_defaults() {
        let file = ProbeOptions { probes: Some(false), probe_interval_secs: NonZeroU32::new(1), ..ProbeOptions::default() };
        let given = ProbeOptions { probe_concurrency: NonZeroU16::new(8), ..ProbeOptions::default() };

        let settled = given.settle(&file).unwrap();
        assert_eq!((settled.enabled, settled.interval_secs, settled.at_once, settled.identity), (false, 10, 8, None));
        // Half a pair must not be ignored without a word.
        let half = ProbeOptions { probe_key: Some("key.pem".into()), ..ProbeOptions::default() };
        assert_eq!(half.settle(&file).unwrap_err().to_string(), "--probe-key also needs --probe-certificate");
        let settled = ProbeOptions::default().settle(&ProbeOptions::default()).unwrap();
        assert_eq!((settled.enabled, settled.interval_secs, settled.at_once), (true, 300, 64));
    }
}
