//! Requests for certificates and public keys, as members send them.

use vasp_pki::PublicKey;
use vasp_pki::ca::{Csr, Serial};
use vasp_pki::jose::{read_jwk, thumbprint, to_jwk, verify_compact};
use vasp_record::message_key::KeyUse;

use crate::target::{Outcome, Target, accepted, examples, read, round_trip, text};

/// The targets of this file.
pub(crate) const TARGETS: &[Target] = &[
    Target { name: "csr pem", examples: || examples(CSRS), run: csr },
    Target { name: "csr der", examples: csr_der_examples, run: csr_der },
    Target { name: "jwk", examples: || examples(JWKS), run: jwk },
    Target { name: "public key pem", examples: || examples(PEMS), run: public_key },
    Target { name: "public key der", examples: key_der_examples, run: public_key_der },
    Target { name: "jws", examples: || examples(&[JWS]), run: jws },
    Target {
        name: "serial number",
        examples: || examples(&["0100000000000000000000000000000000000001"]),
        run: |input| round_trip::<Serial>(&text(input)),
    },
];

/// Made by `openssl req -new`, EC P-256 with names and Ed25519.
const CSRS: &[&str] =
    &[include_str!("certificates/p256.csr"), include_str!("certificates/ed25519.csr"), include_str!("certificates/rsa.csr")];

/// Source: RFC 7517 appendix A.1, RFC 8037 appendix A.2.
const JWKS: &[&str] = &[
    r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"enc","kid":"1"}"#,
    r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
    r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB"}"#,
];

/// Source: RFC 8410 section 10.1.
const PEMS: &[&str] =
    &["-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n"];

/// Source: RFC 8037 appendix A.4.
const JWS: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

fn csr_der_examples() -> Vec<Vec<u8>> {
    CSRS.iter().map(|text| pem::parse(text).unwrap().into_contents()).collect()
}

fn key_der_examples() -> Vec<Vec<u8>> {
    JWKS.iter()
        .map(|jwk| {
            let jwk = serde_json::from_str(jwk).unwrap();
            read_jwk(&jwk, KeyUse::Encryption).or_else(|_| read_jwk(&jwk, KeyUse::Signing)).unwrap().to_spki()
        })
        .collect()
}

fn csr(input: &[u8]) -> Outcome {
    read(Csr::read(&text(input)), |csr| key_holds(&csr.key))
}

fn csr_der(input: &[u8]) -> Outcome {
    read(Csr::read_der(input), |csr| key_holds(&csr.key))
}

fn public_key(input: &[u8]) -> Outcome {
    read(PublicKey::from_pem(&text(input)), |key| key_holds(&key))
}

fn public_key_der(input: &[u8]) -> Outcome {
    read(PublicKey::from_spki(input), |key| key_holds(&key))
}

/// A key that is taken is written so that it reads back as the same, in every form.
fn key_holds(key: &PublicKey) -> Outcome {
    assert_eq!(PublicKey::from_spki(&key.to_spki()).as_ref(), Ok(key));
    assert_eq!(PublicKey::from_pem(&key.to_pem()).as_ref(), Ok(key));
    let uses = [KeyUse::Signing, KeyUse::Encryption];
    assert!(uses.into_iter().all(|key_use| read_jwk(&to_jwk(key), key_use).as_ref() == Ok(key)));
    accepted(key.describe())
}

fn jwk(input: &[u8]) -> Outcome {
    let Ok(jwk) = serde_json::from_slice(input) else { return Outcome::Refused("json".to_owned()) };
    read(read_jwk(&jwk, KeyUse::Encryption), |key| {
        assert_eq!(thumbprint(&key).len(), 43);
        key_holds(&key)
    })
}

fn jws(input: &[u8]) -> Outcome {
    let key = PublicKey::from_pem(PEMS[0]).unwrap();
    read(verify_compact(&text(input), &key, b"Example of Ed25519 signing"), |()| panic!("the key did not sign this"))
}
