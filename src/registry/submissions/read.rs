//! Reads a member's record: its submitted content, what readers see, and its open case.

use super::no_record;
use crate::acts::Identity;
use crate::node::{Registry, ServiceError};
use vasp_store::{Case, Conn, KeptRecord};

/// A member's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRecord {
    /// The submitted content, and the content that was approved last.
    pub kept: KeptRecord,
    /// The open case about it; `None` if there is none, or if the record is not submitted (a draft, for example).
    pub case: Option<Case>,
}

impl MemberRecord {
    pub(crate) fn read(conn: &mut Conn, kept: KeptRecord) -> Result<Self, ServiceError> {
        let case = if kept.stands() { conn.open_case_of(kept.vasp)? } else { None };
        Ok(Self { kept, case })
    }
}

/// Returns the record that the caller's organisation keeps.
///
/// # Errors
/// `ServiceError::NotFound` if it keeps none, `Store`.
pub fn read_own_vasp(registry: &Registry, identity: &Identity) -> Result<MemberRecord, ServiceError> {
    registry.store().read(|conn| {
        let own = conn.kept_record_of(identity.organisation)?.ok_or_else(no_record)?;
        MemberRecord::read(conn, own)
    })
}
