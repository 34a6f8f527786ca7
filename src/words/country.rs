//! Countries by ISO 3166-1 alpha-2 code, and the two memberships that the rules depend on (EU and EEA).

use std::fmt;
use std::str::FromStr;

use super::time::serde_as_text;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An ISO 3166-1 alpha-2 country code, or `XK` (Kosovo, user-assigned and used by the European Commission).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

/// The text is not a country code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an ISO 3166-1 alpha-2 country code")]
pub struct CountryError(pub String);

/// Member states of the European Union since 1 February 2020.
///
/// Source: Treaty on European Union Art. 52, as amended by the United Kingdom's withdrawal.
const EU: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL",
    "PL", "PT", "RO", "SE", "SI", "SK",
];

/// EFTA states that are party to the EEA Agreement (its Art. 2).
const EEA_EFTA: [&str; 3] = ["IS", "LI", "NO"];

/// English names of countries that ISO 3166-1 does not use, in lower case.
///
/// Source: the lists of OFAC, the United Kingdom and the United Nations use them.
const OTHER_NAMES: [(&str, &str); 32] = [
    ("bahamas, the", "BS"),
    ("burma", "MM"),
    ("congo, democratic republic of the", "CD"),
    ("democratic republic of the congo", "CD"),
    ("congo, republic of the", "CG"),
    ("cote d'ivoire", "CI"),
    ("czech republic", "CZ"),
    ("gambia, the", "GM"),
    ("ivory coast", "CI"),
    ("democratic people's republic of korea", "KP"),
    ("korea, north", "KP"),
    ("north korea", "KP"),
    ("korea, south", "KR"),
    ("republic of korea", "KR"),
    ("south korea", "KR"),
    ("kosovo", "XK"),
    ("laos", "LA"),
    ("macau", "MO"),
    ("moldova", "MD"),
    ("north macedonia, the republic of", "MK"),
    ("russia", "RU"),
    ("syria", "SY"),
    ("taiwan", "TW"),
    ("tanzania", "TZ"),
    ("turkey", "TR"),
    ("uae", "AE"),
    ("uk", "GB"),
    ("united kingdom", "GB"),
    ("united states", "US"),
    ("usa", "US"),
    ("vietnam", "VN"),
    ("virgin islands, british", "VG"),
];

impl Country {
    /// Reads a code, or an English name: that of ISO 3166-1, also without what it has in brackets, or another name that lists use. `None`
    /// if the text may be another country's name.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        let name = text.trim().to_lowercase();
        let known = OTHER_NAMES.iter().find(|(other, _)| *other == name).map(|(_, code)| *code);
        let all = rust_iso3166::ALL;
        let whole = || all.iter().find(|one| one.name.to_lowercase() == name).map(|one| one.alpha2);
        let begins = || {
            let mut found =
                all.iter().filter(|one| one.name.to_lowercase().split_once(" (").is_some_and(|(short, _)| short == name));
            found.next().filter(|_| found.next().is_none()).map(|one| one.alpha2)
        };
        name.parse().ok().or_else(|| known.or_else(whole).or_else(begins)?.parse().ok())
    }

    /// Reads the three letters of ISO 3166-1 alpha-3.
    #[must_use]
    pub fn of_alpha_3(text: &str) -> Option<Self> {
        rust_iso3166::from_alpha3(text.trim()).and_then(|one| one.alpha2.parse().ok())
    }

    /// Returns the two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Returns the short English name of ISO 3166-1.
    #[must_use]
    pub fn name(&self) -> &'static str {
        if self.as_str() == "XK" { "Kosovo" } else { rust_iso3166::from_alpha2(self.as_str()).map_or("", |c| c.name) }
    }

    /// Tells whether this is a member state of the European Union (since 1 February 2020).
    #[must_use]
    pub fn is_eu(&self) -> bool {
        EU.contains(&self.as_str())
    }

    /// Tells whether this is a state of the European Economic Area.
    #[must_use]
    pub fn is_eea(&self) -> bool {
        self.is_eu() || EEA_EFTA.contains(&self.as_str())
    }
}

impl FromStr for Country {
    type Err = CountryError;

    /// Reads a code in upper or lower case; `EL`, the EU's own code for Greece, becomes `GR`.
    fn from_str(text: &str) -> Result<Self, CountryError> {
        let wrong = || CountryError(text.chars().take(20).collect());
        let upper = text.to_ascii_uppercase();
        let code = if upper == "EL" { "GR" } else { upper.as_str() };
        let bytes: [u8; 2] = code.as_bytes().try_into().map_err(|_| wrong())?;
        if code == "XK" || (code.is_ascii() && rust_iso3166::from_alpha2(code).is_some()) {
            Ok(Self(bytes))
        } else {
            Err(wrong())
        }
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

serde_as_text!(Country as ("^[A-Za-z]{2}$") = "DE");
crate::sql_as_text!(Country);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn greece_has_one_code_here() {
        assert_eq!("EL".parse::<Country>().unwrap().as_str(), "GR");
        assert_eq!("gr".parse::<Country>().unwrap().as_str(), "GR");
    }

    #[test]
    fn unassigned_codes_are_refused() {
        for text in ["", "D", "DEU", "ZZ", "UK", "EU", "Ü"] {
            assert!(text.parse::<Country>().is_err(), "{text}");
        }
    }

    /// Source: ISO 3166-1; countries as OFAC's, the United Kingdom's and the United Nations' lists write them.
    #[test]
    fn names_are_read_and_what_may_be_two_countries_is_not() {
        for (text, code) in [
            ("Malta", "MT"),
            ("russia", "RU"),
            ("Russian Federation", "RU"),
            ("Iran", "IR"),
            ("Iran (Islamic Republic of)", "IR"),
            ("Democratic Republic of the Congo", "CD"),
            ("Congo", "CG"),
            ("EL", "GR"),
            (" AE ", "AE"),
        ] {
            assert_eq!(Country::named(text).map(|country| country.to_string()).as_deref(), Some(code), "{text}");
        }
        for text in ["Korea", "Indonesian", "", "Region: Crimea", "Virgin Islands"] {
            assert_eq!(Country::named(text), None, "{text}");
        }
    }

    #[test]
    fn memberships_follow_the_treaties() {
        let country = |code: &str| code.parse::<Country>().unwrap();

        assert!(country("DE").is_eu() && country("DE").is_eea());
        assert!(!country("NO").is_eu() && country("NO").is_eea());
        assert!(!country("GB").is_eea() && !country("CH").is_eea());
        assert!(EU.iter().chain(&EEA_EFTA).all(|code| code.parse::<Country>().is_ok()));
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "\\PC{0,4}") {
            if let Ok(country) = text.parse::<Country>() {
                prop_assert_eq!(country.to_string().parse::<Country>().unwrap(), country);
            }
        }
    }
}
