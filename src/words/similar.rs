//! Suggests the name that was probably meant, for a name that is not known.

use strsim::osa_distance;

/// Returns the known name that differs least from a misspelt one; `None` if all differ in more than a quarter of its letters.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = (word.chars().count() / 4).max(1);
    let measured = known.into_iter().map(|name| (osa_distance(word, name), name));
    measured.filter(|(distance, _)| *distance <= most).min().map(|(_, name)| name)
}

/// Returns at least how many letters of one text must be changed, added, removed or swapped to make the other: what one of them has more often
/// of each letter. It takes a fraction of the time that the number itself takes. 0 if a text is not ASCII.
#[must_use]
pub fn changes_at_least(one: &str, other: &str) -> usize {
    if !one.is_ascii() || !other.is_ascii() {
        return 0;
    }
    let mut more = [0_i32; 128];
    for (text, one) in [(one, 1), (other, -1)] {
        for byte in text.bytes() {
            more.get_mut(usize::from(byte)).into_iter().for_each(|more| *more += one);
        }
    }
    let of_one: i32 = more.iter().map(|more| (*more).max(0)).sum();
    let of_other: i32 = more.iter().map(|more| (-*more).max(0)).sum();
    usize::try_from(of_one.max(of_other)).unwrap_or(0)
}

/// Returns the end of a sentence that names the suggestion, if there is one.
#[must_use]
pub fn did_you_mean(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use strsim::damerau_levenshtein;

    proptest! {
        #[test]
        fn never_more_changes_are_counted_than_are_needed(one in "[a-d]{0,9}|\\PC{0,5}", other in "[a-d]{0,9}|\\PC{0,5}") {
            let least = changes_at_least(&one, &other);

            prop_assert!(least <= damerau_levenshtein(&one, &other) && least <= osa_distance(&one, &other), "{least}");
            prop_assert_eq!(least, changes_at_least(&other, &one));
        }
    }

    #[test]
    fn a_typing_error_is_recognised_and_another_word_is_not() {
        let known = ["listen", "log_level", "log_format", "tls_key"];

        assert_eq!(nearest("log_levl", known), Some("log_level"));
        assert_eq!(nearest("lsiten", known), Some("listen"));
        assert_eq!(nearest("database", known), None);
        assert_eq!(nearest("", known), None);
    }
}
