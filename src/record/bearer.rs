//! Bearer secrets, which any holder may use: API keys `vr_…` (of a sandbox `vr_test_…`), sessions `vs_…`, enrolment links `ve_…` and
//! links to reports `vp_…`. Each has 256 random bits, so a plain SHA-256 is stored. `Debug` never shows them, and no error repeats the sent text.

use std::fmt;
use std::str::FromStr;

use rand_core::RngCore;

use crate::environment::Environment;
use vasp_words::ids::{ApiKeyId, ClientCertificateId, CredentialId, SessionId};

/// The length of a secret in bytes.
const SECRET_BYTES: usize = 32;

/// The text is not a credential of this registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a credential has the form vr_<id>_<64 hex digits>, or vs_… for a session")]
pub struct BearerError;

/// What the text of a sandbox's API key has after `vr_`, so that nobody takes it for a real one.
const TEST: &str = "test_";

/// What the text of a publishable API key has after `vr_`, so that nobody takes it for a secret, or a secret for it. Whether a key is one, its
/// row says.
const PUBLISHABLE: &str = "pub_";

/// Writes an API key as a publishable one.
#[must_use]
pub fn publishable(key: &str) -> String {
    key.replacen("vr_", &format!("vr_{PUBLISHABLE}"), 1)
}

/// A credential as it is sent: `vr_<26 characters of the id>_<64 hex digits>`, or `vs_…` for a session.
#[derive(Clone, PartialEq, Eq)]
pub struct BearerToken {
    /// Whether it is an API key of a sandbox; a session is `Live`.
    pub environment: Environment,
    /// The id of the credential.
    pub credential: CredentialId,
    /// Its secret.
    pub secret: [u8; SECRET_BYTES],
}

/// The secret of a kind of link: `v`, the letter of the kind, `_` and 64 hex digits.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkSecret<const KIND: char>([u8; SECRET_BYTES]);

/// The secret of an enrolment link: `ve_<64 hex digits>`.
pub type EnrolmentSecret = LinkSecret<'e'>;

/// The secret of a link that opens the report of a pre-check once: `vp_<64 hex digits>`.
pub type ReportSecret = LinkSecret<'p'>;

impl<const KIND: char> LinkSecret<KIND> {
    /// Makes a random one.
    pub fn draw(rng: &mut dyn RngCore) -> Self {
        Self(draw_secret(rng))
    }

    /// Returns its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; SECRET_BYTES] {
        &self.0
    }
}

impl<const KIND: char> FromStr for LinkSecret<KIND> {
    type Err = BearerError;
    fn from_str(text: &str) -> Result<Self, BearerError> {
        let digits = text.strip_prefix('v').and_then(|rest| rest.strip_prefix(KIND)).and_then(|rest| rest.strip_prefix('_'));
        digits.ok_or(BearerError).and_then(read_secret).map(Self)
    }
}

impl<const KIND: char> fmt::Display for LinkSecret<KIND> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{KIND}_{}", hex::encode(self.0))
    }
}

impl<const KIND: char> fmt::Debug for LinkSecret<KIND> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkSecret(…)")
    }
}

/// Makes a random secret.
pub fn draw_secret(rng: &mut dyn RngCore) -> [u8; SECRET_BYTES] {
    let mut secret = [0; SECRET_BYTES];
    rng.fill_bytes(&mut secret);
    secret
}

/// Reads 64 hex digits in lower case, the only written form.
fn read_secret(digits: &str) -> Result<[u8; SECRET_BYTES], BearerError> {
    let mut secret = [0; SECRET_BYTES];
    if digits.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(BearerError);
    }
    hex::decode_to_slice(digits, &mut secret).map_err(|_| BearerError)?;
    Ok(secret)
}

impl FromStr for BearerToken {
    type Err = BearerError;
    fn from_str(text: &str) -> Result<Self, BearerError> {
        let (kind, rest) = text.split_once('_').ok_or(BearerError)?;
        let rest = rest.strip_prefix(PUBLISHABLE).filter(|_| kind == "vr").unwrap_or(rest);
        let (environment, rest) = match rest.strip_prefix(TEST) {
            Some(rest) if kind == "vr" => (Environment::Sandbox, rest),
            _ => (Environment::Live, rest),
        };
        let (id, digits) = rest.split_once('_').ok_or(BearerError)?;
        let credential = match kind {
            "vr" => ApiKeyId::of_digits(id).map(CredentialId::Key),
            "vs" => SessionId::of_digits(id).map(CredentialId::Session),
            _ => return Err(BearerError),
        };
        Ok(Self { environment, credential: credential.ok_or(BearerError)?, secret: read_secret(digits)? })
    }
}

impl fmt::Display for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.credential.to_string();
        let (kind, prefix) = match self.credential {
            CredentialId::Key(_) => ("vr", ApiKeyId::PREFIX),
            CredentialId::Session(_) => ("vs", SessionId::PREFIX),
            // A certificate has no secret to send, so nothing reads this text.
            CredentialId::Certificate(_) => ("vc", ClientCertificateId::PREFIX),
        };
        let test = if self.environment == Environment::Sandbox { TEST } else { "" };
        write!(f, "{kind}_{test}{}_{}", id.strip_prefix(prefix).unwrap_or(&id), hex::encode(self.secret))
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerToken").field("credential", &self.credential).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;
    use vasp_words::time::UtcTime;

    fn token(seed: u64, session: bool) -> BearerToken {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let credential = match session {
            true => CredentialId::Session(SessionId::new(UtcTime::EPOCH, &mut rng)),
            false => CredentialId::Key(ApiKeyId::new(UtcTime::EPOCH, &mut rng)),
        };
        BearerToken { environment: Environment::Live, credential, secret: draw_secret(&mut rng) }
    }

    #[test]
    fn a_publishable_key_is_read_as_the_key_that_it_is() {
        let key = token(1, false);

        assert!(publishable(&key.to_string()).starts_with("vr_pub_"));
        assert_eq!(publishable(&key.to_string()).parse(), Ok(key));
        assert!(token(1, true).to_string().replacen("vs_", "vs_pub_", 1).parse::<BearerToken>().is_err());
    }

    #[test]
    fn forms_are_those_of_the_contract() {
        let session = token(1, true).to_string();

        assert!(session.starts_with("vs_") && session.len() == 3 + 26 + 1 + 64, "{session}");
        assert!(token(1, false).to_string().starts_with("vr_"));
        let test = BearerToken { environment: Environment::Sandbox, ..token(1, false) }.to_string();
        assert!(test.starts_with("vr_test_") && test.len() == 8 + 26 + 1 + 64, "{test}");
    }

    #[test]
    fn other_spellings_are_refused() {
        let text = token(1, true).to_string();

        for wrong in [text.to_uppercase(), text.replace("vs_", "ve_"), format!("{text}0"), text.replace('_', "-"), String::new()]
        {
            assert_eq!(wrong.parse::<BearerToken>(), Err(BearerError), "{wrong}");
        }
        assert!(format!("ve_{}", "0".repeat(64)).parse::<EnrolmentSecret>().is_ok());
        assert!(format!("ve_{}", "0".repeat(63)).parse::<EnrolmentSecret>().is_err());
        assert!(format!("ve_{}", "0".repeat(64)).parse::<ReportSecret>().is_err());
        assert_eq!(LinkSecret::<'p'>([0; 32]).to_string(), format!("vp_{}", "0".repeat(64)));
    }

    #[test]
    fn secrets_are_not_shown() {
        let token = token(1, true);

        assert!(!format!("{token:?}").contains(&hex::encode(token.secret)));
        assert_eq!(format!("{:?}", LinkSecret::<'e'>(token.secret)), "LinkSecret(…)");
    }

    proptest! {
        #[test]
        fn tokens_round_trip(seed: u64, session: bool, test: bool) {
            let environment = if test && !session { Environment::Sandbox } else { Environment::Live };
            let token = BearerToken { environment, ..token(seed, session) };
            prop_assert_eq!(token.to_string().parse::<BearerToken>(), Ok(token.clone()));
            prop_assert_eq!(LinkSecret::<'e'>(token.secret).to_string().parse(), Ok(LinkSecret::<'e'>(token.secret)));
        }

        #[test]
        fn reading_never_panics_and_writes_back_what_it_read(text in "v[rse]_(test_)?[0-9a-z]{26}_[0-9a-f]{64}|\\PC*") {
            if let Ok(token) = text.parse::<BearerToken>() {
                prop_assert_eq!(token.to_string(), text.clone());
            }
            if let Ok(secret) = text.parse::<EnrolmentSecret>() {
                prop_assert_eq!(secret.to_string(), text);
            }
        }
    }
}
