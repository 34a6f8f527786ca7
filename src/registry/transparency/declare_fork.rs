//! Declares in the log itself that entries were lost. From then on another key signs the checkpoints. So anyone who holds a later
//! checkpoint of the old key can distinguish a declared loss from a log that was tampered with.

use rand_core::RngCore;

use super::keys::replace_key;
use super::known_head::Fork;
use crate::ledger::record_own;
use crate::node::{Registry, ServiceError};
use vasp_log::change::{HexBytes, LogRestored, Payload};
use vasp_record::signing_key::SigningPurpose;
use vasp_words::time::UtcTime;

const KIND: &str = "log_restored";

/// Writes the entry and starts another key for checkpoints, unless another node has already declared this loss. Returns whether it did so.
pub fn declare_fork(registry: &Registry, fork: &Fork, now: UtcTime, rng: &mut dyn RngCore) -> Result<bool, ServiceError> {
    let written = registry.store().write(now, rng, |transaction| {
        transaction.conn().lock_signing()?;
        let told = transaction.conn().last_payload_of(KIND)?;
        let told = told.and_then(|said| Payload::read(KIND, &said).ok());
        if matches!(told, Some(Payload::LogRestored(said)) if said.known >= fork.known.size) {
            return Ok::<_, ServiceError>(false);
        }
        let said = LogRestored { ends: fork.ends, known: fork.known.size, root: HexBytes::of(&fork.known.root) };
        record_own(transaction, "log.restored", &fork.known.origin, "command line", Payload::LogRestored(said))?;
        replace_key(registry, transaction, SigningPurpose::Checkpoint)?;
        Ok(true)
    })?;
    registry.let_others_know();
    Ok(written.value)
}
