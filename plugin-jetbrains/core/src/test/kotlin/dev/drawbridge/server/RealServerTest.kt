package dev.drawbridge.server

import dev.drawbridge.Child
import dev.drawbridge.Kept
import dev.drawbridge.TestBed
import dev.drawbridge.model.Known
import dev.drawbridge.model.Notices
import dev.drawbridge.model.Project
import dev.drawbridge.model.ProjectListener
import dev.drawbridge.model.Reviewed
import dev.drawbridge.protocol.AllowRequest
import dev.drawbridge.protocol.Blocked
import dev.drawbridge.protocol.Configuration
import dev.drawbridge.protocol.Failure
import dev.drawbridge.protocol.Listener
import dev.drawbridge.protocol.ProtectOptions
import dev.drawbridge.protocol.Severity
import dev.drawbridge.rpc.RequestFailed
import dev.drawbridge.text.Edits
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.condition.EnabledOnOs
import org.junit.jupiter.api.condition.OS
import org.junit.jupiter.api.io.TempDir
import java.net.InetAddress
import java.net.ServerSocket
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.ExecutionException
import java.util.concurrent.TimeUnit

/** The real program, over the fixtures that the other clients are tested with. */
class RealServerTest {
    @TempDir
    lateinit var folder: Path

    private val open = mutableListOf<Server>()
    private lateinit var project: Path

    private fun backend(name: String, wrapped: (Path) -> Path = { it }): Backend {
        val program = wrapped(TestBed.program())
        project = TestBed.project(name, folder)
        return Backend(Server(project, "test") { Program.Found(program) }.also { open += it })
    }

    @AfterEach
    fun close() {
        val pids = open.mapNotNull { it.pid }
        open.forEach { it.close() }
        TestBed.await("no process is left") { pids.none { pid -> ProcessHandle.of(pid).map { it.isAlive }.orElse(false) } }
    }

    private fun <T> CompletableFuture<T>.now(): T = get(60, TimeUnit.SECONDS)

    @Test
    fun `what every fixture holds is read`() {
        for (name in listOf("open", "policy", "broken")) {
            val backend = backend(name)
            val check = backend.audit(false).now()
            assertTrue(check.problems.isNotEmpty(), name)
            assertTrue(check.channels.isNotEmpty(), name)
            assertEquals(check.problems.sortedBy { it.severity }, check.problems, "the worst first")
            assertNotNull(backend.policy().now())
            assertNotNull(backend.review().now())
            assertInstanceOf(State.Ready::class.java, backend.server.state)
            project.toFile().deleteRecursively()
        }
    }

    @Test
    fun `a fix of an open text that is not on the disk`() {
        val backend = backend("open")
        val file = ".devcontainer/devcontainer.json"
        val uri = Server.uriOf(project.resolve(file))
        val text = "{\r\n  // é😀\r\n  \"image\": \"debian:12\", /* 😀 */ \"privileged\": true\r\n}\r\n"
        backend.server.setDocument(uri, 7, text)
        val problem = backend.audit(false).now().problems.single { it.rule == "privileged-container" }
        assertEquals(file, problem.file)
        assertEquals(Severity.CRITICAL, problem.severity)
        val lines = dev.drawbridge.text.Lines(text)
        assertEquals("\"privileged\": true", text.substring(lines.span(problem.range)))
        val fix = backend.fixes(uri, problem.range).now().first()
        assertEquals(uri, fix.uri)
        assertEquals(7, fix.version)
        val fixed = Edits.apply(text, fix.edits)!!
        assertFalse("privileged" in fixed)
        assertTrue("// é😀\r\n" in fixed, "the rest stays")
        backend.server.setDocument(uri, 8, fixed)
        assertTrue(backend.audit(false).now().problems.none { it.rule == "privileged-container" })
        backend.server.closeDocument(uri)
        assertTrue(backend.audit(false).now().problems.any { it.rule == "privileged-container" }, "the file counts again")
    }

    @Test
    fun `protect is shown, applied, undone`() {
        val backend = backend("policy")
        project.resolve(".devcontainer/drawbridge").toFile().deleteRecursively()
        val config = project.resolve(".devcontainer/devcontainer.json")
        val before = Files.readString(config)
        val options = ProtectOptions(ides = listOf("jetbrains"))
        val plan = backend.plan(options).now()
        assertTrue(plan.changes.any { it.file == ".devcontainer/devcontainer.json" && it.before == before })
        assertTrue(plan.hosts.isNotEmpty() || plan.notes.isNotEmpty())
        assertEquals(before, Files.readString(config), "nothing is written by looking")
        Files.writeString(config, before + "\n")
        assertEquals("stale", failed { backend.apply(options, plan.digest).now() })
        Files.writeString(config, before)
        assertTrue(backend.apply(options, plan.digest).now().files.isNotEmpty())
        assertFalse(before == Files.readString(config))
        val policy = backend.policy().now()
        assertFalse(policy.state == "unprotected")
        val allowed = backend.allow(AllowRequest("api.example.com", "a test", null)).now()
        assertTrue(allowed.files.isNotEmpty())
        assertTrue(backend.policy().now().rules.any { it.text == "api.example.com" && it.reason == "a test" })
        backend.revoke("api.example.com").now()
        assertTrue(backend.policy().now().rules.none { it.text == "api.example.com" })
        while (backend.undo().now().files.isNotEmpty()) Unit
        assertEquals(before, Files.readString(config))
    }

    @Test
    fun `what protecting would lose is named, and planned without once each is accepted`() {
        val backend = backend("open")
        val failure = failure { backend.plan(ProtectOptions()).now() }
        assertEquals("refused", failure.code)
        assertEquals(listOf("privileged" to "privileged", "docker-socket" to "mounts /var/run/docker.sock"), failure.losses.map { it.code to it.what })
        assertTrue(failure.losses.all { it.why.isNotBlank() })
        val one = failure { backend.plan(ProtectOptions(acceptLoss = listOf("privileged"))).now() }
        assertEquals(listOf("docker-socket"), one.losses.map { it.code })
        val options = ProtectOptions(acceptLoss = failure.losses.map { it.code })
        val plan = backend.plan(options).now()
        assertEquals("refused", failed { backend.apply(ProtectOptions(), plan.digest).now() }, "what was not accepted is not written")
        assertTrue(backend.apply(options, plan.digest).now().files.isNotEmpty())
    }

    @Test
    fun `of several configurations one is chosen, never the first by itself`() {
        val backend = backend("policy")
        val (first, second) = ".devcontainer/devcontainer.json" to ".devcontainer/second/devcontainer.json"
        Files.createDirectories(project.resolve(second).parent)
        Files.writeString(project.resolve(second), "{ \"image\": \"debian:12\" }")
        assertEquals(listOf(Configuration(first, false, false), Configuration(second, false, false)), backend.configurations().now())
        assertEquals("refused", failed { backend.plan(ProtectOptions()).now() })
        val model = Project(backend, Kept()) { true }
        model.refresh()
        TestBed.await("the configurations are known") { model.known.configurations.several }
        assertTrue(model.known.configurations.undecided)
        model.choose(second).now()
        assertEquals(second, model.known.configurations.chosen)
        assertEquals(second, backend.plan(ProtectOptions()).now().config)
        assertEquals(listOf(second), backend.configurations().now().filter { it.chosen }.map { it.file })
        backend.server.restart()
        TestBed.await("the next server was told") { backend.configurations().now().any { it.chosen && it.file == second } }
        assertEquals("argument", failed { backend.choose("../devcontainer.json").now() })
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    fun `another choice ends the feed of the one before, and the server stays`() {
        val gates = Gates(folder.resolve("engine"))
        val backend = backend("policy", gates::before)
        val files = listOf(".devcontainer/devcontainer.json", ".devcontainer/second/devcontainer.json")
        project.resolve(".devcontainer/drawbridge").toFile().deleteRecursively()
        Files.createDirectories(project.resolve(files[1]).parent)
        Files.writeString(project.resolve(files[1]), "{ \"image\": \"debian:12\" }")
        files.forEachIndexed { index, config ->
            val options = ProtectOptions(config)
            gates.add("gate$index", project, backend.apply(options, backend.plan(options).now().digest).now().files)
        }
        val heard = CopyOnWriteArrayList<String>()
        val model = Project(backend, Kept(files[0])) { true }
        model.listen(object : ProjectListener {
            override fun blocked(blocked: Blocked) {
                heard += blocked.host
            }
        })
        model.refresh()
        TestBed.await("the first gate is followed") { gates.feeds("gate0").size == 1 }
        val first = gates.feeds("gate0").single()
        gates.deny(first, "first.example")
        TestBed.await("what it denies is told") { heard.toList() == listOf("first.example") }
        val pid = backend.server.pid
        model.choose(files[1]).now()
        TestBed.await("the second gate is followed") { gates.feeds("gate1").size == 1 }
        TestBed.await("the first feed is gone") { ProcessHandle.of(first).map { !it.isAlive }.orElse(true) }
        gates.deny(gates.feeds("gate1").single(), "second.example")
        TestBed.await("what the second denies is told") { heard.toList() == listOf("first.example", "second.example") }
        assertEquals(listOf(1, 1), listOf("gate0", "gate1").map { gates.feeds(it).size }, "one feed each")
        assertEquals(pid, backend.server.pid)
        assertTrue(backend.unfollow().now())
        assertFalse(backend.unfollow().now())
    }

    @Test
    fun `only what is still as it was shown is accepted`() {
        val backend = backend("policy")
        assertFalse(backend.review().now().known)
        assertTrue(backend.accept(Reviewed(backend.review().now(), null).acceptance()).now().run { known && drift.isEmpty() })
        Files.writeString(project.resolve(".devcontainer/devcontainer.json"), "{ \"image\": \"debian:12\", \"initializeCommand\": \"true\" }")
        val tasks = Files.createDirectories(project.resolve(".vscode")).resolve("tasks.json")
        Files.writeString(tasks, "{}")
        val shown = Reviewed(backend.review().now(), null)
        assertEquals(listOf(".devcontainer/devcontainer.json", ".vscode/tasks.json"), shown.differences.map { it.file })
        Files.writeString(tasks, "{ \"tasks\": [] }")
        val answer = backend.accept(shown.acceptance()).now()
        assertEquals(listOf(".vscode/tasks.json"), answer.drift.map { it.file })
        assertEquals("Not reviewed: .vscode/tasks.json, it changed again meanwhile or cannot be read", Reviewed.left(shown.acceptance(), answer))
        val request = Reviewed.acceptance(answer.drift.single())
        assertEquals(emptyList<Any>(), backend.accept(request).now().drift)
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    fun `a port on which an editor listens is seen`() {
        val backend = backend("open")
        // An editor is there when its data is, and is known by the name of its process.
        val data = Files.createDirectories(Path.of(System.getenv("HOME"), ".config/Code"))
        val editor = ProcessBuilder(Child.script(folder.resolve("code"), Listening::class.java, stays = true).toString()).start()
        try {
            val port = editor.inputReader().readLine()
            val listeners = backend.audit(true).now().listeners
            assertEquals(listOf(Listener("VS Code", "127.0.0.1:$port", true)), listeners.filter { it.address.endsWith(":$port") })
            assertEquals(emptyList<Listener>(), backend.audit(false).now().listeners)
        } finally {
            editor.outputStream.close()
            assertTrue(editor.waitFor(60, TimeUnit.SECONDS))
            Files.delete(data)
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    fun `ports of the process that starts the server are seen, and one for everybody is told`() {
        val backend = backend("open")
        val here = ServerSocket(0, 1, InetAddress.getLoopbackAddress())
        val everywhere = ServerSocket(0)
        here.use {
            everywhere.use {
                val check = backend.audit(true).now()
                assertEquals(listOf(Listener("test", "127.0.0.1:${here.localPort}", true)), check.listeners.filter { it.address.endsWith(":${here.localPort}") })
                val ports = check.channels.single { it.id == "ports" }
                val open = ports.findings.filter { ":${everywhere.localPort}`" in it.message }
                assertEquals(listOf("editor-listens-on-all-interfaces" to "observed"), open.map { it.rule to it.`class` })
                assertTrue(open.single().message.startsWith("test: "), open.single().message)
                val notices = Notices()
                val known = Known(check = check.copy(channels = listOf(ports.copy(findings = open))))
                assertEquals(open.single().message, notices.ports(known)?.text)
                assertNull(notices.ports(known), "once")
            }
        }
        assertTrue(backend.audit(true).now().channels.single { it.id == "ports" }.findings.none { ":${everywhere.localPort}`" in it.message })
    }

    @Test
    fun `rules are explained by the program`() {
        val backend = backend("open")
        assertTrue("privileged" in backend.explain("privileged-container").now()!!)
        assertNull(backend.explain("no-such-rule").now())
    }

    /** The code of the failure. */
    private fun failed(work: () -> Unit): String = failure(work).code

    private fun failure(work: () -> Unit): Failure {
        val error = assertThrows(ExecutionException::class.java) { work() }.cause as RequestFailed
        assertEquals(-32803, error.code)
        return Problems.of(error)
    }
}
