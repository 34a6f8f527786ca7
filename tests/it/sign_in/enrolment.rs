//! Links: used once, by whoever holds them, for three days.

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_log::audit::AuditOutcome;
use vasp_record::role::{OrganisationKind, Role};
use vasp_registry::node::ServiceError;

use super::world::{OTHER_PASSWORD, PASSWORD, begun, token};
use crate::support::{Client, Database, Deployment, Registry, Server, on_every_database};
use crate::write_races::at_once;

#[on_every_database(Registry::start)]
fn an_invited_member_sets_a_password_and_is_signed_in(registry: Registry) {
    let invited = registry.invite(OrganisationKind::Member, &[Role::Editor]);
    let before = registry.client.post("/v1/session", &json!({"email": invited.email, "password": PASSWORD}));
    before.problem(401, "unauthenticated");

    let begun = begun(&registry.redeem(&invited.link, PASSWORD));

    assert!(token(&begun).starts_with("vs_"), "{begun}");
    assert_eq!(begun["user"]["id"], invited.user.to_string());
    assert_eq!((&begun["roles"], &begun["missing_second_factor"]), (&json!(["editor"]), &Value::Null));
    assert_eq!(begun["scopes"], json!(["resolve", "precheck", "member", "compliance", "admin"]));
    assert_eq!(begun["expires_at"], "2026-06-02T00:00:00Z");
    let who = registry.send(&token(&begun), "GET", "/v1/session", &Value::Null).json();
    assert_eq!((&who["id"], &who["organisation"]["kind"], &who["secret"]), (&begun["id"], &json!("member"), &Value::Null));
    registry.redeem(&invited.link, OTHER_PASSWORD).problem(401, "unauthenticated");
    let outcomes: Vec<_> = registry.audited("user.enrol").iter().map(|row| row.outcome).collect();
    assert_eq!(outcomes, [AuditOutcome::Done, AuditOutcome::Refused]);
}

#[on_every_database(Registry::start)]
fn a_link_is_over_after_three_days_and_replaced_by_the_next(registry: Registry) {
    let first = registry.invite(OrganisationKind::Member, &[]);
    let second = vasp_registry::organisations::reset_user(
        &registry.registry,
        first.user,
        registry.clock.now(),
        &mut registry.random.fork(),
    );
    let second = second.unwrap().link;

    registry.redeem(&first.link, PASSWORD).problem(401, "unauthenticated");
    registry.advance(72 * 3_600);
    registry.redeem(&second.secret, PASSWORD).problem(401, "unauthenticated");
    registry.advance(-1);
    begun(&registry.redeem(&second.secret, PASSWORD));
}

#[test]
fn a_password_that_cannot_be_chosen_leaves_the_link_as_it_is() {
    let registry = Registry::start(Database::sqlite());
    let member = registry.invite(OrganisationKind::Member, &[]);
    let operator = registry.invite(OrganisationKind::Operator, &[]);

    for (link, password, code) in [
        (&member.link, "fourteen chars", "too_short"),
        (&operator.link, "elevenchars", "too_short"),
        (&member.link, "anna schmidt 2026", "guessable"),
        (&member.link, "password password password", "guessable"),
        (&operator.link, "correct horse", "guessable"),
        (&member.link, &"ä7ö. ".repeat(26), "too_long"),
    ] {
        let problem = registry.redeem(link, password).problem(422, "invalid_request");
        assert_eq!((&problem["errors"][0]["code"], &problem["errors"][0]["pointer"]), (&json!(code), &json!("/password")));
    }

    begun(&registry.redeem(&member.link, "zQ4 mfw8 hLs0 x"));
    begun(&registry.redeem(&operator.link, "zQ4 mfw8 hLs"));
}

#[on_every_database(Registry::start)]
fn of_two_who_redeem_one_link_at_once_one_gets_in(registry: Registry) {
    let invited = registry.invite(OrganisationKind::Member, &[]);

    let mut statuses = at_once(4, |_| {
        Client::new(registry.address)
            .post("/v1/enrolment", &json!({"secret": invited.link, "password": PASSWORD}))
            .status
            .as_u16()
    });

    statuses.sort_unstable();
    assert_eq!(statuses, [201, 401, 401, 401]);
}

#[test]
fn nobody_gets_a_link_for_somebody_who_signs_in_already() {
    let registry = Registry::start(Database::sqlite());
    let person = registry.member();

    let invited = registry.registry.store().write(registry.clock.now(), &mut registry.random.fork(), |transaction| {
        let user = transaction.conn().user(person.user)?.unwrap();
        vasp_registry::sign_in::enrolment::invite(transaction, &user)
    });

    assert!(matches!(invited, Err(ServiceError::Conflict(fault)) if fault.code == "enrolled"));
}

#[on_every_database(Registry::start)]
fn resetting_a_user_ends_all_by_which_it_signed_in(registry: Registry) {
    let person = registry.operator(&[Role::Admin]);
    registry.advance(60);

    let reset = vasp_registry::organisations::reset_user(
        &registry.registry,
        person.user,
        registry.clock.now(),
        &mut registry.random.fork(),
    )
    .unwrap();

    assert_eq!(registry.who(&person.token), 401);
    registry.sign_in(&person, PASSWORD, Some(("totp", &registry.code(&person)))).problem(401, "unauthenticated");
    registry.sign_in(&person, PASSWORD, Some(("recovery_code", &person.recovery_codes[0]))).problem(401, "unauthenticated");
    let begun = begun(&registry.redeem(&reset.link.secret, OTHER_PASSWORD));
    assert_eq!(begun["missing_second_factor"], "enrolment", "{begun}");
}

#[test]
fn command_line_prints_links_for_the_first_operators() {
    let deployment = Deployment::new(Database::sqlite());
    let said = |arguments: &[&str]| {
        let output = deployment.command(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let organisation = said(&["organisation", "create", "--name", "Operator", "--kind", "operator"]);
    let invite = ["--name", "Anna", "--email", "Anna@Example.org", "--role", "admin", "--invite"];
    let made = said(&[&["user", "create", "--organisation", organisation.trim()], &invite[..]].concat());
    let [user, link] = made.lines().collect::<Vec<_>>()[..] else { panic!("{made}") };
    let (page, secret) = link.split_once('#').unwrap();
    assert_eq!(page, "http://127.0.0.1:8080/enrol");
    let key = ["api-key", "create", "--user", user, "--scope", "operator"];
    let early = deployment.command(&key).output().unwrap();
    assert_eq!((early.status.code(), early.stdout.len()), (Some(2), 0), "no key of who has not enrolled yet");
    assert!(String::from_utf8_lossy(&early.stderr).contains("the user is invited"), "{early:?}");

    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    let begun = begun(&client.post("/v1/enrolment", &json!({"secret": secret, "password": PASSWORD})));
    assert_eq!((&begun["user"]["email"], &begun["organisation"]["kind"]), (&json!("anna@example.org"), &json!("operator")));

    let reset = said(&["user", "reset", "--user", user, "--public-url", "https://registry.example.org/"]);

    let secret = reset.trim().strip_prefix("https://registry.example.org/enrol#").unwrap();
    assert_eq!(secret.len(), "ve_".len() + 64);
    // The server follows the database by itself; a link is read from the database in any case.
    assert_eq!(client.post("/v1/enrolment", &json!({"secret": secret, "password": OTHER_PASSWORD})).status.as_u16(), 201);
    assert_eq!(server.stop("TERM").0, Some(0));
}
