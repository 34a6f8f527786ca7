//! Why a bundle is not made or not taken, in words that say what would be right.

use crate::node::ImportError;
use vasp_ingest::IngestError;
use vasp_pki::jose::JwsError;
use vasp_store::StoreError;
use vasp_words::time::Date;

/// Why a bundle is not made or not taken.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A file cannot be read or written.
    #[error("cannot use {file}")]
    File {
        /// The file.
        file: String,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// It is no bundle, or a damaged one.
    #[error("{file} is not a whole bundle: {detail}; get it again")]
    Damaged {
        /// The file.
        file: String,
        /// What is wrong.
        detail: String,
    },
    /// The manifest, or what describes a folder, breaks a rule.
    #[error("{file}: {detail}")]
    Rule {
        /// `manifest.json` or `bundle.json`.
        file: &'static str,
        /// The rule, and what would be right.
        detail: String,
    },
    /// The signature carries no key, or is for something else.
    #[error("manifest.sig carries no key: it must be the signature that `bundle make` writes")]
    Unsigned,
    /// The signature is not valid.
    #[error("manifest.json is not what was signed: take the bundle from its publisher again")]
    Signature(#[source] JwsError),
    /// The files are not those that were signed.
    #[error("{path} {detail}, so this is not the bundle that was signed: take it from its publisher again")]
    Altered {
        /// The file.
        path: String,
        /// How it differs, as the rest of a sentence.
        detail: &'static str,
    },
    /// Somebody else signed it.
    #[error(
        "the key {found} signed this bundle, but {since} only the key {wanted} is taken: ask the publisher by another way whether the key \
         changed; if it did, give the new public key with --key FILE"
    )]
    Key {
        /// The key that signed.
        found: String,
        /// The key that is taken.
        wanted: String,
        /// Since when, or by what.
        since: String,
    },
    /// It is not newer than the last one.
    #[error(
        "this bundle has serial {serial}, and the last one that was applied, on {on}, had {last}: an older or the same one changes nothing; \
         get the newest"
    )]
    NotNewer {
        /// Its serial.
        serial: u32,
        /// The serial of the last one.
        last: u32,
        /// The day on which that was applied.
        on: Date,
    },
    /// A newer one was begun and not finished.
    #[error(
        "this bundle has serial {serial}, and one with serial {begun} was begun on {on}: apply that one again, or a newer one"
    )]
    Unfinished {
        /// Its serial.
        serial: u32,
        /// The serial of the one that was begun.
        begun: u32,
        /// The day on which that was begun.
        on: Date,
    },
    /// Another process was faster.
    #[error("another process began or applied a bundle since this one was looked at: nothing was written; run the command again")]
    Meanwhile,
    /// A document cannot be imported.
    #[error("{path} cannot be imported")]
    Import {
        /// The file.
        path: String,
        /// Why not.
        #[source]
        source: ImportError,
    },
    /// A document cannot be opened.
    #[error("{path} cannot be opened")]
    Open {
        /// The file.
        path: String,
        /// Why not.
        #[source]
        source: IngestError,
    },
    /// The database failed.
    #[error("the database operation failed")]
    Store(#[source] StoreError),
}

impl From<StoreError> for BundleError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
