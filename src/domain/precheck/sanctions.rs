//! Whether the address or a name of whoever the counterparty may be stands on the newest screening lists. A hit counts
//! whoever it is about; the absence of hits can be a pass only where something was tested, on lists that are whole.
//!
//! Source: wire contract, `sanctions`, "Without an entity"; requirements CP-11.

use super::super::screening::{Hit, ListCoverage, Matched};
use super::{AccountScreening, CheckCode, CheckResult, Counterparty, Evidence, EvidenceOf, PrecheckInput};

/// Judges what screening found.
pub(super) fn check(input: &PrecheckInput<'_>) -> CheckResult {
    let hits = &input.screening.hits;
    if let Some(hit) = hits.iter().find(|hit| matches!(hit.matched, Matched::Address(_))).or(hits.first()) {
        return found(hit, input);
    }
    if input.screening.lists.is_empty() {
        let detail = "No screening list is loaded; nothing could be tested.";
        return CheckResult::new(CheckCode::SanctionsNoListOnRecord, detail, vec![Evidence::directory(input.now)]);
    }
    match (&input.attribution.counterparty, input.screening.account) {
        (Counterparty::Nobody { .. }, _) => {
            nobody("No match so far, but nobody is settled whose name could clear the transfer.", input)
        }
        (Counterparty::SelfHosted, AccountScreening::NotAsked) => {
            nobody("Declared self-hosted without an address: there was nothing to test.", input)
        }
        (Counterparty::SelfHosted, AccountScreening::Searched) => no_match("The address is on none of the newest lists", input),
        (_, AccountScreening::Searched) => no_match("Neither the address nor a name or alias is on the newest lists", input),
        (_, AccountScreening::NotAsked) => no_match("No address was asked about; no name or alias is on the newest lists", input),
    }
}

fn nobody(detail: &str, input: &PrecheckInput<'_>) -> CheckResult {
    CheckResult::new(CheckCode::SanctionsNoCounterparty, detail, lists(input))
}

/// Absence from a list counts as far as the list goes.
fn no_match(what: &str, input: &PrecheckInput<'_>) -> CheckResult {
    let partial = input.screening.lists.iter().filter(|list| list.coverage == ListCoverage::Partial);
    let named: Vec<String> = partial.map(|list| format!("{} ({})", list.id, list.source)).collect();
    if named.is_empty() {
        return CheckResult::new(CheckCode::SanctionsNoMatch, format!("{what}."), lists(input));
    }
    let detail = format!("{what}, but not all of these is held: {}.", named.join(", "));
    CheckResult::new(CheckCode::SanctionsNoMatchOnPartialList, detail, lists(input))
}

fn found(hit: &Hit, input: &PrecheckInput<'_>) -> CheckResult {
    let listed = format!("{} ({}, {})", hit.name, hit.list, hit.programs.join(", "));
    let (code, detail) = match &hit.matched {
        Matched::Address(_) => (CheckCode::SanctionsAddressListed, format!("The address is listed for {listed}.")),
        Matched::Name(name) => (CheckCode::SanctionsNameListed, format!("The name {name} is listed: {listed}.")),
    };
    let entries = input.screening.hits.iter().map(|hit| Evidence {
        of: EvidenceOf::ScreeningEntry { list: hit.list.clone(), uid: hit.uid.clone() },
        source: hit.list.clone(),
        observed_at: input.screening.lists.iter().find(|list| list.id == hit.list).map(|list| list.as_of.start()),
        valid_until: None,
    });
    CheckResult::new(code, detail, entries.chain(lists(input)).collect())
}

fn lists(input: &PrecheckInput<'_>) -> Vec<Evidence> {
    let version = |list: &super::ScreeningListVersion| Evidence {
        of: EvidenceOf::ScreeningList(list.id.clone()),
        source: list.source.clone(),
        observed_at: Some(list.as_of.start()),
        valid_until: None,
    };
    input.screening.lists.iter().map(version).collect()
}
