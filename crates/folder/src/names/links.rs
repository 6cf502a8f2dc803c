//! Absolute links that lead to a place inside: `RESOLVE_BENEATH` refuses all of them, so that they
//! are followed here by hand, name by name.
//!
//! What comes of it is only a path, which is then opened beneath the root without any link on its
//! way: if somebody turns a link meanwhile, the path may be of another resource inside, never of
//! one outside.

use std::{
    collections::VecDeque,
    os::fd::{AsFd, OwnedFd},
};

use methodical_semantics::{error::Result, path::Path};
use rustix::fs::{Mode, OFlags};

use super::{
    stat::{Form, form_of, look_at},
    tree::Tree,
};
use crate::errno::OrRefuse;

impl Tree {
    /// Returns where a path leads when all links are followed; nothing if that is nowhere, or
    /// outside.
    pub(crate) fn follow(&self, path: &Path) -> Result<Option<Path>> {
        let mut ahead: VecDeque<Vec<u8>> = path.segments().map(<[u8]>::to_vec).collect();
        let mut behind: Vec<(Vec<u8>, OwnedFd)> = Vec::new();
        let mut links = 0;
        while let Some(name) = ahead.pop_front() {
            match &*name {
                b".." if behind.pop().is_none() => return Ok(None),
                b"" | b"." | b".." => continue,
                _ => {}
            }
            let here = behind.last().map_or(self.root(), |(_, dir)| dir.as_fd());
            let Some(stat) = look_at(here, &name).or_absent()? else { return Ok(None) };
            if form_of(&stat) != Form::Link {
                let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                let opened = rustix::fs::openat(here, &*name, flags, Mode::empty()).or_absent()?;
                let Some(opened) = opened else { return Ok(None) };
                behind.push((name, opened));
                continue;
            }
            links += 1;
            let text = rustix::fs::readlinkat(here, &*name, Vec::new()).or_absent()?;
            let Some(text) = text.filter(|_| links <= LINKS_MAX) else { return Ok(None) };
            let mut text = text.into_bytes();
            if text.starts_with(b"/") {
                let Some(inner) = self.inner(&text)? else { return Ok(None) };
                text = inner;
                behind.clear();
            }
            for part in text.split(|byte| *byte == b'/').rev() {
                ahead.push_front(part.to_vec());
            }
        }
        let mut names = behind.iter().map(|(name, _)| name);
        Ok(names.try_fold(Path::root(), |path, name| path.join(name)).ok())
    }
}

/// The number of links that are followed for one path: as many as Linux does.
const LINKS_MAX: u32 = 40;
