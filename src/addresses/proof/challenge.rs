//! The challenge: the text that a wallet shows and signs. Its lines are readable ASCII, with the registry, the VASP, the account, the
//! expiry time and a nonce. Nothing here makes sure that a nonce is used only once; the code that stores nonces does.

use std::fmt;
use std::str::FromStr;

use super::super::address::Account;
use rand_core::RngCore;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vasp_words::caip::Caip2;
use vasp_words::host::Host;
use vasp_words::ids::VaspId;
use vasp_words::time::{UtcTime, serde_as_text};

/// The first line. The version increases when a line changes.
const TITLE: &str = "VASP registry: proof of control of an address, version 1";

/// The last line.
pub(super) const PURPOSE: &str = "By signing this text the holder of the key states that the VASP named above controls the \
                                  address above. It is no transaction and moves nothing.";

/// The maximum time for which a challenge is open, in seconds.
pub const LIFETIME_MAX_SECS: i64 = 900;

/// A limit above the length of any challenge, in characters.
const LENGTH_MAX: usize = 2048;

/// 128 random bits that make a challenge unique; written as 32 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nonce([u8; 16]);

/// The content of a challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    registry: Host,
    vasp: VaspId,
    network: Caip2,
    address: String,
    nonce: Nonce,
    issued: UtcTime,
    expires: UtcTime,
}

/// Why a text is not a challenge, or why no challenge can be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChallengeError {
    /// A line is missing, superfluous or not in its form.
    #[error("line {line} must be {expected}")]
    Line {
        /// The number of the line, counted from 1.
        line: usize,
        /// The expected form of the line.
        expected: &'static str,
    },
    /// The lifetime is shorter than one second, or longer than the maximum.
    #[error("a challenge must be valid for 1 to {LIFETIME_MAX_SECS} seconds")]
    Lifetime,
    /// The lines are valid, but a registry writes them differently.
    #[error("a value is not written in the form that the registry uses")]
    Spelling,
    /// The text is too long.
    #[error("a challenge has at most {LENGTH_MAX} characters")]
    TooLong,
}

impl Nonce {
    /// Generates a nonce.
    pub fn draw(rng: &mut dyn RngCore) -> Self {
        let mut bytes = [0; 16];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// Returns the 16 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for Nonce {
    type Err = ChallengeError;
    fn from_str(text: &str) -> Result<Self, ChallengeError> {
        let mut bytes = [0; 16];
        let read = hex::decode_to_slice(text, &mut bytes);
        read.map_err(|_| ChallengeError::Line { line: 6, expected: "`Nonce: ` and 32 hex digits" })?;
        Ok(Self(bytes))
    }
}

serde_as_text!(Nonce);

impl Challenge {
    /// Makes a challenge for an account, open from `now` (in whole seconds) for `lifetime_secs`.
    ///
    /// # Errors
    /// `ChallengeError::Lifetime` outside 1 to 900 seconds; `Line` if the account's text cannot be written in a line.
    pub fn issue(
        registry: Host,
        vasp: VaspId,
        account: &Account,
        lifetime_secs: i64,
        now: UtcTime,
        rng: &mut dyn RngCore,
    ) -> Result<Self, ChallengeError> {
        let issued = now.plus_micros(-now.micros().rem_euclid(1_000_000));
        let challenge = Self {
            registry,
            vasp,
            network: account.caip2.clone(),
            address: account.canonical.clone(),
            nonce: Nonce::draw(rng),
            issued,
            expires: issued.plus_secs(lifetime_secs),
        };
        challenge.check()?;
        Ok(challenge)
    }

    /// Returns the name of the registry that made the challenge.
    #[must_use]
    pub fn registry(&self) -> &Host {
        &self.registry
    }

    /// Returns the VASP that must prove its control of the account.
    #[must_use]
    pub fn vasp(&self) -> VaspId {
        self.vasp
    }

    /// Returns the account's network.
    #[must_use]
    pub fn network(&self) -> &Caip2 {
        &self.network
    }

    /// Returns the account's address in canonical spelling.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Returns the nonce.
    #[must_use]
    pub fn nonce(&self) -> Nonce {
        self.nonce
    }

    /// Returns when the challenge was made.
    #[must_use]
    pub fn issued(&self) -> UtcTime {
        self.issued
    }

    /// Returns the last time at which the challenge may be answered.
    #[must_use]
    pub fn expires(&self) -> UtcTime {
        self.expires
    }

    fn check(&self) -> Result<(), ChallengeError> {
        if self.address.is_empty() || !self.address.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ChallengeError::Line { line: 5, expected: "`Address: ` and an address without spaces" });
        }
        let lifetime_micros = self.expires.micros() - self.issued.micros();
        if (1_000_000..=LIFETIME_MAX_SECS * 1_000_000).contains(&lifetime_micros) {
            Ok(())
        } else {
            Err(ChallengeError::Lifetime)
        }
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { registry, vasp, network, address, nonce, issued, expires } = self;
        write!(
            f,
            "{TITLE}\nRegistry: {registry}\nVASP: {vasp}\nNetwork: {network}\nAddress: {address}\nNonce: {nonce}\n\
             Issued: {issued}\nExpires: {expires}\n{PURPOSE}"
        )
    }
}

impl FromStr for Challenge {
    type Err = ChallengeError;
    fn from_str(text: &str) -> Result<Self, ChallengeError> {
        if text.len() > LENGTH_MAX {
            return Err(ChallengeError::TooLong);
        }
        let mut lines = Lines { rest: text.split('\n'), line: 0 };
        lines.next_is(TITLE, "the title of version 1")?;
        let challenge = Self {
            registry: lines.value("Registry: ", "`Registry: ` and a host name")?,
            vasp: lines.value("VASP: ", "`VASP: ` and a VASP id")?,
            network: lines.value("Network: ", "`Network: ` and a CAIP-2 id")?,
            address: lines.value("Address: ", "`Address: ` and an address without spaces")?,
            nonce: lines.value("Nonce: ", "`Nonce: ` and 32 hex digits")?,
            issued: lines.value("Issued: ", "`Issued: ` and a time")?,
            expires: lines.value("Expires: ", "`Expires: ` and a time")?,
        };
        lines.next_is(PURPOSE, "the sentence about the purpose")?;
        if lines.rest.next().is_some() {
            return Err(ChallengeError::Line { line: 10, expected: "absent" });
        }
        challenge.check()?;
        if challenge.to_string() == text { Ok(challenge) } else { Err(ChallengeError::Spelling) }
    }
}

/// The lines of a text, with their numbers.
struct Lines<'a> {
    rest: std::str::Split<'a, char>,
    line: usize,
}

impl Lines<'_> {
    fn value<T: FromStr>(&mut self, label: &str, expected: &'static str) -> Result<T, ChallengeError> {
        self.line += 1;
        let value = self.rest.next().and_then(|line| line.strip_prefix(label)).and_then(|value| value.parse().ok());
        value.ok_or(ChallengeError::Line { line: self.line, expected })
    }

    fn next_is(&mut self, text: &str, expected: &'static str) -> Result<(), ChallengeError> {
        self.line += 1;
        let same = self.rest.next() == Some(text);
        if same { Ok(()) } else { Err(ChallengeError::Line { line: self.line, expected }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::NetworkTable;
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;

    fn issue(lifetime_secs: i64, seed: u64) -> Result<Challenge, ChallengeError> {
        let table = NetworkTable::embedded();
        let ethereum = table.resolve_name("ethereum").unwrap();
        let account = table.parse_on(ethereum, "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed").unwrap();
        let now = "2026-06-01T12:00:00.25Z".parse().unwrap();
        let vasp = "vasp_01jx00000000000000000000aa".parse().unwrap();
        Challenge::issue(
            "registry.example.org".parse().unwrap(),
            vasp,
            &account,
            lifetime_secs,
            now,
            &mut ChaCha8Rng::seed_from_u64(seed),
        )
    }

    #[test]
    fn challenge_reads_as_it_is_meant() {
        let text = issue(900, 1).unwrap().to_string();

        let nonce = text.lines().nth(5).unwrap().strip_prefix("Nonce: ").unwrap().to_owned();
        assert_eq!(
            text,
            format!(
                "VASP registry: proof of control of an address, version 1\nRegistry: registry.example.org\n\
                 VASP: vasp_01jx00000000000000000000aa\nNetwork: eip155:1\nAddress: 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\n\
                 Nonce: {nonce}\nIssued: 2026-06-01T12:00:00Z\nExpires: 2026-06-01T12:15:00Z\n\
                 By signing this text the holder of the key states that the VASP named above controls the address above. It is no \
                 transaction and moves nothing."
            )
        );
        assert!(text.is_ascii() && text.len() <= 1024, "{}", text.len());
    }

    #[test]
    fn lifetimes_outside_fifteen_minutes_are_refused() {
        assert_eq!(issue(0, 1), Err(ChallengeError::Lifetime));
        assert_eq!(issue(901, 1), Err(ChallengeError::Lifetime));
        assert_eq!(issue(i64::MAX, 1), Err(ChallengeError::Lifetime));
    }

    #[test]
    fn every_nonce_is_another() {
        assert_ne!(issue(60, 1).unwrap().nonce(), issue(60, 2).unwrap().nonce());
    }

    #[test]
    fn other_texts_are_refused_by_line() {
        let text = issue(900, 1).unwrap().to_string();
        let refused = |text: String| text.parse::<Challenge>().unwrap_err();

        assert!(matches!(refused(String::new()), ChallengeError::Line { line: 1, .. }));
        assert!(matches!(refused(text.replace("VASP: vasp_", "VASP: vsp_")), ChallengeError::Line { line: 3, .. }));
        assert!(matches!(refused(format!("{text}\n")), ChallengeError::Line { line: 10, .. }));
        assert_eq!(refused(text.replace("registry.example", "Registry.example")), ChallengeError::Spelling);
        assert_eq!(refused(text.replace("12:15:00Z", "12:15:00.0Z")), ChallengeError::Spelling);
        assert_eq!(refused(text.replace("12:15", "12:16")), ChallengeError::Lifetime);
        assert_eq!(refused("x".repeat(4000)), ChallengeError::TooLong);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(lifetime_secs in 1..=900_i64, seed in any::<u64>()) {
            let challenge = issue(lifetime_secs, seed).unwrap();
            prop_assert_eq!(challenge.to_string().parse(), Ok(challenge));
        }

        #[test]
        fn no_text_is_read_that_would_be_written_otherwise(place in 0_usize..500, byte in 0_u8..128, seed in any::<u64>()) {
            let mut text = issue(900, seed).unwrap().to_string().into_bytes();
            let place = place % text.len();
            text[place] = byte;
            let text = String::from_utf8(text).unwrap();
            if let Ok(read) = text.parse::<Challenge>() {
                prop_assert_eq!(read.to_string(), text);
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,400}") {
            let _ = text.parse::<Challenge>();
        }
    }
}
