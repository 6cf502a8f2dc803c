"""Two Python WebDAV clients at work: py_clients.py BASE_URL COLLECTION [USER PASSWORD]."""
import io
import os
import sys

from webdav3.client import Client as Client3
from webdav4.client import Client as Client4
from webdav4.fsspec import WebdavFileSystem

BASE, WORK = sys.argv[1:3]
USER, PASSWORD = (sys.argv[3:5] + [None, None])[:2]
passed = total = 0


def case(name, run):
    """One case: passed unless it raises or returns False."""
    global passed, total
    total += 1
    try:
        if run() is False:
            raise AssertionError("wrong result")
        passed += 1
    except Exception as error:
        print(f"FAIL {name}: {type(error).__name__} {error}"[:170])


def raises(run):
    try:
        run()
    except Exception:
        return True
    return False


def both(first, second):
    """Do the first, judge by the second."""
    first()
    return second()


def read(path):
    with open(path) as file:
        return file.read()


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def webdavclient3():
    c = Client3({
        "webdav_hostname": BASE.rstrip("/"),
        "webdav_login": USER,
        "webdav_password": PASSWORD,
        "webdav_timeout": 10,
    })
    write("a.txt", "hello")
    os.makedirs("tree/s", exist_ok=True)
    write("tree/s/f", "F")
    write("tree/g", "G")
    a, copied, moved = f"{WORK}/a.txt", f"{WORK}/c.txt", f"{WORK}/d.txt"
    name = {"namespace": "urn:t", "name": "k"}

    case("3 mkdir", lambda: c.mkdir(WORK))
    case("3 check", lambda: c.check(WORK))
    case("3 check missing", lambda: c.check(WORK + "/no") is False)
    case("3 upload", lambda: c.upload_sync(a, "a.txt"))
    case("3 list", lambda: "a.txt" in c.list(WORK))
    case("3 list info", lambda: any(
        row["path"].endswith("a.txt") for row in c.list(WORK, get_info=True)))
    case("3 info", lambda: c.info(a)["size"] == "5")
    case("3 is_dir", lambda: c.is_dir(WORK) and not c.is_dir(a))
    case("3 download", lambda: both(
        lambda: c.download_sync(a, "b.txt"), lambda: read("b.txt") == "hello"))
    case("3 upload tree", lambda: c.upload_directory(f"{WORK}/tree/", "tree/"))
    case("3 download tree", lambda: both(
        lambda: c.download_directory(f"{WORK}/tree/", "tree2/"), lambda: read("tree2/s/f") == "F"))
    case("3 copy", lambda: both(lambda: c.copy(a, copied), lambda: c.check(copied)))
    case("3 move", lambda: both(
        lambda: c.move(copied, moved), lambda: c.check(moved) and not c.check(copied)))
    case("3 property", lambda: both(
        lambda: c.set_property(a, {**name, "value": "v1"}),
        lambda: c.get_property(a, name) == "v1"))
    case("3 free", lambda: int(c.free()) > 0)
    case("3 clean", lambda: both(lambda: c.clean(moved), lambda: not c.check(moved)))


def webdav4(login):
    c = Client4(BASE, auth=login)
    folder = WORK + "/x4"
    n = folder + "/n"

    def seek_and_read():
        with c.open(n, mode="rb") as file:
            file.seek(4)
            return file.read(3) == b"456"

    case("4 mkdir", lambda: c.mkdir(folder))
    case("4 mkdir again raises", lambda: raises(lambda: c.mkdir(folder)))
    case("4 upload", lambda: c.upload_fileobj(io.BytesIO(b"0123456789"), n))
    case("4 exists", lambda: c.exists(n) and not c.exists(folder + "/z"))
    case("4 isfile", lambda: c.isfile(n) and c.isdir(folder))
    case("4 content_length", lambda: c.content_length(n) == 10)
    case("4 etag", lambda: bool(c.etag(n)))
    case("4 modified", lambda: bool(c.modified(n)))
    case("4 open+seek (range)", seek_and_read)
    case("4 overwrite=False raises", lambda: raises(
        lambda: c.upload_fileobj(io.BytesIO(b"q"), n, overwrite=False)))
    case("4 copy", lambda: c.copy(n, folder + "/n2"))
    case("4 move", lambda: both(
        lambda: c.move(folder + "/n2", folder + "/n3"), lambda: c.exists(folder + "/n3")))
    case("4 ls", lambda: len(c.ls(folder, detail=False)) == 2)


def file_system(login):
    fs = WebdavFileSystem(BASE, auth=login)
    folder = WORK + "/x4"
    case("fsspec find", lambda: len(fs.find(folder)) == 2)
    case("fsspec write", lambda: both(
        lambda: fs.pipe(folder + "/p", b"zz"), lambda: fs.cat(folder + "/p") == b"zz"))
    case("fsspec glob", lambda: len(fs.glob(folder + "/n*")) == 2)
    case("fsspec rm recursive", lambda: both(
        lambda: fs.rm(folder, recursive=True), lambda: not fs.exists(folder)))


webdavclient3()
webdav4((USER, PASSWORD) if USER else None)
file_system((USER, PASSWORD) if USER else None)
print(f"PY_CLIENTS {passed}/{total}")
