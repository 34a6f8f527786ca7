//! Hand-made facts for the tests of the pre-check: an originator in Germany, a licensed firm in Ireland, a brand.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::super::elsewhere::{Elsewhere, JudgedVasp};
use super::super::lint::{LintRule, Linted};
use super::super::lists::{ListId, Measure};
use super::super::obligations::{
    CorrespondentDuty, CounterpartyDiligence, MaxAmount, Obligations, ObligationsRequest, SelfHostedDuty, SideObligations,
    TravelRuleDuty, WalletVerification, WalletVerificationCode, obligations,
};
use super::super::policy::{Policy, QuestionMember};
use super::super::presented::{Presented, PresentedBy};
use super::super::relationship::{Relationship, Relationships};
use super::super::routes::examples::Scene;
use super::super::rulebook::{FieldCode, Rulebook, SunriseTreatment, TravelRuleStatus};
use super::super::screening::{EU_SANCTIONS, EU_TRANSACTION_BANS, Hit, HitDecision, ListCoverage, Matched, UN_SANCTIONS};
use super::super::shared_diligence::SharedDiligence;
use super::*;
use vasp_record::certificate::{CertificateStatus, CertificateUse, PublishedCertificate, RootSet};
use vasp_record::claim::{AddressRole, Claim, ClaimNumber, NetworkMatch, Strength, Visibility};
use vasp_record::licence::{Activity, Authority, Licence, LicensedActivity, PublishedStanding};
use vasp_record::resolution::{Account, Parties, Resolution};
use vasp_record::vasp::{Evidence as RecordEvidence, LeiStatus, Vasp, VaspKind, VaspStatus};
use vasp_words::country::Country;
use vasp_words::ids::VaspId;
use vasp_words::money::Money;
use vasp_words::time::{Date, UtcTime};

/// The requirements of Germany's and Ireland's rules for a transfer from one to the other.
static BOTH: LazyLock<Obligations> = LazyLock::new(|| {
    let request = ObligationsRequest::between("DE".parse().unwrap(), "IE".parse().unwrap(), date("2026-05-01"));
    obligations(&Rulebook::embedded().unwrap(), &request)
});

/// All the data that either rule requires.
pub(crate) static ALL_DATA: LazyLock<BTreeSet<FieldCode>> = LazyLock::new(|| {
    let groups = BOTH.one_of.iter().flat_map(|sourced| sourced.one_of.alternatives.iter().flatten());
    BOTH.required_fields.iter().chain(groups).cloned().collect()
});

static POLICY: LazyLock<Policy> = LazyLock::new(|| Policy::embedded().unwrap());

pub(crate) fn country(code: &str) -> Country {
    code.parse().unwrap()
}

pub(crate) fn date(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn at(text: &str) -> UtcTime {
    text.parse().unwrap()
}

/// Records 1 to 9 are entities; higher numbers are groups.
pub(crate) fn id(number: u8) -> VaspId {
    format!("vasp_000000000000000000000000{}{}", number / 10, number % 10).parse().unwrap()
}

pub(crate) fn claim(number: i64, owner: u8) -> Claim {
    Claim {
        number: ClaimNumber(number),
        vasp: id(owner),
        network_match: NetworkMatch::Exact,
        memo: None,
        role: AddressRole::Unknown,
        strength: Strength::Attributed,
        method: "third_party_label".into(),
        source: "label pack".into(),
        confidence_percent: None,
        asserted_at: Some(at("2024-01-01T00:00:00Z")),
        verified_at: None,
        expires_at: None,
        visibility: Visibility::Public,
        named: std::sync::Arc::from([]),
        recorded_at: UtcTime::EPOCH,
        travels: false,
    }
}

pub(crate) fn family(number: i64, owner: u8) -> Claim {
    Claim { network_match: NetworkMatch::Family, ..claim(number, owner) }
}

pub(crate) fn licence(from: &str) -> Licence {
    let authority = Authority { id: "IE-CBI".into(), name: "Central Bank of Ireland".into(), country: country("IE") };
    Licence {
        id: "lic_00000000000000000000000001".parse().unwrap(),
        authority: authority.into(),
        regime: "MiCA".into(),
        number: None,
        activities: vec![LicensedActivity { activity: Activity::Custody, valid_from: Some(date(from)), valid_to: None }],
        territories: vec![country("DE")],
        valid_from: Some(date(from)),
        valid_to: None,
        standing: PublishedStanding::Granted,
        listed: true,
        source: "CASPS_20260426.csv".into(),
        first_seen: Some(date(from)),
        last_seen: Some(date("2026-04-26")),
    }
}

fn seen(attribute: &'static str) -> RecordEvidence {
    RecordEvidence {
        attribute: attribute.into(),
        method: "register_import".into(),
        source: "CASPS_20260426.csv".into(),
        verified_at: Some(date("2026-04-26").start()),
        expires_at: None,
    }
}

/// A listed, licensed entity in Ireland with an LEI, for which GLEIF's data are not on record.
pub(crate) fn entity(number: u8) -> Vasp {
    Vasp {
        id: id(number),
        kind: VaspKind::Entity,
        status: VaspStatus::Listed,
        legal_name: format!("Entity {number} Limited"),
        other_names: vec![],
        country: Some(country("IE")),
        lei: Some("5493001KJTIIGC8Y1R12".parse().unwrap()),
        lei_status: None,
        identifiers: vec![],
        activities: vec![],
        contacts: vec![],
        website: None,
        registered_address: None,
        group: None,
        licences: vec![licence("2025-06-25")],
        entries: vec![],
        domains: vec![],
        delegations: vec![],
        endpoints: vec![],
        certificates: vec![],
        keys: vec![],
        evidence: [seen("legal_name"), seen("lei"), seen("lei_status")].into(),
    }
}

/// A record about which no other list says anything.
pub(crate) fn unlisted(record: Vasp) -> JudgedVasp {
    JudgedVasp { record: record.into(), elsewhere: Elsewhere::default() }
}

/// A server certificate of the web PKI, valid until the end of 2026.
pub(crate) fn certificate(number: u8) -> PublishedCertificate {
    let end = at("2026-12-31T23:59:59Z");
    PublishedCertificate {
        id: format!("crt_0000000000000000000000000{number}").parse().unwrap(),
        version: 1,
        certificate_use: CertificateUse::TlsServer,
        sha256: format!("{number:02x}").repeat(32),
        spki_sha256: "00".repeat(32),
        common_name: None,
        organisation: None,
        organisation_identifier: None,
        lei: None,
        country: None,
        issuer: "CN=Issuer".to_owned(),
        serial: "01".to_owned(),
        not_before: at("2026-01-01T00:00:00Z"),
        not_after: end,
        chain_not_after: end,
        dns_names: vec!["trp.example.com".to_owned()],
        key: "EC P-256".to_owned(),
        root_set: Some(RootSet::WebPki),
        findings: vec![],
        status: CertificateStatus::Active,
        revoked_at: None,
        revocation_reason: None,
        issued_by_registry: false,
        published_at: at("2026-01-02T00:00:00Z"),
    }
}

pub(crate) fn group(number: u8) -> Vasp {
    Vasp {
        kind: VaspKind::Group,
        legal_name: format!("Brand {number}"),
        country: None,
        lei: None,
        licences: vec![],
        evidence: [].into(),
        ..entity(number)
    }
}

pub(crate) fn regime(code: &str, status: TravelRuleStatus) -> RegimeFacts {
    RegimeFacts {
        jurisdiction: code.parse().unwrap(),
        country: country(code),
        status,
        rule_version: (status != TravelRuleStatus::Unknown).then(|| format!("{code}@2024-12-30").parse().unwrap()),
        source: "rulebook".into(),
        known_through: date("2026-04-01"),
        unread: None,
        valid_until: None,
        lei_required: false,
        self_hosted_verification: WalletVerification::Yes,
        ambiguous: false,
    }
}

pub(crate) fn facts(code: &str, status: TravelRuleStatus, listings: Vec<Listing>) -> CountryFacts {
    CountryFacts { regime: regime(code, status), listings }
}

pub(crate) fn listing(list: ListId, measure: Option<Measure>) -> Listing {
    Listing { list, since: date("2020-02-21"), measure }
}

pub(crate) fn address_hit() -> Hit {
    let account = super::super::screening::SanctionedAccount { network: "eip155:*".into(), address: "0x00".into() };
    Hit {
        list: "OFAC".into(),
        family: "OFAC".into(),
        uid: "25308".into(),
        name: "Lazarus Group".into(),
        programs: vec!["DPRK3".into()],
        matched: Matched::Address(account),
        listed: "Lazarus Group".into(),
        score: 100,
        entry_sha256: "00".repeat(32),
        beside: Default::default(),
        means: Default::default(),
        decision: HitDecision::Open,
        own: HitDecision::Open,
    }
}

/// Lints an answer that prints no names but those of its question.
pub(crate) fn linted(input: &PrecheckInput<'_>, outcome: &PrecheckOutcome) -> Option<LintRule> {
    LintRule::broken_by(Linted { input, outcome, brand: None }, std::iter::empty())
}

/// A whole list as of 28 April 2026.
pub(crate) fn whole_list(id: &str) -> ScreeningListVersion {
    ScreeningListVersion {
        id: id.to_owned().into(),
        family: id.to_owned().into(),
        part: None,
        source: format!("{id}.csv").into(),
        as_of: date("2026-04-28"),
        coverage: ListCoverage::Complete,
        addresses: ListAddresses::None,
    }
}

/// A list that binds in Germany.
pub(crate) fn eu_list() -> ScreeningListVersion {
    whole_list(EU_SANCTIONS)
}

pub(crate) fn name_hit(name: &str) -> Hit {
    Hit { matched: Matched::Name(name.into()), ..address_hit() }
}

#[derive(Clone, Debug)]
pub(crate) enum Question {
    Address(Vec<Claim>),
    AmbiguousAddress(Vec<Claim>),
    Vasp(u8),
    Jurisdiction(&'static str),
}

/// Everything that a pre-check depends on, as owned values.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) question: Question,
    pub(crate) declared: Declared,
    pub(crate) records: Vec<Vasp>,
    /// What other lists say about the records.
    pub(crate) elsewhere: BTreeMap<VaspId, Elsewhere>,
    pub(crate) date: Date,
    pub(crate) customer_country: Option<Country>,
    pub(crate) originator: RegimeFacts,
    pub(crate) countries: Vec<CountryFacts>,
    pub(crate) lists: Vec<ListVersion>,
    pub(crate) non_compliant: Option<NonCompliantVersion<'static>>,
    pub(crate) screening: ScreeningFacts,
    pub(crate) policy: Policy,
    pub(crate) now: UtcTime,
    /// How the counterparty is reached.
    pub(crate) scene: Scene,
    /// The certificate that the counterparty of an incoming transfer presented.
    pub(crate) presented: Option<PresentedBy>,
    /// The transfer's value.
    pub(crate) worth: Option<Money>,
    /// The total value of the transfer and the transfers linked to it.
    pub(crate) linked_total: Option<Money>,
    /// The asker's decisions about counterparties.
    pub(crate) relationships: Vec<Relationship>,
    /// The transfer that is compared with the decisions.
    pub(crate) transfer: RelationshipTransfer,
    /// The due-diligence duty by the asker's own rule.
    pub(crate) duty: CounterpartyDiligence,
    pub(crate) cap: Option<MaxAmount>,
    /// The counterparty's answers, as far as the asker may read them.
    pub(crate) shared: SharedDiligence,
    /// Whether a self-hosted wallet is the customer's own.
    pub(crate) own_wallet: Option<bool>,
    pub(crate) proofs: WalletProofs,
    /// The data that is available.
    pub(crate) provided: Option<BTreeSet<FieldCode>>,
    /// How the asker's rule treats counterparties whose own rule is not in force.
    pub(crate) sunrise: Option<SunriseTreatment>,
    /// Whether the transfer is incoming.
    pub(crate) incoming: bool,
    /// The assets that the asker's law prohibits.
    pub(crate) prohibited_assets: Vec<super::super::rulebook::ProhibitedAsset>,
    /// How far the asker's rule requires the verification of wallets.
    pub(crate) wallet_code: Option<WalletVerificationCode>,
    /// The registers in which no entity of the brand is.
    pub(crate) none_registered: Option<NoneRegistered>,
}

struct ByRecord<'a>(&'a [Vasp]);

impl Parties for ByRecord<'_> {
    fn party(&self, of: VaspId) -> VaspId {
        self.0.iter().find(|vasp| vasp.id == of).and_then(|vasp| vasp.group).unwrap_or(of)
    }
    fn kind(&self, of: VaspId) -> VaspKind {
        if of < id(10) { VaspKind::Entity } else { VaspKind::Group }
    }
    fn is_halted(&self, of: VaspId) -> bool {
        self.0.iter().any(|vasp| vasp.id == of && vasp.status.is_halted())
    }
}

impl Case {
    /// A transfer from Germany on 1 May 2026, with every source recent enough.
    pub(crate) fn about(question: Question, records: Vec<Vasp>) -> Self {
        let version = |list, source: &'static str| ListVersion { list, source: source.into(), known_through: date("2026-06-19") };
        // One list of the registry's own, which no law names, and the lists that bind in Germany.
        let screened = ["OFAC", EU_SANCTIONS, EU_TRANSACTION_BANS, UN_SANCTIONS].map(whole_list).to_vec();
        let account = match question {
            Question::Address(_) | Question::AmbiguousAddress(_) => AccountScreening::Asked,
            Question::Vasp(_) | Question::Jurisdiction(_) => AccountScreening::NotAsked,
        };
        Self {
            question,
            proofs: WalletProofs::default(),
            declared: Declared::Nothing,
            records,
            elsewhere: BTreeMap::new(),
            date: date("2026-05-01"),
            customer_country: None,
            originator: regime("DE", TravelRuleStatus::InForce),
            countries: vec![facts("IE", TravelRuleStatus::InForce, vec![])],
            lists: vec![version(ListId::FatfBlack, "fatf"), version(ListId::FatfGrey, "fatf"), version(ListId::EuHrtc, "eu")],
            non_compliant: None,
            screening: ScreeningFacts { lists: screened, account, ..ScreeningFacts::default() },
            policy: POLICY.clone(),
            now: at("2026-05-01T12:00:00Z"),
            scene: Scene::of(&[], &[]),
            presented: None,
            worth: None,
            linked_total: None,
            relationships: vec![],
            transfer: RelationshipTransfer::default(),
            duty: CounterpartyDiligence {
                code: None,
                travel_rule: TravelRuleDuty::NotEstablished,
                correspondent: CorrespondentDuty::NotApplicable,
            },
            cap: None,
            shared: SharedDiligence::default(),
            own_wallet: Some(true),
            provided: Some(ALL_DATA.clone()),
            sunrise: None,
            incoming: false,
            prohibited_assets: vec![],
            wallet_code: None,
            none_registered: None,
        }
    }

    /// Entity 1 is reached by their protocols, and the asker by ours.
    pub(crate) fn reached(ours: &[&str], theirs: &[&str]) -> Self {
        let mut case = Self::licensed();
        case.scene = Scene::of(ours, theirs);
        case.entity().endpoints = case.scene.theirs.endpoints.clone();
        case.entity().certificates = case.scene.theirs.certificates.clone();
        case
    }

    /// An address that third-party data attributes to entity 1.
    pub(crate) fn licensed() -> Self {
        Self::about(Question::Address(vec![claim(1, 1)]), vec![entity(1)])
    }

    /// An address without a known owner.
    pub(crate) fn unknown_address(declared: Declared) -> Self {
        Self { declared, ..Self::about(Question::Address(vec![]), vec![entity(1)]) }
    }

    /// Returns entity 1 of the case.
    pub(crate) fn entity(&mut self) -> &mut Vasp {
        &mut self.records[0]
    }

    /// Returns what other lists say about entity 1.
    pub(crate) fn elsewhere(&mut self) -> &mut Elsewhere {
        self.elsewhere.entry(self.records[0].id).or_default()
    }

    /// What other lists say about a record.
    pub(crate) fn elsewhere_of(&mut self, number: u8) -> &mut Elsewhere {
        self.elsewhere.entry(id(number)).or_default()
    }

    pub(crate) fn lei_status(mut self, status: LeiStatus) -> Self {
        self.entity().lei_status = Some(status);
        self
    }

    pub(crate) fn resolution(&self) -> Resolution<u8> {
        let parties = ByRecord(&self.records);
        let account =
            |network, claims| Account::<'_, u8> { network, claims, elsewhere: &[], takes_proofs: true, sub_accounts: &[] };
        match &self.question {
            Question::Address(claims) => Resolution::of_account(&account(&1, claims), None, &parties),
            Question::AmbiguousAddress(claims) => {
                Resolution::of_bare_address(&[account(&1, claims), account(&2, &[])], None, &parties)
            }
            _ => Resolution::not_found(),
        }
    }

    fn duties_of_both(&self) -> Obligations {
        let owed = |side: &SideObligations| SideObligations {
            status: self.originator.status,
            counterparty_due_diligence: self.duty,
            self_hosted: SelfHostedDuty {
                verification: self.originator.self_hosted_verification,
                code: self.wallet_code,
                ..side.self_hosted.clone()
            },
            ..side.clone()
        };
        Obligations { originator: owed(&BOTH.originator), beneficiary: owed(&BOTH.beneficiary), ..BOTH.clone() }
    }

    fn own_duties<'a>(&'a self, both: &'a Obligations) -> OwnDuties<'a> {
        OwnDuties {
            incoming: self.incoming,
            both,
            provided: self.provided.as_ref(),
            sunrise: self.sunrise,
            clauses: None,
            prohibited_assets: &self.prohibited_assets,
            own_wallet: self.own_wallet,
            proofs: &self.proofs,
        }
    }

    pub(crate) fn judged(&self) -> Vec<JudgedVasp> {
        let elsewhere = |id| self.elsewhere.get(&id).cloned().unwrap_or_default();
        let judge = |vasp: &Vasp| JudgedVasp { record: vasp.clone().into(), elsewhere: elsewhere(vasp.id) };
        self.records.iter().map(judge).collect()
    }

    pub(crate) fn run(&self) -> PrecheckOutcome {
        self.with_input(|input| {
            let answer = run(input);
            super::readable::assert_readable(&answer);
            assert_eq!(linted(input, &answer), None, "{answer:#?}");
            let texts = || answer.conditions.iter().map(|one| &one.detail).chain(answer.next_steps.iter().map(|one| &one.detail));
            let is_named = |member: &QuestionMember| texts().any(|text| text.contains(&format!("{member}`")));
            let given = QuestionMember::ALL.into_iter().filter(|member| input.gives(*member)).find(is_named);
            assert_eq!(given, None, "the policy's own words ask for what was given: {answer:#?}");
            answer
        })
    }

    /// Returns the rule of the lint that the answer breaks after a change.
    pub(crate) fn broken_by(&self, change: impl FnOnce(&mut PrecheckOutcome)) -> Option<LintRule> {
        self.with_input(|input| {
            let mut answer = run(input);
            assert_eq!(linted(input, &answer), None, "{answer:#?}");
            change(&mut answer);
            linted(input, &answer)
        })
    }

    pub(crate) fn with_input<R>(&self, work: impl FnOnce(&PrecheckInput<'_>) -> R) -> R {
        let (judged, resolution) = (self.judged(), self.resolution());
        let asked = match self.question {
            Question::Vasp(number) => Asked::Vasp(id(number)),
            Question::Jurisdiction(code) => Asked::Jurisdiction(country(code)),
            _ => Asked::Destination(&resolution),
        };
        let published = self.records.iter().flat_map(|vasp| vasp.certificates.iter().map(move |known| (vasp, known)));
        let presented = self.presented.map(|by| Presented::judge(by, published, self.now));
        let asked = presented.as_ref().map_or(asked, Asked::Presented);
        let attribution = attribute(&asked, self.declared, &judged.iter().collect::<Vec<_>>(), self.now);
        let attribution = attribution.settled_by(self.customer_country, self.date).proven_by(&self.proofs, self.now);
        let scene = Scene { now: self.now, ..self.scene.clone() };
        let routes = attribution.entity().map(|entity| scene.routes_to(entity));
        let relationships: Relationships = self.relationships.iter().cloned().collect();
        let entity = attribution.entity();
        let (ids, group) = (entity.map(|vasp| vasp.id), entity.and_then(|vasp| vasp.group));
        let relationship = RelationshipFacts {
            standing: relationships.standing(ids.as_slice(), group.as_slice()),
            transfer: self.transfer.clone(),
            duty: self.duty,
            cap: self.cap.clone(),
            shows_texts: true,
        };
        work(&PrecheckInput {
            own: self.own_duties(&self.duties_of_both()),
            attribution: &attribution,
            relationship: &relationship,
            date: self.date,
            customer_country: self.customer_country,
            worth: self.worth,
            linked_total: self.linked_total,
            own_side: &self.originator,
            countries: &self.countries,
            lists: &self.lists,
            non_compliant: self.non_compliant,
            routes: routes.as_ref(),
            screening: &self.screening,
            shared: &self.shared,
            none_registered: self.none_registered.as_ref(),
            policy: &self.policy,
            now: self.now,
        })
    }
}
