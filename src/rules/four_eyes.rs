//! Decides whether two acts are the acts of two people. A person who created a user or a credential may hold its secret. So a created user
//! or credential does not count as another person, whatever the number of steps. This is the only place of that rule. Services read the
//! rows and ask this module.
//!
//! Source: docs/organisations.md, "Two people".

use std::collections::{BTreeMap, BTreeSet};

use vasp_words::ids::{CredentialId, OrganisationId, UserId};

pub use vasp_words::ids::Maker;

/// Who acts, and with which credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The user.
    pub user: UserId,
    /// The credential that it used; `None` if it is not known any more or does not matter.
    pub credential: Option<CredentialId>,
}

/// Who created whom. For users and credentials it holds the user and the credential that created them, and who held whose enrolment link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Makers {
    made: BTreeMap<Maker, BTreeSet<Maker>>,
    held: BTreeMap<UserId, UserId>,
    founders: BTreeMap<UserId, OrganisationId>,
}

/// The reason why two acts may be one person's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Tie {
    /// The same user did both.
    #[error("The same person proposed this: another person must decide.")]
    OneUser,
    /// The decider's user or credential was created by the proposer, directly or indirectly.
    #[error("The proposer created the user or credential that decides: another person must decide.")]
    MadeByProposer,
    /// The proposer's user or credential was created by the decider, directly or indirectly.
    #[error("The decider created the user or credential that proposed this: another person must decide.")]
    MadeByDecider,
    /// One person held the enrolment links of both users.
    #[error("One person held the enrolment links of both users and may be both: another person must decide.")]
    HeldByOne,
}

impl Makers {
    /// Records that `maker` created `made`.
    pub fn note(&mut self, made: Maker, maker: Maker) {
        self.made.entry(made).or_default().insert(maker);
    }

    /// Records that `holder` received the enrolment link of `user` and may have redeemed it.
    pub fn note_link(&mut self, user: UserId, holder: UserId) {
        self.note(Maker::User(user), Maker::User(holder));
        self.held.insert(user, holder);
    }

    /// Records that `user` is one of the first two people of an organisation, created on the command line or by an operator.
    pub fn note_founder(&mut self, user: UserId, organisation: OrganisationId) {
        self.founders.insert(user, organisation);
    }

    /// Tells whether two users are the founders of one organisation. The tie by enrolment links does not apply between them, because the
    /// operator that creates an organisation may hand out both links.
    #[must_use]
    pub fn are_founders(&self, one: UserId, other: UserId) -> bool {
        self.founders.get(&one).is_some_and(|organisation| self.founders.get(&other) == Some(organisation))
    }

    /// Returns who held the link of a user, who held the link of that person, and so on.
    fn holders(&self, user: UserId) -> BTreeSet<UserId> {
        let (mut holders, mut next) = (BTreeSet::new(), user);
        while let Some(holder) = self.held.get(&next) {
            if !holders.insert(*holder) {
                break;
            }
            next = *holder;
        }
        holders
    }

    /// Returns every user and credential that created the actor, directly or indirectly, including the actor itself.
    #[must_use]
    pub fn behind(&self, actor: Actor) -> BTreeSet<Maker> {
        let mut open: Vec<Maker> = actor.parts().collect();
        let mut behind = BTreeSet::new();
        while let Some(next) = open.pop() {
            if behind.insert(next) {
                open.extend(self.made.get(&next).into_iter().flatten());
            }
        }
        behind
    }
}

impl Actor {
    /// Returns the user and the credential.
    pub fn parts(self) -> impl Iterator<Item = Maker> {
        [Some(Maker::User(self.user)), self.credential.map(Maker::Credential)].into_iter().flatten()
    }
}

/// Returns why `decider` may be the same person as `proposer`; `None` if they are two people.
#[must_use]
pub fn tie(makers: &Makers, proposer: Actor, decider: Actor) -> Option<Tie> {
    if proposer.user == decider.user || proposer.credential.is_some_and(|used| decider.credential == Some(used)) {
        return Some(Tie::OneUser);
    }
    let goes_back = |actor: Actor, to: Actor| {
        let behind = makers.behind(actor);
        to.parts().any(|part| behind.contains(&part))
    };
    if goes_back(decider, proposer) {
        return Some(Tie::MadeByProposer);
    }
    if goes_back(proposer, decider) {
        return Some(Tie::MadeByDecider);
    }
    let one_held_both = !makers.holders(proposer.user).is_disjoint(&makers.holders(decider.user));
    (one_held_both && !makers.are_founders(proposer.user, decider.user)).then_some(Tie::HeldByOne)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;
    use vasp_words::ids::{ApiKeyId, SessionId};
    use vasp_words::time::UtcTime;

    fn user(number: u64) -> UserId {
        UserId::new(UtcTime::EPOCH, &mut ChaCha8Rng::seed_from_u64(number))
    }

    fn key(number: u64) -> CredentialId {
        CredentialId::Key(ApiKeyId::new(UtcTime::EPOCH, &mut ChaCha8Rng::seed_from_u64(number)))
    }

    fn session(number: u64) -> CredentialId {
        CredentialId::Session(SessionId::new(UtcTime::EPOCH, &mut ChaCha8Rng::seed_from_u64(number)))
    }

    /// User `n` with its own key `n`.
    fn actor(number: u64) -> Actor {
        Actor { user: user(number), credential: Some(key(number)) }
    }

    fn makers(pairs: &[(Maker, Maker)]) -> Makers {
        let mut makers = Makers::default();
        for (made, maker) in pairs {
            makers.note(*made, *maker);
        }
        makers
    }

    #[test]
    fn whoever_is_made_by_another_is_no_second_person() {
        let (of_user, of_key) = (|number| Maker::User(user(number)), |number| Maker::Credential(key(number)));
        let by = |user_number, credential| Actor { user: user(user_number), credential: Some(credential) };
        let second_made = [(of_user(2), of_user(1))];
        let key_made = [(of_key(2), of_user(1))];
        let chain = [(of_user(2), of_user(1)), (of_user(3), of_user(2)), (of_user(4), of_user(3))];
        // User 1 creates key 2 for user 2, uses it as user 2, and creates key 7 with it.
        let chain_of_keys = [(of_key(2), of_user(1)), (of_key(7), of_user(2)), (of_key(7), of_key(2))];
        let siblings = [(of_user(2), of_user(1)), (of_user(3), of_user(1))];

        for (name, made, first, second, expected) in [
            ("two whom nobody made", &[][..], actor(1), actor(2), None),
            ("one user, two credentials", &[], actor(1), by(1, session(9)), Some(Tie::OneUser)),
            ("a user by the proposer", &second_made, actor(1), actor(2), Some(Tie::MadeByProposer)),
            ("a user by the decider", &second_made, actor(2), actor(1), Some(Tie::MadeByDecider)),
            ("a key by the proposer", &key_made, actor(1), actor(2), Some(Tie::MadeByProposer)),
            ("the same user's own session", &key_made, actor(1), by(2, session(2)), None),
            ("a chain", &chain, actor(1), actor(4), Some(Tie::MadeByProposer)),
            ("a chain, from its end", &chain, actor(4), actor(1), Some(Tie::MadeByDecider)),
            ("a chain of keys", &chain_of_keys, actor(1), by(2, key(7)), Some(Tie::MadeByProposer)),
            ("two whom a third made", &siblings, actor(2), actor(3), None),
        ] {
            assert_eq!(tie(&makers(made), first, second), expected, "{name}");
        }
    }

    fn organisation(number: u64) -> OrganisationId {
        OrganisationId::new(UtcTime::EPOCH, &mut ChaCha8Rng::seed_from_u64(number))
    }

    /// Source: docs/organisations.md, "Two people": two people whose links came from the same person.
    #[test]
    fn two_people_whose_links_one_person_held_are_one_however_many_steps_ago() {
        let mut makers = Makers::default();
        makers.note_link(user(1), user(9));
        makers.note_link(user(2), user(9));
        makers.note_link(user(3), user(2));
        makers.note_link(user(4), user(8));

        assert_eq!(tie(&makers, actor(1), actor(2)), Some(Tie::HeldByOne));
        assert_eq!(tie(&makers, actor(3), actor(1)), Some(Tie::HeldByOne), "whoever is 2 handed out the link of 3");
        assert_eq!(tie(&makers, actor(9), actor(3)), Some(Tie::MadeByProposer), "and may be 3");
        assert_eq!(tie(&makers, actor(1), actor(4)), None, "another one handed out that link");
    }

    #[test]
    fn the_tie_by_held_links_does_not_bind_the_founders_of_one_organisation_to_each_other_but_to_the_third() {
        let mut makers = Makers::default();
        for number in 1..=4 {
            makers.note_link(user(number), user(9));
        }
        makers.note_founder(user(1), organisation(1));
        makers.note_founder(user(2), organisation(1));
        makers.note_founder(user(4), organisation(2));

        assert_eq!(tie(&makers, actor(1), actor(2)), None);
        assert_eq!(tie(&makers, actor(1), actor(3)), Some(Tie::HeldByOne));
        assert_eq!(tie(&makers, actor(1), actor(4)), Some(Tie::HeldByOne), "a founder of another organisation");
    }

    fn maker(number: u64) -> Maker {
        if number < 6 { Maker::User(user(number)) } else { Maker::Credential(key(number - 6)) }
    }

    prop_compose! {
        fn pairs()(numbers in prop::collection::vec((0u64..12, 0u64..12), 0..20)) -> Vec<(Maker, Maker)> {
            numbers.into_iter().map(|(made, by)| (maker(made), maker(by))).collect()
        }
    }

    /// The plain definition: `from` was created by `to` in at most `steps` steps.
    fn reaches(pairs: &[(Maker, Maker)], from: Maker, to: Maker, steps: usize) -> bool {
        from == to || steps > 0 && pairs.iter().any(|(made, by)| *made == from && reaches(pairs, *by, to, steps - 1))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn whoever_proposes_and_whoever_decides_may_change_places(pairs in pairs(), a in 0u64..6, b in 0u64..6) {
            let makers = makers(&pairs);

            prop_assert_eq!(tie(&makers, actor(a), actor(b)).is_some(), tie(&makers, actor(b), actor(a)).is_some());
        }

        #[test]
        fn a_further_maker_never_makes_one_person_two(pairs in pairs(), made in 0u64..12, by in 0u64..12, a in 0u64..6, b in 0u64..6) {
            let mut makers = makers(&pairs);
            let before = tie(&makers, actor(a), actor(b)).is_some();

            makers.note(maker(made), maker(by));

            prop_assert!(!before || tie(&makers, actor(a), actor(b)).is_some());
        }

        #[test]
        fn circles_end_and_each_chain_counts(numbers in prop::collection::vec((0u64..12, 0u64..12), 0..5), a in 0u64..6, b in 0u64..6) {
            let pairs: Vec<_> = numbers.into_iter().map(|(made, by)| (maker(made), maker(by))).collect();
            let (first, second) = (actor(a), actor(b));
            let chained = |from: Actor, to: Actor| {
                from.parts().any(|from| to.parts().any(|to| reaches(&pairs, from, to, pairs.len())))
            };

            let tied = tie(&makers(&pairs), first, second).is_some();

            prop_assert_eq!(tied, chained(first, second) || chained(second, first));
        }
    }
}
