//! The dated facts that the service gathers for `run`: the regimes of both sides, jurisdiction lists, screening, policy.

use super::super::country::Country;
use super::super::policy::Policy;
use super::super::screening::Hit;
use super::super::time::{Date, UtcTime};
use super::Attribution;
use serde::{Deserialize, Serialize};

/// A list of jurisdictions that the check consults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ListId {
    /// FATF: high-risk jurisdictions subject to a call for action.
    #[serde(rename = "FATF-BLACK")]
    FatfBlack,
    /// FATF: jurisdictions under increased monitoring.
    #[serde(rename = "FATF-GREY")]
    FatfGrey,
    /// EU: high-risk third countries.
    #[serde(rename = "EU-HRTC")]
    EuHrtc,
}

impl std::fmt::Display for ListId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.serialize(f)
    }
}

/// What FATF's call for action asks for, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Countermeasures.
    Countermeasures,
    /// Enhanced due diligence.
    EnhancedDueDiligence,
}

/// Whether a rule asks for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asks {
    /// It does.
    Yes,
    /// No rule is known, or the amount could not be compared with its threshold.
    Unknown,
    /// It does not.
    No,
}

/// Status of a jurisdiction's Travel Rule on the transfer's date.
///
/// Source: rulebook, `travel_rule`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RegimeStatus {
    /// Virtual assets are banned.
    Banned,
    /// No record.
    Unknown,
    /// A record that says there is none.
    None,
    /// Proposed.
    Proposed,
    /// Adopted, not in force.
    AdoptedNotInForce,
    /// Adopted and softly applied.
    Grace,
    /// In force.
    InForce,
}

/// What the rulebook says of one side on the transfer's date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegimeFacts {
    /// Rulebook id, such as `AE-VARA`; the country's code where it has no record.
    pub jurisdiction: String,
    /// The country it belongs to.
    pub country: Country,
    /// Status of its rule.
    pub status: RegimeStatus,
    /// Version that applies, such as `EU-TFR@2024-12-30`; none where no rule is on record.
    pub rule_version: Option<String>,
    /// Where the rule was read.
    pub source: String,
    /// Date of the rulebook.
    pub observed_on: Option<Date>,
    /// First day on which another version applies, if known.
    pub valid_until: Option<Date>,
    /// Whether the rule asks for the counterparty's LEI.
    pub lei_required: bool,
    /// Whether the rule asks to verify a self-hosted address for this transfer.
    pub self_hosted_verification: Asks,
    /// Whether the country has several regimes and none is on record for this VASP, so that the strictest is given.
    pub ambiguous: bool,
}

/// One membership of a country in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Which list.
    pub list: ListId,
    /// Member since.
    pub since: Date,
    /// What the list asks for; only FATF's call for action has one.
    pub measure: Option<Measure>,
}

/// The version of a list that was consulted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListVersion {
    /// Which list.
    pub list: ListId,
    /// Where it was read.
    pub source: String,
    /// When it was last looked at.
    pub observed_on: Date,
    /// Last date for which membership is established.
    pub known_through: Date,
}

/// What is known of one country on the transfer's date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountryFacts {
    /// Its regime.
    pub regime: RegimeFacts,
    /// Its memberships on that date.
    pub listings: Vec<Listing>,
}

/// A screening list that was searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScreeningListVersion {
    /// The registry's own id of it.
    pub id: String,
    /// Where it came from.
    pub source: String,
    /// Its own date.
    pub as_of: Date,
}

/// What searching the newest screening lists for the address and for `Attribution::screened` gave.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ScreeningFacts {
    /// The lists searched.
    pub lists: Vec<ScreeningListVersion>,
    /// What matched.
    pub hits: Vec<Hit>,
}

/// Everything a pre-check depends on.
#[derive(Clone, Copy, Debug)]
pub struct PrecheckInput<'a> {
    /// Who the counterparty is.
    pub attribution: &'a Attribution<'a>,
    /// Date of the transfer.
    pub date: Date,
    /// Country of the counterparty's customer, if told.
    pub customer_country: Option<Country>,
    /// The originator's side.
    pub originator: &'a RegimeFacts,
    /// Facts of each of `Attribution::countries`.
    pub countries: &'a [CountryFacts],
    /// The lists consulted for them.
    pub lists: &'a [ListVersion],
    /// Screening.
    pub screening: &'a ScreeningFacts,
    /// The policy.
    pub policy: &'a Policy,
    /// The moment of asking: sources are as old as they are then.
    pub now: UtcTime,
}
