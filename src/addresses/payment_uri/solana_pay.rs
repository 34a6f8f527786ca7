//! `solana:`. Source: Solana Pay specification, "Transfer Request" and "Transaction Request".

use super::query::Query;
use super::{Found, Paid, PaymentStandard, PaymentUriError, Place, checked, network, number};
use crate::network::NetworkTable;

/// The decimals of SOL. Those of a token only the chain knows: 28 are taken, the most that an amount may have.
const DECIMALS: usize = 9;
const TOKEN_DECIMALS_MAX: usize = 28;

pub(super) fn read<'a>(table: &'a NetworkTable, rest: &str, query: &mut Query) -> Result<Found<'a>, PaymentUriError> {
    if rest.to_ascii_lowercase().starts_with("http") {
        return Err(PaymentUriError::NoDestination {
            what: "names a server that makes the transaction, and no account",
            instead: "send the address that is paid",
        });
    }
    let network = network(table, "solana")?;
    let mint = query.take("spl-token")?.map(|mint| checked(table, network, &mint)).transpose()?;
    let decimals = if mint.is_some() { TOKEN_DECIMALS_MAX } else { DECIMALS };
    let amount = match query.take("amount")? {
        // "If the value is a decimal number less than 1, it must have a leading 0."
        Some(text) if text.starts_with('.') || text.ends_with('.') => {
            return Err(PaymentUriError::parameter("amount", "must have digits before and after `.`, such as 0.5"));
        }
        text => text.map(|text| number::decimal("amount", &text, decimals)).transpose()?,
    };
    let memo = query.take("memo")?;
    checked(table, network, rest)?;
    let paid = match mint {
        Some(mint) => Some(Paid::Token("token", mint)),
        None => amount.is_some().then_some(Paid::Native),
    };
    Ok(Found {
        standard: PaymentStandard::SolanaPay,
        address: rest.to_owned(),
        place: Place::Network(network),
        memo,
        amount,
        base_units: None,
        paid,
    })
}
