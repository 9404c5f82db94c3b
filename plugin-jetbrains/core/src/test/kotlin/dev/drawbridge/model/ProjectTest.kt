package dev.drawbridge.model

import dev.drawbridge.Child
import dev.drawbridge.Kept
import dev.drawbridge.TestBed
import dev.drawbridge.protocol.Blocked
import dev.drawbridge.server.Backend
import dev.drawbridge.server.Canned
import dev.drawbridge.server.Program
import dev.drawbridge.server.Server
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit

/** What a project asks a server for, and keeps of its answers; the server is [Canned]. */
class ProjectTest {
    @TempDir
    lateinit var folder: Path

    private var open: Project? = null

    @AfterEach
    fun close() = TestBed.close(open)

    private fun answer(method: String, json: String) {
        Files.writeString(folder.resolve("$method.json"), json)
    }

    private fun project(memory: Memory, trusted: Boolean = true): Project {
        answer("audit", AUDIT)
        answer("review", REVIEW)
        answer("policy", """{"state": "stopped", "rules": [], "blocked": []}""")
        answer("configurations", """[{"file": "a.json", "protected": true, "chosen": false}, {"file": "b.json", "protected": false, "chosen": false}]""")
        answer("choose", """[{"file": "a.json", "protected": true, "chosen": true}, {"file": "b.json", "protected": false, "chosen": false}]""")
        val script = Child.script(folder.resolve("server"), Canned::class.java, folder.toString())
        val server = Server(Files.createDirectories(folder.resolve("project")), "test") { Program.Found(script) }
        return Project(Backend(server), memory) { trusted }.also { open = it }
    }

    /** What was asked, without what starts and ends a server. */
    private fun asked(): List<String> = folder.resolve("log").let { if (Files.exists(it)) Files.readAllLines(it) else emptyList() }
        .filterNot { it.startsWith("initialize") || it.startsWith("shutdown") }

    private fun chosen() = asked().filter { it.startsWith("choose ") }

    @Test
    fun `the container's drift stays when nobody can look into it any more`() {
        val project = project(Kept("a.json"))
        project.refresh()
        TestBed.await("the container was seen") { project.known.run { container != null && review != null } }
        assertEquals(listOf(".vscode/tasks.json", "/s.json"), project.known.reviewed.differences.map { it.file })
        assertEquals("Drawbridge: 2 changes to review", Status.of(project.known).text)
        assertEquals(listOf("127.0.0.1:3000"), project.known.check!!.listeners.map { it.address })
        answer("audit", AUDIT.replace(Regex(""", "container".*"""), "}"))
        val before = asked().count { it == LIVE }
        project.lookInside()
        TestBed.await("looked again") { asked().count { it == LIVE } > before }
        project.check()
        TestBed.await("checked again") { asked().count { it.startsWith("audit") } > before + 2 }
        assertEquals(2, project.known.reviewed.differences.size)
    }

    @Test
    fun `what was accepted is looked at again`() {
        val project = project(Kept("a.json"))
        project.refresh()
        TestBed.await("the container was seen") { project.known.run { container != null && review != null } }
        val none = REVIEW.replace(Regex(""""drift": \[.*]"""), """"drift": []""")
        answer("accept", none.dropLast(1) + """, "container": {"known": true, "drift": []}}""")
        answer("review", none)
        answer("audit", AUDIT.replace(Regex(""""container".*"""), """"container": {"known": true, "drift": []}}"""))
        val request = project.known.reviewed.acceptance()
        project.setReview(project.backend.accept(request).get(60, TimeUnit.SECONDS))
        assertEquals(emptyList<Any>(), project.known.reviewed.differences)
        assertTrue("""accept {"shown":[{"file":".vscode/tasks.json","digest":"d1"},{"file":"/s.json","digest":"d2"}],"container":false}""" in asked())
        TestBed.await("looked again") { asked().takeLastWhile { !it.startsWith("accept") }.let { "review {}" in it && LIVE in it } }
        assertEquals(emptyList<Any>(), project.known.reviewed.differences)
    }

    @Test
    fun `each server is told the choice before anything that depends on it`() {
        val project = project(Kept("a.json"))
        project.refresh()
        TestBed.await("everything is known") { project.known.run { policy != null && container != null } }
        assertEquals("a.json", project.known.configurations.chosen)
        val first = asked()
        for (method in listOf("policy {}", LIVE)) assertTrue(first.indexOf(CHOOSE) in 0 until first.indexOf(method), "$method in $first")
        val count = chosen().size
        Files.delete(folder.resolve("log"))
        assertTrue(ProcessHandle.of(project.backend.server.pid!!).get().destroyForcibly())
        TestBed.await("the next one was told") { CHOOSE in asked() }
        project.askGate()
        TestBed.await("asked again") { "policy {}" in asked() }
        assertTrue(count > 0 && chosen().all { it == CHOOSE })
    }

    @Test
    fun `rules are read again when somebody else changed them`() {
        val project = project(Kept("a.json"))
        answer("policy", """{"state": "running", "rules": [], "blocked": []}""")
        answer("follow", "true")
        project.refresh()
        TestBed.await("the gate is followed") { "follow {}" in asked() }
        for (event in listOf(
            """{"kind": "grant", "action": "granted", "host": "a.example", "reason": "try"}""",
            """{"kind": "reload", "action": "applied", "loosens": [], "errors": []}""",
        )) {
            val rule = "rule ${event.length}"
            answer("policy", RUNNING.replace("RULE", rule))
            answer("explain.event", event)
            project.backend.explain("any")
            TestBed.await("the rule is known") { project.known.policy?.rules?.map { it.text } == listOf(rule) }
        }
    }

    @Test
    fun `nobody chooses for a person, and a choice that is gone is none`() {
        for (remembered in listOf(null, "gone.json")) {
            val project = project(Kept(remembered))
            answer("choose", Files.readString(folder.resolve("configurations.json")))
            project.refresh()
            TestBed.await("told") { project.known.configurations.all.size == 2 }
            assertTrue(project.known.configurations.undecided)
            assertNull(project.known.configurations.chosen)
            assertEquals(setOf("choose {}"), chosen().toSet())
            close()
        }
        assertEquals("only.json", Configurations(listOf(dev.drawbridge.protocol.Configuration("only.json", protected = false, chosen = false))).chosen)
    }

    @Test
    fun `another choice forgets what was the other one's, and its feed`() {
        val memory = Kept("a.json")
        val project = project(memory)
        answer("policy", """{"state": "running", "rules": [], "blocked": []}""")
        answer("follow", "true")
        project.refresh()
        TestBed.await("the feed is open") { project.known.container != null && asked().any { it.startsWith("follow") } }
        val pid = project.backend.server.pid
        val heard = mutableListOf<String>()
        project.listen(object : ProjectListener {
            override fun blocked(blocked: Blocked) {
                synchronized(heard) { heard += blocked.host }
            }
        })
        answer("unfollow", "true")
        answer("unfollow.event", DENIED)
        Files.delete(folder.resolve("policy.json"))
        answer("audit", AUDIT.replace(Regex(""", "container".*"""), "}"))
        answer("choose", """[{"file": "a.json", "protected": true, "chosen": false}, {"file": "b.json", "protected": false, "chosen": true}]""")
        project.choose("b.json").get(60, TimeUnit.SECONDS)
        assertEquals("b.json", memory.configuration)
        assertEquals("b.json", project.known.configurations.chosen)
        assertNull(project.known.container)
        assertNull(project.known.policy)
        val order = asked()
        val (end, next) = order.indexOf("unfollow {}") to order.indexOf("""choose {"file":"b.json"}""")
        assertTrue(end in 0 until next, "the feed ends first: $order")
        assertEquals(emptyList<String>(), heard, "an event of the other's feed was on its way")
        answer("policy", """{"state": "running", "rules": [], "blocked": []}""")
        answer("follow.event", DENIED)
        project.askGate()
        TestBed.await("the next feed is heard") { synchronized(heard) { heard.toList() } == listOf("denied.example") }
        assertEquals(pid, project.backend.server.pid, "the server stays")
    }

    @Test
    fun `without trust nobody looks into a container`() {
        val project = project(Kept("a.json"), trusted = false)
        project.refresh()
        project.lookInside()
        project.askGate()
        TestBed.await("the files are known") { project.known.run { check != null && review != null && configurations.several } }
        assertEquals(emptyList<String>(), asked().filter { it == LIVE || it.startsWith("policy") })
    }

    private companion object {
        const val LIVE = """audit {"live":true}"""
        const val CHOOSE = """choose {"file":"a.json"}"""
        const val DENIED = """{"kind": "blocked", "blocked": {"host": "denied.example", "count": 1, "last": 1, "why": "no rule"}}"""
        const val RUNNING = """{"state": "running", "rules": [{"action": "allow", "text": "RULE", "layer": "project", "file": "p", "line": 1}], "blocked": []}"""
        const val REVIEW = """{"known": true, "drift": [{"file": ".vscode/tasks.json", "digest": "d1", "kind": "added", "what": [], "after": "{}"}]}"""
        const val AUDIT = """{"problems": [], "elsewhere": [], "channels": [], "unseen": [], "ignored": 0, """ +
            """"listeners": [{"editor": "Code", "address": "127.0.0.1:3000", "local": true}], """ +
            """"container": {"known": true, "drift": [{"file": "/s.json", "digest": "d2", "kind": "changed", "what": []}]}}"""
    }
}
