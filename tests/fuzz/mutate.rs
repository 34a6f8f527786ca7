//! Makes inputs that are nearly right: a sound example, then a few changes of the kind that break parsers. Every input is
//! a function of the examples and the seed, so a run can be repeated.

use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};

/// Longest input, in bytes.
pub(crate) const INPUT_MAX: usize = 64 << 10;

/// Texts at which parsers break: limits of numbers and dates, other scripts, escapes, nesting.
const ODDITIES: [&str; 64] = [
    "",
    "0",
    "-1",
    "+1",
    "00",
    "1e999",
    "0x10",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "18446744073709551616",
    "340282366920938463463374607431768211456",
    "79228162514264337593543950335",
    "0.0000000000000000000000000001",
    "NaN",
    "4294967296",
    "9999-12-31",
    "9999-12-31T23:59:59.999999Z",
    "0001-01-01",
    "-9999-01-01",
    "0000-00-00",
    "2024-02-29",
    "2023-02-29",
    "+010000-01-01",
    "2024-12-30T23:59:60Z",
    "24:00:00",
    "\0",
    "\u{feff}",
    "\u{202e}",
    "\u{10ffff}",
    "e\u{301}",
    "ß",
    "İ",
    "ŉ",
    "\u{3000}",
    "\u{fffd}",
    "💥",
    "null",
    "true",
    "[]",
    "{}",
    "\"\"",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "%00",
    "%ff",
    "%",
    "'",
    ",",
    ";",
    ":",
    "\r\n",
    "\n",
    "\t",
    "..",
    "/",
    "//",
    "?",
    "#",
    "&",
    "=",
    "@",
];

/// The marks between which one word, number or cell of a text stands.
const MARKS: &[u8] = b"{}[]\",:;\n\r\t &=?/.|";

/// A stream of inputs.
pub(crate) struct Mutator {
    rng: ChaCha8Rng,
    examples: Vec<Vec<u8>>,
}

impl Mutator {
    /// Begins a stream over sound examples.
    pub(crate) fn new(seed: u64, examples: Vec<Vec<u8>>) -> Self {
        Self { rng: ChaCha8Rng::seed_from_u64(seed), examples }
    }

    /// Adds an input that was met as a new kind of answer: what comes next starts there too.
    pub(crate) fn learn(&mut self, input: &[u8]) {
        if self.examples.len() < 1_000 && input.len() <= 4 << 10 {
            self.examples.push(input.to_vec());
        }
    }

    /// Makes the next input.
    pub(crate) fn next_input(&mut self) -> Vec<u8> {
        if self.examples.is_empty() || self.one_in(100) {
            let mut input = vec![0; self.below(64)];
            self.rng.fill_bytes(&mut input);
            return input;
        }
        let mut input = self.example().to_vec();
        // Mostly one change: several at once are mostly refused for the first.
        for _ in 0..=self.rng.next_u32().trailing_zeros().min(6) {
            self.change(&mut input);
        }
        input.truncate(INPUT_MAX);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        match self.below(14) {
            0 => self.one_byte(input, |byte, bits| byte ^ (1 << (bits % 8))),
            1 => self.one_byte(input, |_, bits| bits),
            2 => self.one_byte(input, |byte, _| if byte.is_ascii_alphabetic() { byte ^ 0x20 } else { byte.wrapping_add(1) }),
            3 => drop(self.part(input).map(|part| input.drain(part))),
            4 => self.put(input, ODDITIES),
            5 | 6 => self.replace_word(input),
            7 => self.replace_with_oddity(input),
            8 => self.repeat(input),
            9 => self.splice(input),
            10 => input.truncate(self.below(input.len() + 1)),
            11 => self.insert_bytes(input),
            12 => self.swap_parts(input),
            _ => self.copy_part(input),
        }
    }

    fn one_byte(&mut self, input: &mut [u8], new: fn(u8, u8) -> u8) {
        let bits = self.rng.next_u32() as u8;
        let at = self.below(input.len());
        if let Some(byte) = input.get_mut(at) {
            *byte = new(*byte, bits);
        }
    }

    fn put<const N: usize>(&mut self, input: &mut Vec<u8>, words: [&str; N]) {
        let (at, word) = (self.below(input.len() + 1), words[self.below(N)]);
        input.splice(at..at, word.bytes());
    }

    fn replace_word(&mut self, input: &mut Vec<u8>) {
        let other = self.example().to_vec();
        if let (Some(from), Some(to)) = (self.word(&other), self.word(input)) {
            input.splice(to, other[from].iter().copied());
        }
    }

    fn replace_with_oddity(&mut self, input: &mut Vec<u8>) {
        if let Some(word) = self.word(input) {
            input.splice(word, ODDITIES[self.below(ODDITIES.len())].bytes());
        }
    }

    /// Writes a part many times: long names, deep nesting, many rows.
    fn repeat(&mut self, input: &mut Vec<u8>) {
        let Some(part) = self.part(input) else { return };
        let times = 1 << self.below(12);
        let repeated = input[part.clone()].repeat(times.min(INPUT_MAX / part.len().max(1)));
        input.splice(part, repeated);
    }

    fn splice(&mut self, input: &mut Vec<u8>) {
        let other = self.example().to_vec();
        input.truncate(self.below(input.len() + 1));
        input.extend(&other[self.below(other.len() + 1)..]);
    }

    fn insert_bytes(&mut self, input: &mut Vec<u8>) {
        let mut bytes = vec![0; 1 + self.below(8)];
        self.rng.fill_bytes(&mut bytes);
        let at = self.below(input.len() + 1);
        input.splice(at..at, bytes);
    }

    fn swap_parts(&mut self, input: &mut Vec<u8>) {
        if let (Some(one), Some(other)) = (self.word(input), self.word(input))
            && one.end <= other.start
        {
            let later = input[other.clone()].to_vec();
            let earlier: Vec<u8> = input.splice(one.clone(), later.iter().copied()).collect();
            let moved = other.start + later.len() - one.len();
            input.splice(moved..moved + later.len(), earlier);
        }
    }

    fn copy_part(&mut self, input: &mut Vec<u8>) {
        if let Some(part) = self.part(input) {
            let copy = input[part].to_vec();
            let at = self.below(input.len() + 1);
            input.splice(at..at, copy);
        }
    }

    /// A word between two marks; a member with its value or a whole line now and then.
    fn word(&mut self, text: &[u8]) -> Option<std::ops::Range<usize>> {
        let marks: &[u8] = match self.below(8) {
            0 => b"\n",
            1 => b",",
            _ => MARKS,
        };
        let at = self.below(text.len());
        let start = text.get(..at)?.iter().rposition(|byte| marks.contains(byte)).map_or(0, |mark| mark + 1);
        let end = text.get(at..)?.iter().position(|byte| marks.contains(byte)).map_or(text.len(), |mark| at + mark);
        Some(start..end)
    }

    /// A short part, more rarely a long one.
    fn part(&mut self, text: &[u8]) -> Option<std::ops::Range<usize>> {
        let start = self.below(text.len());
        let longest = 1 << self.below(10);
        let end = (start + 1 + self.below(longest)).min(text.len());
        (start < end).then_some(start..end)
    }

    fn example(&mut self) -> &[u8] {
        let index = self.below(self.examples.len());
        &self.examples[index]
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    /// Draws a number below `limit`; 0 where there is none.
    fn below(&mut self, limit: usize) -> usize {
        (self.rng.next_u32() as usize).checked_rem(limit).unwrap_or(0)
    }
}
