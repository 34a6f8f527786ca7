//! What the member and the registry write to each other about the open case.

use serde_json::json;

use super::super::cases::member_answered;
use super::super::{Act, Deed, Identity, Registry, Reply, ServiceError};
use super::{Keeper, Kept, no_record, own_submission};
use vasp_store::{CaseEntryRow, StoreError};
use vasp_words::time::UtcTime;

/// Longest message, in characters.
const LONGEST: usize = 10_000;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseMessage {
    /// Place in the case.
    pub number: i32,
    /// Whether the member wrote it; else the registry did.
    pub from_member: bool,
    /// When.
    pub at: UtcTime,
    /// The text.
    pub text: String,
}

impl CaseMessage {
    /// Reads an entry of a case; none where it is no message.
    pub(in crate::service) fn read(row: &CaseEntryRow) -> Result<Option<Self>, StoreError> {
        let from_member = match row.kind.as_str() {
            "message" => false,
            "reply" => true,
            _ => return Ok(None),
        };
        let wrong = |column| StoreError::Inconsistent { table: "case_entries", column, id: row.case_id.clone() };
        let body: serde_json::Value = serde_json::from_str(&row.body).map_err(|_| wrong("body"))?;
        let text = body.get("text").and_then(serde_json::Value::as_str).ok_or_else(|| wrong("body"))?.to_owned();
        Ok(Some(Self { number: row.number, from_member, at: UtcTime::from_micros(row.at).map_err(|_| wrong("at"))?, text }))
    }
}

/// Refuses a text that cannot be a message.
pub(in crate::service) fn check_text(pointer: &str, text: &str) -> Result<(), ServiceError> {
    let length = text.chars().count();
    let plain = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    if text.trim().is_empty() || length > LONGEST || !text.chars().all(plain) {
        return Err(ServiceError::Invalid(super::super::Fault {
            pointer: pointer.to_owned(),
            code: "invalid_value",
            detail: format!("a text has 1 to {LONGEST} characters and no control characters but line ends and tabs"),
        }));
    }
    Ok(())
}

/// Writes to the registry about the open case.
///
/// # Errors
/// `ServiceError::NotFound` where the organisation keeps no record, `IllegalStep` where no case is open, `Invalid`, `Store`.
pub fn send_message(act: Act<'_, CaseMessage>, text: &str) -> Result<Reply, ServiceError> {
    check_text("/text", text)?;
    act.run("case.reply", |transaction, identity| {
        let kept = Kept::by(transaction, identity, Keeper::Member, &|_| true)?;
        let entry = member_answered(transaction, kept.vasp, identity.user, text)?;
        let message = CaseMessage::read(&entry)?.ok_or(StoreError::Inconsistent {
            table: "case_entries",
            column: "kind",
            id: entry.case_id.clone(),
        })?;
        Ok(Deed::new(message, entry.case_id, json!({})))
    })
}

/// Returns the messages of the open case, oldest first.
///
/// # Errors
/// `ServiceError::NotFound` where the organisation keeps no record, `Store`.
pub fn read_messages(registry: &Registry, identity: &Identity) -> Result<Vec<CaseMessage>, ServiceError> {
    registry.store().read(|conn| {
        let own = own_submission(conn, identity)?.ok_or_else(no_record)?;
        let Some(case) = conn.open_case_of(&own.vasp)? else { return Ok(vec![]) };
        let entries = conn.case_entries(&case.id)?;
        let messages: Result<Vec<_>, StoreError> = entries.iter().map(CaseMessage::read).collect();
        Ok(messages?.into_iter().flatten().collect())
    })
}
