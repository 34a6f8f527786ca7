//! The visual shapes of a name. Two names that look the same have a common shape, even if they use different letters. Legal
//! forms, case, accents and punctuation are ignored.

use std::collections::BTreeSet;

use super::text::SearchText;
use vasp_words::look_alike::skeleton_of;

/// The shapes that a name may be read as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameShapes(BTreeSet<String>);

impl NameShapes {
    /// Computes the shapes of a name: as written, as it looks, and as it looks in lower case. Empty if it has no letter or digit.
    ///
    /// Source: UTS #39, section 4 (skeletons), which compares texts in the case in which they are shown.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let readings = [name.to_owned(), skeleton_of(name), skeleton_of(&name.to_lowercase())];
        let shape = |reading: &String| Some(skeleton_of(&SearchText::of_name(reading)?.words().replace(' ', "")));
        Self(readings.iter().filter_map(shape).collect())
    }

    /// Tells whether two names can be confused with each other.
    #[must_use]
    pub fn meet(&self, other: &Self) -> bool {
        !self.0.is_disjoint(&other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn meet(one: &str, other: &str) -> bool {
        NameShapes::of(one).meet(&NameShapes::of(other))
    }

    #[test]
    fn names_that_look_alike_meet_and_others_do_not() {
        for (one, other) in [
            // Source: UTS #39, section 4 and its confusables.txt.
            ("\u{412}inance Holdings", "Binance Holdings Ltd"),
            ("\u{412}\u{406}NANCE", "Binance"),
            ("BINANCE", "\u{412}inan\u{441}\u{435}"),
            ("BlNANCE", "BINANCE"),
            ("Paypa1", "PayPal"),
            ("Krakеn", "Kraken"),
            ("\u{43a}rak\u{435}n", "Kraken"),
            ("arnazon", "Amazon"),
            ("Lag\u{3bf}\u{3bf}n Exchange GmbH", "Lagoon Exchange AG"),
            ("Бит Панда", "БИТ-ПАНДА"),
        ] {
            assert!(meet(one, other), "{one} and {other}");
        }
        for (one, other) in [("Kraken", "Bitpanda"), ("Lagoon Exchange", "Lagoon"), ("Binance", "Finance"), ("-", "-")] {
            assert!(!meet(one, other), "{one} and {other}");
        }
    }

    proptest! {
        #[test]
        fn every_name_with_letters_meets_itself_and_its_capitals(name in "[a-zA-Z0-9]{3,12}") {
            prop_assert!(meet(&name, &name));
            prop_assert!(meet(&name, &name.to_uppercase()));
        }
    }
}
