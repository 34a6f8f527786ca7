//! Certificate extensions that the library does not support.

use rcgen::CustomExtension;
use yasna::Tag;
use yasna::models::ObjectIdentifier;

use vasp_words::lei::Lei;

/// Source: ISO 17442-2:2020; registered below GLEIF's arc 1.3.6.1.4.1.52266.
const LEI: &[u64] = &[1, 3, 6, 1, 4, 1, 52_266, 1];

/// Source: RFC 5280 sections 4.2.1.12, 4.2.2.1.
const EXTENDED_KEY_USAGE: &[u64] = &[2, 5, 29, 37];
const SERVER_AUTH: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 3, 1];
const CLIENT_AUTH: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 3, 2];
const AUTHORITY_INFORMATION: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 1, 1];
const CA_ISSUERS: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 48, 2];

/// The LEI extension, as a bare PrintableString: the form that is used in practice.
pub(super) fn lei(lei: Lei) -> CustomExtension {
    CustomExtension::from_oid_content(LEI, yasna::construct_der(|writer| writer.write_printable_string(lei.as_str())))
}

/// The extended key usage, marked critical: the library would mark it as not critical.
pub(super) fn extended_key_usage(client: bool, server: bool) -> CustomExtension {
    let content = yasna::construct_der(|writer| {
        writer.write_sequence(|writer| {
            for (named, oid) in [(server, SERVER_AUTH), (client, CLIENT_AUTH)] {
                if named {
                    writer.next().write_oid(&ObjectIdentifier::from_slice(oid));
                }
            }
        });
    });
    let mut extension = CustomExtension::from_oid_content(EXTENDED_KEY_USAGE, content);
    extension.set_criticality(true);
    extension
}

/// The authority information access extension: the URL of the issuer's own certificate.
pub(super) fn authority_information(issuer_url: &str) -> CustomExtension {
    let content = yasna::construct_der(|writer| {
        writer.write_sequence(|writer| {
            writer.next().write_sequence(|writer| {
                writer.next().write_oid(&ObjectIdentifier::from_slice(CA_ISSUERS));
                // uniformResourceIdentifier [6] IMPLICIT IA5String.
                writer.next().write_tagged_implicit(Tag::context(6), |writer| writer.write_ia5_string(issuer_url));
            });
        });
    });
    CustomExtension::from_oid_content(AUTHORITY_INFORMATION, content)
}
