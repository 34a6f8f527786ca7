//! Failed exchanges that the organisation recorded, and the steps that it took because of them. The registry counts; the organisation
//! decides.
//!
//! Source: Regulation (EU) 2023/1113 Art. 14(8), 16 and 17(2): counterparties that repeatedly fail to give the data are warned, given
//! deadlines, restricted or ended, and reported to the authority with the steps taken.

use serde::{Deserialize, Serialize};
use vasp_words::closed_list::closed_list;
use vasp_words::time::UtcTime;

closed_list! {
    /// The kind of failure.
    pub enum IncidentKind as "RelationshipIncidentKind" {
        /// Data was missing.
        MissingData = "missing_data",
        /// Data did not match or had no meaning.
        WrongData = "wrong_data",
        /// Data arrived after the transfer.
        LateData = "late_data",
        /// The counterparty did not answer a request for data.
        NoAnswer = "no_answer",
        /// The counterparty refused or returned the transfer without a reason.
        Rejected = "rejected",
        /// Something else, which the note describes.
        Other = "other",
    }

    /// The steps of an organisation after repeated failures, in order; it never goes back a step.
    pub enum RepeatStep {
        /// The organisation warned the counterparty and set a deadline.
        Warned = "warned",
        /// The organisation limited transfers.
        Limited = "limited",
        /// The organisation ended the relationship.
        Ended = "ended",
        /// The organisation reported the failure and the steps to the authority.
        Reported = "reported",
    }
}

/// One failed exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = RelationshipIncident))]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// The kind of failure.
    pub kind: IncidentKind,
    /// When it happened.
    pub occurred_at: UtcTime,
    /// A note in the organisation's own words; null if there is none.
    pub note: Option<String>,
    /// The step that the organisation took because of this failure and earlier ones; null if it took none.
    pub step: Option<RepeatStep>,
}

impl Incident {
    /// Maximum number of incidents of one relationship; the oldest are dropped.
    pub const MOST: usize = 500;
}
