//! Keeps a new rulebook as a proposal, inside the transaction of its import.

use serde_json::json;

use super::proposal_digest;
use crate::service::ImportError;
use crate::service::import_report::ProposalReport;
use vasp_log::audit::{AuditEvent, AuditOutcome};
use vasp_rules::rulebook::{Rulebook, difference};
use vasp_store::{DocumentRow, RulebookProposalRow, Transaction};
use vasp_words::ids::RulebookProposalId;

/// Proposes a rulebook in place of the one that stands; none where there is none yet, or the same stands: then there is nothing to
/// approve.
///
/// # Errors
/// `ImportError::Document` where it would count for nothing beside a newer one, `ImportError::Store`.
pub(in crate::service) fn propose_rulebook(
    transaction: &mut Transaction<'_>,
    document: &DocumentRow,
) -> Result<Option<ProposalReport>, ImportError> {
    let refused = |reason: String| ImportError::Document { file: document.source.clone(), reason };
    let Some(base) = transaction.conn().document_at(&document.kind, i64::MAX)? else { return Ok(None) };
    if base.digest == document.digest {
        return Ok(None);
    }
    if document.observed_on < base.observed_on {
        return Err(refused(format!(
            "it is of {}, and the one in force, {}, of {}: the newer day counts; give it a later day of its own or by --observed-on",
            document.observed_on, base.version, base.observed_on
        )));
    }
    let read = |text: &str| Rulebook::from_json(text).map_err(|error| refused(error.to_string()));
    let changes = difference(&read(&base.body)?, &read(&document.body)?);
    let report = |row: &RulebookProposalRow, is_new| ProposalReport {
        id: row.id.clone(),
        is_new,
        proposal_digest: proposal_digest(row),
        replaces: base.version.clone(),
        changes: changes.iter().map(ToString::to_string).collect(),
    };
    if let Some(waiting) = transaction.conn().waiting_rulebook(&document.digest, &base.digest)?
        && waiting.observed_on == document.observed_on
    {
        return Ok(Some(report(&waiting, false)));
    }
    let changes_json = serde_json::to_string(&changes).map_err(|error| refused(error.to_string()))?;
    let row = proposal_row(transaction, document, &base, changes_json);
    transaction.add_rulebook_proposal(&row)?;
    let report = report(&row, true);
    transaction.audit(proposed(&row, &report));
    Ok(Some(report))
}

fn proposal_row(
    transaction: &mut Transaction<'_>,
    document: &DocumentRow,
    base: &DocumentRow,
    difference: String,
) -> RulebookProposalRow {
    let now = transaction.now();
    RulebookProposalRow {
        id: RulebookProposalId::new(now, transaction.conn_and_rng().1).to_string(),
        state: "pending".to_owned(),
        version: document.version.clone(),
        observed_on: document.observed_on.clone(),
        source: document.source.clone(),
        digest: document.digest.clone(),
        base: base.digest.clone(),
        body: document.body.clone(),
        difference,
        proposed_at: now.micros(),
        first_by: None,
        first_with: None,
        first_at: None,
        decided_by: None,
        decided_at: None,
        reason: None,
    }
}

/// The line in the audit chain.
fn proposed(row: &RulebookProposalRow, report: &ProposalReport) -> AuditEvent {
    AuditEvent {
        organisation: None,
        actor: None,
        credential: Some("command line".to_owned()),
        action: "rulebook.propose".to_owned(),
        subject: Some(row.id.clone()),
        outcome: AuditOutcome::Done,
        payload: json!({"version": row.version, "source": row.source, "proposal_digest": report.proposal_digest,
                        "changes": report.changes.len()}),
    }
}
