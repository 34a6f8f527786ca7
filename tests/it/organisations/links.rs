//! Whoever invites never holds the link, and two people whose links one person held are one.
//!
//! Source: docs/organisations.md, "First users" and "Two people".

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_words::ids::OrganisationId;

use super::users_of;
use crate::sign_in::world::{PASSWORD, begun, token};
use crate::support::{Answer, Database, Inbox, Person, Registry, approval, on_every_database, step};

const OWN_USERS: &str = "/v1/users";

fn person(name: &str, roles: &[&str]) -> Value {
    json!({"name": name, "email": format!("{}@alpha.example", name.to_lowercase()), "roles": roles})
}

/// Approves that a link is handed out.
fn hand_out(registry: &Registry, who: &Person, invited: &Value) -> Answer {
    who.approve(registry, &invited["user"]["enrolment"])
}

/// Redeems a link, as its person does.
fn redeem(registry: &Registry, secret: &Value, home: OrganisationId) -> Person {
    let begun = begun(&registry.redeem(secret.as_str().unwrap(), PASSWORD));
    let user = begun["user"]["id"].as_str().unwrap().parse().unwrap();
    Person { organisation: home, vasp: None, user, key_id: String::new(), bearer: format!("Bearer {}", token(&begun)) }
}

/// Has one admin invite a person and another hand the link out.
#[track_caller]
fn enrolled(registry: &Registry, (inviter, holder): (&Person, &Person), name: &str, home: OrganisationId) -> Person {
    let users = if inviter.organisation == home { OWN_USERS.to_owned() } else { users_of(&home) };
    let invited = inviter.done(registry, &users, &person(name, &["admin"]));
    let handed = hand_out(registry, holder, &invited).with(200);
    redeem(registry, &handed.json()["secret"], home)
}

/// Has a person propose the role of compliance for a new one; returns the role, with its proposal.
#[track_caller]
fn proposed(registry: &Registry, who: &Person, name: &str) -> Value {
    let held = who.done(registry, OWN_USERS, &person(name, &["compliance"]))["user"]["roles"][0].clone();
    assert_eq!(held["state"], "pending", "compliance takes two people: {held}");
    held
}

/// A member with two admins of the command line's.
fn two(registry: &Registry) -> (OrganisationId, Person, Person) {
    let home = registry.home(OrganisationKind::Member, None);
    let admin = || registry.person_with(home, &[Role::Admin], &[Scope::Admin]);
    (home, admin(), admin())
}

#[on_every_database(Registry::start)]
fn an_inviter_never_gets_the_link_and_a_second_admin_hands_it_out_once(registry: Registry) {
    let (home, first, second) = two(&registry);

    let invited = first.done(&registry, OWN_USERS, &person("Ada", &["editor"]));
    assert_eq!((&invited["secret"], &invited["mailed"]), (&Value::Null, &json!(false)));
    let waiting = &invited["user"]["enrolment"];
    assert_eq!(waiting["state"], "pending");
    hand_out(&registry, &first, &invited).problem(409, "same_person");
    let own = format!("{OWN_USERS}/{}", invited["user"]["id"].as_str().unwrap());
    assert_eq!(second.read(&registry, &own)["enrolment"], *waiting);
    let once = [("idempotency-key", "\"once\"")];
    let (path, approval) = (step(waiting, "approve"), approval(waiting));
    let [handed, again] = [(); 2].map(|()| second.send(&registry, "POST", &path, &once, &approval).json());

    assert_eq!((&again["secret"], &again["secret_already_shown"]), (&Value::Null, &json!(true)));
    assert_eq!((&handed["id"], &handed["state"]), (&waiting["id"], &json!("approved")));
    assert_eq!(second.read(&registry, &own)["enrolment"], Value::Null);
    let ada = redeem(&registry, &handed["secret"], home);
    assert_eq!(ada.read(&registry, "/v1/session")["roles"], json!(["editor"]));
    hand_out(&registry, &second, &invited).problem(409, "illegal_step");
    let operator = registry.two_admins().0;
    let told = operator.read(&registry, "/v1/audit?organisation=all&action=enrolment.approve");
    let details = &told["items"][0]["details"];
    assert_eq!((&details["proposal_digest"], &details["proposed_by"]), (&waiting["digest"], &json!(first.user)));
}

#[on_every_database(Registry::start)]
fn a_further_link_waits_for_the_second_admin_again_and_the_first_works_no_more(registry: Registry) {
    let (_, first, second) = two(&registry);
    let invited = first.done(&registry, OWN_USERS, &person("Ada", &["editor"]));
    let lost = hand_out(&registry, &second, &invited).json()["secret"].clone();
    let again = format!("{OWN_USERS}/{}/invite", invited["user"]["id"].as_str().unwrap());

    second.post(&registry, &again, &Value::Null).problem(403, "forbidden");
    let invited = first.done(&registry, &again, &Value::Null);

    registry.redeem(lost.as_str().unwrap(), PASSWORD).problem(401, "unauthenticated");
    hand_out(&registry, &first, &invited).problem(409, "same_person");
    second.done(&registry, &step(&invited["user"]["enrolment"], "decline"), &json!({"reason": "nobody of ours"}));
    hand_out(&registry, &second, &invited).problem(409, "illegal_step");
}

/// The attack: an inviter with two puppets proposed as one and approved as the other.
#[on_every_database(Registry::start)]
fn two_people_whose_links_one_admin_held_do_not_decide_together(registry: Registry) {
    let (home, first, second) = two(&registry);
    let [one, other] = ["One", "Other"].map(|name| enrolled(&registry, (&first, &second), name, home));
    let honest = enrolled(&registry, (&second, &first), "Honest", home);

    let grant = proposed(&registry, &one, "Puppet");
    for who in [&one, &other, &first, &second] {
        who.approve(&registry, &grant).problem(409, "same_person");
    }
    let further = enrolled(&registry, (&honest, &other), "Further", home);
    further.approve(&registry, &grant).problem(409, "same_person");
    let decided = honest.approve(&registry, &grant).answered(200);
    assert_eq!((&decided["state"], &decided["founders"]), (&json!("approved"), &json!(false)));
}

#[on_every_database(Registry::start)]
fn the_founders_of_an_organisation_decide_together_and_it_is_told_and_the_third_is_tied(registry: Registry) {
    let (inviter, holder) = registry.two_admins();
    let made = inviter.done(&registry, "/v1/organisations", &json!({"name": "Alpha", "kind": "member"}));
    let home: OrganisationId = made["id"].as_str().unwrap().parse().unwrap();
    let [one, two, three] = ["One", "Two", "Three"].map(|name| enrolled(&registry, (&inviter, &holder), name, home));
    let founders = [&one, &two, &three].map(|who| one.read(&registry, &format!("{OWN_USERS}/{}", who.user))["founder"].clone());
    assert_eq!(founders, [true, true, false]);

    let grant = proposed(&registry, &one, "Desk");
    three.approve(&registry, &grant).problem(409, "same_person");
    let decided = two.approve(&registry, &grant).answered(200);

    assert_eq!(decided["founders"], true);
    let told = inviter.read(&registry, "/v1/audit?organisation=all&action=role_grant.approve");
    assert_eq!(told["items"][0]["details"]["founders"], true);
    let invitations = inviter.read(&registry, "/v1/audit?organisation=all&action=user.invite");
    let told: Vec<_> = invitations["items"].as_array().unwrap().iter().map(|line| &line["details"]["founder"]).collect();
    assert!(told.contains(&&json!(true)) && told.contains(&&json!(false)), "{told:?}");
}

#[on_every_database(Registry::start)]
fn the_next_link_of_a_lone_admin_goes_to_an_operator(registry: Registry) {
    let (operator, _) = registry.two_admins();
    let home = registry.home(OrganisationKind::Member, None);
    let lone = registry.person_with(home, &[Role::Admin], &[Scope::Admin]);
    let invited = lone.done(&registry, OWN_USERS, &person("Ada", &["editor"]));
    hand_out(&registry, &lone, &invited).problem(409, "same_person");
    let stranger = registry.person_of(OrganisationKind::Member, None, &[Role::Admin], &[Scope::Admin]);
    hand_out(&registry, &stranger, &invited).problem(404, "not_found");

    let handed = hand_out(&registry, &operator, &invited).json();

    redeem(&registry, &handed["secret"], home);
    let own = lone.read(&registry, "/v1/audit");
    assert!(own["items"].as_array().unwrap().iter().any(|line| line["action"] == "enrolment.approve"), "{own}");
}

/// Before, operators saw nowhere who is about to get in.
#[on_every_database(Registry::start)]
fn operators_see_the_links_that_wait_and_never_a_secret(registry: Registry) {
    let (home, first, second) = two(&registry);
    let operator = registry.two_admins().0;
    let links = || operator.read(&registry, "/v1/links")["items"].clone();
    assert_eq!(links(), json!([]));

    let ada = first.done(&registry, OWN_USERS, &person("Ada", &["editor"]));
    let (waiting, id) = (links(), ada["user"]["id"].clone());
    assert_eq!(
        waiting,
        json!([{"user": id, "name": "Ada", "email": "ada@alpha.example", "organisation": home, "way": "second_admin",
                "asked_by": first.user, "held_by": null, "expires_at": null}])
    );
    let handed = hand_out(&registry, &second, &ada).json();
    let out = links();
    assert_eq!((&out[0]["held_by"], &out[0]["asked_by"]), (&json!(second.user), &json!(first.user)));
    assert_eq!(out[0]["expires_at"], handed["link_expires_at"]);
    let invited = registry.invite(OrganisationKind::Gateway, &[]);
    let listed = links();
    let other = listed.as_array().unwrap().iter().find(|link| link["user"] == json!(invited.user)).unwrap();
    assert_eq!((&other["way"], &other["asked_by"]), (&json!("command_line"), &Value::Null));
    assert!(!listed.to_string().contains("ve_"), "{listed}");
    let page = operator.read(&registry, "/v1/links?limit=1");
    assert_eq!((page["items"].as_array().unwrap().len(), page["next_cursor"].is_string()), (1, true));

    redeem(&registry, &handed["secret"], home);
    assert_eq!(links().as_array().unwrap().len(), 1, "a link that was redeemed waits no more");
    registry.advance(72 * 3_600);
    let later = operator.get(&registry, "/v1/links");
    assert_eq!(later.json()["items"], json!([]), "one that is over neither");
}

/// The secret in a mail, whose lines may be cut (RFC 2045, section 6.7).
fn secret_in(mail: &str) -> Value {
    let text = mail.replace("=\n", "");
    let link = text.split_whitespace().find(|word| word.contains("#ve_")).unwrap_or_else(|| panic!("{text}"));
    json!(link.split_once('#').unwrap().1)
}

#[on_every_database]
fn a_link_goes_by_mail_to_the_invited_address_and_nobody_holds_it(database: Database) {
    let inbox = Inbox::start();
    let registry = Registry::start_calling(database, Some(inbox.outbound()), |_| ());
    let (home, first, second) = two(&registry);

    let answer = first.post(&registry, OWN_USERS, &person("Ada", &["admin"])).with(201);
    let invited = answer.json();
    assert!(!answer.text.contains("ve_"), "{answer:?}");
    assert_eq!((&invited["mailed"], &invited["user"]["enrolment"]), (&json!(true), &Value::Null));
    let mails = inbox.mails();
    assert_eq!(mails.len(), 1);
    let waiting = registry.two_admins().0.read(&registry, "/v1/links")["items"][0].clone();
    assert_eq!((&waiting["way"], &waiting["asked_by"], &waiting["held_by"]), (&json!("mail"), &json!(first.user), &Value::Null));
    assert!(mails[0].contains("To: ada@alpha.example") && mails[0].contains("From: \"The registry\""), "{}", mails[0]);
    let ada = redeem(&registry, &secret_in(&mails[0]), home);
    let bert = first.done(&registry, OWN_USERS, &person("Bert", &["admin"]));
    let bert = redeem(&registry, &secret_in(&inbox.mails()[1]), bert["user"]["organisation"].as_str().unwrap().parse().unwrap());

    // Nobody held either link: they are two people. Their inviter is neither.
    let grant = proposed(&registry, &ada, "Desk");
    first.approve(&registry, &grant).problem(409, "same_person");
    bert.approve(&registry, &grant).with(200);
    second.approve(&registry, &grant).problem(409, "illegal_step");
}

#[test]
fn a_mail_server_that_takes_nothing_leaves_an_invitation_to_be_sent_again() {
    let inbox = Inbox::start();
    let registry = Registry::start_calling(Database::sqlite(), Some(inbox.outbound()), |_| ());
    let (home, first, _) = two(&registry);
    inbox.fill(true);

    let refused = first.post(&registry, OWN_USERS, &person("Ada", &["editor"]));
    refused.problem(503, "mail_unavailable");
    assert_eq!(refused.header("retry-after"), "30");
    inbox.fill(false);
    let users = first.read(&registry, OWN_USERS);
    let ada = users["items"].as_array().unwrap().iter().find(|user| user["state"] == "invited").unwrap();
    first.done(&registry, &format!("{OWN_USERS}/{}/invite", ada["id"].as_str().unwrap()), &Value::Null);

    redeem(&registry, &secret_in(&inbox.mails()[0]), home);
}

/// Before, the database was blamed after 5 s.
#[test]
fn a_mail_server_that_says_nothing_is_named() {
    let registry = Registry::start_calling(Database::sqlite(), Some(Inbox::silent().outbound()), |_| ());
    let (_, first, _) = two(&registry);

    let refused = first.post(&registry, OWN_USERS, &person("Ada", &["editor"]));

    refused.problem(503, "mail_unavailable");
}
