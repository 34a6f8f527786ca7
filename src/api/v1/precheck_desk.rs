//! What the two pre-check routes share: who is asking and with which key answers are kept, answering one request, and
//! waiting until what was recorded is on disk.

use std::sync::Arc;

use actix_web::web::{self, Data};
use serde_json::value::{RawValue, to_raw_value};
use tokio::sync::oneshot;

use super::precheck_request::PrecheckRequest;
use super::views::PrecheckView;
use crate::api::App;
use crate::api::error::Problem;
use crate::api::harvest;
use crate::directory::Generation;
use crate::domain::ids::PrecheckId;
use crate::domain::time::UtcTime;
use crate::pki::DataKey;
use crate::service::trust::{Signing, digests, prepare_signing, sign_receipt};
use crate::service::{self, Asker, Identity, PrecheckAnswer, SealedPrecheck, ServiceError};

/// One call of a pre-check route.
#[derive(Clone)]
pub(super) struct Desk {
    key: Option<DataKey>,
    signing: Option<Arc<Signing>>,
    generation: Arc<Generation>,
    asker: Option<Asker>,
    now: UtcTime,
}

/// An answer, and the row to keep where it is recorded.
pub(super) struct Answered {
    pub value: Box<RawValue>,
    pub row: Option<SealedPrecheck>,
}

impl Desk {
    /// Begins a call: pins one state of the directory for all its questions, and fetches the organisation's key.
    pub(super) async fn open(app: &Data<App>, identity: Option<&Identity>, asker: Option<Asker>) -> Result<Self, Problem> {
        let now = app.clock.now();
        let generation = app.registry.pin(now);
        let Some(identity) = identity else { return Ok(Self { key: None, signing: None, generation, asker, now }) };
        let organisation = identity.organisation;
        let key = match app.registry.known_data_key(organisation) {
            Some(key) => key,
            None => {
                let app = app.clone();
                web::block(move || app.registry.data_key(organisation, now, &mut app.random.fork()))
                    .await
                    .map_err(Problem::internal)??
            }
        };
        let sequence = generation.sequence();
        let signing = match app.registry.trust().covering(sequence) {
            Some(signing) => signing,
            None => {
                let app = app.clone();
                web::block(move || prepare_signing(&app.registry, sequence, now, &mut app.random.fork()))
                    .await
                    .map_err(Problem::internal)??
            }
        };
        Ok(Self { key: Some(key), signing: Some(signing), generation, asker, now })
    }

    /// Answers one request, and seals it where it is to be recorded.
    pub(super) fn answer(
        &self,
        app: &App,
        identity: Option<&Identity>,
        (request, sent): (&PrecheckRequest, &RawValue),
        pointer: &dyn Fn(&str) -> String,
    ) -> Result<Answered, Problem> {
        let wanted = request.record.unwrap_or(identity.is_some());
        if wanted && identity.is_none() {
            let detail = "An anonymous pre-check cannot be recorded: send an API key, or leave `record` out.";
            return Err(ServiceError::Unauthenticated(detail).into());
        }
        let question = request.question(self.now.date(), pointer)?;
        let reader = Identity::reader(identity);
        if question.asks_about_address() {
            harvest::refuse_spent(app, self.asker, self.now)?;
        }
        let answer = service::precheck(&app.registry, &self.generation, &question, identity, reader, (self.now, pointer))?;
        if let Some((resolution, found)) = answer.resolution.as_ref().zip(answer.found) {
            harvest::note(app, self.asker, &resolution.subject, found, self.now);
        }
        if let Some(own) = &answer.own_address {
            harvest::note(app, self.asker, &own.subject, own.resolution.status, self.now);
        }
        match (identity, &self.key, &self.signing) {
            (Some(identity), Some(key), Some(signing)) if wanted => {
                self.sealed(app, identity, (key, signing), (request, sent), &answer)
            }
            _ => Ok(Answered { value: render(app, &answer, None)?, row: None }),
        }
    }

    fn sealed(
        &self,
        app: &App,
        identity: &Identity,
        (key, signing): (&DataKey, &Signing),
        (request, sent): (&PrecheckRequest, &RawValue),
        answer: &PrecheckAnswer,
    ) -> Result<Answered, Problem> {
        let mut rng = app.random.fork();
        let id = PrecheckId::new(self.now, &mut rng);
        let value = receipted(&render(app, answer, Some(id))?, |without| {
            let digests = digests(sent.get(), without)?;
            sign_receipt(signing, id, answer, &digests, self.now)
        })?;
        let asked = to_raw_value(request).map_err(Problem::internal)?;
        let (whose, kept) = ((id, identity.organisation), (asked, value.clone()));
        let row = service::seal_precheck(key, whose, kept, answer, self.now, &mut rng)?;
        Ok(Answered { value, row: Some(row) })
    }

    /// Waits until rows are on disk.
    pub(super) async fn keep(&self, app: &App, rows: Vec<SealedPrecheck>) -> Result<(), Problem> {
        if rows.is_empty() {
            return Ok(());
        }
        let (done, kept) = oneshot::channel();
        app.registry.prechecks().record(rows, move |outcome| {
            // The caller may have gone; the rows are on disk all the same.
            drop(done.send(outcome));
        });
        kept.await.map_err(Problem::internal)?.map_err(|error| ServiceError::Store(error).into())
    }
}

fn render(app: &App, answer: &PrecheckAnswer, id: Option<PrecheckId>) -> Result<Box<RawValue>, Problem> {
    let view = PrecheckView::of(answer, id, app.registry.directory().claim_ids());
    to_raw_value(&view).map_err(Problem::internal)
}

/// Puts the receipt into a rendered answer, which ends with the place for it.
fn receipted(rendered: &RawValue, sign: impl FnOnce(&str) -> Result<String, ServiceError>) -> Result<Box<RawValue>, Problem> {
    let open = rendered.get().strip_suffix(",\"receipt\":null}");
    let mut answer = open.ok_or_else(|| Problem::internal("the answer has no place for its receipt"))?.to_owned();
    answer.push('}');
    let receipt = sign(&answer)?;
    answer.pop();
    // A compact JWS has no character that JSON would escape.
    answer.push_str(",\"receipt\":\"");
    answer.push_str(&receipt);
    answer.push_str("\"}");
    RawValue::from_string(answer).map_err(Problem::internal)
}
