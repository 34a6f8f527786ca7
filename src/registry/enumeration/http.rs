//! Makes enumeration slow and visible. A caller that asked for too many different addresses with no known owner gets no more answers about
//! addresses until midnight UTC. Resolve and pre-check use this for every answer about an address.

use std::num::NonZeroU32;

use crate::acts::Asker;
use crate::http::ProblemCode;
use crate::http::error::Problem;
use crate::http::state::App;
use vasp_addresses::subject::Subject;
use vasp_record::resolution::ResolutionStatus;
use vasp_words::time::UtcTime;

/// Refuses a question about an address if the caller's budget is spent.
pub(crate) fn refuse_spent(app: &App, asker: Option<Asker>, now: UtcTime) -> Result<(), Problem> {
    let (Some(budget), Some(asker)) = (app.limits.not_found_budget, asker) else { return Ok(()) };
    app.registry.not_found().check(asker, budget, now).map_err(|spent| {
        app.registry.metrics().enumeration_refused(asker.kind());
        if spent.is_news {
            alarm(app, asker, budget);
        }
        let detail = format!(
            "Today you asked for more than {budget} different addresses without a known owner. Questions about addresses are \
             answered again after midnight UTC, in {} s. If you need a higher limit, ask the registry's operators.",
            spent.again_in_secs
        );
        Problem::new(ProblemCode::RateLimited, detail).retry_after_secs(spent.again_in_secs)
    })
}

/// Returns whether a subject is an address. The budget counts only addresses.
pub(crate) fn is_address(subject: &Subject) -> bool {
    matches!(subject, Subject::Caip10(_) | Subject::Address(_) | Subject::BareAddress(_))
}

/// Counts an answer, and raises the alarm if it spends the budget.
pub(crate) fn note(app: &App, asker: Option<Asker>, subject: &Subject, status: ResolutionStatus, now: UtcTime) {
    let (Some(budget), Some(asker)) = (app.limits.not_found_budget, asker) else { return };
    if app.registry.not_found().note(asker, subject, status, budget, now) {
        alarm(app, asker, budget);
    }
}

fn alarm(app: &App, asker: Asker, budget: NonZeroU32) {
    app.registry.metrics().enumeration_spent(asker.kind());
    match asker {
        Asker::Organisation(organisation) => {
            tracing::warn!(
                organisation.id = %organisation,
                budget,
                "an organisation has used up its daily budget of addresses not found"
            );
        }
        // A network address may belong to a person, so it is not logged.
        Asker::Address(_) => tracing::warn!(budget, "an anonymous caller has used up its daily budget of addresses not found"),
    }
}
