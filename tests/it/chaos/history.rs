//! What was told while the nodes were disturbed, and whether all of it can be true: the model. What members were told says which
//! versions of claims there are and in which order; the log says at which sequence each stands; and every answer must be what
//! stands at the sequence that it names itself.

use std::collections::BTreeMap;

use diesel::sql_types::{BigInt, Binary, Nullable, SmallInt, Text};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use vasp_record::claim::AddressRole;
use vasp_words::time::UtcTime;

use super::load::Members;
use super::{MEMBERS, ROLES, Role, SET, SETS, Standing};
use crate::support::{Deployment, Recorded};

/// One member's claim on one account becomes another, or ends.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub set: usize,
    pub place: usize,
    pub member: usize,
    /// As what it stands from now on; none where it ended.
    pub role: Option<Role>,
}

/// A write that a node acknowledged.
#[derive(Debug)]
pub(super) struct Ack {
    pub node: usize,
    pub at: u64,
    pub events: Vec<Event>,
}

/// An answer: when it was asked for and given, and what it said.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub node: usize,
    pub asked_at: u64,
    pub answered_at: u64,
    pub sequence: i64,
    pub as_of: UtcTime,
    pub set: usize,
    pub standing: Vec<Standing>,
    /// Whose names the firms of the register bear; none where nobody asked.
    pub round: Option<u64>,
}

/// How reads fared.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub reads: u64,
    /// Asked of the next node too.
    pub repeated: u64,
    /// Not answered by it either.
    pub failed: u64,
}

/// Everything that was told.
#[derive(Debug, Default)]
pub(super) struct History {
    pub acks: Vec<Ack>,
    pub seen: Vec<Seen>,
    /// Place in its set of the one account that each pre-check was about, and what it said.
    pub prechecks_seen: Vec<(usize, Seen)>,
    pub prechecks: Vec<Recorded>,
    /// Imports that were told to be done.
    pub rounds: Vec<u64>,
    pub counts: Counts,
    pub writes: usize,
    /// How long each attempt to write took until it was answered or the node was gone.
    pub attempt_micros: Vec<u64>,
    /// How long each write took until it was acknowledged, from its first attempt.
    pub write_micros: Vec<u64>,
    /// How long until other nodes showed a write: since it was acknowledged, and since it was sent.
    pub visible_micros: Vec<(u64, u64)>,
}

#[derive(QueryableByName)]
struct ChangeLine {
    #[diesel(sql_type = BigInt)]
    sequence: i64,
    #[diesel(sql_type = BigInt)]
    recorded_at: i64,
    #[diesel(sql_type = SmallInt)]
    ends_transaction: i16,
}

#[derive(QueryableByName)]
struct ClaimLine {
    #[diesel(sql_type = Binary)]
    account_key: Vec<u8>,
    #[diesel(sql_type = BigInt)]
    vasp: i64,
    #[diesel(sql_type = SmallInt)]
    role: i16,
    #[diesel(sql_type = BigInt)]
    seq_from: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    seq_to: Option<i64>,
}

#[derive(QueryableByName)]
struct ImportLine {
    #[diesel(sql_type = Text)]
    source: String,
    #[diesel(sql_type = BigInt)]
    seq_from: i64,
}

/// From each sequence on, something stands.
type Steps<T> = Vec<(i64, T)>;

fn at<T: Copy>(steps: &Steps<T>, sequence: i64) -> Option<T> {
    steps[..steps.partition_point(|(from, _)| *from <= sequence)].last().map(|(_, what)| *what)
}

/// The log, read from the tables by statements of the test's own.
struct Log {
    /// When each sequence was recorded, and the last sequence of its transaction; from sequence 1.
    changes: Vec<(i64, i64)>,
    /// The role of each member's claim on each account.
    claims: BTreeMap<(usize, usize, usize), Steps<Option<Role>>>,
    rounds: Steps<u64>,
}

impl Log {
    fn read(deployment: &Deployment, members: &Members) -> Self {
        let mut conn = PgConnection::establish(&deployment.database.url.whole()).unwrap();
        let changes: Vec<ChangeLine> =
            sql_query("SELECT sequence, recorded_at, ends_transaction FROM changes ORDER BY sequence").load(&mut conn).unwrap();
        let mut last = 0;
        let ends = changes.iter().rev().map(|line| {
            last = if line.ends_transaction == 1 { line.sequence } else { last };
            (line.recorded_at, last)
        });
        let mut changes: Vec<(i64, i64)> = ends.collect();
        changes.reverse();
        let end_of = |sequence: i64| changes[usize::try_from(sequence - 1).unwrap()].1;

        let lines: Vec<ClaimLine> = sql_query(
            "SELECT c.account_key, c.vasp, c.role, b.seq_from, c.seq_to FROM claims c JOIN claim_batches b ON b.number = c.batch \
             WHERE b.method NOT IN ('ended', 'contested_end') ORDER BY c.number",
        )
        .load(&mut conn)
        .unwrap();
        let mut claims: BTreeMap<(usize, usize, usize), Steps<Option<Role>>> = BTreeMap::new();
        for line in lines {
            let account = u64::from_be_bytes(line.account_key[12..].try_into().unwrap());
            let number = usize::try_from(account - 0x00c4_a05e_0000).unwrap();
            let member = members.vasps.iter().position(|(vasp, _)| *vasp == line.vasp).unwrap();
            let role = AddressRole::from_code(line.role).unwrap();
            let role = ROLES.iter().position(|known| serde_json::to_value(role).unwrap() == *known).unwrap();
            let steps = claims.entry((number / 16, number % 16, member)).or_default();
            let from = end_of(line.seq_from);
            // An end in the same transaction is no end that anybody can see: another claim takes the place.
            match steps.last() {
                Some((ended, None)) if *ended == from => drop(steps.pop()),
                before => assert!(before.is_none_or(|(_, role)| role.is_none()), "two claims of one member stand at once"),
            }
            steps.push((from, Some(u8::try_from(role).unwrap())));
            steps.extend(line.seq_to.map(|to| (end_of(to), None)));
        }
        let imports: Vec<ImportLine> =
            sql_query("SELECT source, seq_from FROM snapshots ORDER BY seq_from").load(&mut conn).unwrap();
        let round = |line: &ImportLine| (end_of(line.seq_from), line.source.trim_end_matches(".csv").parse().unwrap());
        let rounds = imports.iter().map(round).collect();
        Self { changes, claims, rounds }
    }

    fn standing(&self, set: usize, place: usize, sequence: i64) -> Standing {
        let mut standing = [None; MEMBERS];
        for (member, role) in standing.iter_mut().enumerate() {
            *role = self.claims.get(&(set, place, member)).and_then(|steps| at(steps, sequence)).flatten();
        }
        standing
    }

    /// Asserts that an answer is what stands at its sequence; of the pre-checks, of one account.
    fn check(&self, seen: &Seen, first_place: usize) {
        let place = usize::try_from(seen.sequence - 1).unwrap();
        let (recorded_at, end) = *self.changes.get(place).unwrap_or_else(|| panic!("a sequence that the log has not: {seen:?}"));
        assert_eq!(end, seen.sequence, "a sequence in the middle of a write was answered: {seen:?}");
        assert_eq!(seen.as_of.micros(), recorded_at, "{seen:?}");
        for (place, standing) in seen.standing.iter().enumerate() {
            let stands = self.standing(seen.set, first_place + place, seen.sequence);
            assert_eq!(*standing, stands, "account {} of the set: {seen:?}", first_place + place);
        }
        assert!(seen.round.is_none_or(|round| Some(round) == at(&self.rounds, seen.sequence)), "{seen:?}");
    }
}

impl History {
    /// Asserts that all that was told is true.
    pub(super) fn check(&self, deployment: &Deployment, members: &Members, last: &[Seen]) {
        let log = Log::read(deployment, members);
        let written = self.check_writes(&log);
        for seen in self.seen.iter().chain(last) {
            log.check(seen, 0);
        }
        for (place, seen) in &self.prechecks_seen {
            log.check(seen, *place);
        }
        for round in &self.rounds {
            assert!(log.rounds.iter().any(|(_, known)| known == round), "import {round} was acknowledged and is gone");
        }
        self.check_time(&written);
        let head = i64::try_from(log.changes.len()).unwrap();
        for seen in last {
            assert_eq!(seen.sequence, head, "every node comes to the end of the log: {seen:?}");
        }
    }

    /// Asserts that the log has every acknowledged write once, whole and in its order, and nothing else. Returns the sequence
    /// of each.
    fn check_writes(&self, log: &Log) -> Vec<i64> {
        let mut next: BTreeMap<(usize, usize, usize), usize> = BTreeMap::new();
        // Writes about one set come one after the other, so their acknowledgements are in the order of the writes.
        let mut order: Vec<usize> = (0..self.acks.len()).collect();
        order.sort_by_key(|place| self.acks[*place].at);
        let mut sequences = vec![0; self.acks.len()];
        for place in order {
            let ack = &self.acks[place];
            let mut found = Vec::new();
            for event in &ack.events {
                let account = (event.set, event.place, event.member);
                let count = next.entry(account).or_default();
                let step = log.claims.get(&account).and_then(|steps| steps.get(*count));
                let (sequence, role) = step.unwrap_or_else(|| panic!("acknowledged and gone: {event:?} of {ack:?}"));
                assert_eq!(*role, event.role, "step {count} of {account:?}: {ack:?}");
                *count += 1;
                found.push(*sequence);
            }
            assert!(found.iter().all(|sequence| *sequence == found[0]), "written in parts at {found:?}: {ack:?}");
            sequences[place] = found[0];
        }
        for set in 0..SETS {
            for (place, member) in (0..SET).flat_map(|place| (0..MEMBERS).map(move |member| (place, member))) {
                let account = (set, place, member);
                let stands = log.claims.get(&account).map_or(0, Vec::len);
                assert_eq!(
                    next.get(&account).copied().unwrap_or(0),
                    stands,
                    "{account:?}: a write was done twice, or nobody asked for it"
                );
            }
        }
        sequences
    }

    /// Asserts that no node ever falls back: what it acknowledged or answered is part of everything that it is asked later.
    fn check_time(&self, written: &[i64]) {
        let acknowledged = self.acks.iter().zip(written).map(|(ack, sequence)| (ack.node, ack.at, *sequence));
        let answers = || self.seen.iter().chain(self.prechecks_seen.iter().map(|(_, seen)| seen));
        let mut told: BTreeMap<usize, Vec<(u64, i64)>> = BTreeMap::new();
        for (node, at, sequence) in acknowledged.chain(answers().map(|seen| (seen.node, seen.answered_at, seen.sequence))) {
            told.entry(node).or_default().push((at, sequence));
        }
        for told in told.values_mut() {
            told.sort_unstable();
            let mut reached = 0;
            for (_, sequence) in told.iter_mut() {
                reached = reached.max(*sequence);
                *sequence = reached;
            }
        }
        for seen in answers() {
            let told = &told[&seen.node];
            let before = told[..told.partition_point(|(at, _)| *at < seen.asked_at)].last().map_or(0, |(_, sequence)| *sequence);
            let by = || {
                let acks = self.acks.iter().zip(written).filter(|(ack, sequence)| ack.node == seen.node && **sequence == before);
                (
                    acks.collect::<Vec<_>>(),
                    answers().filter(|one| one.node == seen.node && one.sequence == before).min_by_key(|one| one.answered_at),
                )
            };
            assert!(seen.sequence >= before, "the node had told of sequence {before} before: {seen:?} after {:?}", by());
        }
    }

    /// A part of the pre-checks, to be read back one by one.
    pub(super) fn some_prechecks(&self) -> &[Recorded] {
        &self.prechecks[..self.prechecks.len().min(100)]
    }
}
