//! Documents that members submit: their subjects, and the few media types that the registry accepts. The bytes of a file decide
//! its type, not the sender.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vasp_words::closed_list::{UnknownWord, closed_list};
use vasp_words::time::serde_as_text;
use vasp_words::written_name::check_written_name;

closed_list! {
    /// The subject of a document.
    pub enum DocumentType {
        /// A licence or its confirmation.
        Licence = "licence",
        /// An extract of a commercial register.
        Extract = "extract",
        /// A report of an auditor.
        AuditReport = "audit_report",
        /// One of the member's own policies.
        Policy = "policy",
        /// Anything else.
        Other = "other",
    }

    /// The media type of a file.
    pub enum MediaType {
        /// PDF.
        Pdf = "application/pdf",
        /// PNG.
        Png = "image/png",
        /// JPEG.
        Jpeg = "image/jpeg",
        /// Plain text in UTF-8.
        Text = "text/plain",
    }
}

/// The name of a document or of its issuer: 1 to 200 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DocumentName(String);

/// The text is not a valid document name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a name must have 1 to 200 characters on one line, no invisible or direction-changing characters, no `<` or `>`, and must not start with = + - @"
)]
pub struct DocumentNameError;

impl MediaType {
    /// Reads the value of a `Content-Type` header, in upper or lower case.
    pub fn of_header(text: &str) -> Result<Self, UnknownWord> {
        text.to_ascii_lowercase().parse()
    }

    /// Returns the extension of a file name.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Text => "txt",
        }
    }

    /// Returns the media type of these bytes; `None` if the registry does not accept them. It refuses text that begins like
    /// markup, because a browser might run it.
    ///
    /// Source: ISO 32000-2:2020 section 7.5.2 (`%PDF-`, taken at the very beginning only); PNG third edition (W3C, 24 June 2025)
    /// section 5.2; ITU-T T.81 section B.1.1.3, Table B.1 (SOI, followed by another marker).
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            bytes => std::str::from_utf8(bytes).ok().filter(|text| is_plain(text)).map(|_| Self::Text),
        }
    }
}

fn is_plain(text: &str) -> bool {
    let body = text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
    let is_printed = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\u{c}');
    !body.is_empty() && !body.starts_with('<') && text.chars().all(is_printed)
}

impl DocumentName {
    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DocumentName {
    type Err = DocumentNameError;
    fn from_str(text: &str) -> Result<Self, DocumentNameError> {
        let text = text.trim();
        let fits = (1..=200).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        // Characters that change the writing direction make `fdp.exe` look like `exe.pdf`.
        if fits && check_written_name(text).is_ok() { Ok(Self(text.to_owned())) } else { Err(DocumentNameError) }
    }
}

impl fmt::Display for DocumentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(DocumentName);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The first bytes of files of each type, and of others.
    #[test]
    fn what_a_file_is_its_first_bytes_say() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        for (bytes, expected) in [
            (&b"%PDF-1.7\n%\xe2\xe3\xcf\xd3"[..], Some(MediaType::Pdf)),
            (png, Some(MediaType::Png)),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", Some(MediaType::Jpeg)),
            (b"\xff\xd8\xff\xe1\0\x10Exif", Some(MediaType::Jpeg)),
            ("Bescheid der Behörde\r\n\tvom 1. Juni\n".as_bytes(), Some(MediaType::Text)),
            (b" \n%PDF-1.7", Some(MediaType::Text)),
            (b"", None),
            (b" \n", None),
            (b"GIF89a", Some(MediaType::Text)),
            (b"GIF89a\x01\0\x01\0\x80", None),
            (b"PK\x03\x04\x14\0", None),
            (b"MZ\x90\0", None),
            (b"<!doctype html><script>", None),
            ("\u{feff} <svg onload=x>".as_bytes(), None),
            (b"text \x1b[2J", None),
            (b"caf\xe9", None),
            (b"\x89PNG\n\x1a\n", None),
            (b"\xff\xd8", None),
        ] {
            assert_eq!(MediaType::of_bytes(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn words_read_back_and_names_are_one_line() {
        for kind in DocumentType::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        for media in MediaType::ALL {
            assert_eq!(MediaType::of_header(&media.as_str().to_uppercase()), Ok(media));
        }
        assert_eq!(
            "licences".parse::<DocumentType>().unwrap_err().to_string(),
            "`licences` is not known; known are licence, extract, audit_report, policy, other"
        );
        assert!("text/html".parse::<MediaType>().is_err());
        for name in ["", " ", "a\nb", "a\u{202e}fdp.exe", "a\u{2028}b", "a\u{61c}b", "a\u{200b}b", "<b>", "=1", &"x".repeat(201)]
        {
            assert!(name.parse::<DocumentName>().is_err(), "{name:?}");
        }
        assert_eq!(" Licence 2026 – Geschäft ".parse::<DocumentName>().unwrap().as_str(), "Licence 2026 – Geschäft");
    }

    proptest! {
        #[test]
        fn no_bytes_do_harm_and_text_is_never_markup(bytes: Vec<u8>, text in "\\PC*") {
            let _ = MediaType::of_bytes(&bytes);
            let taken = MediaType::of_bytes(text.as_bytes());
            prop_assert!(taken != Some(MediaType::Text) || !text.trim_start().starts_with('<'));
        }

        #[test]
        fn names_read_back(text in "\\PC{0,220}") {
            if let Ok(name) = text.parse::<DocumentName>() {
                prop_assert_eq!(name.to_string().parse::<DocumentName>(), Ok(name));
            }
        }
    }
}
