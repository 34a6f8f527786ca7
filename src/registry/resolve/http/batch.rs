//! Answers a batch of subjects, each from the same generation of the directory. Several threads share a large batch. The answers are
//! collected in parts, which are sent in order.

use std::collections::BTreeSet;
use std::sync::Arc;

use actix_web::web::Bytes;
use serde_json::value::RawValue;

use super::asked::Asked;
use super::compact::{CompactView, Tail};
use super::resolution::{BatchView, ResolveBatch, ResolveItem, ResolveResult};
use crate::http::error::Problem;
use crate::http::extract::{parse_json, read_item};
use crate::node::Holds;
use crate::resolve::{ResolveAnswer, may_ask_store};
use vasp_addresses::subject::ReadText;
use vasp_words::ids::VaspId;

/// Largest number of subjects in one batch.
///
/// Source: docs/gateway.md, "3. Many at once".
const BATCH_MAX: usize = 1_000;

/// Bytes of a body that cost one question. An address has no more bytes.
const BYTES_A_QUESTION: usize = 4_096;

/// Largest number of subjects that the request's own worker answers. A larger batch can take milliseconds, and other requests of the
/// worker must not wait for it. Handing it to another thread costs as much as a few subjects.
const INLINE_MAX: usize = 16;

/// Number of subjects whose answers share a buffer, and the fewest that a thread is begun for. A buffer of this size is used again, while
/// the system must clear a larger one each time.
const PART: usize = 64;

/// Bytes that most answers take, in full and in short.
const USUAL_BYTES: usize = 1_400;
const USUAL_SHORT_BYTES: usize = 160;

/// The subjects of a batch, each as it was sent.
pub(super) struct Subjects(Vec<Bytes>);

/// What the answers of some subjects have in common.
#[derive(Default)]
pub(super) struct Shared {
    /// The owners that the answers name.
    pub(super) owners: BTreeSet<VaspId>,
    /// Until when all the answers hold; `None` without answers.
    pub(super) holds: Option<Holds>,
}

/// A batch and everything that its answer needs.
pub(super) struct Batch {
    asked: Asked,
    subjects: Subjects,
    request_id: String,
    view: BatchView,
}

impl Subjects {
    /// Reads the list of subjects, but not yet the subjects.
    ///
    /// # Errors
    /// `Problem` if the body is no list of subjects, or is of a wrong length.
    pub(super) fn read(body: &Bytes) -> Result<Self, Problem> {
        let ResolveBatch { subjects } = parse_json(body)?;
        if subjects.is_empty() || subjects.len() > BATCH_MAX {
            return Err(Problem::invalid_value(
                "/subjects",
                format!("a batch must have 1 to {BATCH_MAX} subjects; this one has {}", subjects.len()),
            ));
        }
        Ok(Self(subjects.into_iter().map(|subject: &RawValue| body.slice_ref(subject.get().as_bytes())).collect()))
    }

    /// Returns the number of subjects.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns how many questions the batch costs before its subjects are read.
    pub(super) fn questions(&self, body: &Bytes) -> usize {
        self.len().max(body.len() / BYTES_A_QUESTION).min(BATCH_MAX)
    }

    /// Returns whether the request's own worker may answer.
    pub(super) fn are_few(&self) -> bool {
        self.len() <= INLINE_MAX
    }
}

impl Batch {
    pub(super) fn new(asked: Asked, subjects: Subjects, view: BatchView, request_id: String) -> Self {
        Self { asked, subjects, request_id, view }
    }

    fn subject(&self, index: usize, text: &[u8]) -> Result<ReadText, Problem> {
        let place = || format!("/subjects/{index}");
        let item: ResolveItem = read_item(text, (self.asked.app(), "ResolveItem"), place)?;
        self.asked.read(item, &|member| format!("{}/{member}", place()))
    }

    /// Returns whether any subject of a small batch may need the store.
    pub(super) fn may_ask_store(&self) -> bool {
        let (registry, generation) = (&self.asked.app().registry, self.asked.generation());
        let asks = |read: Result<ReadText, Problem>| read.is_ok_and(|read| may_ask_store(registry, generation, &read.subject));
        let mut subjects = self.subjects.0.iter().enumerate();
        registry.directory().claims_may_block() && subjects.any(|(index, text)| asks(self.subject(index, text)))
    }

    /// Answers the whole batch on this thread.
    ///
    /// # Errors
    /// `Problem` if an answer cannot be written.
    pub(super) fn answer(&self) -> Result<Vec<Bytes>, Problem> {
        self.put_together(self.parts(0, self.subjects.len())?)
    }

    /// Answers the whole batch on threads that may block, as many as there are processors.
    ///
    /// # Errors
    /// `Problem` if an answer cannot be written, or a thread failed.
    pub(super) async fn answer_at_once(self) -> Result<Vec<Bytes>, Problem> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let share = self.subjects.len().div_ceil(threads).max(PART);
        let batch = Arc::new(self);
        let begin = |first: usize| {
            let batch = Arc::clone(&batch);
            actix_web::rt::task::spawn_blocking(move || batch.parts(first, share))
        };
        let begun: Vec<_> = (0..batch.subjects.len()).step_by(share).map(begin).collect();
        let mut parts = Vec::new();
        for some in begun {
            parts.extend(some.await.map_err(Problem::internal)??);
        }
        batch.put_together(parts)
    }

    /// Answers some subjects from one on, part by part.
    fn parts(&self, first: usize, subjects: usize) -> Result<Vec<(Vec<u8>, Shared)>, Problem> {
        let end = first.saturating_add(subjects).min(self.subjects.len());
        (first..end).step_by(PART).map(|begin| self.part(begin, PART.min(end - begin))).collect()
    }

    /// Answers some subjects from one on: the items of the list, without its brackets.
    fn part(&self, first: usize, subjects: usize) -> Result<(Vec<u8>, Shared), Problem> {
        let texts = self.subjects.0.iter().enumerate().skip(first).take(subjects);
        let usual = if self.view == BatchView::Full { USUAL_BYTES } else { USUAL_SHORT_BYTES };
        let (mut out, mut shared) = (Vec::with_capacity(usual * subjects), Shared::default());
        for (index, text) in texts {
            if index > 0 {
                out.push(b',');
            }
            let answered = self.subject(index, text).and_then(|subject| self.asked.answer(subject));
            self.write(&mut out, &mut shared, answered).map_err(Problem::internal)?;
        }
        Ok((out, shared))
    }

    fn write(
        &self,
        out: &mut Vec<u8>,
        shared: &mut Shared,
        answered: Result<ResolveAnswer, Problem>,
    ) -> Result<(), serde_json::Error> {
        match (answered, self.view) {
            (Ok(found), BatchView::Full) => serde_json::to_writer(out, &ResolveResult::Answer(&self.asked.view(&found))),
            (Ok(found), BatchView::Compact) => {
                let view = CompactView::of(&found);
                shared.owners.extend(view.owner());
                shared.holds = Some(shared.holds.map_or(found.holds, |holds| holds.and(found.holds)));
                serde_json::to_writer(out, &ResolveResult::Compact(view))
            }
            (Err(problem), _) => {
                let problem = problem.document(&self.request_id, self.asked.problem_pages());
                serde_json::to_writer(out, &ResolveResult::Refused { problem })
            }
        }
    }

    fn put_together(&self, parts: Vec<(Vec<u8>, Shared)>) -> Result<Vec<Bytes>, Problem> {
        let mut all = Shared::default();
        let mut body = vec![Bytes::from_static(b"{\"results\":[")];
        for (part, shared) in parts {
            body.push(part.into());
            all.owners.extend(shared.owners);
            all.holds = [all.holds, shared.holds].into_iter().flatten().reduce(Holds::and);
        }
        let end = match self.view {
            BatchView::Full => b"]}".to_vec(),
            BatchView::Compact => self.tail(&all).map_err(Problem::internal)?,
        };
        body.push(end.into());
        Ok(body)
    }

    fn tail(&self, all: &Shared) -> Result<Vec<u8>, serde_json::Error> {
        let mut end = b"],".to_vec();
        let tail = serde_json::to_vec(&Tail::of(&self.asked, all))?;
        end.extend(tail.into_iter().skip(1));
        Ok(end)
    }
}
