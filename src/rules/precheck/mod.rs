//! The pre-check answers the question: may this transfer go to that counterparty on this date? It has two pure steps.
//! `attribute` finds out who the counterparty is. The service then gathers the dated facts about it. `run` turns the
//! attribution and the facts into thirteen checks and, by the policy, into a recommendation. Neither step uses a clock or looks
//! anything up: the same input always gives the same answer, so any answer can be replayed. Caller: `vasp_registry::precheck`.

mod agreed;
mod asker;
mod asks;
mod asset;
mod attribution;
mod brand;
mod certificate;
mod check_name;
mod circumstances;
mod code;
mod country_match;
mod data_protection;
mod declared;
mod evidence;
mod explanation;
mod facts_missing;
mod freshness;
mod group_entity;
mod identity;
mod incoming;
mod input;
mod judgement;
mod jurisdiction;
mod label;
mod lei;
mod licence;
mod other_lists;
mod owned;
mod protocol;
mod registered_there;
mod relationship;
mod relationship_codes;
mod relationship_terms;
mod sanctions;
mod sentences;
mod shell_vasp;
mod shown;
mod strength;
mod transfer;

#[cfg(test)]
mod age_situations;
#[cfg(test)]
pub(crate) mod examples;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod reach_situations;
#[cfg(test)]
mod readable;
#[cfg(test)]
mod relationship_situations;
#[cfg(test)]
mod risk_situations;
#[cfg(test)]
mod shared_situations;
#[cfg(test)]
mod situations;

pub use asker::WalletProofs;
pub use asks::Asks;
pub use attribution::{Asked, Attribution, Counterparty, Declared, attribute};
pub use brand::{BrandAnswer, BrandCandidate, Customers, LinkStanding, ServesCustomer};
pub use check_name::{CheckName, CheckOutcome};
pub use circumstances::OwnDuties;
pub use code::CheckCode;
pub use country_match::CountryMatch;
pub use evidence::{Evidence, EvidenceOf, SourceClass};
pub use explanation::{Decision, Point, PolicyWords, explain};
pub use incoming::OwnAddress;
pub use input::{
    AccountScreening, CountryFacts, ListAddresses, ListVersion, Listing, NonCompliantVersion, OwnershipShares, PrecheckInput,
    RegimeFacts, ScreeningFacts, ScreeningListVersion,
};
pub use judgement::{CheckResult, Condition, NextStep, Note, PrecheckOutcome, Reason};
pub use label::Label;
pub use registered_there::{BrandWords, NoneRegistered};
pub use relationship::{RelationshipFacts, TrackAnswer};
pub use relationship_terms::{EarlierTotals, RelationshipTransfer};
pub(crate) use sanctions::{national, screened_by_asker};
pub use shown::Shown;
pub use transfer::DataDue;

/// Runs all thirteen checks, in the order of `CheckName`, and applies the policy to their results.
#[must_use]
pub fn run(input: &PrecheckInput<'_>) -> PrecheckOutcome {
    let binding = sanctions::Binding::of(input);
    // Reserves room for all thirteen checks: a vector that grows copies its content.
    let mut checks = Vec::with_capacity(CheckName::ALL.len());
    checks.extend([
        strength::check(input),
        identity::check(input),
        licence::check(input),
        lei::check(input),
        jurisdiction::check(input),
        sanctions::check(input, &binding),
        shell_vasp::check(input),
        certificate::check(input),
        protocol::check(input),
        data_protection::check(input),
        relationship::travel_rule(input),
        relationship::correspondent(input),
    ]);
    checks.push(freshness::check(&checks, input));
    let of_transfer: Vec<_> = transfer::findings(&input.own).into_iter().chain(asset::findings(input)).collect();
    judgement::judge(checks, &of_transfer, input, &binding)
}
