//! Screening: lists come in, what they say of VASPs becomes hits that people decide, and every change of a record or a list is
//! screened again.
//!
//! Parsers of `vasp-ingest` make dated versions of lists, kept as documents. `vasp_rules::screening` picks what counts on a day and scores
//! names. `directory` joins each record with its matches and with what people decided. `reconcile` compares matches with the rows of hits,
//! in the import's transaction and by a timer; two people decide (`decide`).

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
