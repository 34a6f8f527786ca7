//! The matrix: certificates made by rcgen, each with one thing about it, and every error and warning that must be found. What is
//! expected follows from the standard that `docs/certificates.md` names beside each code. `!code`: refused when it is read.

use rcgen::{
    CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose as Eku, GeneralSubtree, IsCa, KeyPair,
    KeyUsagePurpose as Ku, NameConstraints, SanType, SerialNumber,
};
use vasp_record::certificate::{CertificateUse as Use, RootSet};

use super::lab::{Issuer, LEI, Lab, NOON, assert_found, authority, chain, dns, judged, key, named, offset, rsa, server};

/// A certificate: how it differs from a sound one for TLS servers, and what must be found.
type Row = (&'static str, fn(&mut CertificateParams), &'static str);

fn judge_all(certificate_use: Use, root_set: RootSet, of: &KeyPair, rows: &[Row]) {
    for (name, change, expected) in rows {
        let mut params = server();
        change(&mut params);
        let pem = chain(&params, of, &Lab::get().below);
        assert_found(name, judged(pem.as_bytes(), certificate_use, root_set, NOON), expected);
    }
}

fn without_common_name(params: &mut CertificateParams, names: Vec<SanType>) {
    params.distinguished_name.remove(DnType::CommonName);
    params.subject_alt_names = names;
}

fn valid(params: &mut CertificateParams, from: &str, to: &str) {
    params.not_before = offset!(from);
    params.not_after = offset!(to);
}

/// Says what the key is for, and nothing of what the certificate is for.
fn only(params: &mut CertificateParams, usage: Ku) {
    params.extended_key_usages.clear();
    params.key_usages = vec![usage];
}

fn organisation(params: &mut CertificateParams, name: &str) {
    params.distinguished_name.push(DnType::OrganizationName, name);
}

/// An extension that nobody knows.
fn unknown(content: Vec<u8>) -> CustomExtension {
    CustomExtension::from_oid_content(&[1, 2, 3, 4], content)
}

fn organisation_identifier(params: &mut CertificateParams, text: &str) {
    params.distinguished_name.push(DnType::CustomDnType(vec![2, 5, 4, 97]), text);
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag, u8::try_from(content.len()).unwrap()], content].concat()
}

fn lei(params: &mut CertificateParams, der: Vec<u8>) {
    params.custom_extensions.push(CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 52266, 1], der));
}

#[test]
fn servers_are_judged_by_their_names() {
    let rows: &[Row] = &[
        ("sound", |_| (), "host_matches organisation_matches lei_absent revocation_unknown"),
        ("wildcard", |p| without_common_name(p, vec![dns("*.vasp.example.com")]), "host_matches"),
        ("several names", |p| p.subject_alt_names.push(dns("www.example.com")), "host_matches"),
        ("upper case", |p| p.subject_alt_names = vec![dns("TRP.Vasp.Example.COM")], "host_matches"),
        ("another host", |p| without_common_name(p, vec![dns("other.example.com")]), "host_mismatch"),
        ("the parent", |p| without_common_name(p, vec![dns("vasp.example.com")]), "host_mismatch"),
        ("common name only", |p| p.subject_alt_names.clear(), "no_host_names common_name_not_in_names host_mismatch"),
        (
            "e-mail only",
            |p| without_common_name(p, vec![SanType::Rfc822Name("a@example.com".try_into().unwrap())]),
            "no_host_names host_mismatch",
        ),
        ("wildcard two labels up", |p| without_common_name(p, vec![dns("*.example.com")]), "host_mismatch"),
        ("wildcard of a suffix", |p| p.subject_alt_names.push(dns("*.co.uk")), "wildcard_too_wide host_matches"),
        ("wildcard of a top level", |p| p.subject_alt_names.push(dns("*.com")), "wildcard_too_wide host_matches"),
        ("part of a label", |p| without_common_name(p, vec![dns("t*.vasp.example.com")]), "name_malformed host_mismatch"),
        ("wildcard inside", |p| without_common_name(p, vec![dns("trp.*.example.com")]), "name_malformed host_mismatch"),
        ("underscore", |p| p.subject_alt_names.push(dns("a_b.example.com")), "name_malformed host_matches"),
        (
            "zero byte",
            |p| without_common_name(p, vec![dns("trp.vasp.example.com\0.evil.example.org")]),
            "name_malformed host_mismatch",
        ),
        ("localhost too", |p| p.subject_alt_names.push(dns("localhost")), "name_not_public host_matches"),
        ("internal name too", |p| p.subject_alt_names.push(dns("db.internal")), "name_not_public host_matches"),
        ("address only", |p| without_common_name(p, vec![SanType::IpAddress([203, 0, 113, 7].into())]), "host_mismatch"),
        (
            "common name of another",
            |p| p.distinguished_name = named(&[(DnType::CommonName, "www.example.com")]),
            "common_name_not_in_names organisation_absent",
        ),
        (
            "too many names",
            |p| p.subject_alt_names = (0..501).map(|n| dns(&format!("h{n}.example.com"))).collect(),
            "!certificate_too_large",
        ),
    ];
    judge_all(Use::TlsServer, RootSet::Private, &key(), rows);
}

#[test]
fn validity_counts_to_the_second() {
    let rows: &[Row] = &[
        ("ended a second ago", |p| valid(p, "2026-01-01T00:00:00Z", "2026-11-20T11:59:59Z"), "expired"),
        ("its last second", |p| valid(p, "2026-01-01T00:00:00Z", "2026-11-20T12:00:00Z"), "expires_soon"),
        ("begins now", |p| valid(p, "2026-11-20T12:00:00Z", "2027-01-31T00:00:00Z"), ""),
        ("begins in a second", |p| valid(p, "2026-11-20T12:00:01Z", "2027-01-31T00:00:00Z"), "not_yet_valid"),
        ("thirty days left", |p| valid(p, "2026-10-01T00:00:00Z", "2026-12-20T11:59:59Z"), "expires_soon"),
        ("a second more", |p| valid(p, "2026-10-01T00:00:00Z", "2026-12-20T12:00:00Z"), ""),
        ("ends before it begins", |p| valid(p, "2026-12-01T00:00:00Z", "2026-10-01T00:00:00Z"), "validity_inverted"),
        ("no end", |p| p.not_after = rcgen::date_time_ymd(9999, 12, 31) + std::time::Duration::from_secs(86_399), "no_expiry"),
        ("eight months, private", |p| valid(p, "2026-10-01T00:00:00Z", "2027-06-01T00:00:00Z"), ""),
        ("ended long ago", |p| valid(p, "1990-01-01T00:00:00Z", "1999-12-31T23:59:59Z"), "expired chain_expired"),
    ];
    judge_all(Use::TlsServer, RootSet::Private, &key(), rows);
    let rows: &[Row] = &[
        ("eight months, public", |p| valid(p, "2026-10-01T00:00:00Z", "2027-06-01T00:00:00Z"), "validity_too_long"),
        ("200 days, public", |p| valid(p, "2026-10-01T00:00:00Z", "2027-04-18T23:59:59Z"), ""),
        ("200 days and a second", |p| valid(p, "2026-10-01T00:00:00Z", "2027-04-19T00:00:00Z"), "validity_too_long"),
        ("398 days, begun earlier", |p| valid(p, "2026-03-14T00:00:00Z", "2027-04-15T23:59:59Z"), ""),
    ];
    judge_all(Use::TlsServer, RootSet::WebPki, &key(), rows);
}

#[test]
fn servers_are_judged_by_usages_and_form() {
    let rows: &[Row] = &[
        ("for clients", |p| p.extended_key_usages = vec![Eku::ClientAuth], "extended_key_usage_unfit"),
        ("for both", |p| p.extended_key_usages.push(Eku::ClientAuth), "client_auth_in_server_certificate"),
        ("for anything", |p| p.extended_key_usages = vec![Eku::Any], "extended_key_usage_unfit"),
        ("for nothing in particular", |p| p.extended_key_usages.clear(), "extended_key_usage_absent"),
        ("for OCSP", |p| p.extended_key_usages = vec![Eku::OcspSigning], "extended_key_usage_unfit"),
        ("may not sign", |p| p.key_usages = vec![Ku::KeyAgreement], "key_usage_unfit"),
        ("no key usage", |p| p.key_usages.clear(), "key_usage_absent"),
        ("may sign certificates", |p| p.key_usages.push(Ku::KeyCertSign), "key_usage_of_authority"),
        ("no basic constraints", |p| p.is_ca = IsCa::NoCa, ""),
        ("an authority", |p| p.is_ca = IsCa::Ca(rcgen::BasicConstraints::Constrained(0)), "authority_certificate"),
        (
            "critical extension",
            |p| {
                p.custom_extensions.push(unknown(tlv(0x0c, b"x")));
                p.custom_extensions[0].set_criticality(true);
            },
            "unknown_critical_extension",
        ),
        ("extension nobody knows", |p| p.custom_extensions.push(unknown(vec![0xff])), ""),
        ("an extension twice", |p| (0..2).for_each(|_| p.custom_extensions.push(unknown(vec![5, 0]))), "!duplicate_extension"),
        (
            "65 extensions",
            |p| p.custom_extensions = (0..65).map(|n| CustomExtension::from_oid_content(&[1, 2, 3, n], vec![5, 0])).collect(),
            "!certificate_too_large",
        ),
        ("a giant extension", |p| p.custom_extensions.push(unknown(vec![0; 60_000])), "!chain_too_long"),
        ("serial of 20 octets", |p| p.serial_number = Some(SerialNumber::from_slice(&[0x7f; 20])), ""),
        ("serial of 21 octets", |p| p.serial_number = Some(SerialNumber::from_slice(&[0x7f; 21])), "!invalid_serial"),
    ];
    judge_all(Use::TlsServer, RootSet::Private, &key(), rows);
    let rows: &[Row] = &[
        ("RSA", |_| (), ""),
        ("RSA for both", |p| p.key_usages.push(Ku::KeyEncipherment), ""),
        ("RSA key transport only", |p| p.key_usages = vec![Ku::KeyEncipherment], "key_usage_unfit"),
    ];
    judge_all(Use::TlsServer, RootSet::Private, rsa(), rows);
}

#[test]
fn holders_are_compared_with_the_record() {
    let rows: &[Row] = &[
        ("another organisation", |p| organisation(p, "Somebody Else AG"), "organisation_mismatch"),
        ("another legal form", |p| organisation(p, "EXAMPLE VASP"), "organisation_matches"),
        ("another name of it", |p| organisation(p, "ExVASP"), "organisation_matches"),
        ("no organisation", |p| _ = p.distinguished_name.remove(DnType::OrganizationName), "organisation_absent"),
        ("another country", |p| p.distinguished_name.push(DnType::CountryName, "AT"), "country_mismatch"),
        ("LEI", |p| lei(p, tlv(0x13, LEI.as_bytes())), "lei_matches"),
        ("LEI in a sequence", |p| lei(p, tlv(0x30, &tlv(0x0c, LEI.as_bytes()))), "lei_matches"),
        (
            "LEI with a role",
            |p| lei(p, tlv(0x30, &[tlv(0x13, LEI.as_bytes()), tlv(0xa0, &tlv(0x13, b"CEO"))].concat())),
            "lei_matches lei_role",
        ),
        (
            "role of its own",
            |p| {
                lei(p, tlv(0x13, LEI.as_bytes()));
                p.custom_extensions.push(CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 52266, 2], tlv(0x13, b"CEO")));
            },
            "lei_matches lei_role",
        ),
        ("another LEI", |p| lei(p, tlv(0x13, b"5493001KJTIIGC8Y1R12")), "lei_mismatch"),
        ("wrong check digits", |p| lei(p, tlv(0x13, b"529900T8BM49AURSDO54")), "lei_malformed"),
        ("lower case", |p| lei(p, tlv(0x13, LEI.to_ascii_lowercase().as_bytes())), "lei_malformed"),
        ("blank beside it", |p| lei(p, tlv(0x13, format!("{LEI} ").as_bytes())), "lei_malformed"),
        ("LEI as octets", |p| lei(p, tlv(0x04, LEI.as_bytes())), "lei_malformed"),
        ("LEI is no DER", |p| lei(p, LEI.as_bytes().to_vec()), "lei_malformed"),
        (
            "LEI is critical",
            |p| {
                lei(p, tlv(0x13, LEI.as_bytes()));
                p.custom_extensions.iter_mut().for_each(|extension| extension.set_criticality(true));
            },
            "lei_critical lei_matches",
        ),
        ("LEI as identifier", |p| organisation_identifier(p, "LEIXG-529900T8BM49AURSDO55"), "lei_matches"),
        ("another as identifier", |p| organisation_identifier(p, "LEIXG-5493001KJTIIGC8Y1R12"), "lei_mismatch"),
        (
            "an LEI of a country",
            |p| organisation_identifier(p, "LEIDE-529900T8BM49AURSDO55"),
            "organisation_identifier_malformed",
        ),
        ("value added tax", |p| organisation_identifier(p, "VATDE-123456789"), "organisation_identifier"),
        ("register of a land", |p| organisation_identifier(p, "NTRDE+BY-HRB12345"), "organisation_identifier"),
        ("register abroad", |p| organisation_identifier(p, "NTRAT-123456"), "organisation_identifier_country"),
        ("payment service provider", |p| organisation_identifier(p, "PSDDE-BAFIN-123456"), "organisation_identifier"),
        ("a person's number", |p| organisation_identifier(p, "PNODE-123456"), "natural_person_identifier"),
        ("no identifier", |p| organisation_identifier(p, "HRB 12345"), "organisation_identifier_malformed"),
    ];
    judge_all(Use::TlsServer, RootSet::Private, &key(), rows);
}

#[test]
fn clients_signatures_and_encryption_have_profiles_of_their_own() {
    let client: fn(&mut CertificateParams) = |p| p.extended_key_usages = vec![Eku::ClientAuth];
    let rows: &[Row] = &[
        ("client", client, ""),
        (
            "client without names",
            |p| {
                p.extended_key_usages = vec![Eku::ClientAuth];
                p.subject_alt_names.clear();
            },
            "",
        ),
        ("server as client", |_| (), "extended_key_usage_unfit"),
        ("unlimited client", |p| p.extended_key_usages.clear(), "extended_key_usage_absent"),
    ];
    judge_all(Use::TlsClient, RootSet::Private, &key(), rows);
    judge_all(Use::TlsClient, RootSet::WebPki, &key(), &[("public client", client, "public_client_certificate")]);
    let rows: &[Row] = &[
        ("documents", |p| p.extended_key_usages = vec![Eku::Other(vec![1, 3, 6, 1, 5, 5, 7, 3, 36])], ""),
        ("e-mail", |p| p.extended_key_usages = vec![Eku::EmailProtection], ""),
        ("unlimited", |p| p.extended_key_usages.clear(), ""),
        ("anything", |p| p.extended_key_usages = vec![Eku::Any], "extended_key_usage_any"),
        ("TLS", |_| (), "extended_key_usage_unfit"),
        ("commitment", |p| only(p, Ku::ContentCommitment), ""),
        ("agreement", |p| only(p, Ku::KeyAgreement), "key_usage_unfit"),
    ];
    judge_all(Use::Signing, RootSet::Private, &key(), rows);
    let rows: &[Row] = &[
        ("agreement", |p| only(p, Ku::KeyAgreement), ""),
        ("signature only", |p| p.extended_key_usages.clear(), "key_usage_unfit"),
        ("key transport by EC", |p| only(p, Ku::KeyEncipherment), "key_usage_unfit"),
    ];
    judge_all(Use::Encryption, RootSet::Private, &key(), rows);
    let rows: &[Row] = &[
        ("key transport", |p| only(p, Ku::KeyEncipherment), ""),
        (
            "e-mail",
            |p| {
                p.extended_key_usages = vec![Eku::EmailProtection];
                p.key_usages = vec![Ku::DataEncipherment];
            },
            "",
        ),
    ];
    judge_all(Use::Encryption, RootSet::Private, rsa(), rows);
}

/// A chain of the sound leaf below another issuer than usual.
fn below(issuer: &Issuer) -> String {
    chain(&server(), &key(), issuer)
}

#[test]
fn paths_must_lead_to_a_root_of_the_set() {
    let lab = Lab::get();
    let leaf = || server().signed_by(&key(), &lab.below).unwrap().pem();
    let permitted = |name: &str| {
        Some(NameConstraints { permitted_subtrees: vec![GeneralSubtree::DnsName(name.into())], excluded_subtrees: vec![] })
    };
    let impostor = lab.other_below(|_| ());
    let narrow = lab.other_below(|p| p.name_constraints = permitted("example.org"));
    let fitting = lab.other_below(|p| p.name_constraints = permitted("example.com"));
    let over = lab.other_below(|p| valid(p, "2026-01-01T00:00:00Z", "2026-11-01T00:00:00Z"));
    let ending = lab.other_below(|p| valid(p, "2026-01-01T00:00:00Z", "2026-12-10T00:00:00Z"));
    let clients = lab.other_below(|p| p.extended_key_usages = vec![Eku::ClientAuth]);
    let deep = Issuer::signed_by(authority("Deep", None), key(), &lab.below).unwrap();
    let (below_it, root, stranger) = (lab.below.pem(), lab.root.pem(), lab.stranger.pem());
    for (name, pem, expected) in [
        ("with the root", leaf() + &below_it + &root, "root_in_chain"),
        ("in another order", leaf() + &root + &below_it, "chain_disordered root_in_chain"),
        ("with a stranger", leaf() + &below_it + &stranger, "chain_disordered root_in_chain"),
        ("directly below the root", below(&lab.root), "root_in_chain"),
        ("without its issuer", leaf(), "chain_untrusted"),
        ("below a stranger", below(&lab.stranger), "chain_untrusted root_in_chain"),
        ("beside its issuer's namesake", leaf() + &impostor.pem(), "chain_signature"),
        ("issuer over", below(&over), "chain_expired"),
        ("issuer nearly over", below(&ending), "chain_expires_soon"),
        ("issuer of other names", below(&narrow), "chain_constraint"),
        ("issuer of these names", below(&fitting), ""),
        ("issuer of clients", below(&clients), "chain_usage"),
        ("one too deep", chain(&server(), &key(), &deep) + &below_it, "chain_constraint"),
        ("self-signed", server().self_signed(&key()).unwrap().pem(), "chain_untrusted"),
    ] {
        assert_found(name, judged(pem.as_bytes(), Use::TlsServer, RootSet::Private, NOON), expected);
    }
    let cases =
        [(RootSet::Pinned, "pinned"), (RootSet::Trisa, "roots_not_configured"), (RootSet::RegistryCa, "roots_not_configured")];
    for (set, expected) in cases {
        assert_found(expected, judged(leaf().as_bytes(), Use::TlsServer, set, NOON), expected);
    }
    let soon = server().self_signed(&key()).unwrap().pem();
    assert_found("pinned", judged(soon.as_bytes(), Use::TlsServer, RootSet::Pinned, NOON), "pinned");
}

#[test]
fn what_is_no_chain_is_refused_by_its_reason() {
    let lab = Lab::get();
    let leaf = server().signed_by(&key(), &lab.below).unwrap();
    let (pem, second) = (leaf.pem(), server().signed_by(&key(), &lab.below).unwrap().pem());
    let request = CertificateParams::default().serialize_request(&key()).unwrap().pem().unwrap();
    let list = b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n".to_vec();
    let mut negative = leaf.der().to_vec();
    // The serial: INTEGER after the version, whose first byte turns negative.
    let place = negative.windows(3).position(|window| window == [2, 1, 2]).unwrap() + 5;
    negative[place] |= 0x80;
    for (name, bytes, expected) in [
        ("DER", leaf.der().to_vec(), "chain_untrusted"),
        ("words around", format!("subject: x\n{pem}\nThe end.\n").into_bytes(), "chain_untrusted"),
        ("nothing", vec![], "!no_certificate"),
        ("blanks", b" \n".to_vec(), "!no_certificate"),
        ("a word", b"certificate".to_vec(), "!not_pem"),
        ("with its key", (pem.clone() + &key().serialize_pem()).into_bytes(), "!private_key"),
        ("a request", request.into_bytes(), "!not_a_certificate"),
        ("not base64", list, "!not_pem"),
        ("cut off", pem.as_bytes()[..pem.len() - 40].to_vec(), "!not_pem"),
        ("one cut off after one", [pem.as_bytes(), &second.as_bytes()[..200]].concat(), "!not_pem"),
        ("DER with more", [leaf.der().as_ref(), &[0]].concat(), "!trailing_bytes"),
        ("DER cut off", leaf.der()[..leaf.der().len() - 1].to_vec(), "!malformed_certificate"),
        ("negative serial", negative, "!invalid_serial"),
        ("two leaves", (pem.clone() + &second).into_bytes(), "!several_certificates"),
        ("the issuer first", (lab.below.pem() + &pem).into_bytes(), "!several_certificates"),
        ("twice", (pem.clone() + &lab.below.pem() + &lab.below.pem()).into_bytes(), "!repeated_certificate"),
        ("eleven", (pem.clone() + &lab.below.pem().repeat(10)).into_bytes(), "!too_many_certificates"),
        ("70,000 bytes", vec![b' '; 70_000], "!chain_too_long"),
        ("deeply nested", [0x30, 0x80].repeat(20_000), "!malformed_certificate"),
        ("long lengths", [0x30, 0x84, 0xff, 0xff, 0xff, 0xff].repeat(1_000), "!malformed_certificate"),
    ] {
        assert_found(name, judged(&bytes, Use::TlsServer, RootSet::Private, NOON), expected);
    }
}
