//! The last look at an answer before it is signed, as a certificate authority lints a certificate before it signs one. Each rule says what no
//! answer may say, whatever the checks and the policy made of the question. The rules read the facts again; they do not ask the checks. An answer
//! that breaks one is held. The caller is `vasp_registry::precheck`, for every answer.

use super::asker_screening::{AskerScreening, AskerScreeningOutcome};
use super::brand_links::Served;
use super::policy::{Circumstance, Circumstances, ConditionCode, Consequence, MetBy, QuestionMember, Recommendation, StepCode};
use super::precheck::{
    Asks, BrandAnswer, BrandCandidate, CheckCode, CheckName, CheckOutcome, CheckResult, Condition, Counterparty, EvidenceOf,
    NextStep, PrecheckInput, PrecheckOutcome, Reason, ServesCustomer, national, screened_by_asker,
};
use super::sanctions_by_law::{NationalLists, SanctionsByLaw};
use vasp_addresses::asset::is_same_asset;
use vasp_record::licence::LicenceStatus;
use vasp_words::closed_list::closed_list;
use vasp_words::ids::VaspId;

closed_list! {
    /// A rule that every answer keeps.
    pub enum LintRule {
        /// Every name that the answer prints was searched on the screening lists.
        NamesAreScreened = "names_are_screened",
        /// An entity that does not serve the customer's country gets no `proceed`.
        CustomerIsServed = "customer_is_served",
        /// An asset that the asker's law prohibits is held or rejected.
        AssetIsAllowed = "asset_is_allowed",
        /// A binding list that nobody searched is a condition that names it, or worse. A policy may make it a note that names it.
        BindingListsAreSearched = "binding_lists_are_searched",
        /// No step, condition or question asks for what the question gave.
        NothingGivenIsAsked = "nothing_given_is_asked",
        /// Every step leads whoever takes it somewhere.
        StepsHaveARoute = "steps_have_a_route",
        /// What a law requires or forbids names the rule's version or the law.
        LawHasItsVersion = "law_has_its_version",
    }
}

/// An answer, with the question and the facts that it was made from.
#[derive(Clone, Copy)]
pub struct Linted<'a> {
    /// The question and the facts.
    pub input: &'a PrecheckInput<'a>,
    /// The answer.
    pub outcome: &'a PrecheckOutcome,
    /// The brand that the answer tells about.
    pub brand: Option<&'a BrandAnswer>,
}

impl LintRule {
    /// Returns the first rule that an answer breaks. `printed` has the ids of the records whose names the answer prints.
    pub fn broken_by(answer: Linted<'_>, mut printed: impl Iterator<Item = VaspId>) -> Option<Self> {
        let screening = answer.input.screening;
        // Without a list nobody is searched, which is a finding of its own.
        let is_searched = |id: VaspId| screening.lists.is_empty() || screening.searched.binary_search(&id).is_ok();
        let mut holds = |rule: Self| match rule {
            Self::NamesAreScreened => printed.all(is_searched),
            Self::CustomerIsServed => customer_is_served(answer),
            Self::AssetIsAllowed => asset_is_allowed(answer),
            Self::BindingListsAreSearched => binding_lists_are_searched(answer),
            Self::NothingGivenIsAsked => nothing_given_is_asked(answer),
            Self::StepsHaveARoute => answer.outcome.next_steps.iter().all(|step| has_route(step.code, answer)),
            Self::LawHasItsVersion => law_has_its_version(answer),
        };
        Self::ALL.into_iter().find(|rule| !holds(*rule))
    }
}

fn may_go(outcome: &PrecheckOutcome) -> bool {
    outcome.recommendation > Recommendation::Hold
}

/// What two people of the asker approved may go. Otherwise a check tells of the territory, or that no licence is known to be in force, and that
/// has a consequence: a condition, or the note that a policy makes of it.
fn customer_is_served(Linted { input, outcome, brand }: Linted<'_>) -> bool {
    let (Some(country), Counterparty::Entity(entity)) = (input.customer_country, &input.attribution.counterparty) else {
        return true;
    };
    let record = &entity.record;
    let not_for_brand = |one: &BrandCandidate| one.vasp == Some(record.id) && one.serves_customer == Some(ServesCustomer::No);
    // Without a licence, that is the finding, and a seat says little.
    let is_licensed = || record.licences.iter().any(|one| one.status_on(input.date) == LicenceStatus::InForce);
    let serves_not = || {
        brand.is_some_and(|brand| brand.candidates.iter().any(not_for_brand))
            || is_licensed() && !Served::by_registers(record).may_include(country)
    };
    let is_found = || outcome.checks.iter().any(|check| check.codes().any(tells_of_territory));
    let is_noted = || outcome.notes.iter().any(|note| tells_of_territory(note.code));
    let is_told = || is_found() && (outcome.recommendation < Recommendation::Proceed || is_noted());
    let is_approved = || outcome.circumstances.hold_all(Circumstances::default().with(Circumstance::Approved, true));
    !may_go(outcome) || !serves_not() || is_told() || is_approved()
}

fn tells_of_territory(code: CheckCode) -> bool {
    let is_unknown = code.check() == CheckName::Licence && code.outcome() <= CheckOutcome::Unknown;
    is_unknown || code == CheckCode::LicenceTerritoryElsewhere
}

fn asset_is_allowed(Linted { input, outcome, .. }: Linted<'_>) -> bool {
    let Some(asset) = input.relationship.transfer.asset.as_ref().filter(|_| may_go(outcome)) else { return true };
    let in_force = input.own.prohibited_assets.iter().filter(|one| one.holds_on(input.date));
    !in_force.into_iter().any(|one| one.ids.iter().any(|id| is_same_asset(id, asset)))
}

fn binding_lists_are_searched(Linted { input, outcome, .. }: Linted<'_>) -> bool {
    if !may_go(outcome) {
        return true;
    }
    let (country, jurisdiction) = (input.own_side.country, &input.own_side.jurisdiction);
    let by_law = SanctionsByLaw::embedded().binding_lists(jurisdiction, country);
    let of_country = (by_law.national == NationalLists::NotKnown).then(|| national(jurisdiction));
    let mut named = by_law.lists.iter().chain(input.policy.screening().added(country, jurisdiction)).chain(&of_country);
    let is_noted = |list: &str| outcome.notes.iter().any(|note| note.lists.iter().any(|one| one.as_str() == list));
    let is_asked = |list: &str| outcome.conditions.iter().any(|one| asks_to_screen(one, list));
    named.all(|list| is_searched(list, input) || is_asked(list) || is_noted(list))
}

fn asks_to_screen(condition: &Condition, list: &str) -> bool {
    condition.code == ConditionCode::ScreenYourself && condition.sources.iter().any(|source| source.as_str() == list)
}

/// Tells whether a list was searched that is not too old, or the asker searched it and has nothing open.
fn is_searched(list: &str, input: &PrecheckInput<'_>) -> bool {
    let limit = input.policy.screening().unknown_after_days.map(i64::from);
    let is_recent = |as_of| limit.is_none_or(|days| input.now.date().days_since(as_of) <= days);
    let is_held = || input.screening.lists.iter().any(|held| held.family.as_str() == list && is_recent(held.as_of));
    screened_by_asker(input).any(|one| one.list == list && is_done(one, input)) || is_held()
}

fn is_done(one: &AskerScreening, input: &PrecheckInput<'_>) -> bool {
    one.counts_at(input.now, input.policy.screening().unknown_after_days) && one.outcome != AskerScreeningOutcome::Hit
}

fn nothing_given_is_asked(Linted { input, outcome, brand, .. }: Linted<'_>) -> bool {
    let asks = |member: QuestionMember| {
        let by_steps = outcome.next_steps.iter().map(|step| &step.asks);
        let mut all = by_steps.chain(outcome.conditions.iter().map(|one| &one.asks));
        let by_brand = brand.is_some_and(|brand| member == QuestionMember::CustomerCountry && brand.asks_customer_country);
        by_brand || all.any(|asked| asked.contains(&member))
    };
    let asks_member = || QuestionMember::ALL.into_iter().any(|member| input.gives(member) && asks(member));
    let asks_list = || {
        let mut done = input.screening.by_asker.iter().filter(|one| is_done(one, input));
        done.any(|one| outcome.conditions.iter().any(|asked| asks_to_screen(asked, &one.list)))
    };
    let asks_data = || {
        let given = input.own.provided;
        given.is_some_and(|given| outcome.conditions.iter().flat_map(|one| &one.fields).any(|field| given.contains(field)))
    };
    let asks_for_proof = |one: &Condition| one.code == ConditionCode::ProofOfControl && one.met_by == MetBy::Request;
    let asks_proof = || !input.own.proofs.good.is_empty() && outcome.conditions.iter().any(asks_for_proof);
    !(asks_member() || asks_data() || asks_list() || asks_proof())
}

/// Only a hit can be decided, and only whoever is known can be examined or named. The other steps can be taken about any question.
fn has_route(step: StepCode, Linted { input, outcome, brand }: Linted<'_>) -> bool {
    let screening = input.screening;
    let has_own_hit = || screened_by_asker(input).any(|one| one.outcome == AskerScreeningOutcome::Hit);
    let has_hit = || !screening.hits.is_empty() || screening.ownership.is_some() || has_own_hit();
    let has_name = || outcome.counterparty.is_some() || !outcome.counterparty_candidates.is_empty();
    let is_known = || has_name() || outcome.next_steps.iter().any(|step| settles(step.code));
    match step {
        StepCode::DecideHit => has_hit(),
        StepCode::DoDueDiligence => is_known(),
        StepCode::NameEntity => can_be_named(input, outcome, brand),
        _ => true,
    }
}

/// Returns whether a step settles who the counterparty is.
fn settles(step: StepCode) -> bool {
    matches!(step, StepCode::NameEntity | StepCode::AskCounterparty | StepCode::CorrectAddress | StepCode::OtherCounterparty)
}

/// Returns whether there is a legal entity to name. If the question gives the customer's country, it is a candidate that may serve it. A wrong id
/// can be corrected, and about a provider that may be banned the customer is asked in any case.
fn can_be_named(input: &PrecheckInput<'_>, outcome: &PrecheckOutcome, brand: Option<&BrandAnswer>) -> bool {
    let may_serve = |brand: &BrandAnswer| brand.candidates.iter().any(|one| one.serves_customer != Some(ServesCustomer::No));
    let may_be_banned = || outcome.reasons.iter().any(|reason| reason.code == CheckCode::SanctionsProviderMayBeBanned);
    let is_open = input.customer_country.is_none() || input.attribution.unknown.is_some();
    is_open || brand.is_none_or(may_serve) || may_be_banned()
}

fn law_has_its_version(Linted { input, outcome, .. }: Linted<'_>) -> bool {
    let version = input.own_side.rule_version.as_ref();
    let names_version = |condition: &Condition| match &condition.asked_by {
        Asks::Rule { id, .. } => version.is_some_and(|version| version.as_str() == id),
        Asks::Policy(_) | Asks::Relationship => true,
    };
    let is_sourced = |check: &CheckResult| check.codes().all(|code| cites_its_law(code, check));
    let of_own_rule = |code| matches!(code, CheckCode::TransferAssetProhibited | CheckCode::TravelRuleRequiredNotDone);
    let needs_version = outcome.reasons.iter().any(|reason| of_own_rule(reason.code));
    outcome.conditions.iter().all(names_version) && outcome.checks.iter().all(is_sourced) && (version.is_some() || !needs_version)
}

/// Returns whether a finding that states what a law forbids has that law among its check's evidence.
fn cites_its_law(code: CheckCode, check: &CheckResult) -> bool {
    use CheckCode as C;
    let cites = |is_law: fn(&EvidenceOf) -> bool| check.evidence.iter().any(|one| is_law(&one.of));
    match code {
        C::JurisdictionEmbargoed => cites(|of| matches!(of, EvidenceOf::Embargo(_))),
        C::JurisdictionBanned => cites(|of| matches!(of, EvidenceOf::Rule(_))),
        C::SanctionsProviderBanned | C::SanctionsProviderMayBeBanned => cites(|of| matches!(of, EvidenceOf::ProviderBan(_))),
        _ => true,
    }
}

impl PrecheckOutcome {
    /// Holds an answer that breaks a rule. Its findings stay; its conditions and steps go, because nobody can rely on what it asks for. A
    /// rejected answer stays rejected, with its steps: whatever is wrong with it, assets to be frozen are still to be frozen.
    pub fn hold_for(&mut self, rule: LintRule) {
        let detail =
            format!("The answer contradicts itself (rule `{rule}`), so the registry holds it. Its operator has been alerted.");
        let reason = Reason {
            consequence: Consequence::Hold,
            code: CheckCode::TransferInternalInconsistency,
            detail: detail.into(),
            silenced: vec![],
            confidential: false,
        };
        let place = self.reasons.iter().take_while(|known| known.consequence < Consequence::Hold).count();
        self.reasons.insert(place, reason);
        if self.recommendation == Recommendation::Reject {
            return;
        }
        self.recommendation = Recommendation::Hold;
        self.conditions.clear();
        let detail = "Ask again once the registry's operator has said that the fault is mended.";
        self.next_steps = vec![NextStep { code: StepCode::WaitForReview, detail: detail.into(), asks: vec![] }];
    }
}

#[cfg(test)]
mod tests;
