//! Reads the private audit chain: operators read all of it, an organisation reads its own events. The export lets others recompute the
//! chain.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use utoipa::IntoParams;

use crate::acts::Identity;
use crate::acts::sealed_traces::{PRIVATE_ACTION, open_event};
use crate::node::{Page, ProblemCode, Registry, ServiceError, invalid};
use vasp_log::{ExportedEnd, ExportedEvent, ExportedHead};
use vasp_record::proposal::ProposalKind;
use vasp_store::{AuditFilter, Conn};
use vasp_words::closed_list::UnknownWord;
use vasp_words::ids::{OrganisationId, UserId};
use vasp_words::time::UtcTime;

pub use vasp_store::AuditRow;

/// The number of events on a page of the export.
const EXPORT_PAGE: i64 = 500;

/// Selects events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuestion {
    /// Id of the organisation to which the events belong.
    pub organisation: Option<String>,
    /// Id of the user who acted.
    pub actor: Option<String>,
    /// The action.
    pub action: Option<String>,
    /// Id of the subject.
    pub subject: Option<String>,
    /// `refused` or `done`.
    pub outcome: Option<String>,
    /// At or after this time.
    pub since: Option<UtcTime>,
    /// Before this time.
    pub until: Option<UtcTime>,
}

/// An export in progress.
#[derive(Clone, Debug)]
pub struct AuditExport {
    filter: AuditFilter,
    after: i64,
    end: ExportedHead,
    done: bool,
}

impl AuditQuestion {
    fn filter(self) -> Result<AuditFilter, ServiceError> {
        let Self { organisation, actor, action, subject, outcome, since, until } = self;
        let unknown = |error: UnknownWord| invalid("?outcome", "invalid_value", error.to_string());
        let outcome = outcome.as_deref().map(str::parse).transpose().map_err(unknown)?;
        for (name, text) in [("organisation", &organisation), ("actor", &actor), ("action", &action), ("subject", &subject)] {
            if text.as_deref().is_some_and(|text| text.len() > 200 || text.chars().any(char::is_control)) {
                let detail = "this must have at most 200 characters and no control characters".to_owned();
                return Err(invalid(format!("?{name}"), "invalid_value", detail));
            }
        }
        Ok(AuditFilter { organisation, actor, action, subject, outcome, since, until })
    }
}

/// Lists events before the number `before`, newest first.
///
/// # Errors
/// `ServiceError::Invalid` for an invalid filter, `ServiceError::Store`.
pub fn list_audit(
    registry: &Registry,
    question: AuditQuestion,
    (before, limit): (i64, usize),
) -> Result<Page<AuditRow, i64>, ServiceError> {
    let filter = question.filter()?;
    let rows = registry.store().read::<_, ServiceError>(|conn| Ok(conn.audit_events(&filter, before, Page::wanted(limit))?))?;
    Ok(page(rows, limit))
}

/// Lists the events of the caller's own organisation, newest first. Users of other organisations, such as the registry's own people, are
/// not named. Only this list opens the organisation's private lines; filters of action and subject do not look inside them. Of holds,
/// erasures and overrides it opens the lines for compliance people alone, because they can tell that something was reported.
pub fn list_own_audit(
    registry: &Registry,
    identity: &Identity,
    question: AuditQuestion,
    (before, limit): (i64, usize),
) -> Result<Page<AuditRow, i64>, ServiceError> {
    let mut page = own_audit(registry, identity, question, before, limit)?;
    if page.items.iter().any(|item| item.action == PRIVATE_ACTION) {
        let key = registry.own_data_key(identity.organisation)?;
        for item in page.items.iter_mut().filter(|item| item.action == PRIVATE_ACTION) {
            let mut opened = item.clone();
            open_event(key.as_ref(), &mut opened)?;
            if identity.is_compliance_person() || !is_confidential(&opened) {
                *item = opened;
            }
        }
    }
    Ok(page)
}

/// Returns whether a line is about what only compliance people see: what was done has it in its action, what was refused in its path or code.
fn is_confidential(line: &AuditRow) -> bool {
    const KINDS: [ProposalKind; 3] = [ProposalKind::LegalHold, ProposalKind::Erasure, ProposalKind::Override];
    const PATHS: [&str; 3] = ["/v1/legal-holds", "/payload/propose", "/outcome/propose"];
    const CODES: [ProblemCode; 2] = [ProblemCode::LegalHold, ProblemCode::StillKept];
    let said = |member: &str| line.payload.as_ref().and_then(|details| details.get(member)?.as_str()).unwrap_or_default();
    let done = line.action.split_once('.').is_some_and(|(kind, _)| KINDS.iter().any(|one| one.as_str() == kind));
    done || PATHS.iter().any(|part| said("path").contains(part)) || CODES.iter().any(|code| code.as_str() == said("code"))
}

fn own_audit(
    registry: &Registry,
    identity: &Identity,
    question: AuditQuestion,
    before: i64,
    limit: usize,
) -> Result<Page<AuditRow, i64>, ServiceError> {
    let filter = AuditFilter { organisation: Some(identity.organisation.to_string()), ..question.filter()? };
    let rows = registry.store().read::<_, ServiceError>(|conn| {
        // A filter with a user of another organisation must not reveal whether there are events.
        if filter.actor.is_some() && ours(conn, identity.organisation, filter.actor.as_deref().into_iter())?.is_empty() {
            return Ok(Vec::new());
        }
        let rows = conn.audit_events(&filter, before, Page::wanted(limit))?;
        without_others(conn, identity.organisation, rows)
    })?;
    Ok(page(rows, limit))
}

/// Returns those of the given users that belong to an organisation.
fn ours<'a>(conn: &mut Conn, own: OrganisationId, users: impl Iterator<Item = &'a str>) -> Result<HashSet<String>, ServiceError> {
    let users: Vec<UserId> = users.filter_map(|user| user.parse().ok()).collect();
    Ok(conn.members_among(own, &users)?.iter().map(ToString::to_string).collect())
}

fn without_others(conn: &mut Conn, own: OrganisationId, mut rows: Vec<AuditRow>) -> Result<Vec<AuditRow>, ServiceError> {
    let ours = ours(conn, own, rows.iter().filter_map(|row| row.actor.as_deref()))?;
    for row in rows.iter_mut().filter(|row| row.actor.as_ref().is_some_and(|actor| !ours.contains(actor))) {
        (row.actor, row.credential) = (None, None);
    }
    Ok(rows)
}

fn page(rows: Vec<AuditRow>, limit: usize) -> Page<AuditRow, i64> {
    Page::of(rows.into_iter(), limit, |row| row.number)
}

/// Begins an export of the chain up to its current end.
///
/// # Errors
/// `ServiceError::Invalid` for an invalid filter, `ServiceError::Store`.
pub fn begin_audit_export(registry: &Registry, question: AuditQuestion) -> Result<AuditExport, ServiceError> {
    let filtered = question != AuditQuestion::default();
    let filter = question.filter()?;
    let head = registry.store().read(Conn::audit_head).map_err(ServiceError::Store)?;
    let end = ExportedHead { number: head.number, hash: hex::encode(head.hash), filtered };
    Ok(AuditExport { filter, after: 0, end, done: false })
}

impl AuditExport {
    /// Returns the next lines of the export, in the order of the chain; `None` after the end. The last line names the chain's end.
    pub fn next_lines(&mut self, registry: &Registry) -> Result<Option<String>, ServiceError> {
        if self.done {
            return Ok(None);
        }
        let (rows, before) = registry.store().read::<_, ServiceError>(|conn| {
            let rows = conn.audit_chain(&self.filter, self.after, self.end.number, EXPORT_PAGE)?;
            let numbers: Vec<i64> = rows.iter().map(|row| row.number - 1).collect();
            let before: HashMap<i64, Vec<u8>> = conn.audit_hashes(&numbers)?.into_iter().collect();
            Ok((rows, before))
        })?;
        let Some(last) = rows.last().map(|row| row.number) else {
            self.done = true;
            return Ok(Some(line(&ExportedEnd { end: self.end.clone() })?));
        };
        self.after = last;
        let lines = rows.into_iter().map(|row| {
            let before = before.get(&(row.number - 1)).cloned().unwrap_or_else(|| vec![0; 32]);
            line(&exported(row, &before))
        });
        lines.collect::<Result<String, _>>().map(Some)
    }
}

fn exported(row: AuditRow, before: &[u8]) -> ExportedEvent {
    ExportedEvent {
        at: row.at,
        payload: row.payload.map(|payload| payload.0),
        number: row.number,
        organisation: row.organisation,
        actor: row.actor,
        credential: row.credential,
        action: row.action,
        subject: row.subject,
        outcome: row.outcome.as_str().to_owned(),
        salt: row.salt.map(hex::encode),
        payload_commitment: hex::encode(row.commitment),
        hash_before: hex::encode(before),
        hash: hex::encode(row.hash),
    }
}

fn line(value: &impl serde::Serialize) -> Result<String, ServiceError> {
    Ok(serde_json::to_string(value)? + "\n")
}
