//! What a member says of its owners, as it is sent, kept and signed.

use std::fmt;
use std::str::FromStr;

use super::super::questionnaire::answers::DocumentDigest;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vasp_words::closed_list::closed_list;
use vasp_words::country::Country;
use vasp_words::lei::Lei;
use vasp_words::time::{Date, serde_as_text};

/// The VASP itself, as links name it.
pub const SELF: &str = "self";

/// How links name a party: 1 to 40 of a-z, 0-9 and `_`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartyId(String);

/// The text names no party.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a party is named by 1 to 40 of a-z, 0-9 and `_`")]
pub struct PartyIdError;

closed_list! {
    /// What a party is.
    pub enum PartyKind {
        /// A human being.
        NaturalPerson = "natural_person",
        /// A company, foundation, trust or other arrangement.
        LegalEntity = "legal_entity",
    }

    /// Why a chain ends at a legal entity.
    ///
    /// Source: FATF 2021 Guidance §289 with INR.24 and INR.10 §5 (companies listed with disclosure requirements); AMLR Art. 65.
    pub enum End {
        /// Listed on a regulated market that has its owners disclosed.
        ListedCompany = "listed_company",
        /// A state or its body.
        State = "state",
        /// So many owners that none reaches the threshold.
        DispersedOwnership = "dispersed_ownership",
    }

    /// How somebody controls without, or beside, a share.
    ///
    /// Source: AMLR Art. 53.
    pub enum Control {
        /// Votes beyond the share.
        VotingRights = "voting_rights",
        /// The right to appoint or remove most of those who lead.
        Appointment = "appointment",
        /// An agreement, a trust or a family tie.
        Agreement = "agreement",
        /// Nobody else was found: the person leads.
        SeniorManagingOfficial = "senior_managing_official",
        /// Otherwise.
        Other = "other",
    }
}

/// Somebody in the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Its name in this chain.
    pub id: PartyId,
    /// Human being or legal entity.
    pub kind: PartyKind,
    /// Name.
    pub name: String,
    /// Other names, former ones and those in another script.
    #[serde(default)]
    pub other_names: Vec<String>,
    /// Residence or seat.
    pub country: Country,
    /// LEI of a legal entity.
    #[serde(default)]
    pub lei: Option<Lei>,
    /// Why the chain ends here.
    #[serde(default)]
    pub ends: Option<End>,
    /// What shows it.
    #[serde(default)]
    pub document: Option<DocumentDigest>,
}

/// Who owns or controls whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The owner.
    pub owner: PartyId,
    /// What is owned: a party, or `self`.
    pub owned: PartyId,
    /// Share, in hundredths of a percent.
    #[serde(default)]
    pub basis_points: Option<u32>,
    /// Control by other means.
    #[serde(default)]
    pub control: Option<Control>,
    /// Since when.
    #[serde(default)]
    pub from: Option<Date>,
    /// First day on which it is no longer so.
    #[serde(default)]
    pub to: Option<Date>,
    /// What shows it.
    #[serde(default)]
    pub document: Option<DocumentDigest>,
}

/// The chain, as it stood on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnershipChain {
    /// The day.
    pub as_of: Date,
    /// Everybody in it but the VASP itself.
    pub parties: Vec<Party>,
    /// Who owns or controls whom.
    pub links: Vec<Link>,
}

impl PartyId {
    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether the VASP itself is named.
    #[must_use]
    pub fn is_self(&self) -> bool {
        self.0 == SELF
    }
}

impl fmt::Display for PartyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PartyId {
    type Err = PartyIdError;
    fn from_str(text: &str) -> Result<Self, PartyIdError> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        let fits = (1..=40).contains(&text.len()) && text.bytes().all(plain);
        if fits { Ok(Self(text.to_owned())) } else { Err(PartyIdError) }
    }
}

serde_as_text!(PartyId);

impl Link {
    /// Tells whether it holds on a day.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day < to)
    }
}

impl OwnershipChain {
    /// Returns the links that hold on its day.
    pub fn live_links(&self) -> impl Iterator<Item = &Link> {
        self.links.iter().filter(|link| link.holds_on(self.as_of))
    }

    /// Returns a party.
    #[must_use]
    pub fn party(&self, id: &PartyId) -> Option<&Party> {
        self.parties.iter().find(|party| party.id == *id)
    }

    /// Returns every document that it names.
    pub fn documents(&self) -> impl Iterator<Item = DocumentDigest> {
        let of_parties = self.parties.iter().filter_map(|party| party.document.clone());
        of_parties.chain(self.links.iter().filter_map(|link| link.document.clone()))
    }
}
