//! Which passwords people may choose: long, not guessable from a list of common words, a run along the keyboard, or their
//! owner's name, and not so few common words that a guesser soon has them. No rule about kinds of characters, and none is ever cut.
//!
//! Source: NIST SP 800-63B-4 (August 2025) section 3.1.1.2: lengths, and no value that is commonly used, expected or compromised.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// Code points of a password that alone lets somebody in.
///
/// Source: NIST SP 800-63B-4 section 3.1.1.2: 15 for a single factor.
pub const LEAST_ALONE: usize = 15;

/// Code points of a password that is always asked for together with a second factor. The source asks for 8; operators'
/// passwords vouch for the whole registry.
pub const LEAST_WITH_SECOND_FACTOR: usize = 12;

/// Most code points; the source asks for 64 at least.
pub const MOST: usize = 128;

/// Characters that must be left when all that is guessable is taken away.
///
/// Source: NIST SP 800-63B-4 section 3.1.1.2: 8 is the least that a password may have at all.
const LEAST_UNGUESSABLE: usize = 8;

/// Guesses that a password must withstand: as many as 12 characters at random are counted with. Two common words (`correct horse`)
/// withstand some 10^8, three short ones 10^11.
///
/// Source: `zxcvbn` (D. L. Wheeler, USENIX Security 2016), score 4: 10^10 guesses protect well even where slow hashes were stolen.
/// A hundredfold of it here, or two common words with two signs behind them would do.
const LEAST_GUESSES: u64 = 1_000_000_000_000;

/// Characters whose guesses are counted, as many as `zxcvbn` looks at, and how many of them at once: along the keyboard it raises five to
/// their number, which 27 characters still hold in 64 bits.
const LOOKED_AT: usize = 100;
const PART: usize = 25;

/// The longest run that counts as nobody's habit: four neighbours on the keyboard or in the alphabet are one.
const LONGEST_ACCIDENT: usize = 3;

/// Words that lead the lists of passwords of every published leak, in lower case; compiled by hand.
const COMMON: &str = include_str!("common.txt");

/// Neighbours: what people run along.
const ROWS: [&str; 6] =
    ["abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiopasdfghjklyxcvbnm"];

/// A password in its normal form (NFKC). Never shown, never written anywhere but into a hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// Why a password cannot be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too short.
    #[error("a password has {least} characters or more; spaces count, and several words are easy to remember")]
    TooShort {
        /// What is asked for.
        least: usize,
    },
    /// Too long.
    #[error("a password has {MOST} characters at most")]
    TooLong,
    /// It could be guessed.
    #[error(
        "this password could be guessed: too little is left of it without common words, runs and repetitions, and its owner's name and e-mail address"
    )]
    Guessable,
    /// Its words are too few or too common.
    #[error(
        "this password could be guessed: it is made of too few words that many people use; take four words or more that nobody would put together"
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
    /// Takes a password that is to be compared; none where it is longer than any that can be chosen.
    #[must_use]
    pub fn given(text: &str) -> Option<Self> {
        // NFKC makes at most 18 code points of one, and hardly ever fewer: nothing that fits is lost here.
        let normal = || text.nfkc().take(MOST + 1).collect::<String>();
        (text.len() <= MOST * 16).then(normal).filter(|normal| normal.chars().count() <= MOST).map(Self)
    }

    /// Takes a password that somebody chooses; `own` are words that others know of its owner.
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

/// Counts the characters that are neither of a run, nor of a repetition, nor of a word that others would try first.
fn unguessable(password: &str, own: &[&str]) -> usize {
    let characters: Vec<char> = without_runs(&password.to_lowercase().chars().collect::<Vec<_>>());
    let mut rest: String = characters.iter().map(|c| unmasked(*c)).collect();
    let mut words: Vec<String> = own.iter().flat_map(|text| words_of(text)).collect();
    words.extend(COMMON.lines().map(str::to_owned));
    // Longest first: `super` must not break up `superman`.
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    for word in words.iter().filter(|word| !word.is_empty()) {
        rest = rest.replace(word.as_str(), "");
    }
    repetition_free(&rest)
}

/// Counts the guesses after which somebody has the password who tries common words, names, dates and patterns first. Looks at 100
/// characters at most.
fn guesses(password: &str, own: &[&str]) -> u64 {
    let own: Vec<String> = own.iter().flat_map(|text| words_of(text)).collect();
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let signs: Vec<char> = password.chars().take(LOOKED_AT).collect();
    let parts = signs.chunks(PART).map(|part| zxcvbn::zxcvbn(&part.iter().collect::<String>(), &own).guesses());
    parts.fold(1, u64::saturating_mul)
}

/// The words of a name or e-mail address, as a password may hold them.
fn words_of(text: &str) -> Vec<String> {
    let words = text.to_lowercase();
    let words = words.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() >= 3);
    words.map(|word| word.chars().map(unmasked).collect()).collect()
}

/// The letter behind a character that often stands for it.
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

/// Leaves out runs of neighbours and of one character.
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

/// Counts characters without those that only repeat what stands before them (`xk7xk7xk7` counts three).
fn repetition_free(text: &str) -> usize {
    let characters: Vec<char> = text.chars().collect();
    let repeats = |period: usize| characters.iter().zip(characters.iter().skip(period)).all(|(one, other)| one == other);
    (1..=characters.len() / 2).find(|period| repeats(*period)).unwrap_or(characters.len())
}

#[cfg(test)]
mod tests;
