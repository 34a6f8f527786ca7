//! Who asks the picker: a web page with a publishable key, or anybody who may resolve. A page sends its key as the parameter `key`, so that
//! its browser need not ask first whether it may (a preflight). Browsers of pages elsewhere get no answer that their page could read.

use std::future::{Ready, ready};
use std::num::NonZeroU32;

use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::web::{Data, Query};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev};
use serde::Deserialize;

use super::caller::{Caller, charge_address};
use super::permission::Resolve;
use super::state::Readiness;
use super::{App, Problem, ProblemCode};
use crate::acts::{Identity, authenticate_publishable};

/// A caller of the picker.
#[derive(Debug)]
pub(crate) struct PickerCaller {
    /// Whose page it is; `None` for a public reader.
    pub identity: Option<Identity>,
}

#[derive(Deserialize)]
struct Key {
    key: Option<String>,
}

/// The origin of the page whose browser may read the answer, kept with the request until the answer is sent.
#[derive(Clone, Debug)]
pub(super) struct AllowedOrigin(HeaderValue);

impl AllowedOrigin {
    /// Tells the browser in an answer, if its page may read it.
    pub(super) fn tell_in<B>(response: &mut dev::ServiceResponse<B>) {
        let allowed = response.request().extensions_mut().remove::<Self>();
        if let Some(allowed) = allowed {
            allowed.tell(response.headers_mut());
        }
    }

    /// Writes the headers by which a browser lets the page read the answer.
    ///
    /// Source: Fetch Standard, section 3.3.3 (CORS protocol, responses).
    fn tell(self, headers: &mut HeaderMap) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, self.0);
        headers
            .insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("RateLimit, RateLimit-Policy, Retry-After"));
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
}

impl FromRequest for PickerCaller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let key = Query::<Key>::from_query(request.query_string()).ok().and_then(|query| query.into_inner().key);
        ready(match key {
            Some(key) => of_page(request, &key),
            None => {
                Caller::<Resolve>::from_request(request, payload).into_inner().map(|caller| Self { identity: caller.identity })
            }
        })
    }
}

/// Returns the caller of a page. Questions of pages are counted by the network address of the reader.
fn of_page(request: &HttpRequest, key: &str) -> Result<PickerCaller, Problem> {
    let app = request.app_data::<Data<App>>().ok_or_else(|| Problem::internal("the server has no state"))?;
    if (app.readiness)() == Readiness::NotReady {
        return Err(Problem::new(ProblemCode::NotReady, "").retry_after_secs(5));
    }
    let origin = request.headers().get(header::ORIGIN);
    let page = origin.and_then(|origin| origin.to_str().ok());
    let known = authenticate_publishable(&app.registry, key, page, app.clock.now());
    if let (Ok(_), Some(origin)) = (&known, origin) {
        request.extensions_mut().insert(AllowedOrigin(origin.clone()));
    }
    charge_address(app, request, NonZeroU32::MIN)?;
    Ok(PickerCaller { identity: Some(known?) })
}
