//! Operator work: one file a step. Who may do what is `http::permission`; what follows from what is `domain::case` and
//! `domain::lifecycle`; a VASP has at most one open case.

mod apply;
mod brand;
mod brand_conflicts;
mod check;
mod decision;
mod expire;
mod facts;
pub(crate) mod http;
mod look_alikes;
mod open;
mod operator;
mod read;
mod work;

pub use brand::{Brand, BrandDecision, BrandEvidence, BrandEvidenceKind, NewBrand};
pub use check::{CaseChecklist, ShownChecklist, read_checklist};
pub use decision::{CaseDecision, CaseGround, CaseProposal};
pub use expire::expire_evidence;
pub use look_alikes::{NameLookAlike, ResembledRecord};
pub use open::{Trigger, open_or_join};
pub use operator::open_case;
pub use read::{CaseRecord, list_cases, read_case};
pub use vasp_store::{CaseEntry, CaseFilter, CaseTrigger, Evidence};
pub use work::{Held as CaseHeld, NewEvidence, ask_member, note_case, record_evidence, take_case};

pub(crate) use open::{close_open, enter, have_waiting_reviewed, open_or_join_by};
pub(crate) use work::member_answered;
