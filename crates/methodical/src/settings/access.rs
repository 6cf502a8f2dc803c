//! Who may do what, as it is written down: the tables `[users]`, `[groups]` and `[access]` of the
//! configuration file, files of users and tokens, and `--auth`.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use methodical_semantics::path::Path;
use methodical_semantics::rule::privilege::{Grant, Right, Rights, Rules, UnknownRight, Who};
use methodical_server::login::{Secret, TokenFile, Users};
use methodical_server::settings::Settings;
use methodical_server::settings::tunnelling::Subject;

use super::suggestions::did_you_mean;
use crate::{output::warn, service::sandbox::Reread};

/// What is said of users and rights, as words.
#[derive(Debug, Clone, Default)]
pub(crate) struct AccessWords {
    /// A file as `htpasswd` writes it; empty for none.
    pub(crate) users_file: String,
    /// The file of tokens; empty for none.
    pub(crate) tokens_file: String,
    /// `USER:PASSWORD@/PATH:RIGHTS`, each.
    pub(crate) auth: Vec<String>,
    /// The same, a line each.
    pub(crate) auth_file: String,
    /// Names of the file's `[users]`, and their hashes with file, line and column.
    pub(crate) users: Vec<(String, Placed)>,
    /// Names of its `[groups]`, and their members with file, line and column.
    pub(crate) groups: Vec<(String, Vec<Placed>)>,
    /// Whom its rules `[[connect]]` name, with file, line and column.
    pub(crate) askers: Vec<Placed>,
    /// Its `[access]`.
    pub(crate) grants: Vec<GrantWords>,
    /// What is odd there and stops nothing, each with file, line and column.
    pub(crate) remarks: Vec<String>,
}

/// A name or a hash, with the place where it stands.
pub(crate) type Placed = (String, String);

/// A line of `[access]`.
#[derive(Debug, Clone)]
pub(crate) struct GrantWords {
    pub(crate) path: Path,
    pub(crate) who: String,
    pub(crate) rights: Rights,
    /// File, line and column.
    pub(crate) place: String,
}

/// One `--auth`, taken apart.
struct Auth {
    /// Whether the rights were said.
    explicit: bool,
    /// Nothing for anyone.
    user: Option<(String, String)>,
    path: Path,
    rights: Rights,
}

impl AccessWords {
    /// Puts users and rules into the settings.
    ///
    /// # Errors
    /// One clause: a file cannot be read, a password is kept in a weak form, or somebody is named
    /// whom nobody knows.
    pub(crate) fn finish(&self, settings: &mut Settings) -> Result<(), String> {
        let auths = self.auths()?;
        let users = self.all_users(&auths)?;
        settings.tokens = Some(&self.tokens_file).filter(|file| !file.is_empty()).map(Into::into);
        self.remarks.iter().for_each(|remark| warn(remark));
        if !settings.policy.writable {
            self.idle(&auths).iter().for_each(|sentence| warn(sentence));
        }
        settings.policy.rules = Arc::new(self.rules(&auths, &users, settings)?);
        settings.users = Arc::new(users);
        Ok(())
    }

    /// The files that say who may log in, as they are named.
    pub(crate) fn named(&self) -> impl Iterator<Item = PathBuf> {
        let files = [&self.users_file, &self.tokens_file, &self.auth_file];
        files.into_iter().filter(|file| !file.is_empty()).map(PathBuf::from)
    }

    /// The files that are read again while the server runs.
    pub(crate) fn files(&self) -> impl Iterator<Item = Reread> {
        let files = [
            (&self.users_file, "a reload (SIGHUP) will be refused, and no change of users is seen"),
            (&self.tokens_file, "no token lets anybody in, and a reload (SIGHUP) will be refused"),
            (&self.auth_file, "a reload (SIGHUP) will be refused, and no change of users is seen"),
        ];
        let named = files.into_iter().filter(|(file, _)| !file.is_empty());
        named.map(|(file, then)| Reread {
            path: fs::canonicalize(file).unwrap_or_else(|_| file.into()),
            then,
        })
    }

    /// A sentence for each right to change something that was given while nothing may be changed.
    fn idle(&self, auths: &[Auth]) -> Vec<String> {
        let changes = |rights: Rights| CHANGING.iter().any(|right| rights.contains(*right));
        let of_file = self.grants.iter().filter(|grant| changes(grant.rights));
        let of_file = of_file.map(|grant| (&*grant.place, "access: ", &*grant.who, grant.rights));
        let said = auths.iter().filter(|auth| auth.explicit && changes(auth.rights));
        let said = said.map(|auth| {
            let who = auth.user.as_ref().map_or("anyone", |(name, _)| name);
            ("--auth", "", who, auth.rights)
        });
        let told = of_file.chain(said).map(|(place, what, who, rights)| {
            format!(
                "{place}: {what}{who} is given {rights}, but nothing is written: say --write \
                 (write = true), or give read alone"
            )
        });
        told.collect()
    }

    fn auths(&self) -> Result<Vec<Auth>, String> {
        let mut lines = self.auth.clone();
        if !self.auth_file.is_empty() {
            let text = read("auth-file", &self.auth_file)?;
            lines.extend(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned));
        }
        lines.iter().map(|line| auth(line)).collect()
    }

    fn all_users(&self, auths: &[Auth]) -> Result<Users, String> {
        let mut users = Users::default();
        if !self.users_file.is_empty() {
            let text = read("users", &self.users_file)?;
            let bad = |line: methodical_server::login::BadLine| {
                format!("{}:{}: {}", self.users_file, line.line, line.clause)
            };
            users = Users::read(&text).map_err(bad)?;
        }
        for (name, (hash, place)) in &self.users {
            users.add_hash(name, hash).map_err(|clause| format!("{place}: users: {clause}"))?;
        }
        let mut added = BTreeSet::new();
        for (name, password) in auths.iter().filter_map(|auth| auth.user.as_ref()) {
            // The same user may have rights at several paths.
            if added.insert((name, password)) {
                let secret =
                    secret(password).map_err(|clause| format!("auth: {name:?}: {clause}"))?;
                users.add(name, secret).map_err(|clause| format!("auth: {clause}"))?;
            }
        }
        for (group, members) in &self.groups {
            users.add_group(group, members.iter().map(|(member, _)| member.clone()));
        }
        Ok(users)
    }

    fn rules(&self, auths: &[Auth], users: &Users, settings: &Settings) -> Result<Rules, String> {
        let mut grants = of_auths(auths);
        let known = known(users, settings)?;
        self.unknown(users, &known, settings).iter().for_each(|sentence| warn(sentence));
        for words in &self.grants {
            let who = who(words, users, &known)?;
            let GrantWords { path, rights, place, .. } = words.clone();
            grants.push(Grant { path, who, rights, source: place });
        }
        if !grants.is_empty() {
            return Ok(Rules::of(grants));
        }
        if known.is_empty() && settings.tokens.is_none() {
            return Ok(Rules::default());
        }
        // There are users, and nobody said what for: nothing without a login.
        let source = "the default, since there are users".to_owned();
        let (who, rights) = (Who::Authenticated, Rights::WRITE);
        Ok(Rules::of(vec![Grant { path: Path::root(), who, rights, source }]))
    }
}

impl AccessWords {
    /// A sentence for each name in `[groups]` and `[[connect]]` that nobody bears. It gives nobody
    /// anything; were it refused, who is taken out of the file of users could log in until the name
    /// is gone from everywhere else, since the configuration would be kept as it was. In `[access]`
    /// such a name is refused, as a rule that does not reach its user may leave too much.
    fn unknown(&self, users: &Users, known: &BTreeSet<String>, settings: &Settings) -> Vec<String> {
        let names = || known.iter().map(String::as_str);
        let is_group = |name: &str| users.groups().any(|group| group == name);
        let is_set = |name: &str| matches!(name, "anyone" | "authenticated") || is_group(name);
        let mut unknown = Vec::new();
        for (member, place) in self.groups.iter().flat_map(|(_, members)| members) {
            if is_set(member) && !known.contains(member) {
                unknown.push(format!(
                    "{place}: groups: {member:?} is no user; groups hold users alone"
                ));
            } else if !known.contains(member) {
                let hint = did_you_mean(member, names());
                unknown.push(format!("{place}: groups: there is no user {member:?}{hint}"));
            }
        }
        let holds =
            |asker: &Subject| settings.policy.tunnels.0.iter().any(|it| it.users.contains(asker));
        for (asker, place) in &self.askers {
            let is_known = known.contains(asker) || is_group(asker);
            // A flag may have taken the place of the rules.
            if !is_known && holds(&Subject::Named(asker.clone())) {
                let others = ["anyone", "authenticated"].into_iter().chain(users.groups());
                let hint = did_you_mean(asker, names().chain(others));
                let sentence = format!("{place}: users: there is no user or group {asker:?}{hint}");
                unknown.push(sentence);
            }
        }
        unknown
    }
}

/// The grants of `--auth`. What is granted at one path holds at the deeper ones of others, too,
/// unless the same one is named there: each stands for itself.
fn of_auths(auths: &[Auth]) -> Vec<Grant> {
    let of = |auth: &Auth| match &auth.user {
        Some((name, _)) => Who::User(name.clone()),
        None => Who::Anyone,
    };
    let mut grants: Vec<Grant> = auths
        .iter()
        .map(|auth| Grant {
            path: auth.path.clone(),
            who: of(auth),
            rights: auth.rights,
            source: "--auth".to_owned(),
        })
        .collect();
    let places: Vec<Path> = auths.iter().map(|auth| auth.path.clone()).collect();
    let mut nearest = grants.clone();
    nearest.sort_by_key(|grant| std::cmp::Reverse(grant.path.bytes().len()));
    for place in places {
        for grant in &nearest {
            let is_named = grants.iter().any(|it| it.path == place && it.who == grant.who);
            if place.is_within(&grant.path) && !is_named {
                grants.push(Grant { path: place.clone(), ..grant.clone() });
            }
        }
    }
    grants
}

/// The rights that mean nothing where nothing is written.
const CHANGING: [Right; 5] =
    [Right::Create, Right::Replace, Right::Remove, Right::Properties, Right::Lock];

/// Refuses what is no `--auth`, without showing it: it holds a password.
pub(crate) fn check_auth(text: &str) -> Result<(), String> {
    auth(text).map(drop)
}

/// Refuses what no file can be named; nothing is named by no text.
pub(crate) fn check_file(text: &str) -> Result<(), String> {
    if text.contains('\0') { Err("expected the name of a file".to_owned()) } else { Ok(()) }
}

/// Reads a path as it is written for people: not percent-encoded.
///
/// # Errors
/// One clause.
pub(crate) fn path(text: &str) -> Result<Path, String> {
    let wrong = |what: &str| format!("expected a path {what}, not {text:?}");
    let inner = text.strip_prefix('/').ok_or_else(|| wrong("that begins with /"))?;
    let mut names = inner.split('/').filter(|name| !name.is_empty());
    names.try_fold(Path::root(), |path, name| {
        path.join(name.as_bytes()).map_err(|_| wrong("of names that a file can have"))
    })
}

/// Reads rights.
///
/// # Errors
/// One clause with what may have been meant.
pub(crate) fn rights(text: &str) -> Result<Rights, String> {
    text.parse().map_err(|UnknownRight(word)| {
        let words: Vec<&str> = Rights::words().collect();
        let hint = did_you_mean(&word, words.iter().copied());
        format!("{word:?} is no right (there are {}){hint}", words.join(", "))
    })
}

fn auth(text: &str) -> Result<Auth, String> {
    const FORM: &str = "expected USER:PASSWORD[@/PATH:RIGHTS], or @/PATH:RIGHTS for anyone";
    let (user, place) = match text.rfind("@/").and_then(|at| text.split_at_checked(at)) {
        Some((user, place)) => (user, place.strip_prefix('@').unwrap_or(place)),
        None => (text, "/"),
    };
    let explicit = place.contains(':');
    let (at, granted) = match place.rsplit_once(':') {
        Some((at, granted)) => (at, rights(granted)?),
        None => (place, Rights::WRITE),
    };
    let user = match user.split_once(':') {
        Some((name, password)) if !name.is_empty() && !password.is_empty() => {
            Some((name.to_owned(), password.to_owned()))
        }
        None if user.is_empty() && text.starts_with('@') => None,
        Some(_) | None => return Err(FORM.to_owned()),
    };
    Ok(Auth { explicit, user, path: path(at)?, rights: granted })
}

/// A password, or one that is hashed already. What looks like a hash and is none that is taken was
/// meant as one.
fn secret(text: &str) -> Result<Secret, String> {
    let is_hash = text.starts_with("{SHA}") || text.starts_with("{SSHA}") || is_crypt(text);
    match Secret::parse(text) {
        Err(weak) if is_hash => Err(format!("a password that {weak}; say the password itself")),
        Err(_) => Secret::of(text),
        Ok(secret) => Ok(secret),
    }
}

/// Whether it has the form `$id$...$...` that crypt gives.
fn is_crypt(text: &str) -> bool {
    let mut parts = text.split('$');
    let begins = parts.next() == Some("") && parts.next().is_some_and(|id| !id.is_empty());
    begins && parts.count() >= 2
}

/// All who can be somebody: users, and those whose tokens are taken.
///
/// # Errors
/// One clause, if the file of tokens cannot be read.
pub(crate) fn known(users: &Users, settings: &Settings) -> Result<BTreeSet<String>, String> {
    let mut known: BTreeSet<String> = users.names().map(str::to_owned).collect();
    if let Some(path) = &settings.tokens {
        let tokens = TokenFile::at(path).tokens();
        let tokens = tokens.map_err(|cause| format!("tokens: {}: {cause}", path.display()))?;
        known.extend(tokens.into_iter().map(|token| token.user));
    }
    Ok(known)
}

fn who(words: &GrantWords, users: &Users, known: &BTreeSet<String>) -> Result<Who, String> {
    let name = words.who.as_str();
    let is_group = users.groups().any(|group| group == name);
    match name {
        "anyone" => Ok(Who::Anyone),
        "authenticated" => Ok(Who::Authenticated),
        _ if is_group && known.contains(name) => {
            Err(format!("{}: access: {name:?} is a user and a group; rename one", words.place))
        }
        _ if is_group => Ok(Who::Group(name.to_owned())),
        _ if known.contains(name) => Ok(Who::User(name.to_owned())),
        _ => {
            let names = ["anyone", "authenticated"].into_iter().chain(users.groups());
            let hint = did_you_mean(name, names.chain(known.iter().map(String::as_str)));
            Err(format!("{}: access: there is no user or group {name:?}{hint}", words.place))
        }
    }
}

fn read(setting: &str, file: &str) -> Result<String, String> {
    fs::read_to_string(file).map_err(|cause| format!("{setting}: cannot read {file}: {cause}"))
}
