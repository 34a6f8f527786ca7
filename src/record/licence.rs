//! Licences: one permission by one authority for given activities and dates, and its status on a day.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vasp_words::closed_list::closed_list;
use vasp_words::country::Country;
use vasp_words::ids::LicenceId;
use vasp_words::time::{Date, serde_as_text};

/// An activity that a licence allows: one of MiCA's ten, or `other:<text>`. FATF's five activities and local categories map to
/// MiCA's where possible.
///
/// Source: Regulation (EU) 2023/1114 Art. 3(1)(16) points (a) to (j), in that order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Activity {
    /// (a) custody and administration of crypto-assets on behalf of clients.
    Custody,
    /// (b) operation of a trading platform.
    TradingPlatform,
    /// (c) exchange of crypto-assets for funds.
    ExchangeForFunds,
    /// (d) exchange of crypto-assets for other crypto-assets.
    ExchangeForCrypto,
    /// (e) execution of orders on behalf of clients.
    OrderExecution,
    /// (f) placing of crypto-assets.
    Placing,
    /// (g) reception and transmission of orders.
    OrderTransmission,
    /// (h) advice.
    Advice,
    /// (i) portfolio management.
    PortfolioManagement,
    /// (j) transfer services on behalf of clients.
    Transfer,
    /// A category that maps to none of the ten.
    Other(String),
}

/// The text is not an activity code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an activity code (custody, trading_platform, …, transfer or other:<text>)")]
pub struct ActivityError(pub String);

const MICA: [(char, Activity, &str); 10] = [
    ('a', Activity::Custody, "custody"),
    ('b', Activity::TradingPlatform, "trading_platform"),
    ('c', Activity::ExchangeForFunds, "exchange_for_funds"),
    ('d', Activity::ExchangeForCrypto, "exchange_for_crypto"),
    ('e', Activity::OrderExecution, "order_execution"),
    ('f', Activity::Placing, "placing"),
    ('g', Activity::OrderTransmission, "order_transmission"),
    ('h', Activity::Advice, "advice"),
    ('i', Activity::PortfolioManagement, "portfolio_management"),
    ('j', Activity::Transfer, "transfer"),
];

impl Activity {
    /// Returns MiCA's ten activities, in the order of their points.
    pub fn of_mica() -> impl Iterator<Item = Self> {
        MICA.into_iter().map(|(_, activity, _)| activity)
    }

    /// Returns the activity for a MiCA letter, `a` to `j`, in upper or lower case.
    #[must_use]
    pub fn from_mica_letter(letter: char) -> Option<Self> {
        MICA.iter().find(|(l, ..)| l.eq_ignore_ascii_case(&letter)).map(|(_, activity, _)| activity.clone())
    }

    /// Returns the activity for a point of FATF's definition of a VASP, `i` to `v`.
    ///
    /// Source: FATF Recommendations, Glossary, "Virtual asset service provider": (i) exchange between virtual assets and fiat
    /// currencies, (ii) between forms of virtual assets, (iii) transfer, (iv) safekeeping or administration, (v) services
    /// related to an issuer's offer or sale.
    #[must_use]
    pub fn from_fatf_point(point: &str) -> Option<Self> {
        match point {
            "i" => Some(Self::ExchangeForFunds),
            "ii" => Some(Self::ExchangeForCrypto),
            "iii" => Some(Self::Transfer),
            "iv" => Some(Self::Custody),
            "v" => Some(Self::Placing),
            _ => None,
        }
    }

    /// Reads an activity as members write it: a code, or a point of FATF's definition such as `fatf:iv`.
    pub fn from_input(text: &str) -> Result<Self, ActivityError> {
        let fatf = text.strip_prefix("fatf:").and_then(Self::from_fatf_point);
        fatf.map_or_else(|| text.parse(), Ok)
    }

    /// Tells whether a counterparty of a crypto-asset transfer needs this activity. It needs custody, which holds the
    /// beneficiary's assets, or transfer, which moves them.
    #[must_use]
    pub fn receives_transfers(&self) -> bool {
        matches!(self, Self::Custody | Self::Transfer)
    }

    /// Tells whether a provider of this activity may at times hold customers' crypto-assets.
    ///
    /// Only advice, order transmission and portfolio management do not.
    #[must_use]
    pub fn may_hold_assets(&self) -> bool {
        !matches!(self, Self::Advice | Self::OrderTransmission | Self::PortfolioManagement)
    }
}

impl fmt::Display for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Other(text) = self {
            return write!(f, "other:{text}");
        }
        f.write_str(MICA.iter().find(|(_, activity, _)| activity == self).map_or("", |(.., code)| code))
    }
}

impl FromStr for Activity {
    type Err = ActivityError;
    fn from_str(text: &str) -> Result<Self, ActivityError> {
        if let Some((_, activity, _)) = MICA.iter().find(|(.., code)| *code == text) {
            return Ok(activity.clone());
        }
        match text.strip_prefix("other:") {
            Some(rest) if !rest.is_empty() && !rest.chars().any(char::is_control) => Ok(Self::Other(rest.to_owned())),
            _ => Err(ActivityError(text.chars().take(60).collect())),
        }
    }
}

serde_as_text!(Activity = "custody");

closed_list! {
    /// The status of a licence on a day, worst first.
    pub enum LicenceStatus as "StatedLicenceStatus" {
        /// The authority withdrew it.
        Withdrawn = "withdrawn",
        /// Suspended by the authority.
        Suspended = "suspended",
        /// Past its published end date.
        Ended = "ended",
        /// The newest snapshot of its register does not show it; this is not the same as ended.
        NotListed = "not_listed",
        /// Granted, but it starts later; records omit it, and it fails a pre-check.
        NotYetInForce = "not_yet_in_force",
        /// In force.
        InForce = "in_force",
    }

    /// The status that the authority itself published for a licence, apart from dates.
    pub enum PublishedStanding default Granted {
        /// No restriction.
        Granted = "granted",
        /// Suspended.
        Suspended = "suspended",
        /// Withdrawn.
        Withdrawn = "withdrawn",
    }
}

/// An authority that grants licences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Authority {
    /// The registry's own id.
    #[cfg_attr(feature = "schema", schema(example = "DE-BAFIN"))]
    pub id: String,
    /// Name, as the authority writes it.
    pub name: String,
    /// Its country.
    pub country: Country,
}

/// One activity of a licence with its own dates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LicensedActivity {
    /// One of MiCA's ten (`custody` … `transfer`), or `other:<text>`.
    #[serde(rename = "code")]
    pub activity: Activity,
    /// First day on which it is valid; null if none is published.
    pub valid_from: Option<Date>,
    /// First day on which it is no longer valid; null if none is published.
    pub valid_to: Option<Date>,
}

/// A licence as the registry knows it at one sequence, for one valid date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Licence {
    /// Public id.
    pub id: LicenceId,
    /// The authority that granted it.
    pub authority: Arc<Authority>,
    /// Legal regime, such as `MiCA`.
    pub regime: Arc<str>,
    /// The authority's own number; `None` if it publishes none.
    pub number: Option<String>,
    /// Activities, each with its dates, in the order of the codes.
    pub activities: Vec<LicensedActivity>,
    /// Countries in which the licence is valid.
    pub territories: Vec<Country>,
    /// First day on which it is valid; `None` if not published.
    pub valid_from: Option<Date>,
    /// First day on which it is no longer valid; `None` if not published.
    pub valid_to: Option<Date>,
    /// The status that the authority published.
    pub standing: PublishedStanding,
    /// Whether the newest register snapshot on the requested date shows it.
    pub listed: bool,
    /// The register file or page.
    pub source: Arc<str>,
    /// Day of the first snapshot that shows it.
    pub first_seen: Option<Date>,
    /// Day of the last snapshot that shows it.
    pub last_seen: Option<Date>,
}

impl Licence {
    /// Returns the status on `date`. End dates are exclusive: on the published end day the licence is no longer valid.
    #[must_use]
    pub fn status_on(&self, date: Date) -> LicenceStatus {
        match self.standing {
            PublishedStanding::Withdrawn => return LicenceStatus::Withdrawn,
            PublishedStanding::Suspended => return LicenceStatus::Suspended,
            PublishedStanding::Granted => {}
        }
        if self.valid_to.is_some_and(|end| end <= date) {
            LicenceStatus::Ended
        } else if !self.listed {
            LicenceStatus::NotListed
        } else if self.valid_from.is_some_and(|start| start > date) {
            LicenceStatus::NotYetInForce
        } else {
            LicenceStatus::InForce
        }
    }

    /// Returns the activities that are in force on `date`, without regard to the licence's own status.
    pub fn activities_on(&self, date: Date) -> impl Iterator<Item = &Activity> {
        self.activities
            .iter()
            .filter(move |a| a.valid_from.is_none_or(|from| from <= date) && a.valid_to.is_none_or(|to| date < to))
            .map(|a| &a.activity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn licence() -> Licence {
        let authority = Authority { id: "DE-BAFIN".into(), name: "BaFin".into(), country: "DE".parse().unwrap() }.into();
        Licence {
            id: "lic_00000000000000000000000000".parse().unwrap(),
            authority,
            regime: "MiCA".into(),
            number: None,
            activities: vec![LicensedActivity {
                activity: Activity::Custody,
                valid_from: Some(date("2025-06-01")),
                valid_to: None,
            }],
            territories: vec![],
            valid_from: Some(date("2025-01-01")),
            valid_to: Some(date("2026-01-01")),
            standing: PublishedStanding::Granted,
            listed: true,
            source: "test".into(),
            first_seen: None,
            last_seen: None,
        }
    }

    #[test]
    fn licence_is_in_force_from_its_first_day_until_the_day_before_its_end() {
        let licence = licence();

        assert_eq!(licence.status_on(date("2024-12-31")), LicenceStatus::NotYetInForce);
        assert_eq!(licence.status_on(date("2025-01-01")), LicenceStatus::InForce);
        assert_eq!(licence.status_on(date("2025-12-31")), LicenceStatus::InForce);
        assert_eq!(licence.status_on(date("2026-01-01")), LicenceStatus::Ended);
    }

    #[test]
    fn an_unlisted_licence_is_not_ended_and_a_withdrawn_one_stays_withdrawn() {
        let unlisted = Licence { listed: false, ..licence() };
        let withdrawn = Licence { standing: PublishedStanding::Withdrawn, ..licence() };

        assert_eq!(unlisted.status_on(date("2025-12-31")), LicenceStatus::NotListed);
        assert_eq!(unlisted.status_on(date("2026-01-01")), LicenceStatus::Ended);
        assert_eq!(withdrawn.status_on(date("2025-12-31")), LicenceStatus::Withdrawn);
    }

    #[test]
    fn an_activity_counts_from_its_own_first_day() {
        let licence = licence();

        assert_eq!(licence.activities_on(date("2025-05-31")).count(), 0);
        assert_eq!(licence.activities_on(date("2025-06-01")).collect::<Vec<_>>(), [&Activity::Custody]);
    }

    #[test]
    fn mica_letters_follow_the_regulation() {
        let codes: Vec<String> = ('a'..='j').map(|l| Activity::from_mica_letter(l).unwrap().to_string()).collect();

        assert_eq!(
            codes,
            [
                "custody",
                "trading_platform",
                "exchange_for_funds",
                "exchange_for_crypto",
                "order_execution",
                "placing",
                "order_transmission",
                "advice",
                "portfolio_management",
                "transfer"
            ]
        );
        assert_eq!(Activity::from_mica_letter('k'), None);
    }

    proptest! {
        #[test]
        fn activity_codes_round_trip(text in "\\PC*") {
            if let Ok(activity) = text.parse::<Activity>() {
                prop_assert_eq!(activity.to_string(), text);
            }
        }
    }
}
