//! `config print`: the effective configuration as a file that `--config` takes, with its sources.

use crate::config::{Effective, Source};
use crate::draft::Draft;
use crate::settings::{SETTINGS, Setting};

/// The configuration as TOML; behind each value stands where it came from.
pub(crate) fn toml(effective: &Effective) -> String {
    let mut draft = effective.draft.clone();
    let mut sources = effective.sources.iter();
    let mut text = String::from(HEAD);
    for paragraph in SETTINGS.chunk_by(|one, next| one.heading == next.heading) {
        let heading = paragraph.first().map_or("", |setting| setting.heading);
        text.extend(["\n# ", heading, "\n"]);
        let lines = paragraph.iter().zip(&mut sources);
        text.extend(lines.map(|(setting, source)| line(setting, &mut draft, source)));
    }
    text
}

fn line(setting: &Setting, draft: &mut Draft, source: &Source) -> String {
    let key = setting.key();
    let assignment = match setting.kind.show(draft) {
        Some(value) => format!("{key} = {value}"),
        None => format!("# {key} is not set"),
    };
    format!("{assignment:<WIDTH$} # {source}\n")
}

const HEAD: &str = "# The configuration of `methodical serve`, with the source of each value.\n";
/// Columns: where the comments begin, unless a value is longer.
const WIDTH: usize = 34;
