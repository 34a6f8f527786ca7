//! What the member and the registry write to each other about the open case.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{Keeper, MemberRecord, lock_kept};
use crate::acts::{Act, Deed, Identity, Reply};
use crate::cases::member_answered;
use crate::node::{Registry, ServiceError, no_vasp};
use vasp_store::{CaseEntry, StoreError};
use vasp_words::time::UtcTime;

/// Longest message, in characters.
const LONGEST: usize = 10_000;

/// A message about the open case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CaseMessage {
    /// Position in the case.
    pub number: i32,
    /// Whether the member wrote it; otherwise the registry did.
    pub from_member: bool,
    at: UtcTime,
    text: String,
}

impl CaseMessage {
    /// Reads an entry of a case; `None` if it is no message.
    fn read(entry: &CaseEntry) -> Option<Result<Self, StoreError>> {
        let from_member = match entry.kind.as_str() {
            "message" => false,
            "reply" => true,
            _ => return None,
        };
        let text = entry.body.get("text").and_then(Value::as_str);
        let text = text.ok_or_else(|| StoreError::impossible("case_entries", "a message without a text"));
        Some(text.map(|text| Self { number: entry.number, from_member, at: entry.at, text: text.to_owned() }))
    }
}

/// Refuses a text that cannot be a message.
pub(crate) fn check_text(pointer: &str, text: &str) -> Result<(), ServiceError> {
    let length = text.chars().count();
    let plain = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    if text.trim().is_empty() || length > LONGEST || !text.chars().all(plain) {
        return Err(ServiceError::Invalid(crate::node::Fault {
            pointer: pointer.to_owned(),
            code: "invalid_value",
            detail: format!(
                "a text must have 1 to {LONGEST} characters; the only allowed control characters are line breaks and tabs"
            ),
        }));
    }
    Ok(())
}

/// Sends the registry a message about the open case.
///
/// # Errors
/// `ServiceError::Refused` if the organisation keeps no record, `IllegalStep` if no case is open, `Invalid`, `Store`.
pub fn send_message(act: Act<'_, CaseMessage>, text: &str) -> Result<Reply, ServiceError> {
    check_text("/text", text)?;
    act.run("case.reply", |transaction, identity| {
        let kept = lock_kept(transaction, identity, Keeper::Member, &|_| true)?;
        let entry = member_answered(transaction, &kept, identity.user, text)?;
        let message = CaseMessage { number: entry.number, from_member: true, at: entry.at, text: text.to_owned() };
        Ok(Deed::new(message, entry.case_id, json!({})))
    })
}

/// Returns the messages of the open case, oldest first.
///
/// # Errors
/// `ServiceError::Refused` if the organisation keeps no record, `Store`.
pub fn read_messages(registry: &Registry, identity: &Identity) -> Result<Vec<CaseMessage>, ServiceError> {
    registry.store().read(|conn| {
        let own = conn.kept_record_of(identity.organisation)?.ok_or_else(no_vasp)?;
        let Some(case) = MemberRecord::read(conn, own)?.case else { return Ok(vec![]) };
        let messages: Result<_, StoreError> = conn.case_entries(case.id)?.iter().filter_map(CaseMessage::read).collect();
        Ok(messages?)
    })
}
