//! What an organisation wants to decide about a counterparty: read, checked, carried out and read back as it is stored.

use vasp_rules::policy::Policy;
use vasp_rules::protocol::Protocols;
use vasp_rules::relationship::{Change, Event, Made, Relationship, Track};
use vasp_words::time::{Date, UtcTime};

use crate::target::{Outcome, Target, accepted, examples, refused, refused_file, text};

/// The targets of this file.
pub(crate) const TARGETS: &[Target] =
    &[Target { name: "change of a relationship", examples: || examples(CHANGES), run: change_of_a_relationship }];

const CHANGES: &[&str] = &[
    r#"{"travel_rule":{"status":"approved","review_due":"2026-12-31","conditions":{},"terminated_for_aml":false},"correspondent":null,"terms":{"risk":"low","limits":{"per_day":{"amount":"1000","currency":"EUR"}},"networks":["eip155:1"],"assets":["eip155:1/slip44:60"],"route":{"protocol":"trp"},"licence_seen":{"authority":"BaFin","number":"1","seen_on":"2026-05-20","evidence":"x"}},"reason":"Examined."}"#,
    r#"{"travel_rule":{"status":"approved_with_conditions","review_due":"2026-12-31","conditions":{"first_party_only":true,"max_amount":{"amount":"0.5","currency":"CHF"},"other":"x"},"terminated_for_aml":false},"correspondent":{"status":"refused","review_due":null,"conditions":{},"terminated_for_aml":false},"terms":{"risk":"medium"},"reason":"x"}"#,
    r#"{"travel_rule":{"status":"in_progress","review_due":null,"conditions":{},"terminated_for_aml":false},"correspondent":null,"terms":null,"reason":"x"}"#,
];

fn change_of_a_relationship(input: &[u8]) -> Outcome {
    let change: Change = match serde_json::from_str(&text(input)) {
        Ok(change) => change,
        Err(error) => return refused_file(&error),
    };
    let at: UtcTime = "2026-06-01T12:00:00Z".parse().unwrap();
    let (day, policy, protocols): (Date, _, _) = (at.date(), Policy::embedded().unwrap(), Protocols::embedded().unwrap());
    let made = Made { event: Event::Restricted, at, by: "usr_00000000000000000000000001".parse().unwrap(), reason: None };
    let (id, vasp) = ("rel_00000000000000000000000001".parse().unwrap(), "vasp_00000000000000000000000001".parse().unwrap());
    let before = Relationship::begin(id, vasp, made.clone());
    if let Err(fault) = change.check(&before, (policy.relationships(), &protocols), day) {
        return refused(&fault);
    }
    let after = change.carried_out(&before, (vec![made.by], false), made);
    assert_eq!(after.version, 1);
    let stored = serde_json::to_string(&after).unwrap();
    assert_eq!(serde_json::from_str::<Relationship>(&stored).unwrap(), after, "it reads back as another");
    for track in Track::ALL {
        let approved = after.track(track).status_on(day).is_approval();
        assert!(!approved || change.loosens(&before, day), "an approval that takes one person");
    }
    accepted(if change.loosens(&before, day) { "takes two" } else { "at once" })
}
