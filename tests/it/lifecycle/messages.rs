//! Messages between a member and the registry: how many may wait.

use serde_json::{Value, json};

use super::Story;
use crate::support::on_every_database;

/// Before, a member could send any number of messages, and a person has to read each.
#[on_every_database(Story::begin)]
fn a_member_sends_twenty_messages_and_then_waits_for_an_answer(story: Story) {
    story.draft();
    story.licence();
    let case = format!("/v1/cases/{}", story.submit());
    story.registry.post_as(&story.alice, &format!("{case}/take"), &Value::Null).with(200);
    let send = || story.registry.post_as(&story.member, "/v1/vasps/mine/messages", &json!({"text": "Is there news?"}));

    assert!((0..20).all(|_| send().status == 201));
    let refused = send().problem(409, "conflict");
    assert!(refused["detail"].as_str().unwrap().contains("20"), "{refused}");

    story.registry.post_as(&story.alice, &format!("{case}/messages"), &json!({"text": "Not yet."})).with(201);
    assert_eq!(send().status, 201);
}
