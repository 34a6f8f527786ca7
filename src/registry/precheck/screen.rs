//! Searches the screening lists for the parties of a pre-check, for the contract of its asset, and for the owners of a VASP because of the
//! 50 % rule of sanctions.

use super::gather::Gathered;
use super::{Asking, PrecheckQuestion};
use crate::directory::{Generation, PrivateState, StandingAnswers};
use crate::node::{Registry, ServiceError};
use crate::questionnaires::screened_owners;
use crate::screening::decisions_of;
use vasp_addresses::address::{Account, Controller, ControllerBytes};
use vasp_addresses::asset::contract_of;
use vasp_addresses::class::ClassNumber;
use vasp_addresses::network::NetworkTable;
use vasp_record::claim::Strength;
use vasp_rules::elsewhere::JudgedVasp;
use vasp_rules::precheck::{AccountScreening, Attribution, BrandAnswer, ScreeningFacts, Shown};
use vasp_store::StoreError;
use vasp_words::ids::VaspId;
use vasp_words::time::Date;

/// Searches today's screening lists, whatever the transfer's date is. Searches for the address on every network that it can be on, and
/// for everybody whom the answer names.
pub(super) fn screen(
    registry: &Registry,
    generation: &Generation,
    gathered: &Gathered,
    (attribution, brand, answers, forms): (&Attribution<'_>, Option<&BrandAnswer>, Option<&StandingAnswers>, &[Controller]),
    (asking, question, state): (&Asking, &PrecheckQuestion, &PrivateState),
    today: Date,
) -> Result<ScreeningFacts, ServiceError> {
    let Some(index) = generation.documents().screen.as_ref().map(|screen| &screen.value) else {
        // The asker has to search for the address, too.
        let account = AccountScreening::of(&gathered.accounts);
        return Ok(ScreeningFacts { account, by_asker: question.screened.clone(), ..ScreeningFacts::default() });
    };
    let judged = |id| Some(generation.records().judged(id)?.as_ref());
    let claimants: Vec<&JudgedVasp> = claimants(gathered).filter_map(judged).collect();
    // The answer names the entities of every group that claims the address.
    let theirs = claimants.iter().flat_map(|one| generation.records().entities_of(one.record.id)).map(|entity| entity.id);
    let records: Vec<&JudgedVasp> = of_brand(brand).chain(theirs).filter_map(judged).collect();
    let own = decisions_of(registry, state, gathered.whose)?.iter().filter_map(|one| {
        let id = generation.records().canonical(one.vasp);
        let mut named = attribution.screened().into_iter().chain(records.iter().copied()).chain(claimants.iter().copied());
        let is_named = named.any(|vasp| vasp.record.id == id || vasp.record.group == Some(id));
        let counts = is_named && generation.records().get(id).is_some_and(|record| one.counts_for(record));
        counts.then_some((id, one))
    });
    let own = own.collect();
    let asset = question.transfer.asset.as_ref().and_then(contract_of);
    let shown = Shown { brand, records, claimants, own, asset };
    let accounts = [gathered.accounts.as_slice(), &in_other_forms(registry, gathered, forms)?].concat();
    let facts = ScreeningFacts::search(index, &accounts, attribution, &shown, today);
    let mut facts = ScreeningFacts { by_asker: question.screened.clone(), ..facts };
    if let Some((entity, answers)) = attribution.entity().zip(answers) {
        facts.ownership = screened_owners(registry, answers, entity.id, index, today)?.as_deref().cloned();
        facts.shares = asking.ownership_shares(answers);
    }
    Ok(facts)
}

/// Returns the address of the transfer under what follows from its key: from one that a proof of the request showed, or that of an owner.
fn in_other_forms(registry: &Registry, gathered: &Gathered, forms: &[Controller]) -> Result<Vec<Account>, ServiceError> {
    let owners = gathered.resolution.iter().flat_map(|answer| &answer.resolution.owners).filter_map(|owner| owner.claim.as_ref());
    let proven: Vec<i64> = owners.filter(|claim| claim.strength == Strength::Proven).map(|claim| claim.number.0).collect();
    let has_forms =
        |account: &&Account| account.controllers.screened().any(|of| NetworkTable::embedded().is_class_of_forms(of.class));
    let Some(account) = gathered.accounts.first().filter(has_forms).filter(|_| !proven.is_empty() || !forms.is_empty()) else {
        return Ok(vec![]);
    };
    let stored = registry.store().read::<_, StoreError>(|conn| conn.other_controllers(&proven))?;
    let of = |(class, bytes): (i32, Vec<u8>)| Controller { class: ClassNumber(class), bytes: ControllerBytes::new(&bytes) };
    let all = stored.into_iter().map(of).chain(forms.iter().cloned());
    Ok(all.map(|form| Account { controllers: form.into(), ..account.clone() }).collect())
}

/// Iterates over the brand and its candidates, whom the answer names besides the counterparty.
fn of_brand(brand: Option<&BrandAnswer>) -> impl Iterator<Item = VaspId> + '_ {
    let candidates = brand.into_iter().flat_map(|brand| &brand.candidates).filter_map(|one| one.vasp);
    brand.map(|brand| brand.group).into_iter().chain(candidates)
}

/// Iterates over the VASPs that claim the address, that have a related claim, or that name the host or certificate without proof.
fn claimants(gathered: &Gathered) -> impl Iterator<Item = VaspId> + '_ {
    let resolved = gathered.resolution.iter().map(|answer| &answer.resolution);
    let owners = resolved.clone().flat_map(|resolution| &resolution.owners).map(|owner| owner.vasp);
    let related = resolved.flat_map(|resolution| &resolution.related).map(|related| related.owner.vasp);
    let unproven = gathered.resolution.iter().flat_map(|answer| &answer.unverified).map(|record| record.id);
    owners.chain(related).chain(unproven)
}
