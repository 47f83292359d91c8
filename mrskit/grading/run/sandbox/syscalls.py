"""Linux calls that Python 3.11 lacks: namespaces, mounts, capabilities, system call filter, Landlock."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import platform
import socket
import struct
from collections.abc import Sequence
from pathlib import Path

NEWNS, NEWCGROUP, NEWUTS, NEWIPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
NEWUSER, NEWPID, NEWNET, NEWTIME = 0x10000000, 0x20000000, 0x40000000, 0x00000080
NAMESPACES = NEWNS | NEWCGROUP | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET
RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, REC, PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18
_SET_PDEATHSIG, _SET_DUMPABLE, _CAPBSET_DROP, _SET_SUBREAPER, _NO_NEW_PRIVS, _CAP_AMBIENT = 1, 4, 24, 36, 38, 47
_SECCOMP, _FILTER_MODE = 22, 2

# Numbers of system calls on x86-64 and on 64-bit ARM; None: it does not exist there.
_FORBIDDEN = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "unshare": (272, 97), "setns": (308, 268), "open_by_handle_at": (304, 265), "add_key": (248, 217),
    "request_key": (249, 218), "keyctl": (250, 219), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "kexec_load": (246, 104), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "swapon": (167, 224), "swapoff": (168, 225),
    "reboot": (169, 142), "syslog": (103, 116), "acct": (163, 89), "quotactl": (179, 60), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "move_mount": (429, 429),
    "open_tree": (428, 428), "mount_setattr": (442, 442), "iopl": (172, None), "ioperm": (173, None),
    "modify_ldt": (154, None), "vhangup": (153, 58), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "sethostname": (170, 161), "setdomainname": (171, 162), "setpriority": (141, 140), "ioprio_set": (251, 30),
    "migrate_pages": (256, 238), "move_pages": (279, 239), "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    # What outlives a process, is shared by all of a user, or holds memory that no limit of a process counts.
    "shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180), "memfd_create": (319, 279),
    "memfd_secret": (447, 447), "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16), "setxattrat": (463, 463),
    "removexattrat": (466, 466), "file_setattr": (469, 469),
}  # fmt: skip
# What Landlock lets pass: names of sockets; rights and times of any file of the same user, where callers are told it is
# done, as honest ones only copy a file.
_SHARED = {
    "connect": (42, 203), "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "lchown": (94, None), "fchown": (93, 55), "fchownat": (260, 54), "utime": (132, None),
    "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
}  # fmt: skip
_TOLD_DONE = _SHARED.keys() - {"connect"}
# Those that change the limits or the scheduling of any process of the same user, the supervisor among them: they act on
# the caller (first argument 0) alone, else give this error; libraries name their own threads, and are told it is done.
_ON_ITSELF = {
    "prlimit64": (302, 261, 1), "sched_setaffinity": (203, 122, 0), "sched_setscheduler": (144, 119, 0),
    "sched_setparam": (142, 118, 0), "sched_setattr": (314, 274, 0),
}  # fmt: skip
_CLONE, _CLONE3, _SOCKET, _PAIR, _SIGACTION = (56, 220), (435, 435), (41, 198), (53, 199), (13, 134)
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_AF_UNIX, _AF_INET, _AF_NETLINK, _STREAM = 1, 2, 16, 1
_EPERM, _ENOSYS, _EAFNOSUPPORT = 1, 38, 97
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_LIST = 1 << 3
_READ = (1 << 0) | (1 << 2) | _LIST  # execute, read a file, list a folder
_SOCKETS = 1 << 9
_ALL = (1 << 15) - 1  # what the third version of Landlock knows: also to move between folders, and to truncate
_SCOPED = 0b11  # since the sixth: no signals to others, no abstract sockets of others
LANDLOCK_NEEDED = 6

Paths = Sequence[Path | str]
_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def unshare(flags: int) -> None:
    """Move this process into new namespaces."""
    _checked(_libc.unshare(flags), "unshare")


def own_user(uid: int, gid: int) -> None:
    """Map one user and one group into the user namespace that this process has just made."""
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        Path(f"/proc/self/{name}").write_text(text, encoding="ascii")


def mount(source: str, target: Path | str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount, as mount(2)."""
    texts = [None if text is None else str(text).encode() for text in (source, target, kind)]
    _checked(_libc.mount(*texts, ctypes.c_ulong(flags), options.encode()), f"mount {target}")


def bind(source: Path | str, target: Path | str) -> None:
    """Show a folder at a second path."""
    mount(str(source), target, None, BIND | REC)


def remount_read_only(target: Path | str) -> None:
    """Make a mount read-only, keeping its other flags."""
    flags = os.statvfs(target).f_flag & (NOSUID | NODEV | NOEXEC)
    mount("none", target, None, REMOUNT | BIND | RDONLY | flags)


def die_with_parent() -> None:
    """Make the system kill this process when its parent ends."""
    _prctl(_SET_PDEATHSIG, 9)


def not_dumpable() -> None:
    """Prevent other processes of the same user from tracing this process and reading its memory."""
    _prctl(_SET_DUMPABLE, 0)


def adopt_orphans() -> None:
    """Become the parent of all orphaned descendants."""
    _prctl(_SET_SUBREAPER, 1)


def drop_privileges() -> None:
    """Give up all capabilities irreversibly, also for programs that are started later."""
    _prctl(_NO_NEW_PRIVS, 1)
    with contextlib.suppress(OSError):
        _prctl(_CAP_AMBIENT, 4)  # clear all
    for number in range(64):
        if _libc.prctl(_CAPBSET_DROP, number, 0, 0, 0) < 0:
            break
    header, data = struct.pack("Ii", 0x20080522, 0), bytes(24)
    _checked(_libc.capset(header, data), "capset")


def filter_calls(shared: bool = False) -> bool:
    """
    Forbid the system calls that notebooks do not need; return whether that was possible.

    Unix and TCP sockets, and sockets that list the interfaces, stay allowed, because a kernel uses TCP for its own
    children. If files and network are shared with the machine, only unconnected Unix streams stay allowed. The filter
    applies to this process and its children.
    """
    found = _ARCHITECTURES.get(platform.machine())
    if found is None:
        return False
    program = _program(*found, shared)
    instructions = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(instructions))
    return _libc.prctl(_SECCOMP, _FILTER_MODE, ctypes.c_char_p(head), 0, 0) == 0


def loopback_up() -> None:
    """Switch on the only network interface of a new namespace, which reaches only this namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        fcntl.ioctl(end, 0x8914, struct.pack("16sh14x", b"lo", 0x41))


def heed_internal_signals() -> None:
    """Reset ignored signals of the C library, because posix_spawn (used by make) passes them on."""
    if (found := _ARCHITECTURES.get(platform.machine())) is None:
        return
    for number in (32, 33):
        old = ctypes.create_string_buffer(32)
        if _libc.syscall(_SIGACTION[found[0]], number, None, old, 8) == 0 and old.raw[:8] == struct.pack("Q", 1):
            _libc.syscall(_SIGACTION[found[0]], number, bytes(32), None, 8)


def landlock(readable: Paths, writable: Paths, listed: Paths, sockets: str) -> bool:
    """
    Restrict this process irreversibly, and return whether that was possible.

    The first paths allow reading and starting programs, the second paths allow everything, and the third paths allow
    listing names. The folder of sockets allows reading files and creating sockets.
    """
    handled = struct.pack("QQQ", _ALL, 0, _SCOPED)
    rules = _libc.syscall(_LANDLOCK_CREATE, handled, ctypes.c_size_t(len(handled)), 0)
    if rules < 0:
        return False
    for paths, allowed in ((readable, _READ), (writable, _ALL), (listed, _LIST), ([sockets], _READ | _SOCKETS)):
        for path in map(Path, paths):
            if path.exists():
                _allow(rules, path, allowed)
    done = _libc.syscall(_LANDLOCK_RESTRICT, rules, 0) == 0
    os.close(rules)
    return done


def landlock_version() -> int:
    """Return the system's version of Landlock, 0 without Landlock."""
    return max(_libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1), 0)


def _allow(rules: int, path: Path, allowed: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not path.is_dir():
            allowed &= 0b111 | 1 << 14  # what a file can be allowed
        rule = struct.pack("=Qi", allowed, descriptor)
        _checked(_libc.syscall(_LANDLOCK_ADD, rules, 1, rule, 0), f"Landlock {path}")
    finally:
        os.close(descriptor)


def _prctl(option: int, value: int) -> None:
    _checked(_libc.prctl(option, value, 0, 0, 0), f"prctl {option}")


def _program(column: int, architecture: int, shared: bool) -> bytes:
    """Return a filter as a Berkeley packet filter program; see seccomp(2)."""

    def step(code: int, true: int, false: int, value: int) -> bytes:
        return struct.pack("HBBI", code, true, false, value)

    load, equal, at_least, any_bit, bits, done = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
    deny = step(done, 0, 0, _ERROR | _EPERM)
    steps = [step(load, 0, 0, 4), step(equal, 1, 0, architecture), deny, step(load, 0, 0, 0)]
    if column == 0:
        steps += [step(at_least, 0, 1, 0x40000000), deny]  # the calls of x32
    for name, numbers in (_FORBIDDEN | (_SHARED if shared else {})).items():
        if (number := numbers[column]) is not None:
            steps += [step(equal, 0, 1, number), step(done, 0, 0, _ERROR | (0 if name in _TOLD_DONE else _EPERM))]
    for *columns, error in _ON_ITSELF.values():
        steps += [step(equal, 0, 4, columns[column]), step(load, 0, 0, 16), step(equal, 1, 0, 0),
                  step(done, 0, 0, _ERROR | error), step(done, 0, 0, _ALLOW)]  # fmt: skip
    steps += [step(equal, 0, 1, _CLONE3[column]), step(done, 0, 0, _ERROR | _ENOSYS)]  # the C library takes clone then
    new = NAMESPACES | NEWTIME
    steps += [step(equal, 0, 4, _CLONE[column]), step(load, 0, 0, 16), step(any_bit, 0, 1, new & ~0xFF), deny,
              step(done, 0, 0, _ALLOW)]  # fmt: skip
    for number in (_SOCKET[column], _PAIR[column]) * shared:
        steps += [step(equal, 0, 7, number), step(load, 0, 0, 16), step(equal, 0, 4, _AF_UNIX), step(load, 0, 0, 24),
                  step(bits, 0, 0, 0xF), step(equal, 0, 1, _STREAM), step(done, 0, 0, _ALLOW),
                  step(done, 0, 0, _ERROR | _EAFNOSUPPORT)]  # fmt: skip
    steps += [step(equal, 0, 8, _SOCKET[column]), step(load, 0, 0, 16), step(equal, 6, 0, _AF_UNIX),
              step(equal, 5, 0, _AF_NETLINK), step(equal, 0, 3, _AF_INET), step(load, 0, 0, 24), step(bits, 0, 0, 0xF),
              step(equal, 1, 0, _STREAM), step(done, 0, 0, _ERROR | _EAFNOSUPPORT)]  # fmt: skip
    return b"".join([*steps, step(done, 0, 0, _ALLOW)])
