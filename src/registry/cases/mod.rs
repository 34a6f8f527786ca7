//! Operator work: one file a step. Who may do what is `http::permission`; what follows from what is `domain::case` and
//! `domain::lifecycle`; a VASP has at most one open case.

mod open;

pub use open::{Trigger, open_or_join};
pub use vasp_store::{CaseEntry, CaseFilter, CaseTrigger, Evidence};

pub(crate) use open::{close_open, enter, have_waiting_reviewed, open_or_join_by};
