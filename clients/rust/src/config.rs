//! Where the registry is and who asks: from arguments, or else from the environment, which is an argument too. Reads the file with the key.

use std::sync::Arc;

use url::{Host, Url};

use crate::error::{ConfigurationCode, ConfigurationError};

/// A function that returns a variable of the environment.
pub type Environment = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Reads a variable of this process.
pub(crate) fn of_process(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Returns the base URL without a slash at its end, from `VASP_REGISTRY_URL` if none is given. Plain HTTP is for this machine only.
pub(crate) fn registry_url(
    given: Option<&str>,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<String, ConfigurationError> {
    let wrong = |code, detail: &str| Err(ConfigurationError::new(code, detail));
    let text = given.filter(|url| !url.is_empty()).map(str::to_owned).or_else(|| environment("VASP_REGISTRY_URL"));
    let text = text.unwrap_or_default();
    let text = text.trim();
    if text.is_empty() {
        return wrong(ConfigurationCode::NoUrl, "give the URL of the registry, or set VASP_REGISTRY_URL");
    }
    let invalid = "the URL of the registry is https://HOST[/PATH], without user, query and fragment";
    let Ok(url) = Url::parse(text) else { return wrong(ConfigurationCode::InvalidUrl, invalid) };
    let Some(host) = url.host().filter(|_| matches!(url.scheme(), "http" | "https")) else {
        return wrong(ConfigurationCode::InvalidUrl, invalid);
    };
    // An `@` without a user is not visible in the parsed URL.
    if url.query().is_some() || url.fragment().is_some() || text.contains('@') {
        return wrong(ConfigurationCode::InvalidUrl, invalid);
    }
    if url.scheme() == "http" && !is_loopback(&host) {
        return wrong(ConfigurationCode::PlainHttp, &format!("plain http is for this machine only: write https://{host}"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Returns the API key: the one given, `VASP_REGISTRY_KEY`, or the content of the file `VASP_REGISTRY_KEY_FILE`. `None` if there is none.
pub(crate) fn registry_key(
    given: Option<&str>,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<String>, ConfigurationError> {
    let set = |name| environment(name).filter(|value| !value.is_empty());
    let key = match given {
        Some(key) => Some(key.to_owned()),
        None => match (environment("VASP_REGISTRY_KEY"), set("VASP_REGISTRY_KEY_FILE")) {
            (Some(key), Some(_)) if !key.is_empty() => {
                let detail = "set VASP_REGISTRY_KEY or VASP_REGISTRY_KEY_FILE, not both";
                return Err(ConfigurationError::new(ConfigurationCode::TwoKeys, detail));
            }
            (Some(key), _) => Some(key),
            (None, file) => file.map(|file| read_key(&file)).transpose()?,
        },
    };
    let Some(key) = key else { return Ok(None) };
    let key = key.trim();
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        let detail = "the API key is empty, or has characters that no key has";
        return Err(ConfigurationError::new(ConfigurationCode::InvalidKey, detail));
    }
    Ok(Some(key.to_owned()))
}

fn read_key(file: &str) -> Result<String, ConfigurationError> {
    std::fs::read_to_string(file).map_err(|error| {
        let detail = format!("VASP_REGISTRY_KEY_FILE cannot be read: {}", error.kind());
        ConfigurationError::new(ConfigurationCode::NoKeyFile, detail)
    })
}
