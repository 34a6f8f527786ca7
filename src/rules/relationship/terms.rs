//! The terms on which an organisation deals with a counterparty: conditions of a decision, limits, networks and assets, its own rating, and
//! what the decision is based on. Each part can tell whether another is looser, because loosening needs two people.

use crate::asker_screening::{AskerScreening, AskerScreeningOutcome};
use serde::{Deserialize, Serialize};
use vasp_words::caip::{Caip2, Caip19};
use vasp_words::closed_list::closed_list;
use vasp_words::money::Money;
use vasp_words::protocol_id::ProtocolId;
use vasp_words::time::{Date, UtcTime};

/// The conditions of an approval with conditions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = RelationshipConditions))]
#[serde(deny_unknown_fields, default)]
pub struct Conditions {
    /// Transfers are allowed only between accounts of the same person.
    ///
    /// Source: SFC AML guideline (June 2023) section 12.13.12.
    pub first_party_only: bool,
    /// Maximum worth of one transfer; null if there is no limit.
    pub max_amount: Option<Money>,
    /// Enhanced due diligence on the customers and the transfer.
    pub enhanced_due_diligence: bool,
    /// The customer proves control of the destination.
    pub proof_of_control: bool,
    /// Any other condition; null if there is none.
    pub other: Option<String>,
}

impl Conditions {
    /// Tells whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Tells whether a condition that is set here is missing or weaker in `next`.
    #[must_use]
    pub fn is_loosened_by(&self, next: &Self) -> bool {
        self.first_party_only && !next.first_party_only
            || self.enhanced_due_diligence && !next.enhanced_due_diligence
            || self.proof_of_control && !next.proof_of_control
            || self.other.is_some() && self.other != next.other
            || raises(self.max_amount, next.max_amount)
    }
}

/// The maximum worth of transfers, by the organisation's own decision. A member is null if there is no limit.
///
/// Source: SFC AML guideline (June 2023) section 12.13.12; FATF guidance of October 2021, section 201.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = RelationshipLimits))]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The limit for one transfer.
    pub per_transfer: Option<Money>,
    /// The limit for one day. The asking organisation states what it exchanged before, and the registry adds the transfer.
    pub per_day: Option<Money>,
    /// The limit for one month, as of a day.
    pub per_month: Option<Money>,
}

impl Limits {
    fn is_loosened_by(&self, next: &Self) -> bool {
        raises(self.per_transfer, next.per_transfer)
            || raises(self.per_day, next.per_day)
            || raises(self.per_month, next.per_month)
    }
}

/// Tells whether a limit is raised or removed. A limit in another currency cannot be compared and counts as raised.
fn raises(now: Option<Money>, next: Option<Money>) -> bool {
    match (now, next) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(now), Some(next)) => now.currency != next.currency || next.amount > now.amount,
    }
}

closed_list! {
    /// The organisation's own risk rating of the counterparty, worst first.
    pub enum RiskRating {
        /// The organisation must not deal with the counterparty at all.
        Prohibited = "prohibited",
        /// High.
        High = "high",
        /// Medium.
        Medium = "medium",
        /// Low.
        Low = "low",
    }
}

/// A way to exchange customers' data that the organisation agreed on with the counterparty.
///
/// Source: docs/relationships.md, "Effect on pre-checks".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = RelationshipRoute))]
#[serde(deny_unknown_fields)]
pub struct AgreedRoute {
    /// The protocol, as `GET /v1/protocols` names it.
    #[cfg_attr(feature = "schema", schema(value_type = String, example = "trp"))]
    pub protocol: ProtocolId,
}

/// A licence of the counterparty that the organisation checked itself.
///
/// Source: docs/relationships.md, "Effect on pre-checks".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = RelationshipLicenceSeen))]
#[serde(deny_unknown_fields)]
pub struct LicenceSeen {
    /// The authority that granted it.
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 80))]
    pub authority: String,
    /// Its number or reference.
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 40))]
    pub number: String,
    /// The day on which the organisation checked it; not in the future.
    pub seen_on: Date,
    /// Where the organisation keeps the proof.
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 4000))]
    pub evidence: String,
}

impl LicenceSeen {
    /// How many days after `seen_on` it is valid.
    ///
    /// Source: docs/relationships.md, "Effect on pre-checks". By default, a register counts as long.
    const COUNTS_DAYS: i64 = 120;

    /// Tells whether it is valid on a day.
    #[must_use]
    pub fn counts_on(&self, day: Date) -> bool {
        (0..=Self::COUNTS_DAYS).contains(&day.days_since(self.seen_on))
    }

    /// Returns the first moment at which it is no longer valid.
    #[must_use]
    pub fn counts_until(&self) -> UtcTime {
        self.seen_on.next().start().plus_secs(Self::COUNTS_DAYS * 86_400)
    }
}

/// The terms that apply to both tracks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = RelationshipTerms))]
#[serde(deny_unknown_fields, default)]
pub struct Terms {
    /// Limits.
    pub limits: Limits,
    /// The networks that are covered (CAIP-2), at most 500; empty for all.
    #[cfg_attr(feature = "schema", schema(example = json!(["eip155:1"])))]
    pub networks: Vec<Caip2>,
    /// The assets that are covered (CAIP-19), at most 500; empty for all.
    #[cfg_attr(feature = "schema", schema(example = json!(["eip155:1/slip44:60"])))]
    pub assets: Vec<Caip19>,
    /// The organisation's own risk rating; null if there is none.
    pub risk: Option<RiskRating>,
    /// The reason for the rating; null if there is none.
    pub risk_note: Option<String>,
    /// The reference to the agreement; null if there is none.
    pub agreement_reference: Option<String>,
    /// The responsibilities of each side; null if they are not recorded.
    ///
    /// Source: Directive (EU) 2015/849 Art. 19b(e); SFC AML guideline section 12.11.12(b)(i).
    pub responsibilities: Option<String>,
    /// The version of the counterparty's questionnaire that the organisation relied on; null if it relied on none.
    pub questionnaire_version: Option<u32>,
    /// The agreed way to exchange customers' data, if the registry knows none; null if there is none.
    pub route: Option<AgreedRoute>,
    /// The licence that the organisation checked, if the registry knows none; null if there is none. It is valid as evidence for 120 days.
    pub licence_seen: Option<LicenceSeen>,
    /// The lists that the organisation searched itself for the counterparty, at most 50. Each is valid as long as a list of that age would be.
    pub screened: Vec<AskerScreening>,
}

impl Terms {
    /// Tells whether `next` allows something that these terms do not allow.
    #[must_use]
    pub fn is_loosened_by(&self, next: &Self) -> bool {
        self.limits.is_loosened_by(&next.limits)
            || widens(&self.networks, &next.networks)
            || widens(&self.assets, &next.assets)
            || self.risk.is_some_and(|now| next.risk.is_none_or(|next| next > now))
            || next.route.is_some() && self.route != next.route
            || next.licence_seen.is_some() && self.licence_seen != next.licence_seen
            || screens_less(&self.screened, &next.screened)
    }

    /// Tells whether the texts that an approval is based on differ.
    #[must_use]
    pub fn rests_on_other(&self, next: &Self) -> bool {
        let texts = |terms: &Self| {
            let Self { risk_note, agreement_reference, responsibilities, questionnaire_version, .. } = terms.clone();
            (risk_note, agreement_reference, responsibilities, questionnaire_version)
        };
        texts(self) != texts(next)
    }
}

/// Tells whether a hit is taken back, or a list is newly said to be clear.
fn screens_less(now: &[AskerScreening], next: &[AskerScreening]) -> bool {
    let is_hit = |one: &&AskerScreening| one.outcome == AskerScreeningOutcome::Hit;
    now.iter().filter(is_hit).any(|one| !next.contains(one))
        || next.iter().filter(|one| !is_hit(one)).any(|one| !now.contains(one))
}

/// Tells whether the new list covers something that the old one did not; an empty list covers everything.
fn widens<T: PartialEq>(now: &[T], next: &[T]) -> bool {
    !now.is_empty() && (next.is_empty() || next.iter().any(|one| !now.contains(one)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str) -> Money {
        let (amount, currency) = text.split_once(' ').unwrap();
        Money { amount: amount.parse().unwrap(), currency: currency.parse().unwrap() }
    }

    #[test]
    fn raising_removing_or_exchanging_a_limit_loosens() {
        let limited = |text: Option<&str>| Limits { per_day: text.map(money), ..Limits::default() };
        let thousand = limited(Some("1000 EUR"));

        assert!(thousand.is_loosened_by(&limited(Some("1000.01 EUR"))));
        assert!(thousand.is_loosened_by(&limited(None)));
        assert!(thousand.is_loosened_by(&limited(Some("1 USD"))), "currencies are never compared");
        assert!(!thousand.is_loosened_by(&limited(Some("999 EUR"))));
        assert!(!limited(None).is_loosened_by(&thousand));
    }

    #[test]
    fn covering_more_networks_or_rating_lower_loosens() {
        let on =
            |networks: &[&str]| Terms { networks: networks.iter().map(|n| n.parse().unwrap()).collect(), ..Terms::default() };
        let one = on(&["eip155:1"]);
        assert!(one.is_loosened_by(&on(&[])) && one.is_loosened_by(&on(&["eip155:1", "eip155:137"])));
        assert!(one.is_loosened_by(&on(&["eip155:137"])));
        assert!(!on(&["eip155:1", "eip155:137"]).is_loosened_by(&one) && !on(&[]).is_loosened_by(&one));

        let rated = |risk| Terms { risk, ..Terms::default() };
        assert!(rated(Some(RiskRating::High)).is_loosened_by(&rated(Some(RiskRating::Medium))));
        assert!(rated(Some(RiskRating::High)).is_loosened_by(&rated(None)));
        assert!(!rated(None).is_loosened_by(&rated(Some(RiskRating::Low))));
        assert!(!rated(Some(RiskRating::High)).is_loosened_by(&rated(Some(RiskRating::Prohibited))));
    }

    #[test]
    fn taking_a_condition_away_loosens_and_adding_one_does_not() {
        let all = Conditions {
            first_party_only: true,
            max_amount: Some(money("500 EUR")),
            enhanced_due_diligence: true,
            proof_of_control: true,
            other: Some("call first".to_owned()),
        };
        assert!(all.is_loosened_by(&Conditions::default()) && !Conditions::default().is_loosened_by(&all));
        assert!(all.is_loosened_by(&Conditions { other: Some("call later".to_owned()), ..all.clone() }));
        assert!(all.is_loosened_by(&Conditions { proof_of_control: false, ..all.clone() }));
        assert!(!all.is_loosened_by(&Conditions { max_amount: Some(money("400 EUR")), ..all.clone() }));
    }
}
