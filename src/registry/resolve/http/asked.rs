//! Answers the questions of one call, each from the same generation of the directory.

use std::cell::Cell;
use std::sync::Arc;

use actix_web::web::Data;
use serde_json::value::RawValue;

use super::ResolutionView;
use super::resolution::{InTurn, ResolveItem, ResolveResult, ResolveResults};
use crate::acts::{Asker, Identity};
use crate::directory::Generation;
use crate::harvest::http as harvest;
use crate::http::error::Problem;
use crate::http::extract::read_item;
use crate::http::{App, RawJson};
use crate::node::{Fault, ProblemCode, Refusal, Silence};
use crate::resolve::{Effort, ResolveQuestion};
use vasp_addresses::subject::{Subject, SubjectKind};
use vasp_record::claim::Reader;
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

/// The shared context of one call's questions. All are answered from one generation of the directory.
pub(super) struct Asked {
    app: Data<App>,
    generation: Arc<Generation>,
    reader: Reader,
    asker: Option<Asker>,
    /// The asker's VASP. `None` if it has none.
    own: Option<VaspId>,
    now: UtcTime,
    /// How long this node has heard nothing from the database.
    silence: Silence,
    effort: Effort,
}

impl Asked {
    /// Prepares to answer the questions of a caller. `asker` is whom answers without an owner are charged to.
    pub(super) fn new(
        app: &Data<App>,
        generation: Arc<Generation>,
        (identity, asker): (Option<&Identity>, Option<Asker>),
        now: UtcTime,
        effort: Effort,
    ) -> Self {
        let silence = app.registry.silence();
        let own = identity.and_then(|identity| identity.vasp);
        Self { app: app.clone(), generation, reader: Identity::reader(identity), asker, own, now, silence, effort }
    }

    /// Returns the generation that answers.
    pub(super) fn generation(&self) -> &Arc<Generation> {
        &self.generation
    }

    /// Prepares to answer a batch.
    pub(super) fn about(self, subjects: Vec<Box<RawValue>>, request_id: String) -> AskedBatch {
        AskedBatch { asked: self, subjects, request_id }
    }

    /// Reads a subject. `pointer` turns a member's name into the JSON Pointer that an error reports.
    pub(super) fn read(&self, item: ResolveItem, pointer: &dyn Fn(&str) -> String) -> Result<Subject, Problem> {
        let ResolveItem { subject, kind, network, memo } = item;
        let kind = kind.as_deref().map(str::parse::<SubjectKind>).transpose().map_err(|error| {
            let fault = Fault { pointer: pointer("kind"), code: "unknown_kind", detail: error.to_string() };
            Problem::from(Refusal::at(ProblemCode::InvalidSubject, fault))
        })?;
        let question = ResolveQuestion { subject, kind, network, memo };
        let subject = crate::resolve::read_question(&question, self.effort, pointer)?;
        crate::resolve::known_scheme(&self.generation, &subject, pointer)?;
        Ok(subject)
    }

    /// Answers a question, and counts it if the address has no known owner.
    pub(super) fn answer(&self, subject: Subject) -> Result<ResolutionView, Problem> {
        if harvest::is_address(&subject) {
            harvest::refuse_spent(&self.app, self.asker, self.now)?;
        }
        let registry = &self.app.registry;
        let found = crate::resolve::resolve(registry, &self.generation, subject, self.reader, self.now)?;
        harvest::note(&self.app, self.asker, &found.subject, found.spends_as(self.own), self.now);
        Ok(ResolutionView::of(&found, registry.directory().claim_ids(), self.silence))
    }
}

/// A batch of questions.
pub(super) struct AskedBatch {
    asked: Asked,
    subjects: Vec<Box<RawValue>>,
    request_id: String,
}

impl AskedBatch {
    fn subjects(&self) -> impl Iterator<Item = Result<Subject, Problem>> {
        self.subjects.iter().enumerate().map(|(index, item)| {
            let place = || format!("/subjects/{index}");
            let item = read_item(item, "").map_err(|problem| problem.inside(&place()))?;
            self.asked.read(item, &|member| format!("{}/{member}", place()))
        })
    }

    /// Returns whether any subject of a small batch may need the store.
    pub(super) fn may_ask_store(&self) -> bool {
        let (registry, generation) = (&self.asked.app.registry, &self.asked.generation);
        let may_ask = |subject: Result<Subject, Problem>| {
            subject.is_ok_and(|subject| crate::resolve::may_ask_store(registry, generation, &subject))
        };
        registry.directory().claims_may_block() && self.subjects().any(may_ask)
    }

    /// Answers all subjects, in order.
    pub(super) fn answer(&self) -> Result<RawJson, Problem> {
        let answered = self.subjects().map(|subject| match subject.and_then(|subject| self.asked.answer(subject)) {
            Ok(view) => ResolveResult::Answer(Box::new(view)),
            Err(problem) => ResolveResult::Refused { problem: problem.document(&self.request_id) },
        });
        RawJson::of(&ResolveResults { results: InTurn(Cell::new(Some(Box::new(answered)))) }, self.subjects.len())
    }
}
