//! `/enrol`: the page that an invitation link opens. The person sets a password, then an authenticator app, and gets recovery codes. It does
//! what `/v1/enrolment` and `/v1/session/totp` do, by the same functions.
//!
//! The link's secret stands behind its `#`, so that no log has it. A script puts it into the form; without scripts the person pastes the
//! link. From step to step the session's token goes in the form, never in an address or a cookie. So there is nothing that another site
//! could make a browser send along; forms that do not come from this site are refused all the same. The session ends with the last page.

mod pages;
pub(crate) mod qr;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use vasp_routing::{get, post};

use self::pages::{App as AppPage, Link};
use crate::acts::{Identity, authenticate};
use crate::http::blocking::blocking;
use crate::http::caller::Paid;
use crate::http::form::{Form, secret_of};
use crate::http::{App, Problem, ProblemCode};
use crate::node::{Registry, ServiceError};
use crate::sign_in::{self, Begun, PasswordSignIn, Proof, Stepped, enrolment};
use vasp_record::role::OrganisationKind;
use vasp_words::ids::CredentialId;

/// The first step: the link and the new password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnrolForm {
    /// The link, or the part of it after the `#`.
    link: String,
    password: String,
    /// The password once more.
    again: String,
}

/// The other beginning: somebody who has a password and no app yet.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContinueForm {
    email: String,
    password: String,
}

/// The second step: the first code of the app.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeForm {
    /// The session's token, from the page before.
    session: String,
    /// The app's address (`otpauth:`), from the page before, to show it again.
    app: String,
    #[serde(default)]
    code: String,
    /// Present if the person wants no app now.
    skip: Option<String>,
}

/// Show the form of an invitation.
///
/// The link of an invitation opens it. The secret behind the link's `#` is not sent to the server until the form is.
#[get("/enrol")]
pub(crate) async fn get_enrol_page(_paid: Paid) -> HttpResponse {
    pages::start(StatusCode::OK, &Link::default())
}

/// Set the password of an invitation, on its page.
///
/// The answer is the page on which the person sets up an app.
#[post("/enrol")]
pub(crate) async fn redeem_enrolment_form(
    _paid: Paid,
    request: HttpRequest,
    app: Data<App>,
    form: Form<EnrolForm>,
) -> HttpResponse {
    let EnrolForm { link, password, again } = match form.0 {
        Ok(sent) => sent,
        Err(problem) => return pages::problem(&problem),
    };
    let secret = secret_of(&link).to_owned();
    let refused = |fault: Link<'_>| pages::start(StatusCode::UNPROCESSABLE_ENTITY, &fault);
    if !secret.starts_with("ve_") {
        return refused(Link {
            link: &link,
            link_fault: "This is no invitation link: it has no part that begins with ve_.",
            ..Link::default()
        });
    }
    if password != again {
        return refused(Link { link: &secret, password_fault: "The two passwords differ.", ..Link::default() });
    }
    let kept = secret.clone();
    let begun = step(&request, app, move |step| {
        let begun = enrolment::redeem(step.registry, &secret, &password, step.from, step.now, step.rng)?;
        begin_app(step, begun, password)
    });
    match begun.await {
        Ok(next) => pages::app(StatusCode::OK, &next, ""),
        Err(problem) if problem.code() == ProblemCode::Unauthenticated => pages::gone(problem.words()),
        Err(problem) if problem.code() == ProblemCode::InvalidRequest => {
            refused(Link { link: &kept, password_fault: problem.words(), ..Link::default() })
        }
        Err(problem) => pages::problem(&problem),
    }
}

/// Go on with an invitation whose password was set already, on its page.
#[post("/enrol/continue")]
pub(crate) async fn resume_enrolment(
    _paid: Paid,
    request: HttpRequest,
    app: Data<App>,
    form: Form<ContinueForm>,
) -> HttpResponse {
    let ContinueForm { email, password } = match form.0 {
        Ok(sent) => sent,
        Err(problem) => return pages::problem(&problem),
    };
    let begun = step(&request, app, move |step| {
        let sent = PasswordSignIn { email, password, second: None };
        let begun = sign_in::sign_in(step.registry, &sent, step.from, step.now, step.rng)?;
        begin_app(step, begun, sent.password)
    });
    match begun.await {
        Ok(next) => pages::app(StatusCode::OK, &next, ""),
        Err(problem) => pages::problem(&problem),
    }
}

/// Confirm the app of an invitation by its first code, on its page.
///
/// The answer is the last page, with recovery codes. The session ends.
#[post("/enrol/code")]
pub(crate) async fn confirm_enrolment(_paid: Paid, request: HttpRequest, app: Data<App>, form: Form<CodeForm>) -> HttpResponse {
    let CodeForm { session, app: url, code, skip } = match form.0 {
        Ok(sent) => sent,
        Err(problem) => return pages::problem(&problem),
    };
    let token = session.clone();
    let done = step(&request, app, move |step| {
        let identity = identity_of(step.registry, &token, step.now)?;
        let kind = identity.kind;
        let confirmed = match (&skip, kind) {
            (Some(_), kind) if kind != OrganisationKind::Operator => Ok(Vec::new()),
            _ => Stepped { registry: step.registry, identity: &identity, from: step.from, now: step.now, rng: step.rng }
                .confirm_totp(&code),
        };
        // A wrong code is not the end: the page comes again.
        if !matches!(&confirmed, Err(ServiceError::Invalid(_))) {
            sign_in::end_sessions(step.registry, &identity, false, step.now, step.rng)?;
        }
        Ok((confirmed, kind))
    });
    match done.await {
        Ok((Ok(codes), _)) => pages::done(&codes),
        Ok((Err(ServiceError::Invalid(fault)), kind)) => {
            let again = AppPage { session, url, may_skip: kind != OrganisationKind::Operator };
            pages::app(StatusCode::UNPROCESSABLE_ENTITY, &again, &fault.detail)
        }
        Ok((Err(error), _)) => pages::problem(&error.into()),
        Err(problem) if problem.code() == ProblemCode::Unauthenticated => {
            pages::gone("The page was open for too long. Begin again below.")
        }
        Err(problem) => pages::problem(&problem),
    }
}

/// What a step needs of the server.
struct Step<'a> {
    registry: &'a Registry,
    from: Option<crate::acts::CallerNetwork>,
    now: vasp_words::time::UtcTime,
    rng: &'a mut dyn rand_core::RngCore,
}

/// Runs a step on a thread that may block.
async fn step<T: Send + 'static>(
    request: &HttpRequest,
    app: Data<App>,
    then: impl FnOnce(Step<'_>) -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, Problem> {
    let from = app.throttle.caller_network(request);
    blocking(move || {
        let (now, mut rng) = (app.clock.now(), app.random.fork());
        then(Step { registry: &app.registry, from, now, rng: &mut rng })
    })
    .await
}

/// Draws the secret of an app for a session that began a moment ago.
fn begin_app(step: Step<'_>, begun: Begun, password: String) -> Result<AppPage, ServiceError> {
    let identity = identity_of(step.registry, &begun.token, step.now)?;
    let stepped = Stepped { registry: step.registry, identity: &identity, from: step.from, now: step.now, rng: step.rng };
    let app = stepped.begin_totp(&Proof { password: Some(password), second: None })?;
    Ok(AppPage { session: begun.token, url: app.url, may_skip: identity.kind != OrganisationKind::Operator })
}

/// Returns who holds the session of a form.
fn identity_of(registry: &Registry, token: &str, now: vasp_words::time::UtcTime) -> Result<Identity, ServiceError> {
    const ENDED: &str = "The session has ended.";
    let claimed = authenticate(registry, &format!("Bearer {token}"), now)?;
    let identity = claimed.over(registry, None, now).map_err(|_| ServiceError::Unauthenticated(ENDED))?;
    match identity.credential {
        CredentialId::Session(_) => Ok(identity),
        CredentialId::Key(_) | CredentialId::Certificate(_) => Err(ServiceError::Unauthenticated(ENDED)),
    }
}
