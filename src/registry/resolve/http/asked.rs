//! Answers the questions of one call, each from the same generation of the directory.

use std::sync::Arc;

use actix_web::web::Data;

use super::ResolutionView;
use super::resolution::ResolveItem;
use crate::acts::{Asker, Identity};
use crate::directory::Generation;
use crate::enumeration::http::{self as enumeration};
use crate::http::caller::charge_further;
use crate::http::error::Problem;
use crate::http::{App, ProblemPages, RawJson};
use crate::node::{Fault, ProblemCode, Refusal, Silence};
use crate::resolve::networks::price;
use crate::resolve::{Effort, ResolveAnswer, ResolveQuestion};
use vasp_addresses::subject::{ReadText, SubjectKind};
use vasp_record::claim::Reader;
use vasp_words::time::UtcTime;

/// The shared context of one call's questions. All are answered from one generation of the directory.
pub(super) struct Asked {
    app: Data<App>,
    generation: Arc<Generation>,
    reader: Reader,
    asker: Option<Asker>,
    /// Who asks; `None` if anonymous.
    identity: Option<Identity>,
    now: UtcTime,
    /// How long this node has heard nothing from the database.
    silence: Silence,
    effort: Effort,
}

impl Asked {
    /// Returns where the pages are that explain problems.
    pub(super) fn problem_pages(&self) -> &ProblemPages {
        self.app.problem_pages()
    }

    /// Prepares to answer the questions of a caller. `asker` is whom answers without an owner are charged to.
    pub(super) fn new(
        app: &Data<App>,
        generation: Arc<Generation>,
        (identity, asker): (Option<&Identity>, Option<Asker>),
        now: UtcTime,
        effort: Effort,
    ) -> Self {
        let silence = app.registry.silence();
        let (reader, identity) = (Identity::reader(identity), identity.cloned());
        Self { app: app.clone(), generation, reader, asker, identity, now, silence, effort }
    }

    /// Returns the server's state.
    pub(super) fn app(&self) -> &App {
        &self.app
    }

    /// Returns the moment of the questions.
    pub(super) fn now(&self) -> UtcTime {
        self.now
    }

    /// Returns how long this node has heard nothing from the database.
    pub(super) fn silence(&self) -> Silence {
        self.silence
    }

    /// Returns the generation that answers.
    pub(super) fn generation(&self) -> &Arc<Generation> {
        &self.generation
    }

    /// Reads a subject. `pointer` turns a member's name into the JSON Pointer that an error reports.
    pub(super) fn read(&self, item: ResolveItem, pointer: &dyn Fn(&str) -> String) -> Result<ReadText, Problem> {
        let ResolveItem { subject, kind, network, memo } = item;
        let kind = kind.as_deref().map(str::parse::<SubjectKind>).transpose().map_err(|error| {
            let fault = Fault { pointer: pointer("kind"), code: "unknown_kind", detail: error.to_string() };
            Problem::from(Refusal::at(ProblemCode::InvalidSubject, fault))
        })?;
        let question = ResolveQuestion { subject, kind, network, memo };
        let read = crate::resolve::read_question(&question, self.effort, pointer)?;
        crate::resolve::known_scheme(&self.generation, &read.subject, pointer)?;
        Ok(read)
    }

    /// Answers a question, and counts it if the address has no known owner or is the asker's own. Charges the networks of an address beyond the first.
    pub(super) fn answer(&self, read: ReadText) -> Result<ResolveAnswer, Problem> {
        charge_further(&self.app, self.asker, price(&read.subject).saturating_sub(1))?;
        if enumeration::is_address(&read.subject) {
            enumeration::refuse_spent(&self.app, self.asker, self.now)?;
        }
        let found = crate::resolve::resolve(&self.app.registry, &self.generation, read, self.reader, self.now)?;
        let spends = found.spends(self.identity.as_ref().and_then(|identity| identity.vasp));
        enumeration::note(&self.app, (self.identity.as_ref(), self.asker), (&found.subject, spends), self.now)?;
        Ok(found)
    }

    /// Answers a question, and renders the answer.
    pub(super) fn body(&self, read: ReadText) -> Result<RawJson, Problem> {
        RawJson::of(&self.view(&self.answer(read)?), 1)
    }

    /// Renders an answer.
    pub(super) fn view<'a>(&'a self, found: &'a ResolveAnswer) -> ResolutionView<'a> {
        ResolutionView::of(found, &self.app.registry, self.silence)
    }
}
