//! Every step that does not follow from where a record or a case stands: refused with 409 (404 where there is no case), and
//! nothing is left of it but its line in the audit chain.

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_store::StoreError;

use super::{NO_BODY, Story};
use crate::support::{Answer, on_every_database, step};

/// Who takes a step.
#[derive(Clone, Copy, Debug)]
enum By {
    Member,
    Alice,
    Bob,
}
use By::{Alice, Bob, Member};

/// A step: who, method, path (`CASE` stands for the case, `PROPOSAL` for what was proposed about it), body.
type Step = (By, &'static str, &'static str, Value);

impl Story {
    fn take_step(&self, (by, method, path, body): &Step, case: &str) -> Answer {
        let who = match by {
            Member => &self.member,
            Alice => &self.alice,
            Bob => &self.bob,
        };
        let path = match path.strip_prefix("PROPOSAL/") {
            Some(end) => step(&self.proposed(case), end),
            None => path.replace("CASE", case),
        };
        self.registry.send_as(who, method, &path, &[("if-match", "*")], body)
    }

    /// The first proposal about a case; null where there is none.
    fn proposed(&self, case: &str) -> Value {
        let path = format!("/v1/proposals?kind=case&subject={case}");
        self.registry.get_as(&self.alice, &path).answered(200)["items"][0].clone()
    }

    /// Asserts that each step is refused so, and leaves one line in the audit chain and nothing else.
    fn assert_illegal(&self, state: &str, case: &str, steps: &[(u16, Step)]) {
        let store = self.registry.registry.store();
        let heads = || store.read::<_, StoreError>(|conn| Ok((conn.log_head()?.sequence, conn.audit_head()?.number))).unwrap();
        let own = || self.registry.get_as(&self.member, "/v1/vasps/mine/draft").text;
        let clock = &self.registry.clock;
        for (status, step) in steps {
            // What is refused alike within a minute folds into one line.
            clock.set(clock.now().plus_secs(61));
            let (before, record) = (heads(), own());

            let answer = self.take_step(step, case);

            assert_eq!(answer.status.as_u16(), *status, "{state}: {step:?}: {answer:?}");
            assert_eq!(heads(), (before.0, before.1 + 1), "{state}: {step:?} left something");
            assert!(record == own() || record.contains("request_id"), "{state}: {step:?}");
        }
    }

    fn taken(&self) -> String {
        self.draft();
        let case = self.submit();
        self.registry.post_as(&self.alice, &format!("/v1/cases/{case}/take"), &NO_BODY);
        case
    }

    /// Alice's own case about the record.
    fn own_case(&self, vasp: &str) -> String {
        let case = self.opened(vasp);
        self.registry.post_as(&self.alice, &format!("/v1/cases/{case}/take"), &NO_BODY);
        case
    }
}

fn new() -> Value {
    json!({"legal_name": "Another GmbH", "country": "AT"})
}

fn propose(decision: &str) -> Step {
    (Alice, "POST", "/v1/cases/CASE/propose", json!({"decision": decision, "reason": "a step too far"}))
}

fn decide(step: &'static str) -> Step {
    let body = if step.ends_with("approve") { json!({"digest": "0".repeat(64)}) } else { json!({"reason": "no"}) };
    (Bob, "POST", step, body)
}

const APPROVE: &str = "PROPOSAL/approve";
const DECLINE: &str = "PROPOSAL/decline";

fn member(method: &'static str, path: &'static str, body: Value) -> Step {
    (Member, method, path, body)
}

#[on_every_database(Story::begin)]
fn nothing_to_step_on_is_not_found(story: Story) {
    let amend = member("PATCH", "/v1/vasps/mine/draft", json!({"country": "AT"}));
    let submit = member("POST", "/v1/vasps/mine/draft/submit", NO_BODY);
    let withdraw = member("DELETE", "/v1/vasps/mine/draft", NO_BODY);

    let steps = [amend.clone(), submit.clone(), withdraw.clone()].map(|step| (409, step));
    story.assert_illegal("nothing", "", &steps);
    story.draft();
    assert_eq!(story.take_step(&withdraw, "").status, 200);
    let steps = [amend, submit, withdraw].map(|step| (409, step));
    story.assert_illegal("withdrawn", "", &steps);
}

#[on_every_database(Story::begin)]
fn a_draft_and_what_is_handed_in_go_one_way(story: Story) {
    story.draft();
    story.assert_illegal("draft", "", &[(409, member("POST", "/v1/vasps", new()))]);
    let case = story.submit();
    let untaken = [
        (409, member("POST", "/v1/vasps", new())),
        (409, member("POST", "/v1/vasps/mine/draft/submit", NO_BODY)),
        (409, propose("verify")),
        (409, propose("suspend")),
        (404, decide(APPROVE)),
        (404, decide(DECLINE)),
    ];
    story.assert_illegal("submitted", &case, &untaken);
}

#[on_every_database(Story::begin)]
fn a_record_in_review_is_decided_and_nothing_else(story: Story) {
    let case = story.taken();
    let steps = [
        (409, member("POST", "/v1/vasps/mine/draft/submit", NO_BODY)),
        (409, propose("suspend")),
        (409, propose("revoke")),
        (409, propose("reinstate")),
        (422, propose("verify")),
        (404, decide(APPROVE)),
        (404, decide(DECLINE)),
    ];
    story.assert_illegal("in review", &case, &steps);

    story.decide(&case, "reject");
    let text = json!({"text": "too late"});
    let evidence = json!({"attribute": "legal_name", "method": "website", "source": "x"});
    let closed = [
        (409, (Alice, "POST", "/v1/cases/CASE/take", NO_BODY)),
        (409, (Alice, "POST", "/v1/cases/CASE/notes", text.clone())),
        (409, (Alice, "POST", "/v1/cases/CASE/messages", text.clone())),
        (409, (Alice, "POST", "/v1/cases/CASE/evidence", evidence)),
        (409, propose("verify")),
        (409, decide(APPROVE)),
        (409, decide(DECLINE)),
        (409, member("POST", "/v1/vasps/mine/messages", text)),
    ];
    story.assert_illegal("rejected", &case, &closed);
}

#[on_every_database(Story::begin)]
fn a_verified_record_is_not_handed_in_again_and_a_suspended_one_waits(story: Story) {
    let vasp = story.verified();
    let case = story.own_case(&vasp);
    let submit = || member("POST", "/v1/vasps/mine/draft/submit", NO_BODY);
    let withdraw = || member("DELETE", "/v1/vasps/mine/draft", NO_BODY);
    let verified = [
        (409, member("POST", "/v1/vasps", new())),
        (409, submit()),
        (409, withdraw()),
        (409, propose("reinstate")),
        (404, decide(APPROVE)),
    ];
    story.assert_illegal("verified", &case, &verified);

    assert_eq!(story.propose(&story.alice, &case, "suspend").status, 201);
    let suspended = [
        (409, member("PATCH", "/v1/vasps/mine/draft", json!({"country": "AT"}))),
        (409, submit()),
        (409, withdraw()),
        (409, propose("verify")),
        (409, propose("reject")),
        (409, propose("suspend")),
    ];
    story.assert_illegal("suspended", &case, &suspended);

    story.decide(&case, "revoke");
    let case = story.own_case(&vasp);
    let revoked = ["verify", "reject", "suspend", "revoke", "reinstate"].map(|decision| (409, propose(decision)));
    story.assert_illegal("revoked", &case, &revoked);
    let member_steps =
        [(409, member("PATCH", "/v1/vasps/mine/draft", json!({"country": "AT"}))), (409, submit()), (409, withdraw())];
    story.assert_illegal("revoked", &case, &member_steps);
}
