//! Reads a member's record: its submitted content, what readers see, and its open case.

use super::{Keeper, registry_kept};
use crate::acts::Identity;
use crate::node::{Registry, ServiceError, no_vasp};
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

/// Returns the record that the caller's organisation keeps, or one that the registry keeps.
///
/// # Errors
/// `ServiceError::Refused` if the organisation keeps none, `NotFound` if the registry does not keep it, `Store`.
pub fn read_draft(registry: &Registry, identity: &Identity, keeper: Keeper) -> Result<MemberRecord, ServiceError> {
    registry.store().read(|conn| {
        let kept = match keeper {
            Keeper::Member => conn.kept_record_of(identity.organisation)?.ok_or_else(no_vasp)?,
            Keeper::Registry(vasp) => registry_kept::find(conn, vasp)?,
        };
        MemberRecord::read(conn, kept)
    })
}
