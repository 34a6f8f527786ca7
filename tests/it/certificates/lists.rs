//! Revocation lists: whose count, what they say, and which of two is newer.

use rcgen::{
    CertificateParams, CertificateRevocationListParams, CrlDistributionPoint, CrlIssuingDistributionPoint, CrlScope, KeyIdMethod,
    KeyUsagePurpose, RevocationReason as Reason, RevokedCertParams, SerialNumber,
};
use vasp_pki::x509::{CrlError, ReadCrl, issuer_of, parse_chain};
use vasp_record::certificate::parsed::ParsedChain;
use vasp_record::certificate::revocation::{RevocationReason, RevocationStatus};

use super::lab::{Issuer, LIST, Lab, NOON, at, chain, key, offset, server};

fn list(number: u64, made: &str, due: &str) -> CertificateRevocationListParams {
    CertificateRevocationListParams {
        this_update: offset!(made),
        next_update: offset!(due),
        crl_number: SerialNumber::from(number),
        issuing_distribution_point: None,
        revoked_certs: vec![],
        key_identifier_method: KeyIdMethod::Sha256,
    }
}

fn sound() -> CertificateRevocationListParams {
    list(7, "2026-11-19T00:00:00Z", "2026-11-27T00:00:00Z")
}

fn entry(serial: &[u8], reason: Option<Reason>) -> RevokedCertParams {
    RevokedCertParams {
        serial_number: SerialNumber::from_slice(serial),
        revocation_time: offset!("2026-11-18T08:30:00Z"),
        reason_code: reason,
        invalidity_date: None,
    }
}

/// A chain whose leaf has a serial number with its first bit set, so that it is written with a zero before it.
fn known() -> ParsedChain {
    let mut params = server();
    params.serial_number = Some(SerialNumber::from_slice(&[0x00, 0xa1, 0x02]));
    parse_chain(chain(&params, &key(), &Lab::get().below).as_bytes()).unwrap()
}

fn read(params: &CertificateRevocationListParams, issuer: &Issuer) -> ReadCrl {
    ReadCrl::read(params.signed_by(issuer).unwrap().der()).unwrap()
}

fn accepted(list: &ReadCrl) -> Result<(), CrlError> {
    let chain = known();
    list.accept(&chain.leaf, &issuer_of(&chain, &Lab::get().roots).unwrap(), at(NOON))
}

#[test]
fn the_issuers_list_says_who_is_revoked_since_when_and_why() {
    let (lab, leaf) = (Lab::get(), known().leaf);
    let mut listed = sound();
    listed.revoked_certs = vec![entry(&[0x11], None), entry(&[0x00, 0xa1, 0x02], Some(Reason::KeyCompromise))];

    let (with, without) = (read(&listed, &lab.below), read(&sound(), &lab.below));

    assert_eq!((accepted(&with), accepted(&without)), (Ok(()), Ok(())));
    let revoked = RevocationStatus::Revoked { at: at("2026-11-18T08:30:00Z"), reason: RevocationReason::KeyCompromise };
    assert_eq!(with.status(&leaf.serial, at(NOON)), revoked);
    assert_eq!(with.status(&leaf.serial, at("2027-11-18T08:30:00Z")), revoked);
    assert_eq!(without.status(&leaf.serial, at(NOON)), RevocationStatus::Good { listed_at: at("2026-11-19T00:00:00Z") });
    let stale = RevocationStatus::Stale { due: at("2026-11-27T00:00:00Z") };
    assert_eq!(without.status(&leaf.serial, at("2026-11-27T00:00:01Z")), stale);
    // Another serial that ends alike.
    assert!(matches!(with.status("2", at(NOON)), RevocationStatus::Good { .. }));
}

#[test]
fn lists_of_others_do_not_count() {
    let lab = Lab::get();
    let mute = lab.other_below(|params: &mut CertificateParams| params.key_usages = vec![KeyUsagePurpose::KeyCertSign]);
    let namesake = lab.other_below(|_| ());

    assert_eq!(accepted(&read(&sound(), &lab.root)), Err(CrlError::OtherIssuer));
    assert_eq!(accepted(&read(&sound(), &namesake)), Err(CrlError::Signature));
    let future = list(7, "2026-11-20T12:05:01Z", "2026-11-27T00:00:00Z");
    assert_eq!(accepted(&read(&future, &lab.below)), Err(CrlError::FromTheFuture(at("2026-11-20T12:05:01Z"))));

    let chain = parse_chain(chain(&server(), &key(), &mute).as_bytes()).unwrap();
    let issuer = issuer_of(&chain, &lab.roots).unwrap();
    // rcgen refuses to sign for it, too: the same name and key, with the right, signs.
    let same_name = read(&sound(), &lab.below);
    assert_eq!(same_name.accept(&chain.leaf, &issuer, at(NOON)), Err(CrlError::Signature));
}

#[test]
fn a_list_for_other_certificates_of_the_issuer_does_not_count() {
    let lab = Lab::get();
    let scoped = |url: &str, scope| {
        let mut params = sound();
        let distribution_point = CrlDistributionPoint { uris: vec![url.to_owned()] };
        params.issuing_distribution_point = Some(CrlIssuingDistributionPoint { distribution_point, scope });
        accepted(&read(&params, &lab.below))
    };

    assert_eq!(scoped(LIST, Some(CrlScope::UserCertsOnly)), Ok(()));
    assert_eq!(scoped(LIST, None), Ok(()));
    assert_eq!(scoped(LIST, Some(CrlScope::CaCertsOnly)), Err(CrlError::OtherScope));
    assert_eq!(scoped("http://crl.example.com/2.crl", Some(CrlScope::UserCertsOnly)), Err(CrlError::OtherScope));
}

#[test]
fn the_newer_list_is_that_of_the_higher_number() {
    let lab = Lab::get();
    let made = |number, day: &str| read(&list(number, &format!("2026-11-{day}T00:00:00Z"), "2026-12-27T00:00:00Z"), &lab.below);

    assert!(made(8, "18").by_age(&made(7, "19")).is_gt());
    assert!(made(256, "18").by_age(&made(255, "18")).is_gt());
    assert!(made(7, "18").by_age(&made(7, "19")).is_lt());
    assert!(made(7, "18").by_age(&made(7, "18")).is_eq());
}

/// Source: `tests/fixtures/certificates/openssl/make.sh`.
#[test]
fn openssls_lists_are_read_and_believed() {
    const PEM: &str = concat!(
        include_str!("../../fixtures/certificates/openssl/x25519.pem"),
        include_str!("../../fixtures/certificates/openssl/x25519_authority.pem"),
    );
    let chain = parse_chain(PEM.as_bytes()).unwrap();
    let issuer = issuer_of(&chain, &Lab::get().roots).unwrap();
    let first = ReadCrl::read(include_bytes!("../../fixtures/certificates/openssl/crl_1.pem")).unwrap();
    let second = ReadCrl::read(include_bytes!("../../fixtures/certificates/openssl/crl_2.pem")).unwrap();
    let now = at("2027-01-10T12:00:00Z");

    assert_eq!((first.accept(&chain.leaf, &issuer, now), second.accept(&chain.leaf, &issuer, now)), (Ok(()), Ok(())));
    assert!(second.by_age(&first).is_gt());
    // 25519 in hex.
    assert_eq!(chain.leaf.serial, "63af");
    assert!(matches!(first.status(&chain.leaf.serial, now), RevocationStatus::Good { .. }));
    let reason = RevocationReason::KeyCompromise;
    assert!(matches!(second.status(&chain.leaf.serial, now), RevocationStatus::Revoked { reason: given, .. } if given == reason));
}

#[test]
fn what_is_no_list_is_refused() {
    let whole = sound().signed_by(&Lab::get().below).unwrap().der().to_vec();
    for bytes in [vec![], b"list".to_vec(), whole[..whole.len() - 1].to_vec(), [&whole[..], &[0]].concat()] {
        assert_eq!(ReadCrl::read(&bytes).unwrap_err(), CrlError::Unreadable, "{} bytes", bytes.len());
    }
    assert_eq!(ReadCrl::read(&vec![0x30; 1_048_577]).unwrap_err(), CrlError::TooLong(1_048_577));
    let mut forged = whole;
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(accepted(&ReadCrl::read(&forged).unwrap()), Err(CrlError::Signature));
}
