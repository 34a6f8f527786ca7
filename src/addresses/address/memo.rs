//! Memos: the part of a destination besides the address (destination tag, payment id, memo text).

use super::AddressError;
use serde::Deserialize;
use vasp_words::closed_list::closed_list;

closed_list! {
    /// Whether transfers on the network carry a memo.
    pub enum MemoPresence {
        /// Required in practice: custodians serve many customers at one address and distinguish them by memo.
        RequiredByCustodians = "required_by_custodians",
        /// A memo is possible.
        Optional = "optional",
        /// Transfers have no memo.
        None = "none",
    }
}

/// The memos of a network.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemoRule {
    /// Whether transfers carry a memo.
    pub presence: MemoPresence,
    /// The allowed forms; a memo has one of them.
    pub kinds: Vec<MemoKind>,
    /// The ids of address formats that contain the memo.
    pub carried_by_formats: Vec<String>,
}

/// A form of memo.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum MemoKind {
    /// UTF-8 text.
    Text {
        /// The name of the form; `None` if the network has only one form.
        name: Option<String>,
        /// The maximum length in bytes; `None` if no limit is known.
        max_bytes: Option<usize>,
    },
    /// A number from 0, in decimal digits without leading zeros.
    Uint {
        /// The name of the form; `None` if the network has only one form.
        name: Option<String>,
        /// The width in bits.
        bits: u32,
    },
    /// Bytes in hex digits.
    Bytes {
        /// The name of the form; `None` if the network has only one form.
        name: Option<String>,
        /// The maximum length in bytes; `None` if there is none.
        max_bytes: Option<usize>,
        /// The only allowed length in bytes; `None` if other lengths are allowed.
        exact_bytes: Option<usize>,
    },
}

impl MemoRule {
    /// Returns a memo in canonical spelling: hex digits in lower case.
    ///
    /// # Errors
    /// `MemoInvalid` if the network has no memo, or none of this form.
    pub fn read(&self, memo: &str) -> Result<String, AddressError> {
        if self.presence == MemoPresence::None {
            return Err(invalid("transfers on this network have no memo".to_owned()));
        }
        if memo.is_empty() || memo.chars().any(char::is_control) {
            return Err(invalid("it must not be empty or have control characters".to_owned()));
        }
        let allowing =
            |bytes: bool| self.kinds.iter().any(|kind| matches!(kind, MemoKind::Bytes { .. }) == bytes && kind.allows(memo));
        if allowing(false) {
            return Ok(memo.to_owned());
        }
        if allowing(true) {
            return Ok(memo.to_ascii_lowercase());
        }
        let forms: Vec<String> = self.kinds.iter().map(MemoKind::describe).collect();
        Err(invalid(format!("expected {}", forms.join(", or "))))
    }
}

impl MemoKind {
    fn allows(&self, memo: &str) -> bool {
        match self {
            Self::Text { max_bytes, .. } => max_bytes.is_none_or(|max| memo.len() <= max),
            Self::Uint { bits, .. } => {
                let plain = memo == "0" || (!memo.starts_with('0') && memo.bytes().all(|b| b.is_ascii_digit()));
                let number = memo.parse::<u128>().ok().filter(|_| plain);
                number.is_some_and(|n| *bits >= 128 || n >> bits == 0)
            }
            Self::Bytes { max_bytes, exact_bytes, .. } => hex::decode(memo).is_ok_and(|bytes| {
                exact_bytes.is_none_or(|exact| bytes.len() == exact) && max_bytes.is_none_or(|max| bytes.len() <= max)
            }),
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Text { max_bytes: Some(max), .. } => format!("text of at most {max} bytes"),
            Self::Text { max_bytes: None, .. } => "text".to_owned(),
            Self::Uint { bits, .. } => format!("a whole number below 2^{bits}, without leading zeros"),
            Self::Bytes { exact_bytes: Some(exact), .. } => format!("{} hex digits", exact * 2),
            Self::Bytes { max_bytes: Some(max), .. } => format!("at most {} hex digits", max * 2),
            Self::Bytes { .. } => "hex digits".to_owned(),
        }
    }
}

fn invalid(reason: String) -> AddressError {
    AddressError::MemoInvalid { reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(kinds: &str) -> MemoRule {
        let text = format!(r#"{{"presence": "required_by_custodians", "kinds": [{kinds}], "carried_by_formats": []}}"#);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn destination_tag_is_an_unsigned_32_bit_number() {
        let tag = rule(r#"{"type": "uint", "bits": 32}"#);

        for memo in ["0", "1", "4294967295"] {
            assert!(tag.read(memo).is_ok(), "{memo}");
        }
        for memo in ["", "4294967296", "-1", "+1", "01", "1.0", "abc", "1 "] {
            assert_eq!(tag.read(memo).unwrap_err().code(), "memo_invalid", "{memo}");
        }
        assert!(tag.read("05").unwrap_err().to_string().ends_with("a whole number below 2^32, without leading zeros"));
    }

    #[test]
    fn any_form_of_several_is_enough() {
        // Source: Stellar, text of 28 bytes, 64-bit id, 32-byte hash.
        let memo = rule(
            r#"{"type": "text", "name": "text", "max_bytes": 28}, {"type": "uint", "name": "id", "bits": 64},
               {"type": "bytes", "name": "hash", "exact_bytes": 32}"#,
        );

        assert!(memo.read(&"a".repeat(28)).is_ok());
        assert!(memo.read(&"é".repeat(15)).is_err());
        assert_eq!(memo.read(&"Ab".repeat(32)), Ok("ab".repeat(32)));
        assert!(memo.read(&"ab".repeat(31)).is_err());
        assert!(memo.read("a\0b").is_err());
    }
}
