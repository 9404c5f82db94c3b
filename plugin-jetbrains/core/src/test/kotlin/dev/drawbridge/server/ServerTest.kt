package dev.drawbridge.server

import com.google.gson.JsonObject
import dev.drawbridge.TestBed
import dev.drawbridge.rpc.Disconnected
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.ExecutionException
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException

/** Servers that misbehave, as small shell programs. */
class ServerTest {
    @TempDir
    lateinit var folder: Path

    private val servers = mutableListOf<Server>()

    @AfterEach
    fun close() {
        val pids = servers.mapNotNull { it.pid }
        servers.forEach { it.close() }
        TestBed.await("no process is left") { pids.none(::lives) }
    }

    private fun lives(pid: Long) = ProcessHandle.of(pid).map { it.isAlive }.orElse(false)

    private fun server(script: String, patience: Duration = Duration.ofMinutes(1), backoff: Backoff = Backoff(Duration.ofMillis(1), 3)): Server {
        val file = folder.resolve("server")
        Files.writeString(file, "#!/bin/sh\n$ANSWER\n$script\n")
        file.toFile().setExecutable(true)
        return server(backoff, patience) { Program.Found(file) }
    }

    private fun server(backoff: Backoff = Backoff(), patience: Duration = Duration.ofMinutes(1), locate: () -> Program) =
        Server(Files.createDirectories(folder.resolve("project")), "test", backoff, patience, locate).also { servers += it }

    private fun failure(server: Server, deadline: Duration = Duration.ofMinutes(1)): Throwable {
        val answer = server.request("drawbridge/policy", JsonObject(), deadline)
        return assertThrows(ExecutionException::class.java) { answer.get(2, TimeUnit.MINUTES) }.cause!!
    }

    private inline fun <reified S : State> assertState(server: Server): S {
        TestBed.await("${S::class.simpleName}, is ${server.state}") { server.state is S }
        val text = StateText.of(server.state)
        assertTrue(text.title.isNotBlank() && text.text.isNotBlank() && text.ways.isNotEmpty())
        return server.state as S
    }

    @Test
    fun `nothing to start is a state with a way on`() {
        val missing = server { Program.Missing(listOf("/opt/drawbridge")) }
        assertInstanceOf(Unavailable::class.java, failure(missing))
        assertEquals(listOf("/opt/drawbridge"), assertState<State.Missing>(missing).looked)
        val closed = server { Program.NotExecutable(Path.of("/opt/drawbridge")) }
        assertInstanceOf(Unavailable::class.java, failure(closed))
        assertState<State.NotExecutable>(closed)
        val noProgram = Files.writeString(folder.resolve("noProgram"), "#!/nowhere/interpreter\n").also { it.toFile().setExecutable(true) }
        val broken = server { Program.Found(noProgram) }
        failure(broken)
        assertState<State.NotStarted>(broken)
    }

    @Test
    fun `a missing program is found after it was installed`() {
        var program: Program = Program.Missing(emptyList())
        val server = server { program }
        failure(server)
        program = Program.Found(script("answer 1; cat >/dev/null"))
        server.restart()
        TestBed.await("ready, is ${server.state}") { server.state is State.Ready }
    }

    private fun script(body: String): Path = folder.resolve("other").also {
        Files.writeString(it, "#!/bin/sh\n$ANSWER\n$body\n")
        it.toFile().setExecutable(true)
    }

    @Test
    fun `another protocol, or another program, is not used`() {
        for ((script, found) in listOf("answer 2" to "drawbridge 9.9", "NAME=other answer 1" to "other 9.9", "answer null" to "drawbridge 9.9")) {
            val server = server("$script; cat >/dev/null")
            assertInstanceOf(Unavailable::class.java, failure(server), script)
            assertEquals(found, assertState<State.Incompatible>(server).found)
        }
    }

    @Test
    fun `garbage on standard output is no server`() {
        val server = server("echo 'usage: something else'; echo; cat >/dev/null")
        assertInstanceOf(Unavailable::class.java, failure(server))
        assertState<State.Incompatible>(server)
        val later = server("answer 1; read -r _; read -r _; echo '{garbage'; echo; cat >/dev/null")
        assertInstanceOf(Disconnected::class.java, failure(later))
        assertState<State.Crashed>(later)
    }

    @Test
    fun `a server that ends is started again, then left alone`() {
        val server = server("echo start >>'$folder/starts'; echo 'what it said' >&2; exit 3")
        assertInstanceOf(Unavailable::class.java, failure(server))
        assertEquals("what it said", assertState<State.Crashed>(server).said)
        assertEquals(4, Files.readAllLines(folder.resolve("starts")).size, "the first and three more")
    }

    @Test
    fun `a server that ends once is there again, with the documents`() {
        val seen = folder.resolve("seen")
        val server = server("echo \$\$ >>'$folder/pids'; answer 1; cat >>'$seen'")
        server.setDocument("file:///a", 1, "text of a")
        server.start()
        TestBed.await("ready") { server.state is State.Ready }
        val first = server.pid!!
        TestBed.await("it was told of the document") { Files.exists(seen) && "text of a" in Files.readString(seen) }
        Files.delete(seen)
        ProcessHandle.of(first).get().destroyForcibly()
        TestBed.await("again") { server.state is State.Ready && server.pid.let { it != null && it != first } }
        TestBed.await("it was told again") { Files.exists(seen) && "text of a" in Files.readString(seen) }
        assertFalse(lives(first))
    }

    @Test
    fun `a server that hangs is ended, with what it started`() {
        val server = server("sleep 1000 >/dev/null 2>&1 & echo \$! >'$folder/child'; wait", patience = Duration.ofSeconds(5))
        assertInstanceOf(Unavailable::class.java, failure(server))
        assertState<State.Hung>(server)
        val child = Files.readString(folder.resolve("child")).trim().toLong()
        TestBed.await("the child is gone") { !lives(child) }
        val later = server("answer 1; cat >/dev/null")
        assertInstanceOf(TimeoutException::class.java, failure(later, Duration.ofMillis(300)))
        assertState<State.Hung>(later)
    }

    @Test
    fun `a server that does not read stops no caller`() {
        val server = server("answer 1; exec sleep 1000")
        server.start()
        TestBed.await("ready") { server.state is State.Ready }
        val began = System.nanoTime()
        repeat(50) { server.setDocument("file:///a", it, "x".repeat(100_000) + it) }
        assertTrue(System.nanoTime() - began < Duration.ofSeconds(20).toNanos(), "nobody waited")
        assertInstanceOf(TimeoutException::class.java, failure(server, Duration.ofMillis(300)))
        assertState<State.Hung>(server)
    }

    @Test
    fun `it starts in the user's home, not in the project`() {
        val server = server("pwd -P >'$folder/cwd'; env >'$folder/env'; answer 1; cat >/dev/null")
        server.start()
        TestBed.await("ready") { server.state is State.Ready }
        assertEquals(Path.of(System.getProperty("user.home")).toRealPath().toString(), Files.readString(folder.resolve("cwd")).trim())
        assertFalse("LD_LIBRARY_PATH" in Files.readString(folder.resolve("env")))
    }

    private companion object {
        /** Waits for `initialize` and answers with a protocol; the request's number is always 1. */
        val ANSWER = """
            answer() {
                read -r _
                body='{"jsonrpc":"2.0","id":1,"result":{"capabilities":{"experimental":{"drawbridge":{"protocol":'"${'$'}1"'}}},"serverInfo":{"name":"'"${'$'}{NAME:-drawbridge}"'","version":"9.9"}}}'
                printf 'Content-Length: %d\r\n\r\n%s' "${'$'}{#body}" "${'$'}body"
            }
        """.trimIndent()
    }
}
