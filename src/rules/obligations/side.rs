//! The obligations of one side by its own rule.

use std::cell::Cell;

use super::{
    AppliedThreshold, CorrespondentDuty, CounterpartyDiligence, CounterpartyKind, DataHandling, Exemption, MaxAmount,
    MissingDataActions, ObligationsRequest, SelfHostedDuty, SideObligations, TravelRuleDuty, TravelRuleDutyCode,
    WalletVerification, WalletVerificationCode, stricter,
};
use crate::rulebook::{
    CounterpartyScope, DataCollection, DomesticArea, DueDiligenceDuty, DueDiligenceScope, FieldSet, Flow, JurisdictionId,
    PersonType, RuleVersion, Rulebook, ScopeKind, Threshold, ThresholdEntry, ThresholdKind, TravelRuleStatus, Verification,
    WalletScope, Worth,
};
use vasp_words::time::Date;

/// The side whose obligations are computed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The sender's side.
    Originator,
    /// The receiver's side.
    Beneficiary,
}

/// The transfer seen from one side.
struct View<'a> {
    rulebook: &'a Rulebook,
    request: &'a ObligationsRequest,
    own: Option<&'a JurisdictionId>,
    other: Option<&'a JurisdictionId>,
    role: Role,
    compared: &'a Cell<bool>,
}

/// The territories that the United Kingdom's domestic transfer rule covers.
///
/// Source: Interpretation Act 1978, Schedule 1 ("British Islands").
const BRITISH_ISLANDS: [&str; 4] = ["GB", "GG", "IM", "JE"];

/// Returns the obligations of a side. `compared` is set if the transfer's value took part.
pub(super) fn owed(rulebook: &Rulebook, request: &ObligationsRequest, role: Role, compared: &Cell<bool>) -> SideObligations {
    let (own, other) = match role {
        Role::Originator => (request.originator.as_ref(), request.beneficiary.as_ref()),
        Role::Beneficiary => (request.beneficiary.as_ref(), request.originator.as_ref()),
    };
    let view = View { rulebook, request, own, other, role, compared };
    let entry = own.and_then(|id| rulebook.entry(id));
    match entry.and_then(|entry| Some((entry, entry.version_on(request.date)?))) {
        Some((entry, rule)) => match entry.read_before(rule) {
            Some(read) => stricter::of_both(view.by_rule(rule), view.by_rule(read)),
            None => view.by_rule(rule),
        },
        None => view.without_rule(),
    }
}

impl View<'_> {
    fn worth(&self) -> Worth<'_> {
        self.request.worth(self.compared)
    }

    /// There is no record, or the date is before the first version. The result is unknown, which does not mean "no requirement".
    fn without_rule(&self) -> SideObligations {
        SideObligations {
            jurisdiction: self.own.cloned(),
            flow: self.flow(DomesticArea::Country),
            rule_version: None,
            status: TravelRuleStatus::Unknown,
            in_force: false,
            above_threshold: None,
            counted: None,
            undetermined: None,
            threshold: None,
            below_threshold: None,
            exemption: None,
            exemption_source: None,
            counterparty_due_diligence: CounterpartyDiligence {
                travel_rule: TravelRuleDuty::Unknown,
                code: None,
                correspondent: CorrespondentDuty::Unknown,
            },
            max_amount: None,
            data_handling: None,
            required_fields: vec![],
            one_of: vec![],
            if_available: vec![],
            on_request: vec![],
            timing: None,
            batch_allowed: None,
            batch_scope: None,
            missing_data_action: match self.role {
                Role::Originator => MissingDataActions::Originator(vec![]),
                Role::Beneficiary => MissingDataActions::Beneficiary(vec![]),
            },
            retention_years: None,
            self_hosted: SelfHostedDuty {
                verification: self.between_providers().unwrap_or(WalletVerification::Unknown),
                code: None,
                threshold: None,
                methods: vec![],
                applies_to: None,
                data_collection: None,
                undetermined: None,
            },
            unread: None,
            known_through: None,
            confidence: self.rulebook.unknown_confidence,
            sources: vec![],
            data_from: None,
        }
    }

    fn by_rule(&self, rule: &RuleVersion) -> SideObligations {
        let flow = self.flow_under(rule);
        let person = self.request.originator_type;
        let measured = rule.threshold.measure(flow, person, self.worth());
        let above = measured.above;
        let exemption = self.exemption(rule, flow);
        let bites = rule.asks_for_data() && exemption.is_none();
        let due = if bites { self.fields(rule, flow, above) } else { None };
        let threshold = applied(&rule.threshold, flow, person);
        let told = above.filter(|_| bites && threshold.is_some());
        let travel_rule = self.travel_rule_duty(rule, exemption, above);
        SideObligations {
            flow,
            rule_version: Some(rule.id.clone()),
            status: rule.travel_rule,
            in_force: rule.travel_rule == TravelRuleStatus::InForce,
            above_threshold: told,
            counted: measured.counted.filter(|_| bites),
            undetermined: measured.undetermined.filter(|_| bites).map(Into::into),
            threshold,
            below_threshold: (told == Some(false)).then_some(rule.below_threshold),
            max_amount: self.max_amount(rule),
            counterparty_due_diligence: CounterpartyDiligence {
                travel_rule,
                code: TravelRuleDutyCode::of(travel_rule, rule.counterparty_due_diligence.required),
                correspondent: self.correspondent_duty(rule, exemption, above),
            },
            exemption,
            exemption_source: exemption.and_then(|exemption| exemption.source(rule.inherited_from.as_ref())),
            data_handling: due.filter(|set| set.codes().next().is_some()).map(|_| self.data_handling()),
            required_fields: due.map(|set| set.required.clone()).unwrap_or_default(),
            one_of: due.map(|set| set.one_of.clone()).unwrap_or_default(),
            if_available: due.map(|set| set.if_available.clone()).unwrap_or_default(),
            on_request: due.and_then(|set| set.on_request.clone()).into_iter().collect(),
            timing: Some(rule.timing.rule),
            batch_allowed: rule.batch.allowed,
            batch_scope: Some(rule.batch.scope),
            missing_data_action: match self.role {
                Role::Originator => MissingDataActions::Originator(rule.missing_data.originator_side.clone()),
                Role::Beneficiary => MissingDataActions::Beneficiary(rule.missing_data.beneficiary_side.clone()),
            },
            retention_years: rule.retention_years,
            self_hosted: self.self_hosted(rule),
            unread: stricter::UnreadRule::of(rule),
            known_through: Some(rule.known_through),
            confidence: rule.confidence,
            sources: rule.sources.clone(),
            data_from: Some(rule.data_from.clone()),
            ..self.without_rule()
        }
    }

    /// Returns domestic if both sides are in the rule's own domestic area, and cross-border if the place of one is not known.
    fn flow(&self, area: DomesticArea) -> Flow {
        let inside =
            |belongs: &dyn Fn(&JurisdictionId) -> bool| [self.own, self.other].into_iter().all(|id| id.is_some_and(belongs));
        let domestic = match area {
            DomesticArea::Country => self.same_country() == Some(true),
            DomesticArea::Eu => inside(&|id| id.country().map_or(id.area() == "EU", |country| country.is_eu())),
            DomesticArea::BritishIslands => inside(&|id| BRITISH_ISLANDS.contains(&id.area())),
            DomesticArea::NoneAllCrossBorder => false,
        };
        if domestic { Flow::Domestic } else { Flow::CrossBorder }
    }

    /// Returns the same, but a provider whose place is not known counts as being where the rule applies: it may be there.
    fn flow_under(&self, rule: &RuleVersion) -> Flow {
        let flow = self.flow(rule.domestic_area);
        let is_open = self.request.counterparty == CounterpartyKind::Vasp && self.other.is_none();
        let other = if flow == Flow::CrossBorder { Flow::Domestic } else { Flow::CrossBorder };
        if is_open && !rule.flows.contains(&flow) && rule.flows.contains(&other) { other } else { flow }
    }

    fn same_country(&self) -> Option<bool> {
        Some(self.own?.area() == self.other?.area())
    }

    /// Returns why a rule does not apply here. A self-hosted address is in no country, and an unknown counterparty may be in
    /// scope. Only two providers can act on their own behalf: the holder of a self-hosted address is not a provider.
    ///
    /// Source: FATF, Interpretive Note to R.16, para. 4(b); Regulation (EU) 2023/1113 Art. 2(4)(a).
    fn exemption(&self, rule: &RuleVersion, flow: Flow) -> Option<Exemption> {
        let towards_provider = self.request.counterparty == CounterpartyKind::Vasp;
        if !rule.flows.contains(&flow) {
            Some(Exemption::FlowNotCovered)
        } else if towards_provider && !self.covers(&rule.counterparty_scope) {
            Some(Exemption::CounterpartyNotCovered)
        } else if towards_provider && self.request.particulars.proprietary {
            Some(Exemption::Proprietary)
        } else {
            None
        }
    }

    fn covers(&self, scope: &CounterpartyScope) -> bool {
        let Some(other) = self.other else { return true };
        match scope.kind {
            ScopeKind::All => true,
            ScopeKind::DomesticAndListed => {
                self.same_country() == Some(true) || other.country().is_some_and(|country| scope.countries.contains(&country))
            }
        }
    }

    /// Returns the data that is due: the data above the threshold, unless the amount is known to be below it.
    fn fields<'r>(&self, rule: &'r RuleVersion, flow: Flow, above: Option<bool>) -> Option<&'r FieldSet> {
        let self_hosted = self.request.counterparty == CounterpartyKind::SelfHosted;
        if self_hosted && rule.self_hosted.data_collection == DataCollection::NotRequired {
            return None;
        }
        let stated = rule.data.as_ref()?;
        let by_flow = match self.request.originator_type {
            PersonType::Natural => &stated.natural_person,
            PersonType::Legal => stated.legal_person.as_ref().unwrap_or(&stated.natural_person),
        };
        let sets = match flow {
            Flow::Domestic => &by_flow.domestic,
            Flow::CrossBorder => &by_flow.cross_border,
        };
        match above {
            Some(false) => sets.below.as_ref(),
            Some(true) => sets.above.as_ref(),
            None => sets.above.as_ref().or(sets.below.as_ref()),
        }
    }

    /// A self-hosted address has no provider that could receive data.
    ///
    /// Source: Regulation (EU) 2023/1113 Art. 14(5), 16(2); FATF (2021), Updated Guidance for VASPs, para. 204.
    fn data_handling(&self) -> DataHandling {
        match self.request.counterparty {
            CounterpartyKind::Vasp => DataHandling::Travels,
            CounterpartyKind::SelfHosted => DataHandling::Held,
        }
    }

    /// Returns the rule's maximum amount, whether or not data is due. A provider whose place is not known may be abroad.
    fn max_amount(&self, rule: &RuleVersion) -> Option<MaxAmount> {
        let towards_provider = self.request.counterparty == CounterpartyKind::Vasp;
        let binds = |limit: &&ThresholdEntry| {
            rule.asks_for_data() && towards_provider && limit.is_for(self.flow(rule.domestic_area), self.request.originator_type)
        };
        let limit = rule.max_amount.as_ref().filter(binds)?;
        let measured = self.worth().against(limit);
        Some(MaxAmount { limit: limit.clone(), exceeded: measured.above, undetermined: measured.undetermined.map(Into::into) })
    }

    /// Between two providers there is no wallet whose control could be verified.
    fn between_providers(&self) -> Option<WalletVerification> {
        (self.request.counterparty == CounterpartyKind::Vasp).then_some(WalletVerification::NotApplicable)
    }

    /// Returns whether the rule requires due diligence of the counterparty. Towards a self-hosted address there is nobody to examine.
    fn travel_rule_duty(&self, rule: &RuleVersion, exemption: Option<Exemption>, above: Option<bool>) -> TravelRuleDuty {
        let duty = &rule.counterparty_due_diligence;
        match duty.required {
            _ if self.request.counterparty == CounterpartyKind::SelfHosted => TravelRuleDuty::No,
            DueDiligenceDuty::None => TravelRuleDuty::No,
            DueDiligenceDuty::Unspecified | DueDiligenceDuty::EnhancedForCorrespondent => TravelRuleDuty::NotEstablished,
            DueDiligenceDuty::Required | DueDiligenceDuty::RiskBased => match self.in_scope(rule, exemption, above) {
                Some(true) => TravelRuleDuty::Yes,
                Some(false) => TravelRuleDuty::No,
                None => TravelRuleDuty::Unknown,
            },
        }
    }

    /// Source: docs/relationships.md, "Effect on pre-checks".
    fn correspondent_duty(&self, rule: &RuleVersion, exemption: Option<Exemption>, above: Option<bool>) -> CorrespondentDuty {
        let duty = &rule.counterparty_due_diligence;
        if self.request.counterparty == CounterpartyKind::SelfHosted {
            return CorrespondentDuty::NotApplicable;
        }
        if duty.required != DueDiligenceDuty::EnhancedForCorrespondent {
            return CorrespondentDuty::NotEstablished;
        }
        // The due diligence is about the relationship, not about the transfer. On whose behalf a transfer is made does not matter.
        let exemption = exemption.filter(|exemption| *exemption != Exemption::Proprietary);
        match (self.in_scope(rule, exemption, above), self.request.correspondent) {
            (Some(false), _) | (_, Some(false)) => CorrespondentDuty::NotApplicable,
            (Some(true), Some(true)) => CorrespondentDuty::Yes,
            (None, _) | (_, None) => CorrespondentDuty::Unknown,
        }
    }

    /// Returns whether a duty to examine applies to this counterparty and amount; `None` if what decides is not known.
    fn in_scope(&self, rule: &RuleVersion, exemption: Option<Exemption>, above: Option<bool>) -> Option<bool> {
        let duty = &rule.counterparty_due_diligence;
        if exemption.is_some() {
            return Some(false);
        }
        let minimum = self.worth().reaches_minimum(duty);
        let whom = match duty.applies_to {
            None | Some(DueDiligenceScope::All) => Some(true),
            Some(DueDiligenceScope::ForeignOnly) => self.same_country().map(|same| !same),
            Some(DueDiligenceScope::NonEuOnly) => self.other.map(|id| !self.inside_eu(id, self.request.date)),
            Some(DueDiligenceScope::AboveThreshold) if duty.min_amount.is_some() => Some(true),
            Some(DueDiligenceScope::AboveThreshold) => {
                let own = rule.threshold.for_diligence(self.flow(rule.domestic_area), self.request.originator_type);
                own.map_or(above, |entry| self.worth().against(entry).above)
            }
        };
        match (whom, minimum) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            (None, _) | (_, None) => None,
        }
    }

    fn inside_eu(&self, id: &JurisdictionId, date: Date) -> bool {
        self.rulebook.is_inside_eu(id, date)
    }

    /// Source: docs/rulebook.md, "How a rule is read".
    fn self_hosted(&self, rule: &RuleVersion) -> SelfHostedDuty {
        let stated = &rule.self_hosted;
        // The duty is to verify the customer's control: for somebody else's wallet there is nothing to verify.
        let is_not_meant = stated.applies_to == WalletScope::OwnWallet && self.request.particulars.own_wallet == Some(false);
        let measured = match stated.verification {
            Verification::AboveThreshold if !is_not_meant && self.between_providers().is_none() => {
                stated.threshold.as_ref().map(|limit| self.worth().against(limit))
            }
            _ => None,
        };
        let verification = self.between_providers().unwrap_or(match stated.verification {
            Verification::Unspecified => WalletVerification::NotEstablished,
            Verification::None => WalletVerification::No,
            _ if is_not_meant => WalletVerification::No,
            Verification::Always | Verification::RiskBased => WalletVerification::Yes,
            Verification::AboveThreshold => match measured.as_ref().and_then(|measured| measured.above) {
                Some(true) => WalletVerification::Yes,
                Some(false) => WalletVerification::No,
                None => WalletVerification::Unknown,
            },
        });
        SelfHostedDuty {
            verification,
            code: (verification == WalletVerification::Yes && stated.verification == Verification::RiskBased)
                .then_some(WalletVerificationCode::RiskBased),
            threshold: stated.threshold.clone(),
            methods: stated.methods.clone(),
            applies_to: Some(stated.applies_to),
            data_collection: Some(stated.data_collection),
            undetermined: measured.and_then(|measured| measured.undetermined).map(Into::into),
        }
    }
}

/// Returns the threshold that decided; `None` if the rule sets no amount for this flow and person.
fn applied(threshold: &Threshold, flow: Flow, person: PersonType) -> Option<AppliedThreshold> {
    let entry = threshold.deciding(flow, person);
    (threshold.kind != ThresholdKind::Amount || entry.is_some()).then(|| AppliedThreshold::of(threshold.kind, entry))
}
