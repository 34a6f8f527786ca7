//! Whether listed persons own the counterparty, so that the law treats it as listed. The caller is `sanctions`.
//!
//! Source: OFAC, Revised Guidance on Entities Owned by Persons Whose Property Is Blocked, 13 August 2014.

use super::super::super::screening::{Hit, HitDecision};
use super::super::{CheckCode, OwnershipShares, PrecheckInput};
use super::{Binding, Finding};
use vasp_words::text::Text;

/// Returns the finding about the owners. Only owners on binding lists count, and only if the match is certain or decided.
pub(super) fn finding(input: &PrecheckInput<'_>, binding: &Binding<'_>) -> Option<Finding> {
    let chain = input.screening.ownership.as_ref()?;
    let sure = input.policy.screening().name_score.sure;
    let meant = |hit: &Hit| match hit.for_asker() {
        HitDecision::TrueMatch(_) => true,
        HitDecision::FalsePositive(_) => false,
        HitDecision::Open => hit.score >= sure,
    };
    let percent = |basis_points: u32| format!("{}.{:02}", basis_points / 100, basis_points % 100);
    let judged = chain.judge(|hit| meant(hit) && binding.binds(&hit.family));
    let least = input.policy.screening().name_score.possible;
    let may_be_meant = |hit: &Hit| meant(hit) || hit.for_asker() == HitDecision::Open && hit.score >= least;
    let possible = chain.judge(|hit| may_be_meant(hit) && binding.binds(&hit.family));
    let elsewhere = chain.judge(meant);
    let is_told = input.screening.shares == OwnershipShares::Told;
    let told = |figures: String, rest: &'static str| if is_told { Text::from(figures) } else { rest.into() };
    match (judged, possible, elsewhere) {
        (Ok(judged), ..) if judged.blocks() => {
            let figures =
                format!("Listed persons own {} % of the counterparty, directly or through others.", percent(judged.basis_points));
            let detail = told(figures, "Listed persons own at least half of the counterparty, directly or through others.");
            Some((CheckCode::SanctionsOwned50, detail))
        }
        (Ok(judged), Ok(possible), _) if judged.may_block() || possible.blocks() || possible.may_block() => {
            let figures = format!(
                "Persons who are or may be listed own {} % of the counterparty. The owners of {} % are not known.",
                percent(possible.basis_points),
                percent(possible.unaccounted)
            );
            let detail = told(
                figures,
                "Persons who are or may be listed own a part of the counterparty. Together it may be at least half.",
            );
            Some((CheckCode::SanctionsOwnershipUnclear, detail))
        }
        (Ok(_), Ok(_), Ok(elsewhere)) if elsewhere.blocks() => {
            let figures = format!(
                "Persons on lists that are not binding here own {} % of the counterparty.",
                percent(elsewhere.basis_points)
            );
            let detail = told(figures, "Persons on lists that are not binding here own at least half of the counterparty.");
            Some((CheckCode::SanctionsListedElsewhere, detail))
        }
        (Ok(_), Ok(_), Ok(_)) => None,
        (Err(error), ..) | (_, Err(error), _) | (.., Err(error)) => {
            let named = format!("The ownership chain on record is inconsistent: {error}.");
            Some((CheckCode::SanctionsOwnershipUnclear, told(named, "The ownership chain on record is inconsistent.")))
        }
    }
}
