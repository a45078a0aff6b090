"""A terminal to type into and to look at."""
import itertools, os, signal, subprocess, time


class Tmux:
    """One terminal of a given size running one command."""

    count = itertools.count()

    def __init__(self, home, command, width=80, height=24):
        # The server of one that is done may still be at its socket.
        self.sock = os.path.join(home.dir, "tmux%d" % next(self.count))
        self.home = home
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(width),
                  "-y", str(height), command)
        self.tmux("set", "-g", "remain-on-exit", "on", check=False)

    def tmux(self, *args, check=True):
        r = subprocess.run(["tmux", "-S", self.sock, *args],
                           capture_output=True, env=self.home.env)
        if check and r.returncode:
            raise RuntimeError("tmux %s: %s" % (args, r.stderr.decode()))
        return r.stdout.decode(errors="replace")

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def screen(self):
        return self.tmux("capture-pane", "-p", check=False)

    def wait(self, test, what, seconds=120):
        """Until test(screen) is true; the screen."""
        end = time.time() + seconds
        while time.time() < end:
            s = self.screen()
            if test(s):
                return s
            time.sleep(0.1)
        raise AssertionError("never saw %s; the screen was:\n%s" % (what, s))

    def see(self, text, seconds=120):
        return self.wait(lambda s: text in s, repr(text), seconds)

    def resize(self, w, h):
        self.tmux("resize-window", "-x", str(w), "-y", str(h))

    def status(self):
        """The exit status of the command, or None while it runs."""
        r = self.tmux("list-panes", "-F", "#{pane_dead} #{pane_dead_status}",
                      check=False).split()
        return int(r[1]) if r[:1] == ["1"] and len(r) > 1 else None

    def wait_exit(self, seconds=20):
        end = time.time() + seconds
        while time.time() < end:
            s = self.status()
            if s is not None:
                return s
            # tmux 3.3 now and then overlooks that its child has ended.
            os.kill(int(self.tmux("display", "-p", "#{pid}")), signal.SIGCHLD)
            time.sleep(0.05)
        raise AssertionError("did not end; the screen was:\n" + self.screen())

    def done(self):
        self.tmux("kill-server", check=False)
