//! Compares two policies. One is looser if it recommends something better in some case, asks for less, or ignores something for longer. One
//! person may put a policy in force that is not looser. A looser policy needs two people.
//!
//! Source: docs/policies.md, "One person or two".

use std::collections::BTreeSet;

use super::{AgeLimit, Circumstance, Circumstances, FreshnessLimits, Policy, PolicyCondition};
use crate::precheck::CheckCode;

impl Policy {
    /// Returns each point in which this policy is looser than another, as a sentence; empty if it is at least as strict in every respect.
    #[must_use]
    pub fn looser_than(&self, other: &Self) -> Vec<String> {
        // This names every part of a policy, so that nobody forgets a new part.
        let Self {
            name: _,
            version: _,
            about: _,
            freshness_days,
            prohibited_jurisdictions: _,
            assets,
            protocols,
            attribution,
            risk_based,
            screening,
            relationships,
            rules: _,
            table: _,
        } = self;
        let mut found: Vec<String> = CheckCode::ALL.iter().filter_map(|code| self.better_at(*code, other)).collect();
        found.extend(CheckCode::ALL.iter().flat_map(|code| self.conditions_lost(*code, other)));
        found.extend(older_allowed(freshness_days, &other.freshness_days));
        found.extend(self.no_longer_prohibited(other));
        found.extend(assets.looser_than(&other.assets));
        found.extend(protocols.looser_than(&other.protocols));
        found.extend(attribution.looser_than(&other.attribution));
        found.extend(risk_based.looser_than(&other.risk_based));
        found.extend(screening.looser_than(&other.screening));
        found.extend(relationships.looser_than(&other.relationships));
        found
    }

    /// Returns a case in which this policy has a better consequence, under any circumstances that lines of either policy use.
    fn better_at(&self, code: CheckCode, other: &Self) -> Option<String> {
        self.all_circumstances(other, code).into_iter().find_map(|so| {
            let (ours, theirs) = (self.decide(code, so), other.decide(code, so));
            let when: Vec<&str> = so.iter().map(Circumstance::as_str).collect();
            let when = if when.is_empty() { String::new() } else { format!(" ({})", when.join(", ")) };
            (ours > theirs).then(|| format!("{code}: {} instead of {}{when}", ours.as_str(), theirs.as_str()))
        })
    }

    /// Returns the conditions that only the other policy sets, in cases in which this policy does not decide worse.
    fn conditions_lost(&self, code: CheckCode, other: &Self) -> Vec<String> {
        let made =
            |policy: &Self, so: Circumstances| policy.line_for(code, so).map(|line| line.conditions.clone()).unwrap_or_default();
        let mut lost = BTreeSet::new();
        for so in self.all_circumstances(other, code).into_iter().filter(|so| self.decide(code, *so) >= other.decide(code, *so)) {
            let ours = made(self, so);
            // If the detail is the whole condition, the program cannot tell whether another detail is as strict.
            let is_kept = |wanted: &PolicyCondition| {
                ours.iter().any(|one| one.code == wanted.code && (!wanted.code.is_its_detail() || one.detail == wanted.detail))
            };
            let detail =
                |wanted: &PolicyCondition| wanted.code.is_its_detail().then(|| format!(" (\"{}\")", wanted.detail.as_str()));
            let lost_here = made(other, so).into_iter().filter(|wanted| !is_kept(wanted));
            lost.extend(lost_here.map(|wanted| (wanted.code, detail(&wanted).unwrap_or_default())));
        }
        lost.into_iter().map(|(one, detail)| format!("{code}: the condition {}{detail} is no longer set", one.as_str())).collect()
    }

    /// Returns all combinations of the circumstances that lines of either policy use for a finding.
    fn all_circumstances(&self, other: &Self, code: CheckCode) -> Vec<Circumstances> {
        let lines = self.rules.iter().chain(&other.rules).filter(|rule| rule.is_about(code));
        let told: BTreeSet<Circumstance> = lines.flat_map(|rule| rule.when.iter().copied()).collect();
        told.into_iter().fold(vec![Circumstances::default()], |all, one| {
            let with: Vec<Circumstances> = all.iter().map(|so| so.with(one, true)).collect();
            all.into_iter().chain(with).collect()
        })
    }

    fn no_longer_prohibited(&self, other: &Self) -> Vec<String> {
        let still = |id: &crate::rulebook::JurisdictionId| {
            self.prohibited_jurisdictions.contains(id) || id.country().is_some_and(|country| self.prohibits(country, None))
        };
        let lost = other.prohibited_jurisdictions.iter().filter(|id| !still(id));
        lost.map(|id| format!("prohibited_jurisdictions: {id} is no longer prohibited")).collect()
    }
}

fn older_allowed(ours: &FreshnessLimits, theirs: &FreshnessLimits) -> Vec<String> {
    // This names every limit, so that nobody forgets a new limit.
    let FreshnessLimits { register, screening_list, jurisdiction_list, rulebook } = *ours;
    let pairs: [(&str, AgeLimit, AgeLimit); 4] = [
        ("register", register, theirs.register),
        ("screening_list", screening_list, theirs.screening_list),
        ("jurisdiction_list", jurisdiction_list, theirs.jurisdiction_list),
        ("rulebook", rulebook, theirs.rulebook),
    ];
    let never = |days: Option<u16>| days.map_or(u32::MAX, u32::from);
    let looser = pairs.into_iter().filter(|(_, ours, theirs)| {
        // If the source already counts as unknown, the age at which it would warn does not matter.
        u32::from(ours.warn_after).min(never(ours.unknown_after)) > u32::from(theirs.warn_after).min(never(theirs.unknown_after))
            || never(ours.unknown_after) > never(theirs.unknown_after)
    });
    let days = |limit: AgeLimit| {
        let unknown = limit.unknown_after.map_or_else(|| "never unknown".to_owned(), |days| format!("unknown after {days}"));
        format!("warn after {} days, {unknown}", limit.warn_after)
    };
    looser
        .map(|(class, ours, theirs)| {
            format!("freshness_days: a {class} may be older ({}, instead of {})", days(ours), days(theirs))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::Consequence;
    use super::*;
    use proptest::prelude::*;

    const EMBEDDED: &str = include_str!("../../../seed/policy.json");

    fn embedded() -> Policy {
        Policy::embedded().unwrap()
    }

    fn edited(from: &str, to: &str) -> Policy {
        assert!(EMBEDDED.contains(from), "{from}");
        Policy::from_json(&EMBEDDED.replacen(from, to, 1)).unwrap()
    }

    #[test]
    fn a_policy_is_not_looser_than_itself() {
        assert_eq!(embedded().looser_than(&embedded()), [""; 0]);
    }

    /// Each change is looser in one direction and stricter in the other.
    #[test]
    fn each_way_to_be_looser_is_found_and_turned_round_it_is_none() {
        for (from, to, words) in [
            (
                "[\"licence.withdrawn\"], \"consequence\": \"reject\"",
                "[\"licence.withdrawn\"], \"consequence\": \"hold\"",
                "licence.withdrawn: hold instead of reject",
            ),
            (
                "{\"outcome\": \"warn\", \"consequence\": \"note\"",
                "{\"outcome\": \"warn\", \"consequence\": \"pass\"",
                "lei.lapsed: pass instead of note",
            ),
            (
                "\"outcome\": \"unknown\", \"when\": [\"approved\"]",
                "\"outcome\": \"unknown\", \"when\": [\"approved\", \"data_travel\"]",
                "",
            ),
            ("\"warn_after\": 30", "\"warn_after\": 31", "freshness_days: a register may be older"),
            ("\"unknown_after\": 30", "\"unknown_after\": null", "freshness_days: a screening_list may be older"),
            ("\"last_resort\": [\"email\"]", "\"last_resort\": []", "protocols: email is no longer a last resort"),
            ("\"min_health\": \"degraded\"", "\"min_health\": \"down\"", "protocols: endpoints with worse health are allowed"),
            ("\"require_certificate\": false", "\"require_certificate\": true", ""),
            ("\"prohibited_jurisdictions\": []", "\"prohibited_jurisdictions\": [\"AE-VARA\"]", ""),
        ] {
            let (one, other) = (edited(from, to), embedded());
            let (looser, stricter) = (one.looser_than(&other), other.looser_than(&one));
            if words.is_empty() {
                assert!(looser.is_empty() && !stricter.is_empty(), "{to}: {looser:?} {stricter:?}");
            } else {
                assert!(
                    looser.iter().any(|said| said.starts_with(words)) && stricter.is_empty(),
                    "{to}: {looser:?} {stricter:?}"
                );
            }
        }
    }

    #[test]
    fn a_whole_country_covers_its_regimes() {
        let regime = edited("tions\": []", "tions\": [\"AE-VARA\"]");
        let country = edited("tions\": []", "tions\": [\"AE\"]");

        assert!(country.looser_than(&regime).is_empty());
        assert_eq!(regime.looser_than(&country), ["prohibited_jurisdictions: AE is no longer prohibited"]);
    }

    /// A higher amount is looser, but the program cannot tell whether a sentence raises the amount.
    #[test]
    fn a_condition_that_is_its_detail_is_another_with_another_detail() {
        let with = |code: &str, detail: &str| {
            let mut policy: serde_json::Value = serde_json::from_str(EMBEDDED).unwrap();
            let line = serde_json::json!({"codes": ["lei.lapsed"], "consequence": "condition", "why": "x.",
                "conditions": [{"code": code, "detail": detail}]});
            policy["rules"].as_array_mut().unwrap().insert(0, line);
            Policy::from_json(&policy.to_string()).unwrap()
        };
        let (low, high) = (with("max_amount", "At most 500 EUR."), with("max_amount", "At most 500000 EUR."));
        assert_eq!(high.looser_than(&low), ["lei.lapsed: the condition max_amount (\"At most 500 EUR.\") is no longer set"]);
        assert_eq!(low.looser_than(&high), ["lei.lapsed: the condition max_amount (\"At most 500000 EUR.\") is no longer set"]);
        assert!(low.looser_than(&low).is_empty());
        let reworded = (with("first_party_only", "Own accounts."), with("first_party_only", "Only own accounts."));
        assert!(reworded.0.looser_than(&reworded.1).is_empty());
    }

    #[test]
    fn a_condition_taken_away_is_looser_unless_the_line_decides_worse() {
        let without = EMBEDDED.replacen(
            "\"conditions\": [{\"code\": \"enhanced_due_diligence\"",
            "\"conditions\": [{\"code\": \"first_party_only\"",
            1,
        );
        let worse = without.replacen(
            "[\"jurisdiction.call_for_action\"], \"consequence\": \"hold\"",
            "[\"jurisdiction.call_for_action\"], \"consequence\": \"reject\"",
            1,
        );
        let (without, worse) = (Policy::from_json(&without).unwrap(), Policy::from_json(&worse).unwrap());

        assert_eq!(
            without.looser_than(&embedded()),
            ["jurisdiction.call_for_action: the condition enhanced_due_diligence is no longer set"]
        );
        assert_eq!(worse.looser_than(&embedded()), [""; 0]);
    }

    /// Generates a policy from the embedded one by changing the consequence of some codes.
    fn policy() -> impl Strategy<Value = Policy> {
        let codes = proptest::collection::btree_map(0..CheckCode::ALL.len(), 0usize..5, 0..6);
        (codes, 1u16..60, proptest::option::of(61u16..200)).prop_filter_map("a line decides nothing", |(codes, warn, unknown)| {
            let line = |(place, to): (&usize, &usize)| {
                let consequence = Consequence::ALL[*to];
                let detail = serde_json::json!([{"code": "check_source", "detail": "Look."}]);
                let step = serde_json::json!([{"code": "ask_counterparty", "detail": "Ask."}]);
                let none = serde_json::json!([]);
                let (conditions, steps) = match consequence {
                    Consequence::Condition => (detail, none),
                    Consequence::Hold | Consequence::Reject => (none, step),
                    Consequence::Note | Consequence::Pass => (none.clone(), none),
                };
                serde_json::json!({"codes": [CheckCode::ALL[*place]], "consequence": consequence, "conditions": conditions,
                                   "next_steps": steps, "why": "drawn"})
            };
            let mut document: serde_json::Value = serde_json::from_str(EMBEDDED).unwrap();
            document["freshness_days"]["register"] = serde_json::json!({"warn_after": warn, "unknown_after": unknown});
            let rules = document["rules"].as_array_mut().unwrap();
            let drawn: Vec<_> = codes.iter().map(line).collect();
            rules.splice(0..0, drawn);
            Policy::from_json(&document.to_string()).ok()
        })
    }

    proptest! {
        #[test]
        fn what_is_not_looser_recommends_nothing_better(one in policy(), other in policy()) {
            let so = Circumstances::default();
            let better = CheckCode::ALL.iter().any(|code| one.decide(*code, so) > other.decide(*code, so));
            prop_assert!(!better || !one.looser_than(&other).is_empty());
        }

        #[test]
        fn not_being_looser_is_handed_on(one in policy(), two in policy(), three in policy()) {
            if one.looser_than(&two).is_empty() && two.looser_than(&three).is_empty() {
                prop_assert_eq!(one.looser_than(&three), [""; 0]);
            }
        }
    }
}
