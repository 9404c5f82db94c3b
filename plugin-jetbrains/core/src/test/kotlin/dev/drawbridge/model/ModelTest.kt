package dev.drawbridge.model

import dev.drawbridge.protocol.Blocked
import dev.drawbridge.protocol.Channel
import dev.drawbridge.protocol.ChannelFinding
import dev.drawbridge.protocol.Check
import dev.drawbridge.protocol.Listener
import dev.drawbridge.protocol.Policy
import dev.drawbridge.protocol.Severity
import dev.drawbridge.server.State
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class ModelTest {
    private fun finding(message: String, how: String, severity: Severity = Severity.HIGH) =
        ChannelFinding(severity, how, "DB401", "port-on-all-interfaces", message, "", null, null, null)

    private fun check(vararg findings: ChannelFinding) =
        Check(emptyList(), emptyList(), listOf(Channel("ports", "ports", findings.minOfOrNull { it.severity }, findings.toList())), emptyList(), 0)

    private fun blocked(host: String, count: Long = 1) = Blocked(host, 443, null, null, null, count, 0, "", null, host)

    @Test
    fun `what was observed stays while the files are checked again`() {
        val live = check(finding("a", "configured"), finding("b", "observed", Severity.CRITICAL))
        val files = check(finding("c", "configured")).with(live).channels.single()
        assertEquals(listOf("b", "c"), files.findings.map { it.message })
        assertEquals(Severity.CRITICAL, files.worst)
        val listener = Listener("Code", "127.0.0.1:3000", true)
        val seen = check().with(live.copy(unseen = listOf("the container"), listeners = listOf(listener)))
        assertEquals(listOf("the container") to listOf(listener), seen.unseen to seen.listeners)
        assertEquals(listOf("c"), check(finding("c", "configured")).with(null).channels.single().findings.map { it.message })
    }

    @Test
    fun `a denial comes first and counts on`() {
        val policy = Policy("running", null, emptyList(), listOf(blocked("a"), blocked("b", 4)))
        assertEquals(listOf("b" to 5L, "a" to 1L), policy.with(blocked("b")).blocked.map { it.host to it.count })
        val many = (1..600).fold(policy) { all, number -> all.with(blocked("host$number")) }
        assertTrue(many.blocked.size <= 501)
    }

    @Test
    fun `each thing is told once`() {
        val notices = Notices(0)
        assertNotNull(notices.blocked(blocked("a\u202eb")).also { assertFalse('\u202e' in it!!.text) })
        assertNull(notices.blocked(blocked("a\u202eb", 9)))
        val known = Known(check = check(finding("5432 is open", "observed"), finding("said only", "configured")))
        assertEquals("5432 is open", notices.ports(known)?.text)
        assertNull(notices.ports(known))
        repeat(2_000) { notices.blocked(blocked("host$it")) }
        assertNull(notices.blocked(blocked("one more")), "a container has no end of hosts")
        val more = Known(check = check(finding("5432 is open", "observed"), finding("1", "observed"), finding("2", "observed")))
        assertEquals("1, and 1 more", notices.ports(more)?.text, "hosts do not use up the ports")
    }

    @Test
    fun `blocked hosts do not follow each other closely`() {
        var time = 0L
        val notices = Notices(30) { time }
        assertNotNull(notices.blocked(blocked("a")))
        time = 29
        assertNull(notices.blocked(blocked("b")))
        time = 30
        assertNotNull(notices.blocked(blocked("b")), "it was not told yet")
    }

    @Test
    fun `the status is the worst there is`() {
        assertEquals("Drawbridge: off", Status.of(Known(State.Hung)).text)
        assertEquals("Drawbridge: looking", Status.of(Known(State.Starting)).text)
        val ready = Known(State.Ready("1"), check(finding("a", "observed")))
        assertEquals(Severity.HIGH, Status.of(ready).worst)
        assertEquals("Drawbridge: nothing found", Status.of(ready.copy(check = check())).text)
        assertEquals("Drawbridge: not checked", Status.of(ready.copy(failure = "why")).text)
    }

    @Test
    fun `files that matter`() {
        for (file in listOf(".devcontainer/devcontainer.json", ".devcontainer/a/b.yml", "compose.yaml", ".mcp.json", ".git/hooks/x")) assertTrue(Watched.has(file), file)
        for (file in listOf("package.json", "src/compose.yaml", ".git/index", "devcontainer.json")) assertFalse(Watched.has(file), file)
        assertTrue(Watched.isConfiguration(".devcontainer/devcontainer.json") && Watched.isConfiguration(".devcontainer/go/devcontainer.json"))
        assertFalse(Watched.isConfiguration(".devcontainer/compose.json"))
    }
}
