//! Whom a rule covers: criteria of a closed form, and the judgement of one record. Whatever makes a record worse can only take it out of a
//! rule, never bring it in. On no list, not owned by whoever is on one, live, with an LEI that is not over, and without a withdrawn licence is
//! what every rule demands: no criterion can switch that off.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::elsewhere::JudgedVasp;
use crate::lei_evidence::LeiFindingCode;
use crate::policy::ScreeningPolicy;
use crate::relationship::ChangeFault;
use crate::screening::ownership::OwnershipScreening;
use crate::screening::{Hit, HitDecision, OwnDecision};
use vasp_record::authority::Authorities;
use vasp_record::licence::{Activity, Licence, LicenceStatus};
use vasp_record::vasp::{VaspKind, VaspStatus};
use vasp_words::closed_list::closed_list;
use vasp_words::country::Country;
use vasp_words::time::Date;

closed_list! {
    /// Where a firm must be incorporated.
    pub enum Territory as "ApprovalTerritory" {
        /// In the country of the authority that granted the licence.
        Home = "home",
        /// In a state of the European Union.
        Eu = "eu",
        /// In a state of the European Economic Area.
        Eea = "eea",
    }

    /// Why a rule does not cover a record.
    pub enum Unmet as "ApprovalRuleUnmet" with &'static str {
        /// It is no legal entity with a licence of the rule's regime and authorities.
        OtherKind = "other_kind" => "it has no licence of the rule's regime and authorities",
        /// It is not incorporated in the rule's territory.
        Elsewhere = "elsewhere" => "it is not incorporated in the rule's territory",
        /// Its record is suspended, revoked, or neither listed nor verified.
        NotLive = "not_live" => "its record is suspended, or neither listed nor verified",
        /// The registration of its LEI is over, or GLEIF shows the entity as inactive.
        LeiOver = "lei_over" => "its LEI is annulled, a duplicate, retired, merged or cancelled, or GLEIF does not show it as active",
        /// It is on a screening list, or so like an entry that the policy counts it.
        Listed = "listed" => "it is on a screening list, or like an entry of one",
        /// Listed persons own half of it, or may.
        OwnersListed = "owners_listed" => "listed persons own at least half of it, or may",
        /// It is on a list of non-compliant providers.
        NonCompliant = "non_compliant" => "it is on a list of non-compliant providers",
        /// No screening list, or no list of non-compliant providers, is loaded.
        NotSearched = "not_searched" => "no screening list, or no list of non-compliant providers, is loaded",
        /// One of its licences is withdrawn or suspended.
        LicenceWithdrawn = "licence_withdrawn" => "one of its licences is withdrawn or suspended",
        /// The licence is not in force.
        NotInForce = "not_in_force" => "its licence is not in force, or the newest register does not show it",
        /// The licence lacks one of the services.
        ServiceMissing = "service_missing" => "its licence lacks a service that the rule demands",
        /// The register showed the licence too long ago.
        RegisterOld = "register_old" => "the register that shows its licence is too old",
    }
}

impl Unmet {
    /// Returns the reason as a part of a sentence.
    #[must_use]
    pub fn words(self) -> &'static str {
        self.with()
    }

    /// Returns whether a person who reads whom a rule covers wants to know of it: the firm is of the rule's kind, but something is against it.
    #[must_use]
    pub fn is_told(self) -> bool {
        !matches!(self, Self::OtherKind | Self::Elsewhere | Self::ServiceMissing)
    }

    /// Returns what speaks against a firm because of its owners: listed persons own half of it, or may. `None` if nothing does.
    #[must_use]
    pub fn of_owners(owners: &OwnershipScreening, policy: &ScreeningPolicy) -> Option<Self> {
        let is_clear = owners.judge(|hit| counts(hit, policy)).is_ok_and(|judged| !judged.blocks() && !judged.may_block());
        (!is_clear).then_some(Self::OwnersListed)
    }
}

/// Whom a rule covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ApprovalCriteria))]
#[serde(deny_unknown_fields)]
pub struct Criteria {
    /// The legal regime of the licence, as records name it.
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 40, example = "MiCA"))]
    pub regime: String,
    /// Ids of the authorities that may have granted it, at most 100; empty for any.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(max_items = 100, example = json!([])))]
    pub authorities: Vec<String>,
    /// The services that the licence must all cover on the day, 1 to 10.
    #[cfg_attr(feature = "schema", schema(min_items = 1, max_items = 10, example = json!(["custody"])))]
    pub services: Vec<Activity>,
    /// Where the firm must be incorporated.
    pub territory: Territory,
    /// The register must have shown the licence less than this many days ago, 1 to 1,000.
    #[cfg_attr(feature = "schema", schema(minimum = 1, maximum = 1_000, example = 30))]
    pub register_within_days: u16,
}

/// A record, with what the organisation decided for itself about its screening hits.
#[derive(Clone, Debug)]
pub struct Firm<'a> {
    /// The record.
    pub vasp: &'a JudgedVasp,
    /// The organisation's decisions that count for the record or its group as they are now.
    pub own: Vec<&'a OwnDecision>,
}

/// Longest age of a register that a rule may accept, in days. What a pre-check makes of old registers is the policy's.
const REGISTER_DAYS_MAX: u16 = 1_000;

pub(super) fn wrong(pointer: &str, detail: impl Into<String>) -> ChangeFault {
    ChangeFault::Member { pointer: pointer.to_owned(), code: "invalid_value", detail: detail.into() }
}

fn has_twice<T: PartialEq>(all: &[T]) -> bool {
    all.iter().enumerate().any(|(place, one)| all.iter().take(place).any(|before| before == one))
}

impl Criteria {
    /// Checks the form of the criteria, and whether the table of authorities has the regime and the authorities.
    ///
    /// # Errors
    /// `ChangeFault::Member` names the member that is wrong.
    pub fn check(&self, known: &Authorities) -> Result<(), ChangeFault> {
        let Self { regime, authorities, services, register_within_days, territory: _ } = self;
        let regimes: BTreeSet<&str> = known.entries().map(|entry| entry.regime.as_str()).collect();
        if !regimes.contains(regime.as_str()) {
            let regimes = regimes.into_iter().collect::<Vec<_>>().join(", ");
            return Err(wrong("/criteria/regime", format!("is no regime of a known authority; known are: {regimes}")));
        }
        if authorities.len() > 100 || has_twice(authorities) || !authorities.iter().all(|id| known.get(id).is_some()) {
            return Err(wrong("/criteria/authorities", "must be at most 100 different ids of GET /v1/authorities"));
        }
        if !(1..=10).contains(&services.len()) || has_twice(services) {
            return Err(wrong("/criteria/services", "must be 1 to 10 different services"));
        }
        if !(1..=REGISTER_DAYS_MAX).contains(register_within_days) {
            return Err(wrong("/criteria/register_within_days", format!("must be 1 to {REGISTER_DAYS_MAX}")));
        }
        Ok(())
    }

    /// Returns why the criteria do not cover a firm on a day; `None` if they do.
    #[must_use]
    pub fn unmet(&self, firm: &Firm<'_>, policy: &ScreeningPolicy, day: Date) -> Option<Unmet> {
        let (record, elsewhere) = (firm.vasp.record.as_ref(), &firm.vasp.elsewhere);
        let of_kind: Vec<&Licence> = record.licences.iter().filter(|licence| self.is_of_kind(licence)).collect();
        if record.kind != VaspKind::Entity || of_kind.is_empty() {
            return Some(Unmet::OtherKind);
        }
        let here: Vec<&Licence> = of_kind.into_iter().filter(|licence| self.territory.has(record.country, licence)).collect();
        if here.is_empty() {
            return Some(Unmet::Elsewhere);
        }
        if !matches!(record.status, VaspStatus::Listed | VaspStatus::Verified) {
            return Some(Unmet::NotLive);
        }
        let is_over = |code| matches!(code, LeiFindingCode::RegistrationOver | LeiFindingCode::EntityInactive);
        if elsewhere.lei.iter().flat_map(|word| &word.findings).any(|finding| is_over(finding.code)) {
            return Some(Unmet::LeiOver);
        }
        let (Some(hits), Some(non_compliant)) = (&elsewhere.screening, &elsewhere.non_compliant) else {
            return Some(Unmet::NotSearched);
        };
        if hits.iter().any(|hit| firm.is_listed(hit, policy)) {
            return Some(Unmet::Listed);
        }
        if !non_compliant.is_empty() {
            return Some(Unmet::NonCompliant);
        }
        let gone = |licence: &Licence| matches!(licence.status_on(day), LicenceStatus::Withdrawn | LicenceStatus::Suspended);
        if record.licences.iter().any(gone) {
            return Some(Unmet::LicenceWithdrawn);
        }
        self.of_licences(&here, day)
    }

    fn is_of_kind(&self, licence: &Licence) -> bool {
        *licence.regime == *self.regime && (self.authorities.is_empty() || self.authorities.contains(&licence.authority.id))
    }

    /// One licence must meet all that is demanded of licences.
    fn of_licences(&self, licences: &[&Licence], day: Date) -> Option<Unmet> {
        let in_force = licences.iter().filter(|licence| licence.status_on(day) == LicenceStatus::InForce);
        let in_force: Vec<&&Licence> = in_force.collect();
        let covers = |licence: &Licence, service: &Activity| licence.activities_on(day).any(|one| one == service);
        let able = in_force.iter().filter(|licence| self.services.iter().all(|service| covers(licence, service)));
        let able: Vec<_> = able.collect();
        let is_young = |seen: Date| day.days_since(seen) < i64::from(self.register_within_days);
        if in_force.is_empty() {
            Some(Unmet::NotInForce)
        } else if able.is_empty() {
            Some(Unmet::ServiceMissing)
        } else if !able.iter().any(|licence| licence.last_seen.is_some_and(is_young)) {
            Some(Unmet::RegisterOld)
        } else {
            None
        }
    }
}

impl Territory {
    fn has(self, country: Option<Country>, licence: &Licence) -> bool {
        country.is_some_and(|country| match self {
            Self::Eu => country.is_eu(),
            Self::Eea => country.is_eea(),
            Self::Home => country == licence.authority.country,
        })
    }
}

impl Firm<'_> {
    /// Returns whether a hit counts after what the organisation itself decided.
    fn is_listed(&self, hit: &Hit, policy: &ScreeningPolicy) -> bool {
        let own = self.own.iter().filter(|one| one.pair == hit.key()).map(|one| one.of(hit));
        counts(&Hit { own: HitDecision::worst(own), ..hit.clone() }, policy)
    }
}

/// Returns whether a hit counts: nobody cleared it for the organisation, and it is no faint likeness.
fn counts(hit: &Hit, policy: &ScreeningPolicy) -> bool {
    match hit.for_asker() {
        HitDecision::FalsePositive(_) => false,
        HitDecision::TrueMatch(_) => true,
        HitDecision::Open => hit.score >= policy.name_score.possible,
    }
}
