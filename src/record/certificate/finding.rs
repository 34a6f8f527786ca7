//! What is said of a certificate when it is judged.

use serde::{Deserialize, Serialize};

/// How much a finding weighs, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It cannot be used so.
    Error,
    /// It can, but somebody should look.
    Warning,
    /// Good to know.
    Info,
}

/// One thing found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateFinding {
    /// How much it weighs.
    pub severity: Severity,
    /// Which, in snake case.
    pub code: String,
    /// What was found and what would be right.
    pub detail: String,
}
