//! Forms of the pages for people, as a browser sends them.

use super::{Answer, Registry};

/// The media type of a form.
pub(crate) const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
/// What a browser says of a form that the page itself sends.
pub(crate) const OWN_PAGE: (&str, &str) = ("sec-fetch-site", "same-origin");

/// Writes the fields of a form.
pub(crate) fn encoded(fields: &[(&str, &str)]) -> String {
    let escape = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    fields.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect::<Vec<_>>().join("&")
}

impl Registry {
    /// Sends a form as its own page does.
    pub(crate) fn send_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.client.send("POST", path, &[FORM, OWN_PAGE], &encoded(fields))
    }
}

/// A page that keeps what it has to itself.
pub(crate) fn page(answer: &Answer, status: u16) -> &str {
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (status, "text/html; charset=utf-8"), "{answer:?}");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert!(answer.header("cache-control").contains("no-store"), "{answer:?}");
    assert!(answer.header("content-security-policy").starts_with("default-src 'none';"), "{answer:?}");
    assert_eq!(answer.header("set-cookie"), "");
    &answer.text
}
