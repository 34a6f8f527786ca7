//! What the files in `seed/sandbox` leave open, written as `${kind:which}`: days relative to the day on which the sandbox was filled,
//! addresses whose keys nobody chose, LEIs that GLEIF assigns to nobody, and the ids of invented members.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::StageError;
use super::wallets::Chain;
use vasp_words::time::UtcTime;

/// What an address is the SHA-256 of, before the name of its scenario.
pub(super) const SUBJECT_PREFIX: &str = "vasp-registry sandbox:";

/// The asking gateway's own VASP, of `seed/sandbox/firms.csv`.
pub(super) const OWN: u32 = 9;

/// What the files leave open.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Facts {
    /// The time from which days are counted: when the filling began, or when an event happens.
    pub(crate) begun: Option<UtcTime>,
    /// Ids, API keys and other texts by their names.
    pub(crate) texts: BTreeMap<String, String>,
    /// The time in the sandbox; `None` where no text depends on it.
    #[serde(skip)]
    pub(crate) now: Option<UtcTime>,
}

impl Facts {
    /// Writes what a text leaves open.
    ///
    /// # Errors
    /// `StageError::Open` for what is not known.
    pub(crate) fn fill(&self, text: &str) -> Result<String, StageError> {
        let mut parts = text.split("${");
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let open = || StageError::Open(part.chars().take(40).collect());
            let (what, rest) = part.split_once('}').ok_or_else(open)?;
            let (kind, which) = what.split_once(':').ok_or_else(open)?;
            filled.push_str(&self.value(kind, which)?.ok_or_else(open)?);
            filled.push_str(rest);
        }
        Ok(filled)
    }

    /// Returns what the holder of a scenario's Solana address signs for the asking gateway.
    fn wallet_text(&self, scenario: &str) -> Result<Option<String>, StageError> {
        let Some(now) = self.now else { return Ok(None) };
        Ok(Some(format!("{} asks who controls {}. I do. {now}", lei(OWN), Chain::Solana.address(scenario)?)))
    }

    /// Returns the time some days and seconds after the beginning.
    fn later(&self, days: &str, secs: i64) -> Option<UtcTime> {
        Some(self.begun?.plus_secs(days.parse::<i64>().ok()? * 86_400 + secs))
    }

    fn value(&self, kind: &str, which: &str) -> Result<Option<String>, StageError> {
        Ok(match kind {
            "day" => self.later(which, 0).map(|at| at.date().to_string()),
            // An hour later, because it takes a while until a sandbox is filled.
            "after" => self.later(which, 3_600).map(|at| at.to_string()),
            "eth" => Some(format!("0x{}", hex::encode(subject_bytes(which)))),
            "btc" => Some(bs58::encode([&[0], &subject_bytes(which)[..]].concat()).with_check().into_string()),
            "sol" => Some(Chain::Solana.address(which)?),
            "eth_wallet" => Some(Chain::Ethereum.address(which)?),
            "in" => which.parse().ok().zip(self.now).map(|(secs, now)| now.plus_secs(secs).to_string()),
            "wallet_text" => self.wallet_text(which)?,
            "wallet_signature" => self.wallet_text(which)?.map(|text| Chain::Solana.sign(which, &text)).transpose()?,
            "lei" => which.parse().ok().map(lei),
            "text" => self.texts.get(which).cloned(),
            _ => None,
        })
    }
}

/// Returns the first 20 bytes of the SHA-256 of a scenario's name. Nobody holds a key of an address made of them.
fn subject_bytes(scenario: &str) -> [u8; 20] {
    let hash = digest(&SHA256, format!("{SUBJECT_PREFIX}{scenario}").as_bytes());
    let mut bytes = [0; 20];
    bytes.iter_mut().zip(hash.as_ref()).for_each(|(to, from)| *to = *from);
    bytes
}

/// Returns the LEI of an invented firm: under the prefix ZZZZ, which GLEIF has assigned to no issuer.
///
/// Source: ISO 17442-1; check digits of ISO/IEC 7064, MOD 97-10.
pub(super) fn lei(number: u32) -> String {
    let body = format!("ZZZZ00SANDBOX{number:05}");
    let step = |rest: u32, c: char| c.to_digit(36).map_or(rest, |value| (rest * if value > 9 { 100 } else { 10 } + value) % 97);
    let rest = body.chars().chain("00".chars()).fold(0, step);
    format!("{body}{:02}", 98 - rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vasp_words::lei::Lei;

    fn facts() -> Facts {
        let texts = BTreeMap::from([("gateway_key".to_owned(), "vr_test_1".to_owned())]);
        Facts { begun: Some("2026-03-01T23:30:00Z".parse().unwrap()), texts, now: None }
    }

    #[test]
    fn leis_have_right_check_digits() {
        // Computed by hand with MOD 97-10.
        assert_eq!(lei(1), "ZZZZ00SANDBOX0000138");
        assert_eq!(lei(2), "ZZZZ00SANDBOX0000235");
        assert!((1..200).all(|number| lei(number).parse::<Lei>().is_ok()));
    }

    #[test]
    fn what_is_left_open_is_written() {
        assert_eq!(facts().fill("from ${day:-1} to ${day:30}").unwrap(), "from 2026-02-28 to 2026-03-31");
        assert_eq!(facts().fill("${after:1}").unwrap(), "2026-03-03T00:30:00Z");
        assert_eq!(facts().fill("Bearer ${text:gateway_key}").unwrap(), "Bearer vr_test_1");
        assert_eq!(facts().fill("nothing").unwrap(), "nothing");
    }

    #[test]
    fn addresses_are_hashes_of_their_scenario() {
        // printf 'vasp-registry sandbox:conflicted' | sha256sum
        assert_eq!(facts().fill("${eth:conflicted}").unwrap(), CONFLICTED);
    }

    const CONFLICTED: &str = "0x7716bfd4a9735fb70ca0c722546c1676f422b5e1";

    #[test]
    fn what_is_not_known_is_refused() {
        for text in ["${text:nobody}", "${day:soon}", "${moon:1}", "${day:1", "${x}"] {
            assert!(facts().fill(text).is_err(), "{text}");
        }
    }
}
