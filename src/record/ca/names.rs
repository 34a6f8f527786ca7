//! The server names in a member's certificate: its proven domains, and hosts below a domain whose proof covers them.

use vasp_words::host::Host;

/// The maximum number of names in one certificate.
const NAMES_MAX: usize = 20;

/// A domain that the member has proven and whose proof is valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenDomain {
    /// The domain.
    pub domain: Host,
    /// Whether the proof covers hosts below it.
    pub covers_subdomains: bool,
}

/// Why names are not certified.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameRefused {
    /// No proven domain covers the name.
    #[error("`{0}` is neither a domain that your VASP has proven, nor a subdomain of one whose proof covers subdomains")]
    NotProven(Host),
    /// There are more names than a certificate may have.
    #[error("a certificate has at most {NAMES_MAX} names: choose them with `dns_names`")]
    TooMany,
    /// A server certificate needs at least one name.
    #[error("a server certificate must have at least one name: prove a domain first")]
    NoneForServer,
}

/// Returns the names of a certificate: the requested ones, each once, or all proven domains if none were requested.
///
/// # Errors
/// Every `NameRefused`.
pub fn certified_names(asked: Option<&[Host]>, proven: &[ProvenDomain], server: bool) -> Result<Vec<Host>, NameRefused> {
    let mut names: Vec<Host> = match asked {
        None => proven.iter().map(|known| known.domain.clone()).collect(),
        Some(asked) => asked.to_vec(),
    };
    if let Some(stranger) = names.iter().find(|name| !is_covered(name, proven)) {
        return Err(NameRefused::NotProven(stranger.clone()));
    }
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    match names.len() {
        0 if server => Err(NameRefused::NoneForServer),
        0..=NAMES_MAX => Ok(names),
        _ => Err(NameRefused::TooMany),
    }
}

fn is_covered(name: &Host, proven: &[ProvenDomain]) -> bool {
    let parents = name.parents();
    proven.iter().any(|known| known.domain == *name || (known.covers_subdomains && parents.contains(&known.domain)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn host(text: &str) -> Host {
        text.parse().unwrap()
    }

    fn proven(domains: &[(&str, bool)]) -> Vec<ProvenDomain> {
        domains.iter().map(|(name, covers)| ProvenDomain { domain: host(name), covers_subdomains: *covers }).collect()
    }

    #[test]
    fn only_what_is_proven_is_certified() {
        let known = proven(&[("one.example.com", false), ("two.example.org", true)]);
        let asked = |names: &[&str]| {
            let names: Vec<Host> = names.iter().map(|name| host(name)).collect();
            certified_names(Some(&names), &known, true)
        };

        assert_eq!(certified_names(None, &known, true), Ok(vec![host("one.example.com"), host("two.example.org")]));
        assert_eq!(asked(&["a.b.two.example.org", "a.b.two.example.org"]), Ok(vec![host("a.b.two.example.org")]));
        for stranger in ["a.one.example.com", "example.org", "example.com", "xtwo.example.org", "other.example.net"] {
            assert_eq!(asked(&["one.example.com", stranger]), Err(NameRefused::NotProven(host(stranger))));
        }
        assert_eq!(asked(&[]), Err(NameRefused::NoneForServer));
        assert_eq!(certified_names(Some(&[]), &known, false), Ok(vec![]));
        assert_eq!(certified_names(None, &[], true), Err(NameRefused::NoneForServer));
    }

    #[test]
    fn names_are_bounded() {
        let many: Vec<Host> = (0..21).map(|n| host(&format!("h{n}.example.org"))).collect();
        let known = proven(&[("example.org", true)]);

        assert_eq!(certified_names(Some(&many), &known, true), Err(NameRefused::TooMany));
        assert_eq!(certified_names(Some(&many[..20]), &known, true).unwrap().len(), 20);
    }

    proptest! {
        #[test]
        fn every_name_ends_with_a_proven_domain(labels in prop::collection::vec("[a-z]{1,5}(\\.[a-z]{1,5}){0,2}", 0..5), covers: bool) {
            let known = proven(&[("example.org", covers)]);
            let asked: Vec<Host> = labels.iter().map(|label| host(&format!("{label}.example.org"))).collect();
            match certified_names(Some(&asked), &known, false) {
                Ok(names) => {
                    prop_assert!(covers || names.is_empty());
                    prop_assert!(names.iter().all(|name| name.as_str().ends_with(".example.org")));
                }
                Err(refused) => prop_assert!(!covers, "{refused}"),
            }
        }
    }
}
