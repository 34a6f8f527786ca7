//! The last look at an answer, before it is rendered and signed: every answer is linted, also one that is not recorded, one of a batch, and a
//! replay. The rules are pure (`vasp_rules::lint`), so that a replay comes to the same answer. Here is which names an answer prints, and the
//! alarm.

use super::gather::Gathered;
use crate::directory::Generation;
use crate::node::Registry;
use vasp_rules::lint::{LintRule, Linted};
use vasp_rules::precheck::{BrandAnswer, PrecheckInput, PrecheckOutcome, run};
use vasp_words::ids::VaspId;

/// Answers a question. Holds an answer that breaks a rule, counts it and tells the operator.
pub(super) fn answer(
    registry: &Registry,
    generation: &Generation,
    gathered: &Gathered,
    input: &PrecheckInput<'_>,
    brand: Option<&BrandAnswer>,
) -> PrecheckOutcome {
    let mut outcome = run(input);
    let printed = printed(generation, gathered, brand, &outcome);
    let Some(rule) = LintRule::broken_by(Linted { input, outcome: &outcome, brand }, printed) else { return outcome };
    registry.metrics().lint_failed(rule);
    let counterparty = outcome.counterparty.map(|id| id.to_string()).unwrap_or_default();
    tracing::error!(
        lint.rule = rule.as_str(),
        precheck.sequence = generation.sequence(),
        vasp.id = counterparty,
        "an answer of a pre-check contradicts itself, and is held"
    );
    outcome.hold_for(rule);
    outcome
}

/// Iterates over the records whose names verdict or evidence print.
fn printed<'a>(
    generation: &'a Generation,
    gathered: &'a Gathered,
    brand: Option<&'a BrandAnswer>,
    outcome: &'a PrecheckOutcome,
) -> impl Iterator<Item = VaspId> + 'a {
    let records = generation.records();
    // A summary of a group names its entities. What has no record is not printed.
    let summary = |id: VaspId| {
        let known = records.get(id).map(|record| record.id);
        known.into_iter().chain(known.into_iter().flat_map(|id| records.entities_of(id).map(|entity| entity.id)))
    };
    let of_question = gathered.resolution.iter().flat_map(|answer| {
        let owners = answer.resolution.owners.iter().chain(answer.resolution.related.iter().map(|related| &related.owner));
        owners.map(|owner| owner.vasp).chain(answer.unverified.iter().map(|record| record.id))
    });
    let of_brand = brand.into_iter().flat_map(|brand| brand.candidates.iter().filter_map(|one| one.vasp).chain([brand.group]));
    let settled = outcome.counterparty.iter().chain(&outcome.counterparty_candidates).copied();
    of_question.flat_map(summary).chain(of_brand).chain(settled)
}
