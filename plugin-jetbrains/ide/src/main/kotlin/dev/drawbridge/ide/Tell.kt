package dev.drawbridge.ide

import com.intellij.notification.Notification
import com.intellij.notification.NotificationAction
import com.intellij.notification.NotificationGroupManager
import com.intellij.notification.NotificationType
import com.intellij.openapi.project.Project
import dev.drawbridge.Text
import dev.drawbridge.model.Notice
import dev.drawbridge.server.Problems
import dev.drawbridge.text.Foreign
import dev.drawbridge.ui.View

/** Notifications: never modal, at most two buttons, every foreign word escaped since they are HTML. */
internal object Tell {
    private const val FINDINGS = "drawbridge.findings"
    private const val PORTS = "drawbridge.ports"

    fun say(project: Project, type: NotificationType, text: String, vararg actions: Pair<String, () -> Unit>, group: String = FINDINGS, title: String = "Drawbridge"): Notification {
        val notification = NotificationGroupManager.getInstance().getNotificationGroup(group)
            .createNotification(Foreign.html(title), Foreign.html(text), type)
        for ((label, run) in actions) notification.addAction(NotificationAction.createSimpleExpiring(label) { run() })
        notification.notify(project)
        return notification
    }

    fun information(project: Project, text: String, vararg actions: Pair<String, () -> Unit>) {
        say(project, NotificationType.INFORMATION, text, *actions)
    }

    fun warning(project: Project, text: String, vararg actions: Pair<String, () -> Unit>) {
        say(project, NotificationType.WARNING, text, *actions)
    }

    fun failure(project: Project, error: Throwable) {
        say(project, NotificationType.ERROR, Problems.text(error))
    }

    /**
     * What happened by itself. Allowing is not one click away: the container decides when this appears and what stands in it, so
     * the button opens the form.
     */
    fun notice(project: Project, notice: Notice): Notification {
        val actions = DrawbridgeService.of(project).actions
        return when (notice.kind) {
            Notice.Kind.BLOCKED -> say(
                project, NotificationType.INFORMATION, notice.text,
                Text.of("allow.action") to { actions.allowHost("") },
                Text.of("show.policy") to { ToolWindows.show(project, View.POLICY) },
                title = notice.title,
            )
            Notice.Kind.PORT -> say(
                project, NotificationType.WARNING, notice.text,
                Text.of("view.BRIDGE") to { ToolWindows.show(project, View.BRIDGE) },
                group = PORTS, title = notice.title,
            )
            Notice.Kind.DRIFT -> say(
                project, NotificationType.WARNING, notice.text,
                Text.of("show.drift") to { actions.reviewDrift() },
                Text.of("act.acceptDrift") to { notice.acceptance?.let(actions::acceptDrift) },
                title = notice.title,
            )
        }
    }
}
