//! Authorities that grant licences, and the spellings that registers use for them. `ingest::authorities` fills this list.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::licence::Authority;
use super::register::WhyHeld;
use vasp_words::closed_list::closed_list;
use vasp_words::country::Country;
use vasp_words::name::NameKey;

closed_list! {
    /// What an entry in an authority's register is.
    ///
    /// Source: FATF Recommendation 15, interpretive note, paragraph 3: providers must be licensed or registered, by an authority that decides
    /// whether they may start.
    pub enum Registration {
        /// A licence in the sense of the check `licence`: the firm may not start before the authority has decided.
        Licence = "licence",
        /// An entry in a register of money services businesses or of reporting entities. It says whom the authority supervises against money
        /// laundering, and is no licence.
        Registration = "registration",
        /// A list of firms that are in operation. Being on it permits nothing.
        InOperation = "in_operation",
        /// The authority grants providers nothing, or no longer does.
        None = "none",
    }
}

impl Registration {
    /// Returns what an entry in the register is, for a sentence.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Licence => "a licence",
            Self::Registration => "a registration, which is no licence",
            Self::InOperation => "a list of firms in operation, which is no licence",
            Self::None => "no licence",
        }
    }
}

/// An authority with what the registry knows of its register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorityEntry {
    /// Id, name and country, as licences show them.
    pub authority: Arc<Authority>,
    /// Its names, each with the code of the language.
    pub names: Vec<(String, String)>,
    /// Id of its jurisdiction in the rulebook; `None` if the rulebook has none.
    pub jurisdiction: Option<String>,
    /// Short name of the regime under which it decides, such as `MiCA`.
    pub regime: String,
    /// What an entry in its register is.
    pub registration: Registration,
    /// Address of its register; `None` if it publishes none.
    pub register_page: Option<String>,
    /// Other spellings of its name that registers use.
    pub spellings: Vec<String>,
    /// Where this comes from.
    pub source: String,
}

/// All known authorities with their spellings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authorities {
    by_id: BTreeMap<String, AuthorityEntry>,
    by_spelling: BTreeMap<(NameKey, Country), String>,
}

/// Why an authority cannot be added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityError {
    /// The id does not have the form `<country>-<letters or digits>` in upper case.
    #[error("column id: `{0}` is not an authority id; it must start with the country, such as LI-FMA")]
    InvalidId(String),
    /// The id occurs twice.
    #[error("column id: {0} occurs twice; write one row for each authority")]
    Twice(String),
    /// The spelling already means another authority of the same country.
    #[error("column {column}: `{spelling}` already means {other}")]
    SpellingTaken {
        /// The column of the spelling.
        column: &'static str,
        /// The spelling.
        spelling: String,
        /// The authority that it already means.
        other: String,
    },
    /// The name or spelling has no letter or digit.
    #[error("column {0}: the name is empty")]
    EmptyName(&'static str),
    /// The column may not be empty.
    #[error("column {0}: it is empty")]
    Empty(&'static str),
    /// The page is not a web address.
    #[error("column register_page: write a web address, such as https://www.fma.gv.at")]
    InvalidPage,
    /// A name does not say its language.
    #[error("column names: `{0}` does not begin with the code of its language, such as de=Finanzmarktaufsicht")]
    NoLanguage(String),
    /// A cell has a character that separates cells or lines.
    #[error("column {0}: it has a line break or another control character, or a `|` inside a name")]
    Unwritable(&'static str),
}

impl AuthorityError {
    /// Returns the column that is wrong.
    #[must_use]
    pub fn column(&self) -> &'static str {
        match self {
            Self::InvalidId(_) | Self::Twice(_) => "id",
            Self::SpellingTaken { column, .. } | Self::EmptyName(column) | Self::Empty(column) | Self::Unwritable(column) => {
                column
            }
            Self::InvalidPage => "register_page",
            Self::NoLanguage(_) => "names",
        }
    }
}

impl AuthorityEntry {
    /// Returns whether an entry in its register is a licence for the check `licence`.
    #[must_use]
    pub fn grants_licences(&self) -> bool {
        self.registration == Registration::Licence
    }

    /// Returns whether it decides for its whole country, not for a state, an emirate or a zone of it.
    #[must_use]
    pub fn is_national(&self) -> bool {
        self.jurisdiction.as_deref() == Some(self.authority.country.as_str())
    }

    /// Returns whether a firm that serves the country must be in its register, so that, of the whole register, absence proves something. A
    /// registration proves nothing: a trust company of the United States, or a dealer of Canada, is registered elsewhere.
    #[must_use]
    pub fn shows_all(&self) -> bool {
        self.grants_licences() && self.is_national()
    }

    /// Refuses an entry that the table of authorities could not hold, whatever else is in the table.
    ///
    /// # Errors
    /// The first `AuthorityError`.
    pub fn check(&self) -> Result<(), AuthorityError> {
        let is_web = |page: &String| page.starts_with("https://") || page.starts_with("http://");
        if !self.register_page.as_ref().is_none_or(is_web) {
            return Err(AuthorityError::InvalidPage);
        }
        for (column, cell) in [("regime", &self.regime), ("source", &self.source)] {
            if cell.trim().is_empty() {
                return Err(AuthorityError::Empty(column));
            }
        }
        let is_language = |code: &str| (2..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_lowercase());
        if let Some((code, name)) = self.names.iter().find(|(code, _)| !is_language(code)) {
            return Err(AuthorityError::NoLanguage(if code.is_empty() { name.clone() } else { format!("{code}={name}") }));
        }
        let one =
            [("id", &self.authority.id), ("name", &self.authority.name), ("regime", &self.regime), ("source", &self.source)];
        let page = self.register_page.iter().map(|page| ("register_page", page));
        let jurisdiction = self.jurisdiction.iter().map(|id| ("jurisdiction", id));
        let many = self.names.iter().map(|(_, name)| ("names", name)).chain(self.spellings.iter().map(|one| ("spellings", one)));
        let parted = many.clone().find(|(_, text)| text.contains('|'));
        let mut all = one.into_iter().chain(page).chain(jurisdiction).chain(many);
        let broken = all.find(|(_, text)| text.chars().any(char::is_control)).or(parted);
        broken.map_or(Ok(()), |(column, _)| Err(AuthorityError::Unwritable(column)))
    }
}

impl Authorities {
    /// Adds an authority. Its name, its names in all languages and its spellings are all recognised.
    ///
    /// # Errors
    /// Any `AuthorityError`; nothing is added then.
    pub fn add(&mut self, entry: AuthorityEntry) -> Result<(), AuthorityError> {
        entry.check()?;
        let Authority { id, name, country } = entry.authority.as_ref();
        let tail = id.strip_prefix(country.as_str()).and_then(|rest| rest.strip_prefix('-')).unwrap_or_default();
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if !tail.split('-').all(is_word) {
            return Err(AuthorityError::InvalidId(id.clone()));
        }
        if self.by_id.contains_key(id) {
            return Err(AuthorityError::Twice(id.clone()));
        }
        let names = entry.names.iter().map(|(_, name)| ("names", name));
        let spellings = entry.spellings.iter().map(|spelling| ("spellings", spelling));
        let mut keys = Vec::new();
        for (column, spelling) in std::iter::once(("name", name)).chain(names).chain(spellings) {
            let key = (NameKey::of(spelling).ok_or(AuthorityError::EmptyName(column))?, *country);
            if let Some(other) = self.by_spelling.get(&key) {
                return Err(AuthorityError::SpellingTaken { column, spelling: spelling.clone(), other: other.clone() });
            }
            keys.push(key);
        }
        self.by_spelling.extend(keys.into_iter().map(|key| (key, id.clone())));
        self.by_id.insert(id.clone(), entry);
        Ok(())
    }

    /// Returns the table with these entries: each is added, or replaces the known entry with its id. No entry is removed, because licences
    /// name it.
    ///
    /// # Errors
    /// The place of the first wrong entry among `rows`, counted from 0, and what is wrong with it.
    pub fn amended(&self, rows: Vec<AuthorityEntry>) -> Result<Self, (usize, AuthorityError)> {
        let ids: BTreeSet<String> = rows.iter().map(|entry| entry.authority.id.clone()).collect();
        let mut amended = Self::default();
        for kept in self.entries().filter(|entry| !ids.contains(&entry.authority.id)) {
            // The entries come from a table in which they were all valid.
            amended.add(kept.clone()).map_err(|error| (0, error))?;
        }
        for (place, entry) in rows.into_iter().enumerate() {
            amended.add(entry).map_err(|error| (place, error))?;
        }
        Ok(amended)
    }

    /// Returns the authority with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Authority>> {
        self.entry(id).map(|entry| &entry.authority)
    }

    /// Returns everything about the authority with this id.
    #[must_use]
    pub fn entry(&self, id: &str) -> Option<&AuthorityEntry> {
        self.by_id.get(id)
    }

    /// Returns the authority that a register calls `written` and places in `state`. If the register gives no state, returns the
    /// authority with that id, or the only authority with that name.
    ///
    /// # Errors
    /// Why no authority can be named.
    pub fn find(&self, written: &str, state: Option<Country>) -> Result<&AuthorityEntry, WhyHeld> {
        let key = NameKey::of(written).ok_or(WhyHeld::AuthorityUnknown)?;
        let id = match state {
            Some(state) => self.by_spelling.get(&(key, state)).ok_or(WhyHeld::AuthorityUnknown)?,
            None if self.by_id.contains_key(written) => written,
            None => {
                let mut named = self.by_spelling.iter().filter(|((name, _), _)| *name == key).map(|(_, id)| id);
                let first = named.next().ok_or(WhyHeld::AuthorityUnknown)?;
                named.next().map_or(Ok(first), |_| Err(WhyHeld::AuthorityAmbiguous))?
            }
        };
        self.entry(id).ok_or(WhyHeld::AuthorityUnknown)
    }

    /// Returns all authorities in order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Authority>> {
        self.entries().map(|entry| &entry.authority)
    }

    /// Returns everything about all authorities, in order of their ids.
    pub fn entries(&self) -> impl Iterator<Item = &AuthorityEntry> {
        self.by_id.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authority(id: &str, name: &str, country: &str, spelling: &str) -> AuthorityEntry {
        let authority = Authority { id: id.to_owned(), name: name.to_owned(), country: country.parse().unwrap() }.into();
        AuthorityEntry {
            authority,
            names: vec![],
            jurisdiction: None,
            regime: "MiCA".to_owned(),
            registration: Registration::Licence,
            register_page: None,
            spellings: vec![spelling.to_owned()],
            source: "test".to_owned(),
        }
    }

    fn both_fmas() -> Authorities {
        let mut authorities = Authorities::default();
        let (austrian, other) = ("Austrian Financial Market Authority (FMA)", "Financial Market Authority (FMA)");
        authorities.add(authority("AT-FMA", "Finanzmarktaufsicht (FMA)", "AT", austrian)).unwrap();
        authorities.add(authority("LI-FMA", "Finanzmarktaufsicht (FMA)", "LI", other)).unwrap();
        authorities
    }

    /// FinCEN and FINTRAC register money services businesses; VARA decides for Dubai only.
    #[test]
    fn only_a_register_of_licences_for_the_whole_country_shows_all() {
        let of = |jurisdiction: Option<&str>, registration| AuthorityEntry {
            jurisdiction: jurisdiction.map(str::to_owned),
            registration,
            ..authority("AE-SCA", "Securities and Commodities Authority", "AE", "SCA")
        };

        assert!(of(Some("AE"), Registration::Licence).shows_all());
        assert!(!of(Some("AE-VARA"), Registration::Licence).shows_all() && !of(None, Registration::Licence).shows_all());
        assert!(!of(Some("AE"), Registration::Registration).shows_all());
    }

    #[test]
    fn one_name_in_two_states_is_told_apart_by_the_state() {
        let authorities = both_fmas();
        let id = |name: &str, state: &str| authorities.find(name, state.parse().ok()).map(|entry| entry.authority.id.as_str());

        assert_eq!(id("Finanzmarktaufsicht (FMA)", "LI"), Ok("LI-FMA"));
        assert_eq!(id("Finanzmarktaufsicht (FMA)", "AT"), Ok("AT-FMA"));
        assert_eq!(id("Finanzmarktaufsicht (FMA)", "DE"), Err(WhyHeld::AuthorityUnknown));
    }

    #[test]
    fn without_a_state_only_an_id_or_an_unambiguous_name_counts() {
        let authorities = both_fmas();
        let id = |name: &str| authorities.find(name, None).map(|entry| entry.authority.id.as_str());

        assert_eq!(id("Finanzmarktaufsicht (FMA)"), Err(WhyHeld::AuthorityAmbiguous));
        assert_eq!(id("austrian financial market authority (FMA)\u{a0}"), Ok("AT-FMA"));
        assert_eq!(id("LI-FMA"), Ok("LI-FMA"));
        assert_eq!(id("Authority of Atlantis"), Err(WhyHeld::AuthorityUnknown));
    }

    #[test]
    fn an_amendment_adds_and_replaces_and_removes_nothing() {
        let before = both_fmas();
        let renamed = authority("LI-FMA", "Financial Market Authority Liechtenstein", "LI", "FMA Vaduz");

        let after =
            before.amended(vec![renamed.clone(), authority("GB-FCA", "Financial Conduct Authority", "GB", "FCA")]).unwrap();

        assert_eq!(after.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["AT-FMA", "GB-FCA", "LI-FMA"]);
        assert_eq!((after.entry("AT-FMA"), after.entry("LI-FMA")), (before.entry("AT-FMA"), Some(&renamed)));
        assert_eq!(
            after.find("Finanzmarktaufsicht (FMA)", "LI".parse().ok()),
            Err(WhyHeld::AuthorityUnknown),
            "replaced as a whole"
        );
        assert_eq!(after.find("FCA", None).map(|entry| entry.authority.id.as_str()), Ok("GB-FCA"));
    }

    #[test]
    fn an_amendment_that_contradicts_a_kept_entry_or_itself_is_refused_by_its_place() {
        let before = both_fmas();
        let other = || authority("GB-FCA", "Financial Conduct Authority", "GB", "FCA");
        let taken = authority("AT-BANK", "Bank", "AT", "Finanzmarktaufsicht FMA");

        let refused = before.amended(vec![other(), taken]).unwrap_err();
        assert!(matches!(refused, (1, AuthorityError::SpellingTaken { .. })), "{refused:?}");
        assert!(matches!(before.amended(vec![other(), other()]), Err((1, AuthorityError::Twice(_)))));
        let empty = AuthorityEntry { regime: " ".to_owned(), ..other() };
        assert_eq!(before.amended(vec![empty]), Err((0, AuthorityError::Empty("regime"))));
        let parted = AuthorityEntry { spellings: vec!["A|B".to_owned()], ..other() };
        assert_eq!(before.amended(vec![parted]), Err((0, AuthorityError::Unwritable("spellings"))));
    }

    #[test]
    fn contradictions_are_refused_and_change_nothing() {
        let mut authorities = both_fmas();
        let before = authorities.clone();

        assert!(matches!(authorities.add(authority("LI-FMA", "Other", "LI", "x")), Err(AuthorityError::Twice(_))));
        assert!(matches!(
            authorities.add(authority("LI-BANK", "Bank", "LI", "Finanzmarktaufsicht FMA")),
            Err(AuthorityError::SpellingTaken { column: "spellings", .. })
        ));
        for id in ["DE-FMA", "LI", "LI-", "LI--X", "LI-fma"] {
            assert!(matches!(authorities.add(authority(id, "Bank", "LI", "x")), Err(AuthorityError::InvalidId(_))), "{id}");
        }
        assert!(matches!(authorities.add(authority("LI-X", "Bank", "LI", "?")), Err(AuthorityError::EmptyName(_))));
        assert_eq!(authorities, before);
    }
}
