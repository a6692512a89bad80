#!/usr/bin/env bash
# A machine for one test: systemd boots in a temporary copy of this system, with no network but its
# own loopback, and runs a command as root. The machine is gone when the command ends.
# Usage, as root: machine.sh DIR COMMAND...
# The command sees DIR as /run/share. Its output goes to DIR/output. The script exits with the
# command's status. The files that the machine has changed are in /run/changes.
set -euo pipefail

share=$(realpath "$1")
shift

enter() {
  local top device
  mount --make-rprivate /
  top=$share/machine
  mkdir "$top"
  mount -t tmpfs -o mode=755 machine "$top"
  mkdir "$top/changes" "$top/overlay" "$top/root"
  mount -t overlay -o "lowerdir=/,upperdir=$top/changes,workdir=$top/overlay" overlay "$top/root"
  cd "$top/root"
  mount -t proc proc proc
  mount --bind proc/sys proc/sys
  mount -o remount,bind,ro proc/sys
  mount -t sysfs -o ro sysfs sys
  mount -t cgroup2 cgroup2 sys/fs/cgroup
  mount -t tmpfs -o mode=755 run run
  mount -t tmpfs -o mode=755 dev dev
  for device in null zero full random urandom tty; do
    touch "dev/$device"
    mount --bind "/dev/$device" "dev/$device"
  done
  ln -s pts/ptmx dev/ptmx
  mkdir run/share run/changes
  mount --bind "$share" run/share
  mount --bind "$top/changes" run/changes
  pivot_root . .
  umount -l .
  rm -f usr/sbin/policy-rc.d # in containers, it prevents packages from starting services
}

# Disables units that would access the disks and the kernel of the host.
keep_out() {
  local name
  : > etc/fstab
  rm -f var/lib/man-db/auto-update # indexing all manuals takes long
  for name in modules-load sysctl tmpfiles-setup binfmt random-seed hwdb-update; do
    ln -s /dev/null "run/systemd/system/systemd-$name.service"
  done
}

# The machine ends with the command, whether that succeeds or fails.
write_unit() {
  cat > run/systemd/system/test.service << EOF
[Unit]
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=oneshot
Environment=PATH=$PATH
ExecStart=$*
StandardOutput=file:/run/share/output
StandardError=inherit
EOF
}

if [[ ${1-} == --inside ]]; then
  shift
  enter
  mkdir -p run/systemd/system
  keep_out
  write_unit "$@"
  export container=test
  exec /lib/systemd/systemd --unit=test.service --log-target=journal
fi
exec unshare --mount --pid --fork --kill-child --cgroup --ipc --uts --net \
  "$0" "$share" --inside "$@"
