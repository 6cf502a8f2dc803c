"""A disk (FUSE) that finds names in any spelling: spelling_disk.py FOLDER MOUNTPOINT."""
import errno
import os
import sys
from fuse import FUSE, FuseOSError, Operations

class Folding(Operations):
    def __init__(self, root): self.root = root
    def true(self, path):
        at = self.root
        for name in path.split('/'):
            if not name: continue
            fold = lambda n: n.casefold().rstrip('. ')
            try: names = os.listdir(at)
            except OSError: names = []
            same = [n for n in names if n == name] or [n for n in names if fold(n) == fold(name)]
            at = os.path.join(at, same[0] if same else name)
        return at
    def getattr(self, path, fh=None):
        st = os.lstat(self.true(path))
        return {k: getattr(st, k) for k in dir(st) if k.startswith('st_')}
    def readdir(self, path, fh): return ['.', '..'] + os.listdir(self.true(path))
    def readlink(self, path): return os.readlink(self.true(path))
    def mknod(self, path, mode, dev): return os.mknod(self.true(path), mode, dev)
    def mkdir(self, path, mode): return os.mkdir(self.true(path), mode)
    def rmdir(self, path): return os.rmdir(self.true(path))
    def unlink(self, path): return os.unlink(self.true(path))
    def symlink(self, name, target): return os.symlink(target, self.true(name))
    def rename(self, old, new):
        return os.rename(self.true(old), self.true(new))
    def link(self, target, name): return os.link(self.true(name), self.true(target))
    def chmod(self, path, mode): return os.chmod(self.true(path), mode)
    def chown(self, path, u, g): return os.chown(self.true(path), u, g)
    def utimens(self, path, times=None): return os.utime(self.true(path), times)
    def open(self, path, flags): return os.open(self.true(path), flags)
    def create(self, path, mode, fi=None):
        return os.open(self.true(path), os.O_RDWR | os.O_CREAT, mode)
    def read(self, path, n, off, fh): return os.pread(fh, n, off)
    def write(self, path, b, off, fh): return os.pwrite(fh, b, off)
    def truncate(self, path, n, fh=None): os.truncate(self.true(path), n)
    def flush(self, path, fh): return 0
    def release(self, path, fh): return os.close(fh)
    def fsync(self, path, d, fh): return os.fsync(fh)
    def statfs(self, path):
        s = os.statvfs(self.root)
        return {k: getattr(s, k) for k in dir(s) if k.startswith('f_') and k != 'f_fsid'}

FUSE(Folding(sys.argv[1]), sys.argv[2], foreground=True, nothreads=True, use_ino=True)
