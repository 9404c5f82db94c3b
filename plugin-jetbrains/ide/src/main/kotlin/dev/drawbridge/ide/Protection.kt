package dev.drawbridge.ide

import com.intellij.notification.NotificationType
import com.intellij.openapi.fileEditor.FileDocumentManager
import com.intellij.openapi.project.Project
import com.intellij.openapi.vfs.VirtualFileManager
import dev.drawbridge.Text
import dev.drawbridge.protocol.Loss
import dev.drawbridge.protocol.Plan
import dev.drawbridge.protocol.ProtectOptions
import dev.drawbridge.server.Problems
import dev.drawbridge.text.Foreign
import dev.drawbridge.ui.LossesForm

/** Protect: plan, diff, apply, undo. Nothing is written before Apply is pressed. */
internal class Protection(private val project: Project, private val service: DrawbridgeService) {
    private val backend get() = service.model.backend

    fun preview(config: String?) {
        if (!service.actions.trusted()) return
        // A container is built from the disk.
        FileDocumentManager.getInstance().saveAllDocuments()
        plan(ProtectOptions(config, listOf("jetbrains")))
    }

    private fun plan(options: ProtectOptions) {
        backend.plan(options).whenComplete { plan, error ->
            val losses = error?.let { Problems.of(it).losses }.orEmpty()
            when {
                losses.isNotEmpty() -> service.onUi { accept(options, losses) }
                error != null -> Tell.failure(project, error)
                plan.changes.isEmpty() -> Tell.information(project, Text.of("plan.none"))
                else -> service.onUi { show(options, plan) }
            }
        }
    }

    /** Plans again once each loss was accepted by name; what is lost then may be more. */
    private fun accept(options: ProtectOptions, losses: List<Loss>) {
        val accepted = FormDialog(project, Text.of("losses.title"), LossesForm(losses)).ask { request() } ?: return
        plan(options.copy(acceptLoss = options.acceptLoss + accepted))
    }

    fun undo() {
        if (!service.actions.trusted()) return
        FileDocumentManager.getInstance().saveAllDocuments()
        backend.undo().whenComplete { undone, error ->
            if (error != null) return@whenComplete Tell.failure(project, error)
            written(undone.files)
            Tell.information(project, if (undone.files.isEmpty()) Text.of("undo.none") else Text.of("undo.done", undone.files.size))
        }
    }

    private fun show(options: ProtectOptions, plan: Plan) {
        service.model.setPlan(plan)
        val notes = listOf(Text.of("plan.ready", plan.changes.size)) + plan.notes.map { Foreign.line(it, LONGEST) }
        Tell.say(
            project, NotificationType.WARNING, notes.joinToString(". "),
            Text.of("plan.apply") to { apply(options, plan) },
            Text.of("plan.discard") to { service.model.setPlan(null) },
            title = Text.of("plan.title"),
        )
        Diffs.plan(project, plan)
    }

    private fun apply(options: ProtectOptions, plan: Plan) {
        FileDocumentManager.getInstance().saveAllDocuments()
        backend.apply(options, plan.digest).whenComplete { applied, error ->
            service.model.setPlan(null)
            if (error != null) {
                // Files changed since: a new plan is shown.
                if (Problems.of(error).code == "stale") service.onUi { preview(options.config) } else Tell.failure(project, error)
                return@whenComplete
            }
            written(applied.files)
            val rest = applied.warnings.map { Foreign.line(it, LONGEST) } +
                listOfNotNull(applied.open.size.takeIf { it > 0 }?.let { Text.of("plan.open", it) })
            val text = (listOf(Text.of("plan.done", applied.files.size)) + rest).joinToString(". ")
            Tell.say(
                project, if (rest.isEmpty()) NotificationType.INFORMATION else NotificationType.WARNING, text,
                Text.of("undo.action") to { undo() },
            )
        }
    }

    private fun written(files: List<String>) {
        for (file in files) VirtualFileManager.getInstance().refreshAndFindFileByNioPath(service.root.resolve(file))
        service.model.refresh()
    }

    private companion object {
        const val LONGEST = 300
    }
}
