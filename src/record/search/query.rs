//! The search query, parsed once for all comparisons.

use super::fold::folded;
use super::legal_forms::{Forms, LegalForms};
use super::text::SearchText;
use vasp_words::host::Host;

/// The maximum number of characters in a query; no company name is longer.
pub const LONGEST_QUERY: usize = 200;

/// A query in the form that is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchQuery {
    text: SearchText,
    form_alone: Forms,
    code: String,
}

/// Why a query is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SearchQueryError {
    /// It has nothing to compare.
    #[error("it has no letter or digit; give a name or part of a name, a domain, an LEI, an identifier or an id")]
    Empty,
    /// It is too long for a name.
    #[error("it has more than {LONGEST_QUERY} characters; give only the name, or part of it")]
    TooLong,
}

impl SearchQuery {
    /// Reads a query: a name or a part of it, a domain or a page's URL, an LEI, an identifier, or an id.
    pub fn read(q: &str) -> Result<Self, SearchQueryError> {
        if q.chars().nth(LONGEST_QUERY).is_some() {
            return Err(SearchQueryError::TooLong);
        }
        let text = host(q).and_then(|host| SearchText::of_host(&host)).or_else(|| SearchText::of_name(q));
        let text = text.ok_or(SearchQueryError::Empty)?;
        let (name, forms) = LegalForms::embedded().set_aside(text.words());
        let form_alone = if name.is_empty() { forms } else { Forms::default() };
        Ok(Self { text, form_alone, code: code(q) })
    }

    /// Returns the text to compare names and domains with.
    #[must_use]
    pub fn text(&self) -> &SearchText {
        &self.text
    }

    /// Returns the legal forms; `None` if the query also has other words.
    #[must_use]
    pub fn form_alone(&self) -> Option<Forms> {
        Some(self.form_alone).filter(|forms| !forms.is_empty())
    }

    /// Returns the query in the form of [`code`].
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }
}

/// Returns an identifier in the form that is compared: its letters and digits, in lower case.
#[must_use]
pub fn code(text: &str) -> String {
    folded(text).replace(' ', "")
}

/// Reads a query that looks like a host or a page's URL.
fn host(q: &str) -> Option<Host> {
    let q = q.trim();
    let host = (q.contains('.') && !q.contains(char::is_whitespace)).then(|| Host::from_website_cell(q)).flatten();
    host.map(|host| host.without_www())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(q: &str) -> String {
        SearchQuery::read(q).unwrap().text().words().to_owned()
    }

    #[test]
    fn addresses_of_pages_are_read_as_their_host() {
        for q in ["bitpanda.com", "www.Bitpanda.com", "https://www.bitpanda.com/en/legal?x=1", " bitpanda.com "] {
            assert_eq!(words(q), "bitpanda com", "{q}");
        }
        assert_eq!(words("S.A. Bitpanda"), "bitpanda");
        assert_eq!(words("https://www.müller.de"), "muller de");
    }

    #[test]
    fn a_legal_form_alone_is_known_as_one() {
        assert!(SearchQuery::read("AG").unwrap().form_alone().is_some());
        assert!(SearchQuery::read("GmbH & Co. KG").unwrap().form_alone().is_some());
        assert!(SearchQuery::read("Bitpanda AG").unwrap().form_alone().is_none());
    }

    #[test]
    fn what_cannot_be_searched_for_is_refused() {
        for q in ["", " ", "-.", "\0", "\u{e000}"] {
            assert_eq!(SearchQuery::read(q), Err(SearchQueryError::Empty), "{q:?}");
        }
        assert!(SearchQuery::read(&"ä".repeat(200)).is_ok());
        assert_eq!(SearchQuery::read(&"a".repeat(201)), Err(SearchQueryError::TooLong));
    }

    proptest! {
        #[test]
        fn reading_never_panics(q in any::<String>()) {
            if let Ok(query) = SearchQuery::read(&q) {
                prop_assert!(!query.text().words().is_empty());
            }
        }
    }
}
