//! What people sign in with, and what stands in settings and tokens about it.

use std::str::FromStr;

use openidconnect::core::{CoreIdToken, CoreJsonWebKeySet, CoreProviderMetadata};
use vasp_record::bearer::{BearerToken, EnrolmentSecret};
use vasp_record::password::{LEAST_ALONE, MOST, Password};
use vasp_registry::config::{BaseUrl, Issuer, OidcOptions, ProviderName};
use vasp_registry::sign_in::recovery_code::RecoveryCode;
use vasp_registry::sign_in::totp_code::TotpSecret;
use vasp_words::time::UtcTime;

use crate::target::{Outcome, Target, accepted, examples, read, read_file, refused_file, round_trip, text};

/// The targets of this file.
pub(crate) const TARGETS: &[Target] = &[
    Target { name: "credential", examples: || examples(CREDENTIALS), run: |input| round_trip::<BearerToken>(&text(input)) },
    Target { name: "enrolment secret", examples: || examples(SECRETS), run: |input| round_trip::<EnrolmentSecret>(&text(input)) },
    Target { name: "recovery code", examples: || examples(CODES), run: |input| round_trip::<RecoveryCode>(&text(input)) },
    Target { name: "totp code", examples: || examples(&["000000", "123 456", "287082"]), run: totp_code },
    Target { name: "password", examples: || examples(PASSWORDS), run: password },
    Target { name: "public url", examples: || examples(URLS), run: |input| round_trip::<BaseUrl>(&text(input)) },
    Target { name: "issuer", examples: || examples(URLS), run: |input| round_trip::<Issuer>(&text(input)) },
    Target {
        name: "name of a provider",
        examples: || examples(&["a-1", "example"]),
        run: |input| round_trip::<ProviderName>(&text(input)),
    },
    Target { name: "settings of a provider", examples: || examples(PROVIDERS), run: provider },
    Target { name: "id token", examples: || examples(TOKENS), run: id_token },
    Target { name: "what a provider publishes", examples: || examples(PUBLISHED), run: published },
];

const CREDENTIALS: &[&str] = &[
    "vr_01jz0000000000000000000000_00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
    "vs_7zzzzzzzzzzzzzzzzzzzzzzzzz_ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100",
];

const SECRETS: &[&str] = &["ve_00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"];

const CODES: &[&str] = &["mzxw-6ytb-mzxw-6ytb", "MZXW6YTBMZXW6YTB", " 2345 6723 4567 2345"];

const PASSWORDS: &[&str] = &[
    "gentle lamp vivid crate",
    "P@ssw0rdP@ssw0rd",
    "пять рыжих лисиц бегут",
    "abcdefghijklmnopqrstuvwxyz",
    "anna schmidt 1987 xk",
];

const URLS: &[&str] = &["https://registry.example.org", "http://127.0.0.1:8080", "https://[::1]:8443/a/b", "http://localhost/x"];

const PROVIDERS: &[&str] = &[
    "name = \"a\"\nissuer = \"https://a.example\"\nclient_id = \"registry\"\nclient_secret_file = \"s\"\nsecond_factor_amr = [\"otp\"]",
];

/// Source: OpenID Connect Core 1.0 appendix A.2.
const TOKENS: &[&str] = &[concat!(
    "eyJraWQiOiIxZTlnZGs3IiwiYWxnIjoiUlMyNTYifQ.ewogImlzcyI6ICJodHRwOi8vc2VydmVyLmV4YW1wbGUuY29tIiwKICJzdWIiOiAiMjQ4Mjg5NzYxMDAxIiwKICJhdWQi",
    "OiAiczZCaGRSa3F0MyIsCiAibm9uY2UiOiAibi0wUzZfV3pBMk1qIiwKICJleHAiOiAxMzExMjgxOTcwLAogImlhdCI6IDEzMTEyODA5NzAKfQ.AAAA"
)];

const PUBLISHED: &[&str] = &[
    r#"{"issuer":"https://a.example","authorization_endpoint":"https://a.example/auth","token_endpoint":"https://a.example/token","jwks_uri":"https://a.example/jwks","response_types_supported":["code"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["RS256"]}"#,
    r#"{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","kid":"1"}]}"#,
];

fn totp_code(input: &[u8]) -> Outcome {
    let at = UtcTime::EPOCH.plus_secs(1_234_567_890);
    match TotpSecret::NOBODYS.step_of(&text(input), at) {
        Some(step) => {
            assert!((step - 1_234_567_890 / 30).abs() <= 1);
            accepted("")
        }
        None => Outcome::Refused(String::new()),
    }
}

fn password(input: &[u8]) -> Outcome {
    read(Password::chosen(&text(input), LEAST_ALONE, &["Anna Schmidt", "anna@example.org"]), |password| {
        assert_eq!(Password::given(&text(input)).as_ref(), Some(&password));
        assert!(std::str::from_utf8(password.bytes()).unwrap().chars().count() <= MOST);
        accepted("")
    })
}

fn provider(input: &[u8]) -> Outcome {
    read_file(toml::from_str::<OidcOptions>(&text(input)), |options| {
        assert!(!options.name.as_str().is_empty() && options.issuer.as_str().starts_with("http"));
        accepted("")
    })
}

fn id_token(input: &[u8]) -> Outcome {
    read_file(CoreIdToken::from_str(&text(input)), |token| accepted(if token.signing_alg().is_ok() { "signed" } else { "" }))
}

fn published(input: &[u8]) -> Outcome {
    let (metadata, keys) =
        (serde_json::from_slice::<CoreProviderMetadata>(input), serde_json::from_slice::<CoreJsonWebKeySet>(input));
    match (metadata, keys) {
        (Ok(_), _) => accepted("metadata"),
        (_, Ok(keys)) => accepted(keys.keys().len().to_string()),
        (Err(error), _) => refused_file(&error),
    }
}
