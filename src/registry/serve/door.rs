//! The outermost service of a worker. It answers what can be answered quickly, and passes everything else to the application.

use std::future::{Ready, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_http::{Request, Response};
use actix_service::{Service, Transform};
use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{Error, rt};

use crate::http::quick::Quick;
use crate::http::{App, quick_body};
use crate::resolve::http::quick as resolve;
use crate::vasps::http::quick as vasps;

/// Puts the door before each worker's application.
#[derive(Clone)]
pub(super) struct Doors(pub(super) Data<App>);

impl<S> Transform<S, Request> for Doors
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = Error, Future: 'static> + 'static,
{
    type Response = Response<BoxBody>;
    type Error = Error;
    type Transform = Door<S>;
    type InitError = ();
    type Future = Ready<Result<Door<S>, ()>>;

    fn new_transform(&self, application: S) -> Self::Future {
        // A sandbox plays faults, which the normal way does.
        let is_live = self.0.registry.sandbox().is_none();
        let quick = Quick::new(self.0.clone(), [resolve::GET, resolve::POST, vasps::GET]).filter(|_| is_live).map(Rc::new);
        if let Some(quick) = &quick {
            rt::spawn(Quick::hand_lines_over(Rc::downgrade(quick)));
        }
        ready(Ok(Door { quick, application: Rc::new(application) }))
    }
}

/// A worker's application with its door.
pub(super) struct Door<S> {
    /// `None` if every request takes the normal way.
    quick: Option<Rc<Quick>>,
    application: Rc<S>,
}

/// The answer to a request: ready, or in work.
pub(super) enum Answering {
    Ready(Ready<Result<Response<BoxBody>, Error>>),
    Working(Pin<Box<dyn Future<Output = Result<Response<BoxBody>, Error>>>>),
}

impl Future for Answering {
    type Output = Result<Response<BoxBody>, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Ready(answer) => Pin::new(answer).poll(context),
            Self::Working(answer) => answer.as_mut().poll(context),
        }
    }
}

impl<S> Service<Request> for Door<S>
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = Error, Future: 'static> + 'static,
{
    type Response = Response<BoxBody>;
    type Error = Error;
    type Future = Answering;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.application.poll_ready(context)
    }

    fn call(&self, request: Request) -> Answering {
        let (quick, is_resolve) = (self.quick.as_ref(), request.path() == resolve::ROUTE);
        match (quick, request.method()) {
            (Some(quick), &Method::GET) if is_resolve || request.path().starts_with(vasps::BEFORE_NAME) => {
                let get = if is_resolve { resolve::get } else { vasps::get };
                if let Some(answer) = unless_it_panics(|| get(quick, &request)) {
                    return Answering::Ready(ready(Ok(answer)));
                }
            }
            (Some(quick), &Method::POST) if is_resolve && quick_body::is_short(&request) => {
                if let Some(asking) = unless_it_panics(|| resolve::asks(quick, &request)) {
                    let (quick, application, mut request) = (Rc::clone(quick), Rc::clone(&self.application), request);
                    return Answering::Working(Box::pin(async move {
                        let body = quick_body::read(&mut request).await;
                        let answer = body.and_then(|body| unless_it_panics(|| resolve::post(&quick, &asking, &body)));
                        // Otherwise the connection would count as busy while the rest of a late body is waited for.
                        drop(asking);
                        match answer {
                            Some(answer) => Ok(answer),
                            None => application.call(request).await.map(Response::from),
                        }
                    }));
                }
            }
            _ => {}
        }
        let answer = self.application.call(request);
        Answering::Working(Box::pin(async move { answer.await.map(Response::from) }))
    }
}

/// Returns `None` after a panic: the normal way then answers, and reports the panic if it happens there too.
fn unless_it_panics<T>(answer: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(answer)).unwrap_or_default()
}
