//! A new version of the rulebook: imported on the command line it waits, with what it changes, until two people approve exactly
//! that. The first rulebook of a database comes in without: there is nothing that it changes. The command line is no person, so
//! whoever brought the file still needs both.

mod decide;
mod propose;
mod read;

pub use decide::{approve_rulebook, decline_rulebook};
pub(super) use propose::propose_rulebook;
pub use read::{
    RulebookInForce, RulebookProposal, RulebookProposalState, list_rulebook_proposals, read_rulebook_in_force,
    read_rulebook_proposal,
};

use aws_lc_rs::digest::{Context, SHA256};

use vasp_store::RulebookProposalRow;

/// What an approval is about: this text in place of that one.
fn proposal_digest(row: &RulebookProposalRow) -> String {
    let mut context = Context::new(&SHA256);
    for part in [row.id.as_bytes(), row.observed_on.as_bytes(), &row.base, &row.digest] {
        context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.update(part);
    }
    hex::encode(context.finish())
}
