//! How long the request and answer of a recorded pre-check are kept, and when they are erased. The law sets the floor
//! (`vasp_rules::precheck_retention`), `setting` lengthens it for newer records, a legal hold (`holds`) keeps what it covers whatever time is
//! over, and `erase` erases the rest. The queries are in `vasp_store`, the routes in `http`.

mod erase;
mod holds;
mod setting;

pub use erase::{ErasureDecision, erase_due_prechecks};
pub use holds::{HoldScope, LegalHold, LiftDecision, list_holds, place_hold};
pub use setting::{HeldSetting, RetentionChange, RetentionDecision, RetentionSetting, read_retention};
