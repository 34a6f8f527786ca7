//! The six answers of `init`: from options, and from the terminal for those that are not given.

use std::error::Error;
use std::io::{IsTerminal, Write, stdin};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use super::reach::{Reach, certified, read_url, read_way};
use crate::config::{TlsOptions, listen_address};
use crate::node::ServiceError;
use crate::organisations::written::{plain_email, plain_name};
use vasp_rules::policy::Policy;
use vasp_words::lei::Lei;

/// Why one person is not enough.
const TWO: &str = "decisions that give trust need a second person";

/// Answers that are given as options.
#[derive(Debug, clap::Args)]
pub(super) struct Given {
    /// 1. The name of your organisation
    #[arg(long, env = "VASP_REGISTRY_NAME")]
    name: Option<String>,
    /// 2. The LEI of your own VASP, or `none`
    #[arg(long, env = "VASP_REGISTRY_LEI")]
    lei: Option<String>,
    /// 3. The first two people, each as "Anna Schmidt <anna@example.org>"; give it twice
    #[arg(long = "person", value_name = "NAME <MAIL>", env = "VASP_REGISTRY_PERSON", value_delimiter = ',')]
    people: Vec<Person>,
    /// 4. The policy: `default`, or a file with your own
    #[arg(long, env = "VASP_REGISTRY_POLICY")]
    policy: Option<String>,
    /// 5. The data to load: `seed`, the registers, labels and lists that come with the program, or `none`
    #[arg(long, env = "VASP_REGISTRY_LISTS")]
    lists: Option<Lists>,
    /// 6. The URL at which a proxy in front answers, or `none` for this machine alone; or give --tls-certificate, --tls-key and --public-url
    #[arg(long, value_name = "URL|none", env = "VASP_REGISTRY_PROXY", conflicts_with = "tls_certificate")]
    proxy: Option<String>,
    #[command(flatten)]
    tls: TlsOptions,
    /// With a certificate: the URL at which people reach the server
    #[arg(long, value_name = "URL", env = "VASP_REGISTRY_PUBLIC_URL")]
    public_url: Option<String>,
    /// The address and port on which the server will listen [default: 127.0.0.1:8080; with a certificate, the port of --public-url]
    #[arg(long, env = "VASP_REGISTRY_LISTEN", value_parser = listen_address)]
    listen: Option<SocketAddr>,
}

/// A person to invite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Person {
    pub name: String,
    pub email: String,
}

impl FromStr for Person {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("`{text}` is no person: write a name and an e-mail address, such as Anna Schmidt <anna@example.org>");
        let (name, email) = text.trim().strip_suffix('>').and_then(|text| text.split_once('<')).ok_or_else(wrong)?;
        if name.trim().is_empty() {
            return Err(wrong());
        }
        let email = plain_email(email).map_err(|error| format!("`{email}`, of {}: {}", name.trim(), why(&error)))?;
        Ok(Self { name: plain_name(name).map_err(|error| format!("`{name}`: {}", why(&error)))?, email })
    }
}

/// Returns what is wrong with a word, without its place in a request.
fn why(error: &ServiceError) -> String {
    error.fault().map_or_else(|| error.to_string(), |fault| fault.detail.clone())
}

/// The data to load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lists {
    Seed,
    None,
}

impl FromStr for Lists {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "seed" => Ok(Self::Seed),
            "none" => Ok(Self::None),
            other => Err(format!("`{other}` is neither `seed` nor `none`; newer files come later, by `sources fetch`")),
        }
    }
}

/// All answers.
#[derive(Debug)]
pub(super) struct Answers {
    pub name: String,
    /// `None` if the firm is in no register yet.
    pub lei: Option<Lei>,
    pub people: [Person; 2],
    /// A file and what it holds; `None` for the policy that is compiled in.
    pub policy: Option<(PathBuf, Policy)>,
    pub lists: Lists,
    pub reach: Reach,
}

/// Asks one question on the terminal, until the answer is understood. An empty line means the answer in brackets.
fn asked<T>(
    question: &str,
    option: &str,
    otherwise: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<T, Box<dyn Error>> {
    if !stdin().is_terminal() {
        return Err(format!("--{option} is missing, and there is no terminal to ask on: {question}").into());
    }
    loop {
        let mut err = std::io::stderr();
        write!(err, "{question}{}: ", if otherwise.is_empty() { String::new() } else { format!(" [{otherwise}]") })?;
        err.flush()?;
        let mut line = String::new();
        if stdin().read_line(&mut line)? == 0 {
            return Err(format!("--{option} is missing").into());
        }
        let answer = if line.trim().is_empty() { otherwise } else { line.trim() };
        match read(answer) {
            Ok(answer) => return Ok(answer),
            Err(why) => writeln!(err, "{why}")?,
        }
    }
}

/// Takes an answer that was given, or asks.
fn answer<T>(
    given: Option<&str>,
    question: &str,
    option: &str,
    otherwise: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<T, Box<dyn Error>> {
    match given {
        Some(text) => read(text).map_err(|why| format!("--{option}: {why}").into()),
        None => asked(question, option, otherwise, read),
    }
}

fn read_name(text: &str) -> Result<String, String> {
    plain_name(text).map_err(|error| why(&error))
}

fn read_lei(text: &str) -> Result<Option<Lei>, String> {
    match text {
        "none" => Ok(None),
        _ => text.parse().map(Some).map_err(|error| format!("{error}; give the LEI of your VASP, or `none`")),
    }
}

fn read_policy(text: &str) -> Result<Option<(PathBuf, Policy)>, String> {
    if text == "default" {
        return Ok(None);
    }
    let document =
        std::fs::read(text).map_err(|error| format!("cannot read `{text}`: {error}; give `default`, or the path of a policy"))?;
    let no_policy = |why: String| format!("`{text}` is no policy, a document in JSON (docs/policies.md): {why}");
    let document = String::from_utf8(document).map_err(|error| no_policy(error.to_string()))?;
    let policy = Policy::from_json(&document).map_err(|error| no_policy(error.to_string()))?;
    Ok(Some((text.into(), policy)))
}

/// Reads the second person, who is not the first.
fn read_second(first: &Person, text: &str) -> Result<Person, String> {
    if text.is_empty() {
        return Err(format!("one person is not enough: {TWO}"));
    }
    let second: Person = text.parse()?;
    if second.email == first.email { Err(same()) } else { Ok(second) }
}

fn same() -> String {
    format!("the first two people must be two, each with an e-mail address: {TWO}")
}

/// Takes the two people that were given, or asks for them.
fn ask_people(given: Vec<Person>) -> Result<[Person; 2], Box<dyn Error>> {
    let mut given = given.into_iter();
    let first = match given.next() {
        Some(person) => person,
        None => asked("3. The first person, as Anna Schmidt <anna@example.org>", "person", "", str::parse)?,
    };
    let second = match given.next() {
        Some(person) if person.email == first.email => return Err(same().into()),
        Some(person) => person,
        None if !stdin().is_terminal() => return Err(format!("a second --person is missing: {TWO}").into()),
        None => asked(&format!("3. The second person ({TWO})"), "person", "", |text| read_second(&first, text))?,
    };
    match given.next() {
        None => Ok([first, second]),
        Some(third) => Err(format!("--person: give two; they invite {} once they are signed in", third.name).into()),
    }
}

/// Takes the answer to the sixth question, or asks.
fn ask_reach(
    proxy: Option<String>,
    tls: TlsOptions,
    public_url: Option<String>,
    listen: Option<SocketAddr>,
) -> Result<Reach, Box<dyn Error>> {
    let question = "6. A proxy's URL; or a certificate file, its key file and the server's URL; or `none` for this machine alone";
    let way = match (tls.tls_certificate, tls.tls_key) {
        (Some(certificate), Some(key)) => {
            let question = "6. The URL at which people reach the server, such as https://registry.example.org:8443";
            certified(certificate, key, answer(public_url.as_deref(), question, "public-url", "", read_url)?)?
        }
        (None, None) => answer(proxy.as_deref(), question, "proxy", "none", read_way)?,
        _ => return Err("--tls-certificate and --tls-key belong together".into()),
    };
    let reach = Reach::of(way, listen)?;
    match public_url {
        Some(url) if url.trim_end_matches('/') != reach.public_url().as_str() => {
            Err(format!("--public-url is for a server with a certificate; here links lead to {}", reach.public_url()).into())
        }
        _ => Ok(reach),
    }
}

impl Answers {
    /// Asks for whatever is not given.
    ///
    /// # Errors
    /// If an answer is missing and cannot be asked for, or a given one is not understood.
    pub(super) fn ask(given: Given) -> Result<Self, Box<dyn Error>> {
        let Given { name, lei, people, policy, lists, proxy, tls, public_url, listen } = given;
        let name = answer(name.as_deref(), "1. The name of your organisation", "name", "", read_name)?;
        let lei = answer(lei.as_deref(), "2. The LEI of your own VASP", "lei", "none", read_lei)?;
        let people = ask_people(people)?;
        let policy = answer(policy.as_deref(), "4. The policy, `default` or a file", "policy", "default", read_policy)?;
        let lists = match lists {
            Some(lists) => lists,
            None => asked("5. The data to load, `seed` or `none`", "lists", "seed", str::parse)?,
        };
        let reach = ask_reach(proxy, tls, public_url, listen)?;
        Ok(Self { name, lei, people, policy, lists, reach })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_a_name_and_a_mail_address() {
        let anna = Person { name: "Anna Schmidt".to_owned(), email: "anna@example.org".to_owned() };

        assert_eq!("Anna Schmidt <anna@example.org>".parse(), Ok(anna));
        for text in ["anna@example.org", "<anna@example.org>", "Anna anna@example.org>"] {
            assert!(text.parse::<Person>().unwrap_err().contains("write a name and an e-mail address"), "{text}");
        }
        for address in ["anna", "anna@tiny-crypto", "anna smith@example.org"] {
            let error = format!("Anna <{address}>").parse::<Person>().unwrap_err();
            assert!(error.starts_with(&format!("`{address}`, of Anna: an e-mail address must have the form")), "{error}");
        }
    }

    #[test]
    fn two_people_are_needed_and_the_sentence_says_why() {
        let anna: Person = "Anna Schmidt <Anna@example.org>".parse().unwrap();
        let ben: Person = "Ben Okafor <ben@example.org>".parse().unwrap();
        let refused = |people: &[&Person]| ask_people(people.iter().copied().cloned().collect()).unwrap_err().to_string();

        assert_eq!(anna.email, "anna@example.org");
        assert!(refused(&[&anna, &anna]).contains(TWO));
        assert!(refused(&[&anna, &ben, &anna]).contains("give two; they invite Anna Schmidt"));
        for text in ["", "Anna <anna@example.org>"] {
            assert!(read_second(&anna, text).unwrap_err().contains(TWO), "{text}");
        }
        assert_eq!(ask_people(vec![anna.clone(), ben.clone()]).unwrap(), [anna, ben]);
    }

    #[test]
    fn a_file_that_is_no_policy_is_refused_when_it_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "address,network\n").unwrap();

        assert!(read_policy("/nonexistent").unwrap_err().contains("cannot read `/nonexistent`"));
        assert!(read_policy(file.path().to_str().unwrap()).unwrap_err().contains("is no policy, a document in JSON"));
        assert!(read_policy("default").unwrap().is_none());
    }
}
