//! The text of a file of transfers. Whatever is no text in UTF-8 is refused before anything is loaded, with what it is and what would be
//! right. Also says on which line of an editor something begins.

/// How files begin that are often given by mistake.
const OTHER_FILES: [(&[u8], &str); 6] = [
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a spreadsheet or an archive (XLSX, ODS, ZIP)"),
    (b"\xd0\xcf\x11\xe0", "a spreadsheet (XLS)"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
];

/// Reads the bytes of a file as text.
///
/// # Errors
/// What the file is instead, and what would be right.
pub(super) fn text_of(bytes: Vec<u8>) -> Result<String, String> {
    if let Some((_, what)) = OTHER_FILES.iter().find(|(head, _)| bytes.starts_with(head)) {
        return Err(format!("it is {what}; export the transfers as a CSV file"));
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err("it is text in UTF-16; save it as CSV in UTF-8".to_owned());
    }
    if bytes.contains(&0) {
        return Err("it is not text; export the transfers as a CSV file".to_owned());
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        let line = Lines::of(error.as_bytes()).line_at(place);
        format!("line {line} has a character that is not in UTF-8; save the file as CSV in UTF-8")
    })?;
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        return Err("it is empty; write a line of headings, one of them `address`, then a line for each transfer".to_owned());
    }
    Ok(text)
}

/// Counts lines as an editor shows them, from the beginning of a file to its end.
pub(super) struct Lines<'a> {
    rest: &'a [u8],
    passed: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    pub(super) const fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, passed: 0, line: 1 }
    }

    /// Returns the line on which what follows a place begins. Line breaks and empty lines at the place do not belong to it. Places only
    /// rise.
    pub(super) fn line_at(&mut self, place: usize) -> u64 {
        let is_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let after = place.saturating_sub(self.passed);
        let skipped = self.rest.iter().skip(after).take_while(|byte| is_break(byte)).count();
        let (part, rest) = self.rest.split_at((after + skipped).min(self.rest.len()));
        let next = part.iter().skip(1).chain(rest.first());
        let crlf = part.iter().zip(next).filter(|(byte, next)| (**byte, **next) == (b'\r', b'\n')).count();
        let breaks = part.iter().filter(|byte| is_break(byte)).count() - crlf;
        self.line += u64::try_from(breaks).unwrap_or_default();
        self.passed += part.len();
        self.rest = rest;
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_in_utf_8_is_named() {
        for (bytes, says) in [
            (&b"\x89PNG\r\n\x1a\n\0\0"[..], "a picture (PNG); export the transfers as a CSV file"),
            (b"PK\x03\x04\0", "a spreadsheet or an archive"),
            (b"\xff\xfea\0", "UTF-16; save it as CSV in UTF-8"),
            (b"address\n\0", "it is not text"),
            (b"address,memo\r\n1NDy,M\xfcller\r\n", "line 2 has a character that is not in UTF-8"),
            (b"", "it is empty; write a line of headings"),
            (b"\xef\xbb\xbf \r\n", "it is empty"),
        ] {
            let error = text_of(bytes.to_vec()).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
        assert_eq!(text_of(b"address\n1NDy\n".to_vec()), Ok("address\n1NDy\n".to_owned()));
    }

    #[test]
    fn lines_are_those_of_an_editor() {
        let mut lines = Lines::of(b"a\r\nb\n\n\rc\r\n");

        assert_eq!([0, 1, 4, 7, 99].map(|place| lines.line_at(place)), [1, 2, 5, 5, 6]);
    }
}
