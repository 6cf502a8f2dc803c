//! One examination: the probes that apply, one after the other, and the removal of what they made.
//!
//! The order is: one GET of the URL, which must be answered at all; the place to write, where
//! writing is allowed; then each chosen row, whose answers are kept with its verdict; then the
//! removal. A probe that fails ends only itself. What ends the whole is the operator's signal; once
//! the time, the requests or the patience with silence is used up, what is left is not tested, and
//! the report says so.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use crate::client::{Client, Exchange, Settings, Trouble};
use crate::lab::Lab;
use crate::message::Request;
use crate::probe::{Mode, Probe};
use crate::requirement::{Level, Requirement, requirement};
use crate::scratch::{NAME_BEGINS, Scratch};
use crate::table::probes;
use crate::url::Url;
use crate::verdict::{Outcome, Stop, Verdict};

/// The choices of the operator: the server, the probes, and the manners of the client.
#[derive(Debug, Clone)]
pub struct Options {
    /// The server, and the path to begin with.
    pub url: Url,
    /// True if resources may be made, changed and removed again.
    pub write: bool,
    /// Methods or ids to which the examination is limited; all if empty.
    /// Letters' case matters for a method, and for nothing else. A group is the part of an id
    /// before its number, as `cond`.
    pub only: Vec<String>,
    /// The origin that cross-origin requests come from.
    /// It is what the operator expects the server to let in: where it does not, the rows about CORS
    /// do not apply.
    pub origin: String,
    /// The path of a file to read; where there is none, one is looked for.
    pub file: Option<String>,
    /// The manners of the client.
    pub client: Settings,
}

/// A probe and what it found.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The probe.
    pub probe: &'static Probe,
    /// Its requirement.
    pub requirement: &'static Requirement,
    /// Its verdict. How grave it is takes the level of the requirement into account: see
    /// [`Checked::severity`].
    pub verdict: Verdict,
    /// The requests that it sent, with what came back. In the order of sending; without the content
    /// of answers.
    pub exchanges: Vec<Exchange>,
}

/// All that an examination found.
#[derive(Debug)]
pub struct Examination {
    /// The URL that was examined.
    pub url: Url,
    /// The name that the server gives itself, by the field Server.
    pub server: Option<String>,
    /// The path of the file that was read, where it is none of ours.
    pub file: Option<String>,
    /// The status of the answer to a GET of the URL, where it is no success: then there is little
    /// to be examined.
    pub refused: Option<u16>,
    /// The status of what is not there, where it does not say so.
    pub soft_missing: Option<u16>,
    /// True if it was written to.
    pub write: bool,
    /// The probes with their verdicts, in the order of the table.
    pub checked: Vec<Checked>,
    /// The number of requests that were sent. Those of the removal are counted, too.
    pub requests: usize,
    /// The time that it took.
    pub took: Duration,
    /// True if it was ended early. By a signal. The probes from the one on that ran then are
    /// missing from `checked`.
    pub interrupted: bool,
    /// The time that it may take, where that was not enough and it was given up.
    pub given_up: Option<Duration>,
    /// Paths that were made and could not be removed.
    pub left_behind: Vec<String>,
}

/// The gravity of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing to say.
    None,
    /// Allowed, and worth knowing.
    Note,
    /// It should be otherwise.
    Should,
    /// It is wrong.
    Must,
}

impl Checked {
    /// Returns the gravity of the verdict. A failed MUST is wrong, a failed SHOULD should be
    /// otherwise; a failed MAY and a mere note weigh alike.
    pub const fn severity(&self) -> Severity {
        match (&self.verdict, self.requirement.level) {
            (Verdict::Fail { .. }, Level::Must) => Severity::Must,
            (Verdict::Fail { .. }, Level::Should) => Severity::Should,
            (Verdict::Fail { .. }, Level::May) | (Verdict::Warn { .. }, _) => Severity::Note,
            _ => Severity::None,
        }
    }
}

impl Examination {
    /// Returns the findings, what is wrong or worth a note: worst first, else in the order of the
    /// table.
    pub fn findings(&self) -> Vec<&Checked> {
        let grave = |checked: &&Checked| checked.severity() > Severity::None;
        let mut findings: Vec<&Checked> = self.checked.iter().filter(grave).collect();
        findings.sort_by_key(|checked| std::cmp::Reverse(checked.severity()));
        findings
    }

    /// Returns the number of probes whose verdict has this word. The words are those of
    /// [`Verdict::word`]; any other gives 0.
    pub fn count(&self, word: &str) -> usize {
        self.checked.iter().filter(|checked| checked.verdict.word() == word).count()
    }

    /// Returns the number of findings that are exactly this grave.
    pub fn count_severity(&self, severity: Severity) -> usize {
        self.checked.iter().filter(|checked| checked.severity() == severity).count()
    }
}

/// The sentences that tell the operator what an examination will do, before it does it. Two lines,
/// the second of which says whether it writes, and where.
pub fn announcement(options: &Options) -> String {
    let url = &options.url;
    let chosen = chosen(options).len();
    if options.write {
        format!(
            "{chosen} probes of {url}\nwrites only below {}{NAME_BEGINS}(unguessable), which it \
             makes and removes again",
            url.absolute(url.collection()),
        )
    } else {
        format!("{chosen} probes of {url}\nsafe requests only; --write makes it thorough")
    }
}

/// Runs the probes. `progress` hears how many are done, of how many, and which is next.
///
/// # Errors
/// The server cannot be reached at all.
pub fn examine(
    options: &Options,
    interrupted: &Arc<AtomicBool>,
    progress: &mut dyn FnMut(usize, usize, &str),
) -> Result<Examination, Trouble> {
    let begun = Instant::now();
    let client = Client::new(options.url.clone(), options.client.clone(), Arc::clone(interrupted))?;
    let first = client.ask(&Request::get(&options.url.path))?;
    let server = first.field("Server").map(str::to_owned);
    let refused = (!first.is_success()).then_some(first.status());
    let scratch = if options.write { Some(Scratch::new(&client)?) } else { None };
    let file = options.file.as_ref().and_then(|file| within(&options.url, file));
    let guard = Cleaned(Lab::new(client, scratch, options.origin.clone(), file));
    let soft_missing = guard.0.soft_missing();
    let rows = chosen(options);
    let mut checked = Vec::with_capacity(rows.len());
    let mut stopped = false;
    for (index, (probe, requirement)) in rows.iter().enumerate() {
        progress(index, rows.len(), probe.id);
        let from = guard.0.client.exchange_count();
        let (verdict, last) = judged(run(&guard.0, probe));
        if last {
            stopped = true;
            break;
        }
        let exchanges = guard.0.client.exchanges(from);
        checked.push(Checked { probe, requirement, verdict, exchanges });
    }
    progress(rows.len(), rows.len(), "");
    let given_up = guard.0.client.is_overdue().then(|| guard.0.client.time_max());
    let left_behind = guard.0.remove_all();
    Ok(Examination {
        url: options.url.clone(),
        server,
        file: guard.0.read_file().map(str::to_owned),
        refused,
        soft_missing,
        write: options.write,
        checked,
        requests: guard.0.client.sent(),
        took: begun.elapsed(),
        interrupted: stopped,
        given_up,
        left_behind,
    })
}

/// Runs a probe, where the server has what it is about.
fn run(lab: &Lab, probe: &Probe) -> Outcome {
    if probe.needs_offer {
        lab.offers(probe.method)?;
    }
    (probe.run)(lab)
}

/// The path of a reference that the operator gave: absolute, or from the folder of the URL.
/// `None` where it is on another host, or is not ASCII that can stand in a request line.
fn within(url: &Url, file: &str) -> Option<String> {
    let path = url.resolve(&url.path, file)?;
    path.chars().all(|letter| letter.is_ascii_graphic()).then_some(path)
}

/// Removes what was made also when a probe panics.
struct Cleaned(Lab);

/// The usual end removes by [`examine`] itself, which has to tell what was left behind.
impl Drop for Cleaned {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.remove_all();
        }
    }
}

impl Lab {
    /// Removes what the examination made, its locks first; returns the paths that are still there.
    fn remove_all(&self) -> Vec<String> {
        self.scratch
            .as_ref()
            .map(|scratch| scratch.remove(&self.client, |path| self.holds(path)))
            .unwrap_or_default()
    }
}

/// The verdict, and whether the examination ends here.
fn judged(outcome: Outcome) -> (Verdict, bool) {
    match outcome {
        Ok(verdict) | Err(Stop::Verdict(verdict)) => (verdict, false),
        Err(Stop::Trouble(trouble)) => match trouble {
            Trouble::Interrupted => (Verdict::NotTested { why: trouble.to_string() }, true),
            Trouble::Unreachable(why) => (Verdict::NotTested { why }, false),
            Trouble::Spent | Trouble::Overdue(_) | Trouble::Unanswered => {
                (Verdict::NotTested { why: trouble.to_string() }, false)
            }
            Trouble::Closed | Trouble::Silent(_) | Trouble::Malformed(_) | Trouble::TooLarge(_) => {
                (Verdict::Fail { observed: trouble.to_string() }, false)
            }
        },
    }
}

/// The rows that run, with their requirements.
fn chosen(options: &Options) -> Vec<(&'static Probe, &'static Requirement)> {
    let wanted = |probe: &Probe| {
        let by_name = |only: &String| {
            probe.method == only
                || probe.id.eq_ignore_ascii_case(only)
                || probe
                    .id
                    .rsplit_once('-')
                    .is_some_and(|(group, _)| group.eq_ignore_ascii_case(only))
        };
        options.only.is_empty() || options.only.iter().any(by_name)
    };
    let allowed = |probe: &Probe| options.write || probe.mode == Mode::Reads;
    let rows = probes().filter(|probe| wanted(probe) && allowed(probe));
    rows.filter_map(|probe| Some((probe, requirement(probe.id)?))).collect()
}

/// Returns the number of probes that would run.
///
/// # Errors
/// None; a sentence says which of `only` names nothing, or that the file is elsewhere.
pub fn chosen_count(options: &Options) -> Result<usize, String> {
    if let Some(file) = options.file.as_ref().filter(|file| within(&options.url, file).is_none()) {
        return Err(format!("--file {file}: it is not on {}", options.url.authority()));
    }
    for name in &options.only {
        let one = Options { only: vec![name.clone()], write: true, ..options.clone() };
        if chosen(&one).is_empty() {
            return Err(format!("--only {name}: there is no such method, group or id; see --list"));
        }
    }
    let count = chosen(options).len();
    if count == 0 { Err("these probes need --write".to_owned()) } else { Ok(count) }
}
