//! Stores a new rulebook until two people decide, in the transaction of its import.

use serde_json::json;

use crate::imported::report::ProposalReport;
use crate::node::ImportError;
use vasp_log::audit::{AuditEvent, AuditOutcome};
use vasp_record::proposal::ProposalState;
use vasp_rules::rulebook::{Rulebook, difference};
use vasp_store::{DocumentRow, RulebookImportRow, Transaction};
use vasp_words::ids::RulebookImportId;

/// Stores a rulebook that would replace the one in force, and returns the report. `None` if no rulebook is in force yet, or if the same
/// one is: then there is nothing to approve.
///
/// # Errors
/// `ImportError::Document` if it is older than the rulebook in force, or if it cannot be read. Also `ImportError::Store`.
pub(crate) fn keep_rulebook(
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
            "its day is {}, but the rulebook in force, {}, is of {}, which is later; give it a later day, in the file or with \
             --observed-on",
            document.observed_on, base.version, base.observed_on
        )));
    }
    let read = |text: &str| Rulebook::from_json(text).map_err(|error| refused(error.to_string()));
    let changes = difference(&read(&base.body)?, &read(&document.body)?);
    let report = |row: &RulebookImportRow, is_new| ProposalReport {
        id: row.id.to_string(),
        is_new,
        replaces: base.version.clone(),
        decide_at: format!("/v1/rulebook/imports/{}", row.id),
        changes: changes.iter().map(ToString::to_string).collect(),
    };
    if let Some(waiting) = transaction.conn().waiting_rulebook(&document.digest, &base.digest)?
        && waiting.observed_on == document.observed_on
    {
        return Ok(Some(report(&waiting, false)));
    }
    let changes_json = serde_json::to_string(&changes).map_err(|error| refused(error.to_string()))?;
    let row = import_row(transaction, document, &base, changes_json);
    transaction.add_rulebook_import(&row)?;
    let report = report(&row, true);
    transaction.audit(imported(&row, &report));
    Ok(Some(report))
}

fn import_row(
    transaction: &mut Transaction<'_>,
    document: &DocumentRow,
    base: &DocumentRow,
    difference: String,
) -> RulebookImportRow {
    let now = transaction.now();
    RulebookImportRow {
        id: RulebookImportId::new(now, transaction.conn_and_rng().1),
        state: ProposalState::Pending,
        version: document.version.clone(),
        observed_on: document.observed_on,
        source: document.source.clone(),
        digest: document.digest.clone(),
        base: base.digest.clone(),
        body: document.body.clone(),
        difference,
        imported_at: now,
    }
}

/// Returns the audit event of the import.
fn imported(row: &RulebookImportRow, report: &ProposalReport) -> AuditEvent {
    AuditEvent {
        organisation: None,
        actor: None,
        credential: Some("command line".to_owned()),
        action: "rulebook.import".to_owned(),
        subject: Some(row.id.to_string()),
        outcome: AuditOutcome::Done,
        payload: json!({"version": row.version, "source": row.source, "changes": report.changes.len()}),
    }
}
