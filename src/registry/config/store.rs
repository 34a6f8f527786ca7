//! Options of the store and of the data held in memory.

use std::path::PathBuf;

use serde::Deserialize;
use vasp_record::environment::Environment;

use super::DatabaseText;

/// Options of the store and of the data held in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Deserialize)]
pub struct StoreOptions {
    /// The database: sqlite://FILE or postgres://USER@HOST/NAME
    #[arg(long, env = "VASP_REGISTRY_DATABASE", hide_env_values = true)]
    pub database: Option<DatabaseText>,
    /// A read replica of a PostgreSQL database, used only for questions about the past, which it cannot answer wrongly
    #[arg(long, value_name = "DATABASE", env = "VASP_REGISTRY_DATABASE_REPLICA", hide_env_values = true)]
    pub database_replica: Option<DatabaseText>,
    /// The file that holds the master key, outside the database
    #[arg(long, env = "VASP_REGISTRY_MASTER_KEY_FILE")]
    pub master_key_file: Option<PathBuf>,
    /// Accept key files (master key, TLS key, root key of the authority) that users other than their owner may read, as Kubernetes mounts
    /// its secrets
    #[arg(long, env = "VASP_REGISTRY_READABLE_MASTER_KEY", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub readable_master_key: Option<bool>,
    /// The folder of members' documents, shared by all nodes; if not set, it is beside a SQLite file
    #[arg(long, value_name = "DIR", env = "VASP_REGISTRY_DOCUMENTS")]
    pub documents: Option<PathBuf>,
    /// The largest number of claims that the index in memory holds, at about 35 bytes each [default: 50000000]
    #[arg(long, env = "VASP_REGISTRY_CLAIM_INDEX_LIMIT")]
    pub claim_index_limit: Option<u64>,
    /// Write by the machine's time of day, although the database's clock differs, the clock was set while a server ran, or the log has
    /// later entries
    #[arg(long, env = "VASP_REGISTRY_ACCEPT_CLOCK")]
    #[serde(skip)]
    pub accept_clock: bool,
}

/// Options of commands that may create a registry.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct CreateOptions {
    /// Create a new, empty registry if there is no database yet. For the first start only: later it would turn a lost disk into an empty
    /// registry
    #[arg(long, env = "VASP_REGISTRY_CREATE")]
    pub create: bool,
}

/// The store settings in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreSettings {
    /// The database; `None` if not set.
    pub database: Option<DatabaseText>,
    /// A read replica of the database; `None` if not set.
    pub database_replica: Option<DatabaseText>,
    /// The file that holds the master key; `None` if not set.
    pub master_key_file: Option<PathBuf>,
    /// Whether key files are accepted that users other than their owner may read.
    pub readable_master_key: bool,
    /// The folder of members' documents; `None` if not set.
    pub documents: Option<PathBuf>,
    /// The largest number of claims that the index in memory holds.
    pub claim_index_limit: u64,
    /// Whether to write although the clock seems wrong.
    pub accept_clock: bool,
    /// Whose the database must be: a sandbox's, in which everything is invented, or one for real work. A demo's counts as live.
    pub environment: Environment,
}

impl StoreOptions {
    /// Combines these options with those of a file and the defaults; these win.
    #[must_use]
    pub fn settle(self, file: &Self) -> StoreSettings {
        StoreSettings {
            database: self.database.or_else(|| file.database.clone()),
            database_replica: self.database_replica.or_else(|| file.database_replica.clone()),
            master_key_file: self.master_key_file.or_else(|| file.master_key_file.clone()),
            readable_master_key: self.readable_master_key.or(file.readable_master_key).unwrap_or(false),
            documents: self.documents.or_else(|| file.documents.clone()),
            claim_index_limit: self.claim_index_limit.or(file.claim_index_limit).unwrap_or(50_000_000),
            accept_clock: self.accept_clock,
            environment: Environment::Live,
        }
    }
}
