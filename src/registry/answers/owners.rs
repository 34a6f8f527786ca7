//! The owners of a VASP held against the screening lists, for the 50 % rule of sanctions. Searched once for a submission, the lists and
//! a day, and kept in memory: what follows may be said to everybody, whom it follows from is said to nobody.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::shared::ownership_facts;
use crate::directory::StandingAnswers;
use crate::node::{Registry, ServiceError};
use vasp_rules::ownership::{OwnerShare, OwnershipFacts};
use vasp_rules::screening::ownership::{OwnershipScreening, Share};
use vasp_rules::screening::{ScreeningIndex, Sought};
use vasp_words::ids::{AnswersId, OrganisationId, VaspId};
use vasp_words::time::Date;

/// What was found about the owners in one chain.
#[derive(Debug)]
struct Screened {
    submission: AnswersId,
    index: ScreeningIndex,
    day: Date,
    found: Arc<OwnershipScreening>,
}

/// What was found about owners, by the organisation that named them.
#[derive(Debug, Default)]
pub struct OwnersCache(RwLock<HashMap<OrganisationId, Screened>>);

/// Returns the owners of a VASP with what the lists say of them on a day; none where it told none.
///
/// # Errors
/// `ServiceError::Key`, `Store`, only where the answers were never opened in this process.
pub(crate) fn ownership_screening(
    registry: &Registry,
    answers: &StandingAnswers,
    vasp: VaspId,
    (index, day): (&ScreeningIndex, Date),
) -> Result<Option<OwnershipScreening>, ServiceError> {
    let cache = &registry.part::<OwnersCache>().0;
    let fits = |known: &Screened| known.submission == answers.submission && known.day == day && known.index.is(index);
    let known = cache.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = known.get(&answers.organisation).filter(|known| fits(known)) {
        return Ok(Some(known.found.as_ref().clone()));
    }
    drop(known);
    let Some(facts) = ownership_facts(registry, answers, vasp)? else { return Ok(None) };
    let found = Arc::new(search(&facts, index, day));
    let kept = Screened { submission: answers.submission, index: index.clone(), day, found: Arc::clone(&found) };
    cache.write().unwrap_or_else(PoisonError::into_inner).insert(answers.organisation, kept);
    Ok(Some(found.as_ref().clone()))
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
