//! What caches may do with files, by path, type and name.

use methodical_semantics::{
    path::Path,
    rule::caching::{Control, Files, Rule, Rules, carries_hash},
};

fn rules(rules: &[(&str, &str)]) -> Rules {
    let rule = |(files, control): &(&str, &str)| Rule {
        files: files.parse().unwrap(),
        control: control.parse().unwrap(),
        source: String::new(),
    };
    Rules(rules.iter().map(rule).collect())
}

fn said(rules: &Rules, path: &str, kind: &str) -> Option<String> {
    let path = Path::decode(path).unwrap().0;
    rules.find(&path, kind).map(|control| control.to_string())
}

fn fits(pattern: &str, path: &str) -> bool {
    said(&rules(&[(pattern, "max-age=1")]), path, "text/plain").is_some()
}

#[test]
fn a_path_is_what_is_at_it_and_below() {
    for pattern in ["/assets", "/assets/"] {
        assert!(fits(pattern, "/assets") && fits(pattern, "/assets/a/b.js"));
        assert!(!fits(pattern, "/assets2") && !fits(pattern, "/a/assets"));
    }
    assert!(fits("/", "/a") && fits("/", "/"));
}

#[test]
fn a_star_stays_within_a_name_and_two_cross_names() {
    assert!(fits("/css/*.css", "/css/a.css") && !fits("/css/*.css", "/css/a/b.css"));
    assert!(!fits("/css/*.css", "/css/a.js") && !fits("/css/*.css", "/x/css/a.css"));
    assert!(fits("/**/*.css", "/a/b/c.css") && fits("/**.css", "/a/b.css") && fits("/*", "/a"));
    assert!(fits("/a*b*c", "/aXbXbc") && !fits("/a*b*c", "/aXb/c") && fits("/**/x/**", "/a/x/b/c"));
    assert!(fits("/**/x/*", "/x/x/b/x/c") && !fits("/*", "/a/b"));
    // Between two slashes it is also no name at all, and never a part of one.
    assert!(fits("/**/*.css", "/a.css") && fits("/a/**/b", "/a/b") && fits("/a/**/b", "/a/c/d/b"));
    assert!(!fits("/a/**/b", "/ab") && !fits("/a/**/b", "/a/cb") && !fits("/a/**/b", "/acb"));
    assert!(
        fits("/**/a/**/b", "/a/b") && fits("/**/a/**/b", "/x/a/y/a/b") && !fits("/**/a", "/xa")
    );
    let long = format!("/{}", "a".repeat(100)).repeat(10);
    assert!(!fits(&format!("/{}b", "*a**a".repeat(100)), &long));
}

#[test]
fn the_first_rule_that_fits_counts() {
    let rules = rules(&[
        ("/private", "no-store"),
        ("hashed", "max-age=31536000, immutable"),
        ("image/*", "max-age=60"),
        ("text/html", "no-cache"),
    ]);
    let of = |path, kind| said(&rules, path, kind);
    assert_eq!(of("/private/a.3f9a1c2b.png", "image/png").unwrap(), "no-store");
    assert_eq!(of("/a.3f9a1c2b.png", "image/png").unwrap(), "max-age=31536000, immutable");
    assert_eq!(of("/a.png", "image/png").unwrap(), "max-age=60");
    assert_eq!(of("/a", "Text/HTML; charset=utf-8").unwrap(), "no-cache");
    assert_eq!(of("/a", "text/html5"), None);
}

#[test]
fn a_hash_is_told_from_words_and_dates() {
    for name in [
        "app.3f9a1c2b.js",
        "main-8a7b6c5d4e3f.chunk.css",
        "3f9a1c2b4d5e6f708192a3b4c5d6e7f8.png",
        "chunk_0A1B2C3D.woff2",
        "app-7WJ2LKTM.js",
    ] {
        assert!(carries_hash(name), "{name}");
    }
    for name in [
        "app.js",
        "report-20261130.pdf",
        "deadbeef.png",
        "background.png",
        "a.1f9.js",
        "photo-iPhone12.jpg",
        "Chapter12.txt",
        "x.3f9a1c2b",
        "",
    ] {
        assert!(!carries_hash(name), "{name}");
    }
}

#[test]
fn rfc9111_5_2_2_only_what_means_something_is_taken() {
    for text in ["no-store", "no-cache", "max-age=0", "max-age=2147483648", "max-age=1, immutable"]
    {
        assert_eq!(text.parse::<Control>().unwrap().to_string(), text);
    }
    assert!("Immutable , MAX-AGE=5".parse::<Control>().is_ok());
    for text in [
        "",
        "immutable",
        "max-age",
        "max-age=",
        "max-age=-1",
        "max-age=2147483649",
        "max-age=1, max-age=2",
        "no-store, max-age=1",
        "no-store, no-cache",
        "public",
        "max-age=1; immutable",
    ] {
        assert!(text.parse::<Control>().is_err(), "{text}");
    }
    for text in ["", "a", "*/*", "text", "text/*x", "text/html; a=b", "Hashed"] {
        assert!(text.parse::<Files>().is_err(), "{text}");
    }
}

#[test]
fn rfc9111_5_2_2_7_what_not_everybody_reads_is_private() {
    let value = |text: &str| text.parse::<Control>().unwrap().value(false).unwrap();
    assert_eq!(value("max-age=5"), "private, max-age=5");
    assert_eq!(value("no-store"), "no-store");
}
