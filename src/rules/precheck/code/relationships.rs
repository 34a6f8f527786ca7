//! The codes of `travel_rule_due_diligence` and `correspondent_due_diligence`, and of the transfer itself, added to the list in `code.rs`.

/// Makes a list of the given codes, followed by the codes of the two checks about relationships and of the transfer.
macro_rules! and_those_of_relationships {
    ($($others:tt)*) => {
        closed_list! {
            /// What exactly a check found. Each code belongs to one check and means one outcome.
            pub enum CheckCode with (CheckName, CheckOutcome, &'static str) {
            $($others)*

            /// Your organisation decided by counterparty due diligence (FATF R.16) not to deal with it.
            TravelRuleRefused = "travel_rule_due_diligence.refused" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Fail,
                "Do not send. Only a new decision in the relationship changes that."),
            /// Your organisation ended the relationship.
            TravelRuleTerminated = "travel_rule_due_diligence.terminated" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Fail,
                "Do not send. Only a new decision in the relationship changes that."),
            /// Your organisation suspended the relationship.
            TravelRuleSuspended = "travel_rule_due_diligence.suspended" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Fail,
                "Check the relationship, and decide whether to resume it."),
            /// Your approval is overdue for review, so it is no longer valid.
            TravelRuleExpired = "travel_rule_due_diligence.expired" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Fail,
                "Review the relationship and record the decision."),
            /// Your organisation approved it by a rule, which covers it no more: it no longer meets the rule, or the rule ended.
            TravelRuleLeftRule = "travel_rule_due_diligence.left_rule" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Fail,
                "Examine the counterparty and decide about it for itself, or mend what the reason names and have two people approve it by the rule again."),
            /// Your organisation rates it as prohibited.
            TravelRuleRatedProhibited = "travel_rule_due_diligence.rated_prohibited" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Fail,
                "Do not send. Only a new rating in the relationship changes that."),
            /// The transfer is worth more than your own decision or your rule allows.
            TravelRuleLimitExceeded = "travel_rule_due_diligence.limit_exceeded" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Fail,
                "Lower the amount, or have the limit decided again. No decision can change a limit that the law sets."),
            /// Your approval names networks, and this one is not among them.
            TravelRuleNetworkNotCovered = "travel_rule_due_diligence.network_not_covered" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Fail,
                "Use a network that is covered, or have the terms decided again."),
            /// Your approval names assets, and this one is not among them.
            TravelRuleAssetNotCovered = "travel_rule_due_diligence.asset_not_covered" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Fail,
                "Use an asset that is covered, or have the terms decided again."),
            /// Your approval is only for transfers between accounts of one person, and this transfer is not one.
            TravelRuleNotFirstParty = "travel_rule_due_diligence.not_first_party" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Fail,
                "Do not send, or have the terms decided again."),
            /// You recorded no counterparty due diligence (FATF R.16) on this counterparty.
            TravelRuleNotStarted = "travel_rule_due_diligence.not_started" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Unknown,
                "Examine the counterparty and record the decision in the relationship, if a condition or step requires it."),
            /// Your counterparty due diligence (FATF R.16) is in progress. An approval that lacks a required senior manager
            /// also counts as in progress.
            TravelRuleInProgress = "travel_rule_due_diligence.in_progress" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Unknown,
                "Finish it and record the decision."),
            /// Nothing is decided, and your own rule requires counterparty due diligence before data or assets are sent.
            TravelRuleRequiredNotDone = "travel_rule_due_diligence.required_not_done" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Unknown,
                "Hold. Examine the counterparty and record the approval of this entity."),
            /// A limit applies, and the request does not give the transfer's value in the limit's currency.
            TravelRuleLimitUndetermined = "travel_rule_due_diligence.limit_undetermined" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Unknown,
                "State `transfer.fiat` in that currency, and `transfer.earlier_total` for a limit of a day or month."),
            /// Your approval names networks, and the request does not say which network this is.
            TravelRuleNetworkUndetermined = "travel_rule_due_diligence.network_undetermined" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Unknown,
                "State the network and ask again."),
            /// Your approval names assets, and the request does not say which asset this is.
            TravelRuleAssetUndetermined = "travel_rule_due_diligence.asset_undetermined" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Unknown,
                "State `transfer.asset` and ask again."),
            /// Your approval is only for transfers between accounts of one person, and the request does not say whether this
            /// is one.
            TravelRuleFirstPartyUndetermined = "travel_rule_due_diligence.first_party_undetermined" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Unknown,
                "State `transfer.first_party` and ask again."),
            /// The counterparty's legal entity is not known.
            TravelRuleNoCounterparty = "travel_rule_due_diligence.no_counterparty" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Unknown,
                "Another reason says why. Do what that reason requires."),
            /// You approved the counterparty, but you still have to do something.
            TravelRuleConditionsToMeet = "travel_rule_due_diligence.conditions_to_meet" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Warn,
                "Meet the `conditions` that the relationship sets."),
            /// You approved the group, not this entity. Each counterparty must be examined separately.
            TravelRuleApprovedForGroup = "travel_rule_due_diligence.approved_for_group" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Warn,
                "Examine this entity and record the approval."),
            /// You approved this entity, but its group is refused, suspended, ended or overdue.
            TravelRuleGroupStandsWorse = "travel_rule_due_diligence.group_stands_worse" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Warn,
                "Nothing has to be done for this transfer. Look at both decisions together."),
            /// The review of the approval is due soon. The approval is still valid.
            TravelRuleReviewDueSoon = "travel_rule_due_diligence.review_due_soon" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Warn,
                "Plan the review."),
            /// Exchanges with it failed repeatedly within a year. Regulation (EU) 2023/1113 Art. 17(2) requires EU firms to
            /// act on this.
            TravelRuleRepeatedFailures = "travel_rule_due_diligence.repeated_failures" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Warn,
                "Warn the counterparty and set a deadline, or restrict the relationship. Report it if your rule requires it."),
            /// You approved the counterparty with conditions, and the known conditions are met.
            TravelRuleApprovedWithConditions = "travel_rule_due_diligence.approved_with_conditions" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Pass,
                "Nothing has to be done."),
            /// You approved the counterparty.
            TravelRuleApproved = "travel_rule_due_diligence.approved" => (CheckName::TravelRuleDueDiligence, CheckOutcome::Pass,
                "Nothing has to be done."),
            /// The wallet is self-hosted, so there is no counterparty to examine.
            TravelRuleSelfHosted = "travel_rule_due_diligence.self_hosted" => (CheckName::TravelRuleDueDiligence, CheckOutcome::NotApplicable,
                "Nothing has to be done for this check."),
            /// Both sides are the same legal entity, so there is no counterparty to examine.
            TravelRuleSameEntity = "travel_rule_due_diligence.same_entity" => (CheckName::TravelRuleDueDiligence, CheckOutcome::NotApplicable,
                "Nothing has to be done for this check."),

            /// Your organisation decided by correspondent due diligence (FATF R.13) not to deal with it.
            CorrespondentRefused = "correspondent_due_diligence.refused" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Fail,
                "Do not send. Only a new decision in the relationship changes that."),
            /// Your organisation ended the relationship.
            CorrespondentTerminated = "correspondent_due_diligence.terminated" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Fail,
                "Do not send. Only a new decision in the relationship changes that."),
            /// Your organisation suspended the relationship.
            CorrespondentSuspended = "correspondent_due_diligence.suspended" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Fail,
                "Check the relationship, and decide whether to resume it."),
            /// Your approval is overdue for review, so it is no longer valid.
            CorrespondentExpired = "correspondent_due_diligence.expired" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Fail,
                "Review the relationship and record the decision."),
            /// Your organisation rates it as prohibited.
            CorrespondentRatedProhibited = "correspondent_due_diligence.rated_prohibited" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Fail,
                "Do not send. Only a new rating in the relationship changes that."),
            /// The transfer is worth more than your own decision or your rule allows.
            CorrespondentLimitExceeded = "correspondent_due_diligence.limit_exceeded" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Fail,
                "Lower the amount, or have the limit decided again. No decision can change a limit that the law sets."),
            /// Your approval names networks, and this one is not among them.
            CorrespondentNetworkNotCovered = "correspondent_due_diligence.network_not_covered" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Fail,
                "Use a network that is covered, or have the terms decided again."),
            /// Your approval names assets, and this one is not among them.
            CorrespondentAssetNotCovered = "correspondent_due_diligence.asset_not_covered" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Fail,
                "Use an asset that is covered, or have the terms decided again."),
            /// Your approval is only for transfers between accounts of one person, and this transfer is not one.
            CorrespondentNotFirstParty = "correspondent_due_diligence.not_first_party" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Fail,
                "Do not send, or have the terms decided again."),
            /// You recorded no correspondent due diligence (FATF R.13) on this counterparty.
            CorrespondentNotStarted = "correspondent_due_diligence.not_started" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Unknown,
                "Examine the counterparty and record the decision in the relationship, if a condition or step requires it."),
            /// Your correspondent due diligence (FATF R.13) is in progress. An approval that lacks a required senior manager
            /// also counts as in progress.
            CorrespondentInProgress = "correspondent_due_diligence.in_progress" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Unknown,
                "Finish it and record the decision."),
            /// The request does not say whether the transfer uses a correspondent relationship. The registry then assumes
            /// the less favourable case.
            CorrespondentUndetermined = "correspondent_due_diligence.undetermined" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Unknown,
                "State `transfer.correspondent`: `false` if it uses none. Otherwise do correspondent due diligence first."),
            /// A limit applies, and the request does not give the transfer's value in the limit's currency.
            CorrespondentLimitUndetermined = "correspondent_due_diligence.limit_undetermined" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Unknown,
                "State `transfer.fiat` in that currency, and `transfer.earlier_total` for a limit of a day or month."),
            /// Your approval names networks, and the request does not say which network this is.
            CorrespondentNetworkUndetermined = "correspondent_due_diligence.network_undetermined" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Unknown,
                "State the network and ask again."),
            /// Your approval names assets, and the request does not say which asset this is.
            CorrespondentAssetUndetermined = "correspondent_due_diligence.asset_undetermined" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Unknown,
                "State `transfer.asset` and ask again."),
            /// Your approval is only for transfers between accounts of one person, and the request does not say whether this
            /// is one.
            CorrespondentFirstPartyUndetermined = "correspondent_due_diligence.first_party_undetermined" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Unknown,
                "State `transfer.first_party` and ask again."),
            /// The counterparty's legal entity is not known.
            CorrespondentNoCounterparty = "correspondent_due_diligence.no_counterparty" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Unknown,
                "Another reason says why. Do what that reason requires."),
            /// You approved the counterparty, but you still have to do something.
            CorrespondentConditionsToMeet = "correspondent_due_diligence.conditions_to_meet" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Warn,
                "Meet the `conditions` that the relationship sets."),
            /// You approved the group, not this entity. Each counterparty must be examined separately.
            CorrespondentApprovedForGroup = "correspondent_due_diligence.approved_for_group" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Warn,
                "Examine this entity and record the approval."),
            /// You approved this entity, but its group is refused, suspended, ended or overdue.
            CorrespondentGroupStandsWorse = "correspondent_due_diligence.group_stands_worse" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Warn,
                "Nothing has to be done for this transfer. Look at both decisions together."),
            /// The review of the approval is due soon. The approval is still valid.
            CorrespondentReviewDueSoon = "correspondent_due_diligence.review_due_soon" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Warn,
                "Plan the review."),
            /// Exchanges with it failed repeatedly within a year. Regulation (EU) 2023/1113 Art. 17(2) requires EU firms to
            /// act on this.
            CorrespondentRepeatedFailures = "correspondent_due_diligence.repeated_failures" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Warn,
                "Warn the counterparty and set a deadline, or restrict the relationship. Report it if your rule requires it."),
            /// You approved the counterparty with conditions, and the known conditions are met.
            CorrespondentApprovedWithConditions = "correspondent_due_diligence.approved_with_conditions" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Pass,
                "Nothing has to be done."),
            /// You approved the counterparty.
            CorrespondentApproved = "correspondent_due_diligence.approved" => (CheckName::CorrespondentDueDiligence, CheckOutcome::Pass,
                "Nothing has to be done."),
            /// You say that the transfer uses no correspondent relationship, although the counterparty is outside your area.
            /// The registry cannot check this.
            CorrespondentAskerSaysNo = "correspondent_due_diligence.asker_says_no" => (CheckName::CorrespondentDueDiligence, CheckOutcome::NotApplicable,
                "Keep the reasons for your answer on file."),
            /// The transfer uses no correspondent relationship.
            CorrespondentNotCorrespondent = "correspondent_due_diligence.not_correspondent" => (CheckName::CorrespondentDueDiligence, CheckOutcome::NotApplicable,
                "Nothing has to be done."),
            /// Your own rule does not require correspondent due diligence for this counterparty.
            CorrespondentOutOfScope = "correspondent_due_diligence.out_of_scope" => (CheckName::CorrespondentDueDiligence, CheckOutcome::NotApplicable,
                "Nothing has to be done."),
            /// The wallet is self-hosted, so there is no respondent.
            CorrespondentSelfHosted = "correspondent_due_diligence.self_hosted" => (CheckName::CorrespondentDueDiligence, CheckOutcome::NotApplicable,
                "Nothing has to be done for this check."),
            /// Both sides are the same legal entity, so there is no respondent.
            CorrespondentSameEntity = "correspondent_due_diligence.same_entity" => (CheckName::CorrespondentDueDiligence, CheckOutcome::NotApplicable,
                "Nothing has to be done for this check."),

            /// Your own law forbids its firms to transfer this asset.
            TransferAssetProhibited = "transfer.asset_prohibited" => (CheckName::Transfer, CheckOutcome::Fail,
                "Do not send it, and do not credit what came in. Ask your authority what becomes of it."),
            /// The request contains a proof of control that is not bound to this request. A proof for another address, asker
            /// or time could be a copy.
            TransferProofNotBound = "transfer.proof_not_bound" => (CheckName::Transfer, CheckOutcome::Fail,
                "Hold. Have the customer sign the registry's challenge, or a message that names you, the address and a time at most 24 hours old."),
            /// The registry's last look at its own answer found that it contradicts itself, so it holds the answer.
            TransferInternalInconsistency = "transfer.internal_inconsistency" => (CheckName::Transfer, CheckOutcome::Fail,
                "Hold. Ask again once the registry's operator has said that the fault is mended."),
            /// A rule requires data of the customers, and the request says that you do not have them.
            TransferDataMissing = "transfer.data_missing" => (CheckName::Transfer, CheckOutcome::Fail,
                "If your own rule requires them, get the data before you send or credit. If only the counterparty's rule requires them, send them, or it may refuse the transfer."),
            /// A rule requires data of the customers, and the request does not say which data you have.
            TransferDataUntold = "transfer.data_untold" => (CheckName::Transfer, CheckOutcome::Unknown,
                "State in `provided_fields` which data you have. An empty list means that you have none."),
            /// The destination is the contract of a token that the registry knows, such as USDT. Customers paste it in place
            /// of the recipient's address. What is sent to it is usually lost.
            TransferToTokenContract = "transfer.to_token_contract" => (CheckName::Transfer, CheckOutcome::Warn,
                "Have the customer and the counterparty confirm the address before you send assets."),
            /// The asset hides who pays whom. The policy requires more diligence for it.
            TransferAssetAnonymityEnhanced = "transfer.asset_anonymity_enhanced" => (CheckName::Transfer, CheckOutcome::Warn,
                "Apply enhanced due diligence: find out why the customer uses this asset, and where it comes from."),
            }
        }
    };
}
pub(super) use and_those_of_relationships;
