//! Recognises transaction ids by their form, because people paste them instead of an address. Only texts that were refused as addresses are
//! examined: addresses of some networks have the same form.

use super::error::AddressError;

/// Adds to a refusal that the text looks like the id of a transaction, if it does.
pub(super) fn explained(text: &str, refusal: AddressError) -> AddressError {
    match form(text) {
        Some(form) => AddressError::TransactionId { form, refusal: Box::new(refusal) },
        None => refusal,
    }
}

/// Source: the documentation of the networks on transactions: Bitcoin, Ethereum, XRP Ledger, Cosmos and others (32 bytes in
/// hex), Solana (the first signature), Algorand (SHA-512/256), Tezos (operation hash), TON, Hedera.
fn form(text: &str) -> Option<&'static str> {
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    if hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some("64 hexadecimal digits");
    }
    match text.len() {
        86..=88 if bs58::decode(text).into_vec().is_ok_and(|bytes| bytes.len() == 64) => {
            Some("64 bytes in base 58, as on Solana")
        }
        52 if text.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7')) => {
            Some("52 letters and digits of base 32, as on Algorand")
        }
        51 if text.starts_with('o') && bs58::decode(text).with_check(None).into_vec().is_ok() => {
            Some("`o` and 50 characters of base 58, as on Tezos")
        }
        44 if text.ends_with('=') => Some("32 bytes in base 64, as on TON"),
        _ if is_hedera(text) => Some("an account and a time, as on Hedera"),
        _ => None,
    }
}

/// Recognises `0.0.1234@1577836800.123456789`, or the same with `-` instead of `@` and of the last point.
fn is_hedera(text: &str) -> bool {
    let Some((account, time)) = text.split_once(['@', '-']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    account.split('.').count() == 3
        && account.split('.').all(digits)
        && time.split_once(['.', '-']).is_some_and(|(secs, nanos)| digits(secs) && digits(nanos))
}

#[cfg(test)]
mod tests {
    use crate::network::NetworkTable;

    #[test]
    fn ids_of_transactions_are_named_as_such_where_they_are_no_address() {
        // Sources: the first transaction between people on Bitcoin (block 170); Ethereum's first (block 46147); the example ids
        // in the documentation of Solana (`getSignaturesForAddress`), Algorand, Tezos and Hedera.
        let bitcoin = "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16";
        let solana = "5h6xBEauJ3PK6SWCZ1PGjBvj8vDdWG3KpwATGy1ARAXFSDwt8GFXM7W5Ncn16wmqokgpiKRLuS83KUxyZyv2sUYv";
        let table = NetworkTable::embedded();
        for (network, text) in [
            ("bitcoin", bitcoin),
            ("ethereum", "0x5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060"),
            ("xrpl:0", "E08D6E9754025BA2534A78707605E0601F03ACE063687A0CA1BDDACFCD1698C7"),
            ("solana", solana),
            ("algorand", "QOOBRVQMX4HW5QZ2EGLQDQCQTKRF3UP3JKDGKYPCXMI6AVV35KQA"),
            ("hedera", "0.0.1234@1577836800.123456789"),
            ("hedera", "0.0.1234-1577836800-123456789"),
        ] {
            let error = table.parse(network, text).unwrap_err();
            assert_eq!(error.code(), "transaction_id", "{network}: {error}");
            assert!(error.to_string().starts_with("this looks like a transaction id ("), "{error}");
        }
        assert_eq!(table.candidates(solana).unwrap_err().code(), "transaction_id");
        // An address of NEAR or Sui has the same form.
        assert!(table.parse("near", bitcoin).is_ok());
        assert_ne!(table.parse("bitcoin", bitcoin.trim_start_matches('f')).unwrap_err().code(), "transaction_id");
    }
}
