//! Judges the counterparty's country by the embargoes of the asker's law, FATF's lists, the EU's list, the rulebook and the
//! policy's own list. The check covers everybody who may turn out to be the counterparty, and the customer's country if given.
//! The worst finding decides, the others are reported beside it, and a dispute is never clear.
//!
//! Source: docs/project/requirements.md, CP-12; docs/screening.md, "Embargoes".

use super::super::lists::{ListId, Measure};
use super::super::rulebook::TravelRuleStatus;
use super::super::sanctions_by_law::{Embargo, SanctionsByLaw};
use super::{
    CheckCode, CheckOutcome, CheckResult, Counterparty, CountryFacts, Evidence, EvidenceOf, ListVersion, Listing, PrecheckInput,
    RegimeFacts, sentences,
};
use vasp_words::country::Country;
use vasp_words::text::Text;
use vasp_words::time::Date;

/// One finding with its sentence.
type Finding = (CheckCode, Text);

/// Judges every country in question.
pub(super) fn check(input: &PrecheckInput<'_>) -> CheckResult {
    let countries = input.attribution.countries(input.customer_country);
    let mut findings: Vec<Finding> = countries.iter().flat_map(|country| of_country(*country, input)).collect();
    findings.extend(missing_country(input, countries.is_empty()));
    findings.extend(unread(input.own_side).filter(|_| !countries.contains(&input.own_side.country)));
    // Codes are declared worst first within a check. Findings from lists come before findings about the country's rule.
    findings.sort_by_key(|(code, _)| (code.outcome() != CheckOutcome::Fail && is_of_rule(*code), *code));
    let mut is_first = true;
    findings.retain(|(code, _)| std::mem::take(&mut is_first) || *code != CheckCode::JurisdictionClear);
    if findings.is_empty() {
        let detail = "The wallet is self-hosted, and the request does not give the customer's country.";
        findings.push((CheckCode::JurisdictionNoCustomerCountry, detail.into()));
    }
    if countries.is_empty() {
        let self_hosted = input.attribution.counterparty == Counterparty::SelfHosted;
        let missing = if self_hosted { Evidence::declaration(input.now) } else { Evidence::directory(input.now) };
        return CheckResult::of_findings(findings, CheckCode::JurisdictionNoCustomerCountry, vec![missing]);
    }
    let found = CheckResult::of_findings(findings, CheckCode::JurisdictionClear, evidence(&countries, input));
    let reservation = reservation(input);
    if sentences::has_room(&found.detail, &reservation) {
        return CheckResult { detail: sentences::joined([found.detail.as_str(), &reservation]), ..found };
    }
    found
}

/// Returns the finding about a missing country.
fn missing_country(input: &PrecheckInput<'_>, none_at_all: bool) -> Option<Finding> {
    let nameless = input.attribution.screened().into_iter().find(|vasp| vasp.record.country.is_none());
    match (&input.attribution.counterparty, nameless) {
        (Counterparty::Entity(_), Some(vasp)) => Some((
            CheckCode::JurisdictionCountryNotOnRecord,
            format!("The country of {} is not on record.", sentences::cut(&vasp.record.legal_name, 120)).into(),
        )),
        (Counterparty::Party { entities, .. }, _) if entities.iter().any(|vasp| vasp.record.country.is_none()) => {
            let detail = "The country of one of the party's legal entities is not on record.";
            Some((CheckCode::JurisdictionCountryNotOnRecord, detail.into()))
        }
        // For claimants only adverse findings count: nobody's clean country clears a dispute.
        (Counterparty::Nobody { candidates, .. }, _) if !candidates.is_empty() => {
            Some((CheckCode::JurisdictionNoCounterparty, "It is not known which of the candidates is the counterparty.".into()))
        }
        (Counterparty::Party { .. } | Counterparty::Nobody { .. }, _) if none_at_all => {
            Some((CheckCode::JurisdictionNoCounterparty, "The counterparty is not known, so no country could be judged.".into()))
        }
        _ => None,
    }
}

/// Returns every finding against a country; if there is none, what the rulebook alone says.
fn of_country(country: Country, input: &PrecheckInput<'_>) -> Vec<Finding> {
    let name = country.name();
    let facts = input.countries.iter().find(|facts| facts.regime.country == country);
    let id = facts.map(|facts| &facts.regime.jurisdiction);
    let status = facts.map(|facts| facts.regime.status);
    let mut findings = vec![];
    if let Some(embargo) = embargo(country, input) {
        let (own, source) = (&input.own_side.jurisdiction, embargo.source());
        let detail = format!("{name} has been under an embargo that binds {own} since {}: {source}.", embargo.since);
        findings.push((CheckCode::JurisdictionEmbargoed, detail.into()));
    }
    if status == Some(TravelRuleStatus::Banned) {
        findings.push((CheckCode::JurisdictionBanned, format!("Virtual assets are banned in {name}.").into()));
    }
    if input.policy.prohibits(country, id) {
        findings.push((CheckCode::JurisdictionProhibited, format!("The policy {} prohibits {name}.", input.policy).into()));
    }
    if let Some(missing) = missing_list(input) {
        findings.push((
            CheckCode::JurisdictionNoListOnRecord,
            format!("The list {missing} is not loaded, so {name} cannot be judged.").into(),
        ));
    }
    let old: Vec<String> = needed_lists(input).filter_map(|list| too_old(list, input)).collect();
    if !old.is_empty() {
        let detail =
            format!("It is not known whether {name} is listed on {}. Known only up to: {}.", input.date, sentences::listed(&old));
        findings.push((CheckCode::JurisdictionListTooOld, detail.into()));
    }
    findings.extend(facts.into_iter().flat_map(|facts| &facts.listings).filter_map(|listing| of_listing(name, listing, input)));
    let on_no_list = findings.is_empty();
    findings.extend(regime(name, facts));
    if on_no_list && findings.is_empty() {
        findings.push((CheckCode::JurisdictionClear, format!("{name} is on no list.").into()));
    }
    findings
}

/// Returns the embargo on a country on the transfer's date by the law of the asker's jurisdiction.
fn embargo(country: Country, input: &PrecheckInput<'_>) -> Option<&'static Embargo> {
    let own = input.own_side;
    SanctionsByLaw::embedded().embargo(&own.jurisdiction, own.country, country, input.date)
}

/// Returns the finding for the membership of a list. The EU's list binds only an asker in the EU.
fn of_listing(name: &str, listing: &Listing, input: &PrecheckInput<'_>) -> Option<Finding> {
    let (code, what) = match (listing.list, listing.measure) {
        (ListId::FatfBlack, Some(Measure::EnhancedDueDiligence)) => {
            (CheckCode::JurisdictionCallForAction, format!("FATF has called for enhanced due diligence on {name}"))
        }
        (ListId::FatfBlack, _) => {
            (CheckCode::JurisdictionCountermeasures, format!("FATF has called for countermeasures against {name}"))
        }
        (ListId::FatfGrey, _) => {
            (CheckCode::JurisdictionIncreasedMonitoring, format!("{name} has been under FATF's increased monitoring"))
        }
        (ListId::EuHrtc, _) if input.own_side.country.is_eu() => {
            (CheckCode::JurisdictionEuHighRisk, format!("{name} has been a high-risk third country of the EU"))
        }
        _ => return None,
    };
    Some((code, format!("{what} since {}.", listing.since).into()))
}

/// Returns whether a finding is about the country's Travel Rule.
fn is_of_rule(code: CheckCode) -> bool {
    use CheckCode as C;
    let of_version = matches!(code, C::JurisdictionRuleNotInForce | C::JurisdictionRuleUnread);
    of_version || matches!(code, C::JurisdictionRegimeUnknown | C::JurisdictionAmbiguousRegime)
}

/// Returns what the rulebook says about a country's Travel Rule, unless the rule is simply in force.
fn regime(name: &str, facts: Option<&CountryFacts>) -> Vec<Finding> {
    use TravelRuleStatus as S;
    let mut findings: Vec<Finding> = facts.and_then(|facts| unread(&facts.regime)).into_iter().collect();
    match facts.map_or(S::Unknown, |facts| facts.regime.status) {
        S::Unknown => {
            let detail = format!("The Travel Rule of {name} is not on record. This does not mean that there is none.");
            findings.push((CheckCode::JurisdictionRegimeUnknown, detail.into()));
        }
        S::None => findings.push((CheckCode::JurisdictionRuleNotInForce, format!("{name} has no Travel Rule.").into())),
        S::Proposed | S::AdoptedNotInForce => {
            findings
                .push((CheckCode::JurisdictionRuleNotInForce, format!("The Travel Rule of {name} is not in force yet.").into()));
        }
        S::Grace => {
            let detail = format!("The Travel Rule of {name} is in a grace period: it is not fully in force yet.");
            findings.push((CheckCode::JurisdictionRuleNotInForce, detail.into()));
        }
        S::InForce | S::Banned => {}
    }
    if facts.is_some_and(|facts| facts.regime.ambiguous) {
        let detail = format!("{name} has several regimes, and the VASP's regime is not on record. The strictest one is applied.");
        findings.push((CheckCode::JurisdictionAmbiguousRegime, detail.into()));
    }
    findings
}

/// Returns the finding about a version of a rule that is only reported.
fn unread(regime: &RegimeFacts) -> Option<Finding> {
    let reported = sentences::cut(regime.unread.as_ref()?, 110);
    let detail = format!("A change of the rule of {} is reported, but its text was not read: {reported}.", regime.jurisdiction);
    Some((CheckCode::JurisdictionRuleUnread, detail.into()))
}

/// Returns the first list that should have been consulted but is not loaded.
fn missing_list(input: &PrecheckInput<'_>) -> Option<ListId> {
    needed_lists(input).find(|needed| input.lists.iter().all(|version| version.list != *needed))
}

/// Returns the lists that must be consulted. The EU's list binds an asker in the EU.
fn needed_lists(input: &PrecheckInput<'_>) -> impl Iterator<Item = ListId> + use<> {
    let eu = input.own_side.country.is_eu().then_some(ListId::EuHrtc);
    [ListId::FatfBlack, ListId::FatfGrey].into_iter().chain(eu)
}

/// Returns whether a list covers the transfer's date; under a policy without age limits it covers all later days.
fn covers(version: &ListVersion, input: &PrecheckInput<'_>) -> bool {
    input.policy.has_no_age_limits() || input.date.start() < version.covers_until()
}

/// Returns up to when a list is known, if it no longer covers the transfer's date.
fn too_old(list: ListId, input: &PrecheckInput<'_>) -> Option<String> {
    let version = input.lists.iter().find(|version| version.list == list)?;
    (!covers(version, input)).then(|| format!("{list} {}", version.known_through))
}

/// Returns what is not established because the transfer's date is later than the date up to which a list is known. Only lists
/// that still cover the transfer's date are named.
fn reservation(input: &PrecheckInput<'_>) -> String {
    let is_late = |list: &&ListVersion| list.known_through < input.date && covers(list, input);
    let late: Vec<&ListVersion> = input.lists.iter().filter(is_late).collect();
    let named: Vec<String> = late.iter().map(|list| format!("{} after {}", list.list, list.known_through)).collect();
    if named.is_empty() { String::new() } else { format!("Changes are not known: {}.", named.join(", ")) }
}

fn evidence(countries: &[Country], input: &PrecheckInput<'_>) -> Vec<Evidence> {
    let facts = input.countries.iter().filter(|facts| countries.contains(&facts.regime.country));
    let embargoes = countries.iter().filter_map(|country| embargo(*country, input).map(|embargo| (*country, embargo)));
    let embargoes = embargoes.map(|(country, embargo)| Evidence {
        of: EvidenceOf::Embargo(country),
        source: embargo.source().into(),
        observed_at: None,
        valid_until: embargo.until.map(|last| last.next().start()),
    });
    let listed = |list: ListId| input.lists.iter().find(move |version| version.list == list);
    let listings = facts.clone().flat_map(|facts| facts.listings.iter().map(move |listing| (facts.regime.country, listing)));
    let listings = listings.map(|(country, listing)| Evidence {
        of: EvidenceOf::JurisdictionListing { list: listing.list.as_str().into(), country },
        source: format!("{}, member since {}", listed(listing.list).map_or("", |version| version.source.as_str()), listing.since)
            .into(),
        observed_at: listed(listing.list).map(|version| version.known_through.start()),
        valid_until: None,
    });
    let lists = input.lists.iter().map(|version| Evidence {
        of: EvidenceOf::JurisdictionList(version.list.as_str().into()),
        source: version.source.clone(),
        observed_at: Some(version.known_through.start()),
        // The list covers the whole of its last day.
        valid_until: Some(version.covers_until()),
    });
    let rules = facts.clone().filter_map(|facts| {
        let regime = &facts.regime;
        regime.rule_version.as_ref().map(|version| Evidence {
            of: EvidenceOf::Rule(version.into()),
            source: regime.source.clone(),
            observed_at: Some(regime.known_through.start()),
            valid_until: regime.valid_until.map(Date::start),
        })
    });
    let prohibited = facts.filter(|f| input.policy.prohibits(f.regime.country, Some(&f.regime.jurisdiction))).take(1);
    let policy = prohibited.map(|_| Evidence {
        of: EvidenceOf::Policy(input.policy.to_string().into()),
        source: "the policy's prohibited jurisdictions".into(),
        observed_at: Some(input.now),
        valid_until: None,
    });
    embargoes.chain(listings).chain(lists).chain(rules).chain(policy).collect()
}
