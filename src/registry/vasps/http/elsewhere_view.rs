//! Views of what other sources say about a VASP: GLEIF's record of its LEI, lists of non-compliant providers, and compilations of
//! registers.

use serde::Serialize;
use utoipa::ToSchema;

use vasp_rules::lei_evidence::{FindingSide, LeiFinding, LeiFindingCode};
use vasp_rules::non_compliant::{MatchedBy, NonCompliantMatch};
use vasp_rules::third_party::ThirdPartyRow;
use vasp_words::time::{Date, UtcTime};

/// A finding of the comparison with GLEIF's record of the LEI. It supports or contradicts the VASP's record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LeiFinding)]
pub(crate) struct LeiFindingView {
    code: LeiFindingCode,
    side: FindingSide,
    /// An explanation in one sentence.
    detail: String,
    /// The day of GLEIF's file, as the start of that day.
    observed_at: UtcTime,
}

/// An entry that matches the VASP, from an authority's list of providers that act without permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = NonCompliantMatch)]
pub(crate) struct NonCompliantView {
    /// The authority that made the finding, as published.
    authority: String,
    /// The name in the list.
    name: String,
    reason: Option<String>,
    decision_date: Option<Date>,
    /// Id of the list.
    #[schema(example = "EU-ESMA-NCASP")]
    list: String,
    /// The source file or page.
    source: String,
    /// The day of the list, as the start of that day.
    observed_at: UtcTime,
    matched_by: MatchedBy,
}

/// An entry of a third party's compilation of registers; it is unverified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ThirdPartyRow)]
pub(crate) struct ThirdPartyView {
    /// The name that the compilation gives the register.
    #[schema(example = "FCA_CRYPTOASSET")]
    register: String,
    /// The authority, as the compilation writes it.
    regulator: Option<String>,
    /// The status, in the compilation's words.
    status: String,
    /// The day on which the compilation checked the register.
    observed_on: Date,
    /// The source file or page.
    source: String,
}

impl From<&LeiFinding> for LeiFindingView {
    fn from(finding: &LeiFinding) -> Self {
        Self {
            code: finding.code,
            side: finding.code.side(),
            detail: finding.detail.clone(),
            observed_at: finding.observed_on.start(),
        }
    }
}

impl From<&NonCompliantMatch> for NonCompliantView {
    fn from(found: &NonCompliantMatch) -> Self {
        let entry = &found.entry;
        Self {
            authority: entry.authority.clone(),
            name: entry.name.clone(),
            reason: entry.reason.clone(),
            decision_date: entry.decided_on,
            list: found.list.clone(),
            source: found.source.clone(),
            observed_at: found.as_of.start(),
            matched_by: found.matched_by,
        }
    }
}

impl From<&ThirdPartyRow> for ThirdPartyView {
    fn from(row: &ThirdPartyRow) -> Self {
        Self {
            register: row.register.clone(),
            regulator: row.regulator.clone(),
            status: row.status.clone(),
            observed_on: row.observed_on,
            source: row.source.clone(),
        }
    }
}
