//! Certificates and revocation lists that members hand in, and the values in them that name an organisation.

use vasp_pki::x509::{CERTIFICATES_MAX, CHAIN_BYTES_MAX, ReadCrl, RootSets, issuer_of, parse_chain, pem_of, read_lei, validate};
use vasp_record::certificate::organisation_identifier::OrganisationIdentifier;
use vasp_record::certificate::revocation::RevocationStatus;
use vasp_record::certificate::{CertificateUse, RootSet};
use vasp_rules::certificate_judgement::{Bearer, Circumstances, judge};
use vasp_words::time::UtcTime;

use crate::target::{Outcome, Target, accepted, examples, read, refused, text};

/// The targets of this file.
pub(crate) const TARGETS: &[Target] = &[
    Target { name: "certificate chain, pem", examples: chains, run: chain },
    Target { name: "certificate chain, der", examples: || chains().iter().map(|pem| leaf(pem)).collect(), run: chain },
    Target { name: "certificate in pem's clothes", examples: || chains().iter().map(|pem| leaf(pem)).collect(), run: clothed },
    Target { name: "revocation list", examples: lists, run: list },
    Target { name: "lei extension", examples: leis, run: lei },
    Target {
        name: "organisation identifier",
        examples: || {
            examples(&[
                "NTRDE+BY-HRB12345",
                "VATBE-0876866142",
                "PSDBE-NBB-1234.567.890",
                "LEIXG-529900T8BM49AURSDO55",
                "CF:IT-1",
            ])
        },
        run: organisation_identifier,
    },
];

macro_rules! fixtures {
    ($($name:literal),* $(,)?) => {
        vec![$(include_bytes!(concat!("../fixtures/certificates/", $name)).to_vec()),*]
    };
}

fn chains() -> Vec<Vec<u8>> {
    fixtures![
        "openssl/p384.pem",
        "openssl/lei_sequence.pem",
        "openssl/seal.pem",
        "openssl/rsa3072_pss.pem",
        "openssl/explicit_curve.pem",
        "public/letsencrypt_org.pem",
        "public/aws_amazon_com.pem",
        "public/unique_ids.pem",
        "public/v1.pem",
    ]
}

fn leaf(pem: &[u8]) -> Vec<u8> {
    parse_chain(pem).unwrap().ders.remove(0)
}

fn lists() -> Vec<Vec<u8>> {
    let pem: Vec<Vec<u8>> = fixtures!["openssl/crl_1.pem", "openssl/crl_2.pem"];
    let der = pem.iter().map(|pem| ReadCrl::read(pem).unwrap().der().to_vec()).collect::<Vec<_>>();
    [der, pem].concat()
}

fn leis() -> Vec<Vec<u8>> {
    let bare = [&[0x13, 20], &b"529900T8BM49AURSDO55"[..]].concat();
    let role = [&[0xa0, 5, 0x13, 3], &b"CEO"[..]].concat();
    let inside = [bare.clone(), role].concat();
    vec![[&[0x30, inside.len() as u8], &inside[..]].concat(), [&[0x30, 22], &bare[..]].concat(), bare]
}

fn now() -> UtcTime {
    "2027-01-10T12:00:00Z".parse().unwrap()
}

/// Whatever is read is within the limits, is written so that it reads back the same, and is judged for every use.
fn chain(input: &[u8]) -> Outcome {
    let chain = match parse_chain(input) {
        Ok(chain) => chain,
        Err(error) => return refused(&error),
    };
    assert!(input.len() <= CHAIN_BYTES_MAX && chain.ders.len() <= CERTIFICATES_MAX);
    // PEM is longer than DER: what just fits as DER does not as PEM.
    if let Ok(again) = parse_chain(pem_of(&chain.ders).as_bytes()) {
        assert_eq!(again, chain, "the chain reads back as another");
    }
    let roots = RootSets::web_pki();
    let bearer =
        Bearer { names: vec!["Example VASP GmbH"], hosts: vec!["trp.vasp.example.com".parse().unwrap()], ..Bearer::default() };
    let mut worst = String::new();
    for certificate_use in
        [CertificateUse::TlsServer, CertificateUse::TlsClient, CertificateUse::Signing, CertificateUse::Encryption]
    {
        for root_set in [RootSet::WebPki, RootSet::Pinned] {
            let path = validate(&chain, &roots, root_set, certificate_use, now());
            let revocation = RevocationStatus::Unknown;
            let circumstances = Circumstances { certificate_use, root_set, path: &path, revocation, bearer: &bearer, now: now() };
            let found = judge(&chain, &circumstances);
            assert!(found.iter().all(|found| !found.detail.is_empty() && found.detail.len() <= 1_000), "{found:?}");
            worst = found.first().map(|found| found.code.as_str().to_owned()).unwrap_or_default();
        }
    }
    drop(issuer_of(&chain, &roots));
    accepted(worst)
}

fn clothed(input: &[u8]) -> Outcome {
    chain(pem_of(&[input.to_vec()]).as_bytes())
}

fn list(input: &[u8]) -> Outcome {
    match ReadCrl::read(input) {
        Ok(list) => {
            assert!(list.number.len() <= 20);
            let again = ReadCrl::read(list.der()).unwrap();
            assert!(again.by_age(&list).is_eq());
            accepted(format!("{:?}", list.status("63af", now())).chars().take(5).collect::<String>())
        }
        Err(error) => refused(&error),
    }
}

fn lei(input: &[u8]) -> Outcome {
    read(read_lei(input), |read| {
        assert!(read.lei.len() <= 100 && read.role.as_ref().is_none_or(|role| role.len() <= 100));
        accepted(if read.role.is_some() { "role" } else { "bare" })
    })
}

fn organisation_identifier(input: &[u8]) -> Outcome {
    match OrganisationIdentifier::try_from(text(input).as_ref()) {
        Ok(read) => {
            assert!(read.to_string().len() <= 400);
            accepted(format!("{:?}", read.scheme).chars().take(3).collect::<String>())
        }
        Err(error) => refused(&error),
    }
}
