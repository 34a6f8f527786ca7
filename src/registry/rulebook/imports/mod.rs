//! New versions of the rulebook. The command line imports a new version, which then waits, together with its changes. Two people must
//! approve exactly these changes. The first rulebook of a database needs no approval, because it changes nothing. The command line does
//! not count as a person, so two people must approve even if one of them brought the file.

mod decide;
mod keep;
mod read;

pub use decide::RulebookDecision;
pub(crate) use keep::keep_rulebook;
pub use read::{ImportedRulebook, list_rulebook_imports, read_rulebook_import};
