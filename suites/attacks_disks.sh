#!/bin/bash
# As attacks, on disks that are mounted for it in a namespace of its own: one inside the folder, a
# full one, one that uploads reserve, one with times of whole seconds, one that fails, slow ones
# (FUSE, by fusepy). 8 cases, about 65 s.
. "$(dirname "$0")/lib.sh"
need python3 python3
need unshare util-linux
need mkfs.ext4 e2fsprogs
need fusermount fuse
PROGRAM=$(built) || give_up 'no methodical was built'
[ "$(id -u)" = 0 ] || do_not_run 'only root may mount disks of files'
truncate -s 8M "$SCRATCH/tried" && mkfs.ext4 -q "$SCRATCH/tried" && mkdir "$SCRATCH/there"
unshare --mount mount -o loop "$SCRATCH/tried" "$SCRATCH/there" 2> /dev/null ||
  do_not_run 'the system does not let root mount a file'
[ -w /dev/fuse ] || do_not_run 'this machine has no /dev/fuse that may be written'
python_environment fuse fusepy==3.0.1
timeout 200 unshare --mount "$PYTHON_BIN/python" -B "$HERE/attacks/run.py" \
  "$PROGRAM" "$SCRATCH" ATTACKS_DISKS disks
