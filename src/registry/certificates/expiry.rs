//! Handles expired certificates. Readers see the expiry from its exact second. Here each expiry opens or joins the case of its VASP,
//! once. A timer calls this.

use rand_core::RngCore;
use serde_json::json;

use crate::cases::{Trigger, open_or_join};
use crate::node::{Registry, ServiceError};
use vasp_log::audit::{AuditEvent, AuditOutcome};
use vasp_record::case::TriggerKind;
use vasp_record::certificate::CertificateState;
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

/// How many are looked up at the same time.
const AT_ONCE: usize = 500;

/// Notes certificates that expired, and returns how many.
pub fn note_expired_certificates(registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<usize, ServiceError> {
    let generation = registry.pin(now);
    let of = |record: &vasp_record::vasp::Vasp| -> Vec<(VaspId, String)> {
        let expired = record.certificates.iter().filter(|known| known.state_at(now) == CertificateState::Expired);
        expired.map(|known| (record.id, known.id.to_string())).collect()
    };
    let expired: Vec<(VaspId, String)> = generation.records().iter().flat_map(|record| of(record)).collect();
    let mut noted = 0;
    for some in expired.chunks(AT_ONCE) {
        let ids: Vec<String> = some.iter().map(|(_, id)| id.clone()).collect();
        let due = registry.store().read(|conn| conn.certificates_not_noted(&ids)).map_err(ServiceError::Store)?;
        for (vasp, id) in some.iter().filter(|(_, id)| due.contains(id)) {
            noted += note(registry, *vasp, id, now, rng)?;
        }
    }
    if noted > 0 {
        registry.let_others_know();
        tracing::info!(certificates.expired = noted, "certificates expired; cases were opened");
    }
    Ok(noted)
}

fn note(registry: &Registry, vasp: VaspId, id: &str, now: UtcTime, rng: &mut dyn RngCore) -> Result<usize, ServiceError> {
    let written = registry.store().write::<_, ServiceError>(now, rng, |transaction| {
        transaction.lock_submission(vasp)?;
        // Another node may have noted it first.
        if !transaction.note_certificate_expiry(id)? {
            return Ok(0);
        }
        let detail = json!({"summary": "a published certificate has expired", "item": id});
        let trigger = Trigger { kind: TriggerKind::Expiry, detail: detail.clone(), actor: None };
        open_or_join(transaction, vasp, &trigger)?;
        transaction.audit(AuditEvent {
            organisation: None,
            actor: None,
            credential: None,
            action: "certificate.expire".to_owned(),
            subject: Some(id.to_owned()),
            outcome: AuditOutcome::Done,
            payload: detail,
        });
        Ok(1)
    })?;
    Ok(written.value)
}
