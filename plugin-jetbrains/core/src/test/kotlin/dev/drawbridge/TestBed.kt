package dev.drawbridge

import dev.drawbridge.model.Memory
import dev.drawbridge.model.Project
import org.junit.jupiter.api.Assumptions.assumeTrue
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.locks.LockSupport

/** A memory for one test. */
class Kept(override var configuration: String? = null) : Memory

/** What tests share: the real program, fixtures, waiting for a condition. */
object TestBed {
    /** The repository. */
    val root: Path = Path.of("").toAbsolutePath().let { here -> generateSequence(here) { it.parent }.first { Files.exists(it.resolve("Cargo.toml")) } }

    /** `DRAWBRIDGE_BIN`, or what cargo built. Without one the test is skipped, and fails where `CI` is `true`. */
    fun program(): Path {
        val named = System.getenv("DRAWBRIDGE_BIN")?.takeIf { it.isNotBlank() }
        val path = named?.let(Path::of) ?: root.resolve("target/debug/drawbridge")
        if (System.getenv("CI") == "true") check(Files.isExecutable(path)) { "no drawbridge program at $path" }
        assumeTrue(Files.isExecutable(path), "no drawbridge program at $path: build it with `cargo build -p drawbridge-cli`")
        return path
    }

    /** A copy of a fixture of the protocol, in a folder whose name needs escaping in a URI. */
    fun project(name: String, into: Path): Path {
        val from = root.resolve("tests/fixtures/protocol/$name")
        val to = into.resolve("my project")
        check(from.toFile().copyRecursively(to.toFile()))
        return to
    }

    /** Closes a project, and waits until its process is gone. */
    fun close(project: Project?) {
        val pid = project?.backend?.server?.pid
        project?.close()
        if (pid != null) await("the process is gone") { ProcessHandle.of(pid).map { !it.isAlive }.orElse(true) }
    }

    /** Waits until [condition] holds, a minute at most: machines that run tests are busy. */
    fun await(what: String, condition: () -> Boolean) {
        val end = System.nanoTime() + Duration.ofMinutes(1).toNanos()
        while (!condition()) {
            check(System.nanoTime() < end) { "not in a minute: $what" }
            LockSupport.parkNanos(2_000_000)
        }
    }
}
