"""A standalone cluster of Spark, each of its parts a process of its own, answers as one machine does."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import pyspark
import pytest
import yaml
from conftest import Command

from benchmarks.generate import AS_OF, landscape
from stakeholders.tables import write

# Beside the other tests of Spark, not at once with them: there is memory and time for one.
pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark")]

COMPOSED = Path(__file__).resolve().parent.parent / "docs" / "scale" / "docker-compose.yml"
PATIENCE = 90  # seconds for a process to start on a machine that has other work
LEAN = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


class Cluster(NamedTuple):
    """Where a cluster is asked, and where its workers keep what they were given to do."""

    master: str
    work: list[Path]


@contextmanager
def daemon(log: Path, *arguments: str) -> Iterator[None]:
    """A part of a cluster, ended with all that it has started."""
    environment = {
        **os.environ,
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": LEAN,
        "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false",
        "SPARK_CONF_DIR": str(log.parent),
    }
    spark_class = Path(pyspark.__file__).parent / "bin" / "spark-class"
    with log.open("w") as output:
        process = subprocess.Popen(
            [spark_class, *arguments], env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def said(log: Path, pattern: str, times: int = 1) -> str:
    """What a part of a cluster tells in its log, once it has told it so often."""
    end = time.monotonic() + PATIENCE
    while len(found := re.findall(pattern, log.read_text())) < times:
        assert time.monotonic() < end, f"no {pattern!r} in\n{log.read_text()}"
        time.sleep(0.1)
    return str(found[0])


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A master and two workers, of one core each, at ports that the system chooses."""
    folder = tmp_path_factory.mktemp("cluster")
    here = ("--host", "127.0.0.1", "--port", "0", "--webui-port", "0")
    work = [folder / "first", folder / "second"]
    with ExitStack() as parts:
        log = folder / "master.log"
        parts.enter_context(daemon(log, "org.apache.spark.deploy.master.Master", *here))
        master = said(log, r"Starting Spark master at (spark://\S+)")
        for place in work:
            share = ("--cores", "1", "--memory", "1g", "--work-dir", str(place), master)
            parts.enter_context(
                daemon(folder / f"{place.name}.log", "org.apache.spark.deploy.worker.Worker", *here, *share)
            )
        said(log, "Registering worker", len(work))
        yield Cluster(master, work)


def test_a_cluster_of_two_workers_gives_the_answer_of_this_machine(
    cluster: Cluster, accessmap: Command, tmp_path: Path
) -> None:
    folder, kept, settings = tmp_path / "landscape", tmp_path / "kept", tmp_path / "conf"
    write(landscape(300), folder, format="parquet")
    settings.mkdir()
    (settings / "spark-defaults.conf").write_text(
        f"spark.executor.memory 512m\n"
        f"spark.executor.extraJavaOptions {LEAN}\n"
        f"spark.driver.memory 512m\n"
        f"spark.driver.extraJavaOptions {LEAN}\n"
        f"spark.sql.codegen.wholeStage false\n"
        f"spark.sql.shuffle.partitions 4\n"
        f"spark.checkpoint.dir {kept.as_uri()}\n"
        f"spark.hadoop.fs.viewfs.mounttable.default.link./landscape {folder.as_uri()}\n"
    )
    asked = ("who", "biometric", "--as-of", AS_OF, "--format", "json")
    alone = accessmap(*asked, "-d", str(folder))
    assert alone.returncode == 0, alone.stderr
    together = accessmap(
        *asked, "-d", "viewfs:///landscape", "--engine", "spark", "--master", cluster.master,
        SPARK_CONF_DIR=str(settings), SPARK_LOCAL_IP="127.0.0.1", PYSPARK_PYTHON="no-python-on-the-workers",
    )  # fmt: skip
    assert together.returncode == 0, together.stderr
    expected, found = json.loads(alone.stdout), json.loads(together.stdout)
    assert len(expected["rows"]) > 100
    assert {**found, "dataset": None} == {**expected, "dataset": None}
    # Each worker had a part in it, and each round was written down where Spark was told to.
    assert all(list(place.glob("app-*/*/stderr")) for place in cluster.work)
    assert list(kept.glob("*"))


def test_the_composed_cluster_names_what_there_is() -> None:
    services = yaml.safe_load(COMPOSED.read_text("utf-8"))["services"]
    master, worker, client = services["master"], services["worker"], services["client"]
    # Variables are what Spark's own code looks for, classes are what it brings.
    (core,) = (Path(pyspark.__file__).parent / "jars").glob("spark-core_*.jar")
    with zipfile.ZipFile(core) as jar:
        arguments = jar.read("org/apache/spark/deploy/worker/WorkerArguments.class")
        names = jar.read("org/apache/spark/util/Utils$.class")
        brought = set(jar.namelist())
    assert set(worker["environment"]) == {"SPARK_WORKER_CORES", "SPARK_WORKER_MEMORY"}
    assert all(name.encode() in arguments for name in worker["environment"])
    assert b"SPARK_LOCAL_HOSTNAME" in names
    assert client["environment"]["SPARK_LOCAL_HOSTNAME"] == client["hostname"]
    for service in (master, worker):
        assert f"{service['command'].split()[1].replace('.', '/')}.class" in brought
        assert service["image"] == master["image"]
    # The workers and the client look for the master where it is told to be.
    host, port = (master["command"].split()[master["command"].split().index(flag) + 1] for flag in ("--host", "--port"))
    assert master["hostname"] == host
    assert worker["command"].split()[-1] == client["environment"]["SPARK_MASTER"] == f"spark://{host}:{port}"
    # The client's image is built from files that are there, and reads the folder that the workers read.
    context = (COMPOSED.parent / client["build"]["context"]).resolve()
    copied = re.findall(r"^COPY (.+) \S+$", client["build"]["dockerfile_inline"], re.M)
    assert all((context / name).exists() for line in copied for name in line.split())
    assert client["volumes"] == worker["volumes"]
    # One version for both.
    assert master["image"].partition(":")[2] == client["build"]["args"]["SPARK_VERSION"]
