//! Sockets in the file system: who may connect to one is in its mode.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::command::{methodical, ran};
use crate::serve::{Serving, shown};

fn mode(socket: &Path) -> u32 {
    fs::metadata(socket).unwrap().permissions().mode() & 0o7777
}

/// Serves at two sockets, started with a umask.
fn modes(umask: &str, more: &[&str]) -> [u32; 2] {
    let [folder, one, other] = [(); 3].map(|()| TempDir::new().unwrap());
    let (bind, admin) = (one.path().join("bind"), other.path().join("admin"));
    let (at, admin_at) = ("unix:bind", format!("unix:{}", shown(&admin)));
    let server = methodical([""; 0]);
    let mut command = Command::new("sh");
    command.args(["-c", "umask $0; exec \"$@\"", umask]).arg(server.get_program());
    command.args(["serve", "--bind", at, "--admin", &admin_at]).args(more).arg(folder.path());
    let mut serving = Serving::start({
        command.current_dir(one.path()).stdin(Stdio::null()).stdout(Stdio::piped());
        command
    });
    serving.line();
    let modes = [mode(&bind), mode(&admin)];
    assert_eq!(serving.stop(), Some(0));
    assert!(!bind.exists() && !admin.exists());
    modes
}

#[test]
fn a_socket_is_its_owners_alone_unless_its_mode_is_said() {
    for umask in ["000", "022", "077"] {
        assert_eq!(modes(umask, &[]), [0o600; 2], "{umask}");
        assert_eq!(modes(umask, &["--unix-mode", "0660"]), [0o660; 2], "{umask}");
        assert_eq!(modes(umask, &["--unix-mode", "666"]), [0o666; 2], "{umask}");
    }
}

#[test]
fn the_mode_of_sockets_is_a_key_of_the_configuration_file() {
    let own = TempDir::new().unwrap();
    let config = own.path().join("methodical.toml");
    fs::write(&config, "unix_mode = \"0620\"\n").unwrap();
    assert_eq!(modes("022", &["--config", shown(&config)]), [0o620; 2]);
}

#[test]
fn what_is_no_mode_of_a_socket_is_refused() {
    let folder = TempDir::new().unwrap();
    for wrong in ["rw", "0888", "66", "1777", "00660", "0440", "", "-660", "+660", "0o660"] {
        let refused = ran(["serve", &format!("--unix-mode={wrong}"), shown(folder.path())]);
        assert_eq!(refused.code, Some(2), "{wrong}");
        assert!(
            refused.err.contains("expected an octal mode that lets its owner write"),
            "{wrong}"
        );
    }
}
