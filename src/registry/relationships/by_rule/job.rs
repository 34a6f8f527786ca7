//! Follows the rules of all organisations: who left one is written down, also who returned between two looks of this process, so that it does
//! not come back by itself; who newly meets one is proposed, once. Nobody signed such a proposal: the registry made it, and two people sign it.
//! Readers do not wait for this work, because a firm that left a rule is not approved from the moment of leaving.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use rand_core::RngCore;
use serde_json::json;

use super::super::Ground;
use super::coverage::{Coverage, ids};
use super::decide::{RuleContent, RuleDecision};
use super::file::leavers;
use super::judge::Judge;
use crate::acts::Identity;
use crate::acts::sealed_traces::tell_privately;
use crate::directory::{Generation, PrivateState};
use crate::node::{Job, Pace, Registry, ServiceError};
use crate::proposals::{Decision, Proposal, Scene, Step, begin_by_registry, last_one};
use vasp_clock::{Clock, Random};
use vasp_pki::DataKey;
use vasp_record::proposal::{ProposalKind, Reason};
use vasp_record::role::UserKind;
use vasp_rules::approval_rule::{ApprovalRule, Left};
use vasp_store::{Conn, Organisation, PassedChange, Transaction};
use vasp_words::error_chain::error_chain;
use vasp_words::ids::{ApprovalRuleId, CredentialId, SessionId, UserId, VaspId};
use vasp_words::time::UtcTime;

/// How often the job looks for changes. A look that finds none compares two numbers.
const INTERVAL: Duration = Duration::from_secs(1);

/// The kinds of change that are about no VASP and may take firms out of a rule.
const LISTS: [&str; 3] = ["document", "lei_records", "register_snapshot"];

/// Why the registry proposes a firm.
const NEWLY_MEETS: &str = "It newly meets a rule that two people of the organisation approved.";

/// Follows the rules, and remembers what the last step saw.
#[derive(Default)]
pub struct ApprovalRuleJob {
    seen: Option<(Arc<Generation>, i64)>,
}

/// Starts the job.
///
/// # Errors
/// `std::io::Error` if no thread can be started.
pub fn follow_approval_rules(registry: Arc<Registry>, clock: Arc<dyn Clock>, random: Arc<Random>) -> std::io::Result<Job> {
    let mut job = ApprovalRuleJob::default();
    Job::start("approval-rules", Pace::every(INTERVAL), move |_| job.step(&registry, clock.now(), &mut random.fork()).map(drop))
}

impl ApprovalRuleJob {
    /// Looks at all rules if anything changed since the last step. Returns the number of rules about which something was written.
    ///
    /// # Errors
    /// `ServiceError::Store`, `Directory`, `Key`.
    pub fn step(&mut self, registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<usize, ServiceError> {
        let generation = registry.pin(now);
        let known = self.seen.as_ref().map_or(0, |(_, private)| *private);
        let (private, _) = registry.directory().private_since(known);
        if self.seen.as_ref().is_some_and(|(seen, _)| Arc::ptr_eq(seen, &generation) && known == private) {
            return Ok(0);
        }
        let before = self.seen.as_ref().map_or(generation.sequence(), |(seen, _)| seen.sequence());
        let passed = registry.store().read(|conn| conn.changes_between(before, generation.sequence()))?;
        let mut written = 0;
        for organisation in registry.directory().with_approval_rules() {
            let row = registry.store().read(|conn| conn.organisation(organisation))?;
            let Some(row) = row.filter(|row| row.closed_at.is_none()) else { continue };
            match (Follower { registry, generation: &generation, passed: (&passed, known), row, now }).follow(rng) {
                Ok(done) => written += done,
                Err(error) if error.is_unavailable() || error.is_of_the_database() => return Err(error),
                Err(error) => tracing::error!(
                    organisation = %organisation,
                    error.chain = error_chain(&error),
                    "the approval rules of an organisation cannot be followed"
                ),
            }
        }
        self.seen = Some((generation, private));
        Ok(written)
    }
}

/// The rules of one organisation.
struct Follower<'a> {
    registry: &'a Registry,
    generation: &'a Arc<Generation>,
    /// The changes of the log since the last step, and the private revision that it saw.
    passed: (&'a [PassedChange], i64),
    row: Organisation,
    now: UtcTime,
}

impl Follower<'_> {
    fn follow(&self, rng: &mut dyn RngCore) -> Result<usize, ServiceError> {
        let Some(key) = self.registry.own_data_key(self.row.id)? else { return Ok(0) };
        let mut written = 0;
        let earlier = self.left_meanwhile(&key)?;
        for rule in self.due(&key, &earlier)? {
            let settle = |transaction: &mut Transaction<'_>| self.settle(transaction, rule, &key, &earlier);
            let done = self.registry.store().write(self.now, rng, settle)?;
            written += usize::from(done.value);
        }
        if written > 0 {
            self.registry.know_before_telling()?;
        }
        Ok(written)
    }

    /// Returns who left a rule after the last step, also who met it again before this one. It judges the members of then after each transaction
    /// that changed a list, a register, or a member or its group.
    fn left_meanwhile(&self, key: &DataKey) -> Result<HashMap<ApprovalRuleId, Vec<Left>>, ServiceError> {
        let mut left: HashMap<ApprovalRuleId, Vec<Left>> = HashMap::new();
        let (organisation, (changes, revision)) = (self.row.id, self.passed);
        if changes.is_empty() {
            return Ok(left);
        }
        let then = self.registry.store().read(|conn| PrivateState::load(conn, organisation, revision))?;
        let rules: Vec<&ApprovalRule> = then.approval_rules.open(key)?.iter().filter(|rule| rule.ended.is_none()).collect();
        let parties = rules.iter().flat_map(|rule| &rule.members).map(|vasp| self.generation.records().ids_of_party(*vasp));
        let ids = parties.flat_map(|(own, group)| own.into_iter().chain(group));
        let members: HashSet<i64> = ids.filter_map(|vasp| self.generation.number_of(vasp)).collect();
        let ground = self.ground()?;
        let (judge, mut is_relevant) = (ground.judge(self.now.date())?, false);
        for change in changes {
            is_relevant |= change.subject.map_or(LISTS.contains(&change.kind.as_str()), |vasp| members.contains(&vasp));
            if !is_relevant || !change.ends_transaction.0 || members.is_empty() {
                continue;
            }
            is_relevant = false;
            let generation = self.registry.directory().at(change.sequence, change.recorded_at.date())?;
            let judge = Judge { generation: &generation, day: generation.day(), ..judge };
            for rule in &rules {
                let known = left.remove(&rule.id).unwrap_or_default();
                left.insert(rule.id, leavers(rule, &judge, &known, change.recorded_at)?);
            }
        }
        Ok(left)
    }

    /// Returns the rules about which something has to be written, as far as this node knows.
    fn due(&self, key: &DataKey, earlier: &HashMap<ApprovalRuleId, Vec<Left>>) -> Result<Vec<ApprovalRuleId>, ServiceError> {
        let state = self.registry.directory().private(self.row.id)?;
        let ground = self.ground()?;
        let judge = ground.judge(self.now.date())?;
        let all = judge.marked(state.relationships.open(key)?)?;
        let mut due = vec![];
        for rule in state.approval_rules.open(key)?.iter().filter(|rule| rule.is_in_force(self.now.date())) {
            let newcomers = || Coverage::of(&rule.approval, &rule.reason, Some(rule), &judge, &ground, &all, self.row.vasp);
            let earlier = earlier.get(&rule.id).map(Vec::as_slice).unwrap_or_default();
            let is_due = !leavers(rule, &judge, earlier, self.now)?.is_empty() || {
                let newcomers = ids(&newcomers()?.covers);
                self.registry.store().read(|conn| is_news(conn, rule.id, key, &newcomers))?
            };
            due.extend(is_due.then_some(rule.id));
        }
        Ok(due)
    }

    /// Writes who left a rule, and proposes who newly meets it. Another node may have done so.
    fn settle(
        &self,
        transaction: &mut Transaction<'_>,
        id: ApprovalRuleId,
        key: &DataKey,
        earlier: &HashMap<ApprovalRuleId, Vec<Left>>,
    ) -> Result<bool, ServiceError> {
        let earlier = earlier.get(&id).map(Vec::as_slice).unwrap_or_default();
        let identity = self.identity();
        let decision = RuleDecision { ground: self.ground()?, id, key: key.clone(), vasp: self.row.vasp };
        let mut scene = Scene { transaction, identity: &identity };
        let held = match decision.hold(&mut scene, Step::Propose) {
            Err(ServiceError::IllegalStep(_)) => return Ok(false),
            held => held?,
        };
        let Some(rule) = held.rule(id).filter(|rule| rule.is_in_force(self.now.date())).cloned() else { return Ok(false) };
        let left = leavers(&rule, &held.judge(&decision.ground), earlier, held.now)?;
        let has_left = !left.is_empty();
        if has_left {
            let told = json!({"left": left});
            let mut next = rule.clone();
            next.release(left);
            held.write(scene.transaction, key, &next)?;
            let organisation = self.row.id.to_string();
            tell_privately(scene.transaction, &organisation, key, "approval_rule.leave", Some(&id.to_string()), &told)?;
        }
        let ApprovalRule { approval, reason, .. } = rule;
        let content = decision.content(&held, approval, &reason)?;
        let proposes = is_news(scene.transaction.conn(), id, key, &ids(&content.covers))?;
        if proposes {
            begin_by_registry(&mut scene, &decision, &held, &content, &Reason::stated(NEWLY_MEETS), key)?;
        }
        Ok(has_left || proposes)
    }

    fn ground(&self) -> Result<Ground<'_>, ServiceError> {
        Ground::of(self.registry, Arc::clone(self.generation), self.row.id)
    }

    /// The registry itself, as the one who acts in this organisation.
    fn identity(&self) -> Identity {
        Identity {
            credential: CredentialId::Session(SessionId::first_at(UtcTime::EPOCH)),
            user: UserId::REGISTRY,
            user_kind: UserKind::Machine,
            roles: Arc::new([]),
            organisation: self.row.id,
            kind: self.row.kind,
            vasp: self.row.vasp,
            scopes: Arc::new([]),
            own_address_budget: None,
        }
    }
}

/// Returns whether somebody newly meets a rule and no proposal about exactly them waits.
fn is_news(conn: &mut Conn, id: ApprovalRuleId, key: &DataKey, newcomers: &[VaspId]) -> Result<bool, ServiceError> {
    if newcomers.is_empty() {
        return Ok(false);
    }
    let last = last_one(conn, ProposalKind::ApprovalRule, &id.to_string(), Some(key))?;
    match last.filter(Proposal::is_pending) {
        Some(waiting) => Ok(ids(&waiting.content::<RuleContent>()?.covers) != newcomers),
        None => Ok(true),
    }
}
