//! Options of the store and of what is held in memory.

use std::path::PathBuf;

use serde::Deserialize;

use super::DatabaseText;

/// Options of the store and of what is held in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Deserialize)]
pub struct StoreOptions {
    /// The database: sqlite://FILE or postgres://USER@HOST/NAME
    #[arg(long, env = "VASP_REGISTRY_DATABASE", hide_env_values = true)]
    pub database: Option<DatabaseText>,
    /// A replica of a PostgreSQL database, which is asked what it cannot answer wrongly: about the past
    #[arg(long, value_name = "DATABASE", env = "VASP_REGISTRY_DATABASE_REPLICA", hide_env_values = true)]
    pub database_replica: Option<DatabaseText>,
    /// The file that holds the master key, outside the database
    #[arg(long, env = "VASP_REGISTRY_MASTER_KEY_FILE")]
    pub master_key_file: Option<PathBuf>,
    /// Take files of keys (master key, TLS key, root key of the authority) that users other than their owner may read, as Kubernetes
    /// mounts its secrets
    #[arg(long, env = "VASP_REGISTRY_READABLE_MASTER_KEY", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub readable_master_key: Option<bool>,
    /// The folder of members' documents, shared by all nodes; beside a SQLite file where none is named
    #[arg(long, value_name = "DIR", env = "VASP_REGISTRY_DOCUMENTS")]
    pub documents: Option<PathBuf>,
    /// Up to how many claims the index in memory holds, at some 35 bytes each [default: 50000000]
    #[arg(long, env = "VASP_REGISTRY_CLAIM_INDEX_LIMIT")]
    pub claim_index_limit: Option<u64>,
    /// The file in which a server keeps that index for its next start; beside a SQLite file where none is named; `none` for no file
    #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_CLAIM_INDEX_FILE")]
    pub claim_index_file: Option<PathBuf>,
}

/// Whether a command may begin a registry.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct CreateOptions {
    /// Begin a new, empty registry where there is no database yet. For the first time only: later it would turn a lost disk into an empty registry
    #[arg(long, env = "VASP_REGISTRY_CREATE")]
    pub create: bool,
}

/// Settled store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreSettings {
    /// The database, if one was named.
    pub database: Option<DatabaseText>,
    /// A replica of it, if one was named.
    pub database_replica: Option<DatabaseText>,
    /// The file that holds the master key, if one was named.
    pub master_key_file: Option<PathBuf>,
    /// Whether a master key file is taken that users other than its owner may read.
    pub readable_master_key: bool,
    /// The folder of members' documents, if one was named.
    pub documents: Option<PathBuf>,
    /// Up to how many claims the index in memory holds.
    pub claim_index_limit: u64,
    /// File of that index; `none` for no file.
    pub claim_index_file: Option<PathBuf>,
}

impl StoreOptions {
    /// Settles these options over those of a file and the defaults.
    #[must_use]
    pub fn settle(self, file: &Self) -> StoreSettings {
        StoreSettings {
            database: self.database.or_else(|| file.database.clone()),
            database_replica: self.database_replica.or_else(|| file.database_replica.clone()),
            master_key_file: self.master_key_file.or_else(|| file.master_key_file.clone()),
            readable_master_key: self.readable_master_key.or(file.readable_master_key).unwrap_or(false),
            documents: self.documents.or_else(|| file.documents.clone()),
            claim_index_limit: self.claim_index_limit.or(file.claim_index_limit).unwrap_or(50_000_000),
            claim_index_file: self.claim_index_file.or_else(|| file.claim_index_file.clone()),
        }
    }
}
