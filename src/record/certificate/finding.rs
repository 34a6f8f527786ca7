//! What is said of a certificate when it is judged.

use serde::{Deserialize, Serialize};
use vasp_words::closed_list::closed_list;

closed_list! {
    /// How much a finding weighs, worst first: with an error the certificate cannot be used for what it is published for.
    pub enum Severity as "FindingSeverity" {
        /// It cannot be used so.
        Error = "error",
        /// It can, but somebody should look.
        Warning = "warning",
        /// Good to know.
        Info = "info",
    }
}

/// What was found about a certificate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CertificateFinding {
    /// How much it weighs.
    pub severity: Severity,
    /// Which, in snake case.
    #[cfg_attr(feature = "schema", schema(example = "expires_soon"))]
    pub code: String,
    /// What was found and what would be right.
    pub detail: String,
}
