//! A new version of the rulebook: imported on the command line it waits, with what it changes, until two people approve exactly
//! that. The first rulebook of a database comes in without: there is nothing that it changes. The command line is no person, so
//! whoever brought the file still needs both.

mod decide;
mod keep;
mod read;

pub use decide::RulebookDecision;
pub(crate) use keep::keep_rulebook;
pub use read::{ImportedRulebook, list_rulebook_imports, read_rulebook_import};
