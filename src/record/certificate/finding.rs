//! What is said of a certificate when it is judged.

use serde::{Deserialize, Serialize};
use vasp_words::closed_list::closed_list;

closed_list! {
    /// How much a finding weighs, worst first.
    pub enum Severity as "FindingSeverity" {
        /// What it is about cannot be used as published.
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
    /// What was found, as a word that programs compare.
    #[cfg_attr(feature = "schema", schema(example = "expires_soon"))]
    pub code: String,
    /// What was found and what would be right.
    pub detail: String,
}
