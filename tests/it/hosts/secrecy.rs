//! The path of an inquiry's URL carries a customer's id: it goes back to whoever sent it and nowhere else.

use serde_json::{Value, json};

use crate::support::{Client, Database, Deployment, Server};

/// What stands in every path below, and the texts that hide it: `alpha.com/c/marker-7f3a91?t=i`.
const MARKER: &str = "marker-7f3a91";
const TRAVEL_ADDRESS: &str = "taVwa2PybZQeeDMoXvhJMGaVUqT4omeNdTTUSHYfinVXWty";
const LNURL: &str = "lnurl1dp68gurn8ghj7ctvwp5xztnrdakj7ce0d4shy6m9wgknwe3nvyunz0m5845s3lqjj7";
const URL: &str = "https://alpha.com/c/marker-7f3a91?t=i";

fn precheck(travel_address: &str) -> Value {
    json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": {"travel_address": travel_address}})
}

/// Whether bytes hold the customer's id, in clear or in a text that anybody decodes.
fn tells(bytes: &[u8]) -> Option<&'static str> {
    // Of the texts that hide the URL, parts behind the host.
    let hidden = [MARKER, "marker%2D7f3a91", "DMoXvhJMGaVUqT4omeNdTTUSHY", "shy6m9wgknwe3nvyunz"];
    assert!(TRAVEL_ADDRESS.contains(hidden[2]) && LNURL.contains(hidden[3]));
    hidden.into_iter().find(|text| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

#[test]
fn customers_id_reaches_neither_log_nor_database_in_clear() {
    let deployment = Deployment::new(Database::sqlite());
    let mut command = deployment.serve();
    command.env("VASP_REGISTRY_LOG_LEVEL", "trace").env("VASP_REGISTRY_PUBLIC_READ", "true");
    let server = Server::start(command);
    let client = Client::new(server.address);
    let mut asked = 0;

    for subject in [TRAVEL_ADDRESS, LNURL, URL, "http://alpha.com/marker-7f3a91", "https://localhost/marker-7f3a91"] {
        let encoded = subject.replace(':', "%3A").replace('/', "%2F").replace('?', "%3F").replace('=', "%3D");
        for query in
            [encoded.clone(), format!("{encoded}&kind=address"), format!("{encoded}&marker-7f3a91=1"), format!("%ff{encoded}")]
        {
            client.get(&format!("/v1/resolve?subject={query}"));
            deployment.get(&client, &format!("/v1/resolve?subject={query}"));
            asked += 2;
        }
        client.get(&format!("/v1/nowhere/{encoded}?{encoded}"));
        client.post("/v1/resolve", &json!({"subjects": [{"subject": subject}, {"subject": subject, "kind": "vasp"}]}));
        client.post("/v1/resolve", &json!({"subjects": subject}));
        deployment.post(&client, "/v1/prechecks", &precheck(subject));
        deployment.post(&client, "/v1/prechecks/batch", &json!({"prechecks": [precheck(subject)]}));
        asked += 5;
    }
    let echoed = client.post("/v1/resolve", &json!({"subjects": [{"subject": TRAVEL_ADDRESS}]}));
    let recorded = deployment.post(&client, "/v1/prechecks?view=verdict", &precheck(TRAVEL_ADDRESS)).json();
    let path = format!("/v1/prechecks/{}", recorded["id"].as_str().unwrap());
    assert_eq!(echoed.json()["results"][0]["subject"]["travel_address"]["url"], URL);
    assert_eq!(deployment.get(&client, &path).json(), recorded);
    assert!(
        tells(echoed.text.as_bytes()).is_some()
            && tells(TRAVEL_ADDRESS.as_bytes()).is_some()
            && tells(LNURL.as_bytes()).is_some()
    );
    let (code, log) = server.stop("TERM");

    assert_eq!(code, Some(0));
    assert!(log.matches("answered").count() >= asked, "{log}");
    assert_eq!(tells(log.as_bytes()), None, "{log}");
    let folder = deployment.database.file().unwrap().parent().unwrap().to_owned();
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!files.is_empty());
    for file in files {
        assert_eq!(tells(&std::fs::read(&file).unwrap()), None, "{}", file.display());
    }
}
