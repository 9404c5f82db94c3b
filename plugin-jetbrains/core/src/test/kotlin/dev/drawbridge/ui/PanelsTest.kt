package dev.drawbridge.ui

import dev.drawbridge.Kept
import dev.drawbridge.TestBed
import dev.drawbridge.model.Known
import dev.drawbridge.model.Project
import dev.drawbridge.model.Status
import dev.drawbridge.protocol.Blocked
import dev.drawbridge.protocol.Configuration
import dev.drawbridge.protocol.Drift
import dev.drawbridge.protocol.Inside
import dev.drawbridge.protocol.Listener
import dev.drawbridge.protocol.Loss
import dev.drawbridge.protocol.ProtectOptions
import dev.drawbridge.protocol.Review
import dev.drawbridge.protocol.Severity
import dev.drawbridge.server.Backend
import dev.drawbridge.server.Problems
import dev.drawbridge.server.Program
import dev.drawbridge.server.Server
import dev.drawbridge.server.State
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.ExecutionException
import java.util.concurrent.TimeUnit
import javax.swing.JButton
import javax.swing.JCheckBox
import javax.swing.JEditorPane
import javax.swing.JLabel
import javax.swing.JList

/** The views, filled by the real program from a fixture, pressed as a user would. */
class PanelsTest {
    @TempDir
    lateinit var folder: Path

    private var model: Project? = null

    @AfterEach
    fun close() = TestBed.close(model)

    /** What is known of a fixture, once everything was answered. */
    private fun known(name: String, trusted: Boolean = true, several: Boolean = false, prepare: (Backend) -> Unit = {}): Pair<Known, Recorder> {
        val program = TestBed.program()
        val project = TestBed.project(name, folder)
        val backend = Backend(Server(project, "test") { Program.Found(program) })
        val model = Project(backend, Kept()) { trusted }.also { this.model = it }
        prepare(backend)
        model.refresh()
        TestBed.await("everything is known") { model.known.run { check != null && review != null && (policy != null || !trusted || several) && configurations.several == several } }
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
            protect(backend)
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

    private fun protect(backend: Backend) {
        Files.delete(folder.resolve("my project/.devcontainer/drawbridge/policy.jsonc"))
        val options = ProtectOptions(ides = listOf("jetbrains"))
        val plan = backend.plan(options).get(60, TimeUnit.SECONDS)
        backend.apply(options, plan.digest).get(60, TimeUnit.SECONDS)
    }

    private fun blocked(host: String, count: Long, process: String?, rule: String?) = Blocked(
        host, 443, null, null, process, count, 1_700_000_000, "no rule allows $host", if (rule == null) null else "package.json:12", rule,
    )

    @Test
    fun `drift comes first, and nothing is done without trust`() {
        val (read, recorder) = known("open", trusted = false)
        val tasks = Drift(".vscode/tasks.json", "d1", "changed", listOf("runs `make` on folder open"), "a", "b")
        val known = read.copy(review = Review(true, listOf(tasks)))
        val panel = panel(View.FINDINGS, known, recorder)
        assertEquals("drift", View.FINDINGS.rows(known).first().id)
        Screen.onUi { panel.select("drift:.vscode/tasks.json") }
        assertEquals(listOf("Show What Changed"), buttons(panel))
        Screen.onUi { panel.show(known.copy(trusted = true)) }
        press(panel, "Mark as Reviewed")
        assertEquals("""acceptDrift {"shown":[{"file":".vscode/tasks.json","digest":"d1"}],"container":false}""", recorder.calls.last())
        val policy = panel(View.POLICY, known, recorder)
        press(policy, "Trust Project…")
        assertEquals("trust", recorder.calls.last())
        assertEquals(Severity.HIGH, Status.of(known).worst)
        assertEquals("Drawbridge: 1 change to review", Status.of(known).text)
    }

    @Test
    fun `drift in the container stands with that of the folder, and what was never reviewed says so`() {
        val (read, recorder) = known("open")
        assertEquals(listOf("drift-unknown"), View.FINDINGS.rows(read).map { it.id }.filter { it.startsWith("drift") })
        val tasks = Drift(".vscode/tasks.json", "d1", "added", listOf("a task that runs when the folder opens: make"), null, "{}")
        val settings = Drift("/root/.vscode-server/data/Machine/settings.json", "d2", "changed", listOf("`terminal.integrated.profiles.linux` is new"), "{}", "{ }")
        val extension = Drift("/root/.vscode-server/extensions/evil<b>.\u202etxt-1.0.0", "d3", "added", listOf("an extension that was not there"), null, null)
        val known = read.copy(review = Review(true, listOf(tasks)), container = Inside(true, listOf(settings, extension)))
        val panel = panel(View.FINDINGS, known, recorder)
        val group = View.FINDINGS.rows(known).first()
        assertEquals(listOf("added", "changed, in the container", "added, in the container"), group.children.map { it.detail })
        Screen.onUi { panel.select("drift:${settings.file}") }
        for (label in listOf("Show What Changed", "Mark as Reviewed")) press(panel, label)
        assertEquals(
            listOf("showDrift ${settings.file}", """acceptDrift {"shown":[{"file":"${settings.file}","digest":"d2"}],"container":false}"""),
            recorder.calls.toList(),
        )
        Screen.onUi { panel.select("drift:${extension.file}") }
        assertEquals(listOf("Mark as Reviewed"), buttons(panel), "an extension has no texts")
        assertFalse(Screen.onUi { details(panel) }.let { "<b>." in it || '\u202e' in it })
        Screen.onUi { panel.select("drift") }
        press(panel, "Mark Everything as Reviewed")
        assertEquals(listOf("d1", "d2", "d3"), Regex(""""digest":"(d.)"""").findAll(recorder.calls.last()).map { it.groupValues[1] }.toList())
        draw("drift", View.FINDINGS, known, recorder, "drift:${settings.file}")
        val unknown = known.copy(container = Inside(false, emptyList()))
        Screen.onUi { panel.show(unknown) }
        Screen.onUi { panel.select("drift-inside") }
        press(panel, "Mark Everything as Reviewed")
        assertEquals("""acceptDrift {"shown":[{"file":".vscode/tasks.json","digest":"d1"}],"container":true}""", recorder.calls.last())
    }

    @Test
    fun `listeners of editors stand with the ports`() {
        val (read, recorder) = known("open")
        val listeners = listOf(Listener("JetBrains IDE", "127.0.0.1:63342", true), Listener("VSCodium", "192.0.2.1:5", false))
        val known = read.copy(check = read.check!!.copy(listeners = listeners))
        val ports = View.BRIDGE.rows(known).single { it.id == "channel:ports" }
        assertTrue(ports.detail.endsWith(", 2 listeners"), ports.detail)
        val rows = ports.children.filter { it.id.startsWith("listener:") }
        assertEquals(listOf("JetBrains IDE listens on 127.0.0.1:63342", "VSCodium listens on 192.0.2.1:5"), rows.map { it.label })
        assertEquals(listOf("observed, for programs of this machine", "observed, for the network of that address"), rows.map { it.detail })
        assertEquals(0, View.BRIDGE.rows(known).filter { it.id != "channel:ports" }.flatMap { it.all() }.count { it.id.startsWith("listener:") })
        draw("listeners", View.BRIDGE, known, recorder, rows.first().id)
    }

    @Test
    fun `of several configurations the views say which they show, and ask when nobody chose`() {
        val (first, second) = ".devcontainer/devcontainer.json" to ".devcontainer/<b>second/devcontainer.json"
        val (known, recorder) = known("policy", several = true) { backend ->
            protect(backend)
            val other = folder.resolve("my project").resolve(second)
            Files.createDirectories(other.parent)
            Files.writeString(other, "{ \"image\": \"debian:12\" }")
        }
        assertEquals(listOf(first, second), known.configurations.all.map { it.file }.sortedByDescending { it == first })
        for (view in listOf(View.BRIDGE, View.POLICY)) {
            val panel = panel(view, known, recorder)
            assertEquals("configuration", Screen.onUi { panel.selected()!!.id }, "$view")
            assertEquals("Choose a configuration" to "this project has 2", view.rows(known).first().run { label to detail })
            enter(panel)
            assertEquals("chooseConfiguration", recorder.calls.last())
        }
        assertFalse(View.FINDINGS.rows(known).any { it.id == "configuration" }, "findings are of all files")
        draw("choose", View.BRIDGE, known, recorder, "configuration")
        val model = model!!
        model.choose(second).get(60, TimeUnit.SECONDS)
        TestBed.await("the policy is that one's") { model.known.policy?.state == "unprotected" }
        assertEquals(listOf(second to "shown here"), View.BRIDGE.rows(model.known).filter { it.id == "configuration" }.map { it.label to it.detail })
        val policy = panel(View.POLICY, model.known, recorder)
        Screen.onUi { policy.select("gate") }
        press(policy, "Protect…")
        assertEquals("protect", recorder.calls.last())
        model.choose(first).get(60, TimeUnit.SECONDS)
        TestBed.await("the policy is that one's") { model.known.policy.let { it != null && it.state != "unprotected" } }
        assertEquals(listOf("configuration", "gate", "blocked"), View.POLICY.rows(model.known).take(3).map { it.id })
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
        val problem = Screen.onUi { Screen.find<JLabel>(form) { it.accessibleContext.accessibleName == "What is wrong or missing" }.single() }
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

    @Test
    fun `each loss is accepted by its name`() {
        val losses = listOf(
            Loss("privileged", "privileged", "a privileged container can undo every wall"),
            Loss("ports", "appPort 3000", "it is published past the gate"),
            Loss("ports", "<html><b>appPort 5432", "it is published past the gate"),
        )
        val form = Screen.onUi { LossesForm(losses) }
        val boxes = Screen.find<JCheckBox>(form)
        assertEquals(listOf("privileged", "appPort 3000; <html><b>appPort 5432"), boxes.map { it.text })
        assertTrue(boxes.all { it.getClientProperty("html.disable") == true && it.accessibleContext.accessibleDescription.isNotBlank() })
        assertEquals("it is published past the gate", boxes[1].accessibleContext.accessibleDescription)
        assertEquals(boxes.first(), form.preferred)
        val problem = Screen.find<JLabel>(form) { it.accessibleContext.accessibleName == "What is wrong or missing" }.single()
        assertEquals("Nothing is planned while you keep privileged and 1 more", problem.text)
        assertEquals(null, form.request())
        Screen.onUi { boxes[0].doClick(0) }
        assertEquals("Nothing is planned while you keep appPort 3000; <html><b>appPort 5432", problem.text)
        assertEquals(null, form.request(), "one is kept")
        Screen.onUi { boxes[1].doClick(0) }
        assertEquals("Every loss is accepted", problem.text)
        assertEquals(listOf("privileged", "ports"), form.request())
        Screen.onUi { boxes[0].doClick(0) }
        assertEquals(null, form.request(), "taken back")
        known("open")
        val error = assertThrows(ExecutionException::class.java) { model!!.backend.plan(ProtectOptions()).get(60, TimeUnit.SECONDS) }
        Screen.draw("losses", 560, 230) {
            LossesForm(Problems.of(error).losses).apply { Screen.find<JCheckBox>(this).first().doClick(0) }
        }
    }

    @Test
    fun `the form of configurations has none selected before somebody chose`() {
        val all = listOf(
            Configuration(".devcontainer/devcontainer.json", protected = true, chosen = false),
            Configuration(".devcontainer/python/devcontainer.json", protected = false, chosen = false),
        )
        val form = Screen.onUi { ConfigurationForm(all) }
        assertEquals(null, form.request())
        assertEquals("Select one", form.fault())
        val list = form.preferred as JList<*>
        assertEquals("Choose a configuration", list.accessibleContext.accessibleName)
        Screen.onUi { list.selectedIndex = 1 }
        assertEquals(all[1].file, form.request())
        assertEquals(null, form.fault())
        val chosen = Screen.onUi { ConfigurationForm(all.map { it.copy(chosen = !it.protected) }) }
        assertEquals(all[1].file, chosen.request())
        assertEquals(".devcontainer/python/devcontainer.json (not protected, shown here)", (chosen.preferred as JList<*>).model.getElementAt(1))
        Screen.draw("configurations", 500, 170) { ConfigurationForm(all.map { it.copy(chosen = !it.protected) }) }
    }

    private fun buttons(panel: ViewPanel) =
        Screen.onUi { Screen.find<JButton>(panel) { it.parent.isVisible && it.text.isNotBlank() && it.isVisible }.map { it.text } }

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
