//! The evidence of a check: which dated source, when it was observed, until when it is valid. The freshness check takes the ages from it.

use std::borrow::Cow;

use super::super::brand_kinds::Brand;
use super::super::endpoint_health::HealthState;
use super::super::lei_evidence::LeiWord;
use super::super::non_compliant::NonCompliantMatch;
use super::super::questionnaire::standing::ItemFact;
use super::super::relationship::{Relationship, Track};
use super::super::routes::Route;
use super::super::shared_diligence::DiligenceFacts;
use super::super::third_party::ThirdPartyRow;
use super::NonCompliantVersion;
use vasp_record::certificate::PublishedCertificate;
use vasp_record::claim::{Claim, ClaimNumber};
use vasp_record::licence::Licence;
use vasp_record::vasp::{RegisterEntry, Vasp, VaspStatus};
use vasp_words::country::Country;
use vasp_words::ids::{CertificateId, EndpointId, LicenceId, RelationshipId, VaspId};
use vasp_words::lei::Lei;
use vasp_words::text::Text;
use vasp_words::time::UtcTime;

/// What a piece of evidence is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvidenceOf {
    /// A claim; the service makes its public id.
    Claim(ClaimNumber),
    /// The caller's declaration.
    Declaration,
    /// The registry's own directory, which contained nothing of the kind at that time.
    Directory,
    /// A record that members or operators keep here.
    Record(VaspId),
    /// A record taken from a public register.
    RegisterRecord(VaspId),
    /// An authority's register as a whole, named by the authority.
    Register(Text),
    /// A licence as its register shows it.
    Licence(LicenceId),
    /// A certificate that a VASP published.
    Certificate(CertificateId),
    /// An endpoint that a VASP published, with the results of the registry's probes.
    Endpoint(EndpointId),
    /// An LEI as GLEIF's files or a register show it.
    Lei(Lei),
    /// A list of non-compliant providers as a whole.
    NonCompliantList(Text),
    /// An entry of a list of non-compliant providers.
    NonCompliantEntry {
        /// The list.
        list: Text,
        /// The place of the entry in the list, counted from 1.
        place: usize,
    },
    /// A row of a compiled list of registers, named by its register.
    ThirdPartyRegister(Text),
    /// A list of FATF or the EU, named by its id.
    JurisdictionList(Text),
    /// A country's membership of such a list.
    JurisdictionListing {
        /// The list.
        list: Text,
        /// The country.
        country: Country,
    },
    /// An embargo on a country, by the law of the asker's jurisdiction.
    Embargo(Country),
    /// A ban on transactions with providers, named by the country or the provider.
    ProviderBan(Text),
    /// The kind of a brand, named by the brand's key in address labels.
    BrandKind(Text),
    /// A version of a jurisdiction's rule.
    Rule(Text),
    /// A law on the protection of personal data, or a decision under it.
    DataProtectionLaw(Text),
    /// A list of VASPs that a provider hands out, named by its protocol.
    VaspList(Text),
    /// The policy's own list.
    Policy(Text),
    /// The asking organisation's own relationship with the counterparty.
    Relationship(RelationshipId),
    /// A screening list as a whole.
    ScreeningList(Text),
    /// A screening list that the asker searched itself.
    AskerScreening(Text),
    /// An answer of the VASP, named by questionnaire and item, such as `counterparty@1/presence.mind_and_management`.
    QuestionnaireItem(Text),
    /// One entry of a screening list.
    ScreeningEntry {
        /// The list.
        list: Text,
        /// The entry's number in it.
        uid: Text,
    },
}

/// The classes of sources that have an age limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceClass {
    /// Registers of authorities, and their lists of non-compliant providers.
    Register,
    /// Sanctions lists.
    ScreeningList,
    /// FATF and EU lists.
    JurisdictionList,
    /// The rulebook.
    Rulebook,
}

/// One dated source that a check used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What the evidence is about.
    pub of: EvidenceOf,
    /// Where the evidence comes from.
    pub source: Text,
    /// Up to when the source is known: its own date, or the time of the last observation.
    pub observed_at: Option<UtcTime>,
    /// Until when the evidence is valid.
    pub valid_until: Option<UtcTime>,
}

impl EvidenceOf {
    /// Returns the kind as it appears in answers.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Claim(_) => "claim",
            Self::Declaration => "declaration",
            Self::Directory => "directory",
            Self::Record(_) => "record",
            Self::RegisterRecord(_) | Self::Register(_) => "register",
            Self::Licence(_) => "licence",
            Self::Certificate(_) => "certificate",
            Self::Endpoint(_) => "endpoint",
            Self::Lei(_) => "lei",
            Self::NonCompliantList(_) => "non_compliant_list",
            Self::NonCompliantEntry { .. } => "non_compliant_entry",
            Self::ThirdPartyRegister(_) => "third_party_register",
            Self::JurisdictionList(_) => "jurisdiction_list",
            Self::JurisdictionListing { .. } => "jurisdiction_listing",
            Self::Embargo(_) => "embargo",
            Self::ProviderBan(_) => "provider_ban",
            Self::BrandKind(_) => "brand_kind",
            Self::Rule(_) => "rule",
            Self::DataProtectionLaw(_) => "data_protection_law",
            Self::VaspList(_) => "vasp_list",
            Self::Policy(_) => "policy",
            Self::Relationship(_) => "relationship",
            Self::ScreeningList(_) => "screening_list",
            Self::AskerScreening(_) => "asker_screening",
            Self::QuestionnaireItem(_) => "questionnaire_item",
            Self::ScreeningEntry { .. } => "screening_entry",
        }
    }

    /// Returns the id as it appears in answers; `None` for evidence without an id, and for a claim, whose public id the service makes.
    #[must_use]
    pub fn id(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Self::Claim(_) | Self::Declaration | Self::Directory => return None,
            Self::Record(id) | Self::RegisterRecord(id) => id.to_string().into(),
            Self::Licence(id) => id.to_string().into(),
            Self::Certificate(id) => id.to_string().into(),
            Self::Relationship(id) => id.to_string().into(),
            Self::Endpoint(id) => id.to_string().into(),
            Self::Lei(lei) => lei.as_str().into(),
            Self::NonCompliantEntry { list, place } => format!("{list}/{place}").into(),
            Self::ThirdPartyRegister(id)
            | Self::Register(id)
            | Self::NonCompliantList(id)
            | Self::JurisdictionList(id)
            | Self::BrandKind(id)
            | Self::ProviderBan(id)
            | Self::Rule(id)
            | Self::DataProtectionLaw(id)
            | Self::VaspList(id)
            | Self::Policy(id)
            | Self::QuestionnaireItem(id)
            | Self::AskerScreening(id)
            | Self::ScreeningList(id) => id.as_str().into(),
            Self::JurisdictionListing { list, country } => format!("{list}/{country}").into(),
            Self::Embargo(country) => country.as_str().into(),
            Self::ScreeningEntry { list, uid } => format!("{list}/{uid}").into(),
        })
    }

    /// Returns the class whose age limits apply, if any.
    #[must_use]
    pub fn class(&self) -> Option<SourceClass> {
        match self {
            Self::RegisterRecord(_) | Self::Register(_) | Self::Licence(_) | Self::NonCompliantList(_) | Self::NonCompliantEntry { .. } => {
                Some(SourceClass::Register)
            }
            Self::JurisdictionList(_) => Some(SourceClass::JurisdictionList),
            Self::Rule(_) => Some(SourceClass::Rulebook),
            Self::ScreeningList(_) => Some(SourceClass::ScreeningList),
            Self::Claim(_)
            | Self::Declaration
            | Self::Directory
            | Self::Record(_)
            | Self::VaspList(_)
            | Self::Policy(_)
            | Self::DataProtectionLaw(_)
            | Self::Relationship(_)
            | Self::AskerScreening(_)
            | Self::Certificate(_)
            | Self::Endpoint(_)
            // GLEIF's records have no age limit: each one says when it has to be renewed.
            | Self::Lei(_)
            // No check rests on it: an old compilation does not make an answer stale.
            | Self::ThirdPartyRegister(_)
            | Self::JurisdictionListing { .. }
            | Self::Embargo(_)
            | Self::BrandKind(_)
            | Self::ProviderBan(_)
            // Answers have their own expiry date.
            | Self::QuestionnaireItem(_)
            | Self::ScreeningEntry { .. } => None,
        }
    }
}

impl Evidence {
    pub(super) fn claim(claim: &Claim) -> Self {
        let observed_at = claim.verified_at.or(claim.asserted_at);
        Self {
            of: EvidenceOf::Claim(claim.number),
            source: Text::from(&claim.source),
            observed_at,
            valid_until: claim.expires_at,
        }
    }

    pub(super) fn declaration(now: UtcTime) -> Self {
        Self { of: EvidenceOf::Declaration, source: "the request".into(), observed_at: Some(now), valid_until: None }
    }

    pub(super) fn brand(brand: &Brand) -> Self {
        Self {
            of: EvidenceOf::BrandKind(brand.key.clone().into()),
            source: brand.source.clone().into(),
            observed_at: None,
            valid_until: None,
        }
    }

    /// The directory held nothing of the kind at `now`.
    pub(super) fn directory(now: UtcTime) -> Self {
        Self { of: EvidenceOf::Directory, source: "the registry".into(), observed_at: Some(now), valid_until: None }
    }

    pub(super) fn licence(licence: &Licence) -> Self {
        Self {
            of: EvidenceOf::Licence(licence.id),
            source: Text::from(&licence.source),
            observed_at: licence.last_seen.or(licence.first_seen).map(|day| day.start()),
            valid_until: licence.valid_to.map(|day| day.start()),
        }
    }

    pub(super) fn register_entry(entry: &RegisterEntry) -> Self {
        Self {
            of: EvidenceOf::Register(entry.authority.clone().into()),
            source: Text::from(&entry.source),
            observed_at: entry.last_seen.map(|day| day.start()),
            valid_until: None,
        }
    }

    /// A certificate as its VASP published it. It is valid until its own or its chain's last second, whichever is earlier.
    pub(super) fn certificate(certificate: &PublishedCertificate) -> Self {
        let end = certificate.not_after.min(certificate.chain_not_after);
        Self {
            of: EvidenceOf::Certificate(certificate.id),
            source: "published by the VASP".into(),
            observed_at: Some(certificate.published_at),
            valid_until: Some(end),
        }
    }

    /// An organisation's own decision on a track. It is valid through its review date.
    pub(super) fn relationship(kept: &Relationship, track: Track) -> Self {
        let decision = kept.track(track);
        Self {
            of: EvidenceOf::Relationship(kept.id),
            source: "the asking organisation's own decision".into(),
            observed_at: decision.decided_at,
            valid_until: decision.review_due.map(|day| day.next().start()),
        }
    }

    /// An endpoint of a route. It was observed at the last probe, and is valid until maintenance begins or a certificate ends.
    pub(super) fn endpoint(route: &Route) -> Self {
        let seen = match route.health.state {
            HealthState::Down => "down",
            HealthState::Degraded => "degraded",
            HealthState::Unknown => "not probed recently",
            HealthState::Present => "present, its protocol not seen",
            HealthState::Responsive => "responsive",
        };
        if let Some(listing) = &route.listing {
            return Self {
                of: EvidenceOf::VaspList(route.protocol.to_string().into()),
                source: listing.source.to_string().into(),
                observed_at: Some(listing.as_of.start()),
                valid_until: route.next_change,
            };
        }
        Self {
            of: EvidenceOf::Endpoint(route.endpoint),
            source: format!("published by the VASP; probes of the registry: {seen}").into(),
            observed_at: route.health.sampled_at,
            valid_until: route.next_change,
        }
    }

    /// GLEIF's record of an LEI. It is valid until the registration has to be renewed.
    pub(super) fn gleif(word: &LeiWord) -> Self {
        let valid_until = word.record.next_renewal_on.map(|day| day.start());
        Self {
            of: EvidenceOf::Lei(word.record.lei),
            source: word.source.clone().into(),
            observed_at: Some(word.observed_on.start()),
            valid_until,
        }
    }

    pub(super) fn non_compliant(found: &NonCompliantMatch) -> Self {
        let of = EvidenceOf::NonCompliantEntry { list: found.list.clone().into(), place: found.place };
        Self { of, source: found.source.clone().into(), observed_at: Some(found.as_of.start()), valid_until: None }
    }

    pub(super) fn non_compliant_list(list: &NonCompliantVersion<'_>) -> Self {
        let of = EvidenceOf::NonCompliantList(list.id.to_owned().into());
        Self { of, source: list.source.to_owned().into(), observed_at: Some(list.as_of.start()), valid_until: None }
    }

    pub(super) fn third_party(row: &ThirdPartyRow) -> Self {
        let of = EvidenceOf::ThirdPartyRegister(row.register.clone().into());
        Self { of, source: row.source.clone().into(), observed_at: Some(row.observed_on.start()), valid_until: None }
    }

    /// An answer of the VASP, as submitted.
    pub(super) fn answer(facts: &DiligenceFacts, fact: &ItemFact) -> Self {
        Self {
            of: EvidenceOf::QuestionnaireItem(format!("{}/{}", facts.questionnaire, fact.item).into()),
            source: format!("answered by the VASP, submission {}", facts.submission).into(),
            observed_at: fact.answered_on.map(|day| day.start()),
            valid_until: fact.valid_until.map(|day| day.start()),
        }
    }

    /// Returns the evidence on record for one attribute of a VASP; `of` says what it is about.
    pub(super) fn of_attribute(vasp: &Vasp, attribute: &str, of: &EvidenceOf) -> Vec<Self> {
        let one = |e: &vasp_record::vasp::Evidence| Self {
            of: of.clone(),
            source: Text::from(&e.source),
            observed_at: e.verified_at,
            valid_until: e.expires_at,
        };
        vasp.evidence.iter().filter(|e| e.attribute == attribute).map(one).collect()
    }

    /// Returns the evidence for a VASP's name. A listed record without evidence gets an undated one, which the freshness check reports.
    pub(super) fn identity(vasp: &Vasp) -> Vec<Self> {
        let listed = vasp.status == VaspStatus::Listed && vasp.kind == vasp_record::vasp::VaspKind::Entity;
        let of = if listed { EvidenceOf::RegisterRecord(vasp.id) } else { EvidenceOf::Record(vasp.id) };
        let found = Self::of_attribute(vasp, "legal_name", &of);
        if found.is_empty() {
            vec![Self { of, source: "the registry".into(), observed_at: None, valid_until: None }]
        } else {
            found
        }
    }
}
