//! What the answer would be through another jurisdiction: through another legal entity of the counterparty's group, or with the asker's
//! own side in another country of its group. It is computed only if the question asks for it, because each alternative is a pre-check
//! of its own. An alternative is reported only if its recommendation is better.

use std::sync::Arc;

use super::{Asking, Destination, PrecheckAnswer, PrecheckQuestion, SampledHealth, Sender, Way, decide};
use crate::directory::Generation;
use crate::node::{Registry, ServiceError};
use vasp_record::vasp::Vasp;
use vasp_record::vasp_name::VaspName;
use vasp_rules::policy::Recommendation;
use vasp_rules::precheck::CheckCode;
use vasp_words::country::Country;
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

/// Largest number of entities that are tried on one side. A group is rarely larger.
const TRIED_MAX: usize = 20;

/// A change that leads to a better recommendation.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// The change.
    pub instead: Instead,
    /// The recommendation after the change.
    pub recommendation: Recommendation,
    /// Why the recommendation would not be `proceed`, worst first.
    pub reasons: Vec<CheckCode>,
}

/// What an alternative changes.
#[derive(Clone, Debug)]
pub enum Instead {
    /// The counterparty is this legal entity, at an address of its own.
    Counterparty(Arc<Vasp>),
    /// The asker's own side is in this country, through an entity of its group.
    OwnCountry(Country),
}

/// Returns the alternatives with a better recommendation, best first. Also returns the endpoint health that they depend on.
pub(super) fn better(
    registry: &Registry,
    generation: &Arc<Generation>,
    question: &PrecheckQuestion,
    asking: &Asking,
    answer: &PrecheckAnswer,
    now: UtcTime,
    pointer: &dyn Fn(&str) -> String,
) -> Result<(Vec<Alternative>, Vec<SampledHealth>), ServiceError> {
    let (mut found, mut health) = (Vec::new(), Vec::new());
    let mut try_with = |question: PrecheckQuestion, instead: Instead| -> Result<(), ServiceError> {
        let other = decide(registry, generation, &question, asking, now, pointer)?;
        health.extend(other.health);
        let outcome = other.outcome;
        if outcome.recommendation > answer.outcome.recommendation {
            let reasons = outcome.reasons.iter().map(|reason| reason.code).collect();
            found.push(Alternative { instead, recommendation: outcome.recommendation, reasons });
        }
        Ok(())
    };
    for entity in others(generation, answer) {
        let way = match &question.way {
            Way::Outgoing(_) => Way::Outgoing(Destination::Vasp(VaspName::Id(entity.id))),
            Way::Incoming(_, place) => Way::Incoming(Sender::At(Destination::Vasp(VaspName::Id(entity.id))), place.clone()),
        };
        // What the asker screened was another entity.
        try_with(PrecheckQuestion { way, screened: vec![], ..question.clone() }, Instead::Counterparty(entity))?;
    }
    for country in own_countries(generation, answer) {
        let mut own = question.own.clone();
        own.jurisdiction = Some(country.as_str().to_owned());
        try_with(PrecheckQuestion { own, ..question.clone() }, Instead::OwnCountry(country))?;
    }
    found.sort_by_key(|one| std::cmp::Reverse(one.recommendation));
    Ok((found, health))
}

/// Returns the other legal entities in the groups of the counterparty and of the candidates.
fn others(generation: &Generation, answer: &PrecheckAnswer) -> Vec<Arc<Vasp>> {
    let records = generation.records();
    let known = answer.counterparty.iter().chain(&answer.candidates);
    let mut groups: Vec<VaspId> = known.filter_map(|vasp| vasp.group).collect();
    groups.sort_unstable();
    groups.dedup();
    let own = answer.counterparty.as_ref().map(|vasp| vasp.id);
    let entities = groups.iter().flat_map(|group| records.entities_of(*group)).filter(|entity| Some(entity.id) != own);
    entities.take(TRIED_MAX).cloned().collect()
}

/// Returns the countries of the other legal entities in the asker's own group.
fn own_countries(generation: &Generation, answer: &PrecheckAnswer) -> Vec<Country> {
    let records = generation.records();
    let Some(own) = answer.own.and_then(|id| records.get(id)) else { return vec![] };
    let entities = own.group.into_iter().flat_map(|group| records.entities_of(group));
    let mut countries: Vec<Country> = entities.filter_map(|entity| entity.country).collect();
    countries.sort_unstable();
    countries.dedup();
    countries.retain(|country| *country != answer.own_country);
    countries.truncate(TRIED_MAX);
    countries
}
