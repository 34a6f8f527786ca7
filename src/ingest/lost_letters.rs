//! Text whose letters beyond a code page were lost: a program saved it in a code page that does not have them and wrote `?` for each. A name in
//! Arabic is then `????? ??`, which nobody would find on a list. The caller is `source`.

/// So many `?` in a row are no question. None of the published lists has three.
const ROW: usize = 3;

/// So many rows show that the file lost its letters. Fewer may be the publisher's own slips.
const LEAST: usize = 3;

/// Returns the line (from 1) of the first letters that were lost; `None` if none were. UTF-8's own sign for a lost letter counts as `?` does.
pub(super) fn lost_letters(bytes: &[u8]) -> Option<u64> {
    let (mut row, mut rows, mut line, mut first) = (0_usize, 0_usize, 1_u64, None);
    let mut left = bytes;
    while let Some(next) = left.first() {
        let lost = match *next {
            b'?' => 1,
            0xef if left.starts_with("\u{fffd}".as_bytes()) => 3,
            _ => 0,
        };
        line += u64::from(*next == b'\n');
        row = if lost > 0 { row.saturating_add(1) } else { 0 };
        if row == ROW {
            rows = rows.saturating_add(1);
            first.get_or_insert(line);
        }
        left = left.get(lost.max(1)..).unwrap_or_default();
    }
    first.filter(|_| rows >= LEAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    #[test]
    fn names_that_lost_their_letters_are_found_with_their_line() {
        // The UK list, saved as Windows-1252.
        assert_eq!(lost_letters("name\nplain\n???? ????? ??\nM\u{fc}ller ???\n".as_bytes()), Some(3));
        assert_eq!(lost_letters("a\n\u{fffd}\u{fffd}\u{fffd}\n??? ???\n".as_bytes()), Some(2));
        assert_eq!(lost_letters("Why? What?? ??? ????".as_bytes()), None, "two rows");
        assert_eq!(lost_letters("https://example.org/?a=?&b=??".as_bytes()), None);
        assert_eq!(lost_letters(b""), None);
    }

    proptest! {
        #[test]
        fn whatever_the_script_it_is_found(name in "[А-я]{3,9}|[א-ת]{3,9}|[ا-ي]{3,9}|[一-龥]{3,9}") {
            let saved: String = name.chars().map(|letter| if letter.is_ascii() { letter } else { '?' }).collect();
            prop_assert_eq!(lost_letters([saved.as_str(); 3].join(", ").as_bytes()), Some(1));
            prop_assert_eq!(lost_letters([name.as_str(); 3].join(", ").as_bytes()), None);
        }
    }
}
