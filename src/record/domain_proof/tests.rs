//! Tests of the challenge: what proves a domain, and similar texts that do not.

use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::super::dns_answer::TxtAnswer;
use super::*;

fn challenge() -> Challenge {
    let now = "2026-06-01T12:00:00Z".parse().unwrap();
    Challenge::draw("vasp.example.com".parse().unwrap(), now, &mut ChaCha20Rng::seed_from_u64(1))
}

fn answers(texts: &[&str]) -> Vec<ResolverAnswer> {
    let texts: std::collections::BTreeSet<_> = texts.iter().map(|text| (*text).to_owned()).collect();
    let answer = TxtAnswer::Texts { texts, dnssec: DnssecStatus::Secure };
    ["192.0.2.1:53", "192.0.2.2:53"]
        .map(|resolver| ResolverAnswer { resolver: resolver.to_owned(), answer: answer.clone() })
        .into()
}

fn same(answer: &TxtAnswer) -> Vec<ResolverAnswer> {
    vec![ResolverAnswer { resolver: "192.0.2.1:53".to_owned(), answer: answer.clone() }; 2]
}

#[test]
fn challenge_says_what_to_publish_and_until_when() {
    let challenge = challenge();
    let token = challenge.token.as_str();

    assert_eq!(token.len(), 32);
    assert_eq!(challenge.txt_name(), "_vasp-registry.vasp.example.com");
    assert_eq!(challenge.text(), format!("vasp-registry-verification={token}"));
    assert_eq!(challenge.file_url(), "https://vasp.example.com/.well-known/vasp-registry.txt");
    assert_eq!(challenge.expires_at.to_string(), "2026-06-15T12:00:00Z");
}

#[test]
fn tokens_read_back_and_nothing_else_is_one() {
    let token = challenge().token;

    assert_eq!(token.as_str().parse(), Ok(token.clone()));
    // Source: RFC 4648, section 6: `0`, `1`, `8` and `9` are not in the alphabet.
    let upper = token.as_str().to_uppercase();
    for text in ["", "abc", &upper, &format!("{token}a"), &"0".repeat(32), &format!("{token} ")] {
        assert_eq!(text.parse::<ProofToken>(), Err(ProofTokenError), "{text}");
    }
}

#[test]
fn record_with_the_token_proves_whatever_else_stands_there() {
    let challenge = challenge();
    let text = challenge.text();
    let other = ProofToken::draw(&mut ChaCha20Rng::seed_from_u64(2));

    assert_eq!(challenge.judge_txt(&answers(&[&text])), Ok(DnssecStatus::Secure));
    assert_eq!(
        challenge.judge_txt(&answers(&["v=spf1 -all", &format!(" {text} "), &format!("{KEY}={other}")])),
        Ok(DnssecStatus::Secure)
    );
}

#[test]
fn record_that_does_not_prove_says_why() {
    let challenge = challenge();
    let other = format!("{KEY}={}", ProofToken::draw(&mut ChaCha20Rng::seed_from_u64(2)));
    let longer = format!("{}a", challenge.text());

    for (answers, fault) in [
        (answers(&["v=spf1 -all"]), TxtFault::NotOurs),
        (answers(&[challenge.token.as_str()]), TxtFault::NotOurs),
        (answers(&[&format!("x{}", challenge.text())]), TxtFault::NotOurs),
        (answers(&[&other]), TxtFault::OtherToken),
        (answers(&[&longer]), TxtFault::OtherToken),
        (same(&TxtAnswer::Nothing), TxtFault::Missing),
        (same(&TxtAnswer::Bogus), TxtFault::Bogus),
        (same(&TxtAnswer::Failed), TxtFault::Failed),
        (same(&TxtAnswer::Silent), TxtFault::Unreachable),
        ([&answers(&[&challenge.text()])[..1], &same(&TxtAnswer::Nothing)[..1]].concat(), TxtFault::Disagree),
    ] {
        assert_eq!(challenge.judge_txt(&answers), Err(fault));
    }
}

fn judge(body: &[u8], content_type: Option<&str>, status: u16, host: &str) -> Result<(), FileFault> {
    challenge().judge_file(&PublishedFile { host: &host.parse().unwrap(), status, content_type, body })
}

#[test]
fn file_with_the_line_proves_whatever_the_system_it_was_written_on() {
    let line = challenge().text();
    for body in [
        line.clone(),
        format!("{line}\n"),
        format!("\u{feff}{line}\r\n"),
        format!("# our registry\r\n\r\n  {line}  \r\nhello\r\n"),
        format!("{KEY}={}\n{line}", "a".repeat(32)),
    ] {
        assert_eq!(judge(body.as_bytes(), Some("text/plain"), 200, "vasp.example.com"), Ok(()), "{body:?}");
    }
    for kind in ["text/plain; charset=utf-8", "TEXT/PLAIN;Charset=\"UTF-8\"", "text/plain; charset=us-ascii; x=y"] {
        assert_eq!(judge(line.as_bytes(), Some(kind), 200, "vasp.example.com"), Ok(()), "{kind}");
    }
}

#[test]
fn file_that_does_not_prove_says_why() {
    let line = challenge().text();
    let text = Some("text/plain");
    let host = "vasp.example.com";
    let commented = format!("# {line}");
    let other = format!("{KEY}={}", "a".repeat(32));
    for (body, kind, status, fault) in [
        (line.as_bytes(), text, 404, FileFault::Status(404)),
        (line.as_bytes(), text, 206, FileFault::Status(206)),
        (line.as_bytes(), Some("text/html"), 200, FileFault::WrongType),
        (line.as_bytes(), Some("text/plain; charset=utf-16"), 200, FileFault::WrongType),
        (line.as_bytes(), None, 200, FileFault::WrongType),
        (b"\xff\xfe", text, 200, FileFault::WrongType),
        (b"", text, 200, FileFault::Missing),
        (commented.as_bytes(), text, 200, FileFault::Missing),
        (other.as_bytes(), text, 200, FileFault::OtherToken),
    ] {
        assert_eq!(judge(body, kind, status, host), Err(fault));
    }
}

#[test]
fn redirects_count_only_in_the_line_of_the_domain() {
    let line = challenge().text();
    let judged = |host| judge(line.as_bytes(), Some("text/plain"), 200, host);

    for host in ["vasp.example.com", "example.com", "www.vasp.example.com"] {
        assert_eq!(judged(host), Ok(()), "{host}");
    }
    for host in ["www.example.com", "example.org", "vasp.example.com.au", "notvasp.example.com"] {
        assert_eq!(judged(host), Err(FileFault::RedirectedElsewhere(host.parse().unwrap())), "{host}");
    }
}

#[test]
fn what_lies_below_a_platforms_host_cannot_be_proven_and_the_host_is_the_platforms() {
    let platforms = PlatformHosts::from_json(
        r#"{"version": "1", "generated_on": "2026-01-01", "hosts":
            [{"host": "shared.com", "covers_subdomains": true, "platform": "a platform", "source": "s"}]}"#,
    );
    let check = |host: &str| check_provable(&host.parse().unwrap(), platforms.as_ref().unwrap());

    // The platform proves its host for the paths that it delegates; the proof has no other effect.
    assert_eq!((check("example.com"), check("shared.com")), (Ok(()), Ok(())));
    for host in ["www.shared.com", "a.b.shared.com"] {
        assert!(check(host).unwrap_err().to_string().contains("a platform"), "{host}");
    }
}

#[test]
fn only_what_says_nothing_of_the_domain_is_ours() {
    assert!(TxtFault::Unreachable.is_ours() && !TxtFault::Failed.is_ours() && !TxtFault::Bogus.is_ours());
    assert!(FileFault::NotFetched { why: "x".to_owned(), is_ours: true }.is_ours());
    assert!(!FileFault::NotFetched { why: "x".to_owned(), is_ours: false }.is_ours() && !FileFault::Missing.is_ours());
    for method in ProofMethod::ALL {
        assert_eq!(ProofMethod::from_text(method.as_str()), Some(method));
    }
    assert_eq!(ProofMethod::from_text("DNS_TXT"), None);
}

proptest! {
    #[test]
    fn no_text_without_the_token_proves(body in prop::collection::vec(any::<u8>(), 0..200), text in "(vasp-registry-verification=)?[a-z2-7\n#= ]{0,60}") {
        let challenge = challenge();
        for body in [&body[..], text.as_bytes()] {
            prop_assert!(judge(body, Some("text/plain"), 200, "vasp.example.com").is_err());
            let _ = judge(body, std::str::from_utf8(body).ok(), 200, "vasp.example.com");
        }
        prop_assert!(challenge.judge_txt(&answers(&[&text])).is_err());
    }

    #[test]
    fn our_line_proves_among_any_others(before in "[^\u{feff}]\\PC{0,40}", after in "\\PC*", line_end in prop_oneof![Just("\n"), Just("\r\n")]) {
        let body = format!("{before}{line_end}{}{line_end}{after}", challenge().text());
        prop_assert_eq!(judge(body.as_bytes(), Some("text/plain"), 200, "vasp.example.com"), Ok(()));
    }

    #[test]
    fn drawn_tokens_read_back(seed: u64) {
        let token = ProofToken::draw(&mut ChaCha20Rng::seed_from_u64(seed));
        prop_assert_eq!(token.as_str().parse::<ProofToken>(), Ok(token));
    }
}
