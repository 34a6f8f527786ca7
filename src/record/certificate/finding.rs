//! Findings: the results of judging a certificate.

use serde::{Deserialize, Serialize};
use vasp_words::closed_list::closed_list;

closed_list! {
    /// The severity of a finding, worst first.
    pub enum Severity as "FindingSeverity" {
        /// The subject of the finding cannot be used as published.
        Error = "error",
        /// It can be used, but somebody should check it.
        Warning = "warning",
        /// For information only.
        Info = "info",
    }
}

/// A finding about a certificate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CertificateFinding {
    /// The severity.
    pub severity: Severity,
    /// Stable code of the finding, for programs.
    #[cfg_attr(feature = "schema", schema(example = "expires_soon"))]
    pub code: String,
    /// What was found, and what would be correct.
    pub detail: String,
}
