//! The text that a member signs with a key for messages to show that it has the private half. It names the VASP, the key and
//! what the key is for, so that it proves nothing else; nothing else that this registry has signed begins like it.

use crate::message_key::KeyUse;
use vasp_words::ids::{MessageKeyId, VaspId};
use vasp_words::time::UtcTime;

/// How long a challenge may be answered, in seconds.
pub const CHALLENGE_SECS: i64 = 3_600;

/// Days that a replaced key stays good unless the member says otherwise, and at most.
pub const OVERLAP_DAYS: i64 = 7;
/// See [`OVERLAP_DAYS`].
pub const OVERLAP_DAYS_MAX: i64 = 30;

/// What is to be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChallenge<'a> {
    /// Whose key it is to be.
    pub vasp: VaspId,
    /// Id that it will have.
    pub key: MessageKeyId,
    /// Its thumbprint.
    pub thumbprint: &'a str,
    /// What it is for.
    pub key_use: KeyUse,
    /// Random text.
    pub nonce: &'a str,
    /// Until when.
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
