//! Handles what a probe finds against a record. Reviewers are informed of each error once, and the record stays as it is.

use rand_core::RngCore;
use serde_json::json;

use crate::contradictions::{Found, is_approved, lock_cases, open_cases};
use crate::node::{ImportError, Registry, ServiceError};
use vasp_record::case::{Cause, TriggerKind};
use vasp_record::certificate::Severity;
use vasp_rules::probe::{ProbeFinding, ProbeSample, ProbeTarget};
use vasp_words::time::UtcTime;

/// Returns the errors of a sample that the previous sample did not have, because most probes repeat the last result.
pub(super) fn contradictions(target: &ProbeTarget, sample: &ProbeSample, before: Option<&ProbeSample>) -> Vec<Found> {
    let same = |finding: &&ProbeFinding| {
        let known = before.into_iter().flat_map(|before| &before.findings);
        known.clone().any(|known| known.code == finding.code && known.seen == finding.seen)
    };
    let errors = sample.findings.iter().filter(|finding| finding.severity() == Severity::Error);
    errors.filter(|finding| !same(finding)).map(|finding| found(target, sample, finding)).collect()
}

fn found(target: &ProbeTarget, sample: &ProbeSample, finding: &ProbeFinding) -> Found {
    Found {
        vasp: target.vasp,
        by: Cause::Itself,
        kind: TriggerKind::Contradiction,
        identity: json!({"endpoint": target.endpoint.to_string(), "code": finding.code.as_str(), "seen": finding.seen}),
        summary: format!("A probe of an endpoint at {}: {}", target.host, finding.detail),
        detail: json!({
            "endpoint": target.endpoint.to_string(), "host": target.host, "finding": finding.code.as_str(),
            "meaning": finding.code.explanation(), "seen": finding.seen, "observed_at": sample.at.to_string(),
        }),
    }
}

/// Opens or joins the cases of approved records.
pub(super) fn tell(registry: &Registry, found: Vec<Found>, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
    let generation = registry.pin(now);
    let approved = |found: &Found| generation.records().get(found.vasp).is_some_and(|vasp| is_approved(vasp.status));
    let found: Vec<Found> = found.into_iter().filter(approved).collect();
    if found.is_empty() {
        return Ok(());
    }
    let told = registry.store().write(now, rng, |transaction| {
        lock_cases(transaction)?;
        open_cases(transaction, found)
    });
    match told {
        Ok(_) => Ok(()),
        Err(ImportError::Store(error)) => Err(ServiceError::Store(error)),
        Err(other) => {
            tracing::error!(
                error.chain = vasp_words::error_chain::error_chain(&other),
                "a case for a probe's finding could not be opened"
            );
            Ok(())
        }
    }
}
