//! The clauses of the law that contain a version's duties, for each side. A clause is left out if none of the rulebook's
//! sources gives it.

use serde::{Deserialize, Serialize};

/// The clauses of one version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Clauses {
    /// The clauses for the sending provider.
    pub originator: SideClauses,
    /// The clauses for the receiving provider.
    pub beneficiary: SideClauses,
}

/// The clauses of one side, each cited as the law and the place in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SideClauses {
    /// The clause on the data that are sent with a transfer, or must arrive with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// The clause on what to do about data that did not arrive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_data: Option<String>,
    /// The clause on transfers with self-hosted addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub self_hosted: Option<String>,
    /// The clause on counterparties with which no data can be exchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sunrise: Option<String>,
}
