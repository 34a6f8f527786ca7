//! How others reach the server: the answer to the sixth question, the address to listen on, the URL that invitation links begin with, and
//! the configuration file that follows from them.

use std::error::Error;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ureq::http::Uri;

use crate::config::{BaseUrl, FileOptions, Issuer, ServerOptions, SignInOptions};
use vasp_record::environment::Environment;
use vasp_record::issuer::IssuerName;

/// The port of a URL that names none.
const HTTPS: u16 = 443;

/// How others reach the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Nobody but this machine does.
    Here,
    /// By a proxy at this URL, on this machine.
    Proxy(BaseUrl),
    /// By TLS with this certificate and its key, at this URL.
    Certificate { certificate: PathBuf, key: PathBuf, url: BaseUrl },
}

/// How others reach the server, and where it listens.
#[derive(Debug)]
pub(super) struct Reach {
    way: Way,
    pub(super) listen: SocketAddr,
}

/// Reads a URL for links to people. A stranger who reads such a link can take the account, so it is `https:`, or on this machine.
pub(super) fn read_url(text: &str) -> Result<BaseUrl, String> {
    let url: BaseUrl = text.parse().map_err(|_| format!("`{text}` is no URL such as https://registry.example.org"))?;
    if text.parse::<IssuerName>().is_ok_and(|name| name.environment() == Environment::Sandbox) {
        return Err(format!("`{text}` lies under .test, as the names of sandboxes do: give another one"));
    }
    match text.parse::<Issuer>() {
        Ok(_) => Ok(url),
        Err(_) => Err(format!(
            "`{text}` must begin with https://: a stranger who reads an invitation link on its way can take the account; http:// is for this \
             machine (127.0.0.1, [::1], localhost)"
        )),
    }
}

/// Reads the answer to the sixth question.
pub(super) fn read_way(text: &str) -> Result<Way, String> {
    match text.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["none"] => Ok(Way::Here),
        [url] if url.contains("://") => read_url(url).map(Way::Proxy),
        [certificate, key, url] => certified(certificate.into(), key.into(), read_url(url)?),
        [_, _] => {
            Err("give a URL, too: that at which people reach the server, such as https://registry.example.org:8443".to_owned())
        }
        _ => Err(format!(
            "`{text}` is neither `none`, nor a URL such as https://registry.example.org, nor a certificate, its key and a URL"
        )),
    }
}

/// Returns the way by a certificate, if its files are there.
pub(super) fn certified(certificate: PathBuf, key: PathBuf, url: BaseUrl) -> Result<Way, String> {
    if !url.as_str().starts_with("https://") {
        return Err(format!("{url} must begin with https://, as the server has a certificate"));
    }
    let whole = |path: PathBuf| path.canonicalize().map_err(|error| format!("cannot read {}: {error}", path.display()));
    Ok(Way::Certificate { certificate: whole(certificate)?, key: whole(key)?, url })
}

impl Reach {
    /// Settles where the server listens: at the address that was given, or on the port that the way asks for.
    ///
    /// # Errors
    /// If links could not lead there.
    pub(super) fn of(way: Way, listen: Option<SocketAddr>) -> Result<Self, String> {
        let otherwise = match &way {
            Way::Here | Way::Proxy(_) => SocketAddr::from(([127, 0, 0, 1], 8080)),
            Way::Certificate { url, .. } => SocketAddr::from(([0, 0, 0, 0], port_of(url))),
        };
        let listen = listen.unwrap_or(otherwise);
        if listen.port() == 0 {
            return Err("--listen: name a port, as links lead to it".to_owned());
        }
        if way == Way::Here && !listen.ip().is_loopback() {
            return Err(format!(
                "--listen: at {listen} other machines are answered without TLS: give a proxy or a certificate, or listen on 127.0.0.1:{}",
                listen.port()
            ));
        }
        Ok(Self { way, listen })
    }

    /// Returns the URL that links begin with.
    pub(super) fn public_url(&self) -> BaseUrl {
        match &self.way {
            Way::Here => format!("http://{}", self.listen).parse().unwrap_or_default(),
            Way::Proxy(url) | Way::Certificate { url, .. } => url.clone(),
        }
    }

    fn certificate(&self) -> Option<(&Path, &Path)> {
        match &self.way {
            Way::Certificate { certificate, key, .. } => Some((certificate, key)),
            Way::Here | Way::Proxy(_) => None,
        }
    }

    /// Returns the configuration file of a registry in a folder.
    ///
    /// # Errors
    /// If a path is not UTF-8.
    pub(super) fn config(&self, folder: &Path) -> Result<String, Box<dyn Error>> {
        // A JSON string is a TOML string.
        let quoted = |text: &str| serde_json::to_string(text);
        let path = |path: &Path| path.to_str().map(str::to_owned).ok_or_else(|| format!("{} is not UTF-8", path.display()));
        let mut text = String::from("# Made by `vasp-registry init`. docker/vasp-registry.toml explains every key.\n");
        writeln!(text, "database = {}", quoted(&format!("sqlite://{}", path(&folder.join("registry.db"))?))?)?;
        writeln!(text, "listen = \"{}\"", self.listen)?;
        if matches!(self.way, Way::Proxy(_)) {
            writeln!(text, "trusted_proxy = [\"127.0.0.1\"]")?;
        }
        if self.public_url() != BaseUrl::default() {
            writeln!(text, "public_url = {}", quoted(self.public_url().as_str())?)?;
        }
        if let Some((certificate, key)) = self.certificate() {
            writeln!(text, "tls_certificate = {}\ntls_key = {}", quoted(&path(certificate)?)?, quoted(&path(key)?)?)?;
        }
        Ok(text)
    }

    /// Refuses a configuration file that was made from other answers.
    pub(super) fn check_same(&self, config: &Path, kept: &FileOptions) -> Result<(), String> {
        let none = || "none".to_owned();
        let shown = |path: Option<&Path>| path.map_or_else(none, |path| path.display().to_string());
        let (certificate, key) = self.certificate().unzip();
        let settings = [
            ("listen", ServerOptions::default().settle(&kept.server).listen.to_string(), self.listen.to_string()),
            ("public_url", SignInOptions::default().settle(&kept.sign_in).public_url.to_string(), self.public_url().to_string()),
            ("tls_certificate", shown(kept.tls.tls_certificate.as_deref()), shown(certificate)),
            ("tls_key", shown(kept.tls.tls_key.as_deref()), shown(key)),
        ];
        match settings.into_iter().find(|(_, kept, answer)| kept != answer) {
            None => Ok(()),
            Some((name, kept, answer)) => Err(format!(
                "{} has `{name}` {kept}, and you answer {answer}: give the same answer, or change that file first",
                config.display()
            )),
        }
    }
}

/// Returns the port of a URL that begins with `https:`.
fn port_of(url: &BaseUrl) -> u16 {
    url.as_str().parse::<Uri>().ok().and_then(|uri| uri.port_u16()).unwrap_or(HTTPS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(way: &str, listen: Option<&str>) -> Result<Reach, String> {
        Reach::of(read_way(way)?, listen.map(|text| text.parse().unwrap()))
    }

    #[test]
    fn a_server_is_reached_here_or_by_a_proxy_or_by_a_certificate() {
        let (here, proxy) = (reach("none", None).unwrap(), reach("https://registry.example.org", None).unwrap());
        let file = tempfile::NamedTempFile::new().unwrap();
        let file = file.path().to_str().unwrap();
        let own = reach(&format!("{file} {file} https://registry.example.org:8443"), None).unwrap();

        assert_eq!((here.listen.to_string(), here.public_url()), ("127.0.0.1:8080".to_owned(), BaseUrl::default()));
        assert_eq!((proxy.listen, proxy.public_url().as_str()), (here.listen, "https://registry.example.org"));
        assert_eq!((own.listen.to_string().as_str(), own.certificate().is_some()), ("0.0.0.0:8443", true));
        assert!(reach("registry", None).unwrap_err().contains("neither"));
        assert!(reach("a.pem b.pem", None).unwrap_err().contains("give a URL, too"));
        assert!(reach("/a.pem /b.pem https://a", None).unwrap_err().contains("cannot read /a.pem"));
    }

    #[test]
    fn links_lead_to_the_port_on_which_the_server_listens() {
        let here = reach("none", Some("127.0.0.1:8701")).unwrap();

        assert_eq!(here.public_url().as_str(), "http://127.0.0.1:8701");
        assert!(
            here.config(Path::new("/r"))
                .unwrap()
                .ends_with("listen = \"127.0.0.1:8701\"\npublic_url = \"http://127.0.0.1:8701\"\n")
        );
        assert!(reach("none", Some("127.0.0.1:0")).unwrap_err().contains("name a port"));
        assert!(reach("none", Some("0.0.0.0:8701")).unwrap_err().contains("without TLS"));
    }

    #[test]
    fn links_over_plain_http_stay_on_this_machine() {
        assert!(read_way("http://registry.example.org").unwrap_err().contains("must begin with https://"));
        assert!(read_way("http://10.0.0.1:8080").unwrap_err().contains("must begin with https://"));
        assert!(read_way("https://registry.test").unwrap_err().contains("lies under .test"));
        assert!(read_way("http://127.0.0.1:8080").is_ok());
    }
}
