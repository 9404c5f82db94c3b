package dev.drawbridge.ide

import com.intellij.openapi.project.DumbAware
import com.intellij.openapi.project.Project
import com.intellij.openapi.wm.ToolWindow
import com.intellij.openapi.wm.ToolWindowFactory
import com.intellij.openapi.wm.ToolWindowManager
import com.intellij.ui.content.ContentFactory
import dev.drawbridge.ui.View
import dev.drawbridge.ui.ViewPanel
import javax.swing.Timer

/** The tool window with its three tabs. */
public class ToolWindows : ToolWindowFactory, DumbAware {
    override fun createToolWindowContent(project: Project, window: ToolWindow) {
        val service = DrawbridgeService.of(project)
        val panels = View.entries.map { ViewPanel(it, service.actions) }
        for (panel in panels) {
            window.contentManager.addContent(ContentFactory.getInstance().createContent(panel, panel.view.title, false))
            panel.show(service.model.known)
        }
        val listener = service.onChange { known -> panels.forEach { it.show(known) } }
        service.model.listen(listener)
        service.model.refresh()
        // A gate that starts is found while somebody looks.
        val clock = Timer(GATE_POLL) { if (panels.any { it.isShowing }) service.model.askGate() }
        clock.start()
        com.intellij.openapi.util.Disposer.register(window.disposable) {
            clock.stop()
            service.model.forget(listener)
        }
    }

    public companion object {
        /** As in `plugin.xml`. */
        public const val ID: String = "Drawbridge"

        /** Milliseconds. */
        private const val GATE_POLL = 5_000

        public fun show(project: Project, view: View) {
            DrawbridgeService.of(project).onUi {
                val window = ToolWindowManager.getInstance(project).getToolWindow(ID) ?: return@onUi
                window.show {
                    window.contentManager.getContent(view.ordinal)?.let { window.contentManager.setSelectedContent(it) }
                }
            }
        }
    }
}
