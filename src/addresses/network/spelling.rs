//! Tells whether a text is another spelling of a network's name. A letter that was replaced makes another name (`bsc` and `btc` are two
//! ledgers); only case, separators, a letter too many or too few, and two swapped letters make another spelling of the same.

/// The shortest name in which a letter may be missing or swapped; shorter ones are tickers. Names with digits are ids.
const WORD_MIN: usize = 6;

/// Tells whether a folded text is another spelling of a name.
pub(super) fn is_spelling(text: &[u8], name: &str) -> bool {
    let name = folded(name);
    if text == name {
        return true;
    }
    let is_word = |text: &[u8]| text.len() >= WORD_MIN && !text.iter().any(u8::is_ascii_digit);
    is_word(&name) && is_word(text) && (is_shortened(text, &name) || is_shortened(&name, text) || is_swapped(text, &name))
}

/// Returns letters and digits, in lower case.
pub(super) fn folded(text: &str) -> Vec<u8> {
    text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase()).collect()
}

/// Tells whether one word is the other without one letter.
fn is_shortened(short: &[u8], long: &[u8]) -> bool {
    let same = short.iter().zip(long).take_while(|(one, other)| one == other).count();
    short.len() + 1 == long.len() && short.get(same..) == long.get(same + 1..)
}

/// Tells whether one word is the other with two neighbours swapped.
fn is_swapped(one: &[u8], other: &[u8]) -> bool {
    let differ: Vec<usize> = (0..one.len()).filter(|place| one.get(*place) != other.get(*place)).collect();
    match differ.as_slice() {
        [first, second] => {
            one.len() == other.len()
                && first + 1 == *second
                && one.get(*first) == other.get(*second)
                && one.get(*second) == other.get(*first)
        }
        _ => false,
    }
}
