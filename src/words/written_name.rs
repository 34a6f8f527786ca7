//! Names that a caller writes for others to read. A name is refused if it displays as another name, or has an effect where it is
//! displayed, such as markup. Names from public registers are accepted unchanged. For names that only look like others, see
//! [`crate::look_alike`].

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};
use unicode_security::GeneralSecurityProfile;
use unicode_security::general_security_profile::IdentifierType;

/// Why a name is refused. The message continues a sentence that begins with "the name …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnsafeName {
    /// It has a character that changes the text direction.
    #[error("has U+{code:04X}, which changes the direction of text and so hides the real spelling: leave it out", code = u32::from(*.0))]
    Direction(char),
    /// It has an invisible character.
    #[error("has U+{code:04X}, which is invisible: leave it out", code = u32::from(*.0))]
    Invisible(char),
    /// It has a markup character.
    #[error("has `{0}`, which starts or ends markup: leave it out")]
    Markup(char),
    /// It begins like a spreadsheet formula.
    #[error("starts with `{0}`, which spreadsheets read as a formula: start it with a letter or digit")]
    Formula(char),
}

impl UnsafeName {
    /// Returns the stable code of this refusal.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Direction(_) => "direction_control",
            Self::Invisible(_) => "invisible_character",
            Self::Markup(_) => "markup",
            Self::Formula(_) => "formula_start",
        }
    }
}

/// Refuses a name with forbidden characters. It checks the compatibility decomposition, so that all normal forms of a name,
/// including full-width signs, have the same result.
///
/// Source: Unicode property Bidi_Control (UAX #9); UTS #39, table 1 (Default_Ignorable, Not_Character); OWASP, "CSV Injection".
///
/// # Errors
/// `UnsafeName` for the first fault found; the beginning of the name is checked last.
pub fn check_written_name(name: &str) -> Result<(), UnsafeName> {
    let mut base = None;
    let mut last = None;
    let mut letters = name.nfkd().peekable();
    while let Some(c) = letters.next() {
        match c {
            // Correct spelling needs these two characters.
            '\u{200c}' | '\u{200d}' if joins(c, last, base, letters.peek().copied()) => {}
            _ if turns_direction(c) => return Err(UnsafeName::Direction(c)),
            _ if is_invisible(c) => return Err(UnsafeName::Invisible(c)),
            '<' | '>' => return Err(UnsafeName::Markup(c)),
            _ => {}
        }
        if !is_combining_mark(c) {
            base = Some(c);
        }
        last = Some(c);
    }
    match name.nfkd().find(|c| !c.is_whitespace()) {
        Some(c @ ('=' | '+' | '-' | '@' | '\u{2212}')) => Err(UnsafeName::Formula(c)),
        _ => Ok(()),
    }
}

/// Tells whether a character changes the direction of text and so hides the real spelling.
#[must_use]
pub fn turns_direction(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Tells whether a character is invisible, looks like a blank, ends a line, or is unassigned. Each font displays unassigned
/// characters in its own way.
fn is_invisible(c: char) -> bool {
    let kind = c.identifier_type();
    c != ' ' && !c.is_control() && matches!(kind, None | Some(IdentifierType::Default_Ignorable | IdentifierType::Not_Character))
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{206a}'..='\u{206f}' | '\u{2800}' | '\u{fff9}'..='\u{fffb}' | '\u{e0001}')
}

/// Tells whether a joiner is at a position where it changes how letters are written: after a virama, or a non-joiner in Arabic
/// script.
///
/// Source: RFC 5892, appendices A.1 and A.2; of A.1 the script of the letters beside, not how each of them joins.
fn joins(joiner: char, last: Option<char>, base: Option<char>, next: Option<char>) -> bool {
    const VIRAMA: u8 = 9;
    let arabic = |c: Option<char>| {
        matches!(c, Some('\u{620}'..='\u{64a}' | '\u{66e}'..='\u{6d3}' | '\u{750}'..='\u{77f}' | '\u{8a0}'..='\u{8c9}'))
    };
    last.is_some_and(|c| canonical_combining_class(c) == VIRAMA) || joiner == '\u{200c}' && arabic(base) && arabic(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(name: &str) -> &'static str {
        check_written_name(name).map_or_else(UnsafeName::code, |()| "taken")
    }

    #[test]
    fn controls_of_direction_are_refused_wherever_they_stand() {
        // Unicode 15.1, PropList.txt: Bidi_Control, all twelve.
        let controls = "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}";
        for control in controls.chars() {
            for name in
                [format!("{control}Binance"), format!("Bin{control}ance"), format!("Binance{control}"), format!("בית {control}")]
            {
                assert_eq!(code(&name), "direction_control", "{name:?}");
            }
        }
        assert_eq!(
            check_written_name("Lagoon\u{202e}HbmG").unwrap_err().to_string(),
            "has U+202E, which changes the direction of text and so hides the real spelling: leave it out"
        );
    }

    #[test]
    fn characters_that_nobody_sees_are_refused() {
        for c in [
            '\u{ad}',
            '\u{34f}',
            '\u{115f}',
            '\u{1160}',
            '\u{17b4}',
            '\u{180e}',
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{2028}',
            '\u{2029}',
            '\u{2060}',
            '\u{2064}',
            '\u{206a}',
            '\u{2800}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fff9}',
            '\u{fffe}',
            '\u{e000}',
            '\u{e0041}',
            '\u{e0100}',
            '\u{10ffff}',
        ] {
            assert_eq!(code(&format!("Bin{c}ance")), "invisible_character", "{c:?}");
        }
    }

    #[test]
    fn markup_and_beginnings_of_formulas_are_refused_also_at_full_width() {
        for name in ["<b>Binance", "Binance</b>", "a < b", "Ｂinance＜script＞", "﹤img src"] {
            assert_eq!(code(name), "markup", "{name}");
        }
        for name in [
            "=1+1",
            "+49",
            "-Exchange",
            "@SUM(A1)",
            " =1",
            "\t=1",
            "\r=1",
            "＝1",
            "＋1",
            "－1",
            "＠SUM",
            "﹢1",
            "⁼1",
            "\u{2212}1",
        ] {
            assert_eq!(code(name), "formula_start", "{name}");
        }
    }

    #[test]
    fn names_as_they_are_in_registers_of_many_scripts_are_taken() {
        for name in [
            "Lagoon Exchange GmbH",
            "S&P \"Global\" (Europe) S.à r.l.",
            "Bit-Trade + Partner AG",
            "21Shares",
            "#1 Exchange",
            "O'Neil's",
            "株式会社bitFlyer",
            "ООО «Биржа»",
            "شركة الصرافة",
            "בית מטבעות",
            "ศูนย์ซื้อขาย",
            "क्रिप्टो",
            "주식회사 두나무",
            "Ørsted №5™",
            // Persian and Malayalam spelling needs these characters.
            "شرکت می\u{200c}خرم",
            "ക്\u{200d}ര",
            "क्\u{200c}ष",
        ] {
            assert_eq!(code(name), "taken", "{name}");
        }
    }

    proptest! {
        #[test]
        fn every_normal_form_of_a_name_is_refused_or_taken_alike(
            name in "[\\PC<>＜＝=+@\u{200b}-\u{200f}\u{202e}\u{3164}\u{fb50}-\u{fdff}]{0,12}"
        ) {
            let here = check_written_name(&name).map_err(UnsafeName::code);
            for form in [name.nfc().collect::<String>(), name.nfd().collect(), name.nfkc().collect(), name.nfkd().collect()] {
                prop_assert_eq!(check_written_name(&form).map_err(UnsafeName::code), here, "{:?} and {:?}", name, form);
            }
        }

        #[test]
        fn what_is_refused_stays_refused_beside_other_letters(before in "[a-zA-Z]{1,6}", bad in "[<>\u{202a}-\u{202e}\u{2066}-\u{2069}\u{200b}]", after in "[a-zA-Z]{0,6}") {
            let name = [before, bad, after].concat();
            prop_assert!(check_written_name(&name).is_err());
        }
    }
}
