//! Digests of JSON: SHA-256 over RFC 8785. What this program writes itself is nearly canonical already, so its members are put in
//! order as text; everything else is read strictly and written again by a library.

use aws_lc_rs::digest::{SHA256, digest};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;
use std::fmt;

/// Largest whole number that every reader of JSON reads the same.
///
/// Source: RFC 8785 section 3.2.2.3 and appendix D; RFC 7493 section 2.2.
const INTEGER_MAX: u64 = 9_007_199_254_740_991;

/// Why a text has no digest.
#[derive(Debug, thiserror::Error)]
#[error("the text is no JSON with one meaning: {0}")]
pub struct DigestError(#[source] pub serde_json::Error);

/// Returns the digest of a JSON text: `sha256:` and 64 hex digits.
///
/// Source: RFC 8785.
///
/// # Errors
/// `DigestError` for what is no JSON, names a member twice, or has a number that not every reader reads alike.
pub fn json_digest(text: &str) -> Result<String, DigestError> {
    if let Some(canonical) = reorder(text) {
        return Ok(digest_text(&canonical));
    }
    let value = strict_json(text)?;
    serde_json_canonicalizer::to_vec(&value).map(|canonical| digest_text(&canonical)).map_err(DigestError)
}

/// Returns the digest of an answer without its member `receipt`.
///
/// # Errors
/// `DigestError`, as [`json_digest`].
pub fn answer_digest(answer: &Map<String, Value>) -> Result<String, DigestError> {
    let rest: BTreeMap<&String, &Value> = answer.iter().filter(|(name, _)| *name != "receipt").collect();
    serde_json_canonicalizer::to_vec(&rest).map(|canonical| digest_text(&canonical)).map_err(DigestError)
}

fn digest_text(canonical: &[u8]) -> String {
    format!("sha256:{}", hex::encode(digest(&SHA256, canonical)))
}

/// Reads JSON as one meaning: a member that stands twice is refused, and whole numbers beyond 2^53.
///
/// Source: RFC 7493 (I-JSON) sections 2.2 and 2.3, which RFC 8785 demands.
///
/// # Errors
/// `DigestError`.
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
        if value <= INTEGER_MAX { Ok(value.into()) } else { Err(E::custom(format!("the number {value} is beyond 2^53"))) }
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        let fits = value.unsigned_abs() <= INTEGER_MAX;
        if fits { Ok(value.into()) } else { Err(E::custom(format!("the number {value} is beyond 2^53"))) }
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
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
                return Err(A::Error::custom(format!("the member `{name}` stands twice")));
            }
            map.insert(name, value);
        }
        Ok(Value::Object(map))
    }
}

/// Deepest nesting that is put in order as text.
const DEPTH_MAX: usize = 32;

/// Writes compact JSON with the members of its objects in order. None where anything is not in canonical form already: blanks, other
/// escapes than RFC 8785 writes, numbers that it may write otherwise, names that are not plain ASCII or stand twice.
fn reorder(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    let mut reorder = Reorder { rest: bytes, out: Vec::with_capacity(bytes.len()), members: Vec::new(), moved: Vec::new() };
    reorder.value(0)?;
    reorder.rest.is_empty().then_some(reorder.out)
}

/// A member that was written: where it begins, where its name ends, where it ends.
type Member = (usize, usize, usize);

struct Reorder<'a> {
    rest: &'a [u8],
    out: Vec<u8>,
    /// The members of the objects that are open, the innermost last.
    members: Vec<Member>,
    moved: Vec<u8>,
}

impl Reorder<'_> {
    fn take(&mut self, length: usize) -> Option<&[u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.out.extend_from_slice(taken);
        self.rest = rest;
        Some(taken)
    }

    /// Takes this byte, if it comes next.
    fn takes(&mut self, byte: u8) -> bool {
        self.rest.first() == Some(&byte) && self.take(1).is_some()
    }

    fn value(&mut self, depth: usize) -> Option<()> {
        if depth > DEPTH_MAX {
            return None;
        }
        match self.rest.first()? {
            b'"' => self.string(),
            b'{' => self.object(depth),
            b'[' => self.list(depth),
            b'-' | b'0'..=b'9' => self.number(),
            _ => {
                let word = [b"true".as_slice(), b"false", b"null"].into_iter().find(|word| self.rest.starts_with(word))?;
                self.take(word.len()).map(drop)
            }
        }
    }

    fn list(&mut self, depth: usize) -> Option<()> {
        self.take(1)?;
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
        self.take(1)?;
        if self.takes(b'}') {
            return Some(());
        }
        let (base, begin) = (self.members.len(), self.out.len());
        loop {
            let start = self.out.len();
            self.string()?;
            let name_end = self.out.len();
            self.takes(b':').then_some(())?;
            self.value(depth + 1)?;
            self.members.push((start, name_end, self.out.len()));
            if self.takes(b'}') {
                break;
            }
            self.takes(b',').then_some(())?;
        }
        self.order(base, begin)?;
        self.members.truncate(base);
        Some(())
    }

    /// Puts the members of the object that just ended in order, which begins at `begin`.
    fn order(&mut self, base: usize, begin: usize) -> Option<()> {
        let out = &self.out;
        let members = self.members.get_mut(base..)?;
        let name = |member: &Member| out.get(member.0..member.1).unwrap_or_default();
        if members.is_sorted_by(|one, next| plain(name(one)) && name(one) < name(next))
            && members.last().is_some_and(|m| plain(name(m)))
        {
            return Some(());
        }
        members.sort_unstable_by(|one, other| name(one).cmp(name(other)));
        if !members.iter().all(|member| plain(name(member))) || !members.is_sorted_by(|one, next| name(one) < name(next)) {
            return None;
        }
        self.moved.clear();
        for (start, _, end) in members.iter() {
            self.moved.extend_from_slice(out.get(*start..*end)?);
            self.moved.push(b',');
        }
        self.moved.pop();
        self.moved.push(b'}');
        self.out.truncate(begin);
        self.out.extend_from_slice(&self.moved);
        Some(())
    }

    fn string(&mut self) -> Option<()> {
        (self.rest.first() == Some(&b'"')).then_some(())?;
        let mut at = 1;
        loop {
            let tail = self.rest.get(at..)?;
            at += tail.iter().position(|byte| *byte == b'"' || *byte == b'\\' || *byte < 0x20)?;
            match self.rest.get(at)? {
                b'"' => return self.take(at + 1).map(drop),
                // Escapes that have one form only; of `\u` and `\/` there are others.
                b'\\' if b"\"\\bfnrt".contains(self.rest.get(at + 1)?) => at += 2,
                _ => return None,
            }
        }
    }

    /// Whole numbers of 15 digits at most, and decimals that end with a digit other than 0; a decimal `.0` falls away.
    fn number(&mut self) -> Option<()> {
        let digits = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let sign = usize::from(self.rest.first() == Some(&b'-'));
        let body = self.rest.get(sign..)?;
        let whole = digits(body);
        let zero = body.first() == Some(&b'0');
        let fraction = match body.get(whole) {
            Some(b'.') => digits(body.get(whole + 1..)?),
            _ => 0,
        };
        let dotted = usize::from(fraction > 0);
        let end = sign + whole + dotted + fraction;
        let after = self.rest.get(end);
        if whole == 0
            || (zero && whole > 1)
            || whole + fraction > 15
            || after.is_some_and(|byte| matches!(byte, b'.' | b'e' | b'E'))
        {
            return None;
        }
        let tail = self.rest.get(end - fraction..end)?;
        if fraction == 0 {
            return if sign == 1 && zero { None } else { self.take(end).map(drop) };
        }
        if tail == b"0" && !(sign == 1 && zero) {
            self.take(end - 2)?;
            self.rest = self.rest.get(2..)?;
            return Some(());
        }
        (fraction <= 6 && tail.last() != Some(&b'0')).then_some(())?;
        self.take(end).map(drop)
    }
}

/// Whether a name, in its quotes, sorts by its bytes as by its characters.
fn plain(name: &[u8]) -> bool {
    name.is_ascii() && !name.contains(&b'\\')
}

#[cfg(test)]
#[path = "canonical_tests.rs"]
mod tests;
