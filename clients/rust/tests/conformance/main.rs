//! Runs every case of `clients/conformance/cases.json`. CONFORMANCE_URL and CONFORMANCE_KEY name a running demo; CONFORMANCE_PYTHON a
//! Python that has `rfc8785` and `cryptography`, for `server.py`. Without them their cases are left to `scripts/check-clients`, which sets both.

#[cfg(test)]
mod case;
#[cfg(test)]
mod comparing;
#[cfg(test)]
mod log_steps;
#[cfg(test)]
mod plain;
#[cfg(test)]
mod sandbox;
#[cfg(test)]
mod servers;
#[cfg(test)]
mod steps;

#[cfg(test)]
mod tests {
    use std::io::{Write, stderr};

    use serde_json::Value;

    use super::case::Case;
    use super::servers::{Demo, ScriptedServer, folder};

    fn document() -> Value {
        serde_json::from_str(&std::fs::read_to_string(folder().join("cases.json")).unwrap()).unwrap()
    }

    /// Writes a line that libtest does not keep back.
    pub(crate) fn say(line: &str) {
        writeln!(stderr(), "{line}").unwrap();
    }

    #[test]
    fn every_case_holds() {
        let (document, scripted, demo) = (document(), ScriptedServer::start(), Demo::of_environment());
        let begin = document["now"].as_str().unwrap().parse().unwrap();
        let (mut held, mut not_run, mut wrong) = (0, [0, 0], Vec::new());
        for case in document["cases"].as_array().unwrap() {
            let on_demo = case["group"] == "the demo";
            if (on_demo && demo.is_none()) || (case.get("server").is_some() && scripted.is_err()) {
                not_run[usize::from(on_demo)] += 1;
                continue;
            }
            match Case::begin(case, begin, scripted.as_ref().ok(), demo.as_ref()).run() {
                found if found.is_empty() => held += 1,
                found => wrong.push(format!("{}:\n    {}", case["name"], found.join("\n    "))),
            }
        }
        if let Err(reason) = &scripted {
            assert!(std::env::var_os("CONFORMANCE_PYTHON").is_none(), "{reason}");
            say(&format!("left to scripts/check-clients: {} scripted cases ({reason})", not_run[0]));
        }
        if demo.is_none() {
            say(&format!("left to scripts/check-clients: {} cases of the demo", not_run[1]));
        }
        say(&format!("{held} cases hold, {} do not, {} were not run", wrong.len(), not_run[0] + not_run[1]));
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
        assert!(held > 20, "{held}");
    }
}
