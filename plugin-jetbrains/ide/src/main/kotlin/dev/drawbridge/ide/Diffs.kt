package dev.drawbridge.ide

import com.intellij.diff.DiffContentFactory
import com.intellij.diff.DiffDialogHints
import com.intellij.diff.DiffManager
import com.intellij.diff.chains.SimpleDiffRequestChain
import com.intellij.diff.requests.SimpleDiffRequest
import com.intellij.openapi.project.Project
import dev.drawbridge.Text
import dev.drawbridge.protocol.Drift
import dev.drawbridge.protocol.Plan
import dev.drawbridge.text.Foreign

/** Texts before and after in the IDE's diff; a file that is not there is an empty text. */
internal object Diffs {
    fun plan(project: Project, plan: Plan) = show(
        project,
        plan.changes.map { request(Foreign.line(it.file), it.before, it.after, "plan.before", "plan.after") },
    )

    fun drift(project: Project, drift: List<Drift>) = show(
        project,
        drift.map { request(Text.of("drift.diff", Foreign.line(it.file), Text.of("drift.${it.kind}")), it.before, it.after, "drift.before", "drift.after") },
    )

    private fun request(title: String, before: String?, after: String?, beforeKey: String, afterKey: String): SimpleDiffRequest {
        val contents = DiffContentFactory.getInstance()
        return SimpleDiffRequest(title, contents.create(before.orEmpty()), contents.create(after.orEmpty()), Text.of(beforeKey), Text.of(afterKey))
    }

    private fun show(project: Project, requests: List<SimpleDiffRequest>) {
        if (requests.isNotEmpty()) DiffManager.getInstance().showDiff(project, SimpleDiffRequestChain(requests), DiffDialogHints.DEFAULT)
    }
}
