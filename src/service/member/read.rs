//! A member looks at its record: what it is to be, what readers see, and where its case stands.

use super::super::{Identity, Registry, ServiceError};
use super::{Kept, no_record, own_submission};
use vasp_record::submission::Submission;
use vasp_record::vasp::VaspStatus;
use vasp_store::{CaseRow, Conn, StoreError};
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

/// The open case about a record, as its member sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCase {
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub status: String,
    /// When it was opened.
    pub opened_at: UtcTime,
}

/// A member's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRecord {
    /// Id of the VASP.
    pub vasp: VaspId,
    /// Where it stands.
    pub status: VaspStatus,
    /// Rises with every change.
    pub version: i64,
    /// What it is to be.
    pub said: Submission,
    /// What was approved last.
    pub approved: Option<Submission>,
    /// The open case about it.
    pub case: Option<OpenCase>,
    /// When it was begun.
    pub created_at: UtcTime,
    /// When it changed last.
    pub updated_at: UtcTime,
}

impl MemberRecord {
    pub(in crate::service) fn read(conn: &mut Conn, kept: Kept) -> Result<Self, ServiceError> {
        let time = |at: i64, column| {
            let wrong = |_| StoreError::Inconsistent { table: "submissions", column, id: kept.row.vasp.clone() };
            UtcTime::from_micros(at).map_err(wrong)
        };
        let case = |row: CaseRow| {
            let wrong = |_| StoreError::Inconsistent { table: "cases", column: "opened_at", id: row.id.clone() };
            let opened_at = UtcTime::from_micros(row.opened_at).map_err(wrong)?;
            Ok::<_, StoreError>(OpenCase { opened_at, id: row.id, status: row.status })
        };
        Ok(Self {
            vasp: kept.vasp,
            status: kept.status,
            version: kept.row.version,
            approved: kept.approved()?,
            case: conn.open_case_of(&kept.row.vasp)?.map(case).transpose()?,
            created_at: time(kept.row.created_at, "created_at")?,
            updated_at: time(kept.row.updated_at, "updated_at")?,
            said: kept.said,
        })
    }
}

/// Returns the record that the caller's organisation keeps.
///
/// # Errors
/// `ServiceError::NotFound` where it keeps none, `Store`.
pub fn read_own_vasp(registry: &Registry, identity: &Identity) -> Result<MemberRecord, ServiceError> {
    registry.store().read(|conn| {
        let own = own_submission(conn, identity)?.ok_or_else(no_record)?;
        MemberRecord::read(conn, Kept::read(own)?)
    })
}
