//! Implements the Standard Webhooks specification: what is signed, the text form of secrets, and when a failed message is retried. Pure
//! except for the signature itself.
//!
//! Source: Standard Webhooks 1.0.0 (standard-webhooks/standard-webhooks, spec/standard-webhooks.md).

use std::ops::RangeInclusive;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand_core::RngCore;

use vasp_words::time::UtcTime;

/// Prefix of a secret's text.
///
/// Source: Standard Webhooks, "Signature scheme".
const SECRET_PREFIX: &str = "whsec_";
/// Length of a drawn secret, in bytes.
const SECRET_BYTES: usize = 32;
/// Lengths that a secret may have, in bytes.
///
/// Source: Standard Webhooks, "Signature scheme": between 24 and 64 bytes.
const SECRET_LENGTHS: RangeInclusive<usize> = 24..=64;

/// Seconds between an attempt and the next. The last attempt is made 72 hours after the first.
///
/// Source: Standard Webhooks, "Deliverability and reliability": its example schedule, ended at 72 hours.
const PAUSES_SECS: [i64; 9] = [5, 5 * 60, 30 * 60, 2 * 3_600, 5 * 3_600, 10 * 3_600, 14 * 3_600, 20 * 3_600, LONGEST_PAUSE_SECS];

/// The last and longest pause.
pub const LONGEST_PAUSE_SECS: i64 = 20 * 3_600 + 24 * 60 + 55;

/// Maximum part of a pause that is added at random. Many messages that failed together must not be retried together.
const JITTER_PERCENT: i64 = 5;

/// The secret of a webhook. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(Vec<u8>);

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookSecret")
    }
}

impl WebhookSecret {
    /// Draws a random secret.
    pub fn draw(rng: &mut dyn RngCore) -> Self {
        let mut bytes = vec![0; SECRET_BYTES];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// Makes a secret from its bytes. `None` if their number is not allowed.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        SECRET_LENGTHS.contains(&bytes.len()).then(|| Self(bytes.to_vec()))
    }

    /// Returns its bytes, for sealing.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the text that is shown to the user once.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{SECRET_PREFIX}{}", STANDARD.encode(&self.0))
    }

    /// Signs a message sent at `timestamp`, in seconds since the epoch.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &self.0));
        context.update(format!("{id}.{timestamp}.").as_bytes());
        context.update(body);
        format!("v1,{}", STANDARD.encode(context.sign()))
    }
}

/// Returns when to retry a message whose attempt number `attempts` (from 1) failed at `now`. `None` if the message is given up.
#[must_use]
pub fn next_attempt(attempts: u32, now: UtcTime, rng: &mut dyn RngCore) -> Option<UtcTime> {
    let place = usize::try_from(attempts.checked_sub(1)?).ok()?;
    let pause = PAUSES_SECS.get(place)?;
    let most = pause * 1_000_000 * JITTER_PERCENT / 100;
    let jitter = i64::from(rng.next_u32()) % most.max(1);
    Some(now.plus_secs(*pause).plus_micros(jitter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::SeedableRng;

    fn rng() -> impl RngCore {
        rand_chacha::ChaCha8Rng::seed_from_u64(7)
    }

    /// Source: the reference libraries' own test (standard-webhooks, libraries/python/tests/test_webhooks.py, `test_sign_function`).
    #[test]
    fn the_published_signature_comes_out() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let secret = WebhookSecret::from_bytes(&secret).unwrap();

        let signed = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);

        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_is_shown_as_the_specification_has_it() {
        let secret = WebhookSecret::draw(&mut rng());

        let shown = secret.text();
        assert_eq!(STANDARD.decode(shown.strip_prefix("whsec_").unwrap()).unwrap(), secret.bytes());
        assert_eq!(WebhookSecret::from_bytes(secret.bytes()), Some(secret.clone()));
        assert_eq!(WebhookSecret::from_bytes(&[1; 23]), None);
        assert_eq!(format!("{secret:?}"), "WebhookSecret");
    }

    /// Source: docs/watch.md, "Webhooks": ten attempts over 72 hours.
    #[test]
    fn the_attempts_of_a_message_are_spread_over_72_hours() {
        let (start, mut at, mut attempts) = (UtcTime::EPOCH, UtcTime::EPOCH, 1);

        while let Some(next) = next_attempt(attempts, at, &mut rng()) {
            assert!(next > at);
            (at, attempts) = (next, attempts + 1);
        }

        let hours = (at.micros() - start.micros()) / 3_600_000_000;
        assert!((72..=76).contains(&hours), "{hours}");
        assert_eq!(attempts, 10);
        assert_eq!(next_attempt(0, at, &mut rng()), None);
    }
}
