//! Declares in the log itself that entries were lost. From then on another key signs the checkpoints. So anyone who holds a later
//! checkpoint of the old key can distinguish a declared loss from a log that was tampered with.

use rand_core::RngCore;
use serde_json::json;

use super::keys::replace_key;
use super::known_head::Fork;
use crate::ledger::record_own;
use crate::node::{Registry, ServiceError};
use vasp_log::Checkpoint;
use vasp_log::audit::{AuditEvent, AuditOutcome};
use vasp_log::change::{HexBytes, LogRestored, Payload};
use vasp_record::signing_key::SigningPurpose;
use vasp_store::Transaction;
use vasp_words::time::UtcTime;

const KIND: &str = "log_restored";
/// Who declares it.
const BY: &str = "command line";

/// Records a loss, and returns whether it did so. A loss of the log is an entry of the log, unless another node has already declared it,
/// and starts another key for checkpoints. A loss of audit events only is an event.
pub fn declare_fork(registry: &Registry, fork: &Fork, now: UtcTime, rng: &mut dyn RngCore) -> Result<bool, ServiceError> {
    let written = registry.store().write(now, rng, |transaction| match fork {
        Fork::Log { ends, known } => declare_log(registry, transaction, *ends, known),
        Fork::Audit { ends, known } => {
            transaction.audit(AuditEvent {
                organisation: None,
                actor: None,
                credential: Some(BY.to_owned()),
                action: "audit.restored".to_owned(),
                subject: None,
                outcome: AuditOutcome::Done,
                payload: json!({ "ends": ends, "known": known }),
            });
            Ok(true)
        }
    })?;
    registry.let_others_know();
    Ok(written.value)
}

fn declare_log(
    registry: &Registry,
    transaction: &mut Transaction<'_>,
    ends: i64,
    known: &Checkpoint,
) -> Result<bool, ServiceError> {
    transaction.conn().lock_signing()?;
    let told = transaction.conn().last_payload_of(KIND)?;
    let told = told.and_then(|said| Payload::read(KIND, &said).ok());
    if matches!(told, Some(Payload::LogRestored(said)) if said.known >= known.size) {
        return Ok(false);
    }
    let said = LogRestored { ends, known: known.size, root: HexBytes::of(&known.root) };
    record_own(transaction, "log.restored", &known.origin, BY, Payload::LogRestored(said))?;
    replace_key(registry, transaction, SigningPurpose::Checkpoint)?;
    Ok(true)
}
