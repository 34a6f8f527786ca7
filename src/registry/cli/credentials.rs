//! `organisation`, `user`, `api-key`: create the first credentials without a server, and list them. Each secret is shown once.

use std::io::Write;
use std::process::ExitCode;

use clap::Subcommand;

use super::lists::{ListOfOrganisation, ListOrganisations};
use super::{Outcome, open};
use crate::config::{FileOptions, SignInOptions, StoreOptions};
use crate::node::Registry;
use crate::organisations::NewUser;
use crate::sign_in::RevokedKey;
use crate::sign_in::enrolment::EnrolmentLink;
use vasp_clock::{Clock, Random, SystemClock};
use vasp_record::role::{OrganisationKind, Role, Scope, UserKind};
use vasp_words::ids::{ApiKeyId, OrganisationId, UserId, VaspId};
use vasp_words::lei::Lei;
use vasp_words::time::UtcTime;

/// Commands about organisations.
#[derive(Debug, Subcommand)]
pub(super) enum Organisation {
    /// Make an organisation
    Create {
        /// The organisation's name
        #[arg(long, env = "VASP_REGISTRY_NAME")]
        name: String,
        /// The organisation's kind: operator, member or gateway
        #[arg(long, default_value_t = OrganisationKind::Gateway)]
        kind: OrganisationKind,
        /// The organisation's own VASP, by id or LEI
        #[arg(long, value_name = "ID|LEI", env = "VASP_REGISTRY_VASP")]
        vasp: Option<String>,
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Show all organisations, oldest first
    List(ListOrganisations),
}

/// Commands about users.
#[derive(Debug, Subcommand)]
pub(super) enum User {
    /// Make a user of an organisation
    Create {
        /// The organisation's id
        #[arg(long, value_name = "ID", env = "VASP_REGISTRY_ORGANISATION")]
        organisation: OrganisationId,
        /// The user's name
        #[arg(long, env = "VASP_REGISTRY_NAME")]
        name: String,
        /// The e-mail address by which a person signs in
        #[arg(long, env = "VASP_REGISTRY_EMAIL")]
        email: Option<String>,
        /// What the user may do: reviewer, approver, admin (operator), editor (member), compliance, senior_management, admin (member, gateway); may be given several times
        #[arg(long = "role", env = "VASP_REGISTRY_ROLE", value_delimiter = ',')]
        roles: Vec<Role>,
        /// A program, not a person
        #[arg(long, env = "VASP_REGISTRY_MACHINE")]
        machine: bool,
        /// Print a one-time link by which the person sets a password; until then the user is only invited
        #[arg(long, env = "VASP_REGISTRY_INVITE", conflicts_with = "machine", requires = "email")]
        invite: bool,
        #[command(flatten)]
        sign_in: SignInOptions,
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Forget a person's password, second factor and sessions, revoke the keys that the sessions made, and print a one-time link to enrol
    /// again
    Reset {
        /// The user's id
        #[arg(long, value_name = "ID", env = "VASP_REGISTRY_USER")]
        user: UserId,
        #[command(flatten)]
        sign_in: SignInOptions,
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Show the users of an organisation, oldest first
    List(ListOfOrganisation),
}

/// Commands about API keys.
#[derive(Debug, Subcommand)]
pub(super) enum ApiKey {
    /// Make an API key; it is shown only this once
    Create {
        /// The user's id
        #[arg(long, value_name = "ID", env = "VASP_REGISTRY_USER")]
        user: UserId,
        /// What the key may do; may be given several times
        #[arg(long = "scope", required = true, env = "VASP_REGISTRY_SCOPE", value_delimiter = ',')]
        scopes: Vec<Scope>,
        /// When the key stops working; for users of operators at most 90 days from now, which is also their default
        #[arg(long, value_name = "TIME", env = "VASP_REGISTRY_EXPIRES_AT")]
        expires_at: Option<UtcTime>,
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Revoke an API key
    Revoke {
        /// The key's id, key_…
        #[arg(long, value_name = "ID", env = "VASP_REGISTRY_KEY")]
        key: ApiKeyId,
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Show the API keys of an organisation's users, oldest first, with revoked ones
    List(ListOfOrganisation),
}

pub(super) fn with_registry<T>(
    options: StoreOptions,
    file: &FileOptions,
    use_it: impl FnOnce(&Registry, UtcTime, &Random) -> Result<T, Box<dyn std::error::Error>>,
) -> Result<T, Box<dyn std::error::Error>> {
    let random = Random::from_system()?;
    let settings = options.settle(&file.store);
    let registry = open::registry_to_write(&settings, &random)?;
    use_it(&registry, SystemClock.now(), &random)
}

/// Finds a VASP by id or LEI.
pub(super) fn find_vasp(registry: &Registry, text: &str, now: UtcTime) -> Result<VaspId, Box<dyn std::error::Error>> {
    let generation = registry.pin(now);
    let records = generation.records();
    if let Ok(id) = text.parse::<VaspId>() {
        return records.get(id).map(|r| r.id).ok_or_else(|| format!("there is no VASP {id}").into());
    }
    let lei: Lei = text.parse().map_err(|e| format!("`{text}` is neither a VASP id nor an LEI: {e}"))?;
    let found: Vec<VaspId> = records.named_by_lei(lei).into_iter().map(|r| r.id).collect();
    match found.as_slice() {
        [id] => Ok(*id),
        [] => Err(format!("no VASP has the LEI {lei}").into()),
        several => Err(format!("{} records have the LEI {lei}: use one of their ids", several.len()).into()),
    }
}

impl Organisation {
    /// Runs the command.
    ///
    /// # Errors
    /// If the database cannot be used or the VASP is not known.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        let (name, kind, vasp, store) = match self {
            Self::Create { name, kind, vasp, store } => (name, kind, vasp, store),
            Self::List(list) => return list.run(file),
        };
        let id = with_registry(store, file, |registry, now, random| {
            let vasp = vasp.map(|text| find_vasp(registry, &text, now)).transpose()?;
            Ok(crate::organisations::create_organisation(registry, &name, kind, vasp, now, &mut random.fork())?)
        })?;
        writeln!(std::io::stdout(), "{id}")?;
        Ok(ExitCode::SUCCESS)
    }
}

impl User {
    /// Runs the command.
    ///
    /// # Errors
    /// If the database cannot be used, or the organisation or user is not known.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        match self {
            Self::Create { organisation, name, email, roles, machine, invite: false, store, .. } => {
                let user = NewUser { name, email, kind: if machine { UserKind::Machine } else { UserKind::Person }, roles };
                let id = with_registry(store, file, |registry, now, random| {
                    Ok(crate::organisations::create_user(registry, organisation, &user, now, &mut random.fork())?)
                })?;
                writeln!(std::io::stdout(), "{id}")?;
            }
            Self::Create { organisation, name, email, roles, sign_in, store, .. } => {
                let user = NewUser { name, email, kind: UserKind::Person, roles };
                let (id, link) = with_registry(store, file, |registry, now, random| {
                    Ok(crate::organisations::credentials::invite_user(registry, organisation, &user, now, &mut random.fork())?)
                })?;
                writeln!(std::io::stdout(), "{id}")?;
                print_link(&link, sign_in, file)?;
            }
            Self::List(list) => return list.users(file),
            Self::Reset { user, sign_in, store } => {
                let reset = with_registry(store, file, |registry, now, random| {
                    Ok(crate::organisations::reset_user(registry, user, now, &mut random.fork())?)
                })?;
                print_link(&reset.link, sign_in, file)?;
                for RevokedKey { id, name, owner } in &reset.revoked {
                    writeln!(
                        std::io::stderr(),
                        "Revoked the API key {id} of {owner} ({name}), which a session of the user had created."
                    )?;
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Prints an enrolment link, which only its user may see.
fn print_link(link: &EnrolmentLink, sign_in: SignInOptions, file: &FileOptions) -> std::io::Result<()> {
    let settings = sign_in.settle(&file.sign_in);
    writeln!(std::io::stdout(), "{}", link.url(settings.public_url.as_str()))?;
    writeln!(std::io::stderr(), "The link works once, until {}; it is not shown again.", link.expires_at)
}

impl ApiKey {
    /// Runs the command.
    ///
    /// # Errors
    /// If the database cannot be used, or the user, scope or key is not known.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        match self {
            Self::Create { user, scopes, expires_at, store } => {
                let key = with_registry(store, file, |registry, now, random| {
                    Ok(crate::organisations::create_api_key(registry, user, &scopes, expires_at, now, &mut random.fork())?)
                })?;
                let told = writeln!(std::io::stdout(), "{}", key.text);
                told.map_err(|error| {
                    format!("the key {} was made but cannot be shown: {error}; revoke it with `api-key revoke`", key.id)
                })?;
                writeln!(std::io::stderr(), "The key's id is {}. The key itself is not shown again.", key.id)?;
            }
            Self::List(list) => return list.keys(file),
            Self::Revoke { key, store } => {
                with_registry(store, file, |registry, now, random| {
                    Ok(crate::organisations::revoke_api_key(registry, key, now, &mut random.fork())?)
                })?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
