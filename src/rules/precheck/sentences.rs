//! How findings are told: at most 200 characters, whole sentences, at most three names and how many more there are. What is left out stands in the evidence,
//! the conditions' `sources` and the reasons and notes of their own.

use std::borrow::Cow;

/// Most characters of a detail.
///
/// Source: this project's STYLE, "Plain words".
const DETAIL_MAX: usize = 200;
/// Most names that a sentence lists.
const NAMES_MAX: usize = 3;
/// Most characters of one of several names.
const NAME_MAX: usize = 45;
/// Room for the sentence that counts what is left out.
const COUNT_ROOM: usize = 24;

fn length(text: &str) -> usize {
    text.chars().count()
}

/// Cuts a name from outside that is too long to be told whole.
pub(super) fn cut(name: &str, most: usize) -> String {
    if name.len() <= most || length(name) <= most {
        name.to_owned()
    } else {
        name.chars().take(most.saturating_sub(1)).chain(['…']).collect()
    }
}

/// Cuts one sentence that is too long to be told whole.
pub(super) fn clipped<'s>(sentence: impl Into<Cow<'s, str>>) -> Cow<'s, str> {
    let sentence = sentence.into();
    if sentence.len() <= DETAIL_MAX { sentence } else { Cow::Owned(cut(&sentence, DETAIL_MAX)) }
}

/// Lists names: at most three, and how many more.
pub(super) fn listed<T: AsRef<str>>(names: &[T]) -> String {
    let told: Vec<String> = names.iter().take(NAMES_MAX).map(|name| cut(name.as_ref(), NAME_MAX)).collect();
    match names.len().saturating_sub(NAMES_MAX) {
        0 => told.join(", "),
        more => format!("{} and {more} more", told.join(", ")),
    }
}

/// Tells whether a sentence is among others, or fits behind them.
pub(super) fn has_room(before: &str, sentence: &str) -> bool {
    fits(before, sentence) || tells(before, sentence)
}

/// Tells whether a sentence is among others. It is mostly the first, which takes no search.
pub(super) fn tells(others: &str, sentence: &str) -> bool {
    others.starts_with(sentence) || others.contains(sentence)
}

fn fits(before: &str, sentence: &str) -> bool {
    length(before) + 1 + length(sentence) <= DETAIL_MAX
}

/// Joins the sentences of several findings, that which speaks first, each once and as far as they fit; the rest is counted.
pub(super) fn joined<T: AsRef<str>>(sentences: impl IntoIterator<Item = T>) -> String {
    let mut sentences = sentences.into_iter().peekable();
    let first = sentences.next().map(|sentence| cut(sentence.as_ref().trim(), DETAIL_MAX)).unwrap_or_default();
    if sentences.peek().is_none() {
        return first;
    }
    let mut each: Vec<String> = vec![first];
    for sentence in sentences {
        let sentence = cut(sentence.as_ref().trim(), DETAIL_MAX);
        if !each.iter().any(|known| known.contains(&sentence)) {
            each.push(sentence);
        }
    }
    let whole = each.join(" ");
    if length(&whole) <= DETAIL_MAX {
        return whole;
    }
    let mut told = each.first().cloned().unwrap_or_default();
    let mut more = 0_usize;
    for sentence in each.iter().skip(1) {
        if length(&told) + 1 + length(sentence) + COUNT_ROOM <= DETAIL_MAX {
            told = format!("{told} {sentence}");
        } else {
            more += 1;
        }
    }
    let counted = format!("And {more} more finding{}.", if more == 1 { "" } else { "s" });
    if more > 0 && fits(&told, &counted) { format!("{told} {counted}") } else { told }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_counted() {
        let long = format!("{}.", "a".repeat(119));

        assert_eq!(joined(["One.", "Two.", "One."]), "One. Two.");
        assert_eq!(
            joined([long.as_str(), &"b".repeat(90), "Short.", &"c".repeat(90)]),
            format!("{long} Short. And 2 more findings.")
        );
        assert_eq!(length(&joined(["d".repeat(999)])), DETAIL_MAX);
        assert_eq!(listed(&["A", "B", "C", "D", "E"]), "A, B, C and 2 more");
        assert_eq!(listed(&["e".repeat(99)]), format!("{}…", "e".repeat(44)));
    }
}
