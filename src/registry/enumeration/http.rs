//! Makes enumeration slow and visible. A caller that asked for too many different addresses with no known owner gets no more answers about
//! addresses until midnight UTC. One that asked about too many addresses that its own VASP claims without proof gets no more answers
//! about such addresses alone. Resolve and pre-check use this for every answer about an address.

use std::num::NonZeroU32;

use super::Spends;
use super::budget::Counted;
use crate::acts::{Asker, Identity};
use crate::http::ProblemCode;
use crate::http::error::Problem;
use crate::http::state::App;
use vasp_addresses::subject::Subject;
use vasp_words::time::UtcTime;

/// Refuses a question about an address if the caller's budget of addresses not found is spent.
pub(crate) fn refuse_spent(app: &App, asker: Option<Asker>, now: UtcTime) -> Result<(), Problem> {
    let (Some(budget), Some(asker)) = (app.limits.not_found_budget, asker) else { return Ok(()) };
    refuse(app, Counted::NotFound(asker), budget, now)
}

fn refuse(app: &App, counted: Counted, budget: NonZeroU32, now: UtcTime) -> Result<(), Problem> {
    app.registry.not_found().check(counted, budget, now).map_err(|spent| {
        app.registry.metrics().enumeration_refused(counted.kind());
        if spent.is_news {
            alarm(app, counted, budget);
        }
        let (asked, refused) = match counted {
            Counted::NotFound(_) => ("addresses without a known owner", "addresses"),
            Counted::OwnAddresses(_) => ("addresses that you claim without proof", "such addresses"),
        };
        let detail = format!(
            "Today you asked for more than {budget} different {asked}. Questions about {refused} are answered again after midnight \
             UTC, in {} s. If you need a higher limit, ask the registry's operators.",
            spent.again_in_secs
        );
        Problem::new(ProblemCode::RateLimited, detail).retry_after_secs(spent.again_in_secs)
    })
}

/// Returns whether a subject is an address. The budget counts only addresses.
pub(crate) fn is_address(subject: &Subject) -> bool {
    matches!(subject, Subject::Caip10(_) | Subject::Address(_) | Subject::BareAddress(_))
}

/// Counts an answer, and raises the alarm if it spends a budget.
///
/// # Errors
/// 429 for an address that the caller's VASP claims without proof, if the budget of such addresses is spent. Whether others claim the
/// address plays no part, so that the refusal reveals nothing of it.
pub(crate) fn note(
    app: &App,
    (identity, asker): (Option<&Identity>, Option<Asker>),
    (subject, spends): (&Subject, Spends),
    now: UtcTime,
) -> Result<(), Problem> {
    let (Some(default), Some(asker)) = (app.limits.not_found_budget, asker) else { return Ok(()) };
    let (counted, budget) = match (spends, identity) {
        (Spends::Nothing, _) => return Ok(()),
        (Spends::OwnAddress, Some(identity)) => {
            let (counted, budget) =
                (Counted::OwnAddresses(identity.organisation), identity.own_address_budget.unwrap_or(default));
            refuse(app, counted, budget, now)?;
            (counted, budget)
        }
        (Spends::NotFound | Spends::OwnAddress, _) => (Counted::NotFound(asker), default),
    };
    if app.registry.not_found().note(counted, subject, budget, now) {
        alarm(app, counted, budget);
    }
    Ok(())
}

fn alarm(app: &App, counted: Counted, budget: NonZeroU32) {
    app.registry.metrics().enumeration_spent(counted.kind());
    match counted {
        Counted::NotFound(Asker::Organisation(organisation)) => {
            tracing::warn!(
                organisation.id = %organisation,
                budget,
                "an organisation has used up its daily budget of addresses not found"
            );
        }
        Counted::OwnAddresses(organisation) => {
            tracing::warn!(
                organisation.id = %organisation,
                budget,
                "a member has used up its daily budget of addresses that it claims without proof"
            );
        }
        // A network address may belong to a person, so it is not logged.
        Counted::NotFound(Asker::Address(_)) => {
            tracing::warn!(budget, "an anonymous caller has used up its daily budget of addresses not found");
        }
    }
}
