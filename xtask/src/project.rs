//! The project's folder and what belongs to it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// The folder that holds the workspace's `Cargo.toml`.
#[derive(Debug)]
pub(crate) struct Project {
    root: PathBuf,
    /// What cargo said of itself, once it was asked.
    target: OnceLock<PathBuf>,
    program: OnceLock<PathBuf>,
}

impl Project {
    /// The project that this program was built from, or, as `cargo xtask` tells, is run in.
    pub(crate) fn find() -> Result<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest.parent().context("xtask lies in no project")?.to_owned();
        Ok(Self { root, target: OnceLock::new(), program: OnceLock::new() })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Where cargo builds, as it says itself: variables and its configuration have a word in that.
    pub(crate) fn target(&self) -> Result<PathBuf> {
        if let Some(target) = self.target.get() {
            return Ok(target.clone());
        }
        let metadata = self.metadata("Cargo.toml")?;
        let target = metadata
            .get("target_directory")
            .and_then(Value::as_str)
            .context("cargo names no target")?;
        Ok(self.target.get_or_init(|| target.into()).clone())
    }

    /// The release build of `methodical`, built unless it is fresh, where cargo says that it is.
    pub(crate) fn program(&self) -> Result<PathBuf> {
        if let Some(program) = self.program.get() {
            return Ok(program.clone());
        }
        let mut command = Command::new(cargo());
        command.args(RELEASE).args(["--quiet", "--message-format", "json"]);
        let said = self.output(&mut command)?;
        let program = executable(&said).context("cargo does not say where methodical is")?;
        Ok(self.program.get_or_init(|| program).clone())
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

/// The words of cargo that build the program as it is shipped.
pub(crate) const RELEASE: [&str; 5] = ["build", "--release", "--locked", "--package", "methodical"];

/// The program that messages of a build name.
fn executable(messages: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut named =
        messages.filter_map(|message| Some(PathBuf::from(message.get("executable")?.as_str()?)));
    named.find(|path| path.file_name().is_some_and(|name| name == "methodical"))
}

/// What stands behind the last dot of a file's name: `rs` of `src/main.rs`.
pub(crate) fn ending(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, ending)| ending)
}

/// The cargo that runs us, or the one on the path.
pub(crate) fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cargo's messages of a project whose configuration builds elsewhere.
    #[test]
    fn cargo_says_where_it_built() {
        let said = "{\"reason\":\"compiler-artifact\",\"executable\":null}\n\
                    {\"reason\":\"compiler-artifact\",\"executable\":\"/a/t/release/methodical\"}\n\
                    {\"reason\":\"build-finished\"}\n";
        assert_eq!(executable(said), Some("/a/t/release/methodical".into()));
        assert_eq!(executable("no json\n"), None);
    }

    #[test]
    fn a_variable_and_the_configuration_say_where_cargo_builds() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().canonicalize().unwrap();
        fs::create_dir_all(at.join("src")).unwrap();
        fs::create_dir_all(at.join(".cargo")).unwrap();
        fs::write(at.join("src/lib.rs"), "").unwrap();
        fs::write(at.join("Cargo.toml"), "[package]\nname = \"a\"\nedition = \"2024\"\n").unwrap();
        fs::write(at.join(".cargo/config.toml"), "[build]\ntarget-dir = \"elsewhere\"\n").unwrap();
        let project =
            Project { root: at.clone(), target: OnceLock::new(), program: OnceLock::new() };
        let said = std::env::var_os("CARGO_TARGET_DIR").map(|folder| at.join(folder));
        assert_eq!(project.target().unwrap(), said.unwrap_or(at.join("elsewhere")));
    }
}
