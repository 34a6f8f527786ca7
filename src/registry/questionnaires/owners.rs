//! Searches the screening lists for the owners of a VASP, because of the 50 % rule of sanctions. The result for the owners in one submission,
//! one version of the lists and one day is cached in memory. Everybody may learn the conclusion, but nobody learns which owners it comes from.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::opened;
use crate::directory::StandingAnswers;
use crate::node::{Registry, ServiceError};
use vasp_rules::ownership::{OwnerShare, OwnershipFacts};
use vasp_rules::screening::ownership::{OwnershipScreening, Share};
use vasp_rules::screening::{ScreeningIndex, Sought};
use vasp_words::ids::{AnswersId, OrganisationId, VaspId};
use vasp_words::time::Date;

/// The result of the search for the owners in one chain.
#[derive(Debug)]
struct Screened {
    submission: AnswersId,
    index: ScreeningIndex,
    day: Date,
    found: Arc<OwnershipScreening>,
}

/// The search results, by the organisation that named the owners.
#[derive(Debug, Default)]
pub struct OwnersCache(RwLock<HashMap<OrganisationId, Screened>>);

/// Returns the owners of a VASP, with their entries in the lists on a day. `None` if the VASP named no owners.
///
/// # Errors
/// `ServiceError::Key`, `Store`, only if this process has not opened the answers before.
pub(crate) fn screened_owners(
    registry: &Registry,
    answers: &StandingAnswers,
    vasp: VaspId,
    index: &ScreeningIndex,
    day: Date,
) -> Result<Option<Arc<OwnershipScreening>>, ServiceError> {
    let cache = &registry.part::<OwnersCache>().0;
    let fits = |known: &Screened| known.submission == answers.submission && known.day == day && known.index.is(index);
    let known = cache.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = known.get(&answers.organisation).filter(|known| fits(known)) {
        return Ok(Some(Arc::clone(&known.found)));
    }
    drop(known);
    let facts = opened(registry, answers)?;
    let Some(chain) = &facts.ownership else { return Ok(None) };
    let found = Arc::new(search(&OwnershipFacts::of(vasp, chain, answers.submitted_at), index, day));
    let kept = Screened { submission: answers.submission, index: index.clone(), day, found: Arc::clone(&found) };
    cache.write().unwrap_or_else(PoisonError::into_inner).insert(answers.organisation, kept);
    Ok(Some(found))
}

fn search(facts: &OwnershipFacts, index: &ScreeningIndex, day: Date) -> OwnershipScreening {
    let share =
        |share: &OwnerShare| Share { owner: share.owner.clone(), owned: share.owned.clone(), basis_points: share.basis_points };
    let meant = facts.owners.iter().map(|owner| {
        let sought = Sought::of_names(owner.names.iter().map(String::as_str), owner.lei);
        (owner.key.clone(), index.meaning(&sought, day))
    });
    OwnershipScreening {
        subject: facts.subject.to_owned(),
        shares: facts.shares.iter().map(share).collect(),
        listed: meant.filter(|(_, hits)| !hits.is_empty()).collect(),
    }
}
