//! A domain as its member sees it: the challenge, the state, and what the last check saw.

use std::cmp::Ordering;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domains::MemberDomain;
use vasp_record::dns_answer::DnssecStatus;
use vasp_record::domain_look::MethodLook;
use vasp_record::domain_proof::ProofMethod;
use vasp_record::domain_standing::DomainState;
use vasp_record::vasp::{DomainStatus, VaspDomain};

/// A DNS record to publish.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChallengeRecord)]
pub(crate) struct ChallengeRecordView {
    /// Name of the TXT record.
    #[schema(example = "_vasp-registry.travelrule.example.com")]
    name: String,
    /// Text of the TXT record.
    #[schema(example = "vasp-registry-verification=mfrggzdfmztwq2lkmnrhg33vmzrggz3i")]
    value: String,
}

/// A file to publish.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChallengeFile)]
pub(crate) struct ChallengeFileView {
    /// URL of the file.
    #[schema(example = "https://travelrule.example.com/.well-known/vasp-registry.txt")]
    url: String,
    /// A line that the file must have.
    #[schema(example = "vasp-registry-verification=mfrggzdfmztwq2lkmnrhg33vmzrggz3i")]
    line: String,
}

/// What to publish: either the DNS record or the file. Leave it published.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DomainChallenge)]
pub(crate) struct ChallengeView {
    dns_txt: ChallengeRecordView,
    well_known_file: ChallengeFileView,
    /// Until when the challenge must be met for the first time.
    #[schema(format = DateTime)]
    expires_at: String,
}

/// The answer of one DNS resolver.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ResolverSaid)]
pub(crate) struct ResolverSaidView {
    /// Address and port of the resolver.
    resolver: String,
    /// `texts`, `nothing`, `bogus`, `failed` or `silent`.
    answer: String,
}

/// The result of one method.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DomainMethodLook)]
pub(crate) struct MethodLookView {
    method: ProofMethod,
    /// Whether it proves the domain.
    proves: bool,
    /// `proven`, or a stable code for the reason why not.
    code: String,
    /// Why it does not prove the domain; null if it does.
    detail: Option<String>,
    resolvers: Vec<ResolverSaidView>,
}

/// A check of a domain.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DomainLook)]
pub(crate) struct DomainLookView {
    /// When the check was made.
    #[schema(format = DateTime)]
    at: String,
    methods: Vec<MethodLookView>,
}

/// A domain of a VASP. Only the VASP itself sees the challenge and what checks saw.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MemberDomain)]
pub(crate) struct MemberDomainView {
    /// The domain, in A-labels.
    #[schema(example = "travelrule.example.com")]
    domain: String,
    /// Whether hosts below it belong to the VASP too.
    covers_subdomains: bool,
    state: DomainState,
    /// What to publish; null for others than the VASP itself.
    challenge: Option<ChallengeView>,
    /// The method that proved it last; null before the first proof.
    method: Option<ProofMethod>,
    /// What the signatures of the DNS answer proved at that time; null if the proof was not a DNS record.
    dnssec: Option<DnssecStatus>,
    /// Time of the last check that proved it; null before the first proof.
    #[schema(format = DateTime)]
    proven_at: Option<String>,
    /// Time of the first failed check since then; null if none failed.
    #[schema(format = DateTime)]
    failing_since: Option<String>,
    /// Time of the next automatic check; null if none is planned.
    #[schema(format = DateTime)]
    next_look_at: Option<String>,
    last_look: Option<DomainLookView>,
}

impl From<&MethodLook> for MethodLookView {
    fn from(look: &MethodLook) -> Self {
        let said = look.resolvers.iter();
        Self {
            method: look.method,
            proves: look.proves,
            code: look.code.clone(),
            detail: Some(look.detail.clone()).filter(|detail| !detail.is_empty()),
            resolvers: said
                .map(|said| ResolverSaidView { resolver: said.resolver.clone(), answer: said.answer.clone() })
                .collect(),
        }
    }
}

impl From<&MemberDomain> for MemberDomainView {
    fn from(domain: &MemberDomain) -> Self {
        let challenge = domain.challenge();
        Self {
            domain: challenge.domain.to_string(),
            covers_subdomains: domain.covers_subdomains,
            state: domain.state,
            challenge: Some(ChallengeView {
                dns_txt: ChallengeRecordView { name: challenge.txt_name(), value: challenge.text() },
                well_known_file: ChallengeFileView { url: challenge.file_url(), line: challenge.text() },
                expires_at: challenge.expires_at.to_string(),
            }),
            method: domain.proven_by,
            dnssec: domain.dnssec,
            proven_at: domain.proven_at.map(|at| at.to_string()),
            failing_since: domain.failing_since.map(|at| at.to_string()),
            next_look_at: domain.next_look_at.map(|at| at.to_string()),
            last_look: domain.last_look_at.zip(domain.last_look.as_ref()).map(|(at, look)| DomainLookView {
                at: at.to_string(),
                methods: look.methods.iter().map(MethodLookView::from).collect(),
            }),
        }
    }
}

impl MemberDomainView {
    /// Returns whether it is this domain.
    pub(crate) fn is(&self, domain: &str) -> bool {
        self.domain == domain
    }

    /// Compares two by name.
    pub(crate) fn by_name(&self, other: &Self) -> Ordering {
        self.domain.cmp(&other.domain)
    }
}

impl From<&VaspDomain> for MemberDomainView {
    fn from(domain: &VaspDomain) -> Self {
        Self {
            domain: domain.domain.clone(),
            covers_subdomains: domain.covers_subdomains,
            state: match domain.status {
                DomainStatus::Lost => DomainState::Lost,
                DomainStatus::Unproven => DomainState::Pending,
                DomainStatus::Proven => DomainState::Proven,
            },
            challenge: None,
            method: None,
            dnssec: None,
            proven_at: None,
            failing_since: None,
            next_look_at: None,
            last_look: None,
        }
    }
}
