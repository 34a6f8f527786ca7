//! The shared part of the two pre-check routes: who asks, and the key that seals the answers. It answers one request, and it waits
//! until the recorded rows are on disk.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use serde_json::value::RawValue;
use tokio::sync::oneshot;

use super::request::PrecheckRequest;
use crate::acts::{Asker, Identity, Once};
use crate::directory::Generation;
use crate::enumeration::http::{self as enumeration};
use crate::http::App;
use crate::http::blocking::blocking;
use crate::http::error::Problem;
use crate::http::write::{LONGEST_WRITE, in_time};
use crate::node::{AsOf, Fault, ServiceError, Silence};
use crate::precheck::{Asking, Extent, KeyedPrecheck, Recorder, Rendering, SealedPrecheck};
use crate::transparency::{Signing, Trust, prepare_signing};
use vasp_clock::Stopwatch;
use vasp_pki::DataKey;
use vasp_words::time::UtcTime;

/// One call of a pre-check route.
#[derive(Clone)]
pub(crate) struct Desk {
    key: Option<DataKey>,
    signing: Option<Arc<Signing>>,
    generation: Arc<Generation>,
    asker: Option<Asker>,
    extent: Extent,
    now: UtcTime,
    /// How long the call may still wait for the database.
    patience: Duration,
}

/// An answer as JSON. `row` is set if the pre-check is to be recorded. `keyed` is set if it has an idempotency key; [`Desk::keep`]
/// holds it until the row is on disk. `replayed` is set if the answer was recorded earlier under its key.
pub(crate) struct Answered {
    pub text: String,
    pub replayed: bool,
    pub row: Option<SealedPrecheck>,
    pub keyed: Option<KeyedPrecheck>,
}

impl Desk {
    /// Begins a call. Pins one generation of the directory for all questions of the call, and fetches the organisation's data key.
    /// `extent` is how much of the answers is sent.
    pub(crate) async fn open(
        app: &Data<App>,
        identity: Option<&Identity>,
        asker: Option<Asker>,
        extent: Extent,
    ) -> Result<Self, Problem> {
        let now = app.clock.now();
        let generation = app.registry.pin(now);
        let mut desk = Self { key: None, signing: None, generation, asker, extent, now, patience: LONGEST_WRITE };
        let Some(organisation) = identity.map(|identity| identity.organisation) else { return Ok(desk) };
        let (trust, sequence) = (app.registry.part::<Trust>(), desk.generation.sequence());
        desk.key = app.registry.known_data_key(organisation);
        desk.signing = trust.covering(sequence);
        if desk.key.is_none() || desk.signing.is_none() {
            let app = app.clone();
            let made = blocking(move || {
                let rng = &mut app.random.fork();
                let key = app.registry.data_key(organisation, now, rng)?;
                Ok((key, prepare_signing(&app.registry, sequence, now, rng)?))
            });
            let (key, signing) = desk.in_time(made).await?;
            (desk.key, desk.signing) = (Some(key), Some(signing));
        }
        Ok(desk)
    }

    /// Waits for a part of the call, at most as long as the call may still take.
    ///
    /// # Errors
    /// The part's; 503 `outcome_unknown` if it takes longer.
    pub(crate) async fn in_time<T>(&mut self, part: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
        let watch = Stopwatch::start();
        let done = in_time(self.patience, part).await;
        self.patience = self.patience.saturating_sub(Duration::from_micros(watch.elapsed_micros()));
        done
    }

    /// Answers one request once. If a pre-check was recorded under the same idempotency key, returns that answer.
    pub(crate) fn answer_once(
        &self,
        app: &App,
        identity: Option<&Identity>,
        request: &PrecheckRequest,
        sent: &RawValue,
        once: Option<Once>,
        pointer: &dyn Fn(&str) -> String,
    ) -> Result<Answered, Problem> {
        // A pre-check that is not recorded changes nothing, so a repeated request gets a new answer.
        let once = once.filter(|_| request.record != Some(false));
        let keyed = match (identity, &self.key, once) {
            (Some(identity), Some(key), Some(once)) => Some(KeyedPrecheck::begin(&app.registry, identity, once, key, self.now)?),
            _ => None,
        };
        if let Some(keyed) = &keyed
            && let Some(kept) = keyed.kept(&app.registry, &mut app.random.fork())?
        {
            return Ok(Answered { text: kept.sent(self.extent_for(request)), replayed: true, row: None, keyed: None });
        }
        let mut answered = self.answer(app, identity, request, sent, pointer)?;
        if let Some((row, keyed)) = answered.row.as_mut().zip(keyed) {
            row.once = Some(keyed.row(row.row.record.id));
            answered.keyed = Some(keyed);
        }
        Ok(answered)
    }

    /// Answers one request, and seals the answer if it is to be recorded. `sent` is the request as it was sent.
    fn answer(
        &self,
        app: &App,
        identity: Option<&Identity>,
        request: &PrecheckRequest,
        sent: &RawValue,
        pointer: &dyn Fn(&str) -> String,
    ) -> Result<Answered, Problem> {
        let wanted = request.record.unwrap_or(identity.is_some());
        if wanted && identity.is_none() {
            let detail = "A pre-check without credentials cannot be recorded; send an API key, or leave out `record`.";
            return Err(ServiceError::Unauthenticated(detail).into());
        }
        let (generation, moment, asking) = self.standpoint(app, identity, request, pointer)?;
        let question = request.question(moment.date(), pointer)?;
        if question.asks_about_address() {
            enumeration::refuse_spent(app, self.asker, self.now)?;
        }
        let answer = crate::precheck::precheck(&app.registry, &generation, &question, &asking, moment, pointer)?;
        if let Some((resolution, spends)) = answer.resolution.as_ref().zip(answer.spends) {
            enumeration::note(app, (identity, self.asker), (&resolution.subject, spends), self.now)?;
        }
        if let Some(own) = &answer.own_address {
            let spends = own.spends(identity.and_then(|identity| identity.vasp));
            enumeration::note(app, (identity, self.asker), (&own.subject, spends), self.now)?;
        }
        let extent = self.extent_for(request);
        let rendering = |silence| Rendering { registry: &app.registry, question: &question, answer: &answer, silence };
        match (identity, &self.key, &self.signing) {
            (Some(identity), Some(key), Some(signing)) if wanted => {
                let signing = self.covering(app, signing, generation.sequence())?;
                let organisation = identity.organisation;
                let kept = request.to_record(sent).map_err(Problem::internal)?;
                let recorder = Recorder { organisation, key, signing: &signing, request: &kept, now: self.now };
                let (text, row) = rendering(Silence::NONE).recorded(&recorder, extent, &mut app.random.fork())?;
                Ok(Answered { text, replayed: false, row: Some(row), keyed: None })
            }
            _ => {
                // The database that took the row confirmed a recorded answer. Any other answer is only as fresh as this node's last
                // contact with the database.
                let text = rendering(app.registry.silence()).unrecorded(extent)?;
                Ok(Answered { text, replayed: false, row: None, keyed: None })
            }
        }
    }

    /// Returns how much of an answer is sent: everything if the request asks for what the verdict does not hold.
    fn extent_for(&self, request: &PrecheckRequest) -> Extent {
        if request.asks_for_evidence() { Extent::Full } else { self.extent }
    }

    /// Returns the signing key and checkpoint for an answer from a sequence. A sequence of the past may have been written after this
    /// call began. Then the checkpoint that the call prepared does not cover it yet.
    fn covering(&self, app: &App, signing: &Arc<Signing>, sequence: i64) -> Result<Arc<Signing>, Problem> {
        if signing.covers(sequence) {
            return Ok(Arc::clone(signing));
        }
        prepare_signing(&app.registry, sequence, self.now, &mut app.random.fork()).map_err(Problem::from)
    }

    /// Returns the generation and the moment that a request asks about: those of this call, or a point of the past.
    fn standpoint(
        &self,
        app: &App,
        identity: Option<&Identity>,
        request: &PrecheckRequest,
        pointer: &dyn Fn(&str) -> String,
    ) -> Result<(Arc<Generation>, UtcTime, Asking), Problem> {
        let asking = Asking::of(identity, self.now);
        let Some(as_of) = request.as_of else { return Ok((Arc::clone(&self.generation), self.now, asking)) };
        let generation = crate::node::pin_at(&app.registry, as_of, self.now).map_err(|error| match error {
            ServiceError::Invalid(fault) => ServiceError::Invalid(Fault { pointer: pointer("as_of"), ..fault }),
            other => other,
        })?;
        let moment = match as_of {
            AsOf::Sequence(_) => generation.as_of(),
            AsOf::Time(time) => time,
        };
        Ok((generation, moment, asking.about_the_past()))
    }

    /// Waits until the rows are on disk, at most as long as a write may take. `keyed` is held until they are, also if nobody waits any more.
    ///
    /// # Errors
    /// `Problem` 503 `outcome_unknown` after that time; 409 `in_progress` if another node recorded a row under the same idempotency key in the
    /// meantime.
    pub(crate) async fn keep(&self, app: &App, rows: Vec<SealedPrecheck>, keyed: Vec<KeyedPrecheck>) -> Result<(), Problem> {
        if rows.is_empty() {
            return Ok(());
        }
        let (done, kept) = oneshot::channel();
        app.registry.prechecks().record(rows, move |outcome| {
            drop(keyed);
            // The caller may have disconnected; the rows are on disk all the same.
            drop(done.send(outcome));
        });
        let kept = async { kept.await.map_err(Problem::internal)?.map_err(|error| crate::precheck::not_recorded(error).into()) };
        in_time(self.patience, kept).await
    }
}
