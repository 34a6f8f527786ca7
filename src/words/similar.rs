//! Suggests the name that was probably meant, for a name that is not known.

use strsim::osa_distance;

/// Returns the known name that differs least from a misspelt one; `None` if all differ in more than a quarter of its letters.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = (word.chars().count() / 4).max(1);
    let measured = known.into_iter().map(|name| (osa_distance(word, name), name));
    measured.filter(|(distance, _)| *distance <= most).min().map(|(_, name)| name)
}

/// Returns the end of a sentence that names the suggestion, if there is one.
#[must_use]
pub fn did_you_mean(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_is_recognised_and_another_word_is_not() {
        let known = ["listen", "log_level", "log_format", "tls_key"];

        assert_eq!(nearest("log_levl", known), Some("log_level"));
        assert_eq!(nearest("lsiten", known), Some("listen"));
        assert_eq!(nearest("database", known), None);
        assert_eq!(nearest("", known), None);
    }
}
