//! `access explain`: the whole verdict, and the exit code that says it.

use std::fs;

use crate::access::{CONFIG, Site};
use crate::command::ran;

#[test]
fn a_verdict_is_explained_by_its_rule() {
    let site = Site::of(CONFIG);
    let told = site.explained(&["ann", "PUT", "/a.txt"]);
    assert_eq!(
        told,
        "ann may PUT /a.txt\n  replace at /a.txt: yes; authenticated has read, create, replace, \
         remove, properties, lock at / (HOME/config.toml:9:26)\n"
    );
    let told = site.explained(&["anyone", "DELETE", "/a.txt"]);
    assert_eq!(
        told,
        "anyone may not DELETE /a.txt; a login could help\n  remove at /a.txt: no; anyone has \
         read at / (HOME/config.toml:9:9)\n"
    );
    let told = site.explained(&["ann", "GET", "/private docs/x"]);
    assert!(told.contains("the rules for /private%20docs name nobody like that"), "{told}");
    let told = site.explained(&["ann", "MOVE", "/a.txt", "--destination", "/private docs"]);
    assert!(told.starts_with("ann may not MOVE"), "{told}");
    let told = site.explained(&["bob", "COPY", "/a.txt", "--destination", "/new"]);
    assert!(told.starts_with("bob may COPY") && told.contains("read at /a.txt: yes"), "{told}");
    let told = site.explained(&["ann", "DELETE", "/none"]);
    assert!(told.contains("would be refused in any case: 404"), "{told}");
    let refused = site.explain(&["bob", "COPY", "/a.txt"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("--destination"), "{}", refused.err);
}

#[test]
fn rfc9110_9_3_6_a_verdict_on_a_tunnel_is_explained() {
    let rules = "[[connect]]\nhosts = [\"*.example.com\"]\nusers = [\"bob\"]\n[[connect]]\n\
                 hosts = [\"a.test\"]\naddresses = [\"10.0.0.0/8\"]\n";
    let site = Site::of(&format!("{CONFIG}\"/t\" = {{ ann = \"all\" }}\n{rules}"));
    for (who, to, verdict) in [
        (
            "bob",
            "www.example.com:443",
            "bob may CONNECT www.example.com:443\n  where its address is public",
        ),
        ("bob", "www.example.com:25", "no rule for tunnels is about it"),
        ("ann", "www.example.com:443", "for others (tunnel at /: no;"),
        ("anyone", "a.test:443", "anyone may not CONNECT a.test:443"),
    ] {
        let told = site.explained(&[who, "CONNECT", to]);
        assert!(told.contains(verdict), "{who} {to}: {told}");
    }
    assert_eq!(site.explain(&["bob", "CONNECT", "example.com"]).code, Some(2));
    let all = CONFIG.replace("authenticated = \"write\"", "authenticated = \"all\"");
    let told = Site::of(&format!("{all}{rules}")).explained(&["ann", "CONNECT", "a.test:443"]);
    assert!(told.contains("ann may CONNECT") && told.contains("in 10.0.0.0/8"), "{told}");
    let none = Site::of(CONFIG).explained(&["ann", "CONNECT", "a.test:443"]);
    assert!(none.contains("no tunnels are made"), "{none}");
}

#[test]
fn rfc9110_9_3_6_a_verdict_on_a_tunnel_knows_what_no_tunnel_leads_to() {
    let site = Site::of(
        "connect = true\nwrite = true\n\
                         users = \"HOME/users\"\n[access]\n\"/\" = { ann = \"all\" }\n",
    );
    for host in [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "localhost",
        "a.localhost",
        "LOCALHOST.",
    ] {
        let told = site.explained(&["ann", "CONNECT", &format!("{host}:443")]);
        assert!(told.starts_with("ann may not CONNECT"), "{told}");
        assert!(told.contains("is not where a tunnel may lead"), "{told}");
    }
    let told = site.explained(&["ann", "CONNECT", "192.0.2.1:443"]);
    assert!(told.starts_with("ann may not"), "for documentation only: {told}");
    for public in ["1.1.1.1:443", "example.com:443"] {
        assert!(site.explained(&["ann", "CONNECT", public]).starts_with("ann may CONNECT"));
    }
    let named = "write = true\nusers = \"HOME/users\"\n\
                 [access]\n\"/\" = { ann = \"all\" }\n[[connect]]\n\
                 addresses = [\"127.0.0.0/8\"]\n";
    let told = Site::of(named).explained(&["ann", "CONNECT", "127.0.0.1:443"]);
    assert!(told.starts_with("ann may CONNECT"), "a rule names it: {told}");
}

#[test]
fn a_verdict_is_the_whole_one_and_the_exit_code_tells_it() {
    let site = Site::of(CONFIG);
    fs::write(site.path("www/.env"), "x").unwrap();
    for (words, said) in [
        (&["ann", "DELETE", "/"][..], "refused in any case: 405"),
        (&["ann", "POST", "/a.txt"], "refused in any case: 405"),
        (&["ann", "PUT", "/none/x"], "409"),
        (&["ann", "ACL", "/a.txt"], "501"),
        (&["ann", "TRACE", "/a.txt"], "405"),
        (&["ann", "GET", "/.none"], "404"),
    ] {
        let told = site.explained(words);
        assert!(told.contains(" may not ") && told.contains(said), "{words:?}: {told}");
    }
    let off = Site::of(&CONFIG.replace("write = true\n", ""));
    let told = off.explain(&["ann", "PUT", "/a.txt"]);
    assert_eq!(told.code, Some(1));
    assert!(
        told.out.contains("ann may not PUT /a.txt") && told.out.contains("--write"),
        "{}",
        told.out
    );
    assert!(off.explain(&["ann", "PUT", "/a.txt", "--write"]).out.contains("ann may PUT"));
    let own = site.explain(&["ann", "GET", "/.methodical/health"]);
    assert_eq!(own.code, Some(2));
    assert!(own.err.contains("the server's own"), "{}", own.err);
    let help = ran(["access", "explain", "--help"]).out;
    assert!(help.contains("  1  it may not"), "{help}");
    assert!(ran(["manpage", "access-explain"]).out.contains("it may not"));
}

#[test]
fn a_verdict_is_what_the_server_would_do_with_a_well_made_request() {
    let site = Site::of(&format!("{CONFIG}\"/drop\" = {{ anyone = \"create\" }}\n"));
    fs::create_dir(site.path("www/drop")).unwrap();
    fs::write(site.path("www/drop/d.txt"), "d").unwrap();
    fs::write(site.path("www/p.json"), "{}").unwrap();
    for (words, said) in [
        // How the patch is made is not what is asked for.
        (&["ann", "PATCH", "/a.txt"][..], "ann may PATCH /a.txt"),
        (&["ann", "PATCH", "/p.json"], "ann may PATCH /p.json"),
        (&["anyone", "PATCH", "/a.txt"], "anyone may not PATCH"),
        // Nothing is locked; COPY's field is not what is lacking.
        (&["ann", "UNLOCK", "/a.txt"], "ann may not UNLOCK /a.txt\n  would be refused"),
        // That there is a file is not told to who may only create.
        (&["anyone", "POST", "/drop/d.txt"], "anyone may not POST /drop/d.txt"),
        (&["anyone", "POST", "/drop"], "anyone may POST /drop"),
    ] {
        let told = site.explained(words);
        assert!(told.starts_with(said), "{words:?}: {told}");
        assert!(!told.contains("--destination"), "{told}");
    }
}

#[test]
fn without_a_folder_a_verdict_is_that_of_the_rules() {
    let site = Site::of(&CONFIG.replace("dir = \"HOME/www\"\n", ""));
    let www = site.path("www").display().to_string();
    for words in [
        &["ann", "PUT", "/x/y/z.txt"][..],
        &["ann", "DELETE", "/x/y"],
        &["ann", "DELETE", "/x/y/"],
        &["ann", "GET", "/x/.y"],
        &["ann", "MKCOL", "/x/y/"],
        &["ann", "PROPPATCH", "/x/y"],
        &["bob", "PUT", "/private docs/new"],
        &["ann", "MOVE", "/x/y", "--destination", "/p/q/r"],
    ] {
        let told = site.explained(words);
        assert!(told.contains(" may ") && told.contains("no folder is named"), "{words:?}: {told}");
    }
    for words in [
        &["anyone", "PUT", "/x/y"][..],
        &["ann", "DELETE", "/"],
        &["bob", "DELETE", "/private docs/new"],
        &["ann", "MOVE", "/x/y", "--destination", "/private docs/q"],
        &["ann", "PUT", "/x/y/z.txt", &www],
    ] {
        let told = site.explained(words);
        assert!(told.contains(" may not "), "{words:?}: {told}");
    }
    let named = site.explained(&["ann", "GET", "/a.txt", &www]);
    assert!(!named.contains("no folder"), "{named}");
}

#[test]
fn who_or_what_is_unknown_is_said_with_what_may_have_been_meant() {
    let site = Site::of(CONFIG);
    let wrong = |words: &[&str]| site.explain(words).err;
    assert!(wrong(&["bobb", "GET", "/"]).contains("no user \"bobb\"; did you mean \"bob\"?"));
    assert!(wrong(&["bob", "DELET", "/"]).contains("did you mean \"DELETE\"?"));
    assert!(wrong(&["bob", "GET", "a"]).contains("begins with /"));
}
