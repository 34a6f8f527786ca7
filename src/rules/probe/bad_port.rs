//! The ports that a probe may call: 443, and ports from 1024 on that are not usual for another service. A member chooses the port, and must
//! not be able to make the registry call mail servers or databases. `outbound::address_policy` judges addresses.

/// The port may not be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the registry does not call port {0}: use port 443, or a port from 1024 that is not the usual port of another service")]
pub struct PortRefused(
    /// The port.
    pub u16,
);

/// The port of HTTPS.
pub const HTTPS_PORT: u16 = 443;

/// Ports from 1024 on that browsers do not call.
///
/// Source: WHATWG Fetch Standard, section "Port blocking", table of bad ports (<https://fetch.spec.whatwg.org/#port-blocking>); those
/// below 1024 are refused anyway.
const FETCH: &[u16] =
    &[1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080];

/// Services that are often unprotected and use no TLS or answer everybody: databases, caches, queues, remote desktops and the control of
/// machines.
///
/// Source: IANA Service Name and Transport Protocol Port Number Registry, and the services' own documentation.
const SERVICES: &[u16] = &[
    1433,  // Microsoft SQL Server
    1434,  // Microsoft SQL Server, monitor
    1521,  // Oracle
    1883,  // MQTT
    2181,  // ZooKeeper
    2375,  // Docker
    2376,  // Docker over TLS
    2379,  // etcd
    2380,  // etcd, between its nodes
    3268,  // LDAP, global catalogue
    3269,  // LDAP, global catalogue over TLS
    3306,  // MySQL
    3389,  // Remote desktops
    4369,  // Erlang
    5222,  // XMPP
    5269,  // XMPP
    5432,  // PostgreSQL
    5672,  // AMQP
    5900,  // VNC
    5984,  // CouchDB
    5985,  // WinRM
    5986,  // WinRM over TLS
    6379,  // Redis
    6380,  // Redis over TLS
    6443,  // Kubernetes
    7000,  // Cassandra
    7001,  // Cassandra over TLS
    7474,  // Neo4j
    7687,  // Neo4j
    8086,  // InfluxDB
    8300,  // Consul
    8301,  // Consul
    8302,  // Consul
    8500,  // Consul
    8501,  // Consul over TLS
    9042,  // Cassandra
    9092,  // Kafka
    9093,  // Kafka over TLS
    9160,  // Cassandra
    9200,  // Elasticsearch
    9300,  // Elasticsearch, between its nodes
    10250, // Kubernetes, a node
    10255, // Kubernetes, a node
    11211, // memcached
    15672, // RabbitMQ
    27017, // MongoDB
    27018, // MongoDB
    27019, // MongoDB
    50000, // DB2
    61616, // ActiveMQ
];

/// Checks whether a probe may call a port.
pub fn check_port(port: u16) -> Result<(), PortRefused> {
    let is_usual = FETCH.contains(&port) || SERVICES.contains(&port);
    if port == HTTPS_PORT || (port >= 1024 && !is_usual) { Ok(()) } else { Err(PortRefused(port)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: the complete table of the standard, as in Chromium's `net/base/port_util.cc`.
    const BAD: [u16; 82] = [
        0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
        111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540,
        548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 5060, 5061, 6000, 6566, 6665,
        6666, 6667, 6668, 6669, 6679, 6697, 10080,
    ];

    #[test]
    fn what_browsers_do_not_call_is_not_called() {
        for port in BAD {
            assert_eq!(check_port(port), Err(PortRefused(port)));
        }
    }

    #[test]
    fn services_of_others_are_refused_and_travel_rule_ports_are_not() {
        for port in [22, 25, 80, 442, 444, 1023, 2375, 3306, 3389, 5432, 6379, 9200, 11211, 27017] {
            assert_eq!(check_port(port), Err(PortRefused(port)));
        }
        // TRISA nodes use 443, 4435, 5443 and similar ports; TRP uses 443, 8443 and 8080.
        for port in [443, 1024, 4435, 5443, 7777, 8080, 8443, 9443, 65535] {
            assert_eq!(check_port(port), Ok(()), "{port}");
        }
    }
}
