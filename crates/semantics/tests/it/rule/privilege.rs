use std::sync::Arc;

use methodical_semantics::{
    path::Path,
    principal::Principal,
    rule::privilege::{Access, Grant, Right, Rights, Rules, ShownTo, Who},
};

fn at(text: &str) -> Path {
    Path::decode(text).unwrap().0
}

/// Rules as `path who rights`, one each; a name that begins with `@` is a group's.
fn rules(lines: &[&str]) -> Rules {
    let grant = |line: &&str| {
        let words: Vec<&str> = line.split(' ').collect();
        let who = match words[1] {
            "anyone" => Who::Anyone,
            "authenticated" => Who::Authenticated,
            name => match name.strip_prefix('@') {
                Some(group) => Who::Group(group.into()),
                None => Who::User(name.into()),
            },
        };
        Grant::new(at(words[0]), who, words[2].parse().unwrap())
    };
    Rules::of(lines.iter().map(grant).collect())
}

fn member(name: &str, group: &str) -> Principal {
    Principal { groups: vec![group.into()], ..Principal::named(name) }
}

#[test]
fn without_rules_everybody_may_everything() {
    let rules = Rules::default();
    assert!(rules.is_open());
    for right in Right::ALL {
        assert!(rules.allows(&Principal::default(), right, &at("/a")));
    }
    assert!(!rules.login_helps(None, &at("/")));
}

#[test]
fn what_no_rule_is_about_is_forbidden() {
    let rules = rules(&["/a anyone all"]);
    assert!(!rules.allows(&Principal::default(), Right::Read, &at("/")));
    assert!(!rules.allows(&Principal::default(), Right::Read, &at("/ab")));
    assert!(rules.allows(&Principal::default(), Right::Read, &at("/a/b")));
    assert_eq!(rules.judge(&Principal::default(), Right::Read, &at("/b")).place, None);
}

#[test]
fn the_longest_path_that_fits_decides_alone() {
    let rules = rules(&["/ anyone write", "/a/b ann read", "/a/b/c anyone create"]);
    let (anyone, ann) = (Principal::default(), Principal::named("ann"));
    let judge = |who, right, path: &str| rules.allows(who, right, &at(path));
    assert!(judge(&anyone, Right::Replace, "/a"));
    assert!(!judge(&anyone, Right::Read, "/a/b"));
    assert!(judge(&ann, Right::Read, "/a/b/x") && !judge(&ann, Right::Replace, "/a/b/x"));
    assert!(judge(&ann, Right::Create, "/a/b/c/d") && !judge(&ann, Right::Read, "/a/b/c/d"));
}

#[test]
fn of_several_grants_at_a_path_any_gives_a_right() {
    let rules = rules(&["/ anyone read", "/ authenticated create", "/ @staff remove"]);
    let (bob, eve) = (member("bob", "staff"), Principal::named("eve"));
    let rights = |who: &Principal| {
        let has = |right: &&Right| rules.allows(who, **right, &at("/a"));
        Right::ALL.iter().filter(has).map(|right| right.name()).collect::<Vec<_>>()
    };
    assert_eq!(rights(&Principal::default()), ["read"]);
    assert_eq!(rights(&eve), ["read", "create"]);
    assert_eq!(rights(&bob), ["read", "create", "remove"]);
}

#[test]
fn who_is_named_with_none_has_none() {
    let rules = rules(&["/ authenticated write", "/ eve none", "/ @guests none", "/ ann read"]);
    assert!(!rules.allows(&Principal::named("eve"), Right::Read, &at("/")));
    assert!(!rules.allows(&member("bob", "guests"), Right::Read, &at("/")));
    // Named herself, she is not only one of the group.
    assert!(rules.allows(&member("ann", "guests"), Right::Replace, &at("/")));
    let verdict = rules.judge(&Principal::named("eve"), Right::Read, &at("/"));
    assert_eq!(verdict.rule.unwrap().who, Who::User("eve".into()));
}

#[test]
fn no_rights_for_anyone_take_nothing_from_others() {
    let rules = rules(&["/ anyone none", "/ authenticated none", "/ ann write"]);
    assert!(rules.allows(&Principal::named("ann"), Right::Read, &at("/")));
    assert!(!rules.allows(&Principal::named("bob"), Right::Read, &at("/")));
}

#[test]
fn a_rule_below_takes_away_from_a_tree() {
    let rules = rules(&["/ ann write", "/d/e ann read", "/d%2D ann none"]);
    let ann = Principal::named("ann");
    assert!(!rules.judge_tree(&ann, Right::Remove, &at("/d")).allowed);
    assert!(!rules.judge_tree(&ann, Right::Remove, &at("/")).allowed);
    assert!(rules.judge_tree(&ann, Right::Read, &at("/d")).allowed);
    assert!(!rules.judge_tree(&ann, Right::Read, &at("/")).allowed);
    assert!(rules.judge_tree(&ann, Right::Remove, &at("/c")).allowed);
    assert!(rules.judge_tree(&ann, Right::Remove, &at("/d/f")).allowed);
}

#[test]
fn all_unicode_forms_of_a_name_are_one_place() {
    for written in ["/Zo%C3%AB", "/Zoe%CC%88"] {
        let rules = rules(&["/ anyone read", &format!("{written} anyone none")]);
        for asked in ["/Zo%C3%AB", "/Zoe%CC%88", "/Zo%C3%AB/a", "/Zoe%CC%88/%FF"] {
            assert!(!rules.allows(&Principal::default(), Right::Read, &at(asked)), "{asked}");
        }
        assert!(rules.allows(&Principal::default(), Right::Read, &at("/Zoe")));
    }
}

#[test]
fn a_login_helps_where_it_would_give_the_right() {
    let rules = rules(&["/ anyone read", "/ ann create", "/open anyone all"]);
    assert!(rules.login_helps(Some(Right::Create), &at("/a")));
    assert!(!rules.login_helps(Some(Right::Remove), &at("/a")));
    assert!(rules.login_helps(None, &at("/a")));
    assert!(!rules.login_helps(None, &at("/open/a")));
}

#[test]
fn rights_are_read_as_they_are_shown() {
    for right in Right::ALL {
        let alone: Rights = right.name().parse().unwrap();
        assert_eq!(alone, Rights::only(right));
        assert_eq!(alone.to_string(), right.name());
    }
    assert_eq!("read, create".parse(), "create+read".parse::<Rights>());
    assert_eq!("none".parse(), Ok(Rights::NONE));
    assert_eq!(Rights::NONE.to_string(), "none");
    assert_eq!("all".parse(), Ok(Rights::ALL));
    assert_eq!(Rights::ALL.to_string().parse(), Ok(Rights::ALL));
    assert_eq!("read, wirte".parse::<Rights>().unwrap_err().0, "wirte");
    let write: Rights = "write".parse().unwrap();
    assert!(!write.contains(Right::Tunnel) && !write.contains(Right::Admin));
}

fn access(lines: &[&str], who: &str, dotted: ShownTo) -> Access {
    let (rules, principal) = (Arc::new(rules(lines)), Arc::new(Principal::named(who)));
    Access { rules, principal, dotted }
}

#[test]
fn names_with_a_dot_are_shown_where_one_may_write() {
    let lines = ["/ ann read,write", "/ bob read,lock,properties", "/d bob read,remove"];
    let [ann, bob] = ["ann", "bob"].map(|who| access(&lines, who, ShownTo::Writers));
    for dotted in ["/.x", "/e/.x/y", "/.git/config", "/e/.well-known/x", "/..."] {
        assert!(ann.sees(&at(dotted), None), "{dotted}");
        assert!(!bob.sees(&at(dotted), None) && !bob.knows(&at(dotted), None), "{dotted}");
    }
    for plain in ["/", "/x", "/x.y", "/.well-known/x", "/d/.x", "/.methodical/health"] {
        let bobs =
            Access { rules: Arc::new(rules(&["/ bob read", "/d bob create"])), ..bob.clone() };
        assert!(bobs.knows(&at(plain), None), "{plain}");
    }
    // A link from where one may write to where not, and the operator's to what is hidden.
    assert!(!bob.knows(&at("/d/link/.x"), Some(&at("/e/.x"))));
    assert!(bob.sees(&at("/e/link"), Some(&at("/.git/config"))));
}

#[test]
fn names_with_a_dot_are_shown_to_nobody_or_to_everybody() {
    let lines = ["/ ann read,write", "/ bob read"];
    for who in ["ann", "bob", "eve"] {
        let nobody = access(&lines, who, ShownTo::Nobody);
        assert!(!nobody.knows(&at("/.x"), None) && nobody.knows(&at("/x"), None));
        assert!(access(&lines, who, ShownTo::Everybody).knows(&at("/.x"), None));
    }
    // Those that a Mac leaves are shown by another choice.
    assert!(access(&lines, "bob", ShownTo::Writers).knows(&at("/d/._x"), None));
    assert!(Access::default().is_open());
    let open = Access { dotted: ShownTo::Writers, ..Access::default() };
    assert!(open.is_open());
    assert!(!Access { dotted: ShownTo::Nobody, ..Access::default() }.is_open());
}
