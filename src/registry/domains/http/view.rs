//! A member's domain as its member sees it: the challenge, where it stands, and what the last look saw.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domains::MemberDomain;
use vasp_record::dns_answer::DnssecStatus;
use vasp_record::domain_look::MethodLook;
use vasp_record::domain_proof::ProofMethod;
use vasp_record::domain_standing::DomainState;

/// A DNS record to publish.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChallengeRecord)]
pub(crate) struct ChallengeRecordView {
    /// Name of the TXT record.
    #[schema(example = "_vasp-registry.travelrule.example.com")]
    name: String,
    /// Its text.
    #[schema(example = "vasp-registry-verification=mfrggzdfmztwq2lkmnrhg33vmzrggz3i")]
    value: String,
}

/// A file to publish.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChallengeFile)]
pub(crate) struct ChallengeFileView {
    /// Where.
    #[schema(example = "https://travelrule.example.com/.well-known/vasp-registry.txt")]
    url: String,
    /// One of its lines.
    #[schema(example = "vasp-registry-verification=mfrggzdfmztwq2lkmnrhg33vmzrggz3i")]
    line: String,
}

/// What to publish: one of both, and to leave there.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DomainChallenge)]
pub(crate) struct ChallengeView {
    dns_txt: ChallengeRecordView,
    well_known_file: ChallengeFileView,
    /// Until when it must be met for the first time.
    #[schema(format = DateTime)]
    expires_at: String,
}

/// What one DNS resolver said.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ResolverSaid)]
pub(crate) struct ResolverSaidView {
    /// Its address and port.
    resolver: String,
    /// `texts`, `nothing`, `bogus`, `failed` or `silent`.
    answer: String,
}

/// What one method saw.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DomainMethodLook)]
pub(crate) struct MethodLookView {
    method: ProofMethod,
    /// Whether it proves the domain.
    proves: bool,
    /// `proven`, or a stable code of why not.
    code: String,
    /// Why not.
    detail: Option<String>,
    resolvers: Vec<ResolverSaidView>,
}

/// A look at a domain.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DomainLook)]
pub(crate) struct DomainLookView {
    /// When.
    #[schema(format = DateTime)]
    at: String,
    methods: Vec<MethodLookView>,
}

/// A domain of a member's VASP.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MemberDomain)]
pub(crate) struct MemberDomainView {
    /// In A-labels.
    #[schema(example = "travelrule.example.com")]
    domain: String,
    /// Whether hosts below it count too.
    covers_subdomains: bool,
    state: DomainState,
    challenge: ChallengeView,
    /// How it was proven last.
    method: Option<ProofMethod>,
    /// What the DNS answer's signatures proved then.
    dnssec: Option<DnssecStatus>,
    /// The last look that proved it.
    #[schema(format = DateTime)]
    proven_at: Option<String>,
    /// The first look that failed since then.
    #[schema(format = DateTime)]
    failing_since: Option<String>,
    /// When it is looked at again by itself.
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
            challenge: ChallengeView {
                dns_txt: ChallengeRecordView { name: challenge.txt_name(), value: challenge.text() },
                well_known_file: ChallengeFileView { url: challenge.file_url(), line: challenge.text() },
                expires_at: challenge.expires_at.to_string(),
            },
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
