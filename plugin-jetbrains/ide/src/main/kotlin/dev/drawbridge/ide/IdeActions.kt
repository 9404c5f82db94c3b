package dev.drawbridge.ide

import com.intellij.openapi.command.WriteCommandAction
import com.intellij.openapi.fileEditor.FileDocumentManager
import com.intellij.openapi.fileEditor.OpenFileDescriptor
import com.intellij.openapi.options.ShowSettingsUtil
import com.intellij.openapi.project.Project
import com.intellij.openapi.vfs.VirtualFile
import com.intellij.openapi.vfs.VirtualFileManager
import dev.drawbridge.Text
import dev.drawbridge.model.Reviewed
import dev.drawbridge.model.hasText
import dev.drawbridge.protocol.AcceptRequest
import dev.drawbridge.protocol.AllowRequest
import dev.drawbridge.protocol.Allowed
import dev.drawbridge.protocol.Finding
import dev.drawbridge.protocol.QuickFix
import dev.drawbridge.protocol.Range
import dev.drawbridge.text.Edits
import dev.drawbridge.text.Foreign
import dev.drawbridge.ui.AllowHost
import dev.drawbridge.ui.AllowHostForm
import dev.drawbridge.ui.ConfigurationForm
import dev.drawbridge.ui.PanelActions
import dev.drawbridge.ui.Term
import dev.drawbridge.ui.View
import java.time.LocalDate
import java.util.concurrent.CompletableFuture

/** What the panels and the menu do in the IDE. Called on the thread of the user interface; answers come later. */
public class IdeActions(private val project: Project, private val service: DrawbridgeService) : PanelActions {
    private val backend get() = service.model.backend
    private val protection = Protection(project, service)

    override fun open(file: String, range: Range?) {
        find(file) { found -> OpenFileDescriptor(project, found, range?.start?.line ?: 0, range?.start?.character ?: 0).navigate(true) }
    }

    override fun fixes(finding: Finding): CompletableFuture<List<QuickFix>> {
        val (file, range) = (finding.file ?: return none()) to (finding.range ?: return none())
        val asked = CompletableFuture<List<QuickFix>>()
        find(file) { found ->
            val document = FileDocumentManager.getInstance().getDocument(found) ?: return@find
            service.texts.sync(service.uri(file), document.text)
            backend.fixes(service.uri(file), range).whenComplete { fixes, error ->
                // What is left undone is for the panel: the tree stays as it is.
                if (error == null) service.onUi { asked.complete(fixes) }
            }
        }
        return asked
    }

    override fun fix(file: String, fix: QuickFix) {
        find(file) { found ->
            val document = FileDocumentManager.getInstance().getDocument(found) ?: return@find
            val edits = if (service.texts.fits(fix.uri, fix.version, document.text)) Edits.of(document.text, fix.edits) else null
            if (edits == null || fix.uri != service.uri(file)) {
                Tell.information(project, Text.of("fix.stale"))
                return@find
            }
            WriteCommandAction.runWriteCommandAction(project, Foreign.line(fix.title), null, { edits.forEach { document.replaceString(it.start, it.end, it.text) } })
            service.texts.sync(service.uri(file), document.text)
            service.model.check()
        }
    }

    override fun explain(rule: String): CompletableFuture<String?> = backend.explain(rule)

    override fun audit() {
        service.model.refresh()
        DrawbridgeService.annotateAgain(project)
    }

    override fun protect() {
        if (trusted()) decided { protection.preview(service.model.known.configurations.let { if (it.several) it.chosen else null }) }
    }

    /** For one devcontainer.json of several. */
    public fun protect(config: String): Unit = protection.preview(config)

    public fun undo(): Unit = protection.undo()

    override fun allow(request: AllowHost) {
        if (!trusted()) return
        val rule = Foreign.line(request.rule)
        val words = Term.entries.first { it.seconds == request.seconds }.words
        val reason = Text.of("reason.allowed", LocalDate.now().toString())
        changed(backend.allow(AllowRequest(request.rule, reason, request.seconds)), Text.of("allow.done", rule, words), Text.of("allow.next", rule, words))
    }

    override fun allowHost(rule: String) {
        if (!trusted()) return
        decided {
            val known = service.model.known.policy?.blocked.orEmpty().mapNotNull { it.rule }
            FormDialog(project, Text.of("allow.title"), AllowHostForm(rule, known)).ask { request() }?.let(::allow)
        }
    }

    override fun chooseConfiguration() {
        choose()
    }

    /** Null when nothing was chosen; else done once the server knows. */
    private fun choose(): CompletableFuture<Unit>? {
        val all = service.model.known.configurations.all
        return FormDialog(project, Text.of("configuration.choose"), ConfigurationForm(all)).ask { request() }?.let(service.model::choose)
    }

    /** Goes on once it is clear which configuration is meant. */
    private fun decided(then: () -> Unit) {
        if (service.model.known.configurations.undecided) choose()?.thenRun { service.onUi(then) } else then()
    }

    override fun deny(rule: String) {
        if (!trusted()) return
        val done = Text.of("deny.done", Foreign.line(rule))
        changed(backend.deny(rule, Text.of("reason.denied", LocalDate.now().toString())), done, done)
    }

    override fun revoke(rule: String) {
        if (!trusted()) return
        val done = Text.of("revoke.done", Foreign.line(rule))
        changed(backend.revoke(rule), done, done)
    }

    /** All drift there is. */
    public fun reviewDrift() {
        val reviewed = service.model.known.reviewed
        val drift = reviewed.differences
        if (drift.isEmpty()) {
            Tell.information(project, Text.of(if (reviewed.review?.known == true) "drift.none" else "drift.unknown"))
            return
        }
        ToolWindows.show(project, View.FINDINGS)
        Diffs.drift(project, drift.filter { it.hasText })
    }

    override fun showDrift(file: String) {
        Diffs.drift(project, service.model.known.reviewed.differences.filter { it.file == file })
    }

    override fun acceptDrift(request: AcceptRequest) {
        if (!trusted()) return
        backend.accept(request).whenComplete { review, error ->
            if (error != null) return@whenComplete Tell.failure(project, error)
            service.model.setReview(review)
            Reviewed.left(request, review)?.let { Tell.warning(project, it) }
        }
    }

    override fun restart() {
        backend.server.restart()
        service.model.refresh()
    }

    override fun settings() {
        ShowSettingsUtil.getInstance().showSettingsDialog(project, SettingsPage::class.java)
    }

    /** The IDE asks for trust in its own place; it has no call of its own for it. */
    override fun trust() {
        Tell.information(project, Text.of("untrusted"))
        service.model.refresh()
    }

    internal fun trusted(): Boolean = service.model.known.trusted.also { if (!it) Tell.information(project, Text.of("untrusted")) }

    private fun changed(answer: CompletableFuture<Allowed>, done: String, next: String) {
        answer.whenComplete { allowed, error ->
            service.model.refresh()
            when {
                error != null -> Tell.failure(project, error)
                allowed.state == "in-force" -> Tell.information(project, done)
                allowed.state == "next-start" -> Tell.information(project, next)
                else -> Tell.warning(
                    project, Text.of("allow.pending", allowed.loosens.joinToString(", ") { Foreign.line(it) }),
                    Text.of("act.openPolicy") to { service.model.known.policy?.file?.let { open(it, null) } },
                )
            }
        }
    }

    /** Finds a file of the project off the user interface, and goes on there. */
    private fun find(file: String, then: (VirtualFile) -> Unit) {
        val path = service.root.resolve(file).normalize()
        if (!path.startsWith(service.root)) return
        CompletableFuture.supplyAsync { VirtualFileManager.getInstance().refreshAndFindFileByNioPath(path) }
            .thenAccept { found -> if (found != null) service.onUi { then(found) } }
    }

    private fun none() = CompletableFuture.completedFuture(emptyList<QuickFix>())
}
