//! Public identifiers: opaque, prefixed and lower case. Each kind has its own type, so that code with the wrong kind does not
//! compile. All except claim ids sort by creation time (48 bits of milliseconds, then 80 random bits, in Crockford base 32).

use std::fmt;
use std::str::FromStr;

use super::time::{UtcTime, serde_as_text};
use rand_core::RngCore;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ulid::Ulid;

/// The text is not an identifier of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an identifier of the form {prefix}… (26 lower-case base 32 characters)")]
pub struct IdError {
    /// The prefix of every identifier of this kind.
    pub prefix: &'static str,
    /// The refused text, cut to 40 characters.
    pub text: String,
}

/// Writes the digits of an identifier in lower case.
fn lower_case(ulid: Ulid, digits: &mut [u8; ulid::ULID_LEN]) -> &str {
    let text = ulid.array_to_str(digits);
    text.make_ascii_lowercase();
    text
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Ulid);

        impl $name {
            /// The prefix of every identifier of this kind.
            pub const PREFIX: &'static str = $prefix;

            /// Makes a new identifier from the time and 80 random bits.
            pub fn new(now: UtcTime, rng: &mut dyn RngCore) -> Self {
                let random = (u128::from(rng.next_u64()) << 16) | u128::from(rng.next_u32() & 0xffff);
                Self(Ulid::from_parts(now.millis_since_epoch(), random))
            }

            /// Reads the part after the prefix.
            #[must_use]
            pub fn of_digits(digits: &str) -> Option<Self> {
                let ulid = Ulid::from_string(digits).ok()?;
                // `Ulid` also accepts upper case, and a first digit that overflows; only the written form is an id.
                (lower_case(ulid, &mut [0; ulid::ULID_LEN]) == digits).then_some(Self(ulid))
            }

            /// Returns the smallest identifier of a time; all identifiers made at this time or later are equal to it or sort
            /// after it.
            #[must_use]
            pub fn first_at(time: UtcTime) -> Self {
                Self(Ulid::from_parts(time.millis_since_epoch(), 0))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($prefix)?;
                f.write_str(lower_case(self.0, &mut [0; ulid::ULID_LEN]))
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let wrong = || IdError { prefix: $prefix, text: text.chars().take(40).collect() };
                text.strip_prefix($prefix).and_then(Self::of_digits).ok_or_else(wrong)
            }
        }

        serde_as_text!($name as (concat!("^", $prefix, "[0-7][0-9a-hjkmnp-tv-z]{25}$")) = concat!($prefix, "01k2z8q4p8w0q6m4v3c1b5n7x9"));
        $crate::sql_as_text!($name);
    )*};
}

ids! {
    /// A VASP: a legal entity or a group.
    VaspId = "vasp_";
    /// A licence: one permission by one authority.
    LicenceId = "lic_";
    /// An organisation that uses the registry.
    OrganisationId = "org_";
    /// A user of an organisation.
    UserId = "usr_";
    /// The public part of an API key.
    ApiKeyId = "key_";
    /// A recorded pre-check.
    PrecheckId = "pre_";
    /// A legal hold on recorded pre-checks.
    LegalHoldId = "hld_";
    /// A proposal of one person that another person decides.
    ProposalId = "prp_";
    /// One import run.
    ImportId = "imp_";
    /// One HTTP request.
    RequestId = "req_";
    /// A role given to a user.
    GrantId = "grt_";
    /// An alert to an organisation.
    AlertId = "alr_";
    /// A webhook that alerts are sent to.
    WebhookId = "whk_";
    /// One message to a webhook, for all its delivery attempts.
    DeliveryId = "msg_";
    /// A permission of one organisation to act for another.
    DelegationId = "del_";
    /// A piece of operator work.
    CaseId = "case_";
    /// Evidence for an attribute.
    EvidenceId = "evd_";
    /// A submitted document.
    DocumentId = "doc_";
    /// A dispute about a claim.
    DisputeId = "dsp_";
    /// A memo of one VASP's address that belongs to another VASP.
    SubAccountId = "sub_";
    /// A signed-in person's session.
    SessionId = "ses_";
    /// A client certificate that authenticates a user.
    ClientCertificateId = "ccr_";
    /// One of the registry's own certificate authorities.
    AuthorityId = "ca_";
    /// An endpoint at which a VASP accepts a Travel Rule protocol.
    EndpointId = "end_";
    /// A certificate that a VASP published.
    CertificateId = "crt_";
    /// A new rulebook that waits for the approval of two people.
    RulebookImportId = "rbi_";
    /// What somebody without an account says is wrong in a record.
    ChallengeId = "chl_";
    /// An amendment of the table of authorities that waits for the approval of two people.
    AuthorityAmendmentId = "aam_";
    /// A match of a VASP with an entry of a screening list.
    ScreeningHitId = "hit_";
    /// A key for Travel Rule messages that a VASP published.
    MessageKeyId = "mky_";
    /// One organisation's private relationship with one counterparty.
    RelationshipId = "rel_";
    /// A rule by which an organisation approves many counterparties.
    ApprovalRuleId = "apr_";
    /// A member's submitted answers to a questionnaire.
    AnswersId = "ans_";
    /// One organisation's access to a member's answers.
    AnswersAccessId = "aac_";
    /// A request for such access.
    AccessRequestId = "arq_";
}

impl UserId {
    /// The registry itself, which is no user: it proposes what nobody signed yet.
    pub const REGISTRY: Self = Self(Ulid::nil());
}

/// The credential that a caller authenticated with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CredentialId {
    /// An API key.
    Key(ApiKeyId),
    /// A session of a signed-in person.
    Session(SessionId),
    /// A client certificate; the connection proved possession of its key.
    Certificate(ClientCertificateId),
}

impl fmt::Display for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(id) => id.fmt(f),
            Self::Session(id) => id.fmt(f),
            Self::Certificate(id) => id.fmt(f),
        }
    }
}

impl FromStr for CredentialId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let session = || text.parse().map(Self::Session);
        text.parse().map(Self::Key).or_else(|_| session()).or_else(|_| text.parse().map(Self::Certificate))
    }
}

serde_as_text!(CredentialId, Maker);
crate::sql_as_text!(CredentialId, Maker);

/// What can create another user or credential: a user, or the credential that was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Maker {
    /// A user.
    User(UserId),
    /// A key, a session or a client certificate.
    Credential(CredentialId),
}

impl fmt::Display for Maker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => id.fmt(f),
            Self::Credential(id) => id.fmt(f),
        }
    }
}

impl FromStr for Maker {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        text.parse().map(Self::Credential).or_else(|_| text.parse().map(Self::User))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;

    #[test]
    fn later_identifiers_sort_later() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let early = VaspId::new(UtcTime::from_micros(1_700_000_000_000_000).unwrap(), &mut rng);
        let late = VaspId::new(UtcTime::from_micros(1_700_000_000_001_000).unwrap(), &mut rng);

        assert!(early < late);
        assert!(early.to_string() < late.to_string());
    }

    #[test]
    fn other_kinds_and_spellings_are_refused() {
        let id = VaspId::new(UtcTime::from_micros(0).unwrap(), &mut ChaCha8Rng::seed_from_u64(2)).to_string();

        assert!(id.parse::<LicenceId>().is_err());
        assert!(id.to_ascii_uppercase().parse::<VaspId>().is_err());
        assert!(format!("{id}0").parse::<VaspId>().is_err());
        assert!("vasp_zzzzzzzzzzzzzzzzzzzzzzzzzz".parse::<VaspId>().is_err());
    }

    #[cfg(feature = "sql")]
    #[test]
    fn columns_hold_the_text_and_refuse_ids_of_another_kind() {
        use crate::sql::tests::{raw, round_trip};
        use diesel::sql_types::Text;

        let id: VaspId = "vasp_01jx00000000000000000000aa".parse().unwrap();
        assert_eq!(round_trip::<Text, _>(id), (id, "'vasp_01jx00000000000000000000aa'".to_owned()));
        let refused = raw::<Text, LicenceId>("'vasp_01jx00000000000000000000aa'").unwrap_err();
        assert!(refused.contains("not an identifier of the form lic_"), "{refused}");
    }

    proptest! {
        #[test]
        fn identifiers_round_trip(micros in 0i64..4_000_000_000_000_000, seed: u64) {
            let id = VaspId::new(UtcTime::from_micros(micros).unwrap(), &mut ChaCha8Rng::seed_from_u64(seed));
            prop_assert_eq!(id.to_string().parse::<VaspId>().unwrap(), id);
        }

        #[test]
        fn parsing_never_panics(text in "\\PC*") {
            let _ = text.parse::<VaspId>();
        }
    }
}
