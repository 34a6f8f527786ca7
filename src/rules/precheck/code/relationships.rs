//! The codes of `travel_rule_due_diligence` and `correspondent_due_diligence`, and of the transfer itself, added to the list in `code.rs`.

/// Makes a list of the given codes, followed by the codes of the two checks about relationships and of the transfer.
macro_rules! and_those_of_relationships {
    ($($others:tt)*) => {
        closed_list! {
            /// What exactly a check found. Each code belongs to one check and means one outcome.
            pub enum CheckCode with (CheckName, CheckOutcome) {
            $($others)*

            /// The asking organisation refused to deal with it.
            TravelRuleRefused = "travel_rule_due_diligence.refused" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Fail),
            /// The relationship was terminated.
            TravelRuleTerminated = "travel_rule_due_diligence.terminated" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Fail),
            /// The relationship is suspended.
            TravelRuleSuspended = "travel_rule_due_diligence.suspended" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Fail),
            /// The approval is overdue for review.
            TravelRuleExpired = "travel_rule_due_diligence.expired" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Fail),
            /// The asking organisation rates it as prohibited.
            TravelRuleRatedProhibited = "travel_rule_due_diligence.rated_prohibited" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Fail),
            /// The transfer is worth more than the organisation allows.
            TravelRuleLimitExceeded = "travel_rule_due_diligence.limit_exceeded" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Fail),
            /// The decision covers only some networks, and this network is not one of them.
            TravelRuleNetworkNotCovered = "travel_rule_due_diligence.network_not_covered" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Fail),
            /// The decision covers only some assets, and this asset is not one of them.
            TravelRuleAssetNotCovered = "travel_rule_due_diligence.asset_not_covered" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Fail),
            /// Only first-party transfers are allowed, and this transfer is not first-party.
            TravelRuleNotFirstParty = "travel_rule_due_diligence.not_first_party" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Fail),
            /// The asking organisation has recorded no due diligence.
            TravelRuleNotStarted = "travel_rule_due_diligence.not_started" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Unknown),
            /// The due diligence is in progress.
            TravelRuleInProgress = "travel_rule_due_diligence.in_progress" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Unknown),
            /// Nothing is decided, and the asker's own rule requires the due diligence before data or assets are sent.
            TravelRuleRequiredNotDone = "travel_rule_due_diligence.required_not_done" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Unknown),
            /// A limit applies, and the request does not give the transfer's value in the limit's currency.
            TravelRuleLimitUndetermined = "travel_rule_due_diligence.limit_undetermined" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Unknown),
            /// Only some networks are covered, and the request does not say which network this is.
            TravelRuleNetworkUndetermined = "travel_rule_due_diligence.network_undetermined" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Unknown),
            /// Only some assets are covered, and the request does not say which asset this is.
            TravelRuleAssetUndetermined = "travel_rule_due_diligence.asset_undetermined" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Unknown),
            /// Only first-party transfers are allowed, and the request does not say whether this is one.
            TravelRuleFirstPartyUndetermined = "travel_rule_due_diligence.first_party_undetermined" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Unknown),
            /// No legal entity is known.
            TravelRuleNoCounterparty = "travel_rule_due_diligence.no_counterparty" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Unknown),
            /// Approved, but the asker still has to do something.
            TravelRuleConditionsToMeet = "travel_rule_due_diligence.conditions_to_meet" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Warn),
            /// Approved for the group, not for this entity.
            TravelRuleApprovedForGroup = "travel_rule_due_diligence.approved_for_group" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Warn),
            /// Approved for this entity, but its group is refused, suspended, ended or overdue.
            TravelRuleGroupStandsWorse = "travel_rule_due_diligence.group_stands_worse" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Warn),
            /// The review of the approval is due soon.
            TravelRuleReviewDueSoon = "travel_rule_due_diligence.review_due_soon" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Warn),
            /// Exchanges with it failed repeatedly.
            TravelRuleRepeatedFailures = "travel_rule_due_diligence.repeated_failures" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Warn),
            /// Approved with conditions, of which the known ones are met.
            TravelRuleApprovedWithConditions = "travel_rule_due_diligence.approved_with_conditions" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Pass),
            /// Approved.
            TravelRuleApproved = "travel_rule_due_diligence.approved" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Pass),
            /// Self-hosted: there is no legal entity.
            TravelRuleSelfHosted = "travel_rule_due_diligence.self_hosted" => (CheckName::TravelRuleDueDiligence, CheckOutcome::NotApplicable),
            /// The counterparty is the asker itself.
            TravelRuleSameEntity = "travel_rule_due_diligence.same_entity" => (CheckName::TravelRuleDueDiligence, CheckOutcome::NotApplicable),

            /// The asking organisation refused to deal with it.
            CorrespondentRefused = "correspondent_due_diligence.refused" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Fail),
            /// The relationship was terminated.
            CorrespondentTerminated = "correspondent_due_diligence.terminated" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Fail),
            /// The relationship is suspended.
            CorrespondentSuspended = "correspondent_due_diligence.suspended" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Fail),
            /// The approval is overdue for review.
            CorrespondentExpired = "correspondent_due_diligence.expired" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Fail),
            /// The asking organisation rates it as prohibited.
            CorrespondentRatedProhibited = "correspondent_due_diligence.rated_prohibited" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Fail),
            /// The transfer is worth more than the organisation allows.
            CorrespondentLimitExceeded = "correspondent_due_diligence.limit_exceeded" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Fail),
            /// The decision covers only some networks, and this network is not one of them.
            CorrespondentNetworkNotCovered = "correspondent_due_diligence.network_not_covered" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Fail),
            /// The decision covers only some assets, and this asset is not one of them.
            CorrespondentAssetNotCovered = "correspondent_due_diligence.asset_not_covered" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Fail),
            /// Only first-party transfers are allowed, and this transfer is not first-party.
            CorrespondentNotFirstParty = "correspondent_due_diligence.not_first_party" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Fail),
            /// The asking organisation has recorded no due diligence.
            CorrespondentNotStarted = "correspondent_due_diligence.not_started" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Unknown),
            /// The due diligence is in progress.
            CorrespondentInProgress = "correspondent_due_diligence.in_progress" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Unknown),
            /// The request does not say whether the transfer uses a correspondent relationship.
            CorrespondentUndetermined = "correspondent_due_diligence.undetermined" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Unknown),
            /// A limit applies, and the request does not give the transfer's value in the limit's currency.
            CorrespondentLimitUndetermined = "correspondent_due_diligence.limit_undetermined" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Unknown),
            /// Only some networks are covered, and the request does not say which network this is.
            CorrespondentNetworkUndetermined = "correspondent_due_diligence.network_undetermined" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Unknown),
            /// Only some assets are covered, and the request does not say which asset this is.
            CorrespondentAssetUndetermined = "correspondent_due_diligence.asset_undetermined" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Unknown),
            /// Only first-party transfers are allowed, and the request does not say whether this is one.
            CorrespondentFirstPartyUndetermined = "correspondent_due_diligence.first_party_undetermined" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Unknown),
            /// No legal entity is known.
            CorrespondentNoCounterparty = "correspondent_due_diligence.no_counterparty" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Unknown),
            /// Approved, but the asker still has to do something.
            CorrespondentConditionsToMeet = "correspondent_due_diligence.conditions_to_meet" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Warn),
            /// Approved for the group, not for this entity.
            CorrespondentApprovedForGroup = "correspondent_due_diligence.approved_for_group" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Warn),
            /// Approved for this entity, but its group is refused, suspended, ended or overdue.
            CorrespondentGroupStandsWorse = "correspondent_due_diligence.group_stands_worse" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Warn),
            /// The review of the approval is due soon.
            CorrespondentReviewDueSoon = "correspondent_due_diligence.review_due_soon" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Warn),
            /// Exchanges with it failed repeatedly.
            CorrespondentRepeatedFailures = "correspondent_due_diligence.repeated_failures" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Warn),
            /// Approved with conditions, of which the known ones are met.
            CorrespondentApprovedWithConditions = "correspondent_due_diligence.approved_with_conditions" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Pass),
            /// Approved.
            CorrespondentApproved = "correspondent_due_diligence.approved" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Pass),
            /// The asker says that the transfer uses no correspondent relationship, although the counterparty is outside the
            /// asker's area.
            CorrespondentAskerSaysNo = "correspondent_due_diligence.asker_says_no" => (CheckName::CorrespondentDueDiligence, CheckOutcome::NotApplicable),
            /// The transfer uses no correspondent relationship.
            CorrespondentNotCorrespondent = "correspondent_due_diligence.not_correspondent" => (CheckName::CorrespondentDueDiligence, CheckOutcome::NotApplicable),
            /// The asker's own rule does not require the due diligence for this counterparty.
            CorrespondentOutOfScope = "correspondent_due_diligence.out_of_scope" => (CheckName::CorrespondentDueDiligence, CheckOutcome::NotApplicable),
            /// Self-hosted: there is no legal entity.
            CorrespondentSelfHosted = "correspondent_due_diligence.self_hosted" => (CheckName::CorrespondentDueDiligence, CheckOutcome::NotApplicable),
            /// The counterparty is the asker itself.
            CorrespondentSameEntity = "correspondent_due_diligence.same_entity" => (CheckName::CorrespondentDueDiligence, CheckOutcome::NotApplicable),

            /// The law of the asker's jurisdiction forbids to transfer the asset.
            TransferAssetProhibited = "transfer.asset_prohibited" => (CheckName::Transfer, CheckOutcome::Fail),
            /// The request contains a proof of control that is not valid.
            TransferProofNotBound = "transfer.proof_not_bound" => (CheckName::Transfer, CheckOutcome::Fail),
            /// Data are missing that a rule requires.
            TransferDataMissing = "transfer.data_missing" => (CheckName::Transfer, CheckOutcome::Fail),
            /// A rule requires data, and the request does not say whether they are available.
            TransferDataUntold = "transfer.data_untold" => (CheckName::Transfer, CheckOutcome::Unknown),
            /// The destination is the contract of a token, and no address of a customer.
            TransferToTokenContract = "transfer.to_token_contract" => (CheckName::Transfer, CheckOutcome::Warn),
            /// The policy lists the asset as anonymity-enhanced.
            TransferAssetAnonymityEnhanced = "transfer.asset_anonymity_enhanced" => (CheckName::Transfer, CheckOutcome::Warn),
            }
        }
    };
}
pub(super) use and_those_of_relationships;
