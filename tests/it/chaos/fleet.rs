//! Three nodes as processes, each at an address that it keeps, killed and started again, and the PostgreSQL under them.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use vasp_clock::Stopwatch;

use crate::support::{Client, Deployment, FakeClock, PrivatePostgres, Relay, Server, SmallDisk};

/// How many nodes.
pub(super) const NODES: usize = 3;

struct Node {
    address: SocketAddr,
    /// Before its database.
    relay: Relay,
    clock: Option<FakeClock>,
    server: Mutex<Option<Server>>,
    log: Mutex<String>,
}

/// Within how many microseconds a fault is told.
const TOLD_MICROS: u64 = 10_000_000;

/// The nodes and their database.
pub(super) struct Fleet<'a> {
    pub deployment: &'a Deployment,
    pub postgres: &'a PrivatePostgres,
    /// The disk of the tables.
    pub disk: &'a SmallDisk,
    /// The one clock of all moments that are noted.
    pub watch: Stopwatch,
    nodes: Vec<Node>,
    /// Odd while something is disturbed.
    epoch: AtomicU64,
}

/// The command of a node. Two members contradict each other all the time, and every row is to count.
fn serve_at(deployment: &Deployment, (relay, clock): (&Relay, Option<&FakeClock>), address: &str) -> Command {
    let (mut command, most) = (deployment.serve_at(address), "1000000");
    command.env("VASP_REGISTRY_DATABASE", relay.before(&deployment.database.url.whole()));
    clock.into_iter().for_each(|clock| clock.rule(&mut command));
    // The members are written in short, without what the log would say of them: a node that lives for a minute would call them altered.
    command.args(["--verify-interval-secs", "0"]);
    command.args(["--claim-conflicts-after-days", "0", "--claim-conflicts-a-day", most, "--claim-conflicts-open", most]);
    command
}

impl<'a> Fleet<'a> {
    /// Starts the nodes. Each has a loopback address that no other test listens at: while it is down, nobody takes its port.
    pub(super) fn start(
        deployment: &'a Deployment,
        postgres: &'a PrivatePostgres,
        disk: &'a SmallDisk,
        has_clocks: bool,
    ) -> Self {
        let start = |number| {
            let (relay, clock) =
                (Relay::to(postgres.port()), has_clocks.then(|| FakeClock::new("clocks that jump under load")).flatten());
            let address = format!("127.0.77.{}:0", number + 1);
            let server = Server::start(serve_at(deployment, (&relay, clock.as_ref()), &address));
            Node { address: server.address, relay, clock, server: Mutex::new(Some(server)), log: Mutex::default() }
        };
        let nodes = (0..NODES).map(start).collect();
        let fleet = Self { deployment, postgres, disk, watch: Stopwatch::start(), nodes, epoch: AtomicU64::new(0) };
        fleet.wait_until_ready();
        fleet
    }

    pub(super) fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.nodes.iter().map(|node| node.address)
    }

    /// A client of each node.
    pub(super) fn clients(&self) -> Vec<Client> {
        self.addresses().map(Client::new).collect()
    }

    /// Microseconds since the beginning.
    pub(super) fn now(&self) -> u64 {
        self.watch.elapsed_micros()
    }

    /// A number that changes when something is disturbed; none while it is.
    pub(super) fn calm(&self) -> Option<u64> {
        Some(self.epoch.load(Ordering::SeqCst)).filter(|epoch| epoch.is_multiple_of(2))
    }

    pub(super) fn while_disturbed(&self, disturb: impl FnOnce()) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        disturb();
        self.epoch.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn kill(&self, number: usize) {
        let node = &self.nodes[number];
        let server = node.server.lock().unwrap().take().unwrap();
        node.log.lock().unwrap().push_str(&server.kill());
    }

    /// Starts a node again and again until it runs, as a supervisor does.
    pub(super) fn start_again(&self, number: usize) {
        let node = &self.nodes[number];
        let began = self.now();
        let server = loop {
            match Server::try_start(serve_at(self.deployment, (&node.relay, node.clock.as_ref()), &node.address.to_string())) {
                Ok(server) => break server,
                Err(said) => {
                    assert!(self.now() - began < 60_000_000, "node {number} does not start again: {said}");
                    assert!(!said.contains("panicked"), "{said}");
                    std::thread::sleep(Duration::from_millis(100));
                }
            }
        };
        *node.server.lock().unwrap() = Some(server);
    }

    /// The relay between a node and its database.
    pub(super) fn relay(&self, number: usize) -> &Relay {
        &self.nodes[number].relay
    }

    /// The time of day of a node, where a test can set it.
    pub(super) fn clock(&self, number: usize) -> Option<&FakeClock> {
        self.nodes[number].clock.as_ref()
    }

    /// Waits until nodes say that something is wrong; how long it took, in microseconds.
    pub(super) fn wait_until_told(&self, nodes: &[usize]) -> u64 {
        let (began, clients) = (self.now(), self.clients());
        for number in nodes {
            while clients[*number].get("/readyz").json()["status"] == "ready" {
                assert!(self.now() - began < TOLD_MICROS, "node {number} says for 10 s that it is ready");
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        self.now() - began
    }

    /// Waits until every node is in touch with its database.
    pub(super) fn wait_until_ready(&self) {
        let began = self.now();
        for (number, client) in self.clients().iter().enumerate() {
            loop {
                let answer = client.try_send("GET", "/readyz", &[], "");
                if answer.as_ref().is_some_and(|answer| answer.status.as_u16() == 200 && answer.json()["status"] == "ready") {
                    break;
                }
                assert!(self.now() - began < 60_000_000, "node {number} is not ready again within a minute: {answer:?}");
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }

    /// The checkpoint that each node shows once it has caught up.
    pub(super) fn checkpoints(&self) -> Vec<String> {
        let read = || -> Vec<String> { self.clients().iter().map(|client| client.get("/v1/log/checkpoint").text).collect() };
        let began = self.now();
        loop {
            let notes = read();
            if notes.iter().all(|note| *note == notes[0]) || self.now() - began > 10_000_000 {
                return notes;
            }
        }
    }

    /// Stops the nodes as they are stopped; returns everything that they logged.
    pub(super) fn stop(self) -> String {
        let stop = |(number, node): (usize, Node)| {
            let (code, log) = node.server.into_inner().unwrap().unwrap().stop("TERM");
            assert_eq!(code, Some(0), "node {number}: {log}");
            node.log.into_inner().unwrap() + &log
        };
        self.nodes.into_iter().enumerate().map(stop).collect()
    }
}
