//! Whether the address, or a name, LEI or host of whoever the counterparty may be, stands on the newest screening lists, and
//! whether listed persons own it. Every finding counts; a list that does not bind the asker's side warns. The absence of hits
//! can be a pass only where something was tested, on every list that binds, whole and not too old.
//!
//! Source: wire contract, `sanctions`, "Without an entity"; requirements CP-11; which lists bind is the policy's.

use super::super::policy::{AddressesBind, Binding};
use super::super::screening::{Hit, HitDecision, ListCoverage, Matched, Part};
use super::{
    AccountScreening, CheckCode, CheckOutcome, CheckResult, Counterparty, Evidence, EvidenceOf, OwnershipShares, PrecheckInput,
    ScreeningListVersion,
};

/// One thing that was found, and the sentence about it.
type Finding = (CheckCode, String);

/// Judges what screening found.
pub(super) fn check(input: &PrecheckInput<'_>) -> CheckResult {
    let binding = input.policy.screening().binding(input.own_side.country, &input.own_side.jurisdiction);
    let mut findings: Vec<Finding> = input.screening.hits.iter().filter_map(|hit| of_hit(hit, input, binding)).collect();
    findings.extend(of_ownership(input, binding));
    let against = |wanted: fn(CheckCode) -> bool| findings.iter().any(|(code, _)| wanted(*code));
    let (fails, open) =
        (against(|code| code.outcome() == CheckOutcome::Fail), against(|code| code != CheckCode::SanctionsListedElsewhere));
    let elsewhere = !findings.is_empty();
    if !fails {
        findings.extend(of_lists(input, binding));
    }
    if !open {
        findings.push(of_silence(input, binding, elsewhere));
    }
    // Codes are declared worst first within a check; of equal ones the first found speaks. A pass beside a warning is none.
    findings.sort_by_key(|(code, _)| *code);
    findings.dedup_by_key(|(code, _)| *code);
    if findings.len() > 1 {
        findings.retain(|(code, _)| *code != CheckCode::SanctionsNoMatch);
    }
    let detail = findings.iter().map(|(_, detail)| detail.as_str()).collect::<Vec<_>>().join(" ");
    let mut codes = findings.into_iter().map(|(code, _)| code);
    let code = codes.next().unwrap_or(CheckCode::SanctionsNoListOnRecord);
    CheckResult::new(code, detail, evidence(input)).with(codes.collect())
}

fn of_hit(hit: &Hit, input: &PrecheckInput<'_>, binding: Binding<'_>) -> Option<Finding> {
    let policy = input.policy.screening();
    let is_address = matches!(hit.matched, Matched::Address(_) | Matched::AddressButForCase(_));
    let binds = binding.binds(&hit.family) || is_address && policy.addresses_bind == AddressesBind::Everywhere;
    let listed = format!("{} ({}, {})", hit.name, hit.list, hit.programs.join(", "));
    let (code, detail) = match (&hit.matched, hit.decision) {
        (Matched::Address(_), _) => (CheckCode::SanctionsAddressListed, format!("The address is listed for {listed}.")),
        (Matched::AddressButForCase(_), _) => {
            let detail = format!("But for upper and lower case, which the list lost, the address is listed for {listed}.");
            (CheckCode::SanctionsPossibleMatch, detail)
        }
        (_, HitDecision::FalsePositive(_)) => return None,
        (matched, HitDecision::TrueMatch(day)) => {
            let detail = format!("Two people decided on {day} that {} is whom this entry means: {listed}.", matched.text());
            (CheckCode::SanctionsNameListed, detail)
        }
        (matched, HitDecision::Open) if hit.score >= policy.name_score.sure => {
            (CheckCode::SanctionsNameListed, format!("The {} {} is listed: {listed}.", what(matched), matched.text()))
        }
        (matched, HitDecision::Open) if hit.score >= policy.name_score.possible => {
            let detail = format!(
                "The {} {} is like {} (score {} of 100), listed: {listed}; nobody decided yet whether it is meant.",
                what(matched),
                matched.text(),
                hit.listed,
                hit.score
            );
            (CheckCode::SanctionsPossibleMatch, detail)
        }
        (_, HitDecision::Open) => return None,
    };
    if binds {
        return Some((code, detail));
    }
    let detail = format!("{detail} That list does not bind under {}.", input.own_side.jurisdiction);
    Some((CheckCode::SanctionsListedElsewhere, detail))
}

fn what(matched: &Matched) -> &'static str {
    match matched {
        Matched::Lei(_) => "LEI",
        Matched::Host(_) => "host",
        Matched::Name(_) | Matched::Address(_) | Matched::AddressButForCase(_) => "name",
    }
}

/// What the owners mean: those on lists that bind, whose match is sure or decided.
fn of_ownership(input: &PrecheckInput<'_>, binding: Binding<'_>) -> Option<Finding> {
    let chain = input.screening.ownership.as_ref()?;
    let sure = input.policy.screening().name_score.sure;
    let meant = |hit: &Hit| match hit.decision {
        HitDecision::TrueMatch(_) => true,
        HitDecision::FalsePositive(_) => false,
        HitDecision::Open => hit.score >= sure,
    };
    let percent = |basis_points: u32| format!("{}.{:02}", basis_points / 100, basis_points % 100);
    let judged = chain.judge(|hit| meant(hit) && binding.binds(&hit.family));
    let least = input.policy.screening().name_score.possible;
    let may_be_meant = |hit: &Hit| meant(hit) || hit.decision == HitDecision::Open && hit.score >= least;
    let possible = chain.judge(|hit| may_be_meant(hit) && binding.binds(&hit.family));
    let elsewhere = chain.judge(meant);
    let is_told = input.screening.shares == OwnershipShares::Told;
    let told = |figures: String, rest: &str| if is_told { figures } else { rest.to_owned() };
    match (judged, possible, elsewhere) {
        (Ok(judged), ..) if judged.blocks() => {
            let figures = format!("Listed persons own {} % of it, directly or through others.", percent(judged.basis_points));
            let detail = told(figures, "Listed persons own half of it or more, directly or through others.");
            Some((CheckCode::SanctionsOwned50, detail))
        }
        (Ok(judged), Ok(possible), _) if judged.may_block() || possible.blocks() || possible.may_block() => {
            let figures = format!(
                "Persons who are listed, or may be, own {} % of it; for {} % nobody is named.",
                percent(possible.basis_points),
                percent(possible.unaccounted)
            );
            let detail = told(figures, "Persons who are listed, or may be, own some of it; together it may be half or more.");
            Some((CheckCode::SanctionsOwnershipUnclear, detail))
        }
        (Ok(_), Ok(_), Ok(elsewhere)) if elsewhere.blocks() => {
            let figures = format!("Persons on lists that do not bind here own {} % of it.", percent(elsewhere.basis_points));
            let detail = told(figures, "Persons on lists that do not bind here own half of it or more.");
            Some((CheckCode::SanctionsListedElsewhere, detail))
        }
        (Ok(_), Ok(_), Ok(_)) => None,
        (Err(error), ..) | (_, Err(error), _) | (.., Err(error)) => {
            let named = format!("The ownership chain on record makes no sense: {error}.");
            Some((CheckCode::SanctionsOwnershipUnclear, told(named, "The ownership chain on record makes no sense.")))
        }
    }
}

/// The list of an id and its parts, as far as they hold what is sought: a file of addresses has of thousands of names a few, or none.
fn serving<'a>(input: &PrecheckInput<'a>, id: &str) -> impl Iterator<Item = &'a ScreeningListVersion> {
    let by_name = !input.attribution.screened().is_empty();
    let of_list = input.screening.lists.iter().filter(move |list| list.family == id);
    of_list.filter(move |list| !by_name || list.part != Some(Part::Addresses))
}

/// What the lists themselves lack: one that binds and is not held, or is too old.
fn of_lists(input: &PrecheckInput<'_>, binding: Binding<'_>) -> Vec<Finding> {
    let held = &input.screening.lists;
    let mut findings = vec![];
    if held.is_empty() {
        return findings;
    }
    let missing: Vec<&str> = binding.needed.iter().map(String::as_str).filter(|id| serving(input, id).next().is_none()).collect();
    if !missing.is_empty() {
        let detail =
            format!("Under {} {} must be screened, and it is not held here.", input.own_side.jurisdiction, missing.join(", "));
        findings.push((CheckCode::SanctionsBindingListNotHeld, detail));
    }
    let Some(limit) = input.policy.screening().unknown_after_days else { return findings };
    let age = |list: &ScreeningListVersion| input.now.date().days_since(list.as_of);
    // Of a list and its parts the youngest tells whether it is kept up.
    let youngest = |id: &str| serving(input, id).map(age).min();
    let old = binding.needed.iter().filter_map(|id| Some((id, youngest(id)?))).find(|(_, days)| *days > i64::from(limit));
    if let Some((id, days)) = old {
        let detail = format!("{id}, which binds under {}, is {days} days old.", input.own_side.jurisdiction);
        findings.push((CheckCode::SanctionsListTooOld, detail));
    }
    findings
}

/// What it means that nothing else was found.
fn of_silence(input: &PrecheckInput<'_>, binding: Binding<'_>, elsewhere: bool) -> Finding {
    let no_match = |what: &str| no_match(what, input, binding);
    if input.screening.lists.is_empty() {
        return (CheckCode::SanctionsNoListOnRecord, "No screening list is loaded; nothing could be tested.".to_owned());
    }
    let nobody = |detail: &str| (CheckCode::SanctionsNoCounterparty, detail.to_owned());
    match (&input.attribution.counterparty, input.screening.account) {
        (Counterparty::Nobody { .. }, _) => nobody("No match so far, but nobody is settled whose name could clear the transfer."),
        (Counterparty::SelfHosted, AccountScreening::NotAsked) => {
            nobody("Declared self-hosted without an address: there was nothing to test.")
        }
        _ if elsewhere => no_match("Nothing else is on the newest lists"),
        (Counterparty::SelfHosted, AccountScreening::Searched) => no_match("The address is on none of the newest lists"),
        (_, AccountScreening::Searched) => no_match("Neither the address nor a name or alias is on the newest lists"),
        (_, AccountScreening::NotAsked) => no_match("No address was asked about; no name or alias is on the newest lists"),
    }
}

/// Absence from a list counts as far as the list goes.
fn no_match(what: &str, input: &PrecheckInput<'_>, binding: Binding<'_>) -> Finding {
    let partial = input.screening.lists.iter().filter(|list| list.coverage == ListCoverage::Partial);
    let mut named: Vec<String> = partial.map(|list| format!("{} ({})", list.id, list.source)).collect();
    // Some entries of a list, however whole each file of them is, are not the list.
    let in_parts = |id: &&str| serving(input, id).next().is_some() && serving(input, id).all(|list| list.part.is_some());
    let by_name = !input.attribution.screened().is_empty();
    let in_parts = binding.needed.iter().map(String::as_str).filter(in_parts).filter(|_| by_name);
    named.extend(in_parts.map(|id| format!("{id} (parts of it only)")));
    let cleared = input.screening.hits.iter().any(|hit| matches!(hit.decision, HitDecision::FalsePositive(_)));
    let what = if cleared { "What is like an entry of the newest lists was decided to be somebody else" } else { what };
    if named.is_empty() {
        return (CheckCode::SanctionsNoMatch, format!("{what}."));
    }
    (CheckCode::SanctionsNoMatchOnPartialList, format!("{what}, but not all of these is held: {}.", named.join(", ")))
}

/// The entries that were found, also those that people cleared, then the lists.
fn evidence(input: &PrecheckInput<'_>) -> Vec<Evidence> {
    let screening = input.screening;
    if screening.lists.is_empty() && screening.hits.is_empty() {
        return vec![Evidence::directory(input.now)];
    }
    let possible = input.policy.screening().name_score.possible;
    let shown = screening.hits.iter().filter(|hit| hit.score >= possible || hit.decision != HitDecision::Open);
    let entry = |hit: &Hit| Evidence {
        of: EvidenceOf::ScreeningEntry { list: hit.list.clone(), uid: hit.uid.clone() },
        source: source_of(hit),
        observed_at: screening.lists.iter().find(|list| list.id == hit.list).map(|list| list.as_of.start()),
        valid_until: None,
    };
    let version = |list: &ScreeningListVersion| Evidence {
        of: EvidenceOf::ScreeningList(list.id.clone()),
        source: list.source.clone(),
        observed_at: Some(list.as_of.start()),
        valid_until: None,
    };
    let mut lists: Vec<&ScreeningListVersion> = screening.lists.iter().collect();
    lists.sort_by_key(|list| &list.id);
    shown.map(entry).chain(lists.into_iter().map(version)).collect()
}

/// The list, by what it matched, how well, and what people decided.
fn source_of(hit: &Hit) -> String {
    let decided = match hit.decision {
        HitDecision::Open => String::new(),
        HitDecision::FalsePositive(day) => format!("; decided by two people on {day}: somebody else"),
        HitDecision::TrueMatch(day) => format!("; decided by two people on {day}: the same"),
    };
    format!("{}: {} matches `{}`, score {}{decided}", hit.list, hit.matched.kind(), hit.listed, hit.score)
}

#[cfg(test)]
mod tests;
