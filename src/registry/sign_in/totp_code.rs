//! Time-based one-time codes: six digits every 30 seconds, from a shared secret. The caller stores the step of the last code, so that a
//! code works only once.
//!
//! Source: RFC 6238; the secret's 160 bits and six digits by RFC 4226 sections 4 and 5.3.

use std::fmt;

use rand_core::RngCore;
use totp_rs::{Algorithm, Builder, Secret, Totp};

use vasp_words::time::UtcTime;

/// How many steps before and after the current one are accepted.
///
/// Source: RFC 6238 section 5.2: at most one step for delays on the way.
const SKEW: u16 = 1;

/// Length of a step, in seconds.
const STEP_SECS: u64 = 30;

/// The name that the app shows for the codes.
const ISSUER: &str = "VASP registry";

/// A shared secret of 160 bits.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret([u8; 20]);

impl TotpSecret {
    /// A dummy secret, compared if there is no real one, so that it takes as long.
    pub const NOBODYS: Self = Self([0; 20]);

    /// Draws a random secret.
    pub fn draw(rng: &mut dyn RngCore) -> Self {
        let mut bytes = [0; 20];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// Makes a secret of its bytes; `None` if their number is wrong.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Returns the secret's bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// Returns the secret in base 32, as people type it into an app.
    #[must_use]
    pub fn base32(&self) -> String {
        Secret::new_stack(self.0).to_base32()
    }

    /// Returns the step of a code, if it is the code of the current step or of one step before or after.
    #[must_use]
    pub fn step_of(&self, code: &str, now: UtcTime) -> Option<i64> {
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let secs = now.millis_since_epoch() / 1_000;
        self.totp("")?.check(&digits, secs).and_then(|step| i64::try_from(step).ok())
    }

    /// Returns the code at a time. Only tests may use it.
    #[must_use]
    pub fn code_at(&self, at: UtcTime) -> String {
        self.totp("").map(|totp| totp.generate(at.millis_since_epoch() / 1_000).to_string()).unwrap_or_default()
    }

    /// Returns the URL that an app reads from a QR code.
    #[must_use]
    pub fn url(&self, account: &str) -> String {
        // A colon separates issuer and account in the label.
        let account = account.replace(':', " ");
        self.totp(&account).and_then(|totp| totp.to_url().ok()).unwrap_or_default()
    }

    fn totp(&self, account: &str) -> Option<Totp> {
        let builder = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_skew(SKEW)
            .with_step_duration(STEP_SECS)
            .with_secret(Secret::new_stack(self.0))
            .with_account_name(account)
            .with_issuer(Some(ISSUER));
        builder.build().ok()
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const VECTORS: [(i64, &str); 6] = [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ];

    fn secret() -> TotpSecret {
        TotpSecret(*b"12345678901234567890")
    }

    fn at(secs: i64) -> UtcTime {
        UtcTime::EPOCH.plus_secs(secs)
    }

    /// Source: RFC 6238 appendix B, SHA-1. Its codes have eight digits; six are the last six of them (RFC 4226 section 5.3).
    #[test]
    fn codes_are_those_of_the_rfc() {
        for (secs, eight) in VECTORS {
            let six = eight.split_at(2).1;

            assert_eq!(secret().code_at(at(secs)), six);
            assert_eq!(secret().step_of(six, at(secs)), Some(secs / 30));
        }
    }

    /// Source: RFC 4226 appendix D, counters 0 to 9, taken as steps.
    #[test]
    fn codes_are_those_of_the_counter_based_rfc() {
        let codes = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
        for (step, code) in (0..).zip(codes) {
            assert_eq!(secret().code_at(at(step * 30)), code);
        }
    }

    #[test]
    fn one_step_before_and_after_is_taken_and_no_more() {
        let code = secret().code_at(at(3_000));

        for (secs, taken) in [(2_969, false), (2_970, true), (3_000, true), (3_059, true), (3_060, false)] {
            assert_eq!(secret().step_of(&code, at(secs)), taken.then_some(100), "at {secs}");
        }
        let (first, last) = code.split_at(3);
        assert_eq!(secret().step_of(&format!(" {first} {last}"), at(3_000)), Some(100));
    }

    #[test]
    fn url_is_what_apps_read() {
        let url = secret().url("anna@example.org");

        assert_eq!(
            url,
            "otpauth://totp/VASP%20registry:anna%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=VASP%20registry"
        );
        assert!(secret().url("a:b").starts_with("otpauth://totp/VASP%20registry:a%20b?"));
        assert_eq!(format!("{:?}", secret()), "TotpSecret(…)");
    }

    proptest! {
        #[test]
        fn other_texts_are_no_codes(text in "\\PC{0,12}", secs in 0i64..4_000_000_000) {
            if let Some(step) = secret().step_of(&text, at(secs)) {
                prop_assert!((step - secs / 30).abs() <= 1);
                prop_assert_eq!(text.chars().filter(char::is_ascii_digit).count(), 6);
            }
        }
    }
}
