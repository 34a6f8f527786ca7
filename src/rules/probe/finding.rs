//! The findings of a probe: a closed list of codes, each with its severity and meaning. A finding states what the probe saw. It never
//! changes a record.

use serde::{Deserialize, Serialize};

use vasp_record::certificate::Severity;
use vasp_words::closed_list::{ClosedList, closed_list};

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeFinding {
    /// The code.
    pub code: ProbeFindingCode,
    /// One sentence with the details.
    pub detail: String,
    /// What the probe saw instead, such as an LEI or a fingerprint; null if the code alone identifies the finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<String>,
}

/// Longest detail, in characters: parts of it come from unknown servers.
const DETAIL_MAX: usize = 300;

impl ProbeFinding {
    /// Creates a finding. A detail that is too long is cut, and control characters are replaced by blanks.
    #[must_use]
    pub fn new(code: ProbeFindingCode, detail: &str) -> Self {
        Self { code, detail: shown(detail, DETAIL_MAX), seen: None }
    }

    /// Creates a finding that states what the probe saw instead.
    #[must_use]
    pub fn with_seen(code: ProbeFindingCode, detail: &str, seen: &str) -> Self {
        Self { seen: Some(shown(seen, 100)), ..Self::new(code, detail) }
    }

    /// Returns its severity.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

/// Returns a text from an unknown server in a form that may be shown: without control characters, and not too long.
#[must_use]
pub(super) fn shown(text: &str, longest: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(longest).collect()
}

closed_list! {
    /// The kind of a probe finding.
    pub enum ProbeFindingCode with Severity {
        /// The server presents a certificate that its VASP does not publish for servers.
        CertificateMismatch = "certificate_mismatch" => Severity::Error,
        /// The server's certificate has expired.
        CertificateExpired = "certificate_expired" => Severity::Error,
        /// The server's certificate is not valid yet.
        CertificateNotYetValid = "certificate_not_yet_valid" => Severity::Error,
        /// The server names another LEI than the record.
        IdentityLeiDiffers = "identity_lei_differs" => Severity::Error,
        /// The host resolves to an address that is not on the public Internet, so the registry did not call it.
        AddressRefused = "address_refused" => Severity::Error,
        /// The port is the usual port of another service, so the registry did not call it.
        PortRefused = "port_refused" => Severity::Error,
        /// The VASP publishes no server certificate, and browsers would not trust the certificate that the server presents.
        CertificateUntrusted = "certificate_untrusted" => Severity::Warning,
        /// The server's `/identity` has another certificate than the server presents.
        IdentityCertificateDiffers = "identity_certificate_differs" => Severity::Warning,
        /// The server gives a name that is not a name of the record.
        IdentityNameDiffers = "identity_name_differs" => Severity::Warning,
        /// The server speaks a protocol version that the registry does not know.
        VersionUnsupported = "version_unsupported" => Severity::Warning,
        /// The server speaks another protocol version than its VASP publishes.
        VersionDiffers = "version_differs" => Severity::Warning,
        /// The server requires an extension that the registry does not know.
        ExtensionRequiredUnknown = "extension_required_unknown" => Severity::Warning,
        /// The server redirects callers to another place; the registry does not follow redirects.
        Redirect = "redirect" => Severity::Warning,
        /// An answer is longer than the registry reads.
        BodyTooLong = "body_too_long" => Severity::Warning,
        /// The server does not speak TRP: none of its documents can be read.
        NotTrp = "not_trp" => Severity::Warning,
        /// The server has a TRP document that cannot be read.
        DocumentUnreadable = "document_unreadable" => Severity::Warning,
        /// The server does not speak gRPC, or has no health service.
        NotGrpc = "not_grpc" => Severity::Warning,
        /// The service reports that it does not work, or that it will soon stop working.
        ServiceUnhealthy = "service_unhealthy" => Severity::Warning,
        /// The server reports an error of its own (HTTP 5xx).
        ServerError = "server_error" => Severity::Warning,
        /// The DNS has no address for the host.
        HostNotFound = "host_not_found" => Severity::Warning,
        /// The registry cannot connect to the server.
        NoConnection = "no_connection" => Severity::Warning,
        /// The TLS handshake fails.
        TlsFailed = "tls_failed" => Severity::Warning,
        /// The server does not answer in time.
        TimedOut = "timed_out" => Severity::Warning,
        /// The connection is lost, or the answer does not follow the protocol.
        ProtocolBroken = "protocol_broken" => Severity::Warning,
        /// The server requires a client certificate, as Travel Rule protocols do. The registry could not see more.
        AsksForCertificate = "asks_for_certificate" => Severity::Info,
        /// The VASP publishes no server certificate, so the registry cannot compare the certificate that the server presents.
        CertificateNotPublished = "certificate_not_published" => Severity::Info,
        /// The service reports that it is in maintenance.
        InMaintenance = "in_maintenance" => Severity::Info,
    }
}

impl ProbeFindingCode {
    /// Returns the severity.
    #[must_use]
    pub fn severity(self) -> Severity {
        self.with()
    }

    /// Returns the meaning, for people.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        self.documentation()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_word_and_a_sentence() {
        let mut words: Vec<_> = ProbeFindingCode::ALL.iter().map(|code| code.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), ProbeFindingCode::ALL.len());
        for code in ProbeFindingCode::ALL {
            assert!(code.explanation().ends_with('.') && code.explanation().starts_with(char::is_uppercase), "{code:?}");
            assert_eq!(serde_json::to_string(&code).unwrap(), format!("\"{}\"", code.as_str()));
        }
    }

    #[test]
    fn texts_of_strangers_are_cut_and_cleaned() {
        let finding = ProbeFinding::new(ProbeFindingCode::Redirect, &format!("to {}\r\n{}", '\u{0}', "ä".repeat(1_000)));

        assert_eq!(finding.detail.chars().count(), 300);
        assert!(!finding.detail.contains(char::is_control));
    }
}
