//! Whether the address, or a name, LEI or host of whoever the counterparty may be, is on the screening lists, and
//! whether listed persons own it, and whether the law bans transactions with it. Every finding counts. A hit on a list that does not bind the asker's side warns. The absence
//! of hits is a pass only if something was tested against every binding list, whole and not too old.
//!
//! Source: docs/screening.md, "Which lists bind"; docs/project/requirements.md, CP-11. The law determines which lists bind
//! (`sanctions_by_law`); a policy can add lists.

use super::super::policy::{AddressesBind, ScreeningPolicy};
use super::super::rulebook::JurisdictionId;
use super::super::sanctions_by_law::{NationalLists, SanctionsByLaw};
use super::super::screening::{Hit, HitDecision, ListCoverage, Matched, Meant, Part};
use super::{
    AccountScreening, CheckCode, CheckOutcome, CheckResult, Counterparty, Evidence, EvidenceOf, ListAddresses, PrecheckInput,
    ScreeningListVersion, sentences,
};
use vasp_words::text::Text;

mod bans;
mod by_asker;
mod likeness;
mod owners;

pub(crate) use by_asker::screened_by_asker;
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
    /// In one of the states above but the first; the asker screened it itself.
    ByAsker,
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
                lists.push((id, state_with_asker(id, input, by_name)));
            }
        }
        let by_asker = by_law.national == NationalLists::NotKnown && by_asker::covers(&national(jurisdiction), input);
        let national = if by_asker { NationalLists::Known } else { by_law.national };
        Self { lists, policy, national, by_name }
    }

    fn binds(&self, list: &str) -> bool {
        is_of_its_own(list, self.policy) || self.lists.iter().any(|(id, _)| *id == list)
    }

    /// Returns the lists that do not bind but whose addresses count, if an address was searched; each with its state.
    fn lists_of_addresses_beside<'b>(&self, input: &PrecheckInput<'b>) -> Vec<(&'b str, ListState)> {
        let counts = self.policy.addresses_bind == AddressesBind::Everywhere;
        let mut ids: Vec<&str> = vec![];
        if counts && input.screening.account == AccountScreening::Asked {
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
    lacking_by(CheckCode::SanctionsNoListOnRecord, input, binding)
}

/// Returns the binding lists of which a finding says that they are not loaded whole and recent enough; none for any other finding.
pub(super) fn lacking_by(code: CheckCode, input: &PrecheckInput<'_>, binding: &Binding<'_>) -> Vec<Text> {
    use ListState::{Absent, MayMiss, Partial, TooOld};
    let states: &[ListState] = match code {
        CheckCode::SanctionsNoListOnRecord => &[Absent, TooOld, Partial, MayMiss],
        CheckCode::SanctionsBindingListNotHeld => &[Absent],
        CheckCode::SanctionsListTooOld => &[TooOld],
        CheckCode::SanctionsNoMatchOnPartialList => &[Partial, MayMiss],
        _ => return vec![],
    };
    let mut named: Vec<Text> = states.iter().flat_map(|state| binding.of_state(*state).map(|id| id.to_owned().into())).collect();
    if binding.national == NationalLists::NotKnown && states.contains(&Absent) {
        named.push(national(&input.own_side.jurisdiction).into());
    }
    named
}

/// Names the national lists of a jurisdiction, of which nothing is known.
pub(crate) fn national(jurisdiction: &JurisdictionId) -> String {
    format!("national lists of {jurisdiction}")
}

/// Judges what screening found.
pub(super) fn check(input: &PrecheckInput<'_>, binding: &Binding<'_>) -> CheckResult {
    let mut findings: Vec<Finding> = input.screening.hits.iter().filter_map(|hit| of_hit(hit, input, binding)).collect();
    findings.extend(owners::finding(input, binding));
    let (banned, of_bans) = bans::judge(input).unzip();
    findings.extend(banned);
    findings.extend(by_asker::hits(input));
    let against = |wanted: fn(CheckCode) -> bool| findings.iter().any(|(code, _)| wanted(*code));
    let fails = against(|code| code.outcome() == CheckOutcome::Fail);
    let open = against(|code| code.outcome() < CheckOutcome::Warn);
    let mut beside = (!findings.is_empty()).then_some("No other match on {lists}");
    if !fails {
        let lacking = of_lists(input, binding);
        beside = beside.or((!lacking.is_empty()).then_some("No match on {lists}"));
        findings.extend(lacking);
        findings.extend(by_asker::told(&binding.of_state(ListState::ByAsker).collect::<Vec<_>>(), input));
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
    let address = if hit.means == Meant::Asset { "The contract of the asset" } else { "The address" };
    let (code, detail) = match (&hit.matched, hit.for_asker()) {
        (Matched::Address(_), _) => {
            (CheckCode::SanctionsAddressListed, format!("{address} is on a screening list: {listed}.").into())
        }
        (Matched::AddressButForCase(_), _) => {
            let detail = format!(
                "{address} is like a listed one, apart from upper and lower case, which the list does not keep: {listed}."
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

/// Returns the state of a binding list, with what the asker did itself.
fn state_with_asker(id: &str, input: &PrecheckInput<'_>, by_name: bool) -> ListState {
    match state(id, input, by_name) {
        ListState::Whole => ListState::Whole,
        _ if by_asker::covers(id, input) => ListState::ByAsker,
        lacking => lacking,
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
    let by_asker = input.screening.lists.is_empty() && not_covered(input, binding).is_empty();
    if input.screening.lists.is_empty() && !by_asker {
        let named: Vec<&str> = binding.lists.iter().map(|(id, _)| *id).collect();
        let detail = format!(
            "No screening list is loaded. These lists are binding in {}: {}.",
            input.own_side.jurisdiction,
            sentences::listed(&named)
        );
        return (CheckCode::SanctionsNoListOnRecord, detail.into());
    }
    let nobody = |detail: &'static str| (CheckCode::SanctionsNoCounterparty, detail.into());
    let beside = beside.or(by_asker.then_some("Nothing was found on the lists that you searched yourself"));
    match (&input.attribution.counterparty, input.screening.account) {
        (Counterparty::Nobody { .. }, _) => {
            let named = lacking(input, binding);
            let detail = format!("No match so far. But the counterparty is not known, so nothing is cleared.{named}");
            (CheckCode::SanctionsNoCounterparty, detail.into())
        }
        (Counterparty::SelfHosted, AccountScreening::NotAsked) => nobody("No address was given, so none could be screened."),
        (Counterparty::SelfHosted, _) => no_match(beside.unwrap_or("The address is not on {lists}")),
        (_, AccountScreening::Asked) => no_match(beside.unwrap_or("Neither the address nor a name or alias is on {lists}")),
        (_, AccountScreening::NotAsked) => no_match(beside.unwrap_or("No address was given. No name or alias is on {lists}")),
    }
}

/// Says which lists were searched: those that bind, and of the oldest the day. Of a list in several versions the newest counts.
fn searched(input: &PrecheckInput<'_>, binding: &Binding<'_>) -> String {
    let is_searched = |state: &ListState| matches!(state, ListState::Whole | ListState::MayMiss | ListState::Partial);
    let dated = |(id, _): &(&str, ListState)| serving(input, id, binding.by_name).map(|list| list.as_of).max();
    let oldest = binding.lists.iter().filter(|(_, state)| is_searched(state)).filter_map(dated).min();
    oldest.map_or_else(|| "the loaded lists".to_owned(), |day| format!("the lists searched (oldest: {day})"))
}

/// Returns the finding for no match, in which `{lists}` becomes what was searched: absence is established only for the loaded part of the lists.
fn no_match(what: &str, input: &PrecheckInput<'_>, binding: &Binding<'_>) -> Finding {
    let cleared = input.screening.hits.iter().any(|hit| hit.for_asker().is_cleared());
    let what = if cleared { "Two of your people decided that a like entry of {lists} means somebody else" } else { what };
    let what = what.replace("{lists}", &searched(input, binding));
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
    let by_asker: Vec<Evidence> = by_asker::evidence(input).collect();
    if screening.lists.is_empty() && screening.hits.is_empty() && banned.is_empty() {
        return std::iter::once(Evidence::directory(input.now)).chain(by_asker).collect();
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
    let of_lists = screening.hits.iter().map(entry).chain(lists.into_iter().map(version));
    banned.into_iter().chain(of_lists).chain(by_asker).collect()
}

/// Returns a text with the list, what matched, the score, and what people decided: the asker's, and as evidence beside it the registry's.
fn source_of(hit: &Hit) -> String {
    let decided = |by: &str, decision| match decision {
        HitDecision::Open => String::new(),
        HitDecision::FalsePositive(day) => format!("; {by} decided on {day}: somebody else"),
        HitDecision::TrueMatch(day) => format!("; {by} decided on {day}: the same party"),
    };
    let (own, registry) = (decided("two of your people", hit.own), decided("two people of the registry", hit.decision));
    format!("{}: {} matches `{}`, score {}{own}{registry}", hit.list, hit.matched.kind(), hit.listed, hit.score)
}

#[cfg(test)]
mod tests;
