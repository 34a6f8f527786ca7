//! What a member states about its owners, in the form in which it is sent, stored and signed.

use std::fmt;
use std::str::FromStr;

use super::super::questionnaire::answers::DocumentDigest;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vasp_words::closed_list::closed_list;
use vasp_words::country::Country;
use vasp_words::lei::Lei;
use vasp_words::time::{Date, serde_as_text};

/// The name of the VASP itself in links.
pub const SELF: &str = "self";

/// The name of a party in links: 1 to 40 of a-z, 0-9 and `_`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartyId(String);

/// The text is not the name of a party.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a party's id has 1 to 40 characters of a-z, 0-9 and `_`")]
pub struct PartyIdError;

closed_list! {
    /// What a party is.
    pub enum PartyKind {
        /// A natural person.
        NaturalPerson = "natural_person",
        /// A company, foundation, trust or other arrangement.
        LegalEntity = "legal_entity",
    }

    /// The reason why a chain ends at a legal entity.
    ///
    /// Source: FATF 2021 Guidance §289 with INR.24 and INR.10 §5 (companies listed with disclosure requirements); AMLR Art. 65.
    pub enum End {
        /// It is listed on a regulated market that requires the disclosure of its owners.
        ListedCompany = "listed_company",
        /// It is a state or a body of a state.
        State = "state",
        /// It has so many owners that none reaches the threshold.
        DispersedOwnership = "dispersed_ownership",
    }

    /// How somebody has control without a share, or in addition to a share.
    ///
    /// Source: AMLR Art. 53.
    pub enum Control {
        /// More votes than the share gives.
        VotingRights = "voting_rights",
        /// The right to appoint or remove the majority of the management.
        Appointment = "appointment",
        /// An agreement, a trust or a family tie.
        Agreement = "agreement",
        /// No other owner was found, so the person counts as a senior managing official.
        SeniorManagingOfficial = "senior_managing_official",
        /// Control in another way.
        Other = "other",
    }
}

/// A person or legal entity in the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Its name in this chain.
    pub id: PartyId,
    /// Natural person or legal entity.
    pub kind: PartyKind,
    /// The name.
    pub name: String,
    /// Other names: former names and names in another script.
    #[serde(default)]
    pub other_names: Vec<String>,
    /// Country of residence or seat.
    pub country: Country,
    /// The LEI of a legal entity; null if it has none.
    #[serde(default)]
    pub lei: Option<Lei>,
    /// The reason why the chain ends here; null if it does not end here, or if the party is a natural person.
    #[serde(default)]
    pub ends: Option<End>,
    /// The document that proves it; null if there is none.
    #[serde(default)]
    pub document: Option<DocumentDigest>,
}

/// Who owns or controls whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The owner.
    pub owner: PartyId,
    /// The party that is owned or controlled, or `self`.
    pub owned: PartyId,
    /// The share, in hundredths of a percent; null if there is only control by other means.
    #[serde(default)]
    pub basis_points: Option<u32>,
    /// Control by other means; null if there is none.
    #[serde(default)]
    pub control: Option<Control>,
    /// First day on which it is true; null if not known.
    #[serde(default)]
    pub from: Option<Date>,
    /// First day on which it is no longer true; null if it has not ended.
    #[serde(default)]
    pub to: Option<Date>,
    /// The document that proves it; null if there is none.
    #[serde(default)]
    pub document: Option<DocumentDigest>,
}

/// The chain of owners on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnershipChain {
    /// The day.
    pub as_of: Date,
    /// Everybody in the chain except the VASP itself.
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

    /// Tells whether this is the VASP itself.
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
    /// Tells whether the link is valid on a day.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day < to)
    }
}

impl OwnershipChain {
    /// Returns the links that are valid on the day of the chain.
    pub fn live_links(&self) -> impl Iterator<Item = &Link> {
        self.links.iter().filter(|link| link.holds_on(self.as_of))
    }

    /// Returns a party.
    #[must_use]
    pub fn party(&self, id: &PartyId) -> Option<&Party> {
        self.parties.iter().find(|party| party.id == *id)
    }

    /// Returns every document that the chain names.
    pub fn documents(&self) -> impl Iterator<Item = DocumentDigest> {
        let of_parties = self.parties.iter().filter_map(|party| party.document.clone());
        of_parties.chain(self.links.iter().filter_map(|link| link.document.clone()))
    }
}
