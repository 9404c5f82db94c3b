package dev.drawbridge.ide

import com.intellij.openapi.project.Project
import com.intellij.openapi.wm.StatusBarWidget
import com.intellij.openapi.wm.StatusBarWidgetFactory
import com.intellij.util.Consumer
import dev.drawbridge.Text
import dev.drawbridge.model.Status
import dev.drawbridge.ui.View
import java.awt.Component
import java.awt.event.MouseEvent

/** The line in the status bar, for projects with a dev container. */
public class WidgetFactory : StatusBarWidgetFactory {
    override fun getId(): String = ID

    override fun getDisplayName(): String = Text.of("widget.name")

    override fun isAvailable(project: Project): Boolean = DrawbridgeService.of(project).concerned

    override fun createWidget(project: Project): StatusBarWidget = Widget(project)

    public companion object {
        /** As in `plugin.xml`. */
        public const val ID: String = "dev.drawbridge.status"
    }
}

private class Widget(private val project: Project) : StatusBarWidget, StatusBarWidget.TextPresentation {
    private val status get() = Status.of(DrawbridgeService.of(project).model.known)

    override fun ID(): String = WidgetFactory.ID

    override fun getPresentation(): StatusBarWidget.WidgetPresentation = this

    override fun getText(): String = status.text

    override fun getTooltipText(): String = status.tooltip

    override fun getAlignment(): Float = Component.CENTER_ALIGNMENT

    override fun getClickConsumer(): Consumer<MouseEvent> = Consumer {
        if (status.changed) DrawbridgeService.of(project).actions.reviewDrift() else ToolWindows.show(project, View.BRIDGE)
    }
}
