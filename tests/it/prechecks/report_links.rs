//! Links that open the report of a pre-check once: what they open, for whom, how long, and what their organisation learns.

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::role::OrganisationKind::Member;
use vasp_record::role::{Role, Scope};
use vasp_registry::organisations::reset_user;
use vasp_words::ids::ApiKeyId;

use super::world::{LAGOON, World};
use crate::policies::Office;
use crate::support::forms::{FORM, encoded, page};
use crate::support::{Answer, on_every_database};
use crate::write_races::at_once;

const HOUR: i64 = 3_600;

/// A recorded pre-check of an office: its path.
fn asked(world: &World, office: &Office) -> String {
    let answer = office.ask(world, json!({"address": LAGOON, "network": "eip155:1"}));
    format!("/v1/prechecks/{}", answer["id"].as_str().unwrap())
}

fn ask_for_link(world: &World, office: &Office, precheck: &str) -> Answer {
    office.ada.send(&world.registry, "POST", &format!("{precheck}/report-link"), &[], &Value::Null)
}

/// Makes a link.
fn link(world: &World, office: &Office, precheck: &str) -> String {
    let made = ask_for_link(world, office, precheck).with(201);
    made.json()["secret"].as_str().unwrap().to_owned()
}

fn open(world: &World, link: &str) -> Answer {
    world.registry.send_form("/report", &[("link", link)])
}

#[on_every_database(World::start)]
fn a_link_opens_the_report_once_without_an_account(world: World) {
    let office = Office::new(&world, Member, None);
    let precheck = asked(&world, &office);
    let made = ask_for_link(&world, &office, &precheck).json();
    let link = made["secret"].as_str().unwrap();
    assert!(link.contains("/report#vp_"), "{link}");
    assert_eq!(made["expires_at"], "2026-06-04T12:00:00Z");
    let form = world.registry.client.get("/report");
    assert!(page(&form, 200).contains("<form action=\"/report\" method=\"post\">"), "{form:?}");

    let report = open(&world, link);

    let own = office.ada.get(&world.registry, &format!("{precheck}/report"));
    assert_eq!(page(&report, 200), own.text);
    assert_eq!(report.header("content-security-policy"), own.header("content-security-policy"));
    assert!(page(&open(&world, link), 410).contains("was already opened"));
}

#[on_every_database(World::start)]
fn of_many_who_open_a_link_at_once_one_reads_the_report(world: World) {
    let office = Office::new(&world, Member, None);
    let link = link(&world, &office, &asked(&world, &office));

    let answers = at_once(8, |_| open(&world, &link).status.as_u16());

    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == 410).count(), 7, "{answers:?}");
}

#[on_every_database(World::start)]
fn a_link_ends_with_its_time_with_its_maker_and_with_the_report(world: World) {
    let (office, stranger) = (Office::new(&world, Member, None), Office::new(&world, Member, None));
    let precheck = asked(&world, &office);
    ask_for_link(&world, &stranger, &precheck).problem(404, "not_found");
    let late = link(&world, &office, &precheck);

    world.registry.advance(72 * HOUR - 1);
    let in_time = link(&world, &office, &precheck);
    world.registry.advance(1);
    assert!(page(&open(&world, &late), 410).contains("has expired"));
    assert_eq!(open(&world, &in_time).status.as_u16(), 200);

    let other = asked(&world, &office);
    let erased = link(&world, &office, &other);
    let id = other.rsplit('/').next().unwrap().parse().unwrap();
    world.registry.write(|transaction| transaction.erase_prechecks(office.organisation, &[id], world.now()));
    let refused = open(&world, &erased);
    assert!(page(&refused, 410).contains("was erased. Ask the person who sent you the link."), "{}", refused.text);
    ask_for_link(&world, &office, &other).problem(409, "illegal_step");

    let orphaned = link(&world, &office, &precheck);
    let admin = world.registry.person_with(office.organisation, &[Role::Admin], &[Scope::Admin]);
    admin.done(&world.registry, &format!("/v1/users/{}/disable", office.ada.user), &Value::Null);
    assert_eq!(open(&world, &orphaned).status.as_u16(), 410);
}

#[on_every_database(World::start)]
fn a_link_ends_with_the_key_that_made_it(world: World) {
    let office = Office::new(&world, Member, None);
    let precheck = asked(&world, &office);
    let admin = world.registry.person_with(office.organisation, &[Role::Admin], &[Scope::Admin]);
    let (opened, revoked) = (link(&world, &office, &precheck), link(&world, &office, &precheck));
    assert_eq!(open(&world, &opened).status.as_u16(), 200);

    let key = format!("/v1/api-keys/{}", office.ada.key_id);
    admin.send(&world.registry, "DELETE", &key, &[], &Value::Null).answered(200);

    assert!(page(&open(&world, &revoked), 410).contains("was ended"));
    let other = Office::new(&world, Member, None);
    let late = link(&world, &other, &asked(&world, &other));
    let (key, now): (ApiKeyId, _) = (other.ada.key_id.parse().unwrap(), world.registry.clock.now());
    world.registry.write(|transaction| transaction.replace_api_key(key, key, now.plus_secs(HOUR)).map(drop));
    world.registry.advance(HOUR);
    assert_eq!(open(&world, &late).status.as_u16(), 410, "the key has expired");
}

#[on_every_database(World::start)]
fn a_link_made_in_a_session_outlives_its_end_but_not_a_reset_of_its_maker(world: World) {
    let office = Office::new(&world, Member, None);
    let path = format!("{}/report-link", asked(&world, &office));
    let session = world.registry.session_of(office.ada.user);
    let make = || {
        let headers = [("authorization", session.as_str())];
        let made = world.registry.client.send("POST", &path, &headers, "").answered(201);
        made["secret"].as_str().unwrap().to_owned()
    };
    let (kept, ended) = (make(), make());

    world.registry.advance(2 * HOUR);
    assert_eq!(open(&world, &kept).status.as_u16(), 200, "the session has ended");
    let now = world.registry.clock.now();
    reset_user(&world.registry.registry, office.ada.user, now, &mut world.registry.random.fork()).unwrap();

    assert_eq!(open(&world, &ended).status.as_u16(), 410);
}

#[on_every_database(World::start)]
fn a_link_ends_with_its_organisation(world: World) {
    let office = Office::new(&world, Member, None);
    let link = link(&world, &office, &asked(&world, &office));

    let now = world.registry.clock.now();
    world.registry.write(|transaction| {
        let mut row = transaction.conn().organisation(office.organisation)?.unwrap();
        (row.closed_at, row.version) = (Some(now), row.version + 1);
        transaction.change_organisation(&row)
    });

    assert_eq!(open(&world, &link).status.as_u16(), 410);
}

#[on_every_database(World::start)]
fn an_organisation_ends_its_links_and_can_have_a_hundred(world: World) {
    let (office, stranger) = (Office::new(&world, Member, None), Office::new(&world, Member, None));
    let (precheck, other) = (asked(&world, &office), asked(&world, &office));
    let kept = link(&world, &office, &other);
    let ended: Vec<String> = (0..99).map(|_| link(&world, &office, &precheck)).collect();

    let refused = ask_for_link(&world, &office, &precheck).problem(409, "conflict");

    assert!(refused["errors"][0]["detail"].as_str().unwrap().contains("after 72 hours"), "{refused}");
    let end = |by: &Office| by.ada.send(&world.registry, "DELETE", &format!("{precheck}/report-link"), &[], &Value::Null);
    end(&stranger).problem(404, "not_found");
    assert_eq!(end(&office).answered(200)["ended"], 99);
    assert_eq!(end(&office).answered(200)["ended"], 0);
    assert_eq!(open(&world, &ended[0]).status.as_u16(), 410);
    assert_eq!(open(&world, &kept).status.as_u16(), 200);
    assert_eq!(ask_for_link(&world, &office, &precheck).status.as_u16(), 201);
}

#[on_every_database(World::start)]
fn a_repeated_request_makes_no_second_link_and_shows_no_secret(world: World) {
    let office = Office::new(&world, Member, None);
    let precheck = asked(&world, &office);
    let path = format!("{precheck}/report-link");
    let ask = || office.ada.send(&world.registry, "POST", &path, &[("idempotency-key", "once")], &Value::Null).answered(201);

    let (first, again) = (ask(), ask());

    assert_eq!((&first["secret_already_shown"], &again["secret_already_shown"]), (&json!(false), &json!(true)));
    assert_eq!((&again["secret"], &again["expires_at"]), (&Value::Null, &first["expires_at"]));
    let end = office.ada.send(&world.registry, "DELETE", &path, &[], &Value::Null);
    assert_eq!(end.answered(200)["ended"], 1);
}

#[on_every_database(World::start)]
fn what_is_no_link_and_what_other_sites_send_opens_nothing(world: World) {
    let office = Office::new(&world, Member, None);
    let link = link(&world, &office, &asked(&world, &office));

    let (_, secret) = link.split_once('#').unwrap();
    assert!(page(&open(&world, "<b>hello"), 422).contains("no link to a report"));
    for (wrong, status) in [
        (secret.to_uppercase(), 422),
        (secret.replace("vp_", "ve_"), 422),
        (format!("vp_{}", "0".repeat(64)), 410),
        (format!("{secret}0"), 410),
    ] {
        assert_eq!(open(&world, &wrong).status.as_u16(), status, "{wrong}");
    }
    for site in ["cross-site", "same-site", "none"] {
        let sent = encoded(&[("link", link.as_str())]);
        let answer = world.registry.client.send("POST", "/report", &[FORM, ("sec-fetch-site", site)], &sent);
        page(&answer, 403);
    }

    // The link still works, because only the report itself uses it up.
    assert_eq!(open(&world, secret).status.as_u16(), 200);
}

#[on_every_database(World::start)]
fn its_organisation_learns_when_a_link_was_made_and_opened_and_nobody_else_does(world: World) {
    let office = Office::new(&world, Member, None);
    let precheck = asked(&world, &office);
    let link = link(&world, &office, &precheck);
    world.registry.advance(HOUR);
    assert_eq!(open(&world, &link).status.as_u16(), 200);

    let admin = world.registry.person_with(office.organisation, &[Role::Admin], &[Scope::Admin]);
    let lines = admin.read(&world.registry, "/v1/audit");
    let of = |action: &str| {
        let line = lines["items"].as_array().unwrap().iter().find(|line| line["action"] == action);
        line.unwrap_or_else(|| panic!("{action}: {lines}")).clone()
    };
    let (made, opened) = (of("precheck.report_link"), of("precheck.report_open"));
    let id = precheck.rsplit('/').next().unwrap();
    assert_eq!([&made["subject"], &opened["subject"]], [id, id]);
    assert_eq!((&made["actor"], &opened["actor"]), (&json!(office.ada.user), &Value::Null));
    assert_eq!(opened["details"]["link_of"], json!(office.ada.user));
    let (operator, _) = world.registry.two_admins();
    let seen = operator.read(&world.registry, "/v1/audit?organisation=all&limit=1000").to_string();
    assert!(seen.contains("private.change"), "{seen}");
    let (_, secret) = link.split_once('#').unwrap();
    for word in ["report_link", "report_open", id] {
        assert!(!seen.contains(word), "{word} is in {seen}");
    }
    assert!(!format!("{lines}{seen}").contains(secret));
}
