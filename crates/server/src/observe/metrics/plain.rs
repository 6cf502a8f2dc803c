//! The same numbers in Prometheus' own text format, version 0.0.4, which is older than
//! `OpenMetrics` and differs from it in little.
//!
//! Collectors that do not ask for `OpenMetrics` get it. It is made of the other text rather than
//! encoded anew, so that both cannot differ in what they tell.

/// Makes it of the text of `OpenMetrics`: a family is called what its samples are, there is no type
/// of information, and nothing says the end.
pub(super) fn of(open: &str) -> String {
    let mut text = String::with_capacity(open.len());
    let mut help = None;
    for line in open.lines() {
        match line.strip_prefix("# ").and_then(|line| line.split_once(' ')) {
            // Its type, which says how the family is called, stands behind it.
            Some(("HELP", described)) => help = described.split_once(' ').map(|(_, help)| help),
            Some(("TYPE", typed)) => {
                let (family, kind) = typed.rsplit_once(' ').unwrap_or((typed, "untyped"));
                let (suffix, kind) = match kind {
                    "counter" => ("_total", kind),
                    "info" => ("_info", "gauge"),
                    "unknown" => ("", "untyped"),
                    _ => ("", kind),
                };
                if let Some(help) = help.take() {
                    text.extend(["# HELP ", family, suffix, " ", help, "\n"]);
                }
                text.extend(["# TYPE ", family, suffix, " ", kind, "\n"]);
            }
            Some(_) => {}
            None if line.starts_with('#') => {}
            None => text.extend([line, "\n"]),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn prometheus_0_0_4_a_family_is_called_what_its_samples_are() {
        let open = "# HELP a_b Things.\n# TYPE a_b counter\na_b_total{c=\"d # e\"} 1\n\
                    # HELP a Program.\n# TYPE a info\na_info{version=\"1\"} 1\n\
                    # HELP g_s Time.\n# TYPE g_s gauge\n# UNIT g_s s\ng_s 2\n# EOF\n";
        let plain = "# HELP a_b_total Things.\n# TYPE a_b_total counter\na_b_total{c=\"d # e\"} 1\n\
                     # HELP a_info Program.\n# TYPE a_info gauge\na_info{version=\"1\"} 1\n\
                     # HELP g_s Time.\n# TYPE g_s gauge\ng_s 2\n";
        assert_eq!(super::of(open), plain);
    }
}
