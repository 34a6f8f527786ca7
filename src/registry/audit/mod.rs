//! The private audit chain as it is read and exported.

pub(crate) mod http;
pub(crate) mod read;

pub use read::{AuditExport, AuditQuestion, AuditRow, begin_audit_export, list_audit, list_own_audit};
