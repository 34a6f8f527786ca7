//! Writes names so that names with the same sound look the same, because transliterations of one name differ between countries and systems
//! (`Гарантекс` is `Garanteks` or `Garantex`).

use vasp_record::search::SearchText;

/// Spellings of one sound, longer ones first; they apply to folded words.
///
/// Source: the systems for Cyrillic, Arabic and Greek of ISO 9, BGN/PCGN and ICAO Doc 9303 differ in these.
const SPELLINGS: [(&str, &str); 28] = [
    ("shch", "s"),
    ("sch", "s"),
    ("tsch", "c"),
    ("cks", "x"),
    ("kh", "h"),
    ("gh", "g"),
    ("ph", "f"),
    ("sh", "s"),
    ("zh", "j"),
    ("dzh", "j"),
    ("dj", "j"),
    ("tch", "c"),
    ("ch", "c"),
    ("ts", "c"),
    ("tz", "c"),
    ("ks", "x"),
    ("ck", "k"),
    ("cs", "x"),
    ("qu", "k"),
    ("q", "k"),
    ("w", "v"),
    ("yu", "u"),
    ("iu", "u"),
    ("ya", "a"),
    ("ia", "a"),
    ("y", "i"),
    ("j", "i"),
    ("c", "k"),
];

/// A name in the form used for comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spoken {
    /// Its words in Latin letters, without legal forms.
    pub words: String,
    /// The same without blanks, and how many letters these are.
    pub letters: String,
    pub count: usize,
    /// Each word as it sounds.
    pub sounds: Vec<String>,
    /// The same words in alphabetical order.
    pub sorted: String,
    /// The letters of all words as they sound, with the words in alphabetical order.
    pub sound: String,
    /// All its words, with legal forms.
    pub with_forms: String,
    /// The letters of all its words, with those of legal forms.
    pub whole: String,
    /// Whether the name was written in Latin letters.
    pub latin: bool,
}

impl Spoken {
    /// Reads a name; `None` if it has no letter or digit.
    pub(super) fn of(name: &str) -> Option<Self> {
        let (own, with_forms) = SearchText::with_forms(name)?;
        let words = own.words().to_owned();
        let mut parts: Vec<&str> = words.split(' ').collect();
        parts.sort_unstable();
        let sorted = parts.join(" ");
        let sounds: Vec<String> = words.split(' ').map(sound).collect();
        let mut spoken: Vec<&str> = sounds.iter().map(String::as_str).collect();
        spoken.sort_unstable();
        let (sound, letters) = (spoken.concat(), words.replace(' ', ""));
        let latin = name.chars().all(|c| !c.is_alphabetic() || c < '\u{0370}' || ('\u{1e00}'..'\u{1f00}').contains(&c));
        let whole = with_forms.replace(' ', "");
        Some(Self { count: letters.chars().count(), letters, sounds, sorted, sound, whole, with_forms, latin, words })
    }
}

/// Writes one folded word as it sounds; repeated letters count once.
pub(super) fn sound(word: &str) -> String {
    let (mut rest, mut spoken) = (word, String::with_capacity(word.len()));
    while let Some(first) = rest.chars().next() {
        let begins = |(written, _): &&(&str, _)| written.as_bytes().first() == rest.as_bytes().first();
        let spelling = |(written, sounds): &(&'static str, &'static str)| Some((rest.strip_prefix(written)?, *sounds));
        let found = SPELLINGS.iter().filter(begins).find_map(spelling);
        let mut own = [0; 4];
        let (after, sounds) = found.unwrap_or_else(|| (rest.strip_prefix(first).unwrap_or(""), first.encode_utf8(&mut own)));
        if !spoken.ends_with(sounds) || first.is_ascii_digit() {
            spoken.push_str(sounds);
        }
        rest = after;
    }
    spoken
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn transliterations_of_one_name_sound_the_same() {
        for (one, other) in [
            ("Гарантекс", "Garantex"),
            ("ТенгриКоин", "Tengricoin"),
            ("Битпапа", "BitPapa"),
            ("Хайдра", "Khaydra"),
            ("Юрий", "Yuriy"),
            ("Wasserman", "Vaserman"),
            ("Tsentr", "Центр"),
        ] {
            let spoken = |name: &str| Spoken::of(name).unwrap().sound;
            assert_eq!(spoken(one), spoken(other), "{one} {other}");
        }
        assert_ne!(sound("kraken"), sound("garantex"));
    }

    #[test]
    fn what_is_written_in_other_letters_is_known_as_such() {
        assert!(Spoken::of("Société Générale").unwrap().latin);
        assert!(!Spoken::of("Гарантекс OU").unwrap().latin);
        assert!(Spoken::of("—").is_none());
    }

    proptest! {
        #[test]
        fn writing_a_sound_never_panics_and_adds_nothing(word in "[a-z0-9]{0,40}") {
            prop_assert!(sound(&word).len() <= word.len());
        }
    }
}
