//! Finds the listed names that begin with a brand's name.

use super::{Key, NameMatch, Names, Score};
use crate::screening::sound::{Spoken, sound};
use vasp_words::look_alike::latin_reading;

/// Score of a brand whose words are the first words of a longer listed name: `Huobi`, `Huobi Global S.A.`. A person looks.
pub(super) const BEGINS: Score = 86;
/// A word that occurs in more entries than this does not make such a brand a likeness.
const RARE_WORD: usize = 3;
/// Words that occur in several firms of a register do not, either.
///
/// Source: words of four letters or more in the names of three or more providers, ESMA's register of 29 July 2026.
pub(super) const WORDS_OF_REGISTERS: [&str; 31] = [
    "asset",
    "assets",
    "bank",
    "banking",
    "bitcoin",
    "capital",
    "company",
    "crypto",
    "custody",
    "deutsche",
    "digital",
    "europe",
    "exchange",
    "finance",
    "financial",
    "group",
    "ireland",
    "krypto",
    "malta",
    "management",
    "markets",
    "network",
    "raiffeisenbank",
    "securities",
    "services",
    "solutions",
    "technologies",
    "technology",
    "trade",
    "trading",
    "volksbank",
];
impl Names {
    /// Returns the entries of which a brand's name, as written or as it looks, is the first words.
    pub(in crate::screening) fn beginning(&self, brand: &str) -> Vec<NameMatch> {
        let looks = latin_reading(brand).map(|latin| self.begun_by(&latin));
        self.begun_by(brand).into_iter().chain(looks.into_iter().flatten()).collect()
    }

    fn begun_by(&self, brand: &str) -> Vec<NameMatch> {
        let Some(asked) = Spoken::of(brand) else { return vec![] };
        let mut found: Vec<NameMatch> = vec![];
        let begins = |listed: &Spoken| listed.words.strip_prefix(asked.words.as_str()).is_some_and(|rest| rest.starts_with(' '));
        let mut telling = asked.words.split(' ').zip(&asked.sounds);
        let telling = telling.find(|(word, _)| self.tells(word)).map(|(_, sound)| self.keys.of(Key::Word(sound)));
        for listed in telling.into_iter().flatten().filter_map(|number| self.listed.get(number)) {
            let (list, entry, listed_name) = (listed.list, listed.entry, &listed.name);
            if begins(&listed.spoken) && !found.iter().any(|known| (known.list, known.entry) == (list, entry)) {
                let score = BEGINS.min(listed.at_most);
                found.push(NameMatch { list, entry, listed: listed_name.clone(), score, is_same: false, is_short: false });
            }
        }
        found
    }

    /// Tells whether a word is rare on the lists and in registers.
    fn tells(&self, word: &str) -> bool {
        let named = self.keys.of(Key::Word(&sound(word))).filter_map(|number| self.listed.get(number));
        let mut entries: Vec<(usize, usize)> = named.map(|listed| (listed.list, listed.entry)).collect();
        entries.sort_unstable();
        entries.dedup();
        word.len() >= 4 && entries.len() <= RARE_WORD && !WORDS_OF_REGISTERS.contains(&word)
    }
}
