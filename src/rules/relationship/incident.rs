//! Exchanges that failed, as the organisation noted them, and how far it went because of them. The registry counts; the organisation
//! decides.
//!
//! Source: Regulation (EU) 2023/1113 Art. 14(8), 16 and 17(2): counterparties that repeatedly fail to give the data are warned, given
//! deadlines, restricted or ended, and reported to the authority with the steps taken.

use serde::{Deserialize, Serialize};
use vasp_words::time::UtcTime;

/// What failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentKind {
    /// Data was missing.
    MissingData,
    /// Data did not fit, or was meaningless.
    WrongData,
    /// Data came after the transfer.
    LateData,
    /// A request for data was not answered.
    NoAnswer,
    /// The transfer was refused or sent back without a reason.
    Rejected,
    /// Something else, which the note tells.
    Other,
}

/// How far the organisation went, in order; never back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepeatStep {
    /// Warned, with a deadline.
    Warned,
    /// Transfers are limited.
    Limited,
    /// The relationship was ended.
    Ended,
    /// The failure and the steps were reported to the authority.
    Reported,
}

/// One exchange that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// What failed.
    pub kind: IncidentKind,
    /// When.
    pub occurred_at: UtcTime,
    /// In the organisation's own words.
    pub note: Option<String>,
    /// How far the organisation went because of it and those before.
    pub step: Option<RepeatStep>,
}

impl Incident {
    /// Most that are kept of one relationship; older ones go.
    pub const MOST: usize = 500;
}
