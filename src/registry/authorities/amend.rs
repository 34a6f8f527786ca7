//! Stores a proposed change to the table of authorities. It takes effect once two people have approved it, even if an operator sent it.

use aws_lc_rs::digest::{SHA256, digest};
use rand_core::RngCore;
use serde_json::json;

use super::change::{AuthorityChange, AuthorityNote, changes, notes};
use super::read::Amendment;
use crate::acts::{Act, Deed, Reply};
use crate::directory::{Dated, Documents, KnownAuthorities, Screening, authorities_in_force};
use crate::imported::ImportReport;
use crate::imported::report::ProposalReport;
use crate::node::{ImportError, ServiceError, invalid, invalid_value};
use vasp_ingest::authorities::{amend, write};
use vasp_ingest::source::Source;
use vasp_log::audit::{AuditEvent, AuditOutcome};
use vasp_record::authority::{Authorities, AuthorityEntry};
use vasp_record::proposal::ProposalState;
use vasp_record::register::{Flag, FlaggedRow, cut};
use vasp_store::{AuthorityAmendmentRow, Store, Transaction, WriteMode};
use vasp_words::ids::{AuthorityAmendmentId, UserId};
use vasp_words::time::UtcTime;

/// The most authorities of one amendment.
const MOST_ROWS: usize = 1_000;

/// An amendment that was made, or that waited already.
struct Made {
    row: AuthorityAmendmentRow,
    is_new: bool,
    changes: Vec<AuthorityChange>,
    notes: Vec<AuthorityNote>,
}

fn table_in_force(transaction: &mut Transaction<'_>) -> Result<Dated<KnownAuthorities>, ServiceError> {
    authorities_in_force(transaction.conn()).map_err(ServiceError::Directory)
}

/// Adds an amendment that makes the table `after`; `None` if it changes nothing.
fn make(
    transaction: &mut Transaction<'_>,
    base: &KnownAuthorities,
    after: &Authorities,
    source: &str,
    made_by: Option<UserId>,
) -> Result<Option<Made>, ServiceError> {
    let changes = changes(&base.table, after);
    if changes.is_empty() {
        return Ok(None);
    }
    let documents = Documents::load(transaction.conn(), i64::MAX, Screening::LeftOut)?;
    let notes = notes(&changes, after, &documents.rulebook.value);
    let body = write(after).map_err(|error| ServiceError::Unreadable { what: "table", reason: error.to_string() })?;
    let now = transaction.now();
    let row = AuthorityAmendmentRow {
        id: AuthorityAmendmentId::new(now, transaction.conn_and_rng().1),
        state: ProposalState::Pending,
        source: source.to_owned(),
        digest: digest(&SHA256, body.as_bytes()).as_ref().to_vec(),
        base: base.digest.clone(),
        body,
        difference: serde_json::to_string(&changes)?,
        notes: serde_json::to_string(&notes)?,
        made_by,
        made_at: now,
    };
    let waiting = transaction.conn().authority_amendments(Some(ProposalState::Pending), "", i64::MAX)?;
    if let Some(known) = waiting.into_iter().find(|known| (&known.digest, &known.base) == (&row.digest, &row.base)) {
        return Ok(Some(Made { row: known, is_new: false, changes, notes }));
    }
    transaction.add_authority_amendment(&row)?;
    Ok(Some(Made { row, is_new: true, changes, notes }))
}

/// Makes an amendment from authorities that a person wrote.
///
/// # Errors
/// `ServiceError::Invalid` with the place of the first wrong member, or if nothing would change.
pub fn create_amendment(act: Act<'_, Amendment>, rows: Vec<AuthorityEntry>) -> Result<Reply, ServiceError> {
    if rows.is_empty() || rows.len() > MOST_ROWS {
        return Err(invalid("/authorities", "invalid_value", format!("write 1 to {MOST_ROWS} authorities")));
    }
    act.run("authorities.amend", |transaction, identity| {
        let base = table_in_force(transaction)?.value;
        let after = base.table.amended(rows).map_err(|(place, error)| {
            let detail = error.to_string();
            let detail = detail.split_once(": ").map_or(detail.as_str(), |(_, detail)| detail);
            invalid_value(format!("/authorities/{place}/{}", error.column()), detail.to_owned())
        })?;
        let made = make(transaction, &base, &after, "operators", Some(identity.user))?;
        let made = made.ok_or_else(|| {
            invalid_value("/authorities", "the table has all of them already, with the same members".to_owned())
        })?;
        let details = json!({"changes": made.changes.iter().map(ToString::to_string).collect::<Vec<_>>()});
        let id = made.row.id;
        Ok(Deed::new(Amendment { row: made.row, proposal: None, changes: made.changes, notes: made.notes }, id, details))
    })
}

/// Reads a file of rows, and makes an amendment of them. Nothing else changes until two people approve it.
///
/// # Errors
/// `ImportError`; nothing is written on an error.
pub fn import_authorities(
    store: &Store,
    input: Source,
    mode: WriteMode,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<ImportReport, ImportError> {
    let file = input.file.clone();
    let bytes = input.into_bytes()?;
    let written = store.write_as(mode, now, rng, |transaction| {
        let of_service = |error| match error {
            ServiceError::Store(error) => ImportError::Store(error),
            other => ImportError::Document { file: file.clone(), reason: other.to_string() },
        };
        let base = table_in_force(transaction).map_err(of_service)?.value;
        let amended = amend(&base.table, &bytes, &file)?;
        let made = make(transaction, &base, &amended.table, &file, None).map_err(of_service)?;
        if let Some(made) = made.as_ref().filter(|made| made.is_new) {
            transaction.audit(imported(made));
        }
        Ok::<_, ImportError>((base.version, amended.lines, made))
    })?;
    let (replaces, lines, made) = written.value;
    let notes = made.iter().flat_map(|made| &made.notes);
    let flagged = notes.map(|note| FlaggedRow {
        file: file.clone(),
        line: lines.get(&note.authority).copied().unwrap_or_default(),
        flag: Flag::RegimeUnknown,
        text: cut(&format!("{}: {}", note.authority, note.detail)),
    });
    let flagged = flagged.collect();
    let read = u64::try_from(lines.len()).unwrap_or(u64::MAX);
    let proposal = made.map(|made| ProposalReport {
        id: made.row.id.to_string(),
        is_new: made.is_new,
        replaces,
        decide_at: format!("/v1/authorities/amendments/{}", made.row.id),
        changes: made.changes.iter().map(ToString::to_string).collect(),
    });
    Ok(ImportReport {
        format: "authorities".to_owned(),
        file,
        dry_run: mode == WriteMode::Rehearse,
        read,
        unchanged: if proposal.is_none() { read } else { 0 },
        proposal,
        flagged,
        sequence: written.sequence,
        ..ImportReport::default()
    })
}

/// Returns the audit event of an amendment from the command line.
fn imported(made: &Made) -> AuditEvent {
    AuditEvent {
        organisation: None,
        actor: None,
        credential: Some("command line".to_owned()),
        action: "authorities.amend".to_owned(),
        subject: Some(made.row.id.to_string()),
        outcome: AuditOutcome::Done,
        payload: json!({"source": made.row.source, "changes": made.changes.len()}),
    }
}
