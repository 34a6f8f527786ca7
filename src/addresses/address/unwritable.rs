//! Describes characters that are not allowed in an address: invisible characters, spaces, and letters of other scripts that look like the
//! correct ones.
//!
//! Source: Unicode Technical Standard 39, confusables; Unicode Standard, Default_Ignorable_Code_Point.

use unicode_security::confusable_detection::skeleton;

/// Describes a character.
pub(super) fn describe(c: char) -> String {
    let code = format!("U+{:04X}", u32::from(c));
    let text = c.to_string();
    let twin: String = skeleton(&text).collect();
    match () {
        () if c == ' ' => "a blank".to_owned(),
        () if c.is_control() => format!("the control character {code}"),
        () if is_invisible(c) => format!("{code}, which is invisible"),
        () if c.is_whitespace() => format!("{code}, a kind of space"),
        () if twin.len() == 1 && twin.is_ascii() && twin != text => {
            format!("`{c}` ({code}), which looks like `{twin}` but is another character")
        }
        () => format!("`{c}` ({code})"),
    }
}

/// Recognises zero-width and formatting characters that occur in pasted texts. No address contains one.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_and_invisible_characters_are_named() {
        assert_eq!(describe('В'), "`В` (U+0412), which looks like `B` but is another character");
        assert_eq!(describe('а'), "`а` (U+0430), which looks like `a` but is another character");
        assert_eq!(describe('\u{200b}'), "U+200B, which is invisible");
        assert_eq!(describe('\n'), "the control character U+000A");
        assert_eq!(describe(' '), "a blank");
        assert_eq!(describe('\u{a0}'), "U+00A0, a kind of space");
        assert_eq!(describe('é'), "`é` (U+00E9)");
    }
}
