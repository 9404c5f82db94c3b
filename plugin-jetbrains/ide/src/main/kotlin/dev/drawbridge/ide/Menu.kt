package dev.drawbridge.ide

import com.intellij.openapi.actionSystem.ActionUpdateThread
import com.intellij.openapi.actionSystem.AnActionEvent
import com.intellij.openapi.project.DumbAwareAction
import dev.drawbridge.ui.View

/** An entry of the menu, of Find Action and of the context menu; its words are in the bundle. */
public abstract class Entry(private val run: (com.intellij.openapi.project.Project, IdeActions) -> Unit) : DumbAwareAction() {
    override fun getActionUpdateThread(): ActionUpdateThread = ActionUpdateThread.BGT

    override fun update(event: AnActionEvent) {
        event.presentation.setEnabledAndVisible(event.project?.let { DrawbridgeService.of(it).concerned } ?: false)
    }

    override fun actionPerformed(event: AnActionEvent) {
        val project = event.project ?: return
        run(project, DrawbridgeService.of(project).actions)
    }
}

public class Audit : Entry({ project, actions ->
    actions.audit()
    ToolWindows.show(project, View.FINDINGS)
})

public class Protect : Entry({ _, actions -> actions.protect() })

public class AllowHostEntry : Entry({ _, actions -> actions.allowHost("") })

public class ReviewDrift : Entry({ _, actions -> actions.reviewDrift() })

public class Undo : Entry({ _, actions -> actions.undo() })

public class Restart : Entry({ _, actions -> actions.restart() })
