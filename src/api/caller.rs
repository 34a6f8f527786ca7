//! Who is calling, as an extractor: the permission stands in the handler's signature. Reading may be open to everybody
//! (`--public-read`); then a caller without credentials sees only what is public.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, dev};

use super::App;
use super::error::Problem;
use super::problem_code::ProblemCode;
use super::state::Readiness;
use crate::domain::claim::Reader;
use crate::service::{Identity, authenticate};

/// What a route needs.
pub trait Permission {
    /// The scope of the credentials.
    const SCOPE: &'static str;
    /// Whether a caller without credentials is let in where the server reads publicly.
    const MAY_BE_PUBLIC: bool;
}

/// Reading the directory.
#[derive(Debug)]
pub enum Resolve {}

/// Asking for a pre-check.
#[derive(Debug)]
pub enum Precheck {}

/// Reading a recorded pre-check.
#[derive(Debug)]
pub enum PrecheckRecord {}

impl Permission for PrecheckRecord {
    const SCOPE: &'static str = "precheck";
    const MAY_BE_PUBLIC: bool = false;
}

impl Permission for Resolve {
    const SCOPE: &'static str = "resolve";
    const MAY_BE_PUBLIC: bool = true;
}

impl Permission for Precheck {
    const SCOPE: &'static str = "precheck";
    const MAY_BE_PUBLIC: bool = true;
}

/// A caller that has permission `P`.
#[derive(Debug)]
pub struct Caller<P> {
    /// Who it is; none for a public reader.
    pub identity: Option<Identity>,
    permission: PhantomData<P>,
}

impl<P> Caller<P> {
    /// Returns how far it may see claims.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Identity::reader(self.identity.as_ref())
    }
}

impl<P: Permission> FromRequest for Caller<P> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(identify::<P>(request).map(|identity| Self { identity, permission: PhantomData }))
    }
}

fn identify<P: Permission>(request: &HttpRequest) -> Result<Option<Identity>, Problem> {
    let app = request.app_data::<Data<App>>().ok_or_else(|| Problem::internal("the server has no state"))?;
    if (app.readiness)() == Readiness::NotReady {
        // Out of touch with the database for too long: no answer rather than an old one.
        return Err(Problem::new(ProblemCode::NotReady, "").retry_after_secs(5));
    }
    let Some(value) = request.headers().get(header::AUTHORIZATION) else {
        return if app.public_read && P::MAY_BE_PUBLIC {
            Ok(None)
        } else {
            Err(unauthenticated("Send `Authorization: Bearer vr_…` with an API key."))
        };
    };
    let value = value.to_str().map_err(|_| unauthenticated("The Authorization header is not ASCII."))?;
    let identity = authenticate(&app.registry, value, app.clock.now())?;
    if identity.may(P::SCOPE) {
        Ok(Some(identity))
    } else {
        Err(Problem::new(ProblemCode::Forbidden, format!("The API key does not have the scope `{}`.", P::SCOPE)))
    }
}

fn unauthenticated(detail: &'static str) -> Problem {
    Problem::new(ProblemCode::Unauthenticated, detail).with_header(header::WWW_AUTHENTICATE, "Bearer")
}
