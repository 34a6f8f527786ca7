//! Why settings cannot be used.

use std::path::PathBuf;

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML, or a value has the wrong type.
    #[error("the configuration file {} does not parse", path.display())]
    Parse {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: toml::de::Error,
    },
    /// The file has a key that no option has.
    #[error("the configuration file {} has the unknown key `{key}`", path.display())]
    UnknownKey {
        /// Which file.
        path: PathBuf,
        /// The first unknown key.
        key: String,
    },
    /// The environment has a variable with our prefix that no option has.
    #[error("the environment has the unknown variable {0}")]
    UnknownVariable(String),
    /// TLS takes a certificate and its key.
    #[error("--{given} needs --{missing} beside it")]
    HalfTls {
        /// What was given.
        given: &'static str,
        /// What was not.
        missing: &'static str,
    },
}
