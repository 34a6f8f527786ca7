//! Lines for people: sentences under headings, each wrapped at words to the width of the terminal; and what reads members of an answer.

use std::io::{Result, Write};

use serde_json::Value;

use crate::cli::terminal::width;

/// Columns of the heading of a line.
const HEAD: usize = 10;

/// Returns a text in an answer; empty if there is none.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Returns a list in an answer; empty if there is none.
pub(super) fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Writes a sentence over as many lines as it needs, without a heading.
pub(super) fn sentence(out: &mut dyn Write, sentence: &str) -> Result<()> {
    wrapped(sentence, width()).iter().try_for_each(|row| writeln!(out, "{row}"))
}

/// Writes a sentence under a heading.
pub(super) fn line(out: &mut dyn Write, heading: &str, sentence: &str) -> Result<()> {
    let heads = std::iter::once(heading).chain(std::iter::repeat(""));
    let rows = wrapped(sentence, width().saturating_sub(HEAD));
    rows.iter().zip(heads).try_for_each(|(row, head)| writeln!(out, "{head:HEAD$}{row}"))
}

/// Writes sentences, each once, the first under a heading.
pub(super) fn lines(out: &mut dyn Write, heading: &str, sentences: impl IntoIterator<Item = String>) -> Result<()> {
    let mut written: Vec<String> = Vec::new();
    for sentence in sentences {
        if !written.contains(&sentence) {
            line(out, if written.is_empty() { heading } else { "" }, &sentence)?;
            written.push(sentence);
        }
    }
    Ok(())
}

/// Breaks a sentence at its words. A longer word than the width has a row of its own.
fn wrapped(sentence: &str, width: usize) -> Vec<String> {
    let mut rows = vec![String::new()];
    for word in sentence.split(' ') {
        match rows.last_mut() {
            Some(row) if row.is_empty() => row.push_str(word),
            Some(row) if row.chars().count() + 1 + word.chars().count() <= width => {
                row.push(' ');
                row.push_str(word);
            }
            _ => rows.push(word.to_owned()),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_wrapped_at_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("a vasp_01m8g1x7rh0ggqdge6x98kr6t2 b", 8), ["a", "vasp_01m8g1x7rh0ggqdge6x98kr6t2", "b"]);
        assert_eq!(wrapped("", 8), [""]);
    }

    #[test]
    fn what_is_said_twice_is_written_once() {
        let mut out = Vec::new();

        lines(&mut out, "Next", ["You: Do not send.".to_owned(), "You: Do not send.".to_owned()]).unwrap();

        assert_eq!(String::from_utf8(out).unwrap(), "Next      You: Do not send.\n");
    }
}
