//! TODO review

pub(crate) mod apply;
pub(crate) mod brand;
pub(crate) mod brand_conflicts;
pub(crate) mod check;
pub(crate) mod decision;
pub(crate) mod expire;
pub(crate) mod facts;
pub(crate) mod http;
pub(crate) mod look_alikes;
pub(crate) mod operator;
pub(crate) mod read;
pub(crate) mod work;

pub use brand::{Brand, BrandDecision, BrandEvidence, NewBrand};
pub use check::ShownChecklist;
pub use decision::{CaseDecision, CaseProposal};
pub use expire::expire_evidence;
pub use look_alikes::{NameLookAlike, ResembledRecord};
pub use read::CaseRecord;
pub(crate) use work::member_answered;
pub use work::{Held, NewEvidence};
