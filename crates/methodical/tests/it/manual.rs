//! Completions and manual pages.

use crate::command::{Ran, ran};

#[test]
fn each_shell_gets_a_script_with_our_flags() {
    let scripts = [
        ("bash", "complete -F _methodical"),
        ("zsh", "#compdef methodical"),
        ("fish", "complete -c methodical"),
    ];
    for (shell, mark) in scripts {
        let Ran { code, out, err } = ran(["completions", shell]);
        assert_eq!((code, err.as_str()), (Some(0), ""));
        assert!(out.contains(mark), "{mark} for {shell}");
        for word in ["require-preconditions", "relaxed", "completions"] {
            assert!(out.contains(word), "{word} for {shell}");
        }
    }
}

#[test]
fn the_script_for_bash_is_a_script_for_bash() {
    let script = ran(["completions", "bash"]).out;
    let checked = std::process::Command::new("bash").args(["-n", "-c", &script]).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

#[test]
fn no_shell_and_an_unknown_shell_are_wrong_uses() {
    assert_eq!(ran(["completions"]).code, Some(2));
    assert_eq!(ran(["completions", "tcsh"]).code, Some(2));
}

#[test]
fn the_manual_page_names_the_commands_and_the_exit_codes() {
    let Ran { code, out, err } = ran(["manpage"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.contains(".TH methodical 1"), "{out}");
    assert!(out.contains("methodical\\-serve"), "{out}");
    assert!(out.contains(".SH \"EXIT STATUS\""), "{out}");
}

#[test]
fn each_command_has_a_manual_page() {
    for command in ["serve", "config", "config-print", "methods", "completions", "manpage"] {
        let page = ran(["manpage", command]);
        assert_eq!(page.code, Some(0), "{}", page.err);
        assert!(page.out.contains(&format!(".TH methodical-{command} 1")), "{}", page.out);
    }
    assert!(ran(["manpage", "serve"]).out.contains("METHODICAL_REQUIRE_PRECONDITIONS"));
}

#[test]
fn the_manual_of_what_takes_a_configuration_shows_its_tables() {
    for command in ["serve", "config-check", "config-print"] {
        let page = ran(["manpage", command]).out;
        for table in ["[users]", "[groups]", "[access]", "[[connect]]"] {
            assert!(page.contains(&format!("\n{table}\n")), "{table} of {command}: {page}");
        }
        assert!(page.contains("The longest path that fits decides"), "{page}");
    }
    let help = ran(["serve", "--help"]).out;
    assert!(help.contains("\n  [access]\n"), "{help}");
}

#[test]
fn an_unknown_command_has_no_manual_page() {
    let Ran { code, out, err } = ran(["manpage", "serv"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert_eq!(err, "error: there is no command \"serv\"; did you mean \"serve\"?\n");
}
