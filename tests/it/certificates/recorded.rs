//! The matrix's second half: certificates made by OpenSSL (`tests/fixtures/certificates/openssl/make.sh` says how) and real ones
//! of public authorities (`README.md` there says from where).

use vasp_record::certificate::{CertificateUse as Use, RootSet};

use super::lab::{assert_found, judged};

/// When the certificates by OpenSSL are looked at.
const LATER: &str = "2027-01-10T12:00:00Z";

macro_rules! recorded {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../fixtures/certificates/", $name, ".pem")).as_slice())),*]
    };
}

const RECORDED: &[(&str, &[u8])] = recorded![
    "openssl/rsa1024",
    "openssl/sha1",
    "openssl/md5",
    "openssl/rsa_e3",
    "openssl/rsa3072_pss",
    "openssl/pss_sha1",
    "openssl/secp256k1",
    "openssl/brainpool",
    "openssl/explicit_curve",
    "openssl/p384",
    "openssl/p521",
    "openssl/ed25519",
    "openssl/ed448",
    "openssl/unknown_critical",
    "openssl/lei",
    "openssl/lei_sequence",
    "openssl/bare",
    "openssl/dsa",
    "openssl/seal",
    "openssl/v1",
    "openssl/x25519",
    "public/letsencrypt_org",
    "public/aws_amazon_com",
    "public/revoked_badssl_com",
    "public/lists_for_our_info",
    "public/lets_encrypt_x3",
    "public/igc_a",
    "public/cas_dhbw_de",
    "public/unique_ids",
    "public/v1",
];

fn pem(name: &str) -> &'static [u8] {
    RECORDED.iter().find(|(known, _)| *known == name).unwrap().1
}

#[test]
fn certificates_by_openssl_are_judged_by_key_signature_and_form() {
    use Use::{Encryption, Signing, TlsClient, TlsServer};

    for (name, certificate_use, expected) in [
        ("openssl/rsa1024", TlsServer, "key_weak"),
        ("openssl/sha1", TlsServer, "signature_weak"),
        ("openssl/md5", TlsServer, "signature_weak"),
        ("openssl/pss_sha1", TlsServer, "signature_weak"),
        ("openssl/rsa_e3", TlsServer, "key_exponent_unusual"),
        ("openssl/rsa3072_pss", TlsServer, "pinned host_matches organisation_matches"),
        ("openssl/secp256k1", TlsServer, "key_unsupported"),
        ("openssl/brainpool", TlsServer, "key_unsupported"),
        ("openssl/explicit_curve", TlsServer, "key_unsupported"),
        ("openssl/dsa", TlsServer, "key_unsupported"),
        ("openssl/ed448", TlsServer, "key_unsupported"),
        ("openssl/p384", TlsServer, ""),
        ("openssl/p521", TlsServer, ""),
        ("openssl/ed25519", TlsServer, ""),
        ("openssl/ed25519", Encryption, "key_unfit_for_use key_usage_unfit extended_key_usage_unfit"),
        ("openssl/unknown_critical", TlsServer, "unknown_critical_extension"),
        ("openssl/lei", TlsClient, "lei_matches"),
        ("openssl/lei_sequence", TlsClient, "lei_matches lei_role"),
        ("openssl/lei", Signing, "extended_key_usage_unfit lei_matches"),
        ("openssl/bare", Signing, "key_usage_absent"),
        ("openssl/bare", TlsClient, "extended_key_usage_absent key_usage_absent"),
        ("openssl/seal", Signing, "lei_matches"),
        (
            "openssl/seal",
            TlsServer,
            "key_usage_unfit extended_key_usage_absent no_host_names common_name_not_in_names host_mismatch",
        ),
        ("openssl/v1", Signing, "version_unsupported"),
        ("openssl/x25519", Encryption, ""),
        ("openssl/x25519", Signing, "key_unfit_for_use key_usage_unfit"),
    ] {
        assert_found(name, judged(pem(name), certificate_use, RootSet::Pinned, LATER), expected);
    }
    assert_found(
        "not valid yet",
        judged(pem("openssl/p384"), Use::TlsServer, RootSet::Pinned, "2026-11-20T12:00:00Z"),
        "not_yet_valid",
    );
}

#[test]
fn real_certificates_are_judged_as_they_stood() {
    use Use::{Signing, TlsClient, TlsServer};

    // Unique identifiers, which RFC 5280 (section 4.1.2.8) forbids, end every path.
    // Mozilla has removed the root of revoked.badssl.com since. Their hosts are not those of the record of the tests, and they name no organisation of it.
    for (name, certificate_use, now, expected) in [
        ("public/letsencrypt_org", TlsServer, "2026-08-01T00:00:00Z", "host_mismatch organisation_absent lei_absent"),
        ("public/letsencrypt_org", TlsServer, "2026-09-20T15:24:34Z", "host_mismatch expires_soon"),
        ("public/letsencrypt_org", TlsServer, "2026-10-04T15:24:33Z", "host_mismatch expires_soon"),
        ("public/letsencrypt_org", TlsServer, "2026-10-04T15:24:34Z", "host_mismatch expired"),
        ("public/letsencrypt_org", TlsServer, "2026-07-06T15:24:33Z", "host_mismatch not_yet_valid"),
        ("public/letsencrypt_org", TlsClient, "2026-08-01T00:00:00Z", "extended_key_usage_unfit"),
        ("public/letsencrypt_org", Signing, "2026-08-01T00:00:00Z", "extended_key_usage_unfit"),
        ("public/aws_amazon_com", TlsServer, "2026-08-01T00:00:00Z", "host_mismatch"),
        ("public/aws_amazon_com", TlsServer, "2026-10-10T00:00:00Z", "host_mismatch expires_soon"),
        (
            "public/revoked_badssl_com",
            TlsServer,
            "2022-01-01T00:00:00Z",
            "chain_untrusted host_mismatch client_auth_in_server_certificate",
        ),
        ("public/revoked_badssl_com", TlsClient, "2022-01-01T00:00:00Z", "chain_untrusted"),
        ("public/revoked_badssl_com", TlsServer, "2026-11-20T00:00:00Z", "chain_untrusted host_mismatch expired"),
        ("public/lists_for_our_info", TlsServer, "2019-08-01T00:00:00Z", "host_mismatch chain_untrusted"),
        ("public/cas_dhbw_de", TlsServer, "2018-01-01T00:00:00Z", "host_mismatch chain_untrusted organisation_mismatch"),
        (
            "public/lets_encrypt_x3",
            TlsServer,
            "2018-01-01T00:00:00Z",
            "authority_certificate extended_key_usage_absent no_host_names common_name_not_in_names host_mismatch organisation_mismatch country_mismatch",
        ),
        (
            "public/igc_a",
            Signing,
            "2018-01-01T00:00:00Z",
            "authority_certificate signature_weak organisation_mismatch country_mismatch",
        ),
        (
            "public/unique_ids",
            Signing,
            "2018-01-01T00:00:00Z",
            "key_weak signature_weak chain_unreadable organisation_mismatch country_mismatch",
        ),
        ("public/v1", Signing, "2020-01-01T00:00:00Z", "version_unsupported"),
    ] {
        assert_found(&format!("{name} at {now}"), judged(pem(name), certificate_use, RootSet::WebPki, now), expected);
    }
}
