//! Reads an address without asking who owns it: on the network named, or on all networks that may be meant.

use super::{Effort, ResolveQuestion, read_question};
use crate::node::ServiceError;
use vasp_addresses::address::Account;
use vasp_addresses::subject::{Subject, SubjectKind};

/// An address, as somebody wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenAddress {
    /// The address.
    pub address: String,
    /// Its network, if the caller says: CAIP-2 or an alias.
    pub network: Option<String>,
    /// The memo beside it, if any.
    pub memo: Option<String>,
}

/// Returns the accounts that an address names: one on a named network, else one on each network it may lie on, most likely
/// first. A fault names the member of the question at `pointer`.
pub fn parse_address(
    written: WrittenAddress,
    effort: Effort,
    pointer: impl Fn(&str) -> String,
) -> Result<Vec<Account>, ServiceError> {
    let WrittenAddress { address, network, memo } = written;
    let question = ResolveQuestion { subject: address, kind: Some(SubjectKind::Address), network, memo };
    let place = |member: &str| pointer(if member == "subject" { "address" } else { member });
    Ok(match read_question(&question, effort, place)? {
        Subject::Address(account) => vec![account],
        Subject::BareAddress(candidates) => candidates.accounts,
        // The kind was named, so there is no other reading.
        _ => Vec::new(),
    })
}
