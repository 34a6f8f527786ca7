//! Whether the address, or a name, LEI or host of whoever the counterparty may be, is on the newest screening lists, and
//! whether listed persons own it, and whether the law bans transactions with it. Every finding counts. A hit on a list that does not bind the asker's side warns. The absence
//! of hits is a pass only if something was tested against every binding list, whole and not too old.
//!
//! Source: wire contract, `sanctions`, "Without an entity"; requirements CP-11. The law determines which lists bind
//! (`sanctions_by_law`); a policy can add lists.

use super::super::policy::{AddressesBind, ScreeningPolicy};
use super::super::sanctions_by_law::{NationalLists, SanctionsByLaw};
use super::super::screening::{Hit, HitDecision, ListCoverage, Matched, Meant, Part};
use super::{
    AccountScreening, CheckCode, CheckOutcome, CheckResult, Counterparty, Evidence, EvidenceOf, ListAddresses, OwnershipShares,
    PrecheckInput, ScreeningListVersion, sentences,
};
use vasp_words::text::Text;

mod bans;
mod likeness;

use likeness::{faint, named, of_name, told_of_name};

/// One finding and the sentence about it.
type Finding = (CheckCode, Text);

/// How much of a binding list is loaded, and how old it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ListState {
    /// The whole list, and it is recent enough.
    Whole,
    /// The whole list, but an address on it, which no network reads, could be the one that was asked about.
    MayMiss,
    /// A part of the list.
    Partial,
    /// Nothing of the list.
    Absent,
    /// A list that is older than the policy allows, whole or in part.
    TooOld,
}

/// What a list that may miss somebody lacks.
const LACKING: [(ListState, &str); 2] =
    [(ListState::Partial, "Loaded only in part"), (ListState::MayMiss, "With an unreadable address that could be this one")];

/// The lists that bind the asker's side, each with its state.
pub(super) struct Binding<'a> {
    lists: Vec<(&'a str, ListState)>,
    policy: &'a ScreeningPolicy,
    national: NationalLists,
    /// Whether the search includes a name, not only an address.
    by_name: bool,
}

/// Returns whether a list is the registry's own. Neither law nor policy says whom it binds, so it binds everybody.
fn is_of_its_own(list: &str, policy: &ScreeningPolicy) -> bool {
    SanctionsByLaw::embedded().name(list).is_none() && !policy.names(list)
}

impl<'a> Binding<'a> {
    /// Collects the lists that the law names, those that the policy adds, and the loaded ones for which neither says whom they bind.
    pub(super) fn of(input: &PrecheckInput<'a>) -> Self {
        let (law, policy) = (SanctionsByLaw::embedded(), input.policy.screening());
        let (country, jurisdiction) = (input.own_side.country, &input.own_side.jurisdiction);
        let by_law = law.binding_lists(jurisdiction, country);
        let mut ids: Vec<&str> = by_law.lists.iter().chain(policy.added(country, jurisdiction)).map(String::as_str).collect();
        let held = input.screening.lists.iter().map(|list| list.family.as_str());
        ids.extend(held.filter(|id| is_of_its_own(id, policy)));
        let by_name = !input.attribution.screened().is_empty();
        let mut lists: Vec<(&str, ListState)> = vec![];
        for id in ids {
            if lists.iter().all(|(known, _)| *known != id) {
                lists.push((id, state(id, input, by_name)));
            }
        }
        Self { lists, policy, national: by_law.national, by_name }
    }

    fn binds(&self, list: &str) -> bool {
        is_of_its_own(list, self.policy) || self.lists.iter().any(|(id, _)| *id == list)
    }

    /// Returns the lists that do not bind but whose addresses count, if an address was searched; each with its state.
    fn lists_of_addresses_beside<'b>(&self, input: &PrecheckInput<'b>) -> Vec<(&'b str, ListState)> {
        let counts = self.policy.addresses_bind == AddressesBind::Everywhere;
        let mut ids: Vec<&str> = vec![];
        if counts && input.screening.account == AccountScreening::Searched {
            let lists = input.screening.lists.iter().filter(|list| list.addresses != ListAddresses::None);
            ids.extend(lists.map(|list| list.family.as_str()).filter(|id| !self.binds(id)));
            ids.sort_unstable();
            ids.dedup();
        }
        ids.into_iter().map(|id| (id, state(id, input, false))).collect()
    }

    fn of_state(&self, wanted: ListState) -> impl Iterator<Item = &'a str> {
        self.lists.iter().filter(move |(_, state)| *state == wanted).map(|(id, _)| *id)
    }

    /// Lists the names in a state, separated by commas; of more than three the first three and a count.
    fn in_state(&self, wanted: ListState) -> String {
        sentences::listed(&self.of_state(wanted).collect::<Vec<_>>())
    }
}

/// Returns the binding lists that are not loaded whole and recent enough.
pub(super) fn not_covered(input: &PrecheckInput<'_>, binding: &Binding<'_>) -> Vec<Text> {
    let states = [ListState::Absent, ListState::TooOld, ListState::Partial, ListState::MayMiss];
    let mut named: Vec<Text> =
        states.into_iter().flat_map(|state| binding.of_state(state).map(|id| id.to_owned().into())).collect();
    if binding.national == NationalLists::NotKnown {
        named.push(format!("national lists of {}", input.own_side.jurisdiction).into());
    }
    named
}

/// Judges what screening found.
pub(super) fn check(input: &PrecheckInput<'_>, binding: &Binding<'_>) -> CheckResult {
    let mut findings: Vec<Finding> = input.screening.hits.iter().filter_map(|hit| of_hit(hit, input, binding)).collect();
    findings.extend(of_ownership(input, binding));
    let (banned, of_bans) = bans::judge(input).unzip();
    findings.extend(banned);
    let against = |wanted: fn(CheckCode) -> bool| findings.iter().any(|(code, _)| wanted(*code));
    let fails = against(|code| code.outcome() == CheckOutcome::Fail);
    let open = against(|code| code.outcome() < CheckOutcome::Warn);
    let mut beside = (!findings.is_empty()).then_some("No other match on the newest lists");
    if !fails {
        let lacking = of_lists(input, binding);
        beside = beside.or((!lacking.is_empty()).then_some("No match on the newest lists"));
        findings.extend(lacking);
    }
    if !open {
        findings.push(of_silence(input, binding, beside));
    }
    // Codes are declared worst first within a check; among equal codes the first finding decides. A pass beside a warning is dropped.
    findings.sort_by_key(|(code, _)| *code);
    findings.dedup_by_key(|(code, _)| *code);
    if findings.iter().any(|(code, _)| code.outcome() < CheckOutcome::Pass) {
        findings.retain(|(code, _)| *code != CheckCode::SanctionsNoMatch);
    }
    CheckResult::of_findings(findings, CheckCode::SanctionsNoListOnRecord, evidence(input, of_bans.unwrap_or_default()))
}

fn of_hit(hit: &Hit, input: &PrecheckInput<'_>, binding: &Binding<'_>) -> Option<Finding> {
    let policy = input.policy.screening();
    let is_address = matches!(hit.matched, Matched::Address(_) | Matched::AddressButForCase(_));
    let binds = binding.binds(&hit.family) || is_address && policy.addresses_bind == AddressesBind::Everywhere;
    let listed = format!("{} ({}, {})", sentences::cut(&hit.name, 60), hit.list, sentences::listed(&hit.programs));
    let (code, detail) = match (&hit.matched, hit.decision) {
        (Matched::Address(_), _) => {
            (CheckCode::SanctionsAddressListed, format!("The address is on a screening list: {listed}.").into())
        }
        (Matched::AddressButForCase(_), _) => {
            let detail = format!(
                "The address is like a listed one, apart from upper and lower case, which the list does not keep: {listed}."
            );
            (CheckCode::SanctionsPossibleMatch, Text::from(detail))
        }
        (_, HitDecision::FalsePositive(_)) => return None,
        (matched, decision) => match (of_name(hit, decision, policy), hit.means) {
            // A faint likeness has no consequence, whichever list it is on.
            (CheckCode::SanctionsFaintLikeness, _) => {
                return Some((CheckCode::SanctionsFaintLikeness, faint(hit, &listed).into()));
            }
            (_, Meant::OtherEntity) => {
                let detail = format!(
                    "{}, another entity of the brand, is on a list or like one on it: {listed}. It is not the counterparty.",
                    named(matched)
                );
                return Some((CheckCode::SanctionsOtherEntityListed, detail.into()));
            }
            (CheckCode::SanctionsNameListed, Meant::OneOfSeveral) => {
                let named = named(matched);
                let detail = format!("{named}, one of several whom the counterparty may be, is listed: {listed}.");
                (CheckCode::SanctionsPossibleMatch, detail.into())
            }
            (code, _) => (code, told_of_name(hit, decision, code, &listed).into()),
        },
    };
    if binds {
        return Some((code, detail));
    }
    let code = match code {
        CheckCode::SanctionsPossibleMatch => CheckCode::SanctionsPossibleMatchElsewhere,
        _ => CheckCode::SanctionsListedElsewhere,
    };
    let detail = sentences::joined([detail.as_str(), &format!("That list is not binding in {}.", input.own_side.jurisdiction)]);
    Some((code, detail))
}

/// Returns the finding about the owners. Only owners on binding lists count, and only if the match is certain or decided.
fn of_ownership(input: &PrecheckInput<'_>, binding: &Binding<'_>) -> Option<Finding> {
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

/// Returns the versions of a list and its parts that can serve the search. A file of addresses contains only a few of the
/// list's thousands of names, or none.
fn serving<'a>(input: &PrecheckInput<'a>, id: &str, by_name: bool) -> impl Iterator<Item = &'a ScreeningListVersion> {
    of_list(input, id).filter(move |list| !by_name || list.part != Some(Part::Addresses))
}

/// Returns the loaded versions of a list and its parts.
fn of_list<'a>(input: &PrecheckInput<'a>, id: &str) -> impl Iterator<Item = &'a ScreeningListVersion> {
    input.screening.lists.iter().filter(move |list| list.family == id)
}

/// Returns the state of a binding list.
fn state(id: &str, input: &PrecheckInput<'_>, by_name: bool) -> ListState {
    let age = |list: &ScreeningListVersion| input.now.date().days_since(list.as_of);
    let is_complete = |list: &&ScreeningListVersion| list.coverage == ListCoverage::Complete;
    let complete = || serving(input, id, by_name).filter(is_complete);
    // Some entries do not make a list, however complete each file is. If no name is searched, the list's addresses are sufficient.
    let whole = complete().any(|list| list.part.is_none() || !by_name);
    // The most recent of a list and its parts shows whether the list is kept up to date.
    let youngest = if whole { complete().map(age).min() } else { serving(input, id, by_name).map(age).min() };
    match (youngest, input.policy.screening().unknown_after_days) {
        (None, _) => ListState::Absent,
        (Some(days), Some(limit)) if days > i64::from(limit) => ListState::TooOld,
        (Some(_), _) if whole && of_list(input, id).any(|list| list.addresses == ListAddresses::MayMiss) => ListState::MayMiss,
        (Some(_), _) if whole => ListState::Whole,
        (Some(_), _) => ListState::Partial,
    }
}

/// Returns what the lists lack: binding lists that are not loaded or are too old, and a jurisdiction whose national lists are not known.
fn of_lists(input: &PrecheckInput<'_>, binding: &Binding<'_>) -> Vec<Finding> {
    let mut findings = vec![];
    if input.screening.lists.is_empty() {
        return findings;
    }
    let under = &input.own_side.jurisdiction;
    let mut absent = match binding.in_state(ListState::Absent).as_str() {
        "" => String::new(),
        named => format!("These lists are binding in {under}, but not loaded: {named}."),
    };
    if binding.national == NationalLists::NotKnown {
        absent = format!("{absent} The registry does not know the national lists of {under}.");
    }
    if !absent.is_empty() {
        findings.push((CheckCode::SanctionsBindingListNotHeld, absent.trim_start().to_owned().into()));
    }
    let old = binding.of_state(ListState::TooOld).map(|id| {
        let known = serving(input, id, binding.by_name).map(|list| list.as_of).max();
        known.map_or_else(|| id.to_owned(), |day| format!("{id} (dated {day})"))
    });
    let old: Vec<String> = old.collect();
    if !old.is_empty() {
        findings.push((
            CheckCode::SanctionsListTooOld,
            format!("These lists are too old to use: {}.", sentences::listed(&old)).into(),
        ));
    }
    findings
}

/// Returns the finding if nothing else was found. `beside` is its text if other findings are reported before it.
fn of_silence(input: &PrecheckInput<'_>, binding: &Binding<'_>, beside: Option<&str>) -> Finding {
    let no_match = |what: &str| no_match(what, input, binding);
    if input.screening.lists.is_empty() {
        let named: Vec<&str> = binding.lists.iter().map(|(id, _)| *id).collect();
        let detail = format!(
            "No screening list is loaded. These lists are binding in {}: {}.",
            input.own_side.jurisdiction,
            sentences::listed(&named)
        );
        return (CheckCode::SanctionsNoListOnRecord, detail.into());
    }
    let nobody = |detail: &'static str| (CheckCode::SanctionsNoCounterparty, detail.into());
    match (&input.attribution.counterparty, input.screening.account) {
        (Counterparty::Nobody { .. }, _) => {
            let named = lacking(input, binding);
            let detail = format!("No match so far. But the counterparty is not known, so nothing is cleared.{named}");
            (CheckCode::SanctionsNoCounterparty, detail.into())
        }
        (Counterparty::SelfHosted, AccountScreening::NotAsked) => nobody("No address was given, so none could be screened."),
        (Counterparty::SelfHosted, _) => no_match(beside.unwrap_or("The address is not on the newest lists")),
        (_, AccountScreening::Searched) => {
            no_match(beside.unwrap_or("Neither the address nor a name or alias is on the newest lists"))
        }
        (_, AccountScreening::NotAsked) => {
            no_match(beside.unwrap_or("No address was given. No name or alias is on the newest lists"))
        }
    }
}

/// Returns the finding for no match: absence is established only for the loaded part of the lists.
fn no_match(what: &str, input: &PrecheckInput<'_>, binding: &Binding<'_>) -> Finding {
    let cleared = input.screening.hits.iter().any(|hit| matches!(hit.decision, HitDecision::FalsePositive(_)));
    let what = if cleared { "Two people decided that a similar entry of the newest lists means somebody else" } else { what };
    let is_partial = LACKING.iter().any(|(state, _)| binding.of_state(*state).next().is_some());
    let code = if is_partial { CheckCode::SanctionsNoMatchOnPartialList } else { CheckCode::SanctionsNoMatch };
    (code, format!("{what}.{}", lacking(input, binding)).into())
}

/// Names the lists that may miss somebody, each after why; empty if there are none.
fn lacking(input: &PrecheckInput<'_>, binding: &Binding<'_>) -> String {
    let others = binding.lists_of_addresses_beside(input);
    let named = LACKING.map(|(state, words)| {
        let lists: Vec<&str> =
            binding.of_state(state).chain(others.iter().filter(|(_, of)| *of == state).map(|(id, _)| *id)).collect();
        if lists.is_empty() { String::new() } else { format!(" {words}: {}.", sentences::listed(&lists)) }
    });
    named.concat()
}

/// Returns the bans, then the entries that were found, including those that people cleared, then the lists.
fn evidence(input: &PrecheckInput<'_>, banned: Vec<Evidence>) -> Vec<Evidence> {
    let screening = input.screening;
    if screening.lists.is_empty() && screening.hits.is_empty() && banned.is_empty() {
        return vec![Evidence::directory(input.now)];
    }
    let entry = |hit: &Hit| Evidence {
        of: EvidenceOf::ScreeningEntry { list: hit.list.clone().into(), uid: hit.uid.clone().into() },
        source: source_of(hit).into(),
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
    banned.into_iter().chain(screening.hits.iter().map(entry)).chain(lists.into_iter().map(version)).collect()
}

/// Returns a text with the list, what matched, the score, and what people decided.
fn source_of(hit: &Hit) -> String {
    let decided = match hit.decision {
        HitDecision::Open => String::new(),
        HitDecision::FalsePositive(day) => format!("; decided by two people on {day}: somebody else"),
        HitDecision::TrueMatch(day) => format!("; decided by two people on {day}: the same party"),
    };
    format!("{}: {} matches `{}`, score {}{decided}", hit.list, hit.matched.kind(), hit.listed, hit.score)
}

#[cfg(test)]
mod tests;
