//! The digest of any typed data (EIP-712), from the JSON for a wallet's `eth_signTypedData_v4`. If typed data lacks values that its types
//! name, it has no digest: a person cannot have read what the wallet fills in.
//!
//! Source: EIP-712, "Definition of hashStruct", "encodeType", "encodeData".

use std::collections::{BTreeMap, BTreeSet};

use super::bytes::{from_hex, keccak256};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TypedData {
    types: BTreeMap<String, Vec<Field>>,
    primary_type: String,
    domain: Value,
    message: Value,
}

#[derive(Deserialize)]
struct Field {
    name: String,
    r#type: String,
}

/// Returns the digest that is signed; `None` if the text is not typed data.
pub(super) fn digest(json: &[u8]) -> Option<[u8; 32]> {
    let data: TypedData = serde_json::from_slice(json).ok()?;
    let domain = data.hash_struct("EIP712Domain", &data.domain)?;
    let message = data.hash_struct(&data.primary_type, &data.message)?;
    Some(keccak256(&[b"\x19\x01", &domain, &message]))
}

impl TypedData {
    fn hash_struct(&self, name: &str, value: &Value) -> Option<[u8; 32]> {
        let (fields, members) = (self.types.get(name)?, value.as_object()?);
        // A member that its type does not name would not be signed.
        if members.keys().any(|key| fields.iter().all(|field| field.name != *key)) {
            return None;
        }
        let mut encoded = keccak256(&[self.encode_type(name)?.as_bytes()]).to_vec();
        for field in fields {
            encoded.extend(self.word(&field.r#type, members.get(&field.name)?)?);
        }
        Some(keccak256(&[&encoded]))
    }

    /// Returns the type, followed by the types that it uses in alphabetical order.
    fn encode_type(&self, name: &str) -> Option<String> {
        let (mut named, mut open) = (BTreeSet::new(), vec![name]);
        while let Some(next) = open.pop() {
            for field in self.types.get(next)? {
                let of = field.r#type.split('[').next()?;
                if self.types.contains_key(of) && of != name && named.insert(of) {
                    open.push(of);
                }
            }
        }
        let write = |name: &str| {
            let fields = self.types.get(name)?.iter().map(|field| format!("{} {}", field.r#type, field.name));
            Some(format!("{name}({})", fields.collect::<Vec<_>>().join(",")))
        };
        std::iter::once(name).chain(named).map(write).collect()
    }

    /// Returns the 32 bytes that encode a value.
    fn word(&self, of: &str, value: &Value) -> Option<[u8; 32]> {
        if let Some((element, length)) = of.strip_suffix(']').and_then(|of| of.rsplit_once('[')) {
            let items = value.as_array()?;
            if !length.is_empty() && length.parse() != Ok(items.len()) {
                return None;
            }
            let words = items.iter().map(|item| self.word(element, item)).collect::<Option<Vec<_>>>()?;
            return Some(keccak256(&[&words.concat()]));
        }
        if self.types.contains_key(of) {
            return self.hash_struct(of, value);
        }
        let bytes = || from_hex(value.as_str()?.strip_prefix("0x")?);
        match of {
            "string" => Some(keccak256(&[value.as_str()?.as_bytes()])),
            "bytes" => Some(keccak256(&[&bytes()?])),
            "bool" => Some(filled(&[u8::from(value.as_bool()?)], false)),
            "address" => bytes().filter(|bytes| bytes.len() == 20).map(|bytes| filled(&bytes, false)),
            _ => match (of.strip_prefix("bytes"), of.strip_prefix("uint"), of.strip_prefix("int")) {
                (Some(length), ..) => {
                    let length = length.parse::<usize>().ok().filter(|length| (1..=32).contains(length))?;
                    bytes().filter(|bytes| bytes.len() == length).map(|bytes| filled(&bytes, true))
                }
                (_, Some(bits), _) => number(value, bits, false),
                (.., Some(bits)) => number(value, bits, true),
                _ => None,
            },
        }
    }
}

/// Puts at most 32 bytes into a word, at its left or right end.
fn filled(bytes: &[u8], left: bool) -> [u8; 32] {
    let mut word = [0; 32];
    let skipped = if left { 0 } else { 32_usize.saturating_sub(bytes.len()) };
    word.iter_mut().skip(skipped).zip(bytes).for_each(|(to, from)| *to = *from);
    word
}

/// Reads a number of up to `bits` bits: a JSON number, or a text in decimal digits or in hex with `0x`.
fn number(value: &Value, bits: &str, signed: bool) -> Option<[u8; 32]> {
    let bits: usize = bits.parse().ok().filter(|bits| (8..=256).contains(bits) && bits % 8 == 0)?;
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let (negative, digits) = text.strip_prefix('-').map_or((false, text.as_str()), |digits| (true, digits));
    let (digits, radix) = digits.strip_prefix("0x").map_or((digits, 10), |digits| (digits, 16));
    let mut word = [0_u8; 32];
    for digit in Some(digits).filter(|digits| !digits.is_empty())?.chars() {
        let mut carry = digit.to_digit(radix)?;
        for byte in word.iter_mut().rev() {
            let sum = u32::from(*byte) * radix + carry;
            (*byte, carry) = (sum.to_le_bytes().first().copied()?, sum >> 8);
        }
        if carry != 0 {
            return None;
        }
    }
    let used = word.iter().position(|byte| *byte != 0).map_or(0, |first| 256 - 8 * first);
    let top_bit = word.get(32 - bits / 8).is_some_and(|byte| byte & 0x80 != 0);
    let lowest = negative && top_bit && word.iter().map(|byte| byte.count_ones()).sum::<u32>() == 1;
    if used > bits || (negative && !signed) || (signed && top_bit && !lowest) {
        return None;
    }
    if negative {
        let mut carry = true;
        for byte in word.iter_mut().rev() {
            (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
        }
    }
    Some(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn numbers_are_those_of_the_abi() {
        // Source: Solidity, "Contract ABI Specification", "Formal Specification of the Encoding".
        let written = |value: Value, bits: &str, signed| number(&value, bits, signed).map(hex::encode);
        let short = |end: &str| Some(format!("{end:0>64}"));

        assert_eq!(written(json!(1), "256", false), short("1"));
        assert_eq!(written(json!("0x1234"), "16", false), short("1234"));
        assert_eq!(written(json!("18446744073709551616"), "72", false), short("10000000000000000"));
        assert_eq!(written(json!(-1), "8", true), Some("f".repeat(64)));
        assert_eq!(written(json!(-128), "8", true), Some(format!("{}80", "f".repeat(62))));
        for (value, bits, signed) in [
            (json!(256), "8", false),
            (json!(-1), "8", false),
            (json!(128), "8", true),
            (json!(-129), "8", true),
            (json!(1.5), "8", false),
            (json!(""), "8", false),
            (json!(1), "7", false),
            (json!(1), "", false),
        ] {
            assert_eq!(written(value.clone(), bits, signed), None, "{value} {bits}");
        }
        let too_much = format!("0x1{}", "0".repeat(64));
        assert_eq!(written(json!(too_much), "256", false), None);
    }

    proptest! {
        #[test]
        fn any_text_has_a_digest_or_none(kind in "(u?int(8|256)|bytes(4)?|string|address|bool|T)(\\[2?\\])?", value in "\\PC{0,40}") {
            let typed = json!({"types": {"EIP712Domain": [], "T": [{"name": "a", "type": kind}]}, "primaryType": "T", "domain": {}, "message": {"a": value}});
            let _ = digest(typed.to_string().as_bytes());
            let _ = digest(value.as_bytes());
        }
    }
}
