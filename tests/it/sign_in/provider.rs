//! A real OpenID provider: `tests/oidc/provider.mjs` on npm's `oidc-provider`, installed once a run into the folder that cargo
//! keeps for tests. Where there is no node, tests say that they did not run.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::Uri;
use vasp_outbound as outbound;

use crate::support::not_run;

const FILES: [(&str, &str); 3] = [
    ("package.json", include_str!("../../oidc/package.json")),
    ("package-lock.json", include_str!("../../oidc/package-lock.json")),
    ("provider.mjs", include_str!("../../oidc/provider.mjs")),
];

/// Where people come back to.
pub(super) const PUBLIC_URL: &str = "https://registry.example.org";

/// What the provider gave the registry.
const CLIENT_SECRET: &str = "a secret of the registry and the provider";

/// A provider that runs while a test holds it.
pub(super) struct TestProvider {
    child: Child,
    pub issuer: String,
    agent: Agent,
}

/// What a browser comes back with.
pub(super) struct CameBack {
    pub code: String,
    pub state: String,
}

/// Installs the provider; none where that cannot be done here.
fn installed() -> Option<&'static Path> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    let install = || {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("openid-provider");
        std::fs::create_dir_all(&folder).unwrap();
        let kept = |name: &str, text: &str| std::fs::read_to_string(folder.join(name)).is_ok_and(|kept| kept == text);
        let is_whole = folder.join("installed").exists() && FILES[..2].iter().all(|(name, text)| kept(name, text));
        for (name, text) in FILES {
            std::fs::write(folder.join(name), text).unwrap();
        }
        if is_whole {
            return Some(folder);
        }
        drop(std::fs::remove_file(folder.join("installed")));
        let npm = Command::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder).output();
        if !npm.is_ok_and(|output| output.status.success()) {
            not_run("signing in at an OpenID provider: npm cannot install it here");
            return None;
        }
        std::fs::write(folder.join("installed"), "").unwrap();
        Some(folder)
    };
    FOLDER.get_or_init(install).as_deref()
}

impl TestProvider {
    /// Starts a provider; none where there is no node.
    pub(super) fn start() -> Option<Self> {
        let folder = installed()?;
        let mut node = Command::new("node");
        node.arg("provider.mjs").current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let Ok(mut child) = node.spawn() else {
            not_run("signing in at an OpenID provider: no node here");
            return None;
        };
        let mut issuer = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut issuer).unwrap();
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0).max_redirects_will_error(false);
        Some(Self { child, issuer: issuer.trim().to_owned(), agent: config.build().into() })
    }

    /// The provider as a registry knows it.
    pub(super) fn known(&self) -> outbound::Provider {
        let secret = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(secret.path(), format!("{CLIENT_SECRET}\n")).unwrap();
        let toml = format!(
            "name = \"test\"\nissuer = \"{}\"\nclient_id = \"registry\"\nclient_secret_file = {:?}\nsecond_factor_amr = [\"otp\"]\nsecond_factor_acr = [\"urn:two\"]",
            self.issuer,
            secret.path()
        );
        // Before, a password counted as the second factor of an operator.
        let weak = toml.replace("\"otp\"", "\"otp\", \"pwd\"");
        let refused = outbound::Provider::new(&toml::from_str(&weak).unwrap(), PUBLIC_URL).err().unwrap().to_string();
        assert!(refused.contains("`pwd` is no second factor"), "{refused}");
        outbound::Provider::new(&toml::from_str(&toml).unwrap(), PUBLIC_URL).unwrap()
    }

    fn tell(&self, what: &str, body: &Value) {
        let answer = self.agent.post(format!("{}/test/{what}", self.issuer)).send(body.to_string()).unwrap();
        assert_eq!(answer.status().as_u16(), 200);
    }

    /// Has its ID tokens say other things, or be signed in another way.
    pub(super) fn twist(&self, claims: &Value, signed: &str) {
        self.tell("twist", &json!({"claims": claims, "signed": signed}));
    }

    /// Has its ID tokens be right.
    pub(super) fn untwist(&self) {
        self.tell("twist", &Value::Null);
    }

    /// Has it sign with another key.
    pub(super) fn change_keys(&self) {
        self.tell("keys", &Value::Null);
    }

    /// Ends it.
    pub(super) fn end(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Goes where the registry sends a person, signs in as `account` and comes back.
    pub(super) fn visit(&self, url: &str, account: &str) -> CameBack {
        self.tell("account", &json!(account));
        let mut cookies: HashMap<String, String> = HashMap::new();
        let mut url = url.to_owned();
        for _ in 0..12 {
            if let Some(query) = url.strip_prefix(&format!("{PUBLIC_URL}/sign-in/test?")) {
                let mut pairs: HashMap<_, _> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
                let mut taken = |name: &str| pairs.remove(name).unwrap_or_else(|| panic!("{url}"));
                return CameBack { code: taken("code"), state: taken("state") };
            }
            let cookie: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let mut answer = self.agent.get(&url).header("cookie", cookie.join("; ")).call().unwrap();
            for set in answer.headers().get_all("set-cookie") {
                let (name, value) = set.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
                cookies.insert(name.to_owned(), value.to_owned());
            }
            let location = answer.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
            let location = location.unwrap_or_else(|| panic!("{url}: {:?}", answer.body_mut().read_to_string()));
            url = if location.starts_with('/') { format!("{}{location}", self.issuer) } else { location };
            assert!(url.parse::<Uri>().is_ok(), "{url}");
        }
        panic!("it never comes back")
    }
}

impl Drop for TestProvider {
    fn drop(&mut self) {
        // Fails where the test ended it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
