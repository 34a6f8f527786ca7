//! A member looks at its record: what it is to be, what readers see, and where its case stands.

use super::no_record;
use crate::acts::Identity;
use crate::node::{Registry, ServiceError};
use vasp_store::{Case, Conn, KeptRecord};

/// A member's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRecord {
    /// What it is to be, and what was approved last.
    pub kept: KeptRecord,
    /// The open case about it, once it is handed in: a draft is in nobody's case.
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
/// `ServiceError::NotFound` where it keeps none, `Store`.
pub fn read_own_vasp(registry: &Registry, identity: &Identity) -> Result<MemberRecord, ServiceError> {
    registry.store().read(|conn| {
        let own = conn.kept_record_of(identity.organisation)?.ok_or_else(no_record)?;
        MemberRecord::read(conn, own)
    })
}
