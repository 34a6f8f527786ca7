//! A valid file of the chain, and every way to alter it.

use super::*;
use crate::Sealer;
use crate::audit::{AuditEvent, AuditHead, AuditOutcome, ChainEvents};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;
use serde_json::json;

/// Makes a file of some events, each with a number as its payload, and the last line.
fn file(count: usize) -> Vec<String> {
    let event = |number: usize| AuditEvent {
        organisation: Some("org_1".to_owned()),
        actor: number.is_multiple_of(2).then(|| "usr_1".to_owned()),
        credential: None,
        action: "thing.change".to_owned(),
        subject: None,
        outcome: AuditOutcome::Done,
        payload: json!({"z": number, "a": "é\u{2028}"}),
    };
    let now = UtcTime::from_micros(1_780_000_000_000_000).unwrap();
    let start = AuditHead { number: 0, hash: vec![0; 32] };
    let events = (0..count).map(event).collect();
    let (sealed, head) = Sealer::default().chain(&start, events, now, &mut ChaCha8Rng::seed_from_u64(1)).unwrap();
    let mut before = start.hash;
    let mut lines = Vec::new();
    for one in sealed {
        let exported = ExportedEvent {
            number: one.number,
            at: one.at,
            organisation: one.event.organisation,
            actor: one.event.actor,
            credential: one.event.credential,
            action: one.event.action,
            subject: one.event.subject,
            outcome: one.event.outcome.as_str().to_owned(),
            payload: Some(serde_json::from_str(&one.payload).unwrap()),
            salt: Some(hex::encode(one.salt)),
            payload_commitment: hex::encode(one.commitment),
            hash_before: hex::encode(&before),
            hash: hex::encode(one.hash),
        };
        before = one.hash.to_vec();
        lines.push(serde_json::to_string(&exported).unwrap());
    }
    let end = ExportedHead { number: head.number, hash: hex::encode(head.hash), filtered: false };
    lines.push(serde_json::to_string(&ExportedEnd { end }).unwrap());
    lines
}

/// Checks lines; the number of the first faulty line counts from 1.
fn check_all(extent: Extent, lines: &[String]) -> Result<AuditSummary, (usize, AuditFault)> {
    let mut file = AuditFile::new(extent);
    for (place, line) in lines.iter().enumerate() {
        file.line(line).map_err(|fault| (place + 1, fault))?;
    }
    file.finish().map_err(|fault| (lines.len() + 1, fault))
}

fn edited(line: &str, member: &str, value: Value) -> String {
    let mut event: Value = serde_json::from_str(line).unwrap();
    event[member] = value;
    event.to_string()
}

#[test]
fn a_file_as_it_was_written_is_whole() {
    let summary = check_all(Extent::Whole, &file(5)).unwrap();

    assert_eq!((summary.events, summary.erased, summary.end.unwrap().0), (5, 0, 5));
    assert_eq!(check_all(Extent::Whole, &file(0)).unwrap().events, 0);
}

#[test]
fn an_erased_payload_is_no_fault() {
    let mut lines = file(3);
    lines[1] = edited(&edited(&lines[1], "payload", Value::Null), "salt", Value::Null);

    assert_eq!(check_all(Extent::Whole, &lines).unwrap().erased, 1);
}

#[test]
fn each_changed_member_is_found_in_its_line() {
    let lines = file(3);
    let other = |member: &str| match member {
        "number" => json!(7),
        "at" => json!("2026-01-01T00:00:00Z"),
        "payload" => json!({"z": 2, "a": "é\u{2028}"}),
        "salt" | "payload_commitment" | "hash_before" | "hash" => json!("ab".repeat(32)),
        _ => json!("other"),
    };
    for member in serde_json::from_str::<Value>(&lines[1]).unwrap().as_object().unwrap().keys() {
        let mut changed = lines.clone();
        changed[1] = edited(&lines[1], member, other(member));

        assert_eq!(check_all(Extent::Whole, &changed).unwrap_err().0, 2, "{member}");
    }
    // An attacker who also corrects the event's own hash breaks the link to the next event.
    let mut event: ExportedEvent = serde_json::from_str(&lines[1]).unwrap();
    event.action = "other".to_owned();
    let line = AuditLine {
        number: event.number,
        at: event.at,
        organisation: event.organisation.as_deref(),
        actor: event.actor.as_deref(),
        credential: None,
        action: &event.action,
        subject: None,
        outcome: &event.outcome,
        commitment: &hex::decode(&event.payload_commitment).unwrap(),
    };
    event.hash = hex::encode(audit_hash(&hex::decode(&event.hash_before).unwrap(), &line).unwrap());
    let mut mended = lines;
    mended[1] = serde_json::to_string(&event).unwrap();
    assert_eq!(check_all(Extent::Whole, &mended), Err((3, AuditFault::Chain(3))));
}

#[test]
fn removed_reordered_repeated_and_added_lines_are_found() {
    let lines = file(4);
    let without = |place: usize| [&lines[..place], &lines[place + 1..]].concat();
    assert_eq!(check_all(Extent::Whole, &without(0)), Err((1, AuditFault::Place { expected: 1, found: 2 })));
    assert_eq!(check_all(Extent::Whole, &without(2)), Err((3, AuditFault::Place { expected: 3, found: 4 })));
    assert_eq!(check_all(Extent::Whole, &without(3)), Err((4, AuditFault::End(4))));
    assert_eq!(check_all(Extent::Whole, &without(4)), Err((5, AuditFault::NoEnd)));

    let mut swapped = lines.clone();
    swapped.swap(1, 2);
    assert_eq!(check_all(Extent::Whole, &swapped), Err((2, AuditFault::Place { expected: 2, found: 3 })));
    let repeated = [&lines[..2], &lines[1..]].concat();
    assert_eq!(check_all(Extent::Whole, &repeated), Err((3, AuditFault::Place { expected: 3, found: 2 })));
    let added = [&lines[..], &lines[..1]].concat();
    assert_eq!(check_all(Extent::Whole, &added), Err((6, AuditFault::AfterEnd)));
}

#[test]
fn a_filtered_file_is_checked_as_such_only() {
    let mut lines = [&file(5)[..1], &file(5)[3..]].concat();
    let end: Value = serde_json::from_str(lines.last().unwrap()).unwrap();
    let head = edited(&end["end"].to_string(), "filtered", json!(true));
    *lines.last_mut().unwrap() = edited(&end.to_string(), "end", serde_json::from_str(&head).unwrap());

    assert_eq!(check_all(Extent::Filtered, &lines).unwrap().events, 3);
    assert_eq!(check_all(Extent::Whole, &lines), Err((2, AuditFault::Place { expected: 2, found: 4 })));
    assert_eq!(check_all(Extent::Whole, &[&file(5)[..5], &lines[3..]].concat()), Err((6, AuditFault::Filtered)));
    lines.swap(1, 2);
    assert_eq!(check_all(Extent::Filtered, &lines), Err((3, AuditFault::Place { expected: 6, found: 4 })));
}

proptest! {
    #[test]
    fn any_text_is_refused_without_harm(text in "\\PC*") {
        prop_assert!(AuditFile::new(Extent::Whole).line(&text).is_err());
    }

    #[test]
    fn any_other_digit_is_found(place in 0usize..4, at in any::<prop::sample::Index>(), digit in prop::sample::select(b"0123456789abcdef".to_vec())) {
        let mut lines = file(3);
        let mut bytes = lines[place].clone().into_bytes();
        let places: Vec<usize> = (0..bytes.len()).filter(|index| bytes[*index].is_ascii_hexdigit()).collect();
        let index = places[at.index(places.len())];
        prop_assume!(bytes[index] != digit);
        bytes[index] = digit;
        lines[place] = String::from_utf8(bytes).unwrap();
        prop_assert!(check_all(Extent::Whole, &lines).is_err());
    }
}
