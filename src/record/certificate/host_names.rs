//! Compares the host of an endpoint with the names of a certificate. Only DNS names among the subject alternative names apply.
//! The common name never applies, and endpoints have no IP addresses.

use vasp_words::host::Host;

/// How a name of a certificate matches a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameMatch {
    /// By exactly the same name.
    Exact,
    /// By a wildcard.
    Wildcard,
}

/// A DNS name of a certificate, by its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateName {
    /// A public host.
    Host(Host),
    /// `*.` followed by a public host.
    Wildcard(Host),
    /// `*.` directly below a public suffix.
    TooWide,
    /// A name that is not public.
    NotPublic,
    /// Not a host name at all.
    Malformed,
}

impl CertificateName {
    /// Reads a name from a certificate.
    ///
    /// Source: RFC 9525, section 6.3: a wildcard is the whole left-most label and there is only one; RFC 5280, section 4.2.1.6:
    /// A-labels. A certificate must not hold a Unicode name.
    #[must_use]
    pub fn read(name: &str) -> Self {
        let (wildcard, rest) = match name.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, name),
        };
        if !is_host_name(rest) {
            return Self::Malformed;
        }
        match (rest.parse::<Host>(), wildcard) {
            (Ok(host), false) => Self::Host(host),
            (Ok(host), true) => Self::Wildcard(host),
            // The rest is a public suffix: a certificate for `*.co.uk` would cover everybody's names.
            (Err(_), true) if psl_knows(rest) => Self::TooWide,
            (Err(_), _) => Self::NotPublic,
        }
    }

    /// Returns how this name matches a host.
    #[must_use]
    pub fn matches(&self, host: &Host) -> Option<NameMatch> {
        match self {
            Self::Host(name) => (name == host).then_some(NameMatch::Exact),
            Self::Wildcard(parent) => {
                let rest = host.as_str().split_once('.').map(|(_, rest)| rest);
                (rest == Some(parent.as_str())).then_some(NameMatch::Wildcard)
            }
            Self::TooWide | Self::NotPublic | Self::Malformed => None,
        }
    }
}

/// Source: RFC 1123, section 2.1: letters, digits and hyphens in labels of at most 63, 253 in all.
fn is_host_name(name: &str) -> bool {
    let label_fits = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    name.len() <= 253 && name.split('.').all(label_fits)
}

/// Tells whether a name is in the Public Suffix List, so that a host below it would be public.
fn psl_knows(name: &str) -> bool {
    format!("a.{name}").parse::<Host>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fits(name: &str, host: &str) -> Option<NameMatch> {
        CertificateName::read(name).matches(&host.parse().unwrap())
    }

    /// Source: RFC 9525, section 6.3, and its examples of what must not match.
    #[test]
    fn names_match_by_the_rules_of_rfc_9525() {
        for (name, host, expected) in [
            ("trp.vasp.example.com", "trp.vasp.example.com", Some(NameMatch::Exact)),
            ("TRP.vasp.Example.COM", "trp.vasp.example.com", Some(NameMatch::Exact)),
            ("*.vasp.example.com", "trp.vasp.example.com", Some(NameMatch::Wildcard)),
            ("*.vasp.example.com", "a.trp.vasp.example.com", None),
            ("*.vasp.example.com", "vasp.example.com", None),
            ("vasp.example.com", "trp.vasp.example.com", None),
            ("f*.example.com", "foo.example.com", None),
            ("*oo.example.com", "foo.example.com", None),
            ("foo.*.example.com", "foo.bar.example.com", None),
            ("*.*.example.com", "foo.bar.example.com", None),
            ("*", "example.com", None),
            ("*.com", "example.com", None),
            ("*.co.uk", "example.co.uk", None),
            ("xn--bcher-kva.example.com", "bücher.example.com", Some(NameMatch::Exact)),
            ("bücher.example.com", "bücher.example.com", None),
            ("example.com.", "example.com", None),
            ("*.xn--bcher-kva.com", "a.bücher.com", Some(NameMatch::Wildcard)),
        ] {
            assert_eq!(fits(name, host), expected, "{name} {host}");
        }
    }

    #[test]
    fn names_that_prove_nothing_are_told_apart() {
        for (name, expected) in [
            ("*.com", CertificateName::TooWide),
            ("*.co.uk", CertificateName::TooWide),
            ("localhost", CertificateName::NotPublic),
            ("db1", CertificateName::NotPublic),
            ("host.local", CertificateName::NotPublic),
            ("10.0.0.1", CertificateName::NotPublic),
            ("a b.example.com", CertificateName::Malformed),
            ("a_b.example.com", CertificateName::Malformed),
            ("evil.com\0.example.com", CertificateName::Malformed),
            ("", CertificateName::Malformed),
            ("-a.example.com", CertificateName::Malformed),
        ] {
            assert_eq!(CertificateName::read(name), expected, "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn a_wildcard_matches_one_label_and_never_more(labels in proptest::collection::vec("[a-z]{1,8}", 1..5)) {
            let host = format!("{}.vasp.example.com", labels.join("."));
            prop_assert_eq!(fits("*.vasp.example.com", &host).is_some(), labels.len() == 1);
        }

        #[test]
        fn any_name_is_read(name in "\\PC*") {
            let _ = CertificateName::read(&name);
        }
    }
}
