//! Checks whether a signed text was meant for this request. It must be an open challenge of the registry, or a text with the asker, the
//! address and a time of the last 24 hours. Any other text may have been signed for somebody else, or long ago.

use super::super::address::Account;
use super::Challenge;
use vasp_words::host::Host;
use vasp_words::time::UtcTime;

/// The maximum age of the time in a text, in seconds.
///
/// Source: docs/prechecks.md, "Proofs of who controls a self-hosted address".
const AGE_MAX_SECS: i64 = 24 * 3600;

/// How far the time in a text may be ahead of our clock, in seconds.
const AHEAD_MAX_SECS: i64 = 60;

/// The party that asks for proofs.
#[derive(Debug, Clone, Default)]
pub struct Asker {
    /// The registry whose challenges are accepted; with `None`, those of any registry.
    pub registry: Option<Host>,
    /// The asking VASP's id, LEI and names. If empty, challenges to any VASP are accepted, and other texts are refused.
    pub vasp: Vec<String>,
}

/// Why a signed text does not belong to the request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unbound {
    /// The message is not text, so nobody can have read it.
    #[error("the message is not text, so it cannot name the VASP that asks")]
    NotText,
    /// The challenge is from another registry, to another VASP or about another address.
    #[error("the challenge is about another {0}")]
    AnotherChallenge(&'static str),
    /// The challenge has expired, or is not open yet.
    #[error("the challenge was valid from {0} to {1} only")]
    NotOpen(UtcTime, UtcTime),
    /// No asking VASP was given.
    #[error("the message is not a challenge of a registry, and the request names no asking VASP to look for in it")]
    NoAsker,
    /// The text does not name the asking VASP or the address.
    #[error("the message does not name the {0}")]
    NotNamed(&'static str),
    /// The text has no time, or one that is too old or in the future.
    #[error("the message has no time, or a time that is in the future or more than 24 hours old")]
    NoRecentTime,
}

impl Asker {
    /// Checks that a text, signed by the account's key, was meant for this asker and is current.
    ///
    /// # Errors
    /// `Unbound`, with what is missing.
    pub fn check(&self, message: &[u8], account: &Account, now: UtcTime) -> Result<(), Unbound> {
        let text = std::str::from_utf8(message).map_err(|_| Unbound::NotText)?;
        match text.parse::<Challenge>() {
            Ok(challenge) => self.check_challenge(&challenge, account, now),
            Err(_) => self.check_text(text, account, now),
        }
    }

    fn check_challenge(&self, challenge: &Challenge, account: &Account, now: UtcTime) -> Result<(), Unbound> {
        let registry = self.registry.as_ref().is_none_or(|registry| registry == challenge.registry());
        let vasp = self.vasp.is_empty() || self.vasp.contains(&challenge.vasp().to_string());
        let parts = [
            (registry, "registry"),
            (vasp, "VASP"),
            (*challenge.network() == account.caip2, "network"),
            (challenge.address() == account.canonical, "address"),
        ];
        match parts.into_iter().find(|(same, _)| !same) {
            Some((_, part)) => Err(Unbound::AnotherChallenge(part)),
            None if now < challenge.issued() || now > challenge.expires() => {
                Err(Unbound::NotOpen(challenge.issued(), challenge.expires()))
            }
            None => Ok(()),
        }
    }

    fn check_text(&self, text: &str, account: &Account, now: UtcTime) -> Result<(), Unbound> {
        if self.vasp.is_empty() {
            return Err(Unbound::NoAsker);
        }
        if !self.vasp.iter().any(|name| names(&text.to_lowercase(), &name.to_lowercase())) {
            return Err(Unbound::NotNamed("asking VASP"));
        }
        // The case of an EVM address is only its checksum.
        let is_evm = account.caip2.namespace() == "eip155";
        let (text, address) = if is_evm {
            (text.to_ascii_lowercase(), account.canonical.to_ascii_lowercase())
        } else {
            (text.to_owned(), account.canonical.clone())
        };
        if !names(&text, &address) {
            return Err(Unbound::NotNamed("address"));
        }
        let word = |word: &str| word.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_ascii_uppercase().parse().ok();
        let oldest: Option<UtcTime> = text.split_whitespace().filter_map(word).min();
        let recent = now.plus_secs(-AGE_MAX_SECS)..=now.plus_secs(AHEAD_MAX_SECS);
        if oldest.is_some_and(|time| recent.contains(&time)) { Ok(()) } else { Err(Unbound::NoRecentTime) }
    }
}

/// Tells whether a text contains a name that is not part of a longer word.
fn names(text: &str, name: &str) -> bool {
    let parts_words = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    !name.trim().is_empty()
        && text.match_indices(name).any(|(at, found)| {
            let (before, after) = (text.get(..at), text.get(at + found.len()..));
            parts_words(before.and_then(|text| text.chars().next_back()))
                && parts_words(after.and_then(|text| text.chars().next()))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::NetworkTable;

    const ADDRESS: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    const NOW: &str = "2026-06-02T12:00:00Z";

    fn check(asker: &Asker, text: &str) -> Result<(), Unbound> {
        let table = NetworkTable::embedded();
        let account = table.parse_on(table.resolve_name("ethereum").unwrap(), ADDRESS).unwrap();
        asker.check(text.as_bytes(), &account, NOW.parse().unwrap())
    }

    fn asker(vasp: &[&str]) -> Asker {
        Asker { registry: None, vasp: vasp.iter().map(|name| (*name).to_owned()).collect() }
    }

    #[test]
    fn text_is_bound_by_the_asker_the_address_and_a_time_of_the_last_day() {
        let kranich = asker(&["vasp_01jx00000000000000000000aa", "Kranich Krypto GmbH"]);
        let text = |name: &str, address: &str, time: &str| format!("I control {address}. To {name}, {time}.");
        let lower = ADDRESS.to_lowercase();
        for (said, expected) in [
            (text("Kranich Krypto GmbH", ADDRESS, "2026-06-01T12:00:00Z"), Ok(())),
            (text("KRANICH KRYPTO GMBH", &lower, "2026-06-02T13:30:00+02:00"), Ok(())),
            (text("vasp_01jx00000000000000000000aa", ADDRESS, "2026-06-02T12:01:00Z"), Ok(())),
            (text("Kranich Krypto GmbHs", ADDRESS, NOW), Err(Unbound::NotNamed("asking VASP"))),
            (text("Alster Coin AG", ADDRESS, NOW), Err(Unbound::NotNamed("asking VASP"))),
            (text("Kranich Krypto GmbH", "0x0000", NOW), Err(Unbound::NotNamed("address"))),
            (text("Kranich Krypto GmbH", ADDRESS, "2026-06-01T11:59:59Z"), Err(Unbound::NoRecentTime)),
            (text("Kranich Krypto GmbH", ADDRESS, "2026-06-02T12:01:01Z"), Err(Unbound::NoRecentTime)),
            (text("Kranich Krypto GmbH", ADDRESS, "today"), Err(Unbound::NoRecentTime)),
            // A later time next to an old one does not make the text recent.
            (text("Kranich Krypto GmbH", ADDRESS, "2026-05-01T12:00:00Z until 2026-06-02T12:00:00Z"), Err(Unbound::NoRecentTime)),
        ] {
            assert_eq!(check(&kranich, &said), expected, "{said}");
        }
        assert_eq!(check(&asker(&[]), "Hello World"), Err(Unbound::NoAsker));
        assert_eq!(check(&asker(&[" "]), "Hello World"), Err(Unbound::NotNamed("asking VASP")));
    }
}
