//! Debian packages that a task needs and a fresh machine lacks.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::process;

/// Longest time that apt-get may take for one call.
const APT_LIMIT: Duration = Duration::from_mins(5);

/// A program, and the packages that bring it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Need {
    pub(crate) program: &'static str,
    pub(crate) packages: &'static [&'static str],
}

/// Installs the packages of every program that is not there, as root or by sudo.
///
/// # Errors
/// When apt-get fails, with the names of the packages.
pub(crate) fn ensure(needs: &[Need]) -> Result<()> {
    let missing: Vec<&str> = needs
        .iter()
        .filter(|need| !installed(need.program))
        .flat_map(|need| need.packages.iter().copied())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("     installing {}", missing.join(" "));
    apt_get(&["update"], &missing)?;
    let install = ["install", "-y", "--no-install-recommends"];
    apt_get(&[install.as_slice(), missing.as_slice()].concat(), &missing)
}

/// Whether the shell finds `program`, on the path or among the system's programs.
pub(crate) fn installed(program: &str) -> bool {
    let path = std::env::var("PATH").unwrap_or_default();
    path.split(':')
        .chain(["/usr/sbin", "/sbin", "/usr/local/sbin"])
        .any(|folder| std::path::Path::new(folder).join(program).is_file())
}

fn apt_get(arguments: &[&str], wanted: &[&str]) -> Result<()> {
    let mut command = if rustix::process::geteuid().is_root() {
        Command::new("env")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", "env"]);
        sudo
    };
    command
        .args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"])
        .args(["-o", "DPkg::Lock::Timeout=300"])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    let status = process::run(&mut command, APT_LIMIT)?;
    ensure!(
        status.is_some_and(|status| status.success()),
        "apt-get {} failed; install by hand: {}",
        arguments.first().copied().unwrap_or_default(),
        wanted.join(" ")
    );
    Ok(())
}
