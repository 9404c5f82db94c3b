"""Drives an interactive shell on a pseudo terminal, with size.py and jobs.py inside the walls: terminal.py CONFINED."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

DEADLINE = 60
confined = sys.argv[1]
pid, master = pty.fork()
if pid == 0:
    # A caller in the background may have left them ignored, which a shell hands on.
    for inherited in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(inherited, signal.SIG_DFL)
    os.environ["PS1"] = "ready> "
    os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
seen = b""


def expect(text, meanwhile=lambda: None):
    """Reads until `text` arrives and forgets everything up to it."""
    global seen
    end = time.monotonic() + DEADLINE
    while text.encode() not in seen:
        meanwhile()
        if meanwhile is resize and not select.select([master], [], [], 0.2)[0] and time.monotonic() < end:
            continue
        if not select.select([master], [], [], max(0, end - time.monotonic()))[0]:
            sys.exit(f"no {text!r} within {DEADLINE} s, but {seen!r}")
        try:
            seen += os.read(master, 4096)
        except OSError:
            sys.exit(f"the shell ended before {text!r}: {seen!r}")
    seen = seen.split(text.encode(), 1)[1]


def resize():
    """Whoever is in the foreground hears about it; while a job comes there that may be the shell."""
    for rows in (40, 32):
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 78, 0, 0))


def send(text):
    os.write(master, text.encode())


expect("ready> ")
send("stty -echo\n")
expect("ready> ")
send(f"{confined} python3 size.py\n")
expect("upstart")
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 31, 77, 0, 0))
expect("31 77")
send("\x1a")
expect("Stopped")
expect("ready> ")
send("jobs; echo jobs-$?\n")
expect("Stopped")
expect("jobs-0")
expect("ready> ")
send("fg\n")
expect("32 78", meanwhile=resize)
send("\x03")
expect("ready> ")
send("echo code-$?\n")
expect("code-130")
expect("ready> ")
send(f"{confined} python3 jobs.py\n")
expect("job-up")
send("\x1a")
expect("job-suspended")
expect("job-ended-7")
expect("ready> ")
send("echo code-$?\n")
expect("code-0")
expect("ready> ")
send("exit\n")
os.close(master)
os.waitpid(pid, 0)
print("done")
