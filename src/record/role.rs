//! Permissions: kinds of organisations, roles of users, scopes of credentials, and the roles that two people must grant.
//! `api::permission` has what each route requires.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use vasp_words::closed_list::{UnknownWord, closed_list};

closed_list! {
    /// The kind of an organisation.
    pub enum OrganisationKind {
        /// A machine that sends queries, for itself or for members who allow it.
        Gateway = "gateway",
        /// A VASP that publishes its own record.
        Member = "member",
        /// The operator of the registry.
        Operator = "operator",
    }
    /// What a user may do in its organisation.
    pub enum Role {
        /// Reviews cases and proposes decisions (operator).
        Reviewer = "reviewer",
        /// Approves other people's proposals (operator).
        Approver = "approver",
        /// Manages users, keys and organisations.
        Admin = "admin",
        /// Edits the member's record.
        Editor = "editor",
        /// Decides about counterparties and policies (member, gateway).
        Compliance = "compliance",
        /// Approves counterparties as senior management, if a rule requires it (member, gateway).
        SeniorManagement = "senior_management",
    }
    /// What a credential may be used for; the roles of its user limit it further.
    pub enum Scope {
        /// Resolving the owner of a destination.
        Resolve = "resolve",
        /// Requesting pre-checks.
        Precheck = "precheck",
        /// Managing the member's own record.
        Member = "member",
        /// The organisation's relationships and policies.
        Compliance = "compliance",
        /// The registry's own work.
        Operator = "operator",
        /// Users and credentials.
        Admin = "admin",
    }
    /// The kind of a user.
    pub enum UserKind {
        /// A person, who signs in or uses keys.
        Person = "person",
        /// A program; never an approver.
        Machine = "machine",
    }
    /// The state of a user.
    pub enum UserState {
        /// Waits for the person to redeem the enrolment link.
        Invited = "invited",
        /// The user may act.
        Active = "active",
        /// The user may not act any more.
        Disabled = "disabled",
    }
    /// The state of a role grant.
    pub enum GrantState {
        /// Waits for a second person.
        Pending = "pending",
        /// It is valid.
        Active = "active",
        /// It was revoked.
        Ended = "ended",
        /// It was not approved.
        Declined = "declined",
    }
}

/// The scopes of a credential or of another organisation: at least one, each once. The text form separates them by blanks.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Scopes(BTreeSet<Scope>);

vasp_words::sql_as_text!(Scopes);

impl Scopes {
    /// Collects scopes, each once; `None` if the list is empty.
    #[must_use]
    pub fn new(scopes: &[Scope]) -> Option<Self> {
        (!scopes.is_empty()).then(|| Self(scopes.iter().copied().collect()))
    }

    /// Tells whether a scope is among them.
    #[must_use]
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Returns the scopes in order.
    #[must_use]
    pub fn to_vec(&self) -> Vec<Scope> {
        self.0.iter().copied().collect()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.0.iter().map(|scope| scope.as_str()).collect();
        f.write_str(&words.join(" "))
    }
}

impl FromStr for Scopes {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        text.split(' ').map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl Role {
    /// Tells whether users of such an organisation can have the role.
    #[must_use]
    pub fn exists_in(self, kind: OrganisationKind) -> bool {
        match self {
            Self::Admin => true,
            Self::Reviewer | Self::Approver => kind == OrganisationKind::Operator,
            Self::Editor => kind == OrganisationKind::Member,
            Self::Compliance | Self::SeniorManagement => kind != OrganisationKind::Operator,
        }
    }

    /// Tells whether a program may have the role. It may not have operator roles, which speak for the registry, nor senior
    /// management.
    #[must_use]
    pub fn is_for_machines(self, kind: OrganisationKind) -> bool {
        kind != OrganisationKind::Operator && self != Self::SeniorManagement
    }

    /// Tells whether granting the role takes two people. This applies to operator roles, to compliance, which decides about
    /// counterparties and policies, and to senior management, whose approval regulators require.
    ///
    /// Source: docs/organisations.md, "Four eyes"; FATF R.13(c).
    #[must_use]
    pub fn takes_two_people(self, kind: OrganisationKind) -> bool {
        (kind == OrganisationKind::Operator || matches!(self, Self::Compliance | Self::SeniorManagement)) && self.exists_in(kind)
    }
}

impl Scope {
    /// Tells whether keys of such an organisation can have the scope.
    #[must_use]
    pub fn exists_in(self, kind: OrganisationKind) -> bool {
        match self {
            Self::Resolve | Self::Precheck | Self::Admin => true,
            Self::Member => kind == OrganisationKind::Member,
            Self::Compliance => kind != OrganisationKind::Operator,
            Self::Operator => kind == OrganisationKind::Operator,
        }
    }

    /// Tells whether an organisation may let another one use the scope for it.
    #[must_use]
    pub fn can_be_delegated(self) -> bool {
        matches!(self, Self::Resolve | Self::Precheck)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back_and_others_are_refused_by_name() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        let refused = "owner".parse::<Role>().unwrap_err().to_string();
        assert_eq!(refused, "`owner` is not known; known are reviewer, approver, admin, editor, compliance, senior_management");
    }

    /// Source: docs/organisations.md, "Four eyes"; no machine has these roles, because deciding needs the session of a signed-in person
    /// ("Two people").
    #[test]
    fn the_registrys_own_roles_take_two_people_and_no_machine_has_them() {
        let operator = OrganisationKind::Operator;

        for role in [Role::Reviewer, Role::Approver, Role::Admin] {
            assert!(role.takes_two_people(operator) && !role.is_for_machines(operator), "{role}");
        }
        assert!(!Role::Admin.takes_two_people(OrganisationKind::Member));
        for kind in [OrganisationKind::Member, OrganisationKind::Gateway] {
            assert!(Role::SeniorManagement.takes_two_people(kind) && !Role::SeniorManagement.is_for_machines(kind), "{kind}");
            assert!(Role::Compliance.takes_two_people(kind) && Role::Compliance.is_for_machines(kind), "{kind}");
        }
        assert!(!Role::SeniorManagement.exists_in(operator) && !Role::Compliance.exists_in(operator));
        assert!(!Role::Approver.exists_in(OrganisationKind::Member));
        assert!(!Role::Editor.exists_in(OrganisationKind::Operator));
    }
}
