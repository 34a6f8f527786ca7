//! Handles expired evidence. Each expiry is noted once and opens or joins the case of its VASP. Readers see the evidence as stale
//! from the moment of expiry. A timer calls this.

use rand_core::RngCore;
use serde_json::json;

use crate::cases::{Trigger, open_or_join};
use crate::node::{Registry, ServiceError};
use vasp_log::audit::{AuditEvent, AuditOutcome};
use vasp_record::case::TriggerKind;
use vasp_store::StoreError;
use vasp_words::time::UtcTime;

/// How many are noted in one transaction, so that other writers do not wait for long.
const AT_ONCE: i64 = 200;

/// Notes evidence that expired at or before now, and returns how many.
pub fn expire_evidence(registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<usize, ServiceError> {
    let mut noted = 0;
    loop {
        // Read without the write lock, because usually there is none.
        let due = registry.store().read::<_, StoreError>(|conn| conn.evidence_expired(now, AT_ONCE))?;
        if due.is_empty() {
            break;
        }
        let written = registry.store().write::<_, ServiceError>(now, rng, |transaction| {
            let mut count = 0;
            for row in &due {
                // Another node may have noted it first.
                if !transaction.note_expiry(row.id, now)? {
                    continue;
                }
                count += 1;
                let detail = json!({"summary": format!("the evidence for {} has expired", row.attribute),
                                    "attribute": row.attribute, "evidence": row.id});
                let trigger = Trigger { kind: TriggerKind::Expiry, detail: detail.clone(), actor: None };
                open_or_join(transaction, row.vasp, &trigger)?;
                transaction.audit(AuditEvent {
                    organisation: None,
                    actor: None,
                    credential: None,
                    action: "evidence.expire".to_owned(),
                    subject: Some(row.id.to_string()),
                    outcome: AuditOutcome::Done,
                    payload: detail,
                });
            }
            Ok(count)
        })?;
        noted += written.value;
        if written.value == 0 {
            break;
        }
    }
    if noted > 0 {
        registry.let_others_know();
        tracing::info!(evidence.expired = noted, "evidence expired; cases were opened");
    }
    Ok(noted)
}
