//! The database on this machine, which `ask` reads without a server. It records nothing and signs nothing.

use serde_json::{Value, json};

use super::office::{Office, Refused};
use crate::node::{Registry, ServiceError};
use crate::precheck::http::request::PrecheckRequest;
use crate::precheck::{Asking, Extent, Rendering};
use crate::resolve::http::ResolutionView;
use crate::resolve::{Effort, ResolveQuestion};
use crate::vasps::{VaspFilter, list_vasps};
use vasp_addresses::subject::SubjectKind;
use vasp_clock::{Clock, SystemClock};
use vasp_record::claim::Reader;
use vasp_words::error_chain::error_chain;

/// A registry that was opened to read.
pub(super) struct Here(pub(super) Registry);

/// Most firms that are named.
const FIRMS_MAX: usize = 20;

fn failed(error: &(dyn std::error::Error + 'static)) -> Refused {
    Refused::Failed(error_chain(error))
}

fn refused(error: ServiceError) -> Refused {
    match error.fault() {
        Some(fault) => {
            let errors = json!([{"pointer": fault.pointer, "code": fault.code, "detail": fault.detail}]);
            Refused::NotUnderstood(json!({"errors": errors}))
        }
        None => failed(&error),
    }
}

impl Office for Here {
    fn resolve(&self, question: &Value) -> Result<Value, Refused> {
        let Self(registry) = self;
        let text = |member: &str| question[member].as_str().map(str::to_owned);
        let kind = text("kind").map(|kind| kind.parse::<SubjectKind>()).transpose();
        let kind = kind.map_err(|_| Refused::Failed("--kind: no subject is of this kind".to_owned()))?;
        let question =
            ResolveQuestion { subject: text("subject").unwrap_or_default(), kind, network: text("network"), memo: text("memo") };
        let pointer = |member: &str| format!("/{member}");
        let now = SystemClock.now();
        let read = crate::resolve::read_question(&question, Effort::Place, pointer).map_err(refused)?;
        let generation = registry.pin(now);
        crate::resolve::known_scheme(&generation, &read.subject, pointer).map_err(refused)?;
        let answer = crate::resolve::resolve(registry, &generation, read, Reader::Gateway, now).map_err(refused)?;
        serde_json::to_value(ResolutionView::of(&answer, registry, registry.silence())).map_err(|error| failed(&error))
    }

    fn firms(&self, name: &str) -> Result<Vec<Value>, Refused> {
        let filter = VaspFilter { q: Some(name.to_owned()), ..VaspFilter::default() };
        let found = list_vasps(&self.0, &filter, None, FIRMS_MAX, Reader::Gateway, SystemClock.now()).map_err(refused)?;
        let firm = |listed: &crate::vasps::ListedVasp| {
            let vasp = &listed.answer.record;
            let matched = listed.matched.as_ref().map(|found| json!({"field": found.field, "kind": found.kind}));
            json!({"id": vasp.id, "kind": vasp.kind, "legal_name": vasp.legal_name, "country": vasp.country, "lei": vasp.lei, "matched": matched})
        };
        Ok(found.1.items.iter().map(firm).collect())
    }

    fn precheck(&self, request: &Value) -> Result<String, Refused> {
        let Self(registry) = self;
        let pointer = |member: &str| format!("/{member}");
        let now = SystemClock.now();
        let request: PrecheckRequest = serde_json::from_value(request.clone()).map_err(|error| failed(&error))?;
        let question = request.question(now.date(), &pointer).map_err(refused)?;
        let generation = registry.pin(now);
        let asking = Asking::beside_the_database(now);
        let answer = crate::precheck::precheck(registry, &generation, &question, &asking, now, &pointer).map_err(refused)?;
        let rendering = Rendering { registry, question: &question, answer: &answer, silence: registry.silence() };
        rendering.unrecorded(Extent::Full).map_err(refused)
    }

    fn report(&self, _: &str) -> Option<Result<String, Refused>> {
        None
    }

    fn needs_jurisdiction(&self) -> bool {
        true
    }

    fn records(&self) -> bool {
        false
    }
}
