//! Reads the account in a payment URI with the parser of all addresses, and holds the URI against the members beside it.

use super::{ReadText, Subject, SubjectError, with_memo};
use crate::address::{Account, AddressError, MemoPresence};
use crate::network::{Family, Network, NetworkTable};
use crate::payment_uri::{PaymentUri, PaymentUriError};

/// Reads the account of a URI. `network` and `memo` are the members beside it; they may repeat what the URI says, and decide what it leaves
/// open.
pub(super) fn read(
    table: &NetworkTable,
    uri: PaymentUri,
    network: Option<&str>,
    memo: Option<&str>,
) -> Result<ReadText, SubjectError> {
    let named = |name| table.read_name(name, Some(&uri.address)).map_err(SubjectError::Network);
    let named = network.map(named).transpose()?;
    let subject = match (network_of(table, &uri, named)?, uri.family) {
        (Some(network), _) => table.parse_on(network, &uri.address).map(Subject::Address),
        (None, family) => table.candidates(&uri.address).map(|mut candidates| {
            let is_in = |account: &Account| table.by_number(account.network).is_some_and(|network| network.family == family);
            candidates.accounts.retain(is_in);
            Subject::BareAddress(candidates)
        }),
    }
    .map_err(SubjectError::Address)?;
    let subject = with_memos(table, subject, uri.memo.as_deref(), memo)?;
    Ok(ReadText { subject, payment_uri: Some(Box::new(uri)) })
}

/// Returns the network of the URI, or else the one beside it, which must be of the URI's family.
fn network_of<'a>(
    table: &'a NetworkTable,
    uri: &PaymentUri,
    named: Option<&'a Network>,
) -> Result<Option<&'a Network>, SubjectError> {
    let own = uri.network.as_ref().and_then(|id| table.by_caip2(id));
    match (own, named) {
        (Some(own), Some(named)) if own.ledger() != named.ledger() => {
            Err(SubjectError::NetworkMismatch { subject: own.caip2.clone(), named: named.caip2.clone() })
        }
        (None, Some(named)) if named.family != uri.family => {
            let family = uri.family.map_or("eip155:*", Family::as_str);
            Err(SubjectError::FamilyMismatch { family, named: named.caip2.clone() })
        }
        (Some(own), _) => Ok(Some(own)),
        (None, named) => Ok(named),
    }
}

/// Adds the memo of the URI, and then the one beside it. A note on a network without memos is no part of the account.
fn with_memos(
    table: &NetworkTable,
    subject: Subject,
    of_uri: Option<&str>,
    beside: Option<&str>,
) -> Result<Subject, SubjectError> {
    let takes_memo = |account: &Account| {
        table.by_number(account.network).is_some_and(|network| network.memo_rule.presence != MemoPresence::None)
    };
    let account = if let Subject::Address(account) = &subject { Some(account).filter(|one| takes_memo(one)) } else { None };
    let (of_uri, carried) = (of_uri.filter(|_| account.is_some()), account.and_then(|account| account.memo.clone()));
    let subject = match of_uri {
        Some(memo) => with_memo(table, subject, memo).map_err(|error| match (error, &carried) {
            (SubjectError::Memo(_), Some(carried)) => PaymentUriError::contradiction("memos", carried, memo).into(),
            (SubjectError::Memo(error), None) => SubjectError::Address(error),
            (error, _) => error,
        })?,
        None => subject,
    };
    let Some(beside) = beside else { return Ok(subject) };
    let own = subject.memo().map(str::to_owned);
    with_memo(table, subject, beside).map_err(|error| match own.filter(|_| of_uri.is_some()) {
        Some(own) => {
            let beside: String = beside.chars().take(80).collect();
            let reason = format!("the payment URI has the memo `{own}`, but `memo` is `{beside}`");
            SubjectError::Memo(AddressError::MemoInvalid { reason })
        }
        None => error,
    })
}
