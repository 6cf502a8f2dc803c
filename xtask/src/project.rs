//! The project's folder and what belongs to it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// The folder that holds the workspace's `Cargo.toml`.
#[derive(Debug)]
pub(crate) struct Project {
    root: PathBuf,
}

impl Project {
    /// The project that this program was built from, or, as `cargo xtask` tells, is run in.
    pub(crate) fn find() -> Result<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest.parent().context("xtask lies in no project")?.to_owned();
        Ok(Self { root })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Where cargo builds.
    pub(crate) fn target(&self) -> PathBuf {
        std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| self.path("target"), |folder| self.root.join(folder))
    }

    /// The text of the file `name`.
    pub(crate) fn read(&self, name: &str) -> Result<String> {
        fs::read_to_string(self.path(name)).with_context(|| format!("cannot read {name}"))
    }

    /// Names of all files that git tracks or would track, sorted.
    pub(crate) fn files(&self) -> Result<Vec<String>> {
        let kinds = ["--cached", "--others", "--exclude-standard", "--deduplicate"];
        let listed = self.output(Command::new("git").args(["ls-files", "-z"]).args(kinds))?;
        let mut files: Vec<String> = listed
            .split('\0')
            .filter(|name| !name.is_empty() && self.path(name).is_file())
            .map(str::to_owned)
            .collect();
        files.sort();
        Ok(files)
    }

    /// `cargo metadata` of the workspace whose manifest is `name`, without its dependencies' own.
    pub(crate) fn metadata(&self, name: &str) -> Result<Value> {
        let args = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
        let mut command = Command::new(cargo());
        command.args(args).arg("--manifest-path").arg(self.path(name));
        serde_json::from_str(&self.output(&mut command)?).context("cargo metadata is not JSON")
    }

    /// Names of all packages that a build of the workspace whose manifest is `name` takes in here.
    pub(crate) fn built_packages(&self, name: &str) -> Result<BTreeSet<String>> {
        let mut command = Command::new(cargo());
        command
            .args(["tree", "--workspace", "--locked", "--quiet", "--prefix", "none"])
            .args(["--edges", "normal,build,dev", "--format", "{p}", "--manifest-path"])
            .arg(self.path(name));
        let listed = self.output(&mut command)?;
        let names = listed.lines().filter_map(|line| line.split(' ').next());
        Ok(names.map(str::to_owned).collect())
    }

    fn output(&self, command: &mut Command) -> Result<String> {
        let name = command.get_program().to_string_lossy().into_owned();
        let output = command
            .current_dir(&self.root)
            .output()
            .with_context(|| format!("cannot run {name}"))?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{name} failed: {}", said.trim());
        String::from_utf8(output.stdout).with_context(|| format!("{name} wrote no UTF-8"))
    }
}

/// What stands behind the last dot of a file's name: `rs` of `src/main.rs`.
pub(crate) fn ending(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, ending)| ending)
}

/// The cargo that runs us, or the one on the path.
pub(crate) fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}
