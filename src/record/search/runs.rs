//! The three-letter runs of a folded text, as numbers.

/// How many symbols there are: letters, digits and the blank.
pub(super) const SYMBOLS: usize = 37;
/// Every run has a number below this.
pub(super) const RUNS: usize = SYMBOLS * SYMBOLS * SYMBOLS;
/// The same, to count with.
const STEP: u16 = 37;

/// Iterates over the runs of a folded text; a repeated run comes repeatedly. Each word has a blank before and after it; no run has a blank
/// in the middle.
pub(super) fn runs(text: &str) -> impl Iterator<Item = u16> {
    let padded = text.bytes().chain(std::iter::once(b' ')).map(symbol);
    let (mut first, mut second) = (0, 0);
    let all = padded.map(move |third| {
        let run = (second != 0).then_some((first * STEP + second) * STEP + third);
        (first, second) = (second, third);
        run
    });
    all.flatten()
}

/// Returns the number of a letter or digit, and 0 for a blank.
pub(super) fn symbol(byte: u8) -> u16 {
    u16::from(match byte {
        b'a'..=b'z' => byte - b'a' + 1,
        b'0'..=b'9' => byte - b'0' + 27,
        _ => 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(text: &str) -> Vec<u16> {
        runs(text).collect()
    }

    #[test]
    fn runs_do_not_reach_over_a_blank() {
        assert_eq!(of("ab").len(), 2);
        assert_eq!(of("ab ab"), [of("ab"), of("ab")].concat());
        assert_eq!(of("ab c"), [of("ab"), of("c")].concat());
        assert_eq!(of("").len(), 0);
    }

    #[test]
    fn the_last_run_has_the_highest_number() {
        assert_eq!(of("999").iter().max().copied().map(usize::from), Some(RUNS - 1));
    }

    proptest! {
        #[test]
        fn a_word_has_a_run_for_each_letter(word in "[a-z0-9]{1,20}") {
            let runs = of(&word);

            prop_assert_eq!(runs.len(), word.len());
            prop_assert!(runs.iter().all(|run| usize::from(*run) < RUNS));
        }
    }
}
