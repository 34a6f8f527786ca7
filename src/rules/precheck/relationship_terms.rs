//! Whether a transfer complies with the organisation's decision about its counterparty (conditions, limits, networks, assets, rating) and
//! with the cap of its own law. A violation fails. A missing statement gives `unknown`. What only the asker can do becomes a condition.

use super::super::obligations::MaxAmount;
use super::super::policy::ConditionCode;
use super::super::relationship::{Applying, Conditions, RiskRating, Terms, Track};
use super::relationship::{Finding, TrackWords, day_of};
use super::relationship_codes::Codes;
use super::{Asks, CheckCode, CheckName, Condition, PrecheckInput, sentences};
use vasp_addresses::asset::{is_same_asset, is_same_ledger};
use vasp_words::caip::{Caip2, Caip19};
use vasp_words::money::Money;
use vasp_words::text::Text;

/// What the asker said about the transfer, as far as decisions depend on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RelationshipTransfer {
    /// The transfer's value.
    pub fiat: Option<Money>,
    /// The network of the transfer, if it is settled.
    pub network: Option<Caip2>,
    /// Every network to which the address can belong.
    pub possible_networks: Vec<Caip2>,
    /// The transferred asset.
    pub asset: Option<Caip19>,
    /// The ticker of the token whose contract the address is.
    pub token_contract: Option<&'static str>,
    /// Whether both ends belong to the same customer.
    pub first_party: Option<bool>,
    /// Whether the transfer uses a correspondent relationship.
    pub correspondent: Option<bool>,
    /// The total values of the earlier transfers with the counterparty.
    pub earlier: EarlierTotals,
}

/// The total values of earlier transfers with a counterparty, as the asker states them. Only the asker knows which of the
/// transfers in its earlier requests were sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EarlierTotals {
    /// The total on the day of the transfer.
    pub day: Option<Money>,
    /// The total in the month of the transfer.
    pub month: Option<Money>,
}

/// The findings and conditions from the terms.
#[derive(Default)]
pub(super) struct TermsFound {
    /// What is violated, unknown or left to the asker.
    pub findings: Vec<Finding>,
    /// What the asker has to do.
    pub conditions: Vec<Condition>,
    /// Whether the transfer is incoming.
    incoming: bool,
}

/// Compares the transfer with the terms of every decision that applies.
pub(super) fn terms_of(words: &TrackWords, input: &PrecheckInput<'_>) -> TermsFound {
    let (facts, codes) = (input.relationship, &words.codes);
    let mut found = TermsFound { incoming: input.own.incoming, ..TermsFound::default() };
    let standing = facts.standing.track(words.track);
    for Applying { relationship, .. } in &standing.applying {
        found.of_conditions(codes, &relationship.track(words.track).conditions, &facts.transfer, facts.shows_texts);
        found.of_terms(codes, &relationship.terms, &facts.transfer);
    }
    if words.track == Track::TravelRule {
        found.of_cap(codes, input);
    }
    let approved = standing.status_on(words.track, day_of(input)).is_approval();
    if approved && !found.conditions.is_empty() {
        found.finding(codes.conditions_to_meet, "The relationship sets conditions. They are listed in `conditions`.");
    }
    found
}

impl TermsFound {
    fn finding(&mut self, code: CheckCode, detail: impl Into<Text>) {
        self.findings.push((code, detail.into()));
    }

    fn condition(&mut self, code: ConditionCode, detail: impl Into<Text>) {
        self.conditions.push(Condition::new(code, detail.into(), Asks::Relationship, self.incoming));
    }

    fn of_conditions(&mut self, codes: &Codes, conditions: &Conditions, transfer: &RelationshipTransfer, shows_texts: bool) {
        const OWN: &str = "Decision of the asking organisation: ";
        if conditions.first_party_only && transfer.first_party != Some(true) {
            self.condition(ConditionCode::FirstPartyOnly, format!("{OWN}transfer only between accounts of the same person."));
            match transfer.first_party {
                Some(_) => self.finding(
                    codes.not_first_party,
                    "Only transfers between accounts of the same person are allowed. This is not one.",
                ),
                None => {
                    let detail = "Only transfers between accounts of the same person are allowed. State transfer.first_party.";
                    self.finding(codes.first_party_undetermined, detail);
                }
            }
        }
        self.hold_against(codes, conditions.max_amount, transfer.fiat);
        if conditions.enhanced_due_diligence {
            self.condition(ConditionCode::EnhancedDueDiligence, format!("{OWN}apply enhanced due diligence."));
        }
        if conditions.proof_of_control {
            self.condition(ConditionCode::ProofOfControl, format!("{OWN}have the customer prove control of the destination."));
        }
        if let Some(text) = &conditions.other {
            let text = if shows_texts {
                text.as_str()
            } else {
                "a further condition applies. The organisation that you act for has its text."
            };
            let whole = format!("{OWN}{text}");
            let detail = if sentences::has_room("", &whole) {
                whole
            } else {
                format!("{OWN}a further condition applies. Its text is in the relationship.")
            };
            self.condition(ConditionCode::CounterpartyDueDiligence, detail);
        }
    }

    /// Applies the cap of the asker's own rule. If the amount is missing or cannot be compared, the asker has to decide.
    fn of_cap(&mut self, codes: &Codes, input: &PrecheckInput<'_>) {
        let cap = input.relationship.cap.as_ref();
        let Some(MaxAmount { limit, exceeded, .. }) = cap.filter(|cap| cap.exceeded != Some(false)) else { return };
        let at_most = format!(
            "The asker's own rule allows at most {} {} in one transfer to a provider that is not authorised in the asker's country.",
            limit.amount, limit.currency
        );
        if *exceeded == Some(true) {
            self.finding(codes.limit_exceeded, format!("The transfer is worth more than allowed. {at_most}"));
        } else {
            let detail = format!("The transfer's value in {} is not known (transfer.fiat).", limit.currency);
            self.finding(codes.limit_undetermined, detail);
        }
        let asks = Asks::by_rule(ConditionCode::MaxAmount, CheckName::TravelRuleDueDiligence, input);
        self.conditions.push(Condition::new(ConditionCode::MaxAmount, at_most.into(), asks, self.incoming));
    }

    fn of_terms(&mut self, codes: &Codes, terms: &Terms, transfer: &RelationshipTransfer) {
        if terms.risk == Some(RiskRating::Prohibited) {
            self.finding(codes.prohibited, "The asking organisation rates the counterparty as prohibited.");
        }
        self.hold_against(codes, terms.limits.per_transfer, transfer.fiat);
        let earlier = transfer.earlier;
        for (limit, earlier, period) in
            [(terms.limits.per_day, earlier.day, "day"), (terms.limits.per_month, earlier.month, "month")]
        {
            self.hold_all_against(codes, limit, period, transfer.fiat, earlier);
        }
        if !terms.networks.is_empty() {
            match &transfer.network {
                Some(network) if terms.networks.iter().any(|one| is_same_ledger(one, network)) => {}
                Some(network) => {
                    self.finding(codes.network_not_covered, format!("The relationship does not cover the network {network}."))
                }
                None => {
                    self.finding(codes.network_undetermined, "The relationship covers only some networks. State the network.")
                }
            }
        }
        if !terms.assets.is_empty() {
            match &transfer.asset {
                Some(asset) if terms.assets.iter().any(|one| is_same_asset(one, asset)) => {}
                Some(asset) => {
                    self.finding(codes.asset_not_covered, format!("The relationship does not cover the asset {asset}."))
                }
                None => self.finding(codes.asset_undetermined, "The relationship covers only some assets. State transfer.asset."),
            }
        }
    }

    /// Compares a transfer and the earlier ones in a period with the limit for the whole period.
    fn hold_all_against(
        &mut self,
        codes: &Codes,
        limit: Option<Money>,
        period: &str,
        fiat: Option<Money>,
        earlier: Option<Money>,
    ) {
        let Some(limit) = limit else { return };
        let at_most = format!("At most {} {} per {period} for all transfers together.", limit.amount, limit.currency);
        let [told, before] =
            [fiat, earlier].map(|money| money.filter(|money| money.currency == limit.currency).map(|money| money.amount));
        // An amount that alone exceeds the limit also exceeds it together with others.
        let alone = [told, before].into_iter().flatten().any(|amount| amount > limit.amount);
        match told.zip(before) {
            Some((told, before)) if !alone && told.plus(before).is_some_and(|sum| sum <= limit.amount) => {}
            None if !alone => {
                let detail = format!("State transfer.fiat and transfer.earlier_total.{period} in {}. {at_most}", limit.currency);
                self.finding(codes.limit_undetermined, detail);
                self.condition(ConditionCode::MaxAmount, at_most);
            }
            _ => {
                let detail = format!("This transfer would exceed the limit for the {period}. {at_most}");
                self.finding(codes.limit_exceeded, detail);
                self.condition(ConditionCode::MaxAmount, at_most);
            }
        }
    }

    /// Compares one transfer with the limit per transfer.
    fn hold_against(&mut self, codes: &Codes, limit: Option<Money>, fiat: Option<Money>) {
        let Some(limit) = limit else { return };
        let at_most = format!("At most {} {} in one transfer.", limit.amount, limit.currency);
        match fiat.filter(|fiat| fiat.currency == limit.currency) {
            Some(fiat) if fiat.amount <= limit.amount => {}
            Some(_) => {
                self.finding(codes.limit_exceeded, format!("The transfer is worth more than allowed. {at_most}"));
                self.condition(ConditionCode::MaxAmount, at_most);
            }
            None => {
                let detail = format!("The transfer's value in {} is not known (transfer.fiat). {at_most}", limit.currency);
                self.finding(codes.limit_undetermined, detail);
                self.condition(ConditionCode::MaxAmount, at_most);
            }
        }
    }
}
