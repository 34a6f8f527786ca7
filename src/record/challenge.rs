//! Public challenges: somebody without an account says that a published field is wrong, and where that can be seen.

use std::fmt;
use std::str::FromStr;

use vasp_addresses::inquiry_url::InquiryUrl;
use vasp_words::closed_list::closed_list;

closed_list! {
    /// A published field of a record that can be challenged.
    pub enum ChallengedField {
        /// Its status in this registry.
        Status = "status",
        /// The registered name.
        LegalName = "legal_name",
        /// Commercial and former names, labels.
        OtherNames = "other_names",
        /// Country of incorporation.
        Country = "country",
        /// The LEI.
        Lei = "lei",
        /// Identifiers in other schemes.
        Identifiers = "identifiers",
        /// The website.
        Website = "website",
        /// The registered address.
        RegisteredAddress = "registered_address",
        /// The group that it belongs to, or the entities of a group.
        Group = "group",
        /// What it does.
        Activities = "activities",
        /// Its licences.
        Licences = "licences",
        /// Its domains.
        Domains = "domains",
        /// Its Travel Rule endpoints.
        Endpoints = "endpoints",
        /// Its certificates.
        Certificates = "certificates",
        /// Its message keys.
        Keys = "keys",
        /// Blockchain addresses that it is said to own.
        Claims = "claims",
    }

    /// How far a challenge is.
    pub enum ChallengeState {
        /// Nobody of the registry has decided yet.
        Open = "open",
        /// The registry has decided. The record shows the result.
        Closed = "closed",
    }
}

/// The address of a page that shows what is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidencePage(String);

/// The text is not the address of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an evidence URL begins with `https://` or `http://`, names a host, and has at most {most} characters, all of them printable ASCII", most = EvidencePage::MOST)]
pub struct EvidencePageError;

impl EvidencePage {
    /// The maximum number of characters.
    pub const MOST: usize = 2_000;
}

impl FromStr for EvidencePage {
    type Err = EvidencePageError;

    fn from_str(text: &str) -> Result<Self, EvidencePageError> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).ok_or(EvidencePageError)?;
        let fits = text.len() <= Self::MOST && text.bytes().all(|byte| byte.is_ascii_graphic());
        // A fragment names a place in a page, and is no part of the request.
        let page = rest.split_once('#').map_or(rest, |(page, _)| page);
        match InquiryUrl::after_scheme(page) {
            Ok(_) if fits => Ok(Self(text.to_owned())),
            _ => Err(EvidencePageError),
        }
    }
}

impl fmt::Display for EvidencePage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_evidence_page_can_be_opened_in_a_browser() {
        for (text, fits) in [
            ("https://www.esma.europa.eu/register?firm=1", true),
            ("http://register.example.org/a#b", true),
            ("https://register.example.org", true),
            ("register.example.org", false),
            ("ftp://register.example.org/", false),
            ("javascript:alert(1)", false),
            ("https://", false),
            ("https://register.example.org/two words", false),
            ("https://register.example.org/\u{fc}", false),
        ] {
            assert_eq!(text.parse::<EvidencePage>().is_ok(), fits, "{text}");
        }
        let longest = format!("https://a.com/{}", "a".repeat(EvidencePage::MOST - 14));
        assert!(longest.parse::<EvidencePage>().is_ok() && format!("{longest}a").parse::<EvidencePage>().is_err());
    }

    proptest! {
        #[test]
        fn a_page_reads_back_and_nothing_panics(text in "(https?://)?[a-z0-9.:/@#%\\[\\] -]{0,30}|\\PC{0,30}") {
            if let Ok(page) = text.parse::<EvidencePage>() {
                prop_assert_eq!(page.to_string().parse::<EvidencePage>(), Ok(page));
            }
        }
    }
}
