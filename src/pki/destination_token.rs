//! Tokens that replace a destination or an account within one organisation. The same destination always has the same token. Without the
//! organisation's data key, nobody can find out the destination of a token, not even by trying addresses.

use super::DataKey;
use aws_lc_rs::hmac;

/// The length of a token in bytes: long enough that no two destinations of an organisation share one.
const TOKEN_BYTES: usize = 16;

/// Makes the tokens of an organisation.
pub struct DestinationTokens(hmac::Key);

impl DestinationTokens {
    /// Derives the token key from an organisation's data key.
    #[must_use]
    pub fn new(key: &DataKey) -> Self {
        let derived = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.bytes()), b"relied destinations, tokens");
        Self(hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()))
    }

    /// Returns the token of a destination, given in canonical spelling.
    #[must_use]
    pub fn of_destination(&self, text: &[u8]) -> Vec<u8> {
        self.token(b"destination", text)
    }

    /// Returns the token of an account: of the number of its class of networks, and of what must act for it there.
    #[must_use]
    pub fn of_account(&self, class: i32, controller: &[u8]) -> Vec<u8> {
        self.token(b"account", &[class.to_be_bytes().as_slice(), controller].concat())
    }

    fn token(&self, kind: &[u8], bytes: &[u8]) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(kind);
        // The zero byte occurs in no kind name, so inputs of different kinds never coincide.
        context.update(&[0]);
        context.update(bytes);
        context.sign().as_ref().iter().copied().take(TOKEN_BYTES).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_tells_key_kind_and_bytes_apart_and_nothing_else() {
        let (one, other) = (DestinationTokens::new(&DataKey::of([1; 32])), DestinationTokens::new(&DataKey::of([2; 32])));

        let token = one.of_account(1, b"key");

        assert_eq!(token.len(), 16);
        assert_eq!(token, DestinationTokens::new(&DataKey::of([1; 32])).of_account(1, b"key"));
        assert_ne!(token, other.of_account(1, b"key"));
        assert_ne!(token, one.of_destination(b"key"));
        assert_ne!(token, one.of_account(1, b"kez"));
        assert_ne!(token, one.of_account(2, b"key"));
    }
}
