//! Reading and exporting the private audit chain.

pub(crate) mod http;
pub(crate) mod read;

pub use read::{AuditExport, AuditQuestion, AuditRow, begin_audit_export, list_audit, list_own_audit};
