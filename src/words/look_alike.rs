//! Hosts that look like others: letters of several scripts in one label, names that look Latin but are not, and names that look
//! like a proven domain. Such a host is not refused, because honest ones exist. The caller gets a warning.
//!
//! Source: Unicode Technical Standard #39, sections 4 (confusables) and 5 (mixed scripts, restriction levels).

use super::host::Host;
use unicode_normalization::char::is_combining_mark;
use unicode_security::confusable_detection::skeleton;
use unicode_security::{MixedScript, RestrictionLevel, RestrictionLevelDetection};

/// Why a person should check a host or a name with care.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum HostWarning {
    /// A label mixes letters of scripts that are not used together.
    #[error("`{label}` mixes letters of different scripts, and may imitate another name")]
    MixedScript {
        /// The label in Unicode.
        label: String,
    },
    /// A label has non-Latin letters but looks like a Latin text.
    #[error("`{label}` is not in plain Latin letters and looks like `{reads_like}`")]
    LatinLookAlike {
        /// The label in Unicode.
        label: String,
        /// The Latin text that it looks like.
        reads_like: String,
    },
    /// It looks the same as a domain that a VASP has proven, or as the registered name above that domain.
    #[error("the host looks like `{domain}`, which a VASP has proven, but is another host")]
    ResemblesProven {
        /// The name that it looks like.
        domain: String,
    },
}

impl HostWarning {
    /// Returns the stable code of this warning.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::MixedScript { .. } => "mixed_script",
            Self::LatinLookAlike { .. } => "latin_look_alike",
            Self::ResemblesProven { .. } => "resembles_proven",
        }
    }
}

/// Proven domains, by their appearance. A copy shares what it does not change.
#[derive(Clone, Debug, Default)]
pub struct LookAlikes(imbl::HashMap<String, Vec<(Host, u32)>>);

impl LookAlikes {
    /// Adds a proven domain and its registered name.
    pub fn add(&mut self, domain: &Host) {
        for name in names(domain) {
            let known = self.0.entry(shape(&name)).or_default();
            match known.iter_mut().find(|(other, _)| *other == name) {
                Some((_, count)) => *count = count.saturating_add(1),
                None => known.push((name, 1)),
            }
        }
    }

    /// Removes a domain that was added once.
    pub fn remove(&mut self, domain: &Host) {
        for name in names(domain) {
            let shape = shape(&name);
            let Some(known) = self.0.get_mut(&shape) else { continue };
            known.iter_mut().filter(|(other, _)| *other == name).for_each(|(_, count)| *count = count.saturating_sub(1));
            known.retain(|(_, count)| *count > 0);
            if known.is_empty() {
                self.0.remove(&shape);
            }
        }
    }

    /// Returns the warnings for a host, in a fixed order.
    #[must_use]
    pub fn warnings(&self, host: &Host) -> Vec<HostWarning> {
        let mut warnings: Vec<HostWarning> = host.to_unicode().split('.').filter_map(label_warning).collect();
        if !self.0.is_empty() {
            let parents = host.parents();
            let alike = parents.iter().flat_map(|name| self.0.get(&shape(name)).into_iter().flatten()).map(|(domain, _)| domain);
            let others = alike.filter(|domain| !parents.contains(domain));
            warnings.extend(others.map(|domain| HostWarning::ResemblesProven { domain: domain.to_string() }));
        }
        warnings.sort();
        warnings.dedup();
        warnings
    }
}

/// Returns a domain and the name that it was registered under, which may be the same.
fn names(domain: &Host) -> impl Iterator<Item = Host> {
    let registered = Some(domain.registrable_domain()).filter(|registered| registered != domain);
    std::iter::once(domain.clone()).chain(registered)
}

/// Returns the warnings for the words of a name, in their order.
#[must_use]
pub fn name_warnings(name: &str) -> Vec<HostWarning> {
    let words = name.split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c));
    let letters: String = name.chars().filter(|c| c.is_alphanumeric() || is_combining_mark(*c)).collect();
    let mut warnings: Vec<HostWarning> = words.filter_map(label_warning).collect();
    // Each word may have one script, while the whole name mixes scripts.
    if warnings.iter().all(|warning| !matches!(warning, HostWarning::MixedScript { .. })) && mixes_scripts(&letters) {
        warnings.push(HostWarning::MixedScript { label: name.to_owned() });
    }
    warnings
}

/// Returns a name as a reader sees it. Each letter of another script becomes the Latin letter that it looks like, without accents. A word
/// stays as it is if other letters would remain in it. `None` if nothing changes.
///
/// Source: UTS #39, section 4.
#[must_use]
pub fn latin_reading(name: &str) -> Option<String> {
    if name.is_ascii() {
        return None;
    }
    let like = |c: char| skeleton(c.encode_utf8(&mut [0; 4])).filter(|like| !is_combining_mark(*like)).collect::<String>();
    // What cannot be seen parts no words.
    let parts = |c: char| !c.is_alphanumeric() && !is_combining_mark(c) && !like(c).is_empty();
    let letter = |c: char| match like(c) {
        _ if c.is_ascii() || parts(c) => c.to_string(),
        // The skeleton of a capital I is a small l.
        like if like == "l" && c.is_uppercase() => "I".to_owned(),
        like => like,
    };
    let word = |word: &str| {
        let read: String = word.chars().map(letter).collect();
        if read.chars().all(|c| c.is_ascii() || parts(c)) { read } else { word.to_owned() }
    };
    let read: String = name.split_inclusive(parts).map(word).collect();
    (read != name).then_some(read)
}

/// Returns the skeleton of a text: two texts that look the same have the same skeleton.
///
/// Source: UTS #39, section 4.
#[must_use]
pub fn skeleton_of(text: &str) -> String {
    skeleton(text).collect()
}

/// Tells whether a text mixes scripts. Japanese, Chinese and Korean commonly contain Latin letters, so that level is treated as
/// one script.
fn mixes_scripts(text: &str) -> bool {
    !text.is_single_script() && text.detect_restriction_level() > RestrictionLevel::HighlyRestrictive
}

/// Returns the skeleton of a host.
fn shape(host: &Host) -> String {
    skeleton(&host.to_unicode()).collect()
}

fn label_warning(label: &str) -> Option<HostWarning> {
    if label.is_ascii() {
        return None;
    }
    if mixes_scripts(label) {
        return Some(HostWarning::MixedScript { label: label.to_owned() });
    }
    let reads_like: String = skeleton(label).collect();
    reads_like.is_ascii().then(|| HostWarning::LatinLookAlike { label: label.to_owned(), reads_like })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn warnings(proven: &[&str], host: &str) -> Vec<(&'static str, String)> {
        let mut known = LookAlikes::default();
        for domain in proven {
            known.add(&domain.parse().unwrap());
        }
        let found = known.warnings(&host.parse().unwrap());
        found.iter().map(|warning| (warning.code(), warning.to_string())).collect()
    }

    fn codes(proven: &[&str], host: &str) -> Vec<&'static str> {
        warnings(proven, host).into_iter().map(|(code, _)| code).collect()
    }

    #[test]
    fn labels_of_several_scripts_are_flagged() {
        // Source: UTS #39, section 5.1 (Сirсlе with Cyrillic С and с) and the table of restriction levels.
        for (host, expected) in [
            ("\u{421}ir\u{441}l\u{435}.com", vec!["mixed_script"]),
            ("bin\u{430}nce.com", vec!["mixed_script"]),
            ("login.bin\u{430}nce.com", vec!["mixed_script"]),
            ("πay.com", vec!["mixed_script"]),
            ("bücher.de", vec![]),
            ("пример.com", vec![]),
            ("例え.jp", vec![]),
            ("aいう.jp", vec![]),
            ("example.com", vec![]),
        ] {
            assert_eq!(codes(&[], host), expected, "{host}");
        }
    }

    #[test]
    fn names_that_read_as_latin_and_are_not_are_flagged() {
        // Only Cyrillic letters (the published example of 2017), and a Latin letter without its dot.
        for (host, reads_like) in [("аррӏе.com", "`apple`"), ("b\u{131}nance.com", "`binance`")] {
            let found = warnings(&[], host);

            assert_eq!((found.len(), found[0].0), (1, "latin_look_alike"), "{found:?}");
            assert!(found[0].1.ends_with(reads_like), "{found:?}");
        }
    }

    #[test]
    fn host_that_looks_like_a_proven_domain_is_flagged_with_it() {
        let found = warnings(&["pay.binance.com"], "bin\u{430}nce.com");

        assert_eq!(found[1].0, "resembles_proven");
        assert!(found[1].1.contains("`binance.com`"), "{found:?}");
        assert_eq!(codes(&["amazon.com"], "arnazon.com"), ["resembles_proven"]);
        assert_eq!(codes(&["amazon.com"], "login.arnazon.com"), ["resembles_proven"]);
        assert_eq!(codes(&["paypal.com"], "paypa1.com"), ["resembles_proven"]);
        for own in ["amazon.com", "login.amazon.com", "other.com"] {
            assert_eq!(codes(&["amazon.com", "pay.amazon.com"], own), [""; 0], "{own}");
        }
    }

    #[test]
    fn names_of_several_scripts_or_of_letters_that_read_as_latin_are_flagged() {
        for (name, expected) in [
            ("Lagoon Exchange GmbH", vec![]),
            ("S.à r.l. Ørsted №5", vec![]),
            ("株式会社bitFlyer", vec![]),
            ("주식회사 두나무 Upbit", vec![]),
            ("Биржа Москва", vec![]),
            // The legal form is obviously Russian, but the reviewer gets a warning in any case.
            ("ООО Bitfinex", vec!["latin_look_alike", "mixed_script"]),
            ("\u{412}inance Holdings", vec!["mixed_script"]),
            ("\u{412}\u{456}\u{430}\u{43e} Holdings", vec!["latin_look_alike", "mixed_script"]),
            ("\u{455}\u{441}\u{43e}\u{440}\u{435}", vec!["latin_look_alike"]),
        ] {
            let found: Vec<_> = name_warnings(name).iter().map(HostWarning::code).collect();
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn words_of_letters_that_look_latin_are_read_as_latin() {
        for (name, read) in [
            ("\u{413}\u{410}RANTEX", None),
            ("G\u{410}R\u{410}NTEX Europe", Some("GARANTEX Europe")),
            ("\u{41e}\u{41a}\u{425} Ltd", Some("OKX Ltd")),
            ("B\u{131}nance 株式会社", Some("Binance 株式会社")),
            ("\u{412}\u{406}TF\u{406}N\u{415}\u{425}", Some("BITFINEX")),
            ("C\u{41d}\u{c0}TEX", Some("CHATEX")),
            ("«C\u{41d}ATEX»\u{2014}S.A.", Some("«CHATEX»\u{2014}S.A.")),
            ("CHA\u{200b}TEX", Some("CHATEX")),
            ("Биржа Москва", None),
            ("Garantex", None),
            ("", None),
        ] {
            assert_eq!(latin_reading(name).as_deref(), read, "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_host_has_warnings_that_say_something(text in "\\PC{1,12}\\.com") {
            if let Ok(host) = text.parse::<Host>() {
                for warning in LookAlikes::default().warnings(&host) {
                    prop_assert!(!warning.code().is_empty() && !warning.to_string().is_empty());
                }
            }
        }
    }
}
