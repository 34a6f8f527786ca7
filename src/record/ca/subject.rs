//! The subject of a member's certificate, as the registry verified it.

use vasp_words::country::Country;
use vasp_words::host::Host;
use vasp_words::lei::Lei;

/// Longest name of an organisation and common name, in characters.
///
/// Source: RFC 5280 appendix A.1, `ub-organization-name`, `ub-common-name`.
const LONGEST: usize = 64;

/// The subject of a certificate, rebuilt from a verified record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The first server name that fits, or the legal name.
    pub common_name: String,
    /// The legal name, cut to the length that a certificate allows.
    pub organisation: String,
    /// The country of incorporation.
    pub country: Option<Country>,
    /// The LEI.
    pub lei: Option<Lei>,
}

impl Subject {
    /// Makes the subject of a record's certificate.
    #[must_use]
    pub fn of(legal_name: &str, country: Option<Country>, lei: Option<Lei>, names: &[Host]) -> Self {
        let cut = |text: &str| text.chars().take(LONGEST).collect::<String>().trim_end().to_owned();
        let short = names.iter().map(Host::as_str).find(|name| name.len() <= LONGEST);
        Self { common_name: short.map_or_else(|| cut(legal_name), str::to_owned), organisation: cut(legal_name), country, lei }
    }

    /// Returns the value of the attribute `organizationIdentifier`.
    ///
    /// Source: ETSI EN 319 412-1 V1.4.4, section 5.1.4: identity type `LEI`, country always `XG`.
    #[must_use]
    pub fn organisation_identifier(&self) -> Option<String> {
        self.lei.map(|lei| format!("LEIXG-{lei}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: ETSI EN 319 412-1, the example of section 5.1.4 in the shape `LEIXG-…`; the LEI is GLEIF's own.
    #[test]
    fn the_lei_stands_in_the_organisation_identifier() {
        let lei: Lei = "506700GE1G29325QX363".parse().unwrap();
        let subject = Subject::of("GLEIF", "CH".parse().ok(), Some(lei), &["a.example.com".parse().unwrap()]);

        assert_eq!(subject.organisation_identifier().as_deref(), Some("LEIXG-506700GE1G29325QX363"));
        assert_eq!((subject.common_name.as_str(), subject.organisation.as_str()), ("a.example.com", "GLEIF"));
    }

    #[test]
    fn long_names_are_cut_at_64_characters_not_octets() {
        let long = "Ä".repeat(70);

        let subject =
            Subject::of(&long, None, None, &[format!("{}.{}.example.com", "a".repeat(60), "b".repeat(10)).parse().unwrap()]);

        assert_eq!(subject.organisation, "Ä".repeat(64));
        assert_eq!(subject.common_name, "Ä".repeat(64));
        assert_eq!(subject.organisation_identifier(), None);
    }
}
