//! Tests that the default policy is the table below, which was written by hand.

use super::super::precheck::{CheckCode, CheckOutcome};
use super::Circumstance as W;
use super::*;

/// The codes, the circumstances, and the consequence; conditions or next steps follow the colon.
const TABLE: &str = "
sanctions.address_listed | | reject: do_not_transact consider_report
sanctions.name_listed | | reject: do_not_transact consider_report
sanctions.owned_50 | | reject: do_not_transact consider_report
sanctions.provider_banned | | reject: do_not_transact consider_report
sanctions.provider_banned | incoming | reject: freeze_and_report consider_report
sanctions.provider_may_be_banned | | hold: name_entity
sanctions.provider_may_be_banned | customer_country_told | hold: name_entity
transfer.asset_prohibited | | reject: do_not_transact
transfer.asset_prohibited | incoming | reject: do_not_transact
sanctions.address_listed | incoming | reject: freeze_and_report consider_report
identity.revoked | | reject: other_counterparty
licence.withdrawn | | reject: other_counterparty
shell_vasp.no_presence | | reject: other_counterparty
jurisdiction.embargoed | | reject: do_not_transact
jurisdiction.embargoed | incoming | reject: freeze_and_report
jurisdiction.countermeasures | | reject: do_not_transact
jurisdiction.banned | | reject: do_not_transact
jurisdiction.prohibited | | reject: do_not_transact
attribution.conflicted | | hold
attribution.hidden_proof | | hold
attribution.recently_proven | | hold
attribution.unsettled_end | | hold
attribution.ambiguous | | hold: correct_address
attribution.not_found | | hold: name_entity
attribution.no_counterparty | | hold: name_entity
attribution.certificate_unknown | | hold
attribution.common_name_unknown | | hold
attribution.common_name_unproven | | hold
attribution.below_minimum_strength | | hold
attribution.declared_mismatch | | hold
attribution.declared_self_hosted_but_owned | | hold
attribution.declared_unconfirmed | | condition: confirm_address_with_counterparty
attribution.family_only | | condition: confirm_address_with_counterparty
attribution.class_only | | condition: confirm_address_with_counterparty
attribution.beneficiary_disputed | | condition: confirm_address_with_counterparty
attribution.family_disagrees | | note
attribution.self_hosted_unconfirmed | own_wallet_asked | condition: proof_of_control
attribution.self_hosted_unconfirmed | own_wallet_unruled | condition: proof_of_control
attribution.self_hosted_unconfirmed | own_wallet_free | note
attribution.self_hosted_proven | own_wallet_asked | note
attribution.self_hosted_proven | others_wallet | condition: identify_third_party
attribution.self_hosted_proven | others_wallet others_wallet_verified | condition: identify_third_party
attribution.same_entity | | note
transfer.proof_not_bound | | hold: obtain_data
attribution.self_hosted_unconfirmed | | condition: identify_third_party
attribution.self_hosted_unconfirmed | others_wallet_verified | condition: identify_third_party proof_of_control
identity.none_registered_there | | hold: ask_counterparty wait_for_review
identity.group_only | | hold: name_entity
identity.group_only | customer_country_told | hold: name_entity
identity.group_only | customer_country_told nobody_to_name | hold: ask_counterparty wait_for_review
identity.group_only | nobody_to_name | hold: name_entity
identity.several_entities | | hold: name_entity
identity.unknown_vasp | | hold: name_entity ask_counterparty wait_for_review
identity.under_review | | hold: wait_for_review
identity.suspended | | hold
identity.mixer | sure_label | reject: do_not_transact consider_report
identity.darknet | sure_label | reject: do_not_transact consider_report
identity.mixer | | hold
identity.darknet | | hold
identity.scam | | hold
identity.scam | sure_label | hold
identity.defunct | | hold: correct_address
identity.seized | | hold: obtain_data consider_report
identity.seized | sure_label incoming | hold: obtain_data consider_report
identity.estate | incoming | condition: check_source
identity.not_a_vasp | | condition: identify_third_party
identity.not_a_vasp | others_wallet_verified | condition: identify_third_party proof_of_control
identity.evidence_stale | | condition: check_source
identity.register_only | | note
licence.none_on_record | | hold: obtain_data refresh_source
licence.not_listed | | hold: obtain_data refresh_source
licence.ended | | hold
licence.another_withdrawn | | condition: check_source
licence.third_party_contradicts | | condition: check_source
licence.another_withdrawn | approved | note
lei.retired | | hold
lei.required_none_on_record | | condition: check_source
lei.name_mismatch | | condition: check_source
lei.country_mismatch | | condition: check_source
lei.lapsed | | note
lei.status_not_on_record | | note
jurisdiction.call_for_action | | hold: do_due_diligence enhanced_due_diligence
jurisdiction.eu_high_risk | | condition: enhanced_due_diligence
jurisdiction.regime_unknown | | condition: rule_not_in_force
jurisdiction.increased_monitoring | | condition: counterparty_due_diligence
jurisdiction.increased_monitoring | approved | note
jurisdiction.no_list_on_record | | condition: check_source
jurisdiction.country_not_on_record | | condition: check_source
jurisdiction.ambiguous_regime | | note
jurisdiction.rule_unread | | note
sanctions.possible_match | | hold: decide_hit obtain_data
sanctions.ownership_unclear | | hold: decide_hit obtain_data
sanctions.listed_elsewhere | | hold: decide_hit
sanctions.binding_list_not_held | | condition: screen_yourself
sanctions.no_match_on_partial_list | | condition: screen_yourself
sanctions.list_too_old | | condition: screen_yourself
shell_vasp.presence_not_on_record | | condition: counterparty_due_diligence
shell_vasp.presence_not_on_record | over_correspondent | hold: do_due_diligence
shell_vasp.presence_not_on_record | over_correspondent approved | hold: do_due_diligence
shell_vasp.presence_not_on_record | over_correspondent correspondent_approved | note
shell_vasp.presence_not_on_record | approved | note
certificate.revoked | | hold
certificate.error_findings | | hold
certificate.none_on_record | | note
certificate.expired | | note
protocol.none_usable | | note
protocol.none_usable | data_travel | condition: send_data_by_other_means
protocol.none_on_record | data_travel | condition: send_data_by_other_means
protocol.none_usable | data_travel compliant_only | hold: do_due_diligence
protocol.none_usable | data_travel compliant_only_first_party | condition: first_party_only proof_of_control
protocol.degraded | data_travel | note
protocol.bridge_only | data_travel | note
data_protection.cannot_protect | data_travel | hold
data_protection.cannot_protect | | note
data_protection.no_assessment | data_travel | condition: protect_data
data_protection.partial | data_travel | condition: protect_data
data_protection.no_assessment | data_travel approved | note
travel_rule_due_diligence.required_not_done | due_diligence_required | hold: do_due_diligence
travel_rule_due_diligence.refused | | hold
travel_rule_due_diligence.suspended | | hold
travel_rule_due_diligence.terminated | | hold
travel_rule_due_diligence.limit_exceeded | | hold
travel_rule_due_diligence.not_started | | condition: counterparty_due_diligence
travel_rule_due_diligence.not_started | due_diligence_not_asked | note
travel_rule_due_diligence.review_due_soon | | note
correspondent_due_diligence.not_started | correspondent_required | hold: do_due_diligence
correspondent_due_diligence.not_started | | condition: counterparty_due_diligence senior_management_approval
correspondent_due_diligence.not_correspondent | | pass
protocol.by_relationship | data_travel approved compliant_only | note
licence.seen_by_asker | approved | note
data_protection.regime_equivalent | data_travel | pass
certificate.not_yet_valid | | note
transfer.data_missing | own_data_missing data_travel | hold: obtain_data
transfer.data_missing | own_data_missing | hold: obtain_data
transfer.data_missing | data_travel | condition: provide_missing_data
transfer.data_missing | | note
transfer.data_missing | incoming own_data_missing withheld_without_data | hold: obtain_data
transfer.data_missing | incoming own_data_missing | condition: missing_data_action
transfer.data_untold | data_travel | condition: provide_missing_data
transfer.data_untold | | note
transfer.asset_anonymity_enhanced | | condition: enhanced_due_diligence
transfer.to_token_contract | | condition: confirm_address_with_counterparty
licence.register_too_old | | hold: obtain_data refresh_source
licence.transitional_possible | | hold: obtain_data refresh_source
jurisdiction.list_too_old | | condition: check_source
sanctions.possible_match_elsewhere | | note
sanctions.other_entity_listed | | note
sanctions.asker_hit | | hold: decide_hit
sanctions.screened_by_asker | | note
sanctions.faint_likeness | | note
licence.activity_other | | condition: counterparty_due_diligence
licence.territory_elsewhere | | condition: counterparty_due_diligence
licence.activity_other | approved | note
correspondent_due_diligence.asker_says_no | | note
attribution.self_hosted_unconfirmed | own_wallet_undetermined | condition: proof_of_control
jurisdiction.rule_not_in_force | | condition: rule_not_in_force
jurisdiction.rule_not_in_force | approved | note
protocol.no_common | | note
protocol.none_usable | | note
freshness.rulebook_too_old | | condition: check_source
freshness.register_too_old | | note
";

fn circumstances(text: &str) -> Circumstances {
    text.split_whitespace().map(|word| W::from_text(word).unwrap_or_else(|| panic!("{word}"))).collect()
}

#[test]
fn the_embedded_policy_is_the_table() {
    let policy = Policy::embedded().unwrap();
    assert_eq!(policy.to_string(), "default@6");
    for row in TABLE.lines().filter(|row| !row.is_empty()) {
        let [code, when, told] = row.split('|').map(str::trim).collect::<Vec<_>>()[..] else { panic!("{row}") };
        let line = policy.line_for(code.parse().unwrap(), circumstances(when)).unwrap();
        let (consequence, asked) = told.split_once(": ").unwrap_or((told, ""));
        assert_eq!(line.consequence.as_str(), consequence, "{row}");
        let words = line.next_steps.iter().map(|step| step.code.as_str());
        let words: Vec<&str> = words.chain(line.conditions.iter().map(|condition| condition.code.as_str())).collect();
        assert!(asked.is_empty() || words == asked.split(' ').collect::<Vec<_>>(), "{row}: {words:?}");
    }
}

#[test]
fn what_the_table_does_not_name_follows_its_outcome() {
    let policy = Policy::embedded().unwrap();
    let named = |code: CheckCode| TABLE.lines().any(|row| row.split(' ').next() == Some(code.as_str()));
    for code in CheckCode::ALL.into_iter().filter(|code| !named(*code) && !code.is_silenced()) {
        let consequence = policy.decide(code, Circumstances::default());
        let expected = match code.outcome() {
            CheckOutcome::Fail => vec![Consequence::Hold],
            // Either a condition or, for codes that have a line of their own, the consequence of that line.
            CheckOutcome::Unknown => vec![Consequence::Condition, Consequence::Hold, Consequence::Note],
            CheckOutcome::Warn => vec![Consequence::Note, Consequence::Condition],
            CheckOutcome::Pass | CheckOutcome::NotApplicable => vec![Consequence::Pass],
        };
        assert!(expected.contains(&consequence), "{code}: {consequence}");
    }
}
