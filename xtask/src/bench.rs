//! `cargo xtask bench`: our server and others, side by side, by `bench/run.py`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::arguments::Arguments;
use crate::packages::{self, Need};
use crate::process;
use crate::project::{Project, RELEASE, cargo};
use crate::verdict::Verdict;

const SERVERS: &str = "nginx,lighttpd,squid,methodical";
const WORKLOADS: &str = "idle,idle2000,get1k,get100k,close1k,inm304,range64k,big1,big8,\
                         put4k,put1g,propfind,propfind100k,movetree,copytree,lockedget,\
                         tls1k,tlsnew,h2,tunnel1g,tunnels";
const ROUNDS: u32 = 5;
/// Ratios are to the first of these servers that runs a workload.
const REFERENCES: &str = "nginx,squid";
/// These run by themselves, so that what they need is not in the memory that others measure.
const OVER_TLS: &[&str] = &["tls1k", "tlsnew", "h2"];
/// These go through a proxy, of which there are others.
const TUNNELS: &[&str] = &["tunnel1g", "tunnels"];
/// These run on tmpfs, so that they do not measure the disk: they write, or need very many files.
const IN_MEMORY: &[&str] = &["put4k", "put1g", "propfind100k", "movetree", "copytree"];
const TMPFS: &str = "/dev/shm";

/// Longest time in which a build says nothing, and for all rounds of all workloads.
const BUILD_LIMIT: Duration = Duration::from_mins(30);
const BENCH_LIMIT: Duration = Duration::from_hours(4);
const REPORT_LIMIT: Duration = Duration::from_mins(1);

/// What measures, whoever is measured.
const TOOLS: &[Need] = &[
    Need { program: "python3", packages: &["python3"] },
    Need { program: "curl", packages: &["curl"] },
    Need { program: "openssl", packages: &["openssl"] },
    Need { program: "wrk", packages: &["wrk"] },
    Need { program: "h2load", packages: &["nghttp2-client"] },
];

/// What each server needs that Debian has.
const PEERS: &[(&str, Need)] = &[
    ("nginx", Need { program: "nginx", packages: &["nginx-extras", "libnginx-mod-http-dav-ext"] }),
    ("lighttpd", Need { program: "lighttpd", packages: LIGHTTPD }),
    ("h2o", Need { program: "h2o", packages: &["h2o"] }),
    ("apache", Need { program: "apache2", packages: &["apache2"] }),
    ("caddy", Need { program: "caddy", packages: &["caddy"] }),
    ("rclone", Need { program: "rclone", packages: &["rclone"] }),
    ("squid", Need { program: "squid", packages: &["squid"] }),
    ("tinyproxy", Need { program: "tinyproxy", packages: &["tinyproxy"] }),
];
const LIGHTTPD: &[&str] = &["lighttpd", "lighttpd-mod-webdav", "lighttpd-mod-openssl"];

/// What is to be measured, on whom and how often.
struct Plan {
    servers: String,
    workloads: String,
    rounds: u32,
    nice: i32,
    /// The program as it was before, and the server that ratios are to.
    before: Option<PathBuf>,
}

pub(crate) fn task(project: &Project, mut arguments: Arguments) -> Result<Verdict> {
    let against = arguments.value("--against")?;
    let mut plan = Plan {
        servers: arguments.value("--servers")?.unwrap_or_else(|| SERVERS.to_owned()),
        workloads: arguments.value("--workloads")?.unwrap_or_else(|| WORKLOADS.to_owned()),
        rounds: arguments.number("--rounds", ROUNDS)?,
        nice: arguments.number("--nice", 0)?,
        before: None,
    };
    arguments.finish()?;
    install(&plan.servers)?;
    build(project.root(), None)?;
    if let Some(commit) = against {
        plan.before = Some(build_before(project, &commit)?);
        plan.servers.push_str(",before");
    }

    let folder = tempfile::TempDir::with_prefix("methodical-bench-")?;
    let memory = tmpfs_folder()?;
    let mut results = Vec::new();
    for (name, root, of) in [
        ("reading", folder.path(), Group::Reading),
        ("tls", folder.path(), Group::OverTls),
        ("tunnels", folder.path(), Group::Tunnels),
        ("memory", memory.path(), Group::InMemory),
    ] {
        let workloads: Vec<&str> =
            plan.workloads.split(',').filter(|name| Group::of(name) == of).collect();
        if !workloads.is_empty() {
            let result = folder.path().join(name).with_extension("json");
            measure(project, &plan, &workloads, root, &result)?;
            results.push(result);
        }
    }
    let mut report = Command::new("python3");
    let references = plan.before.as_ref().map_or(REFERENCES, |_| "before");
    report.arg(project.path("bench/report.py")).args(["--against", references]).args(results);
    bounded(&mut report, REPORT_LIMIT)?;
    Ok(Verdict::Good)
}

/// Workloads that run together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Reading,
    OverTls,
    Tunnels,
    InMemory,
}

impl Group {
    fn of(workload: &str) -> Self {
        match workload {
            _ if IN_MEMORY.contains(&workload) => Self::InMemory,
            _ if OVER_TLS.contains(&workload) => Self::OverTls,
            _ if TUNNELS.contains(&workload) => Self::Tunnels,
            _ => Self::Reading,
        }
    }
}

/// Runs `workloads` with the data below `root`, and keeps the numbers in `result`.
fn measure(
    project: &Project,
    plan: &Plan,
    workloads: &[&str],
    root: &Path,
    result: &Path,
) -> Result<()> {
    let program = project.program()?;
    let mut command = Command::new("python3");
    command
        .arg(project.path("bench/run.py"))
        .args(["--servers", &plan.servers, "--workloads", &workloads.join(",")])
        .args(["--rounds", &plan.rounds.to_string(), "--nice", &plan.nice.to_string()])
        .arg("--root")
        .arg(root)
        .arg("--json")
        .arg(result)
        .env("BENCH_BIN", program.parent().unwrap_or(project.root()))
        .envs(plan.before.iter().map(|before| ("BENCH_BEFORE", before)));
    bounded(&mut command, BENCH_LIMIT)
}

/// A folder in memory; where there is no tmpfs, an ordinary one.
fn tmpfs_folder() -> Result<tempfile::TempDir> {
    let prefix = "methodical-bench-";
    let folder = tempfile::TempDir::with_prefix_in(prefix, TMPFS);
    Ok(folder.or_else(|_| tempfile::TempDir::with_prefix(prefix))?)
}

fn install(servers: &str) -> Result<()> {
    let of_peers = PEERS
        .iter()
        .filter(|(name, _)| servers.split(',').any(|server| server == *name))
        .map(|(_, need)| *need);
    let needs: Vec<Need> = TOOLS.iter().copied().chain(of_peers).collect();
    packages::ensure(&needs)
}

fn build(root: &Path, target: Option<&Path>) -> Result<()> {
    let mut command = Command::new(cargo());
    command.args(RELEASE).current_dir(root);
    command.envs(target.map(|target| ("CARGO_TARGET_DIR", target)));
    let status = process::build(&mut command, BUILD_LIMIT)?;
    ensure!(status.is_some_and(|s| s.success()), "{command:?} failed: {status:?}");
    Ok(())
}

/// Builds the program of another commit, from a tree of its own that is left out of the way of
/// ours; what was built of it stays for the next time.
fn build_before(project: &Project, commit: &str) -> Result<PathBuf> {
    let (tree, target) = (project.path("target/before/tree"), project.path("target/before/built"));
    if tree.exists() {
        std::fs::remove_dir_all(&tree)?;
    }
    std::fs::create_dir_all(&tree)?;
    let archive = project.path("target/before/tree.tar");
    let git = |command: &mut Command| bounded(command.current_dir(project.root()), REPORT_LIMIT);
    git(Command::new("git").args(["archive", "--output"]).arg(&archive).arg(commit))?;
    git(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(&tree))?;
    build(&tree, Some(&target))?;
    Ok(target.join("release").join("methodical"))
}

fn bounded(command: &mut Command, limit: Duration) -> Result<()> {
    let status = process::run(command, limit)?;
    ensure!(status.is_some_and(|s| s.success()), "{command:?} failed: {status:?}");
    Ok(())
}
