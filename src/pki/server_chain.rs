//! The certificates that a TLS server shows: its own first, then each the certificate of the one before it.
//!
//! Source: RFC 8446, section 4.4.2; RFC 5280, section 4.2.1.12 (extended key usage).

use x509_parser::certificate::X509Certificate;

use super::hosts_of;

/// Why clients would refuse what a server shows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerChainError {
    /// A certificate is not readable.
    #[error("a certificate cannot be read")]
    Unreadable,
    /// The first certificate is for another use than servers.
    #[error("the first certificate is not for servers: its extended key usage lacks serverAuth")]
    NotForServers,
    /// A certificate is not that of the issuer of the one before it.
    #[error(
        "certificate {number} is of `{subject}`, but the one before it was issued by `{issuer}`: put the issuer's certificate there"
    )]
    Foreign {
        /// Its place in the file, counted from 1.
        number: usize,
        /// Whose certificate it is.
        subject: String,
        /// Who issued the one before it.
        issuer: String,
    },
}

/// What a server shows, as far as clients depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerChain {
    /// The hosts that its certificate is for.
    pub hosts: Vec<String>,
    /// The issuer of the last certificate, which clients must know. `None` if that certificate is its own issuer.
    pub needs: Option<String>,
    /// How many certificates there are.
    pub length: usize,
    /// The first certificate that is not of the issuer of the one before it. Many clients find their way in any order, some do not.
    pub foreign: Option<ServerChainError>,
}

impl ServerChain {
    /// Reads certificates in DER, the server's own first.
    ///
    /// # Errors
    /// `ServerChainError`.
    pub fn read<'c>(certificates: impl IntoIterator<Item = &'c [u8]>) -> Result<Self, ServerChainError> {
        let read = |der: &'c [u8]| x509_parser::parse_x509_certificate(der).map(|(_, read)| (der, read));
        let all: Result<Vec<(&[u8], X509Certificate<'_>)>, _> = certificates.into_iter().map(read).collect();
        let all = all.map_err(|_| ServerChainError::Unreadable)?;
        let ((der, own), (_, last)) = all.first().zip(all.last()).ok_or(ServerChainError::Unreadable)?;
        let usage = own.extended_key_usage().map_err(|_| ServerChainError::Unreadable)?;
        if usage.is_some_and(|usage| !usage.value.server_auth && !usage.value.any) {
            return Err(ServerChainError::NotForServers);
        }
        let mut steps = all.iter().zip(all.iter().enumerate().skip(1));
        let foreign = steps.find_map(|((_, before), (number, (_, next)))| {
            let (subject, issuer) = (next.subject().to_string(), before.issuer().to_string());
            (issuer != subject).then_some(ServerChainError::Foreign { number: number.saturating_add(1), subject, issuer })
        });
        let needs = (last.issuer().as_raw() != last.subject().as_raw()).then(|| last.issuer().to_string());
        Ok(Self { hosts: hosts_of(der), needs, length: all.len(), foreign })
    }

    /// Tells whether the certificate is for a host. Source: RFC 9525, section 6.3: a wildcard stands for one whole label.
    #[must_use]
    pub fn is_for(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let parent = host.split_once('.').map(|(_, parent)| format!("*.{parent}"));
        self.hosts.iter().map(|known| known.to_ascii_lowercase()).any(|known| known == host || Some(&known) == parent.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair};

    use super::*;

    fn params(name: &str, hosts: &[&str]) -> CertificateParams {
        let mut params = CertificateParams::new(hosts.iter().map(|host| (*host).to_owned()).collect::<Vec<_>>()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params
    }

    fn authority(name: &str) -> CertificateParams {
        let mut params = params(name, &[]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
    }

    fn key() -> KeyPair {
        KeyPair::generate().unwrap()
    }

    /// With such files the server would start, and every client would refuse it.
    #[test]
    fn what_clients_would_refuse_is_told() {
        let root = CertifiedIssuer::self_signed(authority("Root"), key()).unwrap();
        let between = CertifiedIssuer::signed_by(authority("Between"), key(), &root).unwrap();
        let own = params("Server", &["registry.example.org", "*.example.net"]).signed_by(&key(), &between).unwrap();
        let mut client = params("Client", &[]);
        client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let client = client.signed_by(&key(), &between).unwrap();
        let read = |all: &[&[u8]]| ServerChain::read(all.iter().copied());

        let whole = read(&[own.der(), between.der()]).unwrap();
        assert_eq!((whole.length, whole.needs.as_deref().is_some_and(|needs| needs.contains("Root"))), (2, true));
        for (host, is_for) in
            [("registry.example.org", true), ("A.example.net", true), ("a.b.example.net", false), ("staging.example.com", false)]
        {
            assert_eq!(whole.is_for(host), is_for, "{host}");
        }
        assert_eq!(read(&[own.der(), between.der(), root.der()]).unwrap().needs, None);
        assert!(read(&[own.der()]).unwrap().needs.unwrap().contains("Between"));
        assert_eq!(whole.foreign, None);
        let foreign = read(&[own.der(), root.der()]).unwrap().foreign;
        assert!(matches!(foreign, Some(ServerChainError::Foreign { number: 2, .. })));
        assert_eq!(read(&[client.der(), between.der()]), Err(ServerChainError::NotForServers));
        assert_eq!(read(&[b"x"]), Err(ServerChainError::Unreadable));
        assert_eq!(read(&[]), Err(ServerChainError::Unreadable));
    }
}
