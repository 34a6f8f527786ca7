//! Operator work: one file a step. Who may do what is `api::permission`; what follows from what is `domain::case` and
//! `domain::lifecycle`.

mod open;

pub use open::{Trigger, open_or_join};
