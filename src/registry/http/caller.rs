//! The caller of a request, as an extractor. The handler's signature names the permission that it needs. Reading may be open to
//! everybody (`--public-read`); then a caller without credentials sees only public data. Admitting a request costs one question of the
//! caller's rate.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::sync::Arc;

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev};

use super::App;
use super::error::Problem;
use super::extract::own_query;
use super::paging::Limit;
use super::permission::{Permission, Way};
use super::state::Readiness;
use super::tls::Shown;
use crate::acts::{Asker, Identity, WrongConnection, authenticate, authenticate_certificate};
use crate::config::Burst;
use crate::node::ProblemCode;
use vasp_record::claim::Reader;
use vasp_record::client_certificate::ClientCertificate;
use vasp_words::ids::CredentialId;

/// A caller that has permission `P`.
#[derive(Debug)]
pub struct Caller<P> {
    /// The caller's identity; `None` for a public reader.
    pub identity: Option<Identity>,
    /// The key under which the caller's budget of addresses not found is counted; `None` if the connection has no address.
    pub asker: Option<Asker>,
    permission: PhantomData<P>,
}

impl<P> Caller<P> {
    /// Returns the caller's identity, for permissions that always need credentials.
    ///
    /// # Errors
    /// `Problem` 401 for a public reader; a permission that always needs credentials admits none.
    pub fn known(self) -> Result<Identity, Problem> {
        self.identity.ok_or_else(|| unauthenticated("This request requires credentials."))
    }

    /// Returns which claims the caller may see.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Identity::reader(self.identity.as_ref())
    }

    /// Returns the caller's identity, and whom answers about addresses are charged to.
    pub(crate) fn asks(&self) -> (Option<&Identity>, Option<Asker>) {
        (self.identity.as_ref(), self.asker)
    }

    /// Charges the further questions of a batch; the first was charged when the caller was let in.
    ///
    /// # Errors
    /// `Problem` 429 if the caller asks too often.
    pub(crate) fn charge_batch(&self, app: &App, request: &HttpRequest, questions: usize) -> Result<(), Problem> {
        let further = u32::try_from(questions.saturating_sub(1)).unwrap_or(u32::MAX);
        NonZeroU32::new(further).map_or(Ok(()), |further| charge(app, request, self.identity.as_ref(), further))
    }

    /// Charges a question about the past. The first question was charged when the caller was let in; this charges the rest.
    ///
    /// # Errors
    /// `Problem` 403 for `as_of` without credentials; 429 if the caller asks too often.
    pub(crate) fn charge_past(&self, app: &App, request: &HttpRequest, past: Past) -> Result<(), Problem> {
        if self.identity.is_none() && past != Past::RecordOnDay {
            return Err(as_of_needs_credentials());
        }
        NonZeroU32::new(past.price().saturating_sub(1))
            .map_or(Ok(()), |further| charge(app, request, self.identity.as_ref(), further))
    }
}

/// How much of the past a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Past {
    /// One record, as true on a day.
    RecordOnDay,
    /// One record, as known at a point of record time.
    RecordAt,
    /// The whole directory, as known at a point of record time.
    Whole,
}

impl Past {
    /// Returns how many questions one about the past costs. The whole directory costs as many as the largest batch, which every bucket can
    /// hold.
    fn price(self) -> u32 {
        match self {
            Self::RecordOnDay | Self::RecordAt => 50,
            Self::Whole => Burst::LEAST,
        }
    }
}

impl<P: Permission> FromRequest for Caller<P> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(identify::<P>(request).map(|identity| {
            let asker = match &identity {
                Some(identity) => Some(Asker::Organisation(identity.organisation)),
                None => app_of(request).ok().and_then(|app| app.throttle.caller_network(request)).map(Asker::Address),
            };
            Self { identity, asker, permission: PhantomData }
        }))
    }
}

fn app_of(request: &HttpRequest) -> Result<&Data<App>, Problem> {
    request.app_data::<Data<App>>().ok_or_else(|| Problem::internal("the server has no state"))
}

fn identify<P: Permission>(request: &HttpRequest) -> Result<Option<Identity>, Problem> {
    let app = app_of(request)?;
    if (app.readiness)() == Readiness::NotReady {
        // This node has been out of touch with the database for too long: it gives no answer rather than an old one.
        return Err(Problem::new(ProblemCode::NotReady, "").retry_after_secs(5));
    }
    let shown = shown(request);
    // If two are sent, a proxy may have checked one and this server the other. Source: RFC 9110, section 5.3.
    if request.headers().get_all(header::AUTHORIZATION).nth(1).is_some() {
        return refuse(app, request, unauthenticated("Send the Authorization header once."));
    }
    let identity = match (request.headers().get(header::AUTHORIZATION), shown.as_deref()) {
        (None, Some(certificate)) if P::CERTIFICATE => {
            let spoken_for = authenticate_certificate(&app.registry, certificate, app.clock.now());
            Some(spoken_for.or_else(|refusal| refuse(app, request, refusal.into()))?)
        }
        (None, _) if P::OPEN.at(app) => None,
        (None, _) => return refuse(app, request, unauthenticated("Send `Authorization: Bearer vr_…` with an API key.")),
        (Some(value), shown) => Some(bearer(app, request, value, shown)?),
    };
    let questions = if identity.is_none() { Limit::price(request.query_string()) } else { NonZeroU32::MIN };
    charge(app, request, identity.as_ref(), questions)?;
    if let Some(identity) = &identity {
        // Kept with the request, so that `refusals` can record a refusal in the audit chain.
        request.extensions_mut().insert(Who(identity.clone()));
        check::<P>(identity)?;
    }
    refuse_foreign_cursor(request)?;
    Ok(identity)
}

/// Refuses a cursor that this path did not give, also where nothing reads the query: a list without pages gives none.
fn refuse_foreign_cursor(request: &HttpRequest) -> Result<(), Problem> {
    own_query(request.path(), request.query_string()).map(drop)
}

/// Any caller of a public page. The request costs one question of its network address, with or without credentials.
#[derive(Debug)]
pub(crate) struct Paid;

impl FromRequest for Paid {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let app = request.app_data::<Data<App>>().ok_or_else(|| Problem::internal("the server has no state"));
        let charged = app.and_then(|app| charge(app, request, None, NonZeroU32::MIN));
        ready(charged.and_then(|()| refuse_foreign_cursor(request)).map(|()| Self))
    }
}

/// How many bytes of a body that is the same for everybody one question pays for. Ours.
const BYTES_A_QUESTION: usize = 64 << 10;

/// Charges the bytes of a body that is the same for everybody; the first question was charged when the request came.
///
/// # Errors
/// `Problem` 429 if the caller asks too often.
pub(crate) fn charge_bytes(request: &HttpRequest, bytes: usize) -> Result<(), Problem> {
    let further = u32::try_from(bytes.div_ceil(BYTES_A_QUESTION).saturating_sub(1)).unwrap_or(u32::MAX);
    let Some(further) = NonZeroU32::new(further) else { return Ok(()) };
    charge(app_of(request)?, request, None, further)
}

/// Returns the client certificate of the request's connection.
pub(crate) fn shown(request: &HttpRequest) -> Option<Arc<ClientCertificate>> {
    request.conn_data::<Shown>().map(|shown| Arc::clone(&shown.0))
}

/// Returns the identity behind an API key or session. A client certificate sent with it matters only if the key is bound to one.
fn bearer(app: &App, request: &HttpRequest, value: &HeaderValue, shown: Option<&ClientCertificate>) -> Result<Identity, Problem> {
    let Ok(value) = value.to_str() else {
        return refuse(app, request, unauthenticated("The Authorization header is not ASCII."));
    };
    let now = app.clock.now();
    let claimed = authenticate(&app.registry, value, now).or_else(|error| refuse(app, request, error.into()))?;
    claimed.over(&app.registry, shown, now).or_else(|wrong| {
        let WrongConnection { identity, refusal } = *wrong;
        // The key was right, so the audit chain records that somebody used it over another connection.
        request.extensions_mut().insert(Who(identity));
        refuse(app, request, refusal.into())
    })
}

/// The caller that sent a request, kept for the code that runs around its handler.
#[derive(Debug, Clone)]
pub(crate) struct Who(pub Identity);

/// Checks whether a caller has permission `P`. The refusal names what is missing for the way of the caller's kind.
pub(crate) fn check<P: Permission>(identity: &Identity) -> Result<(), Problem> {
    let forbidden = |detail| Err(Problem::new(ProblemCode::Forbidden, detail));
    let of_kind = |way: &&Way| way.kinds.is_empty() || way.kinds.contains(&identity.kind);
    let ways = P::WAYS.iter().filter(of_kind);
    let missing: Vec<_> = ways.map(|way| missing(way, identity)).collect();
    if P::SESSION && !matches!(identity.credential, CredentialId::Session(_)) {
        forbidden("This request requires the session of a person who signed in; an API key is not accepted.".to_owned())
    } else if P::WAYS.is_empty() || missing.contains(&None) {
        Ok(())
    } else if let Some(Some(detail)) = missing.into_iter().next() {
        forbidden(detail)
    } else {
        let kinds: Vec<&str> = P::WAYS.iter().flat_map(|way| way.kinds).map(|kind| kind.as_str()).collect();
        forbidden(format!(
            "This request requires an organisation of kind {}; the credentials belong to an organisation of kind {}.",
            kinds.join(" or "),
            identity.kind
        ))
    }
}

/// Returns what a caller of the right kind lacks; `None` if nothing.
fn missing(way: &Way, identity: &Identity) -> Option<String> {
    if !identity.may(way.scope) {
        return Some(match (identity.is_limited(), identity.credential) {
            (true, _) => "The session still requires a second factor; GET /v1/session shows which one.".to_owned(),
            (false, CredentialId::Certificate(_)) => format!("The client certificate does not have the scope `{}`.", way.scope),
            (false, _) => format!("The API key does not have the scope `{}`.", way.scope),
        });
    }
    let roles = || way.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" or ");
    let fits = way.roles.is_empty() || way.exempt.contains(&identity.user_kind) || identity.has_any(way.roles);
    (!fits).then(|| format!("This request requires the role {}.", roles()))
}

/// Charges a caller without a valid key at the rate of its network address, so that guessing keys is no faster than public questions.
fn refuse<T>(app: &App, request: &HttpRequest, problem: Problem) -> Result<T, Problem> {
    charge(app, request, None, NonZeroU32::MIN)?;
    Err(problem)
}

/// Charges a question about the whole past directory inside a batch.
pub(crate) fn charge_past_in_batch(app: &App, identity: Option<&Identity>) -> Result<(), Problem> {
    let identity = identity.ok_or_else(as_of_needs_credentials)?;
    charge_further(app, Some(Asker::Organisation(identity.organisation)), Past::Whole.price())
}

/// Charges what a question costs beyond what was charged before it was read. The answer's headers report what was left before this charge.
pub(crate) fn charge_further(app: &App, asker: Option<Asker>, questions: u32) -> Result<(), Problem> {
    let (Some(asker), Some(questions)) = (asker, NonZeroU32::new(questions)) else { return Ok(()) };
    app.throttle.charge_asker(asker, questions).map(drop).map_err(|refused| {
        app.registry.metrics().refused(refused.balance.name);
        refused.into()
    })
}

fn as_of_needs_credentials() -> Problem {
    let detail = "`as_of` requires credentials; send an API key. Without credentials, only `valid_on` for one record is allowed.";
    Problem::new(ProblemCode::Forbidden, detail)
}

/// Charges a question to the network address that it comes from.
///
/// # Errors
/// `Problem` 429 if the address asks too often.
pub(crate) fn charge_address(app: &App, request: &HttpRequest, questions: NonZeroU32) -> Result<(), Problem> {
    charge(app, request, None, questions)
}

/// Takes questions from the caller's bucket, and keeps what is left for the answer's headers.
fn charge(app: &App, request: &HttpRequest, identity: Option<&Identity>, questions: NonZeroU32) -> Result<(), Problem> {
    let charged = match identity {
        Some(identity) => app.throttle.charge_organisation(identity.organisation, questions),
        None => app.throttle.charge_address(request, questions),
    };
    let (balance, outcome) = match charged {
        Ok(balance) => (balance, Ok(())),
        Err(refused) => {
            app.registry.metrics().refused(refused.balance.name);
            (Some(refused.balance.clone()), Err(Problem::from(refused)))
        }
    };
    if let Some(balance) = balance {
        request.extensions_mut().insert(balance);
    }
    outcome
}

fn unauthenticated(detail: &'static str) -> Problem {
    Problem::new(ProblemCode::Unauthenticated, detail)
}
