//! What is below a collection that is to have another name: how deep it goes, and which links lead
//! out of it and would lead elsewhere from there.

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    path::{Path, SEGMENTS_MAX},
};
use rustix::{
    fs::{FileType, Mode, OFlags},
    io::Errno,
};

use super::{
    entries::Entries,
    stat::{Form, form_of, look_at},
};
use crate::{
    errno::{OrRefuse, error, is_absent},
    inner::Inner,
};

/// A link that has to say something else at its new place to lead where it led.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Relink {
    /// Its new place.
    pub(crate) at: Path,
    pub(crate) text: Vec<u8>,
}

impl Inner {
    /// Looks through what is below a collection before that gets another name. One collection is
    /// open at a time, and none is entered by a link.
    ///
    /// # Errors
    /// `Forbidden` where something would come to stand deeper than paths go, so that nobody could
    /// get at it, or more links lead out than are mended.
    pub(crate) fn survey(&self, from: &Path, to: &Path) -> Result<Vec<Relink>> {
        let (mut ahead, mut links) = (vec![from.clone()], Vec::new());
        while let Some(of) = ahead.pop() {
            let Some(mut names) = self.names(&of)? else { continue };
            while names.read().or_refuse()? {
                for number in 0..names.len() {
                    let Some((name, kind)) = names.name(number) else { break };
                    if matches!(name, b"." | b"..") {
                        continue;
                    }
                    match form(&names, name, kind) {
                        Form::Collection => ahead.push(deeper(&of, name, from, to)?),
                        Form::Link => links.extend(self.relink(&of, (&names, name), (from, to))?),
                        Form::File | Form::Special => {}
                    }
                }
                if links.len() > RELINKED_MAX {
                    let detail = "Too many links lead out of this collection; move its parts.";
                    return Err(Error::refused(Condition::Forbidden, detail));
                }
            }
        }
        Ok(links)
    }

    fn names(&self, of: &Path) -> Result<Option<Entries>> {
        let Some(found) = self.tree.collection(of)? else { return Ok(None) };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match rustix::fs::openat(found, ".", flags, Mode::empty()) {
            Ok(dir) => Ok(Some(Entries::of(dir))),
            // What nobody may look into goes along as it is.
            Err(errno) if errno == Errno::ACCESS || is_absent(errno) => Ok(None),
            Err(errno) => Err(error(errno)),
        }
    }

    /// Returns what a link has to say from now on, if it leads out of what is moved by a relative
    /// path to something inside the root.
    fn relink(
        &self,
        of: &Path,
        (names, name): (&Entries, &[u8]),
        (from, to): (&Path, &Path),
    ) -> Result<Option<Relink>> {
        let Ok(text) = rustix::fs::readlinkat(names.dir(), name, Vec::new()) else {
            return Ok(None);
        };
        let depth = of.segments().count() - from.segments().count();
        if !self.tree.follows_links() || !leads_out(text.as_bytes(), depth) {
            return Ok(None);
        }
        let link = of.join(name).map_err(|_| error(Errno::NAMETOOLONG))?;
        // One that leads nowhere, or outside, is not shown here nor there.
        let Some(target) = self.tree.follow(&link)? else { return Ok(None) };
        let moved = |path: &Path| {
            if path.is_within(from) { path.rebased(from, to) } else { path.clone() }
        };
        let (at, target) = (moved(&link), moved(&target));
        let text = relative(&moved(of), &target);
        Ok(Some(Relink { at, text }))
    }
}

fn form(names: &Entries, name: &[u8], kind: FileType) -> Form {
    if kind != FileType::Unknown {
        return Form::from(kind);
    }
    look_at(names.dir(), name).map_or(Form::Special, |stat| form_of(&stat))
}

/// The path of a collection below, if it has one at its new place.
fn deeper(of: &Path, name: &[u8], from: &Path, to: &Path) -> Result<Path> {
    let too_deep = || {
        let detail = "Some of this would lie deeper there than paths go; move it elsewhere.";
        Error::refused(Condition::Forbidden, detail)
    };
    let path = of.join(name).map_err(|_| too_deep())?;
    let segments = path.segments().count() - from.segments().count() + to.segments().count();
    let bytes = path.bytes().len() - from.bytes().len() + to.bytes().len();
    if segments > SEGMENTS_MAX || bytes > PATH_BYTES_MAX {
        return Err(too_deep());
    }
    Ok(path)
}

/// Returns whether a link that stands so many collections deep leads out of the outermost by its
/// text.
fn leads_out(text: &[u8], depth: usize) -> bool {
    let mut depth = Some(depth);
    for part in text.split(|byte| *byte == b'/') {
        depth = match (part, depth) {
            (b"" | b".", depth) => depth,
            (b"..", depth) => depth.and_then(|depth| depth.checked_sub(1)),
            (_, depth) => depth.map(|depth| depth + 1),
        };
    }
    // Once out, it is out: it may come back by the name that changes.
    !text.starts_with(b"/") && depth.is_none()
}

/// The text of a link in a collection that leads to a path.
fn relative(of: &Path, to: &Path) -> Vec<u8> {
    let common = of.segments().zip(to.segments()).take_while(|(one, other)| one == other).count();
    let up = std::iter::repeat_n(b"..".as_slice(), of.segments().count() - common);
    let parts: Vec<&[u8]> = up.chain(to.segments().skip(common)).collect();
    if parts.is_empty() { b".".to_vec() } else { parts.join(&b'/') }
}

/// The number of links that one move mends: each is a step of its commit.
const RELINKED_MAX: usize = 100;

/// The octets of a path that Linux opens at once, less the end of the text.
const PATH_BYTES_MAX: usize = 4095;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_out_by_more_steps_up_than_it_is_deep() {
        for (text, depth, out) in [
            ("f", 0, false),
            ("../f", 1, false),
            ("../f", 0, true),
            ("d/../../f", 0, true),
            ("../own/f", 0, true),
            ("./d/./../f", 0, false),
            ("/etc", 0, false),
            ("../..", 1, true),
        ] {
            assert_eq!(leads_out(text.as_bytes(), depth), out, "{text}");
        }
    }

    #[test]
    fn a_relative_path_leads_from_one_to_the_other() {
        let path = |text: &str| Path::decode(text).unwrap().0;
        for (of, to, text) in [
            ("/a/b", "/a/c/d", "../c/d"),
            ("/", "/x", "x"),
            ("/a", "/a", "."),
            ("/a/b", "/", "../.."),
        ] {
            assert_eq!(relative(&path(of), &path(to)), text.as_bytes());
        }
    }
}
