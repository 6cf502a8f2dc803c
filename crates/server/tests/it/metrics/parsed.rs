//! The text of the metrics, read as strictly as its format allows.

use std::collections::{BTreeMap, HashSet};

/// Samples by name and labels, as they are written.
#[derive(Debug)]
pub(super) struct Parsed {
    samples: BTreeMap<String, f64>,
    types: BTreeMap<String, String>,
}

impl Parsed {
    /// Reads the text: each family has its type before its samples, and stands in one place; no
    /// sample comes twice; the end is said.
    #[track_caller]
    pub(super) fn of(text: &str) -> Self {
        let lines = text.strip_suffix("# EOF\n").expect("no end");
        let mut parsed = Self { samples: BTreeMap::new(), types: BTreeMap::new() };
        let (mut family, mut described) = (String::new(), HashSet::new());
        for line in lines.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').expect(line);
                assert!(described.insert(name.to_owned()) && !help.is_empty(), "{line}");
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').expect(line);
                name.clone_into(&mut family);
                assert!(described.contains(name), "{line}");
                let first = parsed.types.insert(name.to_owned(), kind.to_owned());
                assert_eq!(first, None, "{line}");
            } else {
                parsed.take(&family, line);
            }
        }
        parsed
    }

    #[track_caller]
    fn take(&mut self, family: &str, line: &str) {
        let (name, value) = line.rsplit_once(' ').expect(line);
        let (bare, labels) = name.split_once('{').unwrap_or((name, "}"));
        let suffix = bare.strip_prefix(family).expect(line);
        let suffixes: &[&str] = match self.types[family].as_str() {
            "counter" => &["_total"],
            "gauge" => &[""],
            "info" => &["_info"],
            "histogram" => &["_bucket", "_count", "_sum"],
            other => panic!("{other}"),
        };
        assert!(suffixes.contains(&suffix), "{line}");
        assert!(labels.ends_with('}') && family.starts_with("methodical_"), "{line}");
        let first = self.samples.insert(name.to_owned(), value.parse().expect(line));
        assert_eq!(first, None, "{line} comes twice");
    }

    /// The value of a sample; 0 if there is none.
    pub(super) fn get(&self, name: &str) -> f64 {
        self.samples.get(&format!("methodical_{name}")).copied().unwrap_or(0.0)
    }

    /// How many requests with a method were answered with a code.
    pub(super) fn requests(&self, method: &str, code: &str) -> f64 {
        self.get(&format!("requests_total{{method=\"{method}\",code=\"{code}\"}}"))
    }

    /// Samples of a name, with what stands in the braces.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = (&str, f64)> {
        let start = format!("methodical_{name}{{");
        self.samples.iter().filter_map(move |(name, value)| {
            Some((name.strip_prefix(&start)?.strip_suffix('}')?, *value))
        })
    }
}
