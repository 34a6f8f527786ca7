//! Proof of a domain. A member publishes a random text from the registry, as a DNS record or as a file on the domain's web
//! server. This module defines what to publish, and judges what was found. It is pure: `outbound` fetches, and services call it.

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE32_NOPAD, Encoding};
use rand_core::RngCore;
use vasp_words::closed_list::closed_list;

use super::dns_answer::{self, DnssecStatus, ResolverAnswer, TxtOutcome};
use crate::platform::PlatformHosts;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vasp_words::host::Host;
use vasp_words::time::{UtcTime, serde_as_text};

/// The label of the DNS record.
///
/// Source: RFC 8552: a leading underscore keeps such names apart from hosts.
pub const TXT_LABEL: &str = "_vasp-registry";
/// The key before the token, in the record and in the file.
pub const KEY: &str = "vasp-registry-verification";
/// The path of the file. Source: RFC 8615, well-known URIs.
pub const FILE_PATH: &str = "/.well-known/vasp-registry.txt";
/// How long a challenge is valid, in seconds: two weeks, because another department may have to make the change.
pub const CHALLENGE_SECS: i64 = 14 * 86_400;

/// The length of a token in bytes: 160 bits, so that nobody guesses it.
const TOKEN_BYTES: usize = 20;

/// The random text of one challenge. The member publishes it, so it is not secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProofToken(String);

/// The text is not a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a token must have 32 characters of lower-case base 32")]
pub struct ProofTokenError;

closed_list! {
    /// A way to prove a domain: by a DNS record, or by a file on its web server.
    pub enum ProofMethod as "DomainProofMethod" {
        /// By a DNS TXT record.
        DnsTxt = "dns_txt",
        /// By a file on the web server.
        WellKnownFile = "well_known_file",
    }
}

/// Why nobody can prove a domain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnprovableDomain {
    /// Many VASPs share the host.
    #[error("{host} belongs to {platform}, which many VASPs share: request a path on it instead of the whole host")]
    Platform {
        /// The host.
        host: Host,
        /// The platform that it belongs to.
        platform: String,
    },
}

/// What a member must publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The domain to prove.
    pub domain: Host,
    /// The random token.
    pub token: ProofToken,
    /// The time until which the first proof is possible.
    pub expires_at: UtcTime,
}

/// Why the DNS record does not prove the domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TxtFault {
    /// There is no record.
    #[error("there is no TXT record at that name")]
    Missing,
    /// There are records, but none for this registry.
    #[error("there are TXT records at that name, but none starts with `{KEY}=`")]
    NotOurs,
    /// A record for this registry has another token.
    #[error("the record has the token of another challenge: it must have the token of this challenge")]
    OtherToken,
    /// The resolvers do not agree.
    #[error("the DNS resolvers do not agree yet: a new record can take as long as the time to live of the old one")]
    Disagree,
    /// The DNSSEC validation fails.
    #[error("the DNSSEC validation of the answer failed: correct the zone's signatures or its DS record")]
    Bogus,
    /// The resolvers report that they cannot look it up.
    #[error("the DNS resolvers report that they cannot look up the name: contact the operator of the domain's name servers")]
    Failed,
    /// Too few of the registry's resolvers answered.
    #[error("too few of the registry's DNS resolvers answered: try again later")]
    Unreachable,
}

/// A fetched file.
#[derive(Clone, Copy, Debug)]
pub struct PublishedFile<'a> {
    /// The host that answered, after redirects.
    pub host: &'a Host,
    /// The HTTP status.
    pub status: u16,
    /// `Content-Type`; `None` if the header is absent.
    pub content_type: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
}

/// Why the file does not prove the domain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// It could not be fetched.
    #[error("{why}")]
    NotFetched {
        /// The reason.
        why: String,
        /// Whether the cause is on our side, such as silent resolvers, so that it says nothing about the domain.
        is_ours: bool,
    },
    /// The status is not 200.
    #[error("the server answered with the status {0} instead of 200")]
    Status(u16),
    /// A redirect led to a host that is not related to this domain.
    #[error("the server redirected to {0}, which is neither a parent nor a subdomain of the domain")]
    RedirectedElsewhere(Host),
    /// The file is not plain text.
    #[error("the server must send the file with `Content-Type: text/plain`, in UTF-8")]
    WrongType,
    /// The file has no line for this registry.
    #[error("the file has no line that starts with `{KEY}=`")]
    Missing,
    /// A line for this registry has another token.
    #[error("the file has the token of another challenge: it must have the token of this challenge")]
    OtherToken,
}

/// Returns the alphabet of RFC 4648, section 6, in lower case. None of its digits looks like a letter, which helps people who
/// copy it.
fn base32() -> Encoding {
    let mut specification = BASE32_NOPAD.specification();
    specification.symbols.make_ascii_lowercase();
    specification.encoding().unwrap_or(BASE32_NOPAD)
}

impl ProofToken {
    /// Makes a random token.
    #[must_use]
    pub fn draw(rng: &mut dyn RngCore) -> Self {
        let mut bytes = [0; TOKEN_BYTES];
        rng.fill_bytes(&mut bytes);
        Self(base32().encode(&bytes))
    }

    /// Returns the token as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ProofToken {
    type Err = ProofTokenError;
    fn from_str(text: &str) -> Result<Self, ProofTokenError> {
        match base32().decode(text.as_bytes()) {
            Ok(bytes) if bytes.len() == TOKEN_BYTES => Ok(Self(text.to_owned())),
            _ => Err(ProofTokenError),
        }
    }
}

impl fmt::Display for ProofToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(ProofToken);
vasp_words::sql_as_text!(ProofToken);

impl TxtFault {
    /// Returns the stable code of this reason.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotOurs => "not_ours",
            Self::OtherToken => "other_token",
            Self::Disagree => "resolvers_disagree",
            Self::Bogus => "dnssec_bogus",
            Self::Failed => "resolvers_failed",
            Self::Unreachable => "resolvers_unreachable",
        }
    }

    /// Tells whether the cause is on our side, so that it says nothing about the domain.
    #[must_use]
    pub fn is_ours(self) -> bool {
        self == Self::Unreachable
    }
}

impl FileFault {
    /// Returns the stable code of this reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFetched { .. } => "not_fetched",
            Self::Status(_) => "wrong_status",
            Self::RedirectedElsewhere(_) => "redirected_elsewhere",
            Self::WrongType => "wrong_type",
            Self::Missing => "missing",
            Self::OtherToken => "other_token",
        }
    }

    /// Tells whether the cause is on our side, so that it says nothing about the domain.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        matches!(self, Self::NotFetched { is_ours: true, .. })
    }
}

/// Checks that a VASP can prove this domain as a whole. `Host` already guarantees a public name below a public suffix, in
/// A-labels. A platform may prove its own host, for the paths that it delegates. Nobody can prove a host below it, because its
/// customers share those hosts.
pub fn check_provable(domain: &Host, platforms: &PlatformHosts) -> Result<(), UnprovableDomain> {
    match platforms.covering(domain) {
        Some(found) if found.host() != domain.as_str() => {
            Err(UnprovableDomain::Platform { host: domain.clone(), platform: found.platform().to_owned() })
        }
        _ => Ok(()),
    }
}

impl Challenge {
    /// Makes a challenge with a random token.
    #[must_use]
    pub fn draw(domain: Host, now: UtcTime, rng: &mut dyn RngCore) -> Self {
        Self { domain, token: ProofToken::draw(rng), expires_at: now.plus_secs(CHALLENGE_SECS) }
    }

    /// Returns the name of the record, without a dot at its end.
    #[must_use]
    pub fn txt_name(&self) -> String {
        format!("{TXT_LABEL}.{}", self.domain)
    }

    /// Returns the text of the record, which is also the line of the file.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{KEY}={}", self.token)
    }

    /// Returns the URL of the file.
    #[must_use]
    pub fn file_url(&self) -> String {
        format!("https://{}{FILE_PATH}", self.domain)
    }

    /// Checks whether the resolvers' answers prove the domain. Returns the DNSSEC status of the agreed answer.
    pub fn judge_txt(&self, answers: &[ResolverAnswer]) -> Result<DnssecStatus, TxtFault> {
        let (texts, dnssec) = match dns_answer::outcome(answers) {
            TxtOutcome::Agreed { texts, dnssec } => (texts, dnssec),
            TxtOutcome::Nothing => return Err(TxtFault::Missing),
            TxtOutcome::Disagree => return Err(TxtFault::Disagree),
            TxtOutcome::Bogus => return Err(TxtFault::Bogus),
            TxtOutcome::Failed => return Err(TxtFault::Failed),
            TxtOutcome::Unreachable => return Err(TxtFault::Unreachable),
        };
        match self.find(texts.iter().map(String::as_str)) {
            Some(true) => Ok(dnssec),
            Some(false) => Err(TxtFault::OtherToken),
            None => Err(TxtFault::NotOurs),
        }
    }

    /// Checks whether a fetched file proves the domain.
    ///
    /// # Errors
    /// `FileFault`, never `NotFetched`.
    pub fn judge_file(&self, file: &PublishedFile<'_>) -> Result<(), FileFault> {
        if file.status != 200 {
            return Err(FileFault::Status(file.status));
        }
        // Old domains often redirect every path to another party. That party could then prove a domain that it never owned.
        let in_line = self.domain.parents().contains(file.host) || file.host.parents().contains(&self.domain);
        if !in_line {
            return Err(FileFault::RedirectedElsewhere(file.host.clone()));
        }
        let text = std::str::from_utf8(file.body).ok().filter(|_| file.content_type.is_some_and(is_plain_text));
        let text = text.ok_or(FileFault::WrongType)?;
        let lines = text.strip_prefix('\u{feff}').unwrap_or(text).lines();
        match self.find(lines.filter(|line| !line.trim_start().starts_with('#'))) {
            Some(true) => Ok(()),
            Some(false) => Err(FileFault::OtherToken),
            None => Err(FileFault::Missing),
        }
    }

    /// Returns whether one of the texts has this challenge's token; `None` if no text is for this registry.
    fn find<'a>(&self, texts: impl Iterator<Item = &'a str>) -> Option<bool> {
        let tokens = texts.filter_map(|text| text.trim().strip_prefix(KEY)?.strip_prefix('='));
        tokens.map(|token| token == self.token.as_str()).max()
    }
}

/// Tells whether a content type is `text/plain`, in UTF-8 or without a charset.
///
/// Source: RFC 9110, section 8.3.1: type and parameter names in any case, values perhaps quoted.
fn is_plain_text(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let is_plain = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("text/plain"));
    let is_utf8 = |charset: &str| ["utf-8", "us-ascii"].iter().any(|known| charset.trim_matches('"').eq_ignore_ascii_case(known));
    let fits = |parameter: &str| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => is_utf8(value.trim()),
        _ => true,
    };
    is_plain && parts.all(fits)
}

#[cfg(test)]
#[path = "domain_proof/tests.rs"]
mod tests;
