//! What other lists say of a VASP: GLEIF's record of its LEI, lists of non-compliant providers, compiled registers.

use serde::Serialize;
use utoipa::ToSchema;

use vasp_rules::lei_evidence::{FindingSide, LeiFinding, LeiFindingCode};
use vasp_rules::non_compliant::{MatchedBy, NonCompliantMatch};
use vasp_rules::third_party::ThirdPartyRow;
use vasp_words::time::{Date, UtcTime};

/// What GLEIF's record of the LEI says for or against the record, worst first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LeiFinding)]
pub(crate) struct LeiFindingView {
    code: LeiFindingCode,
    side: FindingSide,
    /// One sentence for people.
    detail: String,
    /// The day of GLEIF's file; its beginning.
    observed_at: UtcTime,
}

/// An entry of an authority's list of providers that are not allowed what they do, which matches the VASP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = NonCompliantMatch)]
pub(crate) struct NonCompliantView {
    /// Who found it so, as published.
    authority: String,
    /// Name in the list.
    name: String,
    reason: Option<String>,
    decision_date: Option<Date>,
    /// Id of the list.
    #[schema(example = "EU-ESMA-NCASP")]
    list: String,
    /// File or page.
    source: String,
    /// The day of the list; its beginning.
    observed_at: UtcTime,
    matched_by: MatchedBy,
}

/// What a third party's compilation of registers says: unverified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ThirdPartyRow)]
pub(crate) struct ThirdPartyView {
    /// The compilation's name of the register.
    #[schema(example = "FCA_CRYPTOASSET")]
    register: String,
    /// Authority, as the compilation writes it.
    regulator: Option<String>,
    /// In the compilation's words.
    status: String,
    /// The day on which the compilation looked.
    observed_on: Date,
    /// File or page.
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
