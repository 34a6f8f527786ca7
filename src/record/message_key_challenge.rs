//! The challenge text that a member signs with a message key to prove that it has the private key. It names the VASP, the key and
//! the key's use, so that it proves nothing else. No other text that the registry uses for signatures begins in the same way.

use crate::message_key::KeyUse;
use vasp_words::ids::{MessageKeyId, VaspId};
use vasp_words::time::UtcTime;

/// How long a challenge is valid, in seconds.
pub const CHALLENGE_SECS: i64 = 3_600;

/// Days for which a replaced key stays valid, if the member gives no other number.
pub const OVERLAP_DAYS: i64 = 7;
/// The maximum number of days for which a replaced key stays valid.
pub const OVERLAP_DAYS_MAX: i64 = 30;

/// The content of the text to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChallenge<'a> {
    /// The VASP that will own the key.
    pub vasp: VaspId,
    /// The id that the key will have.
    pub key: MessageKeyId,
    /// The thumbprint of the key.
    pub thumbprint: &'a str,
    /// The use of the key.
    pub key_use: KeyUse,
    /// Random text.
    pub nonce: &'a str,
    /// When the challenge expires.
    pub expires_at: UtcTime,
}

impl KeyChallenge<'_> {
    /// Returns the text: one line of visible ASCII.
    #[must_use]
    pub fn text(&self) -> String {
        let key_use = match self.key_use {
            KeyUse::Signing => "signing",
            KeyUse::Encryption => "encryption",
        };
        let Self { vasp, key, thumbprint, nonce, expires_at, .. } = self;
        format!(
            "vasp-registry-message-key-v1 vasp={vasp} key={key} use={key_use} jkt={thumbprint} nonce={nonce} until={expires_at}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_names_what_it_proves() {
        let challenge = KeyChallenge {
            vasp: "vasp_00000000000000000000000001".parse().unwrap(),
            key: "mky_00000000000000000000000002".parse().unwrap(),
            thumbprint: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
            key_use: KeyUse::Signing,
            nonce: "AAAA",
            expires_at: "2026-06-01T13:00:00Z".parse().unwrap(),
        };

        assert_eq!(
            challenge.text(),
            "vasp-registry-message-key-v1 vasp=vasp_00000000000000000000000001 key=mky_00000000000000000000000002 use=signing \
             jkt=kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k nonce=AAAA until=2026-06-01T13:00:00Z"
        );
    }
}
