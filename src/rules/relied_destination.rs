//! Destinations that an organisation relied on: who owned a destination at the last look, and whether a change is worth an alert. This
//! module is pure; `vasp_registry::watch` decides when to look.

use std::fmt;
use std::str::FromStr;

use super::alert::Severity;
use vasp_record::resolution::{Parties, Resolution, ResolutionStatus};
use vasp_words::ids::VaspId;

/// The owner of a destination, in a form that reveals no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// One party owns it; this is the record with the strongest claim.
    Owned(VaspId),
    /// Several parties claim it.
    Conflicted,
    /// No known party owns it.
    NotFound,
}

/// An alert about a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandingTurn {
    /// The kind of alert.
    pub kind: &'static str,
    /// How serious it is.
    pub severity: Severity,
    /// What happened, as the end of a sentence that begins with the destination.
    pub what: &'static str,
}

impl Standing {
    /// Returns the owner according to a resolution. An ambiguous resolution counts as a conflict.
    #[must_use]
    pub fn of<N>(resolution: &Resolution<N>) -> Self {
        match (resolution.status, resolution.owners.first()) {
            (ResolutionStatus::Owned, Some(owner)) => Self::Owned(owner.vasp),
            (ResolutionStatus::Conflicted | ResolutionStatus::Ambiguous, _) => Self::Conflicted,
            (ResolutionStatus::NotFound | ResolutionStatus::Owned, _) => Self::NotFound,
        }
    }

    /// Returns the alert about a change since `before`; `None` if the owner is still the same party. `relied_on` is the VASP that the
    /// organisation relied on.
    #[must_use]
    pub fn turn_since(self, before: Self, relied_on: VaspId, parties: &impl Parties) -> Option<StandingTurn> {
        let same = |one, other| parties.party(one) == parties.party(other);
        let (kind, severity, what) = match (before, self) {
            (Self::Owned(one), Self::Owned(other)) if same(one, other) => return None,
            _ if before == self => return None,
            (_, Self::Conflicted) => ("claim.disputed", Severity::High, "is now claimed by several parties"),
            (_, Self::NotFound) => ("claim.ended", Severity::High, "no longer belongs to anybody that the registry knows"),
            (_, Self::Owned(owner)) if same(owner, relied_on) => {
                ("claim.restored", Severity::Info, "belongs again to the party that you relied on")
            }
            (_, Self::Owned(_)) => ("claim.owner_changed", Severity::High, "now belongs to another party"),
        };
        Some(StandingTurn { kind, severity, what })
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Owned(vasp) => write!(f, "owned {vasp}"),
            Self::Conflicted => f.write_str("conflicted"),
            Self::NotFound => f.write_str("not_found"),
        }
    }
}

/// The stored text has none of the forms that this program writes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is none of `owned vasp_…`, `conflicted` and `not_found`")]
pub struct StandingError;

impl FromStr for Standing {
    type Err = StandingError;
    fn from_str(text: &str) -> Result<Self, StandingError> {
        match text {
            "conflicted" => Ok(Self::Conflicted),
            "not_found" => Ok(Self::NotFound),
            _ => text.strip_prefix("owned ").and_then(|id| id.parse().ok()).map(Self::Owned).ok_or(StandingError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use vasp_record::vasp::VaspKind;

    /// Firms 1 and 2 belong to group 9.
    struct Groups;

    fn firm(number: u32) -> VaspId {
        format!("vasp_{number:026}").parse().unwrap()
    }

    impl Parties for Groups {
        fn party(&self, vasp: VaspId) -> VaspId {
            if [firm(1), firm(2)].contains(&vasp) { firm(9) } else { vasp }
        }
        fn kind(&self, _: VaspId) -> VaspKind {
            VaspKind::Entity
        }
        fn is_halted(&self, _: VaspId) -> bool {
            false
        }
    }

    fn told(before: Standing, now: Standing) -> Option<(&'static str, Severity)> {
        now.turn_since(before, firm(1), &Groups).map(|turn| (turn.kind, turn.severity))
    }

    #[test]
    fn what_is_told_follows_from_who_owns_it_now() {
        let relied = Standing::Owned(firm(1));

        assert_eq!(told(relied, Standing::Conflicted), Some(("claim.disputed", Severity::High)));
        assert_eq!(told(relied, Standing::NotFound), Some(("claim.ended", Severity::High)));
        assert_eq!(told(relied, Standing::Owned(firm(3))), Some(("claim.owner_changed", Severity::High)));
        assert_eq!(told(Standing::Conflicted, relied), Some(("claim.restored", Severity::Info)));
        assert_eq!(told(Standing::Conflicted, Standing::Owned(firm(3))), Some(("claim.owner_changed", Severity::High)));
        assert_eq!(told(Standing::NotFound, Standing::Conflicted), Some(("claim.disputed", Severity::High)));
    }

    #[test]
    fn a_group_and_its_entities_are_one_party() {
        assert_eq!(told(Standing::Owned(firm(1)), Standing::Owned(firm(2))), None);
        assert_eq!(told(Standing::Owned(firm(9)), Standing::Owned(firm(2))), None);
        assert_eq!(told(Standing::Conflicted, Standing::Owned(firm(2))), Some(("claim.restored", Severity::Info)));
        assert_eq!(told(Standing::Conflicted, Standing::Conflicted), None);
    }

    #[test]
    fn an_ambiguous_answer_settles_nobody() {
        let mut resolution = Resolution::<u8>::of_records(&[firm(1)]);
        assert_eq!(Standing::of(&resolution), Standing::Owned(firm(1)));
        resolution.status = ResolutionStatus::Ambiguous;
        assert_eq!(Standing::of(&resolution), Standing::Conflicted);
        assert_eq!(Standing::of(&Resolution::<u8>::not_found()), Standing::NotFound);
    }

    proptest! {
        #[test]
        fn every_standing_reads_back(number: u32, which in 0..3) {
            let standing = [Standing::Owned(firm(number)), Standing::Conflicted, Standing::NotFound][usize::try_from(which).unwrap()];
            prop_assert_eq!(standing.to_string().parse(), Ok(standing));
        }

        #[test]
        fn reading_never_panics(text in "\\PC*") {
            let _ = text.parse::<Standing>();
        }
    }
}
