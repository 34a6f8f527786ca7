//! All black-box tests in one binary: each starts the real server in this process on a free port, with a fresh database, a
//! clock that stands still and seeded randomness, and asks it over HTTP. What tests set up is made by `support/story.rs`.

#[cfg(test)]
mod addresses;
#[cfg(test)]
mod api_keys;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod authorities;
#[cfg(test)]
mod away;
#[cfg(test)]
mod backup;
#[cfg(test)]
mod brands;
#[cfg(test)]
mod bulk;
#[cfg(test)]
mod ca;
#[cfg(test)]
mod certificates;
#[cfg(test)]
mod challenges;
#[cfg(test)]
mod chaos;
#[cfg(test)]
mod claim_index_file;
#[cfg(test)]
mod clock_jumps;
#[cfg(test)]
mod command_line;
#[cfg(test)]
mod concurrency;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod corridors;
#[cfg(test)]
mod coverage;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod crash_members;
#[cfg(test)]
mod creation;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod disk;
#[cfg(test)]
mod docker_files;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod domains;
#[cfg(test)]
mod due_diligence;
#[cfg(test)]
mod endpoints;
#[cfg(test)]
mod exchange;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod file_modes;
#[cfg(test)]
mod filled;
#[cfg(test)]
mod generations;
#[cfg(test)]
mod hangs;
#[cfg(test)]
mod healthcheck;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod hosts;
#[cfg(test)]
mod imports;
#[cfg(test)]
mod kept_records;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod log_head;
#[cfg(test)]
mod log_mover;
#[cfg(test)]
mod member_claims;
#[cfg(test)]
mod message_keys;
#[cfg(test)]
mod model;
#[cfg(test)]
mod networks;
#[cfg(test)]
mod nodes;
#[cfg(test)]
mod organisations;
#[cfg(test)]
mod outbound;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod past;
#[cfg(test)]
mod policies;
#[cfg(test)]
mod precheck_incoming;
#[cfg(test)]
mod precheck_incoming_addresses;
#[cfg(test)]
mod prechecks;
#[cfg(test)]
mod probes;
#[cfg(test)]
mod problems;
#[cfg(test)]
mod proposals;
#[cfg(test)]
mod public_bodies;
#[cfg(test)]
mod quick;
#[cfg(test)]
mod read_only;
#[cfg(test)]
mod reasons;
#[cfg(test)]
mod relationships;
#[cfg(test)]
mod requirements;
#[cfg(test)]
mod resolve;
#[cfg(test)]
mod resolve_certificates;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod routes;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod rules_amounts;
#[cfg(test)]
mod rules_cases;
#[cfg(test)]
mod rules_proposals;
#[cfg(test)]
mod sandbox;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod screening;
#[cfg(test)]
mod search;
#[cfg(test)]
mod service;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod silence;
#[cfg(test)]
mod stale_node;
#[cfg(test)]
mod store;
#[cfg(test)]
mod support;
#[cfg(test)]
mod throttle;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod traces;
#[cfg(test)]
mod trust;
#[cfg(test)]
mod vasps;
#[cfg(test)]
mod verify_proof;
#[cfg(test)]
mod watch;
#[cfg(test)]
mod write_races;
