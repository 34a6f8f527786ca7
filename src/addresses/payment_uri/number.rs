//! The amounts of payment URIs: decimals, and ERC-681's whole numbers with an exponent.

use super::PaymentUriError;
use vasp_words::money::Amount;

/// The most digits of a whole number: those of 2^256. Source: Ethereum's contract ABI, `uint256`.
const DIGITS_MAX: usize = 78;

/// Reads a decimal amount with at most so many decimals. BIP-21 allows `.5`, `50.` and leading zeros, which are written out.
///
/// Source: BIP-21, "ABNF grammar".
pub(super) fn decimal(name: &str, text: &str, decimals: usize) -> Result<Amount, PaymentUriError> {
    let wrong =
        || PaymentUriError::parameter(name, "must be digits with an optional fraction, such as 20.3, and not too many of them");
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.len() > decimals {
        return Err(wrong());
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let text = if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") };
    text.parse().map_err(|_| wrong())
}

/// Reads a whole number that may have a fraction and an exponent, such as `2.014e18`; returns its digits.
///
/// Source: ERC-681, "Syntax": the exponent must be at least the number of decimals.
pub(super) fn whole(name: &str, text: &str) -> Result<String, PaymentUriError> {
    digits(text).ok_or_else(|| {
        PaymentUriError::parameter(name, "must be a whole number in base units below 2^256, such as 1000 or 2.014e18")
    })
}

fn digits(text: &str) -> Option<String> {
    let text = text.strip_prefix('+').unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, Some(0)), |(mantissa, exponent)| {
        let plain = exponent.bytes().all(|byte| byte.is_ascii_digit());
        (mantissa, exponent.parse::<usize>().ok().filter(|exponent| plain && *exponent < DIGITS_MAX))
    });
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    if all.is_empty() || all.len() > DIGITS_MAX || !all.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let zeros = exponent?.checked_sub(fraction.len())?;
    let number = format!("{all}{}", "0".repeat(zeros));
    match number.trim_start_matches('0') {
        "" => Some("0".to_owned()),
        number if number.len() <= DIGITS_MAX => Some(number.to_owned()),
        _ => None,
    }
}

/// Writes base units as an amount with so many decimals.
pub(super) fn in_units(name: &str, base_units: &str, decimals: usize) -> Result<Amount, PaymentUriError> {
    let padded = format!("{base_units:0>width$}", width = decimals + 1);
    let (whole, fraction) = padded.split_at_checked(padded.len() - decimals).unwrap_or((&padded, ""));
    let text = format!("{whole}.{fraction}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.parse().map_err(|_| PaymentUriError::parameter(name, "is an amount of more than 28 digits"))
}
