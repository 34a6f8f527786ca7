//! Writes values as JSON text into memory, which every answer is.

use std::io::{self, Write};

use serde::Serialize;

/// Appends the JSON text of a value.
///
/// # Errors
/// The value's own, such as a map whose keys are no texts.
pub fn append_json<T: Serialize + ?Sized>(text: &mut Vec<u8>, value: &T) -> serde_json::Result<()> {
    serde_json::to_writer(Pen(text), value)
}

/// Returns the JSON text of a value.
///
/// # Errors
/// As [`append_json`].
pub fn json_text<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<Vec<u8>> {
    let mut text = Vec::with_capacity(1024);
    append_json(&mut text, value).map(|()| text)
}

/// Memory that is written to. `serde_json` writes a value in many pieces, most of one byte. What writes a piece is compiled once, here, and not
/// for each value.
struct Pen<'a>(&'a mut Vec<u8>);

impl Write for Pen<'_> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.write_all(piece).map(|()| piece.len())
    }

    fn write_all(&mut self, piece: &[u8]) -> io::Result<()> {
        match piece {
            [byte] => self.0.push(*byte),
            longer => self.0.extend_from_slice(longer),
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_value_is_appended_as_serde_json_writes_it(texts in proptest::collection::vec("\\PC*|[\\x00-\\x20\"\\\\]*", 0..4), number: f64) {
            let mut text = b"[".to_vec();
            append_json(&mut text, &(&texts, number)).unwrap();

            prop_assert_eq!(&text[1..], serde_json::to_vec(&(&texts, number)).unwrap());
        }
    }
}
