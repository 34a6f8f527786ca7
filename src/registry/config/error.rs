//! Why settings cannot be used.

use std::path::PathBuf;

use vasp_words::similar::did_you_mean;

/// The reason why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {}", path.display())]
    Read {
        /// Path of the file.
        path: PathBuf,
        /// The I/O error.
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML, or a value has the wrong type.
    #[error("cannot parse the configuration file {}", path.display())]
    Parse {
        /// Path of the file.
        path: PathBuf,
        /// The place and the reason.
        #[source]
        source: toml::de::Error,
    },
    /// The file has a key that is not an option.
    #[error("the configuration file {} has the unknown key `{key}`{}", path.display(), did_you_mean(meant.as_deref()))]
    UnknownKey {
        /// Path of the file.
        path: PathBuf,
        /// The first unknown key.
        key: String,
        /// The key that was probably meant; `None` if none is close.
        meant: Option<String>,
    },
    /// The environment has a variable with our prefix that is not an option.
    #[error("the environment variable {name} is unknown: no option has this name{}", did_you_mean(meant.as_deref()))]
    UnknownVariable {
        /// Its name.
        name: String,
        /// The variable that was probably meant; `None` if none is close.
        meant: Option<String>,
    },
    /// TLS needs both a certificate and its key.
    #[error("--{given} also needs --{missing}")]
    HalfTls {
        /// The setting that was given.
        given: &'static str,
        /// The setting that is missing.
        missing: &'static str,
    },
}
