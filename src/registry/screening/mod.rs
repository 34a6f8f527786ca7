//! Screening: lists come in, what they say of VASPs becomes hits that people decide, and every change of a record or a list is
//! screened again.

mod compare;
mod decide;
pub(crate) mod http;
mod read;
mod reconcile;
pub(crate) mod view;

pub use compare::{Found, claimed_addresses, parties};
pub use decide::{HitDecision, HitGround};
pub use read::{HitRecord, ListRecord, list_hits, list_lists, read_hit};
pub use reconcile::{Rescreening, Sight, reconcile};
pub use vasp_store::ScreeningHitFilter;
