//! What the registry signs in its own name: receipts of pre-checks, and checkpoints of the log. The keys and the newest checkpoint are in
//! memory, so signing a receipt needs no query. A checkpoint is signed right after the commit, before the writer gets its answer. The first
//! thread that notices that the log has grown signs one checkpoint for all commits until then. If a process left a head unsigned, the next
//! process that looks signs it.
//!
//! One thread at a time, under the row lock `signing`, extends the tiles from the stored envelopes. It compares the root with the head of
//! the log and the last checkpoint, signs, and adds the one row for that size. Proofs read perfect subtrees from tiles. Signing writes, so
//! it never happens inside a write.

mod declare_fork;
pub(crate) mod http;
mod keys;
mod known_head;
mod read_changes;
mod read_log;
mod sign_head;
mod tiles;

pub use declare_fork::declare_fork;
pub use keys::{RotatedKey, environment_of, published_keys, rotate_signing_key};
pub use known_head::{Fork, HeadFile, HeadFileError, KnownEnds, NotKnownEnds, find_fork, known_ends_text};
pub use read_changes::{ChangeRow, ChangesPage, read_changes};
pub use read_log::{
    ConsistencyProof, InclusionProof, LogTile, prove_consistency, prove_inclusion, read_checkpoint, read_log_tile,
};

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rand_core::RngCore;

use crate::node::{Registry, ServiceError};
use keys::Keys;
use vasp_pki::receipt::{Receipt, ReceiptCheckpoint, ReportSeal};
use vasp_record::environment::Environment;
use vasp_record::issuer::IssuerName;
use vasp_store::StoreError;
use vasp_words::time::UtcTime;

/// The keys, issuer and checkpoint that this process signs with at a moment.
pub struct Signing {
    keys: Arc<Keys>,
    pub(crate) issuer: IssuerName,
    pub(crate) checkpoint: ReceiptCheckpoint,
}

impl Signing {
    /// Signs a receipt as a compact JWS.
    ///
    /// # Errors
    /// `ServiceError::Unreadable` if the receipt cannot be written.
    pub(crate) fn sign(&self, receipt: &Receipt) -> Result<String, ServiceError> {
        let unwritten = |error: serde_json::Error| ServiceError::Unreadable { what: "receipt", reason: error.to_string() };
        self.keys.receipts.sign(receipt).map_err(unwritten)
    }

    /// Signs the seal of a report as a compact JWS.
    ///
    /// # Errors
    /// `ServiceError::Unreadable` if the seal cannot be written.
    pub(crate) fn sign_report(&self, seal: &ReportSeal) -> Result<String, ServiceError> {
        let unwritten = |error: serde_json::Error| ServiceError::Unreadable { what: "report", reason: error.to_string() };
        self.keys.receipts.sign_report(seal).map_err(unwritten)
    }

    /// Returns whether its checkpoint covers a sequence.
    #[must_use]
    pub fn covers(&self, sequence: i64) -> bool {
        self.checkpoint.size >= sequence
    }
}

/// The registry's signing in this process.
#[derive(Default)]
pub struct Trust {
    issuer: Option<IssuerName>,
    current: RwLock<Option<Arc<Signing>>>,
    /// One thread signs. Threads that wait for it then find their commits covered.
    turn: Mutex<()>,
}

impl Trust {
    /// Sets the issuer name in receipts.
    pub(crate) fn named(&mut self, issuer: Option<IssuerName>) {
        self.issuer = issuer;
    }

    /// Returns whether the registry is live, a demo or a sandbox, as its configured name says.
    pub(crate) fn environment(&self) -> Environment {
        self.issuer.as_ref().map_or(Environment::Live, IssuerName::environment)
    }

    /// Returns what receipts are signed with, if the newest checkpoint covers `sequence`. Never queries the store.
    #[must_use]
    pub fn covering(&self, sequence: i64) -> Option<Arc<Signing>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.as_ref().filter(|signing| signing.covers(sequence)).cloned()
    }

    /// Brings the newest checkpoint up to the head of the log. `None` if there are no keys yet.
    fn follow(&self, registry: &Registry, sequence: i64) -> Result<Option<Arc<Signing>>, ServiceError> {
        if let Some(covering) = self.covering(sequence) {
            return Ok(Some(covering));
        }
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(covering) = self.covering(sequence) {
            return Ok(Some(covering));
        }
        // Another process may replace a key between loading and signing. Then the loop starts again.
        loop {
            let known = self.covering(0).map(|signing| Arc::clone(&signing.keys));
            let Some(keys) = keys::load(registry, known)? else { return Ok(None) };
            let Some(checkpoint) = sign_head::sign_head(registry, &keys)? else { continue };
            let issuer = self.issuer.clone().unwrap_or_else(|| keys.default_issuer());
            let signing = Arc::new(Signing { keys, issuer, checkpoint });
            *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&signing));
            return Ok(Some(signing));
        }
    }
}

/// Returns the error for a row of the log that is not what was signed or sealed.
fn unfit(table: &'static str, column: &'static str, id: impl std::fmt::Display) -> ServiceError {
    StoreError::impossible_column(table, column, id).into()
}

/// Signs the head of the log, if there are keys and the head is not signed yet.
///
/// # Errors
/// `ServiceError::Key`, `Store`; `StoreError::Impossible` if the log is not what was signed before. Then nothing is signed.
pub fn follow_log(registry: &Registry) -> Result<(), ServiceError> {
    registry.part::<Trust>().follow(registry, registry.directory().sequence()).map(drop)
}

/// Warns if the registry signs under another name than the one that the log began with.
pub fn warn_of_another_name(registry: &Registry) {
    let Some(signing) = registry.part::<Trust>().covering(0) else { return };
    let (issuer, began) = (&signing.issuer, &signing.keys.origin);
    if issuer.log_origin() != *began {
        tracing::warn!(
            %issuer,
            log.origin = began,
            "this server signs receipts under another name than the one that the log began with: clients that expect the first name refuse \
             them. If that is not meant, stop it and set --issuer to the first name"
        );
    }
}

/// Returns what receipts over a generation are signed with. Makes the keys if there are none yet, and signs the head of the log if it is
/// not signed yet.
pub fn prepare_signing(
    registry: &Registry,
    sequence: i64,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<Arc<Signing>, ServiceError> {
    if let Some(signing) = registry.part::<Trust>().follow(registry, sequence)? {
        return Ok(signing);
    }
    keys::make_missing(registry, now, rng)?;
    registry.let_others_know();
    let made = registry.part::<Trust>().follow(registry, sequence)?;
    made.ok_or_else(|| ServiceError::Unreadable { what: "signing key", reason: "it was created, but it is missing".to_owned() })
}
