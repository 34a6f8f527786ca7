//! View of the answer to "who owns this": the subject as it was read, the owners, related claims, and coverage.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::PaymentUriView;
use super::brand::OwnerBrandView;
use crate::directory::Generation;
use crate::http::{CoverageView, DirectoryView};
use crate::node::{Registry, Silence, ValidUntil};
use crate::resolve::ResolveAnswer;
use crate::resolve::networks::name_once;
use crate::vasps::http::VaspSummaryView;
use vasp_addresses::address::{Account, MemoPresence};
use vasp_addresses::inquiry_url::InquiryUrl;
use vasp_addresses::network::{Network, NetworkNumber, NetworkTable};
use vasp_addresses::subject::{Subject, SubjectKind};
use vasp_pki::ClaimIdKey;
use vasp_pki::receipt::CanonicalText;
use vasp_record::claim::{AddressRole, Claim, NetworkMatch, Strength};
use vasp_record::environment::Environment;
use vasp_record::resolution::{Owner, Related, RelatedReason, Relation, ResolutionStatus};
use vasp_record::vasp::VaspKind;
use vasp_rules::presented::CertificateWarning;
use vasp_words::caip::Caip2;
use vasp_words::look_alike::HostWarning;
use vasp_words::time::UtcTime;

/// The answer to "who owns this".
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Resolution)]
pub(crate) struct ResolutionView<'a> {
    /// `sandbox` in a sandbox, where everything is invented, and `demo` in a demo; a live registry leaves this member out.
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<Environment>,
    /// The subject as it was read.
    #[schema(value_type = SubjectView)]
    subject: SubjectView<'a>,
    /// What was found.
    status: ResolutionStatus,
    /// Owners, strongest first. There can be several unless the status is `owned` by one.
    #[schema(value_type = Vec<OwnerView>)]
    owners: Vec<OwnerView<'a>>,
    /// Claims that do not decide: they are weaker, name only the family, or are on another network.
    #[schema(value_type = Vec<RelatedClaimView>)]
    related_claims: Vec<RelatedClaimView<'a>>,
    /// How many more owners and related claims there are. Absent if the lists name all: each names at most 30, and every VASP first.
    #[serde(skip_serializing_if = "Option::is_none")]
    claims_left_out: Option<usize>,
    /// Why the answer is held although no claim in it contradicts another: another party's hidden proof, a proof or an older claim that
    /// ended. Absent if it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    related_reason: Option<RelatedReason>,
    /// Whether there are claims that are valid only with a memo.
    memo_claims_exist: bool,
    /// Networks that a bare address can be on, most likely first. Of a family, such as all EVM networks, the first is named, and then the
    /// family.
    #[schema(example = json!(["eip155:1", "eip155:*"]))]
    #[schema(value_type = Vec<String>)]
    candidates: Vec<&'a str>,
    /// Records that name the host without proof, or whose certificate is not accepted.
    unverified_candidates: Vec<VaspSummaryView>,
    /// The platform that a shared host belongs to; null if there is none. On such a host, a path has an owner only if both the platform
    /// and a VASP confirmed it.
    platform: Option<&'a str>,
    /// For each network, how much the directory knows about it, and so how much a `not_found` means. Of a family, only the likeliest network
    /// with claims is listed.
    #[schema(value_type = Vec<CoverageView>)]
    coverage: Vec<CanonicalText>,
    /// The directory generation that answered.
    directory: DirectoryView,
    /// Until when the answer may be used.
    valid_until: ValidUntil,
}

/// The subject as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Subject)]
pub(crate) struct SubjectView<'a> {
    /// The kind that the subject was read as.
    #[schema(value_type = String, example = "address")]
    #[serde(serialize_with = "as_text")]
    kind: SubjectKind,
    /// The subject in its canonical spelling.
    #[schema(value_type = String)]
    value: Cow<'a, str>,
    /// The network, CAIP-2; null if it is unknown or the subject has none.
    network: Option<&'a Caip2>,
    /// The other ids of the same ledger, CAIP-2, such as `tron:0x2b6653dc` for `eip155:728126428`. What a wallet or list calls by them is the
    /// same account. Absent if the network has one id.
    #[schema(value_type = Option<Vec<String>>, example = json!(["tron:0x2b6653dc"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    ledger: Option<&'a [Caip2]>,
    /// The canonical address; null if the subject is not an address.
    address: Option<&'a str>,
    /// The memo that you asked with; null if there was none.
    memo: Option<&'a str>,
    /// CAIP-10 account; null if the network is unknown or the address is too long.
    caip10: Option<String>,
    /// Whether transfers to the address carry a memo. For a bare address it is the rule of the likeliest network.
    memo_rule: MemoPresence,
    /// What the payment URI names in which the address stood. Absent if the text is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_uri: Option<PaymentUriView>,
    /// The target of a Travel Address, LNURL or URL; absent for other kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    travel_address: Option<TravelAddressView>,
    /// What looks wrong with the host, which is answered nevertheless, or why a certificate does not name its owner. Absent if the
    /// subject is neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    warnings: Option<Vec<SubjectWarningView>>,
}

/// What looks wrong with a host, or with the certificates that were found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SubjectWarning)]
pub(crate) struct SubjectWarningView {
    /// `mixed_script`: a label mixes letters of scripts that are not written together. `latin_look_alike`: the name looks like plain
    /// Latin letters but is not. `resembles_proven`: it looks the same as another name, for which a VASP has proven a domain.
    /// `certificate_revoked`, `certificate_expired`, `certificate_faulty`, `certificate_not_yet_valid`: the certificate that a
    /// candidate published is not valid now. `common_name_unproven`: a candidate pinned a certificate with that name, and nobody
    /// vouched for the name.
    #[schema(example = "mixed_script")]
    code: &'static str,
    /// An explanation in words, with the names in question.
    detail: String,
}

/// The target of a Travel Address, LNURL or URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TravelAddress)]
pub(crate) struct TravelAddressView {
    /// The URL to send the inquiry to.
    #[schema(example = "https://beneficiary.com/x/12345?t=i")]
    url: String,
    /// The host of the URL.
    host: String,
}

/// One owner, with the claim that names it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Owner)]
pub(crate) struct OwnerView<'a> {
    /// The owner.
    #[schema(value_type = VaspSummaryView)]
    vasp: CanonicalText,
    /// The network, CAIP-2; null if you asked about a record.
    network: Option<&'a Caip2>,
    /// Whether the claim names this network.
    network_match: NetworkMatch,
    /// Whether the claim is for the memo that you asked with.
    memo_matched: bool,
    /// The claim; null if you asked about a record.
    #[schema(value_type = Option<ClaimView>)]
    claim: Option<ClaimView<'a>>,
    /// The legal entities that may be behind the owner. Absent if the owner is an entity, in `related_claims`, and in a pre-check, which
    /// has its own `brand`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<OwnerBrandView>)]
    brand: Option<CanonicalText>,
}

/// A claim that does not decide who the owner is.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = RelatedClaim)]
pub(crate) struct RelatedClaimView<'a> {
    /// Why the claim is shown.
    relation: Relation,
    #[serde(flatten)]
    #[schema(value_type = OwnerView)]
    owner: OwnerView<'a>,
}

/// A claim.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Claim)]
pub(crate) struct ClaimView<'a> {
    /// Opaque id.
    #[schema(example = "clm_4f1d2c3b5a697887")]
    id: String,
    /// What the VASP uses the address for.
    role: AddressRole,
    /// How strong the claim is.
    strength: Strength,
    /// How the registry learnt of the claim.
    #[schema(example = "third_party_label")]
    method: &'a str,
    /// The source from which the registry learnt of the claim.
    source: &'a str,
    /// The confidence from 0 to 1; null if the source states none.
    confidence: Option<f64>,
    /// Since when the source makes the claim; null if it gives no date.
    asserted_at: Option<UtcTime>,
    /// When the registry last checked the claim; null if it did not.
    verified_at: Option<UtcTime>,
    /// When the claim expires; null if it does not.
    expires_at: Option<UtcTime>,
}

impl<'a> ResolutionView<'a> {
    /// Renders an answer of a registry.
    pub(crate) fn of(answer: &'a ResolveAnswer, registry: &'a Registry, silence: Silence) -> Self {
        let view = Self::with(answer, registry.directory().claim_ids(), Brands::Told, silence);
        Self { environment: registry.environment_with(&answer.generation.documents().policy.value).said(), ..view }
    }

    /// Renders an answer inside a pre-check, which tells about the brand and the environment itself. `ids` turns claim numbers into
    /// public ids.
    pub(crate) fn in_precheck(answer: &'a ResolveAnswer, ids: &'a ClaimIdKey, silence: Silence) -> Self {
        Self::with(answer, ids, Brands::LeftOut, silence)
    }

    fn with(answer: &'a ResolveAnswer, ids: &'a ClaimIdKey, brands: Brands, silence: Silence) -> Self {
        let generation: &Generation = &answer.generation;
        let render = Render { generation, at: answer.at, ids };
        let resolution = &answer.resolution;
        let coverage = answer.coverage.iter().map(|(network, line)| {
            let place = generation.written_coverage(network, answer.reader);
            CanonicalText::kept(place, || CoverageView::of(network, line.as_ref()))
        });
        Self {
            environment: None,
            subject: SubjectView::of(answer),
            status: resolution.status,
            owners: resolution.owners.iter().filter_map(|owner| render.owner(owner, brands)).collect(),
            related_claims: resolution.related.iter().filter_map(|related| render.related(related)).collect(),
            claims_left_out: Some(resolution.left_out).filter(|left_out| *left_out > 0),
            related_reason: resolution.related_reason,
            memo_claims_exist: resolution.memo_claims_exist,
            candidates: candidates(&answer.subject),
            unverified_candidates: answer.unverified.iter().map(|v| VaspSummaryView::of(v, generation, answer.at)).collect(),
            platform: answer.platform.as_deref(),
            coverage: coverage.collect(),
            directory: DirectoryView::from(generation),
            valid_until: silence.shortens(answer.holds),
        }
    }
}

fn candidates(subject: &Subject) -> Vec<&str> {
    let mut names = vec![];
    if let Subject::BareAddress(candidates) = subject {
        candidates.accounts.iter().for_each(|account| name_once(&mut names, account));
    }
    names
}

/// Whether owners are shown with what is known about their brand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Brands {
    Told,
    LeftOut,
}

struct Render<'a> {
    generation: &'a Generation,
    at: UtcTime,
    ids: &'a ClaimIdKey,
}

impl<'a> Render<'a> {
    fn owner(&self, owner: &'a Owner<NetworkNumber>, brands: Brands) -> Option<OwnerView<'a>> {
        let vasp = self.generation.records().get(owner.vasp)?;
        let network = owner.network.and_then(|number| NetworkTable::embedded().by_number(number));
        let has_brand = brands == Brands::Told && vasp.kind == VaspKind::Group;
        Some(OwnerView {
            vasp: VaspSummaryView::written(vasp, self.generation, self.at),
            network: network.map(|network| &network.caip2),
            network_match: owner.network_match,
            memo_matched: owner.memo_matched,
            claim: owner.claim.as_ref().map(|claim| self.claim(claim)),
            brand: has_brand.then(|| OwnerBrandView::written(self.generation, vasp.id)),
        })
    }

    fn related(&self, related: &'a Related<NetworkNumber>) -> Option<RelatedClaimView<'a>> {
        Some(RelatedClaimView { relation: related.relation, owner: self.owner(&related.owner, Brands::LeftOut)? })
    }

    fn claim(&self, claim: &'a Claim) -> ClaimView<'a> {
        ClaimView {
            id: self.ids.public_id(claim.number),
            role: claim.role,
            strength: claim.strength,
            method: &claim.method,
            source: &claim.source,
            confidence: claim.confidence_percent.map(|percent| f64::from(percent) / 100.0),
            asserted_at: claim.asserted_at,
            verified_at: claim.verified_at,
            expires_at: claim.expires_at,
        }
    }
}

impl SubjectWarningView {
    fn all(answer: &ResolveAnswer) -> Option<Vec<Self>> {
        if let Some(presented) = &answer.presented {
            let view = |warning: &CertificateWarning| Self { code: warning.code(), detail: warning.to_string() };
            return Some(presented.warnings.iter().map(view).collect());
        }
        let view = |warning: &HostWarning| Self { code: warning.code(), detail: warning.to_string() };
        answer.subject.host_and_path().map(|_| answer.warnings.iter().map(view).collect())
    }
}

impl From<&InquiryUrl> for TravelAddressView {
    fn from(url: &InquiryUrl) -> Self {
        Self { url: url.to_string(), host: url.host().as_str().to_owned() }
    }
}

impl<'a> SubjectView<'a> {
    fn of(answer: &'a ResolveAnswer) -> Self {
        let subject = &answer.subject;
        let plain = Self {
            kind: subject.kind(),
            value: Cow::Borrowed(""),
            network: None,
            ledger: None,
            address: None,
            memo: subject.memo(),
            caip10: None,
            memo_rule: MemoPresence::None,
            payment_uri: PaymentUriView::of_answer(answer),
            travel_address: subject.inquiry_url().map(TravelAddressView::from),
            warnings: SubjectWarningView::all(answer),
        };
        let of = |value: String| Cow::Owned(value);
        match subject {
            Subject::Vasp(id) => Self { value: of(id.to_string()), ..plain },
            Subject::Lei(lei) => Self { value: of(lei.to_string()), ..plain },
            Subject::Domain(host) => Self { value: host.as_str().into(), ..plain },
            Subject::CertificateSha256(digest) => Self { value: of(digest.to_string()), ..plain },
            Subject::CommonName(name) => Self { value: of(name.to_string()), ..plain },
            Subject::Identifier(identifier) => Self { value: identifier.value().into(), ..plain },
            Subject::TravelAddress(travel, _) => Self { value: of(travel.to_string()), ..plain },
            Subject::Lnurl(lnurl, _) => Self { value: of(lnurl.to_string()), ..plain },
            Subject::Url(url) => Self { value: of(url.to_string()), ..plain },
            Subject::Caip10(account) => {
                let on = plain.on(account);
                let value = on.caip10.clone().map_or(Cow::Borrowed(account.canonical.as_str()), Cow::Owned);
                Self { value, ..on }
            }
            Subject::Address(account) => Self { value: account.canonical.as_str().into(), ..plain.on(account) },
            Subject::BareAddress(candidates) => {
                // The networks may spell the address differently. The view shows the spelling of the likeliest network.
                let first = candidates.accounts.first();
                let address = first.map(|account| account.canonical.as_str());
                let memo_rule = first.map_or(MemoPresence::None, memo_rule_of);
                Self { value: address.unwrap_or_default().into(), address, memo_rule, ..plain }
            }
        }
    }

    fn on(self, account: &'a Account) -> Self {
        let network = NetworkTable::embedded().by_number(account.network);
        Self {
            network: Some(&account.caip2),
            ledger: network.map(Network::other_ids).filter(|ids| !ids.is_empty()),
            address: Some(&account.canonical),
            caip10: account.caip10(),
            memo_rule: memo_rule_of(account),
            ..self
        }
    }
}

fn as_text<S: Serializer>(kind: &SubjectKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(kind)
}

fn memo_rule_of(account: &Account) -> MemoPresence {
    let network = NetworkTable::embedded().by_number(account.network);
    network.map_or(MemoPresence::None, |network| network.memo_rule.presence)
}
