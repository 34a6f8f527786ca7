//! Cases: work for reviewers. Whatever happens to a VASP that a person must look at opens its case or joins the open one: a VASP has at
//! most one. What reviewers do with it is `review`.

mod open;

pub use open::{Trigger, open_or_join};
pub use vasp_store::{CaseEntry, CaseFilter, CaseTrigger, Evidence};

pub(crate) use open::{
    add_trigger, close_open, enter, have_waiting_reviewed, member_answered, open_or_join_by, reopen_for_waiting,
};
