//! What a parser under test is: examples of what it takes, and one run that asserts what must hold for every input.

use std::fmt::{Debug, Display};
use std::str::FromStr;

/// A parser under test.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    /// Its name.
    pub name: &'static str,
    /// Sound inputs, to be changed.
    pub examples: fn() -> Vec<Vec<u8>>,
    /// Reads one input; panics where something does not hold.
    pub run: fn(&[u8]) -> Outcome,
}

/// What became of an input. Inputs with an outcome of a new kind are worth changing further.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Outcome {
    /// It was taken, as this.
    Accepted(String),
    /// It was refused for this reason.
    Refused(String),
}

/// The longest refusal of one text: what repeats the whole input answers a large request with a larger one.
const DETAIL_MAX: usize = 1_000;

pub(crate) fn accepted(kind: impl Into<String>) -> Outcome {
    Outcome::Accepted(kind.into())
}

/// A refusal of one text; asserts that it says something, and not too much.
#[track_caller]
pub(crate) fn refused(error: &(impl Debug + Display)) -> Outcome {
    let detail = error.to_string();
    assert!(detail.len() <= DETAIL_MAX, "a refusal is {} bytes long", detail.len());
    refused_file(error)
}

/// A refusal of a whole file, which may show a line of it.
#[track_caller]
pub(crate) fn refused_file(error: &(impl Debug + Display)) -> Outcome {
    assert!(!error.to_string().trim().is_empty(), "a refusal says nothing");
    Outcome::Refused(variant(error))
}

/// What became of one text: what was read is checked.
#[track_caller]
pub(crate) fn read<T, E: Debug + Display>(read: Result<T, E>, check: impl FnOnce(T) -> Outcome) -> Outcome {
    read.map_or_else(|error| refused(&error), check)
}

/// What became of a whole file.
#[track_caller]
pub(crate) fn read_file<T, E: Debug + Display>(read: Result<T, E>, check: impl FnOnce(T) -> Outcome) -> Outcome {
    read.map_or_else(|error| refused_file(&error), check)
}

/// The variant of an error, without what is in it.
pub(crate) fn variant(error: &impl Debug) -> String {
    let shown = format!("{error:?}");
    let mut words = shown.split(|c: char| !c.is_alphanumeric());
    let first = words.next().unwrap_or_default();
    // `Host(NotPublic)`: what is inside says more.
    let second = shown[first.len()..]
        .strip_prefix('(')
        .map(|rest| rest.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default());
    format!("{first}.{}", second.unwrap_or_default())
}

/// Reads a text by its type's parser and asserts that what is read is written so that it reads back as the same, and that
/// the written form is stable.
#[track_caller]
pub(crate) fn round_trip<T: FromStr<Err: Debug + Display> + Display + PartialEq + Debug>(text: &str) -> Outcome {
    match text.parse::<T>() {
        Ok(value) => {
            let written = value.to_string();
            let again = written.parse::<T>().unwrap_or_else(|error| panic!("{written:?} does not read back: {error}"));
            assert_eq!(again, value, "{written:?} reads back as another value");
            assert_eq!(again.to_string(), written, "the written form is not stable");
            accepted("")
        }
        Err(error) => refused(&error),
    }
}

/// The input as text; what is not UTF-8 is replaced, as a test of text has nothing to say about it.
pub(crate) fn text(input: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(input)
}

/// The input as a number, which picks one of several, and a text.
pub(crate) fn picked(input: &[u8], count: usize) -> Option<(usize, std::borrow::Cow<'_, str>)> {
    let (pick, rest) = input.split_first_chunk::<2>()?;
    Some((usize::from(u16::from_be_bytes(*pick)).checked_rem(count)?, text(rest)))
}

/// Examples from texts.
pub(crate) fn examples(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}
