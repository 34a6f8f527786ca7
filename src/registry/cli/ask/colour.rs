//! Colours on a terminal: none if the output goes elsewhere, or if the reader does not want any.

use crate::cli::terminal::is_decorated;

/// What a word means for the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Warning,
    Bad,
}

/// Returns a word in the colour of its tone.
pub(super) fn coloured(word: &str, tone: Tone) -> String {
    painted(word, tone, is_decorated(&std::io::stdout()))
}

/// Source: ECMA-48, select graphic rendition: bold, and black on green, yellow or white on red.
fn painted(word: &str, tone: Tone, on_terminal: bool) -> String {
    let code = match tone {
        Tone::Good => "1;30;42",
        Tone::Warning => "1;30;43",
        Tone::Bad => "1;97;41",
    };
    if on_terminal { format!("\x1b[{code}m {word} \x1b[0m") } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_coloured_on_a_terminal_only() {
        assert_eq!(painted("HOLD", Tone::Warning, true), "\x1b[1;30;43m HOLD \x1b[0m");
        assert_eq!(painted("HOLD", Tone::Warning, false), "HOLD");
    }
}
