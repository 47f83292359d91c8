# What: writes to, reads from and reopens whatever it has open and has not made itself, and switches echoes off
# Ends: recorded

# %% answer
import ctypes, os, select, socket, stat, struct, termios


def access(number):
    with open(f"/proc/self/fdinfo/{number}") as text:
        return int(text.read().split("flags:")[1].split()[0], 8) & os.O_ACCMODE


def made_here(number, state):
    if stat.S_ISCHR(state.st_mode):
        return state.st_rdev == os.makedev(1, 3)  # the null device: nobody's
    if stat.S_ISFIFO(state.st_mode):
        return len(ends[state.st_ino]) == 2
    if not stat.S_ISSOCK(state.st_mode):
        return os.readlink(f"/proc/self/fd/{number}").startswith("anon_inode:")
    with socket.socket(fileno=os.dup(number)) as end:
        if end.family == socket.AF_INET:
            return f" {state.st_ino} " in open("/proc/self/net/tcp").read()  # of the network that is its own
        peer = struct.unpack("3i", end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
        return peer == os.getpid() or "/kernel-" in str(end.getsockname())


states, ends, seen = {}, {}, []
for number in map(int, os.listdir("/proc/self/fd")):
    try:
        states[number] = os.fstat(number)
        ends.setdefault(states[number].st_ino, set()).add(access(number))
    except OSError:  # that of the listing
        pass
for number, state in states.items():
    if made_here(number, state):
        continue
    place = f"/proc/self/fd/{number}"
    seen.append(os.readlink(place))
    for attack in (
        lambda: os.write(number, b"\x1b]0;OWNED\x07OWNED\r\n"),
        lambda: open(place, "ab").write(b"OWNED"),
        lambda: seen.append(open(place, "rb").read(80) if stat.S_ISREG(state.st_mode) else b""),
        lambda: seen.append(os.read(number, 80) if select.select([number], [], [], 0.2)[0] else b""),
        lambda: termios.tcsetattr(number, termios.TCSANOW, [0, 0, 0, 0, *termios.tcgetattr(number)[4:]]),
    ):
        try:
            attack()
        except (OSError, termios.error):
            pass
for pid in {1, os.getppid()}:  # their numbers may be listed; none can be read, reopened or taken over
    place = f"/proc/{pid}/fd"
    try:
        numbers = {*os.listdir(place)} - {"fd"}
    except OSError:
        numbers = set()
    for number in {*map(str, range(8)), *numbers}:
        for attack in (
            lambda: seen.append(os.readlink(f"{place}/{number}")),
            lambda: seen.append(os.open(f"{place}/{number}", os.O_RDONLY)),
            lambda: seen.append(os.open(f"{place}/{number}", os.O_WRONLY)),
            lambda: seen.append(os.open(f"{place}/{number}", os.O_PATH)),
            lambda: seen.append(open(f"/proc/{pid}/fdinfo/{number}").read()),
            lambda: seen.extend({ctypes.CDLL(None).syscall(438, os.pidfd_open(pid), int(number), 0)} - {-1}),
        ):
            try:
                attack()
            except OSError:
                pass
try:
    os.write(os.open("/dev/tty", os.O_RDWR), b"OWNED")
    seen.append("/dev/tty")
except OSError:
    pass
answers.give("06-identify", "saw " + repr(seen))
