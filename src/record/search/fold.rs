//! Folds text of any script to plain words: lower-case ASCII letters and digits, separated by one blank.

use any_ascii::any_ascii_char;
use unicode_normalization::UnicodeNormalization;

/// The maximum length of a folded text, including the blanks between words. One character may become eighteen.
const LONGEST_FOLDED: usize = 400;

/// Returns the words of a text, separated by blanks: in lower-case Latin letters without accents, with initials joined (`S. A.`
/// is `sa`). Empty if no letter or digit remains.
///
/// Other scripts are converted letter by letter, without knowledge of the language: `Кракен` is `kraken`, and kanji are read as
/// Chinese.
///
/// Source: Unicode NFKC (UAX #15), AnyAscii's tables of transliteration.
#[must_use]
pub fn folded(text: &str) -> String {
    joined_initials(&plain(text))
}

fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    // ASCII is its own NFKC, and most names are.
    if text.is_ascii() {
        add(&mut plain, text.chars());
    } else {
        add(&mut plain, text.chars().filter(|c| !is_mark_of_trade(*c)).nfkc());
    }
    plain
}

fn add(plain: &mut String, normalised: impl Iterator<Item = char>) {
    for c in normalised {
        if plain.len() >= LONGEST_FOLDED {
            break;
        }
        let mut bytes = [0; 4];
        let latin: &str = if c.is_ascii() { c.encode_utf8(&mut bytes) } else { any_ascii_char(c) };
        for letter in latin.chars().filter(|letter| !matches!(letter, '\'' | '`')) {
            if letter.is_ascii_alphanumeric() {
                plain.push(letter.to_ascii_lowercase());
            } else if !plain.is_empty() && !plain.ends_with(' ') {
                plain.push(' '); // only one blank, otherwise signs before a name would use up the maximum length
            }
        }
    }
}

/// Tells whether a character is a trade mark sign, which is not part of the name.
fn is_mark_of_trade(c: char) -> bool {
    matches!(c, '™' | '®' | '©' | '℠')
}

fn joined_initials(plain: &str) -> String {
    let mut words = String::with_capacity(plain.len());
    let mut after_initial = false;
    for word in plain.split_ascii_whitespace() {
        let initial = word.len() == 1 && word.bytes().all(|letter| letter.is_ascii_alphabetic());
        if !(words.is_empty() || initial && after_initial) {
            words.push(' ');
        }
        words.push_str(word);
        after_initial = initial;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn case_accents_punctuation_and_compatibility_forms_do_not_count() {
        for (text, expected) in [
            ("Société  Générale - FORGE", "societe generale forge"),
            ("Soci\u{65}\u{301}te\u{301} Générale", "societe generale"),
            ("Hauck Aufhäuser", "hauck aufhauser"),
            ("Straße Łódź Øresund", "strasse lodz oresund"),
            ("Ｂｉｔｐａｎｄａ™ ﬁnance", "bitpanda finance"),
            ("Lang & Schwarz", "lang schwarz"),
            ("L'Or d’Or", "lor dor"),
            ("21bitcoin", "21bitcoin"),
            ("", ""),
            (" \0-.\u{fffd}\u{e000}", ""),
        ] {
            assert_eq!(folded(text), expected, "{text}");
        }
    }

    #[test]
    fn signs_before_a_name_do_not_hide_it() {
        assert_eq!(folded(&format!("{}Garantex{}Europe", "+".repeat(2000), "\u{fffd}\n".repeat(2000))), "garantex europe");
    }

    #[test]
    fn initials_are_one_word() {
        for text in ["S.A.", "s. a.", "S A", "S/A", "sa"] {
            assert_eq!(folded(text), "sa", "{text}");
        }
        assert_eq!(folded("e Toro"), "e toro");
        assert_eq!(folded("Trading 2 1 2"), "trading 2 1 2");
    }

    #[test]
    fn other_scripts_are_read_as_latin() {
        for (text, expected) in [
            ("Битпанда", "bitpanda"),
            ("Търговище", "trgovishche"),
            ("Κράκεν", "kraken"),
            ("深圳", "shenzhen"),
            ("トヨタ", "toyota"),
            ("화성시", "hwaseongsi"),
        ] {
            assert_eq!(folded(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn folding_is_stable_and_leaves_plain_words(text in any::<String>()) {
            let words = folded(&text);

            prop_assert_eq!(&folded(&words), &words);
            prop_assert!(words.bytes().all(|b| b == b' ' || b.is_ascii_digit() || b.is_ascii_lowercase()));
            prop_assert!(!words.contains("  ") && words.trim() == words);
        }
    }

    #[test]
    fn a_text_that_grows_when_folded_is_cut() {
        let long = "\u{fdfa}".repeat(10_000);
        assert!(folded(&long).len() < 2 * LONGEST_FOLDED);
    }
}
