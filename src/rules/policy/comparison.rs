//! Whether one policy is looser than another: somewhere it would recommend better, ask for less, or look away for longer. What is
//! not looser may be put in force by one person; what is takes two.
//!
//! Source: issue 7, "Policy as data"; design, "Four eyes cannot be faked".

use super::{AgeLimit, ConditionCode, ConditionWhen, FreshnessLimits, Policy, PolicyCondition};
use crate::precheck::CheckCode;

impl Policy {
    /// Returns where this policy is looser than another, a sentence each; nothing where it is as strict or stricter in every respect.
    #[must_use]
    pub fn looser_than(&self, other: &Self) -> Vec<String> {
        // Every part of a policy is named here, so that a new one is not forgotten.
        let Self {
            name: _,
            version: _,
            about: _,
            freshness_days,
            prohibited_jurisdictions: _,
            protocols,
            attribution,
            screening,
            relationships,
            rules: _,
            table: _,
        } = self;
        let mut found: Vec<String> = CheckCode::ALL.iter().filter_map(|code| self.better_at(*code, other)).collect();
        found.extend(CheckCode::ALL.iter().flat_map(|code| self.conditions_lost(*code, other)));
        found.extend(older_allowed(freshness_days, &other.freshness_days));
        found.extend(self.no_longer_prohibited(other));
        found.extend(protocols.looser_than(&other.protocols));
        found.extend(attribution.looser_than(&other.attribution));
        found.extend(screening.looser_than(&other.screening));
        found.extend(relationships.looser_than(&other.relationships));
        found
    }

    fn better_at(&self, code: CheckCode, other: &Self) -> Option<String> {
        let (ours, theirs) = (self.recommend(code), other.recommend(code));
        (ours > theirs).then(|| format!("{code}: {} instead of {}", ours.as_str(), theirs.as_str()))
    }

    /// Conditions that the other attaches and this one does not, where it recommends no worse.
    fn conditions_lost(&self, code: CheckCode, other: &Self) -> Vec<String> {
        if self.recommend(code) < other.recommend(code) {
            return vec![];
        }
        let attached = |policy: &Self, wanted: &PolicyCondition| {
            // Where the detail is the condition, another one cannot be told to be as strict.
            let same =
                |one: &&PolicyCondition| one.code == wanted.code && (!wanted.code.is_its_detail() || one.detail == wanted.detail);
            let all = policy.lines_for(code).flat_map(|line| &line.conditions).filter(same);
            // Attached always is more than where a rule asks.
            all.map(|one| if one.when == ConditionWhen::Always { 2 } else { 1 }).max().unwrap_or(0)
        };
        let theirs = other.lines_for(code).flat_map(|line| &line.conditions);
        let lost = theirs.filter(|wanted| attached(self, wanted) < attached(other, wanted));
        let mut lost: Vec<ConditionCode> = lost.map(|one| one.code).collect();
        lost.sort_unstable();
        lost.dedup();
        let asked = |condition: &ConditionCode| {
            if condition.is_its_detail() { "is another, or asked less often" } else { "is asked less often" }
        };
        lost.iter().map(|condition| format!("{code}: the condition {} {}", condition.as_str(), asked(condition))).collect()
    }

    fn no_longer_prohibited(&self, other: &Self) -> Vec<String> {
        let still = |id: &crate::rulebook::JurisdictionId| {
            self.prohibited_jurisdictions.contains(id) || id.country().is_some_and(|country| self.prohibits(country, None))
        };
        let lost = other.prohibited_jurisdictions.iter().filter(|id| !still(id));
        lost.map(|id| format!("prohibited_jurisdictions: {id} is not prohibited any more")).collect()
    }
}

fn older_allowed(ours: &FreshnessLimits, theirs: &FreshnessLimits) -> Vec<String> {
    // Every limit is named here, so that a new one is not forgotten.
    let FreshnessLimits { register, screening_list, jurisdiction_list, rulebook } = *ours;
    let pairs: [(&str, AgeLimit, AgeLimit); 4] = [
        ("register", register, theirs.register),
        ("screening_list", screening_list, theirs.screening_list),
        ("jurisdiction_list", jurisdiction_list, theirs.jurisdiction_list),
        ("rulebook", rulebook, theirs.rulebook),
    ];
    let never = |days: Option<u16>| days.map_or(u32::MAX, u32::from);
    let looser = pairs.into_iter().filter(|(_, ours, theirs)| {
        // Where a source is unknown it does not matter from when on it would warn.
        u32::from(ours.warn_after).min(never(ours.unknown_after)) > u32::from(theirs.warn_after).min(never(theirs.unknown_after))
            || never(ours.unknown_after) > never(theirs.unknown_after)
    });
    looser.map(|(class, ..)| format!("freshness_days: a {class} may be older")).collect()
}

impl ConditionCode {
    /// Tells whether what has to be met is said by its detail alone.
    fn is_its_detail(self) -> bool {
        matches!(self, Self::MaxAmount | Self::AsAgreed)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Recommendation;
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

    /// Each is looser one way, and stricter the other way round.
    #[test]
    fn each_way_to_be_looser_is_found_and_turned_round_it_is_none() {
        for (from, to, words) in [
            (
                "\"code\": \"licence.withdrawn\", \"recommendation\": \"reject\"",
                "\"code\": \"licence.withdrawn\", \"recommendation\": \"hold\"",
                "licence.withdrawn: hold instead of reject",
            ),
            (
                "{\"outcome\": \"warn\", \"recommendation\": \"proceed_with_conditions\"",
                "{\"outcome\": \"warn\", \"recommendation\": \"proceed\"",
                "lei.lapsed: proceed instead of proceed_with_conditions",
            ),
            ("\"when\": \"a_rule_asks\", ", "\"when\": \"always\", ", ""),
            ("\"warn_after\": 30", "\"warn_after\": 31", "freshness_days: a register may be older"),
            ("\"unknown_after\": 30", "\"unknown_after\": null", "freshness_days: a screening_list may be older"),
            ("\"last_resort\": [\"email\"]", "\"last_resort\": []", "protocols: email is not of last resort any more"),
            ("\"min_health\": \"degraded\"", "\"min_health\": \"down\"", "protocols: endpoints of worse health are used"),
            ("\"require_certificate\": false", "\"require_certificate\": true", ""),
            ("\"prohibited_jurisdictions\": []", "\"prohibited_jurisdictions\": [\"AE-VARA\"]", ""),
        ] {
            let (one, other) = (edited(from, to), embedded());
            let (looser, stricter) = (one.looser_than(&other), other.looser_than(&one));
            if words.is_empty() {
                assert!(looser.is_empty() && !stricter.is_empty(), "{to}: {looser:?} {stricter:?}");
            } else {
                assert!(looser.iter().any(|said| said == words) && stricter.is_empty(), "{to}: {looser:?} {stricter:?}");
            }
        }
    }

    #[test]
    fn a_whole_country_covers_its_regimes() {
        let regime = edited("tions\": []", "tions\": [\"AE-VARA\"]");
        let country = edited("tions\": []", "tions\": [\"AE\"]");

        assert!(country.looser_than(&regime).is_empty());
        assert_eq!(regime.looser_than(&country), ["prohibited_jurisdictions: AE is not prohibited any more"]);
    }

    /// Review 7, P1: an amount that is raised is looser, and whether a sentence raises it nobody can tell.
    #[test]
    fn a_condition_that_is_its_detail_is_another_with_another_detail() {
        let with = |code: &str, detail: &str| {
            let mut policy: serde_json::Value = serde_json::from_str(EMBEDDED).unwrap();
            let line = serde_json::json!({"check": "lei", "outcome": "warn", "code": "lei.lapsed",
                "recommendation": "proceed_with_conditions", "why": "x.",
                "conditions": [{"code": code, "when": "always", "detail": detail}]});
            policy["rules"].as_array_mut().unwrap().push(line);
            Policy::from_json(&policy.to_string()).unwrap()
        };
        for code in ["max_amount", "as_agreed"] {
            let (low, high) = (with(code, "At most 500 EUR."), with(code, "At most 500000 EUR."));
            assert_eq!(high.looser_than(&low), [format!("lei.lapsed: the condition {code} is another, or asked less often")]);
            assert!(!low.looser_than(&high).is_empty() && low.looser_than(&low).is_empty());
        }
        let reworded = (with("first_party_only", "Own accounts."), with("first_party_only", "Only own accounts."));
        assert!(reworded.0.looser_than(&reworded.1).is_empty());
    }

    #[test]
    fn a_condition_taken_away_is_looser_unless_the_line_recommends_worse() {
        let without = EMBEDDED.replacen(
            "\"conditions\": [{\"code\": \"enhanced_due_diligence\"",
            "\"conditions\": [{\"code\": \"first_party_only\"",
            1,
        );
        let worse = without.replacen(
            "\"code\": \"jurisdiction.call_for_action\", \"recommendation\": \"hold\"",
            "\"code\": \"jurisdiction.call_for_action\", \"recommendation\": \"reject\"",
            1,
        );
        let (without, worse) = (Policy::from_json(&without).unwrap(), Policy::from_json(&worse).unwrap());

        assert_eq!(
            without.looser_than(&embedded()),
            ["jurisdiction.call_for_action: the condition enhanced_due_diligence is asked less often"]
        );
        assert_eq!(worse.looser_than(&embedded()), [""; 0]);
    }

    /// A policy made of the embedded one by setting what some codes come to.
    fn policy() -> impl Strategy<Value = Policy> {
        let codes = proptest::collection::btree_map(0..CheckCode::ALL.len(), 0usize..4, 0..6);
        (codes, 1u16..60, proptest::option::of(61u16..200)).prop_map(|(codes, warn, unknown)| {
            let line = |(place, to): (&usize, &usize)| {
                let code = CheckCode::ALL[*place];
                serde_json::json!({"check": code.check(), "outcome": code.outcome(), "code": code,
                                   "recommendation": Recommendation::ALL[*to], "why": "drawn"})
            };
            let mut document: serde_json::Value = serde_json::from_str(EMBEDDED).unwrap();
            document["freshness_days"]["register"] = serde_json::json!({"warn_after": warn, "unknown_after": unknown});
            let rules = document["rules"].as_array_mut().unwrap();
            // A drawn line takes the place of the one about the same code.
            let drawn: Vec<_> = codes.iter().map(line).collect();
            rules.retain(|rule| drawn.iter().all(|other| rule["code"].is_null() || other["code"] != rule["code"]));
            rules.extend(drawn);
            Policy::from_json(&document.to_string()).unwrap()
        })
    }

    proptest! {
        #[test]
        fn what_is_not_looser_recommends_nothing_better(one in policy(), other in policy()) {
            let better = CheckCode::ALL.iter().any(|code| one.recommend(*code) > other.recommend(*code));
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
