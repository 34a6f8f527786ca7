//! Authorities that grant licences, and the spellings that registers use for them. `ingest::authorities` fills this list.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::licence::Authority;
use vasp_words::country::Country;
use vasp_words::name::NameKey;

/// All known authorities with their spellings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authorities {
    by_id: BTreeMap<String, Arc<Authority>>,
    by_spelling: BTreeMap<(NameKey, Country), String>,
}

/// Why a spelling cannot be added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityError {
    /// The id does not have the form `<country>-<letters or digits>` in upper case.
    #[error("`{0}` is not an authority id; it must start with the country, such as LI-FMA")]
    InvalidId(String),
    /// The id has two names or countries.
    #[error("{0} has another name or country here than before")]
    Disagrees(String),
    /// The spelling already means another authority of the same country.
    #[error("`{spelling}` is already a spelling of {other}")]
    SpellingTaken {
        /// The spelling.
        spelling: String,
        /// The authority that it already means.
        other: String,
    },
    /// The name or spelling has no letter or digit.
    #[error("the name is empty")]
    EmptyName,
}

impl Authorities {
    /// Adds one spelling of an authority; the authority's own name is always a spelling. Adding the same spelling again changes
    /// nothing.
    ///
    /// # Errors
    /// Any `AuthorityError`; nothing is added then.
    pub fn add(&mut self, authority: Authority, spelling: &str) -> Result<(), AuthorityError> {
        let tail =
            authority.id.strip_prefix(authority.country.as_str()).and_then(|rest| rest.strip_prefix('-')).unwrap_or_default();
        if tail.is_empty() || !tail.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
            return Err(AuthorityError::InvalidId(authority.id));
        }
        if self.by_id.get(&authority.id).is_some_and(|known| **known != authority) {
            return Err(AuthorityError::Disagrees(authority.id));
        }
        let mut keys = Vec::new();
        for name in [authority.name.as_str(), spelling] {
            let key = (NameKey::of(name).ok_or(AuthorityError::EmptyName)?, authority.country);
            if let Some(other) = self.by_spelling.get(&key).filter(|other| **other != authority.id) {
                return Err(AuthorityError::SpellingTaken { spelling: name.to_owned(), other: other.clone() });
            }
            keys.push(key);
        }
        self.by_spelling.extend(keys.into_iter().map(|key| (key, authority.id.clone())));
        self.by_id.insert(authority.id.clone(), Arc::new(authority));
        Ok(())
    }

    /// Returns the authority with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Authority>> {
        self.by_id.get(id)
    }

    /// Returns the authority that a register calls `spelling` and places in `state`. If the register gives no state, returns the
    /// authority with that name, but only if exactly one has it.
    #[must_use]
    pub fn find(&self, spelling: &str, state: Option<Country>) -> Option<&Arc<Authority>> {
        let key = NameKey::of(spelling)?;
        let id = match state {
            Some(state) => self.by_spelling.get(&(key, state))?,
            None => {
                let mut named = self.by_spelling.iter().filter(|((name, _), _)| *name == key).map(|(_, id)| id);
                named.next().filter(|_| named.next().is_none())?
            }
        };
        self.by_id.get(id)
    }

    /// Returns all authorities in order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Authority>> {
        self.by_id.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authority(id: &str, name: &str, country: &str) -> Authority {
        Authority { id: id.to_owned(), name: name.to_owned(), country: country.parse().unwrap() }
    }

    fn both_fmas() -> Authorities {
        let mut authorities = Authorities::default();
        authorities
            .add(authority("AT-FMA", "Finanzmarktaufsicht (FMA)", "AT"), "Austrian Financial Market Authority (FMA)")
            .unwrap();
        authorities.add(authority("LI-FMA", "Finanzmarktaufsicht (FMA)", "LI"), "Financial Market Authority (FMA)").unwrap();
        authorities
    }

    #[test]
    fn one_name_in_two_states_is_told_apart_by_the_state() {
        let authorities = both_fmas();
        let id =
            |name: &str, state: Option<&str>| authorities.find(name, state.map(|s| s.parse().unwrap())).map(|a| a.id.as_str());

        assert_eq!(id("Finanzmarktaufsicht (FMA)", Some("LI")), Some("LI-FMA"));
        assert_eq!(id("Finanzmarktaufsicht (FMA)", Some("AT")), Some("AT-FMA"));
        assert_eq!(id("Finanzmarktaufsicht (FMA)", Some("DE")), None);
    }

    #[test]
    fn without_a_state_only_an_unambiguous_name_counts() {
        let authorities = both_fmas();

        assert_eq!(authorities.find("Finanzmarktaufsicht (FMA)", None), None);
        assert_eq!(authorities.find("austrian financial market authority (FMA)\u{a0}", None).unwrap().id, "AT-FMA");
    }

    #[test]
    fn contradictions_are_refused_and_change_nothing() {
        let mut authorities = both_fmas();
        let before = authorities.clone();

        assert!(matches!(authorities.add(authority("LI-FMA", "Other", "LI"), "x"), Err(AuthorityError::Disagrees(_))));
        assert!(matches!(
            authorities.add(authority("LI-BANK", "Bank", "LI"), "Finanzmarktaufsicht FMA"),
            Err(AuthorityError::SpellingTaken { .. })
        ));
        assert!(matches!(authorities.add(authority("DE-FMA", "Bank", "LI"), "x"), Err(AuthorityError::InvalidId(_))));
        assert!(matches!(authorities.add(authority("LI-X", "Bank", "LI"), "?"), Err(AuthorityError::EmptyName)));
        assert_eq!(authorities, before);
    }
}
