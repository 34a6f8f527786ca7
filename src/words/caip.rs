//! Chain-agnostic identifiers: CAIP-2 (networks), CAIP-10 (accounts), CAIP-19 (assets). This module checks only the grammar.
//! `domain::network` knows which networks exist, and `domain::address` checks the form of accounts.
//!
//! Source: ChainAgnostic/CAIPs, CAIP-2, CAIP-10, CAIP-19.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::time::serde_as_text;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest account address and asset reference, in written characters.
///
/// Source: CAIP-10 and CAIP-19, `[-.%a-zA-Z0-9]{1,128}`.
const REFERENCE_LENGTH_MAX: usize = 128;

/// The longest token id, in written characters. Source: CAIP-19, `[-.%a-zA-Z0-9]{1,78}`.
const TOKEN_ID_LENGTH_MAX: usize = 78;

/// Characters that are written as `%XX`: all but letters, digits, `-` and `.`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.');

/// Why a text is not a CAIP identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaipError {
    /// A part is missing, or there is one too many.
    #[error("it must have the form `{expected}`")]
    WrongShape {
        /// The form, such as `namespace:reference`.
        expected: &'static str,
    },
    /// A part has too few or too many characters.
    #[error("the {part} has {found} characters; allowed are {min} to {max}")]
    WrongLength {
        /// Which part.
        part: &'static str,
        /// Number of characters found.
        found: usize,
        /// Minimum allowed.
        min: usize,
        /// Maximum allowed.
        max: usize,
    },
    /// The part has a character that is not allowed, or a malformed `%XX`.
    #[error("character {position} of the {part} is not allowed")]
    InvalidCharacter {
        /// Which part.
        part: &'static str,
        /// Position in that part, counted from 1.
        position: usize,
    },
}

/// Checks the characters of one part, and their number.
fn check(part: &'static str, text: &str, min: usize, max: usize, allowed: fn(char) -> bool) -> Result<(), CaipError> {
    if let Some(index) = text.chars().position(|c| !allowed(c)) {
        return Err(CaipError::InvalidCharacter { part, position: index + 1 });
    }
    let found = text.chars().count();
    if (min..=max).contains(&found) { Ok(()) } else { Err(CaipError::WrongLength { part, found, min, max }) }
}

fn is_namespace(c: char) -> bool {
    c == '-' || c.is_ascii_lowercase() || c.is_ascii_digit()
}

fn is_chain_reference(c: char) -> bool {
    matches!(c, '-' | '_') || c.is_ascii_alphanumeric()
}

fn is_reference(c: char) -> bool {
    matches!(c, '-' | '.' | '%') || c.is_ascii_alphanumeric()
}

/// Decodes the percent-encoding of a part that has passed `check`.
fn decode(part: &'static str, text: &str) -> Result<String, CaipError> {
    for (index, _) in text.match_indices('%') {
        let digits = text.get(index + 1..index + 3).is_some_and(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        if !digits {
            return Err(CaipError::InvalidCharacter { part, position: index + 1 });
        }
    }
    match percent_decode_str(text).decode_utf8() {
        Ok(decoded) => Ok(decoded.into_owned()),
        Err(_) => Err(CaipError::InvalidCharacter { part, position: text.find('%').unwrap_or_default() + 1 }),
    }
}

/// A network: `namespace:reference`, case-sensitive, such as `eip155:1`.
///
/// Source: CAIP-2, namespace `[-a-z0-9]{3,8}`, reference `[-_a-zA-Z0-9]{1,32}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Caip2(Arc<str>);

impl Caip2 {
    /// Returns the whole identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the part before the colon.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.0.split_once(':').map_or("", |(namespace, _)| namespace)
    }

    /// Returns the part after the colon.
    #[must_use]
    pub fn reference(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, reference)| reference)
    }
}

impl FromStr for Caip2 {
    type Err = CaipError;
    fn from_str(text: &str) -> Result<Self, CaipError> {
        let (namespace, reference) = text.split_once(':').ok_or(CaipError::WrongShape { expected: "namespace:reference" })?;
        check("namespace", namespace, 3, 8, is_namespace)?;
        check("chain reference", reference, 1, 32, is_chain_reference)?;
        Ok(Self(text.into()))
    }
}

impl fmt::Display for Caip2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An account on a network: `namespace:reference:account`. The account is stored decoded and written percent-encoded.
///
/// Source: CAIP-10, account address `[-.%a-zA-Z0-9]{1,128}`; other characters as `%XX`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Caip10 {
    chain: Caip2,
    account: String,
}

impl Caip10 {
    /// Makes the identifier of an account; `account` is the plain text without any encoding.
    ///
    /// # Errors
    /// `WrongLength` if it is empty or longer than 128 characters when encoded: such accounts have no CAIP-10 form.
    pub fn new(chain: Caip2, account: &str) -> Result<Self, CaipError> {
        Self::check_length(utf8_percent_encode(account, ENCODED).map(str::len).sum())?;
        Ok(Self { chain, account: account.to_owned() })
    }

    /// Writes the identifier of an account. The result is the same as with `new` and `Display`.
    pub fn write(chain: &Caip2, account: &str) -> Result<String, CaipError> {
        let mut text = String::with_capacity(chain.as_str().len() + 1 + account.len());
        text.push_str(chain.as_str());
        text.push(':');
        let before = text.len();
        text.extend(utf8_percent_encode(account, ENCODED));
        Self::check_length(text.len() - before)?;
        Ok(text)
    }

    fn check_length(written: usize) -> Result<(), CaipError> {
        let fits = (1..=REFERENCE_LENGTH_MAX).contains(&written);
        let wrong = CaipError::WrongLength { part: "account address", found: written, min: 1, max: REFERENCE_LENGTH_MAX };
        if fits { Ok(()) } else { Err(wrong) }
    }

    /// Returns the network.
    #[must_use]
    pub fn chain(&self) -> &Caip2 {
        &self.chain
    }

    /// Returns the decoded account.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }
}

impl FromStr for Caip10 {
    type Err = CaipError;
    fn from_str(text: &str) -> Result<Self, CaipError> {
        let wrong = CaipError::WrongShape { expected: "namespace:reference:account" };
        let (head, account) = text.rsplit_once(':').ok_or(wrong.clone())?;
        if !head.contains(':') {
            return Err(wrong);
        }
        let chain = head.parse()?;
        check("account address", account, 1, REFERENCE_LENGTH_MAX, is_reference)?;
        Self::new(chain, &decode("account address", account)?)
    }
}

impl fmt::Display for Caip10 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.chain, utf8_percent_encode(&self.account, ENCODED))
    }
}

/// An asset on a network, or one token of it: `chain/namespace:reference[/token id]`. Parts are kept as written.
///
/// Source: CAIP-19.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Caip19 {
    chain: Caip2,
    asset_namespace: String,
    asset_reference: String,
    token_id: Option<String>,
}

impl Caip19 {
    /// Returns the network.
    #[must_use]
    pub fn chain(&self) -> &Caip2 {
        &self.chain
    }

    /// Returns the kind of asset, such as `slip44` or `erc20`.
    #[must_use]
    pub fn asset_namespace(&self) -> &str {
        &self.asset_namespace
    }

    /// Returns the reference of the asset within its kind, as written.
    #[must_use]
    pub fn asset_reference(&self) -> &str {
        &self.asset_reference
    }

    /// Returns the id of the token; `None` if the identifier names no single token.
    #[must_use]
    pub fn token_id(&self) -> Option<&str> {
        self.token_id.as_deref()
    }
}

impl FromStr for Caip19 {
    type Err = CaipError;
    fn from_str(text: &str) -> Result<Self, CaipError> {
        let wrong = CaipError::WrongShape { expected: "chain/asset_namespace:asset_reference[/token_id]" };
        let mut parts = text.splitn(3, '/');
        let chain = parts.next().unwrap_or_default().parse()?;
        let (namespace, reference) = parts.next().and_then(|asset| asset.split_once(':')).ok_or(wrong)?;
        let token_id = parts.next();
        check("asset namespace", namespace, 3, 8, is_namespace)?;
        check("asset reference", reference, 1, REFERENCE_LENGTH_MAX, is_reference)?;
        decode("asset reference", reference)?;
        if let Some(id) = token_id {
            check("token id", id, 1, TOKEN_ID_LENGTH_MAX, is_reference)?;
            decode("token id", id)?;
        }
        Ok(Self {
            chain,
            asset_namespace: namespace.to_owned(),
            asset_reference: reference.to_owned(),
            token_id: token_id.map(str::to_owned),
        })
    }
}

impl fmt::Display for Caip19 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}:{}", self.chain, self.asset_namespace, self.asset_reference)?;
        self.token_id.as_ref().map_or(Ok(()), |id| write!(f, "/{id}"))
    }
}

serde_as_text!(Caip10, Caip19 = "eip155:1/slip44:60");
serde_as_text!(@read Caip2);
crate::text_schema!(Caip2 = "eip155:1");

impl Serialize for Caip2 {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_chain_ids_are_accepted() {
        // Source: CAIP-2, section "Test Cases".
        for text in [
            "eip155:1",
            "bip122:000000000019d6689c085ae165831e93",
            "bip122:12a765e31ffd4059bada1e25190f6e98",
            "bip122:fdbe99b90c90bae7505796461471d89a",
            "cosmos:cosmoshub-2",
            "cosmos:Binance-Chain-Tigris",
            "cosmos:iov-mainnet",
            "starknet:SN_GOERLI",
            "lip9:9ee11e9df416b18b",
            "chainstd:8c3444cf8970a9e41a706fab93e7a6c4",
        ] {
            let read: Caip2 = text.parse().unwrap();
            assert_eq!(format!("{}:{}", read.namespace(), read.reference()), text);
        }
    }

    #[test]
    fn chain_ids_outside_the_grammar_are_refused() {
        for text in ["", "eip155", "eip155:", ":1", "ei:1", "toolongns:1", "EIP155:1", "eip155:*", "eip155:1:2", "cosmos:a.b"] {
            assert!(text.parse::<Caip2>().is_err(), "{text}");
        }
        assert!(format!("eip155:{}", "1".repeat(33)).parse::<Caip2>().is_err());
    }

    #[test]
    fn published_account_ids_round_trip() {
        // Source: CAIP-10, section "Test Cases".
        for text in [
            "eip155:1:0xab16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb",
            "bip122:000000000019d6689c085ae165831e93:128Lkh3S7CkDTBZ8W7BbpsN3YYizJMp8p6",
            "cosmos:cosmoshub-3:cosmos1t2uflqwqe0fsj0shcfkrvpukewcw40yjj6hdc0",
            "polkadot:b0a8d493285c2df73290dfb7e61f870f:5hmuyxw9xdgbpptgypokw4thfyoe3ryenebr381z9iaegmfy",
            "starknet:SN_GOERLI:0x02dd1b492765c064eac4039e3841aa5f382773b598097a40073bd8b48170ab57",
            "chainstd:8c3444cf8970a9e41a706fab93e7a6c4:6d9b0b4b9994e8a6afbd3dc3ed983cd51c755afb27cd1dc7825ef59c134a39f7",
            "hedera:mainnet:0.0.1234567890-zbhlt",
        ] {
            assert_eq!(text.parse::<Caip10>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn characters_outside_the_grammar_are_percent_encoded() {
        let account = Caip10::new("eip155:1".parse().unwrap(), "a:b%").unwrap();

        assert_eq!(account.to_string().rsplit(':').next(), Some("a%3Ab%25"));
        assert_eq!(account.to_string().parse::<Caip10>().unwrap(), account);
    }

    #[test]
    fn accounts_that_do_not_fit_have_no_caip_10_form() {
        let chain: Caip2 = "eip155:1".parse().unwrap();

        assert!(Caip10::new(chain.clone(), &"a".repeat(128)).is_ok());
        assert!(Caip10::new(chain.clone(), &"a".repeat(129)).is_err());
        assert!(Caip10::new(chain, &":".repeat(43)).is_err());
    }

    #[test]
    fn broken_account_ids_are_refused() {
        for text in ["eip155:1", "eip155:1:", "eip155:*:0xab", "eip155:1:a b", "eip155:1:%4", "eip155:1:%zz", "eip155:1:%ff"] {
            assert!(text.parse::<Caip10>().is_err(), "{text}");
        }
    }

    #[test]
    fn published_asset_ids_round_trip() {
        // Source: CAIP-19, section "Test Cases".
        for text in [
            "eip155:1/slip44:60",
            "bip122:000000000019d6689c085ae165831e93/slip44:0",
            "eip155:1/erc20:0x6b175474e89094c44da98b954eedeac495271d0f",
            "eip155:1/erc721:0x06012c8cf97BEaD5deAe237070F9587f8E7A266d/771769",
            "hedera:mainnet/nft:0.0.55492/12",
        ] {
            assert_eq!(text.parse::<Caip19>().unwrap().to_string(), text);
        }
        for text in ["eip155:1", "eip155:1/slip44", "eip155:1/slip44:", "eip155:1/erc721:0x06/", "eip155:1/erc721:0x06/1/2"] {
            assert!(text.parse::<Caip19>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_account_text_round_trips(account in "\\PC{1,20}") {
            if let Ok(id) = Caip10::new("eip155:1".parse().unwrap(), &account) {
                let read: Caip10 = id.to_string().parse().unwrap();
                prop_assert_eq!(read.account(), &account);
            }
        }

        #[test]
        fn parsing_never_panics(text in "\\PC*", tail in "[%a-f0-9é]{0,8}") {
            let _ = text.parse::<Caip2>();
            let _ = text.parse::<Caip10>();
            let _ = text.parse::<Caip19>();
            let _ = format!("eip155:1:{tail}").parse::<Caip10>();
            let _ = format!("eip155:1/erc20:{tail}").parse::<Caip19>();
        }
    }
}
