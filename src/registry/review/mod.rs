//! Review: what reviewers do with cases, one file a step, until two people have decided. Who may do what is `http::permission`; what
//! follows from what is `vasp_record::case` and `vasp_record::lifecycle`.
//!
//! How an approval goes: a reviewer takes the case, records evidence (`work`; each piece remembers the digest of the value that was looked
//! at) and proposes (`decision`). Another person approves exactly that, by its digest. `apply` then takes the step that
//! `vasp_record::lifecycle` allows; `facts` turns the difference to what is known into facts of the origin `registry`; the evidence for
//! these values begins to count; proven domains are taken up; the case is closed. One transaction, one public change, one line in the audit
//! chain.

mod apply;
mod brand;
mod brand_conflicts;
mod check;
mod decision;
mod expire;
mod facts;
pub(crate) mod http;
mod look_alikes;
mod operator;
mod read;
mod work;

pub use brand::{Brand, BrandDecision, BrandEvidence, NewBrand};
pub use check::{ShownChecklist, read_checklist};
pub use decision::{CaseDecision, CaseProposal};
pub use expire::expire_evidence;
pub use look_alikes::{NameLookAlike, ResembledRecord};
pub use operator::open_case;
pub use read::{CaseRecord, list_cases, read_case};
pub use work::{Held, NewEvidence, ask_member, note_case, record_evidence, take_case};
