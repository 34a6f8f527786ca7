//! Reads an address without looking up who owns it: on the named network, or on every network that it may be on.

use super::{Effort, ResolveQuestion, read_question};
use crate::node::ServiceError;
use vasp_addresses::address::Account;
use vasp_addresses::payment_uri::PaymentUri;
use vasp_addresses::subject::{ReadText, Subject, SubjectKind};

/// An address, as somebody wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenAddress {
    /// The address.
    pub address: String,
    /// Its network, CAIP-2 id or another name. `None` if the caller does not name it.
    pub network: Option<String>,
    /// The memo given with the address. `None` if there is none.
    pub memo: Option<String>,
}

/// The accounts that an address names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedAddress {
    /// The accounts, most likely first: one on the named network, or else one on each network that the address may be on.
    pub accounts: Vec<Account>,
    /// What the payment URI names in which the address stood. `None` if there was none.
    pub payment_uri: Option<Box<PaymentUri>>,
}

/// Returns the accounts that an address, or the address in a payment URI, names. `pointer` turns the name of a member of the question into the JSON Pointer that an error reports.
pub fn parse_address(
    written: WrittenAddress,
    effort: Effort,
    pointer: impl Fn(&str) -> String,
) -> Result<ParsedAddress, ServiceError> {
    let WrittenAddress { address, network, memo } = written;
    let question = ResolveQuestion { subject: address, kind: Some(SubjectKind::Address), network, memo };
    let place = |member: &str| pointer(if member == "subject" { "address" } else { member });
    let ReadText { subject, payment_uri } = read_question(&question, effort, place)?;
    let accounts = match subject {
        Subject::Address(account) | Subject::Caip10(account) => vec![account],
        Subject::BareAddress(candidates) => candidates.accounts,
        // The caller named the kind, so there is no other reading.
        _ => Vec::new(),
    };
    Ok(ParsedAddress { accounts, payment_uri })
}
