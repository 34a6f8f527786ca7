//! Judges the host names of a TLS server certificate, and compares them with the hosts of its endpoints.

use super::{shown, told};
use vasp_record::certificate::finding_code::{FindingCode, Found};
use vasp_record::certificate::host_names::{CertificateName, NameMatch};
use vasp_record::certificate::parsed::ParsedCertificate;
use vasp_words::host::Host;

pub(super) fn judge(leaf: &ParsedCertificate, hosts: &[Host]) -> Vec<Found> {
    let mut found = Vec::new();
    let names: Vec<(&str, CertificateName)> =
        leaf.dns_names.iter().map(|name| (name.as_str(), CertificateName::read(name))).collect();
    if names.is_empty() && leaf.ip_addresses.is_empty() {
        found.push(told(FindingCode::NoHostNames, FindingCode::NoHostNames.explanation()));
    }
    found.extend(unsound(&names));
    if leaf.unreadable_names > 0 {
        found.push(told(FindingCode::NameMalformed, "One of its names cannot be read and is ignored."));
    }
    if let Some(common_name) = &leaf.subject.common_name {
        let known = leaf.dns_names.iter().any(|name| name.eq_ignore_ascii_case(common_name))
            || leaf.ip_addresses.iter().any(|address| address.to_string() == *common_name);
        if !known {
            let detail = format!("Its common name {} is not among its subject alternative names.", shown(common_name));
            found.push(told(FindingCode::CommonNameNotInNames, detail));
        }
    }
    found.extend(hosts.iter().map(|host| against(host, &names)));
    found
}

/// Returns a finding for the first name of each kind that proves nothing.
fn unsound(names: &[(&str, CertificateName)]) -> Vec<Found> {
    let first = |kind: &CertificateName| names.iter().find(|(_, name)| name == kind).map(|(text, _)| shown(text));
    let too_wide = first(&CertificateName::TooWide)
        .map(|name| told(FindingCode::WildcardTooWide, format!("{name} covers hosts of many owners.")));
    let not_public =
        first(&CertificateName::NotPublic).map(|name| told(FindingCode::NameNotPublic, format!("{name} is not a public host.")));
    let malformed = first(&CertificateName::Malformed)
        .map(|name| told(FindingCode::NameMalformed, format!("{name} is not a host name and is ignored.")));
    [too_wide, not_public, malformed].into_iter().flatten().collect()
}

fn against(host: &Host, names: &[(&str, CertificateName)]) -> Found {
    let fits = |wanted| names.iter().find(|(_, name)| name.matches(host) == Some(wanted));
    match (fits(NameMatch::Exact), fits(NameMatch::Wildcard)) {
        (Some(_), _) => told(FindingCode::HostMatches, format!("It names {host}.")),
        (None, Some((name, _))) => told(FindingCode::HostMatches, format!("It names {host} through {}.", shown(name))),
        (None, None) => told(FindingCode::HostMismatch, format!("It does not name {host}.")),
    }
}
