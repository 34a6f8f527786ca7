//! Writes values as canonical JSON (RFC 8785) at once, whatever the order of their members: the writer notes where the members of each object
//! begin, and puts them in order as the object ends. Most objects are in order already, so most of a text is written once and never read
//! again. Raw values (`RawValue`) are written as they are, so they must be canonical themselves.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::io::{self, Write};

use aws_lc_rs::digest::{Context, SHA256};
use serde::Serialize;
use serde_json::ser::Formatter;

use super::canonical::{INTEGER_MAX, LEAST_DOUBTFUL, LEAST_WITH_EXPONENT, digest_text};

/// A text in canonical JSON. Only [`write_canonical`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct Canonical<'a>(&'a str);

impl<'a> Canonical<'a> {
    /// Returns the text.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.0
    }

    /// Returns the digest: `sha256:` and 64 hex digits.
    #[must_use]
    pub fn digest(self) -> String {
        digest_text(self.0.as_bytes())
    }
}

/// Writes a value as canonical JSON into a buffer, in place of what is there.
///
/// # Errors
/// If the value cannot be serialised, repeats a member, or has an integer beyond 2^53.
pub fn write_canonical<'b, T: Serialize + ?Sized>(
    value: &T,
    buffer: &'b mut Vec<u8>,
) -> Result<Canonical<'b>, serde_json::Error> {
    buffer.clear();
    write(value, State::new(buffer, Outermost::InOrder))?;
    std::str::from_utf8(buffer).map(Canonical).map_err(serde::ser::Error::custom)
}

/// Returns a value as canonical JSON.
///
/// # Errors
/// The same as `write_canonical`.
pub fn to_canonical<T: Serialize + ?Sized>(value: &T) -> Result<String, serde_json::Error> {
    let mut buffer = Vec::with_capacity(1_024);
    Ok(write_canonical(value, &mut buffer)?.as_str().to_owned())
}

/// Writes an object at the end of a buffer. Its own members keep the order of their type, for the people who read it; everything inside them
/// is canonical. Returns the digest of the object's canonical form.
///
/// # Errors
/// The same as `write_canonical`; also if the value is no object.
pub fn write_digested<T: Serialize + ?Sized>(object: &T, buffer: &mut Vec<u8>) -> Result<String, serde_json::Error> {
    let digest = write(object, State::new(buffer, Outermost::AsWritten))?;
    digest.ok_or_else(|| serde::ser::Error::custom("only an object has members to put in order"))
}

fn write<T: Serialize + ?Sized>(value: &T, state: State<'_>) -> Result<Option<String>, serde_json::Error> {
    let state = RefCell::new(state);
    value.serialize(&mut serde_json::Serializer::with_formatter(Pen(&state), Order(&state)))?;
    Ok(state.into_inner().digest)
}

/// What happens to the members of the outermost object.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outermost {
    InOrder,
    AsWritten,
}

/// A member of an object. Its name lies with its quotes from `start` to `name_end`.
#[derive(Clone, Copy)]
struct Member {
    start: usize,
    name_end: usize,
    end: usize,
    /// The first eight bytes of a name of plain ASCII without escapes, which nearly always tell it from others; `None` for any other name.
    begins: Option<u64>,
}

/// What is written, and the objects whose end is not written yet.
struct State<'a> {
    bytes: &'a mut Vec<u8>,
    outermost: Outermost,
    /// For each open object, how many of `members` belong to the objects around it.
    open: Vec<usize>,
    members: Vec<Member>,
    moved: Vec<u8>,
    digest: Option<String>,
}

impl<'a> State<'a> {
    fn new(bytes: &'a mut Vec<u8>, outermost: Outermost) -> Self {
        let (open, members) = (Vec::with_capacity(16), Vec::with_capacity(64));
        Self { bytes, outermost, open, members, moved: Vec::new(), digest: None }
    }

    /// Ends the innermost object, except for its brace.
    fn end_object(&mut self) -> io::Result<()> {
        let base = self.open.pop().unwrap_or_default();
        let is_kept = self.open.is_empty() && self.outermost == Outermost::AsWritten;
        let members = self.members.get_mut(base..).unwrap_or_default();
        let start = members.first().map(|member| member.start);
        let names = |pair: &[Member]| match pair {
            [one, next] => by_name(self.bytes, *one, *next),
            _ => Ordering::Less,
        };
        let is_in_order = members.windows(2).all(|pair| names(pair) == Ordering::Less);
        if !is_in_order {
            members.sort_by(|one, other| by_name(self.bytes, *one, *other));
            if members.windows(2).any(|pair| names(pair) == Ordering::Equal) {
                return Err(io::Error::other("a member occurs twice"));
            }
        }
        let texts = members.iter().map(|member| self.bytes.get(member.start..member.end).unwrap_or_default());
        if is_kept {
            let mut context = Context::new(&SHA256);
            context.update(b"{");
            for (number, text) in texts.enumerate() {
                context.update(if number > 0 { b"," } else { b"" });
                context.update(text);
            }
            context.update(b"}");
            self.digest = Some(format!("sha256:{}", hex::encode(context.finish())));
        } else if let (false, Some(start)) = (is_in_order, start) {
            self.moved.clear();
            for (number, text) in texts.enumerate() {
                self.moved.extend_from_slice(if number > 0 { b"," } else { b"" });
                self.moved.extend_from_slice(text);
            }
            self.bytes.truncate(start);
            self.bytes.extend_from_slice(&self.moved);
        }
        self.members.truncate(base);
        Ok(())
    }
}

/// Compares the names of two members by their UTF-16 code units. For plain ASCII that is the order of the bytes.
///
/// Source: RFC 8785 section 3.2.3.
fn by_name(bytes: &[u8], one: Member, other: Member) -> Ordering {
    let quoted = |member: Member| bytes.get(member.start..member.name_end).unwrap_or_default();
    if let (Some(begins), Some(others)) = (one.begins, other.begins) {
        return begins.cmp(&others).then_with(|| bare(quoted(one)).cmp(bare(quoted(other))));
    }
    let units = |name| serde_json::from_slice::<String>(quoted(name)).unwrap_or_default().encode_utf16().collect::<Vec<_>>();
    units(one).cmp(&units(other))
}

/// Returns the first eight bytes of a plain name as a number that sorts like them: shorter names are filled up with zeros, which no name has.
fn begins(name: &[u8]) -> Option<u64> {
    let mut first = [0; 8];
    first.iter_mut().zip(name).for_each(|(place, byte)| *place = *byte);
    let is_plain = name.is_ascii() && !name.contains(&b'\\');
    is_plain.then(|| u64::from_be_bytes(first))
}

/// Returns a name without its quotes, which would sort after a blank and `!`.
fn bare(quoted: &[u8]) -> &[u8] {
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default()
}

/// The place that the serialiser writes to.
struct Pen<'s, 'a>(&'s RefCell<State<'a>>);

impl Write for Pen<'_, '_> {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        self.write_all(part)?;
        Ok(part.len())
    }

    #[inline]
    fn write_all(&mut self, part: &[u8]) -> io::Result<()> {
        self.0.borrow_mut().bytes.extend_from_slice(part);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Compact JSON that notes where members begin and end.
struct Order<'s, 'a>(&'s RefCell<State<'a>>);

/// Refuses an integer that parsers read differently.
fn within(magnitude: u128) -> io::Result<()> {
    if magnitude > u128::from(INTEGER_MAX) { Err(io::Error::other("a number is larger than 2^53")) } else { Ok(()) }
}

impl Formatter for Order<'_, '_> {
    fn write_i64<W: ?Sized + Write>(&mut self, writer: &mut W, value: i64) -> io::Result<()> {
        within(value.unsigned_abs().into())?;
        write!(writer, "{value}")
    }

    fn write_u64<W: ?Sized + Write>(&mut self, writer: &mut W, value: u64) -> io::Result<()> {
        within(value.into())?;
        write!(writer, "{value}")
    }

    fn write_i128<W: ?Sized + Write>(&mut self, writer: &mut W, value: i128) -> io::Result<()> {
        within(value.unsigned_abs())?;
        write!(writer, "{value}")
    }

    fn write_u128<W: ?Sized + Write>(&mut self, writer: &mut W, value: u128) -> io::Result<()> {
        within(value)?;
        write!(writer, "{value}")
    }

    fn write_f32<W: ?Sized + Write>(&mut self, writer: &mut W, value: f32) -> io::Result<()> {
        self.write_f64(writer, value.into())
    }

    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        // It would be written as an integer, which parsers read differently.
        if (LEAST_DOUBTFUL..LEAST_WITH_EXPONENT).contains(&value.abs()) {
            return Err(io::Error::other("a number is larger than 2^53"));
        }
        writer.write_all(&serde_json_canonicalizer::to_vec(&value).map_err(io::Error::other)?)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        let mut state = self.0.borrow_mut();
        let outside = state.members.len();
        state.open.push(outside);
        drop(state);
        writer.write_all(b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.borrow_mut().end_object()?;
        writer.write_all(b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        let mut state = self.0.borrow_mut();
        let at = state.bytes.len();
        state.members.push(Member { start: at, name_end: at, end: at, begins: None });
        Ok(())
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        let mut state = self.0.borrow_mut();
        let State { bytes, members, .. } = &mut *state;
        if let Some(member) = members.last_mut() {
            member.name_end = bytes.len();
            member.begins = bytes.get(member.start..).map(bare).and_then(begins);
        }
        drop(state);
        writer.write_all(b":")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        let mut state = self.0.borrow_mut();
        let at = state.bytes.len();
        if let Some(member) = state.members.last_mut() {
            member.end = at;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
