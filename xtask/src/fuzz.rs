//! `cargo xtask fuzz`: the parsers of bytes from the network, by libFuzzer on the stable compiler.
//!
//! `fuzz/` is a workspace of its own, since everything in it is built with the fuzzer's
//! instrumentation. `fuzz/corpus/TARGET/` holds the seeds; what the fuzzer finds beyond them is
//! kept in `fuzz-corpus/` where cargo builds, and an input that fails in `fuzz/artifacts/TARGET/`.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::arguments::Arguments;
use crate::packages::{self, Need};
use crate::process;
use crate::project::{Project, cargo};
use crate::verdict::Verdict;

const TARGETS: &str = "fuzz/fuzz_targets";
const SECONDS: u64 = 30;
/// Longest time in which the build of all targets says nothing.
const BUILD_LIMIT: Duration = Duration::from_mins(20);
/// Beyond its own time: start, seeds, the last input.
const EXTRA: Duration = Duration::from_mins(1);
/// Seconds for one input, MiB for the whole fuzzer, bytes of one input.
const INPUT_SECONDS_MAX: u32 = 5;
const MEMORY_MIB_MAX: u32 = 2048;
const INPUT_BYTES_MAX: u32 = 4096;

/// What `cargo fuzz` does on nightly by `-Zsanitizer`, without a sanitizer: our code has no
/// `unsafe`, so that panics, overflows, hangs and greed are what there is to find.
const INSTRUMENTATION: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg=fuzzing",
];

pub(crate) fn task(project: &Project, mut arguments: Arguments) -> Result<Verdict> {
    let seconds = arguments.number("--seconds", SECONDS)?;
    let only = arguments.word();
    arguments.finish()?;
    let targets = choose(project, only.as_deref())?;
    packages::ensure(&[Need { program: "c++", packages: &["g++"] }])?;
    let host = host()?;
    build(project, &host)?;
    let binaries = project.target()?.join("fuzz").join(&host).join("release");
    let mut verdict = Verdict::Good;
    for target in &targets {
        if run(project, &binaries, target, seconds)? == Verdict::Bad {
            verdict = Verdict::Bad;
        }
    }
    Ok(verdict)
}

fn choose(project: &Project, only: Option<&str>) -> Result<Vec<String>> {
    let mut targets: Vec<String> = project
        .files()?
        .iter()
        .filter_map(|path| path.strip_prefix(TARGETS)?.strip_prefix('/')?.strip_suffix(".rs"))
        .filter(|name| !name.contains('/'))
        .map(str::to_owned)
        .collect();
    ensure!(!targets.is_empty(), "{TARGETS} holds no targets");
    if let Some(name) = only {
        let all = targets.join(", ");
        targets.retain(|target| target == name);
        if targets.is_empty() {
            bail!("no such target; there are {all}");
        }
    }
    Ok(targets)
}

/// The machine that rustc compiles for when it is not told: naming it keeps the instrumentation
/// out of build scripts.
fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("cannot run rustc")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not say its host")?.to_owned())
}

fn build(project: &Project, host: &str) -> Result<()> {
    let mut command = Command::new(cargo());
    command
        .args(["build", "--release", "--locked", "--bins", "--target", host])
        .arg("--manifest-path")
        .arg(project.path("fuzz/Cargo.toml"))
        .arg("--target-dir")
        .arg(project.target()?.join("fuzz"))
        .env("RUSTFLAGS", INSTRUMENTATION.join(" "));
    let status = process::build(&mut command, BUILD_LIMIT)?;
    ensure!(status.is_some_and(|s| s.success()), "the fuzz targets do not build: {status:?}");
    Ok(())
}

fn run(project: &Project, binaries: &Path, target: &str, seconds: u64) -> Result<Verdict> {
    let found = project.target()?.join("fuzz-corpus").join(target);
    let artifacts = project.path(&format!("fuzz/artifacts/{target}"));
    fs::create_dir_all(&found)?;
    fs::create_dir_all(&artifacts)?;
    let log = project.target()?.join(format!("fuzz-corpus/{target}.log"));
    let output = fs::File::create(&log)?;
    let mut command = Command::new(binaries.join(target));
    command
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-timeout={INPUT_SECONDS_MAX}"))
        .arg(format!("-rss_limit_mb={MEMORY_MIB_MAX}"))
        .arg(format!("-max_len={INPUT_BYTES_MAX}"))
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .arg("-print_final_stats=1")
        .arg(&found)
        .arg(project.path(&format!("fuzz/corpus/{target}")))
        .stdout(output.try_clone()?)
        .stderr(output);
    let status = process::run(&mut command, Duration::from_secs(seconds) + EXTRA)?;
    let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    if status.is_some_and(|status| status.success()) {
        println!("{target}: {} inputs, nothing found", runs(&text).unwrap_or("no"));
        return Ok(Verdict::Good);
    }
    println!("{target}: FAILED, see {} and {}", log.display(), artifacts.display());
    for line in text.lines().filter(|line| line.contains("panicked at") || line.contains("ERROR")) {
        println!("  {line}");
    }
    Ok(Verdict::Bad)
}

/// How many inputs were tried, by the fuzzer's statistics.
fn runs(log: &str) -> Option<&str> {
    log.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:")).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_inputs_is_read_from_the_statistics() {
        assert_eq!(runs("Done\nstat::number_of_executed_units: 121\n"), Some("121"));
        assert_eq!(runs(""), None);
    }
}
