"""A disk (FUSE) that takes its time for what is named slow: slow_disk.py FOLDER MOUNTPOINT.

To open such a file, to read a piece of it, or to let another take its name takes a second each.
"""
import os
import sys
import time
from fuse import FUSE, Operations

SECONDS = 1


def wait_for(path):
    if os.path.basename(path).startswith("slow"):
        time.sleep(SECONDS)


class Slow(Operations):
    def __init__(self, root): self.root = root
    def true(self, path): return os.path.join(self.root, path.lstrip("/"))
    def getattr(self, path, fh=None):
        st = os.lstat(self.true(path))
        return {k: getattr(st, k) for k in dir(st) if k.startswith("st_")}
    def readdir(self, path, fh): return [".", ".."] + os.listdir(self.true(path))
    def mkdir(self, path, mode): return os.mkdir(self.true(path), mode)
    def rmdir(self, path): return os.rmdir(self.true(path))
    def unlink(self, path): return os.unlink(self.true(path))
    def rename(self, old, new):
        wait_for(new)
        return os.rename(self.true(old), self.true(new))
    def link(self, target, name):
        wait_for(target)
        return os.link(self.true(name), self.true(target))
    def chmod(self, path, mode): return os.chmod(self.true(path), mode)
    def chown(self, path, u, g): return os.chown(self.true(path), u, g)
    def utimens(self, path, times=None): return os.utime(self.true(path), times)
    def open(self, path, flags):
        wait_for(path)
        return os.open(self.true(path), flags)
    def create(self, path, mode, fi=None):
        wait_for(path)
        return os.open(self.true(path), os.O_RDWR | os.O_CREAT, mode)
    def read(self, path, n, off, fh):
        wait_for(path)
        return os.pread(fh, n, off)
    def write(self, path, b, off, fh): return os.pwrite(fh, b, off)
    def truncate(self, path, n, fh=None): os.truncate(self.true(path), n)
    def flush(self, path, fh): return 0
    def release(self, path, fh): return os.close(fh)
    def fsync(self, path, d, fh): return os.fsync(fh)
    def statfs(self, path):
        s = os.statvfs(self.root)
        return {k: getattr(s, k) for k in dir(s) if k.startswith("f_") and k != "f_fsid"}


FUSE(Slow(sys.argv[1]), sys.argv[2], foreground=True, nothreads=False, use_ino=True)
