//! The counterparty's country by FATF's lists, the EU's, the rulebook and the policy's own. Whoever the counterparty may
//! turn out to be is judged, and the customer's country where it was told; the worst finding speaks, the others stand beside
//! it, and a dispute is never clear.
//!
//! Source: wire contract, `jurisdiction`; requirements CP-12.

use super::super::lists::{ListId, Measure};
use super::super::rulebook::TravelRuleStatus;
use super::{CheckCode, CheckResult, Counterparty, CountryFacts, Evidence, EvidenceOf, ListVersion, Listing, PrecheckInput};
use vasp_words::country::Country;
use vasp_words::time::Date;

/// One finding with its sentence.
type Finding = (CheckCode, String);

/// Judges every country in question.
pub(super) fn check(input: &PrecheckInput<'_>) -> CheckResult {
    let countries = input.attribution.countries(input.customer_country);
    let mut findings: Vec<Finding> = countries.iter().flat_map(|country| of_country(*country, input)).collect();
    findings.extend(missing_country(input, countries.is_empty()));
    // Codes are declared worst first within a check.
    findings.sort_by_key(|(code, _)| *code);
    let mut findings = findings.into_iter();
    let (code, mut detail) = findings.next().unwrap_or_else(|| {
        (CheckCode::JurisdictionNoCustomerCountry, "Self-hosted, and the country of the customer was not given.".to_owned())
    });
    let mut also = vec![];
    for (lesser, text) in findings.filter(|(code, _)| *code != CheckCode::JurisdictionClear) {
        detail = format!("{detail} {text}");
        also.push(lesser);
    }
    also.retain(|lesser| *lesser != code);
    also.dedup();
    if countries.is_empty() {
        let self_hosted = input.attribution.counterparty == Counterparty::SelfHosted;
        let missing = if self_hosted { Evidence::declaration(input.now) } else { Evidence::directory(input.now) };
        return CheckResult::new(code, detail, vec![missing]).with(also);
    }
    CheckResult::new(code, detail + &reservation(input), evidence(&countries, input)).with(also)
}

/// What it means that a country is missing.
fn missing_country(input: &PrecheckInput<'_>, none_at_all: bool) -> Option<Finding> {
    let nameless = input.attribution.screened().into_iter().find(|vasp| vasp.record.country.is_none());
    match (&input.attribution.counterparty, nameless) {
        (Counterparty::Entity(_), Some(vasp)) => Some((
            CheckCode::JurisdictionCountryNotOnRecord,
            format!("The country of {} is not on record.", vasp.record.legal_name),
        )),
        (Counterparty::Party { entities, .. }, _) if entities.iter().any(|vasp| vasp.record.country.is_none()) => {
            let detail = "The country of one of the party's legal entities is not on record.";
            Some((CheckCode::JurisdictionCountryNotOnRecord, detail.to_owned()))
        }
        // Among claimants only what stands against one of them counts: nobody's clean country clears a dispute.
        (Counterparty::Nobody { candidates, .. }, _) if !candidates.is_empty() => Some((
            CheckCode::JurisdictionNoCounterparty,
            "It is not settled who of the claimants is the counterparty.".to_owned(),
        )),
        (Counterparty::Party { .. } | Counterparty::Nobody { .. }, _) if none_at_all => {
            Some((CheckCode::JurisdictionNoCounterparty, "Nobody is known whose country could be judged.".to_owned()))
        }
        _ => None,
    }
}

/// Everything that stands against a country; what the rulebook alone says where nothing does.
fn of_country(country: Country, input: &PrecheckInput<'_>) -> Vec<Finding> {
    let name = country.name();
    let facts = input.countries.iter().find(|facts| facts.regime.country == country);
    let id = facts.map(|facts| &facts.regime.jurisdiction);
    let status = facts.map(|facts| facts.regime.status);
    let mut findings = vec![];
    if status == Some(TravelRuleStatus::Banned) {
        findings.push((CheckCode::JurisdictionBanned, format!("Virtual assets are banned in {name}.")));
    }
    if input.policy.prohibits(country, id) {
        findings.push((CheckCode::JurisdictionProhibited, format!("The policy {} prohibits {name}.", input.policy)));
    }
    if let Some(missing) = missing_list(input) {
        findings.push((CheckCode::JurisdictionNoListOnRecord, format!("{missing} is not loaded; {name} cannot be judged.")));
    }
    findings.extend(facts.into_iter().flat_map(|facts| &facts.listings).filter_map(|listing| of_listing(name, listing, input)));
    findings.extend(regime(name, facts, findings.is_empty()));
    findings
}

/// What the membership of a list means; the EU's binds an originator in the EU only.
fn of_listing(name: &str, listing: &Listing, input: &PrecheckInput<'_>) -> Option<Finding> {
    let (code, what) = match (listing.list, listing.measure) {
        (ListId::FatfBlack, Some(Measure::EnhancedDueDiligence)) => {
            (CheckCode::JurisdictionCallForAction, "FATF calls for enhanced due diligence")
        }
        (ListId::FatfBlack, _) => (CheckCode::JurisdictionCountermeasures, "FATF calls for countermeasures"),
        (ListId::FatfGrey, _) => (CheckCode::JurisdictionIncreasedMonitoring, "Under FATF's increased monitoring"),
        (ListId::EuHrtc, _) if input.own_side.country.is_eu() => {
            (CheckCode::JurisdictionEuHighRisk, "High-risk third country of the EU")
        }
        _ => return None,
    };
    Some((code, format!("{what}: {name} since {}.", listing.since)))
}

/// What the rulebook says of a country: that it has several regimes always, anything else only of one on no list.
fn regime(name: &str, facts: Option<&CountryFacts>, on_no_list: bool) -> Vec<Finding> {
    let known = facts.is_some_and(|facts| facts.regime.status != TravelRuleStatus::Unknown);
    let mut findings = vec![];
    if on_no_list && !known {
        let detail = format!("{name} is on no list; its Travel Rule is not on record, which is not the same as none.");
        findings.push((CheckCode::JurisdictionRegimeUnknown, detail));
    }
    if facts.is_some_and(|facts| facts.regime.ambiguous) {
        let detail = format!("{name} has several regimes and none is on record for this VASP; the strictest is applied.");
        findings.push((CheckCode::JurisdictionAmbiguousRegime, detail));
    }
    if on_no_list && findings.is_empty() {
        findings.push((CheckCode::JurisdictionClear, format!("{name} is on no list.")));
    }
    findings
}

/// The first list that must have been consulted and was not. The EU's binds an originator in the EU.
fn missing_list(input: &PrecheckInput<'_>) -> Option<ListId> {
    let eu = input.own_side.country.is_eu().then_some(ListId::EuHrtc);
    let needed = [ListId::FatfBlack, ListId::FatfGrey].into_iter().chain(eu);
    needed.into_iter().find(|needed| input.lists.iter().all(|version| version.list != *needed))
}

/// What is not established because the transfer's date lies after what a list is known to say.
fn reservation(input: &PrecheckInput<'_>) -> String {
    let late: Vec<&ListVersion> = input.lists.iter().filter(|list| list.known_through < input.date).collect();
    let named: Vec<String> = late.iter().map(|list| format!("{} after {}", list.list, list.known_through)).collect();
    if named.is_empty() { String::new() } else { format!(" Not established: {}.", named.join(", ")) }
}

fn evidence(countries: &[Country], input: &PrecheckInput<'_>) -> Vec<Evidence> {
    let facts = input.countries.iter().filter(|facts| countries.contains(&facts.regime.country));
    let listed = |list: ListId| input.lists.iter().find(move |version| version.list == list);
    let listings = facts.clone().flat_map(|facts| facts.listings.iter().map(move |listing| (facts.regime.country, listing)));
    let listings = listings.map(|(country, listing)| Evidence {
        of: EvidenceOf::JurisdictionListing { list: listing.list.to_string(), country },
        source: format!("{}, member since {}", listed(listing.list).map_or("", |version| version.source.as_str()), listing.since),
        observed_at: listed(listing.list).map(|version| version.observed_on.start()),
        valid_until: None,
    });
    let lists = input.lists.iter().map(|version| Evidence {
        of: EvidenceOf::JurisdictionList(version.list.to_string()),
        source: version.source.clone(),
        observed_at: Some(version.observed_on.start()),
        // Known through the whole of that day.
        valid_until: Some(version.known_through.next().start()),
    });
    let rules = facts.clone().filter_map(|facts| {
        let regime = &facts.regime;
        regime.rule_version.as_ref().map(|version| Evidence {
            of: EvidenceOf::Rule(version.to_string()),
            source: regime.source.clone(),
            observed_at: Some(regime.observed_on.start()),
            valid_until: regime.valid_until.map(Date::start),
        })
    });
    let prohibited = facts.filter(|f| input.policy.prohibits(f.regime.country, Some(&f.regime.jurisdiction))).take(1);
    let policy = prohibited.map(|_| Evidence {
        of: EvidenceOf::Policy(input.policy.to_string()),
        source: "the policy's prohibited jurisdictions".to_owned(),
        observed_at: Some(input.now),
        valid_until: None,
    });
    listings.chain(lists).chain(rules).chain(policy).collect()
}
