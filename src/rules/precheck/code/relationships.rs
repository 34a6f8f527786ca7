//! The codes of `travel_rule_due_diligence` and `correspondent_due_diligence`, added to the list in `code.rs`.

/// Hands a list of codes on to a macro, with those of the two checks about relationships after it.
macro_rules! and_those_of_relationships {
    ($codes:ident! $($others:tt)*) => {
        $codes! {
            $($others)*

            /// The asking organisation refused to deal with it.
            TravelRuleRefused = "travel_rule_due_diligence.refused", TravelRuleDueDiligence, Fail;
            /// The relationship was ended.
            TravelRuleTerminated = "travel_rule_due_diligence.terminated", TravelRuleDueDiligence, Fail;
            /// The relationship is suspended.
            TravelRuleSuspended = "travel_rule_due_diligence.suspended", TravelRuleDueDiligence, Fail;
            /// The approval is overdue for review.
            TravelRuleExpired = "travel_rule_due_diligence.expired", TravelRuleDueDiligence, Fail;
            /// The asking organisation rates it as prohibited.
            TravelRuleRatedProhibited = "travel_rule_due_diligence.rated_prohibited", TravelRuleDueDiligence, Fail;
            /// The transfer is worth more than the organisation allows.
            TravelRuleLimitExceeded = "travel_rule_due_diligence.limit_exceeded", TravelRuleDueDiligence, Fail;
            /// The network is not among those covered.
            TravelRuleNetworkNotCovered = "travel_rule_due_diligence.network_not_covered", TravelRuleDueDiligence, Fail;
            /// The asset is not among those covered.
            TravelRuleAssetNotCovered = "travel_rule_due_diligence.asset_not_covered", TravelRuleDueDiligence, Fail;
            /// Only first-party transfers are allowed, and this is none.
            TravelRuleNotFirstParty = "travel_rule_due_diligence.not_first_party", TravelRuleDueDiligence, Fail;
            /// The asking organisation has recorded none.
            TravelRuleNotStarted = "travel_rule_due_diligence.not_started", TravelRuleDueDiligence, Unknown;
            /// It is under way.
            TravelRuleInProgress = "travel_rule_due_diligence.in_progress", TravelRuleDueDiligence, Unknown;
            /// Nothing is decided, and the asker's own rule asks for it before data or assets go.
            TravelRuleRequiredNotDone = "travel_rule_due_diligence.required_not_done", TravelRuleDueDiligence, Unknown;
            /// There is a limit, and what the transfer is worth was not said in its currency.
            TravelRuleLimitUndetermined = "travel_rule_due_diligence.limit_undetermined", TravelRuleDueDiligence, Unknown;
            /// Only some networks are covered, and which one this is was not said.
            TravelRuleNetworkUndetermined = "travel_rule_due_diligence.network_undetermined", TravelRuleDueDiligence, Unknown;
            /// Only some assets are covered, and which one this is was not said.
            TravelRuleAssetUndetermined = "travel_rule_due_diligence.asset_undetermined", TravelRuleDueDiligence, Unknown;
            /// Only first-party transfers are allowed, and whether this is one was not said.
            TravelRuleFirstPartyUndetermined = "travel_rule_due_diligence.first_party_undetermined", TravelRuleDueDiligence, Unknown;
            /// No legal entity is known.
            TravelRuleNoCounterparty = "travel_rule_due_diligence.no_counterparty", TravelRuleDueDiligence, Unknown;
            /// Approved, and something is left for the asker to see to.
            TravelRuleConditionsToMeet = "travel_rule_due_diligence.conditions_to_meet", TravelRuleDueDiligence, Warn;
            /// Approved for the group, not for this entity.
            TravelRuleApprovedForGroup = "travel_rule_due_diligence.approved_for_group", TravelRuleDueDiligence, Warn;
            /// Approved for this entity, but its group is refused, suspended, ended or overdue.
            TravelRuleGroupStandsWorse = "travel_rule_due_diligence.group_stands_worse", TravelRuleDueDiligence, Warn;
            /// The approval is to be reviewed soon.
            TravelRuleReviewDueSoon = "travel_rule_due_diligence.review_due_soon", TravelRuleDueDiligence, Warn;
            /// Exchanges with it failed repeatedly.
            TravelRuleRepeatedFailures = "travel_rule_due_diligence.repeated_failures", TravelRuleDueDiligence, Warn;
            /// Approved with conditions, of which the known ones are met.
            TravelRuleApprovedWithConditions = "travel_rule_due_diligence.approved_with_conditions", TravelRuleDueDiligence, Pass;
            /// Approved.
            TravelRuleApproved = "travel_rule_due_diligence.approved", TravelRuleDueDiligence, Pass;
            /// Self-hosted: there is no legal entity.
            TravelRuleSelfHosted = "travel_rule_due_diligence.self_hosted", TravelRuleDueDiligence, NotApplicable;

            /// The asking organisation refused to deal with it.
            CorrespondentRefused = "correspondent_due_diligence.refused", CorrespondentDueDiligence, Fail;
            /// The relationship was ended.
            CorrespondentTerminated = "correspondent_due_diligence.terminated", CorrespondentDueDiligence, Fail;
            /// The relationship is suspended.
            CorrespondentSuspended = "correspondent_due_diligence.suspended", CorrespondentDueDiligence, Fail;
            /// The approval is overdue for review.
            CorrespondentExpired = "correspondent_due_diligence.expired", CorrespondentDueDiligence, Fail;
            /// The asking organisation rates it as prohibited.
            CorrespondentRatedProhibited = "correspondent_due_diligence.rated_prohibited", CorrespondentDueDiligence, Fail;
            /// The transfer is worth more than the organisation allows.
            CorrespondentLimitExceeded = "correspondent_due_diligence.limit_exceeded", CorrespondentDueDiligence, Fail;
            /// The network is not among those covered.
            CorrespondentNetworkNotCovered = "correspondent_due_diligence.network_not_covered", CorrespondentDueDiligence, Fail;
            /// The asset is not among those covered.
            CorrespondentAssetNotCovered = "correspondent_due_diligence.asset_not_covered", CorrespondentDueDiligence, Fail;
            /// Only first-party transfers are allowed, and this is none.
            CorrespondentNotFirstParty = "correspondent_due_diligence.not_first_party", CorrespondentDueDiligence, Fail;
            /// The asking organisation has recorded none.
            CorrespondentNotStarted = "correspondent_due_diligence.not_started", CorrespondentDueDiligence, Unknown;
            /// It is under way.
            CorrespondentInProgress = "correspondent_due_diligence.in_progress", CorrespondentDueDiligence, Unknown;
            /// Whether the transfer runs over a correspondent relationship was not said.
            CorrespondentUndetermined = "correspondent_due_diligence.undetermined", CorrespondentDueDiligence, Unknown;
            /// There is a limit, and what the transfer is worth was not said in its currency.
            CorrespondentLimitUndetermined = "correspondent_due_diligence.limit_undetermined", CorrespondentDueDiligence, Unknown;
            /// Only some networks are covered, and which one this is was not said.
            CorrespondentNetworkUndetermined = "correspondent_due_diligence.network_undetermined", CorrespondentDueDiligence, Unknown;
            /// Only some assets are covered, and which one this is was not said.
            CorrespondentAssetUndetermined = "correspondent_due_diligence.asset_undetermined", CorrespondentDueDiligence, Unknown;
            /// Only first-party transfers are allowed, and whether this is one was not said.
            CorrespondentFirstPartyUndetermined = "correspondent_due_diligence.first_party_undetermined", CorrespondentDueDiligence, Unknown;
            /// No legal entity is known.
            CorrespondentNoCounterparty = "correspondent_due_diligence.no_counterparty", CorrespondentDueDiligence, Unknown;
            /// Approved, and something is left for the asker to see to.
            CorrespondentConditionsToMeet = "correspondent_due_diligence.conditions_to_meet", CorrespondentDueDiligence, Warn;
            /// Approved for the group, not for this entity.
            CorrespondentApprovedForGroup = "correspondent_due_diligence.approved_for_group", CorrespondentDueDiligence, Warn;
            /// Approved for this entity, but its group is refused, suspended, ended or overdue.
            CorrespondentGroupStandsWorse = "correspondent_due_diligence.group_stands_worse", CorrespondentDueDiligence, Warn;
            /// The approval is to be reviewed soon.
            CorrespondentReviewDueSoon = "correspondent_due_diligence.review_due_soon", CorrespondentDueDiligence, Warn;
            /// Exchanges with it failed repeatedly.
            CorrespondentRepeatedFailures = "correspondent_due_diligence.repeated_failures", CorrespondentDueDiligence, Warn;
            /// Approved with conditions, of which the known ones are met.
            CorrespondentApprovedWithConditions = "correspondent_due_diligence.approved_with_conditions", CorrespondentDueDiligence, Pass;
            /// Approved.
            CorrespondentApproved = "correspondent_due_diligence.approved", CorrespondentDueDiligence, Pass;
            /// The transfer runs over no correspondent relationship.
            CorrespondentNotCorrespondent = "correspondent_due_diligence.not_correspondent", CorrespondentDueDiligence, NotApplicable;
            /// The asker's own rule does not ask for it with this counterparty.
            CorrespondentOutOfScope = "correspondent_due_diligence.out_of_scope", CorrespondentDueDiligence, NotApplicable;
            /// Self-hosted: there is no legal entity.
            CorrespondentSelfHosted = "correspondent_due_diligence.self_hosted", CorrespondentDueDiligence, NotApplicable;
        }
    };
}
pub(super) use and_those_of_relationships;
