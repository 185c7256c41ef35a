"""A real Slurm on this machine, for tests: some nodes by name on loopback, with its own munge key, sockets and free ports.

Nothing of the system's is touched, and everything is in one folder. The daemons run in the foreground as children of the
test, which ends them by their process ids. Needs Debian's slurmd, slurmctld, slurm-client and munge.
"""
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

NEEDED = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "sinfo", "scontrol")

CONF = """ClusterName=assay
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CredType=cred/munge
SlurmctldPort={control}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=0
SlurmdParameters=config_overrides
ReturnToService=2
SlurmdTimeout=5
SlurmctldTimeout=10
InactiveLimit=0
KillWait=2
MinJobAge=3600
JobRequeue=1
{nodes}
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def lacking():
    """What is needed and not there: programs, and the control groups without which slurmd does not start."""
    programs = [name for name in NEEDED if not shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")]
    return programs + ([] if os.path.ismount("/sys/fs/cgroup") else ["/sys/fs/cgroup"])


def free_ports(count):
    """Ports that nobody listens on just now, so that two clusters on a machine do not meet."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def environment_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def parent_of(pid):
    try:
        return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return 0


class Cluster:
    """`with Cluster(3) as cluster:` has nodes n1 to n3 of one CPU each; cluster.environment finds it."""

    def __init__(self, nodes, cpus=1):
        self.nodes = [f"n{i + 1}" for i in range(nodes)]
        self.cpus = cpus
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="slurm-"))  # short: a socket's path has 107 bytes at most
        self.environment = {**os.environ, "SLURM_CONF": str(self.folder / "slurm.conf"),
                            "PATH": os.environ["PATH"] + ":/usr/sbin"}
        self.daemons = {}

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        for name in ("state", "log", "spool"):
            (self.folder / name).mkdir()
        key = self.folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(128))
        control, *ports = free_ports(1 + len(self.nodes))
        host = socket.gethostname().split(".")[0]
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        nodes = "\n".join(
            f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs={self.cpus} RealMemory=1000 State=UNKNOWN"
            for node, port in zip(self.nodes, ports))
        (self.folder / "slurm.conf").write_text(
            CONF.format(host=host, user=user, folder=self.folder, control=control, nodes=nodes))
        self.daemon("munged", "munged", "-F", "--force", f"--key-file={key}", f"--socket={self.folder}/munge.socket",
                    f"--pid-file={self.folder}/munge.pid", f"--log-file={self.folder}/log/munge.log",
                    f"--seed-file={self.folder}/munge.seed", "--num-threads=2")
        self.wait_for(lambda: (self.folder / "munge.socket").exists(), 10, "munged has no socket")
        self.daemon("slurmctld", "slurmctld", "-D")
        for node in self.nodes:
            self.start_node(node)
        self.wait_for(lambda: self.idle() == len(self.nodes), 60, "the nodes are not idle")

    def daemon(self, name, *command):
        with open(self.folder / "log" / f"{name}.out", "ab") as out:
            self.daemons[name] = subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=out,
                                                  stderr=subprocess.STDOUT, start_new_session=True)

    def start_node(self, node):
        (self.folder / "spool" / node).mkdir(exist_ok=True)
        self.daemon(node, "slurmd", "-D", "-N", node)

    def idle(self):
        found = subprocess.run(["sinfo", "-h", "-t", "idle", "-o", "%D"], env=self.environment, capture_output=True,
                               text=True, check=False).stdout.strip()
        return int(found) if found.isdigit() else 0

    def wait_for(self, holds, seconds, trouble):
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                logs = "\n".join(f"{log.name}: {log.read_text(errors='replace')[-2000:]}"
                                 for log in sorted((self.folder / "log").iterdir()))
                raise RuntimeError(f"{trouble} after {seconds} s\n{logs}")
            time.sleep(0.2)

    def command(self, *words):
        return subprocess.run(words, env=self.environment, capture_output=True, text=True, check=True).stdout

    def processes_of(self, node):
        """What runs on a node: of jobs, by their environment, and the slurmstepds above them."""
        mark = f"SLURMD_NODENAME={node}".encode()
        conf = f"SLURM_CONF={self.folder}/slurm.conf".encode()
        jobs = [int(entry.name) for entry in pathlib.Path("/proc").iterdir() if entry.name.isdigit()
                and {mark, conf} <= set(environment_of(entry.name))]
        steps = set()
        for pid in jobs:
            parent = parent_of(pid)
            try:
                if parent > 1 and pathlib.Path(f"/proc/{parent}/comm").read_text().startswith("slurmstepd"):
                    steps.add(parent)
            except OSError:
                pass
        return jobs, sorted(steps)

    def kill_node(self, node):
        """A node dies: all at once, and nobody reports how its jobs ended."""
        daemon = self.daemons.pop(node)
        daemon.kill()
        daemon.wait()
        killed = 0
        for _ in range(5):  # what was being started in between
            jobs, steps = self.processes_of(node)
            for pid in steps + jobs:
                try:
                    os.kill(pid, 9)
                    killed += 1
                except OSError:
                    pass
            if not jobs and not steps:
                break
            time.sleep(0.1)
        return killed

    def stop(self):
        try:
            if "slurmctld" in self.daemons:
                subprocess.run(["scancel", "--user", str(os.getuid())], env=self.environment, capture_output=True,
                               timeout=10, check=False)
        except (OSError, subprocess.TimeoutExpired):
            pass
        for node in self.nodes:
            if node in self.daemons:
                self.kill_node(node)
        for daemon in reversed(list(self.daemons.values())):
            daemon.terminate()
        for daemon in self.daemons.values():
            try:
                daemon.wait(timeout=15)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        self.daemons.clear()
        shutil.rmtree(self.folder, ignore_errors=True)
