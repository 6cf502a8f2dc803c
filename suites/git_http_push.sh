#!/bin/bash
# git over plain HTTP, pushing by WebDAV (PROPFIND, MKCOL, LOCK, PUT, MOVE, UNLOCK).
# 12 cases, about 2 s.
. "$(dirname "$0")/lib.sh"
need curl curl
need git git
cd "$SCRATCH" || give_up 'no scratch folder'
export HOME=$SCRATCH GIT_TERMINAL_PROMPT=0
git config --global user.email a@b
git config --global user.name n
git config --global init.defaultBranch main
git config --global safe.directory '*'

git init -q --bare r.git
git init -q w
(
  cd w || exit
  echo 1 > f
  git add f
  git commit -qm one
  git push -q ../r.git main
)
git -C r.git update-server-info
rm -rf r.git/hooks
make_work
make_collection "$WORK/r.git"
put_tree r.git "$WORK/r.git"
REPOSITORY=${BASE_WITH_LOGIN}$WORK/r.git

no_lock_left() {
  ! "${CURL[@]}" -X PROPFIND -H 'Depth: 0' "$BASE$WORK/r.git/refs/heads/main" |
    grep -q opaquelocktoken
}

topic_is_listed() {
  git ls-remote -q "$REPOSITORY" | grep -q refs/heads/topic
}

topic_is_deleted() {
  timeout 30 git push -q origin --delete topic || timeout 30 git http-push -D "$REPOSITORY" topic
}

same_commit() {
  [ "$(git -C c1 rev-parse main)" = "$(git -C c2 rev-parse origin/main)" ]
}

commit() {
  echo "$1" >> f
  git commit -qam "$1"
}

check clone timeout 20 git clone -q "$REPOSITORY" c1
check content cmp w/f c1/f
mkdir -p c1
cd c1 || give_up 'no clone'
commit two
git tag v1
check push timeout 30 git push -q origin main
check push-branch timeout 30 git push -q origin main:refs/heads/topic
check push-tag timeout 30 git push -q origin v1
check no-lock-left no_lock_left
check ls-remote topic_is_listed
commit three
git reset -q --hard HEAD~1
commit four
check push-second timeout 30 git push -q origin main
check delete-branch topic_is_deleted
cd ..
check clone-again timeout 20 git clone -q "$REPOSITORY" c2
check same same_commit
check fsck git -C c2 fsck --strict
finish GIT_HTTP_PUSH
