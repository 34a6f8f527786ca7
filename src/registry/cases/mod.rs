//! Cases: work for reviewers. An event that a person must look at opens the VASP's case or joins the open one. A VASP has at most one
//! open case. A case may also be about an authority that a register names. `review` implements what reviewers do with a case.

mod open;

pub use open::{Trigger, open_or_join};
pub use vasp_store::{CaseEntry, CaseFilter, CaseTrigger, Evidence};

pub(crate) use open::{
    add_trigger, close, close_open, enter, have_waiting_reviewed, member_answered, open_about_authority, open_or_join_by,
    reopen_for_challenges, reopen_for_waiting, vasp_of,
};
