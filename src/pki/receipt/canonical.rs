//! Digests of JSON: SHA-256 over the canonical form of RFC 8785. This program's own JSON is almost canonical, so its members are only
//! sorted as text; so are those of most requests, once their whitespace is left out. All other JSON is parsed strictly and written again by
//! a library.

use aws_lc_rs::digest::{SHA256, digest};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;
use std::fmt;

/// The largest integer that every JSON parser reads with the same value.
///
/// Source: RFC 8785 section 3.2.2.3 and appendix D; RFC 7493 section 2.2.
pub(super) const INTEGER_MAX: u64 = 9_007_199_254_740_991;

/// The same limit for numbers that are read as doubles: 2^53, to which neighbouring integers are rounded.
pub(super) const LEAST_DOUBTFUL: f64 = 9_007_199_254_740_992.0;

/// From this value on, the canonical form has an exponent, so nobody can take it for an integer.
///
/// Source: RFC 8785 section 3.2.2.3, which takes ECMAScript's `Number::toString`.
pub(super) const LEAST_WITH_EXPONENT: f64 = 1e21;

/// Why a text has no digest.
#[derive(Debug, thiserror::Error)]
#[error("the text is not unambiguous JSON: {0}")]
pub struct DigestError(#[source] pub serde_json::Error);

/// Returns the digest of a JSON text: `sha256:` and 64 hex digits.
///
/// Source: RFC 8785.
///
/// # Errors
/// `DigestError` if the text is not JSON, repeats a member, or has a number that parsers read differently.
pub fn json_digest(text: &str) -> Result<String, DigestError> {
    if let Some(canonical) = ordered(text) {
        return Ok(digest_text(&canonical));
    }
    let value = strict_json(text)?;
    serde_json_canonicalizer::to_vec(&value).map(|canonical| digest_text(&canonical)).map_err(DigestError)
}

/// Returns the canonical form of a JSON text.
///
/// Source: RFC 8785.
///
/// # Errors
/// The same as `json_digest`.
pub fn canonical_json(text: &str) -> Result<String, DigestError> {
    if let Some(canonical) = ordered(text).and_then(|canonical| String::from_utf8(canonical).ok()) {
        return Ok(canonical);
    }
    serde_json_canonicalizer::to_string(&strict_json(text)?).map_err(DigestError)
}

/// Returns the digest of a verdict: of all its members but its receipt, and the evidence that may come with it.
pub fn verdict_digest(verdict: &Map<String, Value>) -> Result<String, DigestError> {
    let is_digested = |name: &str| !["receipt", "evidence"].contains(&name);
    let rest: BTreeMap<&String, &Value> = verdict.iter().filter(|(name, _)| is_digested(name)).collect();
    serde_json_canonicalizer::to_vec(&rest).map(|canonical| digest_text(&canonical)).map_err(DigestError)
}

/// Returns the SHA-256 of a text: `sha256:` and 64 hex digits.
#[must_use]
pub fn digest_text(canonical: &[u8]) -> String {
    format!("sha256:{}", hex::encode(digest(&SHA256, canonical)))
}

/// Reads JSON that has only one meaning: a repeated member and integers beyond 2^53 are refused.
///
/// Source: RFC 7493 (I-JSON) sections 2.2 and 2.3, which RFC 8785 demands.
pub fn strict_json(text: &str) -> Result<Value, DigestError> {
    serde_json::from_str::<Strict>(text).map(|strict| strict.0).map_err(DigestError)
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        if value <= INTEGER_MAX { Ok(value.into()) } else { Err(E::custom(format!("the number {value} is larger than 2^53"))) }
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        let fits = value.unsigned_abs() <= INTEGER_MAX;
        if fits { Ok(value.into()) } else { Err(E::custom(format!("the number {value} is larger than 2^53"))) }
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        // It would be written as an integer, which this parser itself refuses.
        if (LEAST_DOUBTFUL..LEAST_WITH_EXPONENT).contains(&value.abs()) {
            return Err(E::custom(format!("the number {value} is larger than 2^53")));
        }
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number is not finite"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Strict(item)) = list.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((name, Strict(value))) = members.next_entry::<String, Strict>()? {
            if map.contains_key(&name) {
                return Err(A::Error::custom(format!("the member `{name}` occurs twice")));
            }
            map.insert(name, value);
        }
        Ok(Value::Object(map))
    }
}

/// The deepest nesting that is sorted as text.
const DEPTH_MAX: usize = 32;

/// Length in bytes up to which a string is searched byte by byte.
const SHORT: usize = 24;

/// Returns JSON without whitespace and with the members of its objects sorted. `None` if that does not make it canonical.
fn ordered(text: &str) -> Option<Vec<u8>> {
    reorder(text).or_else(|| reorder(&compacted(text)?))
}

/// Leaves out the whitespace between tokens. `None` if whitespace alone keeps two tokens apart, which is no JSON.
fn compacted(text: &str) -> Option<String> {
    let is_blank = |byte: &u8| b" \t\n\r".contains(byte);
    let is_apart = |byte: Option<&u8>| byte.is_none_or(|byte| b"{}[]:,".contains(byte));
    let mut kept: Vec<u8> = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some(byte) = rest.first() {
        let length = match byte {
            b'"' => string_length(rest)?,
            byte if is_blank(byte) => {
                rest = rest.get(rest.iter().take_while(|byte| is_blank(byte)).count()..)?;
                (is_apart(kept.last()) || is_apart(rest.first())).then_some(())?;
                continue;
            }
            _ => 1,
        };
        let (token, after) = rest.split_at_checked(length)?;
        kept.extend_from_slice(token);
        rest = after;
    }
    String::from_utf8(kept).ok()
}

/// Returns the length of the string at the beginning of a text, with its quotes.
fn string_length(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        match text.get(at)? {
            b'"' => return Some(at + 1),
            _ => at += 2,
        }
    }
}

/// Returns compact JSON with the members of its objects sorted. `None` if something is not in canonical form already: whitespace, other
/// escapes than RFC 8785 uses, numbers that it may write differently, repeated names, or names that are not plain ASCII.
fn reorder(text: &str) -> Option<Vec<u8>> {
    // One check of the whole text, instead of one for each string.
    if text.bytes().fold(false, |found, byte| found | (byte < 0x20)) {
        return None;
    }
    let mut reorder = Reorder { text: text.as_bytes().to_vec(), at: 0, members: Vec::new(), moved: Vec::new() };
    reorder.value(0)?;
    (reorder.at == reorder.text.len()).then_some(reorder.text)
}

/// A member of an object whose end was not read yet.
#[derive(Clone, Copy)]
struct Member {
    /// The first eight bytes of its name, which are nearly always enough to compare.
    prefix: u64,
    start: usize,
    name_end: usize,
    end: usize,
}

/// Sorts the members of a text in place: the sorted text has the same length as the text that it replaces.
struct Reorder {
    text: Vec<u8>,
    at: usize,
    /// The members of the objects whose end was not read yet, the innermost last.
    members: Vec<Member>,
    moved: Vec<u8>,
}

impl Reorder {
    fn next(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Skips this byte and returns true if it comes next.
    fn takes(&mut self, byte: u8) -> bool {
        let is_next = self.next() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn value(&mut self, depth: usize) -> Option<()> {
        if depth > DEPTH_MAX {
            return None;
        }
        match self.next()? {
            b'"' => self.string(),
            b'{' => self.object(depth),
            b'[' => self.list(depth),
            b'-' | b'0'..=b'9' => self.number(),
            _ => {
                let rest = self.text.get(self.at..)?;
                let word = [b"true".as_slice(), b"false", b"null"].into_iter().find(|word| rest.starts_with(word))?;
                self.at += word.len();
                Some(())
            }
        }
    }

    fn list(&mut self, depth: usize) -> Option<()> {
        self.at += 1;
        if self.takes(b']') {
            return Some(());
        }
        loop {
            self.value(depth + 1)?;
            if self.takes(b']') {
                return Some(());
            }
            self.takes(b',').then_some(())?;
        }
    }

    fn object(&mut self, depth: usize) -> Option<()> {
        self.at += 1;
        if self.takes(b'}') {
            return Some(());
        }
        let base = self.members.len();
        loop {
            let (start, prefix) = (self.at, self.name()?);
            let name_end = self.at - 1;
            self.takes(b':').then_some(())?;
            self.value(depth + 1)?;
            self.members.push(Member { prefix, start, name_end, end: self.at });
            if self.takes(b'}') {
                break;
            }
            self.takes(b',').then_some(())?;
        }
        self.order(base)?;
        self.members.truncate(base);
        Some(())
    }

    /// Skips a name whose order by bytes is the same as its order by characters, and returns its first bytes.
    fn name(&mut self) -> Option<u64> {
        let start = self.at + 1;
        self.string()?;
        let name = self.text.get(start..self.at - 1)?;
        if !name.is_ascii() || name.contains(&b'\\') {
            return None;
        }
        let mut first = [0; 8];
        first.iter_mut().zip(name).for_each(|(place, byte)| *place = *byte);
        Some(u64::from_be_bytes(first))
    }

    /// Sorts the members of the object that just ended.
    fn order(&mut self, base: usize) -> Option<()> {
        let text = &self.text;
        let members = self.members.get_mut(base..)?;
        // Without the quotes, which would take part in the sorting.
        let name = |member: &Member| text.get(member.start + 1..member.name_end).unwrap_or_default();
        let compare = |one: &Member, other: &Member| one.prefix.cmp(&other.prefix).then_with(|| name(one).cmp(name(other)));
        if members.is_sorted_by(|one, next| compare(one, next).is_lt()) {
            return Some(());
        }
        let (begin, end) = (members.first()?.start, members.last()?.end);
        members.sort_unstable_by(compare);
        if !members.is_sorted_by(|one, next| compare(one, next).is_lt()) {
            return None;
        }
        self.moved.clear();
        for member in members.iter() {
            self.moved.extend_from_slice(text.get(member.start..member.end)?);
            self.moved.push(b',');
        }
        self.moved.pop();
        let place = self.text.get_mut(begin..end).filter(|place| place.len() == self.moved.len())?;
        place.copy_from_slice(&self.moved);
        Some(())
    }

    fn string(&mut self) -> Option<()> {
        self.takes(b'"').then_some(())?;
        loop {
            let tail = self.text.get(self.at..)?;
            // Most strings are shorter than what a search has to set up.
            let near = tail.iter().take(SHORT).position(|byte| matches!(byte, b'"' | b'\\'));
            self.at += near.or_else(|| memchr::memchr2(b'"', b'\\', tail))?;
            if self.takes(b'"') {
                return Some(());
            }
            // These escapes have only one form; `\u` and `\/` have others.
            b"\"\\bfnrt".contains(self.text.get(self.at + 1)?).then_some(())?;
            self.at += 2;
        }
    }

    /// Skips integers of at most 15 digits, and decimals that end with a digit other than 0; removes a decimal `.0`.
    fn number(&mut self) -> Option<()> {
        let digits = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let is_negative = self.takes(b'-');
        let body = self.text.get(self.at..)?;
        let (whole, is_zero) = (digits(body), body.first() == Some(&b'0'));
        let fraction = match body.get(whole) {
            Some(b'.') => body.get(whole + 1..).map(|tail| tail.get(..digits(tail)).unwrap_or_default())?,
            _ => &[],
        };
        let length = whole + fraction.len() + usize::from(!fraction.is_empty());
        let goes_on = body.get(length).is_some_and(|byte| matches!(byte, b'.' | b'e' | b'E'));
        if whole == 0 || (is_zero && whole > 1) || whole + fraction.len() > 15 || goes_on {
            return None;
        }
        if fraction == b"0" && !(is_negative && is_zero) {
            self.at += whole;
            self.text.drain(self.at..self.at + 2);
            return Some(());
        }
        let is_canonical = match fraction.last() {
            None => !(is_negative && is_zero),
            Some(last) => fraction.len() <= 6 && *last != b'0',
        };
        self.at += length;
        is_canonical.then_some(())
    }
}

#[cfg(test)]
#[path = "canonical_tests.rs"]
pub(super) mod tests;
