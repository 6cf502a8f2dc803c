//! The project's own tasks: `cargo xtask TASK`.
//!
//! | task | what it does |
//! |---|---|
//! | `tidy` | reads the tree and says where it leaves the rules of the house |
//! | `docs [--check]` | writes `docs/` from the tables of the code, or says that they are stale |
//! | `coverage` | says which requirements of `data/requirements/` have a test |
//! | `test [--quick] [--only STEP]` | runs every test there is, with all set-up |
//! | `bench [--rounds N] [--workloads A,B] [--servers A,B]` | measures against other servers |
//! | `bench --against COMMIT` | measures against what this server was then |
//! | `fuzz [--seconds N] [TARGET]` | fuzzes the parsers of bytes from the network |

mod arguments;
mod bench;
mod coverage;
mod csv;
mod docs;
mod fuzz;
mod packages;
mod process;
mod project;
mod test;
mod tidy;
mod verdict;

use std::process::ExitCode;

use arguments::Arguments;
use project::Project;
use verdict::Verdict;

fn main() -> ExitCode {
    process::end_children_on_signals();
    let mut words = std::env::args().skip(1);
    let task = words.next().unwrap_or_default();
    match run(&task, words.collect()) {
        Ok(Verdict::Good) => ExitCode::SUCCESS,
        Ok(Verdict::Bad) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask {task}: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(task: &str, words: Vec<String>) -> anyhow::Result<Verdict> {
    let project = Project::find()?;
    let arguments = Arguments::new(words);
    match task {
        "tidy" => tidy::task(&project, arguments),
        "docs" => docs::task(&project, arguments),
        "coverage" => coverage::task(&project, arguments),
        "test" => test::task(&project, arguments),
        "bench" => bench::task(&project, arguments),
        "fuzz" => fuzz::task(&project, arguments),
        _ => anyhow::bail!("no such task; there are tidy, docs, coverage, test, bench and fuzz"),
    }
}
