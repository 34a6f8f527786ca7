//! The check `attribution` after the policy's minimum strength is applied: an owner is not established if its claims are weaker
//! than the policy requires for the transfer's value.
//!
//! Source: docs/policies.md, "Strength by value".

use super::super::policy::strength_word;
use super::{CheckCode, CheckOutcome, CheckResult, PrecheckInput, sentences};
use vasp_record::claim::Strength;

/// Answers the check.
pub(super) fn check(input: &PrecheckInput<'_>) -> CheckResult {
    let found = &input.attribution.result;
    let by_worth = (input.policy.attribution().required(input.worth), input.worth);
    // A transfer that is split up needs the strength that the whole would need.
    let by_total = input.linked_total.map(|total| (input.policy.attribution().required(Some(total)), Some(total)));
    let (needed, asked_of) = by_total.filter(|(needed, _)| *needed > by_worth.0).unwrap_or(by_worth);
    let Some(needed) = needed.filter(|_| rests_on_claims(found.code)) else { return found.clone() };
    let strength = counted(found.code, input.attribution.strength);
    if strength >= Some(needed) {
        return found.clone();
    }
    let asked = match asked_of {
        Some(total) if Some(total) != input.worth => format!("for linked transfers of {} {}", total.amount, total.currency),
        Some(worth) => format!("for a transfer of {} {}", worth.amount, worth.currency),
        None => "if the transfer's value is not known".to_owned(),
    };
    let has = strength
        .map_or_else(|| "There is no claim.".to_owned(), |strength| format!("This claim is only {}.", strength_word(strength)));
    let policy = sentences::cut(&input.policy.to_string(), 40);
    let rule = format!("The policy {policy} requires {} claims {asked}. {has}", strength_word(needed));
    let detail = sentences::joined([found.detail.as_str(), &rule]);
    let also = found.codes().filter(|code| code.outcome() < CheckOutcome::Pass).collect();
    CheckResult::new(CheckCode::AttributionBelowMinimumStrength, detail, found.evidence.clone()).with(also)
}

/// Returns whether a finding names an owner by claims, or only by the customer's declaration. Presented certificates, named
/// counterparties and self-hosted addresses rest on something else. Disputed or contradicted findings are already worse.
fn rests_on_claims(code: CheckCode) -> bool {
    matches!(
        code,
        CheckCode::AttributionProven
            | CheckCode::AttributionAttested
            | CheckCode::AttributionAttributed
            | CheckCode::AttributionClassOnly
            | CheckCode::AttributionFamilyOnly
            | CheckCode::AttributionFamilyDisagrees
            | CheckCode::AttributionDeclaredUnconfirmed
    )
}

/// Returns the strength to use. Claims for the whole family of networks are at most as strong as third-party data.
fn counted(code: CheckCode, strength: Option<Strength>) -> Option<Strength> {
    if code == CheckCode::AttributionFamilyOnly { strength.map(|known| known.min(Strength::Attributed)) } else { strength }
}

#[cfg(test)]
mod tests {
    use super::super::super::policy::{Policy, Recommendation};
    use super::super::Declared;
    use super::super::examples::{Case, Question, claim, entity, family};
    use super::*;
    use vasp_words::money::Money;

    fn asking(lines: &str) -> Policy {
        let text = include_str!("../../../seed/policy.json");
        let section = format!("\"attribution\": {{\"minimum_strength\": {lines}}}, \"rules\": [");
        Policy::from_json(&text.replacen("\"rules\": [", &section, 1)).unwrap()
    }

    fn worth(amount: &str) -> Option<Money> {
        Some(Money { amount: amount.parse().unwrap(), currency: "EUR".parse().unwrap() })
    }

    fn first(case: &Case) -> (CheckCode, Recommendation) {
        let outcome = case.run();
        (outcome.checks[0].code, outcome.recommendation)
    }

    /// Third-party data passes below the value from which the policy requires a member's claim.
    #[test]
    fn third_party_data_is_enough_below_the_worth_and_not_from_it_on() {
        let policy = asking(r#"[{"from": {"amount": "1000", "currency": "EUR"}, "strength": "attested"}]"#);
        let of = |worth| Case { policy: policy.clone(), worth, ..Case::licensed() };
        let mut attested = of(worth("1000"));
        let mut claimed = claim(1, 1);
        claimed.strength = Strength::Attested;
        attested.question = Question::Address(vec![claimed]);

        assert_eq!(first(&of(worth("999.99"))).0, CheckCode::AttributionAttributed);
        assert_eq!(first(&of(worth("1000"))), (CheckCode::AttributionBelowMinimumStrength, Recommendation::Hold));
        assert_eq!(first(&of(None)).0, CheckCode::AttributionBelowMinimumStrength, "a worth not told is on the stricter side");
        assert_eq!(first(&attested).0, CheckCode::AttributionAttested);
        assert_eq!(
            of(worth("1000")).run().checks[0].detail,
            format!(
                "Third-party data attributes the address to Entity 1 Limited. The policy {policy} requires attested claims \
                 for a transfer of 1000 EUR. This claim is only attributed."
            )
        );
    }

    /// A transfer that is split into small ones needs the strength that the whole would need.
    #[test]
    fn linked_transfers_are_looked_at_together() {
        let policy = asking(r#"[{"from": {"amount": "1000", "currency": "EUR"}, "strength": "attested"}]"#);
        let of = |total| Case { policy: policy.clone(), worth: worth("900"), linked_total: total, ..Case::licensed() };

        assert_eq!(first(&of(worth("999"))).0, CheckCode::AttributionAttributed);
        assert_eq!(first(&of(worth("9000"))).0, CheckCode::AttributionBelowMinimumStrength);
        let detail = of(worth("9000")).run().checks[0].detail.clone();
        assert!(detail.ends_with("attested claims for linked transfers of 9000 EUR. This claim is only attributed."), "{detail}");
    }

    #[test]
    fn a_mere_declaration_and_a_familys_row_are_below_and_keep_their_own_code_beside() {
        let policy = asking(r#"[{"from": null, "strength": "attested"}]"#);
        let declared = Case { policy: policy.clone(), ..Case::unknown_address(Declared::Vasp(entity(1).id)) };
        let family = Case { policy: policy.clone(), ..Case::about(Question::Address(vec![family(1, 1)]), vec![entity(1)]) };
        let named = Case { policy, ..Case::about(Question::Vasp(1), vec![entity(1)]) };

        assert_eq!(declared.run().checks[0].also, [CheckCode::AttributionDeclaredUnconfirmed]);
        assert_eq!(family.run().checks[0].also, [CheckCode::AttributionFamilyOnly]);
        assert_eq!(first(&named).0, CheckCode::AttributionVaspNamed);
    }
}
