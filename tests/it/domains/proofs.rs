//! What proves a domain, and what follows from a proof.

use serde_json::json;
use vasp_registry::domains::take_up_domains;
use vasp_store::StoreError;
use vasp_words::ids::VaspId;

use super::{ALPHA, BETA, World};
use crate::support::{Answer, Person, Reply, Said, on_every_database};
use crate::write_races::at_once;

#[on_every_database(World::new)]
fn record_that_resolvers_agree_on_proves_the_domain_for_everybody(world: World) {
    let member = world.member("Alpha");
    let (name, text) = world.challenge(&member, ALPHA, true);
    assert_eq!(name, format!("_vasp-registry.{ALPHA}"));
    assert!(text.starts_with("vasp-registry-verification=") && world.owners(ALPHA).is_empty());

    world.internet.publish(&[(&name, &text), (&name, "v=spf1 -all")]);
    let answer = world.verify(&member, ALPHA);

    let proven = answer.json();
    assert_eq!((answer.status.as_u16(), answer.header("etag")), (200, "\"2\""), "{answer:?}");
    assert_eq!((&proven["state"], &proven["method"], &proven["dnssec"]), (&json!("proven"), &json!("dns_txt"), &json!("secure")));
    assert_eq!(proven["proven_at"], "2026-06-01T12:00:00Z");
    assert_eq!(proven["last_look"]["methods"][0]["resolvers"].as_array().unwrap().len(), 2);
    let shown = json!([{"domain": ALPHA, "status": "proven", "covers_subdomains": true, "platform": false}]);
    assert_eq!(world.seen(member.vasp()), shown);
    let own = [member.vasp().to_string()];
    assert_eq!((world.owners(ALPHA), world.owners(&format!("pay.{ALPHA}"))), (own.to_vec(), own.to_vec()));
    assert_eq!(world.registry.trigger_kinds(member.vasp()), ["key_rotation"]);
    let history = world.registry.client.get(&format!("/v1/vasps/{}/history", member.vasp())).json().to_string();
    assert!(history.contains(&format!("/domains/{ALPHA}")), "{history}");
    let record = world.registry.client.get(&format!("/v1/vasps/{}", member.vasp())).json();
    let evidence: Vec<_> = record["evidence"].as_array().unwrap().iter().filter(|e| e["method"] == "dns_txt").collect();
    assert_eq!(evidence.len(), 1, "{record}");
    assert_eq!(evidence[0]["attribute"], json!(format!("domains/{ALPHA}")));
    assert_eq!(evidence[0]["verified_at"], "2026-06-01T12:00:00Z");
    let source = evidence[0]["source"].as_str().unwrap();
    assert!(world.internet.resolvers.iter().all(|resolver| source.contains(&resolver.address.to_string())), "{source}");
}

#[on_every_database(World::new)]
fn file_proves_the_domain_without_hosts_below_it(world: World) {
    let member = world.member("Alpha");
    let (_, line) = world.challenge(&member, ALPHA, false);
    world.internet.web.set(&format!("{ALPHA}/.well-known/vasp-registry.txt"), Reply::Text(format!("# hello\r\n{line}\r\n")));

    let proven = world.verify(&member, ALPHA).json();

    assert_eq!(proven["state"], "proven");
    assert_eq!(proven["method"], "well_known_file");
    assert_eq!(proven["dnssec"], json!(null));
    assert_eq!(world.owners(ALPHA), [member.vasp().to_string()]);
    assert!(world.owners(&format!("pay.{ALPHA}")).is_empty());
}

#[on_every_database(World::new)]
fn proof_that_is_missing_or_not_agreed_on_is_refused_with_what_each_saw(world: World) {
    let member = world.member("Alpha");
    let (name, text) = world.challenge(&member, ALPHA, false);
    world.internet.resolvers[0].set(&world.internet.names(&[(&name, &text)]));

    let problem = world.verify(&member, ALPHA).problem(409, "conflict");

    let (record, file) = (&problem["errors"][0], &problem["errors"][1]);
    assert_eq!(record["pointer"], "/dns_txt");
    assert_eq!(record["code"], "not_proven");
    assert_eq!(file["pointer"], "/well_known_file");
    let said = record["detail"].as_str().unwrap();
    for (resolver, answer) in world.internet.resolvers.iter().zip(["texts", "nothing"]) {
        assert!(said.contains(&format!("{}: {answer}", resolver.address)), "{said}");
    }
    assert!(file["detail"].as_str().unwrap().contains("404"), "{file}");
    assert_eq!(world.seen(member.vasp()), json!([]));
    let own = world.own(&member, ALPHA);
    assert_eq!((&own["state"], &own["last_look"]["methods"][0]["code"]), (&json!("pending"), &json!("resolvers_disagree")));
}

#[on_every_database(World::new)]
fn what_a_draft_proves_shows_on_nothing_until_the_record_is_approved(world: World) {
    // Somebody asks to adopt a record that an import made: its proof must not touch that record.
    let listed = world.registry.record("Listed", &[("status", "", "listed")]);
    let member = world.drafting(listed);
    world.prove(&member, ALPHA, true);

    assert_eq!((world.seen(listed), world.owners(ALPHA)), (json!([]), vec![]));
    assert!(world.registry.triggers(listed).is_empty());
    assert_eq!(world.own(&member, ALPHA)["state"], "proven");

    world.registry.write(|transaction| {
        let number = transaction.conn().vasp_number(&listed.to_string())?.unwrap();
        transaction.give_vasp(member.organisation, listed)?;
        take_up_domains(transaction, listed, member.organisation, number).map_err(|_| StoreError::Stale { table: "facts" })
    });

    let shown = json!([{"domain": ALPHA, "status": "proven", "covers_subdomains": true, "platform": false}]);
    assert_eq!((world.seen(listed), world.owners(ALPHA)), (shown, vec![listed.to_string()]));
    let record = world.registry.client.get(&format!("/v1/vasps/{listed}")).json();
    assert!(record["evidence"].as_array().unwrap().iter().any(|e| e["method"] == "dns_txt"), "{record}");
}

#[on_every_database(World::new)]
fn listed_record_is_handed_in_only_by_who_controls_the_website_that_registers_name(world: World) {
    let facts = [("status", "", "listed"), ("country", "", "AT"), ("website", "", "https://www.alpha.example.com/x")];
    let listed = world.registry.record("Listed", &facts);
    let adopt = |member: &Person| {
        let headers = [("authorization", member.bearer.as_str()), ("content-type", "application/json")];
        world.registry.client.send("POST", &format!("/v1/vasps/{listed}/adopt"), &headers, "")
    };
    let submit = |member: &Person| {
        let headers = [("authorization", member.bearer.as_str()), ("if-match", "*")];
        world.registry.client.send("POST", "/v1/vasps/mine/draft/submit", &headers, "")
    };
    let assert_refused = |answer: Answer| {
        let problem = answer.json();
        assert_eq!((answer.status.as_u16(), &problem["code"]), (409, &json!("duplicate")), "{answer:?}");
        assert_eq!(problem["errors"][0]["code"], "domain_not_proven");
        assert_eq!(problem["candidates"][0]["vasp"], json!(listed));
    };
    let thief = world.member_without_record();
    assert_eq!(adopt(&thief).status.as_u16(), 201);
    world.prove(&thief, BETA, true);
    // Naming the own website in the draft does not help: the registers' counts.
    let headers = [("authorization", thief.bearer.as_str()), ("content-type", "application/json"), ("if-match", "*")];
    let website = json!({"website": format!("https://{BETA}")}).to_string();
    assert_eq!(world.registry.client.send("PATCH", "/v1/vasps/mine/draft", &headers, &website).status.as_u16(), 200);
    assert_refused(submit(&thief));

    // The draft of another blocks nobody, and what the other proved proves nothing for the owner.
    let owner = world.member_without_record();
    assert_eq!(adopt(&owner).status.as_u16(), 201);
    assert_eq!(world.ask(&owner.bearer, "GET", "", None).json()["items"], json!([]));
    world.ask(&owner.bearer, "GET", &format!("/{BETA}"), None).problem(404, "not_found");
    assert_refused(submit(&owner));
    world.prove(&owner, ALPHA, false);
    assert_eq!(submit(&owner).status.as_u16(), 200);
    assert_eq!(world.registry.trigger_kinds(listed), ["adoption"]);
}

#[on_every_database(World::new)]
fn of_two_members_that_meet_challenges_for_one_domain_at_once_one_gets_it(world: World) {
    let members = [world.member("Alpha"), world.member("Beta")];
    let texts = members.each_ref().map(|member| world.challenge(member, ALPHA, false));
    world.internet.publish(&texts.each_ref().map(|(name, text)| (name.as_str(), text.as_str())));

    let answers = at_once(2, |who| world.verify(&members[who], ALPHA));

    let won = answers.iter().position(|answer| answer.status == 200).unwrap_or_else(|| panic!("{answers:?}"));
    let (winner, loser) = (&members[won], &members[1 - won]);
    let problem = answers[1 - won].problem(409, "conflict");
    assert_eq!(problem["errors"][0]["code"], "domain_taken");
    let told = problem.to_string();
    assert!(!told.contains(&winner.vasp().to_string()) && !told.contains(&winner.organisation.to_string()), "{told}");
    assert_eq!(world.owners(ALPHA), [winner.vasp().to_string()]);
    assert_eq!(world.seen(loser.vasp()), json!([]));
    assert_eq!(world.registry.trigger_kinds(winner.vasp()), ["key_rotation", "dispute"]);

    // Asking again tells operators nothing new.
    world.registry.at(60);
    assert_eq!(world.verify(loser, ALPHA).problem(409, "conflict")["errors"][0]["code"], "domain_taken");
    assert_eq!(world.registry.triggers(winner.vasp()).len(), 2);
}

#[on_every_database(World::new)]
fn domain_goes_to_who_controls_it_now_once_the_other_has_lost_it(world: World) {
    let (old, new) = (world.member("Alpha"), world.member("Beta"));
    world.prove(&old, ALPHA, false);
    let (name, text) = world.challenge(&new, ALPHA, false);
    world.internet.publish(&[(&name, &text)]);
    assert_eq!(world.verify(&new, ALPHA).problem(409, "conflict")["errors"][0]["code"], "domain_taken");

    // The dispute has the old proof looked at again at once, and a week later it is lost.
    assert_eq!(world.recheck(), 1);
    assert_eq!(world.own(&old, ALPHA)["state"], "failing");
    world.registry.at(7 * 86_400);
    assert_eq!(world.recheck(), 1);
    assert_eq!(world.own(&old, ALPHA)["state"], "lost");

    assert_eq!(world.verify(&new, ALPHA).status.as_u16(), 200);
    assert_eq!(world.owners(ALPHA), [new.vasp().to_string()]);
}

/// Adds a record that holds a domain to be its own, by whatever origin.
fn holder(world: &World, domain: &str, said: &[Said<'_>]) -> VaspId {
    world.registry.record("Holder", &[said, &[("domain", domain, "proven")]].concat())
}

#[on_every_database(World::new)]
fn a_proof_that_is_looked_at_again_goes_on_whoever_else_is_said_to_own_the_domain(world: World) {
    let member = world.member("Alpha");
    world.prove(&member, ALPHA, false);
    holder(&world, ALPHA, &[("status", "", "verified")]);

    world.registry.at(2 * 86_400);
    assert_eq!(world.recheck(), 1);

    let renewed = world.own(&member, ALPHA);
    assert_eq!((&renewed["state"], &renewed["proven_at"]), (&json!("proven"), &json!("2026-06-03T12:00:00Z")));
    world.registry.at(2 * 86_400 + 3_600);
    assert_eq!(world.recheck(), 0, "it is settled for a day");
}

#[on_every_database(World::new)]
fn records_that_were_merged_own_a_domain_as_one(world: World) {
    let (member, stayed, other) =
        (world.member("Alpha"), world.registry.record("Beta", &[("status", "", "verified")]), world.member("Gamma"));
    holder(&world, ALPHA, &[("status", "", "retired"), ("merged_into", "", &member.vasp().to_string())]);
    holder(&world, BETA, &[("status", "", "retired"), ("merged_into", "", &stayed.to_string())]);

    world.prove(&member, ALPHA, false);

    assert_eq!(world.owners(ALPHA), [member.vasp().to_string()]);
    let (name, text) = world.challenge(&other, BETA, false);
    world.internet.publish(&[(&name, &text)]);
    assert_eq!(world.verify(&other, BETA).problem(409, "conflict")["errors"][0]["code"], "domain_taken");
    assert_eq!(world.registry.trigger_kinds(stayed), ["dispute"], "the record that stayed is the one to ask");
}

#[on_every_database(World::new)]
fn each_domain_is_proven_by_itself_and_listed_in_order(world: World) {
    let member = world.member("Alpha");
    world.challenge(&member, BETA, false);
    world.challenge(&member, ALPHA, false);

    let list = world.ask(&member.bearer, "GET", "", None).json();

    let names: Vec<_> = list["items"].as_array().unwrap().iter().map(|item| item["domain"].as_str().unwrap()).collect();
    assert_eq!((names, &list["next_cursor"]), (vec![ALPHA, BETA], &json!(null)));
}
