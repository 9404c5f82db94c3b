"""What a shell with job control does, inside the walls: one job in the foreground, suspended, taken up again, ended."""

import os
import signal
import sys
import time


def say(text):
    os.write(1, (text + "\n").encode())


def job():
    os.setpgid(0, 0)
    # Its starter hands it the terminal, which is over when this pipe is closed.
    os.close(given)
    os.read(waits, 1)
    signal.signal(signal.SIGUSR1, lambda *_: os._exit(7))
    say("job" + "-up")
    while True:
        time.sleep(1)


def foreground(group):
    os.tcsetpgrp(0, group)


signal.signal(signal.SIGTTOU, signal.SIG_IGN)
signal.signal(signal.SIGTSTP, signal.SIG_IGN)
waits, given = os.pipe()
child = os.fork()
if child == 0:
    signal.signal(signal.SIGTSTP, signal.SIG_DFL)
    job()
try:
    os.setpgid(child, child)
except PermissionError:
    pass
foreground(child)
os.close(given)
_, status = os.waitpid(child, os.WUNTRACED)
if not os.WIFSTOPPED(status):
    sys.exit(f"the job was not suspended: {status}")
foreground(os.getpgrp())
say("job" + "-suspended")
foreground(child)
os.killpg(child, signal.SIGCONT)
_, status = os.waitpid(child, os.WCONTINUED)
if not os.WIFCONTINUED(status):
    sys.exit(f"the job was not taken up again: {status}")
os.kill(child, signal.SIGUSR1)
_, status = os.waitpid(child, 0)
foreground(os.getpgrp())
say("job" + f"-ended-{os.waitstatus_to_exitcode(status)}")
