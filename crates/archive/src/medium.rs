//! The files under the spool, behind a seam so that a full or failing disk can be played in tests.

use rustix::fs::FallocateFlags;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What the spool asks of a disk.
pub(crate) trait Medium {
    /// An open segment.
    type File;
    /// Creates a file that must not exist yet.
    fn create(&mut self, path: &Path) -> io::Result<Self::File>;
    /// One pwrite(2).
    fn write_at(&mut self, file: &Self::File, bytes: &[u8], offset: u64) -> io::Result<usize>;
    /// Cuts a file.
    fn truncate(&mut self, file: &Self::File, length: u64) -> io::Result<()>;
    /// Gives a piece of the reserve back to the disk; `false` when nothing is left of it.
    fn shrink_reserve(&mut self) -> bool;
    /// Sets the reserve aside again if the disk has room to spare; whether it is whole.
    fn restore_reserve(&mut self) -> bool;
}

/// Segments that may hold bytes the disk does not have yet; the last is the current one.
pub(crate) type Dirty = Arc<Mutex<Vec<Arc<File>>>>;

/// Real files.
#[derive(Debug)]
pub(crate) struct Files {
    reserve: PathBuf,
    reserve_bytes: u64,
    kept: u64,
    dirty: Dirty,
}

/// Given back to the disk at a time, so that others can't eat the whole reserve at once.
const PIECE: u64 = 1 << 20;

impl Files {
    pub(crate) fn new(dir: &Path, reserve_bytes: u64) -> Self {
        let reserve = dir.join("reserve");
        let kept = std::fs::metadata(&reserve).map_or(0, |meta| meta.len());
        Self { reserve, reserve_bytes, kept, dirty: Dirty::default() }
    }

    pub(crate) fn dirty(&self) -> Dirty {
        self.dirty.clone()
    }

    fn has_room_for(&self, bytes: u64) -> bool {
        let Some(dir) = self.reserve.parent() else { return false };
        rustix::fs::statvfs(dir).is_ok_and(|stat| stat.f_bavail.saturating_mul(stat.f_frsize) >= bytes)
    }

    fn allocate(&self) -> io::Result<()> {
        let file = File::options().create(true).write(true).truncate(false).open(&self.reserve)?;
        match rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, self.reserve_bytes) {
            Ok(()) => Ok(()),
            Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::INVAL) => fill(&file, self.reserve_bytes),
            Err(error) => Err(error.into()),
        }
    }
}

fn fill(file: &File, bytes: u64) -> io::Result<()> {
    let zeros = vec![0; PIECE as usize];
    let mut at = 0;
    while at < bytes {
        let piece = PIECE.min(bytes - at);
        file.write_all_at(&zeros[..piece as usize], at)?;
        at += piece;
    }
    Ok(())
}

impl Medium for Files {
    type File = Arc<File>;

    fn create(&mut self, path: &Path) -> io::Result<Arc<File>> {
        let file = Arc::new(File::options().create_new(true).read(true).write(true).open(path)?);
        self.dirty.lock().unwrap_or_else(PoisonError::into_inner).push(file.clone());
        Ok(file)
    }

    fn write_at(&mut self, file: &Arc<File>, bytes: &[u8], offset: u64) -> io::Result<usize> {
        file.write_at(bytes, offset)
    }

    fn truncate(&mut self, file: &Arc<File>, length: u64) -> io::Result<()> {
        file.set_len(length)
    }

    fn shrink_reserve(&mut self) -> bool {
        if self.kept == 0 {
            return false;
        }
        let left = self.kept.saturating_sub(PIECE);
        let done = if left == 0 {
            std::fs::remove_file(&self.reserve)
        } else {
            File::options().write(true).open(&self.reserve).and_then(|file| file.set_len(left))
        };
        self.kept = if done.is_ok() { left } else { 0 };
        done.is_ok()
    }

    fn restore_reserve(&mut self) -> bool {
        let missing = self.reserve_bytes.saturating_sub(self.kept);
        if missing > 0 && self.has_room_for(2 * missing) {
            let allocated = self.allocate();
            self.kept = std::fs::metadata(&self.reserve).map_or(0, |meta| meta.len());
            return allocated.is_ok();
        }
        missing == 0
    }
}
