//! The rules for passwords that people choose. A password must be long. It must not be guessable from common words, keyboard runs
//! or its owner's name, and must not consist of only a few common words. There is no rule about kinds of characters, and no
//! password is ever truncated.
//!
//! Source: NIST SP 800-63B-4 (August 2025) section 3.1.1.2: lengths, and no value that is commonly used, expected or compromised.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// The minimum number of code points of a password that is the only factor.
///
/// Source: NIST SP 800-63B-4 section 3.1.1.2: 15 for a single factor.
pub const LEAST_ALONE: usize = 15;

/// The minimum number of code points of a password that is always used with a second factor. The source requires 8; we require
/// more, because operators' passwords protect the whole registry.
pub const LEAST_WITH_SECOND_FACTOR: usize = 12;

/// The maximum number of code points; the source requires at least 64.
pub const MOST: usize = 128;

/// The minimum number of characters that must remain after all guessable parts are removed.
///
/// Source: NIST SP 800-63B-4 section 3.1.1.2: 8 is the least that a password may have at all.
const LEAST_UNGUESSABLE: usize = 8;

/// The number of guesses that a password must resist, which is the count for 12 random characters. Two common words (`correct
/// horse`) resist about 10^8 guesses, and three short ones 10^11.
///
/// Source: `zxcvbn` (D. L. Wheeler, USENIX Security 2016), score 4: 10^10 guesses protect well even where slow hashes were
/// stolen. We require a hundred times this number; otherwise two common words followed by two signs would be enough.
const LEAST_GUESSES: u64 = 1_000_000_000_000;

/// The number of characters whose guesses are counted, which is the limit of `zxcvbn`, and the number in one part. For keyboard
/// runs, `zxcvbn` computes five to the power of the length, which fits in 64 bits up to 27 characters.
const LOOKED_AT: usize = 100;
const PART: usize = 25;

/// The longest run that can be an accident. Four neighbours on the keyboard or in the alphabet are a habit.
const LONGEST_ACCIDENT: usize = 3;

/// The most frequent words in published password leaks, in lower case; compiled by hand.
const COMMON: &str = include_str!("common.txt");

/// Rows of neighbouring characters that people use for runs.
const ROWS: [&str; 6] =
    ["abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiopasdfghjklyxcvbnm"];

/// A password in its normal form (NFKC). It is never shown, and it is only ever used for a hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// Why a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// It is too short.
    #[error("a password must have at least {least} characters; spaces count, and several words are easy to remember")]
    TooShort {
        /// The minimum length.
        least: usize,
    },
    /// It is too long.
    #[error("a password may have at most {MOST} characters")]
    TooLong,
    /// It could be guessed.
    #[error(
        "this password is easy to guess: it consists mostly of common words, sequences, repetitions, or your name and e-mail address"
    )]
    Guessable,
    /// It has too few words, or words that are too common.
    #[error(
        "this password is easy to guess: it has too few words, or common ones; use four or more words that do not belong together"
    )]
    FewWords,
}

impl PasswordError {
    /// Returns the code of the fault.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooShort { .. } => "too_short",
            Self::TooLong => "too_long",
            Self::Guessable | Self::FewWords => "guessable",
        }
    }
}

impl Password {
    /// Reads a password for comparison; `None` if it is longer than any allowed password.
    #[must_use]
    pub fn given(text: &str) -> Option<Self> {
        // NFKC turns one code point into at most 18 and rarely reduces their number, so this limit refuses no allowed password.
        let normal = || text.nfkc().take(MOST + 1).collect::<String>();
        (text.len() <= MOST * 16).then(normal).filter(|normal| normal.chars().count() <= MOST).map(Self)
    }

    /// Checks a new password; `own` are texts that others know about its owner.
    ///
    /// # Errors
    /// Every `PasswordError`.
    pub fn chosen(text: &str, least: usize, own: &[&str]) -> Result<Self, PasswordError> {
        let password = Self::given(text).ok_or(PasswordError::TooLong)?;
        if password.0.chars().count() < least {
            return Err(PasswordError::TooShort { least });
        }
        if unguessable(&password.0, own) < LEAST_UNGUESSABLE {
            return Err(PasswordError::Guessable);
        }
        if guesses(&password.0, own) < LEAST_GUESSES {
            return Err(PasswordError::FewWords);
        }
        Ok(password)
    }

    /// Returns the bytes to hash.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Counts the characters that belong to no run, no repetition and no word that an attacker would try first.
fn unguessable(password: &str, own: &[&str]) -> usize {
    let characters: Vec<char> = without_runs(&password.to_lowercase().chars().collect::<Vec<_>>());
    let mut rest: String = characters.iter().map(|c| unmasked(*c)).collect();
    let mut words: Vec<String> = own.iter().flat_map(|text| words_of(text)).collect();
    words.extend(COMMON.lines().map(str::to_owned));
    // Longest first, because removing `super` would break `superman`.
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    for word in words.iter().filter(|word| !word.is_empty()) {
        rest = rest.replace(word.as_str(), "");
    }
    repetition_free(&rest)
}

/// Counts the guesses of an attacker who tries common words, names, dates and patterns first. It uses at most 100 characters.
fn guesses(password: &str, own: &[&str]) -> u64 {
    let own: Vec<String> = own.iter().flat_map(|text| words_of(text)).collect();
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let signs: Vec<char> = password.chars().take(LOOKED_AT).collect();
    let parts = signs.chunks(PART).map(|part| zxcvbn::zxcvbn(&part.iter().collect::<String>(), &own).guesses());
    parts.fold(1, u64::saturating_mul)
}

/// Returns the words of a name or e-mail address, as a password may contain them.
fn words_of(text: &str) -> Vec<String> {
    let words = text.to_lowercase();
    let words = words.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() >= 3);
    words.map(|word| word.chars().map(unmasked).collect()).collect()
}

/// Returns the letter that people often replace by this character.
fn unmasked(character: char) -> char {
    match character {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// Removes runs of neighbours and of one character.
fn without_runs(characters: &[char]) -> Vec<char> {
    let (mut kept, mut run): (Vec<char>, Vec<char>) = (Vec::new(), Vec::new());
    let mut end = |run: &mut Vec<char>| {
        if run.len() <= LONGEST_ACCIDENT {
            kept.append(run);
        }
        run.clear();
    };
    for character in characters {
        if run.last().is_some_and(|last| !are_neighbours(*last, *character)) {
            end(&mut run);
        }
        run.push(*character);
    }
    end(&mut run);
    kept
}

fn are_neighbours(one: char, other: char) -> bool {
    let place = |row: &str, wanted: char| row.chars().position(|c| c == wanted);
    one == other
        || ROWS.iter().any(|row| match (place(row, one), place(row, other)) {
            (Some(one), Some(other)) => one.abs_diff(other) == 1,
            _ => false,
        })
}

/// Counts the characters without repetitions of earlier ones (`xk7xk7xk7` counts as three).
fn repetition_free(text: &str) -> usize {
    let characters: Vec<char> = text.chars().collect();
    let repeats = |period: usize| characters.iter().zip(characters.iter().skip(period)).all(|(one, other)| one == other);
    (1..=characters.len() / 2).find(|period| repeats(*period)).unwrap_or(characters.len())
}

#[cfg(test)]
mod tests;
