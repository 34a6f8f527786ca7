//! How findings are put into text: at most 200 characters, whole sentences, at most three names and the number of further ones.
//! What is left out appears in the evidence, in the conditions' `sources`, and in separate reasons and notes.

use vasp_words::text::Text;

/// Maximum number of characters of a detail.
///
/// Source: this project's STYLE, "Plain words".
const DETAIL_MAX: usize = 200;
/// Maximum number of names that a sentence lists.
const NAMES_MAX: usize = 3;
/// Maximum number of characters of one of several names.
const NAME_MAX: usize = 45;
/// Maximum number of characters of an authority's name.
const AUTHORITY_MAX: usize = 40;
/// Room for the sentence that counts the omitted findings.
const COUNT_ROOM: usize = 24;

fn length(text: &str) -> usize {
    text.chars().count()
}

/// Shortens a name from outside that is too long.
pub(super) fn cut(name: &str, most: usize) -> String {
    if name.len() <= most || length(name) <= most {
        name.to_owned()
    } else {
        name.chars().take(most.saturating_sub(1)).chain(['…']).collect()
    }
}

/// Returns the short form of an authority's name, if the name ends with one in parentheses: `FMA` of `Finanzmarktaufsicht (FMA)`.
pub(super) fn short_name(authority: &str) -> String {
    let short = authority.strip_suffix(')').and_then(|name| name.rsplit_once('(')).map_or(authority, |(_, short)| short);
    cut(short, AUTHORITY_MAX)
}

/// Shortens a sentence that is too long.
pub(super) fn clipped(sentence: Text) -> Text {
    if sentence.len() <= DETAIL_MAX { sentence } else { cut(&sentence, DETAIL_MAX).into() }
}

/// Lists names: at most three, then the number of further ones.
pub(super) fn listed<T: AsRef<str>>(names: &[T]) -> String {
    let told: Vec<String> = names.iter().take(NAMES_MAX).map(|name| cut(name.as_ref(), NAME_MAX)).collect();
    match names.len().saturating_sub(NAMES_MAX) {
        0 => told.join(", "),
        more => format!("{} and {more} more", told.join(", ")),
    }
}

/// Returns whether the text already contains a sentence, or has room for it.
pub(super) fn has_room(before: &str, sentence: &str) -> bool {
    fits(before, sentence) || tells(before, sentence)
}

/// Returns whether the text contains a sentence. It is usually the first one, which needs no search.
pub(super) fn tells(others: &str, sentence: &str) -> bool {
    others.starts_with(sentence) || others.contains(sentence)
}

fn fits(before: &str, sentence: &str) -> bool {
    length(before) + 1 + length(sentence) <= DETAIL_MAX
}

/// Joins the sentences of several findings, the main finding first. Each appears once and only if it fits; the rest are counted.
pub(super) fn joined<T: AsRef<str>>(sentences: impl IntoIterator<Item = T>) -> Text {
    let mut sentences = sentences.into_iter().peekable();
    let first = sentences.next().map(|sentence| cut(sentence.as_ref().trim(), DETAIL_MAX)).unwrap_or_default();
    if sentences.peek().is_none() {
        return first.into();
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
        return whole.into();
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
    if more > 0 && fits(&told, &counted) { format!("{told} {counted}").into() } else { told.into() }
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

    #[test]
    fn an_authority_has_its_short_name_if_it_has_one() {
        for (name, short) in [
            ("Finanzmarktaufsicht (FMA)", "FMA"),
            ("Central Bank of Ireland", "Central Bank of Ireland"),
            ("Bank of Two (Houses) (BTH)", "BTH"),
        ] {
            assert_eq!(short_name(name), short);
        }
    }
}
