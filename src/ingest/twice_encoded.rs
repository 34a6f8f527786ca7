//! Text in UTF-8 that somebody read as Latin-1 or Windows-1252 and saved as UTF-8 once more: each name beyond ASCII is then another name, which
//! nobody would find on a list. The caller is `source`.

use encoding_rs::WINDOWS_1252;

/// The first word that was encoded twice.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TwiceEncoded {
    /// Its line, from 1.
    pub(super) line: u64,
    /// The letters as they are.
    pub(super) found: String,
    /// What they were.
    pub(super) was: String,
}

/// So many places show that the file was encoded twice. Fewer may be the publisher's own slips, or right: `CAFÉ’S` reads as UTF-8 by chance.
const LEAST: usize = 3;

/// Finds the first letters that were encoded twice, if most of those beyond ASCII were. None of the published lists has any.
pub(super) fn twice_encoded(bytes: &[u8]) -> Option<TwiceEncoded> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (mut all, mut twice, mut first) = (0_usize, 0_usize, None);
    for run in text.split(|letter: char| letter.is_ascii()).filter(|run| !run.is_empty()) {
        all = all.saturating_add(1);
        if let Some(was) = decoded(run) {
            twice = twice.saturating_add(1);
            first = first.or(Some((run, was)));
        }
    }
    let (found, was) = first.filter(|_| twice >= LEAST && twice.saturating_mul(2) > all)?;
    let before = text.find(found).and_then(|place| text.get(..place)).unwrap_or_default();
    let line = u64::try_from(before.matches('\n').count()).unwrap_or(u64::MAX).saturating_add(1);
    Some(TwiceEncoded { line, found: found.to_owned(), was })
}

/// Returns what letters were if they are the bytes of UTF-8, read as Latin-1 or Windows-1252.
fn decoded(run: &str) -> Option<String> {
    let byte = |letter: char| {
        let of_windows = || {
            let mut text = [0; 4];
            let (bytes, _, has_errors) = WINDOWS_1252.encode(letter.encode_utf8(&mut text));
            bytes.first().copied().filter(|_| !has_errors)
        };
        u8::try_from(u32::from(letter)).ok().or_else(of_windows)
    };
    String::from_utf8(run.chars().map(byte).collect::<Option<Vec<u8>>>()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    /// Saves a text as an editor does that took it for Latin-1 or for Windows-1252.
    fn saved(text: &str, by_windows: bool) -> String {
        match by_windows {
            true => WINDOWS_1252.decode_without_bom_handling(text.as_bytes()).0.into_owned(),
            false => text.bytes().map(char::from).collect(),
        }
    }

    #[test]
    fn names_that_were_encoded_twice_are_found_with_their_line() {
        for by_windows in [true, false] {
            let text = saved("name\nplain\nMüller Börsenhändler\nХаджи Хайрулла Обмен\n", by_windows);
            let found = twice_encoded(text.as_bytes()).unwrap();
            assert_eq!((found.line, found.was.as_str()), (3, "ü"));
            assert_eq!(found.found, "Ã¼");
        }
    }

    #[test]
    fn one_slip_of_the_publisher_is_no_fault_of_the_file() {
        assert_eq!(twice_encoded("Müller, Société, MÃ¼ller".as_bytes()), None);
        assert_eq!(twice_encoded("MÃ¼ller, CAFÉ’S, plain".as_bytes()), None);
        assert_eq!(twice_encoded(b"M\xfcller"), None, "another encoding");
        assert_eq!(twice_encoded(b"plain"), None);
    }

    proptest! {
        #[test]
        fn whatever_the_script_it_is_found(name in "[A-Za-z ]{0,5}[À-ÿĀ-žА-яא-תا-ي一-龥]{1,12}[a-z ]{0,5}", by_windows in any::<bool>()) {
            let names = [name.as_str(); 3].join(", ");
            prop_assert!(twice_encoded(saved(&names, by_windows).as_bytes()).is_some());
        }

        #[test]
        fn names_in_one_script_are_left_alone(name in "[a-z ]{0,5}([А-я ]{1,20}|[א-ת ]{1,20}|[ا-ي ]{1,20}|[一-龥]{1,9})[a-z ]{0,5}") {
            prop_assert_eq!(twice_encoded(name.as_bytes()), None);
        }
    }
}
