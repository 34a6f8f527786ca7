//! What people write of a person or an organisation: a name, and the e-mail address with which a person signs in.

use crate::node::{ServiceError, invalid};
use vasp_words::written_name::check_written_name;

/// Reads the e-mail address with which a person signs in, in lower case: words of visible ASCII characters, separated by dots. So one person
/// has one account: other scripts have letters that look alike, and a dot at the end leads to the same host.
///
/// Source: RFC 5321 section 4.1.2 for the form and 4.5.3.1.3 for the length; the rest is left to the mail that is sent there.
pub(crate) fn plain_email(email: &str) -> Result<String, ServiceError> {
    let email = email.trim().to_lowercase();
    let words =
        |part: &str| part.split('.').all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_graphic() && b != b'@'));
    match email.split_once('@') {
        Some((name, host)) if email.len() <= 254 && words(name) && words(host) && host.contains('.') => Ok(email),
        _ => {
            let detail =
                "an e-mail address must have the form name@example.org, in ASCII (a host in other letters is written `xn--…`)";
            Err(invalid("/email", "invalid_value", detail.to_owned()))
        }
    }
}

pub(crate) fn plain_name(name: &str) -> Result<String, ServiceError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        let detail = "a name must have 1 to 200 characters and no control characters".to_owned();
        return Err(invalid("/name", "invalid_value", detail));
    }
    check_written(name)?;
    Ok(name.to_owned())
}

/// Refuses a name that looks like another name when displayed, or that can act as code where it is displayed.
pub(crate) fn check_written(name: &str) -> Result<(), ServiceError> {
    check_written_name(name).map_err(|error| invalid("/name", error.code(), format!("the name {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_only_looks_like_anothers_is_refused() {
        assert_eq!(plain_email(" ADA@alpha.example").unwrap(), "ada@alpha.example");
        for other in [
            "\u{ff41}da@alpha.example",
            "\u{430}da@alpha.example",
            "ada@alph\u{430}.example",
            "ada@alpha.example.",
            "ada.@alpha.example",
        ] {
            assert!(plain_email(other).is_err(), "{other}");
        }
    }
}
