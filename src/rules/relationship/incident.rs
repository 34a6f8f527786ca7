//! Exchanges that failed, as the organisation noted them, and how far it went because of them. The registry counts; the organisation
//! decides.
//!
//! Source: Regulation (EU) 2023/1113 Art. 14(8), 16 and 17(2): counterparties that repeatedly fail to give the data are warned, given
//! deadlines, restricted or ended, and reported to the authority with the steps taken.

use serde::{Deserialize, Serialize};
use vasp_words::closed_list::closed_list;
use vasp_words::time::UtcTime;

closed_list! {
    /// What failed.
    pub enum IncidentKind as "RelationshipIncidentKind" {
        /// Data was missing.
        MissingData = "missing_data",
        /// Data did not fit, or was meaningless.
        WrongData = "wrong_data",
        /// Data came after the transfer.
        LateData = "late_data",
        /// A request for data was not answered.
        NoAnswer = "no_answer",
        /// The transfer was refused or sent back without a reason.
        Rejected = "rejected",
        /// Something else, which the note tells.
        Other = "other",
    }

    /// How far the organisation went, in order; never back.
    pub enum RepeatStep {
        /// Warned, with a deadline.
        Warned = "warned",
        /// Transfers are limited.
        Limited = "limited",
        /// The relationship was ended.
        Ended = "ended",
        /// The failure and the steps were reported to the authority.
        Reported = "reported",
    }
}

/// One exchange that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = RelationshipIncident))]
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
