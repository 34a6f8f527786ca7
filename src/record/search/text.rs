//! A searchable text in the form that is compared.

use super::fold::folded;
use super::legal_forms::{Forms, LegalForms};
use vasp_words::host::Host;

/// A text in the form that is compared: plain words, and the legal forms removed from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchText {
    words: String,
    forms: Forms,
}

impl SearchText {
    /// Reads a name; `None` if it has no letter or digit. A name that consists only of legal forms keeps them.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::with_forms(name).map(|(own, _)| own)
    }

    /// Reads a name as [`SearchText::of_name`] does, and returns also all its words with those of its legal forms.
    #[must_use]
    pub fn with_forms(name: &str) -> Option<(Self, String)> {
        let table = LegalForms::embedded();
        let folded = folded(&table.spaced(name));
        let (words, forms) = table.set_aside(&folded);
        let own = if words.is_empty() { Self::whole(folded.clone())? } else { Self { words, forms } };
        Some((own, folded))
    }

    /// Reads a whole host.
    #[must_use]
    pub fn of_host(host: &Host) -> Option<Self> {
        Self::whole(folded(&unicode(host)))
    }

    /// Reads the registered part of a host, without its public suffix.
    #[must_use]
    pub fn of_registered_label(host: &Host) -> Option<Self> {
        let domain = unicode(&host.registrable_domain());
        let words = folded(domain.split_once('.')?.0);
        (!words.is_empty()).then_some(Self { words, forms: Forms::PUBLIC_SUFFIX })
    }

    fn whole(words: String) -> Option<Self> {
        (!words.is_empty()).then_some(Self { words, forms: Forms::default() })
    }

    /// Returns the words without the removed forms, separated by one blank.
    #[must_use]
    pub fn words(&self) -> &str {
        &self.words
    }

    /// Returns the removed forms.
    #[must_use]
    pub fn forms(&self) -> Forms {
        self.forms
    }
}

/// Returns a host in Unicode, as people write it.
fn unicode(host: &Host) -> String {
    idna::domain_to_unicode(host.as_str()).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(name: &str) -> Option<String> {
        SearchText::of_name(name).map(|text| text.words().to_owned())
    }

    #[test]
    fn a_name_of_forms_alone_keeps_them() {
        assert_eq!(words("AG").as_deref(), Some("ag"));
        assert_eq!(words("SAS Limited").as_deref(), Some("sas limited"));
        assert_eq!(words("-"), None);
    }

    #[test]
    fn hosts_are_searched_whole_and_by_what_was_registered() {
        for (host, whole, label) in [
            ("bitpanda.com", "bitpanda com", "bitpanda"),
            ("my.btcdirect.eu", "my btcdirect eu", "btcdirect"),
            ("bank.co.uk", "bank co uk", "bank"),
            ("xn--mller-kva.de", "muller de", "muller"),
        ] {
            let host: Host = host.parse().unwrap();
            assert_eq!(SearchText::of_host(&host).unwrap().words(), whole);
            let registered = SearchText::of_registered_label(&host).unwrap();
            assert_eq!((registered.words(), registered.forms()), (label, Forms::PUBLIC_SUFFIX));
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_is_stable(name in any::<String>()) {
            if let Some(text) = SearchText::of_name(&name) {
                prop_assert!(!text.words().is_empty());
                let again = SearchText::of_name(text.words());
                prop_assert!(again.is_some());
            }
        }
    }
}
