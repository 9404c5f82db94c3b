package dev.drawbridge.ide

import com.intellij.openapi.fileEditor.FileEditor
import com.intellij.openapi.project.DumbAware
import com.intellij.openapi.project.Project
import com.intellij.openapi.vfs.VirtualFile
import com.intellij.ui.EditorNotificationPanel
import com.intellij.ui.EditorNotificationProvider
import dev.drawbridge.Text
import dev.drawbridge.model.Watched
import dev.drawbridge.protocol.Severity
import dev.drawbridge.server.State
import dev.drawbridge.server.StateText
import dev.drawbridge.server.WayOn
import dev.drawbridge.ui.View
import java.util.function.Function
import javax.swing.JComponent

/** Above a devcontainer.json: what should be closed before the container is created, or why nobody looks. */
public class Banner : EditorNotificationProvider, DumbAware {
    override fun collectNotificationData(project: Project, file: VirtualFile): Function<in FileEditor, out JComponent?>? {
        if (!file.isInLocalFileSystem) return null
        val service = DrawbridgeService.of(project)
        val name = service.relative(file.path)?.takeIf(Watched::isConfiguration) ?: return null
        val known = service.model.known
        val state = StateText.of(known.state)
        if (state.ways.isNotEmpty() && known.state !is State.Stopped) return Function { broken(service, state) }
        val open = known.check?.problems.orEmpty().count { it.file == name && it.severity <= Severity.HIGH }
        if (open == 0) return null
        return Function { unprotected(project, service, name, open) }
    }

    private fun broken(service: DrawbridgeService, state: StateText): JComponent {
        val panel = EditorNotificationPanel().text(state.title)
        for (way in state.ways) {
            when (way) {
                WayOn.RESTART -> panel.createActionLabel(Text.of("way.restart")) { service.actions.restart() }
                WayOn.SETTINGS -> panel.createActionLabel(Text.of("way.settings")) { service.actions.settings() }
            }
        }
        return panel
    }

    private fun unprotected(project: Project, service: DrawbridgeService, file: String, open: Int): JComponent {
        val panel = EditorNotificationPanel().text(Text.of("banner.open", open))
        panel.createActionLabel(Text.of("banner.review")) { ToolWindows.show(project, View.FINDINGS) }
        if (service.model.known.trusted) panel.createActionLabel(Text.of("banner.protect")) { service.actions.protect(file) }
        return panel
    }
}
