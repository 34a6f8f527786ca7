//! Checks an ID token: signature, issuer, audience, nonce and times. Also refuses a token that states that its e-mail address is
//! unverified.
//!
//! Source: OpenID Connect Core 1.0 section 3.1.3.7.

use std::time::{Duration, UNIX_EPOCH};

use openidconnect::core::{CoreIdToken, CoreIdTokenClaims, CoreJwsSigningAlgorithm};
use openidconnect::{ClaimsVerificationError, Nonce};

use super::{Client, OpenIdError};
use vasp_words::time::UtcTime;

/// The maximum difference between the clocks of provider and registry, in seconds.
const LEEWAY_SECS: i64 = 60;

/// The allowed signature algorithms: those with a private key, which only the provider has.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Returns the claims of a token that passes all checks.
///
/// # Errors
/// `OpenIdError::Refused` with the check that failed.
pub(super) fn verify(
    client: &Client,
    client_id: &str,
    token: &CoreIdToken,
    nonce: &str,
    now: UtcTime,
) -> Result<CoreIdTokenClaims, OpenIdError> {
    let since_epoch = |at: UtcTime| Duration::from_micros(u64::try_from(at.micros()).unwrap_or(0));
    let earliest = UNIX_EPOCH + since_epoch(now.plus_secs(-LEEWAY_SECS));
    let latest_secs = now.plus_secs(LEEWAY_SECS).micros() / 1_000_000;
    let verifier =
        client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(move || earliest.into()).set_issue_time_verifier_fn(
            move |issued| match issued.timestamp() > latest_secs {
                true => Err("issued in the future".to_owned()),
                false => Ok(()),
            },
        );
    let claims = token.claims(&verifier, &Nonce::new(nonce.to_owned())).map_err(|error| refused(&error))?;
    if claims.authorized_party().is_some_and(|party| party.as_str() != client_id) {
        return Err(OpenIdError::Refused("authorized_party"));
    }
    if claims.email_verified() == Some(false) {
        return Err(OpenIdError::Refused("email_not_verified"));
    }
    Ok(claims.clone())
}

/// Tells whether a token states that a second factor was asked for, by the values in the settings.
pub(super) fn second_factor(claims: &CoreIdTokenClaims, amr: &[String], acr: &[String]) -> bool {
    let methods = claims.auth_method_refs().into_iter().flatten();
    let by_method = methods.into_iter().any(|method| amr.iter().any(|wanted| wanted == method.as_str()));
    by_method || claims.auth_context_ref().is_some_and(|class| acr.iter().any(|wanted| wanted == class.as_str()))
}

fn refused(error: &ClaimsVerificationError) -> OpenIdError {
    OpenIdError::Refused(match error {
        ClaimsVerificationError::Expired(_) => "expired",
        ClaimsVerificationError::InvalidAudience(_) => "audience",
        ClaimsVerificationError::InvalidIssuer(_) => "issuer",
        ClaimsVerificationError::InvalidNonce(_) => "nonce",
        ClaimsVerificationError::SignatureVerification(_) => "signature",
        _ => "id_token",
    })
}
