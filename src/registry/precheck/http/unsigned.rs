//! The text of an answer before its receipt is added, with the digest that the receipt signs. The digest is over the canonical form (RFC
//! 8785). The outermost members of an answer are not in that order, so that people find the recommendation first. So the writer notes where
//! each of them begins, and the digest reads them in their canonical order. The largest of them are canonical as they are written, so most
//! of an answer is neither parsed nor copied.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::io::{self, Write};

use serde::Serialize;
use serde::ser::Error as _;
use serde_json::ser::Formatter;

use super::PrecheckView;
use vasp_pki::receipt::{canonical_json, members_digest};

/// Initial buffer size, in bytes. Most answers fit in it together with their receipt; larger ones make it grow.
pub(super) const USUAL_ANSWER_BYTES: usize = 20 << 10;

/// What an answer ends with while it has no receipt.
const NO_RECEIPT: &str = ",\"receipt\":null}";

/// The members whose parts are written in canonical form. All others are put in order before they are digested; so one that is missing here
/// costs a little time. One that is wrong here fails every test that records an answer with it.
const IN_ORDER: [&str; 8] = ["checks", "conditions", "due_diligence", "next_steps", "notes", "obligations", "reasons", "routes"];

/// An answer without its receipt.
pub(crate) struct Unsigned {
    /// The JSON text, of which only the closing brace is missing.
    open: String,
    /// The digest of the answer without its receipt, `sha256:` and 64 hex digits.
    pub(crate) digest: String,
}

impl Unsigned {
    /// Renders an answer and digests it.
    ///
    /// # Errors
    /// If a part cannot be written, or if the receipt is not the last member.
    pub(crate) fn of(view: &PrecheckView<'_>) -> Result<Self, serde_json::Error> {
        let marks = Marks::default();
        let writer = Counting { bytes: Vec::with_capacity(USUAL_ANSWER_BYTES), marks: &marks };
        let mut serializer = serde_json::Serializer::with_formatter(writer, Marking { depth: 0, marks: &marks });
        view.serialize(&mut serializer)?;
        let mut open = String::from_utf8(serializer.into_inner().bytes).map_err(serde_json::Error::custom)?;
        let length = open.strip_suffix(NO_RECEIPT).map(str::len);
        open.truncate(length.ok_or_else(|| serde_json::Error::custom("the receipt is not the last member"))?);
        let starts = marks.starts.into_inner();
        let members: Option<Vec<_>> = members(&open, &starts).map(|member| in_order(member?)).collect();
        let digest = members_digest(members.ok_or_else(|| serde_json::Error::custom("a member cannot be digested"))?);
        debug_assert_eq!(vasp_pki::receipt::json_digest(&format!("{open}}}")).ok().as_ref(), Some(&digest), "{open}");
        Ok(Self { open, digest })
    }

    /// Adds the receipt as the last member. A compact JWS has no character that JSON must escape.
    pub(crate) fn with_receipt(mut self, receipt: &str) -> String {
        self.open.push_str(",\"receipt\":\"");
        self.open.push_str(receipt);
        self.open.push_str("\"}");
        self.open
    }
}

/// Returns the members that begin at some places of an object whose last member, the receipt, was cut off. `None` for a place that does not
/// fit.
fn members<'a>(open: &'a str, starts: &[usize]) -> impl Iterator<Item = Option<&'a str>> {
    starts.windows(2).map(|place| match place {
        [start, next] => open.get(*start..next.checked_sub(','.len_utf8())?),
        _ => None,
    })
}

/// Returns a member's name and the canonical form of the member. `None` if it is no JSON, which does not happen.
fn in_order(member: &str) -> Option<(&str, Cow<'_, str>)> {
    let (name, value) = member.strip_prefix('"')?.split_once("\":")?;
    if IN_ORDER.contains(&name) {
        return Some((name, member.into()));
    }
    Some((name, format!("\"{name}\":{}", canonical_json(value).ok()?).into()))
}

/// How far a text is written, and where its outermost members begin.
#[derive(Default)]
struct Marks {
    at: Cell<usize>,
    starts: RefCell<Vec<usize>>,
}

/// A writer that counts.
struct Counting<'a> {
    bytes: Vec<u8>,
    marks: &'a Marks,
}

impl Write for Counting<'_> {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        self.write_all(part)?;
        Ok(part.len())
    }

    #[inline]
    fn write_all(&mut self, part: &[u8]) -> io::Result<()> {
        self.bytes.extend_from_slice(part);
        self.marks.at.set(self.bytes.len());
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Compact JSON whose outermost members are noted.
struct Marking<'a> {
    depth: usize,
    marks: &'a Marks,
}

impl Formatter for Marking<'_> {
    #[inline]
    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        writer.write_all(b"{")
    }

    #[inline]
    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        writer.write_all(b"}")
    }

    #[inline]
    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        if self.depth == 1 {
            self.marks.starts.borrow_mut().push(self.marks.at.get());
        }
        Ok(())
    }
}
