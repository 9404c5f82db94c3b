package dev.drawbridge.ui

import dev.drawbridge.TestBed
import dev.drawbridge.model.Known
import dev.drawbridge.model.Project
import dev.drawbridge.model.Status
import dev.drawbridge.protocol.Blocked
import dev.drawbridge.protocol.Drift
import dev.drawbridge.protocol.ProtectOptions
import dev.drawbridge.protocol.Review
import dev.drawbridge.protocol.Severity
import dev.drawbridge.server.Backend
import dev.drawbridge.server.Program
import dev.drawbridge.server.Server
import dev.drawbridge.server.State
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import javax.swing.JButton
import javax.swing.JEditorPane
import javax.swing.JLabel

/** The views, filled by the real program from a fixture, pressed as a user would. */
class PanelsTest {
    @TempDir
    lateinit var folder: Path

    private var model: Project? = null

    @AfterEach
    fun close() {
        val pid = model?.backend?.server?.pid
        model?.close()
        if (pid != null) TestBed.await("the process is gone") { ProcessHandle.of(pid).map { !it.isAlive }.orElse(true) }
    }

    /** What is known of a fixture, once everything was answered. */
    private fun known(name: String, trusted: Boolean = true, prepare: (Backend) -> Unit = {}): Pair<Known, Recorder> {
        val program = TestBed.program()
        val project = TestBed.project(name, folder)
        val backend = Backend(Server(project, "test") { Program.Found(program) })
        val model = Project(backend) { trusted }.also { this.model = it }
        prepare(backend)
        model.refresh()
        TestBed.await("everything is known") { model.known.run { check != null && review != null && (policy != null || !trusted) } }
        return model.known to Recorder(backend, project)
    }

    private fun panel(view: View, known: Known, actions: PanelActions) = Screen.onUi { ViewPanel(view, actions).also { it.show(known) } }

    private fun row(panel: ViewPanel, known: Known, wanted: (Row) -> Boolean) =
        panel.view.rows(known).asSequence().flatMap { it.all() }.first(wanted)

    private fun press(panel: ViewPanel, label: String) {
        TestBed.await("the button $label") { Screen.onUi { Screen.find<JButton>(panel) { it.text == label }.isNotEmpty() } }
        Screen.onUi { Screen.find<JButton>(panel) { it.text == label }.first().doClick(0) }
    }

    private fun enter(panel: ViewPanel) = Screen.onUi {
        val key = panel.tree.inputMap[javax.swing.KeyStroke.getKeyStroke("ENTER")]
        panel.tree.actionMap[key].actionPerformed(null)
    }

    @Test
    fun `findings by file, with page and fixes`() {
        val (known, recorder) = known("open")
        val panel = panel(View.FINDINGS, known, recorder)
        val socket = row(panel, known) { it.finding?.rule == "docker-socket-mounted" }
        Screen.onUi { panel.select(socket.id) }
        enter(panel)
        assertEquals("open .devcontainer/devcontainer.json 3", recorder.calls.last())
        TestBed.await("the page") { Screen.onUi { "The engine does what the client asks" in details(panel) } }
        val fix = model!!.backend.fixes(
            Server.uriOf(folder.resolve("my project/.devcontainer/devcontainer.json")), socket.finding!!.range!!,
        ).get(60, TimeUnit.SECONDS).first()
        press(panel, if (fix.safe) fix.title else "${fix.title} (look at it first)")
        assertEquals("fix .devcontainer/devcontainer.json ${fix.title}", recorder.calls.last())
        draw("findings", View.FINDINGS, known, recorder, socket.id)
    }

    @Test
    fun `the bridge says each channel's state`() {
        val (known, recorder) = known("open")
        val panel = panel(View.BRIDGE, known, recorder)
        val channels = known.check!!.channels
        assertEquals(channels.map { "channel:${it.id}" }, View.BRIDGE.rows(known).map { it.id })
        for (row in View.BRIDGE.rows(known)) assertTrue(row.detail.isNotBlank() && row.spoken.contains(row.detail), row.id)
        Screen.onUi { panel.select("channel:egress") }
        press(panel, "Protect…")
        assertEquals(listOf("protect"), recorder.calls.toList())
        val finding = row(panel, known) { it.finding?.rule == "docker-socket-mounted" }
        draw("bridge", View.BRIDGE, known, recorder, finding.id)
    }

    @Test
    fun `blocked hosts are allowed for a time, and rules taken back`() {
        val (read, recorder) = known("policy") { backend ->
            Files.delete(folder.resolve("my project/.devcontainer/drawbridge/policy.jsonc"))
            val options = ProtectOptions(ides = listOf("jetbrains"))
            val plan = backend.plan(options).get(60, TimeUnit.SECONDS)
            backend.apply(options, plan.digest).get(60, TimeUnit.SECONDS)
            backend.allow(dev.drawbridge.protocol.AllowRequest("files.example.net", "test data", null)).get(60, TimeUnit.SECONDS)
        }
        // No engine here, so what a gate would have denied is added.
        val known = read.copy(
            policy = read.policy!!.copy(
                state = "running",
                blocked = listOf(
                    blocked("telemetry.example.com", 14, "node", "telemetry.example.com"),
                    blocked("<html><img src=x>.example", 1, null, null),
                    blocked("registry.example.test", 3, "pip", "registry.example.test"),
                ),
            ),
        )
        val panel = panel(View.POLICY, known, recorder)
        Screen.onUi { panel.select(row(panel, known) { it.label == "telemetry.example.com" }.id) }
        for (label in listOf("Allow for 5 Minutes", "Allow for 2 Hours", "Allow for This Project", "Deny")) press(panel, label)
        assertEquals(
            listOf("allow telemetry.example.com 300", "allow telemetry.example.com 7200", "allow telemetry.example.com null", "deny telemetry.example.com"),
            recorder.calls.toList(),
        )
        Screen.onUi { panel.select(row(panel, known) { it.label.startsWith("<html>") }.id) }
        assertTrue(Screen.onUi { Screen.find<JButton>(panel) { it.isVisible && it.parent.isVisible }.none { it.text.startsWith("Allow") } }, "no rule, no button")
        assertFalse("<img" in Screen.onUi { details(panel) })
        Screen.onUi { panel.select(row(panel, known) { it.label == "files.example.net" }.id) }
        press(panel, "Take Back")
        assertEquals("revoke files.example.net", recorder.calls.last())
        draw("policy", View.POLICY, known, recorder, row(panel, known) { it.label == "telemetry.example.com" }.id)
        val gone = known.copy(policy = known.policy!!.copy(blocked = emptyList()))
        Screen.onUi {
            panel.select(row(panel, known) { it.label == "telemetry.example.com" }.id)
            panel.show(gone)
        }
        assertEquals("gate", Screen.onUi { panel.selected()!!.id }, "a selection that is gone falls back to the first row")
    }

    private fun blocked(host: String, count: Long, process: String?, rule: String?) = Blocked(
        host, 443, null, null, process, count, 1_700_000_000, "no rule allows $host", if (rule == null) null else "package.json:12", rule,
    )

    @Test
    fun `drift comes first, and nothing is done without trust`() {
        val (read, recorder) = known("open", trusted = false)
        val known = read.copy(review = Review(true, listOf(Drift(".vscode/tasks.json", "d", "changed", listOf("runs `make` on folder open"), "a", "b"))))
        val panel = panel(View.FINDINGS, known, recorder)
        assertEquals("drift", View.FINDINGS.rows(known).first().id)
        Screen.onUi { panel.select("drift:.vscode/tasks.json") }
        assertEquals(listOf("Show What Changed"), Screen.onUi { Screen.find<JButton>(panel) { it.parent.isVisible && it.text.isNotBlank() && it.isVisible }.map { it.text } })
        Screen.onUi { panel.show(known.copy(trusted = true)) }
        press(panel, "Accept As It Is")
        assertEquals("acceptDrift .vscode/tasks.json", recorder.calls.last())
        val policy = panel(View.POLICY, known, recorder)
        press(policy, "Trust Project…")
        assertEquals("trust", recorder.calls.last())
        assertEquals(Severity.HIGH, Status.of(known).worst)
        assertEquals("Drawbridge: 1 file changed", Status.of(known).text)
    }

    @Test
    fun `every state of the server has its sentence and a way on`() {
        val recorder = Recorder()
        val states = listOf(
            State.Missing(listOf("/opt/jetbrains/plugins/drawbridge/bin/linux-amd64/drawbridge", "PATH")),
            State.NotExecutable(Path.of("/opt/drawbridge")), State.InsideProject(Path.of("/p/drawbridge")),
            State.NotStarted(Path.of("/opt/drawbridge"), "Exec format error"), State.Incompatible(Path.of("/opt/drawbridge"), "drawbridge 9.9"),
            State.Restarting(2), State.Crashed("thread panicked"), State.Hung,
        )
        for (view in View.entries) for (state in states) {
            val panel = panel(view, Known(state = state, trusted = true), recorder)
            val buttons = Screen.onUi { Screen.find<JButton>(panel) { it.text == "Restart" || it.text == "Settings…" }.map { it.text } }
            assertTrue(buttons.isNotEmpty(), "$view $state")
            press(panel, buttons.first())
        }
        assertEquals(setOf("restart", "settings"), recorder.calls.toSet())
        Screen.draw("missing", 640, 240) { ViewPanel(View.FINDINGS, recorder).apply { show(Known(state = states.first(), trusted = true)) } }
    }

    @Test
    fun `unfolding and selection stay when the rows are filled again`() {
        val (known, recorder) = known("open")
        val panel = panel(View.BRIDGE, known, recorder)
        val chosen = View.BRIDGE.rows(known).last { it.children.isNotEmpty() }
        Screen.onUi {
            panel.select(chosen.id)
            panel.tree.collapsePath(panel.tree.selectionPath)
        }
        val channels = known.check!!.channels
        val other = known.copy(check = known.check!!.copy(channels = channels.map { if (it.id == channels.first().id) it.copy(findings = emptyList(), worst = null) else it }))
        Screen.onUi { panel.show(other) }
        assertEquals(chosen.id, Screen.onUi { panel.selected()?.id })
        assertTrue(Screen.onUi { panel.tree.isCollapsed(panel.tree.selectionPath) })
    }

    @Test
    fun `the form says what is wrong where it is typed`() {
        val form = Screen.onUi { AllowHostForm("", emptyList()) }
        val problem = Screen.onUi { Screen.find<JLabel>(form) { it.accessibleContext.accessibleName == "What is wrong" }.single() }
        assertEquals("A host name, such as api.example.com", problem.text, "not before something was typed")
        assertEquals(null, form.request())
        Screen.onUi { form.type("a\u0000b") }
        assertEquals("There is a character that cannot be seen", problem.text)
        Screen.onUi { form.type("  api.example.com ") }
        assertEquals(AllowHost("api.example.com", 7_200), form.request())
        Screen.onUi { form.refuse("no such rule") }
        assertEquals("no such rule", problem.text)
        for (label in Screen.find<JLabel>(form) { it.labelFor != null }) {
            assertNotNull(label.labelFor.accessibleContext.accessibleName)
            assertTrue(label.displayedMnemonic != 0)
        }
        Screen.draw("allow-host", 420, 130) { AllowHostForm("telemetry.example.com", listOf("telemetry.example.com")) }
    }

    private fun details(panel: ViewPanel) = Screen.find<JEditorPane>(panel).first().text.replace(Regex("\\s+"), " ")

    private fun draw(name: String, view: View, known: Known, recorder: Recorder, select: String) {
        val row = view.rows(known).asSequence().flatMap { it.all() }.first { it.id == select }
        // Pages come later; the picture wants them at once.
        val page = row.finding?.let { recorder.explain(it.rule).get(60, TimeUnit.SECONDS) }
        val fixes = row.finding?.takeIf { it.file != null }?.let { recorder.fixes(it).get(60, TimeUnit.SECONDS) }.orEmpty()
        val still = object : PanelActions by Recorder() {
            override fun explain(rule: String) = java.util.concurrent.CompletableFuture.completedFuture(page)

            override fun fixes(finding: dev.drawbridge.protocol.Finding) = java.util.concurrent.CompletableFuture.completedFuture(fixes)
        }
        Screen.draw(name, 1000, 400) {
            ViewPanel(view, still, { it.run() }).apply {
                show(known)
                select(select)
            }
        }
    }
}
