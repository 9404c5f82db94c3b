package dev.drawbridge.model

import dev.drawbridge.Text
import dev.drawbridge.protocol.Finding
import dev.drawbridge.protocol.Severity
import dev.drawbridge.server.State
import dev.drawbridge.server.StateText

/** The one line in the status bar: the worst state. [changed]: there is something to review. */
public data class Status(val text: String, val tooltip: String, val worst: Severity?, val changed: Boolean = false) {
    public companion object {
        public fun of(known: Known): Status {
            val check = known.check
            val state = known.state
            if (state !is State.Ready && state !is State.Starting && state !is State.Stopped) {
                return StateText.of(state).let { Status(Text.of("status.off"), "${it.title}. ${it.text}", null) }
            }
            if (known.failure != null) return Status(Text.of("status.failed"), known.failure, null)
            if (check == null) return Status(Text.of("status.looking"), Text.of("status.looking.tooltip"), null)
            val changed = known.reviewed.differences.size
            if (changed > 0) return Status(Text.of("status.changed", changed), Text.of("status.changed.tooltip"), Severity.HIGH, changed = true)
            val all: List<Finding> = check.problems + check.elsewhere + check.channels.flatMap { it.findings }
            val gate = Text.of("gate.${known.policy?.state ?: "unknown"}")
            val worst = all.minOfOrNull { it.severity } ?: return Status(Text.of("status.nothing"), gate, null)
            val count = check.problems.size + check.elsewhere.size
            return Status(Text.of("status.findings", count, worst.word), gate, worst)
        }
    }
}
