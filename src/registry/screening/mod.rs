//! Screening: compares VASPs with screening lists. Matches become hits, which people decide. Every change of a record or a list is
//! screened again.
//!
//! The parsers of `vasp-ingest` produce dated versions of lists, which are stored as documents. `vasp_rules::screening` selects the
//! entries that are valid on a day and scores names. `directory` joins each record with its matches and with people's decisions.
//! `reconcile` compares the matches with the stored hits, in an import's transaction and by a timer. Two people of the organisation that the
//! law binds decide a hit, for it alone (`own`). What two people of the registry decide is evidence beside it (`decide`).

mod compare;
mod decide;
pub(crate) mod http;
mod own;
mod read;
mod reconcile;
pub(crate) mod view;

pub use compare::{Found, claimed_addresses, parties};
pub use decide::{BothSides, GivenGround, HitContent, HitDecision, HitGround};
pub use own::{Held, OwnHitDecision, decisions_of};
pub use read::{HitFilter, ListRecord, list_lists};
pub(crate) use read::{list_hits, read_hit};
pub use reconcile::{Rescreening, Sight, reconcile};
