//! Review: the reviewers' steps in a case, one file for each step, until two people have decided. `http::permission` says who may do
//! what. `vasp_record::case` and `vasp_record::lifecycle` define which step may follow which.
//!
//! An approval takes these steps. A reviewer takes the case, records evidence (`work`) and proposes a decision (`decision`). Each
//! piece of evidence stores the digest of the value that was looked at. Another person approves exactly that proposal, by its digest.
//! `apply` then takes the step that `vasp_record::lifecycle` allows. `facts` turns the differences to what is known into facts of the
//! origin `registry`. The evidence for these values begins to count, proven domains become part of the record, and the case is
//! closed. All of this is one transaction, one public change and one entry of the audit chain.

mod apply;
mod brand;
mod brand_conflicts;
mod brand_evidence;
mod check;
mod decision;
mod expire;
mod facts;
pub(crate) mod http;
mod look_alikes;
mod operator;
mod read;
mod work;

pub use brand::{Brand, BrandDecision, NewBrand};
pub use brand_evidence::BrandEvidence;
pub use check::{ShownChecklist, read_checklist};
pub use decision::{CaseDecision, CaseProposal};
pub use expire::expire_evidence;
pub(crate) use look_alikes::Looks;
pub use look_alikes::{NameLookAlike, ResembledRecord};
pub use operator::open_case;
pub use read::{CaseRecord, list_cases, read_case};
pub use work::{Held, NewEvidence, ask_member, note_case, record_evidence, take_case};
