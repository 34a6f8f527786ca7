//! The shortest way from a request to its answer, for the questions on the critical path of a transfer. A worker answers them before the
//! router, extractors and wrappers. It takes only plain requests with a plain API key; everything else takes the normal way, which gives
//! the same answers (`tests/it/quick.rs`).

use std::cell::{OnceCell, RefCell};
use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::{Rc, Weak};
use std::time::Duration;

use actix_http::{Request, Response};
use actix_web::HttpMessage as _;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::rt::time::sleep;
use actix_web::web::Data;
use prometheus_client::metrics::histogram::Histogram;
use rand_chacha::ChaCha20Rng;
use tokio::sync::Notify;

use super::caller::check;
use super::connections::Busy;
use super::edge::{Panicked, new_id, request_id, trace_id};
use super::error::Problem;
use super::headers::complete;
use super::permission::Resolve;
use super::{App, Readiness};
use crate::acts::{Identity, authenticate};
use crate::telemetry::{AccessLine, AccessLines, is_traced, request_span, seconds};
use vasp_clock::Stopwatch;
use vasp_words::time::UtcTime;

/// Headers that a plain request does not have. They change how the body is read, or the caller is not the one that the key names.
const UNUSUAL: [HeaderName; 3] = [header::TRANSFER_ENCODING, header::CONTENT_ENCODING, header::EXPECT];

/// What one worker needs to answer quickly.
pub(crate) struct Quick {
    pub(crate) app: Data<App>,
    /// The durations of 200 answers.
    durations: Vec<(Line, Histogram)>,
    /// Begun with the first request, so that a server that only starts draws nothing.
    ids: OnceCell<RefCell<ChaCha20Rng>>,
    lines: RefCell<AccessLines>,
    /// Told of each line.
    written: Rc<Notify>,
}

/// One question that is answered quickly.
pub(crate) struct Asking {
    watch: Stopwatch,
    _busy: Option<Busy>,
    /// The moment of the question.
    pub(crate) now: UtcTime,
    /// The caller.
    pub(crate) identity: Identity,
    /// The request's id.
    pub(crate) request_id: String,
    trace_id: Option<String>,
}

/// The method and route of a request, for its log line and metrics.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) method: &'static str,
    pub(crate) route: &'static str,
}

/// How long a log line may wait in its worker.
const LINES_WAIT: Duration = Duration::from_millis(50);

/// An answer with status 200, or the problem.
pub(crate) type Answer = Result<Response<BoxBody>, Problem>;

impl Quick {
    /// Prepares a worker to answer some requests. Returns `None` while traces are exported: then each request needs its span.
    pub(crate) fn new(app: Data<App>, lines: impl IntoIterator<Item = Line>) -> Option<Self> {
        let durations = lines.into_iter().map(|line| (line, app.registry.metrics().of_answered(line.method, line.route, 200)));
        let durations = durations.collect();
        let (ids, lines, written) = (OnceCell::new(), RefCell::default(), Rc::default());
        (!is_traced()).then_some(Self { app, durations, ids, lines, written })
    }

    fn ids(&self) -> &RefCell<ChaCha20Rng> {
        self.ids.get_or_init(|| RefCell::new(self.app.random.fork()))
    }

    /// Returns a request's caller, if the request is plain and the caller may resolve.
    pub(crate) fn asking(&self, request: &Request) -> Option<Asking> {
        let watch = Stopwatch::start();
        let headers = request.headers();
        if UNUSUAL.iter().any(|name| headers.contains_key(name)) || (self.app.readiness)() == Readiness::NotReady {
            return None;
        }
        let now = self.app.clock.now();
        let mut keys = headers.get_all(header::AUTHORIZATION);
        let key = keys.next().filter(|_| keys.next().is_none())?.to_str().ok()?;
        // A key that is bound to a certificate is refused here, and takes the normal way.
        let identity = authenticate(&self.app.registry, key, now).ok()?.over(&self.app.registry, None, now).ok()?;
        check::<Resolve>(&identity).ok()?;
        let request_id = request_id(headers, || new_id(now, &mut *self.ids().borrow_mut()));
        let trace_id = trace_id(headers).map(str::to_owned);
        Some(Asking { watch, _busy: Busy::of(request.conn_data()), now, identity, request_id, trace_id })
    }

    /// Charges the questions and answers them. Returns `None`, without a charge, if the caller asks too often.
    pub(crate) fn answer(
        &self,
        asking: &Asking,
        line: Line,
        questions: NonZeroU32,
        answer: impl FnOnce() -> Answer,
    ) -> Option<Response<BoxBody>> {
        let balance = self.app.throttle.charge_organisation(asking.identity.organisation, questions).ok()?;
        let answered = catch_unwind(AssertUnwindSafe(answer)).unwrap_or_else(|_| Err(Problem::internal(Panicked)));
        let mut response = match answered {
            Ok(found) => found,
            Err(problem) => {
                // What is logged about a failure names the request.
                let span = request_span(&asking.request_id, asking.trace_id.as_deref());
                span.in_scope(|| problem.answer(&asking.request_id, self.app.problem_pages())).into()
            }
        };
        if let Some(balance) = balance {
            balance.tell(response.headers_mut());
        }
        complete(response.headers_mut(), &asking.request_id);
        self.note(asking, line, response.status());
        Some(response)
    }

    fn note(&self, asking: &Asking, line: Line, status: StatusCode) {
        let (Line { method, route }, status, duration_us) = (line, status.as_u16(), asking.watch.elapsed_micros());
        match self.durations.iter().find(|(of, _)| *of == line && status == 200) {
            Some((_, durations)) => durations.observe(seconds(duration_us)),
            None => self.app.registry.metrics().answered(method, Some(route), status, duration_us),
        }
        let line = AccessLine { method, route: Some(route), status, duration_us };
        self.lines.borrow_mut().write(&asking.request_id, asking.trace_id.as_deref(), &line);
        self.written.notify_one();
    }

    /// Hands the lines of answered requests to the log, for as long as the worker answers. It sleeps while there are none.
    pub(crate) async fn hand_lines_over(worker: Weak<Self>) {
        let Some(written) = worker.upgrade().map(|worker| Rc::clone(&worker.written)) else { return };
        loop {
            written.notified().await;
            sleep(LINES_WAIT).await;
            let Some(worker) = worker.upgrade() else { return };
            worker.lines.borrow_mut().hand_over();
        }
    }
}

/// Returns the answer with status 200, a JSON body, and the header that says who may keep it.
pub(crate) fn found(body: Vec<u8>, (name, kept): (HeaderName, HeaderValue)) -> Response<BoxBody> {
    let mut response = Response::with_body(StatusCode::OK, body.boxed());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(name, kept);
    response
}
