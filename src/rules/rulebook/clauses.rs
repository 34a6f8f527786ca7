//! Where in the law a version's duties are written, for each side. What no document of the rulebook's sources says is left out.

use serde::{Deserialize, Serialize};

/// The clauses of one version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Clauses {
    /// Of who sends.
    pub originator: SideClauses,
    /// Of who receives.
    pub beneficiary: SideClauses,
}

/// The clauses of one side, each as the law is cited: law and place in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SideClauses {
    /// Which data go with a transfer, or must have come with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// What to do about data that did not arrive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_data: Option<String>,
    /// Transfers with self-hosted addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub self_hosted: Option<String>,
    /// Counterparties with whom data cannot be exchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sunrise: Option<String>,
}
