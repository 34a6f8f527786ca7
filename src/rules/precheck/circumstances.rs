//! The circumstances, in addition to the findings, that a policy's lines may refer to: what the asker's own rule requires for
//! this transfer, what the asker decided about the counterparty, and what it said about the transfer.
//!
//! Source: docs/policies.md.

use std::collections::BTreeSet;

use super::super::obligations::{
    CorrespondentDuty, DataHandling, Obligations, SideObligations, TravelRuleDuty, TravelRuleDutyCode, WalletVerification,
    WalletVerificationCode,
};
use super::super::policy::{Circumstance, Circumstances};
use super::super::relationship::{Relationship, Track};
use super::super::rulebook::{Clauses, FieldCode, ProhibitedAsset, SunriseTreatment, TravelRuleStatus, WalletScope};
use super::group_entity::may_serve;
use super::relationship::day_of;
use super::{Counterparty, PrecheckInput, WalletProofs, asset};
use vasp_record::vasp::Vasp;
use vasp_words::money::{Amount, Money};

/// The asker's duties, and the statements of the asker that decide their extent.
#[derive(Clone, Copy, Debug)]
pub struct OwnDuties<'a> {
    /// Whether the transfer is incoming.
    pub incoming: bool,
    /// What the rules of both sides require for this transfer.
    pub both: &'a Obligations,
    /// The data fields that are available; `None` if the request does not say.
    pub provided: Option<&'a BTreeSet<FieldCode>>,
    /// How the asker's rule treats counterparties whose own rule is not in force; `None` if there is no rule.
    pub sunrise: Option<SunriseTreatment>,
    /// The clauses of the law that contain the asker's rule; `None` if there is no rule.
    pub clauses: Option<&'a Clauses>,
    /// The assets that the asker's law forbids to transfer; those of other days are included.
    pub prohibited_assets: &'a [ProhibitedAsset],
    /// Whether the self-hosted wallet is the customer's own; a missing statement counts as no.
    pub own_wallet: Option<bool>,
    /// What the proofs of control in the request show.
    pub proofs: &'a WalletProofs,
}

impl OwnDuties<'_> {
    /// Returns what the asker's own rule requires.
    pub(super) fn owed(&self) -> &SideObligations {
        if self.incoming { &self.both.beneficiary } else { &self.both.originator }
    }
}

/// The value above which a customer's own wallet is verified if no rule says anything.
///
/// Source: Regulation (EU) 2023/1113 Art. 14(5).
const UNRULED_ABOVE: (&str, &str) = ("1000", "EUR");

/// Returns the circumstances of the transfer.
pub(super) fn circumstances(input: &PrecheckInput<'_>) -> Circumstances {
    let (own, facts) = (&input.own, input.relationship);
    let said = facts.transfer.correspondent;
    let duty = own.owed().counterparty_due_diligence;
    let first_party = facts.transfer.first_party == Some(true);
    let restricted = binds(own.owed().status) && own.sunrise == Some(SunriseTreatment::RestrictToCompliant);
    let over_correspondent = said == Some(true) || said.is_none() && duty.correspondent == CorrespondentDuty::Unknown;
    let required = duty.travel_rule == TravelRuleDuty::Yes && duty.code == Some(TravelRuleDutyCode::Required);
    let so = [
        (Circumstance::Incoming, own.incoming),
        (Circumstance::SameEntity, input.attribution.is_asker),
        (Circumstance::Approved, approved(Track::TravelRule, input).is_some()),
        (Circumstance::CorrespondentApproved, approved(Track::Correspondent, input).is_some()),
        (Circumstance::OverCorrespondent, over_correspondent),
        (Circumstance::CorrespondentRequired, matches!(duty.correspondent, CorrespondentDuty::Yes | CorrespondentDuty::Unknown)),
        (Circumstance::CorrespondentNotEstablished, duty.correspondent == CorrespondentDuty::NotEstablished),
        (Circumstance::DataTravel, !own.incoming && !input.attribution.is_asker && data_travel(own.owed())),
        (Circumstance::OwnDataMissing, own.lacks_own_data()),
        (Circumstance::WithheldWithoutData, own.withholds_without_data()),
        (Circumstance::CompliantOnly, restricted && !first_party),
        (Circumstance::CompliantOnlyFirstParty, restricted && first_party),
        (Circumstance::DueDiligenceRequired, required && binds(own.owed().status)),
        (Circumstance::DueDiligenceNotAsked, duty.travel_rule == TravelRuleDuty::No),
        (Circumstance::SureLabel, input.attribution.label.is_sure),
        (Circumstance::CustomerCountryTold, input.customer_country.is_some()),
        (Circumstance::NobodyToName, nobody_to_name(input)),
    ];
    let so = so.into_iter().fold(Circumstances::default(), |all, (circumstance, holds)| all.with(circumstance, holds));
    of_wallet(so, input)
}

/// Returns whether no other legal entity can be named: the declared one settled nothing, or the brand has none that may serve the customer.
fn nobody_to_name(input: &PrecheckInput<'_>) -> bool {
    let attribution = input.attribution;
    let none_may_serve = attribution.counterparty.group().is_some_and(|group| {
        let may = |vasp: &Vasp| input.customer_country.is_none_or(|country| may_serve(group, vasp, country, input.date));
        !attribution.candidates().iter().any(|candidate| may(&candidate.record))
    });
    attribution.contradicted.is_some() || attribution.unknown.is_some() || none_may_serve
}

/// Returns whether the asker's rule requires anything today. A proposed or adopted rule does not; a rule that is not on record may.
pub(super) fn binds(status: TravelRuleStatus) -> bool {
    matches!(status, TravelRuleStatus::InForce | TravelRuleStatus::Grace | TravelRuleStatus::Unknown)
}

/// Returns whether a rule requires data to travel with the transfer; a rule that is not on record may.
fn data_travel(owed: &SideObligations) -> bool {
    let travels = owed.data_handling == Some(DataHandling::Travels);
    owed.status == TravelRuleStatus::Unknown || binds(owed.status) && travels
}

/// Returns the relationship by which the asker approved the entity itself, not its group.
pub(super) fn approved<'a>(track: Track, input: &PrecheckInput<'a>) -> Option<&'a Relationship> {
    let standing = input.relationship.standing.track(track);
    let day = day_of(input);
    let own = standing.deciding(track, day).filter(|one| one.inherited_from.is_none())?;
    let is_entity = matches!(input.attribution.counterparty, Counterparty::Entity(_));
    (standing.status_on(track, day).is_approval() && is_entity).then_some(own.relationship)
}

fn of_wallet(so: Circumstances, input: &PrecheckInput<'_>) -> Circumstances {
    let own = &input.own;
    let left_to_risk = own.owed().self_hosted.code == Some(WalletVerificationCode::RiskBased) && !is_of_risk(input);
    let may_ask = binds(own.owed().status) && !left_to_risk;
    let asks = if may_ask { own.owed().self_hosted.verification } else { WalletVerification::No };
    if own.own_wallet != Some(true) || input.attribution.label.no_vasp.is_some() {
        let of_all = own.owed().self_hosted.applies_to == Some(WalletScope::All) && asks != WalletVerification::No;
        return so.with(Circumstance::OthersWallet, true).with(Circumstance::OthersWalletVerified, of_all);
    }
    // Linked transfers count as one.
    let linked = input.linked_total.is_some_and(|total| is_more_than_unruled(Some(total)));
    let unruled = asks == WalletVerification::NotEstablished && (linked || is_more_than_unruled(input.worth));
    let (asked, undetermined) = (asks == WalletVerification::Yes, asks == WalletVerification::Unknown);
    so.with(Circumstance::OwnWalletAsked, asked)
        .with(Circumstance::OwnWalletUndetermined, undetermined)
        .with(Circumstance::OwnWalletUnruled, unruled)
        .with(Circumstance::OwnWalletFree, !asked && !undetermined && !unruled)
}

/// Returns whether a duty applies that the law leaves to risk: by the policy's amounts, or because of a country or the asset.
fn is_of_risk(input: &PrecheckInput<'_>) -> bool {
    let policy = input.policy.risk_based();
    // Linked transfers count as one.
    let by_amount = policy.applies(input.worth) || input.linked_total.is_some_and(|total| policy.applies(Some(total)));
    by_amount || input.countries.iter().any(|facts| !facts.listings.is_empty()) || asset::finding(input).is_some()
}

/// Returns whether a transfer's value is above the limit, or is not known.
fn is_more_than_unruled(worth: Option<Money>) -> bool {
    let limit: Option<Amount> = UNRULED_ABOVE.0.parse().ok();
    match (worth, limit) {
        (Some(worth), Some(limit)) if worth.currency.as_str() == UNRULED_ABOVE.1 => worth.amount > limit,
        _ => true,
    }
}
