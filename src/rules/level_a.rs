//! Level A of the due-diligence file: what dated public evidence establishes for each line of the regulators' requirements. The checks of
//! a pre-check answer most lines, so the two never disagree. Reach is measured by the registry's probes. The module is pure.

use super::endpoint_health::HealthState;
use super::non_compliant::NonCompliantMatch;
use super::precheck::{CheckCode, CheckName, CheckOutcome, CheckResult, Evidence, EvidenceOf};
use super::protocol::ProtocolId;
use super::questionnaire::Track;
use super::questionnaire::standing::LineStatus;
use super::requirement::Requirement;
use vasp_words::ids::EndpointId;
use vasp_words::text::Text;
use vasp_words::time::UtcTime;

/// One line and what is established about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComputedLine {
    /// The line.
    pub requirement: Requirement,
    /// Whether it is established.
    pub status: LineStatus,
    /// The reason as a code: a check's code, or one that begins with `reach.` or `non_compliant_list.`.
    pub code: &'static str,
    /// One sentence for people.
    pub detail: Text,
    /// The evidence for it.
    pub evidence: Vec<Evidence>,
}

/// A usable endpoint with the results of the probes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeasuredEndpoint {
    /// The endpoint's id.
    pub id: EndpointId,
    /// The endpoint's protocol.
    pub protocol: ProtocolId,
    /// The endpoint's state.
    pub state: HealthState,
    /// The time of the last probe.
    pub sampled_at: Option<UtcTime>,
}

/// What lists of non-compliant providers say about a VASP.
#[derive(Clone, Copy, Debug)]
pub struct NonCompliance<'a> {
    /// The entries that match the VASP; `None` if no list is loaded.
    pub found: Option<&'a [NonCompliantMatch]>,
    /// The list that was searched.
    pub source: &'a str,
    /// The date of the list.
    pub as_of: Option<UtcTime>,
}

/// Warnings that leave a line open: the evidence has expired, is not complete, or is not about this VASP alone.
const OPEN: [CheckCode; 3] =
    [CheckCode::IdentityEvidenceStale, CheckCode::SanctionsNoMatchOnPartialList, CheckCode::JurisdictionAmbiguousRegime];

/// The lines that checks answer, with those checks.
const BY_CHECKS: [(Requirement, &[CheckName]); 6] = [
    (Requirement::Cp02, &[CheckName::Identity]),
    (Requirement::Cp05, &[CheckName::Identity, CheckName::Lei]),
    (Requirement::Cp08, &[CheckName::Licence]),
    (Requirement::Cp11, &[CheckName::Sanctions]),
    (Requirement::Cp12, &[CheckName::Jurisdiction]),
    (Requirement::Cp15, &[CheckName::ShellVasp]),
];

/// Returns the lines of level A, in order.
#[must_use]
pub fn lines(checks: &[CheckResult], non_compliance: NonCompliance<'_>, endpoints: &[MeasuredEndpoint]) -> Vec<ComputedLine> {
    let of = |names: &[CheckName]| -> Vec<&CheckResult> {
        names.iter().filter_map(|name| checks.iter().find(|check| check.check() == *name)).collect()
    };
    let mut lines: Vec<ComputedLine> =
        BY_CHECKS.iter().filter_map(|(requirement, names)| by_checks(*requirement, &of(names))).collect();
    lines.extend([Requirement::Cp13, Requirement::Cp25].map(|requirement| reach(requirement, endpoints)));
    lines.push(non_compliant(non_compliance));
    lines.sort_by_key(|line| line.requirement);
    lines
}

impl ComputedLine {
    /// Returns whether a track's file is incomplete without this line.
    #[must_use]
    pub fn counts_for(&self, track: Track) -> bool {
        track == Track::TravelRule || !matches!(self.requirement, Requirement::Cp13 | Requirement::Cp25)
    }

    /// Returns the observation time of the oldest evidence.
    #[must_use]
    pub fn observed_at(&self) -> Option<UtcTime> {
        self.evidence
            .iter()
            .filter(|evidence| evidence.of != EvidenceOf::Directory)
            .filter_map(|evidence| evidence.observed_at)
            .min()
    }

    /// Returns when the first piece of evidence expires.
    #[must_use]
    pub fn valid_until(&self) -> Option<UtcTime> {
        self.evidence.iter().filter_map(|evidence| evidence.valid_until).min()
    }
}

/// Returns what one check establishes for a line. Silence is no pass: only evidence that was examined and is valid establishes a line.
fn status(check: &CheckResult) -> LineStatus {
    match check.outcome() {
        CheckOutcome::Fail => LineStatus::Contradicted,
        CheckOutcome::Unknown | CheckOutcome::NotApplicable => LineStatus::NotEstablished,
        CheckOutcome::Warn if check.codes().any(|code| OPEN.contains(&code)) => LineStatus::NotEstablished,
        CheckOutcome::Warn | CheckOutcome::Pass => LineStatus::Established,
    }
}

/// Builds a line from its checks. Any contradicting check decides first, then any establishing check, then the first check.
fn by_checks(requirement: Requirement, checks: &[&CheckResult]) -> Option<ComputedLine> {
    let contradicting = checks.iter().find(|check| status(check) == LineStatus::Contradicted);
    let establishing = checks.iter().find(|check| status(check) == LineStatus::Established);
    let decides = contradicting.or(establishing).or(checks.first())?;
    Some(ComputedLine {
        requirement,
        status: status(decides),
        code: decides.code.as_str(),
        detail: decides.detail.clone(),
        evidence: checks.iter().flat_map(|check| check.evidence.iter().cloned()).collect(),
    })
}

/// Builds a line from the results of the probes. One answering endpoint establishes the line; if none answers, the line is contradicted.
fn reach(requirement: Requirement, endpoints: &[MeasuredEndpoint]) -> ComputedLine {
    let is = |state: HealthState| endpoints.iter().any(|endpoint| endpoint.state == state);
    let (status, code, detail): (_, _, Text) = if endpoints.is_empty() {
        (
            LineStatus::NotEstablished,
            "reach.none_published",
            "The VASP publishes no usable endpoint of a Travel Rule protocol.".into(),
        )
    } else if [HealthState::Responsive, HealthState::Present, HealthState::Degraded].into_iter().any(is) {
        let mut protocols: Vec<&str> = endpoints.iter().map(|endpoint| endpoint.protocol.as_str()).collect();
        protocols.sort_unstable();
        protocols.dedup();
        (
            LineStatus::Established,
            "reach.answers",
            format!("At least one endpoint of the VASP answers the probes. Its endpoints speak {}.", protocols.join(", ")).into(),
        )
    } else if is(HealthState::Unknown) {
        (
            LineStatus::NotEstablished,
            "reach.not_measured",
            "The registry has not measured recently whether the VASP's endpoints answer.".into(),
        )
    } else {
        (LineStatus::Contradicted, "reach.down", "None of the VASP's endpoints answers the registry's probes.".into())
    };
    let evidence = |endpoint: &MeasuredEndpoint| Evidence {
        of: EvidenceOf::Endpoint(endpoint.id),
        source: format!("published by the VASP; probes of the registry: {}", endpoint.state.as_str()).into(),
        observed_at: endpoint.sampled_at,
        valid_until: None,
    };
    ComputedLine { requirement, status, code, detail, evidence: endpoints.iter().map(evidence).collect() }
}

/// Source: MiCA Art. 110.
fn non_compliant(lists: NonCompliance<'_>) -> ComputedLine {
    let list = || Evidence {
        of: EvidenceOf::Directory,
        source: lists.source.to_owned().into(),
        observed_at: lists.as_of,
        valid_until: None,
    };
    let (status, code, detail, evidence) = match lists.found {
        None => {
            let detail = "No list of non-compliant providers is loaded.";
            (LineStatus::NotEstablished, "non_compliant_list.not_loaded", detail, vec![])
        }
        Some([]) => {
            let detail = "The VASP is on no loaded list of non-compliant providers.";
            (LineStatus::Established, "non_compliant_list.not_listed", detail, vec![list()])
        }
        Some(found) => {
            let entry = |entry: &NonCompliantMatch| Evidence {
                of: EvidenceOf::NonCompliantEntry { list: entry.list.clone().into(), place: entry.place },
                source: entry.source.clone().into(),
                observed_at: Some(entry.as_of.start()),
                valid_until: None,
            };
            let detail = "The VASP is on a list of non-compliant providers.";
            (LineStatus::Contradicted, "non_compliant_list.listed", detail, found.iter().map(entry).collect())
        }
    };
    ComputedLine { requirement: Requirement::Cp26, status, code, detail: detail.into(), evidence }
}
